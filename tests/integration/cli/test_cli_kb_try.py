"""`frontdesk kb try`, and the knowledge base as a folder of Markdown files."""

from pathlib import Path

import pytest

from tests.commandline import CommandLine

ARTICLES = """
- key: track
  question: Where is my parcel?
  phrasings: [where is my parcel, track my order]
  answer: The link is in the mail.
  category: Orders/Delivery
- key: returns
  question: How do I send something back?
  phrasings: [return policy, send it back]
  answer: Within 30 days.
"""


@pytest.fixture
def filled(frontdesk: CommandLine) -> CommandLine:
    assert frontdesk("kb", "import", frontdesk.file("in.yaml", ARTICLES)).status == 0
    return frontdesk


def test_a_file_is_tried_and_nothing_is_published(filled: CommandLine) -> None:
    changed = filled.file("more.jsonl", '{"key": "gift", "question": "Gift wrap?", "answer": "Yes."}\n')
    tried = filled("kb", "try", changed, "--json")
    assert (tried.status, tried.json["replayed"], tried.json["gold"]) == (0, 0, 0)
    assert len(filled("kb", "list", "--json").json) == 2


def test_a_folder_goes_out_and_comes_back_the_same(filled: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    assert filled("kb", "export", folder, "--json").json["articles"] == 2
    assert (folder / "Orders" / "Delivery" / "track.en.md").is_file()
    again = filled("kb", "import", folder, "--replace", "--json").json
    assert (again["added"], again["changed"], again["removed"]) == (0, 0, 0)
    assert filled("kb", "export", folder).status == 2


def test_a_bad_page_stops_the_import_and_is_named(filled: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "bad.en.md").write_text("# No answer?\n")
    refused = filled("kb", "import", folder)
    assert refused.status == 2
    assert "bad" in refused.err
