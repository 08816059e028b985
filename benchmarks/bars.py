"""What a benchmark's figures are held against, how that is told, and the machine they come from.

Each command prints its figures with their bars beside them: `bars` (in words) and `held` (by name). A bar that was
missed ends the command with status 1, but for times and speeds that hang on the machine and on who else uses it:
these are only told (`ends=False`).
"""

import argparse
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure's bar; `reach` is what a trial of the design got to, on another machine."""

    name: str
    at_least: float | None = None
    at_most: float | None = None
    reach: str = ""
    ends: bool = True

    def holds(self, figure: float | None) -> bool:
        """Whether the figure is on the right side; None is what never came."""
        if figure is None:
            return False
        above = self.at_least is None or figure >= self.at_least
        return above and (self.at_most is None or figure <= self.at_most)

    def __str__(self) -> str:
        if self.at_most == 0:
            return "0"
        if self.at_least is True:
            return "true"
        sign, limit = ("<=", self.at_most) if self.at_least is None else (">=", self.at_least)
        return f"{sign} {limit:,g}"


def none_of(*names: str) -> tuple[Bar, ...]:
    """Bars for what must not be at all."""
    return tuple(Bar(name, at_most=0) for name in names)


def all_of(*names: str) -> tuple[Bar, ...]:
    """Bars for what must be so."""
    return tuple(Bar(name, at_least=True) for name in names)


def judged(figures: Mapping[str, Any], bars: Sequence[Bar]) -> dict[str, dict[str, Any]]:
    """`bars` and `held` of all that was measured, to stand beside the figures."""
    measured = [bar for bar in bars if bar.name in figures]
    return {
        "bars": {bar.name: str(bar) for bar in measured},
        "held": {bar.name: bar.holds(figures[bar.name]) for bar in measured},
    }


def missed(figures: Mapping[str, Any], bars: Sequence[Bar]) -> dict[str, str]:
    """What ends the command, in words: each figure with the bar that it misses."""
    measured = [bar for bar in bars if bar.ends and bar.name in figures]
    return {
        bar.name: f"{figures[bar.name]}, and has to be {bar}"
        for bar in measured
        if not bar.holds(figures[bar.name])
    }


def table(figures: Mapping[str, Any], bars: Sequence[Bar]) -> str:
    """A line for each figure: its bar and whether it holds, where it has one."""
    by_name = {bar.name: bar for bar in bars}
    lines = []
    for name, figure in figures.items():
        bar = by_name.get(name)
        verdict = f"{bar!s:>12}  {'holds' if bar.holds(figure) else 'MISSED':6} {bar.reach}" if bar else ""
        shown = f"{figure:14,.2f}" if isinstance(figure, float) else f"{figure!s:>14}"
        lines.append(f"{name:32}{shown}  {verdict}".rstrip())
    return "\n".join(lines)


def command_line(about: str | None) -> argparse.ArgumentParser:
    """What all these commands understand."""
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--json", action="store_true", help="print one JSON object")
    return made


def tell(figures: Mapping[str, Any], bars: Sequence[Bar], *, as_json: bool) -> int:
    """Print the figures with their bars; the command's exit status."""
    print(json.dumps({**figures, **judged(figures, bars)}) if as_json else table(figures, bars))
    return 1 if missed(figures, bars) else 0


def tell_parts(
    parts: Mapping[str, Mapping[str, Any]], bars: Sequence[Bar], *, as_json: bool, **more: Any
) -> int:
    """The same for several trials by name; `more` are figures of all together."""
    if as_json:
        print(json.dumps({name: {**found, **judged(found, bars)} for name, found in parts.items()} | more))
    else:
        print("\n\n".join(f"{name}\n{table(found, bars)}" for name, found in parts.items()))
    return 1 if any(missed(found, bars) for found in parts.values()) else 0


def machine() -> str:
    """Processor, cores, load and Python, in a line."""
    cpuinfo = Path("/proc/cpuinfo")
    names = [
        line.partition(":")[2].strip()
        for line in (cpuinfo.read_text().splitlines() if cpuinfo.exists() else ())
        if line.startswith("model name")
    ]
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    processor = names[0] if names else platform.processor()
    return f"{processor}, {os.cpu_count()} cores, load {load}; Python {platform.python_version()}"
