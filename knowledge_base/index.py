"""The knowledge base ready to answer: immutable, built once, swapped whole when an article changes."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from knowledge_base.articles import Article
from knowledge_base.blocks import Reading
from knowledge_base.calibration import Thresholds
from knowledge_base.deciding import conclude, ranked
from knowledge_base.fingerprints import article_fingerprint
from knowledge_base.identifiers import without_addresses
from knowledge_base.matches import Decision, Match
from knowledge_base.policy import USUAL, Policy
from knowledge_base.shelf import Candidates, Shelf
from knowledge_base.text import Script, normalise, script_of
from knowledge_base.traffic import Needed

if TYPE_CHECKING:
    from knowledge_base.explaining import Explanation
    from knowledge_base.logs import Said

LIST_LENGTH = 3
# Customers also ask what no article is about: this share of their questions, unless the owner knows better.
_NO_ARTICLES = Decision("unknown", (), 0.0, "no_articles")


@dataclass(frozen=True, slots=True)
class KnowledgeIndex:
    """Shelves by script; a text in a script without one falls to whichever shelf there is."""

    shelves: dict[Script, Shelf]
    learned: frozenset[str] = field(default_factory=frozenset, repr=False)
    """Fingerprints of the articles it was built from."""

    @property
    def article_keys(self) -> frozenset[str]:
        """The articles it may answer with."""
        return frozenset(key for shelf in self.shelves.values() for key in shelf.keys)

    @property
    def languages(self) -> frozenset[str]:
        """Those of the articles it may answer with."""
        spaces = [shelf.space for shelf in self.shelves.values()]
        return frozenset(language for space in spaces for language in (space.language, *space.others))

    def phrasings_of(self, keys: Collection[str]) -> dict[str, frozenset[str]]:
        """What it has learned of these articles, titles included."""
        found: dict[str, frozenset[str]] = {}
        for shelf in self.shelves.values():
            texts, starts = shelf.rows.texts, shelf.rows.starts.tolist()
            for key, low, high in zip(shelf.keys, starts, starts[1:], strict=False):
                if key in keys:
                    found[key] = found.get(key, frozenset()) | frozenset(texts[low:high])
        return found

    @property
    def thresholds(self) -> dict[Script, Thresholds]:
        """What a quick build of about the same articles may keep."""
        return {
            script: Thresholds(shelf.calibration, len(shelf.rows.texts), shelf.sharpness)
            for script, shelf in self.shelves.items()
        }

    @property
    def policy(self) -> Policy:
        """What it was built by; without articles the usual one."""
        shelves = list(self.shelves.values())
        if not shelves:
            return USUAL
        semantic = any(s.space.shared is not None and s.space.shared.vectors is not None for s in shelves)
        return Policy(shelves[0].calibration.promise.budget, semantic)

    @property
    def learned_from_log(self) -> int:
        """How many texts of a log it learned with; 0 where that did not help."""
        return sum(shelf.learned_from_log for shelf in self.shelves.values())

    def search(self, text: str, limit: int = LIST_LENGTH) -> list[Match]:
        """The best articles for the text, best first; empty when the knowledge base is."""
        return self.search_many([text], limit)[0]

    def search_many(self, texts: Sequence[str], limit: int = LIST_LENGTH) -> list[list[Match]]:
        """`search` for each text, faster together than apart."""
        found: list[list[Match]] = [[] for _ in texts]
        for position, shelf, candidates in self._candidates(texts, limit):
            found[position] = ranked(shelf, candidates)
        return found

    def decide(self, text: str) -> Decision:
        """What to do about the text."""
        normalised = normalise(text)
        shelf = self.shelf_for(normalised)
        if shelf is None:
            return _NO_ARTICLES
        return conclude(shelf, shelf.candidates([shelf.question(normalised)], LIST_LENGTH)[0], normalised)

    def decide_many(self, texts: Sequence[str]) -> list[Decision]:
        """`decide` for each text."""
        decided = [_NO_ARTICLES for _ in texts]
        for position, shelf, candidates in self._candidates(texts, LIST_LENGTH):
            decided[position] = conclude(shelf, candidates, texts[position])
        return decided

    def explain(self, text: str) -> "Explanation":
        """Why `decide` says what it says about the text."""
        from knowledge_base.explaining import Explanation, explain

        normalised = normalise(text)
        shelf = self.shelf_for(normalised)
        if shelf is None:
            return Explanation(_NO_ARTICLES, _NO_ARTICLES.reason, 1.0)
        return explain(shelf, shelf.question(normalised), normalised)

    def shelf_for(self, normalised: str) -> Shelf | None:
        """The shelf that reads the text's script, or the only one there is, as it is right for the text's language."""
        script = script_of(without_addresses(normalised))
        shelf = self.shelves.get(script) or next(iter(self.shelves.values()), None)
        return shelf.for_question(normalised) if shelf is not None else None

    def raised(self, needed: Mapping[Script, Needed]) -> "KnowledgeIndex":
        """The same index with these thresholds, where they are higher than its own."""
        higher = {
            script: careful
            for script, shelf in self.shelves.items()
            if script in needed and (careful := shelf.raised(needed[script])) is not shelf
        }
        return replace(self, shelves={**self.shelves, **higher}) if higher else self

    def _candidates(self, texts: Sequence[str], limit: int) -> Iterator[tuple[int, Shelf, Candidates]]:
        groups: dict[int, list[tuple[int, Reading]]] = defaultdict(list)
        shelves: dict[int, Shelf] = {}
        for position, text in enumerate(texts):
            normalised = normalise(text)
            shelf = self.shelf_for(normalised)
            if shelf is not None:
                shelves[id(shelf)] = shelf
                groups[id(shelf)].append((position, shelf.question(normalised)))
        for identity, group in groups.items():
            shelf = shelves[identity]
            positions, readings = zip(*group, strict=True)
            for position, candidates in zip(positions, shelf.candidates(readings, limit), strict=True):
                yield position, shelf, candidates


def build_index(
    articles: Sequence[Article],
    policy: Policy = USUAL,
    *,
    background: Sequence[str] = (),
    titles: bool = True,
    out_of_scope: float | None = None,
    gather_evidence: bool = True,
    log: "Sequence[str | Said]" = (),
    calibration_from: Mapping[Script, Thresholds] | None = None,
    seed: int = 0,
) -> KnowledgeIndex:
    """The index of the articles (any that are not live are the caller's to leave out), built by the policy.

    `background`: texts no article answers. `titles`: whether an article's question counts as one more phrasing.
    `out_of_scope`: the share of questions expected that no article answers (None: what is usual for so many).
    `log`: what customers asked, unlabelled (a bare text: by somebody else), learned from where evidence speaks for it.

    With `gather_evidence` False it is ready five times sooner, to be replaced by a full build: confidence
    and thresholds are those of `calibration_from` where they are of a model of about the same size, else what is
    usual for a knowledge base of this size. Raises ValueError for an `out_of_scope` outside [0, 1), and
    SemanticMissing where the policy wants word vectors and they are not installed.
    """
    if out_of_scope is not None and not 0 <= out_of_scope < 1:
        raise ValueError(f"out_of_scope is {out_of_scope}: give a share from 0 to below 1.")
    # A server starts without what only training needs.
    from knowledge_base.building import Plan, build_shelves
    from knowledge_base.logs import said_by_anybody

    plan = Plan(
        policy=policy,
        background=tuple(background),
        titles=titles,
        out_of_scope=out_of_scope,
        gather_evidence=gather_evidence,
        log=said_by_anybody(log),
        previous=calibration_from or {},
        seed=seed,
    )
    return KnowledgeIndex(build_shelves(articles, plan), frozenset(map(article_fingerprint, articles)))
