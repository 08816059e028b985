"""/article in a topic: an agent's reply becomes a draft, or its question a phrasing, in one step."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bot.channels.telegram.desk import article_teaching
from bot.channels.telegram.desk.article_teaching import ArticleTeaching
from bot.clock import Clock, system_clock
from bot.edition import no_knowledge
from bot.trials import tried_on
from crm_store import articles, audit, drafts, publishing, question_labels
from crm_store.articles import ArticleDraft
from crm_store.models.knowledge import ArticleVersion
from crm_store.models.learning import ArticleProposal
from crm_store.models.staff import Agent
from knowledge_base.text import normalise
from tests.botapi.people import Person
from tests.botapi.world import Post, Topic
from tests.telegram_stage import ARTICLES, DeskHouse

QUESTION = "my refund has not come, call me on +49 30 1234567"
REPLY = "Zoe, refunds take five working days."


async def answered(house: DeskHouse, question: str = QUESTION) -> tuple[Person, Topic, Post]:
    """A customer whom Ann holds and has answered: they, their topic, and Ann's words in it."""
    zoe, topic, _ = await house.held()
    await zoe.says(question)
    await house.group.hears(question[:20], thread=topic)
    said = await house.ann.says(REPLY, chat=house.group, thread=topic)
    await zoe.hears("refunds take five working days")
    return zoe, topic, said


async def lead(house: DeskHouse, name: str = "Ann") -> None:
    """From now on they lead."""
    async with house.store.write() as session:
        await session.execute(update(Agent).where(Agent.name == name).values(role="supervisor"))


async def label(house: DeskHouse, known: str) -> None:
    """A colleague said that these words are not about passwords: a question with a known answer."""
    said = {
        "customer_id": 1, "conversation_id": 1, "question": known, "normal": normalise(known), "language": "en",
        "article_key": "change_password", "agrees": False, "source": "agent", "was_alone": False,
        "created_at": system_clock(),
    }  # fmt: skip
    async with house.store.write() as session:
        await question_labels.add(session, said)


@pytest.mark.parametrize("is_answered", [True, False])
async def test_a_reply_becomes_a_draft_without_what_is_private_beside_what_is_like_it(
    desk_house: DeskHouse, is_answered: bool
) -> None:
    zoe, topic, said = await answered(desk_house)
    group, ann = desk_house.group, desk_house.ann
    if is_answered:
        await ann.says("anything else?", chat=group, thread=topic)
        await zoe.hears("anything else?")
    await ann.says("/article", chat=group, thread=topic, **({"reply_to": said} if is_answered else {}))
    told = await group.hears("📄 Draft 1:", thread=topic)
    assert "refunds take five working days." in told.text
    assert "• like refund_time (" in told.text
    assert all(private not in told.text for private in ("1234567", "Zoe"))
    async with desk_house.store.read() as session:
        [draft] = await drafts.page(session)
        [entry] = await audit.page(session, subject="draft:1")
    content = drafts.content_of(draft)
    assert content.answer.endswith("refunds take five working days.")
    assert all("1234567" not in text and "Zoe" not in text for text in (content.answer, *content.phrasings))
    assert (entry.actor, entry.action, draft.created_by) == (
        "agent:1 Ann",
        "drafts.from_reply",
        "agent:1 Ann",
    )
    await ann.says("/article", chat=group, thread=topic, reply_to=said)
    await group.hears("📄 Draft 1:", thread=topic)  # the same, while it is open
    assert not [post for post in desk_house.server.sent(zoe.id) if "Draft" in post.text]


async def test_who_leads_makes_the_question_a_phrasing_in_one_step(desk_house: DeskHouse) -> None:
    _, topic, said = await answered(desk_house)
    group, ann = desk_house.group, desk_house.ann
    await ann.says("/article refund_time", chat=group, thread=topic, reply_to=said)
    await group.hears("phrasings are published by supervisors", thread=topic)
    await lead(desk_house)
    await ann.says("/article nothing_such", chat=group, thread=topic, reply_to=said)
    await group.hears("no article is called “nothing_such”", thread=topic)
    async with desk_house.store.read() as session:
        assert await drafts.page(session) == []
    await ann.says("/article refund_time", chat=group, thread=topic, reply_to=said)
    await group.hears("is a phrasing of refund_time now", thread=topic)
    async with desk_house.store.read() as session:
        stored = await articles.find(session, "refund_time", "en")
        [settled] = await drafts.page(session, state=drafts.PUBLISHED)
        assert stored is not None
        [entry] = await audit.page(session, subject=f"article:{stored.id}")
    assert stored.draft.phrasings[-1].startswith("my refund has not come")
    assert "1234567" not in stored.draft.phrasings[-1]
    assert (entry.action, entry.detail["draft"]) == ("drafts.teach", settled.id)


async def test_a_german_question_is_made_one_of_a_german_article(desk_house: DeskHouse) -> None:
    german = ArticleDraft("geld", "Wann kommt mein Geld?", ("Geld zurück",), "In fünf Tagen.", "de")
    async with desk_house.store.write() as session:
        await publishing.publish(session, [german], by="tests", now=system_clock())
    _, topic, said = await answered(desk_house, "wo bleibt denn meine Erstattung")
    await lead(desk_house)
    await desk_house.ann.says("/article geld", chat=desk_house.group, thread=topic, reply_to=said)
    await desk_house.group.hears("is a phrasing of geld now", thread=topic)
    async with desk_house.store.read() as session:
        stored = await articles.find(session, "geld", "de")
        [draft] = await drafts.page(session, state=drafts.PUBLISHED)
    assert stored is not None
    assert "wo bleibt denn meine Erstattung" in stored.draft.phrasings
    assert drafts.content_of(draft).language == "de"


async def test_a_phrasing_that_makes_a_known_answer_wrong_is_not_published(desk_house: DeskHouse) -> None:
    known = "the courier shouted at my dog"  # an agent said that this is not about passwords
    _, topic, said = await answered(desk_house, known)
    group, ann = desk_house.group, desk_house.ann
    await lead(desk_house)
    await label(desk_house, known)
    await ann.says("/article change_password", chat=group, thread=topic, reply_to=said)
    await group.hears("with a known answer would be answered wrong then", thread=topic)
    async with desk_house.store.read() as session:
        stored = await articles.find(session, "change_password", "en")
        assert stored is not None
        assert len(stored.draft.phrasings) == 3
        assert await drafts.page(session) == []


class SlowTrials:
    """Trials that take until they are let go on."""

    def __init__(self) -> None:
        self.count = 0
        self.goes_on = threading.Event()

    def __call__(self, *args: object, **named: object) -> object:
        self.count += 1
        self.goes_on.wait()
        return tried_on(*args, **named)  # type: ignore[arg-type]


@pytest.fixture
def slow_trials(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowTrials]:
    """In the place of the trials of phrasings."""
    slow = SlowTrials()
    monkeypatch.setattr(article_teaching, "tried_on", slow)
    yield slow
    slow.goes_on.set()


async def with_gold(house: DeskHouse) -> tuple[Person, Topic, Post]:
    """The same as `answered`, where Ann leads and there are questions with a known answer."""
    zoe, topic, said = await answered(house)
    await lead(house)
    await label(house, "the courier shouted at my dog")
    return zoe, topic, said


async def test_customers_are_answered_while_a_phrasing_is_tried(
    desk_house: DeskHouse, slow_trials: SlowTrials
) -> None:
    _, topic, said = await with_gold(desk_house)
    group, ann = desk_house.group, desk_house.ann
    await ann.says("/article refund_time", chat=group, thread=topic, reply_to=said)
    await desk_house.server.wait_for(lambda: slow_trials.count > 0)
    eve = desk_house.server.user(8, "Eve")
    await eve.says("How do I change my password?")
    await eve.hears("Go to Settings, then Security.")
    slow_trials.goes_on.set()
    await group.hears("is a phrasing of refund_time now", thread=topic)
    assert slow_trials.count == 1


async def test_a_phrasing_whose_trial_a_kill_broke_off_is_tried_anew(
    desk_house: DeskHouse, slow_trials: SlowTrials
) -> None:
    _, topic, said = await with_gold(desk_house)
    await desk_house.ann.says("/article refund_time", chat=desk_house.group, thread=topic, reply_to=said)
    await desk_house.server.wait_for(lambda: slow_trials.count > 0)
    await desk_house.kill()
    slow_trials.goes_on.set()
    later: Clock = lambda: system_clock() + timedelta(minutes=3)  # noqa: E731 - a clock is a function
    again = ArticleTeaching(desk_house.store, later, no_knowledge)
    assert await again.teach_due() == 1
    assert await again.teach_due() == 0
    async with desk_house.store.read() as session:
        stored = await articles.find(session, "refund_time", "en")
    assert stored is not None
    assert stored.draft.phrasings[-1].startswith("my refund has not come")


async def test_a_phrasing_that_the_article_has_needs_no_trial_and_makes_no_version(
    desk_house: DeskHouse, slow_trials: SlowTrials
) -> None:
    slow_trials.goes_on.set()
    _, topic, said = await with_gold(desk_house)
    group, ann = desk_house.group, desk_house.ann
    versions = select(func.count()).select_from(ArticleVersion)
    for _ in range(2):
        await ann.says("/article refund_time", chat=group, thread=topic, reply_to=said)
        await group.hears("is a phrasing of refund_time now", thread=topic)
        async with desk_house.store.read() as session:
            assert await session.scalar(versions) == len(ARTICLES) + 1
    assert slow_trials.count == 1


async def test_the_words_below_pictures_sent_since_are_no_answer(desk_house: DeskHouse) -> None:
    zoe, topic, _ = await answered(desk_house)
    group, ann = desk_house.group, desk_house.ann
    await ann.sends_album(2, "our new showroom", chat=group, thread=topic)
    await zoe.hears("our new showroom")
    await ann.says("/article", chat=group, thread=topic)
    told = await group.hears("📄 Draft 1:", thread=topic)
    assert "refunds take five working days." in told.text
    assert "showroom" not in told.text


async def test_where_only_pictures_were_sent_it_is_asked_which_reply_is_meant(desk_house: DeskHouse) -> None:
    zoe, topic, _ = await desk_house.held()
    group, ann = desk_house.group, desk_house.ann
    await zoe.says("what do you sell?")
    await group.hears("what do you sell?", thread=topic)
    await ann.sends_album(2, "our new showroom", chat=group, thread=topic)
    await zoe.hears("our new showroom")
    await ann.says("/article", chat=group, thread=topic)
    await group.hears("nothing was made. Answer one of your replies", thread=topic)


async def test_what_is_no_reply_to_a_customer_makes_nothing(desk_house: DeskHouse) -> None:
    zoe, topic, _ = await desk_house.held()
    group, ann = desk_house.group, desk_house.ann
    await ann.says("/article", chat=group, thread=topic)
    await group.hears("nothing was made. Answer one of your replies", thread=topic)
    await zoe.says("hello?")
    shown = await group.hears("Zoe: hello?", thread=topic)
    await ann.says("/article", chat=group, thread=topic, reply_to=shown)
    await group.hears("nothing was made. Answer one of your replies", thread=topic)
    async with desk_house.store.read() as session:
        assert list(await session.scalars(select(ArticleProposal))) == []
