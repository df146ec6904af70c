"""`bluetoken status`: how the token on the cable is doing."""

from datetime import datetime
from typing import Any

from bluetoken import clock
from bluetoken.cli.common import JsonOption, PortOption, counted, emit, local, open_desk, say
from bluetoken.errors import UnknownToken
from bluetoken.registry import Registry, open_registry
from wearable.records import CLOCK_SET


def status(port: PortOption = None, as_json: JsonOption = False) -> None:
    """Say how the token on the cable is doing and what the registry knows of it."""
    with open_registry() as registry, open_desk(port) as desk:
        hello, state = desk.hello(), desk.status()
        segments = [(each.number, each.length, each.crc32) for each in desk.segments()]
        known = _registry_knowledge(registry, hello, segments)
    if as_json:
        emit({"hello": hello, "status": state, "segments": len(segments), "registry": known})
    else:
        say(_whose(hello, known), *_last_sync(known), *_waiting(segments, known))
        say(*_health(hello, state))


def _registry_knowledge(
    registry: Registry, hello: dict[str, Any], segments: list[tuple[int, int, int]]
) -> dict[str, Any] | None:
    """Return what the registry knows of the token, None where it did not issue it."""
    if not hello.get("token") or hello.get("issuer") != registry.issuer:
        return None
    try:
        token = registry.tokens.get(hello["token"], "status")
    except UnknownToken:
        return None
    last = registry.syncs.last(token.token_id)
    held = registry.segments.held(token.token_id)
    return {
        "label": token.label,
        "holder": token.holder.reference,
        "state": str(token.state),
        "issued_at": token.issued_at,
        "consent": registry.tokens.may_process(token.token_id),
        "last_sync_at": last.finished_at if last else None,
        "trim": trim.as_dict() if (trim := registry.syncs.trim(token.token_id)) else None,
        "segments_stored": len(held),
        "segments_waiting": sum(held.get(number) != (length, crc) for number, length, crc in segments),
    }


def _whose(hello: dict[str, Any], known: dict[str, Any] | None) -> str:
    if not hello.get("token"):
        return "This token was not issued to anybody yet: give it out with `bluetoken issue`."
    if known is None:
        return (
            f"Token {hello.get('label') or hello['token']} was not issued by this registry: "
            "bring it to the clinic that issued it."
        )
    consent = "" if known["consent"] else "; the consent was withdrawn"
    since = local(known["issued_at"])
    return f"Token {known['label']}, {known['state']}, given to {known['holder']} on {since}{consent}."


def _last_sync(known: dict[str, Any] | None) -> list[str]:
    if known is None:
        return []
    last: datetime | None = known["last_sync_at"]
    return [f"Last synced on {local(last)}." if last else "Never synced."]


def _waiting(segments: list[tuple[int, int, int]], known: dict[str, Any] | None) -> list[str]:
    if not segments:
        return ["It holds nothing."]
    if known is None:
        return [f"It holds {counted(len(segments), 'segment')}."]
    if not known["segments_waiting"]:
        return [f"It holds {counted(len(segments), 'segment')}, everything is in the registry."]
    waiting = known["segments_waiting"]
    held = counted(len(segments), "segment")
    return [f"It holds {held}, {waiting} of them not in the registry: run `bluetoken sync`."]


def _trim(state: dict[str, Any]) -> str:
    """Say what the clock adds to its oscillator's time, where a desk has measured it."""
    if not state.get("trim_e7"):
        return ""
    how = "slow" if state["trim_e7"] > 0 else "fast"
    ppm = abs(state["trim_e7"]) / 10
    return f" Its oscillator is {ppm:.1f} ppm {how}, which is made up for to within {state.get('drift_ppm')} ppm."


def _health(hello: dict[str, Any], state: dict[str, Any]) -> list[str]:
    """Say how the device is, as far as it told."""
    lines = [f"Board {hello.get('board') or 'unknown'}, Bluetoken {hello.get('version') or 'unknown'}."]
    if state.get("battery_mv"):
        lines.append(f"Battery: {state['battery_mv'] / 1000:.2f} V.")
    if state.get("unix_ms") is not None:
        off_s = (clock.unix_ms() - int(state["unix_ms"])) / 1000
        lost = "" if state.get("clock_state", CLOCK_SET) == CLOCK_SET else ", and was lost: sync the token"
        lines.append(f"Clock: {abs(off_s):.1f} s {'slow' if off_s > 0 else 'fast'}{lost}.{_trim(state)}")
    if state.get("flash_bytes"):
        lines.append(f"Memory: {100 * state.get('free_bytes', 0) // state['flash_bytes']} % free.")
    if state.get("crashes"):
        lines.append(f"It crashed {counted(state['crashes'], 'time')}; --json shows its last words.")
    return lines
