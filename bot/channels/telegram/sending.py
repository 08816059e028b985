"""The way to Telegram's customers: `Outgoing` sent call by call."""

from collections.abc import Callable, Sequence
from typing import Any

from telegram.error import BadRequest, TelegramError

from bot.channels.base import Outgoing
from bot.channels.telegram.api import Api
from bot.channels.telegram.calls import as_files, calls_for, without_formatting
from bot.channels.telegram.decoding import CHANNEL
from bot.channels.telegram.failures import NO_PHOTO, UNFORMATTABLE, delivery_failed, says
from bot.channels.telegram.known_files import FORGOTTEN, KnownFiles, has_files
from bot.channels.telegram.parts import SentParts
from bot.channels.telegram.weighing import call_weight

Json = dict[str, Any]


class TelegramChannel:
    """Sends to customers in private chats."""

    name = CHANNEL

    def __init__(self, api: Api, parts: SentParts | None = None) -> None:
        self._api, self._parts = api, parts or SentParts()
        self.on_patience: Callable[[float], None] | None = None
        """Told when Telegram asks to be left alone, for so many seconds."""
        self._files = KnownFiles()

    async def send(self, outgoing: Outgoing) -> str | None:
        """The id of the last message, of an album the first one's; raises DeliveryFailed.

        Of a message in several parts those that went are kept, so that a new try goes on after them.
        """
        number, chat, calls = outgoing.message_id, outgoing.address, calls_for(outgoing)
        if not calls:
            return None
        try:
            for method, params in await self._missing(number, chat, calls):
                answer = await self._call(method, {"chat_id": chat, **params})
                made = [str(one["message_id"]) for one in (answer if isinstance(answer, list) else [answer])]
                is_last = params is calls[-1][1]
                # The words of an album are its first part's.
                if others := made[1:] if is_last else made:
                    await self._parts.add(number, chat, others)
        except TelegramError as error:
            failure = delivery_failed(error)
            if failure.retry_after is not None and self.on_patience is not None:
                self.on_patience(failure.retry_after.total_seconds())
            raise failure from None
        self._parts.forget(number)
        return made[0]

    async def _missing(
        self, number: int, chat: str, calls: Sequence[tuple[str, Json]]
    ) -> Sequence[tuple[str, Json]]:
        """Those of the calls that have not been made."""
        left = len(await self._parts.of(number, chat)) if len(calls) > 1 else 0
        at = 0
        while at < len(calls) - 1 and left >= (weight := call_weight(*calls[at])):
            left, at = left - weight, at + 1
        return calls[at:]

    async def _call(self, method: str, params: Json) -> Any:
        """The call's result; words whose formatting the platform does not take go plain, and pictures of our own that
        it does not take for photos go as files: at once, where it has said so before."""
        instead = as_files(method, params)
        if instead is not None and self._files.are_refused(params):
            method, params = instead
        try:
            return await self._with_files(method, params)
        except BadRequest as error:
            if says(error, *UNFORMATTABLE) and params != (plain := without_formatting(params)):
                return await self._with_files(method, plain)
            if instead is None or not says(error, *NO_PHOTO):
                raise
            self._files.refuse(params)
            return await self._with_files(*instead)

    async def _with_files(self, method: str, params: Json) -> Any:
        """The call's result; a file goes by Telegram's own id for it, and is uploaded where it has none."""
        if not has_files(params):
            return await self._api.call(method, **params)
        known = self._files.known(params)
        if known != params:
            try:
                return await self._api.call(method, **known)
            except BadRequest as error:
                if not says(error, *FORGOTTEN):
                    raise
                self._files.forget(params)
        answer = await self._api.call(method, **params)
        self._files.note(params, answer)
        return answer

    async def edit(self, address: str, platform_id: str, text: str, *, is_caption: bool = False) -> None:
        """Other words for a message that was sent; raises TelegramError."""
        field, method = ("caption", "editMessageCaption") if is_caption else ("text", "editMessageText")
        await self._api.call(method, chat_id=address, message_id=platform_id, **{field: text})
