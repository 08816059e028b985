"""The staff group as the platform has it: topics, posts, its limit; and the agents who work in it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from telegram.error import BadRequest

from tests.simulation.broken import Broken

Json = dict[str, Any]
GROUP = -1001
AGENTS = (1, 2, 3)
MINUTE_S = 60.0
SLACK_S = 1e-6
POSTS = ("sendMessage", "editMessageText", "copyMessage")
"""What the platform counts."""
STRANGER = 999
"""A member of the group whom nobody linked."""


def account_of(agent_id: int) -> int:
    """The agent's Telegram account."""
    return 900 + agent_id


@dataclass(slots=True)
class Post:
    """A message of the bot's in the group."""

    thread: int | None
    text: str
    markup: Json | None


@dataclass(slots=True)
class Word:
    """What somebody said in a customer's topic."""

    token: str
    author: int
    thread: int
    platform_id: int


@dataclass
class Forum:
    """It outlives the bot's processes."""

    rng: Random
    number: Callable[[], int]
    per_min: float
    topics: list[int] = field(default_factory=list)
    posts: dict[int, Post] = field(default_factory=dict)
    words: list[Word] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    """Topics that somebody deleted."""
    _posted_at: list[float] = field(default_factory=list)
    told_until: float = 0.0

    # --- the platform's side ---

    def fresh(self) -> None:
        """A new process counts anew."""
        self._posted_at.clear()
        self.told_until = 0.0

    def departed(self, method: str, now: float) -> None:
        """A call leaves: may it?"""
        if method not in POSTS:
            return
        if now + SLACK_S < self.told_until:
            raise Broken("a post leaves for the staff group before its retry_after is over")
        self._posted_at.append(now)
        if sum(at > now - MINUTE_S + SLACK_S for at in self._posted_at) > self.per_min:
            raise Broken(f"more than {self.per_min:g} posts leave for the staff group within a minute")

    def do(self, method: str, params: Json) -> Any:
        """What the platform does and answers; raises BadRequest."""
        match method:
            case "createForumTopic":
                self.topics.append(self.number())
                return {"message_thread_id": self.topics[-1]}
            case "sendMessage":
                return self._send(params)
            case "editMessageText" | "editMessageReplyMarkup":
                return self._edit(params)
        return True

    def _send(self, params: Json) -> Json:
        thread = params.get("message_thread_id")
        if thread is not None and thread not in self.topics:
            raise BadRequest("Bad Request: message thread not found")
        number = self.number()
        self.posts[number] = Post(thread, params["text"], params.get("reply_markup"))
        return {"message_id": number, "chat": {"id": GROUP}}

    def _edit(self, params: Json) -> Any:
        post = self.posts.get(params["message_id"])
        if post is None:
            raise BadRequest("Bad Request: message to edit not found")
        text, markup = params.get("text", post.text), params.get("reply_markup")
        if (text, markup) == (post.text, post.markup):
            raise BadRequest("Bad Request: message is not modified")
        post.text, post.markup = text, markup
        return True

    # --- what its members do; each is an update ---

    def act(self) -> Json | None:
        """One thing somebody does; None when there is nothing to do it with, or nothing tells the bot of it."""
        if not self._known():
            return None
        drawn, agent = self.rng.random(), self.rng.choice(AGENTS)
        own = [word for word in self.words[-12:] if word.author == account_of(agent)]
        cards = [number for number, post in self.posts.items() if post.markup and post.thread in self.topics]
        if drawn < 0.42 and cards:
            return self._press(self.rng.choice(cards[-6:]), account_of(agent))
        if drawn < 0.50 and own:
            return self._reword(self.rng.choice(own))
        if drawn < 0.54:
            self._delete_topic()
            return None
        if drawn < 0.60:
            return self._say(STRANGER, "x")
        if drawn < 0.68:
            return self._say(account_of(agent), "n", "// ")
        return self._say(account_of(agent), "w")

    def _known(self) -> list[int]:
        """Topics with a card in them; one without belongs to nobody yet."""
        with_card = {post.thread for post in self.posts.values() if post.markup}
        return [thread for thread in self.topics if thread in with_card]

    def _press(self, number: int, account: int) -> Json | None:
        markup = self.posts[number].markup or {}
        buttons = [
            button
            for row in markup.get("inline_keyboard", ())
            for button in row
            if button["callback_data"].rpartition(":")[2] in ("take", "release", "resolve", "reopen")
        ]
        if not buttons:
            return None
        shown = {"message_id": number, "date": 1, "chat": self._chat()}
        press = {"id": f"g{number}", "from": self._member(account), "message": shown}
        return {"callback_query": press | {"data": self.rng.choice(buttons)["callback_data"]}}

    def _say(self, account: int, kind: str, prefix: str = "") -> Json:
        # Mostly where something happened last, and now and then several words to one customer.
        word = Word(f"{kind}{len(self.words)};", account, self.rng.choice(self._known()[-3:]), self.number())
        self.words.append(word)
        return {"message": self._message(word, f"{prefix}{word.token} I am looking into it")}

    def _reword(self, word: Word) -> Json | None:
        if word.thread not in self.topics:
            return None
        mark = "// " if word.token.startswith("n") else ""
        return {"edited_message": self._message(word, f"{mark}{word.token} I have looked into it")}

    def _delete_topic(self) -> None:
        thread = self.rng.choice(self.topics)
        self.topics.remove(thread)
        self.deleted.append(thread)
        self.posts = {number: post for number, post in self.posts.items() if post.thread != thread}

    def _message(self, word: Word, text: str) -> Json:
        place = {"message_thread_id": word.thread, "is_topic_message": True}
        who = {"chat": self._chat(), "from": self._member(word.author)}
        return {"message_id": word.platform_id, "date": 1, "text": text} | place | who

    def _chat(self) -> Json:
        return {"id": GROUP, "type": "supergroup", "is_forum": True}

    def _member(self, account: int) -> Json:
        return {"id": account, "is_bot": False, "first_name": f"S{account}", "language_code": "en"}
