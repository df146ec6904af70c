"""`bluetoken issue`: a token is given to somebody."""

import enum
from typing import Annotated

import typer

from bluetoken import clock
from bluetoken.cli.common import JsonOption, PortOption, emit, open_desk, plain_text, say
from bluetoken.config import utc_offset_min
from bluetoken.deployment import Deployment
from bluetoken.errors import BadInput
from bluetoken.registry import issuing, open_registry
from wearable import settings

RETENTION_DAYS = 21
LABEL_BYTES = 32


class Protocol(enum.StrEnum):
    """What a token may speak."""

    GAEN = settings.GAEN
    BLUEZONE = settings.BLUEZONE
    BOTH = settings.BOTH


def issue(
    label: Annotated[str, typer.Option("--label", help="What is printed on the token, such as A-017.")],
    holder: Annotated[str, typer.Option("--holder", help="The wearer: a name, or your own reference.")],
    legal_basis: Annotated[
        str, typer.Option("--legal-basis", help="What allows it, such as 'written consent, form 3'.")
    ],
    representative: Annotated[
        str | None, typer.Option("--representative", help="Who decides for a child or a person in care.")
    ] = None,
    relationship: Annotated[
        str | None, typer.Option("--relationship", help="Of the representative to the wearer.")
    ] = None,
    assent: Annotated[
        bool | None, typer.Option("--assent/--no-assent", help="Whether the wearer agreed too.")
    ] = None,
    retention_days: Annotated[
        int, typer.Option("--retention-days", min=1, max=60, help="How long the token keeps encounters.")
    ] = RETENTION_DAYS,
    protocol: Annotated[
        Protocol,
        typer.Option("--protocol", envvar="BLUETOKEN_PROTOCOL", help="What it speaks; both, in turns."),
    ] = Protocol.GAEN,
    connectable: Annotated[
        bool,
        typer.Option(
            "--connectable", envvar="BLUETOKEN_CONNECTABLE", help="Let Bluezone's phones connect, to no avail."
        ),
    ] = False,
    read_iphones: Annotated[
        bool,
        typer.Option("--read-iphones", envvar="BLUETOKEN_READ_IPHONES", help="Ask Bluezone's iPhones; costs energy."),
    ] = False,
    in_the_clear: Annotated[
        bool, typer.Option("--in-the-clear", help="Seal nothing: whoever finds the token can read it.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Give a token out that was issued before.")] = False,
    port: PortOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a token to somebody: a new identity, the time of day, and an entry in the registry."""
    recipient = issuing.Recipient(
        holder=plain_text("--holder", holder),
        legal_basis=plain_text("--legal-basis", legal_basis),
        representative=representative,
        relationship=relationship,
        assent=assent,
    )
    label = plain_text("--label", label, LABEL_BYTES)
    if relationship and not representative:
        raise BadInput("--relationship says how a representative is related: name one with --representative.")
    if protocol == Protocol.GAEN and (connectable or read_iphones):
        raise BadInput("--connectable and --read-iphones are about Bluezone: add --protocol bluezone or both.")
    deployment = Deployment(utc_offset_min(clock.unix_ms() // 1000), protocol.value, connectable, read_iphones)
    with open_registry() as registry, open_desk(port) as desk:
        token = issuing.issue(desk, registry, label, recipient, retention_days, again, in_the_clear, deployment)
    if as_json:
        emit(
            {
                "token": token.token_id,
                "label": token.label,
                "board": token.board,
                "issued_at": token.issued_at,
                "retention_days": token.retention_days,
                "holder": token.holder.reference,
            }
        )
    else:
        say(f"Token {token.label} is issued to {token.holder.reference}.")
