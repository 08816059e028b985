"""An error of the database, which goes into the log, does not repeat what somebody said."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from crm_store.engine import Store


async def test_an_errors_text_holds_no_values(store: Store) -> None:
    with pytest.raises(DBAPIError) as failed:
        async with store.write() as session:
            await session.execute(text("INSERT INTO no_such_table VALUES (:said)"), {"said": "my own words"})
    assert "no_such_table" in str(failed.value)
    assert "my own words" not in str(failed.value)
