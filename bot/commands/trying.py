"""`frontdesk kb try`: what a file of articles would change for questions customers really asked."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.clock import system_clock
from bot.commands.article_files import parsed_file
from bot.commands.learning import live_index
from bot.commands.shell import AsJson, emit, rules, with_store
from bot.learning import policy_of
from crm_store import asked, question_labels
from crm_store.engine import Store
from knowledge_base.articles import Article, is_live
from knowledge_base.drafts import settled
from knowledge_base.index import KnowledgeIndex
from knowledge_base.trial import Effect, GoldQuestion, Trial, build_pair, compare, worst_first

SHOWN = 20
EFFECTS: dict[Effect, str] = {
    "newly_answered": "newly answered",
    "newly_listed": "newly offered in a list",
    "changed": "answered otherwise",
    "no_longer_listed": "no longer offered",
    "lost": "lost",
}
REGRESSED = 1

History = tuple[tuple[Article, ...], KnowledgeIndex, list[str], list[GoldQuestion]]


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
    parsed = parsed_file(file, answer, as_json)

    async def read(store: Store) -> History:
        present, index = await live_index(store, system_clock(), policy_of(await rules(store)))
        async with store.read() as session:
            questions = [each.text for each in await asked.recent(session, replay)] if replay else []
            known = await question_labels.gold(session)
        return (
            present,
            index,
            questions,
            [GoldQuestion(e.question, e.article_key, e.agrees) for e in known],
        )

    present, index, questions, gold = with_store(read)
    changed = parsed.articles if replace else settled(parsed, present)
    before, after = build_pair(present, _proposed(present, changed, replace), index)
    trial = compare(before.decide_many, after.decide_many, questions, gold)
    emit(_record(trial), as_json, lambda: _told(trial))
    if trial.regressions:
        raise typer.Exit(REGRESSED)


def _proposed(present: Sequence[Article], changed: Sequence[Article], replace: bool) -> list[Article]:
    found = {} if replace else {(article.key, article.language): article for article in present}
    found |= {(article.key, article.language): article for article in changed}
    now = system_clock()
    return [article for article in found.values() if is_live(article, now)]


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
    return lines
