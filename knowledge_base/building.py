"""From articles to shelves: which text belongs to which script, what is learned from it."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from knowledge_base.articles import Article
from knowledge_base.background import everyday_questions, in_script, is_told_of
from knowledge_base.blocks import Reading, read
from knowledge_base.calibrating import calibrate
from knowledge_base.calibration import Calibration, Thresholds
from knowledge_base.evidence import ASKED, Evidence, Material, gather
from knowledge_base.examples import Example, Examples, examples_by_script
from knowledge_base.features import FeatureSpace, FloatArray
from knowledge_base.fitting import fit_space, rows_of
from knowledge_base.hearsay import heard
from knowledge_base.logs import Said
from knowledge_base.policy import Policy
from knowledge_base.question_language import language_in, read_in
from knowledge_base.self_training import MOST_TEXTS
from knowledge_base.shared_words import SharedWords, words_for
from knowledge_base.shelf import PhrasingRows, Shelf, exact_key
from knowledge_base.short import expected_share
from knowledge_base.text import Script, normalise
from knowledge_base.training import SHARPNESS, method_for
from knowledge_base.usual import coefficients

# A background text this close to a phrasing is about the business after all.
_ABOUT_THE_BUSINESS = 0.5
# A calibration still fits a knowledge base that has grown or shrunk by less than this factor.
_LIKE_SIZE = 1.25
# With a log, no less than this share of what was answered alone before may be: so few phrasings promise little surely.
_AS_MANY = 0.5


@dataclass(frozen=True, slots=True)
class Plan:
    """How to build; what each means is told at `index.build_index`."""

    policy: Policy
    background: tuple[str, ...]
    titles: bool
    out_of_scope: float | None
    gather_evidence: bool
    log: tuple[Said, ...]
    previous: Mapping[Script, Thresholds]
    seed: int


def build_shelves(articles: Sequence[Article], plan: Plan) -> dict[Script, Shelf]:
    """A shelf for each script that any text of the articles is written in."""
    import sklearn.linear_model  # noqa: F401 (libraries loaded after the limit is set would not obey it)

    outside = [*plan.background, *everyday_questions()]
    # One thread: with two and a busy neighbour, small fits took 20 times as long (64 s instead of 2.8 s of CPU
    # for 90 articles), because the linear algebra library's threads spin while they wait for each other.
    with threadpool_limits(1):
        return {
            script: _build_shelf(examples, script, in_script(outside, script), plan)
            for script, examples in examples_by_script(articles, plan.titles).items()
        }


def _build_shelf(examples: Examples, script: Script, outside: Sequence[str], plan: Plan) -> Shelf:
    material = material_of(examples, script, outside, partial(words_for, semantic=plan.policy.semantic))
    if not plan.gather_evidence:
        return shelf_of(
            examples, material, _calibration(material, plan.previous.get(script), plan), plan.seed
        )
    proven = _proven(material, plan)
    log = _drawn([said for said in plan.log if in_script([said.text], script)], plan.seed)
    if log and material.method == "multinomial":
        strange = material.readings[len(examples.items) + len(examples.told) :]
        logged = _proven(_with_log(examples, material, strange, log), plan)
        if is_better(logged, proven):
            proven = logged
    return shelf_of(examples, proven.material, proven.calibration, plan.seed)


def _drawn(log: Sequence[Said], seed: int) -> list[Said]:
    """As much of the log as is looked at, from all of it."""
    places = np.random.default_rng(seed).permutation(len(log))[:MOST_TEXTS]
    return [log[place] for place in places.tolist()]


@dataclass(frozen=True, slots=True)
class Proven:
    """What is learned from, what that is worth on phrasings held out, and the calibration that follows."""

    material: Material
    evidence: Evidence
    calibration: Calibration


def _proven(material: Material, plan: Plan) -> Proven:
    evidence = gather(material, plan.seed)
    return Proven(
        material,
        evidence,
        calibrate(
            evidence, material.size, plan.policy.wrong_budget, _strangers(material, plan), usual_of(material)
        ),
    )


def usual_of(material: Material) -> Mapping[str, Any]:
    """What other knowledge bases tell of confidence in features of this kind."""
    shared = material.space.shared
    if not is_told_of(material.space.language):
        return coefficients("nothing")
    return coefficients("words" if shared is None or shared.vectors is None else "meanings")


def is_better(logged: Proven, plain: Proven) -> bool:
    """Whether the log makes more of the phrasings held out right, beyond half a standard error, and answers as before.

    Both asked the same phrasings in the same order.
    """
    asked = plain.evidence.kinds == ASKED
    after, before = logged.evidence.first_right[asked], plain.evidence.first_right[asked]
    won, lost = int((after & ~before).sum()), int((before & ~after).sum())
    answers = logged.calibration.promise.answered >= _AS_MANY * plain.calibration.promise.answered
    return answers and won - lost > 0.5 * math.sqrt(won + lost)


def _calibration(material: Material, previous: Thresholds | None, plan: Plan) -> Calibration:
    """Without evidence: that of a previous model of like size, else the usual one."""
    if previous is not None and previous.calibration.promise.budget == plan.policy.wrong_budget:
        growth = len(material.phrasings.texts) / max(previous.texts, 1)
        if 1 / _LIKE_SIZE <= growth <= _LIKE_SIZE and previous.sharpness == SHARPNESS[material.method]:
            return previous.calibration
    return calibrate(
        None, material.size, plan.policy.wrong_budget, _strangers(material, plan), usual_of(material)
    )


def _strangers(material: Material, plan: Plan) -> float:
    """The share of the questions expected that no article answers."""
    return expected_share(material.size.articles) if plan.out_of_scope is None else plan.out_of_scope


def material_of(
    examples: Examples,
    script: Script,
    outside: Sequence[str],
    shared_for: Callable[[str], SharedWords | None] = words_for,
    told_of: Callable[[str], bool] = is_told_of,
) -> Material:
    """What the model of the examples learns from; `outside`: texts that no article answers.

    Where phrasings are many, they say more of their words than other knowledge bases' do. In a language that is not
    `told_of`, what is `outside` is too easily told apart to be evidence.
    """
    from scipy.sparse import vstack

    method = method_for(np.array([item.label for item in examples.items]))
    few = script == "alphabetic" and method == "multinomial"
    shared = shared_for(examples.language) if few else None
    taught = (*examples.items, *examples.told)
    space, rows = fit_space(
        [item.text for item in taught], script, examples.language, shared, examples.languages
    )
    own_rows = rows[: len(examples.items)]
    strange, strange_rows = _background(space, own_rows, outside)
    labels, readings = _beside(taught, strange, len(examples.keys), examples.languages)
    return Material(
        space=space,
        rows=vstack([rows, strange_rows]).tocsr(),
        labels=labels,
        phrasings=_phrasing_rows(space, examples, own_rows),
        readings=readings,
        asked=np.array(
            [not (item.is_title or item.is_told) for item in taught]
            + [told_of(examples.language)] * len(strange),
            bool,
        ),
        method=method,
        told=np.array([item.is_told for item in taught] + [False] * len(strange), bool),
    )


def _beside(
    taught: Sequence[Example], strange: Sequence[Reading], nobodys: int, languages: Sequence[str]
) -> tuple[NDArray[np.int64], list[Reading]]:
    """Labels and readings of what is taught and, after it, of what is `nobodys`."""
    labels = [item.label for item in taught] + [nobodys] * len(strange)
    readings = [read(item.text, language) for item, language in zip(taught, languages, strict=True)]
    return np.array(labels, np.int64), [*readings, *strange]


def _with_log(
    examples: Examples, plain: Material, strange: Sequence[Reading], log: Sequence[Said]
) -> Material:
    """The material with a log beside it: words that several people used there are known, no text of it is shown."""
    from scipy.sparse import vstack

    taught = [item.text for item in (*examples.items, *examples.told)]
    texts = [*taught, *(said.text for said in log)]
    logged = [language_in(plain.space, normalise(said.text)) for said in log]
    languages = [*examples.languages, *logged]
    space, rows = fit_space(texts, plain.space.script, examples.language, plain.space.shared, languages)
    known = heard(space, rows, len(taught), [said.askers for said in log])
    space, rows = known.space, known.rows
    return replace(
        plain,
        space=space,
        rows=vstack([rows[: len(taught)], rows_of(space, strange)]).tocsr(),
        phrasings=_phrasing_rows(space, examples, rows[: len(examples.items)]),
        log_rows=rows[len(taught) :],
        common=known.common,
        common_words=known.words,
    )


def shelf_of(examples: Examples, material: Material, calibration: Calibration, seed: int) -> Shelf:
    """The shelf that the material makes."""
    shelf = Shelf(
        keys=examples.keys,
        space=material.space,
        model=material.model_of(np.arange(len(material.labels)), seed),
        rows=material.phrasings,
        exact=_exact(examples, material.readings),
        sharpness=SHARPNESS[material.method],
        calibration=calibration,
        learned_from_log=0 if material.log_rows is None else material.log_rows.shape[0],
        cautious=_cautious(material, calibration.promise.budget),
    )
    shelf.warm()
    return shelf


def _cautious(material: Material, budget: float) -> Calibration | None:
    """What questions in the other languages need, where nothing is known of one of these but of the usual one."""
    space = material.space
    if not is_told_of(space.language) or all(map(is_told_of, space.others)):
        return None
    return calibrate(None, material.size, budget, 0.0, coefficients("nothing"))


def _background(space: FeatureSpace, own_rows: Any, outside: Sequence[str]) -> tuple[list[Reading], Any]:
    """The background's readings and rows, without what comes close to a phrasing."""
    readings = [read_in(space, text) for text in outside]
    rows = rows_of(space, readings)
    closest: FloatArray = np.zeros(len(readings), np.float32)
    if len(readings):
        closest = (rows @ own_rows.T).max(axis=1).toarray().ravel()
    kept = np.flatnonzero(closest < _ABOUT_THE_BUSINESS)
    return [readings[position] for position in kept.tolist()], rows[kept]


def _phrasing_rows(space: FeatureSpace, examples: Examples, rows: Any) -> PhrasingRows:
    compared = [fitted for fitted in space.blocks if fitted.block.name in ("words", "pairs")]
    size = sum(len(fitted.vocabulary) for fitted in compared)
    words = rows[:, :size]
    labels = np.array([item.label for item in examples.items])
    return PhrasingRows(
        texts=tuple(item.text for item in examples.items),
        languages=tuple(item.language for item in examples.items),
        starts=np.searchsorted(labels, np.arange(len(examples.keys) + 1)).astype(np.int64),
        indptr=words.indptr.astype(np.int32),
        ids=words.indices.astype(np.int32),
        weights=words.data.astype(np.float32),
        size=size,
        share=sum(fitted.block.share for fitted in compared),
    )


def _exact(examples: Examples, readings: Sequence[Reading]) -> dict[str, tuple[int, ...]]:
    """Each phrasing's stems with the articles that hold it: more than one is ambiguous."""
    owners: dict[str, set[int]] = defaultdict(set)
    for item, reading in zip(examples.items, readings, strict=False):
        owners[exact_key(reading)].add(item.label)
    return {key: tuple(sorted(labels)) for key, labels in owners.items()}
