"""Several questions in one message, and questions that lean on the topic before them: what is made of them."""

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
from bot.edition import Edition
from bot.questions import is_elliptical
from bot.sense import MOST_LISTED, asked_of, make_sense, parts_to_decide
from knowledge_base.articles import Article
from knowledge_base.index import build_index
from knowledge_base.variants import Reader
from tests.house import ARTICLES
from tests.unit.bot.test_questions import ONE_PART

SHELF = [Article(key, question, said, answer, language) for key, language, question, answer, said in ARTICLES]
ENGLISH = [article for article in SHELF if article.language == "en"]
EDITION = Edition(1, build_index(ENGLISH), {article.key: {"en": article} for article in ENGLISH})


def sense(text: str, topic: str | None = None) -> e.Asked | e.AskedSeveral:
    return make_sense(text, EDITION.decide_many([text])[0], EDITION, Reader("en"), topic)


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


LEANING = (
    "when does he bring it back?",
    "is that settled by him?",
    "and can I settle that later at the shop?",
)


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
