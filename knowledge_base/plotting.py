"""The curves of an evaluation as a picture: SVG, readable without any library."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from knowledge_base.curves import Curves

_SIDE: Final = 320
_MARGIN: Final = 56
_STEPS: Final = 5
_LEAST_RISK: Final = 0.1
# Attributes, not a style sheet: a page's content policy may forbid one in a picture.
_FRAME: Final = 'fill="none" stroke="#999"'
_GRID: Final = 'stroke="#e5e5e5"'
_IDEAL: Final = 'stroke="#999" stroke-dasharray="4 4"'
_CURVE: Final = 'fill="none" stroke="#1a5fb4" stroke-width="2"'
_INTERVAL: Final = 'stroke="#1a5fb4" opacity=".5"'
_DOT: Final = 'fill="#1a5fb4"'
_BUDGET: Final = 'stroke="#c01c28" stroke-dasharray="4 4"'
_TEXT: Final = 'font-family="sans-serif" font-size="12" fill="#333"'


@dataclass(frozen=True, slots=True)
class Captions:
    """What is written beside the curves."""

    picture: str = "Confidence, and what came of it"
    reliability: str = "How sure it was, and how often right"
    confidence: str = "confidence"
    right: str = "right"
    risk: str = "Answered alone, and of these wrong"
    answered: str = "answered"
    wrong: str = "wrong"


ENGLISH: Final = Captions()


@dataclass(frozen=True, slots=True)
class _Frame:
    """A square drawing area whose left edge is at `left`, for values from 0 to 1 across and to `highest` up."""

    left: int
    highest: float

    def x(self, value: float) -> float:
        return round(self.left + value * _SIDE, 1)

    def y(self, value: float) -> float:
        return round(_MARGIN + (1 - min(value, self.highest) / self.highest) * _SIDE, 1)


def draw(curves: Curves, budget: float, captions: Captions = ENGLISH) -> str:
    """The reliability diagram and, beside it, wrong answers against answered questions with the budget."""
    left = _Frame(_MARGIN, 1.0)
    right = _Frame(_MARGIN * 3 + _SIDE, max(_LEAST_RISK, *(point.wrong for point in curves.risk), 0))
    width, height = right.left + _SIDE + _MARGIN, _SIDE + 2 * _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" {_TEXT}>',
        f"<title>{escape(captions.picture)}</title>",
        *_axes(left, captions.reliability, captions.confidence, captions.right),
        *_reliability(left, curves),
        *_axes(right, captions.risk, captions.answered, captions.wrong),
        *_risk(right, curves, budget),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _axes(frame: _Frame, title: str, across: str, up: str) -> Iterable[str]:
    bottom, top = _MARGIN + _SIDE, _MARGIN
    yield f'<rect {_FRAME} x="{frame.left}" y="{top}" width="{_SIDE}" height="{_SIDE}"/>'
    yield f'<text x="{frame.left}" y="{top - 24}" font-weight="bold">{escape(title)}</text>'
    yield f'<text x="{frame.left + _SIDE / 2}" y="{bottom + 38}" text-anchor="middle">{escape(across)}</text>'
    yield f'<text x="{frame.left - 6}" y="{top - 8}" text-anchor="end">{escape(up)}</text>'
    for step in range(_STEPS + 1):
        share = step / _STEPS
        x, y = frame.x(share), frame.y(share * frame.highest)
        yield f'<line {_GRID} x1="{frame.left}" y1="{y}" x2="{frame.left + _SIDE}" y2="{y}"/>'
        yield f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{share:.0%}</text>'
        yield f'<text x="{frame.left - 6}" y="{y + 4}" text-anchor="end">{share * frame.highest:.0%}</text>'


def _reliability(frame: _Frame, curves: Curves) -> Iterable[str]:
    yield f'<line {_IDEAL} x1="{frame.x(0)}" y1="{frame.y(0)}" x2="{frame.x(1)}" y2="{frame.y(1)}"/>'
    for each in curves.reliability:
        x = frame.x(each.confidence)
        yield f'<line {_INTERVAL} x1="{x}" y1="{frame.y(each.low)}" x2="{x}" y2="{frame.y(each.high)}"/>'
        yield f'<circle {_DOT} cx="{x}" cy="{frame.y(each.right)}" r="3"/>'
    yield _line(frame, [(each.confidence, each.right) for each in curves.reliability])


def _risk(frame: _Frame, curves: Curves, budget: float) -> Iterable[str]:
    y = frame.y(budget)
    yield f'<line {_BUDGET} x1="{frame.x(0)}" y1="{y}" x2="{frame.x(1)}" y2="{y}"/>'
    yield _line(frame, [(point.answered, point.wrong) for point in curves.risk])


def _line(frame: _Frame, points: Sequence[tuple[float, float]]) -> str:
    return f'<polyline {_CURVE} points="{" ".join(f"{frame.x(x)},{frame.y(y)}" for x, y in points)}"/>'
