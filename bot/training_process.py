"""The process that trains for a server: one lesson on its standard input, one stored model after the other out.

    python -m bot.training_process

It imports nothing but the knowledge base, ends with the last model, and at once when its server is gone: then its
standard input ends.
"""

import os
import pickle
import struct
import sys
import threading
from dataclasses import dataclass
from typing import BinaryIO, Final

from knowledge_base.articles import Article
from knowledge_base.index import build_index
from knowledge_base.policy import Policy
from knowledge_base.storage import dump, load

LENGTH: Final = struct.Struct(">Q")
"""Before every message, in both directions: how many bytes it has."""
_POLITE: Final = 10
"""Added to its niceness: customers come before training."""


@dataclass(frozen=True, slots=True)
class Request:
    """A lesson; `previous` is the stored index whose thresholds a quick one keeps, empty for none."""

    articles: tuple[Article, ...]
    policy: Policy
    previous: bytes
    is_quick_wanted: bool
    is_full_wanted: bool


def main() -> None:
    """Read a request, write what it asks for: the quick index, the one with evidence."""
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    if hasattr(os, "nice"):  # it is not made for Windows
        os.nice(_POLITE)
    request: Request = pickle.loads(_message(source))  # noqa: S301 (from the server that started this process)
    threading.Thread(target=_end_with_the_server, args=(source,), daemon=True).start()
    if request.is_quick_wanted:
        previous = load(request.previous) if request.previous else None
        _send(
            sink,
            dump(
                build_index(
                    request.articles,
                    request.policy,
                    gather_evidence=False,
                    calibration_from=previous,
                )
            ),
        )
    if request.is_full_wanted:
        _send(sink, dump(build_index(request.articles, request.policy)))
    sink.flush()
    os._exit(0)  # the other thread still reads: Python would wait for its lock on the input


def _message(source: BinaryIO) -> bytes:
    (size,) = LENGTH.unpack(source.read(LENGTH.size))
    return source.read(size)


def _send(sink: BinaryIO, data: bytes) -> None:
    sink.write(LENGTH.pack(len(data)))
    sink.write(data)
    sink.flush()


def _end_with_the_server(source: BinaryIO) -> None:
    source.read(1)
    os._exit(0)


if __name__ == "__main__":
    main()
