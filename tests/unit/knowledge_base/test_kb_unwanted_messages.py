"""Messages that say what is not wanted or was not done, and as many that only look like it (tests/data/unwanted)."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from knowledge_base.articles import Article
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.samples import load_sample
from knowledge_base.unwanted import is_unwanted

DATA: Final = Path(__file__).parents[2] / "data" / "unwanted"
FILES: Final = ("messages", "check", "fresh", "last")
SAMPLES: Final = ("shop_en", "shop_zh", "payments_en", "payments_zh")
NOT_SEEN: Final = frozenset(
    ("why is my order showing cancelled? I have done nothing", "cancel my order? no thanks, don't")
)
"""Known to be missed: they deny without saying what."""


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody writes, and whether it must not be told the article as if it were asked for."""

    text: str
    base: str
    article: str
    is_denial: bool


def messages(name: str) -> list[Message]:
    """Those of a file."""
    with (DATA / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return [
            Message(row["text"], row["base"], row["article"], row["outcome"] == "listed")
            for row in csv.DictReader(file, delimiter="\t")
        ]


@pytest.fixture(scope="module")
def bases() -> Mapping[str, list[Article]]:
    """The samples, and by language what articles.csv holds."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    with (DATA / "articles.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["language"], row["article"], row["question"]].append(row["text"])
    own: dict[str, list[Article]] = defaultdict(list)
    for (language, key, question), texts in found.items():
        own[language].append(Article(key, question, tuple(texts), "So.", language))
    return own | {name: list(load_sample(name)) for name in SAMPLES}


@pytest.fixture(scope="module")
def indexes(bases: Mapping[str, list[Article]]) -> Mapping[str, KnowledgeIndex]:
    return {name: build_index(articles) for name, articles in bases.items()}


@pytest.mark.parametrize("name", FILES)
def test_a_denial_is_told_from_what_looks_like_it(name: str, bases: Mapping[str, list[Article]]) -> None:
    wrong = set()
    for message in messages(name):
        article = next(each for each in bases[message.base] if each.key == message.article)
        denied = is_unwanted(message.text, (article.question, *article.phrasings), article.language)
        if denied != message.is_denial:
            wrong.add(message.text)
    assert wrong == NOT_SEEN.intersection(message.text for message in messages(name))


@pytest.mark.parametrize("name", FILES)
def test_what_is_denied_is_not_answered_and_what_looks_like_it_is_decided_as_ever(
    name: str, indexes: Mapping[str, KnowledgeIndex]
) -> None:
    wrong = set()
    for message in messages(name):
        explanation = indexes[message.base].explain(message.text)
        first = explanation.decision.matches[0].article_key if explanation.decision.matches else ""
        is_told = explanation.decision.kind == "answer" and first == message.article
        if is_told if message.is_denial else explanation.rule == "unwanted":
            wrong.add(message.text)
    assert wrong <= NOT_SEEN


def test_there_are_as_many_of_either_kind_as_the_rules_were_made_for() -> None:
    of = [message for name in FILES for message in messages(name)]
    english, chinese = ([m for m in of if m.base.endswith(ending)] for ending in ("_en", "_zh"))
    for some in (english, chinese):
        assert min(sum(m.is_denial for m in some), sum(not m.is_denial for m in some)) > 80
