"""The runs of the tokens' clocks."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table; what earlier syncs found is not known as well."""
    op.create_table(
        "clock_run",
        sa.Column("sync_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token_id", sa.String(length=16), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("set_s", sa.BigInteger(), nullable=False),
        sa.Column("over_s", sa.BigInteger(), nullable=True),
        sa.Column("trim_e7", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["sync_id"], ["sync.id"], name="fk_clock_run_sync_id"),
        sa.ForeignKeyConstraint(["token_id"], ["token.token_id"], name="fk_clock_run_token_id"),
        sa.PrimaryKeyConstraint("sync_id", name="pk_clock_run"),
    )
    op.create_index("ix_clock_run_token_id", "clock_run", ["token_id"])
