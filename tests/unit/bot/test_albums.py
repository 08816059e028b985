"""Which attachments of an answer are one message."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.albums import MAX_PICTURE, MOST, MOST_BYTES, is_picture, together
from bot.channels.base import Outgoing
from bot.channels.telegram.calls import calls_for
from bot.channels.telegram.weighing import message_weight

Json = dict[str, Any]
MIMES = {"image/png": "photo", "image/gif": "photo", "application/pdf": "file"}
ONE = st.tuples(st.sampled_from(sorted(MIMES)), st.integers(1, MAX_PICTURE + 9))


def files(told: list[tuple[str, int]]) -> list[Json]:
    return [
        {"type": MIMES[mime], "file": f"k{n}", "name": f"n{n}", "mime": mime, "size": size}
        for n, (mime, size) in enumerate(told)
    ]


def parts(message: Json) -> list[Json]:
    first = {name: value for name, value in message.items() if name != "album"}
    return [first, *message.get("album", ())]


@given(st.lists(ONE, max_size=25))
def test_each_goes_once_in_order_and_as_much_as_fits_together(told: list[tuple[str, int]]) -> None:
    given = files(told)
    made = [parts(message) for message in together(given, "telegram")]
    pictures = [one for one in given if is_picture(one)]
    sent = [one for message in made for one in message]
    assert [one for one in sent if is_picture(one)] == pictures
    assert [one for one in sent if not is_picture(one)] == [one for one in given if not is_picture(one)]
    albums = [message for message in made if len(message) > 1]
    assert all(is_picture(one) for album in albums for one in album)
    assert all(len(album) <= MOST and sum(one["size"] for one in album) <= MOST_BYTES for album in albums)
    if sum(one["size"] for one in pictures) <= MOST_BYTES and 2 <= len(pictures) <= MOST:
        assert [len(album) for album in albums] == [len(pictures)]


@given(st.lists(ONE, max_size=9))
def test_elsewhere_each_is_a_message(told: list[tuple[str, int]]) -> None:
    assert together(files(told), "web") == files(told)


def test_an_album_is_one_call_of_as_many_messages_as_it_has_pictures() -> None:
    (album,) = together(files([("image/png", 9)] * 3), "telegram")
    outgoing = Outgoing(1, 1, "telegram", "5", "bot", "", kind="photo", attachment=album)
    [(method, params)] = calls_for(outgoing)
    assert (method, [item["type"] for item in params["media"]]) == ("sendMediaGroup", ["photo"] * 3)
    assert message_weight(outgoing) == 3
