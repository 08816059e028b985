"""Articles as CSV, a row per phrasing. Spreadsheets part columns by commas, semicolons or tabs, by their country."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from knowledge_base.articles import MAX_ANSWER_CHARS, Article, implied_title
from knowledge_base.drafts import Draft, Problem
from knowledge_base.moments import BadMoment, moment_of

REQUIRED: Final = ("text", "article")
USUAL: Final = ("text", "article", "answer", "language", "tags")
EXTRA: Final = ("question", "category", "valid_from", "valid_until", "enabled", "attachments")

# A spreadsheet would run such a cell as a formula (OWASP, "CSV Injection"), so it gets an apostrophe;
# cells that begin with apostrophes before such a sign get one more, so that reading can take one off.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_YES_NO: Final = {"": None, "true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_MAX_CELL = 8 * MAX_ANSWER_CHARS
_SEPARATORS: Final = ",;\t"
_NAMED_SEPARATOR: Final = re.compile(r'"?sep=([,;\t])"?\r?\n', re.IGNORECASE)
"""A first line that some spreadsheets write and read, in place of the separator of their country."""


def read(text: str) -> tuple[list[Draft], list[Problem]]:
    """A draft per article in order of first appearance, and the rows that can't be used."""
    rows = rows_with_lines(text)
    header, problems = _header(next(rows, (1, [])))
    if problems:
        return [], problems
    drafts: list[Draft] = []
    silent = frozenset((*USUAL, *EXTRA)) - {*REQUIRED, "language", *header}
    for line, cells in rows:
        if isinstance(cells, Problem):
            problems.append(cells)
        elif any(cell.strip() for cell in cells):
            row, faults = _row(line, header, cells)
            problems += faults
            if row is not None:
                row.silent = silent
                drafts.append(row)
    merged, conflicts = _merge(drafts)
    return merged, problems + conflicts


def write(articles: Iterable[Article]) -> str:
    """The articles as CSV; a row per phrasing, what belongs to the article on its first row.

    Every column is there: what a file has none for stays as it is (`Parsed.silent`).
    """
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, (*USUAL, *EXTRA), restval="")
    writer.writeheader()
    for article in articles:
        first = {
            "answer": article.answer,
            "tags": ";".join(article.tags),
            **{name: _extra(article, name) for name in EXTRA},
        }
        if not article.phrasings:
            first["question"] = article.question
        for phrasing in article.phrasings or ("",):
            row = {"text": phrasing, "article": article.key, "language": article.language, **first}
            writer.writerow({name: _quoted(cell) for name, cell in row.items()})
            first = {}
    return out.getvalue()


def _quoted(cell: str) -> str:
    """The cell with an apostrophe before it when a spreadsheet would take it for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unquoted(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _extra(article: Article, name: str) -> str:
    """The cell of an extra column; empty when the reader would find the same by itself."""
    if name == "question":
        implied = bool(article.phrasings) and article.question == implied_title(
            article.key, article.phrasings
        )
        return "" if implied else article.question
    if name == "category":
        return article.category
    if name == "attachments":
        # A file's name may hold a semicolon; then each stands on a line of its own.
        has_sign = any(";" in each for each in article.attachments)
        return (
            "".join(f"{each}\n" for each in article.attachments)
            if has_sign
            else ";".join(article.attachments)
        )
    if name == "enabled":
        return "" if article.enabled else "false"
    moment: datetime | None = getattr(article, name)
    return moment.isoformat() if moment else ""


def rows_with_lines(text: str) -> Iterator[tuple[int, list[str] | Problem]]:
    """Each row with the line it starts on."""
    named = _NAMED_SEPARATOR.match(text)
    start = named.end() if named else 0
    delimiter = named[1] if named else separator_of(text)
    reader = csv.reader(io.StringIO(text[start:], newline=""), delimiter=delimiter, strict=True)
    above = 1 if named else 0
    while True:
        line = above + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            hint = (
                "check its quotes: a cell with a separator, quote or line break needs quotes, doubled inside"
            )
            yield line, Problem(line, f"This row can't be read ({error}): {hint}.")
            return
        yield line, cells


def separator_of(text: str) -> str:
    """What parts the columns of a file that begins so: what is in its first line most often, else the comma."""
    header, _, _ = text.partition("\n")
    return max(_SEPARATORS, key=header.count)


def _header(first: tuple[int, list[str] | Problem]) -> tuple[list[str], list[Problem]]:
    line, cells = first
    if isinstance(cells, Problem):
        return [], [cells]
    names = [cell.strip().lower() for cell in cells]
    if len(names) == 1 and "|" in names[0]:
        told = (
            "The columns are parted by a sign that is none of comma, semicolon and tab: save the file as CSV."
        )
        return [], [Problem(line, told)]
    problems = [
        f"The first row has no column {name!r}: the header must be text,article[,…]."
        for name in REQUIRED
        if name not in names
    ]
    for name in dict.fromkeys(names):
        if name not in (*USUAL, *EXTRA):
            known = ", ".join((*USUAL, *EXTRA))
            problems.append(f"Column {name!r} is unknown: remove it or rename it to one of {known}.")
        elif names.count(name) > 1:
            problems.append(f"Column {name!r} is there twice: remove one.")
    return names, [Problem(line, text) for text in problems]


def _row(line: int, header: list[str], cells: list[str]) -> tuple[Draft | None, list[Problem]]:
    if len(cells) > len(header):
        told = f"The row has {len(cells)} cells but the header {len(header)}"
        return None, [Problem(line, f"{told}: quote cells that hold a comma or semicolon.")]
    values = dict.fromkeys((*USUAL, *EXTRA), "")
    values |= dict(zip(header, map(_unquoted, cells), strict=False))
    faults = [
        f"The {name} cell has {len(cell)} characters: shorten it."
        for name, cell in values.items()
        if len(cell) > _MAX_CELL
    ]
    if not values["article"].strip():
        faults.append("The row names no article: fill its article cell.")
    if not values["text"].strip() and not values["question"].strip():
        faults.append("The row has no text: write what a customer would ask, or remove the row.")
    enabled = values["enabled"].strip().lower()
    if enabled not in _YES_NO:
        faults.append(f"The enabled cell says {enabled[:20]!r}: write true or false.")
    moments: dict[str, datetime | None] = {}
    for name in ("valid_from", "valid_until"):
        try:
            moments[name] = moment_of(values[name].strip() or None)
        except BadMoment as error:
            faults.append(f"{name}: {error}")
    if faults:
        return None, [Problem(line, text) for text in faults]
    return _draft(line, values, moments, _YES_NO[enabled]), []


def _names(cell: str) -> tuple[str, ...]:
    parts = cell.split("\n" if "\n" in cell else ";")
    return tuple(part.strip() for part in parts if part.strip())


def _draft(
    line: int, values: dict[str, str], moments: dict[str, datetime | None], enabled: bool | None
) -> Draft:
    return Draft(
        line=line,
        key=values["article"].strip(),
        question=values["question"],
        answer=values["answer"] if values["answer"].strip() else "",
        language=values["language"].strip(),
        tags=tuple(tag.strip() for tag in re.split("[;,]", values["tags"]) if tag.strip()),
        valid_from=moments["valid_from"],
        valid_until=moments["valid_until"],
        enabled=enabled,
        category=values["category"].strip(),
        attachments=_names(values["attachments"]),
        phrasings=[(line, values["text"])] if values["text"].strip() else [],
    )


def _merge(rows: list[Draft]) -> tuple[list[Draft], list[Problem]]:
    """One draft per key and language; a row without language belongs to its key's first one."""
    languages: dict[str, str] = {}
    for row in rows:
        if row.language:
            languages.setdefault(row.key, row.language)
    merged: dict[tuple[str, str], Draft] = {}
    problems = []
    for row in rows:
        row.language = row.language or languages.get(row.key, "")
        identity = (row.key, row.language)
        if identity in merged:
            problems += merged[identity].add(row)
        else:
            merged[identity] = row
    return list(merged.values()), problems
