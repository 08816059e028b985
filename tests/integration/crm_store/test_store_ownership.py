"""One server to an SQLite file, by whatever name it is called."""

import os
from pathlib import Path

import pytest

from crm_store.errors import StoreUnusable
from crm_store.ownership import FileOwnership


@pytest.mark.parametrize("where", ["elsewhere/link.db", "link.db"])
def test_a_link_to_a_file_that_is_served_is_the_same_file(tmp_path: Path, where: str) -> None:
    file, link = tmp_path / "shop.db", tmp_path / where
    file.touch()
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(file)
    first, second = FileOwnership(file), FileOwnership(link)
    first.acquire()
    assert second.is_taken()
    with pytest.raises(StoreUnusable, match=f"process {os.getpid()}"):
        second.acquire()
    first.release()
    second.acquire()
    assert first.is_taken()
    second.release()


def test_a_file_of_two_names_is_not_served_by_any(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    file.touch()
    os.link(file, tmp_path / "other.db")
    for name in ("shop.db", "other.db"):
        with pytest.raises(StoreUnusable, match="hard link"):
            FileOwnership(tmp_path / name).acquire()
    (tmp_path / "other.db").unlink()
    owner = FileOwnership(file)
    owner.acquire()
    owner.release()


def test_a_file_that_is_still_to_be_made_can_be_owned(tmp_path: Path) -> None:
    owner = FileOwnership(tmp_path / "new.db")
    owner.acquire()
    assert FileOwnership(tmp_path / "new.db").is_taken()
    owner.release()
