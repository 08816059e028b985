"""The ways to find an article that benchmarks/matching_speed.py compares: each learns (text, article) and is asked.

All but ours find the nearest phrasing, with what their own documentation says for short texts; tokens are ours (as
stems) where an engine takes tokens, so that nobody is slowed down or misled by another tokeniser.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from knowledge_base.articles import Article, title_from_key
from knowledge_base.blocks import BLOCKS, read

Rows = Sequence[tuple[str, str]]
"""Phrasing and article."""
Ask = Callable[[list[str]], list[str]]
"""Questions -> the article of each, empty for none."""


def stems_of(text: str) -> list[str]:
    """The words of a text as the peers take them."""
    return read(text, "en").stems


def ours(rows: Rows) -> Ask:
    """From raw text to a calibrated decision."""
    from knowledge_base.index import build_index

    grouped: dict[str, list[str]] = {}
    for text, article in rows:
        grouped.setdefault(article, []).append(text)
    articles = [
        Article(key, title_from_key(key), tuple(texts), "An answer.") for key, texts in grouped.items()
    ]
    index = build_index(articles, gather_evidence=False)

    def ask(texts: list[str]) -> list[str]:
        decisions = index.decide_many(texts)
        return [d.matches[0].article_key if d.matches else "" for d in decisions]

    return ask


def sklearn(rows: Rows) -> Ask:
    """scikit-learn's `transform` and `cosine_similarity` on the very features that ours has."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.metrics.pairwise import cosine_similarity

    blocks = BLOCKS["alphabetic"]
    vectorisers = [TfidfVectorizer(analyzer=block.features, sublinear_tf=True) for block in blocks]
    readings = [read(text, "en") for text, _ in rows]

    def joined(parts: list[Any]) -> Any:
        return hstack([part * block.share**0.5 for part, block in zip(parts, blocks, strict=True)]).tocsr()

    matrix = joined([vectoriser.fit_transform(readings) for vectoriser in vectorisers])

    def ask(texts: list[str]) -> list[str]:
        asked = [read(text, "en") for text in texts]
        similar = cosine_similarity(joined([each.transform(asked) for each in vectorisers]), matrix)
        return [rows[place][1] for place in similar.argmax(axis=1)]

    return ask


def rank_bm25(rows: Rows) -> Ask:
    """rank_bm25's BM25Okapi."""
    from rank_bm25 import BM25Okapi

    index = BM25Okapi([stems_of(text) for text, _ in rows])
    return lambda texts: [rows[int(index.get_scores(stems_of(text)).argmax())][1] for text in texts]


def bm25s(rows: Rows) -> Ask:
    """bm25s, NumPy backend."""
    import bm25s as library

    index = library.BM25()
    index.index([stems_of(text) for text, _ in rows], show_progress=False)

    def ask(texts: list[str]) -> list[str]:
        asked = [stems_of(text) for text in texts]
        found, _ = index.retrieve(asked, k=1, show_progress=False, n_threads=0)
        return [rows[int(place[0])][1] for place in found]

    return ask


def fts5(rows: Rows) -> Ask:
    """SQLite's FTS5 in memory, its bm25 ranking, any of the words."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE phrasing USING fts5(text, article UNINDEXED)")
    connection.executemany(
        "INSERT INTO phrasing VALUES (?, ?)", [(" ".join(stems_of(text)), article) for text, article in rows]
    )
    connection.execute("INSERT INTO phrasing(phrasing) VALUES ('optimize')")
    query = "SELECT article FROM phrasing WHERE phrasing MATCH ? ORDER BY rank LIMIT 1"

    def one(text: str) -> str:
        words = " OR ".join(f'"{word}"' for word in dict.fromkeys(stems_of(text)))
        row = connection.execute(query, (words,)).fetchone() if words else None
        return row[0] if row else ""

    return lambda texts: [one(text) for text in texts]


def tantivy(rows: Rows) -> Ask:
    """tantivy (Rust) in memory, its default BM25, any of the words."""
    import tantivy as library

    builder = library.SchemaBuilder()
    builder.add_text_field("text", stored=False)
    builder.add_text_field("article", stored=True, tokenizer_name="raw")
    schema = builder.build()
    index = library.Index(schema)
    writer = index.writer(num_threads=1)
    for text, article in rows:
        writer.add_document(library.Document(text=" ".join(stems_of(text)), article=article))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def one(text: str) -> str:
        terms = [
            (library.Occur.Should, library.Query.term_query(schema, "text", word))
            for word in dict.fromkeys(stems_of(text))
        ]
        hits = searcher.search(library.Query.boolean_query(terms), 1).hits if terms else []
        return str(searcher.doc(hits[0][1])["article"][0]) if hits else ""

    return lambda texts: [one(text) for text in texts]


ENGINES: dict[str, Callable[[Rows], Ask]] = {
    "ours": ours,
    "sklearn": sklearn,
    "rank_bm25": rank_bm25,
    "bm25s": bm25s,
    "fts5": fts5,
    "tantivy": tantivy,
}
