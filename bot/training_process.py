"""The process that trains for a server: one lesson on its standard input, one stored model after the other out.

What customers asked follows the lesson, once the model that needs it is next: the quick one waits for no log.

    python -m bot.training_process

It imports nothing but the knowledge base, ends with the last model, and at once when its server is gone: then its
standard input ends.
"""

import os
import pickle
import queue
import struct
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from knowledge_base.calibration import Thresholds
from knowledge_base.index import build_index
from knowledge_base.logs import Said
from knowledge_base.policy import Policy
from knowledge_base.storage import dump
from knowledge_base.text import Script

LENGTH: Final = struct.Struct(">Q")
"""Before every message, in both directions: how many bytes it has."""
_POLITE: Final = 10
"""Added to its niceness: customers come before training."""


@dataclass(frozen=True, slots=True)
class Request:
    """A lesson, whose articles follow it in `parts` messages; a quick index keeps the `previous` thresholds."""

    parts: int
    policy: Policy
    previous: Mapping[Script, Thresholds]
    is_quick_wanted: bool
    is_full_wanted: bool


def main() -> None:
    """Read a request, write what it asks for: the quick index, the one with evidence."""
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    if hasattr(os, "nice"):  # it is not made for Windows
        os.nice(_POLITE)
    request: Request = pickle.loads(_message(source))  # noqa: S301 (from the server that started this process)
    articles = [
        article
        for _ in range(request.parts)
        for article in pickle.loads(_message(source))  # noqa: S301 (from the server, too)
    ]
    logs: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(source, logs), daemon=True).start()
    if request.is_quick_wanted:
        quick = build_index(
            articles, request.policy, gather_evidence=False, calibration_from=request.previous
        )
        _send(sink, dump(quick))
    if request.is_full_wanted:
        log: tuple[Said, ...] = pickle.loads(logs.get())  # noqa: S301 (from the server, too)
        _send(sink, dump(build_index(articles, request.policy, log=log)))
    sink.flush()
    os._exit(0)  # the other thread still reads: Python would wait for its lock on the input


def _message(source: BinaryIO) -> bytes:
    (size,) = LENGTH.unpack(source.read(LENGTH.size))
    data = source.read(size)
    if len(data) < size:
        raise EOFError
    return data


def _send(sink: BinaryIO, data: bytes) -> None:
    sink.write(LENGTH.pack(len(data)))
    sink.write(data)
    sink.flush()


def _listen(source: BinaryIO, logs: "queue.SimpleQueue[bytes]") -> None:
    """Take in the log, and end with the server, also in the middle of it."""
    try:
        logs.put(_message(source))
        source.read(1)
    except (struct.error, EOFError):  # there is no message any more
        pass
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
