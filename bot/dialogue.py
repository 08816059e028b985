"""The conversation flow: events in, effects out, in one table. Pure.

`FLOW` says for who holds the conversation (`crm_store.lifecycle.Status`) and what the customer did (an event)
which function answers. `step` looks it up and runs it; a pair that is not in the table is silence, which is
what a customer wants who is talking with a person.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.events import (
    Asked,
    AskedCase,
    AskedSeveral,
    Chatted,
    Choice,
    ChoseArticle,
    ChoseNone,
    ChoseOrder,
    Commented,
    DropGap,
    DropWishes,
    EndRating,
    Event,
    GiveAnswer,
    HandOff,
    HelpAsked,
    KeepComment,
    KeepFeedback,
    KeepGap,
    KeepLabel,
    KeepRating,
    KeepWish,
    LanguageAsked,
    LeaveQueue,
    PassAspect,
    PassedCheck,
    PersonAsked,
    PressedStale,
    PrivacyAsked,
    Rated,
    RatingSkipped,
    SaidHelped,
    Say,
    SentMedia,
    SentNothing,
    SetLanguage,
    Started,
    TellCase,
    UnknownCommand,
    UseStartPayload,
    WaitCancelled,
    WantsNoMore,
    WantsToHear,
)
from bot.several import effects_of, offer_of
from bot.small_replies import ASKING, reply_to
from bot.steps import Memory, Step, Talk
from crm_store.lifecycle import Status

MISSES_BEFORE_HANDOFF = 2


# --- the flow ----------------------------------------------------------------------------------------------

PERSON = Choice("button.person", {"do": "person"})
CANCEL = Choice("button.cancel", {"do": "cancel"})
TELL_ME = Choice("button.tell_me", {"do": "tell"})
NO_MORE = Choice("button.no_more", {"do": "dont_tell"})
NONE_OF_THESE = Choice("button.none_of_these", {"do": "none"})
LANGUAGES = tuple(
    Choice(name, {"do": "language", "code": code}, literal=True)
    for code, name in (("en", "English"), ("zh", "中文"))
)


def _say(key: str, *choices: Choice) -> Callable[[Talk, Any], Step]:
    def answer(talk: Talk, _event: Event) -> Step:
        return Step(talk.memory, (Say(key, choices),))

    return answer


def _started(*said: Say) -> Callable[[Talk, Started], Step]:
    def answer(talk: Talk, event: Started) -> Step:
        payload = (UseStartPayload(event.payload),) if event.payload else ()
        return Step(talk.memory, (*payload, *said))

    return answer


def _chatted(talk: Talk, event: Chatted) -> Step:
    key = reply_to(event.kinds, is_beginning=talk.memory.topic is None)
    return Step(talk.memory, (Say(key, (PERSON,) if key in ASKING else ()),))


def _answer_question(talk: Talk, event: Asked) -> Step:
    if event.decision == "answer":
        best = event.candidates[0]
        memory = Memory(topic=best.article_key, language=best.language)
        return Step(memory, (GiveAnswer(best.article_key, best.language, best.confidence),))
    if event.decision == "suggest":
        offered = tuple(offer_of(each, "" if event.leans else None) for each in event.candidates)
        kept = KeepGap("not_chosen", event.candidates)
        return Step(talk.memory, (Say("did_you_mean", (*offered, NONE_OF_THESE, PERSON)), kept))
    return _missed(talk, KeepGap("unknown", event.candidates))


def _answer_several(talk: Talk, event: AskedSeveral) -> Step:
    effects = effects_of(event, (NONE_OF_THESE, PERSON), (PERSON, TELL_ME))
    if event.answered:
        last = event.answered[-1].candidate
        return Step(Memory(topic=last.article_key, language=last.language), effects)
    return Step(talk.memory, effects)


def _asked_case(talk: Talk, event: AskedCase) -> Step:
    return Step(replace(talk.memory, misses=0), (TellCase(event.told),))


def _missed(talk: Talk, gap: KeepGap) -> Step:
    misses = talk.memory.misses + 1
    if misses >= MISSES_BEFORE_HANDOFF:
        return Step(Memory(), (gap, HandOff("not_understood", talk.memory.topic)))
    return Step(replace(talk.memory, misses=misses), (gap, Say("rephrase", (PERSON, TELL_ME))))


def _media(talk: Talk, event: SentMedia) -> Step:
    if event.album is not None and event.album == talk.memory.album:
        return Step(talk.memory)
    memory = replace(talk.memory, album=event.album)
    return Step(memory, (Say("media_needs_person", (PERSON,)),))


def _chose_article(_talk: Talk, event: ChoseArticle) -> Step:
    answer = GiveAnswer(event.article_key, event.language, asked=event.asked)
    label = KeepLabel("choice", event.article_key, event.asked, event.language)
    return Step(Memory(topic=event.article_key, language=event.language), (label, DropGap(), answer))


def _chose_order(_talk: Talk, event: ChoseOrder) -> Step:
    answer = GiveAnswer(event.article_key, event.language, asked="", order=event.number)
    return Step(Memory(topic=event.article_key, language=event.language), (answer,))


def _chose_none(talk: Talk, event: ChoseNone) -> Step:
    missed = _missed(talk, KeepGap("none_of_these", message_id=event.message_id))
    return replace(missed, effects=(KeepLabel("none_of_these"), *missed.effects))


def _helped(talk: Talk, event: SaidHelped) -> Step:
    kept = KeepFeedback(event.message_id, event.article_key, event.helped)
    if event.helped:
        return Step(talk.memory, (kept, Say("glad_it_helped", (PERSON,))))
    gap = KeepGap("not_helpful", message_id=event.message_id)
    return Step(talk.memory, (kept, gap, Say("sorry_it_did_not", (PERSON, TELL_ME))))


def _keep_feedback_silently(talk: Talk, event: SaidHelped) -> Step:
    return Step(talk.memory, (KeepFeedback(event.message_id, event.article_key, event.helped),))


def _hand_off(talk: Talk, _event: Event) -> Step:
    return Step(Memory(), (HandOff("asked_for_person", talk.memory.topic),))


def _language(talk: Talk, event: LanguageAsked) -> Step:
    if event.code is None:
        return Step(talk.memory, (Say("choose_language", (*LANGUAGES, PERSON)),))
    return Step(talk.memory, (SetLanguage(event.code), Say("language_set")))


def _wants_to_hear(talk: Talk, _event: Event) -> Step:
    return Step(talk.memory, (KeepWish(), Say("will_tell", (NO_MORE, PERSON))))


def _wants_no_more(talk: Talk, _event: Event) -> Step:
    return Step(talk.memory, (DropWishes(), Say("wont_tell")))


def _wish_silently(talk: Talk, event: Event) -> Step:
    return Step(talk.memory, (KeepWish() if isinstance(event, WantsToHear) else DropWishes(),))


def _still_waiting(talk: Talk, _event: Event) -> Step:
    if talk.memory.told_waiting:
        return Step(talk.memory)
    return Step(replace(talk.memory, told_waiting=True), (Say("added_to_your_case", (CANCEL,)),))


def _cancel(_talk: Talk, _event: Event) -> Step:
    return Step(Memory(), (LeaveQueue(), Say("wait_cancelled", (PERSON,))))


def _rated(talk: Talk, event: Rated) -> Step:
    return Step(talk.memory, (KeepRating(event.request_id, event.aspect, event.stars),))


def _rating_skipped(talk: Talk, event: RatingSkipped) -> Step:
    if event.aspect is not None:
        return Step(talk.memory, (PassAspect(event.request_id, event.aspect),))
    return Step(talk.memory, (EndRating(event.request_id, skipped=True), Say("rating_thanks")))


def _commented(talk: Talk, event: Commented) -> Step:
    kept = KeepComment(event.request_id)
    return Step(talk.memory, (kept, EndRating(event.request_id, skipped=False), Say("rating_thanks")))


ANYBODY = tuple(Status)
WAITING = (Status.QUEUED, Status.SNOOZED)
PERSON_HOLDS = (Status.ASSIGNED, Status.WAITING_CUSTOMER)

_ROWS: tuple[tuple[tuple[Status, ...], type[Event], Callable[[Talk, Any], Step]], ...] = (
    # who holds it        what the customer did  what follows
    ((Status.BOT,), Started, _started(Say("welcome", (PERSON,)))),
    ((Status.BOT,), HelpAsked, _say("help", PERSON)),
    ((Status.BOT,), Chatted, _chatted),
    ((Status.BOT,), SentNothing, _say("no_words", PERSON)),
    ((Status.BOT,), Asked, _answer_question),
    ((Status.BOT,), AskedSeveral, _answer_several),
    ((Status.BOT,), AskedCase, _asked_case),
    ((Status.BOT,), SentMedia, _media),
    ((Status.BOT,), UnknownCommand, _say("unknown_command", PERSON)),
    ((Status.BOT,), ChoseArticle, _chose_article),
    ((Status.BOT,), ChoseNone, _chose_none),
    ((Status.BOT,), ChoseOrder, _chose_order),
    ((Status.BOT, Status.RESOLVED), SaidHelped, _helped),
    ((Status.BOT,), PersonAsked, _hand_off),
    ((Status.BOT,), WaitCancelled, _say("not_waiting", PERSON)),
    (WAITING, WaitCancelled, _cancel),
    (PERSON_HOLDS, WaitCancelled, _say("not_waiting_any_more")),
    (WAITING, PersonAsked, _say("already_waiting", CANCEL)),
    (WAITING, Asked, _still_waiting),
    (WAITING, AskedSeveral, _still_waiting),
    (WAITING, AskedCase, _still_waiting),
    (WAITING, SentMedia, _still_waiting),
    (
        WAITING,
        Chatted,
        lambda talk, said: _still_waiting(talk, said) if "greeting" in said.kinds else Step(talk.memory),
    ),
    (WAITING, Started, _started(Say("already_waiting", (CANCEL,)))),
    (PERSON_HOLDS, Started, _started()),
    (WAITING, HelpAsked, _say("already_waiting", CANCEL)),
    ((*WAITING, *PERSON_HOLDS), SaidHelped, _keep_feedback_silently),
    ((Status.BOT, Status.RESOLVED, *WAITING), WantsToHear, _wants_to_hear),
    ((Status.BOT, Status.RESOLVED, *WAITING), WantsNoMore, _wants_no_more),
    (PERSON_HOLDS, WantsToHear, _wish_silently),
    (PERSON_HOLDS, WantsNoMore, _wish_silently),
    (
        ANYBODY,
        PassedCheck,
        lambda talk, _: Step(talk.memory),
    ),  # once more; the first press is first_contact.py's
    # What concerns the person rather than the matter is answered whoever holds the conversation.
    (ANYBODY, PrivacyAsked, _say("privacy", PERSON)),
    (ANYBODY, LanguageAsked, _language),
    (ANYBODY, Rated, _rated),
    (ANYBODY, RatingSkipped, _rating_skipped),
    (ANYBODY, Commented, _commented),
    ((Status.BOT, Status.RESOLVED, *WAITING), PressedStale, _say("button_stale", PERSON)),
)

FLOW: dict[tuple[Status, type[Event]], Callable[[Talk, Any], Step]] = {
    (status, event): then for statuses, event, then in _ROWS for status in statuses
}


def step(talk: Talk, event: Event) -> Step:
    """What follows from `event`; silence where the table has no row."""
    then = FLOW.get((talk.status, type(event)))
    return then(talk, event) if then else Step(talk.memory)
