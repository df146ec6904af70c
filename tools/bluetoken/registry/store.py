"""The clinic's registry, opened."""

from types import TracebackType

from sqlalchemy import select

from bluetoken import config
from bluetoken.registry.audit import AuditTrail
from bluetoken.registry.authority_keys import AuthorityKeyring
from bluetoken.registry.bluezone import BluezoneKeys
from bluetoken.registry.cases import Cases
from bluetoken.registry.database import Database
from bluetoken.registry.imported import ImportedKeys
from bluetoken.registry.segments import Segments
from bluetoken.registry.syncs import Syncs
from bluetoken.registry.tables import Issuer
from bluetoken.registry.tokens import Tokens


class Registry:
    """Everything a clinic knows, by subject; a context manager.

    Each call is one transaction: it is on the disk when the call returns, or it did not happen.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.tokens = Tokens(database)
        self.segments = Segments(database)
        self.syncs = Syncs(database)
        self.cases = Cases(database)
        self.imported_keys = ImportedKeys(database)
        self.bluezone_keys = BluezoneKeys(database)
        self.authority_keys = AuthorityKeyring(database)
        self.audit = AuditTrail(database)
        with database.read() as session:
            self.issuer = session.scalars(select(Issuer.issuer)).one()  # 16 hex characters

    def __enter__(self) -> "Registry":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.database.close()


def open_registry(url: str | None = None) -> Registry:
    """Open the registry at `url` (else as `config.database_url` has it); it is made where there is none."""
    return Registry(Database(url or config.database_url()))
