"""A row of the tables of what is private: what it stands behind, what it looks like, and what only looks like it."""

import re
from dataclasses import dataclass
from functools import cache

from crm_store.masking import MASK


@dataclass(frozen=True, slots=True)
class Rule:
    """What matches goes; its `lead` (what it stands behind) stays, and so does what is `kept`, whole."""

    pattern: str
    is_lead_telling: bool
    """Whether the lead says something without what goes: "order" does, "my name is" does not."""
    near: tuple[str, ...]
    """One of these stands in every text that can match, without capitals; empty: none must."""
    has_digit: bool
    """Whether only texts with a digit can match."""

    def without(self, text: str, gone: str, *, with_leads: bool) -> str:
        """The text with `gone` in the place of what matches."""
        keeps = with_leads or self.is_lead_telling

        def in_its_place(found: re.Match[str]) -> str:
            named = found.groupdict()
            if named.get("kept") is not None:
                return found.group()
            return (named.get("lead") or "") + gone if keeps else gone

        return _compiled(self.pattern).sub(in_its_place, text)


def rule(
    what: str, *, behind: str = "", unless: str = "", says: bool = True, near: str = "", digit: bool = False
) -> Rule:
    """A row: `what` goes where it stands `behind` that; what `unless` matches stays.

    Most texts hold nothing private: `near` (words apart by spaces) and `digit` tell so before the pattern is tried.
    """
    kept = f"(?P<kept>{unless})|" if unless else ""
    lead = f"(?P<lead>{behind})" if behind else ""
    return Rule(f"{kept}{lead}(?:{what})", says, tuple(near.split()), digit)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when first tried: all of the rules take .4 s, for which no start should wait."""
    return re.compile(pattern)


def may_match(rules: tuple[Rule, ...], text: str) -> list[Rule]:
    """The rules that are worth trying on the text."""
    small, has_digit = text.lower(), MASK in text or any(sign.isdigit() for sign in text)
    return [
        each
        for each in rules
        if (has_digit or not each.has_digit) and (not each.near or any(word in small for word in each.near))
    ]
