"""How many statements a piece of work sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from crm_store.engine import Store


@contextmanager
def counted_queries(store: Store) -> Iterator[list[str]]:
    """The statements sent inside the block, in order."""
    sent: list[str] = []
    engines = {store.reader.sync_engine, store.writer.sync_engine}

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
