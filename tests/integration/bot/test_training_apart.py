"""Training in a process of its own: the same models, and a process that nobody needs is gone."""

import asyncio
import gc
import os
import pickle
import sys
import warnings
from asyncio.subprocess import Process
from contextlib import aclosing
from pathlib import Path

import pytest

from bot import training_apart
from bot.learning import NOTHING, articles_of
from bot.training import Trained, train_here
from bot.training_apart import TrainingFailed, train_apart
from bot.training_process import LENGTH, Request
from crm_store.trained_models import ANSWERS, PROVEN
from knowledge_base.articles import Article
from knowledge_base.policy import USUAL
from tests.knowledge_stage import DRAFTS

ARTICLES = articles_of(DRAFTS)
ASKED = ["where is my money", "do you take paypal", "怎么退货", "tell me a joke"]


def children() -> set[int]:
    path = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return {int(pid) for pid in path.read_text().split()}


async def test_it_learns_what_a_thread_would() -> None:
    apart = [trained async for trained in train_apart(ARTICLES, USUAL, 0, NOTHING.index)]
    here = [trained async for trained in train_here(ARTICLES, USUAL, 0, NOTHING.index)]
    assert [trained.stage for trained in apart] == [ANSWERS, PROVEN]
    for one, other in zip(apart, here, strict=True):
        assert one.index.decide_many(ASKED) == other.index.decide_many(ASKED)


async def test_it_keeps_the_thresholds_of_the_index_before() -> None:
    proven = [trained async for trained in train_here(ARTICLES, USUAL, 0, NOTHING.index)][-1].index
    grown = [
        *ARTICLES,
        Article("hours", "When are you open?", ("opening hours",), "From nine to five.", "en"),
    ]
    async with aclosing(train_apart(grown, USUAL, 0, proven)) as stages:
        trained = await anext(stages)
    assert trained.stage == ANSWERS
    for script, shelf in trained.index.shelves.items():
        assert shelf.calibration == proven.shelves[script].calibration


async def test_one_that_is_not_awaited_any_more_is_ended() -> None:
    before = children()

    async def learn() -> list[Trained]:
        return [trained async for trained in train_apart(ARTICLES, USUAL, 0, NOTHING.index)]

    learning = asyncio.create_task(learn())
    async with asyncio.timeout(60):
        while children() == before:
            await asyncio.sleep(0.01)
    learning.cancel()
    with pytest.raises(asyncio.CancelledError):
        await learning
    assert children() == before


def test_one_whose_loop_ends_is_no_process_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never_ends(_process: Process) -> None:
        await asyncio.Event().wait()

    begun = asyncio.Event()

    async def ask(_process: Process, _request: bytes) -> None:
        begun.set()
        await asyncio.Event().wait()

    async def stop_amid_it() -> None:
        stages = train_apart(ARTICLES, USUAL, 0, NOTHING.index)
        asking = asyncio.ensure_future(anext(stages))
        async with asyncio.timeout(60):
            await begun.wait()
        assert children() != before
        asking.cancel()
        await asyncio.sleep(0)  # it is ending its process now; the loop's own end stops it amid that

    monkeypatch.setattr(Process, "communicate", never_ends)
    monkeypatch.setattr(training_apart, "_ask", ask)
    before = children()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        asyncio.run(stop_amid_it())
        gc.collect()
    assert [str(each.message) for each in told] == []
    assert children() == before


async def test_one_whose_models_nobody_reads_any_more_is_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = await anext(train_here(ARTICLES, USUAL, 0, NOTHING.index))
    (tmp_path / "model").write_bytes(LENGTH.pack(len(first.data)) + first.data)
    talker = tmp_path / "talker"
    talker.write_text(f"#!/bin/sh\ncat {tmp_path / 'model'}\nexec cat /dev/zero\n")
    talker.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(talker))
    before = children()
    stages = train_apart(ARTICLES, USUAL, 0, NOTHING.index)
    assert (await anext(stages)).stage == ANSWERS
    await asyncio.sleep(0.2)  # the pipe is full by now
    async with asyncio.timeout(60):
        await stages.aclose()
    assert children() == before


async def test_it_ends_with_its_server() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.training_process",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for part in (Request(1, USUAL, {}, True, True), ARTICLES * 200):
        message = pickle.dumps(part)
        process.stdin.write(LENGTH.pack(len(message)) + message)
    process.stdin.close()  # as when the server is killed
    async with asyncio.timeout(60):
        assert await process.stdout.read() == b""
        assert await process.wait() == 0


async def test_one_that_dies_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(TrainingFailed, match="ended with 1"):
        async for _ in train_apart(ARTICLES, USUAL, 0, NOTHING.index):
            pass
