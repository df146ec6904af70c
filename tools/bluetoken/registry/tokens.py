"""Which token is whose, and with which consent."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bluetoken import clock
from bluetoken.errors import LabelTaken, NoConsent, UnknownToken
from bluetoken.registry import audit
from bluetoken.registry.database import Database
from bluetoken.registry.tables import IN_USE, Consent, Holder, Token, TokenState


@dataclass(frozen=True)
class Issue:
    """What the desk writes down when it gives a token to somebody."""

    token_id: str  # 16 hex characters, drawn for this issue
    label: str
    board: str
    hardware_id: str
    retention_days: int
    holder: str
    legal_basis: str
    representative: str | None = None
    relationship: str | None = None
    assent: bool | None = None


class Tokens:
    """Tokens, their holders and consents. Reading them leaves a line in the audit trail: say what for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin_issue(self, issue: Issue, replaces: str | None = None) -> None:
        """Write an issue down before the token is told, so that no token is out there unknown.

        `replaces` is the id the same device had before: its holder has returned it. LabelTaken where
        another token in use carries the label.
        """
        now = clock.now()
        with self._database.write() as session:
            _free_label(session, issue.label, replaces)
            holder = Holder(
                reference=issue.holder,
                representative=issue.representative,
                relationship_=issue.relationship,
                assent=issue.assent,
            )
            session.add(holder)
            session.flush()
            session.add(
                Token(
                    token_id=issue.token_id,
                    label=issue.label,
                    board=issue.board,
                    hardware_id=issue.hardware_id,
                    issued_at=now,
                    retention_days=issue.retention_days,
                    state=TokenState.PENDING,
                    holder_id=holder.id,
                )
            )
            session.flush()
            session.add(
                Consent(
                    holder_id=holder.id, token_id=issue.token_id, legal_basis=issue.legal_basis, given_at=now
                )
            )
            audit.record(session, "issue begun", issue.token_id, f"label {issue.label}, {issue.legal_basis}")

    def finish_issue(self, token_id: str) -> None:
        """Note that the token has taken its new identity."""
        self.mark(token_id, TokenState.ISSUED)

    def mark(self, token_id: str, state: TokenState) -> None:
        """Change a token's state."""
        with self._database.write() as session:
            token = _find(session, token_id)
            token.state = state
            audit.record(session, f"token {state}", token_id)

    def get(self, token_id: str, purpose: str) -> Token:
        """Return the token with this id; UnknownToken where there is none."""
        with self._database.write() as session:
            token = _find(session, token_id)
            audit.record(session, "read token", token_id, purpose)
            return token

    def by_label(self, label: str, purpose: str) -> Token:
        """Return the token that carries this label, or did so last; UnknownToken where none ever did."""
        with self._database.write() as session:
            found = list(session.scalars(select(Token).where(Token.label == label).order_by(Token.issued_at)))
            if not found:
                raise UnknownToken(f"No token is labelled '{label}': check it with `bluetoken status`.")
            token = next((each for each in found if each.state in IN_USE), found[-1])
            audit.record(session, "read token", token.token_id, purpose)
            return token

    def all(self, purpose: str) -> list[Token]:
        """Return every token that was ever given out, by label."""
        query = select(Token).where(Token.state.not_in([TokenState.PENDING, TokenState.ABANDONED]))
        with self._database.write() as session:
            audit.record(session, "read tokens", "all tokens", purpose)
            return list(session.scalars(query.order_by(Token.label, Token.issued_at)))

    def consents(self, token_id: str) -> list[Consent]:
        """Return what was consented to, oldest first."""
        with self._database.read() as session:
            query = select(Consent).where(Consent.token_id == token_id).order_by(Consent.given_at)
            return list(session.scalars(query))

    def may_process(self, token_id: str) -> bool:
        """Whether a consent is in force for this token's data."""
        return any(consent.withdrawn_at is None for consent in self.consents(token_id))

    def require_consent(self, token: Token) -> None:
        """Raise NoConsent where none is in force."""
        if not self.may_process(token.token_id):
            raise NoConsent(f"The consent for token {token.label} was withdrawn: leave its data alone.")

    def withdraw_consent(self, token_id: str) -> None:
        """Note that the consents for this token are withdrawn from now on."""
        with self._database.write() as session:
            token = _find(session, token_id)
            session.execute(
                update(Consent)
                .where(Consent.token_id == token.token_id, Consent.withdrawn_at.is_(None))
                .values(withdrawn_at=clock.now())
            )
            audit.record(session, "consent withdrawn", token_id)


def _find(session: Session, token_id: str) -> Token:
    token = session.get(Token, token_id)
    if token is None:
        raise UnknownToken(
            f"This registry issued no token {token_id}: restore the registry from its backup, "
            "or issue the token again."
        )
    return token


def _free_label(session: Session, label: str, replaces: str | None) -> None:
    """Take the label and the device from what went before; LabelTaken where that is another token in use."""
    if replaces is not None:
        previous = session.get(Token, replaces)
        if previous is not None and previous.state in IN_USE:
            previous.state = TokenState.RETURNED
            audit.record(session, "token returned", replaces, "given out again")
    for other in session.scalars(select(Token).where(Token.label == label, Token.state.in_(IN_USE))):
        if other.state == TokenState.ISSUED:
            raise LabelTaken(
                f"Token {other.token_id}, issued on {other.issued_at:%Y-%m-%d}, carries the label "
                f"'{label}' already: choose another label."
            )
        # An issue that was interrupted before the token heard of it.
        other.state = TokenState.ABANDONED
        audit.record(session, "token abandoned", other.token_id, f"label {label} is issued anew")
    session.flush()
