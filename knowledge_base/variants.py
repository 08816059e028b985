"""Which of an article's languages somebody is answered in: the one rule, for all who answer, offer, keep or explain."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from knowledge_base.articles import Article
from knowledge_base.blocks import read, read_normalised
from knowledge_base.languages import evidence
from knowledge_base.text import normalise

SPOKEN: Final = frozenset({"en", "zh"})
"""The bot's own languages: between these a customer may choose, and one of them every conversation has."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who is answered: the conversation's language, the words they ask in, and what else is known of their language."""

    language: str
    words: str = ""
    platform: str = ""
    """That of their app or browser."""
    before: str = ""
    """In which they were answered last."""
    has_chosen: bool = False
    """Whether they chose the conversation's language themselves."""


NOBODY: Final = Reader("")
"""Somebody of whom nothing is known."""


def variant_for(variants: Mapping[str, Article], reader: Reader, nearest: str = "") -> Article | None:
    """The article in the first of these languages it exists in, else in any; None where it exists in none.

    The one their words are in, where they tell one; the one they were answered in before, and their app's or
    browser's, where the bot does not speak them itself; the conversation's; the one of the phrasing that came
    `nearest`. Who chose a language is not answered in another of the bot's own because of their words.
    """
    if len(variants) < 2:
        return next(iter(variants.values()), None)
    told, beside = told_in(reader.words, variants), [reader.before, reader.platform]
    if reader.has_chosen:
        told, beside = "" if _primary(told) in SPOKEN else told, []
    foreign = [each for each in beside if _primary(each) not in SPOKEN]
    wanted = [told, *foreign, reader.language, nearest]
    return next((found for each in wanted if (found := _in(variants, each))), next(iter(variants.values())))


def told_in(words: str, variants: Mapping[str, Article]) -> str:
    """The one of these languages that most of the words speak for: by how customers ask for the article in it, and by
    its commonest words and letters; empty where they speak for none, or for several alike."""
    normalised = normalise(words)
    heard = evidence(normalised)
    counts = {
        language: sum(stem in _known(article) for stem in set(read_normalised(normalised, language).stems))
        + heard.get(_primary(language), 0.0)
        for language, article in variants.items()
    }
    first, *others = sorted(counts.items(), key=lambda each: -each[1])
    return first[0] if first[1] - max((count for _, count in others), default=0.0) > _ROUNDED else ""


_ROUNDED: Final = 1e-9


def _in(variants: Mapping[str, Article], language: str) -> Article | None:
    """The variant in this language, else in another of its kind (pt for pt-BR)."""
    if found := variants.get(language):
        return found
    kind = _primary(language)
    return next((each for code, each in variants.items() if kind and _primary(code) == kind), None)


def _primary(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()


@lru_cache(maxsize=4096)
def _known(article: Article) -> frozenset[str]:
    """The words in which customers ask for it, as its language stems them."""
    texts = (article.question, *article.phrasings)
    return frozenset(stem for text in texts for stem in read(text, article.language).stems)
