"""What the agents of the scripted morning do next."""

import pytest

from benchmarks.morning.manners import Does, Line, Side, next_act

HELLO = Line(Side.AGENT, "Hello, Noor here. Noor-016-0")
ASKED = Line(Side.CUSTOMER, "My lamp flickers (c016.0)")
ANSWERED = Line(Side.AGENT, "A new one leaves today. Noor-016-1")
FAREWELL = Line(Side.CUSTOMER, "That was all, bye (c016.end)")


@pytest.mark.parametrize(
    ("lines", "does"),
    [
        ((ASKED,), Does.REPLIES),
        ((HELLO, ASKED), Does.REPLIES),
        ((HELLO, ASKED, ANSWERED), Does.WAITS),
        ((HELLO, ASKED, ANSWERED, FAREWELL), Does.RESOLVES),
        ((HELLO, ASKED, FAREWELL, ANSWERED), Does.RESOLVES),
    ],
)
def test_who_said_farewell_is_waited_for_no_more(lines: tuple[Line, ...], does: Does) -> None:
    assert next_act(lines, "Noor", 16).does is does
