"""Frames of the web chat: what is understood, and that nothing else breaks it."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Kind, Press
from bot.channels.web.protocol import BadFrame, GoOn, Hello, Pressed, Say, inbound, named, read

ID = "0b8ff0f2-25f9-4b8d-9c6d-2b1f7f1f0c11"
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ({"type": "hello"}, Hello(type="hello")),
        ({"type": "hello", "token": "t", "since": 5}, Hello(type="hello", token="t", since=5)),
        ({"type": "say", "client_id": ID, "text": "hi"}, Say(type="say", client_id=ID, text="hi")),
        ({"type": "press", "message_id": 7, "index": 0}, Pressed(type="press", message_id=7, index=0)),
        ({"type": "go_on"}, GoOn(type="go_on")),
    ],
)
def test_frames_of_the_protocol(frame: dict[str, object], said: object) -> None:
    assert read(orjson.dumps(frame)) == said


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ("{", "this is not JSON"),
        ("", "this is not JSON"),
        ('{"type": "say", "client_id": "\\ud800", "text": ""}', "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
        ("null", "dictionary"),
        ("[]", "dictionary"),
        ('{"text": "x"}', "type"),
        ('{"type": "erase"}', "type"),
        ('{"type": "say", "text": "x"}', "say.client_id: Field required"),
        ('{"type": "say", "client_id": "short", "text": "x"}', "say.client_id"),
        ('{"type": "say", "client_id": "0000-0000\\n", "text": "x"}', "say.client_id"),
        (f'{{"type": "say", "client_id": "{ID}", "text": 5}}', "say.text"),
        (f'{{"type": "say", "client_id": "{ID}", "text": "x", "author": "agent"}}', "say.author"),
        ('{"type": "press", "message_id": "7", "index": 0}', "press.message_id"),
        ('{"type": "press", "message_id": 7, "index": -1}', "press.index"),
        ('{"type": "press", "message_id": 9007199254740992, "index": 0}', "press.message_id"),
        ('{"type": "hello", "since": -1}', "hello.since"),
    ],
)
def test_anything_else_is_named_as_wrong(data: str, complaint: str) -> None:
    with pytest.raises(BadFrame) as refused:
        read(data)
    assert complaint in str(refused.value)


@given(JSON)
def test_no_json_breaks_the_reader(value: object) -> None:
    try:
        read(orjson.dumps(value))
    except BadFrame:
        return
    assert isinstance(value, dict)


@given(st.dictionaries(st.sampled_from(["type", "client_id", "text", "index", "message_id", "token"]), JSON))
def test_no_almost_frame_breaks_the_reader(value: dict[str, object]) -> None:
    try:
        said = read(orjson.dumps(value))
    except BadFrame:
        return
    assert said.type == value["type"]


def test_an_inbound_carries_session_and_press() -> None:
    hello = Hello(type="hello", language="zh-CN", name=" Zoe\n<b> ")
    said = inbound("w_a", "hash", hello, Say(type="say", client_id=ID, text="hi"))
    assert (said.source, said.update_id, said.platform_id) == ("web", f"w_a:{ID}", ID)
    assert (said.lane, said.kind, said.text, said.language) == ("web:w_a", Kind.TEXT, "hi", "zh-CN")
    assert (said.display_name, said.secret_hash) == ("Zoe <b>", "hash")
    pressed = inbound("w_a", "hash", hello, Pressed(type="press", message_id=9, index=2))
    assert (pressed.update_id, pressed.kind, pressed.press) == ("w_a:p9.2", Kind.PRESSED, Press(9, 2))
    assert "hash" not in repr(pressed)


def test_the_longest_update_id_fits_its_column() -> None:
    address = "w_" + "x" * 22
    longest = inbound(address, "", Hello(type="hello"), Say(type="say", client_id="a" * 36, text=""))
    press = Pressed(type="press", message_id=2**53 - 1, index=63)
    assert len(longest.update_id) <= 64
    assert len(inbound(address, "", Hello(type="hello"), press).update_id) <= 64


@pytest.mark.parametrize(
    ("name", "kept"), [(None, None), ("", None), (" \n\t ", None), ("A\nB", "A B"), ("x" * 100, "x" * 64)]
)
def test_a_name_is_one_short_line(name: str | None, kept: str | None) -> None:
    assert named(name) == kept
