"""Articles as a folder of Markdown files: out and back the same, and every bad file named."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.articles import Article, faults
from knowledge_base.exchange_markdown import (
    NotAFolder,
    TooMuch,
    parse_folder,
    render_folder,
    unzipped,
    zipped,
)

TEXTS = st.text("ab Ä#-:'\"|>%@[]{},&*!?\\你好🎄\u2028", min_size=1, max_size=24).filter(str.strip)
ARTICLES = st.builds(
    Article,
    key=st.from_regex(r"[a-z][a-z0-9_./:-]{0,15}", fullmatch=True),
    question=TEXTS,
    phrasings=st.lists(TEXTS, max_size=3, unique_by=str.casefold).map(tuple),
    answer=st.builds("\n".join, st.lists(TEXTS, min_size=1, max_size=3)),
    language=st.sampled_from(["en", "zh", "pt-BR"]),
    tags=st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), max_size=2, unique=True).map(tuple),
    valid_until=st.sampled_from([None, datetime(2030, 1, 1, 12, tzinfo=UTC)]),
    enabled=st.booleans(),
    category=st.sampled_from(["", "Orders", "Orders/After sales", "订单", "..", "a/../b"]),
)


@settings(max_examples=25)
@given(st.lists(ARTICLES, max_size=4, unique_by=lambda article: (article.key, article.language)))
def test_out_and_back_the_same(articles: list[Article]) -> None:
    sound = [article for article in articles if not faults(article)]
    files = unzipped(zipped(render_folder(sound)))
    assert len(files) == len(sound)
    assert all(".." not in path.split("/") for path in files)
    parsed = parse_folder(files)
    if sound:
        assert parsed.problems == ()
        assert not any(parsed.silent)
        by_name = {(article.key, article.language): article for article in parsed.articles}
        for article in sound:
            back = by_name[article.key, article.language]
            # What says the same as an earlier phrasing is counted once.
            assert set(back.phrasings) <= set(article.phrasings)
            assert (back.question, back.answer, back.tags) == (article.question, article.answer, article.tags)
            assert (back.category, back.enabled) == (article.category, article.enabled)
            assert back.valid_until == article.valid_until


def test_a_plain_page_names_itself_by_its_path_and_heading() -> None:
    page = "# Where is my order?\n\nIn the dispatch mail.\n"
    [article] = parse_folder({"orders/track-order.en.md": page.encode()}).articles
    assert article == Article(
        "track-order", "Where is my order?", (), "In the dispatch mail.", "en", category="orders"
    )


def test_what_is_no_article_is_left_alone() -> None:
    files = {"README.md": b"# About", ".git/x.md": b"# x", "logo.png": b"\x89PNG", "a.en.md": b"# A?\nYes."}
    parsed = parse_folder(files)
    assert ([article.key for article in parsed.articles], parsed.problems) == (["a"], ())


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "There is no .md file"),
        ({"a.md": b"---\nquestion: [\n---\nYes."}, "a.md: This is no YAML"),
        ({"a.md": b"---\n- x\n---\nYes."}, "Between the dashes stand no fields"),
        ({"a.md": b"---\nanswer: Yes.\n---\nYes."}, "below the second line of dashes"),
        ({"a.md": b"---\ntitle: A\n---\nYes."}, "The field 'title' is unknown"),
        ({"a.md": b"---\nphrasings: text\n---\nYes."}, "must be a list"),
        ({"a.en.md": b"# A?\n"}, "has no answer"),
        ({"a.md": b"\xff\xfe#"}, "UTF-16"),
        ({"x/a.en.md": b"# A?\nYes.", "y/a.en.md": b"# A?\nNo."}, "is in x/a.en.md already"),
    ],
)
def test_every_bad_file_is_named(files: dict[str, bytes], told: str) -> None:
    problems = parse_folder(files).problems
    assert any(told in problem.text for problem in problems), problems


def test_only_a_zip_that_can_be_read_is_unpacked() -> None:
    with pytest.raises(NotAFolder, match="no ZIP"):
        unzipped(b"not a zip")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("big.md", b"a" * 51_000_000)
    with pytest.raises(NotAFolder, match="too much"):
        unzipped(out.getvalue())


def _packed(*paths: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for path in paths:
            packed.writestr(path, b"# Sound?\nYes.\n")
    return out.getvalue()


def test_a_zip_of_too_many_files_is_not_unpacked() -> None:
    assert len(unzipped(_packed(*(f"{n}.md" for n in range(10_000))))) == 10_000
    with pytest.raises(NotAFolder, match="too much"):
        unzipped(_packed(*(f"{n}.md" for n in range(10_001))))


def test_nothing_is_packed_that_would_not_be_unpacked() -> None:
    most = {"a.bin": b"a" * 49_999_999, "b.bin": b"b"}
    assert unzipped(zipped(most)) == most
    with pytest.raises(TooMuch, match=r"2 files of 50\.0 MB.*export into a folder"):
        zipped(most | {"b.bin": b"bb"})
    with pytest.raises(TooMuch, match="10001 files"):
        zipped({f"{n}.md": b"" for n in range(10_001)})


@pytest.mark.parametrize("path", ["../a.md", "a/../../b.md", "/a.md", "c:/a.md", "a\\b.md"])
def test_a_path_that_leads_out_of_a_zip_is_refused(path: str) -> None:
    with pytest.raises(NotAFolder, match="leads out"):
        unzipped(_packed("sound.md", path))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_path_twice_in_a_zip_is_refused() -> None:
    with pytest.raises(NotAFolder, match="twice"):
        unzipped(_packed("a.md", "a.md"))


def test_a_zip_that_holds_more_than_it_says_is_not_unpacked() -> None:
    data = _packed("a.md")
    central = data.index(b"PK\x01\x02")
    lying = data[: central + 24] + (3).to_bytes(4, "little") + data[central + 28 :]
    with pytest.raises(NotAFolder, match="no ZIP"):
        unzipped(lying)
