"""A change of the articles tried on real questions before it is live: what it would answer that it did not, and lose.

Both indexes are built alike and keep the thresholds in force, so that what differs comes from the articles alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from knowledge_base.articles import Article, is_live
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.matches import Decision
from knowledge_base.text import normalise

Effect = Literal["newly_answered", "changed", "lost", "newly_listed", "no_longer_listed"]
Decide = Callable[[Sequence[str]], list[Decision]]
_NAMED: Final = 3
"""So many questions a refusal tells by their words."""


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question of which it is known that the article answers it (`agrees`) or does not; without a key: none does."""

    text: str
    article_key: str
    agrees: bool = True


@dataclass(frozen=True, slots=True)
class Difference:
    """A question that would be treated in another way; keys are None where nothing is answered alone."""

    text: str
    effect: Effect
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class GoldChange:
    """A gold question that would be right and was wrong, or (a regression, a warning) the other way round."""

    question: GoldQuestion
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Trial:
    """What a change would do. `replayed`: how many questions were asked anew; `gold`: how many of them are known."""

    replayed: int
    same: int
    differences: tuple[Difference, ...]
    gold: int
    gold_right_before: int
    gold_right_after: int
    regressions: tuple[GoldChange, ...]
    improvements: tuple[GoldChange, ...]
    warnings: tuple[GoldChange, ...] = ()
    """What keeps nothing from being published: the right article stood further down in a list, and would not."""

    def count(self, effect: Effect) -> int:
        """How many questions it happens to."""
        return sum(each.effect == effect for each in self.differences)


def build_pair(
    present: Sequence[Article], proposed: Sequence[Article], in_force: KnowledgeIndex
) -> tuple[KnowledgeIndex, KnowledgeIndex]:
    """The indexes of both, built alike, with the thresholds in force where these are of about the same size."""
    before, after = (
        build_index(
            articles,
            in_force.policy,
            gather_evidence=False,
            calibration_from=in_force.thresholds,
        )
        for articles in (present, proposed)
    )
    return before, after


def tried(
    present: Iterable[Article],
    proposed: Iterable[Article],
    in_force: KnowledgeIndex,
    gold: Sequence[GoldQuestion],
    questions: Sequence[str] = (),
    *,
    now: datetime,
) -> Trial:
    """The trial of a change from the present articles to the proposed ones, of which those that are live count."""
    then, now_on = ([article for article in some if is_live(article, now)] for some in (present, proposed))
    before, after = build_pair(then, now_on, in_force)
    known = still_known(gold, then, now_on)
    return compare(before.decide_many, after.decide_many, questions, known)


def still_known(
    gold: Iterable[GoldQuestion], then: Iterable[Article], now_on: Iterable[Article]
) -> list[GoldQuestion]:
    """The gold questions without those that no article answered, and that the change makes words of one."""
    before, after = (
        {normalise(text) for each in some for text in _words_of(each)} for some in (then, now_on)
    )
    taught = after - before
    return [each for each in gold if each.article_key or normalise(each.text) not in taught]


def _words_of(article: Article) -> tuple[str, ...]:
    return article.question, *article.phrasings


def compare(
    before: Decide, after: Decide, questions: Sequence[str], gold: Sequence[GoldQuestion] = ()
) -> Trial:
    """The trial of a change on these questions and on the gold set."""
    differences = []
    for text, old, new in zip(questions, before(questions), after(questions), strict=True):
        effect = _effect(old, new)
        if effect is not None:
            differences.append(Difference(text, effect, _answer(old), _answer(new)))
    texts = [each.text for each in gold]
    known = list(zip(gold, before(texts), after(texts), strict=True))
    right_before = [is_right(each, old) for each, old, _ in known]
    right_after = [is_right(each, new) for each, _, new in known]
    changed = [
        (GoldChange(each, _answer(old), _answer(new)), was, _is_given(each, old))
        for (each, old, new), was, now in zip(known, right_before, right_after, strict=True)
        if was != now
    ]
    return Trial(
        replayed=len(questions),
        same=len(questions) - len(differences),
        differences=tuple(differences),
        gold=len(known),
        gold_right_before=sum(right_before),
        gold_right_after=sum(right_after),
        regressions=tuple(change for change, was, given in changed if was and given),
        improvements=tuple(change for change, was, _ in changed if not was),
        warnings=tuple(change for change, was, given in changed if was and not given),
    )


def gold_texts(trial: Trial) -> list[str]:
    """The gold questions that a refusal, or what is shown of the trial, tells by their words."""
    return [each.question.text for each in (*trial.regressions, *trial.improvements, *trial.warnings)]


def reworded(trial: Trial, words: Mapping[str, str]) -> Trial:
    """The trial with these words in the place of its gold questions'."""

    def said(changes: Iterable[GoldChange]) -> tuple[GoldChange, ...]:
        return tuple(
            replace(
                each, question=replace(each.question, text=words.get(each.question.text, each.question.text))
            )
            for each in changes
        )

    return replace(
        trial,
        regressions=said(trial.regressions),
        improvements=said(trial.improvements),
        warnings=said(trial.warnings),
    )


def refusal(trial: Trial) -> str:
    """Why a change must not pass: which known questions it would make wrong, the first by their words."""
    named = "; ".join(f"“{each.question.text}”: {told(each)}" for each in trial.regressions[:_NAMED])
    count = len(trial.regressions)
    return f"{count} of {trial.gold} questions with a known answer would become wrong ({named})"


def told(change: GoldChange) -> str:
    """What would become of a known question, and what people said of it."""
    said = "answers" if change.question.agrees else "does not answer"
    who = f"'{change.question.article_key}'" if change.question.article_key else "no article"
    return f"{_worded(change.before)} before, {_worded(change.after)} then; people said {who} {said} it"


def _worded(key: str | None) -> str:
    return f"answered with '{key}'" if key else "no answer alone"


def is_right(gold: GoldQuestion, decision: Decision) -> bool:
    """Whether the decision does what is known to be right.

    An article that answers must be answered with or stand in the list; one that does not must not be answered with.
    Where none does, nothing may be answered alone.
    """
    if not gold.article_key:
        return _answer(decision) is None
    if not gold.agrees:
        return _answer(decision) != gold.article_key
    if decision.kind == "suggest":
        return gold.article_key in {match.article_key for match in decision.matches}
    return _answer(decision) == gold.article_key


def _is_given(gold: GoldQuestion, decision: Decision) -> bool:
    """Whether what is known was given for sure: the right article alone or first, not further down in a list."""
    if not gold.article_key or not gold.agrees or decision.kind != "suggest":
        return True
    return decision.matches[0].article_key == gold.article_key


def _answer(decision: Decision) -> str | None:
    return decision.matches[0].article_key if decision.kind == "answer" else None


def _effect(old: Decision, new: Decision) -> Effect | None:
    before, after = _answer(old), _answer(new)
    if before == after:
        return _list_effect(old, new) if before is None else None
    if before is None:
        return "newly_answered"
    return "lost" if after is None else "changed"


def _list_effect(old: Decision, new: Decision) -> Effect | None:
    if old.kind == new.kind:
        return None
    return "newly_listed" if new.kind == "suggest" else "no_longer_listed"


def worst_first(differences: Iterable[Difference]) -> list[Difference]:
    """What an editor must look at first: answers lost and changed before those gained."""
    order: dict[Effect, int] = {
        "lost": 0,
        "changed": 1,
        "no_longer_listed": 2,
        "newly_answered": 3,
        "newly_listed": 4,
    }
    return sorted(differences, key=lambda each: order[each.effect])
