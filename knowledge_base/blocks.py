"""The kinds of feature a text has: words, word pairs, characters, and the subjects it sounds like."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from knowledge_base.text import Script, normalise, stems, tokenise


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as tokens and their stems, both in order and of equal length."""

    tokens: list[str]
    stems: list[str]


@dataclass(frozen=True, slots=True)
class Block:
    """A kind of feature and its share of a vector's squared length.

    `of_word` gives the features of a token and its stem where a text's are those of its words, one word after the
    other: these are then looked up once per word instead of once per text.
    """

    name: str
    features: Callable[[Reading], list[str]]
    share: float
    of_word: Callable[[str, str], list[str]] | None = None


def read(text: str, language: str) -> Reading:
    """The text's tokens with their stems in `language`."""
    return read_normalised(normalise(text), language)


def read_normalised(text: str, language: str) -> Reading:
    """`read` for a text that is normalised already."""
    tokens = tokenise(text)
    return Reading(tokens, stems(tokens, language))


def unigrams(reading: Reading) -> list[str]:
    """Each stem; in Chinese, each character."""
    return list(reading.stems)


def bigrams(reading: Reading) -> list[str]:
    """Each pair of neighbouring stems; in Chinese, of characters."""
    return [f"{left} {right}" for left, right in pairwise(reading.stems)]


def anchored_bigrams(reading: Reading) -> list[str]:
    """Each pair of neighbouring stems, the text's beginning and end counting as stems."""
    return list(map(" ".join, pairwise(["^", *reading.stems, "$"]))) if reading.stems else []


def character_grams(word: str) -> list[str]:
    """The 2- to 5-grams of one word with a space at either end, as scikit-learn's `char_wb` cuts them."""
    padded = f" {word} "
    return [
        padded[start : start + size]
        for size in range(2, min(5, len(padded)) + 1)
        for start in range(len(padded) - size + 1)
    ]


def characters(reading: Reading) -> list[str]:
    """Character grams of every token; they forgive typos and foreign inflection."""
    return [gram for token in reading.tokens for gram in character_grams(token)]


def _stem_alone(_token: str, stemmed: str) -> list[str]:
    return [stemmed]


def _grams_alone(token: str, _stemmed: str) -> list[str]:
    return character_grams(token)


# Shares were chosen by cross-validation on BANKING77's and CLINC150's articles.csv (alphabetic) and
# on the Chinese set's articles.csv; see ../shared/MATCHING.md for what each block is worth.
BLOCKS: dict[Script, tuple[Block, ...]] = {
    "alphabetic": (
        Block("words", unigrams, 0.35, _stem_alone),
        Block("pairs", anchored_bigrams, 0.25),
        Block("characters", characters, 0.4, _grams_alone),
    ),
    "cjk": (Block("words", unigrams, 0.75, _stem_alone), Block("pairs", bigrams, 0.25)),
}


def _none_of_its_own(_reading: Reading) -> list[str]:
    return []


SUBJECTS: Final = Block("subjects", _none_of_its_own, 0.25)
"""What the text sounds like (shared_words.SharedWords.sound_of), one feature for each subject."""

# Chosen with shared_words.MEANING on knowledge bases of 3, 5 and 10 phrasings drawn from BANKING77's and CLINC150's
# articles.csv: shares from .4 to .65 do alike.
MEANINGS: Final = replace(SUBJECTS, share=0.5)
"""The same with word vectors (semantic.py), a feature for each of their numbers, too."""


def blocks_for(script: Script, sounds: Block | None) -> tuple[Block, ...]:
    """The blocks of a space; the others give up their part of what `sounds` takes, which is SUBJECTS or MEANINGS."""
    if sounds is None:
        return BLOCKS[script]
    left = 1 - sounds.share
    return (*(replace(block, share=block.share * left) for block in BLOCKS[script]), sounds)
