"""Scenarios: who is where when, and what befalls them (docs/VIRTUAL.md describes every key)."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bluetoken.errors import BadScenario

_NAME = re.compile(r"[\w-]+")
PROCESSORS = ("native", "rv32")  # this machine's, and QEMU's of the ESP32-C3's instruction set
SYSTEMS = ("android", "iphone")
FAULTS = ("mute", "short")
_UNITS_S = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?")


@dataclass(frozen=True)
class Span:
    """A stretch of virtual time, in microseconds from the scenario's start."""

    from_us: int
    to_us: int


@dataclass(frozen=True)
class Place:
    """Where a token is from a moment on; None is out of everybody's reach."""

    from_us: int
    at_m: tuple[float, float] | None


@dataclass(frozen=True)
class TokenPlan:
    """One token of a scenario."""

    name: str
    board: str
    places: tuple[Place, ...]
    drift_ppm: float = 0.0
    battery_mv: int = 4000
    baud: int | None = None
    processor: str = "native"
    plugged: tuple[Span, ...] = ()
    power_cuts: tuple[Span, ...] = ()
    button: tuple[Span, ...] = ()
    clock_jumps: tuple[tuple[int, int], ...] = ()  # (at_us, by_s)

    def position(self, at_us: int) -> tuple[float, float] | None:
        return _position(self.places, at_us)


@dataclass(frozen=True)
class PhonePlan:
    """A phone with Bluezone's app; without a `daily_key` it draws its own."""

    name: str
    places: tuple[Place, ...]
    daily_key: bytes | None = None
    tx_power_dbm: int = -15  # Android's TX_POWER_LOW: nominal, phones differ
    system: str = SYSTEMS[0]
    foreground: tuple[Span, ...] = ()  # an iPhone's: when somebody looks at the app
    fault: str | None = None  # an iPhone's, of those who connect: it never answers, or with too few bytes

    def position(self, at_us: int) -> tuple[float, float] | None:
        return _position(self.places, at_us)


def _position(places: tuple[Place, ...], at_us: int) -> tuple[float, float] | None:
    n = bisect_right(places, at_us, key=lambda place: place.from_us) - 1
    return places[n].at_m if n >= 0 else None


@dataclass(frozen=True)
class Scenario:
    name: str
    seed: int
    start: datetime
    duration_us: int
    tokens: tuple[TokenPlan, ...]
    phones: tuple[PhonePlan, ...] = ()
    text: str = field(default="", repr=False)

    def on(self, processor: str) -> Scenario:
        """The same with all tokens on that processor."""
        known = _processor(processor, "--processor")
        return replace(self, tokens=tuple(replace(plan, processor=known) for plan in self.tokens))

    def unix_ms(self, at_us: int) -> int:
        return int(self.start.timestamp() * 1000) + at_us // 1000


def microseconds(text: Any, key: str) -> int:
    """Read "1h30m", "25m", "0s", "1.5s"."""
    match = _DURATION.fullmatch(text) if isinstance(text, str) and text else None
    if match is None or not any(match.groups()):
        raise BadScenario(f'{key} must be a time such as "1h30m" or "45s", not {text!r}.')
    seconds = sum(float(n or 0) * _UNITS_S[u] for n, u in zip(match.groups(), "dhms", strict=True))
    return round(seconds * 1_000_000)


_TOP = {"name", "seed", "start", "duration", "token", "phone"}
_TOKEN = {
    "name",
    "board",
    "position",
    "moves",
    "drift_ppm",
    "battery_mv",
    "baud",
    "processor",
    "plugged",
    "power_cuts",
    "button",
    "clock_jumps",
}
_PHONE = {"name", "position", "moves", "daily_key", "tx_power_dbm", "system", "foreground", "fault"}


def load_scenario(path: Path) -> Scenario:
    """Read and check a scenario; errors name the key."""
    try:
        text = path.read_text(encoding="utf-8")
        told = tomllib.loads(text)
    except OSError as error:
        raise BadScenario(f"{path}: cannot be read ({error.strerror}).") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadScenario(f"{path}: this is not TOML: {error}.") from None
    try:
        return _scenario(told, text)
    except BadScenario as error:
        raise BadScenario(f"{path}: {error}") from None


def _scenario(told: dict[str, Any], text: str) -> Scenario:
    _only(told, _TOP, "")
    start = _typed(told, "start", datetime, "")
    if start.tzinfo is None:
        raise BadScenario("start must say its time zone, such as 2026-03-02T00:00:00Z.")
    plans = _typed(told, "token", list, "")
    tokens = tuple(_token(plan, f"token[{n}].") for n, plan in enumerate(plans))
    phones = tuple(_phone(plan, f"phone[{n}].") for n, plan in enumerate(_optional(told, "phone", list, "", [])))
    names = [token.name for token in tokens] + [phone.name for phone in phones]
    if not tokens or len(set(names)) != len(names) or not all(map(_NAME.fullmatch, names)):
        raise BadScenario(
            "there must be tokens, and each, as each phone, needs a name of its own: letters, digits, - and _."
        )
    return Scenario(
        name=_typed(told, "name", str, ""),
        seed=_typed(told, "seed", int, ""),
        start=start.astimezone(UTC),
        duration_us=microseconds(told.get("duration"), "duration"),
        tokens=tokens,
        phones=phones,
        text=text,
    )


def _token(told: Any, where: str) -> TokenPlan:
    if not isinstance(told, dict):
        raise BadScenario(f"{where.rstrip('.')} must be a table.")
    _only(told, _TOKEN, where)
    baud = told.get("baud")
    if baud is not None and (type(baud) is not int or baud < 300):
        raise BadScenario(f"{where}baud must be a line rate such as 115200.")
    return TokenPlan(
        name=_typed(told, "name", str, where),
        board=_optional(told, "board", str, where, "virtual"),
        places=_places(told, where),
        drift_ppm=_number(told, "drift_ppm", where),
        battery_mv=_optional(told, "battery_mv", int, where, 4000),
        baud=baud,
        processor=_processor(_optional(told, "processor", str, where, PROCESSORS[0]), f"{where}processor"),
        plugged=_spans(told, "plugged", where),
        power_cuts=_spans(told, "power_cuts", where),
        button=_spans(told, "button", where),
        clock_jumps=_jumps(told, where),
    )


def _phone(told: Any, where: str) -> PhonePlan:
    if not isinstance(told, dict):
        raise BadScenario(f"{where.rstrip('.')} must be a table.")
    _only(told, _PHONE, where)
    key = told.get("daily_key")
    if key is not None and not (isinstance(key, str) and re.fullmatch("[0-9A-Fa-f]{64}", key)):
        raise BadScenario(f"{where}daily_key must be 64 hexadecimal digits, not {key!r}.")
    system = _one_of(_optional(told, "system", str, where, SYSTEMS[0]), SYSTEMS, f"{where}system")
    for each in ("foreground", "fault"):
        if each in told and system != "iphone":
            raise BadScenario(f"{where}{each} is for iPhones.")
    return PhonePlan(
        name=_typed(told, "name", str, where),
        places=_places(told, where),
        daily_key=None if key is None else bytes.fromhex(key),
        tx_power_dbm=_optional(told, "tx_power_dbm", int, where, PhonePlan.tx_power_dbm),
        system=system,
        foreground=_spans(told, "foreground", where),
        fault=_one_of(told["fault"], FAULTS, f"{where}fault") if "fault" in told else None,
    )


def _places(told: dict[str, Any], where: str) -> tuple[Place, ...]:
    places = [Place(0, _point(told.get("position"), where + "position"))]
    for n, move in enumerate(_optional(told, "moves", list, where, [])):
        key = f"{where}moves[{n}]"
        if not isinstance(move, list) or len(move) != 2:
            raise BadScenario(f'{key} must be [time, [x, y]] or [time, "away"].')
        places.append(Place(microseconds(move[0], key), _point(move[1], key)))
    if sorted(places, key=lambda p: p.from_us) != places:
        raise BadScenario(f"{where}moves must be in the order of time.")
    return tuple(places)


def _processor(name: str, key: str) -> str:
    return _one_of(name, PROCESSORS, key)


def _one_of(name: Any, known: tuple[str, ...], key: str) -> str:
    if name not in known:
        raise BadScenario(f"{key} must be one of {', '.join(known)}, not {name!r}.")
    return str(name)


def _jumps(told: dict[str, Any], where: str) -> tuple[tuple[int, int], ...]:
    jumps = []
    for n, jump in enumerate(_optional(told, "clock_jumps", list, where, [])):
        key = f"{where}clock_jumps[{n}]"
        if not isinstance(jump, list) or len(jump) != 2 or type(jump[1]) is not int:
            raise BadScenario(f"{key} must be [time, seconds].")
        jumps.append((microseconds(jump[0], key), jump[1]))
    return tuple(jumps)


def _number(told: dict[str, Any], key: str, where: str) -> float:
    value = told.get(key, 0)
    if type(value) not in (int, float):
        raise BadScenario(f"{where}{key} must be a number, not {value!r}.")
    return float(value)


def _optional(told: dict[str, Any], key: str, kind: type, where: str, default: Any) -> Any:
    return _typed(told, key, kind, where) if key in told else default


def _point(value: Any, key: str) -> tuple[float, float] | None:
    if value == "away":
        return None
    if isinstance(value, list) and len(value) == 2 and all(type(v) in (int, float) for v in value):
        return float(value[0]), float(value[1])
    raise BadScenario(f'{key} must be [x, y] in metres, or "away".')


def _spans(told: dict[str, Any], key: str, where: str) -> tuple[Span, ...]:
    spans = []
    for n, span in enumerate(_optional(told, key, list, where, [])):
        name = f"{where}{key}[{n}]"
        if not isinstance(span, list) or len(span) != 2:
            raise BadScenario(f"{name} must be [from, to].")
        from_us, to_us = microseconds(span[0], name), microseconds(span[1], name)
        if to_us <= from_us:
            raise BadScenario(f"{name} ends before it begins.")
        spans.append(Span(from_us, to_us))
    return tuple(spans)


def _only(told: dict[str, Any], known: set[str], where: str) -> None:
    for key in told:
        if key not in known:
            raise BadScenario(f"unknown key {where}{key}; known are: {', '.join(sorted(known))}.")


def _typed(told: dict[str, Any], key: str, kind: type, where: str) -> Any:
    if key not in told:
        raise BadScenario(f"the key {where}{key} is missing.")
    if not isinstance(told[key], kind) or isinstance(told[key], bool):
        raise BadScenario(f"{where}{key} must be {_NAMES[kind]}, not {told[key]!r}.")
    return told[key]


_NAMES = {str: "a text", int: "a whole number", list: "a list", datetime: "a time"}
