"""`bluetoken study rssi` from end to end, on recordings that were made up, and on the real ones where they are."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from xml.dom.minidom import parseString

import pytest
from typer.testing import CliRunner, Result

from bluetoken.cli import app
from bluetoken.exposure.bands import Band, thresholds
from bluetoken.study.rssi import Study, samples, study
from bluetoken.study.rssi_bands import word
from bluetoken.study.rssi_data import read_people, read_positions
from bluetoken.study.rssi_plan import PREVALENCE, Plan

ROOT = Path(__file__).parents[2]
RECORDINGS = ROOT.parent / "shared" / "data" / "rssi"
PHONE = "SM-G970F"  # attenuation = -24 - (RSSI + 5)
TABLE = """CREATE TABLE results (db_id INTEGER PRIMARY KEY, receiver_id TEXT, receiver_model TEXT,
    transmitter_id TEXT, transmitter_model TEXT, timestamp REAL, rssi INTEGER, tx_power INTEGER,
    ground_truth_distance REAL)"""


def scenario(path: Path, seed: int, model: str = PHONE) -> None:
    """Half an hour of six people; neighbours in number are 0.8 m apart, the others farther and weaker."""
    random = Random(seed)
    rows = []
    for a in range(6):
        for b in range(6):
            metres = 0.8 * abs(a - b)
            for at_s in range(0, 1800, 240):
                rssi_dbm = round(-82 - 4 * abs(a - b) + random.gauss(0, 5))
                if a != b:
                    rows.append((str(a), PHONE, str(b), model, 1e9 + at_s, rssi_dbm, 0, metres if a + b else None))
    rows.append(("0", PHONE, "1", PHONE, 1e9, -60, 0, None))  # no camera saw it
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(TABLE)
        database.executemany(
            "INSERT INTO results (receiver_id, receiver_model, transmitter_id, transmitter_model, timestamp, rssi,"
            " tx_power, ground_truth_distance) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dp3t_exp34").mkdir()
    for seed, name in enumerate(("lunch", "office")):
        scenario(tmp_path / "dp3t_exp34" / f"{name}.sqlite", seed)
    lines = ["dataset,file,range_ft,angle_deg,rssi_dbm"]
    for position, level_dbm in (("pocket", -75), ("hand", -60)):
        lines += [
            f"mit,mit/{position}/log.txt,{feet},{angle},{level_dbm - feet}" for feet in (3, 6, 12) for angle in (0, 90)
        ]
    (tmp_path / "mit_range_angle.csv").write_text("\n".join(lines))
    return tmp_path


def run(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["study", "rssi", "--data", str(folder), "--resamples", "100", *options])


def refused(result: Result) -> str:
    """Return the one sentence of a study that was not done."""
    lines = result.stderr.strip().splitlines()
    assert (result.exit_code, len(lines)) == (1, 1), result.output
    assert lines[0].endswith(".")
    return lines[0]


def test_a_packet_is_calibrated_and_without_a_distance_left_out(folder: Path) -> None:
    packets = read_people(folder)
    assert len(packets) == 2 * 30 * 8
    assert {each.scenario for each in packets} == {"lunch", "office"}
    with closing(sqlite3.connect(folder / "dp3t_exp34" / "lunch.sqlite")) as database:
        (rssi_dbm,) = database.execute("SELECT rssi FROM results LIMIT 1").fetchone()
    assert packets[0].attenuation_db == -24 - (rssi_dbm + 5)
    assert read_positions(folder)[0].distance_m == pytest.approx(0.9144)


def test_the_study_as_json(folder: Path) -> None:
    told = json.loads(run(folder, "--json").stdout)
    assert told["window"]["samples"] == 2 * 30 * 2 and told["window"]["pairs"] == 15
    assert told["window"]["base_rate"] == pytest.approx(18 / 30)  # of 15 pairs 5 are at 0.8 m and 4 at 1.6
    assert told["seen_s"] == 720
    assert told["window"]["discrimination"][0]["close"]["value"] > 0.8
    assert [each["worth"]["band"] for each in told["window"]["bands"]] == ["immediate", "near", "far"]
    assert {each["name"] for each in told["positions"]["each"]} == {"pocket", "hand"}


def test_the_tables_say_what_the_json_says(folder: Path) -> None:
    told, words = json.loads(run(folder, "--json").stdout), run(folder).output
    assert f"immediate up to {told['borders']['immediate_db']} dB, near up to {told['borders']['near_db']} dB" in words
    assert f"{told['window']['discrimination'][0]['close']['value']:.3f}" in words
    assert "480 samples of 15 pairs" in words
    assert "over 12.0 minutes" in words
    assert "inf" not in re.findall(r"^\d+ .*", words, re.MULTILINE)[0]


def test_the_prevalence_moves_confidence_and_nothing_else(folder: Path) -> None:
    rare, often = (json.loads(run(folder, "--json", "--prevalence", each).stdout) for each in ("0.1", "0.5"))
    assert rare["borders"] == often["borders"]
    assert rare["window"]["bands"][0]["close"]["value"] < often["window"]["bands"][0]["close"]["value"]
    assert run(folder, "--prevalence", "1").exit_code == 2


def test_the_plot_is_svg_and_the_same_each_time(folder: Path, tmp_path: Path) -> None:
    drawings = []
    for name in ("one.svg", "two.svg"):
        assert run(folder, "--plot", str(tmp_path / name)).exit_code == 0
        drawings.append((tmp_path / name).read_text())
    assert drawings[0] == drawings[1]
    curves = parseString(drawings[0]).getElementsByTagName("polyline")
    assert len(curves) == 2
    for curve in curves:
        points = [tuple(map(float, each.split(","))) for each in curve.getAttribute("points").split()]
        assert points[0] == (0, 360) and points[-1] == (360, 0)
    assert "cannot be written" in refused(run(folder, "--plot", str(tmp_path / "none" / "plot.svg")))


def test_a_folder_without_recordings_is_refused(folder: Path, tmp_path: Path) -> None:
    assert "no dp3t_exp34/*.sqlite in" in refused(run(tmp_path / "nowhere"))
    (folder / "mit_range_angle.csv").unlink()
    assert "no mit_range_angle.csv in" in refused(run(folder))


HEAD = "file,range_ft,angle_deg,rssi_dbm"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "mit_range_angle.csv is empty"),
        (HEAD, "mit_range_angle.csv is empty"),
        ("a,b\n1,2\n", "is not the table"),
        ("file\nx\n", "is not the table"),
        (f"{HEAD}\nx/y/z,near,0,-60\n", "is not the table"),
        (f"{HEAD}\nx/y/z,3,0,-600\n", "is not the table"),
        (f"{HEAD}\nx/y/z,3\n", "is not the table"),
        (f"{HEAD}\nx/y/z,3,0,-60\n", "distances close and beyond are needed"),
        (f"{HEAD}\nx/y/z,0,0,-60\nx/y/z,12,0,-60\n", "distances close and beyond are needed"),
    ],
)
def test_a_table_of_something_else_is_refused(folder: Path, text: str, says: str) -> None:
    (folder / "mit_range_angle.csv").write_text(text)
    assert says in refused(run(folder))


def test_a_recording_of_something_else_is_refused(folder: Path) -> None:
    path = folder / "dp3t_exp34" / "office.sqlite"
    path.write_bytes(b"no database at all, whatever its name says" * 100)
    assert "is not the recording it should be" in refused(run(folder))


def test_an_rssi_that_no_radio_says_is_refused(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "dp3t_exp34" / "office.sqlite")) as database, database:
        database.execute("UPDATE results SET rssi = -1000000000 WHERE db_id = 7")
    assert "office.sqlite is not the recording" in refused(run(folder))


def test_a_phone_without_calibration_is_named(folder: Path) -> None:
    scenario(folder / "dp3t_exp34" / "train.sqlite", 3, model="Nokia 3310")
    assert "'Nokia 3310'" in refused(run(folder))


def test_one_scenario_is_too_few(folder: Path) -> None:
    (folder / "dp3t_exp34" / "office.sqlite").unlink()
    assert "too few" in refused(run(folder))


@pytest.fixture(scope="module")
def real() -> Study:
    if not RECORDINGS.is_dir():
        pytest.skip("there are no recordings in ../shared/data/rssi beside the checkout")
    return study(RECORDINGS, Plan())


def test_the_bands_in_force_are_what_the_study_chooses(real: Study) -> None:
    in_force = thresholds()
    assert (in_force.immediate_db, in_force.near_db) == (real.borders.immediate_db, real.borders.near_db)
    assert in_force.prevalence == PREVALENCE == real.prevalence
    for place, band in enumerate(Band):
        brief, lasting, told = real.packet.bands[place], real.window.bands[place], in_force.confidence[band]
        assert told.packet == round(brief.close.value, 2)
        assert (told.lasting, told.low, told.high) == tuple(
            round(each, 2) for each in (lasting.close.value, lasting.close.low, lasting.close.high)
        )
        assert told.word == word(told.lasting)


def test_the_figures_in_design_are_those_of_the_study(real: Study) -> None:
    """Whoever changes the study reads here what else to change."""
    text = (ROOT / "docs" / "DESIGN.md").read_text(encoding="utf-8")
    section = text.split("\n### Distance\n")[1].split("\n### ")[0].split("\n## ")[0]
    for grain in (real.packet, real.window):
        for of in grain.discrimination:
            assert f"{of.close.value:.2f} ({of.close.low:.2f} to {of.close.high:.2f})" in section, of.predictor
            assert f"{of.close_by_people.low:.2f} to {of.close_by_people.high:.2f}" in section, of.predictor
        for each in grain.bands:
            cells = [f"{each.worth.among_close:.2f}", f"{each.worth.among_beyond:.2f}", f"{each.worth.ratio:.1f}"]
            assert " | ".join(cells) in section, (grain.name, each.worth.band)
            assert f"{each.close.value:.2f} ({each.close.low:.2f} to {each.close.high:.2f})" in section
    for position in real.positions.each:
        assert f"{position.offset_db.value:+.1f} ({position.offset_db.low:+.1f} to" in section, position.name
    of_packets, of_windows = samples(read_people(RECORDINGS))
    in_one_line = " ".join(section.split())
    assert f"{len(of_packets):,} packets and {len(of_windows['mean'])} windows" in in_one_line


def test_the_figures_stand_in_the_default_rule(real: Study) -> None:
    from bluetoken.exposure.rules import load_rule

    assert f"{real.window.discrimination[0].close.value * 100:.0f} of 100 cases" in load_rule().confidence
