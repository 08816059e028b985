"""What was done and seen this morning, noted by those who did and saw it."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Diary:
    """One customer's. Texts are as they were last worded."""

    lane: str = ""
    """The start of it for a visitor of the web, whose address only the store knows."""
    said: list[str] = field(default_factory=list)
    to_staff: list[str] = field(default_factory=list)
    """The marks of what was said when a person was to see it."""
    edits: int = 0
    stars: int = 0
    """Presses of stars."""
    feedback: int = 0
    references: list[str] = field(default_factory=list)
    """Of the agents' replies, as they were read."""
    outcome: str = "came"
    """asked, served, cancelled, blocked, told, or stranded with what was waited for."""
    shown: list[int] = field(default_factory=list)
    """Of the house's messages on a web page: their rows, in order."""
    shown_twice: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """A reply or a note, as an agent wrote it."""

    agent: str
    number: int
    text: str
    is_note: bool = False


@dataclass(slots=True)
class Notebook:
    """One agent's."""

    written: list[Written] = field(default_factory=list)
    resolved: list[int] = field(default_factory=list)
    """The customers."""
    seen: dict[int, list[str]] = field(default_factory=dict)
    """By customer: what stood there as theirs when the agent closed the matter; web desk only."""
    troubles: list[str] = field(default_factory=list)
