"""What an agent writes in a topic: a reply, a note (a line that starts with //) or a command. Pure."""

from dataclasses import dataclass
from enum import StrEnum

NOTE_MARK = "//"
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
    if stripped.startswith(NOTE_MARK):
        return Words(What.NOTE, stripped[len(NOTE_MARK) :].strip())
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
