"""Several questions in one message, and questions that lean on the topic before them."""

import pytest

from benchmarks.conversation_sense import BARS, CHECK_BARS, measure, measure_check, read_cases
from bot import events as e
from bot.edition import Edition
from bot.questions import leans, parts_of
from bot.sense import MOST_OFFERED, make_sense
from knowledge_base.articles import Article
from knowledge_base.index import build_index
from tests.house import ARTICLES

SHELF = [Article(key, question, said, answer, language) for key, language, question, answer, said in ARTICLES]
ENGLISH = [article for article in SHELF if article.language == "en"]
EDITION = Edition(1, build_index(ENGLISH), {article.key: {"en": article} for article in ENGLISH})

ONE_PART = (
    "my mail is bob.miller@example.com can you change it please",
    "please look at www.shop.example/lamps.html?id=3;c=4 for me there",
    "does the lamp of 3.5 kg need another box than that",
    "is the app of v2.1 still working on my old phone",
    "do you take cards, e.g. Visa or the other usual ones",
    "do you take cards, i.e. what my bank gave me once",
    "can Mr. Miller call me back about my last order",
    "did Dr. J. Smith pay the bill of my last order",
    "is there anything open before 9 a.m. near my own street",
    "my order is no. 4711 and it never came to me",
    "do you sell lamps, chairs, etc. for children under ten",
    "nehmen Sie Karten, z. B. Visa oder auch die anderen",
    "gibt es Lampen, z.B. rote für das Zimmer der Kinder",
    "meine Bestellung Nr. 4711 ist noch immer nicht gekommen",
)


def sense(text: str, topic: str | None = None) -> e.Asked | e.AskedSeveral:
    return make_sense(text, EDITION.decide_many([text])[0], EDITION, "en", topic)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Where is my order? How do I pay?", ("Where is my order?", "How do I pay?")),
        ("can I pay by card and how long does it take", ("can I pay by card", "how long does it take")),
        ("do you wrap presents, also I need a bill", ("do you wrap presents", "I need a bill")),
        ("Two things: my lamp broke. I need a bill.", ("my lamp broke.", "I need a bill.")),
        ("I bought a lamp and a chair", ("I bought a lamp and a chair",)),
        ("Hello! Where is my parcel now?", ("Hello! Where is my parcel now?",)),
        ("多久能到？怎么付款？", ("多久能到？", "怎么付款？")),
        ("怎么退货，运费多少", ("怎么退货", "运费多少")),
        ("我买了灯，想退货", ("我买了灯，想退货",)),
        ("怎么退货，另外怎么开发票", ("怎么退货", "怎么开发票")),
        ("Why? " * 200, ("Why? " * 200,)),
        *((whole, (whole,)) for whole in ONE_PART),
        (
            "my mail is bob.miller@example.com. can you change it please",
            ("my mail is bob.miller@example.com.", "can you change it please"),
        ),
        (
            "is https://shop.example/?id=7 your page? how do I pay there",
            ("is https://shop.example/?id=7 your page?", "how do I pay there"),
        ),
        (
            "the parcel weighs 3.5 kg. what does it cost",
            ("the parcel weighs 3.5 kg.", "what does it cost"),
        ),
        (
            "Do you open before 9 a.m. How do I get there?",
            ("Do you open before 9 a.m.", "How do I get there?"),
        ),
        (
            "do you sell lamps, chairs, etc. How do I pay for them?",
            ("do you sell lamps, chairs, etc.", "How do I pay for them?"),
        ),
        ("my answer is no. where is my money", ("my answer is no.", "where is my money")),
        ("nor do I. where is my money now", ("nor do I.", "where is my money now")),
        (
            "Wo ist meine Bestellung? Wie kann ich zahlen?",
            ("Wo ist meine Bestellung?", "Wie kann ich zahlen?"),
        ),
        ("¿Dónde está mi pedido? ¿Cómo puedo pagar?", ("¿Dónde está mi pedido?", "¿Cómo puedo pagar?")),
        ("多久能到?怎么付款?", ("多久能到?", "怎么付款?")),
        ("我想退货.怎么退运费", ("我想退货.", "怎么退运费")),
        ("多久能到。怎么付款", ("多久能到。", "怎么付款")),
        ("请看 https://a.example/搜索?q=灯 这个链接", ("请看 https://a.example/搜索?q=灯 这个链接",)),
        ("邮箱是 li.ming@example.com 怎么改", ("邮箱是 li.ming@example.com 怎么改",)),
        ("", ("",)),
    ],
)
def test_the_parts_of_a_message(text: str, parts: tuple[str, ...]) -> None:
    assert parts_of(text) == parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("and how long does that take?", True),
        ("what about refunds?", True),
        ("how much?", True),
        ("那要多久？", True),
        ("运费呢？", True),
        ("Where do I find the invoice of last month?", False),
        ("请问我上个月买的那张桌子的发票应该在哪里下载", False),
    ],
)
def test_what_leans_on_the_topic_before(text: str, expected: bool) -> None:
    assert leans(text) is expected


def test_two_questions_known_word_for_word_are_both_answered() -> None:
    said = sense("where is my parcel? can I pay by card")
    assert isinstance(said, e.AskedSeveral)
    assert [(part.text, part.candidate.article_key) for part in said.answered] == [
        ("where is my parcel?", "track"),
        ("can I pay by card", "payment"),
    ]
    assert said.offered == ()


def test_two_questions_of_which_one_is_doubtful_become_a_list_of_both() -> None:
    said = sense("is there a guarantee for broken stuff? can I pay by card")
    assert isinstance(said, e.AskedSeveral)
    assert said.answered == ()
    assert {"payment", "warranty"} <= {part.candidate.article_key for part in said.offered}


@pytest.mark.parametrize("text", ONE_PART)
def test_a_stop_inside_a_sentence_makes_no_second_question(text: str) -> None:
    assert isinstance(sense(text), e.Asked)


def test_clauses_about_one_article_stay_one_question() -> None:
    assert isinstance(sense("where is my parcel? has my order been sent?"), e.Asked)


def listed(text: str, topic: str) -> list[str]:
    """The articles offered for a message that leans on the topic."""
    said = sense(text, topic)
    assert isinstance(said, e.Asked)
    assert (said.decision, said.leans) == ("suggest", True)
    return [each.article_key for each in said.candidates]


def alone(text: str) -> list[str]:
    """The articles that the message by itself would list."""
    said = sense(text)
    assert isinstance(said, e.Asked)
    assert said.decision == "suggest"
    return [each.article_key for each in said.candidates]


def test_a_leaning_question_gets_a_list_in_which_both_readings_come_first() -> None:
    assert listed("and when do I get the money?", topic="returns")[0] == "refund"


LEANING = ("and when do I get the money?", "how long does that take?", "and can I pay it by card later?")


@pytest.mark.parametrize("topic", ["returns", "payment", "delivery"])
@pytest.mark.parametrize("text", LEANING)
def test_the_topic_is_offered_last_and_only_where_the_message_by_itself_finds_it(
    text: str, topic: str
) -> None:
    """Customers do ask for another detail of the article they just read; it is not what they ask for most."""
    offered = listed(text, topic)
    assert topic not in offered[:-1]
    assert (offered[-1] == topic) is (topic in alone(text))


@pytest.mark.parametrize("topic", ["returns", "payment", "delivery"])
@pytest.mark.parametrize("text", LEANING)
def test_a_topic_loses_nothing_that_the_message_by_itself_would_list(text: str, topic: str) -> None:
    offered = listed(text, topic)
    assert set(alone(text)) <= set(offered)
    assert len(offered) == len(set(offered)) <= MOST_OFFERED


def test_unknown_words_are_offered_what_is_near_the_topic_and_nothing_that_looks_like_them_by_chance() -> (
    None
):
    one, other = (sense(words, topic="returns") for words in ("qwzx blorf", "xxkvj"))
    assert isinstance(one, e.Asked)
    assert isinstance(other, e.Asked)
    assert [c.article_key for c in one.candidates] == [c.article_key for c in other.candidates]
    assert "refund" in [c.article_key for c in one.candidates]


@pytest.mark.parametrize("topic", [None, "no-such-article"])
def test_without_a_topic_nothing_leans(topic: str | None) -> None:
    said = sense("and when do I get the money?", topic=topic)
    assert isinstance(said, e.Asked)
    assert not said.leans


def test_words_of_a_phrasing_are_answered_whatever_the_topic() -> None:
    said = sense("delivery time", topic="returns")
    assert isinstance(said, e.Asked)
    assert (said.decision, said.candidates[0].article_key) == ("answer", "delivery")


def test_the_cases_written_beforehand() -> None:
    figures = measure(read_cases())
    for bar in BARS:
        assert bar.holds(figures[bar.name]["bot"]), (bar, figures)


def test_the_cases_to_check_a_mending_by() -> None:
    figures = measure_check()
    for bar in CHECK_BARS:
        assert bar.holds(figures[bar.name]["bot"]), (bar, figures)
