"""Tasks that are ended by whoever began them."""

import asyncio
from typing import Any


async def ended(task: asyncio.Task[Any]) -> None:
    """Cancel the task and wait for its end; raises what it ended with, unless that is the cancellation.

    Whoever waits can be cancelled meanwhile: awaiting the task itself with CancelledError suppressed would swallow
    that, and a server told to stop would go on.
    """
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()
