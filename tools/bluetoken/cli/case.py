"""`bluetoken case`: wearers who tested positive."""

import enum
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from bluetoken import clock, config, files
from bluetoken.cli.common import (
    JsonOption,
    complain,
    counted,
    emit,
    local,
    plain_text,
    say,
    table,
)
from bluetoken.cli.group import subcommands
from bluetoken.cli.passphrase import PassphraseFileOption
from bluetoken.cli.private_keys import AuthorityFileOption, private_keys
from bluetoken.errors import BadInput, CannotWrite, NoKeys
from bluetoken.exposure.diagnosis import INTERVAL_S
from bluetoken.exposure.opening import Keys
from bluetoken.exposure.rules import DEFAULT_RULE, load_rule
from bluetoken.keys import bluezone
from bluetoken.registry import Registry, evidence, open_registry
from bluetoken.registry.tables import Case, ReleasedBluezoneKey, ReleasedKey

case_commands = subcommands("Wearers who tested positive, and the keys they release.")


class Format(enum.StrEnum):
    """Whose protocol."""

    GAEN = "gaen"
    BLUEZONE = "bluezone"


class Times(enum.StrEnum):
    """What a trace's times count, as `exposure.bluezone_release.PER_SECOND` has them."""

    MILLISECONDS = "ms"
    SECONDS = "s"


CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="The case's reference, such as 2026-007.")]
REF_BYTES = 64
DAY = ["%Y-%m-%d"]


@case_commands.command("open")
def open_case(
    token: Annotated[str, typer.Option("--token", help="Label of the wearer's token.")],
    tested_on: Annotated[datetime, typer.Option("--tested-on", formats=DAY, help="Day of the test.")],
    consent: Annotated[
        str, typer.Option("--consent", help="To the use of the wearer's keys, such as 'signed, form 5'.")
    ],
    onset_on: Annotated[
        datetime | None, typer.Option("--onset-on", formats=DAY, help="Day of the first symptoms, if any.")
    ] = None,
    ref: Annotated[str | None, typer.Option("--ref", help="A reference of your own for the case.")] = None,
    rule: Annotated[str, typer.Option("--rule", help="Contact rule that says since when.")] = DEFAULT_RULE,
    as_json: JsonOption = False,
) -> None:
    """Open a case for a wearer who tested positive."""
    tested, onset = tested_on.date(), onset_on.date() if onset_on else None
    today = clock.now().astimezone(config.zone()).date()
    if tested > today or (onset and onset > today):
        raise BadInput(f"The day lies in the future, today is {today}: correct --tested-on or --onset-on.")
    consent = plain_text("--consent", consent)
    if ref is not None:
        ref = plain_text("--ref", ref, REF_BYTES)
    since = load_rule(rule).infectious_from(tested, onset, config.zone())
    with open_registry() as registry:
        wearer = registry.tokens.by_label(token, "open a case")
        registry.tokens.require_consent(wearer)
        case = registry.cases.open(wearer.token_id, tested, onset, since, consent, ref)
    if as_json:
        emit(_as_dict(case))
    else:
        say(
            f"Case {case.ref} is open for token {token}, infectious from {local(case.infectious_from)}.",
            f"Sync the token, then release its keys: bluetoken case release {case.ref}",
        )


@case_commands.command("list")
def list_cases(as_json: JsonOption = False) -> None:
    """List the cases, with how many keys each released in either protocol."""
    with open_registry() as registry:
        cases = registry.cases.all("list")
    if as_json:
        emit({"cases": [_as_dict(case) for case in cases]})
        return
    rows = (
        (
            each.ref,
            each.token.label,
            each.tested_on,
            each.onset_on,
            local(each.infectious_from),
            len(each.keys),
            len(each.bluezone_keys),
        )
        for each in cases
    )
    table(("case", "token", "tested", "onset", "infectious from", "keys", "Bluezone keys"), rows)


@case_commands.command("show")
def show_case(ref: CaseArgument, as_json: JsonOption = False) -> None:
    """Show one case and the keys it released: diagnosis keys, and Bluezone's days."""
    with open_registry() as registry:
        case = registry.cases.get(ref, "show")
    if as_json:
        emit(_as_dict(case))
        return
    say(
        f"Case {case.ref}, token {case.token.label} ({case.token.holder.reference})",
        f"tested on {case.tested_on}, {_onset(case.onset_on)}",
        f"infectious from {local(case.infectious_from)}",
        f"consent: {case.consent}",
        f"released: {_released(case)}",
    )
    rows = (
        (
            key.tek.hex()[:8],
            local(key.rolling_start * INTERVAL_S + key.clock_error_s),
            local((key.rolling_start + key.rolling_period) * INTERVAL_S + key.clock_error_s),
            _within(key),
        )
        for key in case.keys
    )
    table(("key", "used from", "until", "to within"), rows)
    if case.bluezone_keys:
        zone_rows = (
            (
                key.daily_key.hex()[:8],
                _day(key),
                local(key.time_start + key.clock_error_s),
                local(key.time_end + key.clock_error_s),
                _within(key),
            )
            for key in case.bluezone_keys
        )
        table(("Bluezone key", "UTC day", "counts from", "until", "to within"), zone_rows)


@case_commands.command("release")
def release(
    ref: CaseArgument,
    format_: Annotated[Format, typer.Option("--format", help="Whose protocol's keys.")] = Format.GAEN,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for InfoF.json and data_trace.txt (bluezone).")
    ] = None,
    times: Annotated[
        Times, typer.Option("--times", help="What data_trace.txt counts in: ms as on Android, s as on iOS.")
    ] = Times.MILLISECONDS,
    authority: AuthorityFileOption = None,
    passphrase_file: PassphraseFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Release the case's own keys of the infectious period; may be repeated after another sync."""
    if (format_ == Format.BLUEZONE) != (out is not None):
        raise typer.BadParameter("--format bluezone and --out go together")
    private = private_keys(authority, passphrase_file)
    with open_registry() as registry:
        case = registry.cases.get(ref, "release")
        registry.tokens.require_consent(case.token)
        if out is not None:
            told = _release_bluezone(registry, case, private, out, times)
        else:
            keys = evidence.keys_to_release(registry, case, private)
            _require(keys, case)
            new, total = registry.cases.release(ref, keys)
            told = {"case": ref, "new": new, "keys": total}
    if as_json:
        emit(told)
        return
    say(f"{counted(told['new'], 'key')} released, {told['keys']} in all.")
    if out is not None:
        info, trace = told["files"]
        say(f"Written: {info}, and {trace} with {counted(told['lines'], 'line')}.")
        for sentence in told["notes"]:
            complain(sentence)
    say(f"Look for those it met: bluetoken exposures {ref}")


def _release_bluezone(registry: Registry, case: Case, private: Keys, out: Path, times: Times) -> dict[str, Any]:
    days, trace, without = evidence.bluezone_to_release(registry, case, private, times)
    _require(days, case)
    new, total = registry.bluezone_keys.release(case, days)
    written = {out / "InfoF.json": bluezone.dump(days), out / "data_trace.txt": trace}
    for path, text in written.items():
        try:
            out.mkdir(parents=True, exist_ok=True)
            files.replace(path, text.encode())
        except OSError as error:
            raise CannotWrite(f"The file {path} cannot be written ({error.strerror or error}).") from None
    notes = []
    if without:
        notes.append(f"Of {counted(without, 'encounter')} a line is missing: the own ID at the time is not known.")
    off_s = max((abs(each.clock_error_s) for each in days), default=0)
    if off_s:
        notes.append(f"The token's clock was up to {off_s} s wrong: Bluezone's phones allow for none of that.")
    return {
        "case": case.ref,
        "new": new,
        "keys": total,
        "files": [str(path) for path in written],
        "lines": trace.count("\n"),
        "notes": notes,
    }


def _require(keys: Sequence[object], case: Case) -> None:
    if not keys:
        since = local(case.infectious_from)
        raise NoKeys(
            f"The registry holds no keys of token {case.token.label} since {since}: sync the token first."
        )


def _onset(day: date | None) -> str:
    return f"first symptoms on {day}" if day else "no symptoms"


def _released(case: Case) -> str:
    """Say what went out in each protocol; a token that was restarted has several Bluezone keys of one day."""
    days = {_day(key) for key in case.bluezone_keys}
    of_days = f" of {counted(len(days), 'day')}" if days else ""
    return f"{counted(len(case.keys), 'key')}, {counted(len(case.bluezone_keys), 'Bluezone key')}{of_days}"


def _day(key: ReleasedBluezoneKey) -> date:
    # By the token's clock, however wrong: the programme that was given the key knows it by this day.
    return datetime.fromtimestamp(key.time_start, UTC).date()


def _within(key: ReleasedKey | ReleasedBluezoneKey) -> str:
    return "" if key.clock_uncertainty_s is None else f"{key.clock_uncertainty_s} s"


def _as_dict(case: Case) -> dict[str, Any]:
    return {
        "case": case.ref,
        "token": case.token_id,
        "label": case.token.label,
        "tested_on": case.tested_on,
        "onset_on": case.onset_on,
        "infectious_from": case.infectious_from,
        "consent": case.consent,
        "opened_at": case.opened_at,
        "keys": [
            {
                "tek": key.tek,
                "rolling_start": key.rolling_start,
                "rolling_period": key.rolling_period,
                "clock_error_s": key.clock_error_s,
                "clock_uncertainty_s": key.clock_uncertainty_s,
            }
            for key in case.keys
        ],
        "bluezone": [
            {
                "daily_key": key.daily_key,
                "day": _day(key),
                "time_start": key.time_start,
                "time_end": key.time_end,
                "clock_error_s": key.clock_error_s,
                "clock_uncertainty_s": key.clock_uncertainty_s,
            }
            for key in case.bluezone_keys
        ],
    }
