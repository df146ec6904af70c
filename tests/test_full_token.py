"""A token whose flash is full goes on: the oldest segments make room, and the light says so."""

from dataclasses import replace
from pathlib import Path

from bluetoken.bench.speed import AUTHORITY_ID, AUTHORITY_PRIVATE, issue_all
from bluetoken.boards import boards_folder
from bluetoken.exposure.opening import open_segment
from bluetoken.link.desk import Desk
from bluetoken.link.repl import Repl
from bluetoken.virtual.demo import SCENARIO
from bluetoken.virtual.scenario import Scenario, load_scenario
from bluetoken.virtual.stage import Stage
from wearable import records

FILL = """
import os
from wearable import records
from wearable.journal import Journal
journal = Journal()
for number in range(1, 13):
    journal.open(records.Header(2, 0, bytes(8), number, 1, number, 0, 0, 0, 2, 0, 30, 0xFFFF, bytes(4), bytes(32)))
    for batch in range(5):
        journal.append(60, records.body_prefix(0) + records.pack_event(1, 0, batch) * 500)
journal.close()
left = os.statvfs("/")[0] * os.statvfs("/")[3]
with open("/filler", "wb") as file:
    for _ in range(max(left - 16384, 0) // 4096):
        file.write(bytes(4096))
"""


def alone_with_little_flash(folder: Path) -> Scenario:
    """One token whose file system has 576 KiB."""
    board = folder / "little.toml"
    virtual = (boards_folder() / "virtual.toml").read_text()
    board.write_text(virtual.replace("size_bytes = 4194304", "size_bytes = 2686976"))
    scenario = load_scenario(SCENARIO)
    return replace(scenario, tokens=(replace(scenario.tokens[0], board=str(board)),))


def test_a_full_token_gives_up_its_oldest_segments_and_goes_on(tmp_path: Path) -> None:
    stage = Stage(alone_with_little_flash(tmp_path), tmp_path)
    try:
        stage.start()
        stage.world.run_for(2)
        issue_all(stage)
        token = stage.world.tokens[0]
        stage.plug(token)
        repl = Repl(token.cable.path)
        repl.run(FILL)
        repl.leave("import machine; machine.reset()")
        repl.close()
        stage.unplug(token)
        light = stage.boards[0].config["pins"]["light"]["gpio"]
        token.strip.clear()
        stage.world.run_for(2 * 3600)
        flashes = [at_us for at_us, pin, level in token.strip if pin == light and level]
        # Alone it makes a burst every 33 s, and a sign with each.
        assert len(flashes) > 4 * 150, "the sign for a full token is four flashes"
        stage.plug(token)
        stage.world.run_for(40)
        with Desk(token.cable.path) as desk:
            status = desk.status()
            numbers = [segment.number for segment in desk.segments()]
            newest = desk.fetch(desk.segments()[-1])
        assert status["crash_log"] == ""
        assert numbers[0] > 1
        assert numbers[-1] == 13
        header = records.unpack_header(newest)
        opened = open_segment(header, newest, {AUTHORITY_ID: AUTHORITY_PRIVATE})
        assert header.segment == numbers[-1]
        assert opened.faults == []
        assert sum(body.periods for body in opened.bodies) > 100
    finally:
        stage.close()
