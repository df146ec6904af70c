"""Giving a token to somebody: first the registry, then the token, then the registry again.

Cut in two at any point, there is never a token in use that the registry does not know.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from bluetoken import clock
from bluetoken.deployment import Deployment
from bluetoken.errors import (
    AlreadyIssued,
    DeviceFault,
    ForeignToken,
    NoAuthorityKey,
    UnknownToken,
    UnsyncedData,
)
from bluetoken.registry.device import Device
from bluetoken.registry.store import Registry
from bluetoken.registry.tables import Token, TokenState
from bluetoken.registry.tokens import Issue

ENTROPY_BYTES = 32
TOKEN_ID_BYTES = 8


@dataclass(frozen=True)
class Recipient:
    """To whom a token is given, and with what right."""

    holder: str
    legal_basis: str
    representative: str | None = None
    relationship: str | None = None
    assent: bool | None = None


def issue(
    device: Device,
    registry: Registry,
    label: str,
    recipient: Recipient,
    retention_days: int,
    again: bool,
    in_the_clear: bool = False,
    deployment: Deployment = Deployment(),
) -> Token:
    """Give the token on the cable a new identity and return its entry.

    NoAuthorityKey where there is none to seal to and `in_the_clear` is not asked for; AlreadyIssued where
    it has an identity and `again` is not asked for; UnsyncedData where it holds segments that are not in
    this registry.
    """
    authority = b"" if in_the_clear else _authority(registry)
    hello = device.hello()
    previous = str(hello.get("token") or "")
    if previous:
        _may_issue_again(device, registry, hello, previous, again)
    token_id = secrets.token_bytes(TOKEN_ID_BYTES)
    registry.tokens.begin_issue(
        Issue(
            token_id=token_id.hex(),
            label=label,
            board=str(hello.get("board") or ""),
            hardware_id=str(hello.get("hardware") or ""),
            retention_days=retention_days,
            holder=recipient.holder,
            legal_basis=recipient.legal_basis,
            representative=recipient.representative,
            relationship=recipient.relationship,
            assent=recipient.assent,
        ),
        replaces=previous or None,
    )
    device.set_clock(clock.unix_ms())
    entropy = secrets.token_bytes(ENTROPY_BYTES)
    issuer = bytes.fromhex(registry.issuer)
    device.provision(token_id, issuer, label, retention_days, entropy, authority, deployment)
    if device.hello().get("token") != token_id.hex():
        raise DeviceFault("The token did not take its new identity: restart it and repeat the command.")
    registry.tokens.finish_issue(token_id.hex())
    return registry.tokens.get(token_id.hex(), "issue")


def _authority(registry: Registry) -> bytes:
    newest = registry.authority_keys.newest()
    if newest is None:
        raise NoAuthorityKey()
    return newest[1]


def _may_issue_again(
    device: Device, registry: Registry, hello: dict[str, Any], previous: str, again: bool
) -> None:
    ours = hello.get("issuer") == registry.issuer
    _finish_interrupted(registry, previous if ours else "")
    label = hello.get("label") or previous
    if not again:
        raise AlreadyIssued(f"This token is issued already, as {label}: add --again to give it to another.")
    segments = list(device.segments())
    if segments and not ours:
        raise ForeignToken(
            f"Token {label} holds encounters for another registry: bring it to the clinic that issued it."
        )
    held = registry.segments.held(previous)
    missing = [each for each in segments if held.get(each.number) != (each.length, each.crc32)]
    if missing:
        raise UnsyncedData(
            f"Token {label} holds what is not in the registry yet ({len(missing)} of its segments): "
            "run `bluetoken sync` first."
        )


def _finish_interrupted(registry: Registry, token_id: str) -> None:
    """Complete an earlier issue that was interrupted after the token had taken its identity."""
    if not token_id:
        return
    try:
        if registry.tokens.get(token_id, "issue").state == TokenState.PENDING:
            registry.tokens.finish_issue(token_id)
    except UnknownToken:
        return
