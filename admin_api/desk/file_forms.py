"""Forms of the desk in which a file may be chosen: one wish like any other, though sent twice; no file is left over."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel

from admin_api.contract import Context
from admin_api.desk.forms import filled, read_form
from admin_api.form_parts import MULTIPART, chunks_in, parts_of, words_in
from admin_api.repeating import answered_once, wish_of_form
from crm_store import stored_files
from crm_store.files import Taken

M = TypeVar("M", bound=BaseModel)
FILE = "file"


async def done_with_file(
    context: Context, model: type[M], act: Callable[[Context, M, Taken | None], Awaitable[web.Response]]
) -> web.StreamResponse:
    """What `act` answers to the form and to the file chosen in it, which is in the folder by then.

    Where it was asked before, it is the first answer once more; then, and where it fails, the file goes again.
    """
    if context.request.content_type != MULTIPART:
        return await act(context, await read_form(context.request, model), None)
    values: dict[str, str] = {}
    files: list[Taken] = []

    async def first(context: Context) -> web.Response:
        answer = await act(context, form, files[0] if files else None)
        files.clear()
        return answer

    try:
        await _read(context, (*model.model_fields, FILE), values, files)
        form = filled(model, {name: value for name, value in values.items() if value.strip()})
        said = (sorted(values.items()), [(one.name, one.digest) for one in files])
        wish = wish_of_form(context.request, context.caller, said)
        return await (first(context) if wish is None else answered_once(context, wish, first))
    finally:
        await _put_away(context, [one.key for one in files])


async def _put_away(context: Context, keys: list[str]) -> None:
    """Remove these from the folder, but for those that were kept: an error may come after what kept them."""
    if keys:
        async with context.read() as session:
            kept = [key for key in keys if await stored_files.find(session, key)]
        await context.services.files.remove(key for key in keys if key not in kept)


async def _read(context: Context, names: Iterable[str], values: dict[str, str], files: list[Taken]) -> None:
    """Put what comes into `values` and `files`, so that they hold it too where the form breaks off."""
    async for part in parts_of(context.request, names):
        if part.name == FILE and part.filename:
            async with aclosing(chunks_in(part)) as chunks:
                files.append(await context.services.files.take_in(chunks, part.filename))
        elif words := await words_in(part):  # a file that was not chosen comes as an empty part
            values[str(part.name)] = words
