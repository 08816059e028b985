"""One customer's move thought through: what it means, what follows, as drafts in the batch. No input or output."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot import events as e
from bot.acting import act, relay_to_desk, show_desk, tell_away
from bot.channels.base import Inbound, Kind
from bot.coming_again import opened_again, wait_again
from bot.dialogue import step
from bot.first_contact import ask, is_at_the_door, let_in
from bot.foretold import mark_of
from bot.keeping import keep_asked
from bot.meaning import meaning_of, sense_of
from bot.own_contact import keep_phone
from bot.rendering import marked, reformatted
from bot.scene import House, Scene, change
from bot.steps import Memory, Talk
from bot.understanding import needs_match, pressed_label, start_token, understand
from crm_store.batch import Batch, Edit, ForStaff, Held, Known, MessageDraft, OpenLink, Person
from crm_store.desk_posts import WITH_STAFF
from crm_store.desk_turns import SPARE
from crm_store.formatting import marks_of
from crm_store.lifecycle import Change, Status
from crm_store.masking import mask
from crm_store.rewording import in_place_of, is_other_file
from crm_store.sign_in import digest
from crm_store.storable import storable, storable_json
from crm_store.timers import TimerKind
from knowledge_base.matches import Decision

MAX_TEXT = 4096
SHADOWED = "shadowed"
"""How the messages of a shadow-banned customer are marked."""
_NOT_FOR_STAFF = (e.Rated, e.RatingSkipped, e.Commented, e.SaidHelped)
REASK_WITHIN = timedelta(minutes=5)
"""An edited question is answered anew while it is this fresh."""


def think(
    batch: Batch, inbound: Inbound, decision: Decision | None, house: House, idle_after: timedelta
) -> None:
    """Everything that follows from one inbound; a repeat changes nothing."""
    key = (inbound.source, inbound.update_id)
    if key in batch.seen:
        return
    batch.seen.add(key)
    batch.new_seen.append(key)
    token = start_token(inbound)
    link = None
    if token is not None:
        # A visitor of the web chat shows that an address is theirs by a secret; who brings only a link does not.
        link = batch.links.pop(digest(token), None) if inbound.secret_hash is None else None
        inbound = replace(inbound, text="/start")  # a secret is nobody's words: staff need not read it
    person = _sender(batch, inbound, link, house)
    known = batch.stored.get((person.lane, inbound.platform_id or ""))
    if inbound.kind is Kind.EDITED and known is None:
        if inbound.edited_kind is None:
            return
        _foretell(batch, inbound)
        inbound = replace(inbound, kind=inbound.edited_kind)  # its message comes later, or was parked
    elif known is not None and inbound.kind not in (Kind.EDITED, Kind.PRESSED):
        _note_first_words(batch, inbound, known)
        return
    if inbound.kind in (Kind.BLOCKED, Kind.UNBLOCKED):
        person.is_reachable = inbound.kind is Kind.UNBLOCKED
        _tell_staff_of_reach(batch, person, inbound.kind, house)
        if person.is_reachable and person.conversation is not None:  # may wait for what did not reach them
            batch.timers.append((TimerKind.UNANSWERED, person.conversation, batch.now))
        return
    if person.banned_at is not None:
        if person.is_shadow_banned:
            _keep_unheard(batch, person, inbound, known, house, idle_after)
        return
    is_edit = inbound.kind is Kind.EDITED
    if is_edit and known is not None and not _note_edit(batch, person, inbound, known, house):
        return
    _answer(batch, person, inbound, decision, house, idle_after)


def _tell_staff_of_reach(batch: Batch, person: Person, kind: Kind, house: House) -> None:
    """Who serves the customer learns at once that nothing reaches them, or does again."""
    held = person.conversation
    if house.has_desk and held is not None and held.status in WITH_STAFF:
        batch.desk_posts += [ForStaff(person, held, what) for what in (kind.value, "card")]


def _sender(batch: Batch, inbound: Inbound, link: OpenLink | None, house: House) -> Person:
    address = (inbound.channel, inbound.address)
    person = batch.people.get(address)
    if person is None:
        person = Person(
            inbound.channel,
            inbound.address,
            is_new=True,
            language=inbound.language,
            secret_hash=inbound.secret_hash,
            unchecked_since=batch.now if house.checks_strangers and link is None else None,
        )
        if link is not None:
            person.customer_id, person.chosen_language = link.customer_id, link.language
        batch.people[address] = person
    if link is not None:
        batch.used_links.append((link, person))
    if inbound.display_name:
        person.display_name = storable(inbound.display_name)
    if inbound.username:
        person.username = storable(inbound.username)
    person.is_reachable = True
    batch.touched[address] = person
    return person


def _answer(
    batch: Batch,
    person: Person,
    inbound: Inbound,
    decision: Decision | None,
    house: House,
    idle_after: timedelta,
) -> None:
    text = mask(storable(inbound.text[:MAX_TEXT]))
    language, pressed, event = meaning_of(batch, person, inbound, text, decision, house)
    again = opened_again(batch, person, event, language)
    held = again or _conversation(batch, person, event, pressed, language, idle_after)
    label = pressed_label(inbound, pressed) if inbound.kind is Kind.PRESSED else text
    draft = _draft(person, held, inbound, label, event)
    draft.reply_to = pressed.id if pressed else None
    batch.messages.append(draft)
    keep_phone(batch, person, inbound, house)
    scene = Scene(house, batch, person, held, draft, pressed, text, language)
    if again is not None:
        wait_again(scene)
        return
    if is_at_the_door(scene, event):
        if not isinstance(event, e.PassedCheck):
            ask(scene, inbound.kind)
            return
        event = _said_before(scene, inbound, let_in(scene))
    _follow(scene, event, is_press=inbound.kind is Kind.PRESSED)


def _follow(scene: Scene, event: e.Event, *, is_press: bool) -> None:
    """What comes of it: for who holds the conversation, and as the bot's next step."""
    held = scene.held
    if held.status in (Status.WAITING_CUSTOMER, Status.SNOOZED) and not is_press:
        if held.status is Status.SNOOZED and held.queued_at is None:  # they waited for nothing
            held.queued_at = scene.batch.now
        change(scene, Change.CUSTOMER_SAYS, "customer")
        show_desk(scene, "card", text=SPARE)  # the words are shown at once, and tell most of it
    if held.status in (Status.QUEUED, Status.ASSIGNED) and not is_press:  # a reply may be owed from now on
        scene.batch.timers.append((TimerKind.UNANSWERED, held, scene.batch.now))
    if not isinstance(event, _NOT_FOR_STAFF) and not (is_press and isinstance(event, e.WaitCancelled)):
        relay_to_desk(scene)
    _step(scene, event)
    if not is_press:
        tell_away(scene)


def _said_before(scene: Scene, inbound: Inbound, words: str) -> e.Event:
    """What somebody wants who had to press a button first: what they said before that."""
    said = replace(inbound, kind=Kind.TEXT, text=words, press=None)
    scene.text, house = words, scene.house
    if not words:
        return e.Chatted(frozenset({"greeting"}))
    decision = house.edition.decide_many([words])[0] if needs_match(said) else None
    asked = sense_of(scene.person, said, words, decision, house, scene.language)
    return understand(
        said, asked, pressed=None, request=scene.person.request, has_open=True, now=scene.batch.now
    )


def _keep_unheard(
    batch: Batch, person: Person, inbound: Inbound, known: Known | None, house: House, idle_after: timedelta
) -> None:
    """What a shadow-banned customer says stands, marked, with what they said before; nobody is told."""
    if inbound.kind is Kind.EDITED and known is not None:
        _note_edit(batch, person, inbound, known, replace(house, has_desk=False))
    if inbound.kind in (Kind.EDITED, Kind.PRESSED):
        return
    held = person.conversation or person.last_resolved
    if held is None:
        held = _open(batch, person, person.language or "en", idle_after)
    text = mask(storable(inbound.text[:MAX_TEXT]))
    draft = MessageDraft(person, held, "customer", text, inbound.kind, _beyond(inbound, text))
    draft.attachment, draft.decision = storable_json(inbound.attachment), SHADOWED
    draft.platform_id = inbound.platform_id
    batch.messages.append(draft)


def _step(scene: Scene, event: e.Event) -> None:
    held = scene.held
    memory = Memory(**{k: held.memory[k] for k in Memory.__slots__ if k in held.memory})
    result = step(Talk(held.status, memory), event)
    kept = ((name, getattr(result.memory, name)) for name in Memory.__slots__)
    held.memory = {name: value for name, value in kept if value}
    for effect in result.effects:
        act(scene, effect)
    keep_asked(scene, event)


def _conversation(
    batch: Batch, person: Person, event: e.Event, pressed: Known | None, language: str, idle_after: timedelta
) -> Held:
    """The conversation the move belongs to: what concerns a closed one stays in it, anything else opens one."""
    about = _closed_matter(person, event, pressed)
    held = person.conversation
    if about is not None and (held is None or held.id != about):
        return Held(Status.RESOLVED, language, id=about)
    if held is None:
        held = _open(batch, person, language, idle_after)
    else:
        held.language = language
        if not held.is_new:
            batch.dirty[held.id] = held
    return held


def _open(batch: Batch, person: Person, language: str, idle_after: timedelta) -> Held:
    """A new conversation, closed by itself once it has been silent for so long."""
    held = person.conversation = Held(Status.BOT, language, is_new=True)
    batch.conversations.append((person, held))
    batch.timers.append((TimerKind.IDLE_CLOSE, held, batch.now + idle_after))
    return held


def _closed_matter(person: Person, event: e.Event, pressed: Known | None) -> int | None:
    if isinstance(event, (e.Rated, e.RatingSkipped, e.Commented)) and person.request is not None:
        return person.request.conversation_id
    if (
        isinstance(event, (e.SaidHelped, e.PressedStale, e.WantsToHear, e.WantsNoMore))
        and pressed is not None
    ):
        return pressed.conversation_id
    return None


def _draft(person: Person, held: Held, inbound: Inbound, text: str, event: e.Event) -> MessageDraft:
    kind = Kind.TEXT if inbound.kind is Kind.EDITED else inbound.kind
    asked = event if isinstance(event, e.Asked) and held.status is Status.BOT else None
    decision = asked.decision if asked else type(event).__name__.lower()
    best = asked.candidates[0] if asked and asked.candidates else None
    if isinstance(event, e.AskedSeveral) and held.status is Status.BOT:
        decision = "several"
    return MessageDraft(
        person=person,
        conversation=held,
        author="customer",
        text=text,
        kind=kind,
        intent=_beyond(inbound, text),
        attachment=None if inbound.kind is Kind.EDITED else storable_json(inbound.attachment),
        decision=decision[:16],
        article_key=best.article_key if best else None,
        confidence=best.confidence if best else None,
        platform_id=None if inbound.kind in (Kind.EDITED, Kind.PRESSED) else inbound.platform_id,
    )


def _beyond(inbound: Inbound, text: str) -> dict[str, Any] | None:
    """What there is to a customer's words besides them: what they answer, and how they are formatted."""
    quotes = {"quotes": inbound.reply_to_platform_id} if inbound.reply_to_platform_id else {}
    return quotes | marked(inbound.text, text, inbound.marks) or None


def _foretell(batch: Batch, inbound: Inbound) -> None:
    """Whoever is handed the message knows that it was taken already."""
    mark = mark_of(inbound)
    if mark not in batch.seen:
        batch.seen.add(mark)
        batch.new_seen.append(mark)


def _note_first_words(batch: Batch, inbound: Inbound, known: Known) -> None:
    """What a message said before it was edited, where the edit was handled first."""
    first = mask(storable(inbound.text[:MAX_TEXT]))
    if first != known.text:
        batch.edits.append(Edit(replace(known, text=first), known))


def _note_edit(batch: Batch, person: Person, inbound: Inbound, known: Known, house: House) -> bool:
    """Keep what an edited message said before; True when the new words want an answer."""
    text = mask(storable(inbound.text[:MAX_TEXT]))
    meant = reformatted(known.intent, inbound.text, text, inbound.marks)
    is_reworded, new = known.text != text, replace(known, text=text, intent=meant)
    if is_other_file(known.attachment, inbound.attachment):
        file = in_place_of(known.attachment, storable_json(inbound.attachment) or {})
        new = replace(new, attachment=file, kind=inbound.edited_kind or known.kind)
    elif not is_reworded and marks_of(known.intent or {}, text) == marks_of(meant or {}, text):
        return False  # Telegram reports edits nobody can see, such as a link's preview
    batch.edits.append(Edit(known, new))
    held = person.conversation
    if held is None or held.id != known.conversation_id:
        return False
    if held.status is Status.BOT:
        return is_reworded and batch.now - known.created_at <= REASK_WITHIN
    if house.has_desk:
        batch.edit_posts.append((person, held, known.id))
    return False
