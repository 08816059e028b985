"""`frontdesk kb export`, `list` and `sample`: what goes out comes back the same."""

from pathlib import Path

import pytest

from tests.commandline import CommandLine
from tests.pictures import PDF

ARTICLES = """
- key: track
  question: Where is my parcel?
  phrasings: [where is my parcel, "=SUM(A1)", "it's late, \\"again\\""]
  answer: |
    Line one.
    Line two, with a comma.
  tags: [delivery, two words]
- key: track
  question: 我的包裹在哪里？
  phrasings: [我的包裹在哪里, 快递到哪了]
  answer: 链接在邮件里。
  language: zh
- key: christmas
  question: When do you close for the holidays?
  phrasings: [christmas hours]
  answer: We close on 24 December. 🎄
  valid_from: "2099-12-01T00:00:00+00:00"
  valid_until: "2099-12-27T00:00:00+00:00"
- key: old-offer
  question: Is there a discount?
  phrasings: [any discount]
  answer: Not any more.
  enabled: false
- key: title-only
  question: Only a title?
  answer: Yes.
"""


def rows(frontdesk: CommandLine) -> object:
    return frontdesk("kb", "list", "--json").json


@pytest.fixture
def filled(frontdesk: CommandLine) -> CommandLine:
    assert frontdesk("kb", "import", frontdesk.file("in.yaml", ARTICLES)).status == 0
    return frontdesk


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".yaml", ".yml"])
def test_importing_an_export_changes_nothing(filled: CommandLine, suffix: str) -> None:
    before = rows(filled)
    done = filled("kb", "export", f"out{suffix}")
    assert (done.status, done.out) == (0, f"5 articles written to out{suffix}.\n")
    again = filled("kb", "import", f"out{suffix}", "--replace", "--json").json
    assert (again["imported"], again["added"], again["changed"], again["removed"]) == (5, 0, 0, 0)
    assert rows(filled) == before


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".yaml"])
def test_an_export_fills_an_empty_store_with_the_same(
    filled: CommandLine, suffix: str, tmp_path: Path
) -> None:
    before = rows(filled)
    filled("kb", "export", f"out{suffix}")
    elsewhere = f"sqlite:///{tmp_path}/other.db"
    assert filled("kb", "import", f"out{suffix}", database_url=elsewhere).status == 0
    assert filled("kb", "list", "--json", database_url=elsewhere).json == before
    filled("kb", "export", f"again{suffix}", database_url=elsewhere)
    assert Path(f"again{suffix}").read_bytes() == Path(f"out{suffix}").read_bytes()


CHANGED = """
- key: title-only
  answer: Yes.
  category: Orders
  attachments: [label.pdf]
  enabled: false
- key: track
  answer: Another.
  language: en
  tags: [express]
  valid_from: "2098-01-01T00:00:00+00:00"
  valid_until: "2099-01-01T00:00:00+00:00"
"""


@pytest.mark.parametrize("target", ["out.csv", "out.jsonl", "out.yaml", "out.zip", "out"])
def test_importing_an_export_takes_back_what_changed_since(filled: CommandLine, target: str) -> None:
    """Where an article had nothing then, the file says so."""
    assert filled("kb", "export", target).status == 0
    filled("kb", "export", "before.jsonl")
    filled.file("label.pdf", PDF)
    assert filled("kb", "import", filled.file("changed.yaml", CHANGED), "--json").json["changed"] == 2
    done = filled("kb", "import", target, "--replace", "--json").json
    assert (done["added"], done["changed"], done["removed"]) == (0, 2, 0)
    filled("kb", "export", "after.jsonl")
    assert Path("after.jsonl").read_text() == Path("before.jsonl").read_text()


def test_more_articles_than_a_page_are_all_exported(frontdesk: CommandLine) -> None:
    lines = "".join(f"how about number {n},key-{n},Answer {n}.\n" for n in range(450))
    frontdesk("kb", "import", frontdesk.file("many.csv", "text,article,answer\n" + lines))
    assert frontdesk("kb", "export", "out.csv", "--json").json == {"articles": 450, "file": "out.csv"}
    again = frontdesk("kb", "import", "out.csv", "--replace", "--json").json
    assert (again["added"], again["changed"], again["removed"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("target", "status", "told"),
    [
        ("out.txt", 2, "No format is called '.txt'"),
        ("no/such/out.csv", 1, "no/such/out.csv cannot be written: No such file or directory"),
        ("folder.csv", 1, "folder.csv cannot be written: Is a directory"),
    ],
)
def test_a_target_that_cannot_be_written(filled: CommandLine, target: str, status: int, told: str) -> None:
    (filled.folder / "folder.csv").mkdir()
    done = filled("kb", "export", target)
    assert (done.status, done.out) == (status, "")
    assert told in done.err
    assert sorted(path.name for path in filled.folder.iterdir()) == ["folder.csv", "in.yaml"]


def test_a_failed_export_leaves_the_earlier_file(filled: CommandLine) -> None:
    kept = filled.file("out.csv", "kept")
    (filled.folder / ".out.csv.part").mkdir()
    assert filled("kb", "export", "out.csv").status == 1
    assert kept.read_text() == "kept"


def test_the_list_says_what_is_disabled(filled: CommandLine) -> None:
    told = filled("kb", "list").out.splitlines()
    assert [line.split()[0] for line in told] == ["track", "track", "christmas", "old-offer", "title-only"]
    assert [line.endswith("(disabled)") for line in told] == [False, False, False, True, False]


def test_an_empty_list_says_so(frontdesk: CommandLine) -> None:
    assert frontdesk("kb", "list").out == "There are no articles yet.\n"


@pytest.mark.parametrize("name", ["shop", "payments"])
def test_a_sample_is_published_once(frontdesk: CommandLine, name: str) -> None:
    first = frontdesk("kb", "sample", name, "--json").json
    assert first["added"] >= 80
    assert frontdesk("kb", "sample", name, "--json").json["added"] == 0


def test_an_unknown_sample_is_refused(frontdesk: CommandLine) -> None:
    done = frontdesk("kb", "sample", "zoo")
    assert (done.status, done.err) == (2, "frontdesk: there is no sample 'zoo'; take one of payments, shop\n")
