"""`bluetoken exposures`: who met a case."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bluetoken import clock, config
from bluetoken.cli.common import JsonOption, complain, counted, emit, local, say, table
from bluetoken.cli.passphrase import PassphraseFileOption
from bluetoken.cli.private_keys import AuthorityFileOption, private_keys
from bluetoken.errors import CannotWrite, NoKeys
from bluetoken.exposure.bands import thresholds
from bluetoken.exposure.bluezone import PHONE_TX_POWER_DBM
from bluetoken.exposure.days import by_day
from bluetoken.exposure.decoding import NoRoom
from bluetoken.exposure.evaluation import CaseKeys, Result, evaluate
from bluetoken.exposure.opening import Keys
from bluetoken.exposure.pauses import Pause
from bluetoken.exposure.rules import DEFAULT_RULE, Rule, load_rule
from bluetoken.registry import Registry, evidence, open_registry
from bluetoken.report import Findings, render


def exposures(
    case: Annotated[str | None, typer.Argument(help="The case's reference, such as 2026-007.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All cases, and the imported keys.")] = False,
    rule: Annotated[str, typer.Option("--rule", help="Contact rule to apply.")] = DEFAULT_RULE,
    authority: AuthorityFileOption = None,
    passphrase_file: PassphraseFileOption = None,
    report: Annotated[Path | None, typer.Option("--report", help="Write an HTML page to print.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare everybody's stored encounters with a case's keys: candidate contacts, who need an interview."""
    if (case is None) == (not every):
        raise typer.BadParameter("name a case, or give --all")
    findings = _find(case, load_rule(rule), private_keys(authority, passphrase_file))
    if report is not None:
        _write(report, render(findings, config.zone()))
    if as_json:
        emit(_as_dict(findings, report))
    else:
        _print(findings, report)


def _find(ref: str | None, rule: Rule, private: Keys) -> Findings:
    with open_registry() as registry:
        cases = _cases(registry, ref)
        purpose = f"exposures to {f'case {ref}' if ref else 'all cases'}"
        wearers, without_consent = evidence.wearers(registry, purpose, private)
    now = clock.now()
    unreadable = [f"{label}: {what}" for label, log in wearers.values() for what in log.unreadable]
    results = tuple(evaluate(wearers, cases, rule, thresholds(), now))
    return Findings(
        cases=tuple(each.ref for each in cases),
        results=results,
        rule=rule,
        thresholds=thresholds(),
        now=now,
        unreadable=tuple(unreadable),
        rough=tuple(f"{label}: {what}" for label, log in wearers.values() for what in log.rough),
        no_room=tuple(_no_room(label, log.no_room) for label, log in wearers.values() if log.no_room),
        paused=tuple(_paused(label, log.pauses) for label, log in wearers.values() if log.pauses),
        without_consent=tuple(without_consent),
        off_slot=tuple(_off_slot(result) for result in results if result.off_slot),
        assumed_power=_assumed_power(cases),
    )


def _off_slot(result: Result) -> str:
    """Say what the clocks' uncertainty alone admits."""
    heard = counted(len(result.off_slot), "time")
    off_s = max(each.off_s for each in result.off_slot)
    known = [each.clock_uncertainty_s for each in result.off_slot if each.clock_uncertainty_s is not None]
    clock = f"{max(known)} s" if len(known) == len(result.off_slot) else "unknown"
    return f"{result.label} and {result.case}, {heard}, by up to {off_s} s (uncertainty {clock})"


def _assumed_power(cases: Sequence[CaseKeys]) -> str:
    if not any(days.tx_power_dbm == PHONE_TX_POWER_DBM for case in cases for days in case.bluezone):
        return ""
    return f"Bluezone's phones do not tell their power: {PHONE_TX_POWER_DBM} dBm is assumed, and bands are estimated"


def _no_room(label: str, found: list[NoRoom]) -> str:
    at_s = [each.at_s for each in found]
    times = counted(sum(each.times for each in found), "time")
    return f"{label}: {times}, {local(min(at_s))} to {local(max(at_s))}"


def _paused(label: str, found: list[Pause]) -> str:
    spans = (
        f"{local(each.start_s)} to {local(each.end_s)[-5:]}{'' if each.is_certain else ' at the latest'}"
        for each in found
    )
    return f"{label}: {', '.join(spans)}"


def _cases(registry: Registry, ref: str | None) -> list[CaseKeys]:
    if ref is not None:
        case = evidence.own_case(registry.cases.get(ref, "exposures"))
        if not case.keys and not case.bluezone:
            raise NoKeys(f"Case {ref} has released no keys: run `bluetoken case release {ref}` first.")
        return [case]
    cases = [evidence.own_case(case) for case in registry.cases.all("exposures")]
    cases = [case for case in cases if case.keys or case.bluezone]
    cases += evidence.imported_cases(registry.imported_keys.all())
    cases += evidence.imported_bluezone_cases(registry.bluezone_keys.imported())
    if not cases:
        raise NoKeys()
    return cases


def _print(findings: Findings, report: Path | None) -> None:
    if findings.results:
        columns = ("wearer", "case", "outcome", "minutes", "band", "when", "why")
        table(columns, (_row(result) for result in findings.results))
    else:
        say(f"There is nothing to compare within the {findings.rule.lookback_days} days the rule looks back.")
    say("", f"Rule {findings.rule.id}: {findings.rule.title}.")
    words = ", ".join(f"{band} {each.word}" for band, each in findings.thresholds.confidence.items())
    say(f"Confidence that somebody heard so was close: {words}.")
    if not findings.rule.in_force(findings.now.astimezone(config.zone()).date()):
        complain(f"Rule {findings.rule.id} is not in force today.")
    for problem in findings.unreadable:
        complain(f"Not read: {problem}.")
    for rough in findings.rough:
        complain(f"Placed in time only roughly, for power was lost twice between two syncs: {rough}.")
    for flooded in findings.no_room:
        complain(f"Found no room on the token, in a flood or a crowd: {flooded}.")
    if findings.assumed_power:
        say(f"{findings.assumed_power}.")
    for doubtful in findings.off_slot:
        complain(f"Heard outside a Bluezone ID's time, within what the clocks allow, and not counted: {doubtful}.")
    for paused in findings.paused:
        complain(f"Paused by the wearer, so nobody was heard: {paused}.")
    if findings.without_consent:
        complain(f"Left out for want of consent: {', '.join(findings.without_consent)}.")
    if report is not None:
        say(f"Report: {report}")


def _row(result: Result) -> tuple[object, ...]:
    outcome = f"{result.outcome}: needs interview" if result.needs_interview else str(result.outcome)
    days = by_day(result.contacts, config.zone())
    windows = "\n".join(
        f"{local(day.start_s)} - {local(day.end_s)[-5:]}, {counted(day.stretches, 'stretch')}" for day in days
    )
    return (
        result.label,
        result.case,
        outcome,
        f"{result.judgement.minutes:.1f}",
        result.band,
        windows,
        result.judgement.reason,
    )


def _as_dict(findings: Findings, report: Path | None) -> dict[str, Any]:
    today = findings.now.astimezone(config.zone()).date()
    return {
        "cases": list(findings.cases),
        "now": findings.now,
        "rule": findings.rule.as_dict() | {"in_force": findings.rule.in_force(today)},
        "attenuation_db": {
            "immediate": findings.thresholds.immediate_db,
            "near": findings.thresholds.near_db,
            "source": findings.thresholds.source,
        },
        "confidence": findings.thresholds.confidence_as_dict(),
        "results": [_result(result) for result in findings.results],
        "unreadable": list(findings.unreadable),
        "rough": list(findings.rough),
        "no_room": list(findings.no_room),
        "paused": list(findings.paused),
        "without_consent": list(findings.without_consent),
        "assumed_power": findings.assumed_power or None,
        "report": str(report) if report else None,
    }


def _result(result: Result) -> dict[str, Any]:
    found = result.as_dict()
    for window in found["windows"]:
        window["start_at"] = datetime.fromtimestamp(window["start"], UTC)
        window["end_at"] = datetime.fromtimestamp(window["end"], UTC)
    return found


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise CannotWrite(f"The report {path} cannot be written: {error.strerror}.") from None
