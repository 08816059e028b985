"""The store's part of a message as the product does it, in batches."""

import time
from functools import partial

from bot.clock import system_clock
from crm_store import batch_reader, outbox, writer
from crm_store.batch import Held, MessageDraft, Outlet, Person, Question
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.outbox import Claimed, Sent
from crm_store.session import Connection
from crm_store.signals import Topic
from crm_store.timers import TimerKind

WAITING = 512
CHANNEL = "telegram"


def exchange_words(connection: Connection, chats: list[int], first_update: int) -> list[Claimed]:
    """One batch: each chat asks, and is answered."""
    now = system_clock()
    outlet = Outlet({CHANNEL: WAITING})
    updates = [("telegram:1", str(first_update + n)) for n in range(len(chats))]
    question = Question(updates, {(CHANNEL, str(chat)) for chat in chats}, [], set())
    batch = batch_reader.read(connection, question, outlet, now)
    for key, chat in zip(updates, chats, strict=True):
        batch.new_seen.append(key)
        address = (CHANNEL, str(chat))
        person = batch.people.get(address)
        if person is None:
            person = batch.people[address] = Person(CHANNEL, str(chat), f"Customer {chat}", is_new=True)
        batch.touched[address] = person
        held = person.conversation
        if held is None:
            held = person.conversation = Held(Status.BOT, "en", is_new=True)
            batch.conversations.append((person, held))
            batch.timers.append((TimerKind.IDLE_CLOSE, held, now))
        elif not held.is_new:
            batch.dirty[held.id] = held
        asked = MessageDraft(
            person, held, "customer", "Where is my card?", decision="answer", platform_id="7"
        )
        intent = {"choices": [{"label": "Yes", "action": {"do": "helped", "yes": True}}]}
        said = MessageDraft(
            person, held, "bot", "It is on its way.", intent=intent, reply_to=asked, outgoing=True
        )
        batch.messages += [asked, said]
    return writer.write(connection, batch, outlet, set())


def _exchange(
    chats: list[int], first_update: int, connection: Connection, _topics: set[Topic]
) -> list[Claimed]:
    return exchange_words(connection, chats, first_update)


def _settle(sent: list[Sent], connection: Connection, _topics: set[Topic]) -> None:
    outbox.settle(connection, sent, (), now=system_clock())


async def our_rate(store: Store, batches: int, first_chat: int = 0) -> float:
    """Messages a second; half of the batches come from people already known."""
    began = time.perf_counter()
    for number in range(batches):
        chats = [first_chat + WAITING * (number // 2) + n for n in range(WAITING)]
        first = first_chat + number * WAITING
        claimed = await store.transact(partial(_exchange, chats, first))
        await store.transact(partial(_settle, [Sent(one.id, str(one.id)) for one in claimed]))
    return WAITING * batches / (time.perf_counter() - began)
