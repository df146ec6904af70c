"""What the registry asks of a token on the cable; `bluetoken.link.desk.Desk` does it."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from bluetoken.deployment import Deployment
from bluetoken.errors import ForeignToken, NotIssued

Progress = Callable[[int, int], None]  # (bytes that have come, bytes in all)


class ListedSegment(Protocol):
    """A segment as the token lists it."""

    @property
    def number(self) -> int: ...
    @property
    def length(self) -> int: ...
    @property
    def crc32(self) -> int: ...


class Device(Protocol):
    """A token whose program has been interrupted and which answers the desk."""

    def hello(self) -> dict[str, Any]: ...
    def status(self) -> dict[str, Any]: ...
    def set_clock(self, unix_ms: int, trim_e7: int | None = None, drift_ppm: int = 0) -> int: ...
    def segments(self) -> Sequence[Any]: ...
    def fetch(self, segment: Any, progress: Callable[[int], None] | None = None) -> bytes: ...
    def acknowledge(self, segment: Any) -> None: ...
    def provision(
        self,
        token_id: bytes,
        issuer: bytes,
        label: str,
        retention_days: int,
        entropy: bytes,
        authority: bytes,
        deployment: Deployment = ...,
    ) -> None: ...
    def set_authority(self, public: bytes) -> None: ...


def require_ours(hello: dict[str, Any], issuer: str) -> str:
    """Return the token's id; NotIssued or ForeignToken where it is not one of this registry's."""
    token_id = str(hello.get("token") or "")
    if not token_id:
        raise NotIssued()
    if hello.get("issuer") != issuer:
        label = hello.get("label") or token_id
        raise ForeignToken(
            f"Token {label} was issued by another registry ({hello.get('issuer') or 'unknown'}): "
            "bring it to the clinic that issued it."
        )
    return token_id
