"""Customers: found, created, changed, exported, deleted."""

from admin_api.contract import Context, Reply
from admin_api.handlers.conversations import showing
from admin_api.paging import Page, PageQuery, last_id, paged
from admin_api.patching import patched
from admin_api.schemas.base import IdPath
from admin_api.schemas.conversations import ConversationShown
from admin_api.schemas.customers import (
    CustomerFields,
    CustomerQuery,
    CustomerShown,
    CustomerWithIdentities,
    ErasedShown,
    ExportShown,
    IdentitiesShown,
    IdentityShown,
)
from admin_api.versions import IfMatch, check, etag
from crm_store import conversations, customers, desk, privacy, signals
from crm_store.errors import StoreUnusable
from crm_store.lifecycle import Status
from crm_store.models.customers import Customer
from crm_store.session import Session
from crm_store.signals import Topic


def told(customer: Customer) -> Reply[CustomerShown]:
    """The customer with their version as ETag."""
    return Reply(CustomerShown.model_validate(customer), etag(customer.version))


async def listing(context: Context, query: CustomerQuery) -> Reply[Page[CustomerShown]]:
    """Customers by id, or those a search finds; merged records and the staff's own are left out."""
    after = last_id(context, query) or 0
    async with context.read() as session:
        found = await customers.page(session, query=query.q, after=after, limit=query.limit + 1)
    return paged(context, query, found.customers, CustomerShown.model_validate, lambda row: [row.id])


async def create(context: Context, body: CustomerFields) -> Reply[CustomerShown]:
    """Add a customer."""
    async with context.write() as session:
        customer = await customers.create(session, body.changes(), now=context.now)
        await context.audit(session, f"customer:{customer.id}")
    answer = told(customer)
    answer.headers["Location"] = f"/api/v1/customers/{customer.id}"
    return answer


async def read(context: Context, path: IdPath) -> Reply[CustomerWithIdentities]:
    """A customer with their addresses on channels."""
    async with context.read() as session:
        customer = await customers.get(session, path.id)
        found = await customers.identities(session, [path.id])
    identities = [IdentityShown.model_validate(one) for one in found[path.id]]
    fields = CustomerShown.model_validate(customer).model_dump()
    return Reply(CustomerWithIdentities(**fields, identities=identities), etag(customer.version))


async def change(
    context: Context, path: IdPath, headers: IfMatch, body: CustomerFields
) -> Reply[CustomerShown]:
    """Change some fields, and of the attributes those named; with If-Match only if nobody else did meanwhile."""
    values = body.changes()
    async with context.write() as session:
        customer = await customers.get(session, path.id)
        check(headers, customer.version)
        was = {name: getattr(customer, name) for name in values}
        if "attributes" in values:
            values["attributes"] = patched(customer.attributes, values["attributes"])
        if values:
            customer = await customers.update_fields(
                session, path.id, values, now=context.now, version=customer.version
            )
            await _show_anew(context, session, path.id)
        if values.get("profiling_allowed") is False:
            await privacy.allow_profiling(session, path.id, allowed=False, now=context.now)
            customer = await customers.get(session, path.id)
        changed = sorted(name for name in values if getattr(customer, name) != was[name])
        if changed:
            await context.audit(session, f"customer:{path.id}", changed=changed)
    return told(customer)


async def _show_anew(context: Context, session: Session, customer_id: int) -> None:
    """Have the cards and desks that show the customer show what is said of them now."""
    for one in await conversations.page(session, customer_id=customer_id):
        if one.status != Status.RESOLVED:
            await desk.post(session, one, "card", now=context.now)
    signals.notify(session, Topic.CONVERSATIONS)


async def remove(context: Context, path: IdPath, headers: IfMatch) -> Reply[None]:
    """Delete a record. To fulfil a person's wish use erase, which backups respect too."""
    async with context.write() as session:
        check(headers, (await customers.get(session, path.id)).version)
        await customers.remove(session, path.id)
        await context.audit(session, f"customer:{path.id}")
    return Reply(None)


async def identities(context: Context, path: IdPath) -> Reply[IdentitiesShown]:
    """A customer's addresses on channels."""
    async with context.read() as session:
        await customers.get(session, path.id)
        found = await customers.identities(session, [path.id])
    return Reply(IdentitiesShown(items=[IdentityShown.model_validate(one) for one in found[path.id]]))


async def talks(context: Context, path: IdPath, query: PageQuery) -> Reply[Page[ConversationShown]]:
    """A customer's conversations, newest first."""
    before = last_id(context, query)
    async with context.read() as session:
        await customers.get(session, path.id)
        rows = await conversations.page(session, customer_id=path.id, before_id=before, limit=query.limit + 1)
        show = await showing(context, session)
    return paged(context, query, rows, show, lambda row: [row.id])


async def export(context: Context, path: IdPath) -> Reply[ExportShown]:
    """Everything kept of a person (Art. 15 and 20 GDPR), merged records included."""
    async with context.read() as session:
        found = await privacy.export_person(session, path.id, now=context.now)
    async with context.write() as session:
        await context.audit(session, f"customer:{path.id}")
    return Reply(ExportShown.model_validate(found))


async def erase(context: Context, path: IdPath) -> Reply[ErasedShown]:
    """Erase a person (Art. 17 GDPR): everything goes, and a restored backup forgets them again."""
    async with context.write() as session:
        gone = await privacy.erase_person(
            session, path.id, now=context.now, erased_by=context.caller.name, wish=context.wish
        )
        await context.audit(session, f"customer:{path.id}", rows=gone.rows)
    await context.services.files.remove(gone.files)
    try:
        await privacy.scrub(context.services.store)
        scrubbed = True
    except StoreUnusable:  # somebody reads just now; the next erasure or backup empties the log
        scrubbed = False
    return Reply(ErasedShown(customer_ids=list(gone.customer_ids), rows=gone.rows, scrubbed=scrubbed))
