"""Settings that may stand as they are and yet do nothing: said beside them. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from admin_api.desk.texts import Words
from crm_store.targets import parse_targets

_ANOTHER = re.compile(r" [0-9]+$")
"""What a segment is called whose name another one has: Loyal 2."""


def doubts(values: Mapping[str, Any], words: Words) -> dict[str, str]:
    """By setting, why its value does nothing, or not all that it says."""
    found = {}
    if values["rating_reminder_hours"] >= values["rating_expiry_hours"]:
        found["rating_reminder_hours"] = words("settings.doubt_reminder", n=values["rating_expiry_hours"])
    named = {rule.segment for rule in parse_targets(values["response_targets"]).rules if rule.segment}
    unknown = sorted(name for name in named if not words.maybe(f"segment.{_ANOTHER.sub('', name)}", ""))
    if unknown:
        names = words("list.comma").join(f"“{name}”" for name in unknown)
        found["response_targets"] = words("settings.doubt_segment", names=names)
    return found
