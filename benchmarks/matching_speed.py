"""What a question costs: ours from raw text to a calibrated decision, beside ways to find the nearest phrasing.

    python -m benchmarks.matching_speed [--long] [--json]

Every engine learns and is asked in a process of its own, on one core, at BANKING77's 8,159 phrasings and at made-up
knowledge bases of 1,000, 10,000 and 100,000 (`--long`: 1,000,000) that have BANKING77's articles and words. Each
question is asked once. `build_s` and `memory_mb` are from the texts to the first answer; `cpu_us` is a question's
processor time alone, `batch_us` in batches of 64. What is not installed is left out, and said.
"""

import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"

from benchmarks.bars import Bar, judged  # noqa: E402
from benchmarks.datasets import dataset  # noqa: E402
from benchmarks.matching_engines import ENGINES, Rows  # noqa: E402

REAL: Final = 8_159
SIZES: Final = (1_000, REAL, 10_000, 100_000)
LONG: Final = 1_000_000
BATCH: Final = 64
WITHIN_S: Final = {False: 120, True: 3_600}
"""How long an engine may take for a size."""
ASKED_FOR_S: Final = 8.0
BARS: Final = (
    Bar("p50_ms", at_most=0.1, ends=False),
    Bar("batch_us", at_most=40, ends=False),
    Bar("to_sklearn", at_least=20, ends=False),
    Bar("longest_input_ms", at_most=15, ends=False),
)


def phrasings(size: int) -> Rows:
    """BANKING77's, or as many made from them: two halves of an article's phrasings, now and then with a new word."""
    with dataset("banking77/articles.csv").open(encoding="utf-8", newline="") as file:
        real = [(row["text"], row["article"]) for row in csv.DictReader(file)]
    draw = random.Random(size)
    if size <= REAL:
        return real if size == REAL else draw.sample(real, size)
    return list(_made(real, size, draw))


def _made(real: Rows, size: int, draw: random.Random) -> Iterator[tuple[str, str]]:
    by_article: dict[str, list[list[str]]] = {}
    for text, article in real:
        by_article.setdefault(article, []).append(text.split())
    articles = sorted(by_article)
    for _ in range(size):
        article = draw.choice(articles)
        one, other = draw.choice(by_article[article]), draw.choice(by_article[article])
        words = one[: len(one) // 2 + 1] + other[len(other) // 2 :]
        if draw.random() < 0.3:  # names and numbers: few of them are met again
            words.insert(
                draw.randrange(len(words) + 1), f"{draw.choice(words)}{int(draw.paretovariate(0.5))}"
            )
        yield " ".join(words), article


def questions() -> list[tuple[str, str]]:
    """What BANKING77's customers ask, in an order of its own."""
    with dataset("banking77/questions.csv").open(encoding="utf-8", newline="") as file:
        asked = [(row["text"], row["article"]) for row in csv.DictReader(file)]
    random.Random(1).shuffle(asked)
    return asked


def measure_one(engine: str, size: int) -> dict[str, float]:
    """One engine's figures at one size; runs in a process of its own."""
    rows, asked = phrasings(size), questions()
    before, began = _memory_mb(), time.perf_counter()
    ask = ENGINES[engine](rows)
    ask([asked[0][0]])
    found = {"build_s": time.perf_counter() - began, "memory_mb": _memory_mb() - before}
    warm, single, batched = asked[:50], asked[50:900], asked[900:]
    for text, _ in warm:
        ask([text])
    times, right = [], 0
    cpu, until = time.process_time(), time.perf_counter() + ASKED_FOR_S
    for text, article in single:
        start = time.perf_counter()
        [answer] = ask([text])
        times.append(time.perf_counter() - start)
        right += answer == article
        if start > until:
            break
    found |= {
        "cpu_us": (time.process_time() - cpu) / len(times) * 1e6,
        "p50_ms": sorted(times)[len(times) // 2] * 1e3,
        "p99_ms": sorted(times)[int(len(times) * 0.99)] * 1e3,
        "first_right": right / len(times),
    }
    cpu, done, until = time.process_time(), 0, time.perf_counter() + ASKED_FOR_S
    for low in range(0, len(batched) - BATCH + 1, BATCH):
        ask([text for text, _ in batched[low : low + BATCH]])
        done += BATCH
        if time.perf_counter() > until:
            break
    found["batch_us"] = (time.process_time() - cpu) / done * 1e6
    if engine == "ours":
        found["longest_input_ms"] = max(_costs_ms(ask, longest_inputs()))
    return found


def longest_inputs() -> list[str]:
    """Texts of 4,096 characters, each of a kind that is dear for some step."""
    words = " ".join(text for text, _ in questions())
    return [
        "x" * 4096,
        "ab " * 1366,
        " ".join(f"w{number}" for number in range(820))[:4096],
        words[:4096],
        "é" * 4096,
        "的" * 4096,
        "ﷺ" * 4096,
        "!?" * 2048,
    ]


def _costs_ms(ask: Any, texts: Sequence[str]) -> Iterator[float]:
    for text in texts:
        cpu = time.process_time()
        ask([text])
        yield (time.process_time() - cpu) * 1e3


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(*, long: bool = False, sizes: Sequence[int] = SIZES) -> dict[str, Any]:
    """Every engine at every size, and the bars at BANKING77's own."""
    found: dict[str, Any] = {"sizes": {}, "skipped": {}}
    for size in (*sizes, *((LONG,) if long else ())):
        at_size: dict[str, Any] = {}
        for engine in ENGINES:
            told = _in_own_process(engine, size, WITHIN_S[long])
            if isinstance(told, str):
                found["skipped"][f"{engine} at {size}"] = told
            else:
                at_size[engine] = {name: round(value, 4) for name, value in told.items()}
        found["sizes"][str(size)] = at_size
    real = found["sizes"].get(str(REAL), {})
    if "ours" in real:
        found |= {name: real["ours"][name] for name in ("p50_ms", "p99_ms", "batch_us", "longest_input_ms")}
        if "sklearn" in real:
            found["to_sklearn"] = round(real["sklearn"]["cpu_us"] / real["ours"]["cpu_us"], 2)
    return {**found, **judged(found, BARS)}


def _in_own_process(engine: str, size: int, within_s: int) -> dict[str, float] | str:
    command = [sys.executable, "-m", "benchmarks.matching_speed", "--engine", engine, "--size", str(size)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=within_s, check=False)
    except subprocess.TimeoutExpired:
        return f"not done within {within_s} s"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["it was ended"])[-1]
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def table(found: dict[str, Any]) -> Iterator[str]:
    """The figures for people."""
    names = ("build_s", "memory_mb", "cpu_us", "p50_ms", "p99_ms", "batch_us", "first_right")
    for size, engines in found["sizes"].items():
        yield f"{int(size):>9,} phrasings " + "".join(f"{name:>12}" for name in names)
        for engine, figures in engines.items():
            yield f"  {engine:18} " + "".join(f"{figures[name]:12,.3f}" for name in names)
    yield from (f"left out: {what}: {why}" for what, why in found["skipped"].items())
    for name, bar in found["bars"].items():
        yield f"{name:18} {found[name]:10,.3f}   {bar}   {'holds' if found['held'][name] else 'MISSED'}"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--long", action="store_true", help="at 1,000,000 phrasings, too")
    parser.add_argument("--sizes", help="only these, separated by commas")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--engine", choices=ENGINES, help="one engine's figures alone, with --size")
    parser.add_argument("--size", type=int, default=REAL)
    given = parser.parse_args()
    if given.engine:
        print(json.dumps(measure_one(given.engine, given.size)))
        return
    sizes = [int(size) for size in given.sizes.split(",")] if given.sizes else SIZES
    found = measure(long=given.long, sizes=sizes)
    print(json.dumps(found) if given.json else "\n".join(table(found)))


if __name__ == "__main__":
    main()
