"""The benchmark of a message's path still runs, over three real bots; how fast they are is not asserted."""

from pathlib import Path

from benchmarks.bars import Bar, table
from benchmarks.message_path.__main__ import BARS
from benchmarks.message_path.measuring import Size, measure

ARTICLES = b"text,article,answer\n" + b"".join(
    f"{question},{key},All about {key}.\n".encode()
    for key in ("parcel", "refund", "invoice", "voucher")
    for question in (f"Where is my {key}?", f"Tell me about the {key}", f"I have a question on my {key}")
)


async def test_every_figure_is_measured(tmp_path: Path) -> None:
    articles = tmp_path / "articles.csv"
    articles.write_bytes(ARTICLES)
    size = Size(store_batches=1, rounds=1, ours=30, peers=5, rates=((30, 1),))
    found = await measure(size, articles, ["Where is my parcel?", "Tell me about the refund"])
    unmeasured = {"p99_ms_at_1000", "p999_ms_at_1000"}
    assert {bar.name for bar in BARS} - found.keys() == unmeasured
    assert all(figure > 0 for figure in found.values())


def test_a_figure_is_held_against_its_bar() -> None:
    bars = [Bar("fast", at_least=2), Bar("slow", at_most=2, reach="(trial 1)"), Bar("unasked", at_least=1)]
    fast, slow, other = table({"fast": 2.0, "slow": 2.5, "other": 1.0}, bars).splitlines()
    assert fast.split() == ["fast", "2.00", ">=", "2", "holds"]
    assert slow.split() == ["slow", "2.50", "<=", "2", "MISSED", "(trial", "1)"]
    assert other.split() == ["other", "1.00"]
