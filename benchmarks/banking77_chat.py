"""BANKING77 asked through a running bot, as customers would, beside what `kb evaluate` says of the same files.

A Bot API server plays Telegram on loopback; `frontdesk bot` runs as a process of its own on a fresh SQLite file.
Each of the questions comes from a customer of their own. Afterwards the store is read with plain SQL.

    python -m benchmarks.banking77_chat [--limit N] [--json]
"""

import argparse
import asyncio
import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.datasets import dataset
from tests.botapi.server import BotApiServer

ANSWER = "About {article}: a person wrote this answer."
TOKEN = "123456:" + "B" * 35
FIRST_USER = 10_000


def frontdesk(environment: dict[str, str], *arguments: str) -> Any:
    """The JSON a `frontdesk` verb prints."""
    command = [sys.executable, "-m", "bot", *arguments, "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def questions(path: Path, limit: int | None) -> list[tuple[str, str]]:
    """(question, article) rows."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["article"]) for row in csv.DictReader(file)][:limit]


async def ask_all(server: BotApiServer, asked: list[tuple[str, str]], deadline_s: float) -> dict[int, Any]:
    """The first reply each customer got."""
    for number in range(len(asked)):
        server.user(FIRST_USER + number, f"Customer {number}", "en")
    server.pour([(FIRST_USER + number, text) for number, (text, _) in enumerate(asked)])
    first: dict[int, Any] = {}
    seen, until = 0, time.monotonic() + deadline_s
    while len(first) < len(asked) and time.monotonic() < until:
        sent = server.world.sent
        for post in sent[seen:]:
            first.setdefault(post.chat_id, post)
        seen = len(sent)
        await asyncio.sleep(0.02)
    return first


def kind_of(reply: Any) -> str:
    """What the bot did, told by the reply alone."""
    labels = [button for row in reply.rows for button in row]
    if reply.text.startswith("About "):
        return "answered"
    return "listed" if any("None of these" in str(label) for label in labels) else "asked_again"


def in_store(database: Path) -> dict[str, int]:
    """Counts read with plain SQL, importing nothing of the project."""
    with sqlite3.connect(database) as store:

        def one(query: str) -> int:
            return int(store.execute(query).fetchone()[0])

        return {
            "questions": one("SELECT count(*) FROM message WHERE author = 'customer'"),
            "replies": one("SELECT count(*) FROM message WHERE author = 'bot'"),
            "sent": one("SELECT count(*) FROM message WHERE author = 'bot' AND delivery = 'sent'"),
            "customers": one("SELECT count(*) FROM customer"),
            "twice": one("SELECT count(*) FROM (SELECT 1 FROM message WHERE author = 'customer'"
                         " GROUP BY customer_id HAVING count(*) > 1)"),
            "parked": one("SELECT count(*) FROM parked_update"),
        }  # fmt: skip


async def measure(limit: int | None) -> dict[str, Any]:
    """The whole run."""
    articles, asked_file = dataset("banking77/articles.csv"), dataset("banking77/questions.csv")
    asked = questions(asked_file, limit)
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "bank.db"
        async with BotApiServer(token=TOKEN, checks=False, records=True) as server:
            environment = os.environ | {
                "FRONTDESK_DATABASE_URL": f"sqlite:///{database}",
                "FRONTDESK_BACKUP_FOLDER": f"{folder}/backups",
                "FRONTDESK_PUBLIC_PORT": "0",
                "FRONTDESK_TELEGRAM_TOKEN": TOKEN,
                "FRONTDESK_TELEGRAM_BASE_URL": server.base_url,
                "FRONTDESK_OVERALL_PER_S": "100000",
            }
            imported = frontdesk(environment, "kb", "import", str(articles), "--answer", ANSWER)
            process = subprocess.Popen([sys.executable, "-m", "bot", "bot"], env=environment)
            try:
                began = time.monotonic()
                replies = await ask_all(server, asked, deadline_s=600)
                took = time.monotonic() - began
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=30)
        evaluated = frontdesk(
            environment, "kb", "evaluate", "--articles", str(articles), "--questions", str(asked_file)
        )
        return {"imported": imported, **judge(asked, replies), "seconds": took, "store": in_store(database),
                "evaluate": evaluated}  # fmt: skip


def judge(asked: list[tuple[str, str]], replies: dict[int, Any]) -> dict[str, Any]:
    """Shares of all questions, as customers saw them."""
    kinds = {"answered": 0, "listed": 0, "asked_again": 0, "no_reply": 0}
    right = 0
    for number, (_, article) in enumerate(asked):
        reply = replies.get(FIRST_USER + number)
        kind = kind_of(reply) if reply is not None else "no_reply"
        kinds[kind] += 1
        right += kind == "answered" and reply.text.startswith(f"About {article}:")
    total = len(asked)
    answered = kinds["answered"]
    return {
        "questions": total,
        **{kind: count / total for kind, count in kinds.items()},
        "answered_right": right / total,
        "wrong_of_answered": (answered - right) / answered if answered else None,
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--limit", type=int, help="ask only the first N questions")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    result = asyncio.run(measure(arguments.limit))
    if arguments.json:
        print(json.dumps(result, indent=2))
        return
    evaluated, store = result["evaluate"], result["store"]
    print(f"{'':24}{'in chat':>12}{'kb evaluate':>14}")
    print(f"{'answered':24}{result['answered']:12.4f}{evaluated['answered']:14.4f}")
    print(
        f"{'wrong of answered':24}{result['wrong_of_answered'] or 0:12.4f}{evaluated['wrong_of_answered'] or 0:14.4f}"
    )
    print(f"{'listed':24}{result['listed']:12.4f}{evaluated['listed']:14.4f}")
    print(f"{'asked again':24}{result['asked_again']:12.4f}{evaluated['handed_off']:14.4f}")
    print(f"{result['questions']} questions in {result['seconds']:.1f} s; in the store: {store}")


if __name__ == "__main__":
    main()
