"""What a benchmark's figures are held against, and the machine they come from."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure's bar; `reach` is what a trial of the design got to, on another machine."""

    name: str
    at_least: float | None = None
    at_most: float | None = None
    reach: str = ""

    def holds(self, figure: float) -> bool:
        """Whether the figure is on the right side."""
        above = self.at_least is None or figure >= self.at_least
        return above and (self.at_most is None or figure <= self.at_most)

    def __str__(self) -> str:
        sign, limit = ("<=", self.at_most) if self.at_least is None else (">=", self.at_least)
        return f"{sign} {limit:,g}"


def table(figures: Mapping[str, float], bars: Sequence[Bar]) -> str:
    """A line for each figure: its bar and whether it holds, where it has one."""
    by_name = {bar.name: bar for bar in bars}
    lines = []
    for name, figure in figures.items():
        bar = by_name.get(name)
        judged = f"{bar!s:>12}  {'holds' if bar.holds(figure) else 'MISSED':6} {bar.reach}" if bar else ""
        lines.append(f"{name:26}{figure:14,.2f}  {judged}".rstrip())
    return "\n".join(lines)


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
