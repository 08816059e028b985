"""`frontdesk kb try`: what a file of articles would change for questions customers really asked."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from bot.clock import system_clock
from bot.commands.article_files import opened, problems_of
from bot.commands.learning import live_index
from bot.commands.shell import AsJson, emit, fail, print_json, refuse_file, rules, with_store
from bot.learning import policy_of
from bot.trials import tried_on
from crm_store import articles as stored
from crm_store import asked, askers, question_labels
from crm_store.articles import ArticleDraft
from crm_store.changes import Change, applied, weigh
from crm_store.engine import Store
from knowledge_base.articles import Article
from knowledge_base.drafts import Parsed, completed, settled
from knowledge_base.text import normalise
from knowledge_base.trial import Effect, Trial, gold_texts, reworded, told, worst_first

SHOWN = 20
EFFECTS: dict[Effect, str] = {
    "newly_answered": "newly answered",
    "newly_listed": "newly offered in a list",
    "changed": "answered otherwise",
    "no_longer_listed": "no longer offered",
    "lost": "lost",
}
REGRESSED = 1


def try_(
    file: Annotated[Path, typer.Argument(help="As for import: a file, or a folder of .md.")],
    answer: Annotated[str | None, typer.Option(help="Answer for articles without one.")] = None,
    replace: Annotated[
        bool, typer.Option(help="As if articles that are not in the file were removed.")
    ] = False,
    replay: Annotated[
        int, typer.Option(min=0, max=100_000, help="How many of the last questions to ask anew.")
    ] = 500,
    as_json: AsJson = False,
) -> None:
    """Ask the last real questions of the articles as they are and as FILE would make them; nothing is published.

    Ends with status 1 when a question with a known answer would become wrong.
    """
    parsed = opened(file, answer, as_json).parsed
    _, articles = placed(file, parsed, replace, as_json)
    change = change_of(parsed, articles, replace)
    trial = with_store(lambda store: run(store, change, replay=replay))
    emit(_record(trial), as_json, lambda: _told(trial))
    if trial.regressions:
        raise typer.Exit(REGRESSED)


def placed(file: Path, parsed: Parsed, replace: bool, as_json: bool) -> tuple[Parsed, tuple[Article, ...]]:
    """The file with notes of what the store says, too, and its articles, in the languages that they have there.

    Ends the command where one could not stand with what stays of it.
    """

    async def work(store: Store) -> tuple[Parsed, tuple[Article, ...]]:
        async with store.read() as session:
            present = await stored.everything(session)
        articles = parsed.articles if replace else settled(parsed, _articles(present))
        proposed = applied(present, change_of(parsed, articles, replace))
        return completed(parsed, articles, _articles(proposed)), articles

    checked, articles = with_store(work)
    if checked.problems:
        refuse_file(file, problems_of(checked.problems), as_json)
    return checked, articles


def _articles(drafts: Iterable[ArticleDraft]) -> list[Article]:
    return [Article(**asdict(draft)) for draft in drafts]


def change_of(parsed: Parsed, articles: Iterable[Article], replace: bool) -> Change:
    """The change that importing these articles of a file would be; what it says nothing of stays."""
    articles = list(articles)
    put = [ArticleDraft(**asdict(article)) for article in articles]
    return Change(put, replace=replace, silent=parsed.unsaid(articles))


async def run(store: Store, change: Change, *, replay: int) -> Trial:
    """What the change would do to the last `replay` questions and to the gold set."""
    now = system_clock()
    _, index = await live_index(store, now, policy_of(await rules(store)))
    async with store.read() as session:
        texts = [each.text for each in await asked.recent(session, replay)] if replay else []
        weighed = await weigh(session, change)
    trial = tried_on(weighed, index, texts, now=now)
    async with store.read() as session:
        words = await askers.shown(session, {text: normalise(text) for text in gold_texts(trial)})
    return reworded(trial, words)


async def guard(store: Store, change: Change) -> Trial | None:
    """The trial of a change that would make a known question wrong; None where it may pass."""
    async with store.read() as session:
        if not await question_labels.gold(session):
            return None
    trial = await run(store, change, replay=0)
    return trial if trial.regressions else None


def refuse(trial: Trial, as_json: bool) -> NoReturn:
    """End with what keeps the change from being published."""
    if as_json:
        wrong = [{**asdict(each.question), "message": told(each)} for each in trial.regressions]
        print_json({"imported": 0, "problems": [], "regressions": wrong})
    for each in trial.regressions[:SHOWN]:
        typer.echo(f"would become wrong: “{each.question.text}”: {told(each)}", err=True)
    fail(
        f"not published: {len(trial.regressions)} of {trial.gold} questions with a known answer would become wrong; "
        "change it, or say with --reason TEXT why it is published all the same",
        REGRESSED,
    )


def _record(trial: Trial) -> dict[str, Any]:
    return {**asdict(trial), **{effect: trial.count(effect) for effect in EFFECTS}}


def _told(trial: Trial) -> list[str]:
    lines = [f"{trial.replayed} real questions asked anew, {trial.same} are treated as before."]
    lines += [f"{words:26}{count}" for effect, words in EFFECTS.items() if (count := trial.count(effect))]
    lines += [
        f"  {EFFECTS[each.effect]}: “{each.text}”  {each.before or '-'} -> {each.after or '-'}"
        for each in worst_first(trial.differences)[:SHOWN]
    ]
    lines.append(
        f"{trial.gold} questions with a known answer: {trial.gold_right_before} right before, "
        f"{trial.gold_right_after} then."
    )
    lines += [
        f"  would become wrong: “{each.question.text}”  [{each.question.article_key}]"
        for each in trial.regressions[:SHOWN]
    ]
    lines += [
        f"  would leave a list: “{each.question.text}”  [{each.question.article_key}]"
        for each in trial.warnings[:SHOWN]
    ]
    return lines
