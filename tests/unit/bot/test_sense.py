"""Several questions in one message, and questions that lean on the topic before them."""

import pytest

from benchmarks.conversation_sense import (
    BARS,
    CASES,
    CHECK,
    CHECK_BARS,
    PARTS,
    PARTS_BARS,
    edition_of,
    measure,
    measure_check,
    measure_parts,
    read_cases,
    shown,
)
from bot import events as e
from bot.clauses import Question, halves_of, questions_of
from bot.edition import Edition
from bot.questions import asks_for_help, is_elliptical, leans, parts_of, says_nothing_alone
from bot.sense import MOST_LISTED, asked_of, make_sense, parts_to_decide
from knowledge_base.articles import Article
from knowledge_base.index import build_index
from knowledge_base.variants import Reader
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
    return make_sense(text, EDITION.decide_many([text])[0], EDITION, Reader("en"), topic)


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
        ("how do I pay\n\nwhen does it arrive", ("how do I pay", "when does it arrive")),
        ("How do I pay\tplus\thow long does it take", ("How do I pay", "how long does it take")),
        ("How do I pay AND how long does it take", ("How do I pay", "how long does it take")),
        ("  how long does the delivery take?  ", ("  how long does the delivery take?  ",)),
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
        ("where is my parcel? invoice?", ("where is my parcel?", "invoice?")),
        ("怎么退货？发票？", ("怎么退货？", "发票？")),
        ("My parcel is late. Why?", ("My parcel is late. Why?",)),
        ("what if I am out and have no neighbours?", ("what if I am out and have no neighbours?",)),
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


def apart(text: str) -> tuple[list[str], list[str], list[tuple[str, list[str]]]]:
    """The articles that answer parts of the text, those listed for all of it, and the doubtful parts with theirs."""
    said = sense(text)
    assert isinstance(said, e.AskedSeveral)
    return (
        [part.candidate.article_key for part in said.answered],
        [part.candidate.article_key for part in said.offered],
        [(each.text, [one.article_key for one in each.candidates]) for each in said.doubtful],
    )


def test_of_two_questions_the_known_one_is_answered_and_the_doubtful_one_said() -> None:
    answered, offered, doubtful = apart("is there a guarantee for broken stuff? can I pay by card")
    assert (answered, offered) == (["payment"], [])
    [(text, listed)] = doubtful
    assert text == "is there a guarantee for broken stuff?"
    assert listed[0] == "warranty"
    assert "payment" not in listed


@pytest.mark.parametrize(
    ("text", "doubted"),
    [
        ("where is my parcel? xyzzy blorf qwv?", "xyzzy blorf qwv?"),
        ("xyzzy blorf qwv? where is my parcel?", "xyzzy blorf qwv?"),
        ("Hello, where is my parcel and who is xyzzy blorf? thx", "who is xyzzy blorf?"),
    ],
)
def test_a_part_of_which_nothing_is_known_is_not_passed_over(text: str, doubted: str) -> None:
    answered, offered, doubtful = apart(text)
    assert (answered, offered) == (["track"], [])
    assert [each for each, _ in doubtful] == [doubted]


def test_two_doubtful_questions_share_one_list() -> None:
    answered, offered, doubtful = apart(
        "is there a guarantee for broken stuff? and how do I get my cash again?"
    )
    assert (answered, doubtful) == ([], [])
    assert "warranty" in offered
    assert len(offered) <= MOST_LISTED


@pytest.mark.parametrize(
    "more",
    ["can you please tell me?", "What should I do now?", "Could you help me with that?", "do you know that?"],
)
def test_to_ask_for_help_asks_nothing_else(more: str) -> None:
    said = sense(f"where is my parcel? {more}")
    if isinstance(said, e.AskedSeveral):
        assert (said.offered, said.doubtful) == ((), ())
        assert [part.candidate.article_key for part in said.answered] == ["track"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("怎么办？", True),
        ("能帮我看看吗", True),
        ("请问怎么处理？", True),
        ("is that possible?", True),
        ("what is wrong?", True),
        ("有礼品卡吗", False),
        ("怎么开发票", False),
        ("where are you?", False),
        ("can you deliver?", False),
        ("what can I do with my points?", False),
    ],
)
def test_what_asks_only_for_help(text: str, expected: bool) -> None:
    assert asks_for_help(text) is expected


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


def test_a_leaning_question_gets_a_list_of_both_readings() -> None:
    assert listed("and when do I get the money?", topic="returns")[0] == "refund"


LEANING = ("when do I get it back?", "how long does that take?", "and can I settle that later at the shop?")


@pytest.mark.parametrize("topic", ["returns", "payment", "delivery", "refund"])
@pytest.mark.parametrize("text", LEANING)
def test_the_topic_is_offered_first_where_the_message_by_itself_finds_it_else_not(
    text: str, topic: str
) -> None:
    offered = listed(text, topic)
    assert (offered[0] == topic) is (topic in alone(text)), (offered, alone(text))
    assert topic not in offered[1:]


@pytest.mark.parametrize("topic", ["returns", "payment", "delivery"])
@pytest.mark.parametrize("text", ["and on sundays?", "what about the deposit", "or by bank?"])
def test_the_topic_is_offered_first_where_the_subject_is_left_out(text: str, topic: str) -> None:
    assert is_elliptical(text)
    assert listed(text, topic)[0] == topic


@pytest.mark.parametrize("text", ["那周末呢", "周末呢？", "那押金", "and abroad?", "ok, and on sundays"])
def test_questions_with_their_subject_left_out(text: str) -> None:
    assert is_elliptical(text)


@pytest.mark.parametrize(
    "text", ["我的卡丢了", "how do I pay", "and can I also return the lamp that I bought"]
)
def test_questions_that_have_a_subject(text: str) -> None:
    assert not is_elliptical(text)


@pytest.mark.parametrize("topic", ["returns", "payment", "delivery"])
@pytest.mark.parametrize("text", LEANING)
def test_both_readings_have_a_place_in_a_list_of_three(text: str, topic: str) -> None:
    offered = listed(text, topic)
    best = next(each for each in alone(text) if each != topic)
    assert best in offered[:2]
    assert len(offered) == len(set(offered)) <= MOST_LISTED


@pytest.mark.parametrize("text", ["qwzx blorf", "xxkvj"])
def test_unknown_words_after_an_answer_are_read_as_if_alone(text: str) -> None:
    assert sense(text, topic="returns") == sense(text)


def test_unknown_words_that_point_back_are_not_offered_what_looks_like_them_by_chance() -> None:
    one, other = (listed(f"and {words}?", "returns") for words in ("qwzx blorf", "xxkvj zzq"))
    assert one == other
    assert one[0] == "returns"


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("who made it?", True),
        ("and when?", True),
        ("how much does it cost", True),
        ("isn’t that free?", True),
        ("那要多久？", True),
        ("多少钱？", True),
        ("什么时候能取？", True),
        ("谁做的", True),
        ("who are you?", False),
        ("how do I pay?", False),
        ("is it washable?", False),
        ("运费多少钱？", False),
        ("你们在哪里？", False),
        ("?!", False),
    ],
)
def test_words_that_go_with_any_subject(text: str, expected: bool) -> None:
    assert says_nothing_alone(text) is expected


@pytest.mark.parametrize("text", ["怎么" * 299 + "灯", "how " * 149 + "lamp"])
def test_a_long_row_of_such_words_is_read_once(text: str) -> None:
    assert not says_nothing_alone(text)


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        (
            "is the table oak, and who made it?",
            (Question("is the table oak", "who made it?", "is the table oak, and who made it?"),),
        ),
        ("可以换货吗？那要多久？", (Question("可以换货吗？", "那要多久？", "可以换货吗？那要多久？"),)),
        (
            "can I return it there? how long does it take? and when? do you take cards?",
            (
                Question(
                    "can I return it there?",
                    "how long does it take?",
                    "can I return it there? how long does it take?",
                ),
                Question("do you take cards?", "", "do you take cards?"),
            ),
        ),
        (
            "how much is it? when does it come?",
            (Question("how much is it?", "when does it come?", "how much is it? when does it come?"),),
        ),
    ],
)
def test_the_questions_of_a_message_with_what_leans_on_them(
    text: str, questions: tuple[Question, ...]
) -> None:
    assert questions_of(text) == questions


@pytest.mark.parametrize(
    ("text", "halves"),
    [
        ("password reset and invoice?", ["password reset", "invoice?"]),
        ("退款和发票？", ["退款", "发票？"]),
        ("gifts, cards and lamps and chairs?", []),
        ("refund and how?", []),
        ("and?", []),
        ("what do I need to bring for the refund and the invoice?", []),
    ],
)
def test_the_two_things_that_a_message_names(text: str, halves: list[str]) -> None:
    assert [each.whole for each in halves_of(text)] == halves


@pytest.mark.parametrize(
    "text", ["download a receipt and greeting card?", "download a receipt? greeting card?"]
)
def test_a_second_question_of_a_word_or_two_is_not_lost(text: str) -> None:
    assert {"invoice", "gift"} <= {*shown(sense(text))}


@pytest.mark.parametrize("text", ["where is my parcel? blorf?", "blorf? where is my parcel?"])
def test_a_word_of_which_nothing_is_known_is_no_question(text: str) -> None:
    assert isinstance(sense(text), e.Asked)


def test_what_leans_is_listed_by_what_it_leans_on() -> None:
    text = "I want to give the lamp back, and how long does it take?"
    assert set(parts_to_decide(text, EDITION.decide_many([text])[0])) == {"I want to give the lamp back"}
    answered, offered, doubtful = apart(text)
    assert (answered, offered) == (["returns"], [])
    [(tail, listed)] = doubtful
    whole = [match.article_key for match in EDITION.decide_many([text])[0].matches]
    assert tail == "how long does it take?"
    assert listed == [key for key in whole if key != "returns"]


def test_what_leans_on_nothing_answered_is_read_with_the_whole() -> None:
    text = "is there a guarantee for broken stuff, and how long?  And when does it come?"
    assert sense(text) == asked_of(EDITION.decide_many([text])[0], EDITION, Reader("en"))


def test_leaning_questions_alone_lean_on_the_topic_before() -> None:
    said = sense("how much is it and when do I get it?", topic="returns")
    assert isinstance(said, e.Asked)
    assert said.leans


def test_the_cases_of_several_clauses() -> None:
    figures = measure_parts()
    for bar in PARTS_BARS:
        assert bar.holds(figures[bar.name]["bot"]), (bar, figures)


def test_no_message_is_served_worse_apart_than_whole() -> None:
    editions = {(base, to): edition_of(base, to) for base in ("shop", "payments") for to in ("en", "zh")}
    cases = [case for path in (CASES, CHECK, PARTS) for case in read_cases(path) if case.kind != "several"]
    for case in cases:
        edition = editions[case.base, case.language]
        decision = edition.decide_many([case.text])[0]
        alone = shown(asked_of(decision, edition, Reader(case.language)))
        apart = shown(make_sense(case.text, decision, edition, Reader(case.language), None))
        assert case.articles & {*alone} <= {*apart}, (case, alone, apart)
