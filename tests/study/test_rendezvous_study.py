"""`bluetoken study rendezvous` from end to end, on a trace that was made up, and on the real one where it is."""

import json
from pathlib import Path
from xml.dom.minidom import parseString

import pytest
from typer.testing import CliRunner, Result

from bluetoken.cli import app
from bluetoken.study.days import Day

TRACE = Path(__file__).parents[3] / "shared" / "data" / "contact_traces" / "primary_school.csv"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six people for an hour of one day, two of them on the next."""
    day = Day(3)
    for n in range(6):
        day.walk(f"p{n}", (9 * 3600, "room"), (10 * 3600, ""))
    contacts = day.trace(lambda one, other, room: 12.0).contacts
    rows = [
        (at_s, *pair, "A", "A")
        for pair, stretches in contacts.items()
        for start_s, end_s in stretches
        for at_s in range(start_s + 20, end_s + 1, 20)
    ]
    path = tmp_path_factory.mktemp("traces") / "small.csv"
    path.write_text("\n".join(" ".join(map(str, row)) for row in [*rows, (130000, "p0", "p1", "A", "A")]))
    return path


def run(*options: str) -> Result:
    return CliRunner().invoke(app, ["study", "rendezvous", *options])


def refused(result: Result) -> str:
    """Return the one sentence of a study that was not done."""
    lines = result.stderr.strip().splitlines()
    assert (result.exit_code, len(lines)) == (1, 1), result.output
    assert lines[0].endswith(".")
    return lines[0]


def test_all_schedules_as_json_and_as_a_plot(small: Path, tmp_path: Path) -> None:
    plot = tmp_path / "plot.svg"
    budgets = ("--mean-ma", "2.5", "--mean-ma", "5")
    result = run("--trace", str(small), "--days", "1", *budgets, "--plot", str(plot), "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    runs = {(each["case"]["schedule"], each["case"]["mean_ma"]): each for each in told["runs"]}
    assert len(runs) == 9  # three keep to two budgets, three to none
    assert all(each["days"] == 1 and each["people"] == 6 for each in runs.values())
    assert runs["always", 2.5]["scores"]["recall"] == 1.0
    assert runs["always", 2.5]["mean_ma"] == pytest.approx(85 + 0.35 / 0.255, rel=0.01)
    assert runs["utc", 2.5]["mean_ma"] == pytest.approx(2.5, rel=0.02)
    assert runs["ours", 2.5]["mean_ma"] < 2.6
    assert len(told["bounds"]) == 2
    drawing = parseString(plot.read_text())
    assert len(drawing.getElementsByTagName("circle")) == 9


def test_the_same_seed_gives_the_same(small: Path) -> None:
    options = ("--trace", str(small), "--schedule", "ours", "--json")
    first = run(*options, "--seed", "3").stdout
    assert first == run(*options, "--seed", "3").stdout
    assert first != run(*options, "--seed", "4").stdout


def test_the_tables(small: Path) -> None:
    result = run("--trace", str(small), "--schedule", "ours", "--liar", "jumps")
    assert result.exit_code == 0, result.output
    assert "6 people, 2 days" in result.stdout
    assert "liar: jumps" in result.stdout
    assert "ours: herds" in result.stdout
    assert "does not apply" in result.stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--hear", "wall"), "--hear must be one of room, contact"),
        (("--liar", "me"), "--liar must be one of none"),
        (("--schedule", "luck"), "--schedule must be one of ours"),
        (("--mean-ma", "0.3"), "--mean-ma must be at least"),
        (("--board", "abacus"), "abacus"),
        (("--trace", "not-there.csv"), "not-there.csv cannot be read"),
    ],
)
def test_bad_input_is_one_sentence(options: tuple[str, ...], said: str) -> None:
    assert said in refused(run(*options))


def test_a_bad_trace_is_told_of_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("20 a b\nnonsense\n")
    assert "line 2" in refused(run("--trace", str(path)))


def test_a_plot_that_cannot_be_written(small: Path, tmp_path: Path) -> None:
    plot = str(tmp_path / "none" / "plot.svg")
    assert "cannot be written" in refused(run("--trace", str(small), "--schedule", "random", "--plot", plot))


@pytest.mark.long
@pytest.mark.skipif(not TRACE.is_file(), reason="the contact trace lies outside the project")
def test_the_goal_on_a_school_day() -> None:
    result = run("--trace", str(TRACE), "--days", "1", "--schedule", "ours", "--schedule", "random", "--json")
    assert result.exit_code == 0, result.output
    ours, at_random = json.loads(result.stdout)["runs"]
    assert ours["mean_ma"] < 2.6
    assert ours["scores"]["recall"] > 0.95
    assert ours["scores"]["precision"] > 0.9
    assert ours["scores"]["recall"] > at_random["scores"]["recall"] + 0.1
