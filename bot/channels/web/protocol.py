"""What page and server say to each other: JSON objects in WebSocket text frames, told apart by `type`.

The page says:

- `hello {token?, language?, name?, since?}` first of all. `token` is what an earlier `welcome` gave; `since` is
  the id of the newest message the page shows.
- `say {client_id, text, upload?}`: `client_id` is a random UUID. A text that was not `accepted` is said again
  under the same id after a reconnect, and counts once. `upload` is what `POST /upload` answered as `file`.
- `press {message_id, index}`: the `index`-th button of a message; pressing it again is the same press.
- `go_on {}`: a link is wanted that goes on with this conversation in Telegram.
- `typing {is_typing}`: the customer is writing, said again every few seconds while they are, or no longer. It may be
  lost, and has no answer.

The server says:

- `welcome {token, history, has_telegram}`: the session's secret, which the page keeps in localStorage and never
  puts into a URL, and messages as below: at least the newest, and everything after `since`. The page shows each
  id once. `has_telegram` says whether `go_on` leads anywhere.
- `message {id?, client_id?, author, name, kind, text, attachment, question, layout, choices, chosen, is_used,
  is_edited?, is_deleted?, at?}`:
  `author` is customer, bot, agent or system; `name` the agent's whose words they are, as the customer was told it,
  else empty; `layout` is buttons or stars; `chosen` the index of the button that was pressed, or null; `client_id` is
  on the customer's own messages; `attachment` is null or `{file, name, mime, size}`, to be had from
  `GET /files/{file}`. A message that was changed after it was shown comes again under its id, with its new words, or
  as `is_deleted` without any.
- `accepted {client_id}`: that text is committed.
- `typing {is_typing, name, lasts_s}`: somebody of the staff is writing, which is over after so many seconds unless it
  is said again, or no longer; `name` is the agent's who joined the conversation, else empty.
- `link {url}`: where Telegram goes on. It works once, so it is made anew each time.
- `choices_used {message_id, index}`: a button was pressed, here or in another window of the session.
- `error {code, text, client_id?}`: `text` is for people, in their language. A text refused with `client_id` was
  not taken.

Files go over HTTP, with the session's secret in the header X-Frontdesk-Session: `POST /upload` has the bytes as its
body and the name, percent-encoded, in X-File-Name.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.channels.base import Inbound, Kind, Outgoing, Press
from bot.rendering import choices_of, outgoing
from crm_store.typing_signs import LASTS_S
from crm_store.visitors import Line

CHANNEL = "web"
MAX_FRAME = 64 * 1024
MAX_TEXT = 4096
MAX_ID = 2**53 - 1
"""The greatest whole number JavaScript keeps exactly."""
Frame = dict[str, Any]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Hello(_Said):
    """The first frame of a connection."""

    type: Literal["hello"]
    token: str | None = Field(None, max_length=128)
    language: str | None = Field(None, max_length=35)
    name: str | None = Field(None, max_length=128)
    since: int = Field(0, ge=0, le=MAX_ID)


class Say(_Said):
    """A text of the customer's."""

    type: Literal["say"]
    client_id: str = Field(pattern=r"^[A-Za-z0-9-]{8,36}$")
    text: str
    upload: str | None = Field(None, pattern=r"^[0-9a-f]{32}$")


class Pressed(_Said):
    """A button of one of our messages."""

    type: Literal["press"]
    message_id: int = Field(ge=1, le=MAX_ID)
    index: int = Field(ge=0, le=63)


class GoOn(_Said):
    """The wish to go on in Telegram."""

    type: Literal["go_on"]


class Typing(_Said):
    """Writing, or no longer."""

    type: Literal["typing"]
    is_typing: bool


Said = Hello | Say | Pressed | GoOn | Typing
_SAID: TypeAdapter[Said] = TypeAdapter(Annotated[Said, Field(discriminator="type")])


class BadFrame(Exception):
    """A frame that is not of this protocol; the text says where it is wrong, without repeating it."""


def read(data: str | bytes) -> Said:
    """The frame that was said; raises BadFrame."""
    try:
        return _SAID.validate_python(orjson.loads(data))
    except orjson.JSONDecodeError:
        raise BadFrame("this is not JSON") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadFrame(f"{where[:64]}: {first['msg']}" if where else first["msg"]) from None


def dump(frame: Frame) -> str:
    """The frame as text."""
    return orjson.dumps(frame).decode()


def named(name: str | None) -> str | None:
    """The name on one line and of sensible length; None when nothing is left."""
    return " ".join((name or "").split())[:64] or None


def inbound(
    address: str,
    secret_hash: str,
    hello: Hello,
    said: Say | Pressed,
    attachment: dict[str, Any] | None = None,
) -> Inbound:
    """What was said as the house takes it. Its update id carries the address: nobody can use up another's ids."""
    if isinstance(said, Say):
        update, kind = said.client_id, Kind(attachment["type"]) if attachment else Kind.TEXT
    else:
        update, kind = f"p{said.message_id}.{said.index}", Kind.PRESSED
    return Inbound(
        source=CHANNEL,
        update_id=f"{address}:{update}",
        channel=CHANNEL,
        address=address,
        kind=kind,
        text=said.text if isinstance(said, Say) else "",
        press=Press(said.message_id, said.index) if isinstance(said, Pressed) else None,
        attachment=attachment,
        platform_id=said.client_id if isinstance(said, Say) else None,
        display_name=named(hello.name),
        language=hello.language,
        secret_hash=secret_hash,
    )


def message(drawn: Outgoing, *, chosen: int | None = None, is_used: bool = False) -> Frame:
    """One of our messages."""
    return {
        "type": "message",
        "id": drawn.message_id,
        "author": drawn.author,
        "name": drawn.signed if drawn.author == "agent" else "",
        "kind": drawn.kind,
        "text": drawn.text,
        "attachment": shown(drawn.attachment),
        "question": drawn.question,
        "layout": "stars" if drawn.is_rating else "buttons",
        "choices": list(drawn.choices),
        "chosen": chosen,
        "is_used": is_used or chosen is not None,
        "quotes": _quoted(drawn),
        "at": drawn.created_at.isoformat() if drawn.created_at else None,
    }


def _quoted(drawn: Outgoing) -> Frame | None:
    """Which message of the same chat an agent answers: the page has its words, and knows its own by their client id."""
    if drawn.reply_to_id is None:
        return None
    return {"id": drawn.reply_to_id, "client_id": drawn.reply_to_platform_id}


def shown(attachment: dict[str, Any] | None) -> Frame | None:
    """What the page is told of a file that lies with us; None for everything else."""
    if not attachment or "file" not in attachment:
        return None
    return {name: attachment.get(name) for name in ("file", "name", "mime", "size")}


def line_shown(line: Line, chosen: int | None = None) -> Frame:
    """A message as it is now; of one that was taken back no more than that."""
    drawn = outgoing(line.message)
    if line.is_deleted:
        gone = replace(drawn, text="", question="", choices=(), attachment=None)
        return {**message(gone), "is_deleted": True}
    frame = message(drawn, chosen=chosen, is_used=line.is_settled)
    # Only people's words are told to be edited: of the bot's own, such as a place in the queue, the new ones count.
    return frame | ({"is_edited": True} if line.is_edited and drawn.author == "agent" else {})


def own_message(client_id: str, text: str, attachment: dict[str, Any] | None = None) -> Frame:
    """What the customer has just said, for the other windows of the session."""
    return {
        "type": "message",
        "client_id": client_id,
        "author": "customer",
        "name": "",
        "kind": attachment["type"] if attachment else "text",
        "text": text,
        "attachment": shown(attachment),
    }


def history(lines: Sequence[Line]) -> list[Frame]:
    """A transcript as messages; a pressed button shows where it was pressed, not as a text of its own."""
    pressed = {
        line.message.reply_to_id: line.message.text
        for line in lines
        if line.message.author == "customer" and line.message.kind == Kind.PRESSED
    }
    frames = []
    for line in lines:
        if line.message.author == "customer" and line.message.kind == Kind.PRESSED:
            continue
        frame = line_shown(line, _chosen(line, pressed.get(line.message.id)))
        if line.message.author == "customer":
            frame["client_id"] = line.platform_id
        frames.append(frame)
    return frames


def _chosen(line: Line, label: str | None) -> int | None:
    # The store keeps a press by its English label where the buttons are made from a meaning.
    labels = [choice["label"] for choice in choices_of(line.message.intent or {}, "en")]
    return labels.index(label) if label in labels else None


def welcome(token: str, lines: Sequence[Line], *, has_telegram: bool = False) -> Frame:
    """The session's secret and what was said in it."""
    return {"type": "welcome", "token": token, "history": history(lines), "has_telegram": has_telegram}


def typing(*, is_typing: bool, name: str = "") -> Frame:
    """Somebody of the staff is writing, or no longer; named where the customer knows who serves them."""
    return {"type": "typing", "is_typing": is_typing, "name": name, "lasts_s": LASTS_S}


def link(url: str) -> Frame:
    """Where Telegram goes on."""
    return {"type": "link", "url": url}


def accepted(client_id: str) -> Frame:
    """The text is committed."""
    return {"type": "accepted", "client_id": client_id}


def choices_used(message_id: int, index: int) -> Frame:
    """A button was pressed."""
    return {"type": "choices_used", "message_id": message_id, "index": index}


def error(code: str, text: str, client_id: str | None = None) -> Frame:
    """What went wrong, for people."""
    frame = {"type": "error", "code": code, "text": text}
    return frame if client_id is None else {**frame, "client_id": client_id}
