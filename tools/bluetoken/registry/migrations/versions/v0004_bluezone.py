"""Keys of Bluezone's protocol: those that others published, and those that cases released."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables; there is no key yet."""
    op.create_table(
        "imported_bluezone_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("daily_key", sa.LargeBinary(), nullable=False),
        sa.Column("time_start", sa.BigInteger(), nullable=False),
        sa.Column("time_end", sa.BigInteger(), nullable=False),
        sa.Column("slots_a_day", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_imported_bluezone_key"),
        sa.UniqueConstraint("daily_key", "time_start", name="uq_imported_bluezone_key_daily_key_time_start"),
    )
    op.create_table(
        "released_bluezone_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("daily_key", sa.LargeBinary(), nullable=False),
        sa.Column("time_start", sa.BigInteger(), nullable=False),
        sa.Column("time_end", sa.BigInteger(), nullable=False),
        sa.Column("clock_error_s", sa.Integer(), nullable=False),
        sa.Column("clock_uncertainty_s", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name="fk_released_bluezone_key_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_released_bluezone_key"),
        sa.UniqueConstraint("case_id", "daily_key", name="uq_released_bluezone_key_case_id_daily_key"),
    )
