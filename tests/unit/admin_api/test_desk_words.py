"""The desk's sentences: both languages alike, every one that is asked for there, and how values are written."""

import re
import string
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import admin_api.desk
import bot
import crm_store
from admin_api.contract import Audience
from admin_api.desk.formats import TONES, Formats, initials, sureness, tone, zone_of
from admin_api.desk.forms import local
from admin_api.desk.reasons import worded
from admin_api.desk.texts import SUPPORTED, Words, choose, sentences
from admin_api.routes import ROUTES
from admin_api.scoring.segment_names import ARCHETYPES
from admin_api.settings import AdminSettings
from crm_store import queueing
from crm_store.lifecycle import Change, Status
from crm_store.sentences import every_sentence
from crm_store.settings import StoreSettings
from crm_store.staff import Role
from crm_store.stored_settings import CHANGEABLE
from knowledge_base.reasons import REASONS
from tests.audit_steps import QUIET

DESK = Path(admin_api.desk.__file__).parent
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ASKED = re.compile(r"""\b(?:t|words|self\.words)\(\s*["']([a-z_]+\.[a-z_0-9]*[a-z0-9])["']""")
ACT = re.compile(r'"([a-z_]+\.[a-z_]+)"')


def parameters(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_sentences_with_the_same_parameters() -> None:
    english, chinese = sentences("en"), sentences("zh")
    assert english.keys() == chinese.keys()
    for key, sentence in english.items():
        assert parameters(sentence) == parameters(chinese[key]), key
        assert sentence.strip(), key
        assert chinese[key].strip(), key


def test_every_sentence_asked_for_by_name_is_there() -> None:
    files = [*DESK.glob("*.py"), *DESK.glob("templates/*.html")]
    asked = {key for file in files for key in ASKED.findall(file.read_text("utf-8"))}
    assert len(asked) > 100
    assert asked <= sentences("en").keys()


@pytest.mark.parametrize(
    ("table", "values"),
    [("status", Status), ("event", set(Change) - {"reply", "customer_says"}), ("role", Role), ("segment", ARCHETYPES)],
)  # fmt: skip
def test_every_value_of_a_rule_has_its_sentence(table: str, values: set[str]) -> None:
    assert {f"{table}.{value}" for value in values} <= sentences("en").keys()


def test_every_sentence_the_store_has_said_has_its_words_on_the_desk() -> None:
    assert {f"system.{key}" for key in every_sentence()} <= sentences("en").keys()


def written_down() -> set[str]:
    """The names under which something is written down: those of the API's writes, and all others in the sources."""
    routes = {one.name for one in ROUTES if one.method != "GET" and one.audience is Audience.PROGRAMS}
    found: set[str] = set()
    for package in (bot, crm_store):
        for file in Path(str(package.__file__)).parent.rglob("*.py"):
            source = file.read_text("utf-8")
            if "audit.record(" in source:
                found |= {name for name in ACT.findall(source) if not name.startswith("desk.")}
    return routes - QUIET | found | {f"bans.{what}" for what in ("ban", "shadow_ban", "unban")}


def test_everything_that_is_written_down_is_worded_and_nothing_else() -> None:
    told = {key.removeprefix("audited.") for key in sentences("en") if key.startswith("audited.")}
    assert told == written_down()


def test_every_setting_of_the_environment_is_told_in_both_languages() -> None:
    declared = {**AdminSettings.model_fields, **StoreSettings.model_fields}
    told = {
        f"environment.{name}": one.description for name, one in declared.items() if name not in CHANGEABLE
    }
    assert told.items() <= sentences("en").items()
    assert not any(sentences("zh")[key] == about for key, about in told.items())


def test_every_rule_of_an_answer_is_told_as_the_command_line_and_the_api_tell_it() -> None:
    told = {f"rule.{name}": words for name, words in REASONS.items()}
    assert told.items() <= sentences("en").items()
    assert not any(sentences("zh")[key] == words for key, words in told.items())


def test_every_reason_of_the_queue_is_worded_in_chinese() -> None:
    waiting = queueing.Waiting(
        1,
        NOW - timedelta(minutes=9),
        priority=2,
        is_repeat=True,
        value_index=80.0,
        mood=-0.5,
        target=timedelta(minutes=15),
        is_overdue=True,
    )
    [place] = queueing.order([waiting], NOW)
    told = [worded(reason, Words("zh")) for reason in place.why]
    assert told == [
        "已等 9 分钟", "已超过承诺的首次回复时间", "承诺 15 分钟内首次回复",
        "优先级 +2", "语气不满", "最近联系过", "客户价值 80/100",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["promised next reply is overdue", "next reply promised within 15 min"]),
        ("zh", ["已超过承诺的下一次回复时间", "承诺 15 分钟内再次回复"]),
    ],
)
def test_a_promised_next_reply_is_worded_as_such(language: str, told: list[str]) -> None:
    waiting = queueing.Waiting(1, NOW, target=timedelta(minutes=15), is_overdue=True, is_next=True)
    assert [worded(reason, Words(language)) for reason in queueing.reasons(waiting)] == told


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, None, "en"),
        (None, "", "en"),
        (None, "de", "en"),
        (None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, "en;q=0.2, zh;q=0.7", "zh"),
        (None, "zh;q=0", "en"),
        (None, "zh;q=nonsense, en", "en"),
        ("en", "zh", "en"),
        ("zh", "en", "zh"),
        ("xx", "zh", "zh"),
    ],
)
def test_the_language_of_a_browser(chosen: str | None, accepted: str | None, language: str) -> None:
    assert choose(chosen, accepted) == language
    assert language in SUPPORTED


def formats(zone: str | None = "Europe/Berlin") -> Formats:
    return Formats(Words("en"), zone_of(zone), NOW)


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (None, "–"),
        (timedelta(seconds=-5), "0 s"),
        (59.4, "59 s"),
        (timedelta(seconds=60), "1 min"),
        (3599.0, "59 min"),
        (3600.0, "1 h"),
        (timedelta(hours=49), "2 d"),
    ],
)
def test_spans(length: timedelta | float | None, text: str) -> None:
    assert formats().span(length) == text


@pytest.mark.parametrize(("seconds", "text"), [(-5, "now"), (59, "now"), (60, "1 min")])
def test_how_long_ago(seconds: int, text: str) -> None:
    assert formats().since(NOW - timedelta(seconds=seconds)) == text


def test_times_are_the_readers_own() -> None:
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert formats().moment(late) == "Today 00:30"
    assert formats("America/New_York").moment(late) == "Yesterday 18:30"
    assert formats("../etc/passwd").moment(late) == "Yesterday 23:30", "an unknown zone is UTC"
    assert formats().brief(late - timedelta(days=9)) == "2026-02-21"


def test_amounts_and_shares() -> None:
    assert formats().money(Decimal("1234.5"), "EUR") == "1,234.50 EUR"
    assert formats().share(None) == "–"
    assert formats().share(0.426) == "43%"


def test_no_confidence_is_all_of_a_hundred() -> None:
    assert sureness(0.9806) == "98.1 %"
    assert sureness(0.99999999) == "> 99.9 %"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Anna Berg", "AB"), ("anna", "A"), ("陈静", "陈"), ("", "?"), ("Ana María Díaz", "AD")],
)
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters
    assert tone(name) in range(TONES)


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("/customers?q=a", "/customers?q=a"),
        (None, "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
    ],
)
def test_only_own_addresses_are_gone_back_to(path: str | None, taken: str) -> None:
    assert local(path) == taken
