"""Every address of the desk: pages, parts of pages, and the forms on them."""

from admin_api.access import Access
from admin_api.contract import Audience, Handler, Route
from admin_api.desk import acting, live, signing, work

PUBLIC, READ, WORK, LEAD, ADMIN = Access.PUBLIC, Access.READ, Access.WORK, Access.LEAD, Access.ADMIN


def _get(path: str, handler: Handler, needs: Access, summary: str) -> Route:
    return Route("GET", path, handler, needs, summary, 200, Audience.BROWSERS)


def _post(path: str, handler: Handler, needs: Access, summary: str) -> Route:
    return Route("POST", path, handler, needs, summary, 200, Audience.BROWSERS)


_ONE = "/conversations/{id}"

DESK: tuple[Route, ...] = (
    _get("/sign-in", signing.show, PUBLIC, "The sign-in page"),
    _post("/sign-in", signing.begin, PUBLIC, "Sign this browser in"),
    _post("/sign-out", signing.end, READ, "Sign this browser out"),
    _get("/password", signing.show_password, READ, "The page to set one's password"),
    _post("/password", signing.set_password, READ, "Set one's password"),
    _post("/language", signing.choose_language, PUBLIC, "Show the desk in another language"),
    _get("/", work.home, READ, "The desk"),
    _get("/desk/lists", work.lists, READ, "Queue and conversations alone"),
    _get("/desk/live", live.stream, READ, "Events when something changed"),
    _post("/desk/presence", acting.set_presence, WORK, "There, away or gone"),
    _post("/desk/next", acting.take_next, WORK, "Take the first in the queue"),
    _get(_ONE, work.conversation, READ, "The desk with a conversation open"),
    _get(f"{_ONE}/thread", work.thread, READ, "The thread alone"),
    _post(f"{_ONE}/words", acting.say, WORK, "Reply, or write a note"),
    _post(f"{_ONE}/take", acting.take, WORK, "Take it"),
    _post(f"{_ONE}/release", acting.release, WORK, "Give it back to the queue"),
    _post(f"{_ONE}/transfer", acting.transfer, WORK, "Give it to a colleague"),
    _post(f"{_ONE}/resolve", acting.resolve, WORK, "Close it"),
    _post(f"{_ONE}/reopen", acting.reopen, WORK, "Back into the queue"),
)
