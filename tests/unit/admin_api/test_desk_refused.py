"""Every refusal of the store has a name, and words for it in both languages with the values that come with it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import admin_api
import crm_store
from admin_api.desk.refused import TOLD_BY_STATUS, worded
from admin_api.desk.texts import Words, sentences
from crm_store import errors
from crm_store.asking import Refusal
from crm_store.errors import HeldByOther, IllegalTransition
from crm_store.lifecycle import Change, Status, next_status
from tests.unit.admin_api.test_desk_words import parameters

STORE, API = Path(crm_store.__file__).parent, Path(admin_api.__file__).parent
NAMED = {"StoreError", "InvalidValue", "ApiError", "TooLarge", "NoRoom", "NoButton"} | {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.Conflict)
}
NOT_FROM_PAGES = {"copying.py", "order_import.py", "relaying.py"}
"""Told by the command line and in Telegram's groups alone."""
MADE_ELSEWHERE = {"ApiError", "HeldByOther"}


def calls(folder: Path) -> Iterator[tuple[Path, ast.Call, str]]:
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMED:
                yield path, node, node.func.id


def named() -> Iterator[tuple[str, set[str]]]:
    """Kinds that are written out where they are raised, with the names of their values."""
    for folder in (STORE, API):
        for _, call, _name in calls(folder):
            given = {one.arg: one.value for one in call.keywords if one.arg}
            kind = given.get("kind")
            if isinstance(kind, ast.Constant):
                params = given.get("params")
                inside = params.keys if isinstance(params, ast.Dict) else ()
                values = {str(key.value) for key in inside if isinstance(key, ast.Constant)}
                yield str(kind.value), values | set(given) - {"kind", "headers", "errors", "params"}


def test_every_kind_has_its_words_with_its_values() -> None:
    told = {
        key.removeprefix("refused."): words for key, words in sentences("en").items() if key[:8] == "refused."
    }
    kinds = dict(named())
    assert len(kinds) > 50
    for kind, values in named():
        assert parameters(told[kind]) == values, kind
    ours = {
        "held",
        "held_by_somebody",
        "too_long",
        "left_empty",
        "no_number",
        "too_small",
        "too_large",
    }  # made by errors.py and forms.py
    assert told.keys() == kinds.keys() | ours | {f"rating_{one}" for one in Refusal}


def test_every_conflict_of_the_store_has_a_name() -> None:
    conflicts = {name for name in NAMED if isinstance(getattr(errors, name, None), type)} - {
        "StoreError",
        "InvalidValue",
    }
    nameless = [
        f"{path.name}:{call.lineno}"
        for path, call, name in calls(STORE)
        if name in conflicts - MADE_ELSEWHERE
        and path.name not in NOT_FROM_PAGES
        and not any(one.arg == "kind" for one in call.keywords)
    ]
    assert nameless == []


NOT_ASKED_BY_PAGES: dict[str, frozenset[str]] = {
    "the command line, a file of settings or of orders and customers is wrong": frozenset(
        {
            "backup", "copying", "customer_files", "engine", "order_files", "order_import", "orders", "restore",
            "schema", "sqlite_files",
        }
    ),
    "told in Telegram's groups": frozenset({"relaying"}),
    "settings: the page finds its own words for these (test_settings_refused)": frozenset(
        {"needs", "targets", "working_hours"}
    ),
    "caught by the form that brings it, which has words": frozenset({"amounts", "sign_in", "staff"}),
    "no page offers such a value: chosen from lists, or typed into a field that takes no other": frozenset(
        {
            "api_keys", "attendance", "auth", "bulk._prioritise", "bulk._snooze", "contract", "customer_fields._flag",
            "customer_fields._number", "customer_fields._text", "customer_fields.clean", "customers._check_referrer",
            "customer_fields._attributes", "forms.read_form", "forms._text", "gaps", "live", "me", "repeating",
            "service_cases._customer_of", "article_files._checked", "attachments.take",
            "canned._typed", "hours_page.change", "problems.translate", "reading._read_body", "signing._person",
        }
    ),
}  # fmt: skip


def is_worded(call: ast.Call) -> bool:
    """Whether the refusal has a name, or its text is a sentence of the desk's already."""
    if any(one.arg == "kind" for one in call.keywords):
        return True
    return bool(call.args) and "words" in ast.unparse(call.args[-1])


def status_of(call: ast.Call) -> int:
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, int) else 422


def raised(folder: Path) -> Iterator[tuple[str, ast.Call, str]]:
    """Each refusal made inside a function, by file.function."""
    for path in sorted(folder.rglob("*.py")):
        for inside in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(inside, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(inside):
                    if (
                        isinstance(node, ast.Call)
                        and isinstance(node.func, ast.Name)
                        and node.func.id in NAMED
                    ):
                        yield f"{path.stem}.{inside.name}", node, node.func.id


def test_every_refusal_that_a_page_may_meet_has_words() -> None:
    excused = set().union(*NOT_ASKED_BY_PAGES.values())
    nameless = {
        f"{place}: {ast.unparse(call)}"
        for folder in (STORE, API)
        for place, call, name in raised(folder)
        if name not in {"StoreError", "HeldByOther"}
        and not (name == "ApiError" and status_of(call) in TOLD_BY_STATUS)
        and not is_worded(call)
        and not {place, place.partition(".")[0]} & excused
    }
    assert nameless == set()


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "That is not possible while the conversation is: Resolved."),
        ("zh", "对话当前状态为“已解决”，不能这样操作。"),
    ],
)
def test_values_with_words_of_their_own_are_worded(language: str, told: str) -> None:
    with pytest.raises(IllegalTransition) as refused:
        next_status(Status.RESOLVED, Change.TAKE)
    error = refused.value
    document = {
        "status": 409,
        "title": "Conflict",
        "detail": str(error),
        "kind": error.kind,
        "params": error.params,
    }
    assert worded(document, Words(language)) == told


def test_what_has_no_name_is_told_as_it_came_below_a_title() -> None:
    document = {"status": 422, "title": "Unprocessable Entity", "detail": "write a number"}
    assert worded(document, Words("en")) == "write a number"
    assert worded(document, Words("zh")) == f"{sentences('zh')['refusal.title_422']} (write a number)"
    lost = {"status": 404, "title": "Not Found", "detail": "there is no conversation 7"}
    assert worded(lost, Words("zh")) == sentences("zh")["refusal.told_404"]
    assert worded({"status": 418, "title": "I'm a Teapot"}, Words("en")) == "I'm a Teapot"
    of_an_act = {"status": 409, "detail": "there is no member of staff 9"}
    title = sentences("zh")["refusal.title_409"]
    assert worded(of_an_act, Words("zh")) == f"{title} (there is no member of staff 9)"


@pytest.mark.parametrize(
    ("language", "field", "told"),
    [
        ("en", "capacity", "capacity: Write a number there."),
        ("zh", "priority", f"{sentences('zh')['labels.priority']}: 这里请填写数字。"),
        ("zh", "unheard_of", "这里请填写数字。"),
    ],
)
def test_a_field_of_a_form_is_named(language: str, field: str, told: str) -> None:
    errors = [{"place": "form", "field": field, "message": "..."}]
    document = {"status": 422, "title": "", "kind": "no_number", "errors": errors}
    assert worded(document, Words(language)) == told


def test_who_holds_it_is_named_or_somebody() -> None:
    for error, told in (
        (HeldByOther("Mara"), "Mara 正在处理这个对话。"),
        (HeldByOther(None), "这个对话正由别人处理。"),
    ):
        document = {"status": 409, "title": "Conflict", "kind": error.kind, "params": error.params}
        assert worded(document, Words("zh")) == told
