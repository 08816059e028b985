"""How sure the bot is, how often it is right then, and what answering more would cost."""

from admin_api.contract import Context, Reply
from admin_api.schemas.confidence import ConfidenceShown, ShelfConfidence


async def read(context: Context) -> Reply[ConfidenceShown]:
    """The reliability diagram and the curve of answered against wrong, from phrasings held out, by script."""
    shelves = context.services.knowledge().index.shelves
    return Reply(ConfidenceShown(items=[ShelfConfidence.of(*each) for each in sorted(shelves.items())]))
