"""Reads the recordings of the RSSI study: packets whose true distance somebody else has measured.

The folder is laid out as `dp3t_exp34/*.sqlite` (phones on people; distances from cameras) and
`mit_range_angle.csv` (one pair of phones in each carry position, at marks on the floor).
"""

import csv
import sqlite3
import tomllib
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from bluetoken.errors import BadStudyData

M_PER_FT = 0.3048
_COLUMNS = "receiver_id, receiver_model, transmitter_id, transmitter_model, timestamp, rssi, ground_truth_distance"
_MIT_FILE = "mit_range_angle.csv"


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet of a known sender, heard at a known distance."""

    scenario: str
    receiver: str
    sender: str
    at_s: float  # since the scenario's first packet
    attenuation_db: int
    distance_m: float


@dataclass(frozen=True, slots=True)
class Mark:
    """One packet of a pair in a carry position; transmit power is not told, so there is no attenuation."""

    position: str
    distance_m: float
    angle_deg: float
    rssi_dbm: int


def read_people(folder: Path) -> list[Packet]:
    """Return the packets of the phones on people, without those whose distance no camera saw."""
    paths = sorted((folder / "dp3t_exp34").glob("*.sqlite"))
    if not paths:
        raise BadStudyData(f"There is no dp3t_exp34/*.sqlite in {folder}: name the folder with --data.")
    phones = tomllib.loads((files(__package__) / "phones.toml").read_text(encoding="utf-8"))["phones"]
    return [packet for path in paths for packet in _scenario(path, phones)]


def read_positions(folder: Path) -> list[Mark]:
    """Return the packets of the pairs in known carry positions."""
    path = folder / _MIT_FILE
    try:
        with path.open(newline="", encoding="utf-8") as file:
            marks = [_mark(row) for row in csv.DictReader(file)]
    except OSError:
        raise BadStudyData(f"There is no {_MIT_FILE} in {folder}: name the folder with --data.") from None
    except (KeyError, IndexError, TypeError, ValueError, csv.Error):
        raise BadStudyData(f"{path} is not the table of ranges and angles it should be: fetch it again.") from None
    if not marks:
        raise BadStudyData(f"{path} is empty: fetch it again.")
    return marks


def _scenario(path: Path, phones: dict[str, Any]) -> list[Packet]:
    try:
        # Recordings lie on read-only disks; without immutable SQLite would want to write beside them.
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as recording:
            rows = recording.execute(f"SELECT {_COLUMNS} FROM results ORDER BY timestamp, db_id").fetchall()
        begin_s = rows[0][4] if rows else 0.0
        return [
            Packet(
                scenario=path.stem,
                receiver=receiver,
                sender=sender,
                at_s=at_s - begin_s,
                attenuation_db=phones[sender_model]["tx"] - (_plausible(rssi_dbm) + phones[receiver_model]["rx"]),
                distance_m=float(distance_m),
            )
            for receiver, receiver_model, sender, sender_model, at_s, rssi_dbm, distance_m in rows
            if distance_m is not None
        ]
    except KeyError as error:
        raise BadStudyData(f"{path} speaks of a phone {error} without calibration: add it to phones.toml.") from None
    except (sqlite3.Error, TypeError, ValueError):
        raise BadStudyData(f"{path} is not the recording it should be: fetch it again.") from None


def _mark(row: dict[str, str]) -> Mark:
    return Mark(
        position=row["file"].split("/")[1],
        distance_m=float(row["range_ft"]) * M_PER_FT,
        angle_deg=float(row["angle_deg"]),
        rssi_dbm=_plausible(int(row["rssi_dbm"])),
    )


def _plausible(rssi_dbm: int) -> int:
    """Return what a Bluetooth controller can say (Core Specification Vol 4 Part E 7.7.65.2); ValueError otherwise."""
    if rssi_dbm not in range(-127, 21):
        raise ValueError(rssi_dbm)
    return rssi_dbm
