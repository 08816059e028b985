"""What a customer is told of their cases, in words. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from bot.texts import in_a_row, render
from crm_store.case_states import CaseTold


def money(amount: Decimal, currency: str) -> str:
    """A sum as a customer is told it."""
    return f"{abs(amount):.2f} {currency}".strip()


def worded(cases: Sequence[CaseTold], language: str, known: CaseTold | None = None) -> str:
    """A line for each case: what it is, its number and amount, where it stands since when, and what the agent wants to
    have told.

    Of the one whose state is `known` already only that last.
    """
    lines = []
    for case in cases:
        if case is known:
            lines += [case.told] if case.told else []
            continue
        lines.append(in_a_row(_line(case, language), case.told))
    return "\n".join(lines)


def _line(case: CaseTold, language: str) -> str:
    amount = "" if case.amount is None else money(case.amount, case.currency or "")
    beside = [
        render(language, "case_beside", what=what) if what else ""
        for what in (amount, f"{case.since:%Y-%m-%d}" if case.since else "")
    ]
    return render(
        language,
        "case_line",
        kind=render(language, f"case_{case.kind}"),
        number=f"{case.number}{beside[0]}",
        state=f"{render(language, f'case_{case.state}')}{beside[1]}",
    )
