"""Settings of after-sales cases: in how many days each kind is to be settled."""

from pydantic import Field

from crm_store.base_settings import Settings
from crm_store.case_states import CaseKind

MOST_DAYS = 366
_HOW = "counting days on which people are there; for cases opened from then on."


class CaseSettings(Settings):
    """The periods, one for each kind."""

    return_days: int = Field(
        14, ge=1, le=MOST_DAYS, description=f"Within so many days a return is settled, {_HOW}"
    )
    refund_days: int = Field(
        7, ge=1, le=MOST_DAYS, description=f"Within so many days a refund is settled, {_HOW}"
    )
    repair_days: int = Field(
        30, ge=1, le=MOST_DAYS, description=f"Within so many days a repair is settled, {_HOW}"
    )
    follow_up_days: int = Field(
        2, ge=1, le=MOST_DAYS, description=f"Within so many days a low rating is followed up, {_HOW}"
    )

    def days_for(self, kind: CaseKind) -> int:
        """In how many days a case of this kind is to be settled."""
        days: int = getattr(self, f"{kind.value}_days")
        return days
