"""The index messages are searched by, which no model can say: FTS5 on SQLite, tsvector on PostgreSQL.

It holds nothing that the messages do not; a message that goes takes its entry along. The first revision makes it
with these very statements.
"""

TABLE = "message_search"
STATEMENTS: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "CREATE VIRTUAL TABLE message_search USING fts5(tokens, tokenize = 'unicode61 remove_diacritics 0')",
        "CREATE TRIGGER message_search_gone AFTER DELETE ON message\n"
        "BEGIN DELETE FROM message_search WHERE rowid = old.id; END",
    ),
    "postgresql": (
        "CREATE TABLE message_search (\n"
        "message_id BIGINT PRIMARY KEY REFERENCES message (id) ON DELETE CASCADE, tokens TSVECTOR NOT NULL)",
        "CREATE INDEX ix_message_search_tokens ON message_search USING gin (tokens)",
    ),
}
DROP = "DROP TABLE message_search"
"""On SQLite the trigger goes with the table of messages."""


def is_of_search(name: str | None) -> bool:
    """Whether a table, index or trigger of this name belongs to the index."""
    return bool(name) and (str(name).startswith(TABLE) or str(name) == f"ix_{TABLE}_tokens")
