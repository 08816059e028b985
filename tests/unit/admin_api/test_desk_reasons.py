"""Every reason for which the code hands a conversation to a person has its sentence in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot
import crm_store
from admin_api.desk.reasons import told
from admin_api.desk.texts import SUPPORTED, Words, sentences
from crm_store.queueing import Reason

PACKAGES = [Path(package.__path__[0]) for package in (bot, crm_store)]


def handoffs(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls that make a hand-over: the store's row, or the bot's wish for one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Handoff", "HandOff"):
            yield node


def reason_of(call: ast.Call) -> str:
    """The reason written in the call; one that is computed cannot be checked, and is refused."""
    [value] = [each.value for each in call.keywords if each.arg == "reason"] or call.args[:1]
    assert isinstance(value, ast.Constant), f"line {call.lineno}: write the reason as a word"
    return str(value.value)


def written_reasons() -> set[str]:
    files = [file for package in PACKAGES for file in package.rglob("*.py")]
    return {reason_of(call) for file in files for call in handoffs(ast.parse(file.read_text("utf-8")))}


def test_the_reasons_are_found_where_they_are_written() -> None:
    assert {"asked_for_person", "not_understood", "no_reply", "released"} <= written_reasons()


@pytest.mark.parametrize("language", SUPPORTED)
def test_every_reason_has_its_sentence(language: str) -> None:
    assert {f"reason.{reason}" for reason in written_reasons()} <= sentences(language).keys()


LATE = (Reason("waiting", 4, 4), Reason("overdue", 60), Reason("target", 9, 1), Reason("priority", 30, 1))
SOON = (Reason("waiting", 4, 4), Reason("target_next", 9, 1))


@pytest.mark.parametrize(
    ("found", "has_badge", "expected"),
    [
        (LATE, False, ["waiting 4 min", "promised first reply is overdue", "priority +1"]),
        (LATE, True, ["waiting 4 min", "priority +1"]),
        (SOON, False, ["waiting 4 min", "next reply promised within 1 min"]),
        (SOON, True, ["waiting 4 min"]),
        ((), True, []),
    ],
)
def test_what_is_owed_is_told_once(found: tuple[Reason, ...], has_badge: bool, expected: list[str]) -> None:
    assert list(told(found, Words("en"), has_badge=has_badge)) == expected


def test_who_did_something_stands_apart_from_it_in_chinese() -> None:
    """Beside a name in Latin letters; and what is listed has no comma of another script."""
    chinese = sentences("zh")
    close = [key for key, told in chinese.items() if re.search(r"\{who\}[\u4e00-\u9fff]", told)]
    assert (close, chinese["list.comma"]) == ([], "、")
