"""The page: the same bytes for the same findings, and nothing from outside."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser

import pytest
from desk_building import MONDAY_S, Heard, body, segment, tek
from desk_telling import METRES
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape

from bluetoken.exposure.bands import thresholds
from bluetoken.exposure.days import by_day
from bluetoken.exposure.decoding import RawSegment, decode
from bluetoken.exposure.diagnosis import DiagnosisKey
from bluetoken.exposure.evaluation import CaseKeys, Result, evaluate
from bluetoken.exposure.rules import Rule, load_rule, rules
from bluetoken.report import Findings, render
from bluetoken.report.timeline import AXIS_WIDTH, LABEL_WIDTH, panels

HANOI = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
CASE = CaseKeys("2026-001", (DiagnosisKey(tek(1), MONDAY_S // 600, 144, "2026-001"),), MONDAY_S)


def wearer(label: str, *heard: Heard, listens: bool = True) -> tuple[str, object]:
    token = label.encode().hex().rjust(16, "0")[-16:]
    bodies = [body([each], each.at_s) for each in heard]
    if listens:
        bodies.append(body([], MONDAY_S + 3600))
    segments = [RawSegment(segment(token, number, [each])) for number, each in enumerate(bodies)]
    return token, (label, decode(token, segments))


def results(*wearers: tuple) -> tuple[Result, ...]:
    return tuple(evaluate(dict(wearers), [CASE], load_rule(), thresholds(), NOW))


def long_contact(start_s: int, rssi_dbm: int = -60) -> list[Heard]:
    return [Heard(tek(1), start_s + 600 * n, span_s=590, rssi_dbm=rssi_dbm) for n in range(3)]


EVERYBODY = (
    wearer("Z-1", *long_contact(MONDAY_S + 7200)),
    wearer("A-1", *long_contact(MONDAY_S + 9000, rssi_dbm=-90)),
    wearer("C-1", Heard(tek(1), MONDAY_S + 10800)),
    wearer("N-1"),
    wearer("X-1", listens=False),
)


def findings(**changes: object) -> Findings:
    told = {"results": results(*EVERYBODY), "cases": ("2026-001",), **changes}
    return Findings(rule=load_rule(), thresholds=thresholds(), now=NOW, **told)  # type: ignore[arg-type]


def test_outcomes_the_most_pressing_first() -> None:
    assert [(each.label, each.outcome, each.needs_interview) for each in results(*EVERYBODY)] == [
        ("Z-1", "candidate", True),
        ("C-1", "below the rule", False),
        ("A-1", "below the rule", False),
        ("X-1", "no data", False),
        ("N-1", "no contact", False),
    ]


def test_the_case_is_no_contact_of_its_own() -> None:
    token, log = wearer("Z-1", *long_contact(MONDAY_S + 7200))
    own = CaseKeys("2026-001", CASE.keys, MONDAY_S, token_id=token)
    assert evaluate({token: log}, [own], load_rule(), thresholds(), NOW) == []  # type: ignore[dict-item]


def test_what_was_before_the_infectious_period_is_left_out() -> None:
    later = CaseKeys("2026-001", CASE.keys, MONDAY_S + 8400)
    (found,) = evaluate(dict([EVERYBODY[0]]), [later], load_rule(), thresholds(), NOW)
    assert found.contacts[0].start_s == MONDAY_S + 8400


def test_what_is_older_than_the_rule_looks_back_is_left_out() -> None:
    assert evaluate(dict(EVERYBODY), [CASE], load_rule(), thresholds(), NOW + timedelta(days=15)) == []


def test_the_same_findings_make_the_same_page() -> None:
    assert render(findings(), HANOI) == render(findings(results=results(*reversed(EVERYBODY))), HANOI)


def test_the_page_says_what_matters() -> None:
    more = {"no_room": ("F-1: 7 times",), "paused": ("P-1: then",)}
    page = render(findings(unreadable=("Q-1: torn",), without_consent=("W-1",), **more), HANOI)
    text = " ".join(re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.S).split())
    for words in (
        "1 candidate contact needs an interview",
        "candidate: needs interview",
        "below the rule",
        "fifteen-minutes",
        "2026-11-24 09:00 – 09:30",
        "Bands are signal strengths, not distances",
        "immediate 46 (medium confidence), near 17 (low confidence), far 10 (low confidence), where 20 of a hundred",
        "Not read: Q-1: torn",
        "or there was a large crowd: F-1: 7 times.",
        "Paused by the wearer, so that nobody was heard: P-1: then.",
        "Left out for want of consent: W-1",
    ):
        assert words in text
    assert not re.search(r"\d ?m\b|\d metres", text.split("Ask in the interview")[0])


@pytest.mark.parametrize("rule", rules().values(), ids=rules())
def test_the_page_knows_no_distance(rule: Rule) -> None:
    """But in the words of a document it names, and in what staff should ask: people know metres, tokens do not."""
    page = render(replace(findings(), rule=rule), HANOI)
    for quoted in (rule.title, *rule.ask):
        assert str(escape(quoted)) in page
        page = page.replace(str(escape(quoted)), "")
    assert not METRES.search(page)


@pytest.mark.parametrize("text", ["2 m", "1m", "within 1.5 m,", "two metres", "a meter", "six feet", "6 ft"])
def test_a_distance_would_be_found(text: str) -> None:
    assert METRES.search(text)


def test_the_page_needs_nothing_from_outside_and_is_well_formed() -> None:
    page = render(findings(), HANOI)
    assert not re.search(r"""(src|href)=|url\(|@import|https?:|<script""", page)
    open_tags: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list) -> None:
            if tag not in ("meta", "br"):
                open_tags.append(tag)

        def handle_startendtag(self, tag: str, attrs: list) -> None:
            pass

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Checker().feed(page)
    assert open_tags == []


def test_labels_are_text_and_nothing_else() -> None:
    evil = wearer("<script>x", *long_contact(MONDAY_S + 7200))
    page = render(findings(results=results(evil)), HANOI)
    assert "<script" not in page and "&lt;script&gt;x" in page


def test_nothing_to_compare_is_said() -> None:
    page = render(findings(results=()), HANOI)
    assert "nothing to compare" in page and "<svg" not in page


def test_hours_are_those_of_the_zone() -> None:
    (panel,) = panels(results(EVERYBODY[0]), HANOI)
    assert (panel.day, panel.ticks[0].text, panel.ticks[-1].text) == ("2026-11-24", "08:00", "11:00")
    assert [panel.day for panel in panels(results(EVERYBODY[0]), timezone(timedelta(hours=-9)))] == [
        "2026-11-23"
    ]


def test_a_contact_over_midnight_is_on_both_days() -> None:
    over = wearer("M-1", *long_contact(MONDAY_S + 16 * 3600 + 2400))
    found = panels(results(over), HANOI)
    assert [panel.day for panel in found] == ["2026-11-24", "2026-11-25"]
    assert [(day.stretches, day.minutes) for day in by_day(results(over)[0].contacts, HANOI)] == [(1, 30.0)]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 86399), st.integers(0, 590)), min_size=1, max_size=10))
def test_every_bar_lies_on_its_axis(told: list[tuple[int, int]]) -> None:
    heard = [Heard(tek(1), MONDAY_S + at_s, span_s=span_s) for at_s, span_s in told]
    for panel in panels(results(wearer("A-1", *heard)), HANOI):
        xs = [tick.x for tick in panel.ticks]
        assert xs == sorted(xs) and xs[0] >= LABEL_WIDTH and xs[-1] <= LABEL_WIDTH + AXIS_WIDTH
        for lane in panel.lanes:
            assert lane.bars
            for bar in lane.bars:
                assert bar.x >= LABEL_WIDTH and bar.x + bar.width <= LABEL_WIDTH + AXIS_WIDTH + 2
                assert 0 <= bar.y < panel.height


@pytest.mark.parametrize("hours", [0, 7, -3.5])
def test_the_page_names_its_zone(hours: float) -> None:
    page = render(findings(), timezone(timedelta(hours=hours)))
    assert {0: "UTC+00:00", 7: "UTC+07:00", -3.5: "UTC-03:30"}[hours] in page
