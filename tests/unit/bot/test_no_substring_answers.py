"""Canned words answer whole messages only: what merely contains them goes to the knowledge base as it is.

A rule on a part of the text answers "are you sure?" wherever it stands; none of ours looks at less than everything.
"""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import events as e
from bot.channels.base import Inbound, Kind
from bot.edition import Edition
from bot.sense import UNDOUBTED, make_sense
from bot.small_talk import phrases, small_talk
from bot.understanding import needs_match, understand
from knowledge_base.articles import Article
from knowledge_base.index import build_index
from knowledge_base.variants import Reader
from tests.house import ARTICLES

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PHRASES = [phrase for kind, phrase in phrases() if kind != "along"]
WISHES = ("talk to a human", "get me an agent", "human", "转人工", "人工客服")
CARRIERS = (
    "are you sure? {} is not what I asked",
    "{} but my parcel is still missing",
    "your colleague wrote {} to me and nothing happened",
    "the lamp came with a card that says {}, can I return it",
    "x{}x",
    "pre{}",
    "{}ly",
    "{} 我的包裹还没到",
    "你们说{}，可是灯坏了",
)
SHELF = [Article(key, question, said, answer, language) for key, language, question, answer, said in ARTICLES]
ENGLISH = [article for article in SHELF if article.language == "en"]
EDITION = Edition(1, build_index(ENGLISH), {article.key: {"en": article} for article in ENGLISH})
ASKED = e.Asked("unknown")


def heard(text: str) -> e.Event:
    """What the bot makes of these words before the knowledge base has looked at them."""
    said = Inbound("web", "1", "web", "me", Kind.TEXT, text)
    return understand(said, ASKED, pressed=None, request=None, has_open=False, now=NOON)


def test_there_are_phrases_to_look_for() -> None:
    assert {"hello", "thank you", "谢谢", "danke"} <= set(PHRASES)
    assert all(small_talk(phrase) for phrase in PHRASES)
    assert all(isinstance(heard(wish), e.PersonAsked) for wish in WISHES)


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_phrase_inside_a_longer_message_is_no_small_talk(carrier: str) -> None:
    for phrase in PHRASES:
        text = carrier.format(phrase)
        if text not in PHRASES:  # two of ours in one word
            talk = small_talk(text)
            assert talk is None or (" " not in carrier and not talk.is_sure), (
                text
            )  # a word, or typed like one
        assert needs_match(Inbound("web", "1", "web", "me", Kind.TEXT, text))


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_wish_for_a_person_inside_a_longer_message_fetches_nobody(carrier: str) -> None:
    for wish in WISHES:
        assert heard(carrier.format(wish)) is ASKED, carrier.format(wish)


@pytest.mark.parametrize(
    "text",
    [
        "are you sure?",
        "Are you sure? Your answer says five days",
        "it arrived broken, are you sure it was packed",
        "你确定吗？",
        "灯坏了，你确定可以退吗",
    ],
)
def test_are_you_sure_has_no_canned_answer(text: str) -> None:
    assert heard(text) is ASKED
    decided = EDITION.decide_many([text])[0]
    assert decided.kind != "answer"
    told = make_sense(text, decided, EDITION, Reader("en"), "track")
    assert not isinstance(told, e.Asked) or told.decision != "answer"


@given(text=st.text(max_size=80))
def test_small_talk_is_made_of_phrases_and_nothing_else(text: str) -> None:
    """Whatever is said: with a word more that nobody says beside it, it is a question."""
    if small_talk(text):
        assert small_talk(f"{text} zorblax") is None


@pytest.mark.parametrize("article", ENGLISH, ids=lambda article: article.key)
def test_an_articles_phrasing_inside_a_longer_message_is_not_taken_for_the_message(article: Article) -> None:
    for phrasing in (article.question, *article.phrasings):
        long = f"my neighbour told me that somebody had asked {phrasing} and then the music stopped playing loudly"
        assert EDITION.decide_many([long])[0].reason not in UNDOUBTED, long
