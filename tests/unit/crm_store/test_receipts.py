"""The file of receipts: what is read back, whatever a crash left of it."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.outbox import Claimed, Sent
from crm_store.receipts import LINES_KEPT, Receipts
from tests.house import NOON


def message(number: int, attempts: int = 1) -> Claimed:
    return Claimed(
        number,
        1,
        1,
        "telegram:5",
        "bot",
        "text",
        "hi",
        None,
        None,
        None,
        "en",
        attempts,
        NOON + timedelta(hours=number),
    )


def numbers(path: Path) -> list[int]:
    return [receipt.message_id for receipt in Receipts(path).read()]


def test_what_was_noted_is_read_by_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "sent"
    assert Receipts(path).read() == []
    receipts = Receipts(path)
    assert receipts.note(message(1), Sent(1, "77"))
    assert receipts.note(message(2, 3), Sent(2, None, "the words\nas they were sent", claim=3))
    first, second = Receipts(path).read()
    assert (first.message_id, first.attempt, first.created_at) == (1, 1, NOON + timedelta(hours=1))
    assert (first.platform_id, first.text) == ("77", None)
    assert (second.attempt, second.platform_id, second.text) == (3, None, "the words\nas they were sent")


def test_what_is_marked_is_forgotten_and_the_rest_stays(tmp_path: Path) -> None:
    path = tmp_path / "sent"
    receipts = Receipts(path)
    for number in range(3):
        receipts.note(message(number), Sent(number, "1"))
    receipts.settle([1])
    assert set(numbers(path)) >= {0, 2}
    receipts.settle([0, 2])
    assert numbers(path) == []
    receipts.close()
    assert not path.exists()


def test_the_file_does_not_grow_while_something_is_always_unmarked(tmp_path: Path) -> None:
    path = tmp_path / "sent"
    receipts = Receipts(path)
    for number in range(2 * LINES_KEPT + 10):
        receipts.note(message(number), Sent(number, "1"))
        receipts.settle([number - 1])
    assert len(numbers(path)) <= LINES_KEPT
    assert 2 * LINES_KEPT + 9 in numbers(path)


def test_what_the_process_before_left_is_forgotten_with_the_first_that_is_marked(tmp_path: Path) -> None:
    path = tmp_path / "sent"
    Receipts(path).note(message(1), Sent(1, "1"))
    receipts = Receipts(path)
    assert [one.message_id for one in receipts.read()] == [1]
    receipts.settle([1])
    assert numbers(path) == []


def test_without_a_file_nothing_is_noted(tmp_path: Path) -> None:
    assert not Receipts(None).note(message(1), Sent(1, "1"))
    assert not Receipts(tmp_path / "no folder" / "sent").note(message(1), Sent(1, "1"))


@pytest.mark.parametrize("junk", [b"", b"\x00" * 40, b"00000000 [1]\n", b"no line"])
@given(cut=st.integers(0, 400))
def test_a_torn_line_is_left_out_and_nothing_is_made_up(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, cut: int
) -> None:
    path = tmp_path_factory.mktemp("torn") / "sent"
    receipts = Receipts(path)
    for number in range(4):
        receipts.note(message(number), Sent(number, "1"))
    path.write_bytes(path.read_bytes()[:cut] + junk)
    found = numbers(path)
    assert found == list(range(len(found)))
