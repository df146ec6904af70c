"""The pictures of the signs and the README's table are the firmware's signs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bluetoken.report.sign_pictures import PLUGGED, pictures
from bluetoken.virtual.strip import SIGNS
from wearable import button, signs

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NUMBERS = ("no", "one", "two", "three", "four")
NUMBERS_VI = ("không", "một", "hai", "ba", "bốn")


@pytest.mark.parametrize("name", pictures())
def test_a_picture_is_current(name: str) -> None:
    drawn = (ROOT / "docs" / "signs" / name).read_text(encoding="utf-8")
    assert drawn == pictures()[name], "run python -m bluetoken.report.sign_pictures docs/signs"


def test_there_is_no_other_picture() -> None:
    assert {path.name for path in (ROOT / "docs" / "signs").iterdir()} == set(pictures())


def test_a_picture_has_as_many_flashes_as_the_sign() -> None:
    for name, (count, _) in SIGNS.items():
        assert pictures()[f"{name.lower()}.svg"].count(f'fill="{"#e0982f"}"') == count


def rows() -> dict[str, tuple[str, str]]:
    """What the README says of each sign: {name: (Vietnamese, English)}."""
    found = re.findall(r"^\| !\[\]\(docs/signs/(\w+)\.svg\) \| ([^|]+) \| ([^|]+) \|", README, re.MULTILINE)
    return {name.upper(): (vietnamese, english) for name, vietnamese, english in found}


def test_the_readme_has_every_sign() -> None:
    assert set(rows()) == {*SIGNS, PLUGGED}


@pytest.mark.parametrize("name", SIGNS)
def test_the_readme_counts_as_the_firmware_does(name: str) -> None:
    count, is_long = SIGNS[name]
    vietnamese, english = rows()[name]
    assert english.startswith(NUMBERS[count]) and vietnamese.startswith(NUMBERS_VI[count])
    assert ("long" in english) == ("dài" in vietnamese) == is_long
    assert ("felt" in english) == ("rung" in vietnamese) == bool(signs.felt_every_s(getattr(signs, name)))


def test_the_readme_s_times_are_the_firmware_s() -> None:
    assert f"{button.LONG_MS // 1000} seconds" in README and f"{button.LONG_MS // 1000} giây" in README
    assert f"every {signs.felt_every_s(signs.FULL) // 3600} hours" in README.replace("four", "4")
