"""Where the tests write: in memory where there is room, and where they were told to when they were told."""

import os
import tempfile
from pathlib import Path

import pytest

from tests import scratch


@pytest.fixture
def untold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "as it was, comes back")
    monkeypatch.delenv("TMPDIR")
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.mark.usefixtures("untold")
def test_in_memory_where_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "MEMORY", tmp_path)
    monkeypatch.setattr(scratch, "ENOUGH", 1)
    scratch.use_memory()
    assert (tempfile.gettempdir(), scratch.short_folder()) == (str(tmp_path), str(tmp_path))


@pytest.mark.usefixtures("untold")
def test_as_everybody_where_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "MEMORY", tmp_path)
    monkeypatch.setattr(scratch, "ENOUGH", 1 << 62)
    scratch.use_memory()
    monkeypatch.setattr(scratch, "MEMORY", tmp_path / "nowhere")
    scratch.use_memory()
    assert "TMPDIR" not in os.environ
    assert scratch.short_folder() == scratch.SHORT


@pytest.mark.usefixtures("untold")
def test_where_they_were_told_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratch, "ENOUGH", 1)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    scratch.use_memory()
    assert (tempfile.gettempdir(), scratch.short_folder()) == (str(tmp_path), scratch.SHORT)
