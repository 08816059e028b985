"""Several questions in one message to a house with a handful of articles, where one of them is always the likest."""

from itertools import product

import pytest

from bot import events as e
from bot.edition import Edition, by_key
from bot.sense import make_sense
from knowledge_base.articles import Article
from knowledge_base.index import build_index

PRACTICE = [
    Article(key, question, phrasings, answer, "en")
    for key, question, phrasings, answer in (
        ("hours", "When are you open?", ("opening hours", "are you open on saturday"), "Monday to Friday, 8 to 18."),
        ("parking", "Where can I park?", ("is there parking nearby",), "Free parking behind the house."),
        ("whitening", "Do you offer whitening?", ("teeth whitening", "bleaching"), "Yes. It costs 290 euros."),
        ("kids", "Do you treat children?", ("can I bring my daughter",), "Yes, from age three."),
    )
]  # fmt: skip
HALL = [
    Article(key, question, phrasings, answer, "de")
    for key, question, phrasings, answer in (
        ("oeffnung", "Wann habt ihr geöffnet?", ("Öffnungszeiten", "habt ihr am Sonntag auf"), "Täglich 10 bis 22."),
        ("preise", "Was kostet der Eintritt?", ("Preise", "wie teuer ist es bei euch"), "Der Eintritt kostet 12 Euro."),
        ("essen", "Gibt es etwas zu essen?", ("habt ihr ein Café",), "Im Café gibt es Suppe und Kuchen."),
    )
]  # fmt: skip
CLINIC = [
    Article(key, question, phrasings, answer, "zh")
    for key, question, phrasings, answer in (
        ("hours", "你们几点开门？", ("营业时间",), "每天9点到18点。"),
        ("boarding", "可以寄养吗？", ("寄养多少钱", "能寄养猫吗"), "可以，一天80元。"),
        ("vaccine", "疫苗多少钱？", ("打疫苗",), "一针120元。"),
    )
]  # fmt: skip
EDITIONS = {
    language: Edition(1, build_index(articles), by_key(articles))
    for language, articles in (("en", PRACTICE), ("de", HALL), ("zh", CLINIC))
}
STRANGE = {
    "en": (
        "Do you sell cars?", "Do you do braces?", "Is there a bus stop nearby?", "Can you fix my laptop?",
        "What is the weather tomorrow?",
    ),
    "de": (
        "Habt ihr eine Sauna?",
        "Wie wird das Wetter morgen?",
        "Gibt es bei euch Parkplätze?",
        "Darf mein Hund mit?",
    ),
    "zh": ("你们卖汽车吗？", "有公交站吗？", "明天天气怎么样？"),
}  # fmt: skip
PAIRS = [
    (language, article, strange)
    for language, articles in (("en", PRACTICE), ("de", HALL), ("zh", CLINIC))
    for article, strange in product(articles, STRANGE[language])
]


def sense(language: str, text: str) -> e.Asked | e.AskedSeveral:
    edition = EDITIONS[language]
    return make_sense(text, edition.decide_many([text])[0], edition, language, None)


@pytest.mark.parametrize(("language", "known", "strange"), PAIRS)
@pytest.mark.parametrize("is_first", [True, False])
def test_what_no_article_tells_is_said_beside_what_one_does(
    language: str, known: Article, strange: str, is_first: bool
) -> None:
    asked = (known.question, strange) if is_first else (strange, known.question)
    said = sense(language, " ".join(asked))
    assert isinstance(said, e.AskedSeveral)
    assert [part.candidate.article_key for part in said.answered] == [known.key]
    [doubt] = said.doubtful
    assert doubt.asked == strange
    assert known.key not in [each.article_key for each in doubt.candidates]


@pytest.mark.parametrize(
    ("language", "text", "key"),
    [
        ("en", "Do you offer whitening? Is bleaching possible?", "whitening"),
        ("en", "Where can I park? Is the parking free?", "parking"),
        ("zh", "可以寄养吗？能寄养猫吗？", "boarding"),
    ],
)
def test_a_part_whose_words_the_answered_article_has_is_no_other_question(
    language: str, text: str, key: str
) -> None:
    said = sense(language, text)
    assert isinstance(said, e.Asked)
    assert (said.decision, said.candidates[0].article_key) == ("answer", key)


def test_a_phrasing_of_two_sentences_stays_one_question() -> None:
    twice = Article(
        "tooth", "Can I come today? Who looks at my tooth?", ("my tooth broke",), "Come at once.", "en"
    )
    articles = [*PRACTICE, twice]
    edition = Edition(1, build_index(articles), by_key(articles))
    text = "can I come today? who looks at my teeth?"
    said = make_sense(text, edition.decide_many([text])[0], edition, "en", None)
    assert isinstance(said, e.Asked)
    assert said.candidates[0].article_key == "tooth"
