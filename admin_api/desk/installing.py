"""What the desk adds to the application: templates, pages for refusals, streams that end with the server."""

from aiohttp import web

from admin_api.desk import pages
from admin_api.desk.live import STREAMS, Streams


def install(app: web.Application) -> None:
    """Prepare the application for the desk's routes."""
    pages.set_up(app)
    app[STREAMS] = Streams()
    app.on_shutdown.append(app[STREAMS].close)
