"""What the bot learns from a move is drafted here: gaps, feedback, labels of questions, and wishes to be told."""

from dataclasses import replace
from typing import Any

from bot import events as e
from bot.scene import Scene
from crm_store.batch import Known, MessageDraft
from crm_store.timers import TimerKind
from knowledge_base.languages import language_among
from knowledge_base.text import normalise
from knowledge_base.variants import Reader


def settle(scene: Scene) -> None:
    """The pressed button has had its effect, also for what comes later in this batch."""
    if scene.pressed is not None:
        scene.batch.settled.append(scene.pressed.id)
        scene.batch.known[scene.pressed.id] = replace(scene.pressed, settled_at=scene.batch.now)


_KEPT = ("article_key", "language", "score", "confidence")


def keep_asked(scene: Scene, event: e.Event) -> None:
    """Beside its buttons a message keeps what was asked and thought of, for the gap they may turn into."""
    last = scene.said[-1] if scene.said else None
    if last is None or not last.intent or "choices" not in last.intent:
        return
    if isinstance(event, (e.Asked, e.AskedSeveral)):
        last.intent.setdefault("asked", scene.text)
    kept: list[dict[str, Any]] = []
    if isinstance(event, e.Asked):
        kept = [{name: getattr(c, name) for name in _KEPT} for c in event.candidates]
    elif isinstance(event, e.ChoseArticle) and scene.pressed is not None:
        kept = (scene.pressed.intent or {}).get("candidates", [])
    if kept:
        last.intent["candidates"] = kept


def keep_gap(scene: Scene, effect: e.KeepGap) -> None:
    """A question that was not answered well, with the articles it was offered."""
    about: MessageDraft | int | None = scene.inbound
    question = effect.asked or scene.text
    candidates = [{name: getattr(c, name) for name in c.__slots__} for c in effect.candidates]
    if effect.message_id is not None and scene.pressed is not None:
        about = scene.pressed.reply_to_id
        settle(scene)
        question = str((scene.pressed.intent or {}).get("asked", ""))
        candidates = _offered(scene.pressed)
    values = {
        "question": question,
        "language": language_among(question, scene.house.edition.languages, scene.language),
        "reason": effect.reason,
        "candidates": candidates,
        "state": "open",
    }
    scene.batch.gaps.append((scene.held, about, values))


def drop_gap(scene: Scene, _effect: e.DropGap) -> None:
    """What was asked before the list is answered now."""
    if scene.pressed is not None and scene.pressed.reply_to_id is not None:
        asked = str((scene.pressed.intent or {}).get("asked", ""))
        scene.batch.gaps_answered.append((scene.pressed.reply_to_id, asked))


def _offered(pressed: Known) -> list[dict[str, Any]]:
    """The articles the pressed message gave or offered, that it gave first, and what else was thought of, as it was."""
    kept: list[dict[str, Any]] = (pressed.intent or {}).get("candidates", [])
    if key := pressed.article_key:
        given = [each for each in kept if each["article_key"] == key] or [
            {"article_key": key, "language": _answered_in(pressed)}
        ]
        return given + [each for each in kept if each["article_key"] != key]
    if kept:
        return list(kept)
    choices = (pressed.intent or {}).get("choices", [])
    return [
        {"article_key": c["action"]["key"], "language": c["action"].get("language", "")}
        for c in choices
        if c.get("action", {}).get("do") == "article"
    ]


def _answered_in(pressed: Known) -> str:
    """The language of the article that it gave."""
    return str((pressed.intent or {}).get("article_language", ""))


def keep_feedback(scene: Scene, effect: e.KeepFeedback) -> None:
    """Whether an answer helped, for the article and for the question."""
    settle(scene)
    values = {
        "message_id": effect.message_id,
        "conversation_id": scene.pressed.conversation_id if scene.pressed else scene.held.id,
        "article_key": effect.article_key,
        "helped": effect.helped,
    }
    scene.batch.feedback.append((scene.person, values))
    if scene.pressed is not None and effect.article_key:
        meaning = scene.pressed.intent or {}
        source = "helped" if effect.helped else "not_helpful"
        asked = str(meaning.get("asked", ""))
        name = effect.article_key, _answered_in(scene.pressed)
        _label(scene, source, name, asked, effect.helped, was_alone="chosen" not in meaning)


def _label(
    scene: Scene, source: str, name: tuple[str, str], asked: str, agrees: bool, *, was_alone: bool = False
) -> None:
    """Key and language name the article."""
    normal, (key, language) = normalise(asked), name
    article = scene.house.edition.article(key, language, Reader(scene.language, asked))
    if not normal or article is None:
        return
    values = {
        "agent_id": None,
        "question": asked,
        "normal": normal,
        "language": article.language,
        "article_key": key,
        "agrees": agrees,
        "source": source,
        "was_alone": was_alone,
    }
    scene.batch.labels.append((scene.person, scene.held, values))


def keep_label(scene: Scene, effect: e.KeepLabel) -> None:
    """That an article answers what was asked, or that none of those offered does."""
    if effect.article_key is not None:
        _label(scene, effect.source, (effect.article_key, effect.language), effect.asked, agrees=True)
        if scene.house.phrasing_agreement:
            scene.batch.timers.append((TimerKind.LEARN_PHRASINGS, scene.held, scene.batch.now))
        return
    meaning = (scene.pressed.intent if scene.pressed else None) or {}
    for choice in meaning.get("choices", []):
        action = choice.get("action", {})
        if action.get("do") == "article":
            asked = str(action.get("asked", meaning.get("asked", "")))
            name = action["key"], action.get("language", "")
            _label(scene, effect.source, name, asked, agrees=False)


def keep_wish(scene: Scene, _effect: e.KeepWish) -> None:
    """They want to hear of an answer."""
    scene.batch.wishes.append((scene.person, scene.held))


def drop_wishes(scene: Scene, _effect: e.DropWishes) -> None:
    """They want to hear of no answer any more."""
    scene.batch.unwished.append(scene.person)
