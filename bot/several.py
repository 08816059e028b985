"""What is done about several questions in one message. Pure.

Which they are, `clauses.py` tells: what leans on the one before it ("and who made it?") is no question of its own.
Each is treated as if it stood alone: answered, or said not to be known, with a list or with a person. Where none is
answered, and something is found for all of them, they share one list.
"""

from bot.events import AskedSeveral, Candidate, Choice, Doubt, Effect, GiveAnswer, KeepGap, Say

WITH_LIST = "unsure_about_list"
WITHOUT = "unsure_about"


def effects_of(
    event: AskedSeveral, after_list: tuple[Choice, ...], otherwise: tuple[Choice, ...]
) -> tuple[Effect, ...]:
    """The answers, then what is not sure; `after_list` ends every list, `otherwise` are the ways on without one."""
    answers = tuple(
        GiveAnswer(
            part.candidate.article_key, part.candidate.language, part.candidate.confidence, asked=part.text
        )
        for part in event.answered
    )
    doubts = tuple(effect for doubt in event.doubtful for effect in _doubted(doubt, after_list, otherwise))
    if not event.offered:
        return (*answers, *doubts)
    offered = tuple(offer_of(part.candidate, part.text) for part in event.offered)
    kept = KeepGap("not_chosen", tuple(part.candidate for part in event.offered))
    return (*answers, Say("several_found", (*offered, *after_list)), kept, *doubts)


def _doubted(
    doubt: Doubt, after_list: tuple[Choice, ...], otherwise: tuple[Choice, ...]
) -> tuple[Effect, ...]:
    if not doubt.candidates:
        return KeepGap("unknown", asked=doubt.asked), Say(WITHOUT, otherwise, doubt)
    offered = tuple(offer_of(each, doubt.asked) for each in doubt.candidates)
    kept = KeepGap("not_chosen", tuple(doubt.candidates), asked=doubt.asked)
    return Say(WITH_LIST, (*offered, *after_list), doubt), kept


def offer_of(candidate: Candidate, asked: str | None = None) -> Choice:
    """The button that bears an article's title; `asked` where it is not the whole message that asks for it."""
    action = {"do": "article", "key": candidate.article_key, "language": candidate.language}
    part = {} if asked is None else {"asked": asked}
    return Choice(candidate.question, {**action, **part}, literal=True)
