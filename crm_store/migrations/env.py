"""How Alembic runs here: on the connection that `crm_store.migrate` opened, in its transaction."""

from alembic import context

from crm_store.models.all import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite changes a table by making it anew
    transactional_ddl=True,  # all of an upgrade or nothing, on SQLite too
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
