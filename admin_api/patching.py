"""Objects inside a PATCH, changed entry by entry as JSON Merge Patch does (RFC 7396, section 2). Pure."""

from collections.abc import Mapping
from typing import Any


def patched(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What is there afterwards: what is not named stays, null removes."""
    return {
        name: value for name, value in {**before, **given}.items() if name not in given or value is not None
    }


def all_of(before: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The patch after which there is what is wanted, and nothing else of what was there."""
    return {**dict.fromkeys(before), **wanted}
