"""What the clinic may call over USB (docs/SPEC.md, section 4).

The host interrupts the program, soft-resets into the raw REPL and calls these functions. Each
prints one line of JSON; stream() prints frames. Nothing here needs the radio or the application.
"""

import json
import os
import struct
import sys
import time
from binascii import crc32, hexlify, unhexlify

from . import __version__, power, records, settings, trim
from .board import Board
from .clock import Clock
from .journal import Journal
from .supervisor import CRASH_LOG

# The application may have left a watchdog running, and a host may leave without resume().
power.watch(power.DESK_WATCHDOG_MS)

# A visit to the desk forgives: a host that leaves without resume() must not count as one more crash.
_CRASHES = power.retained().crashes
if _CRASHES:
    power.retain(crashes=0)

PROTOCOL = 2
BLOCK_BYTES = 1024
_FRAME = "<IH"
_ESCAPE = b"\x1b"
# 0x04 ends the raw REPL's output, so it may not stand in it; each is followed by itself ^ 0x40.
_ESCAPED_ESCAPE = b"\x1b\x5b"
_ESCAPED_END = b"\x1b\x44"


def hello():
    """Say who this is."""
    told = settings.load()
    _say(
        {
            "app": "bluetoken",
            "version": __version__,
            "protocol": PROTOCOL,
            "board": Board().name,
            "hardware": _hex(power.unique_id()),
            "token": _hex(told.token_id) if told else "",
            "issuer": _hex(told.issuer) if told else "",
            "label": told.label if told else "",
            "authority": _hex(records.key_id(told.authority)) if told and told.authority else "",
        }
    )


def status():
    """Say how the token is."""
    clock = Clock()
    journal = Journal()
    clock.restore(_written_s(journal))
    block_bytes, _, blocks, free_blocks = os.statvfs("/")[:4]
    seconds, ms = clock.now()
    _say(
        {
            "unix_ms": (seconds + records.EPOCH_UNIX_S) * 1000 + ms,
            "clock_state": clock.state,
            "uncertainty_s": clock.uncertainty_s(),
            "set_s": clock.set_s,
            "trim_e7": clock.trim_e7,
            "drift_ppm": clock.drift_ppm,
            "battery_mv": Board().battery_mv(),
            "flash_bytes": blocks * block_bytes,
            "free_bytes": free_blocks * block_bytes,
            "segments": len(journal.numbers()),
            "boot": power.retained().boot or None,
            "no_room": power.retained().no_room,
            "crashes": _CRASHES,
            "crash_log": _read_text(CRASH_LOG),
            "reset_cause": power.reset_cause(),
        }
    )


def set_clock(unix_ms, trim_e7=None, drift_ppm=0):
    """Set UTC, and from now on add `trim_e7` to the chip's time; says what the clock showed before.

    The trim is written down first: a cut before the clock is set leaves the run with the trim that it had.
    """
    called_ms = time.ticks_ms()
    if trim_e7 is not None:
        if not trim.is_plausible(trim_e7, drift_ppm):
            return _refuse("a clock is trimmed by at most %d ppm" % (trim.LIMIT_E7 // 10))
        trim.save(trim_e7, drift_ppm)
    clock = Clock()
    clock.restore(_written_s(Journal()))
    state = clock.state
    # What this took is time that has passed since the desk looked at its clock.
    late_ms = time.ticks_diff(time.ticks_ms(), called_ms)
    _say({"before_ms": clock.set_unix_ms(unix_ms + late_ms) - late_ms, "state": state})


def segments():
    """List what is stored, oldest first."""
    journal = Journal()
    found = []
    for number in journal.numbers():
        length, checksum = journal.measure(number)
        found.append({"number": number, "length": length, "crc32": checksum})
    _say({"segments": found})


def stream(number, offset=0):
    """Send segment `number` from `offset` on, in frames that end with an empty one."""
    try:
        with open(Journal().path(number), "rb") as file:
            file.seek(offset)
            while True:
                data = file.read(BLOCK_BYTES)
                _send(offset, data)
                if not data:
                    return
                offset += len(data)
                power.feed()
    except OSError as error:
        _refuse("no segment %d" % number, error)


def _send(offset, data):
    frame = struct.pack(_FRAME, offset, len(data)) + data
    frame += struct.pack("<I", crc32(frame) & 0xFFFFFFFF)
    frame = frame.replace(_ESCAPE, _ESCAPED_ESCAPE).replace(b"\x04", _ESCAPED_END)
    sys.stdout.buffer.write(frame)


def acknowledge(number, length, checksum):
    """Delete a segment that the host has committed, if it is the very one."""
    journal = Journal()
    try:
        found = journal.measure(number)
    except OSError as error:
        return _refuse("no segment %d" % number, error)
    if found != (length, checksum):
        return _refuse("segment %d is not what was acknowledged" % number)
    journal.give_up(number)
    _say({"deleted": number})


def provision(
    token_id,
    issuer,
    label,
    retention_days,
    service_uuid,
    entropy,
    authority,
    utc_offset_min=settings.UTC_OFFSET_MIN,
    protocol=settings.GAEN,
    connectable=False,
    read_iphones=False,
):
    """Issue the token; bytes come as hex. What another issue left behind is erased first.

    authority: the public key that is sealed to, empty for a token that writes in the clear.
    """
    if len(token_id) != 2 * settings.TOKEN_ID_BYTES or len(issuer) != 2 * settings.TOKEN_ID_BYTES:
        return _refuse("a token and an issuer are 8 bytes")
    if len(authority) not in (0, 2 * records.PUBLIC_KEY_BYTES):
        return _refuse("an authority's key is 32 bytes")
    if protocol not in settings.PROTOCOLS:
        return _refuse("a token speaks gaen, bluezone or both")
    settings.erase()
    Journal().erase()
    settings.save(
        settings.Settings(
            unhexlify(token_id),
            unhexlify(issuer),
            label,
            retention_days,
            service_uuid,
            unhexlify(entropy),
            unhexlify(authority),
            utc_offset_min,
            protocol,
            connectable,
            read_iphones,
        )
    )
    power.retain(crashes=0, no_room=0)
    _say({"token": token_id})


def set_authority(public):
    """Seal to another public key (64 hex digits) from the next segment on."""
    told = settings.load()
    if told is None:
        return _refuse("this token is not issued")
    if len(public) != 2 * records.PUBLIC_KEY_BYTES:
        return _refuse("an authority's key is 32 bytes")
    told.authority = unhexlify(public)
    settings.save(told)
    _say({"authority": _hex(records.key_id(told.authority))})


def erase_all():
    """Forget everything: encounters, keys, who issued it."""
    # Without its identity first: a cut in between leaves a token to be issued, not one that counts anew.
    settings.erase()
    deleted = Journal().erase()
    trim.erase()
    settings.remove(CRASH_LOG)
    _say({"erased": deleted})


def resume():
    """Go back to work."""
    _say({"resume": True})
    power.retain(crashes=0)
    power.restart()


def _written_s(journal):
    last = journal.last()
    return last.written_s if last else 0


def _read_text(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def _hex(data):
    return hexlify(data).decode()


def _say(answer):
    power.feed()
    print(json.dumps(answer))


def _refuse(reason, error=None):
    _say({"error": reason if error is None else "%s (%s)" % (reason, error)})
