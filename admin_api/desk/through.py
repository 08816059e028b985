"""The desk acts by the API's own handlers, so that there is one way in and one trail."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Concatenate, ParamSpec, TypeVar

from admin_api.contract import Context

P = ParamSpec("P")
T = TypeVar("T")


async def through(
    handler: Callable[Concatenate[Context, P], Awaitable[T]],
    context: Context,
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """What the API's handler answers; the audit names it as the API does."""
    name = f"{handler.__module__.rpartition('.')[2]}.{handler.__name__}"
    return await handler(replace(context, action=name), *args, **kwargs)
