"""What the forms of a case bring, read into what is to change; what does not fit is told in the reader's words."""

from collections.abc import Mapping
from typing import Literal

from admin_api.desk.case_acts import TEAM
from admin_api.desk.forms import Form
from admin_api.desk.texts import Words
from admin_api.problems import ApiError
from admin_api.schemas.cases import CaseWithHistory
from crm_store.amounts import parse_amount, parse_currency, typed
from crm_store.case_states import CaseKind
from crm_store.errors import InvalidValue


class MoneyForm(Form):
    """An amount as it was typed."""

    amount: str = ""
    currency: str = ""


class NewForm(MoneyForm):
    """A case to open for the customer of a conversation."""

    conversation_id: int
    kind: CaseKind
    order_id: int | None = None
    reason: str = ""


class ChangeForm(MoneyForm):
    """A step, and what is set with it; `version` is the one that was read."""

    version: int
    state: str = ""
    note: str = ""
    owner_id: str = ""
    """A number, or team:NAME where nobody owns it; `team:` for anybody."""
    due_at: str = ""
    told: str | None = None
    reason: str = ""
    order_id: int | None = None
    whole: Literal["", "yes"] = ""
    """Whether all fields were there to be filled in: then what is empty was emptied."""


def money(form: MoneyForm, words: Words) -> dict[str, object]:
    """Amount and currency; both None without an amount. ApiError says what is wrong."""
    if not form.amount:
        return {"amount": None, "currency": None}
    try:
        amount = parse_amount(form.amount, form.currency.strip().upper())
    except InvalidValue:
        raise ApiError(422, words("cases.no_amount", typed=form.amount[:40])) from None
    if not form.currency:
        raise ApiError(422, words("cases.currency_missing"))
    try:
        return {"amount": str(amount), "currency": parse_currency(form.currency)}
    except InvalidValue:
        raise ApiError(422, words("cases.no_currency", typed=form.currency[:40])) from None


def changed(form: ChangeForm, before: CaseWithHistory, words: Words) -> dict[str, object]:
    """What the form sets that is otherwise now, but for step and deadline; empty fields count where all were shown."""
    given: dict[str, object] = {} if form.told is None else {"told": form.told}
    given |= _owner(form.owner_id)
    if form.whole:
        given |= {"order_id": form.order_id}
    if form.whole and before.rating_request_id is None:  # else the reason is the customer's own comment
        given |= {"reason": form.reason}
    if form.whole and before.kind is not CaseKind.FOLLOW_UP:
        given |= {"told": form.told or ""}
        if (form.amount, form.currency) != (typed(before.amount, before.currency), before.currency or ""):
            given |= money(form, words)
    return _other(given, before)


def _owner(choice: str) -> dict[str, object]:
    """Whose it is to be: somebody's, or a team's; nothing where nothing was chosen."""
    if choice.startswith(TEAM):
        return {"owner_id": None, "team": choice.removeprefix(TEAM) or None}
    if not choice:
        return {}
    is_number = choice.isascii() and choice.isdigit()
    return {"owner_id": int(choice) if is_number else choice, "team": None}


def _other(given: Mapping[str, object], before: CaseWithHistory) -> dict[str, object]:
    """Of these, what is otherwise now."""
    held = before.model_dump()
    return {name: value for name, value in given.items() if _shown(value) != _shown(held[name])}


def _shown(value: object) -> str:
    """As the form has it: what is empty there is None here, and 0 is neither."""
    return "" if value is None else str(value)
