"""The application is installable by mip and freezable, and both lists are whole."""

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from bluetoken.virtual.demo import SCENARIO
from bluetoken.virtual.scenario import load_scenario
from bluetoken.virtual.stage import Stage

FIRMWARE = Path(__file__).parents[1] / "firmware"


def sources() -> set[str]:
    return {path.relative_to(FIRMWARE).as_posix() for path in (FIRMWARE / "wearable").rglob("*.py")}


def test_package_json_lists_every_file_of_the_application() -> None:
    package = json.loads((FIRMWARE / "package.json").read_text())
    assert {target for target, _ in package["urls"]} == sources()
    assert all(target == source for target, source in package["urls"])


def test_versions_agree() -> None:
    from wearable import __version__

    package = json.loads((FIRMWARE / "package.json").read_text())
    manifest = (FIRMWARE / "manifest.py").read_text()
    assert package["version"] == __version__
    assert f'version="{__version__}"' in manifest


def test_the_manifest_freezes_what_is_there() -> None:
    frozen = []
    names = {
        "metadata": lambda **about: None,
        "include": lambda path: None,
        "package": lambda name: frozen.append(FIRMWARE / name / "__init__.py"),
        "module": lambda name: frozen.append(FIRMWARE / name),
    }
    exec((FIRMWARE / "manifest.py").read_text(), names)
    assert len(frozen) == 2
    assert all(path.is_file() for path in frozen)


def test_mip_installs_the_application_from_a_checkout(tmp_path: Path) -> None:
    scenario = load_scenario(SCENARIO)
    stage = Stage(replace(scenario, tokens=scenario.tokens[:1]), tmp_path / "a folder")
    try:
        stage.start()
        stage.world.live()
        time.sleep(0.2)
        mpremote = [sys.executable, "-m", "mpremote", "connect", stage.world.tokens[0].cable.path]
        subprocess.run(
            [*mpremote, "mip", "install", "--no-mpy", str(FIRMWARE / "package.json")], check=True, timeout=60
        )
        told = subprocess.run(
            [*mpremote, "exec", "from wearable import desk; desk.hello()"],
            check=True,
            timeout=30,
            capture_output=True,
            text=True,
        )
        assert json.loads(told.stdout)["app"] == "bluetoken"
    finally:
        stage.close()
