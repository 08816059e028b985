"""How many statements a piece of work sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from crm_store.engine import Store


@contextmanager
def counted_queries(store: Store) -> Iterator[list[str]]:
    """The statements sent inside the block, in order."""
    sent: list[str] = []
    engines = {store.reader.sync_engine, store.writer.sync_engine}
    own = {engine.url.database for engine in engines} | {None}  # the message path has an engine of its own

    def note(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if connection.engine.url.database in own:
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)
