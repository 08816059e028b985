"""How an agent's words say that they are a note, in the staff group and in the desk's box alike. Pure."""

NOTE_MARK = "//"


def note_in(text: str) -> str | None:
    """The note without its mark, which is all of the text; None where it does not begin with the mark."""
    stripped = text.strip()
    return stripped[len(NOTE_MARK) :].strip() if stripped.startswith(NOTE_MARK) else None


def has_note_within(text: str) -> bool:
    """Whether a line further down begins with the mark: nobody can say which of the lines the customer may see."""
    return any(line.lstrip().startswith(NOTE_MARK) for line in text.strip().splitlines()[1:])
