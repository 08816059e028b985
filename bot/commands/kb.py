"""`frontdesk kb ...`: the knowledge base as files, samples, and how good it is."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.clock import system_clock
from bot.commands import trying
from bot.commands.learning import learn_unless_served
from bot.commands.shell import (
    BAD_INPUT,
    AsJson,
    FileProblem,
    as_records,
    bot_settings,
    emit,
    fail,
    read_file,
    refuse_file,
    tell_problems,
    with_store,
    write_file,
)
from crm_store import articles as stored
from crm_store import publishing
from crm_store.articles import ArticleDraft, StoredArticle
from crm_store.engine import Store
from knowledge_base import exchange, exchange_markdown
from knowledge_base.articles import Article
from knowledge_base.drafts import Parsed, Problem

app = typer.Typer(no_args_is_help=True, help="The knowledge base: import, export, list, samples, evaluate.")
BY = "command line"
SAMPLES = ("payments", "shop")
PAGE = stored.MAX_PAGE


def _parse(path: Path, answer: str | None) -> Parsed:
    if path.is_dir() and path.suffix not in exchange.FORMATS:
        found = sorted(each for each in path.rglob("*.md") if each.is_file())
        files = {each.relative_to(path).as_posix(): read_file(each) for each in found}
        return exchange_markdown.parse_folder(files, default_answer=answer)
    try:
        return exchange.parse(read_file(path), path.suffix, default_answer=answer)
    except exchange.UnknownFormat as error:
        fail(str(error), BAD_INPUT)


def _problems(problems: Iterable[Problem]) -> list[FileProblem]:
    return [(problem.line, problem.text) for problem in problems]


def parsed_file(path: Path, answer: str | None, as_json: bool) -> Parsed:
    """What the file holds; ends the command when any row is bad."""
    parsed = _parse(path, answer)
    if parsed.problems:
        refuse_file(path, _problems(parsed.problems), as_json)
    return parsed


def articles_of(path: Path, as_json: bool) -> tuple[Article, ...]:
    """The articles of a file that is only learned from, so that answers may be missing."""
    return parsed_file(path, "{article}", as_json).articles


def publish(articles: tuple[Article, ...], *, replace: bool, summary: str) -> publishing.Published:
    """The articles put into the store, all or nothing, and learned where no server does that."""
    wrong_budget = bot_settings().wrong_budget

    async def work(store: Store) -> publishing.Published:
        drafts = [ArticleDraft(**asdict(article)) for article in articles]
        async with store.write() as session:
            done = await publishing.publish(
                session, drafts, by=BY, now=system_clock(), replace=replace, summary=summary
            )
        await learn_unless_served(store, system_clock, wrong_budget)
        return done

    return with_store(work)


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV (text,article[,answer,language,tags]), JSON Lines, YAML, or a folder of .md."
        ),
    ],
    answer: Annotated[
        str | None, typer.Option(help='Answer for articles without one, such as "About {article}: ...".')
    ] = None,
    replace: Annotated[bool, typer.Option(help="Remove articles that are not in the file.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Only check the file.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check FILE and publish its articles: all of them, or none and every bad row by its line."""
    parsed = parsed_file(file, answer, as_json)
    articles, notes = parsed.articles, _problems(parsed.notes)
    phrasings = sum(len(article.phrasings) for article in articles)
    result: dict[str, Any] = {"articles": len(articles), "phrasings": phrasings}
    if dry_run:
        told = f"{file} is sound: {len(articles)} articles with {phrasings} phrasings. Nothing was changed."
    else:
        done = publish(articles, replace=replace, summary=f"import of {file.name}")
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
    found: list[StoredArticle] = []
    async with store.read() as session:
        while some := await stored.page(session, after_id=found[-1].id if found else 0, limit=PAGE):
            found += some
    return [article.draft for article in found]


@app.command("export")
def export(
    file: Annotated[
        Path,
        typer.Argument(
            help="Where to; .csv, .jsonl or .yaml says the format, a name without any a folder of .md."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Write all articles to FILE; importing it again changes nothing."""
    if not file.suffix:
        _export_folder(file, as_json)
        return
    try:
        exchange.render((), file.suffix)
    except exchange.UnknownFormat as error:
        fail(str(error), BAD_INPUT)
    articles = [Article(**asdict(draft)) for draft in with_store(_everything)]
    write_file(file, exchange.render(articles, file.suffix))
    emit(
        {"articles": len(articles), "file": file},
        as_json,
        lambda: [f"{len(articles)} articles written to {file}."],
    )


def _export_folder(folder: Path, as_json: bool) -> None:
    """A file for each article, into a folder that is new or empty: a leftover would be imported again."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        fail(f"{folder} is not an empty folder; name a new one", BAD_INPUT)
    articles = [Article(**asdict(draft)) for draft in with_store(_everything)]
    for path, data in exchange_markdown.render_folder(articles).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        write_file(file, data)
    told = f"{len(articles)} articles written into {folder}."
    emit({"articles": len(articles), "folder": folder}, as_json, lambda: [told])


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
    as_json: AsJson = False,
) -> None:
    """Publish a sample knowledge base, in English and Chinese."""
    if name not in SAMPLES:
        fail(f"there is no sample '{name}'; take one of {', '.join(SAMPLES)}", BAD_INPUT)
    done = publish(load_samples(name), replace=False, summary=f"sample {name}")
    emit(asdict(done), as_json, lambda: [f"The sample '{name}' is live: {done.added} new articles."])


def load_samples(name: str) -> tuple[Article, ...]:
    """Both languages of a sample."""
    from knowledge_base.samples import load_sample

    return (*load_sample(f"{name}_en"), *load_sample(f"{name}_zh"))


@app.command("evaluate")
def evaluate_(
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
    plot: Annotated[
        Path | None, typer.Option(help="Write the curves of confidence to this SVG file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Learn from --articles alone (and --log, if that helps), and measure on --questions."""
    from knowledge_base import evaluation
    from knowledge_base.index import build_index
    from knowledge_base.plotting import draw
    from knowledge_base.resplits import evaluate_resplits

    learned = articles_of(articles, as_json)
    asked = _questions(questions, articles, learned, as_json)
    told = _log(log, learned, asked, as_json)
    index = build_index(learned, wrong_budget=wrong_budget, titles=titles, log=told)
    result: dict[str, Any] = asdict(evaluation.evaluate_index(index, asked))
    if log is not None:
        result["log"] = {"texts": len(told), "learned_from": index.learned_from_log}
    if plot is not None:
        write_file(plot, draw(evaluation.outcomes_of(index, asked).curves(), wrong_budget).encode())
    if resplits:
        figures = evaluate_resplits(learned, asked, wrong_budget, titles=titles, log=told, count=resplits)
        result["resplits"] = {name: asdict(figure) for name, figure in figures.items()}
    emit(result, as_json, lambda: list(_lines(result)))


def _log(
    path: Path | None, learned: tuple[Article, ...], asked: Iterable[tuple[str, str]], as_json: bool
) -> list[str]:
    """The log's texts without any phrasing and question: a log that held these would measure nothing."""
    if path is None:
        return []
    from knowledge_base.exchange import decode
    from knowledge_base.logs import read_log, without

    text, unreadable = decode(read_file(path))
    if unreadable is not None:
        refuse_file(path, _problems([unreadable]), as_json)
    phrasings = [text for article in learned for text in (article.question, *article.phrasings)]
    return without(read_log(text), [*phrasings, *(question for question, _ in asked)])


def _questions(
    path: Path, articles: Path, learned: tuple[Article, ...], as_json: bool
) -> tuple[tuple[str, str], ...]:
    """The questions of the file; ends the command when one is bad or means an article that there is not."""
    from knowledge_base import evaluation

    asked = evaluation.read_questions(read_file(path))
    if asked.problems:
        refuse_file(path, _problems(asked.problems), as_json)
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
        if name != "resplits":
            yield f"{name:24} {_figure(value)}"
    for name, figure in result.get("resplits", {}).items():
        told = f"{figure['mean']:.4f}   (90 % interval {figure['low']:.4f} to {figure['high']:.4f})"
        yield f"resplits {name:24} {told}"


def _figure(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {number:.3f}" for name, number in value.items())
    return "-" if value is None else str(value)


app.command("try")(trying.try_)
