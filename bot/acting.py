"""Effects of the dialogue become drafts of rows: one function per kind of effect, in one table."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot import events as e
from bot.away import away, still_away
from bot.keeping import drop_gap, drop_wishes, keep_feedback, keep_gap, keep_label, keep_wish, settle
from bot.rendering import expectation, star_choices, worded
from bot.scene import Scene, change, sentence, speak
from bot.texts import find
from crm_store import needs, unserved
from crm_store.batch import ForStaff, MessageDraft, OpenRequest
from crm_store.lifecycle import Change, Status
from crm_store.lines import Need
from crm_store.places import AWAY, NO_PLACE, TOLD
from crm_store.ratings import rating_intent, score_of
from crm_store.timers import TimerKind
from knowledge_base.variants import Reader

PAUSE = timedelta(minutes=10)
"""Who gave some stars may give more, or a comment; so long after the last of them they are looked at."""
MOST_QUESTION_CHARS = 200
"""Of a question that is said again."""
HELPED = (
    e.Choice("button.yes", {"do": "helped", "yes": True}),
    e.Choice("button.no", {"do": "helped", "yes": False}),
    e.Choice("button.person", {"do": "person"}),
)


def act(scene: Scene, effect: e.Effect) -> None:
    """Put into the batch what `effect` asks for."""
    _ACTORS[type(effect)](scene, effect)


def _say(scene: Scene, effect: e.Say) -> None:
    if effect.about is not None:
        words = sentence(scene, effect.key, question=effect.about.text[:MOST_QUESTION_CHARS])
        speak(scene, words, effect.choices, {"asked": effect.about.asked})
        return
    speak(scene, sentence(scene, effect.key), effect.choices)


def _give_answer(scene: Scene, effect: e.GiveAnswer) -> None:
    asked = scene.text or str(((scene.pressed and scene.pressed.intent) or {}).get("asked", ""))
    reader = Reader(scene.language, effect.asked or asked)
    article = scene.house.edition.article(effect.article_key, effect.language, reader)
    if article is None:
        speak(scene, sentence(scene, "answer_gone"), (e.Choice("button.person", {"do": "person"}),))
        return
    speak(
        scene,
        article.answer,
        HELPED,
        _meaning(effect, article.language),
        article_key=article.key,
        article_language=article.language,
        confidence=effect.confidence,
        decision="answer",
        answers=asked,
    )


def _tell_case(scene: Scene, effect: e.TellCase) -> None:
    speak(scene, effect.told, (e.Choice("button.person", {"do": "person"}),))


def _meaning(effect: e.GiveAnswer, language: str) -> dict[str, Any]:
    """What the answer's message means beside its words; one that was chosen from a list says so."""
    asked = {} if effect.asked is None else {"asked": effect.asked}
    chosen = {"chosen": True} if effect.confidence is None else {}
    order = {} if effect.order is None else {"order": effect.order}
    return {"question": "did_this_help", "article_language": language, **asked, **chosen, **order}


def _hand_off(scene: Scene, effect: e.HandOff) -> None:
    change(scene, Change.HANDOFF, "bot" if effect.reason == "not_understood" else "customer", effect.reason)
    scene.held.queued_at = scene.batch.now
    scene.held.handoff_reason = effect.reason
    scene.batch.handoffs.append((scene.held, effect.reason))
    scene.batch.timers.append((TimerKind.UNANSWERED, scene.held, scene.batch.now))
    tell_expectation(scene, skill=note_need(scene, effect.topic))
    show_desk(scene, "card")


def note_need(scene: Scene, topic: str | None) -> str | None:
    """The skill asked for by what was answered last: noted at once, so that nobody else is given it meanwhile."""
    if not scene.house.needed_skills:
        return None
    article = scene.house.edition.variant(topic, Reader(scene.language)) if topic else None
    facts = needs.of_article(article.key, article.category) if article else []
    found = needs.need(scene.house.needed_skills, facts)
    scene.batch.needs.append((scene.held, found))
    return found.skill if found is not None else None


def tell_expectation(scene: Scene, skill: str | None, meaning: dict[str, Any] | None = None) -> None:
    """What the customer may expect who now waits: a place in the queue, or when people are back; in a message of that
    meaning, if there is one."""
    is_away, meant, language = _is_nobody_there(scene), meaning or {}, scene.language
    if is_away:
        hours, why = scene.house.hours_of(scene.held.team), unserved.lacks(scene.house.present, language)
        text = still_away(language, meant, hours, scene.batch.now, why)
        scene.held.away_told_at = scene.batch.now
    else:
        # In the same batch they may give up waiting: then they never had a place.
        text = worded("", meant, language) or sentence(scene, "already_waiting")
    cancel = e.Choice("button.cancel", {"do": "cancel"})
    said = speak(scene, text, (cancel,), {**meant, TOLD: AWAY if is_away else NO_PLACE})
    if not is_away:
        pace = scene.house.paces.of(Need(language, scene.held.team, skill))
        scene.batch.placed.append((said, lambda place, why: expectation(language, place, pace, meant, why)))


def _is_nobody_there(scene: Scene) -> bool:
    """Whether nobody who could serve the customer is there now."""
    held, now = scene.held, scene.batch.now
    hours = scene.house.hours_of(held.team)
    if hours.is_open(now):
        return False
    served_at = held.served_at if held.status is Status.ASSIGNED else None
    if served_at is not None and not hours.open_time(served_at, now):
        return False  # somebody has taken it, or written, since they closed
    return not scene.house.is_served(scene.language, held.team)


def tell_away(scene: Scene) -> None:
    """Tell a customer who writes for a person, once a case, that nobody is there now; while the bot answers nobody is
    needed."""
    held = scene.held
    awaits = held.status in (Status.QUEUED, Status.ASSIGNED) and held.away_told_at is None
    if awaits and _is_nobody_there(scene):
        held.away_told_at = now = scene.batch.now
        why = unserved.lacks(scene.house.present, scene.language)
        speak(scene, away(scene.language, "away_now", scene.house.hours_of(held.team), now, why))


def _leave_queue(scene: Scene, _effect: e.LeaveQueue) -> None:
    change(scene, Change.CANCEL, "customer")
    scene.held.queued_at = None
    scene.batch.handoffs_cancelled.append(scene.held)
    # The bot's again: the timer of its silence may have fired in vain while people were waited for.
    scene.batch.timers.append((TimerKind.IDLE_CLOSE, scene.held, scene.batch.now))
    # What told them their place is to say that they left.
    scene.batch.timers.append((TimerKind.UNANSWERED, scene.held, scene.batch.now))
    show_desk(scene, "card")


def show_desk(scene: Scene, kind: str, draft: MessageDraft | None = None, *, text: str = "") -> None:
    """Show something to the staff, where they have a chat of their own."""
    if scene.house.has_desk:
        scene.batch.desk_posts.append(ForStaff(scene.person, scene.held, kind, draft, text))


def relay_to_desk(scene: Scene) -> None:
    """Show the customer's words to the staff, when the conversation is theirs."""
    if scene.held.status in (Status.QUEUED, Status.SNOOZED, Status.ASSIGNED, Status.WAITING_CUSTOMER):
        show_desk(scene, "message", scene.inbound)


def _set_language(scene: Scene, effect: e.SetLanguage) -> None:
    scene.language = scene.held.language = effect.code
    scene.person.chosen_language = effect.code
    scene.batch.languages.append((scene.person, effect.code))


def _keep_rating(scene: Scene, effect: e.KeepRating) -> None:
    request = scene.person.request
    if request is None:
        return
    settle(scene)
    request.given.add(effect.aspect)
    scene.batch.ratings.append(
        {
            "request_id": request.id,
            "conversation_id": request.conversation_id,
            "customer_id": scene.person.customer_id,
            "aspect": effect.aspect,
            "score": score_of(effect.stars),
        }
    )
    scene.batch.given[request.id] = scene.batch.now + PAUSE
    _ask_on(scene, request, effect.aspect)


def _pass_aspect(scene: Scene, effect: e.PassAspect) -> None:
    request = scene.person.request
    if request is None:
        return
    settle(scene)
    _ask_on(scene, request, effect.aspect)


def _ask_on(scene: Scene, request: OpenRequest, after: str) -> None:
    """Ask for the aspect that follows, at last for a comment; who skipped every aspect is left in peace."""
    aspects = scene.house.aspects
    following = aspects[aspects.index(after) + 1 :] if after in aspects else ()
    left = [aspect for aspect in following if aspect not in request.given]
    if not left and not request.given:
        _end_rating(scene, e.EndRating(request.id, skipped=True))
        speak(scene, sentence(scene, "rating_skipped"))
        return
    if left:
        request.state = "rating"
        ask_stars(scene, request.id, left[0])
    elif scene.person.conversation is not None:
        # What they write next belongs to the open conversation, and would not be kept as a comment.
        _end_rating(scene, e.EndRating(request.id, skipped=False))
        speak(scene, sentence(scene, "rating_thanks"))
        return
    else:
        request.state = "commenting"
        skip = e.Choice("button.skip", {"do": "skip", "request": request.id})
        speak(scene, sentence(scene, "ask_comment"), (skip,), {"once": True})
    scene.batch.requests[request.id] = {**scene.batch.requests.get(request.id, {}), "state": request.state}


def ask_stars(scene: Scene, request_id: int, aspect: str) -> None:
    """Ask for one more aspect."""
    name = find(scene.language, f"aspect.{aspect}") or aspect.replace("_", " ")
    text = sentence(scene, "ask_rating", aspect=name)
    speak(scene, text, star_choices(request_id, aspect), dict(rating_intent(request_id, aspect)))


def _end_rating(scene: Scene, effect: e.EndRating) -> None:
    settle(scene)
    request = scene.person.request
    skipped = effect.skipped and not (request and request.given)
    values = {"state": "skipped" if skipped else "done", "finished_at": scene.batch.now}
    scene.batch.requests[effect.request_id] = {**scene.batch.requests.get(effect.request_id, {}), **values}
    if not skipped:
        scene.batch.given[effect.request_id] = scene.batch.now
    scene.person.request = None


def _keep_comment(scene: Scene, effect: e.KeepComment) -> None:
    kept = scene.batch.requests.get(effect.request_id, {})
    scene.batch.requests[effect.request_id] = {**kept, "comment": scene.text}


def _use_payload(scene: Scene, effect: e.UseStartPayload) -> None:
    scene.batch.starts.append((scene.held, effect.payload))


_ACTORS: dict[type[e.Effect], Callable[[Scene, Any], None]] = {
    e.Say: _say,
    e.GiveAnswer: _give_answer,
    e.TellCase: _tell_case,
    e.HandOff: _hand_off,
    e.LeaveQueue: _leave_queue,
    e.KeepGap: keep_gap,
    e.DropGap: drop_gap,
    e.KeepFeedback: keep_feedback,
    e.KeepLabel: keep_label,
    e.KeepWish: keep_wish,
    e.DropWishes: drop_wishes,
    e.SetLanguage: _set_language,
    e.KeepRating: _keep_rating,
    e.PassAspect: _pass_aspect,
    e.EndRating: _end_rating,
    e.KeepComment: _keep_comment,
    e.UseStartPayload: _use_payload,
}
