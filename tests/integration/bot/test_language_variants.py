"""An article in several languages: a customer is answered, offered, taught and remembered in that of the question."""

from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import select

from bot.edition import Edition, by_key
from crm_store import publishing, wrong_answers
from crm_store.articles import ArticleDraft
from crm_store.engine import Store
from crm_store.models.conversations import Message
from crm_store.models.knowledge import Gap
from crm_store.models.learning import QuestionLabel
from knowledge_base.articles import Article
from knowledge_base.index import build_index
from knowledge_base.text import normalise
from tests.house import House, open_house

ARTICLES = (
    Article("pets", "Darf mein Hund ins Geschäft?", ("Hunde erlaubt",), "DE ja.", "de"),
    Article("pets", "Les chiens sont-ils acceptés ?", ("chien en magasin",), "FR oui.", "fr"),
    Article("pets", "¿Se admiten perros?", ("perros en la tienda",), "ES sí.", "es"),
    Article("hours", "When does the showroom open?", ("showroom hours",), "EN 9 to 5.", "en"),
    Article("hours", "Wann öffnet der Ausstellungsraum?", ("Zeiten Ausstellungsraum",), "DE 9 bis 17.", "de"),
    Article("hours", "Quand ouvre la salle d’exposition ?", ("horaires du showroom",), "FR de 9 à 17.", "fr"),
    Article("hours", "展厅几点开门？", ("展厅营业时间",), "ZH 九点到五点。", "zh"),
    Article("pay", "How can I pay?", ("do you take cards",), "EN by card.", "en"),
    Article("pay", "怎么付款？", ("可以刷卡吗",), "ZH 刷卡。", "zh"),
)
EDITION = Edition(2, build_index(ARTICLES), by_key(ARTICLES))
LISTING = replace(EDITION, listed_only=frozenset((each.key, each.language) for each in ARTICLES))
"""Answers with nothing outside a list."""


async def answer_to(house: House, text: str, *, address: str = "me") -> str:
    return (await house.say(text, address=address))[-1].text


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Darf mein Hund ins Geschäft?", "DE ja."),
        ("Les chiens sont-ils acceptés ?", "FR oui."),
        ("¿Se admiten perros?", "ES sí."),
        ("Wann öffnet der Ausstellungsraum?", "DE 9 bis 17."),
        ("horaires du showroom", "FR de 9 à 17."),
        ("When does the showroom open?", "EN 9 to 5."),
        ("展厅几点开门？", "ZH 九点到五点。"),
        ("do you take cards", "EN by card."),
        ("可以刷卡吗", "ZH 刷卡。"),
    ],
)
async def test_the_language_of_the_question_is_answered(store: Store, question: str, answer: str) -> None:
    async with open_house(store) as house:
        house.knowledge.edition = EDITION
        assert await answer_to(house, question) == answer


@pytest.mark.parametrize(
    ("question", "key", "language", "title", "answer"),
    [
        (
            "Zeiten Ausstellungsraum bitte",
            "hours",
            "de",
            "Wann öffnet der Ausstellungsraum?",
            "DE 9 bis 17.",
        ),
        ("chien en magasin", "pets", "fr", "Les chiens sont-ils acceptés ?", "FR oui."),
        ("perros en la tienda", "pets", "es", "¿Se admiten perros?", "ES sí."),
    ],
)
async def test_a_buttons_text_its_answer_and_what_is_learned_of_it_are_of_one_language(
    store: Store, question: str, key: str, language: str, title: str, answer: str
) -> None:
    async with open_house(store) as house:
        house.knowledge.edition = LISTING
        listed = (await house.say(question))[-1]
        assert title in listed.choices, listed
    async with open_house(store) as again:  # the process was started anew meanwhile
        again.knowledge.edition, again._numbers = EDITION, count(100)
        answered = (await again.press(listed, listed.choices.index(title)))[-1]
        assert answered.text == answer
        await again.press(answered, 0)
    async with store.read() as session:
        labels = list(await session.scalars(select(QuestionLabel).order_by(QuestionLabel.id)))
    assert [(each.source, each.article_key, each.language) for each in labels] == [
        ("choice", key, language),
        ("helped", key, language),
    ]
    assert {each.question for each in labels} == {question}


async def test_a_gap_keeps_in_which_language_each_article_was_offered(store: Store) -> None:
    async with open_house(store) as house:
        house.knowledge.edition = LISTING
        await house.say("chien en magasin")
        house.knowledge.edition = EDITION
        answered = (await house.say("Hunde erlaubt"))[-1]
        await house.press(answered, 1)
    async with store.read() as session:
        listed, refused = await session.scalars(select(Gap).order_by(Gap.id))
        kept = (await session.scalars(select(Message.intent).where(Message.text == "DE ja."))).one()
    assert {each["article_key"]: each["language"] for each in listed.candidates}["pets"] == "fr"
    assert (refused.candidates[0]["article_key"], refused.candidates[0]["language"]) == ("pets", "de")
    assert kept is not None
    assert kept["article_language"] == "de"


async def test_a_button_from_before_languages_were_kept_still_answers(store: Store) -> None:
    async with open_house(store) as house:
        house.knowledge.edition = LISTING
        listed = (await house.say("chien en magasin"))[-1]
        async with store.write() as session:
            row = await session.get_one(Message, listed.message_id)
            choices = [dict(each) for each in (row.intent or {})["choices"]]
            for each in choices:
                each["action"] = {k: v for k, v in each["action"].items() if k != "language"}
            row.intent = {**(row.intent or {}), "choices": choices}
        place = listed.choices.index("Les chiens sont-ils acceptés ?")
        assert (await house.press(listed, place))[-1].text == "FR oui."


async def test_a_variant_that_is_gone_when_its_button_is_pressed_gives_way_to_another(store: Store) -> None:
    async with open_house(store) as house:
        house.knowledge.edition = LISTING
        listed = (await house.say("Zeiten Ausstellungsraum bitte"))[-1]
        left = [each for each in ARTICLES if (each.key, each.language) != ("hours", "de")]
        house.knowledge.edition = Edition(3, build_index(left), by_key(left))
        place = listed.choices.index("Wann öffnet der Ausstellungsraum?")
        assert (await house.press(listed, place))[-1].text == "EN 9 to 5."


async def test_a_gap_is_in_the_language_of_its_question(store: Store) -> None:
    asked = (
        "gibt es bei euch Parkplätze?",
        "est-ce que vous avez un parking ?",
        "有停车场吗",
        "can I park there",
    )
    async with open_house(store) as house:
        house.knowledge.edition = LISTING
        for number, question in enumerate(asked):
            said = (await house.say(question, address=f"c{number}"))[-1]
            if "None of these" in said.choices:
                await house.press(said, said.choices.index("None of these"))
    async with store.read() as session:
        found = {each.question: each.language for each in await session.scalars(select(Gap))}
    assert [found[question] for question in asked] == ["de", "fr", "zh", "en"]


async def test_the_variant_that_was_given_is_the_one_an_agent_calls_wrong(store: Store) -> None:
    async with open_house(store) as house:
        house.knowledge.edition = EDITION
        pets = ArticleDraft("pets", "Darf mein Hund ins Geschäft?", (), "DE ja.", "de")
        french = replace(pets, question="Les chiens sont-ils acceptés ?", answer="FR oui.", language="fr")
        async with store.write() as session:
            await publishing.publish(session, [pets, french], by="tests", now=house.clock())
        await house.say("chien en magasin")
        agent = await house.agent()
        async with store.write() as session:
            asked = (await session.scalars(select(Message).where(Message.author == "customer"))).one()
            assert await wrong_answers.corrected(
                session, asked, normalise(asked.text), "hours", agent_id=agent.id, now=house.clock()
            )
        async with store.read() as session:
            [denied] = await wrong_answers.confirmed(session)
    assert (denied.article_key, denied.language) == ("pets", "fr")
