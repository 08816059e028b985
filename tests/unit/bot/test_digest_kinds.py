"""What the digest says: who, how many more, whose topic is not made yet, and what came that is not words."""

from typing import Any

import pytest

from bot.channels.telegram.desk.digest import MOST, digest, is_due
from bot.channels.telegram.desk.kinds import shown_as
from bot.channels.telegram.drawing import MAX_TEXT, units
from crm_store.desk_load import Backlog, Load
from crm_store.lifecycle import Status


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
        Backlog(1, "Zoe", "queued", 1, "", None, None, "contact", {"first_name": "Ann"}),
        Backlog(2, "Yan", "queued", 2, "the broken lid", None, None, "photo", {"file_id": "f"}),
        Backlog(3, "Xi", "queued", 1, "hello", None, None, "text"),
    ]
    text, _ = digest(waiting, Load(3, 3, 0), 5, 1, "en")
    assert text.splitlines()[1:] == [
        "• Zoe: 1 new: a contact: Ann", "• Yan: 2 new: a photo: the broken lid", "• Xi: 1 new: hello",
    ]  # fmt: skip
    assert "takes 1 message a minute" in text


@pytest.mark.parametrize(("language", "more", "unplaced"), [
    ("en", "… and 24 more.", "Without a topic or card here so far: 48."),
    ("zh", "……另外还有 24 位。", "在这里还没有话题或卡片的：48 位。"),
])  # fmt: skip
def test_who_is_not_named_is_counted_and_so_is_who_has_no_topic(
    language: str, more: str, unplaced: str
) -> None:
    waiting = [Backlog(n, f"C{n}", "queued", 1, "hello", None) for n in range(54)]
    text, _ = digest(waiting, Load(54, 53, 48), -100777, 20, language)
    lines = text.splitlines()
    assert len([line for line in lines if line.startswith("•")]) == MOST
    assert lines[-2:] == [more, unplaced]
    assert "54" in lines[0]


def test_long_names_and_words_leave_room_for_how_many_there_are() -> None:
    waiting = [Backlog(n, "🐢" * 60, "queued", 1, "🐢" * 200, None) for n in range(MOST)]
    text, _ = digest(waiting, Load(MOST, MOST, MOST), -100777, 20, "en")
    shown = sum(line.startswith("•") for line in text.splitlines())
    assert shown < MOST
    assert f"… and {MOST - shown} more." in text
    assert units(text) <= MAX_TEXT


def test_names_lead_to_the_topic_or_else_to_the_card() -> None:
    waiting = [
        Backlog(1, "Zoe", "queued", 1, "hi", "7", "8"),
        Backlog(2, "Yan", "queued", 1, "hi", None, "9"),
        Backlog(3, "Xia", "queued", 1, "hi", None),
    ]
    text, entities = digest(waiting, Load(3, 3, 1), -100777, 20, "en")
    told = [(text[one["offset"] :][: one["length"]], one["url"]) for one in entities]
    assert told == [("Zoe", "https://t.me/c/777/7"), ("Yan", "https://t.me/c/777/9")]
    assert digest(waiting, Load(3, 3, 1), 71, 20, "en")[1] == [], "nothing leads into a private chat"


@pytest.mark.parametrize(("left", "weight", "others", "due"), [
    (1, 1, 1, True), (1, 1, 0, False), (2, 1, 50, False), (0, 1, 50, False),
    (10, 10, 1, True), (11, 10, 1, False), (9, 10, 1, True), (9, 10, 0, False),
])  # fmt: skip
def test_the_last_message_of_a_minute_tells_of_others_who_wait(
    left: int, weight: int, others: int, due: bool
) -> None:
    assert is_due(left, weight, others) is due


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", ["text", "album", "photo", "voice", "dice", None])
@pytest.mark.parametrize("messages", [0, 1])
def test_no_blank_is_left_in_it(language: str, kind: str | None, messages: int) -> None:
    waiting = [
        Backlog(n, "Zoe", status, messages, "hello", None, None, kind, {}, agent)
        for n, (status, agent) in enumerate((status, agent) for status in Status for agent in ("Ann", None))
    ]
    text, _ = digest(waiting, Load(60, 50, 40), -100777, 20, language)
    assert "{" not in text
    assert ("Ann" in text) is (messages == 0)
