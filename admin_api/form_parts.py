"""Forms with files, read as they come, as a file may be larger than a form: part by part, each of them once."""

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing, contextmanager

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from admin_api.form_text import form_text
from admin_api.problems import ApiError
from crm_store import conversations

MULTIPART = "multipart/form-data"
_CHUNK = 64 * 1024
_MOST_BYTES = conversations.MAX_TEXT * 4
"""No sign of Unicode takes more than four."""
_UNREADABLE = (ValueError, RuntimeError, AssertionError, HttpProcessingError, web.RequestPayloadError)
"""What aiohttp raises for a body that is no form, or breaks off."""


@contextmanager
def readable() -> Iterator[None]:
    """Around nothing but the reading of a form: ApiError for a body that is none."""
    try:
        yield
    except _UNREADABLE:
        raise ApiError(400, "the form cannot be read; send multipart/form-data", kind="form_broken") from None


async def parts_of(request: web.Request, names: Iterable[str]) -> AsyncGenerator[BodyPartReader]:
    """The parts of a form that has these fields, each once at most; ApiError for any other."""
    awaited = set(names)
    told = ", ".join(f"'{name}'" for name in sorted(awaited))
    with readable():
        reader = await request.multipart()
    while (part := await _next(reader)) is not None:
        if not isinstance(part, BodyPartReader):
            raise ApiError(400, "the form has a form inside; send its fields alone", kind="form_broken")
        if part.name not in awaited:
            raise ApiError(422, f"the form may have one each of {told}, no more", kind="form_broken")
        awaited.remove(part.name)
        yield part


async def _next(reader: MultipartReader) -> MultipartReader | BodyPartReader | None:
    with readable():
        return await reader.next()


async def chunks_in(part: BodyPartReader) -> AsyncGenerator[bytes]:
    """The bytes of a part of a form."""
    while not part.at_eof():  # a chunk may be empty before the end
        with readable():
            chunk = await part.read_chunk(_CHUNK)
        yield chunk


async def words_in(part: BodyPartReader) -> str:
    """The text of a part that is words; ApiError for more than a message may have."""
    words = b""
    async with aclosing(chunks_in(part)) as chunks:
        async for chunk in chunks:
            words += chunk
            if len(words) > _MOST_BYTES:
                most = conversations.MAX_TEXT
                told = f"the text has more than {most} characters"
                raise ApiError(422, told, kind="too_long", params={"most": most})
    return form_text(words.decode("utf-8", "replace"))
