"""clock and config: what the environment says, and that it is refused where it cannot be meant."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bluetoken import clock, config
from bluetoken.errors import BadSetting


def test_the_clock_can_be_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BLUETOKEN_CLOCK", "2026-11-23T15:00:00.5+07:00")
    assert clock.now() == datetime(2026, 11, 23, 8, 0, 0, 500000, UTC)
    assert clock.unix_ms() == 1795420800500


def test_the_clock_runs_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BLUETOKEN_CLOCK")
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize("text", ["soon", "2026-11-23T08:00:00", "1795420800"])
def test_a_clock_without_zone_or_sense_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("BLUETOKEN_CLOCK", text)
    with pytest.raises(BadSetting, match="BLUETOKEN_CLOCK"):
        clock.now()


def test_where_the_registry_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BLUETOKEN_DATABASE", "sqlite:////somewhere.sqlite")
    assert config.database_url() == "sqlite:////somewhere.sqlite"
    monkeypatch.delenv("BLUETOKEN_DATABASE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert config.database_url() == f"sqlite:///{tmp_path}/bluetoken/registry.sqlite"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config.default_registry_path() == tmp_path / ".local/share/bluetoken/registry.sqlite"


@pytest.mark.parametrize(
    ("text", "hours"), [("", 7), ("+07:00", 7), ("-03:30", -3.5), ("Asia/Ho_Chi_Minh", 7), ("UTC", 0)]
)
def test_zone(monkeypatch: pytest.MonkeyPatch, text: str, hours: float) -> None:
    monkeypatch.setenv("BLUETOKEN_ZONE", text)
    assert datetime(2026, 11, 23, tzinfo=config.zone()).utcoffset() == timedelta(hours=hours)
    assert config.utc_offset_min(1795392000) == hours * 60


@pytest.mark.parametrize("text", ["+7", "Hanoi", "+25:00", "../etc/passwd"])
def test_an_unknown_zone_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("BLUETOKEN_ZONE", text)
    with pytest.raises(BadSetting, match="BLUETOKEN_ZONE"):
        config.zone()
