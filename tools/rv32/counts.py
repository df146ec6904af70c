# SPDX-License-Identifier: Apache-2.0
"""Prints how many instructions the firmware takes on RV32, and what heap its modules take.

These are counts, not silicon: a real ESP32-C3 also waits for its flash, its cache and its radio, and its mbedtls may
have AES and SHA in hardware. What they are good for: the same program gives the same count, but for some tens of
instructions in a collection, so a change shows. With --write they go into docs/COUNTS.md, which a test holds later
ones to.
"""

from __future__ import annotations

import datetime
import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from bluetoken.bench import rv32 as whole_token
from bluetoken.errors import NoRv32
from rv32.run import REPOSITORY, Failure, Rv32, firmware, modules

CLOCK_HZ = 160_000_000
CYCLES_AN_INSTRUCTION = (1.0, 1.5)
COUNTS = REPOSITORY / "docs" / "COUNTS.md"
FAKES = REPOSITORY / "tests" / "firmware" / "fakes"

LINES = {
    "kept": "handler, an advert that is kept",
    "rejected": "handler, an advert that is not ours",
    "rejected_worst": "the same, of as many structures as fit",
    "taken_down": "from the ring into the table, an advert",
    "derive_keys": "derive_keys: RPIK and AEMK of a key",
    "renew": "a new key: both of them, and its record",
    "id_change": "a new identifier: RPI, AEM, advertisement",
    "pack": "40 encounters packed",
    "append": "40 encounters appended and flushed, littlefs in RAM",
    "append_worst": "the same, the longest of 20",
    "product": "X25519: a key of ours times somebody's",
    "public_key": "X25519: the public key of a private one",
    "encapsulate": "HPKE: both, and what is derived from them",
    "export": "HPKE: a key exported",
    "begin": "a segment's encapsulation, its modules loaded and let go",
    "seal": "1,100 bytes sealed, and the next key",
    "boot": "a whole token, from power to its first advert, all that included",
    "sync": "a whole token, a sync of 1,000 encounters",
    "collect": "gc.collect() with most modules loaded",
    "import": "import of the modules that stay, from littlefs",
    "import_late": "import of those that a segment begins with",
}
BYTES = {
    "heap": "heap taken by the modules that stay",
    "heap_late": "heap taken by those that a segment begins with",
    "begin_kept": "of which kept when it has begun",
    "heap_ring_radio_sightings": "heap taken by ring, radio and table of sightings",
    "handler_allocated": "heap taken by adverts",
    "append_programmed": "flash programmed for 40 encounters",
}
PAGE = """# Counts

What the firmware takes on an ESP32-C3's instruction set, counted on RV32 under QEMU, not measured on silicon. Written
by `make bench-rv32 ARGS=--write` on {date}. A test (`make test ARGS="-m rv32"`) fails when a figure has grown by more
than a tenth: either the growth was not meant, or this page is written anew in the same commit. What allocates also
depends on where the heap has gaps; another compiler gives other counts.

| figure | what | count |
|---|---|---:|
{rows}
"""


def measure() -> dict[str, int]:
    """Return what counted.py found, and what a whole token did."""
    files = firmware() | modules(FAKES, "fakes")
    files |= modules(Path(__file__).parent, "counts", paths=[Path(__file__).with_name("counted.py")])
    with Rv32(files) as machine:
        printed = machine.exec(
            'sys.path += ["/rom/fakes", "/rom/counts"]\nimport counted\ncounted.main(flash)'
        )
    pairs = [line.split() for line in printed.splitlines()]
    found = {name: int(value) for name, value in pairs}
    found["boot"] = whole_token.boot_to_first_advert()
    found["sync"] = whole_token.sync_of_a_thousand_records()
    return found


def table(found: dict[str, int]) -> str:
    lines = [
        "Counted on RV32 under QEMU, not measured on silicon; ms at 160 MHz, at so many cycles an instruction:",
        f"{'':52}{'instructions':>14}" + "".join(f"{f'{each:g}':>10}" for each in CYCLES_AN_INSTRUCTION),
    ]
    for name, text in LINES.items():
        took_ms = [found[name] * each / CLOCK_HZ * 1000 for each in CYCLES_AN_INSTRUCTION]
        lines.append(f"{text:52}{found[name]:14,}" + "".join(f"{each:10.3f}" for each in took_ms))
    lines += ["", f"Heap after import, bytes of {found['heap_total']:,} (bytecode on littlefs):"]
    owned = {name: value for name, value in found.items() if name.startswith("heap.")}
    for name, value in sorted(owned.items(), key=lambda each: -each[1]):
        lines.append(f"  {name.removeprefix('heap.'):20}{value:8,}")
    lines.append(f"  {'those that stay':20}{found['heap']:8,}")
    lines.append(f"  {'sealing, in passing':20}{found['heap_late']:8,}")
    lines.append(f"  ring, radio and table of sightings take {found['heap_ring_radio_sightings']:,} more")
    lines.append(
        f"  free at the end: {found['heap_free_at_the_end']:,}; the handler allocated {found['handler_allocated']}"
    )
    lines.append(f"Flash programmed for 40 encounters: {found['append_programmed']:,} bytes")
    return "\n".join(lines)


def page(found: dict[str, int], date: datetime.date) -> str:
    """Return docs/COUNTS.md."""
    units = {name: f"{text}, instructions" for name, text in LINES.items()}
    units |= {name: f"{text}, bytes" for name, text in BYTES.items()}
    rows = "\n".join(f"| `{name}` | {text} | {found[name]:,} |" for name, text in units.items())
    return PAGE.format(date=date.isoformat(), rows=rows)


def written(text: str) -> dict[str, int]:
    """Return the figures of such a page."""
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([\d,]+) \|$", text, re.MULTILINE)
    return {name: int(count.replace(",", "")) for name, count in rows}


def grown(found: dict[str, int], before: dict[str, int]) -> list[str]:
    """Say which figures are more than a tenth above what they were."""
    return [
        f"{name} has grown from {count:,} to {found[name]:,}"
        for name, count in before.items()
        if found[name] > count * 1.1
    ]


if __name__ == "__main__":
    try:
        found = measure()
        print(table(found))
        if sys.argv[1:] == ["--write"]:
            COUNTS.write_text(page(found, datetime.date.today()))
    except (NoRv32, Failure) as problem:
        sys.exit(str(problem))
