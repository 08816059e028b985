"""Files of articles: read with every bad row named, written back the same."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.articles import Article, faults
from knowledge_base.exchange import UnknownFormat, parse, render
from knowledge_base.text import normalise

DATA = Path(__file__).parents[3].parent / "shared" / "data"

TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=("Cs", "Cc")),
        st.sampled_from("=+-@\t\r\n'\",;"),
    ),
    min_size=1,
    max_size=40,
).filter(str.strip)
KEY = st.from_regex(r"[A-Za-z0-9=+@_?.-]{1,12}", fullmatch=True)
TAG = st.from_regex(r"[a-z0-9]([a-z0-9 '=@-]{0,8}[a-z0-9])?", fullmatch=True)
MOMENT = st.none() | st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def sound_articles(draw: st.DrawFn) -> Article:
    start, end = draw(MOMENT), draw(MOMENT)
    if start is not None and end is not None:
        start, end = min(start, end), max(start, end)
        end = None if start == end else end
    return Article(
        key=draw(KEY),
        question=draw(TEXT),
        phrasings=tuple(draw(st.lists(TEXT, max_size=4, unique_by=normalise))),
        answer=draw(TEXT),
        language=draw(st.sampled_from(["en", "zh", "de", "pt-BR"])),
        tags=tuple(draw(st.lists(TAG, max_size=3, unique=True))),
        valid_from=start,
        valid_until=end,
        enabled=draw(st.booleans()),
    )


KNOWLEDGE_BASES = st.lists(
    sound_articles().filter(lambda article: not faults(article)),
    min_size=1,
    max_size=5,
    unique_by=lambda article: (article.key, article.language),
)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".yaml"])
@given(articles=KNOWLEDGE_BASES)
def test_a_rendered_file_reads_back_equal(suffix: str, articles: list[Article]) -> None:
    parsed = parse(render(articles, suffix), suffix)

    assert parsed.problems == ()
    assert list(parsed.articles) == articles
    assert not any(parsed.silent), "what the file left out would stay as it is meanwhile"


def test_a_csv_row_is_a_phrasing_and_the_first_answer_counts() -> None:
    data = b"\xef\xbb\xbftext,article,answer\nWhere is it?,arrival,\nHas it come?,arrival,Soon.\n"

    [article] = parse(data, ".csv").articles

    assert article == Article("arrival", "arrival", ("Where is it?", "Has it come?"), "Soon.")


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("repair-time", "repair time"),
        ("退货", "退货"),
        ("q7", "How long is it?"),
        ("17", "How long is it?"),
        ("faq_3", "How long is it?"),
    ],
)
def test_a_title_is_read_from_the_key_or_where_it_tells_no_subject_from_the_first_phrasing(
    key: str, title: str
) -> None:
    csv = f"text,article,answer\nHow long is it?,{key},An hour.\nAnd to fix it?,{key},\n"
    (article,) = parse(csv.encode(), ".csv").articles
    assert article.question == title
    assert parse(render([article], ".csv"), ".csv").articles == (article,)


def test_the_template_answers_articles_without_an_answer() -> None:
    data = "text,article,answer\nA?,one_a,\nB?,two,Own\n怎么付款,three,\n".encode()

    articles = parse(data, ".csv", default_answer="About {article}: ask {us}").articles

    assert [article.answer for article in articles] == [
        "About one_a: ask {us}",
        "Own",
        "About three: ask {us}",
    ]
    assert [article.language for article in articles] == ["en", "en", "zh"]


SPREADSHEETS = {
    "semicolons": ("{0};{1};{2}\r\n{3};{4};{5}\r\n", "utf-8-sig"),
    "a named separator": ("sep=;\r\n{0};{1};{2}\r\n{3};{4};{5}\r\n", "utf-8-sig"),
    "Unicode text": ("{0}\t{1}\t{2}\r\n{3}\t{4}\t{5}\r\n", "utf-16"),
    "commas": ("{0},{1},{2}\r\n{3},{4},{5}\r\n", "utf-8-sig"),
}


@pytest.mark.parametrize(("rows", "encoding"), SPREADSHEETS.values(), ids=SPREADSHEETS.keys())
def test_a_spreadsheets_csv_is_read_whatever_its_country_parts_columns_by(rows: str, encoding: str) -> None:
    cells = ("text", "article", "answer", '"Was kostet das; und, wann?"', "preis", "Zwölf Euro")
    [article] = parse(rows.format(*cells).encode(encoding), ".csv").articles
    assert (article.key, article.phrasings) == ("preis", ("Was kostet das; und, wann?",))
    assert article.answer == "Zwölf Euro"


HEADER = "text,article,answer\n"

BAD_CSV = {
    "no answer": (HEADER + "A?,one,\n", 2, "has no answer"),
    "no article": (HEADER + "A?,one,x\nB?,,\n", 3, "names no article"),
    "no text": (HEADER + ",one,x\n", 2, "has no text"),
    "missing column": ("text,answer\nA?,x\n", 1, "no column 'article'"),
    "unknown column": ("text,article,reply\nA?,one,x\n", 1, "Column 'reply' is unknown"),
    "column twice": ("text,article,text\nA?,one,x\n", 1, "there twice"),
    "strange separator": ("text|article\nA?|one\n", 1, "none of comma, semicolon and tab"),
    "line after a named separator": ("sep=;\ntext;article;answer\nA?;one;x\nB?;;\n", 4, "names no article"),
    "too many cells": (HEADER + "A?,one,x,y\n", 2, "4 cells but the header 3"),
    "conflicting answers": (HEADER + "A?,one,x\nB?,one,x\nC?,one,y\n", 4, "another answer"),
    "open quote": (HEADER + 'A?,one,x\n"B?,one,x\nC?,one,x\n', 3, "can't be read"),
    "long answer": (HEADER + "A?,one," + "x" * 5_000 + "\n", 2, "shorten it to 4096"),
    "huge cell": (HEADER + "A?,one," + "x" * 200_000 + "\n", 2, "can't be read"),
    "key with space": (HEADER + "A?,one two,x\n", 2, "holds a space"),
    "bad date": ("text,article,answer,valid_from\nA?,one,x,tomorrow\n", 2, "'tomorrow' is no date"),
    "bad switch": ("text,article,answer,enabled\nA?,one,x,maybe\n", 2, "write true or false"),
    "control character": (HEADER + "A\x07?,one,x\n", 2, "control character"),
    "line after a long cell": (HEADER + '"A\n\n?",one,x\nB?,,\n', 5, "names no article"),
}


@pytest.mark.parametrize(("text", "line", "says"), BAD_CSV.values(), ids=BAD_CSV.keys())
def test_a_bad_csv_row_is_named_with_its_line(text: str, line: int, says: str) -> None:
    [problem] = parse(text.encode(), ".csv").problems

    assert problem.line == line
    assert says in problem.text


BAD_BYTES = {
    "empty": (b"", 1, "empty"),
    "blank": (b" \n\n", 1, "empty"),
    "header only": (b"text,article\n", 1, "no article"),
    "latin-1": ("text,article\nA?,one\nCafé?,one\n".encode("latin-1"), 3, "0xe9 is not UTF-8"),
    "half of utf-16": ("text,article\nA?,one\n".encode("utf-16")[:-1], 1, "UTF-16 but is damaged"),
    "nul": (b"text,article\nA\x00?,one\n", 2, "NUL byte"),
    "spreadsheet": (b"PK\x03\x04rest", 1, "spreadsheet"),
}


@pytest.mark.parametrize(("data", "line", "says"), BAD_BYTES.values(), ids=BAD_BYTES.keys())
def test_what_is_no_text_is_refused_with_the_reason(data: bytes, line: int, says: str) -> None:
    parsed = parse(data, ".csv")

    assert parsed.articles == ()
    assert parsed.problems[0].line == line
    assert says in parsed.problems[0].text


BAD_RECORDS = {
    "broken json": (".jsonl", '{"key": "a", "answer": "x"}\n{"key":\n', 2, "no JSON"),
    "json number": (".jsonl", "\n3\n", 2, "no object"),
    "no key": (".jsonl", '{"answer": "x"}\n', 1, "no key"),
    "wrong type": (".jsonl", '{"key": "a", "answer": 3}\n', 1, "'answer' must be text"),
    "phrasings no list": (".jsonl", '{"key": "a", "answer": "x", "phrasings": "p"}\n', 1, "must be a list"),
    "twice": (".jsonl", '{"key": "a", "answer": "x"}\n{"key": "a", "answer": "y"}\n', 2, "already on line 1"),
    "unknown field": (".yaml", "- key: a\n  answer: x\n- key: b\n  reply: x\n", 3, "'reply' is unknown"),
    "broken yaml": (".yaml", "- key: a\n  answer: x: y\n", 2, "no YAML"),
    "yaml object": (".yaml", "key: a\n", 1, "no list"),
    "yaml tag": (".yaml", "- !!python/object:os.system x\n", 1, "no YAML"),
    "yaml bool key": (".yaml", "- key: yes\n  answer: x\n", 1, "'key' must be text"),
    "yaml bad date": (".yaml", "- key: a\n  answer: x\n  valid_from: [1]\n", 1, "is no date"),
}


@pytest.mark.parametrize(("suffix", "text", "line", "says"), BAD_RECORDS.values(), ids=BAD_RECORDS.keys())
def test_a_bad_record_is_named_with_its_line(suffix: str, text: str, line: int, says: str) -> None:
    problems = parse(text.encode(), suffix).problems

    assert problems[0].line == line
    assert says in problems[0].text


def test_repeated_phrasings_are_merged_and_shared_ones_noted() -> None:
    data = (HEADER + "Where?,one,x\nWHERE?,one,\nWhere?,two,y\n").encode()

    parsed = parse(data, ".csv")

    assert parsed.problems == ()
    assert [article.phrasings for article in parsed.articles] == [("Where?",), ("Where?",)]
    assert [note.line for note in parsed.notes] == [3, 4]


def test_language_variants_of_a_key_are_two_articles() -> None:
    data = "text,article,answer,language\nHow?,a,x,en\n怎么,a,y,zh\nAnd?,a,,\n".encode()

    articles = parse(data, ".csv").articles

    assert [(article.language, article.phrasings) for article in articles] == [
        ("en", ("How?", "And?")),
        ("zh", ("怎么",)),
    ]


def test_formulas_are_quoted_in_the_file() -> None:
    article = Article("sum", "Sum?", ("=1+1", "'=x", "@me", "-3"), "+49 30", tags=("a", "b"))

    lines = render([article], ".csv").decode().splitlines()

    assert lines[1].startswith("'=1+1,sum,'+49 30,en,a;b")
    assert [line.split(",")[0] for line in lines[1:]] == ["'=1+1", "''=x", "'@me", "'-3"]


def test_yaml_dates_without_zone_are_utc() -> None:
    data = b"- {key: a, answer: x, valid_from: 2026-01-31, valid_until: 2026-02-01T08:00:00+02:00}\n"

    [article] = parse(data, ".yaml").articles

    assert article.valid_from == datetime(2026, 1, 31, tzinfo=UTC)
    assert article.valid_until == datetime(2026, 2, 1, 6, tzinfo=UTC)


def test_an_unknown_suffix_names_the_known_ones() -> None:
    with pytest.raises(UnknownFormat, match=r"\.csv, \.jsonl"):
        parse(b"", ".docx")


@pytest.mark.skipif(not DATA.is_dir(), reason="../shared/data is not there")
def test_banking77_reads_without_a_problem() -> None:
    data = (DATA / "banking77" / "articles.csv").read_bytes()

    parsed = parse(data, ".csv", default_answer="About {article}: …")

    assert parsed.problems == ()
    assert len(parsed.articles) == 77
    assert sum(len(article.phrasings) for article in parsed.articles) + len(parsed.notes) == 8_159
