"""What each kind of post does in the group: one function a kind, in one table."""

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial

from telegram.error import BadRequest

from bot.channels.telegram.desk.case_words import deadline_text
from bot.channels.telegram.desk.copies import Copy, Quoted, album_of, below_card, change, copies, formatted
from bot.channels.telegram.desk.elsewhere import retire_merged, retire_others, retire_plain
from bot.channels.telegram.desk.given import call_agent
from bot.channels.telegram.desk.group import NO_PREVIEW, StaffGroup
from bot.channels.telegram.desk.notices import keep_answerable, notice_text
from bot.channels.telegram.desk.pace import Later
from bot.channels.telegram.desk.retelling import history_steps, retelling
from bot.channels.telegram.desk.steps import Copied, Draft, bundles, linked, unmade
from bot.channels.telegram.desk.why_not import undelivered
from bot.channels.telegram.drawing import MAX_TEXT, cut
from bot.channels.telegram.failures import UNCHANGED, says
from bot.clock import Clock
from bot.texts import render
from crm_store import case_deadlines, desk, desk_given, desk_lines, desk_topics, links
from crm_store.desk_cards import Card
from crm_store.desk_lines import Line
from crm_store.desk_posts import WITH_STAFF, Claimed
from crm_store.desk_topics import Place
from crm_store.desk_turns import PRESSED
from crm_store.engine import Store
from crm_store.rewording import REPLACED

ALBUM_WAIT = timedelta(seconds=1)
"""The parts of an album come as messages of their own; this long the last is waited for."""


class Scribe:
    """Turns a customer's due posts into steps."""

    def __init__(self, store: Store, group: StaffGroup, clock: Clock, among: Sequence[StaffGroup]) -> None:
        self._store, self._group, self._clock, self._among = store, group, clock, among
        self.began_at = clock()
        """Since when parts of albums come in; before that they may have been waiting at the platform."""

    async def drafts(self, posts: Sequence[Claimed], card: Card, *, is_new: bool) -> list[Draft]:
        """The steps in order: earlier words first, then what is said, the card last, unless somebody waits for it."""
        cards = tuple(post for post in posts if post.kind == "card")
        drawing = [Draft(cards, self._leave_card if is_new else self._draw_card)] if cards else []
        is_awaited = any(post.text == PRESSED for post in cards)
        steps = drawing if is_awaited else []
        if owed := tuple(post for post in posts if post.kind == desk_lines.RETELL):
            steps = [*steps, retelling(self._store, self._group, owed)]
        if cards and card.status in WITH_STAFF:
            steps = steps + await history_steps(self._store, self._group, card)
        for bundle in bundles([post for post in posts if post.kind not in ("card", desk_lines.RETELL)]):
            steps = steps + await self._steps(bundle, card)
        return steps if is_awaited else steps + drawing

    async def _steps(self, bundle: tuple[Claimed, ...], card: Card) -> list[Draft]:
        if bundle[0].kind == "message":
            return await self._copying(bundle, card)
        if bundle[0].kind == "edit":
            return await self._editing(bundle[0], card)
        return [self._draft(bundle)]

    def _draft(self, bundle: tuple[Claimed, ...]) -> Draft:
        """What the posts' kind asks for, where that is no message."""
        kinds: dict[str, Callable[[tuple[Claimed, ...], Place, Card], Awaitable[tuple[Place, list[Copied]]]]]
        kinds = {
            "failed": self._tell_outcome,
            "undeleted": self._tell_outcome,
            "deleted": self._tell_outcome,
            "notice": self._notice,
            "unanswered": self._tell_last,
            "due_soon": self._tell_last,
            "overdue": self._tell_last,
            "low_rating": self._tell_last,
            **dict.fromkeys(
                (desk.GIVEN, desk.WOKEN, *desk.FOR_ONE), partial(call_agent, self._store, self._group)
            ),
            case_deadlines.DUE_SOON: self._tell_deadline,
            case_deadlines.OVERDUE: self._tell_deadline,
            "blocked": self._tell_last,
            "unblocked": self._tell_last,
            "merged": self._retire_merged,
            desk_topics.LEAD_ON: self._lead_on,
        }
        act = kinds.get(bundle[0].kind, self._notice)
        return Draft(bundle, lambda place, card: act(bundle, place, card))

    async def _leave_card(self, place: Place, card: Card) -> tuple[Place, list[Copied]]:
        await retire_others(self._store, self._group, self._among, card)
        return place, []  # it was drawn a moment ago, with its topic

    async def _lead_on(
        self, _posts: tuple[Claimed, ...], place: Place, card: Card
    ) -> tuple[Place, list[Copied]]:
        await retire_plain(self._store, self._group, place, card)
        return place, []

    async def _draw_card(self, place: Place, card: Card) -> tuple[Place, list[Copied]]:
        await retire_others(self._store, self._group, self._among, card)
        return await self._group.draw(place, card), []

    async def _copying(self, posts: tuple[Claimed, ...], card: Card) -> list[Draft]:
        """A step for each call, noted before the next: what follows may be refused, and this not come again."""
        lines = await self._lines(posts)
        if (wait := self._album_wait(lines)) > timedelta():
            return [Draft(posts, partial(_wait, wait))]
        calls = unmade(copies(lines, card, self._group.language, await self._quotes(lines)), posts)
        last = {message_id: number for number, copy in enumerate(calls) for message_id in copy.shows}
        shown: list[list[Claimed]] = [[] for _ in calls]
        unshown: list[Claimed] = []
        for post in posts:
            number = last.get(post.message_id or 0)
            (unshown if number is None else shown[number]).append(post)
        steps = []
        for own, copy in zip(shown, calls, strict=True):
            begins = tuple(one.id for one in posts if one.message_id in copy.shows and one not in own)
            steps.append(Draft(tuple(own), partial(self._copy, copy), begins=begins))
        return [*steps, Draft(tuple(unshown), _nothing)] if unshown else steps

    async def _copy(self, copy: Copy, place: Place, card: Card) -> tuple[Place, list[Copied]]:
        place, ids = await self._post(place, card, copy)
        return place, linked(copy, ids)

    async def _quotes(self, lines: Sequence[Line]) -> dict[int, Quoted]:
        """What these answer, found by where it stands."""
        found: dict[int, Quoted] = {}
        async with self._store.read() as session:
            for line in lines:
                at = (line.intent or {}).get("quotes") if line.author in ("customer", "agent") else None
                quoted = await links.find_at(session, line.lane or "", str(at)) if at else None
                if quoted is not None and quoted.id != line.message_id:
                    shown = await links.newest_copy(session, quoted.id, chat=self._group.key)
                    found[line.message_id] = Quoted(shown, quoted.text)
        return found

    def _album_wait(self, lines: list[Line]) -> timedelta:
        """How long to wait for more parts of an album that came last; zero or less for not at all."""
        if not lines or album_of(lines[-1]) is None:
            return timedelta()
        return ALBUM_WAIT - (self._clock() - max(lines[-1].created_at, self.began_at))

    async def _post(self, place: Place, card: Card, copy: Copy) -> tuple[Place, list[str]]:
        copy = below_card(copy, self._group.about(place))
        try:
            place, sent = await self._group.post(place, card, copy.method, **copy.params)
        except BadRequest:
            if copy.otherwise is None:
                raise
            return await self._post(place, card, copy.otherwise)
        return place, [str(one["message_id"]) for one in (sent if isinstance(sent, list) else [sent])]

    async def _editing(self, post: Claimed, card: Card) -> list[Draft]:
        """The copy is changed; where it cannot be, it is said how the message reads now, and a new file follows."""
        lines = await self._lines((post,))
        if not lines:
            return [Draft((post,), _nothing)]
        line, is_said, begins = lines[0], post.calls_done > 0, (post.id,)
        is_other_file = REPLACED in (line.attachment or {})
        anew = copies(lines, card, self._group.language, {}) if is_other_file else []

        async def change_or_say(place: Place, card: Card) -> tuple[Place, list[Copied]]:
            nonlocal is_said
            async with self._store.read() as session:
                found = await links.copies(session, line.message_id, side="desk", chat=self._group.key)
            if not (found and await self._change_copy(found[0], line, card)):
                place = await self._say_edited(place, card, line)
                is_said = True
            return place, []

        async def bring(copy: Copy, place: Place, card: Card) -> tuple[Place, list[Copied]]:
            return await self._copy(copy, place, card) if is_said else (place, [])

        first = [] if is_said else [Draft(() if anew else (post,), change_or_say, begins=begins)]
        left = anew[max(post.calls_done - 1, 0) :]
        files = [Draft((), partial(bring, copy), begins=begins) for copy in left[:-1]]
        return [*first, *files, *(Draft((post,), partial(bring, copy)) for copy in left[-1:])]

    async def _say_edited(self, place: Place, card: Card, line: Line) -> Place:
        text = render(self._group.language, "desk.edited", name=card.name, text=line.text)
        marks = formatted([line], [text], text) if cut(text, MAX_TEXT) == text else {}
        place, _ = await self._say(place, card, text, **self._group.about(place), **marks)
        return place

    async def _change_copy(self, platform_id: str, line: Line, card: Card) -> bool:
        """Whether the copy could be changed."""
        method, params = change(line, card, self._group.language)
        try:
            await self._group.call(method, message_id=int(platform_id), **params)
        except BadRequest as error:
            return says(error, UNCHANGED)
        return True

    async def _tell_outcome(
        self, posts: tuple[Claimed, ...], place: Place, card: Card
    ) -> tuple[Place, list[Copied]]:
        for line in await self._lines(posts):
            place, _ = await self._tell(place, card, line, posts[0].kind, posts[0].text)
        return place, []

    async def _tell(self, place: Place, card: Card, line: Line, kind: str, reason: str) -> tuple[Place, int]:
        """Say below the agent's message, or in its words, what became of it."""
        why = undelivered(reason, self._group.language)
        async with self._store.read() as session:
            found = await links.copies(session, line.message_id, side="desk", chat=self._group.key)
        if found:
            reply = {"message_id": int(found[-1]), "allow_sending_without_reply": True}
            text = render(self._group.language, f"desk.{kind}", reason=why)
            return await self._say(place, card, text, reply_parameters=reply)
        shown = cut(line.text, 200)
        text = render(self._group.language, f"desk.{kind}_of", reason=why, text=shown)
        return await self._say(place, card, text)

    async def _notice(
        self, posts: tuple[Claimed, ...], place: Place, card: Card
    ) -> tuple[Place, list[Copied]]:
        for post in posts:
            place, _ = await self._say(place, card, post.text)
        return place, []

    async def _retire_merged(
        self, posts: tuple[Claimed, ...], place: Place, card: Card
    ) -> tuple[Place, list[Copied]]:
        for post in posts:
            await retire_merged(self._store, self._group, self._among, int(post.text), place, card)
        return place, []

    async def _tell_last(
        self, posts: tuple[Claimed, ...], place: Place, card: Card
    ) -> tuple[Place, list[Copied]]:
        text = notice_text(posts[-1], card.name, self._group.language)
        place, number = await self._say(place, card, text)
        await keep_answerable(self._store, self._group, place, posts[-1].kind, number)
        return place, []

    async def _tell_deadline(
        self, posts: tuple[Claimed, ...], place: Place, card: Card
    ) -> tuple[Place, list[Copied]]:
        """A case is nearly due, or overdue: its owner is named so that the platform tells them."""
        post, owner = posts[-1], None
        if post.agent_id is not None:
            async with self._store.read() as session:
                owner = await desk_given.called(session, post)
        text, marks = deadline_text(post.kind, json.loads(post.text), owner, card.name, self._group.language)
        place, number = await self._say(place, card, text, **self._group.about(place), **marks)
        await keep_answerable(self._store, self._group, place, post.kind, number)
        return place, []

    async def _say(self, place: Place, card: Card, text: str, **params: object) -> tuple[Place, int]:
        extra = params or self._group.about(place)
        place, sent = await self._group.post(
            place, card, "sendMessage", text=cut(text, MAX_TEXT), link_preview_options=NO_PREVIEW, **extra
        )
        return place, int(sent["message_id"])

    async def _lines(self, posts: Sequence[Claimed]) -> list[Line]:
        async with self._store.read() as session:
            found = [
                await desk_lines.line(session, post.message_id)
                for post in posts
                if post.message_id is not None
            ]
        return [line for line in found if line is not None]


async def _wait(wait: timedelta, _place: Place, _card: Card) -> tuple[Place, list[Copied]]:
    raise Later(wait)


async def _nothing(place: Place, _card: Card) -> tuple[Place, list[Copied]]:
    """There is nothing to show of these any more."""
    return place, []
