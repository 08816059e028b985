"""The terminal channel: lines in, printed replies out."""

import io
import re

import pytest

from bot.channels.base import Outgoing, Press
from bot.channels.terminal import TerminalChannel, chat, read_lines
from crm_store import conversations
from crm_store.engine import Store
from tests.house import FakeClock, open_house


async def talk(store: Store, lines: str) -> str:
    """All that was printed when these lines were the whole input."""
    printed: list[str] = []
    channel = TerminalChannel(printed.append)
    async with open_house(store, {channel.name: channel}, clock=FakeClock()) as house:
        await chat(read_lines(io.StringIO(lines)), channel, house.reception, store, name="Zoe")
    return "\n".join(printed)


async def test_every_reply_is_printed_before_the_input_ends(sqlite_store: Store) -> None:
    printed = await talk(sqlite_store, "hi\n\nWhere is my order?\n")
    assert re.search(r"^bot: Hello Zoe!", printed, re.MULTILINE)
    assert printed.endswith(
        "bot: The tracking link is in your dispatch mail.\n"
        "  Did this help?\n  1) 👍 Yes\n  2) 👎 No\n  3) Talk to a person"
    )


async def test_a_number_presses_the_newest_button(sqlite_store: Store) -> None:
    printed = await talk(sqlite_store, "Where is my order?\n1\n")
    assert printed.endswith("bot: Good to hear!\n  1) Talk to a person")


async def test_a_number_without_such_a_button_is_a_text(sqlite_store: Store) -> None:
    printed = await talk(sqlite_store, "7\nWhere is my order?\n9\n")
    async with sqlite_store.read() as session:
        kinds = [m.kind for m in await conversations.messages(session, 1) if m.author == "customer"]
    assert kinds == ["text", "text", "text"]
    assert "Good to hear" not in printed


async def test_a_file_is_told_by_its_name() -> None:
    printed: list[str] = []
    channel = TerminalChannel(printed.append)
    label = {"file": "0" * 32, "name": "label.pdf"}
    await channel.send(Outgoing(5, 1, "terminal", "local", "bot", "", kind="file", attachment=label))
    await channel.send(Outgoing(6, 1, "terminal", "local", "agent", "Here:", kind="file", attachment=label))
    assert printed == ["bot: [label.pdf]", "agent: Here: [label.pdf]"]


@pytest.mark.parametrize("line", ["", "0", "4", "-1", "1.0", "one", "²", "１", "1000"])
async def test_only_the_number_of_a_choice_is_a_press(line: str) -> None:
    channel = TerminalChannel(lambda _text: None)
    assert channel.press_of("1") is None
    await channel.send(Outgoing(5, 1, "terminal", "local", "bot", "Which?", choices=("a", "b", "c")))
    assert channel.press_of("3") == Press(5, 2)
    assert channel.press_of(line) is None
