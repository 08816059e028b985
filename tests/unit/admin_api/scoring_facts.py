"""Facts of a few customers, for tests of whole-customer scoring."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from admin_api.scoring.customers import ScoringRules
from admin_api.scoring.facts import fact_columns, facts_frame

AS_OF = datetime(2026, 5, 1, tzinfo=UTC)
COLUMNS = fact_columns(ScoringRules().aspects)


def facts(*rows: dict[str, object]) -> pd.DataFrame:
    """Facts of customers 1, 2, 3 …, each a customer without anything unless told otherwise."""
    nothing = dict.fromkeys(COLUMNS, 0) | dict.fromkeys(
        ("first_order_at", "last_order_at", "referred_by", *COLUMNS[-3:])
    )
    told = [nothing | {"customer_id": number} | row for number, row in enumerate(rows, start=1)]
    return facts_frame([[row[name] for name in COLUMNS] for row in told], COLUMNS)


def bought(
    count: int, amount: float, variety: int, days_ago: float = 10, **more: object
) -> dict[str, object]:
    last = AS_OF - timedelta(days=days_ago)
    first = last - timedelta(days=count - 1)
    return {
        "order_count": count,
        "amount": amount,
        "variety": variety,
        "first_order_at": first,
        "last_order_at": last,
    } | more


def rated(product: float | None, service: float | None, price: float | None) -> dict[str, object]:
    return {"aspect_product_quality": product, "aspect_service_quality": service, "aspect_price": price}
