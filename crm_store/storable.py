"""Text as both databases take it: PostgreSQL refuses NUL, and neither takes half of a surrogate pair."""

from typing import Any


def storable(text: str) -> str:
    """The text without NUL; a lone surrogate becomes a question mark."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def storable_json(value: Any) -> Any:
    """The value made of what JSON can hold; anything else by its name."""
    if isinstance(value, str):
        return storable(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, dict):
        return {storable(str(key)): storable_json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [storable_json(one) for one in value]
    return f"({type(value).__name__})"
