"""Agents are called by name: of one conversation where its customer stands; of several that one act gave them, or took
from them, in one post that names each and leads to it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from telegram.error import BadRequest

from bot.channels.telegram.desk.digest import END_LENGTH, NAME_LENGTH, message_link
from bot.channels.telegram.desk.group import NO_PREVIEW, StaffGroup
from bot.channels.telegram.desk.notices import keep_answerable
from bot.channels.telegram.desk.steps import Copied
from bot.channels.telegram.drawing import MAX_TEXT, calling, cut, units
from bot.texts import render
from crm_store import desk, desk_given, desk_topics
from crm_store.desk_cards import Card
from crm_store.desk_given import Told
from crm_store.desk_posts import Claimed
from crm_store.desk_topics import Place
from crm_store.engine import Store
from crm_store.session import Session

Json = dict[str, Any]
_SAID_APART = (desk.BACK_IN_LINE, desk.RELIEVED)
"""What is said otherwise to the agent alone than where all can read it."""


async def place_for(
    store: Store, group: StaffGroup, posts: Sequence[Claimed], card: Card
) -> tuple[Place, bool]:
    """Where these go, and whether it was made just now. What is only for the agent whose private chat this is makes no
    place there: their customer may be served elsewhere."""
    if not group.is_private or any(post.kind not in desk.FOR_ONE for post in posts):
        return await group.place_of(card)
    async with store.read() as session:
        place = await desk_topics.find(session, group.key, card.customer_id)
    return place or Place(card.customer_id), False


async def call_agent(
    store: Store, group: StaffGroup, posts: Sequence[Claimed], place: Place, card: Card
) -> tuple[Place, list[Copied]]:
    """Something is theirs now, or is not any more: they are named so that the platform rings for them."""
    for post in posts:
        async with store.read() as session:
            agent = await desk_given.called(session, post)
            many = await _told_together(session, group, post)
        told = {**json.loads(post.text), "agent": agent.name, "account": agent.account}
        if [one.conversation_id for one in many] == [post.conversation_id]:
            place = await _call_here(store, group, post.kind, told, place, card)
        elif many:
            place = await _call_of_many(group, post.kind, told, many, place, card)
    return place, []


async def _told_together(session: Session, group: StaffGroup, post: Claimed) -> list[Told]:
    """What this post is to tell of; nothing where that went on a moment ago."""
    if post.kind not in desk.TOLD_TOGETHER:
        return [Told(post.conversation_id, "")]
    return await desk_given.together(session, post, chat=group.key)


async def _call_here(
    store: Store, group: StaffGroup, kind: str, told: Mapping[str, Any], place: Place, card: Card
) -> Place:
    """Where the customer stands."""
    own = f"desk.{kind}_private"
    key = own if group.is_private and kind in _SAID_APART else f"desk.{kind}"
    text = render(group.language, key, name=card.name, **told)
    marks = calling(text, told["agent"], told["account"])
    params = {"text": cut(text, MAX_TEXT), "link_preview_options": NO_PREVIEW, **group.about(place), **marks}
    place, sent = await group.post(place, card, "sendMessage", **params)
    await keep_answerable(store, group, place, kind, int(sent["message_id"]))
    return place


async def _call_of_many(
    group: StaffGroup, kind: str, told: Mapping[str, Any], many: Sequence[Told], place: Place, card: Card
) -> Place:
    """Outside all topics, as it is about several; in that of the last of them where nothing may be said there."""
    text, entities = many_text(kind, many, told, group.language)
    params = {"text": text, "entities": entities, "link_preview_options": NO_PREVIEW}
    try:
        await group.call("sendMessage", **params)
    except BadRequest:
        place, _ = await group.post(place, card, "sendMessage", **params)
    return place


def many_text(
    kind: str, many: Sequence[Told], told: Mapping[str, Any], language: str
) -> tuple[str, list[Json]]:
    """The text and its entities: the agent is called, and each name leads to where the customer stands, where the
    platform has links there: it has none into a private chat. Pure."""
    text = render(language, f"desk.{kind}_many", count=len(many), **told)
    entities: list[Json] = calling(text, told["agent"], told["account"]).get("entities", [])
    for shown, one in enumerate(many):
        name = cut(" ".join(one.name.split()), NAME_LENGTH)
        if units(f"{text}\n• {name}") > MAX_TEXT - END_LENGTH:
            return f"{text}\n{render(language, 'desk.many_more', count=len(many) - shown)}", entities
        url = message_link(int(one.chat), one.at) if one.chat is not None else None
        if url is not None:
            at = units(f"{text}\n• ")
            entities.append({"type": "text_link", "offset": at, "length": units(name), "url": url})
        text = f"{text}\n• {name}"
    return text, entities
