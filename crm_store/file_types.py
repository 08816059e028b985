"""What a file is by its first bytes, and a name that is safe to show. Pure."""

import unicodedata

OTHER = "application/octet-stream"
HEAD = 16
"""So many bytes tell."""
MAX_NAME = 128
NAMELESS = "file"

# Only what every browser draws and none of them runs: SVG is a document with scripts.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),  # W3C PNG, 5.2
    (b"\xff\xd8\xff", "image/jpeg"),  # ITU-T T.81, B.1.1.3: SOI and the next marker
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
IMAGES = frozenset({mime for _, mime in _SIGNATURES} | {"image/webp"})


def mime_of(head: bytes) -> str:
    """The kind of image the first `HEAD` bytes show, else `OTHER`; what the sender says of it does not count."""
    for signature, mime in _SIGNATURES:
        if head.startswith(signature):
            return mime
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":  # RFC 9649, 2.4
        return "image/webp"
    return OTHER


def kind_of(mime: str) -> str:
    """The message kind it makes."""
    return "photo" if mime in IMAGES else "file"


def clean_name(name: str | None) -> str:
    """The name without folders, without signs that cannot be seen or turn the text around, and not too long."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(" " if sign.isspace() else sign for sign in last)
    seen = "".join(sign for sign in seen if unicodedata.category(sign)[0] != "C")
    seen = " ".join(seen.split()).strip(". ")
    stem, dot, ending = seen.rpartition(".")
    if len(seen) > MAX_NAME and dot and len(ending) < 16:
        seen = stem[: MAX_NAME - len(ending) - 1] + dot + ending
    return seen[:MAX_NAME] or NAMELESS
