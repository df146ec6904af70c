"""Bluezone at the desk: a programme's cases come in, a wearer's days go out."""

import json
import stat
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from desk_building import (
    MONDAY_S,
    Heard,
    HeardByBluezone,
    bluezone_key_record,
    bluezone_records,
    body,
    key_record,
    segment,
    tek,
)
from desk_giving import give
from desk_telling import refusal, told
from typer.testing import Result

from bluetoken.exposure.bluezone import PublishedDays
from bluetoken.exposure.diagnosis import DiagnosisKey
from bluetoken.registry import open_registry
from wearable.protocols import bluezone

pytestmark = pytest.mark.usefixtures("authority")

Run = Callable[..., Result]
NINE_S = MONDAY_S + 2 * 3600  # in Vietnam
DAY_KEY = bytes(range(32))
NEXT_KEY = bytes(range(32, 64))


def synced(label: str, *more: bytes, **clock: Any) -> None:
    """Have a token in the registry that wrote these records from nine o'clock on."""
    with open_registry() as registry:
        token = give(registry, label, board="esp32c3_generic")
        raw = segment(token, 1, [body([], NINE_S, more=b"".join(more))], **clock)
        registry.segments.store(token, 1, raw, zlib.crc32(raw))


def meeting() -> bytes:
    """Half an hour near whoever has the day's key."""
    heard = [HeardByBluezone(DAY_KEY, NINE_S + 900 * n, span_s=840, rssi_dbm=-65) for n in range(2)]
    return bluezone_records(heard, NINE_S)


def published(tmp_path: Path, **change: Any) -> Path:
    entry = {"daily_key": DAY_KEY.hex(), "time_start": MONDAY_S, "max": 96, "time_end": MONDAY_S + 86400}
    file = tmp_path / "InfoF.json"
    file.write_text(json.dumps({"data": [entry | change]}))
    return file


def test_a_published_case_is_compared(run: Run, tmp_path: Path) -> None:
    synced("B-1", meeting())
    synced("D-1")
    file = published(tmp_path)
    assert told(run("keys", "bluezone", str(file), "--json")) == {"new": 1, "known": 0, "differing": 0}
    assert "1 were there already" in run("keys", "bluezone", str(file)).output
    assert told(run("keys", "bluezone", str(published(tmp_path, max=48)), "--json"))["differing"] == 1
    (key,) = told(run("keys", "list", "--json"))["bluezone"]
    assert (key["daily_key"], key["max"], key["source"]) == (DAY_KEY.hex(), 96, "InfoF.json")
    assert "2026-11-24 07:00" in run("keys", "list").output
    found = told(run("exposures", "--all", "--json"))
    assert found["cases"] == ["Bluezone key 1"]
    near, far = found["results"]
    assert (near["label"], near["outcome"], near["minutes"], near["band"]) == ("B-1", "candidate", 30.0, "immediate")
    assert near["off_slot"] == [] and (far["label"], far["outcome"]) == ("D-1", "no contact")
    assert "-15 dBm" in found["assumed_power"] and "estimated" in run("exposures", "--all").output


def test_what_only_the_clock_s_uncertainty_admits_is_told_apart(run: Run, tmp_path: Path) -> None:
    # Heard 3 s after the end of its quarter by a clock that is known to 5 s.
    packed = bytearray(bluezone_records([HeardByBluezone(DAY_KEY, NINE_S)], NINE_S))
    packed[13:15] = (903).to_bytes(2, "little")
    synced("B-1", bytes(packed), uncertainty_s=5)
    told(run("keys", "bluezone", str(published(tmp_path)), "--json"))
    page = tmp_path / "report.html"
    (result,) = told(run("exposures", "--all", "--json", "--report", str(page)))["results"]
    assert result["outcome"] == "no contact" and result["windows"] == []
    (apart,) = result["off_slot"]
    assert (apart["off_s"], apart["clock_uncertainty_s"]) == (3, 5)
    words = "B-1 and Bluezone key 1, 1 time, by up to 3 s (uncertainty 5 s)"
    assert words in run("exposures", "--all").stderr and words in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"daily_key": "00"}, "daily_key"),
        ({"time_start": 1}, "midnight"),
        ({"max": 1}, "max"),
        ({"time_end": 0}, "time_end"),
    ],
)
def test_a_bad_file_is_refused_whole(change: dict[str, Any], words: str, run: Run, tmp_path: Path) -> None:
    file = published(tmp_path)
    good = json.loads(file.read_text())["data"][0]
    file.write_text(json.dumps({"data": [good, good | change]}))
    sentence = refusal(run("keys", "bluezone", str(file)))
    assert words in sentence and sentence.startswith("Entry 2 ") and sentence.endswith("nothing was imported.")
    assert told(run("keys", "list", "--json"))["bluezone"] == []


def test_a_file_that_is_none(run: Run, tmp_path: Path) -> None:
    assert "cannot be read" in refusal(run("keys", "bluezone", str(tmp_path / "nowhere.json")))
    (tmp_path / "picture").write_bytes(bytes(range(256)))
    assert "cannot be read" in refusal(run("keys", "bluezone", str(tmp_path / "picture")))
    (tmp_path / "tek.json").write_text("[]")
    assert "nothing was imported" in refusal(run("keys", "bluezone", str(tmp_path / "tek.json")))


@pytest.fixture
def case(run: Run) -> str:
    """A case A-1, who speaks Bluezone and restarted at noon, and B-1 who met it."""
    own = bluezone_key_record(DAY_KEY, MONDAY_S, 8), bluezone_key_record(NEXT_KEY, MONDAY_S, 20)
    heard = bluezone_records([HeardByBluezone(b"\7" * 32, NINE_S + 30, 60, -71)], NINE_S)
    synced("A-1", *own, heard)
    synced("B-1", meeting())
    opened = run(
        "case", "open", "--token", "A-1", "--tested-on", "2026-11-25", "--consent", "signed", "--json"
    )
    return told(opened)["case"]


def test_a_wearer_s_days_are_released_and_compared(case: str, run: Run, tmp_path: Path) -> None:
    release = ("case", "release", case, "--format", "bluezone", "--out", str(tmp_path), "--json")
    assert "no keys" in refusal(run("exposures", case)).lower()
    done = told(run(*release))
    assert (done["new"], done["keys"], done["lines"], done["notes"]) == (2, 2, 2, [])
    assert told(run(*release))["new"] == 0
    info = json.loads((tmp_path / "InfoF.json").read_text())
    assert info == {
        "data": [
            {
                "daily_key": DAY_KEY.hex().upper(),
                "time_start": MONDAY_S,
                "max": 96,
                "time_end": MONDAY_S + 86399,
            },
            {
                "daily_key": NEXT_KEY.hex().upper(),
                "time_start": MONDAY_S,
                "max": 96,
                "time_end": MONDAY_S + 86399,
            },
        ]
    }
    own, met = (bluezone.bluezone_id(key, 8).hex().upper() for key in (DAY_KEY, b"\7" * 32))
    lines = [f"{own}\t{met}\t-71\t{NINE_S + late_s}000\n" for late_s in (30, 90)]
    assert (tmp_path / "data_trace.txt").read_text() == "".join(lines)
    assert stat.S_IMODE((tmp_path / "data_trace.txt").stat().st_mode) == 0o600
    found = told(run("exposures", case, "--json"))
    # The power of the case's board is known here: 74 dB were lost.
    (result,) = found["results"]
    assert (result["label"], result["outcome"], result["band"]) == ("B-1", "below the rule", "far")
    assert result["windows"][0]["typical_attenuation_db"] == 74 and found["assumed_power"] is None


def test_a_case_shows_which_days_it_released(case: str, run: Run, tmp_path: Path) -> None:
    assert told(run("case", "show", case, "--json"))["bluezone"] == []
    assert "released: 0 keys, 0 Bluezone keys\n" in run("case", "show", case).output
    told(run("case", "release", case, "--format", "bluezone", "--out", str(tmp_path), "--json"))
    shown = told(run("case", "show", case, "--json"))
    assert told(run("case", "list", "--json"))["cases"] == [shown]
    day = {"day": "2026-11-24", "time_start": MONDAY_S, "time_end": MONDAY_S + 86399}
    clock = {"clock_error_s": 0, "clock_uncertainty_s": 2}
    assert shown["bluezone"] == [{"daily_key": key.hex()} | day | clock for key in (DAY_KEY, NEXT_KEY)]
    text = run("case", "show", case).output
    assert "released: 0 keys, 2 Bluezone keys of 1 day\n" in text
    cells = ["2026-11-24", "2026-11-24", "07:00", "2026-11-25", "06:59", "2", "s"]
    rows = [line.split() for line in text.splitlines()[-2:]]
    assert rows == [[key.hex()[:8], *cells] for key in (DAY_KEY, NEXT_KEY)]


def test_the_list_counts_the_keys_of_either_protocol(case: str, run: Run, tmp_path: Path) -> None:
    def counts() -> list[str]:
        heading, row = run("case", "list").output.splitlines()
        assert heading.endswith("keys  Bluezone keys")
        return row.split()[-2:]

    assert counts() == ["0", "0"]
    told(run("case", "release", case, "--format", "bluezone", "--out", str(tmp_path), "--json"))
    assert counts() == ["0", "2"]
    with open_registry() as registry:
        registry.cases.release(case, [DiagnosisKey(tek(1), MONDAY_S // 600, 144, case)])
    assert counts() == ["1", "2"]


def test_a_day_of_a_wrong_clock_is_shown_where_it_counts(case: str, run: Run) -> None:
    then_s = MONDAY_S - 365 * 86400
    days = PublishedDays(
        DAY_KEY, then_s, then_s + 86399, clock_error_s=365 * 86400, clock_uncertainty_s=None
    )
    with open_registry() as registry:
        registry.bluezone_keys.release(registry.cases.get(case, "test"), [days])
    (found,) = told(run("case", "show", case, "--json"))["bluezone"]
    # The programme knows the key by the day that the token believed in.
    assert (found["day"], found["clock_error_s"], found["clock_uncertainty_s"]) == ("2025-11-24", 365 * 86400, None)
    row = run("case", "show", case).output.splitlines()[-1].split()
    assert row[1:] == ["2025-11-24", "2026-11-24", "07:00", "2026-11-25", "06:59"]


def test_what_is_written_can_be_imported(case: str, run: Run, tmp_path: Path) -> None:
    told(run("case", "release", case, "--format", "bluezone", "--out", str(tmp_path), "--json"))
    assert told(run("keys", "bluezone", str(tmp_path / "InfoF.json"), "--json"))["new"] == 2


def test_times_are_seconds_where_one_wants(case: str, run: Run, tmp_path: Path) -> None:
    text = run("case", "release", case, "--format", "bluezone", "--out", str(tmp_path), "--times", "s").output
    assert "2 keys released, 2 in all." in text and "2 lines" in text
    first = (tmp_path / "data_trace.txt").read_text().splitlines()[0]
    assert first.endswith(f"\t{NINE_S + 30}")


def test_what_is_missing_is_told(run: Run, tmp_path: Path) -> None:
    early = bluezone_records([HeardByBluezone(b"\7" * 32, NINE_S)], NINE_S)
    synced("A-1", bluezone_key_record(DAY_KEY, MONDAY_S, 9), early)
    case = told(
        run("case", "open", "--token", "A-1", "--tested-on", "2026-11-25", "--consent", "x", "--json")
    )["case"]
    done = told(run("case", "release", case, "--format", "bluezone", "--out", str(tmp_path), "--json"))
    assert done["lines"] == 0 and "Of 1 encounter a line is missing" in done["notes"][0]


def test_a_release_that_cannot_be(case: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    nowhere = str(tmp_path / "a file" / "nowhere")
    assert "cannot be written" in refusal(run("case", "release", case, "--format", "bluezone", "--out", nowhere))
    assert run("case", "release", case, "--format", "bluezone").exit_code == 2
    assert run("case", "release", case, "--out", nowhere).exit_code == 2
    assert run("case", "release", case, "--format", "morse").exit_code == 2
    # It speaks no Exposure Notification.
    assert "sync the token" in refusal(run("case", "release", case))


def heard_by_both(run: Run, heard: Sequence[Heard], by_bluezone: Sequence[HeardByBluezone]) -> str:
    """A case that B-1 noted in both protocols; nothing is released yet."""
    synced("A-1", bluezone_key_record(DAY_KEY, MONDAY_S), key_record(tek(1), MONDAY_S))
    with open_registry() as registry:
        token = give(registry, "B-1", board="esp32c3_generic")
        raw = segment(token, 1, [body(heard, NINE_S, more=bluezone_records(by_bluezone, NINE_S))])
        registry.segments.store(token, 1, raw, zlib.crc32(raw))
    opened = run("case", "open", "--token", "A-1", "--tested-on", "2026-11-25", "--consent", "x", "--json")
    return told(opened)["case"]


def test_both_protocols_make_one_contact(run: Run, tmp_path: Path) -> None:
    heard = [Heard(tek(1), NINE_S + 600 * n, span_s=590, rssi_dbm=-70) for n in range(3)]
    by_bluezone = [HeardByBluezone(DAY_KEY, NINE_S + 900 * n, span_s=840, rssi_dbm=-65) for n in range(2)]
    case = heard_by_both(run, heard, by_bluezone)
    told(run("case", "release", case, "--json"))
    told(run("case", "release", case, "--format", "bluezone", "--out", str(tmp_path), "--json"))
    (result,) = told(run("exposures", case, "--json"))["results"]
    (window,) = result["windows"]
    assert (window["start"], window["minutes"]) == (NINE_S, 30.0)


def test_a_minute_that_both_protocols_noted_counts_once(run: Run, tmp_path: Path) -> None:
    # Heard in turns by Exposure Notification until 9:10, by Bluezone from 9:05 to 9:15: near, both at 59 dB.
    heard = [Heard(tek(1), NINE_S, span_s=540, rssi_dbm=-50, tx_power_dbm=9)]
    by_bluezone = [HeardByBluezone(DAY_KEY, NINE_S + 300, span_s=540, rssi_dbm=-50)]
    case = heard_by_both(run, heard, by_bluezone)

    def minutes() -> tuple[float, float, float]:
        (result,) = told(run("exposures", case, "--json"))["results"]
        assert result["band"] == "near"
        return result["minutes"], result["minutes_any_band"], sum(each["minutes"] for each in result["windows"])

    told(run("case", "release", case, "--format", "bluezone", "--out", str(tmp_path), "--json"))
    assert minutes() == (10.0, 10.0, 10.0)
    told(run("case", "release", case, "--json"))
    assert minutes() == (15.0, 15.0, 15.0)
    words = "15.0 of 15.0 min were immediate or near"
    assert words in " ".join(run("exposures", case).output.split())
