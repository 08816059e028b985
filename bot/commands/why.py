"""Why a question was decided as it was, in words for people."""

from collections.abc import Sequence

from knowledge_base.explaining import Explanation, WordWeight
from knowledge_base.reasons import REASONS

SHOWN_WORDS = 6
LEAST = 0.005
"""A weight that would be shown as 0.00 says nothing."""


def told(explanation: Explanation) -> list[str]:
    """The explanation, a line for each thing that counted."""
    e = explanation
    lines = [f"because      {REASONS[e.rule]}"]
    if e.best is not None:
        lines.append(f"confidence   {e.best.confidence:.2f}, and an answer needs {e.threshold:.2f}")
        lines.append(f"nearest      “{e.best.phrasing}”  [{e.best.article_key}]")
        lines.append(f"spoke for    {_words(e.for_best)}")
    if e.runner_up is not None:
        lines.append(f"next         “{e.runner_up.phrasing}”  [{e.runner_up.article_key}]")
        lines.append(f"told apart   {_words(e.against_runner_up)}  (together {e.gap:+.2f})")
    if e.unknown_words:
        lines.append(f"new words    {', '.join(e.unknown_words)}")
    return lines


def _words(weights: Sequence[WordWeight]) -> str:
    shown = [f"{w.word} {w.weight:+.2f}" for w in weights[:SHOWN_WORDS] if abs(w.weight) >= LEAST]
    return ", ".join(shown) or "nothing"
