"""What must not be kept: card numbers and obvious secrets, masked before a text is stored. Pure.

A masked text has the length of the text. Every pattern takes time proportional to the text.
"""

import re
from bisect import bisect_right
from itertools import accumulate

KEPT = 4
"""The last digits stay, so that customer and agent can tell which card is meant (PCI DSS 3.4 allows it)."""
SHORTEST, LONGEST = 13, 19
"""Digits of a card number (ISO/IEC 7812-1)."""
MASK = "•"

_BETWEEN = r"[ \u00a0\u2007\u2009\u202f\u3000\-‐‑‒–—−－]{0,2}"
_DIGITS = re.compile(rf"(?<!\d)\d(?:{_BETWEEN}\d){{{SHORTEST - 1},}}")

# How such secrets look is written in the documentation of who issues them. Before each stands what none of them is
# without: to look for that costs a hundredth of the pattern, and most texts have none of it.
_SECRETS = tuple(
    (sign, re.compile(pattern))
    for sign, pattern in (
        (":", r"(?<![0-9])[0-9]{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),  # a Telegram bot's token
        ("_", r"\b(?:sk|rk|whsec)_(?:live_|test_)?[A-Za-z0-9]{16,247}"),  # Stripe
        ("AKIA", r"\bAKIA[0-9A-Z]{16}\b"),  # Amazon Web Services
        ("_", r"\bgh[pousr]_[A-Za-z0-9]{36,251}\b"),  # GitHub
        ("eyJ", r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),  # JSON Web Token (RFC 7519)
        (
            "-----BEGIN",  # RFC 7468
            r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[^-]*(?:-----END [A-Z ]{0,20}PRIVATE KEY-----)?",
        ),
    )
)
# A word and a sign before it, and letters with digits in it: "password: how do I change it" is no password.
_SAID = re.compile(
    r"(?i)(?:password|passwd|passcode|密码|密碼|口令|\bcvv2?|\bcvc2?|\bpin)\s{0,3}(?:is|[:=：]|是|为)\s{0,3}"
    r"(?P<secret>[!-~]{3,64})"
)


_DIGIT = re.compile(r"\d")


def mask(text: str) -> str:
    """The text with every card number reduced to its last four digits, and secrets to dots."""
    has_digits = _DIGIT.search(text) is not None
    if has_digits:
        text = _DIGITS.sub(_without_cards, text)
    for sign, pattern in _SECRETS:
        if sign in text:
            text = pattern.sub(_dots, text)
    return _SAID.sub(_without_said, text) if has_digits else text


def _dots(found: re.Match[str]) -> str:
    return MASK * len(found.group())


def _without_said(found: re.Match[str]) -> str:
    secret = found["secret"]
    if not any(sign.isdigit() for sign in secret):
        return found.group()
    start = found.start("secret") - found.start()
    return found.group()[:start] + MASK * len(secret)


def _without_cards(found: re.Match[str]) -> str:
    """The run of digits without the card numbers that begin and end at its groups."""
    run = found.group()
    places = [at for at, sign in enumerate(run) if sign.isdigit()]
    if len(places) == len(run) > LONGEST:
        return run  # one group, too long for a card
    masked = list(run)
    for start, end in _cards([int(run[at]) for at in places], _group_starts(places)):
        for at in places[start : end - KEPT]:
            masked[at] = MASK
    return "".join(masked)


def _group_starts(places: list[int]) -> list[int]:
    return [0, *(n for n in range(1, len(places)) if places[n - 1] != places[n] - 1)]


def _cards(digits: list[int], starts: list[int]) -> list[tuple[int, int]]:
    """Where card numbers begin and end among the digits, the longest possible first, none overlapping."""
    odd, even = _luhn_sums(digits)
    ends = {*starts, len(digits)}
    changes = [n for n in range(1, len(digits)) if digits[n] != digits[n - 1]]  # all the same is no card
    found: list[tuple[int, int]] = []
    free_from = 0
    for start in starts:
        if start < free_from or not 2 <= digits[start] <= 6:  # the first digits that payment cards have
            continue
        following = bisect_right(changes, start)
        varied_from = changes[following] if following < len(changes) else len(digits)
        for end in range(min(start + LONGEST, len(digits)), max(start + SHORTEST - 1, varied_from), -1):
            sums = odd if end % 2 else even
            if end in ends and (sums[end] - sums[start]) % 10 == 0:
                found.append((start, end))
                free_from = end
                break
    return found


_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def _luhn_sums(digits: list[int]) -> tuple[list[int], list[int]]:
    """Running Luhn sums for numbers that end before an odd and before an even position."""
    doubled = [_DOUBLED[digit] for digit in digits]
    at_odd, at_even = digits.copy(), doubled.copy()
    at_odd[1::2], at_even[1::2] = doubled[1::2], digits[1::2]
    return [0, *accumulate(at_odd)], [0, *accumulate(at_even)]


def is_card_number(digits: str) -> bool:
    """Whether the digits pass the Luhn check (ISO/IEC 7812-1, annex B) and are not one digit repeated."""
    doubled = [int(d) * (2 if n % 2 else 1) for n, d in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0
