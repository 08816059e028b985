"""An error of the database, which goes into the log, does not repeat what somebody said."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from crm_store.engine import Store


async def test_an_errors_text_holds_no_values(store: Store) -> None:
    with pytest.raises(DBAPIError) as failed:
        async with store.write() as session:
            await session.execute(text("INSERT INTO no_such_table VALUES (:said)"), {"said": "my own words"})
    assert "no_such_table" in str(failed.value)
    assert "my own words" not in str(failed.value)


async def test_nor_does_that_of_a_batch(store: Store) -> None:
    def work(connection: Connection, _topics: object) -> None:
        connection.execute(text("INSERT INTO no_such_table VALUES (:said)"), {"said": "my own words"})

    with pytest.raises(DBAPIError) as failed:
        await store.transact(work)
    assert "no_such_table" in str(failed.value)
    assert "my own words" not in str(failed.value)
