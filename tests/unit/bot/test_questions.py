"""How a message's words are read apart: its parts, its clauses, and what leans on something said before."""

import pytest

from bot.clauses import Question, halves_of, questions_of
from bot.questions import asks_for_help, is_elliptical, leans, parts_of, says_nothing_alone

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


@pytest.mark.parametrize("text", ["那周末呢", "周末呢？", "那押金", "and abroad?", "ok, and on sundays"])
def test_questions_with_their_subject_left_out(text: str) -> None:
    assert is_elliptical(text)


@pytest.mark.parametrize(
    "text", ["我的卡丢了", "how do I pay", "and can I also return the lamp that I bought"]
)
def test_questions_that_have_a_subject(text: str) -> None:
    assert not is_elliptical(text)


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
