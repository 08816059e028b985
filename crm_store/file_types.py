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

_ZIPPED, _COMPOUND = (b"PK\x03\x04",), (b"\xd0\xcf\x11\xe0",)  # Office Open XML and OpenDocument; MS-CFB, 2.2
ANSWERABLE: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",),  # ISO 32000-1, 7.5.2
    **dict.fromkeys(("docx", "xlsx", "pptx", "odt", "ods", "odp"), _ZIPPED),
    **dict.fromkeys(("doc", "xls", "ppt"), _COMPOUND),
    **dict.fromkeys(("txt", "csv", "ics"), ()),
}
"""What may go along with an article's answer besides images: how its name ends, and how its bytes begin (no matter
how, where nothing stands). Nothing that runs when a customer opens it."""
_PICTURES = ("png", "jpg", "jpeg", "gif", "webp")


def refusal(name: str, head: bytes) -> str | None:
    """Why such a file does not go along with answers, with what does; None where it may."""
    _, dot, last = name.rpartition(".")
    ending = last.lower() if dot else ""
    if mime_of(head) in IMAGES:
        fits = not dot or ending in _PICTURES
    else:
        begins = ANSWERABLE.get(ending)
        fits = begins is not None and (not begins or head.startswith(begins))
    if fits:
        return None
    known = ", ".join((*_PICTURES, *ANSWERABLE))
    if ending in _PICTURES or ending in ANSWERABLE:
        return f"{name} is not what its name says; give the file itself, as one of {known}"
    return f"{name} is of a kind that does not go along with answers; there go {known}"


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
