"""How the service did in a span of time."""

from datetime import datetime, timedelta

from admin_api.contract import Context, Reply
from admin_api.problems import ApiError
from admin_api.reporting import rated, share, times
from admin_api.satisfying import Rules, overall, satisfaction_report
from admin_api.schemas.reports import (
    AgentReport,
    AspectReport,
    ConversationsReport,
    FeedbackReport,
    PromiseReport,
    QuestionsReport,
    QueueReport,
    ReasonReport,
    ReportQuery,
    SatisfactionQuery,
    SatisfactionReport,
    Summary,
)
from crm_store import human_times, inbox, promises, reports, service_reports
from crm_store.session import Session
from crm_store.settings import StoreSettings

_USUAL_SPAN = timedelta(days=30)
_LONGEST_SPAN = timedelta(days=3660)


async def summary(context: Context, query: ReportQuery) -> Reply[Summary]:
    """Answered share, hand-offs, first response, resolution, CSAT, what each agent did."""
    start, end = span_of(context, query)
    async with context.read() as session:
        return Reply(await _summary(session, start, end, context.services.rules, context.now))


def span_of(context: Context, query: ReportQuery) -> tuple[datetime, datetime]:
    """From when until when; the last 30 days where nothing is said. ApiError 422 where that is no span."""
    end = query.end or context.now
    start = query.start or end - _USUAL_SPAN
    if not start < end <= start + _LONGEST_SPAN:
        told = "start must lie before end, and at most ten years before it"
        raise ApiError(422, told, kind="span_order")
    return start, end


def _rules(settings: StoreSettings) -> Rules:
    return Rules(settings.weights, settings.rating_shrinkage)


async def satisfaction(context: Context, query: SatisfactionQuery) -> Reply[SatisfactionReport]:
    """How content customers are: by agent, over time and by aspect, each with its interval and who did not answer."""
    start, end = span_of(context, query)
    async with context.read() as session:
        asked = await reports.asked_ratings(session, start, end)
        names = await inbox.agent_names(session)
    return Reply(satisfaction_report(asked, names, _rules(context.services.rules), query.period))


async def _summary(
    session: Session, start: datetime, end: datetime, settings: StoreSettings, now: datetime
) -> Summary:
    waits = await human_times.measured(session, start, end, settings.hours_of)
    reasons = await service_reports.handoff_reasons(session, start, end)
    agents = await service_reports.agents(session, start, end)
    days = await reports.ratings_by_day(session, start, end)
    asked = await reports.rating_requests(session, start, end)
    content = overall(await reports.asked_ratings(session, start, end), _rules(settings))
    return Summary(
        start=start,
        end=end,
        questions=await _questions(session, start, end),
        conversations=await _conversations(session, start, end),
        first_response=times(waits.first_responses),
        resolution=times(waits.resolutions),
        closed_unserved=waits.unserved,
        ratings=rated(asked, await reports.rated_resolutions(session, start, end), content),
        feedback=await _feedback(session, start, end),
        handoff_reasons=[ReasonReport.model_validate(row) for row in reasons],
        agents=[AgentReport.model_validate(row) for row in agents],
        ratings_by_day=[AspectReport.model_validate(row) for row in days],
        promises=[PromiseReport.model_validate(row) for row in await promises.shares(session, start, end)],
        queue=await _queue(session, settings, now),
    )


async def _queue(session: Session, settings: StoreSettings, now: datetime) -> QueueReport:
    found = await service_reports.queue_now(session, settings.calendars, now=now)
    longest = found.longest_wait.total_seconds() if found.longest_wait is not None else None
    return QueueReport(
        length=found.length, oldest_queued_at=found.oldest_queued_at, longest_wait_seconds=longest
    )


async def _questions(session: Session, start: datetime, end: datetime) -> QuestionsReport:
    found = await reports.questions(session, start, end)
    return QuestionsReport(**found._asdict(), answered_share=share(found.answered, found.asked))


async def _conversations(session: Session, start: datetime, end: datetime) -> ConversationsReport:
    found = await reports.conversations(session, start, end)
    return ConversationsReport(
        **found._asdict(),
        handoff_share=share(found.handed_off, found.with_question),
        deflection_rate=share(found.deflected, found.with_question),
    )


async def _feedback(session: Session, start: datetime, end: datetime) -> FeedbackReport:
    found = await reports.feedback(session, start, end)
    told = share(found.helped, found.helped + found.not_helped)
    return FeedbackReport(**found._asdict(), helped_share=told)
