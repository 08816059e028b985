"""How a language says that a thing is not wanted, or was not done: rows of patterns, a file for each language.

Wishes ("I do not want to …", "don't …") forbid any act in English, and what undoes a thing in the other languages. What
was not done ("I did not cancel my order") counts only for acts that undo something: who has not registered, paid or
shown a passport wants to be told how. "Could you not …" counts where the act is one that nobody hopes for: "could you
not find my order?" asks for it. Chinese, which is written without spaces, has functions of its own (denials_zh.py).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Denials:
    """A language's way to deny; what a pattern says is not wanted is its group `act`, matched in a clause.

    `may_deny` is a cheap look at the whole text. Before a wish `asks` must not stand ("why can't I …", "if I do not
    …"), before what was not done `supposes`, and nowhere beside it `not_yet`.
    """

    may_deny: re.Pattern[str]
    asks: re.Pattern[str]
    supposes: re.Pattern[str]
    not_yet: re.Pattern[str]
    wishes: tuple[re.Pattern[str], ...]
    undone: tuple[re.Pattern[str], ...]
    undoes: re.Pattern[str]
    """Any act that undoes something."""
    verbs: Mapping[str, str]
    """The verb of a form that is stemmed unlike it."""
    no_acts: frozenset[str] = frozenset()
    """What is no act, or one that happens to people."""
    echoes: re.Pattern[str] | None = None
    """A whole clause that says of what another one told, as `happened`, that it was not done ("I didn't")."""
    happened: re.Pattern[str] | None = None

    def acts(self, clauses: Sequence[str]) -> Iterator[str]:
        """What the clauses of a text say is not wanted."""
        for clause in clauses:
            if self.may_deny.search(clause):
                yield from self._found(clause, self.wishes, self.asks)
                if not self.not_yet.search(clause):
                    yield from self._found(clause, self.undone, self.supposes)
        if self.echoes and self.happened and any(map(self.echoes.search, clauses)):
            for clause in clauses:
                yield from self._verbs(self.happened, clause)

    def undoing(self, clauses: Sequence[str]) -> frozenset[str]:
        """Every act that would undo something, denied or not."""
        return frozenset(verb for clause in clauses for verb in self._verbs(self.undoes, clause))

    def _verbs(self, pattern: re.Pattern[str], clause: str) -> Iterator[str]:
        for found in pattern.finditer(clause):
            yield self.verbs.get(found["act"], found["act"])

    def _found(
        self, clause: str, patterns: tuple[re.Pattern[str], ...], unless: re.Pattern[str]
    ) -> Iterator[str]:
        for pattern in patterns:
            for found in pattern.finditer(clause):
                act = found["act"]
                if act not in self.no_acts and not unless.search(clause[: found.start("act")]):
                    yield self.verbs.get(act, act)


def rows(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(map(re.compile, patterns))
