"""A token in a folder: what `bluetoken.link` would say of one on the cable, and it survives being killed."""

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from bluetoken.deployment import Deployment
from bluetoken.errors import CableLost
from wearable import records

#: What a firmware that trims its clock tells of it, once it was set.
CLOCK = ("clock_state", "set_s", "trim_e7", "drift_ppm")


@dataclass(frozen=True)
class FakeSegment:
    number: int
    length: int
    crc32: int


class FakeToken:
    """The token itself: its settings in a JSON file, its segments as files beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._settings = folder / "token.json"
        if not self._settings.exists():
            self.write(token="", issuer="", label="", authority="", clock_ms=0, boot=1, battery_mv=3900)
            self.write(no_room=0, trim_e7=0, drift_ppm=200)

    def read(self) -> dict[str, Any]:
        return json.loads(self._settings.read_text())

    def write(self, **changes: Any) -> None:
        old = self.read() if self._settings.exists() else {}
        self._settings.write_text(json.dumps({**old, **changes}))

    def put(self, number: int, raw: bytes) -> None:
        (self.folder / f"{number:08}.seg").write_bytes(raw)

    def files(self) -> dict[int, bytes]:
        return {int(path.stem): path.read_bytes() for path in sorted(self.folder.glob("*.seg"))}

    def remove(self, number: int) -> None:
        (self.folder / f"{number:08}.seg").unlink()


class FakeDesk:
    """`bluetoken.link.desk.Desk` on a FakeToken; `cut_after` calls the cable is pulled."""

    def __init__(self, token: FakeToken, cut_after: int | None = None, garble: int | None = None) -> None:
        self.token = token
        self.cut_after = cut_after
        self.garble = garble  # number of a segment that arrives with a flipped bit
        self.calls: list[str] = []

    def __enter__(self) -> "FakeDesk":
        return self

    def __exit__(self, *error: object) -> None:
        self.calls.append("exit")

    def _call(self, name: str) -> None:
        if self.cut_after is not None and len(self.calls) >= self.cut_after:
            raise CableLost()
        self.calls.append(name)

    def hello(self) -> dict[str, Any]:
        self._call("hello")
        known = self.token.read()
        return {
            "app": "bluetoken",
            "version": "0.1.0",
            "protocol": 2,
            "board": "esp32c3",
            **{name: known[name] for name in ("token", "issuer", "label", "authority")},
        }

    def status(self) -> dict[str, Any]:
        self._call("status")
        known = self.token.read()
        return {
            **{name: known[name] for name in ("battery_mv", "boot", "no_room")},
            **{name: known[name] for name in CLOCK if name in known},
            "unix_ms": known["clock_ms"],
        }

    def set_clock(self, unix_ms: int, trim_e7: int | None = None, drift_ppm: int = 0) -> int:
        self._call("set_clock")
        offset_ms = unix_ms - self.token.read()["clock_ms"]
        set_s = unix_ms // 1000 - records.EPOCH_UNIX_S
        self.token.write(clock_ms=unix_ms, clock_state=records.CLOCK_SET, set_s=set_s)
        if trim_e7 is not None:
            self.token.write(trim_e7=trim_e7, drift_ppm=drift_ppm)
        return offset_ms

    def segments(self) -> list[FakeSegment]:
        self._call("segments")
        return [FakeSegment(number, len(raw), zlib.crc32(raw)) for number, raw in self.token.files().items()]

    def fetch(self, segment: FakeSegment, progress: Callable[[int], None] | None = None) -> bytes:
        self._call(f"fetch {segment.number}")
        raw = self.token.files()[segment.number]
        if progress:
            progress(len(raw) // 2)
            progress(len(raw))
        if segment.number == self.garble:
            raw = raw[:-1] + bytes([raw[-1] ^ 1])
        return raw

    def acknowledge(self, segment: FakeSegment) -> None:
        self._call(f"acknowledge {segment.number}")
        self.token.remove(segment.number)

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
        self._call("provision")
        assert len(token_id) == 8 and len(issuer) == 8 and len(entropy) == 32 and len(authority) in (0, 32)
        told = records.key_id(authority).hex() if authority else ""
        self.token.write(token=token_id.hex(), issuer=issuer.hex(), label=label, authority=told)
        self.deployment = deployment

    def set_authority(self, public: bytes) -> None:
        self._call("set_authority")
        self.token.write(authority=records.key_id(public).hex())

    def resume(self) -> None:
        self._call("resume")


def link_modules(desk: FakeDesk) -> dict[str, ModuleType]:
    """Return what stands in for `bluetoken.link` in sys.modules, with this token on the cable."""
    link, desk_module, ports = (ModuleType(f"bluetoken.link{name}") for name in ("", ".desk", ".ports"))
    desk_module.Desk = lambda port: desk  # type: ignore[attr-defined]
    ports.find_port = lambda port: port or "/dev/fake"  # type: ignore[attr-defined]
    return {module.__name__: module for module in (link, desk_module, ports)}
