"""Which skill a conversation needs besides its team, and how it comes to know: rules as a table. Pure.

    {"category returns": "returns", "article refund-where": "refunds",
     "tag router": "networks", "attribute product=router": "networks"}

On the left what is true of a conversation: the category (or one above it) or the name of the article it was answered
with last, a tag, an attribute with a value; on the right the skill. Of several that apply, the first counts.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from crm_store.errors import InvalidValue

MAX_SKILL = 64
KINDS = ("category", "article", "tag", "attribute")
OF_ARTICLES = ("category ", "article ")
"""How conditions begin that are about what was answered."""
OF_LABELS = ("tag ", "attribute ")
"""Those about the conversation's labels."""
_CONDITION = re.compile(
    r"(category|article|tag)\s+(\S.*)|(attribute)\s+([^=]*[^=\s])\s*=\s*(\S.*)", re.IGNORECASE
)
_HOW = "write it like: category returns, article refund, tag router, or attribute product=router"


@dataclass(frozen=True, slots=True)
class Need:
    """A skill, and the condition because of which it is needed, as a fact."""

    skill: str
    why: str


def checked(rules: Mapping[str, str]) -> None:
    """Raises InvalidValue for a condition that can never be true, and for what is no name of a skill."""
    for condition, skill in rules.items():
        as_fact(condition)
        if not 0 < len(skill.strip()) <= MAX_SKILL:
            raise InvalidValue(f"'{skill[:MAX_SKILL]}' is no skill: 1 to {MAX_SKILL} characters")


def as_fact(condition: str) -> str:
    """The condition in the one way in which facts are written; raises InvalidValue."""
    found = _CONDITION.fullmatch(condition.strip())
    if found is None:
        raise InvalidValue(f"'{condition[:80]}' is no condition; {_HOW}")
    if found[3]:
        return _plain(f"attribute {found[4]}={found[5]}")
    return _plain(f"{found[1]} {found[2]}")


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())


def of_article(key: str, category: str) -> list[str]:
    """What is true of a conversation that was answered with this article."""
    parts = [part.strip() for part in category.split("/") if part.strip()]
    above = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    return [_plain(f"article {key}"), *(_plain(f"category {name}") for name in above)]


def of_labels(tags: Iterable[object], attributes: Mapping[str, object]) -> list[str]:
    """What is true of a conversation with these labels."""
    named = (f"attribute {name}={_said(value)}" for name, value in attributes.items())
    return [_plain(text) for text in (*(f"tag {tag}" for tag in tags), *named)]


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def need(rules: Mapping[str, str], facts: Collection[str]) -> Need | None:
    """What is needed where these facts are true; None where no rule applies."""
    known = set(facts)
    for condition, skill in rules.items():
        fact = as_fact(condition)
        if fact in known:
            return Need(skill.strip(), fact)
    return None
