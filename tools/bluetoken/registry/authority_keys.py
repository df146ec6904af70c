"""The health authority's public keys: what tokens are told to seal to."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bluetoken import clock
from bluetoken.errors import BadAuthorityKey
from bluetoken.keys.public import PublicKey
from bluetoken.registry import audit
from bluetoken.registry.database import Database
from bluetoken.registry.tables import AuthorityKey


@dataclass(frozen=True)
class Registered:
    """What became of a key: whether it was not there before, and whether tokens are told it from now on."""

    new: bool
    newest: bool


class AuthorityKeyring:
    """Public keys, of which exactly one is the newest as soon as there is any; none is ever deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, key: PublicKey, source: str, newest: bool = False) -> Registered:
        """Store a key; with `newest` tokens are told this one, whatever its date.

        Otherwise it becomes the newest if it was not there before and was not made before the newest one:
        a public file of last year that turns up again must not take tokens back to last year's key.
        """
        with self._database.write() as session:
            row, known = session.get(AuthorityKey, key.key_id), True
            first = _newest(session)
            if row is None:
                known = False
                row = AuthorityKey(
                    key_id=key.key_id,
                    public_key=key.public,
                    created_at=key.created_at,
                    added_at=clock.now(),
                    newest=False,
                )
                session.add(row)
                newest = newest or first is None or key.created_at >= first.created_at
            elif row.public_key != key.public:
                raise BadAuthorityKey(
                    f"Another key with the id {key.key_id} is in the registry: get the public file again."
                )
            if newest and first is not row:
                if first is not None:
                    first.newest = False
                    session.flush()
                row.newest = True
            said = ("known" if known else "new") + (", newest" if row.newest else "")
            audit.record(session, "authority key added", key.key_id, f"{said}, from {source}")
            return Registered(not known, row.newest)

    def newest(self) -> tuple[str, bytes] | None:
        """Return (id, public key) of the key that tokens are told, None where there is no key."""
        with self._database.read() as session:
            row = _newest(session)
            return None if row is None else (row.key_id, row.public_key)

    def told(self, token_id: str, key_id: str) -> None:
        """Note that a token was told a key."""
        with self._database.write() as session:
            audit.record(session, "authority key told", token_id, key_id)

    def all(self) -> list[AuthorityKey]:
        """Return every key, newest first."""
        order = (AuthorityKey.newest.desc(), AuthorityKey.created_at.desc(), AuthorityKey.added_at.desc())
        with self._database.read() as session:
            return list(session.scalars(select(AuthorityKey).order_by(*order)))


def _newest(session: Session) -> AuthorityKey | None:
    return session.scalar(select(AuthorityKey).where(AuthorityKey.newest))
