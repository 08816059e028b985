"""`frontdesk kb evaluate`: how good answers from a file of articles are."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands.article_files import articles_of, problems_of
from bot.commands.shell import AsJson, emit, need_word_vectors, read_file, refuse_file, write_file
from knowledge_base.articles import Article
from knowledge_base.policy import Policy


def evaluate(
    articles: Annotated[Path, typer.Option(help="What is learned from: CSV, JSON Lines or YAML.")],
    questions: Annotated[
        Path, typer.Option(help="What is asked: CSV text,article; an empty article: none answers.")
    ],
    wrong_budget: Annotated[
        float, typer.Option(min=0.0001, max=0.5, help="Share of answers that may err.")
    ] = 0.02,
    titles: Annotated[bool, typer.Option(help="Learn from the articles' titles as well.")] = True,
    resplits: Annotated[
        int, typer.Option(min=0, max=50, help="Also mix and deal both files out again so many times.")
    ] = 0,
    log: Annotated[
        Path | None, typer.Option(help="What customers asked, unlabelled: a text a line, or CSV with `text`.")
    ] = None,
    semantic: Annotated[
        bool, typer.Option("--semantic", help="With word vectors, as the extra frontdesk[semantic] has them.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(help="Write the curves of confidence to this SVG file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Learn from --articles alone (and --log, if that helps), and measure on --questions."""
    if semantic:
        need_word_vectors()
    policy = Policy(wrong_budget, semantic)
    learned = articles_of(articles, as_json)
    asked = _questions(questions, articles, learned, as_json)
    told = _log(log, learned, asked, as_json)
    result = _measured(learned, asked, policy, titles, told, plot)
    if log is None:
        del result["log"]
    if resplits:
        from knowledge_base.resplits import evaluate_resplits

        figures = evaluate_resplits(learned, asked, policy, titles=titles, log=told, count=resplits)
        result["resplits"] = {name: asdict(figure) for name, figure in figures.items()}
    emit(result, as_json, lambda: list(_lines(result)))


def _measured(
    articles: tuple[Article, ...],
    asked: tuple[tuple[str, str], ...],
    policy: Policy,
    titles: bool,
    log: list[str],
    plot: Path | None,
) -> dict[str, Any]:
    """The figures; the curves of confidence are drawn to `plot`."""
    from knowledge_base import evaluation
    from knowledge_base.index import build_index
    from knowledge_base.plotting import draw

    index = build_index(articles, policy, titles=titles, log=log)
    if plot is not None:
        curves = evaluation.outcomes_of(index, asked).curves()
        write_file(plot, draw(curves, policy.wrong_budget).encode())
    found = asdict(evaluation.evaluate_index(index, asked))
    promises = {
        script: asdict(shelf.calibration.promise) | {"caveats": list(shelf.calibration.promise.caveats)}
        for script, shelf in sorted(index.shelves.items())
    }
    return found | {
        "log": {"texts": len(log), "learned_from": index.learned_from_log},
        "promises": promises,
    }


def _log(
    path: Path | None, learned: tuple[Article, ...], asked: Iterable[tuple[str, str]], as_json: bool
) -> list[str]:
    """The log's texts without any phrasing and question: a log that held these would measure nothing."""
    if path is None:
        return []
    from knowledge_base.exchange import decode
    from knowledge_base.logs import no_log, read_log, without

    text, unreadable = decode(read_file(path))
    if unreadable is not None:
        refuse_file(path, problems_of([unreadable]), as_json)
    if no_log(text):
        told = (
            "This is a drawing, a page or data, not a log: give a text a line, or CSV with the column 'text'."
        )
        refuse_file(path, [(1, told)], as_json)
    phrasings = [text for article in learned for text in (article.question, *article.phrasings)]
    return without(read_log(text), [*phrasings, *(question for question, _ in asked)])


def _questions(
    path: Path, articles: Path, learned: tuple[Article, ...], as_json: bool
) -> tuple[tuple[str, str], ...]:
    """The questions of the file; ends the command when one is bad or means an article that there is not."""
    from knowledge_base import evaluation

    asked = evaluation.read_questions(read_file(path))
    if asked.problems:
        refuse_file(path, problems_of(asked.problems), as_json)
    known = {article.key for article in learned}
    unknown = [
        (
            line,
            f"{articles} has no article '{key}': correct the name, or leave it empty when none answers this.",
        )
        for line, (_, key) in zip(asked.lines, asked.items, strict=True)
        if key and key not in known
    ]
    if unknown:
        refuse_file(path, unknown, as_json)
    return asked.items


def _lines(result: dict[str, Any]) -> Iterable[str]:
    for name, value in result.items():
        if name not in ("resplits", "promises"):
            yield f"{name:24} {_figure(value)}"
    for name, figure in result.get("resplits", {}).items():
        told = f"{figure['mean']:.4f}   (90 % interval {figure['low']:.4f} to {figure['high']:.4f})"
        yield f"resplits {name:24} {told}"
    for script, promise in result["promises"].items():
        yield f"promised, {script:14} {_promised(promise)}"
        yield from (f"  note: {_CAVEATS[caveat].format(**promise)}" for caveat in promise["caveats"])


def _promised(promise: dict[str, Any]) -> str:
    if not promise["answered"]:
        return (
            f"not known: no phrasing held out was sure enough to be answered; budget {promise['budget']:.1%}"
        )
    return (
        f"{promise['wrong']:.1%} wrong ({promise['wrong_low']:.1%} to {promise['wrong_high']:.1%}) of "
        f"{promise['answered']:.0%} answered, budget {promise['budget']:.1%}"
    )


_CAVEATS: dict[str, str] = {
    "little_evidence": "little evidence: only {evidence_count} phrasings were held out, so that the interval rests "
    "mostly on other knowledge bases' experience and may be too narrow",
    "over_budget": "more answers are expected to be wrong than the budget allows",
}


def _figure(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {number:.3f}" for name, number in value.items())
    return "-" if value is None else str(value)
