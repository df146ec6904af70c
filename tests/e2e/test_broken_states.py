"""A flash that is not mounted, a torn header, a wrong clock, start after start: the cable answers, nothing is lost."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from bluetoken.link.desk import Desk
from bluetoken.virtual.flash import BLOCK_BYTES
from bluetoken.virtual.stage import find_micropython
from bluetoken.virtual.token import SOFT
from wearable import reading, records

from . import flash_image, journal_bytes
from .clinic import Clinic
from .complaints import assert_one_sentence
from .conftest import MakeDay, Restore
from .day import BOOT_S, Day
from .snapshots import Snapshot

HELPERS = Path(__file__).parents[1] / "firmware" / "helpers"
ANSWER_S = 15  # of real time: mpremote's own limit and a few more
YEAR_S = 365 * 86400
FORMATTED = """
import sys
sys.path.append({!r})
import ram_flash
flash = ram_flash.RamFlash({})
ram_flash.format_flash(flash)
with open({!r}, "wb") as file:
    file.write(flash.image)
"""


def garbage(image: bytes, folder: Path) -> bytes:
    """Both superblocks overwritten."""
    return Random(1).randbytes(2 * BLOCK_BYTES) + image[2 * BLOCK_BYTES :]


def of_a_smaller_flash(image: bytes, folder: Path) -> bytes:
    """A whole file system that was made for a partition of one block less."""
    path = folder / "smaller"
    blocks = len(image) // BLOCK_BYTES
    program = FORMATTED.format(str(HELPERS), blocks - 1, str(path))
    subprocess.run([find_micropython(), "-X", "heapsize=8M", "-c", program], check=True, timeout=20)
    return path.read_bytes() + b"\xff" * BLOCK_BYTES


@pytest.mark.parametrize("broken", [garbage, of_a_smaller_flash])
def test_a_file_system_that_is_refused_is_told_at_the_desk_and_stays_as_it_is(
    broken: object, make_day: MakeDay, issued: Snapshot, tmp_path: Path
) -> None:
    image = broken(issued.images["A"], tmp_path)  # type: ignore[operator]
    day = make_day({"A": image})
    day.pass_s(60)
    clinic = Clinic(tmp_path, issued.registry)
    for command in ("status", "sync"):
        began_s = time.monotonic()
        done = day.at(clinic).run(command, "--port", day.token.cable.path, "--json")
        assert_one_sentence(done, "BrokenFileSystem")
        assert time.monotonic() - began_s < ANSWER_S
    # Without a soft reset, which would mount again, there is a prompt: whoever wants to save something gets in.
    command = [sys.executable, "-m", "mpremote", "connect", day.token.cable.path, "resume", "exec", "print(6 * 7)"]
    # The first Ctrl-C ends the complaints, and the prompt that follows it may come too soon for mpremote.
    told = [subprocess.run(command, capture_output=True, text=True, timeout=ANSWER_S) for _ in range(2)]
    assert told[1].stdout == "42\n", told
    assert day.image(day.token) == image, "nobody has formatted it"
    assert set(day.causes(day.token)[1:]) <= {SOFT}, "no starts but power and what the desks asked for"


def test_a_new_chip_is_formatted(make_day: MakeDay) -> None:
    day = make_day({"A": None})
    assert day.ask("import os; print(os.listdir('/'))").startswith("[")


def test_a_header_that_did_not_survive_costs_its_segment_alone(restore: Restore, worked: Snapshot) -> None:
    image = worked.images["A"]
    number, raw = max(flash_image.segments(image).items())
    torn = bytes([raw[0] ^ 1]) + raw[1:]
    broken = flash_image.with_files(image, {flash_image.path_of(number): torn})
    day, clinic = restore(Snapshot({"A": broken}, worked.registry, worked.after), "A")
    day.pass_s(120)
    done = clinic.succeed("sync", "--port", day.token.cable.path)
    assert f"segment {number}: " in done.out
    stored = clinic.stored()
    assert stored[number] == torn
    assert records.unpack_header(stored[number + 1]).before == records.BEFORE_UNKNOWN


# A clock that jumped.


def keys(segments: dict[int, bytes]) -> list[reading.Key]:
    return journal_bytes.found(segments, reading.Key)


def work_at(day: Day, unix_ms: int, seconds: float = 300) -> None:
    """Have a desk set the clock, and the token work."""
    with Desk(day.token.cable.path) as desk:
        desk.set_clock(unix_ms)
        desk.resume()
    day.pass_s(seconds)


@pytest.mark.parametrize("jumps_s", [(-YEAR_S,), (YEAR_S, 0), (-YEAR_S, 0), (0, -3600, 0)], ids=str)
def test_a_clock_set_wrong_uses_no_key_twice_and_deletes_nothing(
    jumps_s: tuple[int, ...], restore: Restore, worked: Snapshot
) -> None:
    day, clinic = restore(worked, "A", seed=2)  # of other chance: it is another start
    day.pass_s(60)
    day.stop(day.token)
    before = day.segments(day.token)
    for jump_s in jumps_s:
        work_at(day, day.unix_ms + jump_s * 1000)
    day.stop(day.token)
    after = day.segments(day.token)
    assert {number: after[number] for number in before} == before
    assert len(after) >= len(before) + len(jumps_s)
    teks = [key.tek for key in keys(after)]
    assert len(teks) == len(set(teks)) >= len(keys(before)) + len(jumps_s)
    assert not day.at(clinic).sync(day.token.cable.path).refused


@pytest.mark.parametrize("by_s", [-YEAR_S, YEAR_S])
def test_an_rtc_that_jumps_by_itself_deletes_nothing(by_s: int, restore: Restore, worked: Snapshot) -> None:
    day, clinic = restore(worked, "A", seed=2)  # of other chance: it is another start
    day.set_clock(day.token)
    day.pass_s(120)
    day.look(lambda: day.token.jump_clock(day.world.now_us, by_s))
    day.pass_s(300)
    day.look(lambda: day.token.jump_clock(day.world.now_us, -by_s))
    day.pass_s(300)
    day.stop(day.token)
    found = keys(day.segments(day.token))
    assert len({key.tek for key in found}) == len(found)
    worked_segments = flash_image.segments(worked.images["A"])
    assert set(worked_segments) <= set(day.segments(day.token))
    assert not clinic.sync(day.token.cable.path).refused


# Start after start.


def test_a_loose_contact_hides_no_cable(restore: Restore, issued: Snapshot) -> None:
    day, clinic = restore(issued, "A")
    day.stage.unplug(day.token)
    before = day.segments(day.token)
    starts = 40
    for _ in range(starts):
        day.cut_power(day.token, 1)
        day.pass_s(BOOT_S)
    assert day.look(lambda: day.token.reachable), "it does not sleep so soon after a start"
    day.stage.plug(day.token)
    began_s = time.monotonic()
    done = clinic.succeed("status", "--port", day.token.cable.path, "--json")
    assert time.monotonic() - began_s < ANSWER_S and done.json["status"]["crashes"] == 0
    grown = len(day.segments(day.token)) - len(before)
    assert grown < starts // 2, "most of these starts came to no burst, and left nothing"
