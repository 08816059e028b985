"""Buttons that have had their effect go away, so that nobody presses them twice."""

from collections.abc import Sequence
from typing import Any

import structlog
from telegram.error import TelegramError

from bot.channels.base import Inbound
from bot.channels.telegram.api import Api
from bot.channels.telegram.decoding import Decoded, Keyboard
from bot.channels.telegram.drawing import choice_data, keyboard
from bot.rendering import choices_of
from bot.understanding import SINGLE_USE
from crm_store import links
from crm_store.engine import Store, is_outage

log = structlog.get_logger(__name__)


class UsedKeyboards:
    """Redraws keyboards after a press; what fails here never matters."""

    def __init__(self, api: Api, store: Store) -> None:
        self._api, self._store = api, store

    async def retire(self, presses: Sequence[Decoded]) -> None:
        """Take the used buttons off these messages, once the presses are committed."""
        pressed = {
            p.meaning.press.message_id: p
            for p in presses
            if isinstance(p.meaning, Inbound) and p.meaning.press is not None
        }
        try:
            async with self._store.read() as session:
                settled = await links.settled(session, list(pressed))
        except Exception as error:
            if not is_outage(error):
                log.exception("used buttons were left standing")
            return
        for row in settled:
            decoded = pressed[row.id]
            inbound, shown = decoded.meaning, decoded.keyboard
            if isinstance(inbound, Inbound) and shown is not None and row.lane == inbound.lane:
                index = inbound.press.index if inbound.press else -1
                await self._redraw(shown, row.id, row.intent or {}, row.language, index)

    async def _redraw(
        self, shown: Keyboard, message_id: int, intent: dict[str, Any], language: str, pressed: int
    ) -> None:
        choices = choices_of(intent, language)
        left = [n for n, c in enumerate(choices) if c.get("action", {}).get("do") not in SINGLE_USE]
        markup = keyboard([str(choices[n]["label"]) for n in left], choice_data(message_id, left))
        where = {"chat_id": shown.chat, "message_id": shown.platform_id}
        try:
            if "rating_request" in intent and shown.text and 0 <= pressed < len(choices):
                # The stars stay to be seen when their buttons are gone.
                text = f"{shown.text} {choices[pressed]['label']}"
                await self._api.call("editMessageText", **where, text=text, reply_markup=markup)
            else:
                await self._api.call("editMessageReplyMarkup", **where, reply_markup=markup)
        except TelegramError as error:
            log.debug("used buttons were left standing", error=str(error))
