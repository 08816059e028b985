"""`frontdesk kb import`: whole files or nothing, and every bad row by its line."""

import json
from typing import Any

import pytest

from tests.commandline import CommandLine

GOOD = (
    "text,article,answer,language,tags\n"
    "where is my parcel,track,The link is in your mail.,en,delivery;mail\n"
    "has it been sent,track,,,\n"
    "how do I pay,pay,By card.,en,\n"
)
ANSWERLESS = "text,article\nwhere is my parcel,track\nhow do I pay,pay\n"
MEGABYTE = "x" * 1_000_000


def stored(frontdesk: CommandLine) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = frontdesk("kb", "list", "--json").json
    return found


def test_a_good_file_is_published(frontdesk: CommandLine) -> None:
    done = frontdesk("kb", "import", frontdesk.file("faq.csv", GOOD), "--json")
    assert done.status == 0
    assert done.json == {
        "imported": 2,
        "articles": 2,
        "phrasings": 3,
        "added": 2,
        "changed": 0,
        "removed": 0,
        "publication_id": 1,
        "problems": [],
        "notes": [],
    }
    assert [(row["key"], row["phrasings"], row["enabled"]) for row in stored(frontdesk)] == [
        ("track", 2, True),
        ("pay", 1, True),
    ]


def test_people_are_told_what_happened(frontdesk: CommandLine) -> None:
    done = frontdesk("kb", "import", frontdesk.file("faq.csv", GOOD))
    assert done.out == (
        "2 articles with 3 phrasings: 2 new, 0 changed, 0 removed. A running bot takes them up without a restart.\n"
    )


def test_importing_again_changes_nothing(frontdesk: CommandLine) -> None:
    file = frontdesk.file("faq.csv", GOOD)
    first = frontdesk("kb", "import", file, "--json").json
    again = frontdesk("kb", "import", file, "--json").json
    assert (again["added"], again["changed"], again["removed"]) == (0, 0, 0)
    assert again["publication_id"] == first["publication_id"]


def test_a_dry_run_only_checks(frontdesk: CommandLine) -> None:
    done = frontdesk("kb", "import", frontdesk.file("faq.csv", GOOD), "--dry-run")
    assert (done.status, done.out.split(": ")[-1]) == (
        0,
        "2 articles with 3 phrasings. Nothing was changed.\n",
    )
    assert stored(frontdesk) == []


def test_replace_removes_what_the_file_has_not(frontdesk: CommandLine) -> None:
    frontdesk("kb", "import", frontdesk.file("faq.csv", GOOD))
    other = frontdesk.file("other.csv", "text,article,answer\nhow do I pay,pay,By card.\n")
    assert frontdesk("kb", "import", other, "--json").json["removed"] == 0
    assert frontdesk("kb", "import", other, "--replace", "--json").json["removed"] == 1
    assert [row["key"] for row in stored(frontdesk)] == ["pay"]


def test_a_template_answers_for_articles_without_one(frontdesk: CommandLine) -> None:
    file = frontdesk.file("faq.csv", ANSWERLESS)
    refused = frontdesk("kb", "import", file)
    assert refused.status == 2
    assert "line 2: Article 'track' has no answer: write one" in refused.err
    assert frontdesk("kb", "import", file, "--answer", "About {article}: …").status == 0
    asked = frontdesk("ask", "how do I pay", "--json")
    assert asked.json["answer"] == "About pay: …"


def test_a_phrasing_in_two_articles_is_noted(frontdesk: CommandLine) -> None:
    file = frontdesk.file("faq.csv", "text,article,answer\nhello there,a,One.\nhello there,b,Two.\n")
    done = frontdesk("kb", "import", file)
    assert done.status == 0
    assert "line 3: note: The phrasing 'hello there' is in 'a' and 'b'" in done.err
    assert [note["line"] for note in frontdesk("kb", "import", file, "--json").json["notes"]] == [3]


DATED = '{"key": "summer", "question": "Open?", "answer": "Always.", "language": "en", "valid_from": "2026-06-01"}'
ENDING = '{"key": "summer", "answer": "Yes.", "language": "en", "valid_until": "2026-01-01"}\n'


@pytest.mark.parametrize("words", [("import",), ("import", "--dry-run"), ("import", "--replace"), ("try",)])
def test_what_stays_is_checked_with_what_comes(frontdesk: CommandLine, words: tuple[str, ...]) -> None:
    """Alone the file is sound; over the date that stays, its article would never be seen."""
    assert frontdesk("kb", "import", frontdesk.file("summer.jsonl", DATED)).status == 0
    verb, *options = words
    done = frontdesk("kb", verb, frontdesk.file("ending.jsonl", ENDING), *options)
    assert done.status == 2
    assert "line 1: Article 'summer': It is valid until before it is valid from" in done.err
    frontdesk("kb", "export", "out.yaml")
    assert "answer: Always." in (frontdesk.folder / "out.yaml").read_text()


MORE_WORDS = "text,article\nwhere is it now,track\ncan I pay in cash,pay\n"


def test_a_file_without_answers_leaves_those_that_are_there(frontdesk: CommandLine) -> None:
    frontdesk("kb", "import", frontdesk.file("faq.csv", GOOD))
    assert frontdesk("kb", "try", frontdesk.file("more.csv", MORE_WORDS)).status == 0
    assert frontdesk("kb", "import", frontdesk.file("more.csv", MORE_WORDS), "--json").json["changed"] == 2
    told = [(row["key"], row["phrasings"]) for row in stored(frontdesk)]
    assert told == [("track", 1), ("pay", 1)]
    assert frontdesk("ask", "can I pay in cash", "--json").json["answer"] == "By card."
    refused = frontdesk("kb", "import", frontdesk.file("new.csv", MORE_WORDS + "how long,delivery\n"))
    assert (refused.status, "line 4: Article 'delivery' has no answer: write one" in refused.err) == (2, True)
    assert "track" not in refused.err


RECORD = {"key": "a", "question": "A?", "phrasings": ["a"], "answer": "A."}
DOUBLED = json.dumps(RECORD) + "\n" + json.dumps(RECORD) + "\n"
BAD_FILES: dict[str, tuple[str, str | bytes, list[tuple[int, str]]]] = {
    "UTF-16": ("f.csv", GOOD.encode("utf-16")[:-1], [(1, "UTF-16 but is damaged")]),
    "Latin-1": ("f.csv", "text,article,answer\nschön,a,b\n".encode("latin-1"), [(2, "0xf6 is not UTF-8")]),
    "a spreadsheet": ("f.csv", b"PK\x03\x04 and more", [(1, "spreadsheet or ZIP")]),
    "empty": ("f.csv", b"", [(1, "is empty")]),
    "only blank": ("f.yaml", b" \n\n", [(1, "is empty")]),
    "only a header": ("f.csv", "text,article\n", [(1, "holds no article")]),
    "NUL": ("f.csv", "text,article,answer\na,b,c\nd\0,e,f\n", [(3, "NUL byte")]),
    "missing columns": ("f.csv", "question,reply\na,b\n",
                        [(1, "no column 'text'"), (1, "no column 'article'"), (1, "'reply' is unknown")]),
    "strange separators": ("f.csv", "text|article\na|b\n", [(1, "none of comma, semicolon")]),
    "bad rows": ("f.csv", "text,article,answer\nx,ok,fine\n,lost,why\nx,,why\na,b,c,d\n",
                 [(3, "no text"), (4, "names no article"), (5, "4 cells but the header 3")]),
    "a row after two lines in quotes": ("f.csv", 'text,article,answer\nx,ok,"one\ntwo"\n,lost,\n', [(4, "no text")]),
    "an open quote": ("f.csv", 'text,article,answer\nx,a,"open\n', [(2, "check its quotes")]),
    "a megabyte in a cell": ("f.csv", f"text,article,answer\n{MEGABYTE},a,b\n", [(2, "can't be read")]),
    "conflicting answers": ("f.csv", "text,article,answer\na,k,One.\nb,k,Two.\n",
                            [(3, "another answer on an earlier row")]),
    "an answer too long for a message": ("f.csv", f"text,article,answer\na,k,{'y' * 5000}\n",
                                         [(2, "shorten it to 4096")]),
    "a key with spaces": ("f.csv", "text,article,answer\na,my key,b\n", [(2, "space or a control")]),
    "a strange language": ("f.csv", "text,article,answer,language\na,k,b,English!\n", [(2, "no language code")]),
    "broken JSON": ("f.jsonl", '{"key": "a"\n', [(1, "is no JSON")]),
    "JSON of another shape": ("f.jsonl", '["a"]\n{"key": 5}\n', [(1, "no object"), (2, "must be text")]),
    "a doubled key": ("f.jsonl", DOUBLED, [(2, "already on line 1")]),
    "broken YAML": ("f.yaml", "- key: a\n  answer: [\n", [(3, "no YAML")]),
    "YAML of another shape": ("f.yml", "key: a\n", [(1, "is no list")]),
    "a YAML object": ("f.yaml", "- !!python/object/apply:os.system ['true']\n", [(1, "no YAML")]),
    "bad dates": ("f.yaml", "- {key: a, question: A, phrasings: [a], answer: A., valid_from: soon}\n",
                  [(1, "valid_from")]),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_changes_nothing_and_each_problem_has_its_line(frontdesk: CommandLine, case: str) -> None:
    name, content, expected = BAD_FILES[case]
    done = frontdesk("kb", "import", frontdesk.file(name, content), "--json")
    assert done.status == 2
    assert done.json["imported"] == 0
    told = [(problem["line"], problem["message"]) for problem in done.json["problems"]]
    assert [line for line, _ in told] == [line for line, _ in expected] or case == "missing columns"
    for line, part in expected:
        assert any(at == line and part in text for at, text in told), told
        assert any(f"line {line}: " in row and part in row for row in done.err.splitlines())
    assert "nothing of" in done.err
    assert "try again" in done.err
    assert stored(frontdesk) == []


def test_many_problems_are_counted_not_poured_out(frontdesk: CommandLine) -> None:
    file = frontdesk.file("f.csv", "text,article\n" + ",\u00a0x\n" * 500)
    done = frontdesk("kb", "import", file)
    assert len(done.err.splitlines()) == 52
    assert "and 450 more" in done.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("no.csv",), "there is no file no.csv"),
        (("faq.txt",), "No format is called '.txt': name the file with one of .csv, .jsonl, .yaml, .yml."),
        (("folder.csv",), "folder.csv cannot be read: Is a directory"),
    ],
    ids=["missing", "suffix", "folder"],
)
def test_what_is_no_such_file(frontdesk: CommandLine, words: tuple[str, ...], told: str) -> None:
    frontdesk.file("faq.txt", GOOD)
    (frontdesk.folder / "folder.csv").mkdir()
    done = frontdesk("kb", "import", *words)
    assert (done.status, done.out, done.err) == (2, "", f"frontdesk: {told}\n")


def test_upper_case_suffixes_and_byte_order_marks_are_fine(frontdesk: CommandLine) -> None:
    done = frontdesk("kb", "import", frontdesk.file("FAQ.CSV", b"\xef\xbb\xbf" + GOOD.encode()))
    assert (done.status, done.err) == (0, "")


GERMAN = (
    "text,article,answer\n"
    "Wo ist meine Bestellung?,sendung,Der Link steht in Ihrer Mail.\n"
    "Rechnung herunterladen,rechnung,Unter Konto.\n"
    "Wie kann ich bezahlen?,zahlung,Mit Karte.\n"
)


def test_the_language_is_told_by_the_texts_where_the_file_does_not_say(frontdesk: CommandLine) -> None:
    assert frontdesk("kb", "import", frontdesk.file("faq.csv", GERMAN)).status == 0
    assert {row["language"] for row in stored(frontdesk)} == {"de"}
    later = "text,article,answer\nRechnung,rechnung,Unter Konto oder in der Mail.\nPaypal,paypal,Ja.\n"
    done = frontdesk("kb", "import", frontdesk.file("more.csv", later), "--json").json
    assert (done["added"], done["changed"]) == (1, 1)
    assert {(row["key"], row["language"]) for row in stored(frontdesk)} == {
        ("sendung", "de"), ("rechnung", "de"), ("zahlung", "de"), ("paypal", "de"),
    }  # fmt: skip


def test_an_article_once_stored_in_a_wrong_language_is_changed_and_no_second_one_added(
    frontdesk: CommandLine,
) -> None:
    wrong = GERMAN.replace("answer\n", "answer,language\n", 1).replace(".\n", ".,en\n")
    assert frontdesk("kb", "import", frontdesk.file("wrong.csv", wrong)).status == 0
    done = frontdesk("kb", "import", frontdesk.file("faq.csv", GERMAN), "--json").json
    assert (done["added"], done["changed"]) == (0, 0)
    done = frontdesk("kb", "import", frontdesk.file("faq.csv", GERMAN), "--replace", "--json").json
    assert (done["added"], done["removed"]) == (3, 3)
    assert {row["language"] for row in stored(frontdesk)} == {"de"}


def test_a_phrasing_that_an_article_not_in_the_file_holds_is_noted(frontdesk: CommandLine) -> None:
    assert frontdesk("kb", "import", frontdesk.file("faq.csv", GOOD)).status == 0
    more = "text,article,answer\nHow do I pay,pricing,It depends.\nwhat is the price,pricing,\n"
    [note] = frontdesk("kb", "import", frontdesk.file("more.csv", more), "--dry-run", "--json").json["notes"]
    assert "'How do I pay' of 'pricing' is in 'pay' already, which is not in this file" in str(note)
    assert frontdesk("kb", "import", frontdesk.file("faq.csv", GOOD), "--json").json["notes"] == []
