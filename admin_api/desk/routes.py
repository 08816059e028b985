"""Every address of the desk: pages, parts of pages, and the forms on them."""

from admin_api.access import Access
from admin_api.contract import Audience, Handler, Route
from admin_api.desk import (
    acting,
    admin,
    article_files,
    bulk_page,
    canned,
    case_acts,
    case_pages,
    confidence,
    correcting,
    explaining,
    insights,
    knowledge,
    learning,
    live,
    marking,
    people,
    preferences,
    replaying,
    search_page,
    settings_page,
    signing,
    team,
    team_now,
    work,
)

PUBLIC, READ, WORK, LEAD, ADMIN = Access.PUBLIC, Access.READ, Access.WORK, Access.LEAD, Access.ADMIN


def _get(path: str, handler: Handler, needs: Access, summary: str) -> Route:
    return Route("GET", path, handler, needs, summary, 200, Audience.BROWSERS)


def _post(path: str, handler: Handler, needs: Access, summary: str) -> Route:
    return Route("POST", path, handler, needs, summary, 200, Audience.BROWSERS)


_ONE = "/conversations/{id}"

_WORK: tuple[Route, ...] = (
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
    _get("/desk/unread", marking.unread, READ, "What the count in the title is made of"),
    _post("/desk/seen", marking.note_seen, WORK, "Read this far"),
    _post(f"{_ONE}/typing", marking.note_typing, WORK, "Writing, or no longer"),
    _get(f"{_ONE}/suggestions", work.suggested, WORK, "Replies that may fit"),
    _post(f"{_ONE}/words", acting.say, WORK, "Reply, or write a note"),
    _post(f"{_ONE}/take", acting.take, WORK, "Take it"),
    _post(f"{_ONE}/release", acting.release, WORK, "Give it back to the queue"),
    _post(f"{_ONE}/transfer", case_acts.transfer, WORK, "Give it to a colleague or a team"),
    _post(f"{_ONE}/snooze", case_acts.snooze, WORK, "Put it aside until a time"),
    _post(f"{_ONE}/labels", case_acts.label, WORK, "Set priority, tags, attributes"),
    _post(f"{_ONE}/merge", case_acts.merge, WORK, "Make another conversation part of it"),
    _post(f"{_ONE}/unmerge", case_acts.unmerge, WORK, "Take a merge back"),
    _post(f"{_ONE}/take-back", case_acts.take_back, WORK, "Do not send a held-back reply"),
    _get("/messages/{id}/correction", correcting.show, WORK, "Which article would have answered it"),
    _get("/messages/{id}/why", explaining.show, WORK, "Why it is decided so"),
    _post("/messages/{id}/correction", correcting.choose, WORK, "This article would have"),
    _post(f"{_ONE}/resolve", acting.resolve, WORK, "Close it"),
    _post(f"{_ONE}/ask-phone", acting.ask_phone, WORK, "Ask the customer for their phone number"),
    _post(f"{_ONE}/rate", acting.ask_rating, WORK, "Ask the customer for a rating"),
    _post(f"{_ONE}/reopen", acting.reopen, WORK, "Back into the queue"),
)

_PAGES: tuple[Route, ...] = (
    _get("/customers", people.listing, READ, "Customers"),
    _get("/customers/{id}", people.read, READ, "A customer"),
    _post("/customers/{id}", people.change, WORK, "Correct a customer's fields"),
    _post("/customers/{id}/phone", people.change_phone, WORK, "Set or correct a customer's phone number"),
    _post("/customers/{id}/merge", people.merge, WORK, "Make another record part of this one"),
    _post("/customers/{id}/unmerge", people.unmerge, WORK, "Take such a merge back"),
    _post("/customers/{id}/ban", people.ban, WORK, "Serve a customer no more"),
    _post("/customers/{id}/unban", people.unban, WORK, "Serve them again"),
    _get("/articles", knowledge.listing, READ, "Articles"),
    _post("/articles", knowledge.create, LEAD, "Publish a new article"),
    _get("/articles/new", knowledge.new, LEAD, "An empty article"),
    _post("/articles/restore", knowledge.restore, LEAD, "Make an old version the newest"),
    _get("/articles/export", article_files.export, READ, "All articles as a file"),
    _get("/articles/import", article_files.show, LEAD, "Bring a file of articles"),
    _post("/articles/import", article_files.check, LEAD, "What a file of articles holds"),
    _post("/articles/import/publish", article_files.publish, LEAD, "Publish a checked file of articles"),
    _get("/articles/confidence", confidence.show, READ, "How honest the bot's confidence is"),
    _get("/articles/confidence.svg", confidence.picture, READ, "The same as a picture"),
    _get("/articles/{id}", knowledge.read, READ, "An article"),
    _post("/articles/{id}", knowledge.change, LEAD, "Publish a changed article"),
    _post("/articles/{id}/remove", knowledge.remove, LEAD, "Take an article away"),
    _get("/gaps", knowledge.gap_listing, READ, "Questions nobody could answer"),
    _post("/gaps/close", knowledge.close_gaps, LEAD, "Close a group of gaps"),
    _post("/gaps/teach", knowledge.teach, LEAD, "Make a group of gaps phrasings of an article"),
    _post("/gaps/{id}", knowledge.change_gap, LEAD, "Close a gap, or open it again"),
    _post("/articles/{id}/try", learning.try_article, LEAD, "What a change would do"),
    _get("/drafts", learning.listing, READ, "Drafts of articles"),
    _post("/drafts", learning.make, WORK, "An agent's reply made a draft"),
    _get("/drafts/{id}", learning.read, READ, "A draft"),
    _post("/drafts/{id}", learning.change, WORK, "Write a draft anew"),
    _post("/drafts/{id}/publish", learning.publish, LEAD, "Publish a draft"),
    _post("/drafts/{id}/try", learning.try_draft, LEAD, "What publishing a draft would do"),
    _post("/drafts/{id}/teach", learning.teach, LEAD, "A draft's question as a phrasing of an article"),
    _post("/drafts/{id}/dismiss", learning.dismiss, WORK, "Throw a draft away"),
    _get("/phrasings", learning.proposals, READ, "Phrasings that people's choices propose"),
    _post("/phrasings/accept", learning.accept, LEAD, "Add a proposed phrasing"),
    _post("/phrasings/reject", learning.reject, LEAD, "Propose a phrasing no more"),
    _get("/insights", insights.show, READ, "How the service did"),
    _get("/insights/queue", replaying.show, READ, "What another order of the queue would have meant"),
    _post("/insights/queue/policy", replaying.put, ADMIN, "Order the queue by this policy"),
    _post("/insights/queue/policy/back", replaying.put_back, ADMIN, "The policy before it again"),
    _post("/insights/scores", insights.score, LEAD, "Score all customers"),
)

_CASEWORK: tuple[Route, ...] = (
    _get("/cases", case_pages.listing, READ, "After-sales cases"),
    _post("/cases", case_pages.create, WORK, "Open a case"),
    _get("/cases/{id}", case_pages.read, READ, "A case"),
    _post("/cases/{id}", case_pages.change, WORK, "Take a step, set owner and deadline"),
    _get("/search", search_page.show, WORK, "Search, views and bulk acts"),
    _post("/search/views", search_page.save_view, WORK, "Save a filter"),
    _post("/search/views/{id}/delete", search_page.delete_view, WORK, "Delete a saved filter"),
    _post("/search/bulk", bulk_page.act, WORK, "Ask about, or do, one act on many"),
    _post("/search/bulk/{id}/undo", bulk_page.undo, WORK, "Undo that"),
    _get("/desk/standing", bulk_page.standing, WORK, "What stands of my last act on many"),
    _get("/preferences", preferences.show, READ, "How one likes to work"),
    _post("/preferences/sessions/end", preferences.end_other_sessions, READ, "Sign my other browsers out"),
    _post("/preferences/sessions/{id}/end", preferences.end_session, READ, "Sign one of my browsers out"),
    _post("/preferences", case_acts.set_preferences, WORK, "Set how one likes to work"),
    _get("/canned", canned.listing, WORK, "Canned replies"),
    _post("/canned", canned.create, WORK, "Write a canned reply"),
    _get("/canned/{id}", canned.read, WORK, "A canned reply"),
    _post("/canned/{id}", canned.change, WORK, "Change a canned reply"),
    _post("/canned/{id}/remove", canned.remove, WORK, "Delete a canned reply"),
    _post("/canned/{id}/detach", canned.detach, WORK, "Take its file away"),
)

_TEAM: tuple[Route, ...] = (
    _get("/team", team_now.show, LEAD, "Queue and team at this moment"),
    _get("/team/now", team_now.now, LEAD, "The same without the page around it"),
    _get("/settings", settings_page.show, ADMIN, "The settings in force"),
    _post("/settings/{name}", settings_page.change, ADMIN, "Change a setting"),
    _post("/settings/{name}/reset", settings_page.reset, ADMIN, "Back to the environment's value"),
    _get("/audit", admin.show_audit, LEAD, "Who changed what"),
    _get("/staff", team.show, ADMIN, "Staff and keys"),
    _post("/staff", team.add, ADMIN, "Add somebody"),
    _post("/staff/{id}/code", team.issue_code, ADMIN, "A one-time code for somebody"),
    _post("/staff/{id}/role", team.change_role, ADMIN, "Give somebody another role"),
    _post("/staff/{id}/duties", team.change_duties, ADMIN, "Set capacity, skills and languages"),
    _post("/staff/{id}/access", team.change_access, ADMIN, "Shut somebody out, or let them in"),
    _post("/staff/{id}/sign-out", team.sign_out, ADMIN, "Sign somebody out everywhere"),
    _post("/staff/{id}/unlink", team.unlink, ADMIN, "End a Telegram link"),
    _post("/staff/keys", team.make_key, ADMIN, "Make a key"),
    _post("/staff/keys/{id}/revoke", team.revoke_key, ADMIN, "End a key"),
)

DESK: tuple[Route, ...] = (*_WORK, *_PAGES, *_CASEWORK, *_TEAM)
