"""What customers send as the desk shows it: formatting, links, places, contacts, stickers."""

from typing import Any

import pytest

from admin_api.desk.showing import Piece, captions_of, described, formatted, pieces_of
from admin_api.desk.texts import Words
from crm_store.models.conversations import Message

EN = Words("en")


def mark(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("text", "marks", "expected"),
    [
        ("plain", [], (Piece("plain"),)),
        ("", [], ()),
        ("so bold", [mark("bold", 3, 4)], (Piece("so "), Piece("bold", ("b",)))),
        (
            "all of it",
            [mark("italic", 4, 2), mark("bold", 0, 6)],
            (Piece("all ", ("b",)), Piece("of", ("b", "i")), Piece(" it")),
        ),
        ("😀 x", [mark("code", 3, 1)], (Piece("😀 "), Piece("x", ("code",)))),
        (
            "see here",
            [mark("text_link", 4, 4, url="https://example.com/a?b=1&c=2")],
            (Piece("see "), Piece("here", (), "https://example.com/a?b=1&c=2")),
        ),
        ("see here", [mark("text_link", 4, 4, url="javascript:alert(1)")], (Piece("see here"),)),
        (
            "https://bank.example",
            [mark("text_link", 0, 20, url="https://evil.example")],
            (Piece("https://bank.example", (), "https://evil.example"),),
        ),
        (
            "(https://example.com/a).",
            [],
            (Piece("("), Piece("https://example.com/a", (), "https://example.com/a"), Piece(").")),
        ),
        ("https://a.example", [mark("pre", 0, 17)], (Piece("https://a.example", ("code",)),)),
        (
            "odd",
            [mark("bold", 9, 3), mark("bold", -1, 2), mark("bold", 0, 0), mark("huge", 0, 3), {"type": 7}],
            (Piece("odd"),),
        ),
        ("cut", [mark("bold", 1, 99)], (Piece("c"), Piece("ut", ("b",)))),
    ],
)
def test_words_come_in_pieces_formatted_alike(
    text: str, marks: list[dict[str, Any]], expected: tuple[Piece, ...]
) -> None:
    assert formatted(text, marks) == expected


@pytest.mark.parametrize(
    ("kind", "attachment", "told", "href"),
    [
        (
            "location",
            {"type": "location", "latitude": 52.52, "longitude": 13.405001},
            "[location] 52.52, 13.405001",
            "https://www.openstreetmap.org/?mlat=52.52&mlon=13.405001#map=16/52.52/13.405001",
        ),
        ("location", {"latitude": 952, "longitude": 13}, "[location]", ""),
        (
            "location",
            {"type": "venue", "latitude": -1, "longitude": 2, "title": "Zoo", "address": "Gate 1"},
            "[location] Zoo · Gate 1 · -1, 2",
            "https://www.openstreetmap.org/?mlat=-1&mlon=2#map=16/-1/2",
        ),
        (
            "contact",
            {"first_name": "Ann", "last_name": "Lee", "phone_number": "+49 (30) 1234"},
            "[contact] Ann Lee · +49 (30) 1234",
            "tel:+49301234",
        ),
        ("sticker", {"file_id": "x", "emoji": "😀", "title": "no"}, "[sticker] 😀", ""),
        ("poll", {"question": "Which?"}, "[poll] Which?", ""),
        ("voice", {"file_id": "x"}, "[voice message]", ""),
        ("news", None, "[message of another kind]", ""),
    ],
)
def test_what_has_no_words_is_told_by_what_is_in_it(
    kind: str, attachment: dict[str, Any] | None, told: str, href: str
) -> None:
    message = Message(author="customer", kind=kind, text="", attachment=attachment)
    assert described(message, EN) == told
    assert pieces_of(message, told) == (Piece(told, (), href),)


def test_formatting_of_words_that_were_changed_since_is_left_out() -> None:
    intent = {"marks": [mark("bold", 0, 2)], "marked": 2}
    assert pieces_of(Message(kind="text", text="hi", intent=intent), "hi") == (Piece("hi", ("b",)),)
    assert pieces_of(Message(kind="text", text="hi there", intent=intent), "hi there") == (Piece("hi there"),)


def test_the_words_below_an_album_have_their_formatting_too() -> None:
    album = [{"caption": "so bold", "marks": [mark("bold", 3, 4)]}, {}]
    told = captions_of(Message(kind="photo", text="", attachment={"album": album}))
    assert told == ((Piece("so "), Piece("bold", ("b",))), ())
