"""Who takes a running token and stops it finds no key in the interpreter's memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from mpremote.transport_serial import SerialTransport

from bluetoken.exposure.opening import _chain, _numbered
from wearable import reading, records
from wearable.protocols import bluezone, gaen

from . import flash_image, journal_bytes
from .conftest import Restore
from .day import Day
from .snapshots import Snapshot

PROGRAM = (Path(__file__).parent / "look_into_memory.py").read_text()
NOTHING_SCRUBBED = "def free_memory():\n    pass\n"


@pytest.fixture
def issued_day(restore: Restore, issued: Snapshot) -> Iterator[Day]:
    """A and B, given out a moment ago."""
    day, _ = restore(issued, "A", "B")
    yield day


def interrupted(day: Day) -> SerialTransport:
    """The token's prompt after Ctrl-C, everything still in memory that was there."""
    day.stage.plug(day.token)
    day.pass_s(35)
    transport = SerialTransport(day.token.cable.path, baudrate=115200, timeout=30)
    transport.is_pty = False
    transport.enter_raw_repl(soft_reset=False, timeout_overall=10)
    return transport


def heap(transport: SerialTransport) -> tuple[int, int]:
    """Where the heap lies and how long it is."""
    told = transport.exec("import micropython\nmicropython.mem_info(1)").decode()
    base = re.search(r"GC memory layout; from ([0-9a-f]+):", told)
    total = re.search(r"GC: total: (\d+)", told)
    assert base and total
    return int(base[1], 16), int(total[1])


def secrets(day: Day) -> dict[str, bytes]:
    """Every key that the token has had since it was begun, found with the authority's private key."""
    found: dict[str, bytes] = {}
    for number, raw in flash_image.segments(day.image(day.token)).items():
        header = records.unpack_header(raw)
        chain = _chain(header, journal_bytes.KEYS)
        assert chain is not None, "the test is about sealed segments"
        for index, (_, batch) in enumerate(_numbered(header, raw)):
            found[f"secret-{number}.{index}"] = bytes(chain._secret)
            chain.unseal(raw[: records.HEADER_BYTES], batch.head, batch.payload)
            found[f"key-{number}.{index}"] = bytes(chain._step[:32])
            chain.advance()
        found[f"next-secret-{number}"] = bytes(chain._secret)
    for key in journal_bytes.found(flash_image.segments(day.image(day.token)), reading.Key):
        rpik, aemk = gaen.derive_keys(key.tek)
        found |= {"TEK": key.tek, "RPIK": bytes(rpik), "AEMK": bytes(aemk)}
    for zone in journal_bytes.found(flash_image.segments(day.image(day.token)), reading.BluezoneKey):
        links = enumerate(bluezone.sub_keys(zone.daily_key))
        found |= {"daily": zone.daily_key, **{f"link-{n}": link for n, link in links if n <= zone.slot + 3}}
    assert {"TEK", "RPIK", "AEMK"} < set(found) and len(found) > 8
    return found


def seen_in_memory(day: Day) -> set[str]:
    transport = interrupted(day)
    try:
        base, total = heap(transport)
        transport.exec(f"BASE, BYTES, NEEDLES = {base}, {total}, []")
        for name, key in secrets(day).items():
            # One by one, for the memory of a token that is interrupted may be free in small pieces only.
            transport.exec(f"NEEDLES.append({(name, bytes(byte + 1 & 0xFF for byte in key))!r})")
        told = transport.exec(PROGRAM)
    finally:
        transport.close()
    return set(told.decode().split())


def test_after_ctrl_c_no_key_is_in_the_heap(issued_day: Day) -> None:
    issued_day.stage.unplug(issued_day.token)
    issued_day.pass_s(30 * 60)
    assert seen_in_memory(issued_day) == set()


def test_nor_is_one_of_both_protocols(restore: Restore, issued: Snapshot) -> None:
    day, _ = restore(Snapshot({"A": both(issued), "B": issued.images["B"]}, issued.registry, issued.after), "A", "B")
    day.stage.unplug(day.token)
    day.pass_s(30 * 60)
    assert seen_in_memory(day) == set()
    assert {"daily", "link-0"} < set(secrets(day))


def both(issued: Snapshot) -> bytes:
    """A's image, told to speak both protocols."""
    image = issued.images["A"]
    told = json.loads(flash_image.files(image)["/token.json"]) | {"protocol": "both"}
    return flash_image.with_files(image, {"/token.json": json.dumps(told).encode()})


def test_the_search_finds_keys_where_freed_memory_is_left_as_it_is(restore: Restore, issued: Snapshot) -> None:
    image = flash_image.with_files(
        issued.images["A"], {"/lib/wearable/scrub.py": NOTHING_SCRUBBED.encode()}
    )
    day, _ = restore(Snapshot({"A": image, "B": issued.images["B"]}, issued.registry, issued.after), "A", "B")
    day.stage.unplug(day.token)
    day.pass_s(60)  # soon after the keys were derived: later it is chance what the freed memory was used for
    assert seen_in_memory(day)
