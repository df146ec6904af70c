"""The first tables."""

import secrets

import sqlalchemy as sa
from alembic import op

from bluetoken import clock

revision = "0001"
down_revision = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables, the triggers that guard the audit trail, and this registry's identity."""
    _create_tables()
    if op.get_bind().dialect.name == "sqlite":
        _guard_audit_sqlite()
    else:
        _guard_audit_postgresql()
    registry = sa.table("registry", sa.column("issuer", sa.String), sa.column("created_at", _INSTANT))
    op.bulk_insert(registry, [{"issuer": secrets.token_hex(8), "created_at": clock.now()}])


def _guard_audit_sqlite() -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{change.lower()} BEFORE {change} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
        )


def _guard_audit_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
    )


def _create_tables() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_table(
        "holder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("representative", sa.Text(), nullable=True),
        sa.Column("relationship", sa.Text(), nullable=True),
        sa.Column("assent", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_holder"),
    )
    op.create_table(
        "imported_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tek", sa.LargeBinary(), nullable=False),
        sa.Column("rolling_start", sa.BigInteger(), nullable=False),
        sa.Column("rolling_period", sa.Integer(), nullable=False),
        sa.Column("case_ref", sa.String(length=64), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("imported_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_imported_key"),
        sa.UniqueConstraint("tek", name="uq_imported_key_tek"),
    )
    op.create_table(
        "registry",
        sa.Column("issuer", sa.String(length=16), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("issuer", name="pk_registry"),
    )
    op.create_table(
        "token",
        sa.Column("token_id", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("board", sa.String(length=64), nullable=False),
        sa.Column("hardware_id", sa.String(length=64), nullable=False),
        sa.Column("issued_at", _INSTANT, nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("holder_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name="fk_token_holder_id"),
        sa.PrimaryKeyConstraint("token_id", name="pk_token"),
    )
    op.create_index("ix_token_label", "token", ["label"], unique=False)
    op.create_index(
        "ix_token_label_in_use",
        "token",
        ["label"],
        unique=True,
        sqlite_where=sa.text("state IN ('pending', 'issued')"),
        postgresql_where=sa.text("state IN ('pending', 'issued')"),
    )
    op.create_table(
        "case_",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("token_id", sa.String(length=16), nullable=False),
        sa.Column("tested_on", sa.Date(), nullable=False),
        sa.Column("onset_on", sa.Date(), nullable=True),
        sa.Column("infectious_from", _INSTANT, nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["token.token_id"], name="fk_case__token_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_"),
        sa.UniqueConstraint("ref", name="uq_case__ref"),
    )
    op.create_index("ix_case__token_id", "case_", ["token_id"], unique=False)
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.Integer(), nullable=False),
        sa.Column("token_id", sa.String(length=16), nullable=False),
        sa.Column("legal_basis", sa.Text(), nullable=False),
        sa.Column("given_at", _INSTANT, nullable=False),
        sa.Column("withdrawn_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["holder_id"], ["holder.id"], name="fk_consent_holder_id"),
        sa.ForeignKeyConstraint(["token_id"], ["token.token_id"], name="fk_consent_token_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_holder_id", "consent", ["holder_id"], unique=False)
    op.create_index("ix_consent_token_id", "consent", ["token_id"], unique=False)
    op.create_table(
        "sync",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_id", sa.String(length=16), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("clock_boot", sa.BigInteger(), nullable=True),
        sa.Column("battery_mv", sa.Integer(), nullable=True),
        sa.Column("status", sa.JSON(), nullable=True),
        sa.Column("segments_new", sa.Integer(), nullable=False),
        sa.Column("segments_known", sa.Integer(), nullable=False),
        sa.Column("bytes_new", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["token.token_id"], name="fk_sync_token_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sync"),
    )
    op.create_index("ix_sync_token_id", "sync", ["token_id"], unique=False)
    op.create_table(
        "released_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("tek", sa.LargeBinary(), nullable=False),
        sa.Column("rolling_start", sa.BigInteger(), nullable=False),
        sa.Column("rolling_period", sa.Integer(), nullable=False),
        sa.Column("clock_error_s", sa.Integer(), nullable=False),
        sa.Column("clock_uncertainty_s", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_.id"], name="fk_released_key_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_released_key"),
        sa.UniqueConstraint("case_id", "tek", name="uq_released_key_case_id_tek"),
    )
    op.create_table(
        "segment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_id", sa.String(length=16), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("boot", sa.BigInteger(), nullable=True),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("crc32", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("sync_id", sa.Integer(), nullable=True),
        sa.Column("intact", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sync_id"], ["sync.id"], name="fk_segment_sync_id"),
        sa.ForeignKeyConstraint(["token_id"], ["token.token_id"], name="fk_segment_token_id"),
        sa.PrimaryKeyConstraint("id", name="pk_segment"),
        sa.UniqueConstraint("token_id", "number", name="uq_segment_token_id_number"),
    )
