"""Customers, their merges and their orders."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from admin_api.paging import PageQuery
from admin_api.schemas.base import Asked, Moment, RowId, Shown, Written
from crm_store.bans import MAX_REASON
from crm_store.customer_fields import LONGEST, OLDEST
from crm_store.customers import MAX_QUERY

MOST_MONEY = 10**12
Amount = Annotated[Decimal, Field(ge=-MOST_MONEY, le=MOST_MONEY, decimal_places=4)]


class CustomerQuery(PageQuery):
    """Which customers."""

    q: str | None = Field(
        None,
        max_length=MAX_QUERY,
        description="In name, e-mail, phone, external id or an address on a channel",
    )


class CustomerFields(Written):
    """What may be said of a customer; null empties a field."""

    external_id: str | None = Field(
        None, max_length=LONGEST["external_id"], description="In the shop's books"
    )
    name: str | None = Field(None, max_length=LONGEST["name"])
    email: str | None = Field(None, max_length=LONGEST["email"])
    phone: str | None = Field(None, max_length=LONGEST["phone"])
    age: int | None = Field(None, ge=0, le=OLDEST)
    gender: str | None = Field(None, max_length=LONGEST["gender"])
    address: str | None = Field(None, max_length=LONGEST["address"])
    language: str | None = Field(None, max_length=LONGEST["language"])
    attributes: dict[str, Any] | None = Field(
        None, description="At most 50 of your own; those named are set, null removes one, the others stay"
    )
    profiling_allowed: bool | None = Field(None, description="False: neither scored nor segmented any more")
    referred_by_id: RowId | None = None

    def changes(self) -> dict[str, Any]:
        """Fields and their new values; null leaves attributes and profiling as they are."""
        named = self.model_dump(exclude_unset=True)
        stays = ("attributes", "profiling_allowed")
        return {name: value for name, value in named.items() if value is not None or name not in stays}


class BanBody(Written):
    """Why a customer is served no more, and until when."""

    reason: str = Field(min_length=1, max_length=MAX_REASON)
    until: Moment | None = Field(None, description="When the ban ends by itself; left out, it does not")
    is_shadow: bool = Field(
        False,
        description="They are not told; what they write is kept, marked 'shadowed', and nobody hears of it",
    )


class IdentityShown(Shown):
    """An address on a channel."""

    id: int
    channel: str
    address: str
    display_name: str | None
    username: str | None
    language: str | None
    is_reachable: bool
    created_at: datetime
    last_seen_at: datetime


class CustomerShown(Shown):
    """A person."""

    id: int
    external_id: str | None
    name: str | None
    email: str | None
    phone: str | None
    age: int | None
    gender: str | None
    address: str | None
    language: str | None
    attributes: dict[str, Any]
    profiling_allowed: bool
    is_demo: bool
    referred_by_id: int | None
    merged_into_id: int | None
    banned_at: datetime | None
    banned_by: str | None
    ban_reason: str | None
    banned_until: datetime | None
    ban_is_shadow: bool | None
    order_count: int
    order_amount: Decimal
    last_order_at: datetime | None
    created_at: datetime
    updated_at: datetime
    last_seen_at: datetime | None
    version: int


class CustomerWithIdentities(CustomerShown):
    """A person with their addresses on channels."""

    identities: list[IdentityShown]


class IdentitiesShown(Shown):
    """All addresses of a person."""

    items: list[IdentityShown]


class ExportShown(Shown):
    """Everything kept of a person: table name to rows."""

    customer_ids: list[int]
    exported_at: str
    tables: dict[str, list[dict[str, Any]]]


class ErasedShown(Shown):
    """What an erasure removed; `scrubbed` is false while the words may still be readable in the database's files."""

    customer_ids: list[int]
    rows: dict[str, int]
    scrubbed: bool


class MergeBody(Written):
    """Which record becomes part of the one in the address."""

    merged_id: RowId


class MergedShown(Shown):
    """A merge: its number, for undoing it, and what moved."""

    merge_id: int
    rows: dict[str, int]


class MergeShown(Shown):
    """One merge of two records."""

    id: int
    kept_id: int
    merged_id: int
    merged_at: datetime
    merged_by: str
    undone_at: datetime | None


class MergesShown(Shown):
    """The merges a record took part in, newest first."""

    items: list[MergeShown]


class DuplicatesQuery(Asked):
    """Of whom, and how many."""

    customer_id: RowId | None = None
    limit: int = Field(50, ge=1, le=200)


class DuplicateShown(Shown):
    """Two records that look like one person."""

    first_id: int
    second_id: int
    reasons: list[str]


class DuplicatesShown(Shown):
    """The likeliest first."""

    items: list[DuplicateShown]


class NewLine(Written):
    """One line of an order; a negative quantity is taken back."""

    sku: str = Field(min_length=1, max_length=64)
    quantity: int = Field(ge=-(10**9), le=10**9)
    unit_price: Amount
    description: str | None = Field(None, max_length=256)


class NewOrder(Written):
    """An order to record; a negative amount makes it a return."""

    number: str = Field(min_length=1, max_length=64)
    amount: Amount
    placed_at: Moment
    source: str = Field("", max_length=64, description="Whose number it is, such as a shop's name")
    status: str = Field("placed", min_length=1, max_length=32)
    currency: str = Field("EUR", pattern="^[A-Z]{3}$")
    tracking: str | None = Field(None, max_length=256)
    lines: list[NewLine] = Field([], max_length=1000)


class OrderChange(Written):
    """What became of it; a cancelled order is final."""

    status: str | None = Field(None, min_length=1, max_length=32)
    tracking: str | None = Field(None, max_length=256)


class OrderQuery(Asked):
    """By which number."""

    number: str = Field(min_length=1, max_length=64)


class LineShown(Shown):
    """One line of an order."""

    sku: str
    description: str | None
    quantity: int
    unit_price: Decimal


class OrderShown(Shown):
    """A purchase or a return."""

    id: int
    customer_id: int
    source: str
    number: str
    kind: str
    status: str
    currency: str
    amount: Decimal
    placed_at: datetime
    updated_at: datetime
    tracking: str | None


class OrderWithLines(OrderShown):
    """An order with its lines."""

    lines: list[LineShown]


class OrdersShown(Shown):
    """Orders of one number, from all sources."""

    items: list[OrderShown]
