"""Which skill a conversation needs: rules, and what is true of it."""

import pytest

from crm_store import needs
from crm_store.errors import InvalidValue
from crm_store.needs import Need
from crm_store.settings import StoreSettings

RULES = {
    "article Return-Slip": "labels",
    "Category Returns": "returns",
    "tag  VIP Customer": "key accounts",
    "attribute Product = Router": "networks",
    "attribute is late=true": "complaints",
}


@pytest.mark.parametrize(("facts", "found"), [
    ([], None),
    (needs.of_article("other", "delivery"), None),
    (needs.of_article("other", "returns"), Need("returns", "category returns")),
    (needs.of_article("other", "returns / EU / parcel"), Need("returns", "category returns")),
    (needs.of_article("other", "eu/returns"), None),  # below another category it is another one
    (needs.of_article("return-slip", "returns"), Need("labels", "article return-slip")),
    (needs.of_labels(["vip customer"], {}), Need("key accounts", "tag vip customer")),
    (needs.of_labels(["vip"], {"product": "routers"}), None),
    (needs.of_labels([], {"PRODUCT": "router"}), Need("networks", "attribute product=router")),
    (needs.of_labels([], {"is late": True}), Need("complaints", "attribute is late=true")),
    (needs.of_labels(["vip customer"], {"product": "router"}), Need("key accounts", "tag vip customer")),
])  # fmt: skip
def test_the_first_rule_that_applies_counts(facts: list[str], found: Need | None) -> None:
    assert needs.need(RULES, facts) == found


@pytest.mark.parametrize(
    "wrong", ["returns", "category", "attribute product", "attribute =x", "segment gold"]
)
def test_a_condition_that_can_never_be_true_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidValue, match="is no condition"):
        needs.checked({wrong: "x"})
    with pytest.raises(ValueError, match="is no condition"):
        StoreSettings(needed_skills={wrong: "x"})


def test_a_rule_names_a_skill() -> None:
    for skill in ("", " ", "x" * 65):
        with pytest.raises(InvalidValue, match="is no skill"):
            needs.checked({"tag a": skill})
