"""The scenarios that come with the project run, and do to their tokens what they say."""

from pathlib import Path

import pytest

from bluetoken.bench.speed import issue_all
from bluetoken.link.desk import Desk
from bluetoken.virtual.demo import SCENARIO
from bluetoken.virtual.scenario import load_scenario
from bluetoken.virtual.stage import Stage
from bluetoken.virtual.token import HARD, PWRON
from wearable import records

FOLDER = SCENARIO.parent
MINUTE_US = 60_000_000


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_a_shipped_scenario_is_whole(path: Path) -> None:
    assert load_scenario(path).name == path.stem


def causes(stage: Stage, name: str, after_us: int) -> list[int]:
    return [cause for at_us, cause in stage.token(name).resets if at_us > after_us]


def test_the_faults_befall_the_tokens_and_none_of_them_is_lost(tmp_path: Path) -> None:
    scenario = load_scenario(FOLDER / "faults.toml")
    stage = Stage(scenario, tmp_path)
    try:
        stage.start()
        stage.world.run_for(2)
        issue_all(stage)
        stage.world.run_until(38 * MINUTE_US)
        assert not stage.token("weak").powered
        stage.world.run_until(scenario.duration_us)
        assert causes(stage, "weak", MINUTE_US) == [PWRON, PWRON]
        assert causes(stage, "jumpy", MINUTE_US) == [HARD]
        for token in stage.world.tokens:
            stage.plug(token)
        stage.world.run_for(40)
        headers = {token.name: headers_of(token.cable.path) for token in stage.world.tokens[:2]}
        assert [h.clock_state for h in headers["weak"]] == [
            records.CLOCK_SET,
            records.CLOCK_RESTORED,
            records.CLOCK_RESTORED,
        ]
        assert [h.boot for h in headers["jumpy"]] == [1, 2]
        jump_s = headers["jumpy"][1].opened_s - headers["jumpy"][0].opened_s
        assert jump_s == pytest.approx(25 * 60 + 3600, abs=5)
    finally:
        stage.close()


def headers_of(port: str) -> list[records.Header]:
    with Desk(port) as desk:
        assert desk.status()["crash_log"] == ""
        return [records.unpack_header(desk.fetch(segment)) for segment in desk.segments()]
