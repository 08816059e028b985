"""What the desk adds to the application: templates, pages for refusals, streams that end with the server."""

from aiohttp import web

from admin_api.desk import pages
from admin_api.desk.live import STREAMS, Streams


def install(app: web.Application) -> None:
    """Prepare the application for the desk's routes."""
    pages.set_up(app)
    app[STREAMS] = Streams()
    app.on_shutdown.append(app[STREAMS].close)
    app.on_response_prepare.append(_let_browsers_keep_files)


async def _let_browsers_keep_files(request: web.Request, answer: web.StreamResponse) -> None:
    """Scripts and styles may be kept, but must be asked about: an update counts at the next page."""
    if request.path.startswith("/static/"):
        answer.headers.setdefault("Cache-Control", "no-cache")
