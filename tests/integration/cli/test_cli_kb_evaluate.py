"""`frontdesk kb evaluate`: learns from one file alone, measures on another, in the fields issue 2 names."""

import json
from pathlib import Path

import pytest

from knowledge_base import semantic
from knowledge_base.semantic import word_vectors
from tests.commandline import CommandLine

SHARES = (
    "accuracy",
    "accuracy_at_3",
    "auroc_out_of_scope",
    "answered",
    "answered_in_scope",
    "wrong_of_answered",
    "listed",
    "handed_off",
    "solved",
    "calibration_error",
)
TOPICS = {
    "parcel": [
        "where is my parcel",
        "track my package",
        "has my order been sent",
        "when does the courier come",
    ],
    "payment": ["can I pay by card", "do you take cash", "ways to pay", "pay with an invoice"],
    "return": ["send something back", "return an item", "I do not want it any more", "how do returns work"],
}


@pytest.fixture
def articles(frontdesk: CommandLine) -> Path:
    rows = [f"{text},{key}" for key, texts in TOPICS.items() for text in texts]
    return frontdesk.file("articles.csv", "\n".join(["text,article", *rows, ""]))


def evaluate(
    frontdesk: CommandLine, articles: Path, questions: str | bytes, *more: str
) -> tuple[int, str, str]:
    file = frontdesk.file("questions.csv", questions)
    done = frontdesk("kb", "evaluate", "--articles", articles, "--questions", file, *more)
    return done.status, done.out, done.err


QUESTIONS = (
    "text,article\nwhere is my parcel,parcel\npay by card,payment\n"
    "is the moon made of cheese,\nreturns,return\n"
)


def test_the_named_fields_are_there(frontdesk: CommandLine, articles: Path) -> None:
    file = frontdesk.file("questions.csv", QUESTIONS)
    words = (
        "kb",
        "evaluate",
        "--articles",
        articles,
        "--questions",
        file,
        "--wrong-budget",
        "0.05",
        "--json",
    )
    found = frontdesk(*words).json
    for name in SHARES:
        assert 0 <= found[name] <= 1, name
    assert set(found["latency_ms"]) == {"p50", "p99"}
    assert 0 < found["latency_ms"]["p50"] <= found["latency_ms"]["p99"]
    assert found["questions"] == 4
    assert found["answered"] + found["listed"] + found["handed_off"] == pytest.approx(1)


def test_the_store_is_neither_asked_nor_needed(frontdesk: CommandLine, articles: Path) -> None:
    file = frontdesk.file("questions.csv", QUESTIONS)
    nowhere = "sqlite:////no/such/folder/f.db"
    done = frontdesk("kb", "evaluate", "--articles", articles, "--questions", file, database_url=nowhere)
    assert (done.status, done.err) == (0, "")
    assert [line.split()[0] for line in done.out.splitlines()][:3] == [
        "questions",
        "accuracy",
        "accuracy_at_3",
    ]


def test_without_out_of_scope_questions_there_is_no_auroc(frontdesk: CommandLine, articles: Path) -> None:
    file = frontdesk.file("questions.csv", "text,article\nwhere is my parcel,parcel\n")
    found = frontdesk("kb", "evaluate", "--articles", articles, "--questions", file, "--json").json
    assert (found["auroc_out_of_scope"], found["accuracy"]) == (None, 1.0)


def test_questions_that_nothing_answers_may_be_all_there_is(frontdesk: CommandLine, articles: Path) -> None:
    file = frontdesk.file("questions.csv", "text,article\nis the moon made of cheese,\n")
    found = frontdesk("kb", "evaluate", "--articles", articles, "--questions", file, "--json").json
    assert (found["questions"], found["answered"]) == (1, 0)


@pytest.mark.parametrize(
    ("questions", "told"),
    [
        (
            "text,article\na,parcel\nb,pacrel\n",
            "line 3: {articles} has no article 'pacrel': correct the name",
        ),
        ("text,topic\na,b\n", "line 1: The header must have the columns text and article"),
        ("text,article\n", "line 1: The file holds no question"),
        ("", "line 1: "),
        ("text,article\na,parcel,x\n", "line 2: The row has 3 cells but the header 2."),
        ("text,article\nschön,parcel\n".encode("latin-1"), "line 2: Byte 0xf6 is not UTF-8"),
        (QUESTIONS.encode("utf-16")[:-1], "line 1: The file begins as UTF-16"),
    ],
)
def test_bad_questions(frontdesk: CommandLine, articles: Path, questions: str | bytes, told: str) -> None:
    status, out, err = evaluate(frontdesk, articles, questions)
    assert (status, out) == (2, "")
    assert "questions.csv: " + told.format(articles=articles) in err


def test_bad_articles(frontdesk: CommandLine) -> None:
    bad = frontdesk.file("articles.csv", "text,article\n,lost\n")
    status, _, err = evaluate(frontdesk, bad, QUESTIONS)
    assert status == 2
    assert "articles.csv: line 2: The row has no text" in err


@pytest.mark.parametrize("budget", ["0", "0.6", "-1", "much"])
def test_a_budget_out_of_range_is_refused(frontdesk: CommandLine, articles: Path, budget: str) -> None:
    status, _, err = evaluate(frontdesk, articles, QUESTIONS, "--wrong-budget", budget)
    assert status == 2
    assert "--wrong-budget" in err


def test_titles_are_left_out_when_told(frontdesk: CommandLine) -> None:
    rows = ["text,article", "where is it,foobar", "when does it come,foobar", "I pay,money"]
    articles = frontdesk.file("titled.csv", "\n".join([*rows, ""]))
    question = "text,article\nfoobar,foobar\n"

    _, with_titles, _ = evaluate(frontdesk, articles, question, "--json")
    _, without, _ = evaluate(frontdesk, articles, question, "--json", "--no-titles")

    assert json.loads(with_titles)["solved"] == 1
    assert json.loads(without)["solved"] == 0


def test_resplits_are_told_with_their_intervals(frontdesk: CommandLine, articles: Path) -> None:
    file = frontdesk.file("questions.csv", QUESTIONS)
    words = ("kb", "evaluate", "--articles", articles, "--questions", file, "--resplits", "2")

    found = frontdesk(*words, "--json").json["resplits"]

    assert set(SHARES) <= set(found)
    for figure in found.values():
        assert 0 <= figure["low"] <= figure["mean"] <= figure["high"] <= 1
    assert "resplits accuracy" in frontdesk(*words).out


def test_the_curves_are_drawn(frontdesk: CommandLine, articles: Path, tmp_path: Path) -> None:
    picture = tmp_path / "curves.svg"
    status, out, _ = evaluate(frontdesk, articles, QUESTIONS, "--plot", str(picture))

    assert status == 0
    assert "accuracy" in out
    assert picture.read_text("utf-8").startswith("<svg ")


def test_a_log_holds_no_phrasing_and_no_question(frontdesk: CommandLine, articles: Path) -> None:
    log = frontdesk.file("log.csv", "text,article\nWhere is my parcel?,x\npay by card,y\nsomething new,z\n")
    status, out, _ = evaluate(frontdesk, articles, QUESTIONS, "--log", str(log), "--resplits", "2", "--json")
    assert status == 0
    assert json.loads(out)["log"] == {"texts": 1, "learned_from": 0}


def test_a_log_that_is_no_text_is_refused(frontdesk: CommandLine, articles: Path) -> None:
    log = frontdesk.folder / "log.csv"
    log.write_bytes(b"\xff\xfe\x00\xd8\x00")
    status, _, err = evaluate(frontdesk, articles, QUESTIONS, "--log", str(log))
    assert status != 0
    assert "log.csv" in err


def test_word_vectors_find_what_no_phrasing_says(frontdesk: CommandLine, articles: Path) -> None:
    questions = "text,article\nwhen will the shipment be delivered,parcel\nmay I use a visa,payment\n"
    found = [
        json.loads(evaluate(frontdesk, articles, questions, "--json", *more)[1])["accuracy"]
        for more in ((), ("--semantic",))
    ]
    assert found[1] >= found[0]
    assert found[1] == 1


def test_without_the_extra_it_is_said_what_to_install(
    frontdesk: CommandLine, articles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    word_vectors.cache_clear()
    monkeypatch.setattr(semantic, "find_spec", lambda name: None)
    status, _, told = evaluate(frontdesk, articles, QUESTIONS, "--semantic")
    assert status == 2
    assert "pip install 'frontdesk[semantic]'" in told


def test_what_is_promised_on_little_evidence_says_so(frontdesk: CommandLine, articles: Path) -> None:
    _, out, _ = evaluate(frontdesk, articles, QUESTIONS)
    assert "promised, alphabetic" in out
    assert "note: little evidence: only 12 phrasings were held out" in out
    _, told, _ = evaluate(frontdesk, articles, QUESTIONS, "--json")
    assert json.loads(told)["promises"]["alphabetic"]["caveats"] == ["little_evidence"]


def test_where_no_phrasing_was_sure_enough_nothing_is_promised(frontdesk: CommandLine) -> None:
    rows = (
        "was kostet das,preis,12 Euro,de",
        "wie teuer,preis,,de",
        "wann macht ihr auf,zeit,Immer,de",
        "offen,zeit,,de",
    )
    german = frontdesk.file("de.csv", "\n".join(("text,article,answer,language", *rows, "")))
    _, out, _ = evaluate(frontdesk, german, "text,article\nwann offen,zeit\n")
    assert "not known: no phrasing held out was sure enough to be answered; budget 2.0%" in out


@pytest.mark.parametrize(
    "content", ['<?xml version="1.0"?>\n<svg>', "<svg>\n</svg>", '{"text": "hi"}\n', '[{"text": "hi"}]']
)
def test_a_drawing_or_data_is_no_log(frontdesk: CommandLine, articles: Path, content: str) -> None:
    log = frontdesk.file("p.svg", content)
    status, _, err = evaluate(frontdesk, articles, QUESTIONS, "--log", str(log))
    assert status == 2
    assert "p.svg" in err
    assert "give a text a line, or CSV with the column 'text'" in err
