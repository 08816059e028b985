"""Articles on their way in: what a file said, line by line, and what becomes of it once checked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from knowledge_base.articles import Article, faults, implied_title, title_from_key
from knowledge_base.languages import Said, languages_of
from knowledge_base.text import normalise


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong on a line of a file (1 is the first), with what to do about it."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Named:
    """A file that an article names, and the line (of the page, in a folder) where it does."""

    line: int
    article: str
    name: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The articles a file holds. With any problem nothing should be imported; notes are for reading only.

    An article that the file has no answer for, and no place for one, comes with an empty one: see `completed`.
    """

    articles: tuple[Article, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...] = ()
    unstated: frozenset[tuple[str, str]] = frozenset()
    """Keys and guessed languages of the articles whose language the file doesn't say."""
    silent: tuple[frozenset[str], ...] = ()
    """For each article the fields that the file says nothing of: they stay as they are where it is known already."""
    lines: tuple[int, ...] = ()
    """Where each article begins."""
    named: tuple[Named, ...] = ()
    """The files that the articles name; whether they are there is to be seen (`complained`)."""

    def unsaid(self, articles: Iterable[Article]) -> dict[tuple[str, str], frozenset[str]]:
        """By key and language what the file says nothing of; these are its articles, some `settled` meanwhile."""
        return {_name(article): said for article, said in zip(articles, self.silent, strict=True) if said}


@dataclass(slots=True)
class Draft:
    """An article as the file gives it so far; empty text and None mean "not said"."""

    line: int
    key: str
    question: str = ""
    answer: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    enabled: bool | None = None
    category: str = ""
    attachments: tuple[str, ...] = ()
    page: str = ""
    """The path of its page, in a folder."""
    silent: frozenset[str] = frozenset()
    """Fields that the file has no column or name for; an empty one says that there is nothing."""
    phrasings: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: "Draft") -> list[Problem]:
        """Takes in what another row says of the same article; what contradicts is a problem."""
        problems = []
        for name in (
            "question",
            "answer",
            "language",
            "tags",
            "valid_from",
            "valid_until",
            "enabled",
            "category",
            "attachments",
        ):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine in ("", (), None):
                setattr(self, name, theirs)
            elif theirs not in ("", (), None) and theirs != mine:
                problems.append(
                    Problem(
                        other.line,
                        f"Article {self.key!r} has another {name} on an earlier row (it starts on line "
                        f"{self.line}): make them the same or leave this cell empty.",
                    )
                )
        self.phrasings += other.phrasings
        return problems


def finish(drafts: Iterable[Draft], problems: Iterable[Problem], default_answer: str | None) -> Parsed:
    """The drafts as checked articles; problems come in the order of their lines."""
    found, notes, articles = list(problems), [], []
    drafts = list(drafts)
    languages = _languages(drafts)
    for draft, language in zip(drafts, languages, strict=True):
        article, repeated = _article(draft, language, default_answer)
        articles.append(article)
        notes += repeated
        if article.answer or "answer" not in draft.silent:
            found += _problems(draft.line, article)
    notes += _shared_phrasings(drafts)
    by_line = sorted(found, key=lambda problem: problem.line)
    return Parsed(
        tuple(articles),
        tuple(by_line),
        tuple(sorted(notes, key=lambda note: note.line)),
        frozenset(
            (draft.key, language)
            for draft, language in zip(drafts, languages, strict=True)
            if not draft.language
        ),
        tuple(draft.silent for draft in drafts),
        tuple(draft.line for draft in drafts),
        tuple(
            Named(draft.line, draft.key, name, draft.page) for draft in drafts for name in draft.attachments
        ),
    )


def _problems(line: int, article: Article) -> list[Problem]:
    """What stops the article from being stored."""
    if not article.answer:
        told = (
            f"Article {article.key!r} has no answer: write one in its answer field, or give a "
            'template for all such articles, such as "About {article}: …".'
        )
        return [Problem(line, told)]
    return [Problem(line, f"Article {article.key!r}: {fault}") for fault in faults(article)]


def completed(parsed: Parsed, articles: Sequence[Article], proposed: Iterable[Article]) -> Parsed:
    """The same with what is wrong with its articles once what they are silent of is put in, and what others say too.

    `articles` are the file's, some `settled` meanwhile; `proposed` are all as they would be.
    """
    would_be = {_name(article): article for article in proposed}
    said_elsewhere = _said_elsewhere(parsed.lines, articles, would_be.values())
    parsed = replace(
        parsed, notes=tuple(sorted((*parsed.notes, *said_elsewhere), key=lambda note: note.line))
    )
    told = {*parsed.problems}
    wrong = [
        problem
        for line, article in zip(parsed.lines, articles, strict=True)
        for problem in _problems(line, would_be[_name(article)])
        if problem not in told
    ]
    return _with_problems(parsed, wrong)


def _said_elsewhere(
    lines: Sequence[int], articles: Sequence[Article], proposed: Iterable[Article]
) -> list[Problem]:
    """Phrasings of these articles that others, which the file has not, hold already."""
    own = {article.key for article in articles}
    others: dict[str, str] = {}
    for article in proposed:
        if article.enabled and article.key not in own:
            others |= {normalise(text): article.key for text in (article.question, *article.phrasings)}
    return [
        Problem(
            line,
            f"The phrasing {text[:60]!r} of {article.key!r} is in {others[normalise(text)]!r} already, which is not in "
            "this file: keep it in one article; until then customers who write it are offered both.",
        )
        for line, article in zip(lines, articles, strict=True)
        for text in article.phrasings
        if normalise(text) in others
    ]


def complained(parsed: Parsed, complaints: Mapping[str, str]) -> Parsed:
    """The same with a problem for each file that cannot go along; `complaints` are by the files' names."""
    wrong = [
        Problem(
            one.line,
            f"{one.page + ': ' if one.page else ''}Article {one.article!r}: {complaints[one.name]}",
        )
        for one in parsed.named
        if one.name in complaints
    ]
    return _with_problems(parsed, wrong)


def _with_problems(parsed: Parsed, wrong: Iterable[Problem]) -> Parsed:
    by_line = sorted((*parsed.problems, *wrong), key=lambda problem: problem.line)
    return replace(parsed, problems=tuple(by_line))


def settled(parsed: Parsed, present: Sequence[Article]) -> tuple[Article, ...]:
    """The file's articles among those `present`, which tell the language where the file is silent.

    A present article of the same key that reads alike is the same article, whatever language it is said to have:
    importing a file again makes no second one.
    """
    if not parsed.unstated:
        return parsed.articles
    unstated = [article for article in parsed.articles if _name(article) in parsed.unstated]
    ours, theirs = list(map(_said_by, unstated)), list(map(_said_by, present))
    stated: dict[tuple[str, str], str] = {}
    for article, read_as in zip(present, languages_of(theirs, ours), strict=True):
        if article.language == read_as or (article.key, read_as) not in stated:
            stated[article.key, read_as] = article.language
    languages = iter(languages_of(ours, theirs))
    return tuple(
        replace(article, language=stated.get((article.key, language := next(languages)), language))
        if _name(article) in parsed.unstated
        else article
        for article in parsed.articles
    )


def _name(article: Article) -> tuple[str, str]:
    return article.key, article.language


def _said_by(article: Article) -> Said:
    title = "" if article.question == title_from_key(article.key) else article.question
    return Said(" ".join(article.phrasings) or title, f"{title}\n{article.answer}")


def _languages(drafts: Sequence[Draft]) -> list[str]:
    """Each draft's language: as stated, else as its texts and those of the others tell."""
    unstated = [draft for draft in drafts if not draft.language]
    found = iter(languages_of(list(map(_said_by_draft, unstated))))
    return [draft.language or next(found) for draft in drafts]


def _said_by_draft(draft: Draft) -> Said:
    asked = " ".join(text for _, text in draft.phrasings)
    return Said(asked or draft.question, f"{draft.question}\n{draft.answer}")


def _article(draft: Draft, language: str, default_answer: str | None) -> tuple[Article, list[Problem]]:
    """The article, and a note for each phrasing left out because it says the same as an earlier one."""
    kept: dict[str, str] = {}
    notes = []
    for line, text in draft.phrasings:
        if kept.setdefault(normalise(text), text) is not text:
            notes.append(Problem(line, f"Article {draft.key!r} already has {text[:60]!r}: counted once."))
    answer = draft.answer
    if not answer and default_answer is not None:
        answer = default_answer.replace("{article}", draft.key)
    article = Article(
        key=draft.key,
        question=draft.question or implied_title(draft.key, [*kept.values()]),
        phrasings=tuple(kept.values()),
        answer=answer,
        language=language,
        tags=draft.tags,
        valid_from=draft.valid_from,
        valid_until=draft.valid_until,
        enabled=draft.enabled is not False,
        category=draft.category,
        attachments=draft.attachments,
    )
    return article, notes


def _shared_phrasings(drafts: list[Draft]) -> list[Problem]:
    owners: dict[str, dict[str, int]] = defaultdict(dict)
    for draft in drafts:
        for line, text in draft.phrasings:
            owners[normalise(text)].setdefault(draft.key, line)
    return [
        Problem(
            max(lines.values()),
            f"The phrasing {text[:60]!r} is in {' and '.join(map(repr, lines))}: keep it in one article; "
            "until then customers who write it are offered both.",
        )
        for text, lines in owners.items()
        if len(lines) > 1
    ]
