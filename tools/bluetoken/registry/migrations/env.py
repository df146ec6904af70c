"""What Alembic runs: it is given an open connection and leaves transactions to it."""

from alembic import context

from bluetoken.registry.tables import Base

connection = context.config.attributes.get("connection")
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()
