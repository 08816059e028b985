"""Settings the store owns."""

from datetime import datetime, time, timedelta
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from crm_store import needs
from crm_store.base_settings import Settings as Settings
from crm_store.case_settings import CaseSettings
from crm_store.errors import InvalidValue
from crm_store.hours_settings import HoursSettings
from crm_store.stars import parse_weights
from crm_store.targets import Targets, parse_targets

DEFAULT_URL = "sqlite:///frontdesk.db"
MOST_HOURS = 366 * 24
MOST_MINUTES = 90 * 24 * 60
MOST_ASPECTS, MAX_ASPECT = 10, 40


class StoreSettings(HoursSettings, CaseSettings):
    """Where the record is kept, and the rules of ratings."""

    database_url: str = Field(
        DEFAULT_URL,
        description="The database: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.",
    )
    backup_folder: str = Field("backups", description="Where backups of an SQLite file are put.")
    backup_keep: int = Field(10, ge=1, description="How many automatic backups are kept.")
    files_folder: str = Field(
        "files", description="Where files from chats are kept; back it up beside the database."
    )
    max_upload_mb: int = Field(
        10,
        ge=1,
        le=50,
        description="The largest file that is taken, in megabytes; Telegram takes 50 at most.",
    )
    retention_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description="Resolved conversations older than this are deleted; 0 keeps them for good.",
    )

    wrong_budget: float = Field(0.02, gt=0, lt=0.5, description="The share of answers that may be wrong.")
    semantic: bool = Field(
        False,
        description="Word vectors help where English phrasings are few: pip install 'frontdesk[semantic]'.",
    )
    rating_aspects: str = Field(
        "product_quality,service_quality,price",
        max_length=500,
        description="What customers give stars for after a resolve, separated by commas; empty asks nothing.",
    )
    rating_expiry_hours: int = Field(
        72, ge=1, le=MOST_HOURS, description="How long a rating may still be given."
    )
    rating_reminder_hours: int = Field(
        24,
        ge=0,
        le=MOST_HOURS,
        description="When the one reminder goes out if no star was given; 0 sends none.",
    )
    rating_weights: str = Field(
        "",
        description="How much each aspect counts in satisfaction, such as service_quality 2, price 1; others count 1.",
    )
    rating_shrinkage: float = Field(
        5.0,
        ge=0,
        le=10_000,
        description="An agent's satisfaction is drawn towards the team's as if so many ratings more had come in at the "
        "team's mean; 0 draws nothing.",
    )
    low_rating_stars: float = Field(
        2.5,
        ge=0,
        le=5,
        description="A rating of at most so many stars in the mean opens a follow-up; 0 opens none.",
    )
    dispatch: Literal["both", "pull", "push"] = Field(
        "both",
        description="How waiting conversations come to agents: pull (they take the next), push (they are given to "
        "who is online and free), or both.",
    )
    default_capacity: int = Field(
        5, ge=1, le=1000, description="How many conversations somebody new on the staff holds at once."
    )
    response_targets: str = Field(
        "",
        max_length=1000,
        description="What is promised, such as first 30m, next 1h, resolution 2d; priority 2: first 10m; "
        "segment Champions: first 15m. Empty: nothing.",
    )
    handoff_notice_minutes: int = Field(
        10,
        ge=0,
        le=MOST_MINUTES,
        description="Nobody took a waiting conversation for so long: its customer is told, the staff reminded "
        "(again after twice the time, and so on); 0 never.",
    )
    first_reply_minutes: int = Field(
        30,
        ge=0,
        le=MOST_MINUTES,
        description="Who took a conversation and wrote nothing for so long gives it back to the queue, and so does "
        "who replied and has gone since, once the customer has waited for more for so long; 0 never.",
    )
    handed_on_minutes: int = Field(
        30,
        ge=0,
        le=MOST_MINUTES,
        description="A conversation handed on to somebody who is not there waits so long for them alone, counting "
        "working hours; then whoever is free gets it. 0: at once.",
    )
    needed_skills: dict[str, str] = Field(
        {},
        description='Skills that conversations need, the first rule that applies: {"category returns": "returns", '
        '"article KEY": ..., "tag router": "networks", "attribute product=router": "networks"}. Category and article '
        "are of the last answer before a person is asked for.",
    )
    skill_minutes: int = Field(
        15,
        ge=0,
        le=MOST_MINUTES,
        description="What needs a skill waits so long for somebody who has it, counting working hours; then whoever "
        "is free gets it. 0: at once where nobody who has it is free.",
    )
    scores_at: str = Field(
        "03:00",
        pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$",
        description="When all customers are scored every night, in the time zone above; also soon after many orders "
        "came in. Empty: only by hand.",
    )
    phrasing_agreement: int = Field(
        0,
        ge=0,
        le=1000,
        description="So many customers who pick the same article from a list for the same words, nobody disagreeing, "
        "make these words a phrasing of it by themselves; 0: only the desk adds phrasings.",
    )
    learn_from_log: bool = Field(
        True,
        description="What customers ask makes the answers better where tests say so. Private data is taken out; words "
        "that three customers used are kept, no texts; who objected to profiling is left out. Off: it is forgotten.",
    )
    first_contact_check: bool = Field(
        False,
        description="A stranger's first message is answered with a button to press, before the bot answers or a "
        "person is fetched.",
    )
    idle_close_hours: int = Field(
        24,
        ge=1,
        le=MOST_HOURS,
        description="A conversation the bot holds is closed after this silence; the next word opens a new one.",
    )
    customer_silence_hours: int = Field(
        0,
        ge=0,
        le=MOST_HOURS,
        description="A customer who says nothing for so long after an agent's reply has the conversation closed, and "
        "is asked for stars; 0 never.",
    )

    @property
    def current(self) -> "StoreSettings":
        """Themselves: settings as the environment gives them never change while a process runs."""
        return self

    @property
    def base(self) -> "StoreSettings":
        """Themselves."""
        return self

    @field_validator("rating_aspects")
    @classmethod
    def _can_be_rated(cls, value: str) -> str:
        names = [name.strip() for name in value.split(",") if name.strip()]
        if (
            len(names) > MOST_ASPECTS
            or len(set(names)) < len(names)
            or any(len(n) > MAX_ASPECT for n in names)
        ):
            raise ValueError(
                f"name up to {MOST_ASPECTS} different aspects of up to {MAX_ASPECT} characters each"
            )
        return value

    @property
    def aspects(self) -> tuple[str, ...]:
        """The aspects to rate, in the order they are asked."""
        return tuple(name.strip() for name in self.rating_aspects.split(",") if name.strip())

    @field_validator("rating_weights")
    @classmethod
    def _can_be_weighed(cls, value: str) -> str:
        parse_weights(value)
        return value

    @model_validator(mode="after")
    def _something_counts(self) -> Self:
        if self.aspects and not any(self.weights[aspect] for aspect in self.aspects):
            raise ValueError("rating_weights: at least one aspect that is asked for needs a weight above 0")
        return self

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each aspect that is asked for, or was once and is named."""
        return dict.fromkeys(self.aspects, 1.0) | parse_weights(self.rating_weights)

    @field_validator("needed_skills")
    @classmethod
    def _can_be_needed(cls, value: dict[str, str]) -> dict[str, str]:
        try:
            needs.checked(value)
        except InvalidValue as error:
            raise ValueError(str(error)) from None
        return value

    def skilled_until(self, team: str | None, since: datetime) -> datetime:
        """Until when what began to wait then is kept for who has the skill."""
        wait = timedelta(minutes=self.skill_minutes)
        return self.hours_of(team).after(since, wait) or since + wait

    @field_validator("response_targets")
    @classmethod
    def _can_be_promised(cls, value: str) -> str:
        try:
            parse_targets(value)
        except InvalidValue as error:
            raise ValueError(str(error)) from None
        return value

    @property
    def targets(self) -> Targets:
        """What is promised to whom."""
        return parse_targets(self.response_targets)

    @property
    def pulls(self) -> bool:
        """Whether agents take the next by themselves."""
        return self.dispatch in ("both", "pull")

    @property
    def pushes(self) -> bool:
        """Whether conversations are given to agents."""
        return self.dispatch in ("both", "push")

    @property
    def handoff_notice(self) -> timedelta | None:
        """How long a hand-over may wait before anybody is reminded, or None."""
        return timedelta(minutes=self.handoff_notice_minutes) if self.handoff_notice_minutes else None

    @property
    def customer_silence(self) -> timedelta | None:
        """How long a replied conversation waits for its customer, or None."""
        return timedelta(hours=self.customer_silence_hours) if self.customer_silence_hours else None

    @property
    def first_reply(self) -> timedelta | None:
        """How long somebody may hold a conversation without a word, or None."""
        return timedelta(minutes=self.first_reply_minutes) if self.first_reply_minutes else None

    @property
    def handed_on(self) -> timedelta:
        """How long a conversation waits for the one absent person it was handed on to."""
        return timedelta(minutes=self.handed_on_minutes)

    def kept_until(self, team: str | None, now: datetime) -> datetime:
        """Until when it waits for them alone that is handed on now: outside the team's hours nothing passes."""
        return self.hours_of(team).after(now, self.handed_on) or now + self.handed_on

    @property
    def scored_at(self) -> time | None:
        """At which time of day all customers are scored, or None."""
        return time.fromisoformat(self.scores_at) if self.scores_at else None

    @property
    def retention(self) -> timedelta | None:
        """The age at which resolved conversations go, or None."""
        return timedelta(days=self.retention_days) if self.retention_days else None
