"""SPEC.md, BOARDS.md and VIRTUAL.md say what the code does: their tables and examples are held to it."""

from __future__ import annotations

import ast
import dataclasses
import hmac
import json
import re
import struct
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from bluetoken import boards, cell
from bluetoken.bench.speed import AUTHORITY
from bluetoken.chips import CHIPS
from bluetoken.errors import BadBoard
from bluetoken.exposure.opening import open_segment
from bluetoken.keys import authority, documents, locking, public
from bluetoken.link import desk, flash, frames, repl
from bluetoken.registry import drift
from bluetoken.virtual import air, controller, handset, iphone, phone, scenario, token
from wearable import battery, button, pace, reading, records, ring, schedule, settings, sightings, trim
from wearable.crypto import hpke
from wearable.protocols import bluezone, bluezone_said, gaen, gaen_reading

ROOT = Path(__file__).parents[2]
WEARABLE = ROOT / "firmware" / "wearable"
PORT = ROOT / "tools" / "bluetoken" / "virtual" / "port"


class Document:
    """A document of docs/, by its sections."""

    def __init__(self, text: str) -> None:
        self.text = text

    def section(self, title: str) -> str:
        """The text below the one heading that begins with `title`, up to the next of its rank or above."""
        fenced = False
        found: list[str] = []
        rank = 0
        for line in self.text.splitlines():
            fenced ^= line.startswith("```")
            heading = None if fenced else re.match(r"(#+) (.*)", line)
            if heading and rank and len(heading[1]) <= rank:
                break
            if rank:
                found.append(line)
            elif heading and heading[2].startswith(title):
                rank = len(heading[1])
        assert rank, f"there is no section {title!r}"
        return "\n".join(found)

    def example(self, name: str) -> str:
        """The code block that follows <!-- example: name -->."""
        match = re.search(rf"<!-- example: {re.escape(name)} -->\n```\w*\n(.*?)```", self.text, re.DOTALL)
        assert match, f"there is no example {name!r}"
        return match[1]


def tables(text: str) -> list[list[list[str]]]:
    """The tables of a text, row by row, without their header; backquotes around a cell are taken off."""
    found: list[list[list[str]]] = []
    inside = False
    for line in text.splitlines():
        if not line.startswith("|"):
            inside = False
        elif not inside:
            found.append([])
            inside = True
        elif not set(line) <= set("|-"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            found[-1].append([cell[1:-1] if re.fullmatch(r"`[^`]*`", cell) else cell for cell in cells])
    return found


def read(name: str) -> Document:
    return Document((ROOT / "docs" / name).read_text(encoding="utf-8"))


SPEC, BOARDS, VIRTUAL = read("SPEC.md"), read("BOARDS.md"), read("VIRTUAL.md")


# The code that cannot be imported here, because it wants a chip or another interpreter.


def constants(path: Path) -> dict[str, Any]:
    """The plain constants of a module, const() taken off."""
    found: dict[str, Any] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value
            if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "const":
                value = value.args[0]
            try:
                found[node.targets[0].id] = ast.literal_eval(value)
            except ValueError:
                continue
    return found


def functions(path: Path) -> dict[str, ast.FunctionDef]:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {node.name: node for node in body if isinstance(node, ast.FunctionDef)}


def said(function: ast.FunctionDef) -> list[str]:
    """The keys of what a desk call prints."""
    return [
        ast.literal_eval(key)
        for call in calls(function, "_say")
        if isinstance(call.args[0], ast.Dict)
        for key in call.args[0].keys
        if key is not None
    ]


def calls(function: ast.FunctionDef, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
            yield node


# SPEC.md: layouts.

ADVERTISEMENT = "<BBBBBHBBH16s4s"
ADVERTISEMENT_FIELDS = (
    *("flags_length", "flags_type", "flags", "uuids_length", "uuids_type", "uuid"),
    *("data_length", "data_type", "data_uuid", "rpi", "aem"),
)
BLUEZONE_ADVERTISEMENT = "<BBBBBH12sBBH"
BLUEZONE_ADVERTISEMENT_FIELDS = (
    *("flags_length", "flags_type", "flags", "data_length", "data_type", "company"),
    *("bluezone_id", "uuids_length", "uuids_type", "uuid"),
)
HEADER_FIELDS = ("magic", "version", "seal", "header_bytes", *records.Header._fields[2:], "crc")
BODY_FIELDS = reading.Body._fields[1:2]
# Two times of twelve bits lie across two fields.
ENCOUNTER_FIELDS = ("kind", "rpi", "power", "when", "span", *reading.Encounter._fields[4:])
BATCH_FIELDS = ("number", "span_s", "length")
KEY_FIELDS = ("kind", *reading.Key._fields)
BLUEZONE_ENCOUNTER_FIELDS = ("kind", "bluezone_id", "when", "span", *reading.BluezoneEncounter._fields[3:])
BLUEZONE_KEY_FIELDS = ("kind", *reading.BluezoneKey._fields)
EVENT_FIELDS = ("kind", "code", "after_s", "value")
RETAINED_FIELDS = ("magic", "clock_state", "crashes", "trim_e7", "drift_ppm", "set_s", "boot", "no_room", "crc")
HEADER = records._HEADER + records._CRC[1:]
RETAINED = records._RETAINED + records._CRC[1:]

FIXED_LAYOUTS = [
    ("1.1", 0, ADVERTISEMENT, ADVERTISEMENT_FIELDS),
    ("1.1", 1, "<BbH", ("version", "tx_power_dbm", "reserved")),
    ("1.5", 0, BLUEZONE_ADVERTISEMENT, BLUEZONE_ADVERTISEMENT_FIELDS),
    ("2.3", 0, HEADER, HEADER_FIELDS),
    ("2.5", 0, records._BODY, BODY_FIELDS),
    ("2.6", 0, records._ENCOUNTER, ENCOUNTER_FIELDS),
    ("2.6", 1, records._BLUEZONE_ENCOUNTER, BLUEZONE_ENCOUNTER_FIELDS),
    ("2.7", 0, records._KEY, KEY_FIELDS),
    ("2.7", 1, records._BLUEZONE_KEY, BLUEZONE_KEY_FIELDS),
    ("2.8", 0, records._EVENT, EVENT_FIELDS),
    ("2.12", 0, RETAINED, RETAINED_FIELDS),
]
TYPES = {"B": "u8", "b": "i8", "H": "u16", "h": "i16", "I": "u32"}


def parts(layout: str) -> list[tuple[int, int, str]]:
    """The (offset, bytes, type) of a struct's fields."""
    found = []
    offset = 0
    for count, kind in re.findall(r"(\d*)([a-zA-Z])", layout):
        size = struct.calcsize(f"<{count}{kind}")
        found.append((offset, size, TYPES.get(kind, "")))
        offset += size
    return found


def check_layout(document: Document, section: str, index: int, layout: str, names: tuple[str, ...]) -> None:
    rows = tables(document.section(section))[index]
    assert [row[2] for row in rows] == list(names)
    told = [(int(row[0]), row[1]) for row in rows]
    assert told == [(offset, f"{8 * size}-bits") for offset, size, _ in parts(layout)]
    for row, (_, _, kind) in zip(rows, parts(layout), strict=True):
        named = re.match(r"[ui](8|16|32)\b", row[3])
        assert not named or named[0] == kind, row


@pytest.mark.parametrize(("section", "index", "layout", "names"), FIXED_LAYOUTS)
def test_a_layout_is_the_codes(section: str, index: int, layout: str, names: tuple[str, ...]) -> None:
    check_layout(SPEC, section, index, layout, names)


@pytest.mark.parametrize(
    ("changed", "into"),
    [
        ("| 36 | 16-bits | `uncertainty_s`", "| 36 | 32-bits | `uncertainty_s`"),
        ("| 38 | 8-bits | `clock_state`", "| 39 | 8-bits | `clock_state`"),
        ("| `rssi_offset_db` | i8", "| `rssi_offset_db` | u8"),
        ("| `set_s` | u32", "| `sat_s` | u32"),
    ],
)
def test_a_layout_that_drifts_is_noticed(changed: str, into: str) -> None:
    assert changed in SPEC.text
    drifted = Document(SPEC.text.replace(changed, into))
    with pytest.raises(AssertionError):
        check_layout(drifted, "2.3", 0, HEADER, HEADER_FIELDS)


def check_around(section: str, index: int, head: str, middle: tuple[str, ...], tail: str) -> None:
    """A layout whose data have a length of their own."""
    rows = tables(SPEC.section(section))[index]
    sizes = [f"{8 * size}-bits" for _, size, _ in parts(head)]
    begin = struct.calcsize(head)
    assert [row[1] for row in rows] == [*sizes, "`length` bytes", f"{8 * struct.calcsize(tail)}-bits"]
    assert [row[0] for row in rows[: len(sizes)]] == [str(offset) for offset, _, _ in parts(head)]
    assert [row[0] for row in rows[len(sizes) :]] == [str(begin), f"{begin} + `length`"]
    assert tuple(row[2] for row in rows) == middle


def test_batches_and_frames_have_the_codes_layout() -> None:
    check_around("2.4", 0, records._BATCH, (*BATCH_FIELDS, "payload", "crc"), records._CRC)
    frame = ("offset", "length", "data", "crc")
    check_around("4.2", 0, frames.HEAD.format, frame, frames.TAIL.format)
    assert constants(WEARABLE / "desk.py")["_FRAME"] == frames.HEAD.format


def test_record_kinds_are_the_codes() -> None:
    for section, index, kind in (
        ("2.6", 0, records.ENCOUNTER),
        ("2.7", 0, records.KEY),
        ("2.8", 0, records.EVENT),
        ("2.6", 1, records.BLUEZONE_ENCOUNTER),
        ("2.7", 1, records.BLUEZONE_KEY),
    ):
        assert tables(SPEC.section(section))[index][0][2:] == ["kind", str(kind)]


@pytest.mark.parametrize(
    ("section", "index", "prefix"), [("2.8", 1, "EVENT_"), ("2.9", 0, "SEAL_"), ("3.3", 0, "CLOCK_")]
)
def test_codes_are_the_codes(section: str, index: int, prefix: str) -> None:
    told = {prefix + row[1]: int(row[0]) for row in tables(SPEC.section(section))[index]}
    code = {name: value for name, value in vars(records).items() if name.startswith(prefix)}
    code.pop("EVENT_BYTES", None)
    assert told == code


# SPEC.md: examples.


def dumped(example: str) -> tuple[bytes, list[tuple[str, int, bytes]]]:
    """The bytes of an annotated dump, and (note, offset, bytes) for each field."""
    data = b""
    fields: list[tuple[str, int, bytes]] = []
    for line in example.splitlines():
        match = re.fullmatch(r"([0-9a-f]{4})  ((?:[0-9a-f]{2} ?)+) *(.*)", line)
        assert match, line
        assert int(match[1], 16) == len(data), line
        piece = bytes.fromhex(match[2])
        if match[3]:
            fields.append((match[3].strip(), len(data), piece))
        else:
            note, offset, before = fields[-1]
            fields[-1] = (note, offset, before + piece)
        data += piece
    return data, fields


def noted(layout: str, names: tuple[str, ...], data: bytes) -> list[str]:
    """What the notes beside the fields of a struct must be."""
    found = []
    for name, value in zip(names, struct.unpack_from(layout, data), strict=True):
        if name == "magic":
            value = value.decode()
        elif name == "crc":
            value = f"0x{value:08x}"
        elif isinstance(value, bytes):
            value = value.hex()
        found.append(f"{name} = {value}")
    return found


def notes_of_segment(data: bytes) -> list[str]:
    """Walk through a segment as section 2 says."""
    found = noted(HEADER, HEADER_FIELDS, data)
    at = records.HEADER_BYTES
    of_kind = {
        records.ENCOUNTER: (records._ENCOUNTER, ENCOUNTER_FIELDS),
        records.KEY: (records._KEY, KEY_FIELDS),
        records.EVENT: (records._EVENT, EVENT_FIELDS),
    }
    while at < len(data):
        found += noted(records._BATCH, BATCH_FIELDS, data[at:])
        at += records.BATCH_HEAD_BYTES
        end = at + struct.unpack_from(records._BATCH, data, at - records.BATCH_HEAD_BYTES)[2]
        found += noted(records._BODY, BODY_FIELDS, data[at:])
        at += records.BODY_PREFIX_BYTES
        while at < end:
            layout, names = of_kind[data[at]]
            found += noted(layout, names, data[at:])
            at += struct.calcsize(layout)
        found += noted(records._CRC, ("crc",), data[at:])
        at += 4
    return found


def test_the_segment_is_one() -> None:
    data, fields = dumped(SPEC.example("segment"))
    header, bodies, left = reading.read_segment(data)
    assert left == 0 and len(bodies) == 2
    assert [note for note, _, _ in fields] == notes_of_segment(data)
    assert [type(record) for body in bodies for record in body.records] == [
        reading.Key,
        reading.Encounter,
        reading.Event,
    ]
    assert records.pack_header(header) == data[: records.HEADER_BYTES]


def test_the_segments_encounter_is_somebody() -> None:
    _, bodies, _ = reading.read_segment(dumped(SPEC.example("segment"))[0])
    key, heard = bodies[0].records[0], bodies[1].records[0]
    rpik, aemk = gaen.derive_keys(bytes(range(16)))
    assert heard.rpi == gaen.rolling_proximity_identifier(rpik, key.rolling_start)
    assert gaen.associated_encrypted_metadata(aemk, heard.rpi, bytes([0, heard.power]))[1] == 9


def test_a_segment_that_drifts_is_noticed() -> None:
    data, _ = dumped(SPEC.example("segment").replace("64 02  ", "65 02  "))
    assert reading.read_segment(data)[2] > 0


def test_the_sealed_segment_is_the_same_one_for_who_has_the_key() -> None:
    _, bodies, _ = reading.read_segment(dumped(SPEC.example("segment"))[0])
    data, fields = dumped(SPEC.example("sealed segment"))
    assert [note for note, _, _ in fields][: len(HEADER_FIELDS)] == noted(HEADER, HEADER_FIELDS, data)
    private = re.search(r"private key\n`([0-9a-f]{64})`, under the passphrase", SPEC.section("6.3"))
    assert private
    header = records.unpack_header(data)
    opened = open_segment(header, data, {header.key_id.hex(): bytes.fromhex(private[1])})
    assert opened.bodies == bodies and opened.faults == []


def test_the_seal_is_what_section_2_9_says() -> None:
    """Once more, after the text, with cryptography's HKDF and AES; hpke.py is held to its RFC elsewhere."""
    data, fields = dumped(SPEC.example("sealed segment"))
    secret = hpke.export(
        hpke.setup_sender(AUTHORITY, b"bluetoken segment\x02" + data[8:20], bytes(range(32)))[1],
        b"bluetoken first batch",
        32,
    )
    step = HKDFExpand(SHA256(), 80, b"bluetoken batch").derive(secret)
    (at,) = [offset for note, offset, _ in fields if note == "ciphertext"][:1]
    associated = data[: records.HEADER_BYTES] + data[records.HEADER_BYTES : at]
    ciphertext, tag = [piece for note, _, piece in fields if note in ("ciphertext", "tag")][:2]
    message = associated + step[32:48] + ciphertext + (8 * len(associated)).to_bytes(8, "big")
    assert hmac.digest(step[:16], message, "sha256")[:16] == tag
    decryptor = Cipher(AES(step[16:32]), CBC(step[32:48])).decryptor()
    plain = decryptor.update(ciphertext) + decryptor.finalize()
    clear, _ = dumped(SPEC.example("segment"))
    body = clear[at : at + 24]
    assert plain == body + bytes([len(plain) - len(body)]) * (len(plain) - len(body))


def test_the_retained_memory_is_read() -> None:
    data, fields = dumped(SPEC.example("retained"))
    assert records.pack_retained(*records.unpack_retained(data)) == data
    assert [note for note, _, _ in fields] == noted(RETAINED, RETAINED_FIELDS, data)
    assert "26 bytes" in SPEC.section("2.12") and len(data) == 26


def test_the_advertisement_is_the_codes() -> None:
    text = SPEC.section("1.1")
    told = re.search(r"`([0-9a-f]{32})`, ENIntervalNumber (\d+) .*?, (-?\d+) dBm", text, re.DOTALL)
    assert told
    rpik, aemk = gaen.derive_keys(bytes.fromhex(told[1]))
    rpi = gaen.rolling_proximity_identifier(rpik, int(told[2]))
    metadata = gaen.metadata(int(told[3]))
    data, fields = dumped(SPEC.example("advertisement"))
    aem = gaen.associated_encrypted_metadata(aemk, rpi, metadata)
    assert data == gaen.advertisement(rpi, aem)
    assert gaen_reading.parse(data) == (rpi, aem)
    assert f"aem of {metadata.hex(' ')}" in [note for note, _, _ in fields]
    found = dict(zip(ADVERTISEMENT_FIELDS, struct.unpack(ADVERTISEMENT, data), strict=True))
    for row in tables(text)[0]:
        if row[3].startswith("0x"):
            assert int(row[3][:4], 16) == found[row[2]], row
    assert f"`0x{found['uuid']:04X}` by default" in text


def test_the_bluezone_advertisement_is_the_codes() -> None:
    text = SPEC.section("1.5")
    data, fields = dumped(SPEC.example("Bluezone advertisement"))
    slot = bluezone.slot_at(3 * 3600 + 15 * 60 + 42)
    identifier = bluezone.bluezone_id(bytes(range(32)), slot)
    assert data == bluezone.advertisement(identifier)
    assert bluezone.parse(data) == identifier
    found = dict(zip(BLUEZONE_ADVERTISEMENT_FIELDS, struct.unpack(BLUEZONE_ADVERTISEMENT, data), strict=True))
    assert {f"{name} = 0x{found[name]:04x}" for name in ("company", "uuid")} < {note for note, _, _ in fields}
    for row in tables(text)[0]:
        if row[3].startswith("0x"):
            assert int(re.match("0x[0-9A-F]+", row[3])[0], 16) == found[row[2]], row  # type: ignore[index]


def test_bluezones_chain_is_the_codes() -> None:
    text = SPEC.section("3.5")
    salt = re.search(r'SHA-256\(daily key, "(\w+)"\) +(\d+) bytes', text)
    places = re.search(r"the bytes ([\d ]+) of sub-key", text)
    assert salt and places
    assert salt[1].encode() == bluezone_said._SALT and int(salt[2]) == len(bluezone_said._SALT)
    assert [int(place) for place in places[1].split()] == list(bluezone_said._ID_PLACES)
    tail = re.search(r"Bluezone ID's are `([0-9A-F ]+)`", SPEC.section("2.6"))
    assert tail and bytes.fromhex(tail[1]) == ring.BLUEZONE_TAIL


def test_the_frames_are_the_codes() -> None:
    data, fields = dumped(SPEC.example("frames"))
    offset, expected = 1024, bytes.fromhex("041b00ff")
    assert data == frames.encode(offset, expected) + frames.encode(offset + len(expected), b"")
    decoder = frames.Decoder(offset)
    decoder.feed(data)
    assert decoder.data == expected and decoder.ended
    notes = []
    for at, sent in ((offset, expected), (offset + len(expected), b"")):
        notes += [f"offset = {at}", f"length = {len(sent)}", *([f"data = {sent.hex()}"] if sent else [])]
        notes.append(f"crc = 0x{records.crc32(frames.HEAD.pack(at, len(sent)) + sent):08x}")
    assert [note for note, _, _ in fields] == notes


def test_the_escapes_are_the_codes() -> None:
    told = {row[0]: row[1] for row in tables(SPEC.section("4.2"))[1]}
    code = constants(WEARABLE / "desk.py")
    assert told == {
        "04": code["_ESCAPED_END"].hex(" ").upper(),
        "1B": code["_ESCAPED_ESCAPE"].hex(" ").upper(),
    }


def test_the_checksum_is_the_codes() -> None:
    assert f"`0x{records.crc32(b'123456789'):08X}`" in SPEC.text


# SPEC.md: files, calls, numbers.


def test_the_files_are_the_codes() -> None:
    told = {row[0] for row in tables(SPEC.section("2.1"))[0]}
    journal = constants(WEARABLE / "journal.py")
    assert told == {
        *(f"/{name}" for name in flash.PLAIN),
        f"{flash.PACKAGE}/*.mpy",
        constants(WEARABLE / "board.py")["_PATH"],
        constants(WEARABLE / "settings.py")["_PATH"],
        constants(WEARABLE / "trim.py")["_PATH"],
        constants(WEARABLE / "supervisor.py")["CRASH_LOG"],
        f"{journal['DIRECTORY']}/NNNNNNNN{journal['_SUFFIX']}",
        f"{journal['DIRECTORY']}/mark",
    }


def test_board_json_is_what_flash_writes() -> None:
    assert json.loads(SPEC.example("board.json")) == json.loads(boards.load_board("virtual").for_token())


def test_token_json_is_what_the_settings_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "_PATH", str(tmp_path / "token.json"))
    settings.save(settings.Settings(bytes(8), bytes(8), "A", 21, 0xFD6F, bytes(32), bytes(32)))
    written = json.loads((tmp_path / "token.json").read_text())
    assert [row[0] for row in tables(SPEC.section("2.1"))[1]] == list(written)


def test_clock_json_is_what_the_trim_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trim, "_PATH", str(tmp_path / "clock.json"))
    trim.save(1, 1)
    written = json.loads((tmp_path / "clock.json").read_text())
    assert [row[0] for row in tables(SPEC.section("2.1"))[2]] == list(written)


def desk_headings() -> list[str]:
    return re.findall(r"^#### `(.*)`$", SPEC.section("4.1"), re.MULTILINE)


def test_all_desk_calls_are_there() -> None:
    public = [name for name in functions(WEARABLE / "desk.py") if not name.startswith("_")]
    assert [heading.partition("(")[0] for heading in desk_headings()] == public


@pytest.mark.parametrize("heading", desk_headings())
def test_a_desk_call_is_the_codes(heading: str) -> None:
    function = functions(WEARABLE / "desk.py")[heading.partition("(")[0]]
    assert heading == f"{function.name}({ast.unparse(function.args)})"
    section = SPEC.section(f"`{function.name}(")
    fields = tables(section)
    assert [row[0] for row in fields[0]] == said(function) if fields else not said(function)
    for call in calls(function, "_refuse"):
        reason = next(node.value for node in ast.walk(call.args[0]) if isinstance(node, ast.Constant))
        reason = reason.replace("%d", "N") + (" (...)" if len(call.args) > 1 else "")
        assert f"`{reason}`" in section


#: Modules of section 5 that need a chip are read, the others imported.
MODULES: dict[str, dict[str, Any]] = {
    "records": vars(records),
    "battery": vars(battery),
    "button": vars(button),
    "ring": vars(ring),
    "pace": vars(pace),
    "schedule": vars(schedule),
    "sightings": vars(sightings),
    "gaen": vars(gaen),
    "bluezone": vars(bluezone),
    "link.desk": vars(desk),
    "link.repl": vars(repl),
    "trim": vars(trim),
    "registry.drift": vars(drift),
    **{
        name: constants(WEARABLE / f"{name}.py")
        for name in ("app", "clock", "desk", "journal", "logbook", "power", "quota", "radio", "supervisor")
    },
}


@pytest.mark.parametrize("row", tables(SPEC.section("5 Numbers"))[0], ids=lambda row: row[2])
def test_a_number_is_the_codes(row: list[str]) -> None:
    _, value, where = row
    if where == "ring.Ring(slots)":
        (expected,) = ring.Ring.__init__.__defaults__ or ()
    else:
        module, _, name = where.rpartition(".")
        expected = MODULES[module][name]
    assert int(value.split()[0]) == expected


# SPEC.md: the health authority's keys.


def test_the_keys_of_the_authoritys_files_are_the_codes() -> None:
    (told,) = tables(SPEC.section("6.2"))
    assert tuple(row[0] for row in told) == public.KEYS
    of_file, of_pair, of_scrypt, _ = tables(SPEC.section("6.3"))
    assert tuple(row[0] for row in of_file) == authority.KEYS
    assert tuple(row[0] for row in of_pair) == authority.PAIR_KEYS
    assert tuple(row[0] for row in of_scrypt) == authority.SCRYPT_KEYS
    sizes = {"nonce": locking.NONCE_BYTES, "private": locking.LOCKED_BYTES, "salt": locking.SALT_BYTES}
    rows = {row[0]: row[2] for row in (*of_pair, *of_scrypt)}
    assert all(rows[name].startswith(f"{2 * size} hexadecimal digits") for name, size in sizes.items())
    for rows, kind in ((told, documents.PUBLIC_FORMAT), (of_file, documents.PRIVATE_FORMAT)):
        assert [row[2] for row in rows[:2]] == [f'"{kind}"', str(documents.VERSION)]


def test_the_limits_of_the_authoritys_files_are_the_codes() -> None:
    modules = {"documents": documents, "locking": locking}
    for _, value, where in tables(SPEC.section("6.3"))[3]:
        module, _, name = where.partition(".")
        assert int(value) == getattr(modules[module], name)
    cost = locking.INTERACTIVE
    assert f"New pairs have `n` = {cost.n}, `r` = {cost.r}, `p` = {cost.p}." in SPEC.section("6.3")


def test_the_authoritys_files_are_read_and_written_as_they_stand_there(
    tmp_path: Path,
) -> None:
    told = re.search(r"`([0-9a-f]{64})`, under the passphrase `(.*)`", SPEC.section("6.3"))
    assert told
    path = tmp_path / "authority.keys"
    path.write_text(SPEC.example("authority key file"), encoding="utf-8")
    keys = authority.AuthorityKeys.load(path)
    (key,) = keys.public_keys
    assert keys.unlock(told[2]) == {key.key_id: bytes.fromhex(told[1])}
    assert public.encode(key).decode() == SPEC.example("public file")
    keys.save(path)
    assert path.read_text(encoding="utf-8") == SPEC.example("authority key file")


# BOARDS.md.

NAMES = {int: "a whole number", str: "a text", bool: "true or false"}


def schema_keys(schema: dict[str, Any], where: str = "") -> Iterator[tuple[str, str, str]]:
    """The (key, type, default) of the boards' schema; the pins are described together, as pins.*."""
    for key, kind in schema.items():
        told, default = kind if isinstance(kind, tuple) else (kind, ...)
        if isinstance(told, dict):
            if default is None:
                yield where + key, "a table", "absent"
                yield from schema_keys(told, f"{where}*." if where else f"{key}.")
            else:
                yield from schema_keys(told, f"{where}{key}.")
            continue
        words = {...: "required", None: "absent"}.get(default) or json.dumps(default)
        yield where + key, NAMES[told], words


def test_every_key_of_a_board_is_described() -> None:
    told = {row[0]: (row[1], row[3]) for row in tables(BOARDS.section("Keys"))[0]}
    currents = boards._SCHEMA["energy"]
    schema = boards._SCHEMA | {"energy": ({}, None)}
    assert told == {key: (kind, default) for key, kind, default in schema_keys(schema)}
    assert [row[:2] for row in tables(BOARDS.section("Currents"))[0]] == [
        [f"energy.{name}", unit] for name, fields in currents[0].items() for unit in fields if unit in ("ua", "uc")
    ]
    assert NAMES == boards._NAMES


def test_the_examples_of_keys_are_the_right_type() -> None:
    for row in tables(BOARDS.section("Keys"))[0]:
        value = tomllib.loads(f"key = {row[6]}")["key"]
        assert {dict: "a table", **NAMES}[type(value)] == row[1], row


def numbers(text: str) -> set[int]:
    found: set[int] = set()
    for piece in filter(None, text.split(", ")):
        first, _, last = piece.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def test_the_pins_of_the_chips_are_the_codes() -> None:
    rows = tables(BOARDS.section("Pins of the chips"))[0]
    for n, has in enumerate((
        lambda chip: chip.pins,
        lambda chip: chip.inputs,
        lambda chip: chip.adc1,
        lambda chip: chip.usb,
        lambda chip: chip.uart,
        lambda chip: {pin for pin, high in chip.straps.items() if high},
        lambda chip: {pin for pin, high in chip.straps.items() if not high},
    )):
        assert {row[0]: numbers(row[n + 1]) for row in rows} == {name: has(chip) for name, chip in CHIPS.items()}


def test_when_a_battery_is_low_is_the_codes() -> None:
    section = BOARDS.section("When a battery is low")
    for capacity_mah, low_mv, percent, ahead in tables(section)[0]:
        sign = cell.low_sign(int(capacity_mah))
        days = f"{sign.days * 24:.0f} hours" if sign.days < 2 else f"{sign.days:.0f} days"
        assert (low_mv, percent, ahead) == (str(sign.low_mv), f"{sign.percent:.0f} %", days)
    assert f"{boards.LOW_MV} mV" in section and f"{battery.HYSTERESIS_MV} mV above" in section
    assert battery.LOOKS == 5 and "the last five" in section


def load_my_token(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> boards.Board:
    (folder / "my_token.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder)
    return boards.load_board("my_token.toml")


def test_the_example_is_a_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_my_token(BOARDS.example("board"), tmp_path, monkeypatch).name == "my_token"


@pytest.mark.parametrize(
    "row", tables(BOARDS.section("How errors look"))[0], ids=lambda row: row[1] or row[0]
)
def test_an_error_looks_as_described(row: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = BOARDS.example("board")
    assert text.count(row[0] + "\n") == 1
    with pytest.raises(BadBoard) as caught:
        load_my_token(text.replace(row[0] + "\n", row[1] + "\n"), tmp_path, monkeypatch)
    assert str(caught.value) == row[2]


# VIRTUAL.md.


def test_every_key_of_a_scenario_is_described() -> None:
    top, of_token, of_phone = tables(VIRTUAL.section("The scenario"))
    assert {row[0] for row in top} == scenario._TOP
    assert {row[0] for row in of_token} == scenario._TOKEN
    assert {row[0] for row in of_phone} == scenario._PHONE
    (power,) = [row[2] for row in of_phone if row[0] == "tx_power_dbm"]
    assert int(power) == scenario.PhonePlan.tx_power_dbm


def test_the_defaults_of_a_token_are_the_codes() -> None:
    defaults = {field.name: field.default for field in dataclasses.fields(scenario.TokenPlan)}
    for key, _, default, _ in tables(VIRTUAL.section("The scenario"))[1]:
        if default == "[]" and key != "moves":
            assert defaults[key] == ()
        elif key in ("drift_ppm", "battery_mv"):
            assert float(default) == defaults[key]


def test_the_example_is_a_scenario_with_every_key(tmp_path: Path) -> None:
    path = tmp_path / "a scenario.toml"
    path.write_text(VIRTUAL.example("scenario"), encoding="utf-8")
    plan = scenario.load_scenario(path)
    told = tomllib.loads(plan.text)
    assert set(told) == scenario._TOP
    assert {key for each in told["token"] for key in each} == scenario._TOKEN
    assert {key for each in told["phone"] for key in each} == scenario._PHONE
    for each in plan.tokens:
        boards.load_board(each.board)


def test_a_phone_s_times_are_the_codes() -> None:
    text = " ".join(VIRTUAL.section("The scenario").split())
    send_s, listen_s = phone.SEND_S + phone.SEND_PAUSE_S, phone.LISTEN_S + phone.LISTEN_PAUSE_S
    assert f"for {phone.SEND_S} s of each {send_s} s and listens for {phone.LISTEN_S} s of each {listen_s} s" in text
    assert f"than each {handset.STORE_AGAIN_MS // 1000} s" in text
    assert f"(every {phone.SEND_INTERVAL_US // 1000} ms)" in text and f"for {phone.SCAN_US / 1e6} s is" in text


def test_an_iphone_s_figures_are_the_codes() -> None:
    text = " ".join(VIRTUAL.section("The scenario").split())
    for uuid in (iphone.SERVICE, iphone.CHARACTERISTIC):
        assert str(UUID(bytes=uuid[::-1])).upper() in text
    assert f"service and its name, {len(iphone.FOREGROUND_DATA)} bytes" in text
    assert iphone.BACKGROUND_DATA[5:9] == bytes.fromhex("4c000108") and iphone.BACKGROUND_DATA[9:] == bytes(15)
    assert f"changes every {iphone.ADDRESS_S} s" in text and f"an MTU of {iphone.MTU}," in text
    seen, unseen = (us / 1000 for us in (iphone.FOREGROUND_INTERVAL_US, iphone.BACKGROUND_INTERVAL_US))
    assert f"sends every {seen} ms in the foreground and every {unseen} ms in the background" in text
    (interval, window), (longer, as_long) = iphone.FOREGROUND_SCAN_US, iphone.BACKGROUND_SCAN_US
    told = f"for {window // 1000} of {interval // 1000} ms and {as_long // 1000} of {longer // 1000} ms"
    assert f"listens {told}" in text
    (row,) = [row for row in tables(VIRTUAL.section("The scenario"))[2] if row[0] == "system"]
    assert row[2].strip('"') == scenario.SYSTEMS[0] and all(f'"{each}"' in row[3] for each in scenario.SYSTEMS)
    (row,) = [row for row in tables(VIRTUAL.section("The scenario"))[2] if row[0] == "fault"]
    assert all(f'"{each}"' in row[3] for each in scenario.FAULTS)


def test_the_stand_ins_are_all_there() -> None:
    told = {row[0] for row in tables(VIRTUAL.section("What is real"))[1]}
    assert told == {path.name for path in PORT.glob("*.py")}


def test_the_air_is_the_codes() -> None:
    told = {row[0]: float(row[1]) for row in tables(VIRTUAL.section("What the model knows"))[0]}
    assert told == {each.name: each.default for each in dataclasses.fields(air.PathLoss)}


def test_the_hci_commands_are_the_codes() -> None:
    text = VIRTUAL.section("What the model knows")
    told = {int(number, 16) for number in re.findall(r"\b0x[0-9A-F]{4}\b", text)}
    assert told == set(controller.SimulatedController._COMMANDS)


def test_the_bus_is_the_codes() -> None:
    rows = tables(VIRTUAL.section("The bus"))[0]
    told = {row[1]: ord(row[0]) for row in rows if row[0]}
    code = constants(PORT / "bus.py")
    assert told == {name: code[name] for name in told}
    assert set(told.values()) == set(token.VirtualToken._OPERATIONS)
    in_c = (ROOT / "tools/rv32/module/bluetoken/token.c").read_text(encoding="utf-8")
    enumerated = re.findall(r"\b([A-Z]+) = '([A-Z])'", in_c)
    assert len(enumerated) >= 8 and all(told[name] == ord(letter) for name, letter in enumerated)


def test_the_datagrams_are_the_codes() -> None:
    drawn = VIRTUAL.section("The bus").partition("```")[2].partition("```")[0]
    code = constants(PORT / "bus.py")
    widths = [
        [int(bits) for bits in re.findall(r"-- +(\d+) +--|(?<=\|)-- (\d+) --", line) for bits in bits if bits]
        for line in drawn.splitlines()
        if "--" in line
    ]
    for told, layout in zip(widths, ("_REQUEST", "_REPLY", "_EVENT"), strict=True):
        assert told == [8 * size for _, size, _ in parts(code[layout])], layout


def test_the_options_of_run_are_the_codes() -> None:
    told = {row[0] for row in tables(VIRTUAL.section("By hand"))[0]}
    source = (ROOT / "tools/bluetoken/cli/virtual.py").read_text(encoding="utf-8")
    run = next(each for each in functions_of(source) if each.name == "run")
    names = {f"--{argument.arg}" for argument in run.args.args} - {"--scenario"}
    assert told == names - {"--seconds", "--as_json"} | {"--for", "--json"}


def functions_of(source: str) -> list[ast.FunctionDef]:
    return [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]


# All of them.


@pytest.mark.parametrize("name", ["SPEC.md", "BOARDS.md", "VIRTUAL.md"])
def test_files_that_are_named_exist(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    for path in re.findall(r"`((?:firmware|tools|tests|board_configs)/[\w./]+)`", text):
        assert (ROOT / path).exists(), path
    for path in re.findall(r"`(\w+\.md)`", text):
        assert (ROOT / "docs" / path).exists(), path
