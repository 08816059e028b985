"""After-sales cases: returns, refunds, repairs."""

from datetime import timedelta

from admin_api.contract import Context, Reply
from admin_api.paging import Page, last_id, paged
from admin_api.problems import ApiError
from admin_api.schemas.base import IdPath
from admin_api.schemas.cases import (
    CaseFields,
    CaseFiguresShown,
    CaseQuery,
    CaseReport,
    CaseShown,
    CaseSpan,
    CaseStepShown,
    CaseWithHistory,
    NewCase,
)
from admin_api.versions import IfMatch, check, etag
from crm_store import case_figures, service_cases
from crm_store.case_states import CaseKind, CaseState, following
from crm_store.models.casework import ServiceCase
from crm_store.service_cases import CaseDraft, CaseFilter
from crm_store.session import Session

SPAN = timedelta(days=30)


async def listing(context: Context, query: CaseQuery) -> Reply[Page[CaseShown]]:
    """The newest first, by kind, openness, owner, customer."""
    wanted = CaseFilter(query.kind, query.open, query.owner_id, query.customer_id, query.overdue)
    async with context.read() as session:
        rows = await service_cases.page(
            session, wanted, now=context.now, before_id=last_id(context, query), limit=query.limit + 1
        )
    return paged(context, query, rows, CaseShown.model_validate, lambda row: [row.id])


async def _whole(session: Session, row: ServiceCase) -> CaseWithHistory:
    steps = await service_cases.history(session, row.id)
    return CaseWithHistory(
        **CaseShown.model_validate(row).model_dump(),
        steps=[CaseStepShown.model_validate(step) for step in steps],
        next_states=list(following(CaseKind(row.kind), CaseState(row.state))),
    )


async def create(context: Context, body: NewCase) -> Reply[CaseWithHistory]:
    """Open a case; it is asked for, and due by the policy of its kind."""
    async with context.write() as session:
        agent = await context.agent(session)
        values = body.model_dump() | {"owner_id": body.owner_id or agent.id}
        row = await service_cases.open_case(
            session,
            CaseDraft(**values),
            actor=f"agent:{agent.id}",
            now=context.now,
            settings=context.services.rules,
        )
        await context.audit(session, f"case:{row.id}", kind=row.kind)
        told = await _whole(session, row)
    return Reply(told, etag(row.version))


async def read(context: Context, path: IdPath) -> Reply[CaseWithHistory]:
    """A case with its steps, and those that may follow."""
    async with context.read() as session:
        row = await service_cases.get(session, path.id)
        return Reply(await _whole(session, row), etag(row.version))


async def change(
    context: Context, path: IdPath, headers: IfMatch, body: CaseFields
) -> Reply[CaseWithHistory]:
    """Take a step, or set owner, deadline, what the customer is told."""
    values = body.model_dump(exclude_unset=True, exclude={"state", "note"})
    async with context.write() as session:
        agent = await context.agent(session)
        row = await service_cases.get(session, path.id, lock=True)
        check(headers, row.version)
        stepped = {"state"} if body.state not in (None, row.state) else set()
        was = service_cases.before(row, values.keys() | stepped)
        values |= {name: values[name] or "" for name in ("told", "reason") if name in values}
        await service_cases.change(
            session,
            row,
            values,
            state=body.state,
            note=body.note,
            actor=f"agent:{agent.id}",
            now=context.now,
            settings=context.services.rules,
        )
        changed = sorted(values.keys() | ({"note"} if body.note else set()))
        detail = {"changed": changed, "was": was, "state": row.state if stepped else None}
        await context.audit(session, f"case:{row.id}", **{name: one for name, one in detail.items() if one})
        told = await _whole(session, row)
    return Reply(told, etag(row.version))


async def report(context: Context, query: CaseSpan) -> Reply[CaseReport]:
    """Per kind: opened and closed in the span, deadlines kept and missed, how long it took; open and overdue now."""
    end = query.end or context.now
    start = query.start or end - SPAN
    if start >= end:
        raise ApiError(422, "start must lie before end", kind="span_order")
    async with context.read() as session:
        found = await case_figures.figures(session, start=start, end=end, now=context.now)
    return Reply(
        CaseReport(start=start, end=end, kinds=[CaseFiguresShown.model_validate(one) for one in found])
    )
