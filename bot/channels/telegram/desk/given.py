"""Several conversations went to an agent at once: one post calls them by name, and leads to each customer's topic."""

import json
from collections.abc import Sequence
from typing import Any

from telegram.error import BadRequest

from bot.channels.telegram.desk.digest import END_LENGTH, NAME_LENGTH, message_link
from bot.channels.telegram.desk.group import NO_PREVIEW, StaffGroup
from bot.channels.telegram.desk.steps import Copied
from bot.channels.telegram.drawing import MAX_TEXT, calling, cut, units
from bot.texts import render
from crm_store import desk_given
from crm_store.desk_cards import Card
from crm_store.desk_given import Theirs
from crm_store.desk_posts import Claimed
from crm_store.desk_topics import Place
from crm_store.engine import Store

Json = dict[str, Any]


async def call_many(
    store: Store, group: StaffGroup, posts: Sequence[Claimed], place: Place, card: Card
) -> tuple[Place, list[Copied]]:
    """Outside all topics, as it is about several; in that of the last of them where nothing may be said there."""
    for post in posts:
        told = json.loads(post.text)
        async with store.read() as session:
            theirs = await desk_given.still_theirs(
                session, told["conversations"], told["agent_id"], chat=group.key
            )
        if not theirs:
            continue
        text, entities = given_text(theirs, told["agent"], told["account"], group.language)
        params = {"text": text, "entities": entities, "link_preview_options": NO_PREVIEW}
        try:
            await group.call("sendMessage", **params)
        except BadRequest:
            place, _ = await group.post(place, card, "sendMessage", **params)
    return place, []


def given_text(
    theirs: Sequence[Theirs], agent: str, account: int | None, language: str
) -> tuple[str, list[Json]]:
    """The text and its entities: the agent is called, and each name leads to where the customer stands. Pure."""
    text = render(language, "desk.given_many", agent=agent, count=len(theirs))
    entities: list[Json] = calling(text, agent, account).get("entities", [])
    for shown, one in enumerate(theirs):
        name = cut(" ".join(one.name.split()), NAME_LENGTH)
        if units(f"{text}\n• {name}") > MAX_TEXT - END_LENGTH:
            return f"{text}\n{render(language, 'desk.digest_more', count=len(theirs) - shown)}", entities
        url = message_link(int(one.chat), one.at) if one.chat is not None else None
        if url is not None:
            at = units(f"{text}\n• ")
            entities.append({"type": "text_link", "offset": at, "length": units(name), "url": url})
        text = f"{text}\n• {name}"
    return text, entities
