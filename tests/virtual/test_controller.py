"""The simulated controller gives the bytes that Google's rootcanal gave."""

from __future__ import annotations

import pytest

from bluetoken.virtual.air import Air, PathLoss
from bluetoken.virtual.controller import REPORT_BUFFERS, SimulatedController, advertising_report

from .rootcanal_transcript import TRANSCRIPT, Step

COMMAND_US = 10_000
WAIT_US = 2_000_000  # longer than the slowest advertiser of the transcript
PUBLIC = bytes([0, 0, 0, 0, 0, 2]), bytes([1, 0, 0, 0, 0, 2])
QUIET = PathLoss(loss_1m_db=78, posture_sd_db=0, movement_sd_db=0, fading_sd_db=0)

NEVER_SENT = "the stand-in for bluetooth never sends it, so it is an unknown command"
DIFFERENT = {
    "Read Local Version Information": NEVER_SENT,
    "LE Read Local Supported Features": NEVER_SENT,
    "LE Read Buffer Size": NEVER_SENT,
    "LE Read Advertising Physical Channel Tx Power": NEVER_SENT,
    "LE Advertising Report, active scan: the scan response (type 4)": "nobody scans actively here",
    "1 advertising report in 0.5 s with the duplicate filter": "NimBLE never turns the filter on",
}


class Pair:
    """Controllers A and B a metre apart, on an air without chance."""

    def __init__(self) -> None:
        air = Air(1, lambda node, _: (float(node), 0.0), lambda _: 9, QUIET)
        self.hosts = {name: SimulatedController(air, n, PUBLIC[n]) for n, name in enumerate("AB")}
        self.now_us = 0

    def replay(self, step: Step) -> str:
        """What the host gets, in hex; of reports the last one."""
        host = self.hosts[step.host]
        if step.command:
            self.now_us += COMMAND_US
            host.reports(self.now_us)
            return host.send(bytes.fromhex(step.command), self.now_us).hex()
        self.now_us += WAIT_US
        reports = [packet for _, packet in host.reports(self.now_us)]
        return reports[-1].hex() if reports else ""


@pytest.fixture(scope="module")
def answers() -> dict[Step, str]:
    pair = Pair()
    return {(n, step): pair.replay(step) for n, step in enumerate(TRANSCRIPT)}


@pytest.mark.parametrize(
    "number, step",
    [(n, step) for n, step in enumerate(TRANSCRIPT) if step.what not in DIFFERENT],
    ids=lambda value: value.what if isinstance(value, Step) else str(value),
)
def test_it_answers_as_rootcanal_did(answers: dict, number: int, step: Step) -> None:  # type: ignore[type-arg]
    assert answers[number, step] == step.event


@pytest.mark.parametrize("what", DIFFERENT)
def test_it_differs_on_purpose_and_only_where_it_says_so(answers: dict, what: str) -> None:  # type: ignore[type-arg]
    ours, theirs = next((answer, step.event) for (_, step), answer in answers.items() if step.what == what)
    assert ours != theirs
    if DIFFERENT[what] is NEVER_SENT:
        assert ours[-2:] == "01"


def test_a_report_is_laid_out_as_rootcanal_lays_it_out() -> None:
    """Byte for byte: one report, its types, address, data and RSSI."""
    step = next(step for step in TRANSCRIPT if step.event.startswith("043e2b"))
    air = Air(1, lambda *_: (0.0, 0.0), lambda _: 0)
    packet = bytes.fromhex(step.event)
    train = air.start(0, 0, 25_000, packet[5], packet[6], packet[7:13], packet[14:45])
    assert advertising_report(train, -69) == packet


def prepared_pair() -> Pair:
    """A advertises every 25 ms, B scans without a pause."""
    pair = Pair()
    for step in TRANSCRIPT[: next(n for n, s in enumerate(TRANSCRIPT) if s.event.startswith("043e2b"))]:
        pair.replay(step)
    return pair


def test_a_busy_host_keeps_eight_reports_and_loses_the_rest() -> None:
    pair = prepared_pair()
    scanner = pair.hosts["B"]
    free = len(scanner.reports(pair.now_us + 1_000_000))
    pair.now_us += 1_000_000
    scanner.stall(pair.now_us, pair.now_us + 1_000_000)
    kept = sum(len(scanner.reports(pair.now_us + part * 100_000)) for part in range(1, 11))
    assert kept == REPORT_BUFFERS and free > 30
    assert abs(kept + scanner.lost_reports - free) <= 3


def test_without_power_nothing_is_advertised_or_heard() -> None:
    pair = prepared_pair()
    pair.hosts["A"].off(pair.now_us)
    assert not pair.hosts["A"].advertising
    assert pair.hosts["B"].listening and not pair.hosts["B"].reports(pair.now_us + WAIT_US)
    pair.hosts["B"].off(pair.now_us + WAIT_US)
    assert not pair.hosts["B"].listening
