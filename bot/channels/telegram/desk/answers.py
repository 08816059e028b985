"""Answers to the staff: a toast on a button, a line in a topic, a word in private."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any

import structlog
from telegram.error import TelegramError

from bot.channels.base import Outcome
from bot.channels.telegram.api import Api
from bot.channels.telegram.drawing import MAX_TEXT, cut
from bot.channels.telegram.failures import delivery_failed
from bot.clock import Clock
from crm_store import desk_posts
from crm_store.engine import Store
from crm_store.session import Session

log = structlog.get_logger(__name__)
DRAIN_S = 1.5
MAX_TOAST = 200
TRY_AGAIN_S = (1.0, 5.0, 30.0)
PATIENT_S = 600.0
"""So long in all it is waited where the platform asks to; who waits for an answer has done something else then."""


class Answers:
    """Says things: what it says at once in the background, again where that fails for now; what is a post is kept."""

    def __init__(self, api: Api, store: Store, clock: Clock) -> None:
        self._api, self._store, self._clock = api, store, clock
        self._errands: set[asyncio.Task[None]] = set()

    def toast(self, callback_id: str, text: str, *, alert: bool = False) -> None:
        """Answer a pressed button."""
        params: dict[str, Any] = {"text": cut(text, MAX_TOAST), "show_alert": True} if alert else {}
        params = params or ({"text": cut(text, MAX_TOAST)} if text else {})
        self._later(self._surely("answerCallbackQuery", callback_query_id=callback_id, **params))

    def whisper(self, user_id: int, text: str) -> None:
        """Say something in private."""
        self._later(self._surely("sendMessage", chat_id=user_id, text=text))

    def below(self, chat: int, thread: str | None, platform_id: str, text: str) -> None:
        """Say something in answer to a message in a chat, where that stands."""
        params: dict[str, Any] = {"chat_id": chat, "text": cut(text, MAX_TEXT)}
        params["reply_parameters"] = {"message_id": int(platform_id), "allow_sending_without_reply": True}
        if thread is not None:
            params["message_thread_id"] = int(thread)
        self._later(self._surely("sendMessage", **params))

    def draw_buttons(self, chat: int, platform_id: str, markup: dict[str, Any]) -> None:
        """Other buttons below a message."""
        where = {"chat_id": chat, "message_id": int(platform_id)}
        self._later(self._surely("editMessageReplyMarkup", **where, reply_markup=markup))

    async def notice(self, session: Session, conversation_id: int, customer_id: int, text: str) -> None:
        """A line in the customer's topic, with the transaction."""
        await desk_posts.add(
            session,
            conversation_id=conversation_id,
            customer_id=customer_id,
            kind="notice",
            text=text,
            now=self._clock(),
        )

    async def drain(self) -> None:
        """Let what is being said arrive."""
        if self._errands:
            await asyncio.wait(self._errands, timeout=DRAIN_S)

    async def _surely(self, method: str, **params: Any) -> None:
        """The call, again for a while where the platform asks to wait or cannot be reached: else words that reached
        nobody would be thought to have arrived."""
        waits, patience = iter(TRY_AGAIN_S), PATIENT_S
        while True:
            try:
                await self._api.call(method, **params)
                return
            except TelegramError as error:
                wait = _wait_after(error, waits)
                if wait is None or wait > patience:
                    log.warning("an answer to the staff did not arrive", method=method, error=str(error))
                    return
            patience -= wait
            await asyncio.sleep(wait)

    def _later(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


def _wait_after(error: TelegramError, waits: Iterator[float]) -> float | None:
    """Seconds until a new try: as many as the platform asks for, else the next of these; None where there is none."""
    failed = delivery_failed(error)
    if failed.retry_after is not None:
        return failed.retry_after.total_seconds()
    return next(waits, None) if failed.outcome in (Outcome.NOT_SENT, Outcome.AMBIGUOUS) else None
