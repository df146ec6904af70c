"""The commands: what they print, what they refuse, and with which exit code."""

import json
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from desk_building import MONDAY_S, Heard, body, key_record, segment, tek
from desk_fake import FakeToken, link_modules
from desk_giving import give
from desk_telling import METRES, refusal, told
from typer.testing import Result

from bluetoken import cli
from bluetoken.cell import low_sign
from bluetoken.cli.issue import Protocol
from bluetoken.errors import BluetokenError, NoSuchPort
from bluetoken.exposure.diagnosis import DiagnosisKey
from bluetoken.exposure.rules import Rule, rules
from bluetoken.registry import open_registry
from bluetoken.registry.tables import TokenState
from wearable import records
from wearable.settings import PROTOCOLS

pytestmark = pytest.mark.usefixtures("authority")

Run = Callable[..., Result]
ISSUE = ("issue", "--holder", "Bà Hoa", "--legal-basis", "consent, form 3")
NINE_S = MONDAY_S + 2 * 3600  # in Vietnam


def synced(label: str, *bodies: bytes) -> None:
    """Have a token in the registry that wrote these bodies."""
    with open_registry() as registry:
        token = give(registry, label)
        raw = segment(token, 1, bodies)
        registry.segments.store(token, 1, raw, zlib.crc32(raw))


@pytest.fixture
def case(run: Run) -> str:
    """A case A-1, and B-1 who met it for half an hour, C-1 for a minute, D-1 not at all."""
    meeting = [Heard(tek(1), NINE_S + 600 * n, span_s=590, rssi_dbm=-70) for n in range(3)]
    synced("A-1", body([], MONDAY_S, more=key_record(tek(1), MONDAY_S)))
    synced("B-1", body(meeting, NINE_S))
    synced("C-1", body([Heard(tek(1), NINE_S)], NINE_S))
    synced("D-1", body([], NINE_S))
    opened = run(
        "case", "open", "--token", "A-1", "--tested-on", "2026-11-25", "--consent", "signed", "--json"
    )
    return told(opened)["case"]


@pytest.mark.parametrize(
    ("options", "environment", "spoken"),
    [
        ((), {}, ("gaen", False, False)),
        (("--protocol", "both"), {}, ("both", False, False)),
        (("--protocol", "bluezone", "--connectable", "--read-iphones"), {}, ("bluezone", True, True)),
        ((), {"BLUETOKEN_PROTOCOL": "both", "BLUETOKEN_READ_IPHONES": "1"}, ("both", False, True)),
        (("--protocol", "gaen"), {"BLUETOKEN_PROTOCOL": "both"}, ("gaen", False, False)),
    ],
)
def test_a_deployment_says_what_its_tokens_speak(
    token: FakeToken,
    plug: Callable,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    environment: dict[str, str],
    spoken: tuple[str, bool, bool],
) -> None:
    desk = plug(token)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    told(run(*ISSUE, "--label", "A-1", *options, "--json"))
    chosen = desk.deployment
    assert (chosen.protocol, chosen.connectable, chosen.read_iphones) == spoken


def test_what_only_bluezone_has_is_refused_without_it(token: FakeToken, plug: Callable, run: Run) -> None:
    desk = plug(token)
    for option in ("--connectable", "--read-iphones"):
        assert "--protocol bluezone" in refusal(run(*ISSUE, "--label", "A-1", option))
    assert run(*ISSUE, "--label", "A-1", "--protocol", "morse").exit_code == 2
    assert "provision" not in desk.calls


def test_the_command_offers_what_the_firmware_speaks() -> None:
    assert tuple(each.value for each in Protocol) == PROTOCOLS


def test_issue_status_sync(token: FakeToken, plug: Callable, run: Run) -> None:
    desk = plug(token)
    assert told(run("status", "--json"))["registry"] is None
    assert "not issued" in run("status").output
    issued = told(run(*ISSUE, "--label", "A-1", "--representative", "Lan", "--assent", "--json"))
    assert set(issued) == {"token", "label", "board", "issued_at", "retention_days", "holder"}
    assert (issued["label"], issued["retention_days"]) == ("A-1", 21)
    token.put(1, segment(issued["token"], 1, [body([], MONDAY_S)]))
    status = told(run("status", "--json"))
    assert set(status) == {"hello", "status", "segments", "registry"}
    assert status["registry"]["segments_waiting"] == 1
    assert status["registry"]["holder"] == "Bà Hoa"
    words = run("status").output
    assert "A-1" in words and "Never synced" in words and "1 of them not in the registry" in words
    report = told(run("sync", "--json"))
    assert {"token", "label", "new", "known", "acknowledged", "bytes_new", "clock_offset_ms"} < set(report)
    assert (report["new"], report["acknowledged"], report["battery_mv"]) == ([1], [1], 3900)
    token.write(no_room=2150)
    words = run("sync").output
    assert "0 new segments" in words and "2150 times since the last sync something it heard found no room" in words
    assert "flooded" not in run("sync").output
    assert "Last synced on 2026-11-25 15:00" in run("status").output
    assert desk.calls[-2:] == ["resume", "exit"]


def test_what_a_token_could_not_keep_is_told_to_who_compares(case: str, run: Run) -> None:
    lost = records.pack_event(records.EVENT_QUOTA, 0, 70) + records.pack_event(records.EVENT_EVICTED, 600, 7)
    synced("F-1", body([], NINE_S, more=lost))
    run("case", "release", case)
    result = run("exposures", case)
    assert "in a flood or a crowd: F-1: 77 times, 2026-11-24 09:00 to 2026-11-24 09:10." in result.output
    assert told(run("exposures", case, "--json"))["no_room"] == ["F-1: 77 times, 2026-11-24 09:00 to 2026-11-24 09:10"]


def test_a_pause_is_told_to_who_compares(case: str, run: Run) -> None:
    paused = records.pack_event(records.EVENT_PAUSED, 60, 7200) + records.pack_event(records.EVENT_RESUMED, 1860, 1800)
    synced("P-1", body([], NINE_S, more=paused))
    run("case", "release", case)
    sentence = "P-1: 2026-11-24 09:01 to 09:31"
    assert f"Paused by the wearer, so nobody was heard: {sentence}." in run("exposures", case).output
    found = told(run("exposures", case, "--json"))
    assert found["paused"] == [sentence]
    minutes = {each["label"]: each["paused_minutes"] for each in found["results"]}
    assert (minutes["P-1"], minutes["D-1"]) == (30, 0)


def test_a_token_goes_on_after_whatever_went_wrong(token: FakeToken, plug: Callable, run: Run) -> None:
    desk = plug(token)
    assert "not issued" in refusal(run("sync"))
    assert desk.calls == ["hello", "resume", "exit"]


def test_the_cable_is_lost(token: FakeToken, plug: Callable, run: Run) -> None:
    plug(token, cut_after=2)
    assert "connection to the token was lost" in refusal(run(*ISSUE, "--label", "A-1"))


def test_no_token_is_there(
    plug: Callable, token: FakeToken, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_port(port: str | None) -> str:
        raise NoSuchPort(f"There is no port {port}: plug the token in.")

    modules = link_modules(plug(token))
    modules["bluetoken.link.ports"].find_port = find_port  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "bluetoken.link.ports", modules["bluetoken.link.ports"])
    monkeypatch.setenv("BLUETOKEN_PORT", "/dev/ttyX")
    assert "/dev/ttyX" in refusal(run("status"))
    assert "/dev/ttyY" in refusal(run("sync", "--port", "/dev/ttyY"))


def test_errors_as_json(token: FakeToken, plug: Callable, run: Run) -> None:
    plug(token)
    result = run("sync", "--json")
    assert refusal(result) == json.loads(result.stdout)["error"]
    assert json.loads(result.stdout)["kind"] == "NotIssued"


def test_the_program_itself_exits_with_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setattr(sys, "argv", ["bluetoken", "case", "show", "2026-404"])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 1
    captured = capsys.readouterr()
    assert captured.out == "" and "2026-404" in captured.err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("issue", "--label", "A-1"),
        (*ISSUE, "--label", "A-1", "--retention-days", "0"),
        ("case", "open", "--token", "A-1", "--tested-on", "yesterday", "--consent", "yes"),
        ("exposures",),
        ("exposures", "2026-001", "--all"),
        ("sync", "--set-the-clock"),
    ],
)
def test_wrong_usage_exits_with_two(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize(
    "command", ["boards", "flash", "issue", "status", "sync", "case", "keys", "exposures"]
)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0 and len(result.output) > 200


@pytest.mark.parametrize(
    ("option", "text"), [("--label", " "), ("--label", "x" * 33), ("--label", "a\x1b[2J"), ("--holder", "")]
)
def test_nothing_empty_endless_or_unprintable_is_issued(
    token: FakeToken, plug: Callable, run: Run, option: str, text: str
) -> None:
    desk = plug(token)
    arguments = {"--label": "A-1", "--holder": "Hoa", "--legal-basis": "consent", option: text}
    assert option in refusal(run("issue", *(part for pair in arguments.items() for part in pair)))
    assert desk.calls == []


def test_a_label_cannot_steer_the_terminal(token: FakeToken, plug: Callable, run: Run) -> None:
    token.write(token="11" * 8, issuer="22" * 8, label="\x1b[2Jevil [red]")
    plug(token)
    sentence = refusal(run("sync"))
    assert "\x1b" not in sentence and "evil [red]" in sentence


def test_a_damaged_segment_is_reported_and_exits_with_one(token: FakeToken, plug: Callable, run: Run) -> None:
    plug(token)
    token_id = told(run(*ISSUE, "--label", "A-1", "--json"))["token"]
    for number in (1, 2):
        token.put(number, segment(token_id, number, [body([], MONDAY_S)]))
    plug(token, garble=2)
    result = run("sync", "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["kind"], report["new"]) == (1, "DamagedSegment", [1])
    assert "Segment 2" in report["error"]
    assert "Segment 2" in refusal(run("sync"))
    assert list(token.files()) == [2]


def test_a_case_from_the_test_to_the_interview(case: str, run: Run, tmp_path: Path) -> None:
    assert "no keys" in refusal(run("exposures", case)).lower()
    assert told(run("case", "release", case, "--json")) == {"case": case, "new": 1, "keys": 1}
    assert told(run("case", "release", case, "--json"))["new"] == 0
    page = tmp_path / "report.html"
    found = told(run("exposures", case, "--report", str(page), "--json"))
    assert [(each["label"], each["outcome"], each["needs_interview"]) for each in found["results"]] == [
        ("B-1", "candidate", True),
        ("C-1", "below the rule", False),
        ("D-1", "no contact", False),
    ]
    assert found["results"][0]["windows"][0]["start_at"] == "2026-11-24T02:00:00+00:00"
    assert found["rule"]["id"] == "fifteen-minutes" and found["rule"]["in_force"]
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    words = run("exposures", case).output
    assert "candidate: needs interview" in words and "2026-11-24 09:00 - 09:30" in words
    assert told(run("exposures", "--all", "--json"))["results"] == found["results"]


def test_exposures_say_how_far_a_band_can_be_trusted(case: str, run: Run) -> None:
    told(run("case", "release", case, "--json"))
    found = told(run("exposures", case, "--json"))["confidence"]
    assert (found["prevalence"], found["immediate"]["word"], found["far"]["lasting"]) == (0.2, "medium", 0.1)
    assert "close: immediate medium, near low, far low." in run("exposures", case).output


@pytest.mark.parametrize("rule", rules().values(), ids=rules())
def test_exposures_know_no_distance(case: str, run: Run, rule: Rule) -> None:
    told(run("case", "release", case, "--json"))
    for options in ((), ("--json",)):
        output = run("exposures", case, "--rule", rule.id, *options).output
        # The words of a document that is named, and what staff should ask, are not the token's.
        for quoted in (rule.title, *rule.ask):
            output = output.replace(json.dumps(quoted, ensure_ascii=False)[1:-1], "")
        assert rule.id in output and not METRES.search(output)


@pytest.mark.parametrize("command", ["issue", "status", "sync", "case", "keys", "exposures"])
def test_no_help_for_the_desk_speaks_of_distances(run: Run, command: str) -> None:
    assert not METRES.search(run(command, "--help").output)


def test_cases_are_listed_and_shown(case: str, run: Run) -> None:
    listed = told(run("case", "list", "--json"))["cases"]
    assert listed == [told(run("case", "show", case, "--json"))]
    assert set(listed[0]) == {
        "case", "token", "label", "tested_on", "onset_on", "infectious_from", "consent", "opened_at", "keys",
        "bluezone",
    }  # fmt: skip
    assert case in run("case", "list").output
    assert "signed" in run("case", "show", case).output


def test_a_drift_is_told_in_words_and_to_programs(token: FakeToken, plug: Callable, run: Run) -> None:
    plug(token)
    told(run(*ISSUE, "--label", "A-1", "--json"))
    plug(token)
    # Set a week ago, and 12 s fast by now.
    known = token.read()
    token.write(set_s=known["set_s"] - 7 * 86400, clock_ms=known["clock_ms"] + 12096)
    drift = "20.0 ppm fast (1.7 s a day), measured over 7.0 days, and is trimmed by that to within 23 ppm."
    assert f"By itself it runs {drift}" in run("sync").output
    plug(token)
    registry = told(run("status", "--json"))["registry"]
    assert registry["trim"] == {"trim_ppm": -20.0, "drift_ppm": 23, "over_s": 7 * 86400 + 12, "runs": 1}
    assert "20.0 ppm fast, which is made up for to within 23 ppm" in run("status").output
    plug(token)
    report = told(run("sync", "--json"))
    assert report["trim"] == registry["trim"]


def test_a_key_of_a_wrong_clock_is_shown_where_it_was_used(case: str, run: Run) -> None:
    with open_registry() as registry:
        key = DiagnosisKey(tek(9), MONDAY_S // 600 - 144 * 365, 144, case, 365 * 86400, 600)
        registry.cases.release(case, [key])
    (found,) = told(run("case", "show", case, "--json"))["keys"]
    assert (found["rolling_start"], found["clock_error_s"]) == (key.rolling_start, key.clock_error_s)
    shown = run("case", "show", case).output
    assert "2026-11-24" in shown and "2025" not in shown and "600 s" in shown


def test_what_a_rule_out_of_force_says(case: str, run: Run, tmp_path: Path) -> None:
    told(run("case", "release", case, "--json"))
    result = run("exposures", case, "--rule", "vn-11042-2021")
    assert (result.exit_code, "not in force" in result.stderr) == (0, True)
    assert "no contact rule" in refusal(run("exposures", case, "--rule", "nonsense"))


def test_who_withdrew_consent_is_left_out(case: str, run: Run) -> None:
    told(run("case", "release", case, "--json"))
    with open_registry() as registry:
        registry.tokens.withdraw_consent(registry.tokens.by_label("B-1", "test").token_id)
    found = told(run("exposures", case, "--json"))
    assert [each["label"] for each in found["results"]] == ["C-1", "D-1"]
    assert found["without_consent"] == ["B-1"]


def test_a_lost_token_still_tells_what_was_synced(case: str, run: Run) -> None:
    told(run("case", "release", case, "--json"))
    with open_registry() as registry:
        registry.tokens.mark(registry.tokens.by_label("B-1", "test").token_id, TokenState.LOST)
    assert told(run("exposures", case, "--json"))["results"][0]["label"] == "B-1"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--token", "Z-9", "--tested-on", "2026-11-25", "--consent", "yes"), "Z-9"),
        (("--token", "A-1", "--tested-on", "2026-11-26", "--consent", "yes"), "future"),
        (("--token", "A-1", "--tested-on", "2026-11-25", "--consent", " "), "--consent"),
        (
            ("--token", "A-1", "--tested-on", "2026-11-25", "--consent", "yes", "--ref", "2026-001"),
            "2026-001",
        ),
        (("--token", "A-1", "--tested-on", "2026-11-25", "--consent", "yes", "--rule", "x"), "rule"),
    ],
)
def test_a_case_that_cannot_be(case: str, run: Run, arguments: tuple[str, ...], words: str) -> None:
    assert words in refusal(run("case", "open", *arguments))
    assert len(told(run("case", "list", "--json"))["cases"]) == 1


def test_a_case_without_synced_keys(run: Run) -> None:
    synced("A-1")
    opened = run("case", "open", "--token", "A-1", "--tested-on", "2026-11-25", "--consent", "x", "--json")
    assert "sync the token" in refusal(run("case", "release", told(opened)["case"]))


def test_a_report_that_cannot_be_written(case: str, run: Run, tmp_path: Path) -> None:
    told(run("case", "release", case, "--json"))
    assert "nowhere" in refusal(run("exposures", case, "--report", str(tmp_path / "nowhere" / "r.html")))


def test_imported_keys_are_compared_too(case: str, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(json.dumps([{"tek": tek(1).hex(), "rolling_start": MONDAY_S // 600, "case": "K-7"}]))
    assert told(run("keys", "import", str(file), "--json")) == {"new": 1, "known": 0, "differing": 0}
    assert "1 were there already" in run("keys", "import", str(file)).output
    (key,) = told(run("keys", "list", "--json"))["keys"]
    assert (key["tek"], key["case"], key["source"]) == (tek(1).hex(), "K-7", "keys.json")
    assert "2026-11-24 07:00" in run("keys", "list").output
    found = told(run("exposures", "--all", "--json"))
    assert found["cases"] == ["imported K-7"]
    assert (found["results"][0]["label"], found["results"][0]["outcome"]) == ("B-1", "candidate")


def test_a_key_file_that_is_none(run: Run, tmp_path: Path) -> None:
    assert "cannot be read" in refusal(run("keys", "import", str(tmp_path / "nowhere.json")))
    (tmp_path / "picture").write_bytes(bytes(range(256)))
    assert "cannot be read" in refusal(run("keys", "import", str(tmp_path / "picture")))
    (tmp_path / "list.json").write_text('[{"tek": 5}]')
    assert "nothing was imported" in refusal(run("keys", "import", str(tmp_path / "list.json")))
    assert told(run("keys", "list", "--json")) == {"keys": [], "bluezone": []}


def test_boards_and_flash(
    token: FakeToken, plug: Callable, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    plug(token)
    config = {"name": "c3", "chip": "esp32c3", "title": "A small one"}
    boards, flash = ModuleType("bluetoken.boards"), ModuleType("bluetoken.link.flash")
    too_small = low_sign(120)
    board = SimpleNamespace(**config, as_dict=lambda: config, low_sign=too_small)
    boards.board_names = lambda: ["c3"]  # type: ignore[attr-defined]
    boards.load_board = lambda name: board  # type: ignore[attr-defined]

    def write(port: str, board: object, progress: Callable, force: bool) -> SimpleNamespace:
        progress(1, 2)
        return SimpleNamespace(written=["/main.py"], unchanged=[] if force else ["/boot.py"], removed=[])

    flash.flash = write  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "bluetoken.boards", boards)
    monkeypatch.setitem(sys.modules, "bluetoken.link.flash", flash)
    assert told(run("boards", "--json")) == {"boards": [config]}
    words = run("boards").output
    assert "esp32c3" in words and "10 hours ahead, below 3750 mV, not a week: the cell is too small" in words
    assert told(run("flash", "--board", "c3", "--json"))["unchanged"] == ["/boot.py"]
    assert "1 file written" in run("flash", "--board", "c3", "--force").output


def test_a_registry_that_is_none(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "letter").write_text("Dear Sir or Madam, " * 200)
    monkeypatch.setenv("BLUETOKEN_DATABASE", f"sqlite:///{tmp_path / 'letter'}")
    assert "letter" in refusal(run("case", "list"))


def every_error() -> list[type[BluetokenError]]:
    return BluetokenError.__subclasses__()


@pytest.mark.parametrize("error", every_error(), ids=lambda error: error.__name__)
def test_every_error_is_one_sentence(error: type[BluetokenError]) -> None:
    sentence = str(error())
    assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 130
    assert str(error("Something else.")) == "Something else."
