"""What an agent's doings in the group set going outside of it: edits and deletions at the customer's, files fetched.

The group's pace does not hold them up. What fails for good is told in the customer's topic.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import structlog
from telegram.error import BadRequest, TelegramError

from bot.channels.base import Outcome
from bot.channels.telegram.api import Api
from bot.channels.telegram.decoding import CHANNEL
from bot.channels.telegram.desk.copies import exchange
from bot.channels.telegram.desk.pace import Later
from bot.channels.telegram.drawing import MAX_CAPTION, MAX_TEXT, choice_data, cut, keyboard
from bot.channels.telegram.failures import EDIT_GONE, UNCHANGED, delivery_failed, is_ours, retry_after, says
from bot.clock import Clock
from crm_store import desk_errands, desk_lines, desk_parking, desk_posts, links, relaying, stored_files
from crm_store.desk_lines import Line
from crm_store.desk_posts import Claimed
from crm_store.desk_turns import LONGEST_WAIT
from crm_store.engine import Store, is_outage
from crm_store.errors import StoreError
from crm_store.file_types import kind_of
from crm_store.files import Files
from crm_store.formatting import marks_of
from crm_store.session import Session
from crm_store.signals import Topic

log = structlog.get_logger(__name__)
IDLE_WAIT_S = 1.0
RECOVER_EVERY = timedelta(minutes=1)
BACKOFF_S = (1, 2, 5, 15, 30, 60)
MAX_ATTEMPTS = 60
ON_ITS_WAY = timedelta(seconds=2)
ARRIVES_WITHIN = 30
"""So many looks for a message that is just being sent."""
ENDINGS = {"photo": ".jpg", "voice": ".ogg", "video": ".mp4", "video_note": ".mp4", "animation": ".mp4",
           "audio": ".mp3", "sticker": ".webp"}  # fmt: skip
"""What Telegram makes of these kinds, which come without a name."""


def _buttons(line: Line) -> dict[str, Any] | None:
    """Those the message has, which an edit would else take away."""
    labels = [str(choice["label"]) for choice in (line.intent or {}).get("choices", ())]
    return keyboard(labels, choice_data(line.message_id, range(len(labels)))) if labels else None


class Refusal(Exception):
    """It will never be done; the text says why."""


class Errands:
    """Does what is due, a few at a time."""

    def __init__(self, store: Store, api: Api, files: Files, clock: Clock, *, has_group: bool) -> None:
        """Failures are told in the group, where there is one."""
        self._store, self._api, self._files, self._clock = store, api, files, clock
        self._has_group = has_group
        self._listener = store.signals.listen(Topic.DESK)
        self._failed_ids: list[int] = []
        """Errands whose end is not written down: the store may fail amid one."""
        self._kinds: dict[str, Callable[[Claimed, Line], Awaitable[None]]] = {
            "reword": self._reword,
            "delete": self._delete,
            "fetch": self._fetch,
        }

    async def run(self) -> None:
        """Do what is due until cancelled."""
        recovered_at = None
        while True:
            done = False
            try:
                if recovered_at is None or abs(self._clock() - recovered_at) > RECOVER_EVERY:
                    await self._recover(everything=recovered_at is None)
                    recovered_at = self._clock()
                done = await self.round()
            except Exception as error:
                if not is_outage(error):
                    log.exception("an errand stumbled; they go on")
                await asyncio.sleep(0.5)
            if not done:
                await self._listener.wait(IDLE_WAIT_S)

    async def round(self) -> bool:
        """Do what is due now; False when nothing is."""
        async with self._store.write() as session:
            if self._failed_ids:
                await desk_posts.put_back(session, self._failed_ids)
            posts = await desk_errands.claim(session, now=self._clock())
        ends = await asyncio.gather(*(self._do(post) for post in posts), return_exceptions=True)
        errors = {post.id: end for post, end in zip(posts, ends, strict=True) if end is not None}
        self._failed_ids = list(errors)
        for error in errors.values():
            raise error
        return bool(posts)

    async def _recover(self, *, everything: bool) -> None:
        async with self._store.write() as session:
            await desk_posts.recover(session, now=self._clock(), everything=everything, is_errands=True)

    async def _do(self, post: Claimed) -> None:
        async with self._store.read() as session:
            line = await desk_lines.line(session, post.message_id) if post.message_id is not None else None
        try:
            if line is not None:
                await self._kinds[post.kind](post, line)
        except Later as later:
            await self._again(post, later.wait)
        except Refusal as refusal:
            await self._refused(post, str(refusal))
        except TelegramError as error:
            await self._failed(post, error)
        except Exception as error:
            if not is_ours(error):
                raise
            log.error("an errand was parked", exc_info=error, post=post.id)
            await self._refused(post, type(error).__name__)
            async with self._store.write() as session:
                await desk_parking.park(
                    session, [post], source=self._api.source, error=error, now=self._clock()
                )
        else:
            async with self._store.write() as session:
                await desk_posts.mark_sent(session, [post.id], platform_id=None)

    async def _failed(self, post: Claimed, error: TelegramError) -> None:
        if delivery_failed(error).outcome in (Outcome.REFUSED, Outcome.UNREACHABLE):
            reason = "; ".join(reason for reason in EDIT_GONE if says(error, reason)) or str(error)
            await self._refused(post, reason)
        elif post.attempts >= MAX_ATTEMPTS:
            await self._refused(post, str(error))
        else:
            pause = timedelta(seconds=BACKOFF_S[min(post.attempts, len(BACKOFF_S) - 1)])
            await self._again(post, retry_after(error) or pause, str(error))

    async def _again(self, post: Claimed, wait: timedelta, why: str = "") -> None:
        now = self._clock()
        async with self._store.write() as session:
            if post.kind == "fetch" and post.message_id is not None:
                await relaying.keep_waiting(session, post.message_id, now=now)
            retry_at = now + min(wait, LONGEST_WAIT)
            await desk_posts.mark_failed(session, [post.id], error=why, retry_at=retry_at)

    async def _refused(self, post: Claimed, why: str) -> None:
        async with self._store.write() as session:
            await desk_posts.mark_failed(session, [post.id], error=why, retry_at=None)
            if post.kind == "fetch" and post.message_id is not None:
                await relaying.give_up(session, post.message_id, why, now=self._clock())
            kind = "undeleted" if post.kind == "delete" else "failed"
            await self._tell(session, post, kind, why)

    async def _tell(self, session: Session, post: Claimed, kind: str, text: str = "") -> None:
        if self._has_group:
            await desk_posts.add(
                session,
                conversation_id=post.conversation_id,
                customer_id=post.customer_id,
                kind=kind,
                message_id=post.message_id,
                text=text[:256],
                now=self._clock(),
            )

    async def _places(self, post: Claimed, line: Line) -> list[int]:
        """Where the message stands in its customer's chat, all of its parts; raises Later while it is on the wire."""
        if line.delivery in ("pending", "sending") and post.attempts < ARRIVES_WITHIN:
            raise Later(ON_ITS_WAY)
        async with self._store.read() as session:
            parts = await links.copies(session, line.message_id, side="customer", chat=_address(line))
        return [int(part) for part in (line.platform_id, *parts) if part]

    async def _reword(self, post: Claimed, line: Line) -> None:
        """Carry an agent's edit to the customer."""
        if _channel(line) != CHANNEL or line.is_deleted:
            return
        places = await self._places(post, line)
        if not places:
            return
        part, files = int(post.text or 0), _files(line)
        # Words too long for a caption went below the files, as a message of their own that is named first.
        is_text = files < len(places) and files <= 1
        marks = marks_of(line.intent or {}, line.text) or None
        caption = {} if is_text else _caption(line, part, marks)
        if exchanged := exchange(_file(line, part), caption):
            await self._edit(line, places[-files:][part], *exchanged)
            if not is_text:
                return
        shown = places[1:] if 1 < files < len(places) else places
        if is_text:
            words = {"text": cut(line.text, MAX_TEXT), "entities": marks, "reply_markup": _buttons(line)}
            await self._edit(line, shown[part], "editMessageText", words)
        else:
            await self._edit(line, shown[part], "editMessageCaption", caption)

    async def _edit(self, line: Line, place: int, method: str, params: dict[str, Any]) -> None:
        try:
            await self._api.call(method, chat_id=_address(line), message_id=place, **params)
        except BadRequest as error:
            if not says(error, UNCHANGED):
                raise

    async def _delete(self, post: Claimed, line: Line) -> None:
        """Take away what the customer has of it."""
        places = await self._places(post, line) if _channel(line) == CHANNEL else []
        if places:
            await self._api.call("deleteMessages", chat_id=_address(line), message_ids=sorted(places))
        async with self._store.write() as session:
            await self._tell(session, post, "deleted")

    async def _fetch(self, post: Claimed, line: Line) -> None:
        """Bring a file of Telegram's, or of a canned reply, into our own folder as this message's own."""
        attachment = line.attachment or {}
        if line.delivery != "pending" or not attachment.keys() & {"file_id", "copied"}:
            return
        content = await self._content(attachment)
        if len(content) > self._files.max_bytes:
            raise Refusal("the file is too large")
        name = attachment.get("name") or f"{line.kind}{ENDINGS.get(str(attachment.get('type')), '')}"
        try:
            taken = await self._files.keep(content, str(name))
        except StoreError as error:
            raise Refusal(str(error)) from None
        async with self._files.new(taken.key) as needless, self._store.write() as session:
            owner = f"desk:{line.message_id}"
            row = await stored_files.add(
                session, taken, lane=line.lane or "", now=self._clock(), claimed_by=owner
            )
            kept = {name: attachment[name] for name in ("media_group_id",) if name in attachment}
            file = stored_files.attachment(row) | kept
            if not await relaying.give_file(session, line.message_id, file, kind=kind_of(row.mime)):
                await session.delete(row)
                needless.add(taken.key)

    async def _content(self, attachment: dict[str, Any]) -> bytes:
        if "file_id" in attachment:
            return await self._api.download(str(attachment["file_id"]))
        try:
            return await asyncio.to_thread(self._files.path(str(attachment["file"])).read_bytes)
        except (StoreError, OSError) as error:
            raise Refusal(str(error)) from None


def _files(line: Line) -> int:
    """How many files the message has."""
    return 0 if line.attachment is None else 1 + len(line.attachment.get("album", ()))


def _file(line: Line, part: int) -> dict[str, Any]:
    """The message's file, or that of a part of its album."""
    held = line.attachment or {}
    return dict(held["album"][part - 1]) if part else held


def _caption(line: Line, part: int, marks: list[dict[str, Any]] | None) -> dict[str, Any]:
    """The words below the message's file, or below a part of its album."""
    words = line.text
    if part:
        told = _file(line, part)
        words, marks = str(told.get("caption", "")), told.get("marks")
    return {"caption": cut(words, MAX_CAPTION), "caption_entities": marks}


def _channel(line: Line) -> str:
    return (line.lane or "").partition(":")[0]


def _address(line: Line) -> str:
    return (line.lane or "").partition(":")[2]
