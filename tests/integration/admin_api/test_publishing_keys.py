"""A key that only publishes stays a key: it talks with nobody, so it becomes no member of staff."""

from sqlalchemy import func, select

from crm_store import api_keys
from crm_store.models.staff import Agent
from crm_store.staff import Role
from tests.admin_stage import Stage
from tests.admin_world import conversation, gap
from tests.integration.admin_api.test_api_learning import fill, labelled, replied


async def staff_count(stage: Stage) -> int:
    async with stage.store.read() as session:
        return await session.scalar(select(func.count()).select_from(Agent)) or 0


async def test_publishing_makes_no_key_a_member_of_staff(both_stage: Stage) -> None:
    stage = both_stage
    articles = await fill(stage)
    async with stage.store.write() as session:
        made = await api_keys.create(session, name="publisher", role=Role.SUPERVISOR, now=stage.clock())
    key, before = made.key, await staff_count(stage)
    for asked, name in (("can I use my bank account", "publish"), ("do you take cheques", "teach")):
        _, reply = await replied(stage, asked, "Yes.")
        draft = await stage.post(f"/messages/{reply}/draft", key=key)
        body = {"article_id": articles["payment"]} if name == "teach" else None
        await stage.post(f"/drafts/{draft['id']}/{name}", body, key=key)
    for question, name in (("Do you ship to the moon?", "teach"), ("Do you ship to Mars?", "close")):
        number = await conversation(stage.store, stage.clock(), text=question)
        asked_id = await gap(stage.store, stage.clock(), number, question)
        closing = {"gap_ids": [asked_id], "article_id": articles["shipping"]}
        await stage.post(f"/gaps/{name}", closing, key=key)
    await labelled(stage, "how many days does it take", "shipping", people=2)
    accepted = {"article_id": articles["shipping"], "question": "how many days does it take"}
    await stage.post("/phrasings/accept", accepted, key=key)
    assert await staff_count(stage) == before
