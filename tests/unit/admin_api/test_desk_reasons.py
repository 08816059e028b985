"""Every reason for which the code hands a conversation to a person has its sentence in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot
import crm_store
from admin_api.desk.texts import SUPPORTED, sentences

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
