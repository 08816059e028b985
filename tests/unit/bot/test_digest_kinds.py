"""What the digest says of what is not words: its kind, name and length, in both languages."""

from typing import Any

import pytest

from bot.channels.telegram.desk.digest import digest
from bot.channels.telegram.desk.kinds import shown_as
from crm_store.desk_load import Backlog


@pytest.mark.parametrize(("kind", "attachment", "english", "chinese"), [
    ("photo", {"file_id": "f", "name": "", "duration": None}, "a photo", "一张照片"),
    ("voice", {"duration": 12.0}, "a voice message 0:12", "一条语音 0:12"),
    ("video", {"duration": 125, "name": "fall.mp4"}, "a video 2:05: fall.mp4", "一段视频 2:05：fall.mp4"),
    ("contact", {"first_name": "Ann", "last_name": "Lee"}, "a contact: Ann Lee", "一位联系人：Ann Lee"),
    ("location", {"latitude": 1.0, "longitude": 2.0}, "a location", "一个位置"),
    ("sticker", {"emoji": "🐢"}, "a sticker: 🐢", "一个贴纸：🐢"),
    ("dice", {"value": 3}, "a message of another kind", "其他类型的消息"),
])  # fmt: skip
def test_the_kind_in_words(kind: str, attachment: dict[str, Any], english: str, chinese: str) -> None:
    assert (shown_as(kind, attachment, "en"), shown_as(kind, attachment, "zh")) == (english, chinese)


def test_the_digest_tells_kinds_and_captions() -> None:
    waiting = [
        Backlog(1, "Zoe", "queued", 1, "", None, 1, "contact", {"first_name": "Ann"}),
        Backlog(2, "Yan", "queued", 2, "the broken lid", None, 1, "photo", {"file_id": "f"}),
        Backlog(3, "Xi", "queued", 1, "hello", None, 0, "text"),
    ]
    text, _ = digest(waiting, 5, 1, "en")
    assert text.splitlines()[1:] == [
        "• Zoe: 1 new: a contact: Ann", "• Yan: 2 new: a photo: the broken lid", "• Xi: 1 new: hello",
    ]  # fmt: skip
    assert "takes 1 message a minute" in text
