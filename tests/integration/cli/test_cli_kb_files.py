"""`frontdesk kb import` and `export` of articles with files: nothing is lost, and what cannot go along is named."""

import zipfile
from collections import Counter
from pathlib import Path

import pytest

from knowledge_base import exchange_markdown
from tests.commandline import CommandLine
from tests.pictures import HTML, PDF, PNG

PAGE = """---
question: How do I send it back?
phrasings: [send it back, return policy]
attachments: [label.pdf, ../way.png]
---
Print the label.
"""


@pytest.fixture
def filled(frontdesk: CommandLine) -> CommandLine:
    folder = Path("faq/orders")
    folder.mkdir(parents=True)
    (folder / "returns.en.md").write_text(PAGE)
    (folder / "returns.zh.md").write_text("# 怎么退货？\n请打印标签。\n")
    (folder / "label.pdf").write_bytes(PDF)
    Path("faq/way.png").write_bytes(PNG)
    done = frontdesk("kb", "import", "faq", "--json")
    assert (done.status, done.json["added"]) == (0, 2), done.err
    return frontdesk


def test_a_folder_brings_its_files_and_bringing_it_again_changes_nothing(filled: CommandLine) -> None:
    again = filled("kb", "import", "faq", "--replace", "--json").json
    assert (again["added"], again["changed"], again["removed"]) == (0, 0, 0)
    Path("faq/way.png").write_bytes(PNG + b"\n")
    assert filled("kb", "import", "faq", "--json").json["changed"] == 1


def test_a_table_that_says_nothing_of_files_leaves_them_where_they_are(filled: CommandLine) -> None:
    Path("faq.csv").write_text("text,article,answer\nhow do I send it back,returns,Print it.\n")
    assert filled("kb", "import", "faq.csv", "--json").json["changed"] == 1
    assert filled("kb", "export", "out.jsonl", "--json").json["files"] == 2


@pytest.mark.parametrize("target", ["out.csv", "out.jsonl", "out.yaml", "out.zip", "out"])
def test_an_export_holds_the_files_and_fills_an_empty_house_with_the_same(
    filled: CommandLine, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert filled("kb", "export", target, "--json").json["files"] == 2
    again = filled("kb", "import", target, "--replace", "--json").json
    assert (again["added"], again["changed"], again["removed"]) == (0, 0, 0)
    monkeypatch.setenv("FRONTDESK_FILES_FOLDER", str(tmp_path / "elsewhere"))
    elsewhere = f"sqlite:///{tmp_path}/other.db"
    done = filled("kb", "import", target, "--json", database_url=elsewhere)
    assert (done.status, done.json["added"]) == (0, 2), done.err
    assert filled("kb", "export", "again", database_url=elsewhere).status == 0
    files = {
        path.name: path.read_bytes() for path in Path("again").rglob("*.*") if path.suffix in (".pdf", ".png")
    }
    assert files == {"label.pdf": PDF, "way.png": PNG}
    assert (
        "attachments:\n- returns.en/label.pdf\n- returns.en/way.png"
        in next(Path("again").rglob("returns.en.md")).read_text()
    )


def test_an_archive_is_unpacked_once(filled: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert filled("kb", "export", "out.zip").status == 0
    unpacked: Counter[str] = Counter()

    class Watched(zipfile.ZipFile):
        def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
            unpacked[name if isinstance(name, str) else name.filename] += 1
            return super().read(name, pwd)

    monkeypatch.setattr(zipfile, "ZipFile", Watched)
    assert filled("kb", "import", "out.zip", "--json").status == 0
    assert len(unpacked) == 4
    assert set(unpacked.values()) == {1}


@pytest.mark.parametrize("how", ["import", "dry run"])
def test_every_file_that_cannot_go_along_is_named_and_nothing_is_published(
    frontdesk: CommandLine, how: str, tmp_path: Path
) -> None:
    secret = tmp_path.parent / "secret.pdf"
    secret.write_bytes(PDF)
    Path("page.html").write_bytes(HTML)
    Path("way.png").write_bytes(HTML)
    Path("none.pdf").write_bytes(b"")
    Path("long.pdf").write_bytes(PDF + bytes(11 * 2**20))
    Path("link.pdf").symlink_to(secret)
    names = ["page.html", "way.png", "none.pdf", "long.pdf", "gone.pdf", "link.pdf", str(secret), "0" * 32]
    rows = [f"how {n},a{n},Yes.,{name}" for n, name in enumerate(names)]
    frontdesk.file("faq.csv", "\n".join(["text,article,answer,attachments", *rows, ""]))
    done = frontdesk("kb", "import", "faq.csv", "--json", *(["--dry-run"] if how == "dry run" else []))
    told = [(one["line"], one["message"]) for one in done.json["problems"]]
    for line, words in enumerate(
        (
            "does not go along with answers; there go png",
            "is not what its name says",
            "is empty",
            "has 11.0 MB; files may have up to 10 MB",
            "is not there; put it beside the articles",
            "is not there",
            "is not there",
            "hand it in first, or bring a folder",
        ),
        2,
    ):
        assert words in dict(told)[line]
    assert done.status != 0
    assert frontdesk("kb", "list", "--json").json == []


def test_a_zip_that_no_import_would_take_is_not_written(
    filled: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange_markdown, "MOST_FILES", 3)
    done = filled("kb", "export", "out.zip")
    assert done.status == 2
    assert "frontdesk kb export NAME" in done.err
    assert not Path("out.zip").exists()
    assert filled("kb", "export", "out").status == 0
