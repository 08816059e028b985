"""What an empty installation gets: a sample to talk to, and a first way in for the owner."""

from dataclasses import asdict
from datetime import datetime

from crm_store import articles, demo, publishing, sign_in, staff, turns
from crm_store.articles import ArticleDraft
from crm_store.engine import Store
from crm_store.models.staff import Agent
from crm_store.session import Session
from crm_store.sign_in import Purpose
from crm_store.staff import Role
from crm_store.turns import Turn

FIRST_ADMIN = "admin"
SAMPLE = ("shop_en", "shop_zh")


async def fill(store: Store, *, now: datetime) -> None:
    """A sample knowledge base and demo customers, where nothing was ever published and nobody is known."""
    async with store.write() as session:
        await turns.take(session, Turn.FIRST_START)
        if await articles.latest_publication(session) == 0:
            from knowledge_base.samples import load_sample

            drafts = [ArticleDraft(**asdict(article)) for name in SAMPLE for article in load_sample(name)]
            await publishing.publish(session, drafts, by="system", now=now, summary="sample shop")
            await _first_admin(session, now)
            await demo.seed(session, now=now)


async def _first_admin(session: Session, now: datetime) -> Agent | None:
    """The admin who never signed in; made when there is no admin at all, else None."""
    known = await staff.admins(session, limit=2)
    if not known:
        name = FIRST_ADMIN if await staff.find_agent(session, FIRST_ADMIN) is None else f"{FIRST_ADMIN} 1"
        return await staff.create_agent(session, name=name, role=Role.ADMIN, now=now)
    first = known[0]
    untouched = len(known) == 1 and first.password_hash is None
    return first if untouched and not await sign_in.has_signed_in(session, first.id) else None


async def first_sign_in(store: Store, *, now: datetime) -> tuple[str, str | None] | None:
    """An admin's name and a new one-time code for them, while no admin has ever signed in; None afterwards.

    No code where they have one that is still good: another would end it, though somebody may have it in hand.
    """
    async with store.write() as session:
        await turns.take(session, Turn.FIRST_START)
        admin = await _first_admin(session, now)
        if admin is None:
            return None
        if await sign_in.has_good_code(session, admin.id, Purpose.SIGN_IN, now=now):
            return admin.name, None
        return admin.name, await sign_in.issue_code(session, admin.id, Purpose.SIGN_IN, now=now)
