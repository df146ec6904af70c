"""The registry's tables; `migrations/` carries an older file to what stands here."""

import enum
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant. SQLite forgets the zone, so everything is stored in UTC and read back as such."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("the registry takes aware instants only")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class TokenState(enum.StrEnum):
    """Where a token is in its life. A row is never deleted: its segments and its audit trail hang on it."""

    PENDING = "pending"  # written down here, not yet confirmed by the token
    ISSUED = "issued"
    RETURNED = "returned"
    LOST = "lost"
    ABANDONED = "abandoned"  # an issue that was interrupted and began anew


IN_USE = (TokenState.PENDING, TokenState.ISSUED)


class Base(DeclarativeBase):
    """The root of all tables; constraints carry names, so that a migration can find them again."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: UtcDateTime, bytes: LargeBinary, dict[str, Any]: JSON}


class Issuer(Base):
    """Who this registry is: the only row of its table. Its tokens carry `issuer` and so show it."""

    __tablename__ = "registry"

    issuer: Mapped[str] = mapped_column(String(16), primary_key=True)  # 8 random bytes, hex
    created_at: Mapped[datetime]


class Token(Base):
    """A token in somebody's hands. Given to somebody else it gets a new id, and here a new row."""

    __tablename__ = "token"
    __table_args__ = (
        # A sticker may be used again after the token's return, but never by two tokens at once.
        Index(
            "ix_token_label_in_use",
            "label",
            unique=True,
            sqlite_where=text("state IN ('pending', 'issued')"),
            postgresql_where=text("state IN ('pending', 'issued')"),
        ),
    )

    token_id: Mapped[str] = mapped_column(String(16), primary_key=True)  # 8 random bytes, hex
    label: Mapped[str] = mapped_column(String(64), index=True)
    board: Mapped[str] = mapped_column(String(64))
    hardware_id: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime]
    retention_days: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    holder_id: Mapped[int] = mapped_column(ForeignKey("holder.id"))

    holder: Mapped["Holder"] = relationship(lazy="joined")


class Holder(Base):
    """Who wears a token: a name or a reference into the clinic's own files, as the clinic chooses."""

    __tablename__ = "holder"

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(Text)
    # For a child or a person who cannot decide alone: who decides, and whether the wearer agreed too.
    representative: Mapped[str | None] = mapped_column(Text)
    relationship_: Mapped[str | None] = mapped_column("relationship", Text)
    assent: Mapped[bool | None]


class Consent(Base):
    """On which legal basis a person's data may be processed, and until when."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    holder_id: Mapped[int] = mapped_column(ForeignKey("holder.id"), index=True)
    token_id: Mapped[str] = mapped_column(ForeignKey("token.token_id"), index=True)
    legal_basis: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Sync(Base):
    """One visit of a token to the desk; `finished_at` stays empty where it was interrupted."""

    __tablename__ = "sync"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_id: Mapped[str] = mapped_column(ForeignKey("token.token_id"), index=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    clock_offset_ms: Mapped[int | None] = mapped_column(BigInteger)  # this computer minus the token
    clock_boot: Mapped[int | None] = mapped_column(BigInteger)  # the token's boot in which that was measured
    battery_mv: Mapped[int | None]
    status: Mapped[dict[str, Any] | None]
    segments_new: Mapped[int] = mapped_column(default=0)
    segments_known: Mapped[int] = mapped_column(default=0)
    bytes_new: Mapped[int] = mapped_column(BigInteger, default=0)


class ClockRun(Base):
    """The run of a token's clock that a sync found it in: from when the clock was put, on."""

    __tablename__ = "clock_run"

    sync_id: Mapped[int] = mapped_column(ForeignKey("sync.id"), primary_key=True, autoincrement=False)
    token_id: Mapped[str] = mapped_column(ForeignKey("token.token_id"), index=True)
    state: Mapped[int]  # as in the headers of the segments
    set_s: Mapped[int] = mapped_column(BigInteger)  # token seconds, likewise
    # What it said of the oscillator, where it was long enough and a desk had begun it.
    over_s: Mapped[int | None] = mapped_column(BigInteger)
    trim_e7: Mapped[int | None]


class Segment(Base):
    """What a token wrote, byte for byte. It is read when it is matched, not before: it may be sealed."""

    __tablename__ = "segment"
    __table_args__ = (UniqueConstraint("token_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_id: Mapped[str] = mapped_column(ForeignKey("token.token_id"))
    number: Mapped[int] = mapped_column(BigInteger)
    boot: Mapped[int | None] = mapped_column(BigInteger)  # unknown where the header is damaged
    length: Mapped[int]
    crc32: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    raw: Mapped[bytes]
    received_at: Mapped[datetime]
    sync_id: Mapped[int | None] = mapped_column(ForeignKey("sync.id"))
    intact: Mapped[bool]
    note: Mapped[str] = mapped_column(Text)


class Case(Base):
    """A wearer who tested positive."""

    __tablename__ = "case_"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(64), unique=True)
    token_id: Mapped[str] = mapped_column(ForeignKey("token.token_id"), index=True)
    tested_on: Mapped[date]
    onset_on: Mapped[date | None]
    infectious_from: Mapped[datetime]
    consent: Mapped[str] = mapped_column(Text)  # to the use of the own keys, as it was given
    opened_at: Mapped[datetime]

    token: Mapped[Token] = relationship(lazy="joined")
    keys: Mapped[list["ReleasedKey"]] = relationship(order_by="ReleasedKey.rolling_start")
    bluezone_keys: Mapped[list["ReleasedBluezoneKey"]] = relationship(
        order_by="ReleasedBluezoneKey.time_start, ReleasedBluezoneKey.id"
    )


class ReleasedKey(Base):
    """A Temporary Exposure Key of a case, released with consent."""

    __tablename__ = "released_key"
    __table_args__ = (UniqueConstraint("case_id", "tek"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_.id"))
    tek: Mapped[bytes]
    rolling_start: Mapped[int] = mapped_column(BigInteger)  # ENIntervalNumber
    rolling_period: Mapped[int]
    # How wrong the clock was by which the token used this key, as far as that is known.
    clock_error_s: Mapped[int] = mapped_column(default=0)
    clock_uncertainty_s: Mapped[int | None]


class ImportedKey(Base):
    """A Temporary Exposure Key of a case that somebody else confirmed."""

    __tablename__ = "imported_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    tek: Mapped[bytes] = mapped_column(unique=True)
    rolling_start: Mapped[int] = mapped_column(BigInteger)
    rolling_period: Mapped[int]
    case_ref: Mapped[str | None] = mapped_column(String(64))  # where the sender says whose it is
    source: Mapped[str] = mapped_column(Text)
    imported_at: Mapped[datetime]


class ReleasedBluezoneKey(Base):
    """A case's day in Bluezone's protocol, released with consent."""

    __tablename__ = "released_bluezone_key"
    __table_args__ = (UniqueConstraint("case_id", "daily_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_.id"))
    daily_key: Mapped[bytes]
    time_start: Mapped[int] = mapped_column(BigInteger)  # Unix seconds, by the token's clock
    time_end: Mapped[int] = mapped_column(BigInteger)
    clock_error_s: Mapped[int] = mapped_column(default=0)
    clock_uncertainty_s: Mapped[int | None]


class ImportedBluezoneKey(Base):
    """A case's days in Bluezone's protocol, as somebody else published them."""

    __tablename__ = "imported_bluezone_key"
    __table_args__ = (UniqueConstraint("daily_key", "time_start"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    daily_key: Mapped[bytes]
    time_start: Mapped[int] = mapped_column(BigInteger)  # Unix seconds
    time_end: Mapped[int] = mapped_column(BigInteger)
    slots_a_day: Mapped[int]
    source: Mapped[str] = mapped_column(Text)
    imported_at: Mapped[datetime]


class AuthorityKey(Base):
    """The public half of a key pair of the health authority; the private one never comes here."""

    __tablename__ = "authority_keys"
    __table_args__ = (
        # Tokens are told one key, not two.
        Index(
            "ix_authority_keys_newest",
            "newest",
            unique=True,
            sqlite_where=text("newest"),
            postgresql_where=text("newest"),
        ),
    )

    key_id: Mapped[str] = mapped_column(String(8), primary_key=True)  # hex, of the public key's SHA-256
    public_key: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]  # as the authority says
    added_at: Mapped[datetime]
    newest: Mapped[bool]


class Audit(Base):
    """Who did what with whose data. Triggers of the database refuse to change or delete a row."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
