"""A model's names change with what it was taught and what reads it, and with nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

import knowledge_base
from knowledge_base import fingerprints
from knowledge_base.articles import Article
from knowledge_base.fingerprints import (
    article_fingerprint,
    family_fingerprint,
    learning_fingerprint,
    model_fingerprint,
    reading_fingerprint,
)
from knowledge_base.policy import Policy

ARTICLE = Article("card", "Where is my card?", ("card late",), "Look.", "en")


@pytest.mark.parametrize(
    "change",
    [
        {"key": "cards"},
        {"question": "My card?"},
        {"phrasings": ("card late", "no card")},
        {"phrasings": ("card", "late")},
        {"language": "de"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_taught_counts(change: dict[str, object]) -> None:
    assert article_fingerprint(replace(ARTICLE, **change)) != article_fingerprint(ARTICLE)  # type: ignore[arg-type]


def test_what_is_not_taught_does_not_count() -> None:
    same = replace(ARTICLE, answer="Else.", tags=("x",), enabled=False)
    assert article_fingerprint(same) == article_fingerprint(ARTICLE)


def test_a_model_is_named_by_its_articles_in_any_order_and_by_its_budget() -> None:
    assert model_fingerprint(["a", "b"], Policy()) == model_fingerprint(["b", "a"], Policy())
    assert len({model_fingerprint(each, Policy()) for each in (["a"], ["a", "b"], ["ab"], [])}) == 4
    assert model_fingerprint(["a"], Policy()) != model_fingerprint(["a"], Policy(0.05))
    assert family_fingerprint(Policy()) != family_fingerprint(Policy(0.05))


def test_word_vectors_are_another_name() -> None:
    meant = Policy(semantic=True)
    assert model_fingerprint(["a"], meant) != model_fingerprint(["a"], Policy())
    assert family_fingerprint(meant) != family_fingerprint(Policy())


def test_every_module_that_is_left_out_exists() -> None:
    present = {path.name for path in Path(knowledge_base.__path__[0]).glob("*.py")}
    assert present >= fingerprints._NOT_READING


@pytest.mark.parametrize(
    ("changed", "reads_otherwise"),
    [("features.py", True), ("text.py", True), ("shared_words.npz", True), ("evidence.py", False)],
)
def test_changed_code_is_another_name(
    changed: str, reads_otherwise: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = reading_fingerprint(), learning_fingerprint()
    package = Path(knowledge_base.__path__[0])
    for path in [
        *package.glob("*.py"),
        *package.glob("*.json"),
        *package.glob("*.npz"),
        *package.glob("samples/*"),
    ]:
        copy = tmp_path / path.relative_to(package)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes() + (b"# changed" if path.name == changed else b""))
    monkeypatch.setattr(fingerprints, "files", lambda _name: tmp_path)
    after = reading_fingerprint.__wrapped__(), _learning_after(monkeypatch)
    assert (after[0] != before[0]) is reads_otherwise
    assert after[1] != before[1]


def _learning_after(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(fingerprints, "reading_fingerprint", reading_fingerprint.__wrapped__)
    return learning_fingerprint.__wrapped__()
