"""Reading reply_markup: the keyboards Telegram accepts, and the refusals for those it does not."""

from __future__ import annotations

from tests.botapi.errors import bad_request
from tests.botapi.wire import Json, Params

CALLBACK_DATA_BYTES = 64
_KINDS = ("inline_keyboard", "keyboard", "remove_keyboard", "force_reply")
_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)


def read_markup(params: Params) -> Json | None:
    """The decoded reply_markup, None when there is none; 400 for one Telegram would refuse."""
    markup = params.json("reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict) or not any(kind in markup for kind in _KINDS):
        raise bad_request("object expected as reply markup")
    for row in markup.get("inline_keyboard", []):
        for button in row:
            _check_inline(button)
    return markup


def _check_inline(button: Json) -> None:
    if not button.get("text"):
        raise bad_request("inline keyboard button text must be non-empty")
    if sum(action in button for action in _ACTIONS) != 1:
        raise bad_request("Text buttons are unallowed in the inline keyboard")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= CALLBACK_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
