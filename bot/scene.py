"""One customer's move while it is being answered: what is known, and the two things everybody does with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot import events as e
from bot.edition import Edition
from bot.texts import render
from crm_store.batch import Batch, Held, Known, MessageDraft, Person
from crm_store.lifecycle import Change, next_status
from crm_store.lines import Paces
from crm_store.queueing import Candidate, is_served
from crm_store.working_hours import ALWAYS, WorkingHours
from knowledge_base.matches import Decision


@dataclass(frozen=True, slots=True)
class House:
    """What the bot needs to know of its surroundings to act."""

    edition: Edition
    business_name: str
    aspects: tuple[str, ...]
    has_desk: bool = False
    paces: Paces = field(default_factory=Paces)
    """How long each place of the queue usually takes."""
    hours: WorkingHours = ALWAYS
    phrasing_agreement: int = 0
    checks_strangers: bool = False
    team_hours: Mapping[str, WorkingHours] = field(default_factory=dict)
    needed_skills: Mapping[str, str] = field(default_factory=dict)
    """Rules (see `needs`) for what is handed over."""
    decided: Mapping[str, Decision] = field(default_factory=dict)
    """What the knowledge base makes of the parts of messages that may ask several things."""

    present: tuple[Candidate, ...] = ()
    """Who is online although it is outside working hours."""

    def is_served(self, language: str, team: str | None) -> bool:
        """Whether somebody who is there now, whatever the hours say, can serve such a customer."""
        return is_served(self.present, language, team)

    def hours_of(self, team: str | None) -> WorkingHours:
        """When the people of this team are there."""
        return self.team_hours.get(team or "", self.hours)


@dataclass(slots=True)
class Scene:
    """One customer's move being answered: where effects put what they do."""

    house: House
    batch: Batch
    person: Person
    held: Held
    inbound: MessageDraft | None
    pressed: Known | None
    text: str
    language: str
    asked: e.Asked | None = None
    said: list[MessageDraft] = field(default_factory=list)


def change(scene: Scene, what: Change, actor: str, reason: str | None = None) -> None:
    """Move the conversation on, and write down that it was."""
    before = scene.held.status
    scene.held.status = next_status(before, what)
    scene.batch.changes.append(
        (
            scene.held,
            {
                "change": what,
                "from_status": before,
                "to_status": scene.held.status,
                "actor": actor,
                "reason": reason,
            },
        )
    )


def speak(
    scene: Scene,
    text: str,
    choices: tuple[e.Choice, ...] = (),
    intent: dict[str, Any] | None = None,
    **columns: Any,
) -> MessageDraft:
    """A message of the bot's own, its buttons worded in the customer's language."""
    meaning = dict(intent or {})
    if choices:
        meaning["choices"] = [
            {"label": c.label if c.literal else render(scene.language, c.label), "action": c.action}
            for c in choices
        ]
    draft = MessageDraft(
        person=scene.person,
        conversation=scene.held,
        author="bot",
        text=text,
        intent=meaning or None,
        outgoing=True,
        reply_to=scene.inbound,
        **columns,
    )
    scene.batch.messages.append(draft)
    scene.batch.last_said.pop(scene.held.id, None)
    scene.said.append(draft)
    return draft


def sentence(scene: Scene, key: str, **params: Any) -> str:
    """A sentence of ours in the customer's language; it may name them and the business."""
    name = (scene.person.display_name or "").strip()
    shown = f" {name}" if name and scene.language == "en" else name
    return render(scene.language, key, name=shown, business=scene.house.business_name, **params)
