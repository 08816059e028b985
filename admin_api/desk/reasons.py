"""The queue's reasons (crm_store/queueing.py) in the reader's language. Pure."""

import re

from admin_api.desk.texts import Words

PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"waiting (?P<minutes>\d+) min \((?P<points>[+-]\d+)\)"), "why.waiting"),
    (re.compile(r"priority (?P<step>[+-]\d+) \((?P<points>[+-]\d+)\)"), "why.priority"),
    (re.compile(r"contacted us before in the last days \((?P<points>[+-]\d+)\)"), "why.repeat"),
    (re.compile(r"customer value (?P<value>\d+) of 100 \((?P<points>[+-]\d+)\)"), "why.value"),
)


def worded(reason: str, words: Words) -> str:
    """The reason in the reader's language; as it is where nothing is known of it."""
    for pattern, key in PATTERNS:
        if found := pattern.fullmatch(reason):
            return words(key, **found.groupdict())
    return reason
