"""Phrasings that who leads asked for with /article, each tried before it is published, beside all that comes in.

The wish lies in the audit, where it belongs anyway, and a timer names it: so a kill loses none.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot import slow_timers
from bot.channels.telegram.desk.article_command import Phrasing, phrasing_of
from bot.channels.telegram.desk.doing import Refused
from bot.clock import Clock
from bot.edition import Edition
from bot.texts import render
from bot.trials import tried_on
from crm_store import askers, audit, conversations, desk, draft_publishing, drafts, timers
from crm_store.changes import Change, Weighed, weigh
from crm_store.engine import Store
from crm_store.errors import StoreError
from crm_store.models.conversations import Message
from crm_store.models.staff import Agent, AuditEntry
from crm_store.session import Session
from crm_store.timers import Due, TimerKind
from knowledge_base.text import normalise

TRIED_WITHIN: Final = timedelta(minutes=2)
"""After this it is tried anew, should the process have gone."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """Who asked for it, of which reply, for which article, in a group that speaks this language."""

    agent: Agent
    reply: Message
    key: str
    language: str


class ArticleTeaching:
    """Publishes phrasings; `knowledge` gives the index whose thresholds count."""

    def __init__(self, store: Store, clock: Clock, knowledge: Callable[[], Edition]) -> None:
        self._store, self._clock, self._knowledge = store, clock, knowledge

    async def run(self) -> None:
        """Try and publish until cancelled."""
        await slow_timers.follow(self._store, self.teach_due)

    async def teach_due(self) -> int:
        """Settle what is due; how many wishes were granted or refused."""
        kind = TimerKind.TEACH_PHRASING
        done = slow_timers.fire_due(
            self._store, self._clock, kind, self._settle, within=TRIED_WITHIN, give_up=self._give_up
        )
        return len(await done)

    async def _settle(self, timer: Due) -> None:
        """Publish it, or tell in the topic why not; nothing where the customer was erased meanwhile."""
        async with self._store.read() as session:
            wish = await _read(session, timer.subject_id)
        if wish is None:
            async with self._store.write() as session:
                await timers.finish(session, timer, now=self._clock())
            return
        try:
            phrasing = await self._tried(wish)
            async with self._store.write() as session:
                if await timers.finish(session, timer, now=self._clock()):
                    await _publish(session, wish, phrasing, self._clock)
        except Refused as refused:
            await self._refuse(timer, wish, refused)
        except StoreError as refusal:
            await self._refuse(timer, wish, Refused("desk.refused", reason=str(refusal)))

    async def _tried(self, wish: _Wish) -> Phrasing:
        """What may be published; raises Refused where a question with a known answer would be answered wrong then."""
        weighed: Weighed | None = None
        async with self._store.read() as session:
            phrasing = await phrasing_of(session, wish.reply, wish.key, wish.agent)
            if phrasing.content != phrasing.present.draft:
                weighed = await weigh(session, Change([phrasing.content]))
        if weighed is not None and weighed.gold:
            index, now = self._knowledge().index, self._clock()
            trial = await asyncio.to_thread(tried_on, weighed, index, now=now)
            if trial.regressions:
                first = trial.regressions[0].question.text
                async with self._store.read() as session:
                    words = await askers.shown(session, {first: normalise(first)})
                raise Refused("desk.article_wrong", count=len(trial.regressions), question=words[first])
        return phrasing

    async def _refuse(self, timer: Due, wish: _Wish, refused: Refused) -> None:
        async with self._store.write() as session:
            if await timers.finish(session, timer, now=self._clock()):
                await _tell(session, wish, refused.text(wish.language, name=wish.agent.name), self._clock)

    async def _give_up(self, session: Session, timer: Due) -> None:
        """Who asked hears that it never worked."""
        wish = await _read(session, timer.subject_id)
        if wish is not None:
            told = render(wish.language, "desk.article_untried", name=wish.agent.name, article=wish.key)
            await _tell(session, wish, told, self._clock)


async def _read(session: Session, entry_id: int) -> _Wish | None:
    entry = await session.get(AuditEntry, entry_id)
    detail = entry.detail if entry is not None else {}
    agent = await session.get(Agent, detail.get("agent", 0))
    reply = await session.get(Message, detail.get("message", 0))
    if agent is None or reply is None:
        return None
    return _Wish(agent, reply, str(detail["article"]), str(detail["language"]))


async def _publish(session: Session, wish: _Wish, phrasing: Phrasing, clock: Clock) -> None:
    """As the desk does, in the agent's name."""
    now, by = clock(), f"agent:{wish.agent.id} {wish.agent.name}"
    draft = await drafts.from_reply(
        session, wish.reply.id, lambda _: phrasing.content.language, by=by, now=now
    )
    stored = await draft_publishing.teach(
        session, draft.id, phrasing.present, phrasing.content, by=by, agent_id=wish.agent.id, now=now
    )
    await audit.record(
        session,
        actor=by,
        action="drafts.teach",
        subject=f"article:{stored.id}",
        now=now,
        detail={"message": wish.reply.id, "draft": draft.id},
    )
    question = drafts.content_of(draft).question
    text = render(wish.language, "desk.article_taught", article=stored.draft.key, question=question)
    await _tell(session, wish, text, clock)


async def _tell(session: Session, wish: _Wish, text: str, clock: Clock) -> None:
    conversation = await conversations.get(session, wish.reply.conversation_id)
    await desk.post(session, conversation, "notice", text=text, now=clock())
