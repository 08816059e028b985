"""From the store to the staff group: what is due is posted customer by customer, in the group's pace."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog
from telegram.error import BadRequest, ChatMigrated, TelegramError

from bot.channels.base import Outcome
from bot.channels.telegram.desk.digesting import Digests
from bot.channels.telegram.desk.drafting import Scribe
from bot.channels.telegram.desk.elsewhere import is_left_out, open_chats
from bot.channels.telegram.desk.erasing import take_away
from bot.channels.telegram.desk.given import place_for
from bot.channels.telegram.desk.group import StaffGroup
from bot.channels.telegram.desk.moving import Moving
from bot.channels.telegram.desk.pace import Later
from bot.channels.telegram.desk.reach import Reach
from bot.channels.telegram.desk.refreshing import Refreshing
from bot.channels.telegram.desk.steps import Draft
from bot.channels.telegram.desk.stumbles import Stumbles
from bot.channels.telegram.failures import TOPIC_GONE, delivery_failed, is_ours, retry_after, says
from bot.clock import Clock
from crm_store import (
    desk_cards,
    desk_given,
    desk_load,
    desk_matter,
    desk_outlived,
    desk_parking,
    desk_posts,
    links,
)
from crm_store.condition import Condition
from crm_store.desk_cards import Card
from crm_store.desk_posts import Claimed
from crm_store.desk_topics import Place
from crm_store.desk_turns import LONGEST_WAIT
from crm_store.engine import Store, is_outage
from crm_store.errors import NotFound
from crm_store.session import Session
from crm_store.signals import Topic

log = structlog.get_logger(__name__)
IDLE_WAIT_S = 1.0
DRAIN_S = 1.5
RECOVER_EVERY = timedelta(minutes=1)
GIVE_UP_AFTER, GIVE_UP_TRIES = timedelta(hours=24), 20
"""A post that is so old is given up when so many tries failed, or had to wait for the rest."""
MOST_NOTED = 100
"""Of the messages of this minute; a group takes 20."""
TURN_EVERY = 3
"""One round of so many goes to whatever is oldest; the others to who is being served first."""


class DeskDelivery:
    """Posts to the staff group, one call after the other: its limit is so low that nothing is gained by more."""

    def __init__(
        self,
        store: Store,
        group: StaffGroup,
        clock: Clock,
        among: Sequence[StaffGroup] = (),
        condition: Condition | None = None,
    ) -> None:
        """`among` are all groups that share the customers, in the order they were named in."""
        self._store, self._group, self._clock = store, group, clock
        self._among = among or (group,)
        self._scribe = Scribe(store, group, clock, self._among)
        self._refreshing = Refreshing(store, group, clock, self._among)
        group.before_last = Digests(store, group, clock, self._among).tell_before
        self._listener = store.signals.listen(Topic.DESK)
        self._stumbles = Stumbles()
        self._reach = Reach(store, group, clock, self._among, condition or Condition())
        self._moving = Moving(store, group, clock, self._among)
        self._rounds = 0
        self._under_way: asyncio.Task[None] | None = None
        self._claimed: list[int] = []
        """Posts whose end is not written down: the store may fail amid a post."""

    async def run(self) -> None:
        """Post until cancelled."""
        recovered_at = None
        self._scribe.began_at = self._clock()
        self._group.begin()
        while True:
            posted = False
            try:
                if recovered_at is None or abs(self._clock() - recovered_at) > RECOVER_EVERY:
                    await self._recover(everything=recovered_at is None)
                    recovered_at = self._clock()
                await self._reach.follow()
                if is_left_out(self._group, self._among):
                    await self._reach.look_whether_back()
                else:
                    await self._moving.look()
                    await self._group.pace.ready()
                    if error := await self._reach.look_first():
                        await self._endure((), error)
                        continue
                    posted = await self.round() or await self._besides()
                    await self._reach.look_whether_wanted()
            except Exception as error:
                if not is_outage(error):
                    log.exception("posting to the staff group stumbled; it goes on")
                await asyncio.sleep(0.5)
            if not posted:
                await self._listener.wait(IDLE_WAIT_S)

    async def drain(self) -> None:
        """Let the post under way finish; one that waits for its turn is left to the next start."""
        if self._under_way is not None and not self._under_way.done():
            _, waiting = await asyncio.wait({self._under_way}, timeout=DRAIN_S)
            for task in waiting:
                task.cancel()
                await asyncio.wait({task})

    async def round(self) -> bool:
        """Post what is due for one customer; False when nothing is, and nothing more may be found at once."""
        chats = open_chats(self._among)
        async with self._store.write() as session:
            if self._claimed:
                await desk_posts.put_back(session, self._claimed)
            self._rounds += 1
            in_turn = self._rounds % TURN_EVERY == 0
            posts, may_be_more = await desk_outlived.claim(
                session,
                chat=self._group.key,
                chats=chats,
                now=self._clock(),
                in_turn=in_turn,
                behind=self._stumbles.behind,
                has_spare=self._group.pace.has_spare,
            )
        self._claimed = [post.id for post in posts]
        if posts:
            self._under_way = asyncio.create_task(self._deliver(posts))
            await asyncio.shield(self._under_way)
            self._claimed = []
        return bool(posts) or may_be_more

    async def _besides(self) -> bool:
        """What has no post: what was erased is taken away, cards tell how the queue stands."""
        try:
            return await take_away(self._store, self._group) or await self._refreshing.look()
        except TelegramError as error:
            await self._endure((), error)
            return False

    async def _recover(self, *, everything: bool) -> None:
        async with self._store.write() as session:
            await desk_posts.recover(session, now=self._clock(), everything=everything)
            if everything:
                now = self._clock()
                before = await desk_load.spent(session, self._group.key)
                self._group.pace.remember((now - moment).total_seconds() for moment in before)
                left = await desk_load.pause_left(session, self._group.key, now=now)
                self._group.pace.pause(min(left, LONGEST_WAIT).total_seconds())

    async def _note_spent(self, session: Session) -> None:
        """With each post that is written down: the next process must not spend the minute's budget once more."""
        now = self._clock()
        moments = [now - timedelta(seconds=age) for age in self._group.pace.ages()[-MOST_NOTED:]]
        await desk_load.note_spent(session, self._group.key, moments)

    async def _deliver(self, posts: Sequence[Claimed]) -> None:
        left = list(posts)
        try:
            card = await self._card(posts)
            place, is_new = await place_for(self._store, self._group, posts, card)
            for draft in await self._scribe.drafts(posts, card, is_new=is_new):
                place = await self._do(draft, place, card)
                done = {post.id for post in draft.posts}
                left = [post for post in left if post.id not in done]
            self._stumbles.arrived(posts[0].customer_id)
            self._reach.proved()
        except NotFound:
            await self._give_up(left, "the conversation is gone")
        except Later as later:
            await self._postpone(left, later.wait)
        except TelegramError as error:
            await self._endure(left, error)
        except Exception as error:
            await self._park(left, error)

    async def _card(self, posts: Sequence[Claimed]) -> Card:
        """Of what its customer has to do with the staff, not of what was heard of last."""
        chat, chats = self._group.key, open_chats(self._among)
        async with self._store.read() as session:
            matter = await desk_matter.matter_of(session, posts[0].customer_id) or posts[-1].conversation_id
            return await desk_cards.card(session, matter, now=self._clock(), chat=chat, chats=chats)

    async def _do(self, draft: Draft, place: Place, card: Card) -> Place:
        """One step, and a note of it. What the platform will never take is put away, the rest goes on."""
        try:
            place, copied = await draft.act(place, card)
        except (Later, NotFound):
            raise
        except BadRequest as error:
            # A topic that was deleted twice in a row is made anew with the next try.
            if delivery_failed(error).outcome != "refused" or says(error, *TOPIC_GONE):
                raise
            kind = draft.posts[0].kind if draft.posts else "history"
            log.error("the staff group refuses a post", kind=kind, error=str(error))
            await self._give_up(draft.posts, str(error))
            return place
        except Exception as error:
            await self._park(draft.posts, error)
            return place
        platform_id = copied[-1].platform_id if copied else None
        async with self._store.write() as session:
            await desk_posts.mark_sent(session, [p.id for p in draft.posts], platform_id=platform_id)
            await desk_posts.note_calls(session, draft.begins)
            await desk_given.mark_told(session, draft.posts)
            await self._note_spent(session)
            for copy in copied:
                await links.link(
                    session,
                    copy.message_id,
                    side=copy.side,
                    channel="telegram",
                    chat=self._group.key,
                    platform_id=copy.platform_id,
                )
            if draft.history_up_to is not None and platform_id is not None:
                await self._note_history(session, card, draft.history_up_to, platform_id)
        return place

    async def _note_history(
        self, session: Session, card: Card, up_to_message_id: int, platform_id: str
    ) -> None:
        await desk_posts.add(
            session,
            conversation_id=card.conversation_id,
            customer_id=card.customer_id,
            kind="history",
            message_id=up_to_message_id,
            platform_id=platform_id,
            now=self._clock(),
        )

    async def _endure(self, posts: Sequence[Claimed], error: TelegramError) -> None:
        """The group as a whole cannot be reached, or so it seems: everything waits, nothing is lost.

        It may be these posts alone (Telegram's server may stumble over one file for ever): the others go before them.
        """
        if isinstance(error, ChatMigrated):
            await self._group.move(error.new_chat_id)
            await self._postpone(posts, timedelta(), str(error))
            return
        if await self._reach.is_lost(error):
            await self._postpone(posts, timedelta(), str(error))
            return
        asked = retry_after(error)
        pause, own = (asked, asked) if asked is not None else self._stumbled(posts, error)
        self._group.pace.pause(pause.total_seconds())
        if asked is not None:
            async with self._store.write() as session:
                now = self._clock()
                until = now + min(asked, LONGEST_WAIT)
                await desk_load.note_pause(session, self._group.key, until, now=now)
        oldest = self._clock() - GIVE_UP_AFTER
        spent = [one for one in posts if one.attempts >= GIVE_UP_TRIES and one.created_at < oldest]
        await self._give_up(spent, str(error))
        await self._postpone([post for post in posts if post not in spent], own, str(error))

    def _stumbled(self, posts: Sequence[Claimed], error: TelegramError) -> tuple[timedelta, timedelta]:
        """How long the group is left alone, and how long these posts wait."""
        is_doubtful = delivery_failed(error).outcome is Outcome.AMBIGUOUS
        pause, own = self._stumbles.failed({post.customer_id for post in posts}, is_doubtful=is_doubtful)
        if posts and self._stumbles.failures > 1:  # one may be bad luck, or these posts' own
            self._reach.denied(error)
        else:
            told = {"error": str(error), "wait_s": own.total_seconds()}
            log.warning("something could not be posted to the staff group; it is tried again", **told)
        return pause, own

    async def _postpone(self, posts: Sequence[Claimed], wait: timedelta, why: str = "") -> None:
        if posts:
            async with self._store.write() as session:
                ids = [post.id for post in posts]
                await desk_posts.mark_failed(
                    session, ids, error=why, retry_at=self._clock() + min(wait, LONGEST_WAIT)
                )

    async def _park(self, posts: Sequence[Claimed], error: Exception) -> None:
        """These alone are set aside with their error, and nobody else's wait; raises what is not of our making."""
        if not is_ours(error):
            raise error
        log.error("a post to the staff group was parked", exc_info=error, posts=[post.id for post in posts])
        async with self._store.write() as session:
            source = self._group.api.source
            await desk_parking.park(session, posts, source=source, error=error, now=self._clock())

    async def _give_up(self, posts: Sequence[Claimed], why: str) -> None:
        if posts:
            async with self._store.write() as session:
                await desk_posts.mark_failed(session, [p.id for p in posts], error=why, retry_at=None)
