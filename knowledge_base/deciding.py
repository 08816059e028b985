"""The rules that turn candidates into a decision, in the order they are tried."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from knowledge_base.calibration import SIGNAL_NAMES, UNBELIEVED, logistic
from knowledge_base.matches import Decision, Kind, Match, Reason
from knowledge_base.shelf import Candidates, Shelf
from knowledge_base.short import believed_at
from knowledge_base.unwanted import is_unwanted

# The very words of one article's phrasing, and of no other's, leave little doubt.
_EXACT: Final = 0.98
# Of 1,832 held-out phrasings of BANKING77's and CLINC150's articles.csv this near to a phrasing (with 1 to 12 an
# article), 14 were not about its article; the same limits serve every script.
_NEAR: Final = 0.8
_NEAR_LEAD: Final = 0.4


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the rules look at."""

    shelf: Shelf
    found: Candidates
    confidence: float
    listed: float
    text: str = ""
    """What was asked, in the words it was asked in."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`holds` decides `kind`; `name` is told to whoever asks why."""

    name: Reason
    kind: Kind
    holds: Callable[[Evidence], bool]


RULES: Final[tuple[Rule, ...]] = (
    Rule("nothing_known", "unknown", lambda e: not e.found.has_known_features),
    Rule("exact_in_several", "suggest", lambda e: len(e.found.exact) > 1),
    Rule("exact_phrasing", "answer", lambda e: e.found.exact == tuple(e.found.articles[:1])),
    Rule("unwanted", "suggest", lambda e: _is_sure(e) and _is_believed(e) and _is_denied(e)),
    Rule("confident", "answer", lambda e: _is_confident(e) and _is_believed(e)),
    Rule("near_phrasing", "answer", lambda e: _is_near(e) and _is_believed(e)),
    Rule("not_believed", "suggest", lambda e: _is_vetoed(e) and _is_listed(e)),
    Rule("not_believed", "unknown", lambda e: _is_vetoed(e)),
    Rule("possible", "suggest", lambda e: _is_listed(e)),
    Rule("too_unlike", "unknown", lambda e: True),
)


_PLACES: Final = {name: place for place, name in enumerate(SIGNAL_NAMES)}


def _signal(evidence: Evidence, name: str) -> float:
    return evidence.found.signals[_PLACES[name]]


def _is_confident(evidence: Evidence) -> bool:
    return evidence.confidence >= evidence.shelf.calibration.answer_at


def _is_near(evidence: Evidence) -> bool:
    """All but the same words as a phrasing of the first article, and unlike those of the others."""
    return _signal(evidence, "near") >= _NEAR and _signal(evidence, "near_lead") >= _NEAR_LEAD


def _is_vetoed(evidence: Evidence) -> bool:
    """It would be answered, were it believed."""
    return _is_sure(evidence) and not _is_believed(evidence)


def _is_sure(evidence: Evidence) -> bool:
    return _is_confident(evidence) or _is_near(evidence)


def _is_denied(evidence: Evidence) -> bool:
    """It says that what the first article is about is not wanted, or was not done."""
    first, rows = evidence.found.articles[0], evidence.shelf.rows
    own = slice(int(rows.starts[first]), int(rows.starts[first + 1]))
    return is_unwanted(evidence.text, rows.texts[own], rows.languages[own.start])


def _is_listed(evidence: Evidence) -> bool:
    return evidence.listed >= evidence.shelf.calibration.suggest_at


def _is_believed(evidence: Evidence) -> bool:
    """The model over articles prefers the first to all others and to none of them; a lone article has no model."""
    return _believes(evidence.shelf, evidence.found)


def _believes(shelf: Shelf, found: Candidates) -> bool:
    articles = len(shelf.keys)
    return (
        articles < 2 or len(found.exact) == 1 or found.signals[_PLACES["log_odds"]] >= believed_at(articles)
    )


def _believable(shelf: Shelf, found: Candidates, confidence: float) -> float:
    return confidence if _believes(shelf, found) else min(confidence, UNBELIEVED)


def ranked(shelf: Shelf, found: Candidates) -> list[Match]:
    """The candidates as matches, each with its confidence."""
    return _matches(shelf, found, _believable(shelf, found, _chance(shelf.calibration.first, found)))


def conclude(shelf: Shelf, found: Candidates, text: str) -> Decision:
    """The first rule that holds for the text, with the matches to show."""
    calibration = shelf.calibration
    confidence = _chance(calibration.first, found)
    evidence = Evidence(shelf, found, confidence, _chance(calibration.listed, found), text)
    believable = _believable(shelf, found, confidence)
    for rule in RULES:
        if rule.holds(evidence):
            sure = min(believable, UNBELIEVED) if rule.name == "unwanted" else believable
            matches = tuple(_matches(shelf, found, sure))
            return Decision(rule.kind, matches, matches[0].confidence if matches else 0.0, rule.name)
    raise AssertionError("The last rule always holds.")


def _chance(weights: tuple[float, ...], found: Candidates) -> float:
    chance = logistic(weights, found.signals)
    return max(chance, _EXACT) if len(found.exact) == 1 else chance


def _matches(shelf: Shelf, found: Candidates, confidence: float) -> list[Match]:
    # What the first leaves over is shared among the rest as the model shares it.
    left = (1 - confidence) / max(1 - found.shares[0], 1e-9) if found.shares else 0.0
    keys, texts, languages = shelf.keys, shelf.rows.texts, shelf.rows.languages
    return [
        Match(
            keys[article],
            score,
            min(left * share, confidence) if place else confidence,
            texts[row],
            languages[row],
        )
        for place, (article, score, row, share) in enumerate(
            zip(found.articles, found.scores, found.phrasings, found.shares, strict=True)
        )
    ]
