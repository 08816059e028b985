"""Every address of the staff's side, on one page: who may call it, and what it does."""

from admin_api.access import Access
from admin_api.contract import Audience, Route
from admin_api.desk.routes import DESK
from admin_api.handlers import (
    article_attachments,
    articles,
    attachments,
    audit,
    bans,
    canned_replies,
    cases,
    casework,
    confidence,
    conversations,
    customer_service,
    customers,
    drafts,
    finding,
    gaps,
    keys,
    links,
    me,
    merges,
    orders,
    parked,
    phrasings,
    queueing,
    ratings,
    replays,
    reports,
    scores,
    segments,
    sessions,
    settings,
    staff,
    suggestions,
    system,
    whys,
)

PUBLIC, READ, WORK, LEAD, ADMIN = Access.PUBLIC, Access.READ, Access.WORK, Access.LEAD, Access.ADMIN
BROWSERS = Audience.BROWSERS
V1 = "/api/v1"

SYSTEM = (
    Route("GET", "/healthz", system.health, PUBLIC, "Does the process answer"),
    Route("GET", "/readyz", system.readiness, PUBLIC, "Does everything serve"),
    Route("GET", "/metrics", system.metrics, PUBLIC, "Figures for Prometheus"),
    Route("GET", f"{V1}/openapi.json", system.openapi, PUBLIC, "This document"),
    Route("GET", f"{V1}/docs", system.documentation, PUBLIC, "The documentation page", 200, BROWSERS),
)

STAFF = (
    Route("GET", f"{V1}/me", me.read, READ, "Who am I"),
    Route("PATCH", f"{V1}/me", me.change, WORK, "Set my presence and languages"),
    Route("POST", f"{V1}/me/telegram-code", me.issue_code, WORK, "A code to link my Telegram account", 201),
    Route("PUT", f"{V1}/me/password", me.set_password, READ, "Set my password"),
    Route("GET", f"{V1}/me/sessions", sessions.listing, READ, "My signed-in browsers"),
    Route("DELETE", f"{V1}/me/sessions", sessions.end_others, READ, "Sign all my other browsers out"),
    Route("DELETE", f"{V1}/me/sessions/{{id}}", sessions.end, READ, "Sign one of my browsers out", 204),
    Route("POST", f"{V1}/session", me.start_session, PUBLIC, "Sign a browser in", 201),
    Route("DELETE", f"{V1}/session", me.end_session, READ, "Sign this browser out", 204),
    Route("GET", f"{V1}/staff", staff.listing, WORK, "List staff"),
    Route("POST", f"{V1}/staff", staff.create, ADMIN, "Add a member of staff", 201),
    Route("GET", f"{V1}/staff/{{id}}", staff.read, WORK, "Read a member of staff"),
    Route("PATCH", f"{V1}/staff/{{id}}", staff.change, ADMIN, "Change role, skills, access"),
    Route("DELETE", f"{V1}/staff/{{id}}", staff.disable, ADMIN, "Disable a member of staff"),
    Route("POST", f"{V1}/staff/{{id}}/codes", staff.issue_code, ADMIN, "A one-time code for somebody", 201),
    Route("DELETE", f"{V1}/staff/{{id}}/sessions", sessions.end_all, ADMIN, "Sign somebody out everywhere"),
    Route("DELETE", f"{V1}/staff/{{id}}/telegram", staff.unlink_telegram, ADMIN, "End a Telegram link"),
    Route("GET", f"{V1}/keys", keys.listing, ADMIN, "List keys"),
    Route("POST", f"{V1}/keys", keys.create, ADMIN, "Make a key, shown once", 201),
    Route("DELETE", f"{V1}/keys/{{id}}", keys.revoke, ADMIN, "Revoke a key"),
    Route("GET", f"{V1}/settings", settings.listing, ADMIN, "Settings that are changed while all runs"),
    Route("PUT", f"{V1}/settings/{{name}}", settings.change, ADMIN, "Change a setting"),
    Route("DELETE", f"{V1}/settings/{{name}}", settings.reset, ADMIN, "Back to the environment's value"),
    Route("GET", f"{V1}/audit", audit.listing, LEAD, "Who changed what"),
)

_PERSON = f"{V1}/customers"
CUSTOMERS = (
    Route("GET", _PERSON, customers.listing, READ, "List or search customers"),
    Route("POST", _PERSON, customers.create, WORK, "Add a customer", 201),
    Route("GET", f"{_PERSON}/duplicates", merges.proposals, READ, "Records that may be one person"),
    Route("GET", f"{_PERSON}/{{id}}", customers.read, READ, "Read a customer"),
    Route("PATCH", f"{_PERSON}/{{id}}", customers.change, WORK, "Change a customer"),
    Route("DELETE", f"{_PERSON}/{{id}}", customers.remove, LEAD, "Delete a record", 204),
    Route("GET", f"{_PERSON}/{{id}}/identities", customers.identities, READ, "Addresses on channels"),
    Route("GET", f"{_PERSON}/{{id}}/conversations", customers.talks, READ, "A customer's conversations"),
    Route("GET", f"{_PERSON}/{{id}}/orders", orders.of_customer, READ, "A customer's orders"),
    Route("POST", f"{_PERSON}/{{id}}/orders", orders.create, WORK, "Record an order", 201),
    Route("GET", f"{_PERSON}/{{id}}/scores", scores.explain, READ, "A customer's scores, and why"),
    Route("POST", f"{_PERSON}/{{id}}/links", links.create, WORK, "A link to go on in Telegram", 201),
    Route("POST", f"{_PERSON}/{{id}}/ban", bans.ban, WORK, "Serve a customer no more"),
    Route("DELETE", f"{_PERSON}/{{id}}/ban", bans.unban, WORK, "Serve them again"),
    Route("GET", f"{_PERSON}/{{id}}/merges", merges.listing, READ, "Merges of a record"),
    Route("POST", f"{_PERSON}/{{id}}/merge", merges.merge, WORK, "Merge another record into this one"),
    Route("POST", f"{V1}/merges/{{id}}/undo", merges.undo, WORK, "Undo a merge"),
    Route("POST", f"{_PERSON}/{{id}}/export", customers.export, LEAD, "Everything kept of a person"),
    Route("POST", f"{_PERSON}/{{id}}/erase", customers.erase, LEAD, "Erase a person"),
    Route("GET", f"{V1}/orders", orders.find, READ, "Find orders by number"),
    Route("GET", f"{V1}/orders/{{id}}", orders.read, READ, "Read an order"),
    Route("PATCH", f"{V1}/orders/{{id}}", orders.change, WORK, "Status and tracking of an order"),
)

_TALK = f"{V1}/conversations"
CONVERSATIONS = (
    Route("GET", _TALK, conversations.listing, READ, "List conversations"),
    Route("GET", f"{_TALK}/{{id}}", conversations.read, READ, "Read a conversation"),
    Route("GET", f"{_TALK}/{{id}}/messages", conversations.messages, READ, "All its messages"),
    Route("POST", f"{_TALK}/{{id}}/reply", conversations.reply, WORK, "Write to the customer", 201),
    Route("POST", f"{_TALK}/{{id}}/attachments", attachments.create, WORK, "Send the customer a file", 201),
    Route(
        "POST",
        f"{_TALK}/{{id}}/attachments/again",
        attachments.send_again,
        WORK,
        "Send what was taken back",
        201,
    ),
    Route(
        "POST",
        f"{_TALK}/{{id}}/attachments/of-article",
        attachments.send_article_file,
        WORK,
        "Send the customer a file of an article",
        201,
    ),
    Route("GET", f"{V1}/messages/{{id}}/attachment", attachments.read, WORK, "The file of a message"),
    Route("POST", f"{_TALK}/{{id}}/note", conversations.note, WORK, "Write a note for staff", 201),
    Route("POST", f"{_TALK}/{{id}}/take", conversations.take, WORK, "Take it"),
    Route("POST", f"{_TALK}/{{id}}/take-over", conversations.take_over, LEAD, "Take it from a colleague"),
    Route("POST", f"{_TALK}/{{id}}/ask-phone", conversations.ask_phone, WORK, "Ask for the phone number"),
    Route("POST", f"{_TALK}/{{id}}/release", conversations.release, WORK, "Give it back to the queue"),
    Route("POST", f"{_TALK}/{{id}}/transfer", conversations.transfer, WORK, "Give it to an agent or a team"),
    Route("PATCH", f"{_TALK}/{{id}}", casework.label, WORK, "Set priority, tags, attributes"),
    Route("POST", f"{_TALK}/{{id}}/snooze", casework.snooze, WORK, "Put it aside until a time"),
    Route("GET", f"{_TALK}/{{id}}/merges", casework.merges, READ, "Conversations it was merged with"),
    Route("POST", f"{_TALK}/{{id}}/merge", casework.merge, WORK, "Make another part of it", 201),
    Route("POST", f"{V1}/conversation-merges/{{id}}/undo", casework.undo_merge, WORK, "Undo that"),
    Route(
        "POST", f"{V1}/messages/{{id}}/take-back", casework.take_back, WORK, "Do not send a held-back reply"
    ),
    Route("POST", f"{_TALK}/{{id}}/resolve", conversations.resolve, WORK, "Close it"),
    Route("POST", f"{_TALK}/{{id}}/reopen", conversations.reopen, WORK, "Open it again"),
    Route("POST", f"{_TALK}/{{id}}/rating-request", ratings.ask, WORK, "Ask the customer for a rating", 201),
    Route("GET", f"{_TALK}/{{id}}/canned-replies", canned_replies.choices, WORK, "Canned replies, filled in"),
    Route("GET", f"{_TALK}/{{id}}/suggestions", suggestions.listing, WORK, "Replies that may fit, and why"),
    Route("GET", f"{V1}/queue", queueing.read, READ, "Who waits, and why in this order"),
    Route("GET", f"{V1}/queue/overdue", queueing.overdue, READ, "Promises that are overdue"),
    Route("GET", f"{V1}/queue/policy", replays.read_policy, READ, "How the queue is ordered"),
    Route("PUT", f"{V1}/queue/policy", replays.put_policy, ADMIN, "Order the queue by another policy"),
    Route("POST", f"{V1}/queue/policy/back", replays.put_back_policy, ADMIN, "The policy before it again"),
    Route("POST", f"{V1}/queue/take-next", queueing.take_next, WORK, "Take the next"),
    Route("GET", f"{V1}/ratings", ratings.listing, READ, "List ratings"),
    Route("GET", f"{V1}/parked", parked.listing, ADMIN, "Updates that could not be handled"),
    Route("POST", f"{V1}/parked/{{id}}/replay", parked.replay, ADMIN, "Handle a parked update again"),
    Route("POST", f"{V1}/parked/{{id}}/dismiss", parked.dismiss, ADMIN, "List a parked update no more"),
)

_CANNED = f"{V1}/canned-replies"
CANNED = (
    Route("GET", f"{V1}/search", finding.search_messages, WORK, "Search messages and notes"),
    Route("GET", f"{V1}/views", finding.list_views, WORK, "Saved filters"),
    Route("POST", f"{V1}/views", finding.save_view, WORK, "Save a filter", 201),
    Route("DELETE", f"{V1}/views/{{id}}", finding.delete_view, WORK, "Delete a saved filter", 204),
    Route("POST", f"{_TALK}/bulk", finding.act_on_many, WORK, "Act on many conversations"),
    Route("POST", f"{V1}/bulk-actions/{{id}}/undo", finding.undo_bulk, WORK, "Undo that"),
    Route("GET", _CANNED, canned_replies.listing, WORK, "List canned replies"),
    Route("POST", _CANNED, canned_replies.create, WORK, "Write a canned reply", 201),
    Route("GET", f"{_CANNED}/{{id}}", canned_replies.read, WORK, "Read a canned reply"),
    Route("PATCH", f"{_CANNED}/{{id}}", canned_replies.change, WORK, "Change a canned reply"),
    Route("DELETE", f"{_CANNED}/{{id}}", canned_replies.remove, WORK, "Delete a canned reply", 204),
    Route("POST", f"{_CANNED}/{{id}}/render", canned_replies.render, WORK, "Its words for a conversation"),
    Route("PUT", f"{_CANNED}/{{id}}/attachment", canned_replies.attach, WORK, "Give it a file"),
    Route("DELETE", f"{_CANNED}/{{id}}/attachment", canned_replies.detach, WORK, "Take its file away"),
)

_CASES = f"{V1}/cases"
CASES = (
    Route("GET", _CASES, cases.listing, READ, "List after-sales cases"),
    Route("POST", _CASES, cases.create, WORK, "Open a return, refund, repair or follow-up", 201),
    Route("GET", f"{_CASES}/{{id}}", cases.read, READ, "A case with its steps"),
    Route("PATCH", f"{_CASES}/{{id}}", cases.change, WORK, "Take a step, set owner and deadline"),
    Route("GET", f"{V1}/reports/cases", cases.report, READ, "How after-sales cases did"),
)

_ARTICLES = f"{V1}/articles"
KNOWLEDGE = (
    Route("GET", _ARTICLES, articles.listing, READ, "List articles"),
    Route("POST", _ARTICLES, articles.create, LEAD, "Publish an article", 201),
    Route("GET", f"{_ARTICLES}/export", articles.export, READ, "All articles as a file"),
    Route("POST", f"{_ARTICLES}/import", articles.import_file, LEAD, "Publish a file of articles"),
    Route("POST", f"{_ARTICLES}/import/files", articles.hand_in_file, LEAD, "Hand in a large one", 201),
    Route("GET", f"{_ARTICLES}/confidence", confidence.read, READ, "How honest the bot's confidence is"),
    Route("GET", f"{_ARTICLES}/versions", articles.history, READ, "Versions by name, deleted ones too"),
    Route("POST", f"{_ARTICLES}/restore", articles.restore, LEAD, "Bring a version back"),
    Route("POST", f"{_ARTICLES}/try", phrasings.try_out, LEAD, "What a change would do to real questions"),
    Route("GET", f"{_ARTICLES}/{{id}}", articles.read, READ, "Read an article"),
    Route("PATCH", f"{_ARTICLES}/{{id}}", articles.change, LEAD, "Change an article"),
    Route("DELETE", f"{_ARTICLES}/{{id}}", articles.remove, LEAD, "Take an article away", 204),
    Route(
        "GET", f"{_ARTICLES}/{{id}}/standing", articles.read_standing, READ, "May it answer alone, and why"
    ),
    Route("GET", f"{_ARTICLES}/{{id}}/versions", articles.versions, READ, "What it was before"),
    Route("GET", f"{_ARTICLES}/{{id}}/attachments", article_attachments.listing, READ, "Files of its answer"),
    Route("POST", f"{_ARTICLES}/{{id}}/attachments", article_attachments.attach, LEAD, "One more file", 201),
    Route("DELETE", f"{_ARTICLES}/{{id}}/attachments/{{file}}", article_attachments.detach, LEAD, "One less"),
    Route("POST", f"{V1}/article-files", article_attachments.upload, WORK, "Hand in a file", 201),
    Route("GET", f"{V1}/article-files/{{file}}", article_attachments.content, READ, "The file"),
    Route("GET", f"{V1}/gaps", gaps.listing, READ, "Questions nobody could answer"),
    Route("GET", f"{V1}/gaps/groups", gaps.groups, READ, "The same, grouped into what could be written"),
    Route("POST", f"{V1}/gaps/close", gaps.close, LEAD, "Close several gaps"),
    Route("POST", f"{V1}/gaps/teach", gaps.teach, LEAD, "Make gaps phrasings of an article"),
    Route("PATCH", f"{V1}/gaps/{{id}}", gaps.change, LEAD, "Close or open a gap"),
    Route(
        "POST", f"{V1}/messages/{{id}}/draft", drafts.from_reply, WORK, "A reply made a draft article", 201
    ),
    Route("POST", f"{V1}/messages/{{id}}/correction", phrasings.correct, WORK, "Which article answers this"),
    Route("GET", f"{V1}/messages/{{id}}/why", whys.read, WORK, "Why it is decided so, by today's articles"),
    Route("GET", f"{V1}/drafts", drafts.listing, READ, "Articles not yet published"),
    Route("POST", f"{V1}/drafts", drafts.begin, WORK, "Begin an article", 201),
    Route("GET", f"{V1}/drafts/{{id}}", drafts.read, READ, "A draft, and articles like it"),
    Route("PATCH", f"{V1}/drafts/{{id}}", drafts.change, WORK, "Write a draft anew"),
    Route(
        "POST",
        f"{V1}/drafts/{{id}}/attachments",
        article_attachments.attach_to_draft,
        WORK,
        "One more file for it",
        201,
    ),
    Route(
        "DELETE",
        f"{V1}/drafts/{{id}}/attachments/{{file}}",
        article_attachments.detach_from_draft,
        WORK,
        "One less",
    ),
    Route("POST", f"{V1}/drafts/{{id}}/publish", drafts.publish, LEAD, "Publish a draft"),
    Route(
        "POST", f"{V1}/drafts/{{id}}/teach", drafts.teach, LEAD, "Its question as a phrasing of an article"
    ),
    Route("DELETE", f"{V1}/drafts/{{id}}", drafts.dismiss, WORK, "Throw a draft away", 204),
    Route("GET", f"{V1}/phrasings", phrasings.listing, READ, "Phrasings that people's choices propose"),
    Route("POST", f"{V1}/phrasings/accept", phrasings.accept, LEAD, "Add a proposed phrasing"),
    Route("POST", f"{V1}/phrasings/reject", phrasings.reject, LEAD, "Propose a phrasing no more"),
)

INSIGHT = (
    Route("GET", f"{V1}/scores", scores.listing, READ, "Everybody's scores"),
    Route("POST", f"{V1}/scores/preview", scores.preview, READ, "Compute a score from values in the body"),
    Route("GET", f"{V1}/scores/run", scores.read_run, READ, "How they were computed"),
    Route("POST", f"{V1}/scores/run", scores.run, LEAD, "Score all customers as of a moment", 201),
    Route("GET", f"{V1}/segments", segments.listing, READ, "Segments with sizes and centroids"),
    Route("GET", f"{V1}/segments/{{name}}/members", segments.members, READ, "Who is in a segment"),
    Route("GET", f"{V1}/reports/summary", reports.summary, READ, "How the service did"),
    Route("GET", f"{V1}/reports/queue-replay", replays.read, READ, "The queue under two policies"),
    Route("GET", f"{V1}/reports/satisfaction", reports.satisfaction, READ, "How content customers are"),
    Route(
        "POST", f"{V1}/customer_service", customer_service.serve, READ, "Answer, recommend, queue, schedule"
    ),
)

ROUTES: tuple[Route, ...] = (
    *SYSTEM,
    *CUSTOMERS,
    *CONVERSATIONS,
    *CANNED,
    *CASES,
    *KNOWLEDGE,
    *INSIGHT,
    *STAFF,
    *DESK,
)
