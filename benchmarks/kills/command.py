"""Trials from the command line: their databases, their figures, and what is kept of one that failed."""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.bars import Bar, command_line, missed, none_of, tell
from benchmarks.databases import database, rows_of
from benchmarks.kills.askers import PER_SECOND
from benchmarks.kills.trial import LIFE_S, Trial, run
from benchmarks.kills.verdict import DUPLICATED, LOST, OUT_OF_ORDER

SOUND = none_of("lost", "duplicated", "out_of_order", "extra_without_cause", "false_alarms")
"""Nothing lost, nothing twice, order kept."""
AT_ONCE = 250
"""So many lives have a database and a Bot API server of their own, so that neither grows without end."""
KEPT_TABLES = (
    "message",
    "conversation",
    "identity",
    "desk_post",
    "seen_update",
    "parked_update",
    "rating_request",
)


@dataclass
class Figures:
    """The sum of all trials."""

    cycles: int = 0
    updates: int = 0
    lost: int = 0
    given_up: int = 0
    duplicated: int = 0
    out_of_order: int = 0
    extra_deliveries: int = 0
    extra_per_cycle: float = 0.0
    most_extras_of_a_chat_in_a_life: int = 0
    extra_without_cause: int = 0
    extra_after_faults: int = 0
    handoffs: int = 0
    stars: int = 0
    slowest_end_s: float = 0.0
    failed_ends: int = 0
    false_alarms: int = 0
    updates_per_s: float = 0.0
    seconds_per_cycle: float = 0.0

    def add(self, trial: Trial) -> None:
        """One more."""
        verdict, before = trial.verdict, self.cycles
        self.cycles += trial.lives
        self.updates += len(trial.server.updates)
        self.lost += verdict.count(LOST)
        self.given_up += verdict.given_up
        self.duplicated += verdict.count(DUPLICATED)
        self.out_of_order += verdict.count(OUT_OF_ORDER)
        self.extra_deliveries += verdict.extra
        self.extra_without_cause += verdict.unexplained
        self.extra_after_faults += verdict.after_faults
        most = max(verdict.by_kill.values(), default=0)
        self.most_extras_of_a_chat_in_a_life = max(self.most_extras_of_a_chat_in_a_life, most)
        self.handoffs += sum(story.deeds.handoffs for story in trial.stories)
        self.stars += sum(len(story.deeds.stars) for story in trial.stories)
        self.slowest_end_s = max(self.slowest_end_s, trial.slowest_end_s)
        self.failed_ends += trial.failed_ends
        self.false_alarms += trial.false_alarms
        rate = trial.askers.count / max(trial.askers.seconds, 0.001)
        share = trial.lives / max(1, self.cycles)
        self.updates_per_s = round(self.updates_per_s * (1 - share) + rate * share, 1)
        seconds = self.seconds_per_cycle * before + trial.seconds
        self.seconds_per_cycle = round(seconds / max(1, self.cycles), 3)
        self.extra_per_cycle = round(self.extra_deliveries / max(1, self.cycles), 3)


def trials(
    cycles: int, url: str | None, *, is_postgres: bool, seed: int, word: str, life_s: float = LIFE_S
) -> Figures:
    """So many lives in all; what is left of a trial that found something stays, and its place is said."""
    figures = Figures()
    while figures.cycles < cycles:
        count = cycles - figures.cycles if url is not None else min(AT_ONCE, cycles - figures.cycles)
        folder = Path(tempfile.mkdtemp(prefix="frontdesk-kills-"))
        with database(url, None if is_postgres else folder / "trial.db") as found:
            trial = asyncio.run(run(count, found, seed, word, folder, life_s))
            verdict = trial.verdict
            has_failed = bool(verdict.breaks or verdict.repeated or trial.failed_ends)
            if has_failed:
                asyncio.run(_keep(trial, found, folder, seed))
        figures.add(trial)
        if not has_failed:
            shutil.rmtree(folder, ignore_errors=True)
        seed += 1
    return figures


async def _keep(trial: Trial, url: str, folder: Path, seed: int) -> None:
    """Everything needed to look into it: the verdict, the tables, what arrived and what was asked, the bots' log."""
    lines = [f"{kind}: {what}" for kind, what in trial.verdict.breaks]
    lines += [
        f"{count} again after life {life}: {place}" for (life, place), count in trial.verdict.repeated.items()
    ]
    (folder / "verdict.txt").write_text("\n".join([f"seed {seed}", *lines]))
    arrived = (
        {
            "chat": chat,
            "at": a.post.at,
            "life": a.life,
            "doubtful": a.is_doubtful,
            "row": a.number,
            "text": a.text,
        }
        for chat, arrivals in trial.server.arrivals.items()
        for a in arrivals
    )
    (folder / "arrivals.jsonl").write_text("\n".join(json.dumps(line) for line in arrived))
    updates = (
        {"born": u.born_at, "given": u.delivered_at, "confirmed": u.confirmed_at, "times": u.deliveries,
         "body": u.body.decode()}
        for u in trial.server.updates
    )  # fmt: skip
    (folder / "updates.jsonl").write_text("\n".join(json.dumps(line) for line in updates))
    for table in KEPT_TABLES:
        rows = await rows_of(url, f"SELECT * FROM {table}")
        (folder / f"{table}.txt").write_text("\n".join(str(tuple(row)) for row in rows))
    print(f"{len(lines)} breaks; all of it is in {folder}", *lines[:5], sep="\n  ", file=sys.stderr)


def main(about: str | None, times: str, word: str, bars: Sequence[Bar]) -> int:
    """The command: so many lives (`times` is the option's name), each ended by the word; its exit status."""
    made = command_line(about)
    made.add_argument(times, dest="cycles", type=int, default=100)
    made.add_argument("--database-url", help="an empty database; without it an SQLite file of its own")
    made.add_argument("--postgres", action="store_true", help="on a PostgreSQL server of its own")
    made.add_argument("--seed", type=int, default=int(time.time()))
    made.add_argument("--life-s", type=float, default=LIFE_S, help="how long a life of the bot is at most")
    given = made.parse_args()
    figures = trials(
        given.cycles, given.database_url, is_postgres=given.postgres, seed=given.seed, word=word,
        life_s=given.life_s,
    )  # fmt: skip
    told = asdict(figures) | {"seed": given.seed, "wanted_updates_per_s": PER_SECOND}
    told["is_held"] = not missed(told, bars)
    return tell(told, bars, as_json=given.json)
