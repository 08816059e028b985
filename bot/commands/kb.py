"""`frontdesk kb ...`: the knowledge base as files, samples, and how good it is."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.clock import system_clock
from bot.commands import evaluating, kb_export, trying
from bot.commands.article_files import handed_in, opened, problems_of, with_files_checked
from bot.commands.learning import learn_unless_served
from bot.commands.shell import (
    BAD_INPUT,
    AsJson,
    as_records,
    emit,
    fail,
    rules,
    tell_problems,
    with_store,
)
from bot.learning import policy_of
from crm_store import articles as stored
from crm_store import audit, publishing
from crm_store.articles import ArticleDraft
from crm_store.changes import Change
from crm_store.engine import Store
from knowledge_base.articles import Article
from knowledge_base.trial import Trial

app = typer.Typer(no_args_is_help=True, help="The knowledge base: import, export, list, samples, evaluate.")
BY = "command line"
SAMPLES = ("payments", "shop")
SHORTEST_REASON, LONGEST_REASON = 3, 200


def _checked_reason(text: str | None) -> str | None:
    if text is not None and not SHORTEST_REASON <= len(text.strip()) <= LONGEST_REASON:
        raise typer.BadParameter(f"write {SHORTEST_REASON} to {LONGEST_REASON} characters")
    return text and text.strip()


Reason = Annotated[
    str | None,
    typer.Option(
        callback=_checked_reason,
        help="Publish although questions with a known answer would become wrong; kept in the audit.",
    ),
]


def publish(change: Change, *, summary: str, reason: str | None, as_json: bool) -> publishing.Published:
    """The change's articles put into the store, all or nothing, and learned where no server does that.

    Ends the command where a question with a known answer would become wrong, unless there is a reason for it.
    """

    async def work(store: Store) -> publishing.Published | Trial:
        trial = await trying.guard(store, change)
        if trial is not None and not reason:
            return trial
        async with store.write() as session:
            done = await publishing.publish(
                session,
                change.put,
                by=BY,
                now=system_clock(),
                replace=change.replace,
                summary=summary,
                silent=change.silent,
            )
            await audit.record(
                session,
                actor=BY,
                action="articles.import_file",
                subject=f"publication:{done.publication_id}",
                now=system_clock(),
                detail={"articles": len(change.put), "forced": reason if trial else None},
            )
        await learn_unless_served(store, system_clock, policy_of(await rules(store)))
        return done

    found = with_store(work)
    if isinstance(found, Trial):
        trying.refuse(found, as_json)
    return found


_FORMATS = "CSV (text,article[,answer,language,tags]), JSON Lines, YAML, or a folder of .md or a ZIP of one."


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help=_FORMATS)],
    answer: Annotated[
        str | None, typer.Option(help='Answer for articles without one, such as "About {article}: ...".')
    ] = None,
    replace: Annotated[bool, typer.Option(help="Remove articles that are not in the file.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Only check the file.")] = False,
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Check FILE and publish its articles: all of them, or none and every bad row by its line.

    Of an article that is there already, what FILE has no column or field for stays as it is; an empty one clears it.

    Ends with status 1, and nothing published, when a question with a known answer would become wrong.
    """
    source = opened(file, answer, as_json)
    parsed = with_files_checked(source, as_json)
    checked, articles = trying.placed(file, parsed, replace, as_json)
    notes = problems_of(checked.notes)
    phrasings = sum(len(article.phrasings) for article in articles)
    result: dict[str, Any] = {"articles": len(articles), "phrasings": phrasings}
    if dry_run:
        told = f"{file} is sound: {len(articles)} articles with {phrasings} phrasings. Nothing was changed."
    else:
        articles = handed_in(source, articles)
        change = trying.change_of(parsed, articles, replace)
        done = publish(change, summary=f"import of {file.name}", reason=reason, as_json=as_json)
        result = {"imported": len(articles), **result, **asdict(done)}
        told = (
            f"{len(articles)} articles with {phrasings} phrasings: {done.added} new, {done.changed} changed, "
            f"{done.removed} removed. A running bot takes them up without a restart."
        )
    if not as_json:
        tell_problems(file, [(line, f"note: {text}") for line, text in notes])
    emit({**result, "problems": [], "notes": as_records(notes)}, as_json, lambda: [told])


async def _everything(store: Store) -> list[ArticleDraft]:
    """All articles, the disabled and those out of date too."""
    async with store.read() as session:
        return await stored.everything(session)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """The articles with their languages and numbers of phrasings."""
    rows = [
        {
            "key": d.key,
            "language": d.language,
            "question": d.question,
            "phrasings": len(d.phrasings),
            "enabled": d.enabled,
        }
        for d in with_store(_everything)
    ]
    emit(rows, as_json, lambda: [_line(row) for row in rows] or ["There are no articles yet."])


def _line(row: dict[str, Any]) -> str:
    off = "" if row["enabled"] else "  (disabled)"
    return f"{row['key']:32} {row['language']:3} {row['phrasings']:5}  {row['question']}{off}"


@app.command("sample")
def sample(
    name: Annotated[str, typer.Argument(help="payments or shop.")],
    reason: Reason = None,
    as_json: AsJson = False,
) -> None:
    """Publish a sample knowledge base, in English and Chinese."""
    if name not in SAMPLES:
        fail(f"there is no sample '{name}'; take one of {', '.join(SAMPLES)}", BAD_INPUT)
    change = Change([ArticleDraft(**asdict(article)) for article in load_samples(name)])
    done = publish(change, summary=f"sample {name}", reason=reason, as_json=as_json)
    emit(asdict(done), as_json, lambda: [f"The sample '{name}' is live: {done.added} new articles."])


def load_samples(name: str) -> tuple[Article, ...]:
    """Both languages of a sample."""
    from knowledge_base.samples import load_sample

    return (*load_sample(f"{name}_en"), *load_sample(f"{name}_zh"))


app.command("export")(kb_export.export)
app.command("evaluate")(evaluating.evaluate)
app.command("try")(trying.try_)
