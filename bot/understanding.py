"""What a customer did, as an event of the dialogue. Pure: text, button or command in, event out."""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from bot import events as e
from bot.case_asked import without_case_numbers
from bot.channels.base import Inbound, Kind
from bot.rendering import choices_of
from bot.small_talk import small_talk
from bot.texts import SUPPORTED, best_language, render
from bot.wishes import asks_beside, asks_for_person, clauses_of
from crm_store.batch import Known, OpenRequest, Person
from crm_store.customer_links import TOKEN
from crm_store.desk_posts import WITH_STAFF
from crm_store.places import WERE
from knowledge_base.variants import Reader

BUTTON_LASTS = timedelta(days=30)
COMMENT_WITHIN = timedelta(hours=24)
SINGLE_USE = frozenset({"none", "helped", "star", "skip"})

MEDIA = frozenset(
    {
        Kind.PHOTO, Kind.FILE, Kind.VOICE, Kind.VIDEO, Kind.AUDIO, Kind.STICKER, Kind.LOCATION, Kind.CONTACT,
        Kind.POLL, Kind.OTHER,
    }
)  # fmt: skip

Meant = e.Asked | e.AskedSeveral | e.AskedCase | e.Chatted | e.ChoseOrder
"""What words may mean that are no command and no wish for a person."""
_COMMAND = re.compile(r"/([A-Za-z_]{1,32})(?:@\w+)?(?:\s+(.*))?$", re.DOTALL)
_WORDLESS = re.compile(r"[\W_]*", re.UNICODE)
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
FEW_WORDS = 3
_CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")


def plain(text: str) -> str:
    """The text for comparing whole messages: lower case, no punctuation at its ends, single blanks."""
    words, start = text.casefold(), 0
    end = len(words)
    while start < end and not words[start].isalnum():
        start += 1
    while end > start and not words[end - 1].isalnum():
        end -= 1
    return " ".join(words[start:end].split()).replace(",", "")


SKIPS = frozenset(plain(render(language, "button.skip")) for language in SUPPORTED)


def needs_match(inbound: Inbound) -> bool:
    """Whether the knowledge base has to look at this one."""
    if inbound.kind is Kind.PRESSED or not inbound.text:
        return False
    return _plain_event(inbound.text) is None


def wants_person(text: str) -> bool:
    """Whether the message asks for a person: all of it, a sentence, or a clause beside others."""
    return asks_for_person(plain(text)) or asks_beside([plain(one) for one in clauses_of(text)])


def language_of(inbound: Inbound, text: str, person: Person) -> str:
    """The language to answer in: the customer's choice, else the script they write, else their platform's.

    A button leaves it as it is, and so do a command, what has no letters, and an "ok" and a thumb that are said in it,
    too. So does a number or a name in other letters while a person has the conversation, or is waited for: the language
    decides who can serve it.
    """
    held, text = person.conversation, without_case_numbers(text)
    if person.chosen_language in SUPPORTED:
        return str(person.chosen_language)
    if held is not None and (inbound.kind is Kind.PRESSED or _is_of_no_language(text)):
        return held.language
    if held is not None and _is_said_in(held.language, text):
        return held.language
    if not text.isascii() and _CJK.search(text):
        return "zh"
    if held is not None and held.status in WITH_STAFF and len(_LATIN_WORD.findall(text)) <= FEW_WORDS:
        return held.language
    language = best_language(inbound.language or person.language) or "en"
    if language == "zh" and _LATIN_WORD.search(text) and not _is_of_no_language(text):
        return "en"  # a Chinese app, but these words are Latin
    return language


def reader_of(inbound: Inbound, text: str, person: Person, language: str) -> Reader:
    """Who is answered, with what may say in which of an article's languages."""
    held = person.conversation
    return Reader(
        language,
        text,
        platform=inbound.language or person.language or "",
        before=str(held.memory.get("language", "")) if held is not None else "",
        has_chosen=person.chosen_language in SUPPORTED,
    )


def _is_of_no_language(text: str) -> bool:
    """Whether it is a command, or has no letters."""
    return text.lstrip().startswith("/") or not any(sign.isalpha() for sign in text)


def _is_said_in(language: str, text: str) -> bool:
    """Whether it is small talk in this language, among others perhaps."""
    talk = small_talk(text)
    return talk is not None and language in talk.languages


def start_token(inbound: Inbound) -> str | None:
    """The token of a customer's link that was opened, if this is one; whether it still works the store knows."""
    command = _COMMAND.match(inbound.text.strip()) if inbound.kind is Kind.TEXT else None
    if command is None or command.group(1).lower() != "start":
        return None
    payload = (command.group(2) or "").strip()
    return payload if TOKEN.fullmatch(payload) else None


@lru_cache(maxsize=1024)  # asked twice for each message, before and after the knowledge base is
def _plain_event(text: str) -> e.Event | None:
    """What can be understood without the knowledge base."""
    stripped = text.strip()
    command = _COMMAND.match(stripped)
    if command:
        return _command(command.group(1).lower(), (command.group(2) or "").strip())
    if _WORDLESS.fullmatch(stripped):
        return None if small_talk(stripped) else e.SentNothing()
    return e.PersonAsked() if wants_person(stripped) else None


def _command(name: str, argument: str) -> e.Event:
    match name:
        case "start":
            return e.Started(argument[:64])
        case "help":
            return e.HelpAsked()
        case "human" | "agent" | "person":
            return e.PersonAsked()
        case "privacy":
            return e.PrivacyAsked()
        case "language" | "lang":
            return e.LanguageAsked(best_language(argument))
        case "cancel":
            return e.WaitCancelled()
        case _:
            return e.UnknownCommand()


def understand(
    inbound: Inbound,
    asked: Meant,
    *,
    pressed: Known | None,
    request: OpenRequest | None,
    has_open: bool,
    now: datetime,
) -> e.Event:
    """The event. `asked` is what the words ask, if anything; `pressed` is the message whose button it
    was, already known to be this customer's own; `request` an open rating request."""
    if inbound.kind is Kind.PRESSED:
        return _pressed(inbound, pressed, request, now)
    if not inbound.text.strip():
        album = (inbound.attachment or {}).get("media_group_id")
        return e.SentMedia(inbound.kind, album) if inbound.kind in MEDIA else e.SentNothing()
    plain_event = _plain_event(inbound.text)
    if request is not None and request.state == "commenting" and not has_open:
        is_question = isinstance(
            plain_event, (e.PersonAsked, e.Started, e.LanguageAsked, e.PrivacyAsked, e.HelpAsked)
        )
        if plain(inbound.text) in SKIPS:
            return e.RatingSkipped(request.id)
        if not is_question and not _is_answered(asked) and now < request.expires_at:
            return e.Commented(request.id)
    return plain_event or asked


def _is_answered(asked: Meant) -> bool:
    if isinstance(asked, e.ChoseOrder):
        return True
    if isinstance(asked, e.AskedCase):
        return asked.is_question
    if isinstance(asked, e.AskedSeveral):
        return bool(asked.answered)
    return isinstance(asked, e.Asked) and asked.decision == "answer"


def _offered(pressed: Known | None) -> list[dict[str, Any]]:
    """The buttons it has, or had when the customer pressed one."""
    intent = (pressed.intent if pressed else None) or {}
    return choices_of(intent, "en") or list(intent.get(WERE, ()))


def _pressed(inbound: Inbound, pressed: Known | None, request: OpenRequest | None, now: datetime) -> e.Event:
    choices = _offered(pressed)
    index = inbound.press.index if inbound.press else -1
    if pressed is None or not 0 <= index < len(choices) or now - pressed.created_at > BUTTON_LASTS:
        return e.PressedStale()
    action = choices[index].get("action", {})
    if action.get("do") in SINGLE_USE and pressed.settled_at is not None:
        return e.PressedStale()
    match action.get("do"):
        case "person":
            return e.PersonAsked()
        case "cancel":
            return e.WaitCancelled()
        case "check":
            return e.PassedCheck()
        case "order":
            return e.ChoseOrder(action["key"], action["number"], action.get("language", ""))
        case "tell":
            return e.WantsToHear()
        case "dont_tell":
            return e.WantsNoMore()
        case "language":
            return e.LanguageAsked(action.get("code"))
        case "article":
            asked = action.get("asked", (pressed.intent or {}).get("asked", ""))
            return e.ChoseArticle(action["key"], str(asked), action.get("language", ""))
        case "none":
            return e.ChoseNone(pressed.id)
        case "helped":
            return e.SaidHelped(pressed.id, pressed.article_key, bool(action.get("yes")))
        case "star" | "skip" if (
            request is None or request.id != action.get("request") or now >= request.expires_at
        ):
            return e.PressedStale()
        case "star":
            return e.Rated(action["request"], action["aspect"], action["stars"])
        case "skip":
            return e.RatingSkipped(action["request"], action.get("aspect"))
        case _:
            return e.PressedStale()


def pressed_label(inbound: Inbound, pressed: Known | None) -> str:
    """What the customer saw on the button they pressed."""
    choices = _offered(pressed)
    index = inbound.press.index if inbound.press else -1
    return str(choices[index].get("label", "")) if 0 <= index < len(choices) else ""
