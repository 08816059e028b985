"""Articles as JSON Lines and YAML, an object per article with the fields of `Article`."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

import yaml

from knowledge_base.articles import Article
from knowledge_base.drafts import Draft, Problem
from knowledge_base.moments import BadMoment, moment_of

TEXTS: Final = ("key", "question", "answer", "language", "category")
LISTS: Final = ("phrasings", "tags", "attachments")
MOMENTS: Final = ("valid_from", "valid_until")
FIELDS: Final = (
    "key",
    "question",
    "phrasings",
    "answer",
    "language",
    "tags",
    "category",
    "attachments",
    *MOMENTS,
    "enabled",
)

Records = Iterator[tuple[int, Any]]


def read_json_lines(text: str) -> tuple[list[Draft], list[Problem]]:
    """A draft per line that isn't blank."""
    records: list[tuple[int, Any]] = []
    problems = []
    # str.splitlines would also cut at U+2028 and the like, which JSON strings may hold.
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        try:
            records.append((line, json.loads(content)))
        except (json.JSONDecodeError, RecursionError) as error:
            problems.append(Problem(line, f"This line is no JSON ({error}): write one object per line."))
    return _drafts(records, problems)


def read_yaml(text: str) -> tuple[list[Draft], list[Problem]]:
    """A draft per entry of the list."""
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if not isinstance(root, yaml.SequenceNode):
            return [], [Problem(1, "The file is no list: begin each article with '- key: …'.")]
        records = [(node.start_mark.line + 1, _constructed(node)) for node in root.value]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        what = getattr(error, "problem", None) or str(error)
        return [], [
            Problem(line, f"This is no YAML ({what}): check indentation, and quote texts with a colon.")
        ]
    finally:
        loader.dispose()
    return _drafts(records, [])


def write_json_lines(articles: Iterable[Article]) -> str:
    """One object per line."""
    return "".join(json.dumps(_record(article), ensure_ascii=False) + "\n" for article in articles)


def write_yaml(articles: Iterable[Article]) -> str:
    """A list with an entry per article."""
    records = [_record(article) for article in articles]
    return str(yaml.safe_dump(records, allow_unicode=True, sort_keys=False, width=100))


def _constructed(node: yaml.Node) -> Any:
    constructor = yaml.constructor.SafeConstructor()
    return constructor.construct_document(node)


def _record(article: Article) -> dict[str, Any]:
    return written(article, FIELDS)


def written(article: Article, names: Iterable[str]) -> dict[str, Any]:
    """These fields of the article, those too that say nothing: what a file leaves out stays as it is."""
    return {name: _plain(getattr(article, name)) for name in names}


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _drafts(records: Iterable[tuple[int, Any]], problems: list[Problem]) -> tuple[list[Draft], list[Problem]]:
    drafts: dict[tuple[str, str], Draft] = {}
    for line, record in records:
        faults = faults_of(record)
        if faults:
            problems += [Problem(line, fault) for fault in faults]
            continue
        draft = draft_of(line, record)
        earlier = drafts.setdefault((draft.key, draft.language), draft)
        if earlier is not draft:
            text = f"Article {draft.key!r} is already on line {earlier.line}: join the two or rename one."
            problems.append(Problem(line, text))
    return list(drafts.values()), problems


def faults_of(record: Any) -> list[str]:
    """What keeps the record from being an article, each as a sentence that says what to do."""
    if not isinstance(record, dict):
        return ["This is no object with fields: write key, question, phrasings and answer."]
    unknown = [name for name in record if name not in FIELDS]
    faults = [f"Field {name!r} is unknown: use {', '.join(FIELDS)}." for name in unknown]
    if not record.get("key"):
        faults.append("The article has no key: give it a short name such as card-arrival.")
    faults += [
        f"Field {name!r} must be text: put it in quotes."
        for name in TEXTS
        if not isinstance(record.get(name, ""), str)
    ]
    for name in LISTS:
        value = record.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            faults.append(f"Field {name!r} must be a list of texts: put each in quotes.")
    if not isinstance(record.get("enabled", True), bool):
        faults.append("Field 'enabled' must be true or false.")
    for name in MOMENTS:
        try:
            moment_of(record.get(name))
        except BadMoment as error:
            faults.append(f"{name}: {error}")
    return faults


def draft_of(line: int, record: dict[str, Any]) -> Draft:
    """The draft a record without faults makes."""
    return Draft(
        line=line,
        key=record["key"],
        question=record.get("question", ""),
        answer=record.get("answer", ""),
        language=record.get("language", ""),
        tags=tuple(record.get("tags", ())),
        valid_from=moment_of(record.get("valid_from")),
        valid_until=moment_of(record.get("valid_until")),
        enabled=record.get("enabled"),
        category=record.get("category", ""),
        attachments=tuple(record.get("attachments", ())),
        silent=frozenset(FIELDS) - {"key", "language", *record},
        phrasings=[(line, text) for text in record.get("phrasings", ())],
    )
