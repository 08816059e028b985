"""How content customers are, by agent, over time and by aspect: the store's rows made into estimates. Pure."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean
from typing import Literal, TypeVar

from admin_api.schemas.reports import (
    AgentSatisfaction,
    AspectSatisfaction,
    EstimateShown,
    PeriodSatisfaction,
    SatisfactionReport,
)
from admin_api.scoring.estimates import CONFIDENCE, VERSION, Estimate, estimate, pull, spread
from crm_store.reports import AskedRating
from crm_store.stars import weighted_mean

Period = Literal["day", "week", "month"]
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Rules:
    """What an owner sets: the weight of each aspect, and how far few ratings are drawn towards the team's mean."""

    weights: Mapping[str, float]
    shrinkage: float


def overall(rows: Sequence[AskedRating], rules: Rules) -> float | None:
    """The mean of all weighted means; None where nobody rated."""
    means = [weighted_mean(row.scores, rules.weights) for row in rows]
    given = [mean for mean in means if mean is not None]
    return fmean(given) if given else None


def satisfaction_report(
    rows: Sequence[AskedRating], names: Mapping[int, str], rules: Rules, period: Period
) -> SatisfactionReport:
    """Everything of a span; agents by name, periods in order, aspects in the order of their weights."""
    means = {row.request_id: weighted_mean(row.scores, rules.weights) for row in rows}
    given = [mean for mean in means.values() if mean is not None]
    scatter = spread(given)
    middle = overall(rows, rules)

    def parts(groups: Mapping[Key, Sequence[AskedRating]]) -> dict[Key, EstimateShown]:
        found = {
            key: [mean for row in some if (mean := means[row.request_id]) is not None]
            for key, some in groups.items()
        }
        drawn = pull(middle or 0.0, rules.shrinkage, [len(some) for some in found.values()])
        return {
            key: shown(estimate(some, asked=len(groups[key]), spread=scatter, pull=drawn))
            for key, some in found.items()
        }

    agents = parts(_grouped(rows, lambda row: row.agent_id))
    periods = parts(_grouped(rows, lambda row: begin(row.asked_at.date(), period)))
    return SatisfactionReport(
        version=VERSION,
        weights=dict(rules.weights),
        shrinkage=rules.shrinkage,
        confidence=CONFIDENCE,
        spread=scatter,
        team=shown(estimate(given, asked=len(rows), spread=scatter)),
        agents=_by_name(agents, names),
        period=period,
        periods=[
            PeriodSatisfaction(begins_on=day.isoformat(), **told.model_dump())
            for day, told in sorted(periods.items())
        ],
        aspects=_aspects(rows, rules),
    )


def _by_name(agents: Mapping[int | None, EstimateShown], names: Mapping[int, str]) -> list[AgentSatisfaction]:
    found = [
        AgentSatisfaction(agent_id=number, name=names.get(number or 0), **told.model_dump())
        for number, told in agents.items()
    ]
    return sorted(found, key=lambda one: (one.name is None, one.name or ""))


def shown(found: Estimate) -> EstimateShown:
    """The estimate as the API tells it."""
    return EstimateShown.model_validate(found)


def _grouped(rows: Sequence[AskedRating], key: Callable[[AskedRating], Key]) -> dict[Key, list[AskedRating]]:
    found: dict[Key, list[AskedRating]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def begin(day: date, period: Period) -> date:
    """The first day of the period this day is in; weeks begin on Mondays."""
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day


def _aspects(rows: Sequence[AskedRating], rules: Rules) -> list[AspectSatisfaction]:
    """Each aspect alone that was asked for, as it was given: there is no team it could be drawn to."""
    asked = Counter(name for row in rows for name in row.asked_for)
    found = []
    for aspect in sorted(asked, key=lambda name: (*_place(name, rules), name)):
        given = [row.scores[aspect] for row in rows if aspect in row.scores]
        told = shown(estimate(given, asked=asked[aspect], spread=spread(given))).model_dump()
        found.append(AspectSatisfaction(aspect=aspect, weight=rules.weights.get(aspect, 1.0), **told))
    return found


def _place(aspect: str, rules: Rules) -> tuple[bool, int]:
    """Where it stands among the weights; behind them what has none any more."""
    known = list(rules.weights)
    return aspect not in rules.weights, known.index(aspect) if aspect in rules.weights else 0
