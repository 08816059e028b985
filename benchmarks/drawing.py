"""Small knowledge bases drawn from large data sets, with questions whose right article is known."""

import csv
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

import numpy as np

from benchmarks.datasets import dataset
from knowledge_base.articles import Article, title_from_key
from knowledge_base.background import everyday_questions, in_script
from knowledge_base.blocks import read
from knowledge_base.building import material_of, shelf_of
from knowledge_base.calibrating import calibrate
from knowledge_base.evidence import ASKED, BACKGROUND, HIDDEN, Evidence, Material, gather, kinship_of
from knowledge_base.examples import Examples, examples_by_script
from knowledge_base.shared_words import SharedWords, words_for
from knowledge_base.shelf import as_signal_matrix
from knowledge_base.short import OUT_OF_SCOPE

_QUESTIONS: Final = 700
_STRANGE: Final = 200
# At least this share of a data set's articles is left out, to ask their phrasings as questions out of scope.
_HIDDEN_SHARE: Final = 0.15
# Whose texts are foreign to whom: the English sets to each other.
_FOREIGN: Final = {"banking77": ("clinc150",), "clinc150": ("banking77",), "securities_zh": ()}

Texts = Mapping[str, Sequence[str]]
T = TypeVar("T")
_VOWELS: Final = "aeiou"
_CONSONANTS: Final = "bcdfghjklmnpqrstvwxyz"
_CIPHER: Final = str.maketrans(
    _VOWELS + _CONSONANTS, _VOWELS[2:] + _VOWELS[:2] + _CONSONANTS[7:] + _CONSONANTS[:7]
)
SharedFor = Callable[[str], SharedWords | None]


@dataclass(frozen=True, slots=True)
class Draw:
    """Which knowledge base to draw."""

    dataset: str
    phrasings: int
    articles: int
    titles: bool
    seed: int
    # Phrasings are chosen from this many times as many, to be as unlike each other as an author's.
    choice: int = 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """`asked`: what its model says of texts it never saw; `own`: what it can find out from its phrasings alone."""

    draw: Draw
    asked: Evidence
    own: Evidence | None


@lru_cache
def texts_by_article(name: str) -> Texts:
    """A data set's phrasings (articles.csv) by article."""
    found: dict[str, list[str]] = defaultdict(list)
    with (dataset(name) / "articles.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            found[row["article"]].append(row["text"])
    return dict(found)


@lru_cache(maxsize=1)
def _chat() -> tuple[str, ...]:
    """Customers' lines of MultiDoGO's finance dialogues (Peskov et al. 2019), greetings left out."""
    with (dataset("multidogo") / "finance_dev.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(row["utterance"] for row in rows if len(row["utterance"].split()) >= 3)


def draw_base(
    texts: Texts,
    draw: Draw,
    *,
    own_evidence: bool,
    shared_for: SharedFor = words_for,
    told_of: bool = True,
) -> Drawn:
    """The knowledge base of the draw, asked; `own_evidence` takes most of the time.

    Unless `told_of`, as if everyday questions were in another language than the articles.
    """
    generator = np.random.default_rng([draw.seed, draw.phrasings, draw.articles, draw.choice])
    keys = sorted(texts)
    mixed = [keys[i] for i in generator.permutation(len(keys))]
    count = min(draw.articles, int(len(keys) * (1 - _HIDDEN_SHARE)))
    articles, questions = _split(texts, sorted(mixed[:count]), draw, generator)
    hidden = [text for key in mixed[count:] for text in texts[key]]
    by_script = examples_by_script(articles, draw.titles)
    script = max(by_script, key=lambda each: len(by_script[each].items))
    examples = by_script[script]
    outside = in_script(everyday_questions(), script)
    if not told_of:
        outside = [text.lower().translate(_CIPHER) for text in outside]
    material = material_of(examples, script, outside, shared_for, lambda _: told_of)
    strange = _foreign(draw.dataset)
    groups = [
        (ASKED, _some(questions, _QUESTIONS, generator)),
        (HIDDEN, [(text, "") for text in _some(hidden, _STRANGE, generator)]),
        (BACKGROUND, [(text, "") for text in _some(strange, _STRANGE, generator)]),
    ]
    own = gather(material, draw.seed) if own_evidence and draw.phrasings > 1 else None
    return Drawn(draw, _ask(examples, material, groups), own)


def _split(
    texts: Texts, keys: Sequence[str], draw: Draw, generator: np.random.Generator
) -> tuple[list[Article], list[tuple[str, str]]]:
    """Articles with so many phrasings, and the rest of the phrasings as questions with their article."""
    articles, questions = [], []
    for key in keys:
        mixed = [texts[key][i] for i in generator.permutation(len(texts[key]))]
        pool = mixed[: min(draw.phrasings * draw.choice, len(mixed) - 1)]
        taught = _unlike(pool, draw.phrasings) if draw.choice > 1 else pool
        articles.append(Article(key, title_from_key(key), tuple(taught), "An answer"))
        questions += [(text, key) for text in mixed if text not in taught]
    return articles, questions


def _unlike(texts: Sequence[str], count: int) -> list[str]:
    """The first text, then again and again the one least like those taken (farthest-first traversal)."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True).fit_transform(texts)
    alike = (vectors @ vectors.T).toarray()
    taken, closest = [0], alike[0].copy()
    while len(taken) < min(count, len(texts)):
        closest[taken[-1]] = np.inf
        taken.append(int(closest.argmin()))
        closest = np.maximum(closest, alike[taken[-1]])
    return [texts[i] for i in taken]


def _foreign(name: str) -> list[str]:
    others = [
        text for other in _FOREIGN[name] for group in texts_by_article(other).values() for text in group
    ]
    return [*others, *_chat()] if others else []


def _some(items: Sequence[T], count: int, generator: np.random.Generator) -> list[T]:
    return [items[i] for i in generator.permutation(len(items))[:count]]


def _ask(
    examples: Examples, material: Material, groups: Sequence[tuple[int, Sequence[tuple[str, str]]]]
) -> Evidence:
    """What the model says of the questions; without those in a phrasing's very words, which rules decide."""
    calibration = calibrate(None, material.size, 0.02, OUT_OF_SCOPE)  # nobody looks at it
    shelf = shelf_of(examples, material, calibration, 0)
    asked = [(kind, text, key) for kind, group in groups for text, key in group]
    readings = [read(text, material.space.language) for _, text, _ in asked]
    signals, first, listed, kinds = [], [], [], []
    for (kind, _, key), found in zip(asked, shelf.candidates(readings, 3), strict=True):
        if found.exact or not found.has_known_features:
            continue
        keys = [shelf.keys[article] for article in found.articles]
        signals.append(found.signals)
        first.append(keys[0] == key)
        listed.append(key in keys)
        kinds.append(kind)
    return Evidence(
        as_signal_matrix(signals),
        np.array(first, bool),
        np.array(listed, bool),
        np.array(kinds, np.int64),
        material.size,
        kinship_of(material, 0),
    )
