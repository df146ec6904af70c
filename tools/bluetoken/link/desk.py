"""A token at the desk: the functions of the firmware's desk.py, called over the cable."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from zlib import crc32

from bluetoken.deployment import Deployment
from bluetoken.errors import CableLost, DamagedSegment, DeviceFault, NoApp
from bluetoken.link.frames import BadFrame, Decoder
from bluetoken.link.repl import Repl

RETRIES = 3


@dataclass(frozen=True)
class Segment:
    """A stored segment as the token lists it; length in bytes."""

    number: int
    length: int
    crc32: int


class Desk:
    """Talk to the token on `port`; a context manager.

    Left without resume(), the token stays stopped until its watchdog sends it back to work.
    """

    def __init__(self, port: str) -> None:
        self.port = port
        self._repl = Repl(port)

    def __enter__(self) -> Desk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._repl.close()

    def _ask(self, call: str) -> dict[str, Any]:
        try:
            printed = self._repl.run(f"from wearable import desk\ndesk.{call}")
        except DeviceFault as fault:
            if "ImportError" in str(fault):
                raise NoApp from fault
            raise
        try:
            answer = json.loads(printed.strip().splitlines()[-1])
        except (IndexError, ValueError):
            raise CableLost from None
        if "error" in answer:
            raise DeviceFault(f"The token refused: {answer['error']}.")
        return answer

    def hello(self) -> dict[str, Any]:
        return self._ask("hello()")

    def status(self) -> dict[str, Any]:
        return self._ask("status()")

    def set_clock(self, unix_ms: int, trim_e7: int | None = None, drift_ppm: int = 0) -> int:
        """Set UTC, and the clock's trim if it is told; returns by how many milliseconds the host was ahead before."""
        trimmed = "" if trim_e7 is None else f", {trim_e7}, {drift_ppm}"
        return unix_ms - self._ask(f"set_clock({unix_ms}{trimmed})")["before_ms"]

    def segments(self) -> list[Segment]:
        return [Segment(**found) for found in self._ask("segments()")["segments"]]

    def fetch(self, segment: Segment, progress: Callable[[int], None] | None = None) -> bytes:
        """Read a segment; a disturbed line is asked again from the last good byte on."""
        data = bytearray()
        for _ in range(RETRIES):
            decoder = Decoder(len(data))
            with contextlib.suppress(BadFrame):
                self._stream(segment.number, len(data), decoder, len(data), progress)
            data += decoder.data
            if decoder.ended:
                break
        if len(data) != segment.length or crc32(data) != segment.crc32:
            raise DamagedSegment(
                f"Segment {segment.number} did not come over the cable as the token has it: "
                "it stays on the token, repeat the command."
            )
        return bytes(data)

    def _stream(
        self,
        number: int,
        offset: int,
        decoder: Decoder,
        before: int,
        progress: Callable[[int], None] | None,
    ) -> None:
        fault: list[BadFrame] = []

        def consume(chunk: bytes) -> None:
            # After a bad frame the rest of the stream is let pass, so that the prompt comes in step.
            if not fault:
                try:
                    decoder.feed(chunk)
                except BadFrame as error:
                    fault.append(error)
            if progress:
                progress(before + len(decoder.data))

        self._repl.stream(f"from wearable import desk\ndesk.stream({number}, {offset})", consume)

    def acknowledge(self, segment: Segment) -> None:
        """Have the token delete a segment that is committed here."""
        self._ask(f"acknowledge({segment.number}, {segment.length}, {segment.crc32})")

    def provision(
        self,
        token_id: bytes,
        issuer: bytes,
        label: str,
        retention_days: int,
        entropy: bytes,
        authority: bytes,
        deployment: Deployment = Deployment(),
    ) -> None:
        """Give the token an identity; `authority` is the public key it seals to, empty to write in the clear."""
        self._ask(
            f"provision({token_id.hex()!r}, {issuer.hex()!r}, {label!r}, {retention_days}, "
            f"{deployment.service_uuid}, {entropy.hex()!r}, {authority.hex()!r}, "
            f"{deployment.utc_offset_min}, {deployment.protocol!r}, {deployment.connectable}, "
            f"{deployment.read_iphones})"
        )

    def set_authority(self, public: bytes) -> None:
        """Have the token seal to another public key from the next segment on."""
        self._ask(f"set_authority({public.hex()!r})")

    def erase_all(self) -> int:
        """Have the token forget everything; returns how many segments there were."""
        return self._ask("erase_all()")["erased"]

    def resume(self) -> None:
        """Send the token back to work."""
        self._repl.leave("from wearable import desk\ndesk.resume()")
