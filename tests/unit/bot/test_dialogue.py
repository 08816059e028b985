"""The flow, told as what a customer did and what must follow."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import events as e
from bot.dialogue import FLOW, MISSES_BEFORE_HANDOFF, step
from bot.steps import Memory, Talk
from crm_store.lifecycle import Status

SURE = e.Asked("answer", (e.Candidate("refund", "How do refunds work?", 1.0, 0.97),))
UNSURE = e.Asked(
    "suggest", (e.Candidate("refund", "Refunds?", 0.5, 0.5), e.Candidate("return", "Returns?", 0.4, 0.3))
)
LOST = e.Asked("unknown")
TWO = tuple(e.Part(text, e.Candidate(text, text, 1.0, 0.9)) for text in ("refund", "return"))
BOTH = e.AskedSeveral(answered=TWO)
EITHER = e.AskedSeveral(offered=TWO)

HELLO, THANKS = e.Chatted(frozenset({"greeting"})), e.Chatted(frozenset({"thanks"}))

EVENTS: list[e.Event] = [
    e.Started(), e.Started("x1"), e.HelpAsked(), e.PersonAsked(), e.PrivacyAsked(), e.LanguageAsked(),
    e.LanguageAsked("zh"), HELLO, THANKS, e.SentNothing(), SURE, UNSURE, LOST, BOTH, EITHER,
    e.SentMedia("photo"),
    e.UnknownCommand(), e.ChoseArticle("refund"), e.ChoseNone(7), e.SaidHelped(7, "refund", True),
    e.SaidHelped(7, "refund", False), e.WaitCancelled(), e.Rated(1, "price", 4), e.RatingSkipped(1), e.Commented(1),
    e.PressedStale(), e.WantsToHear(), e.WantsNoMore(), e.ChoseOrder("refund", "7"),
]  # fmt: skip


def follow(*moves: e.Event, status: Status = Status.BOT) -> tuple[Memory, list[e.Effect]]:
    """The memory and the effects after these moves, the status as the effects leave it."""
    memory = Memory()
    effects: list[e.Effect] = []
    for move in moves:
        result = step(Talk(status, memory), move)
        memory = result.memory
        effects += result.effects
        for effect in result.effects:
            if isinstance(effect, e.HandOff):
                status = Status.QUEUED
            elif isinstance(effect, e.LeaveQueue):
                status = Status.BOT
    return memory, effects


def keys(effects: list[e.Effect]) -> list[str]:
    return [effect.key if isinstance(effect, e.Say) else type(effect).__name__ for effect in effects]


@pytest.mark.parametrize(
    ("moves", "follows"),
    [
        ([e.Started()], ["welcome"]),
        ([e.Started("abc")], ["UseStartPayload", "welcome"]),
        ([HELLO], ["greeting"]),
        ([THANKS], ["you_are_welcome"]),
        ([LOST, THANKS, THANKS], ["KeepGap", "rephrase", "you_are_welcome", "you_are_welcome"]),
        ([e.PersonAsked(), THANKS, HELLO], ["HandOff", "added_to_your_case"]),
        ([SURE], ["GiveAnswer"]),
        ([UNSURE], ["did_you_mean", "KeepGap"]),
        (
            [UNSURE, e.ChoseArticle("return")],
            ["did_you_mean", "KeepGap", "KeepLabel", "DropGap", "GiveAnswer"],
        ),
        ([UNSURE, e.ChoseNone(7)], ["did_you_mean", "KeepGap", "KeepLabel", "KeepGap", "rephrase"]),
        ([BOTH], ["GiveAnswer", "GiveAnswer"]),
        (
            [EITHER, e.ChoseArticle("return"), e.ChoseArticle("refund")],
            ["several_found", "KeepGap", *["KeepLabel", "DropGap", "GiveAnswer"] * 2],
        ),
        ([e.PersonAsked(), BOTH, EITHER], ["HandOff", "added_to_your_case"]),
        ([LOST], ["KeepGap", "rephrase"]),
        (
            [LOST, e.WantsToHear(), e.WantsNoMore()],
            ["KeepGap", "rephrase", "KeepWish", "will_tell", "DropWishes", "wont_tell"],
        ),
        ([LOST, LOST], ["KeepGap", "rephrase", "KeepGap", "HandOff"]),
        ([LOST, SURE, LOST], ["KeepGap", "rephrase", "GiveAnswer", "KeepGap", "rephrase"]),
        ([LOST, e.ChoseNone(7)], ["KeepGap", "rephrase", "KeepLabel", "KeepGap", "HandOff"]),
        ([e.PersonAsked()], ["HandOff"]),
        ([e.PersonAsked(), e.PersonAsked()], ["HandOff", "already_waiting"]),
        ([e.PersonAsked(), e.Started("abc")], ["HandOff", "UseStartPayload", "already_waiting"]),
        ([e.PersonAsked(), SURE, LOST], ["HandOff", "added_to_your_case"]),
        ([e.PersonAsked(), e.WaitCancelled()], ["HandOff", "LeaveQueue", "wait_cancelled"]),
        ([e.WaitCancelled()], ["not_waiting"]),
        ([e.SentMedia("voice")], ["media_needs_person"]),
        ([e.SaidHelped(7, "refund", True)], ["KeepFeedback", "glad_it_helped"]),
        ([e.SaidHelped(7, "refund", False)], ["KeepFeedback", "KeepGap", "sorry_it_did_not"]),
        ([e.LanguageAsked()], ["choose_language"]),
        ([e.LanguageAsked("zh")], ["SetLanguage", "language_set"]),
        ([e.RatingSkipped(1, "price")], ["PassAspect"]),
        ([e.RatingSkipped(1)], ["EndRating", "rating_thanks"]),
        ([e.PressedStale()], ["button_stale"]),
        ([e.Commented(1)], ["KeepComment", "EndRating", "rating_thanks"]),
    ],
)
def test_a_conversation(moves: list[e.Event], follows: list[str]) -> None:
    assert keys(follow(*moves)[1]) == follows


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
@pytest.mark.parametrize("status", [Status.ASSIGNED, Status.WAITING_CUSTOMER])
def test_the_bot_never_talks_over_a_person(status: Status, event: e.Event) -> None:
    spoken = keys(follow(event, status=status)[1])
    about_the_customer = {"privacy", "choose_language", "language_set", "rating_skipped", "rating_thanks"}
    of_the_bots_own_button = {"not_waiting_any_more"}
    silent = {
        "KeepWish",
        "DropWishes",
        "KeepRating",
        "KeepFeedback",
        "KeepComment",
        "EndRating",
        "SetLanguage",
        "UseStartPayload",
    }
    assert set(spoken) <= about_the_customer | of_the_bots_own_button | silent


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_the_bot_always_has_something_to_say(event: e.Event) -> None:
    effects = follow(event)[1]
    speaks = (e.Say, e.GiveAnswer, e.HandOff, e.KeepRating)
    assert any(isinstance(effect, speaks) for effect in effects)


@given(st.lists(st.sampled_from(EVENTS), max_size=40), st.sampled_from(list(Status)))
def test_a_person_is_one_tap_away_from_every_question_of_ours(moves: list[e.Event], status: Status) -> None:
    _, effects = follow(*moves, status=status)
    asking = (
        "rephrase",
        "did_you_mean",
        "sorry_it_did_not",
        "no_words",
        "greeting",
        "welcome",
        "help",
        "media_needs_person",
    )
    for effect in effects:
        if isinstance(effect, e.Say) and effect.key in asking:
            assert {"do": "person"} in [choice.action for choice in effect.choices]


@given(st.lists(st.sampled_from(EVENTS), max_size=60))
def test_misses_in_a_row_always_reach_a_person(moves: list[e.Event]) -> None:
    _, effects = follow(*moves)
    row = 0
    for effect in effects:
        match effect:
            case e.KeepGap(reason="unknown" | "none_of_these"):
                row += 1
                assert row <= MISSES_BEFORE_HANDOFF
            case e.HandOff() | e.GiveAnswer() | e.LeaveQueue():
                row = 0
            case _:
                pass


def test_every_event_is_answered_somewhere() -> None:
    known = {event for _, event in FLOW}
    events = {
        cls
        for cls in vars(e).values()
        if isinstance(cls, type) and issubclass(cls, e.Event) and cls is not e.Event
    }
    assert events == known


def test_values_of_the_dialogue_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SURE.decision = "unknown"  # type: ignore[misc]
