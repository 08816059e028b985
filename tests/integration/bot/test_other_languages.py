"""Articles in a language the bot itself doesn't speak: customers are answered with them all the same."""

from sqlalchemy import select

from bot.edition import Edition
from crm_store.engine import Store
from crm_store.models.conversations import Conversation
from knowledge_base.exchange import parse
from knowledge_base.index import build_index
from tests.house import open_house

GERMAN = (
    "text,article,answer\n"
    "Wo ist meine Bestellung?,sendung,Den Link finden Sie in der Versandmail.\n"
    "Wann kommt mein Paket an?,sendung,\n"
    "Wie kann ich bezahlen?,zahlung,Mit Karte oder auf Rechnung.\n"
    "Kann ich auf Rechnung zahlen?,zahlung,\n"
    "Wie schicke ich etwas zurück?,rueckgabe,Innerhalb von 30 Tagen.\n"
    "Ich möchte die Ware umtauschen,rueckgabe,\n"
)


def german() -> Edition:
    articles = parse(GERMAN.encode(), ".csv").articles
    assert {article.language for article in articles} == {"de"}
    return Edition(2, build_index(articles), {article.key: {"de": article} for article in articles})


async def test_a_german_article_answers_a_customer_to_whom_the_bot_speaks_english(store: Store) -> None:
    async with open_house(store) as house:
        house.knowledge.edition = german()
        (answered, *_) = await house.say("wo ist meine Bestellung")
        assert "Den Link finden Sie in der Versandmail." in answered.text
    async with store.read() as session:
        assert await session.scalar(select(Conversation.language)) == "en"


async def test_a_german_article_chosen_from_a_list_is_sent(store: Store) -> None:
    async with open_house(store) as house:
        house.knowledge.edition = german()
        (listed, *_) = await house.say("Ware geht zurück, Bestellung umtauschen")
        assert "Den Link" not in listed.text
        place = next(at for at, label in enumerate(listed.choices) if "rueckgabe" in label)
        (answered, *_) = await house.press(listed, place)
        assert "Innerhalb von 30 Tagen." in answered.text
