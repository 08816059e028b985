"""Who waited for a person while their conversation was closed with many others, and writes again before that stands.

They had asked for somebody, nobody had come, and the closing may still be undone: their next word undoes it for them.
They wait again, as long as they have waited in all, instead of being answered as somebody new.
"""

from bot import events as e
from bot.acting import note_need, relay_to_desk, show_desk, tell_expectation
from bot.scene import Scene, change
from crm_store.batch import Batch, Held, Person
from crm_store.lifecycle import Change
from crm_store.sentences import Sentence, meant
from crm_store.timers import TimerKind

WANTS = (e.Asked, e.AskedSeveral, e.SentMedia, e.PersonAsked)
"""What wants an answer; a word of thanks, or a press of a button, does not."""


def opened_again(batch: Batch, person: Person, event: e.Event, language: str) -> Held | None:
    """Their closed conversation, which is theirs again from now on; None where the move wants nothing of it."""
    held = person.closed_waiting
    if held is None or person.conversation is not None or not isinstance(event, WANTS):
        return None
    person.conversation, person.closed_waiting = held, None
    held.language, held.agent_id = language, None
    held.memory = {"told_waiting": True}  # the place they are told says as much
    batch.dirty[held.id] = held
    batch.reopened.append(held)
    return held


def wait_again(scene: Scene) -> None:
    """They stand where they stood, are told so, and the staff see what they say."""
    change(scene, Change.REOPEN, "customer")
    scene.batch.handoffs.append((scene.held, "reopened"))
    scene.batch.timers.append((TimerKind.UNANSWERED, scene.held, scene.batch.now))
    relay_to_desk(scene)
    tell_expectation(scene, note_need(scene, None), meant(Sentence.OPEN_AGAIN))
    show_desk(scene, "card")
