"""A customer's cases in the words the staff read in Telegram. Pure."""

from collections.abc import Mapping
from typing import Any

from bot.channels.telegram.drawing import units
from bot.texts import render

Json = dict[str, Any]


def deadline_text(what: str, told: Mapping[str, Any], name: str, language: str) -> tuple[str, Json]:
    """What is said of a deadline, and the entities that make the owner's name call them."""
    kind = render(language, f"desk.case_kind_{told['kind']}")
    due = f"{told['due_at']} UTC"
    head = render(language, f"desk.{what}", kind=kind, number=told["number"], name=name, due=due)
    if not told["owner"]:
        whose = render(language, "desk.case_of_team", team=told["team"]) if told["team"] else ""
        return f"{head}\n{whose or render(language, 'desk.case_of_nobody')}", {}
    end = render(language, "desk.case_of", owner=told["owner"])
    text = f"{head}\n{end}"
    if told["account"] is None:
        return text, {}
    at = len(head) + 1 + end.index(told["owner"])
    entity = {
        "type": "text_mention",
        "offset": units(text[:at]),
        "length": units(told["owner"]),
        "user": {"id": told["account"], "is_bot": False, "first_name": told["owner"]},
    }
    return text, {"entities": [entity]}
