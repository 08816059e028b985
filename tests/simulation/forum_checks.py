"""What must hold of the staff group at the end, when everything is settled."""

import sqlite3
from collections import defaultdict

from bot.channels.telegram.desk.card import ICONS
from crm_store.lifecycle import Status
from tests.simulation.broken import Broken
from tests.simulation.forum import GROUP, STRANGER, Forum, Word

WITH_STAFF = "('queued', 'assigned', 'waiting_customer')"
Shown = dict[str, dict[int, str]]
"""What each customer's Telegram chat shows of ours: by chat, by the platform's id."""
UNPOSTED = "SELECT count(*) FROM desk_post WHERE delivery IN ('pending', 'sending')"


def look(store: sqlite3.Connection, forum: Forum, shown: Shown) -> None:
    """Raises Broken."""
    _nothing_given_up(store)
    _every_word_once(store, forum)
    _words_in_order(store, forum)
    _words_arrived(store, forum, shown)
    _cards(store, forum)


def _nothing_given_up(store: sqlite3.Connection) -> None:
    found = store.execute("SELECT id, kind, error FROM desk_post WHERE delivery = 'dead'").fetchone()
    if found is not None:
        raise Broken(f"a post to the staff group was given up: {found}")


def _kept(store: sqlite3.Connection, word: Word) -> list[tuple[int, int, str]]:
    query = "SELECT id, customer_id, lane FROM message WHERE text LIKE ? ORDER BY id"
    return store.execute(query, (f"{word.token}%",)).fetchall()


def _every_word_once(store: sqlite3.Connection, forum: Forum) -> None:
    """Stored once, or refused with a notice in the customer's topic; a stranger's never."""
    refused: defaultdict[int, int] = defaultdict(int)
    for word in forum.words:
        kept = _kept(store, word)
        if word.author == STRANGER and kept:
            raise Broken(f"a stranger spoke for the shop: {word.token}")
        if len(kept) > 1:
            raise Broken(f"an agent's word is kept {len(kept)} times: {word.token}")
        if not kept:
            refused[word.thread] += 1
    topics = "SELECT customer_id FROM desk_topic WHERE chat = ? AND thread = ?"
    notices = "SELECT count(*) FROM desk_post WHERE customer_id = ? AND kind = 'notice'"
    for thread, count in refused.items():
        found = store.execute(topics, (str(GROUP), str(thread))).fetchone()
        if found is None:  # the topic was deleted, and nobody knows any more whose it was
            continue
        (told,) = store.execute(notices, found).fetchone()
        if told < count:
            raise Broken(f"of {count} words in topic {thread} that were not taken, {told} were refused")


def _words_in_order(store: sqlite3.Connection, forum: Forum) -> None:
    last: dict[int, int] = {}
    for word in forum.words:
        for number, customer_id, _ in _kept(store, word):
            if number < last.get(customer_id, 0):
                raise Broken(f"agents' words to a customer are out of order: {word.token}")
            last[customer_id] = number


def _words_arrived(store: sqlite3.Connection, forum: Forum, shown: Shown) -> None:
    """What counts as sent stands in the customer's chat, as it reads now, in the order it was said."""
    query = (
        "SELECT lane, text, CAST(platform_id AS INTEGER) FROM message "
        "WHERE text LIKE ? AND delivery = 'sent' AND lane LIKE 'telegram:%'"
    )
    last: dict[str, int] = {}
    for word in forum.words:
        for lane, text, platform_id in store.execute(query, (f"{word.token}%",)):
            texts = shown.get(lane.partition(":")[2], {})
            places = [number for number, one in sorted(texts.items()) if word.token in one]
            if not places:
                raise Broken(f"an agent's word never stood in the customer's chat: {word.token}")
            if platform_id is not None and text not in texts[platform_id]:
                raise Broken(f"the customer reads {texts[platform_id]!r} where the agent wrote {text!r}")
            if places[0] < last.get(lane, 0):
                raise Broken(f"an agent's words stand in the wrong order: {word.token}")
            last[lane] = places[0]


def _cards(store: sqlite3.Connection, forum: Forum) -> None:
    """Whoever is with the staff has a card, in a topic that exists, and it says how things are."""
    query = (
        "SELECT c.id, c.status, t.thread, t.card_platform_id FROM conversation c LEFT JOIN desk_topic t "
        f"ON t.customer_id = c.customer_id AND t.chat = ? WHERE c.status IN {WITH_STAFF}"
    )
    for number, status, thread, card in store.execute(query, (str(GROUP),)):
        if card is None:
            raise Broken(f"conversation {number} is {status} and has no card in the staff group")
        if thread is not None and int(thread) in forum.deleted:
            continue  # it is made anew with the next post
        post = forum.posts.get(int(card))
        if post is None:
            raise Broken(f"the card of conversation {number} is not in the staff group")
        if not post.text.startswith(ICONS[Status(status)]):
            raise Broken(f"the card of conversation {number}, which is {status}, says {post.text[:40]!r}")
