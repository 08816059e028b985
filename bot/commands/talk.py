"""`frontdesk ask`: what the knowledge base makes of a question."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.clock import system_clock
from bot.commands.article_files import articles_of
from bot.commands.learning import live_index
from bot.commands.shell import FAILED, AsJson, bot_settings, emit, fail, rules, store_settings, with_store
from bot.commands.why import told
from bot.edition import Edition, by_key
from bot.learning import denied_of, policy_of
from bot.sense import is_asked
from bot.small_talk import small_talk
from bot.understanding import wants_person
from crm_store import answer_taps, wrong_answers
from crm_store.engine import Store
from knowledge_base.disputed import disputed_of
from knowledge_base.index import build_index
from knowledge_base.matches import Decision
from knowledge_base.standing import listed_only
from knowledge_base.variants import Reader


def ask(
    question: Annotated[str, typer.Argument(help="In the customer's own words.")],
    kb: Annotated[Path | None, typer.Option(help="Ask this file instead of the store.")] = None,
    why: Annotated[
        bool, typer.Option("--why", help="Show what spoke for the answer and against the next.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask the knowledge base: it answers, offers a list, or says that it does not know (exit status 1)."""
    if kb:
        articles = articles_of(kb, as_json)
        edition = Edition(-1, build_index(articles, policy_of(store_settings())), by_key(articles))
    else:
        edition = with_store(_live_edition)
    if not edition.articles:
        fail("the knowledge base is empty; try 'frontdesk kb sample shop' or 'frontdesk kb import FILE'")
    [decided] = edition.decide_many([question])
    offer = edition.offer(decided, Reader("", question))
    decision = offer.decision
    matched = list(zip(decision.matches, offer.articles, strict=True))
    beside = _beside(question, decided)
    result: dict[str, Any] = {
        "beside": beside,
        "decision": decision.kind,
        "confidence": decision.confidence,
        "reason": decision.reason,
        "answer": matched[0][1].answer if decision.kind == "answer" else None,
        "matches": [asdict(match) | {"question": article.question} for match, article in matched],
    }
    explanation = edition.index.explain(question).of(decision) if why else None
    reasons: list[str] = []
    if explanation is not None:
        result["why"] = asdict(explanation)
        reasons = ["", *told(explanation)]
    emit(result, as_json, lambda: [*_told(result), *reasons])
    if decision.kind == "unknown" and beside is None:
        raise typer.Exit(FAILED)


def _beside(question: str, decided: Decision) -> str | None:
    """What the bot hears in it without asking the knowledge base: "person", "small_talk", or None."""
    if wants_person(question.strip()):
        return "person"
    talk = small_talk(question)
    return "small_talk" if talk is not None and not is_asked(talk, decided) else None


async def _live_edition(store: Store) -> Edition:
    """What a bot that starts now answers with."""
    articles, index = await live_index(store, system_clock(), policy_of(await rules(store)))
    async with store.read() as session:
        disputed = disputed_of(list(map(denied_of, await wrong_answers.confirmed(session))), index)
        doubted = listed_only(await answer_taps.taps(session))
    return Edition(-1, index, by_key(articles), listed_only=doubted, disputed=disputed)


def _told(result: dict[str, Any]) -> list[str]:
    matches = [f"  {m['confidence']:.2f}  {m['question']}  [{m['article_key']}]" for m in result["matches"]]
    head = {
        "answer": [result["answer"] or "", ""],
        "suggest": ["Did you mean one of these?"],
        "unknown": ["I don't know; a customer would be asked to rephrase, then get a person."],
        "person": ["A wish for a person: the bot fetches one. The knowledge base, which is not asked, has:"],
        "small_talk": ["Small talk: the bot replies by itself. The knowledge base, which is not asked, has:"],
    }[result["beside"] or result["decision"]]
    return [*head, *matches, f"({result['decision']} at {result['confidence']:.2f}: {result['reason']})"]


def chat(
    name: Annotated[str | None, typer.Option(help="Who you are, as a customer.")] = None,
    language: Annotated[str | None, typer.Option(help="en or zh; default by what you write.")] = None,
) -> None:
    """Talk to the bot in this terminal, as a customer; a number presses a button, Ctrl-D ends."""
    from bot.commands.terminal_chat import run

    async def talk(store: Store) -> None:
        await run(store, bot_settings(), await rules(store), name=name, language=language)

    with_store(talk)
