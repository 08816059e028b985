"""A customer's own attributes as lines that one can write, and read back as what they were."""

from collections.abc import Mapping
from typing import Any

from admin_api.desk.case_acts import parsed_attributes
from crm_store.errors import InvalidValue


def lines(attributes: Mapping[str, Any]) -> list[str]:
    """One for each that can be written on a line; what the API put there otherwise is left alone."""
    return [_line(name, value) for name, value in attributes.items() if _is_plain(name, value)]


def read(text: str, before: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, where a value is written as it was (a number, true) still that; raises InvalidValue."""
    typed = parsed_attributes(text)
    kept = {name: value for name, value in before.items() if not _is_plain(name, value)}
    return kept | {
        name: before[name] if name in before and _written(before[name]) == value else value
        for name, value in typed.items()
    }


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _line(name: str, value: object) -> str:
    return f"{name}: {_written(value)}"


def _is_plain(name: str, value: object) -> bool:
    try:
        return parsed_attributes(_line(name, value)) == {name: _written(value)}
    except InvalidValue:
        return False
