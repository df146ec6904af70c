"""The health authority's public keys."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table; there is no key yet."""
    op.create_table(
        "authority_keys",
        sa.Column("key_id", sa.String(length=8), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name="pk_authority_keys"),
        sa.UniqueConstraint("public_key", name="uq_authority_keys_public_key"),
    )
    op.create_index(
        "ix_authority_keys_newest",
        "authority_keys",
        ["newest"],
        unique=True,
        sqlite_where=sa.text("newest"),
        postgresql_where=sa.text("newest"),
    )
