"""Raw updates as what they mean; and that no JSON whatever makes decoding fail."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Inbound, Kind, Press
from bot.channels.telegram.decoding import ALLOWED_UPDATES, LinkAsked, decode, update_id_of
from bot.channels.telegram.desk.events import DeskMoved, DeskPressed, DeskReach, DeskSaid
from bot.channels.telegram.media import CONTENT, FRAME, SERVICE

SOURCE = "telegram:1"
GROUP = -100500
ZOE = {
    "id": 5,
    "is_bot": False,
    "first_name": "Zoe",
    "last_name": "Doe",
    "username": "zoe",
    "language_code": "zh-hans",
}
PRIVATE = {"id": 5, "type": "private"}
Json = dict[str, Any]


def message(**fields: Any) -> Json:
    """An update with a message in Zoe's private chat."""
    base: Json = {"message_id": 10, "from": ZOE, "chat": PRIVATE, "date": 1}
    return {"update_id": 7, "message": base | fields}


def inbound(update: object) -> Inbound:
    meaning = decode(update, SOURCE, {GROUP}).meaning
    assert isinstance(meaning, Inbound)
    return meaning


def test_words() -> None:
    found = inbound(message(text="hello", reply_to_message={"message_id": 9}))
    assert found == Inbound(
        source=SOURCE,
        update_id="7",
        channel="telegram",
        address="5",
        kind=Kind.TEXT,
        text="hello",
        platform_id="10",
        reply_to_platform_id="9",
        display_name="Zoe Doe",
        username="zoe",
        language="zh-hans",
    )


FILE = {"file_id": "F", "file_unique_id": "U", "file_size": 3}
KINDS: list[tuple[Json, Kind, Json]] = [
    ({"photo": [FILE | {"file_id": "small", "width": 1}, FILE | {"width": 9}]}, Kind.PHOTO,
     {"type": "photo", "file_id": "F", "mime": "image/jpeg"}),
    ({"document": FILE | {"file_name": "a.pdf", "mime_type": "application/pdf"}}, Kind.FILE,
     {"type": "document", "name": "a.pdf", "mime": "application/pdf", "size": 3}),
    ({"voice": FILE | {"duration": 4}}, Kind.VOICE, {"type": "voice", "duration": 4}),
    ({"video": FILE}, Kind.VIDEO, {"type": "video"}),
    ({"video_note": FILE}, Kind.VIDEO, {"type": "video_note"}),
    ({"audio": FILE}, Kind.AUDIO, {"type": "audio"}),
    ({"sticker": FILE | {"emoji": "👍"}}, Kind.STICKER, {"type": "sticker", "emoji": "👍"}),
    ({"animation": FILE, "document": FILE}, Kind.VIDEO, {"type": "animation"}),
    ({"location": {"latitude": 1, "longitude": 2.5}}, Kind.LOCATION, {"latitude": 1.0, "longitude": 2.5}),
    ({"venue": {"location": {"latitude": 1, "longitude": 2}, "title": "Shop", "address": "A"}, "location": {}},
     Kind.LOCATION, {"type": "venue", "title": "Shop", "latitude": 1.0}),
    ({"contact": {"phone_number": "+1", "first_name": "Z"}}, Kind.CONTACT, {"phone_number": "+1"}),
    ({"poll": {"question": "?", "options": [{"text": "a"}]}}, Kind.POLL, {"question": "?", "options": ["a"]}),
    ({"dice": {"emoji": "🎲", "value": 6}}, Kind.OTHER, {"type": "dice", "value": 6}),
    ({"story": {"id": 1}}, Kind.OTHER, {"type": "story"}),
    ({"brand_new_thing": {"id": 1}}, Kind.OTHER, {"type": "brand_new_thing"}),
]  # fmt: skip


@pytest.mark.parametrize(("content", "kind", "attachment"), KINDS)
def test_every_kind_of_message(content: Json, kind: Kind, attachment: Json) -> None:
    found = inbound(message(**content, caption="look", media_group_id="A1"))
    assert (found.kind, found.text) == (kind, "look")
    assert found.attachment is not None
    assert attachment.items() <= found.attachment.items()


def test_parts_of_an_album_know_each_other() -> None:
    assert (inbound(message(photo=[FILE], media_group_id="A1")).attachment or {})["media_group_id"] == "A1"


@pytest.mark.parametrize("fields", [{"text": "new"}, {"caption": "new", "photo": [FILE]}])
def test_edits_of_words_and_captions(fields: Json) -> None:
    update = message(**fields)
    edited = {"update_id": 8, "edited_message": update["message"]}
    assert (inbound(edited).kind, inbound(edited).text) == (Kind.EDITED, "new")


def press(data: object, **fields: Any) -> Json:
    query = {"id": "Q", "from": ZOE, "data": data, "message": message(text="buttons")["message"]}
    return {"update_id": 7, "callback_query": query | fields}


@pytest.mark.parametrize(
    ("data", "expected"),
    [("12:3", Press(12, 3)), ("0:1", None), ("12:-1", None), ("12", None), ("12:3 ", None), ("", None), (7, None),
     ("9" * 30 + ":1", None), ("desk:1:take", None), ("１２:3", None)],
)  # fmt: skip
def test_presses_name_a_message_and_a_place_in_it(data: object, expected: Press | None) -> None:
    decoded = decode(press(data), SOURCE, {GROUP})
    assert decoded.tap is not None
    assert isinstance(decoded.meaning, Inbound)
    assert (decoded.meaning.kind, decoded.meaning.press) == (Kind.PRESSED, expected)


def test_a_message_too_old_to_be_shown_can_still_be_pressed() -> None:
    old = decode(press("12:3", message={"message_id": 10, "chat": PRIVATE, "date": 0}), SOURCE)
    assert isinstance(old.meaning, Inbound)
    assert old.keyboard is None


def test_presses_elsewhere_are_answered_and_mean_nothing() -> None:
    foreign = {"message_id": 10, "chat": {"id": -7, "type": "group"}, "date": 1}
    for fields in ({"message": foreign}, {"message": None, "inline_message_id": "x"}):
        decoded = decode(press("12:3", **fields), SOURCE, {GROUP})
        assert decoded.meaning is None
        assert decoded.tap is not None


@pytest.mark.parametrize(
    ("status", "kind"), [("kicked", Kind.BLOCKED), ("member", Kind.UNBLOCKED), ("left", None), (["x"], None)]
)
def test_blocking(status: object, kind: Kind | None) -> None:
    change = {"chat": PRIVATE, "from": ZOE, "new_chat_member": {"status": status}}
    meaning = decode({"update_id": 7, "my_chat_member": change}, SOURCE).meaning
    assert (meaning.kind if isinstance(meaning, Inbound) else None) is kind


@pytest.mark.parametrize("chat", [{"id": GROUP, "type": "supergroup"}, PRIVATE])
@pytest.mark.parametrize(("status", "can_write"), [
    ("kicked", False), ("left", False), ("member", True), ("administrator", True), (["x"], None),
])  # fmt: skip
def test_a_staff_chat_that_can_be_written_to_or_not(
    chat: Json, status: object, can_write: bool | None
) -> None:
    change = {"chat": chat, "from": ZOE, "new_chat_member": {"status": status}}
    decoded = decode({"update_id": 7, "my_chat_member": change}, SOURCE, {GROUP, 5})
    meaning = decoded.meaning
    if can_write is None:
        assert not isinstance(meaning, DeskReach)
    else:
        assert meaning == DeskReach("7", can_write, str(chat["id"]))


IGNORED: list[object] = [
    None, 5, [], "x", {}, {"update_id": "7"}, {"update_id": 7}, {"update_id": True, "message": {}},
    message(text="x", **{"from": ZOE | {"is_bot": True}}),
    message(text="x", chat={"id": -7, "type": "supergroup"}),
    message(text="x", **{"from": None}),
    message(text="x", **{"from": ZOE | {"id": 6}}),
    message(text=""),
    message(text=5),
    message(pinned_message={}),
    message(new_chat_title="t", text=None),
    {"update_id": 7, "channel_post": message(text="x")["message"]},
    {"update_id": 7, "business_message": message(text="x")["message"]},
    {"update_id": 7, "message_reaction": {}},
]  # fmt: skip


@pytest.mark.parametrize("update", IGNORED)
def test_ignored(update: object) -> None:
    assert decode(update, SOURCE, {GROUP}).meaning is None


CODE = "ABCDEFGHIJKLMNOPQRSTUVWX23"


@pytest.mark.parametrize(
    ("text", "code", "is_customers_else"),
    [(f"/link {CODE}", CODE, False), (f"/link@frontdesk_bot {CODE}", CODE, False), ("/link", "", False),
     (f"/start link_{CODE}", CODE, False), (CODE, CODE, True), (CODE.lower(), CODE.lower(), True),
     ("-".join(CODE), "-".join(CODE), True),
     ("ABCD EFGH IJKL MNOP QRST UVWX 23", "ABCD EFGH IJKL MNOP QRST UVWX 23", True)],
)  # fmt: skip
def test_codes(text: str, code: str, is_customers_else: bool) -> None:
    meaning = decode(message(text=text), SOURCE, {GROUP}).meaning
    assert isinstance(meaning, LinkAsked)
    assert (meaning.user_id, meaning.code) == (5, code)
    assert (meaning.otherwise is not None) is is_customers_else


@pytest.mark.parametrize(
    "fields",
    [{"text": CODE + "A"}, {"text": "/linkage " + CODE}, {"text": f"/link {CODE}", "forward_origin": {}},
     {"text": CODE, "via_bot": {}}, {"text": f"/start {CODE}"}, {"text": "please cancel the transaction"},
     {"text": "ABCD EFGH IJKLM NOPQ RSTU VWXY 2"}, {"text": "ABC DEF GHI JKL MNOPQRSTUVWX23"}],
)  # fmt: skip
def test_no_codes(fields: Json) -> None:
    assert isinstance(decode(message(**fields), SOURCE, {GROUP}).meaning, Inbound)


def in_group(**fields: Any) -> Json:
    update = message(chat={"id": GROUP, "type": "supergroup"}, message_thread_id=3, is_topic_message=True)
    update["message"] |= fields
    return update


def test_words_in_the_staff_group() -> None:
    root = {"message_id": 3, "forum_topic_created": {}}
    said = decode(in_group(text="hello", reply_to_message=root), SOURCE, {GROUP}).meaning
    assert isinstance(said, DeskSaid)
    assert (said.thread, said.text, said.reply_to_platform_id, said.is_edit) == ("3", "hello", None, False)
    assert said.author.speaks_for_self
    answered = decode(in_group(text="hello", reply_to_message={"message_id": 8}), SOURCE, {GROUP}).meaning
    assert isinstance(answered, DeskSaid)
    assert answered.reply_to_platform_id == "8"


@pytest.mark.parametrize(
    "fields", [{"sender_chat": {"id": GROUP}}, {"forward_origin": {"type": "user"}}, {"via_bot": {"id": 3}}]
)
def test_who_does_not_speak_for_themselves(fields: Json) -> None:
    said = decode(in_group(text="/take", **fields), SOURCE, {GROUP}).meaning
    assert isinstance(said, DeskSaid)
    assert not said.author.speaks_for_self


@pytest.mark.parametrize("field", sorted(SERVICE - {"migrate_to_chat_id"}))
def test_service_messages_are_nobodys_words(field: str) -> None:
    assert decode(in_group(**{field: {}}), SOURCE, {GROUP}).meaning is None
    assert decode(message(**{field: {}}), SOURCE, {GROUP}).meaning is None


def test_other_things_in_the_group() -> None:
    assert decode(in_group(text="beep", **{"from": ZOE | {"is_bot": True}}), SOURCE, {GROUP}).meaning is None
    assert decode(in_group(migrate_to_chat_id=-9), SOURCE, {GROUP}).meaning == DeskMoved("7", -9, str(GROUP))
    pressed = decode(press("desk:1:take", message=in_group()["message"]), SOURCE, {GROUP})
    assert isinstance(pressed.meaning, DeskPressed)
    assert pressed.tap is None  # its answer says what became of it
    assert decode(in_group(text="hello"), SOURCE).meaning is None


def test_the_list_of_updates_asked_for() -> None:
    assert ALLOWED_UPDATES == ("message", "edited_message", "callback_query", "my_chat_member")


def test_what_no_database_stores_is_left_out() -> None:
    raw = json.loads('{"text": "a\\u0000b\\ud800c", "file_name": "x\\u0000"}')
    found = inbound(message(text=raw["text"], **{"from": ZOE | {"first_name": "Z\x00"}}))
    found.text.encode()
    assert "\x00" not in found.text + (found.display_name or "")


names = st.sampled_from(sorted(FRAME | SERVICE | CONTENT.keys() | {"update_id", "message", "edited_message",
    "callback_query", "my_chat_member", "data", "type", "id", "text", "caption", "file_id", "new_chat_member",
    "status", "is_bot", "latitude", "width", "options"}))  # fmt: skip
numbers = st.sampled_from([5, 7, GROUP, 0, -1, 2**70]) | st.floats() | st.booleans() | st.none()
leaves = (
    numbers | st.text(max_size=5) | st.sampled_from(["private", "kicked", "1:2", "desk:1:take", "\ud800"])
)
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=6),
    max_leaves=30,
)


@given(update=anything)
def test_any_json_is_decoded(update: object) -> None:
    decode(update, SOURCE, {GROUP})
    update_id_of(update)


@given(
    kind=st.sampled_from([*ALLOWED_UPDATES, "other"]),
    base=st.sampled_from([message(text="x"), in_group(text="x"), press("1:1")]),
    fields=st.dictionaries(names, anything, max_size=5),
)
def test_any_change_of_a_real_update_is_decoded(kind: str, base: Json, fields: Json) -> None:
    payload = next(value for key, value in base.items() if key != "update_id")
    meaning = decode({"update_id": 7, kind: payload | fields}, SOURCE, {GROUP}).meaning
    if isinstance(meaning, (Inbound, DeskSaid)):
        json.dumps(meaning.attachment, allow_nan=False).encode()
        meaning.text.encode()
