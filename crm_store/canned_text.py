"""Prepared words with blanks, such as "Hello {customer.first_name|there}", and their filling in. Pure.

A blank is a name in braces; what stands after | is said when nothing is known. A blank that is neither known nor has
such a default is left as it is and told, so that whoever sends the words is asked for it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crm_store.errors import InvalidValue

BLANK = re.compile(r"\{(?P<name>[^\W\d_][\w. -]{0,39})(?:\|(?P<default>[^{}\n]{0,200}))?\}")
KNOWN = (
    "customer.name",
    "customer.first_name",
    "customer.email",
    "agent.name",
    "agent.first_name",
    "conversation.number",
    "order.number",
    "order.status",
    "order.tracking",
)
"""What is filled in by itself, as far as it is known; any other name is asked for."""

EXAMPLES = ("AB12", "CD34", "EF56")


@dataclass(frozen=True, slots=True)
class Filled:
    """Words with their blanks filled in; `missing` names, in their order, those that still stand in `text`."""

    text: str
    missing: tuple[str, ...] = ()


def fill(text: str, values: Mapping[str, str | None]) -> Filled:
    """The text with what is known in its blanks; a name counts however it is capitalised."""
    known = {name.casefold(): value for name, value in values.items() if value}
    missing: dict[str, None] = {}

    def put(found: re.Match[str]) -> str:
        name = found["name"].strip()
        value = known.get(name.casefold()) or found["default"]
        if value is not None:
            return value
        missing[name] = None
        return found.group()

    return Filled(BLANK.sub(put, text), tuple(missing))


def blanks_of(text: str) -> tuple[str, ...]:
    """The blanks of prepared words, as they stand in them."""
    return tuple(dict.fromkeys(found.group() for found in BLANK.finditer(text)))


def unfilled(text: str, brought: Iterable[str] = ()) -> tuple[str, ...]:
    """What of the words still has to be filled in, as it stands there: blanks of known names, and those of `brought`.

    `brought` are the blanks and gaps of prepared words that were put in. Other braces and "[…]" are what somebody
    wrote themselves.
    """
    signs = tuple(brought)
    names = {found["name"].strip().casefold() for found in map(BLANK.fullmatch, signs) if found}
    names |= set(KNOWN)
    found = [blank.group() for blank in BLANK.finditer(text) if blank["name"].strip().casefold() in names]
    found += [sign for sign in signs if sign and not BLANK.fullmatch(sign) and sign in text]
    return tuple(dict.fromkeys(found))


def check_filled(text: str, brought: Iterable[str] = ()) -> str:
    """The words; raises InvalidValue where they are not ready for a customer (`unfilled`)."""
    if left := unfilled(text, brought):
        told = f"{', '.join(left)} still has to be filled in, or taken out"
        raise InvalidValue(told, kind="unfilled", blanks=", ".join(left))
    return text


def typed_values(typed: str, missing: Sequence[str]) -> dict[str, str] | None:
    """What was typed behind a shortcode for these blanks: "AB12; Monday" in their order, or "parcel=AB12; day=Monday",
    or both; None where it does not fill them all, or is more than they take."""
    names = {name.casefold(): name for name in missing}
    named: dict[str, str] = {}
    others = []
    for part in (part.strip() for part in typed.split(";")) if typed.strip() else ():
        name, mark, value = part.partition("=")
        blank = names.get(name.strip().casefold()) if mark else None
        if blank is None or blank in named:
            others.append(part)
        else:
            named[blank] = value.strip()
    left = [name for name in missing if name not in named]
    if len(left) != len(others):
        return None
    values = named | dict(zip(left, others, strict=True))
    return values if all(values.values()) else None


def typed_example(missing: Sequence[str]) -> str:
    """How these blanks might be filled."""
    return "; ".join(f"{name}={EXAMPLES[number % len(EXAMPLES)]}" for number, name in enumerate(missing))


def first_name(name: str | None) -> str | None:
    """How somebody of this name is spoken to: the first word, or a name without spaces as it is."""
    parts = (name or "").split()
    return parts[0] if parts else None
