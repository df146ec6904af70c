"""Tokens that speak Exposure Notification and Bluezone in turns: what is on the air, and what they wrote down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest

from bluetoken.deployment import Deployment
from bluetoken.virtual.air import Train
from bluetoken.virtual.stage import Stage
from wearable import reading
from wearable.protocols import bluezone, gaen, gaen_reading

from .street import street, written

SCENARIO = """name = "two"
seed = 11
start = 2026-03-02T00:00:00Z
duration = "2h"
[[token]]
name = "A"
position = [0, 0]
[[token]]
name = "B"
position = [1, 0]
"""
CONNECTABLE, SCANNABLE = 0, 2
LATE_S = 430  # an identifier is said for so long after its time at the most
SLOT_S = bluezone.SLOT_S


class Said:
    """Everything that was said, as (token, second, address, kind, protocol, identifier)."""

    def __init__(self, stage: Stage) -> None:
        self.trains: list[Train] = []
        start = stage.air.start

        def kept(*arguments: object) -> Train:
            train = start(*arguments)  # type: ignore[arg-type]
            self.trains.append(train)
            return train

        stage.air.start = kept  # type: ignore[method-assign,assignment]
        self.start_s = stage.scenario.unix_ms(0) // 1000

    def rows(self) -> Iterator[tuple[int, int, bytes, int, str, bytes]]:
        for train in self.trains:
            rpi, zone = gaen_reading.parse(train.data), bluezone.parse(train.data)
            assert (rpi is None) != (zone is None)
            said = ("gaen", rpi[0]) if rpi else ("bluezone", zone)
            at_s = self.start_s + train.start_us // 1_000_000
            yield train.sender, at_s, train.address, train.event_type, *said  # type: ignore[misc]


@contextmanager
def worn(folder: Path, deployment: Deployment, minutes: int) -> Iterator[tuple[Stage, Said]]:
    with street(folder, SCENARIO, deployment) as stage:
        said = Said(stage)
        stage.world.run_until(minutes * 60_000_000)
        yield stage, said


def test_they_take_turns_and_change_together(tmp_path: Path) -> None:
    with worn(tmp_path, Deployment(protocol="both"), 75) as (stage, said):
        rows = list(said.rows())
        of_address: dict[bytes, set[tuple[int, bytes]]] = {}
        for node, _, address, kind, _, identifier in rows:
            of_address.setdefault(address, set()).add((node, identifier))
            assert kind == SCANNABLE
        assert all(len(each) == 1 for each in of_address.values()), "an address said two things"
        for node in (0, 1):
            mine = [row for row in rows if row[0] == node]
            bursts = [row for before, row in pairwise([None, *mine]) if before is None or before[2] != row[2]]
            turns = [row[4] for row in bursts]
            # The order is drawn anew at most at each change of identifiers.
            assert sum(one == other for one, other in pairwise(turns)) <= 6
            assert 0.4 < turns.count("gaen") / len(turns) < 0.6
            changes(bursts)
            names_are_those_of_the_keys(written(stage, node), mine)


def changes(bursts: list[tuple[int, int, bytes, int, str, bytes]]) -> None:
    """No identifier goes on while the other changes."""
    spans = {
        protocol: [
            (min(times), max(times))
            for name in dict.fromkeys(row[5] for row in bursts if row[4] == protocol)
            for times in [[row[1] for row in bursts if row[5] == name]]
        ]
        for protocol in ("gaen", "bluezone")
    }
    assert len(spans["gaen"]) == len(spans["bluezone"]) >= 5
    for (_, gaen_end_s), (_, zone_end_s), (gaen_from_s, _), (zone_from_s, _) in zip(
        spans["gaen"], spans["bluezone"], spans["gaen"][1:], spans["bluezone"][1:], strict=False
    ):
        assert max(gaen_end_s, zone_end_s) < min(gaen_from_s, zone_from_s)


def names_are_those_of_the_keys(found: list[object], mine: list[tuple[int, int, bytes, int, str, bytes]]) -> None:
    (tek,) = [each for each in found if isinstance(each, reading.Key)]
    (zone,) = [each for each in found if isinstance(each, reading.BluezoneKey)]
    rpik, _ = gaen.derive_keys(tek.tek)
    for _, at_s, _, _, protocol, identifier in mine:
        # Of this quarter of an hour, or of the one before until all have changed.
        slots = {at_s // SLOT_S, (at_s - LATE_S) // SLOT_S}
        if protocol == "bluezone":
            names = [bluezone.bluezone_id(zone.daily_key, bluezone.slot_at(slot * SLOT_S)) for slot in slots]
        else:
            middles_s = [slot * SLOT_S + SLOT_S // 2 for slot in slots]
            names = [gaen.rolling_proximity_identifier(rpik, at // gaen.INTERVAL_S) for at in middles_s]
        assert identifier in names


def test_each_is_noted_under_both_names(tmp_path: Path) -> None:
    with worn(tmp_path, Deployment(protocol="both"), 45) as (stage, said):
        rows = list(said.rows())
        said_by_b = [row for row in rows if row[0] == 1]
        names = {each: {row[5] for row in said_by_b if row[4] == each} for each in ("gaen", "bluezone")}
        found = written(stage, 0)
        rpis = {each.rpi for each in found if isinstance(each, reading.Encounter)}
        zones = {each.bluezone_id for each in found if isinstance(each, reading.BluezoneEncounter)}
        assert rpis <= names["gaen"] and len(rpis) >= 3
        assert zones <= names["bluezone"] and len(zones) >= 3


@pytest.mark.parametrize(("connectable", "kind"), [(False, SCANNABLE), (True, CONNECTABLE)])
def test_bluezone_alone_is_connectable_where_that_is_asked_for(tmp_path: Path, connectable: bool, kind: int) -> None:
    with worn(tmp_path, Deployment(protocol="bluezone", connectable=connectable), 20) as (stage, said):
        rows = list(said.rows())
        assert {row[3] for row in rows} == {kind} and {row[4] for row in rows} == {"bluezone"}
        found = written(stage, 0)
        assert any(isinstance(each, reading.BluezoneEncounter) for each in found)
        assert not any(isinstance(each, (reading.Key, reading.Encounter)) for each in found)


def test_with_both_only_the_bluezone_form_is_connectable(tmp_path: Path) -> None:
    with worn(tmp_path, Deployment(protocol="both", connectable=True), 5) as (_, said):
        assert {(row[4], row[3]) for row in said.rows()} == {("gaen", SCANNABLE), ("bluezone", CONNECTABLE)}
