"""How messages look in Telegram: parts, rows of buttons, calls, and the order of a group's posts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import InputFile

from bot.channels.base import Outgoing
from bot.channels.telegram.calls import calls_for
from bot.channels.telegram.desk.words import What, Words, read_words
from bot.channels.telegram.drawing import choice_data, cut, keyboard, rows, split, units

STARS = ["★" * n for n in range(1, 6)]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([*STARS, "Skip"], [[0, 1, 2, 3, 4], [5]]),
        (["👍 Yes", "👎 No", "Talk to a person"], [[0, 1, 2]]),
        (["How long do refunds take?", "Where is my parcel?", "None of these"], [[0], [1], [2]]),
        (["是", "否", "转人工"], [[0, 1, 2]]),
        ([], []),
        (["a", "b", "c", "d"], [[0, 1, 2], [3]]),
    ],
)
def test_rows(labels: list[str], expected: list[list[int]]) -> None:
    assert rows(labels) == expected


@given(st.lists(st.text(min_size=1, max_size=40) | st.sampled_from(STARS), max_size=12))
def test_every_button_is_shown_once_and_in_order(labels: list[str]) -> None:
    assert [index for row in rows(labels) for index in row] == list(range(len(labels)))


def test_labels_are_cut_and_never_empty() -> None:
    markup = keyboard(["x" * 500, " "], ["1:0", "1:1"])
    assert markup is not None
    shown = [button["text"] for row in markup["inline_keyboard"] for button in row]
    assert units(shown[0]) == 96
    assert all(label.strip() for label in shown)


@given(st.text(alphabet=st.sampled_from("ab \n😀字"), max_size=400), st.integers(2, 50))
def test_parts_fit_and_lose_nothing_but_blanks(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_text_is_broken_where_a_reader_would() -> None:
    assert split("one two\n\nthree four", 12) == ["one two", "three four"]
    assert split("x" * 9, 4) == ["xxxx", "xxxx", "x"]
    assert cut("abcdef", 4) == "abc…"


def outgoing(**values: Any) -> Outgoing:
    base = {
        "message_id": 3,
        "conversation_id": 1,
        "channel": "telegram",
        "address": "5",
        "author": "bot",
        "text": "",
    }
    return Outgoing(**(base | values))


def test_a_question_stands_under_the_answer_with_its_buttons() -> None:
    (call,) = calls_for(outgoing(text="Answer.", question="Did this help?", choices=("Yes", "No")))
    method, params = call
    assert (method, params["text"]) == ("sendMessage", "Answer.\n\nDid this help?")
    assert params["reply_markup"]["inline_keyboard"][0][1] == {"text": "No", "callback_data": "3:1"}
    assert "parse_mode" not in params


MEDIA: list[tuple[dict[str, Any], list[str]]] = [
    ({"kind": "photo", "attachment": {"type": "photo", "file_id": "F"}, "text": "look"}, ["sendPhoto"]),
    ({"kind": "photo", "attachment": {"file_id": "F"}, "text": "x" * 1025}, ["sendPhoto", "sendMessage"]),
    ({"kind": "file", "attachment": {"url": "https://shop.example/a.pdf"}}, ["sendDocument"]),
    ({"kind": "file", "attachment": {"content": b"1", "name": "a"}}, ["sendDocument"]),
    ({"kind": "voice", "attachment": {"type": "voice", "file_id": "F"}}, ["sendVoice"]),
    ({"kind": "sticker", "attachment": {"file_id": "F"}, "text": "hi"}, ["sendSticker", "sendMessage"]),
    ({"kind": "video", "attachment": {"type": "video_note", "file_id": "F"}}, ["sendVideoNote"]),
    ({"kind": "location", "attachment": {"type": "location", "latitude": 1.0, "longitude": 2.0}}, ["sendLocation"]),
    ({"kind": "contact", "attachment": {"type": "contact", "phone_number": "1", "first_name": "Z"}}, ["sendContact"]),
    ({"kind": "poll", "attachment": {"type": "poll", "question": "Which?"}}, ["sendMessage"]),
    ({"kind": "photo", "attachment": {"type": "photo"}}, ["sendMessage"]),
    ({"text": "x" * 9000}, ["sendMessage"] * 3),
    ({"text": "  "}, []),
]  # fmt: skip


@pytest.mark.parametrize(("values", "methods"), MEDIA)
def test_what_is_called(values: dict[str, Any], methods: list[str]) -> None:
    calls = calls_for(outgoing(**values, choices=("A",), reply_to_platform_id="9"))
    assert [method for method, _ in calls] == methods
    for number, (_, params) in enumerate(calls):
        assert ("reply_markup" in params) == (number == len(calls) - 1)
        assert ("reply_parameters" in params) == (number == 0)


def test_bytes_go_as_a_file_with_its_name() -> None:
    ((_, params),) = calls_for(outgoing(kind="file", attachment={"content": b"1", "name": "a.txt"}))
    assert isinstance(params["document"], InputFile)
    assert params["document"].filename == "a.txt"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello", Words(What.REPLY, "hello")),
        ("// upset", Words(What.NOTE, "upset")),
        ("  //upset\nvery", Words(What.NOTE, "upset\nvery")),
        ("one\n// two", Words(What.MIXED, "one\n// two")),
        ("/hi you\r\n  // two", Words(What.MIXED, "/hi you\r\n  // two")),
        ("see https://x.example//y", Words(What.REPLY, "see https://x.example//y")),
        ("/take", Words(What.ACTION, "take")),
        ("/Resolve@frontdesk_bot now", Words(What.ACTION, "resolve", "now")),
        ("/ban  asks for\ncard numbers ", Words(What.ACTION, "ban", "asks for\ncard numbers")),
        ("/delete", Words(What.DELETE, "")),
        ("/frobnicate", Words(What.UNKNOWN, "frobnicate")),
        ("", Words(What.REPLY, "")),
    ],
)
def test_what_an_agents_words_are(text: str, expected: Words) -> None:
    assert read_words(text) == expected


def test_two_messages_with_the_same_buttons_send_back_their_own() -> None:
    first, second = (keyboard(("Yes", "No"), choice_data(number, range(2))) for number in (7, 8))
    assert first == {
        "inline_keyboard": [[{"text": "Yes", "callback_data": "7:0"}, {"text": "No", "callback_data": "7:1"}]]
    }
    assert second == {
        "inline_keyboard": [[{"text": "Yes", "callback_data": "8:0"}, {"text": "No", "callback_data": "8:1"}]]
    }
