"""Whether every message of both sides arrived exactly once and in order, and everybody was served or told why not."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.morning.events import Known, Row
from benchmarks.morning.manners import NOTED
from benchmarks.morning.plans import MARK, REFERENCE, Plan
from benchmarks.morning.record import Diary, Notebook, Written
from tests.botapi.world import Post

LOST, TWICE, DISORDERED, STRANDED = "lost", "twice", "out_of_order", "stranded"
UNFINISHED = ("pending", "sending", "ambiguous")
FINE = {"asked", "served", "cancelled", "blocked", "told"}


@dataclass
class Verdict:
    """What is wrong, by kind and in words."""

    breaks: list[tuple[str, str]] = field(default_factory=list)

    def say(self, kind: str, what: str) -> None:
        """Note a break."""
        self.breaks.append((kind, what))

    def count(self, kind: str) -> int:
        """How many of this kind."""
        return sum(one == kind for one, _ in self.breaks)

    def compare(self, where: str, wanted: Sequence[object], found: Sequence[object]) -> None:
        """Each of what is wanted must be found once, in its order, and nothing else."""
        missing, surplus = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
        for what in missing:
            self.say(LOST, f"{where}: {what!r} is missing")
        for what in surplus:
            self.say(TWICE, f"{where}: {what!r} is there once too often")
        if not missing and not surplus and list(wanted) != list(found):
            self.say(DISORDERED, f"{where}: {found!r}")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the customers and the staff saw arrive."""

    in_chat: Mapping[int, Sequence[Post]]
    """By customer: what arrived in their Telegram chat."""
    in_topic: Mapping[int, Sequence[Post]]
    """By customer: what stands in their topic in the staff group, cards left out."""


def judge_customer(verdict: Verdict, plan: Plan, diary: Diary, known: Known | None, scene: Scene) -> None:
    """One customer's side: their words in the store, the house's words with them, and how it ended."""
    if known is None:
        verdict.say(LOST, f"{plan.name} is not in the store")
        return
    rows = [row for row in known.rows if row.author == "customer" and row.kind != "button"]
    verdict.compare(f"words of {plan.name}", diary.said, [row.text for row in rows])
    sent = [row for row in known.rows if row.delivery is not None and not row.is_note]
    _judge_sent(verdict, plan, sent)
    arrived = [row for row in sent if row.delivery == "sent"]
    if plan.channel == "telegram":
        wanted = [row.platform_id for row in arrived]
        verdict.compare(f"chat of {plan.name}", wanted, [str(post.id) for post in scene.in_chat[plan.number]])
    else:
        verdict.compare(f"page of {plan.name}", [row.id for row in arrived], diary.shown)
        if diary.shown_twice:
            verdict.say(TWICE, f"page of {plan.name}: {diary.shown_twice} frames came twice")
    for what, done, kept in (
        ("edits", diary.edits, known.edits),
        ("stars", diary.stars, known.stars),
        ("feedback", diary.feedback, known.feedback),
    ):
        if done != kept:
            verdict.say(LOST if kept < done else TWICE, f"{plan.name}: {done} {what}, {kept} kept")
    _judge_end(verdict, plan, diary, known)


def _judge_sent(verdict: Verdict, plan: Plan, sent: Sequence[Row]) -> None:
    for row in sent:
        if row.delivery in UNFINISHED or (row.delivery == "dead" and plan.way != "blocks"):
            verdict.say(LOST, f"{plan.name}: row {row.id} is {row.delivery}: {row.text[:60]!r}")


def _judge_end(verdict: Verdict, plan: Plan, diary: Diary, known: Known) -> None:
    """Served and closed, left of their own will, or told where they stand."""
    last = known.statuses[-1]
    ends = {"served": ("resolved",), "blocked": ("resolved",), "cancelled": ("bot",), "told": ("queued",)}
    if diary.outcome not in FINE:
        verdict.say(
            STRANDED, f"{plan.name} ({plan.way}, {plan.channel}): {diary.outcome}; it is {known.statuses}"
        )
    elif last not in ends.get(diary.outcome, (last,)):
        verdict.say(STRANDED, f"{plan.name} was {diary.outcome}, and the conversation is {known.statuses}")
    elif diary.outcome not in ("asked", "cancelled") and not known.handoffs:
        verdict.say(STRANDED, f"{plan.name} was {diary.outcome} without a hand-over")


def judge_replies(
    verdict: Verdict, plan: Plan, diary: Diary, known: Known | None, written: Sequence[Written]
) -> None:
    """The agents' words to one customer: a row each, in order, by who wrote them; read, but for notes."""
    kept = [row for row in known.rows if row.author == "agent"] if known else []
    for is_note in (False, True):
        wanted = [(one.agent, one.text) for one in written if one.is_note == is_note]
        found = [(row.agent, row.text) for row in kept if row.is_note == is_note]
        verdict.compare(f"{'notes' if is_note else 'replies'} to {plan.name}", wanted, found)
    for row in kept:
        found_in = REFERENCE.findall(row.text)
        if not found_in or int(found_in[-1].split("-")[1]) != plan.number:
            verdict.say(LOST, f"{plan.name} was sent what is meant for somebody else: {row.text!r}")
    read = [REFERENCE.findall(row.text)[-1] for row in kept if row.delivery == "sent" and not row.is_note]
    if diary.outcome == "served":
        verdict.compare(f"replies read by {plan.name}", read, diary.references)


def judge_desks(
    verdict: Verdict,
    plan: Plan,
    diary: Diary,
    books: Sequence[Notebook],
    scene: Scene,
    written: Sequence[Written],
) -> None:
    """What the staff saw: each word to them once, in order, in the topic and on the page; each other's replies too."""
    posts = [post.text for post in scene.in_topic.get(plan.number, ()) if not post.text.startswith("✏️")]
    marks = [mark for text in posts for mark in MARK.findall(text)]
    if diary.outcome != "cancelled":
        verdict.compare(f"topic of {plan.name}", diary.to_staff, marks)
        references = [found for text in posts for found in REFERENCE.findall(text)]
        verdict.compare(
            f"replies in the topic of {plan.name}",
            [REFERENCE.findall(w.text)[-1] for w in written],
            references,
        )
    for book in books:
        if plan.number in book.seen:
            marks = [mark for text in book.seen[plan.number] for mark in MARK.findall(text)]
            verdict.compare(f"page of the desk about {plan.name}", diary.to_staff, marks)


def judge_secrets(verdict: Verdict, scene: Scene) -> None:
    """No note reached a customer."""
    for number, posts in scene.in_chat.items():
        if any(NOTED in post.text for post in posts):
            verdict.say(TWICE, f"customer {number} was sent a note")
