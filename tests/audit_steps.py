"""Each write of the API once, in an order that makes each possible, with the subject of its audit entry."""

import json
from typing import Any

from tests.admin_stage import Stage
from tests.admin_world import conversation, gap, parked, visitor

Step = tuple[str, str, Any, str]
"""A route's name, an address, a body, the subject of its entry."""

QUIET = {"scores.preview", "customer_service.serve", "canned_replies.render", "phrasings.try_out"}
"""POST only because what they are asked is long; they change nothing."""
ARTICLE = {"key": "shipping", "question": "How long?", "answer": "Three days.", "phrasings": ["when"]}
ORDER = {"number": "A-1", "amount": 1, "placed_at": "2026-03-01"}


async def all_steps(stage: Stage) -> list[Step]:
    """Every step with a key; the articles come before what is learned, which needs one."""
    return [
        *await _conversation_steps(stage),
        *ARTICLE_STEPS,
        *await _article_file_steps(stage),
        *await _gap_steps(stage),
        *await _learning_steps(stage),
        *await _casework_steps(stage),
        *FINDING_STEPS,
        *CANNED_STEPS,
        *await _customer_steps(stage),
        *STAFF_STEPS,
        *SETTING_STEPS,
    ]


async def _conversation_steps(stage: Stage) -> list[Step]:
    first = await conversation(stage.store, stage.clock())
    second = await conversation(stage.store, stage.clock())
    await stage.post(f"/conversations/{second}/take", key="agent")
    colleague = {"from_agent_id": stage.agents["agent"]}
    talk, about = f"/conversations/{first}", f"conversation:{first}"
    return [
        ("conversations.take", f"{talk}/take", None, about),
        ("conversations.reply", f"{talk}/reply", {"text": "Hello"}, about),
        ("ratings.ask", f"{talk}/rating-request", None, about),
        ("attachments.create", f"{talk}/attachments", "a file", about),
        ("conversations.note", f"{talk}/note", {"text": "VIP"}, about),
        ("conversations.release", f"{talk}/release", None, about),
        ("conversations.transfer", f"{talk}/transfer", {"agent_id": stage.agents["agent"]}, about),
        ("conversations.resolve", f"{talk}/resolve", None, about),
        ("conversations.reopen", f"{talk}/reopen", None, about),
        ("queueing.take_next", "/queue/take-next", None, about),
        (
            "conversations.take_over",
            f"/conversations/{second}/take-over",
            colleague,
            f"conversation:{second}",
        ),
    ]


ARTICLE_STEPS: list[Step] = [
    ("articles.create", "/articles", ARTICLE, "article:1"),
    ("articles.change", "/articles/1", {"answer": "Two days."}, "article:1"),
    ("articles.remove", "/articles/1", None, "article:1"),
    ("articles.restore", "/articles/restore", {"key": "shipping", "version": 1}, "article:2"),
    (
        "articles.import_file",
        "/articles/import",
        {"format": "csv", "data": "text,article,answer\na b,c,d\n"},
        "publication:5",
    ),
]


async def _article_file_steps(stage: Stage) -> list[Step]:
    key, article = await _handed_in(stage, "a"), "/articles/2/attachments"
    return [
        ("articles.hand_in_file", "/articles/import/files?name=a.csv", "a,b", "import_file"),
        ("article_attachments.upload", "/article-files?name=a.txt", "a file", f"article_file:{key}"),
        ("article_attachments.attach", f"{article}?name=a.txt", "a file", "article:2"),
        ("article_attachments.detach", f"{article}/{key}", None, "article:2"),
    ]


async def _handed_in(stage: Stage, name: str) -> str:
    """The key of a file that a step hands in again: it is the same then."""
    sent = json.dumps(f"{name} file").encode()
    return str((await stage.ask("POST", f"/api/v1/article-files?name={name}.txt", data=sent)).body["file"])


async def _gap_steps(stage: Stage) -> list[Step]:
    talk = await conversation(stage.store, stage.clock(), queued=False)
    missing = await gap(stage.store, stage.clock(), talk)
    unread = await parked(stage.store, stage.clock())
    return [
        ("gaps.teach", "/gaps/teach", {"gap_ids": [missing], "article_id": 2}, "article:2"),
        ("gaps.close", "/gaps/close", {"gap_ids": [missing]}, "gaps"),
        ("gaps.change", f"/gaps/{missing}", {"state": "closed"}, f"gap:{missing}"),
        ("parked.replay", f"/parked/{unread}/replay", None, f"parked:{unread}"),
        ("parked.dismiss", f"/parked/{unread}/dismiss", None, f"parked:{unread}"),
    ]


async def _learning_steps(stage: Stage) -> list[Step]:
    asked = ("can I pay by bank transfer", "how soon will it arrive", "is there a shop in town")
    replies = [await _replied(stage, text) for text in asked]
    talk = await conversation(stage.store, stage.clock(), text="how many days until it is here", queued=False)
    [question] = (await stage.get(f"/conversations/{talk}/messages"))["items"]
    said = {"article_id": 2, "question": question["text"]}
    attached = "/drafts/1/attachments"
    return [
        *(
            ("drafts.from_reply", f"/messages/{reply}/draft", None, f"draft:{number}")
            for number, reply in enumerate(replies, 1)
        ),
        ("drafts.change", "/drafts/1", {"answer": "Yes, by bank transfer."}, "draft:1"),
        ("article_attachments.attach_to_draft", f"{attached}?name=b.txt", "b file", "draft:1"),
        (
            "article_attachments.detach_from_draft",
            f"{attached}/{await _handed_in(stage, 'b')}",
            None,
            "draft:1",
        ),
        ("drafts.publish", "/drafts/1/publish", None, "article:4"),
        ("drafts.teach", "/drafts/2/teach", {"article_id": 2}, "article:2"),
        ("drafts.dismiss", "/drafts/3", None, "draft:3"),
        ("drafts.begin", "/drafts", {"question": "Where is the shop?"}, "draft:4"),
        (
            "phrasings.correct",
            f"/messages/{question['id']}/correction",
            {"article_id": 2},
            f"conversation:{talk}",
        ),
        ("phrasings.accept", "/phrasings/accept", said, "article:2"),
        ("phrasings.reject", "/phrasings/reject", said, "article:2"),
    ]


async def _replied(stage: Stage, asked: str, key: str = "agent") -> int:
    """The id of an agent's reply to these words."""
    number = await conversation(stage.store, stage.clock(), text=asked)
    return int((await stage.post(f"/conversations/{number}/reply", {"text": "Yes."}, key))["id"])


async def _casework_steps(stage: Stage) -> list[Step]:
    owner = await visitor(stage.store, stage.clock())
    old = await conversation(stage.store, stage.clock(), customer_id=owner)
    await stage.post(f"/conversations/{old}/resolve")
    kept = await conversation(stage.store, stage.clock(), customer_id=owner)
    await stage.post("/me", {"undo_s": 15}, method="PATCH")
    held = (await stage.post(f"/conversations/{kept}/reply", {"text": "wrong words"}))["id"]
    talk, about = f"/conversations/{kept}", f"conversation:{kept}"
    file = await stage.ask("POST", f"/api/v1{talk}/attachments?name=a.txt", data=b"12 euros")
    await stage.post(f"/messages/{file.body['id']}/take-back")
    key = {"file": file.body["attachment"]["file"]}
    writer = await visitor(stage.store, stage.clock(), channel="telegram")
    far = await conversation(stage.store, stage.clock(), customer_id=writer)
    many = {"conversation_ids": [kept], "action": "tag", "value": "late"}
    return [
        ("casework.take_back", f"/messages/{held}/take-back", None, about),
        (
            "attachments.send_article_file",
            f"{talk}/attachments/of-article",
            await _article_file(stage),
            about,
        ),
        ("attachments.send_again", f"{talk}/attachments/again", key, about),
        ("conversations.ask_phone", f"/conversations/{far}/ask-phone", None, f"conversation:{far}"),
        ("casework.label", talk, {"priority": 2}, about),
        ("casework.merge", f"{talk}/merge", {"conversation_id": old}, about),
        ("casework.undo_merge", "/conversation-merges/1/undo", None, about),
        ("casework.snooze", f"{talk}/snooze", {"until": "2026-03-03T09:00:00Z"}, about),
        ("finding.act_on_many", "/conversations/bulk", many, "bulk:1"),
        ("finding.undo_bulk", "/bulk-actions/1/undo", None, "bulk:1"),
        ("cases.create", "/cases", {"kind": "refund", "conversation_id": kept}, "case:1"),
        ("cases.change", "/cases/1", {"state": "approved"}, "case:1"),
    ]


async def _article_file(stage: Stage) -> dict[str, str]:
    return {"file": await _handed_in(stage, "c"), "text": "look"}


FINDING_STEPS: list[Step] = [
    ("replays.put_policy", "/queue/policy", {"policy": "mood 3"}, "queue:policy"),
    ("replays.put_back_policy", "/queue/policy/back", None, "queue:policy"),
    ("finding.save_view", "/views", {"name": "late", "filters": {"tag": "late"}}, "view:1"),
    ("finding.delete_view", "/views/1", None, "view:1"),
]

CANNED_STEPS: list[Step] = [
    (
        "canned_replies.create",
        "/canned-replies",
        {"shortcode": "map", "text": "Here we are:"},
        "canned_reply:1",
    ),
    ("canned_replies.change", "/canned-replies/1", {"category": "shop"}, "canned_reply:1"),
    ("canned_replies.attach", "/canned-replies/1/attachment", "a file", "canned_reply:1"),
    ("canned_replies.detach", "/canned-replies/1/attachment", None, "canned_reply:1"),
    ("canned_replies.remove", "/canned-replies/1", None, "canned_reply:1"),
]


async def _customer_steps(stage: Stage) -> list[Step]:
    ada, eve = [await visitor(stage.store, stage.clock()) for _ in range(2)]
    person, about = f"/customers/{ada}", f"customer:{ada}"
    return [
        ("customers.create", "/customers", {"name": "Grace"}, f"customer:{eve + 1}"),
        ("customers.change", person, {"age": 36}, about),
        ("links.create", f"{person}/links", None, about),
        ("bans.ban", f"{person}/ban", {"reason": "spam"}, about),
        ("bans.unban", f"{person}/ban", None, about),
        ("merges.merge", f"{person}/merge", {"merged_id": eve}, about),
        ("merges.undo", "/merges/1/undo", None, "merge:1"),
        ("orders.create", f"{person}/orders", ORDER, "order:1"),
        ("orders.change", "/orders/1", {"status": "shipped"}, "order:1"),
        ("scores.run", "/scores/run", {}, "score_run:1"),
        ("customers.export", f"{person}/export", None, about),
        ("customers.erase", f"{person}/erase", None, about),
        ("customers.remove", f"/customers/{eve}", None, f"customer:{eve}"),
    ]


STAFF_STEPS: list[Step] = [
    ("staff.create", "/staff", {"name": "Grace", "role": "agent"}, "agent:5"),
    ("staff.change", "/staff/5", {"capacity": 2}, "agent:5"),
    ("staff.issue_code", "/staff/5/codes", {"purpose": "sign_in"}, "agent:5"),
    ("staff.unlink_telegram", "/staff/5/telegram", None, "agent:5"),
    ("sessions.end_all", "/staff/5/sessions", None, "agent:5"),
    ("sessions.end_others", "/me/sessions", None, "agent:1"),
    ("staff.disable", "/staff/5", None, "agent:5"),
    ("keys.create", "/keys", {"name": "k", "role": "agent"}, "key:5"),
    ("keys.revoke", "/keys/5", None, "key:5"),
    ("me.change", "/me", {"presence": "online"}, "agent:1"),
    ("me.issue_code", "/me/telegram-code", None, "agent:1"),
]


SETTING_STEPS: list[Step] = [
    ("settings.change", "/settings/dispatch", {"value": "pull"}, "setting:dispatch"),
    ("settings.reset", "/settings/dispatch", None, "setting:dispatch"),
]
