"""Days and clinics for the tests of this folder; every path has a space in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from . import snapshots
from .clinic import Clinic
from .day import Day
from .snapshots import Snapshot

MakeDay = Callable[..., Day]
Restore = Callable[..., tuple[Day, Clinic]]


@pytest.fixture
def make_day(tmp_path: Path) -> Iterator[MakeDay]:
    """make_day({"A": image}): a day that has begun, unless told not to; further arguments are Day's."""
    days: list[Day] = []

    def make(images: dict[str, bytes | None], begin: bool = True, **more: Any) -> Day:
        folder = tmp_path / f"day {len(days) + 1}"
        folder.mkdir()
        days.append(Day(folder, images, **more))
        if begin:
            days[-1].begin()
        return days[-1]

    yield make
    for day in days:
        day.close()


@pytest.fixture
def restore(make_day: MakeDay, tmp_path: Path) -> Restore:
    """restore(snapshot, "A"): the tokens named, and the clinic that gave them out, as they were."""

    def make(snapshot: Snapshot, *names: str, **more: Any) -> tuple[Day, Clinic]:
        images = {name: snapshot.images[name] for name in names}
        day = make_day(images, after=snapshot.after, **more)
        clinic = Clinic(tmp_path, snapshot.registry)
        return day, day.at(clinic)

    return make


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    """A clinic that has not opened its registry yet."""
    return Clinic(tmp_path)


@pytest.fixture(scope="session")
def flashed() -> bytes:
    return snapshots.flashed()


@pytest.fixture(scope="session")
def issued() -> Snapshot:
    return snapshots.issued()


@pytest.fixture(scope="session")
def worked() -> Snapshot:
    return snapshots.worked()


@pytest.fixture(scope="session")
def laden() -> Snapshot:
    return snapshots.laden()
