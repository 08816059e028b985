"""What an agent writes in a topic: a reply, a note (it starts with //) or a command. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from crm_store.note_marks import has_note_within, note_in

_COMMANDS = {
    "/take": "take",
    "/release": "release",
    "/resolve": "resolve",
    "/close": "resolve",
    "/reopen": "reopen",
    "/snooze": "snooze",
    "/transfer": "transfer",
    "/ban": "ban",
    "/shadowban": "shadowban",
    "/unban": "unban",
    "/phone": "phone",
    "/rate": "rate",
    "/done": "done",
    "/case": "case",
}
_DELETE, _ARTICLE = "/delete", "/article"


class What(StrEnum):
    """What the words are."""

    REPLY = "reply"
    NOTE = "note"
    ACTION = "action"
    DELETE = "delete"
    ARTICLE = "article"
    UNKNOWN = "unknown"
    MIXED = "mixed"
    """Words with a note among them."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words without the marks that said what they are."""

    what: What
    text: str
    argument: str = ""
    """What follows a command."""


def read_words(text: str) -> Words:
    """What the agent means. An unknown command is nothing a customer should see."""
    stripped = text.strip()
    if (note := note_in(text)) is not None:
        return Words(What.NOTE, note)
    if has_note_within(text):
        return Words(What.MIXED, text)
    if stripped.startswith("/"):
        name = stripped.split()[0].partition("@")[0].lower()
        if name == _DELETE:
            return Words(What.DELETE, "")
        action = _COMMANDS.get(name)
        _, *rest = stripped.split(maxsplit=1)
        argument = rest[0] if rest else ""
        if name == _ARTICLE:
            return Words(What.ARTICLE, "", argument)
        return Words(What.ACTION, action, argument) if action else Words(What.UNKNOWN, name[1:], argument)
    return Words(What.REPLY, text)
