"""A change of the articles tried on what the store knows of real questions, before it is published."""

from collections.abc import Sequence
from datetime import datetime

from bot.learning import articles_of
from crm_store.changes import Weighed
from knowledge_base.index import KnowledgeIndex
from knowledge_base.trial import GoldQuestion, Trial, tried


def tried_on(
    weighed: Weighed, thresholds: KnowledgeIndex, questions: Sequence[str] = (), *, now: datetime
) -> Trial:
    """The trial on these questions and on the gold set; it builds two indexes, which no event loop should wait for."""
    gold = [GoldQuestion(each.question, each.article_key, each.agrees) for each in weighed.gold]
    present, proposed = articles_of(weighed.present), articles_of(weighed.proposed)
    return tried(present, proposed, thresholds, gold, questions, now=now)
