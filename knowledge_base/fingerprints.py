"""What names a model: the articles it learned, and the code that learned it and that reads questions for it.

By these names a process tells whether a stored model is still the one it would learn itself.
"""

import hashlib
import json
import unicodedata
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Final

from knowledge_base.answer_text import taught_by_answer
from knowledge_base.articles import Article
from knowledge_base.policy import Policy
from knowledge_base.semantic import word_vectors

# What only teaches a model, or has nothing to do with one; all else must be the same for a stored model to
# understand a question as it was taught to.
_NOT_READING: Final = frozenset(
    f"{name}.py"
    for name in (
        "answer_text", "attached", "background", "blanks", "building", "calibrating", "disputed", "drafts",
        "evaluation", "evidence", "examples", "exchange", "exchange_csv", "exchange_markdown",
        "exchange_records", "fingerprints", "fitting", "fresh", "grouping", "hearsay", "listing", "logs",
        "moments", "plotting", "regression", "resplits", "samples", "segment", "self_training", "standing",
        "training", "trial", "usual",
    )
)  # fmt: skip
_SUFFIXES: Final = (".py", ".pyc", ".json", ".npz", ".txt")


def article_fingerprint(article: Article) -> str:
    """Equal for articles that teach the same: all but the tags and the dates counts."""
    taught = (article.key, article.language, article.question, article.phrasings, taught_by_answer(article))
    return _digest([json.dumps(taught, ensure_ascii=False)])


def model_fingerprint(articles: Collection[str], policy: Policy, log_edition: str = "") -> str:
    """The name of what this program learns from articles of these fingerprints by this policy.

    Of a log only the edition counts: texts that come in between make nobody learn anew.
    """
    log = ["log", log_edition] if policy.learn_from_log else ["no log"]
    return _digest([learning_fingerprint(), *_wanted(policy), *log, *sorted(articles)])


def family_fingerprint(policy: Policy) -> str:
    """What models have in common that can stand in for each other until the newest articles are learned."""
    return _digest([reading_fingerprint(), *_wanted(policy)])


def _wanted(policy: Policy) -> list[str]:
    return [repr(policy.wrong_budget), word_vectors().name if policy.semantic else ""]


@lru_cache(maxsize=1)
def reading_fingerprint() -> str:
    """Equal for programs that can use each other's models."""
    return _digest(
        [
            *_sources(lambda name: name.endswith((".py", ".npz")) and name not in _NOT_READING),
            unicodedata.unidata_version,
            _nltk(),
        ]
    )


@lru_cache(maxsize=1)
def learning_fingerprint() -> str:
    """Equal for programs that make the same model of the same articles."""
    return _digest([reading_fingerprint(), *_sources(lambda name: True)])


def _sources(wanted: Callable[[str], bool]) -> Iterable[str]:
    """Digests of the package's `wanted` files, its background texts among them."""
    package = files("knowledge_base")
    found = [*package.iterdir(), *(package / "samples").iterdir()]
    for file in sorted(found, key=lambda each: each.name):
        if file.name.endswith(_SUFFIXES) and wanted(file.name):
            yield f"{file.name} {hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()}"


def _nltk() -> str:
    """Its version: it decides how words are stemmed."""
    try:
        return version("nltk")
    except PackageNotFoundError:
        return ""


def _digest(parts: Iterable[str]) -> str:
    whole = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()
