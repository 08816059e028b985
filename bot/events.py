"""What customers do, understood (events), and what is to be done about it (effects). Values only."""

from dataclasses import dataclass

from bot.moves import AskedCase as AskedCase
from bot.moves import Effect as Effect
from bot.moves import Event as Event
from bot.moves import TellCase as TellCase
from bot.offers import Candidate as Candidate
from bot.offers import Choice as Choice
from bot.offers import Doubt as Doubt
from bot.offers import Part as Part

# --- events: what the customer did -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Started(Event):
    """/start, with the payload of a deep link."""

    payload: str = ""


class HelpAsked(Event):
    """/help."""


class PersonAsked(Event):
    """Wants a person; never argued with."""


class PrivacyAsked(Event):
    """/privacy."""


@dataclass(frozen=True, slots=True)
class LanguageAsked(Event):
    """/language, with a supported code or without."""

    code: str | None = None


@dataclass(frozen=True, slots=True)
class Chatted(Event):
    """Only small talk, of these kinds (`small_talk`)."""

    kinds: frozenset[str]


class SentNothing(Event):
    """A message without words: emoji, punctuation, blanks."""


@dataclass(frozen=True, slots=True)
class Asked(Event):
    """A question with what the knowledge base makes of it: 'answer', 'suggest' or 'unknown'."""

    decision: str
    candidates: tuple[Candidate, ...] = ()
    leans: bool = False
    """Understood only beside the topic before it, so that its words alone ask nothing."""


@dataclass(frozen=True, slots=True)
class AskedSeveral(Event):
    """Several questions in one message: `answered`, `doubtful`, or articles for all of them `offered`."""

    answered: tuple[Part, ...] = ()
    offered: tuple[Part, ...] = ()
    doubtful: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class SentMedia(Event):
    """A photo, file, voice note... without words."""

    kind: str
    album: str | None = None
    """What the parts of an album, which come one by one, have in common."""


@dataclass(frozen=True, slots=True)
class UnknownCommand(Event):
    """A command the bot does not have."""


@dataclass(frozen=True, slots=True)
class ChoseArticle(Event):
    """Tapped one of the 'did you mean' buttons; `asked` is what was asked, empty where it says nothing alone."""

    article_key: str
    asked: str = ""
    language: str = ""
    """The article's, as the button had it."""


@dataclass(frozen=True, slots=True)
class ChoseNone(Event):
    """Tapped 'none of these'."""

    message_id: int


@dataclass(frozen=True, slots=True)
class SaidHelped(Event):
    """Answered 'did this help?'."""

    message_id: int
    article_key: str | None
    helped: bool


class WaitCancelled(Event):
    """No longer wants to wait for a person."""


@dataclass(frozen=True, slots=True)
class Rated(Event):
    """Gave stars (1-5) for one aspect."""

    request_id: int
    aspect: str
    stars: int


@dataclass(frozen=True, slots=True)
class RatingSkipped(Event):
    """Does not want to rate this aspect, or (None) to comment."""

    request_id: int
    aspect: str | None = None


@dataclass(frozen=True, slots=True)
class Commented(Event):
    """Wrote the comment that was asked for."""

    request_id: int


@dataclass(frozen=True, slots=True)
class ChoseOrder(Event):
    """Said which order an answer is to be about."""

    article_key: str
    number: str
    language: str = ""
    """The article's."""


class WantsToHear(Event):
    """Wants to be told when there is an answer to what they asked."""


class WantsNoMore(Event):
    """Wants to be told of no answers any more."""


class PassedCheck(Event):
    """A stranger pressed the button they were asked to press (first contact)."""


class PressedStale(Event):
    """Tapped a button that has been used, has expired, or was never theirs."""


# --- effects: what is to be done ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Say(Effect):
    """A sentence of ours, by its key."""

    key: str
    choices: tuple[Choice, ...] = ()
    about: Doubt | None = None
    """The question of the message that it names, where there are others."""


@dataclass(frozen=True, slots=True)
class GiveAnswer(Effect):
    """The article's answer, with 'did this help?'."""

    article_key: str
    language: str = ""
    confidence: float | None = None
    asked: str | None = None
    """The words it answers, where they are not those of the whole message."""
    order: str | None = None
    """The number of the order it is to be about."""


@dataclass(frozen=True, slots=True)
class HandOff(Effect):
    """Into the queue for a person."""

    reason: str
    topic: str | None = None
    """The article answered last."""


class LeaveQueue(Effect):
    """Out of the queue, back to the bot."""


@dataclass(frozen=True, slots=True)
class KeepGap(Effect):
    """Remember a question that was not answered well; one that got a list, until something is chosen from it."""

    reason: str
    candidates: tuple[Candidate, ...] = ()
    message_id: int | None = None
    """The bot's message it is about; None means the customer's own present message, or its question `asked`."""
    asked: str = ""


class DropGap(Effect):
    """Something was chosen from the list: its question was no gap."""


@dataclass(frozen=True, slots=True)
class KeepFeedback(Effect):
    """Remember whether an answer helped."""

    message_id: int
    article_key: str | None
    helped: bool


class KeepWish(Effect):
    """Tell them, once, when there is an answer to what they asked last."""


class DropWishes(Effect):
    """Tell them of no answers any more."""


@dataclass(frozen=True, slots=True)
class KeepLabel(Effect):
    """Remember that the article, or (None) none offered, answers: by a 'choice' or 'none_of_these' (`source`)."""

    source: str
    article_key: str | None = None
    asked: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class SetLanguage(Effect):
    """Speak this language from now on."""

    code: str


@dataclass(frozen=True, slots=True)
class KeepRating(Effect):
    """Store stars, and ask for the next aspect or for a comment."""

    request_id: int
    aspect: str
    stars: int


@dataclass(frozen=True, slots=True)
class PassAspect(Effect):
    """No stars for this aspect; ask for the one after it."""

    request_id: int
    aspect: str


@dataclass(frozen=True, slots=True)
class EndRating(Effect):
    """The rating request is over."""

    request_id: int
    skipped: bool


@dataclass(frozen=True, slots=True)
class KeepComment(Effect):
    """Store the present text as the request's comment."""

    request_id: int


@dataclass(frozen=True, slots=True)
class UseStartPayload(Effect):
    """A deep link's payload: opaque, resolved by the store."""

    payload: str
