"""How careful the traffic of the last days asks the bot to be, for each script a shelf reads."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from crm_store import traffic
from crm_store.session import Session
from knowledge_base.index import KnowledgeIndex
from knowledge_base.short import expected_share
from knowledge_base.text import Script, normalise, script_of
from knowledge_base.traffic import ANSWERS, QUESTIONS, Needed, Seen, needed

_WORDS_LAST: Final = timedelta(days=30)

Asked = Sequence[tuple[str, float]]
Told = Sequence[tuple[str, bool]]


async def look(session: Session, now: datetime) -> tuple[Asked, Told]:
    """The newest questions with confidences, and the newest words on whether answers helped."""
    asked = await traffic.newest_questions(session, QUESTIONS)
    return asked, await traffic.newest_words(session, now - _WORDS_LAST, ANSWERS)


def thresholds(index: KnowledgeIndex, asked: Asked, told: Told) -> dict[Script, Needed]:
    """What answers and lists need in this traffic, by script."""
    found: dict[Script, Needed] = {}
    for script, shelf in index.shelves.items():
        seen = Seen().and_asked(
            [confidence for text, confidence in asked if _is_read_by(index, text, script)]
        )
        seen = seen.and_told([helped for text, helped in told if _is_read_by(index, text, script)])
        calibration = shelf.calibration
        expected = expected_share(len(shelf.keys))
        found[script] = needed(calibration.profile, seen, expected, calibration.promise.budget)
    return found


def _is_read_by(index: KnowledgeIndex, text: str, script: Script) -> bool:
    own = script_of(normalise(text))
    return own == script or (own not in index.shelves and next(iter(index.shelves)) == script)
