"""How honest the bot's confidence is: figures and curves on a page."""

from aiohttp import web
from pydantic import BaseModel

from admin_api.contract import Context
from admin_api.desk.pages import page, words_of
from admin_api.desk.through import through
from admin_api.handlers import confidence
from knowledge_base.curves import NO_CURVES
from knowledge_base.plotting import Captions, draw
from knowledge_base.text import Script


class ScriptQuery(BaseModel):
    """Whose curves."""

    script: Script = "alphabetic"


async def show(context: Context) -> web.Response:
    """The promise of each script, with its curves as a picture."""
    found = await through(confidence.read, context)
    return page(context, "confidence.html", found=found.body)


async def picture(context: Context, query: ScriptQuery) -> web.Response:
    """The curves as SVG; empty axes where nothing is learned."""
    index = context.services.knowledge().index
    shelf = index.shelves.get(query.script)
    curves = shelf.calibration.curves if shelf is not None else NO_CURVES
    t = words_of(context.request)
    captions = Captions(*(t(f"confidence.{name}") for name in Captions.__dataclass_fields__))
    drawn = draw(curves, index.policy.wrong_budget, captions)
    return web.Response(text=drawn, content_type="image/svg+xml")
