"""Asking for a person: however it is said, and only when nothing else is."""

import csv
from pathlib import Path
from typing import Final

import pytest

from bot.understanding import plain, wants_person
from bot.wishes import LONGEST, asks_beside, asks_for_person

TABLE: Final = Path(__file__).parents[2] / "data" / "wishes" / "beside.tsv"


def beside(kind: str) -> list[str]:
    """The messages of the table that are of this kind."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [row["message"] for row in csv.DictReader(file, delimiter="\t") if row["kind"] == kind]


ASKS = (
    "I want to talk to a human please",
    "talk to a person",
    "Can I speak with someone?",
    "could you connect me to an agent",
    "I'd like to speak to a real person now",
    "please put me through to customer service",
    "human",
    "a human, please!",
    "let me talk to somebody who can help",
    "I need a live agent right now",
    "get me an operator",
    "transfer me to a representative please",
    "is there a person I can talk to",
    "can I talk to a human about this?",
    "I would rather talk to a person",
    "customer support please",
    "how do I contact support",
    "请帮我转人工",
    "我想和真人说话",
    "人工客服在吗？",
    "能不能转接人工",
    "麻烦找一下客服人员，谢谢",
    "有没有真人",
    "转人工吧",
    "This is terrible. I want a human now!",
    "My lamp came broken!! Get me an operator",
    "It does not work, whatever I try. Can I speak with someone? Thanks.",
    "太差了！转人工",
    "Ich möchte mit einem Mitarbeiter sprechen",
    "Ich moechte bitte mit einem Menschen sprechen",
    "Kann ich mit jemandem sprechen?",
    "Bitte verbinden Sie mich mit einem Mitarbeiter",
    "Mitarbeiter bitte",
    "Kundenservice",
    "Hallo! Ich will einen Menschen.",
    "Je voudrais parler à un conseiller",
    "J'aimerais parler à quelqu'un, s'il vous plaît",
    "parler à un humain",
    "Puis-je parler avec une personne réelle ?",
    "Quiero hablar con una persona",
    "¿Puedo hablar con un agente?",
    "Necesito hablar con alguien por favor",
    "hablar con un humano",
    "Vorrei parlare con un operatore",
    "Posso parlare con una persona?",
    "operatore umano",
    "Quero falar com um atendente",
    "Gostaria de falar com uma pessoa, por favor",
    "falar com atendente",
)
ASKS_FOR_SOMETHING = (
    "can I talk to somebody about my refund",
    "where is the person who has my parcel",
    "people",
    "service",
    "someone",
    "someone stole my card",
    "is there a service fee",
    "do you support Apple Pay",
    "my agent did not reply",
    "staff discount",
    "contact details of the shop in Berlin",
    "I need a refund",
    "can I get a receipt",
    "who is my account representative for Asia",
    "hello, anyone there",
    "Can I get support?",
    "My card was stolen. Was it human error?",
    "I wrote to you already. Agent?",
    "The parcel is late. Can I talk to somebody about my refund?",
    "Ich möchte mit einem Mitarbeiter über meine Rückgabe sprechen",
    "Wie viele Mitarbeiter haben Sie?",
    "jemanden",
    "der Support",
    "Ich brauche eine Rechnung",
    "parler français",
    "personne",
    "Je voudrais retourner une lampe",
    "quiero una lampara para una persona",
    "alguien",
    "agente",
    "Vorrei restituire una lampada",
    "qualcuno",
    "quero falar sobre o meu pedido",
    "uma pessoa",
    "人工草坪多少钱",
    "客服电话是多少",
    "我想退货",
    "真人同款有吗",
    "人工费怎么算",
    "",
)


@pytest.mark.parametrize("text", ASKS)
def test_a_wish_for_a_person(text: str) -> None:
    assert asks_for_person(plain(text))


PEOPLE = (
    "human", "human being", "person", "agent", "operator", "representative", "rep", "adviser", "advisor",
    "customer service", "customer care agent", "support team", "service person", "someone", "somebody", "anyone",
    "anybody", "people", "colleague", "employee", "staff", "support",
)  # fmt: skip


@pytest.mark.parametrize("who", PEOPLE)
def test_whoever_is_asked_for(who: str) -> None:
    assert asks_for_person(plain(f"Hi! I'd like to talk to a {who}, please"))


OTHERS_IN_TWO = (
    "je voudrais contacter le service client",
    "service client",
    "atención al cliente por favor",
    "servicio al cliente",
    "vorrei il servizio clienti",
    "assistenza clienti",
    "atendimento ao cliente",
    "quero o apoio ao cliente",
)


@pytest.mark.parametrize("text", OTHERS_IN_TWO)
def test_service_that_is_called_by_more_words_than_one(text: str) -> None:
    assert asks_for_person(plain(text))


@pytest.mark.parametrize("text", ASKS_FOR_SOMETHING)
def test_a_question(text: str) -> None:
    assert not asks_for_person(plain(text))


@pytest.mark.timeout(60)  # a pattern that tries every way of reading such words would take for ever
@pytest.mark.parametrize(
    "words",
    [
        "please ",
        "really ",
        "human ",
        "a ",
        "我要",
        "请",
        "talk to ",
        "support ",
        "mit ",
        "ich ",
        "eine person ",
        "je peux ",
        "de ",
        "un humain ",
        "quiero ",
        "con una ",
        "persona ",
        "vorrei ",
        "umano ",
        "com ",
        "a o ",
    ],
)
def test_no_words_keep_it_busy(words: str) -> None:
    assert not any(asks_for_person((words * LONGEST)[:length] + "!") for length in range(LONGEST + 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  ¿Hello,   World?! ", "hello world"),
        ("_a\t b\x1cc_", "a b c"),
        ("...", ""),
        ("", ""),
        ("Straße", "strasse"),
        ("好的，谢谢！", "好的，谢谢"),
    ],
)
def test_plain_words(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.mark.parametrize("text", [
    "this is a scam, talk to a human NOW",
    "I was charged twice, please connect me to an agent",
    "this does not help, can I speak to somebody",
    "get me a real person, this is the third time I write",
])  # fmt: skip
def test_a_clause_beside_others_that_tells_to_fetch_a_person_is_a_wish(text: str) -> None:
    assert asks_beside([plain(clause) for clause in text.split(", ")])


@pytest.mark.parametrize("text", [
    "the agent, who was nice, sent me a link",
    "my name, person, support, is wrong on the bill",
    "I want to talk about my refund, it is late",
    "I paid, talk to somebody about my refund",
])  # fmt: skip
def test_a_clause_that_only_names_people_is_none(text: str) -> None:
    assert not asks_beside([plain(clause) for clause in text.split(", ")])
    assert not asks_for_person(plain(text))


@pytest.mark.parametrize("text", beside("asks"))
def test_a_wish_beside_something_else(text: str) -> None:
    assert wants_person(text)


@pytest.mark.parametrize("text", beside("does_not"))
def test_people_are_spoken_of_beside_something_else(text: str) -> None:
    assert not wants_person(text)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "words",
    ["我想要", "请", "转一下", "人工", "帮我转人工说", "能不能", "please have a person ", "i want a real "],
)
def test_no_clauses_keep_it_busy(words: str) -> None:
    assert not any(asks_beside(["", (words * LONGEST)[:length] + "甲"]) for length in range(LONGEST))
