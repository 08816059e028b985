"""What customers thought of the service."""

from admin_api.contract import Context, Reply
from admin_api.paging import Page, last_id, paged
from admin_api.schemas.base import IdPath
from admin_api.schemas.ratings import RatingQuery, RatingRequestShown, RatingShown
from crm_store import asking, ratings
from crm_store.models.ratings import Rating, RatingRequest


def shown(row: tuple[Rating, RatingRequest | None]) -> RatingShown:
    """The rating, with its stars (0 is one star, 100 five)."""
    rating, request = row
    return RatingShown(
        id=rating.id,
        customer_id=rating.customer_id,
        conversation_id=rating.conversation_id,
        agent_id=request.agent_id if request else None,
        aspect=rating.aspect,
        score=rating.score,
        stars=rating.score / 25 + 1,
        comment=request.comment if request else None,
        rated_at=rating.rated_at,
    )


async def listing(context: Context, query: RatingQuery) -> Reply[Page[RatingShown]]:
    """The newest first, of one customer or agent when asked."""
    async with context.read() as session:
        rows = await ratings.page(
            session,
            customer_id=query.customer_id,
            agent_id=query.agent_id,
            before_id=last_id(context, query),
            limit=query.limit + 1,
        )
    return paged(context, query, rows, shown, lambda row: [row[0].id])


async def ask(context: Context, path: IdPath) -> Reply[RatingRequestShown]:
    """Ask the customer for stars now; 409 says what speaks against it."""
    settings = context.services.rules
    async with context.write() as session:
        await context.agent(session)
        made = await asking.by_hand(session, path.id, now=context.now, settings=settings)
        await context.audit(session, f"conversation:{path.id}", rating_request_id=made.id)
    return Reply(RatingRequestShown.model_validate(made))
