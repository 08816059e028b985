"""Files of articles on their way out and in: where they are put, and what a page means by a path."""

import pytest

from knowledge_base import exchange, exchange_markdown
from knowledge_base.articles import MAX_ATTACHMENTS, Article, faults
from knowledge_base.attached import from_page, from_root
from knowledge_base.drafts import complained

A, B, C = (sign * 32 for sign in "abc")
NAMES = {A: "label.pdf", B: "Label.PDF", C: "way; to us.png"}
ARTICLES = [
    Article("returns", "Return?", ("send back",), "By post.", attachments=(A, B, C), category="Orders/Back"),
    Article("returns", "退货？", (), "邮寄。", "zh", attachments=(A,)),
    Article("plain", "Plain?", (), "Yes."),
]


def test_files_lie_beside_their_pages_and_no_name_meets_another() -> None:
    folder = exchange_markdown.lay_out(ARTICLES, NAMES)
    assert folder.files == {
        "Orders/Back/returns.en/label.pdf": A,
        "Orders/Back/returns.en/2/Label.PDF": B,
        "Orders/Back/returns.en/way; to us.png": C,
        "returns.zh/label.pdf": A,
    }
    page = folder.pages["Orders/Back/returns.en.md"].decode()
    assert "- returns.en/label.pdf\n- returns.en/2/Label.PDF\n- returns.en/way; to us.png" in page
    assert "attachments: []\n" in folder.pages["plain.en.md"].decode()
    back = exchange_markdown.parse_folder(folder.pages)
    assert back.problems == ()
    read = {(a.key, a.language): tuple(folder.files[path] for path in a.attachments) for a in back.articles}
    assert read == {(a.key, a.language): a.attachments for a in ARTICLES}
    assert {one.page for one in back.named} == {"Orders/Back/returns.en.md", "returns.zh.md"}


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".yaml"])
def test_one_file_names_them_by_id_and_gives_them_back(suffix: str) -> None:
    parsed = exchange.parse(exchange.render(ARTICLES, suffix), suffix)
    assert parsed.problems == ()
    assert [one.attachments for one in parsed.articles] == [(A, B, C), (A,), ()]
    assert [(one.article, one.name) for one in parsed.named] == [
        ("returns", A), ("returns", B), ("returns", C), ("returns", A)
    ]  # fmt: skip


def test_a_name_with_a_semicolon_survives_a_csv() -> None:
    for names in (("a; b.pdf",), ("a; b.pdf", "c.pdf"), ("c.pdf", "d.pdf")):
        article = Article("a", "Q?", ("how",), "Yes.", attachments=names)
        assert exchange.parse(exchange.render([article], ".csv"), ".csv").articles[0].attachments == names


@pytest.mark.parametrize(
    ("page", "name", "path"),
    [
        ("orders/a.en.md", "a.en/x.pdf", "orders/a.en/x.pdf"),
        ("orders/a.en.md", "../x.pdf", "x.pdf"),
        ("a.md", "./x.pdf", "x.pdf"),
        ("orders/a.md", A, A),
        ("a.md", "../x.pdf", None),
        ("orders/a.md", "../../x.pdf", None),
        ("a.md", "/etc/passwd", None),
        ("a.md", "..\\x.pdf", None),
        ("a.md", "..", None),
    ],
)
def test_what_a_page_means(page: str, name: str, path: str | None) -> None:
    assert from_root(page, name) == path
    if path is not None:
        assert from_root(page, from_page(page, path)) == path


def test_a_page_that_leads_out_is_named() -> None:
    page = b"---\nquestion: Q?\nattachments: [../../secret.pdf]\n---\nYes.\n"
    [problem] = exchange_markdown.parse_folder({"orders/a.en.md": page}).problems
    assert "leads out of the folder" in problem.text
    assert problem.text.startswith("orders/a.en.md: ")


def test_what_is_not_there_is_told_where_it_is_named() -> None:
    csv = b"text,article,answer,attachments\nhow,a,Yes.,x.pdf;y.pdf\nwhy,b,No.,y.pdf\n"
    parsed = complained(exchange.parse(csv, ".csv"), {"y.pdf": "it is gone."})
    assert [(one.line, one.text) for one in parsed.problems] == [
        (2, "Article 'a': it is gone."),
        (3, "Article 'b': it is gone."),
    ]


def test_an_answer_takes_so_many_files_and_each_once() -> None:
    many = tuple(f"{n}.pdf" for n in range(MAX_ATTACHMENTS + 1))
    [told] = faults(Article("a", "Q?", (), "Yes.", attachments=many))
    assert "keep 5 at most" in told
    [told] = faults(Article("a", "Q?", (), "Yes.", attachments=("x.pdf", "x.pdf")))
    assert "twice" in told
    assert faults(Article("a", "Q?", (), "Yes.", attachments=many[1:])) == []
