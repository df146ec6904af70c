"""`bluetoken case`: wearers who tested positive."""

from datetime import date, datetime
from typing import Annotated, Any

import typer

from bluetoken import clock, config
from bluetoken.cli.common import JsonOption, counted, emit, local, plain_text, say, table
from bluetoken.cli.group import subcommands
from bluetoken.cli.passphrase import PassphraseFileOption
from bluetoken.cli.private_keys import AuthorityFileOption, private_keys
from bluetoken.errors import BadInput, NoKeys
from bluetoken.exposure.diagnosis import INTERVAL_S
from bluetoken.exposure.rules import DEFAULT_RULE, load_rule
from bluetoken.registry import evidence, open_registry
from bluetoken.registry.tables import Case

case_commands = subcommands("Wearers who tested positive, and the keys they release.")

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
    """List the cases."""
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
        )
        for each in cases
    )
    table(("case", "token", "tested", "onset", "infectious from", "keys"), rows)


@case_commands.command("show")
def show_case(ref: CaseArgument, as_json: JsonOption = False) -> None:
    """Show one case and the keys it released."""
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
    )
    rows = (
        (
            key.tek.hex()[:8],
            local(key.rolling_start * INTERVAL_S + key.clock_error_s),
            local((key.rolling_start + key.rolling_period) * INTERVAL_S + key.clock_error_s),
            "" if key.clock_uncertainty_s is None else f"{key.clock_uncertainty_s} s",
        )
        for key in case.keys
    )
    table(("key", "used from", "until", "to within"), rows)


@case_commands.command("release")
def release(
    ref: CaseArgument,
    authority: AuthorityFileOption = None,
    passphrase_file: PassphraseFileOption = None,
    as_json: JsonOption = False,
) -> None:
    """Release the case's own keys of the infectious period; may be repeated after another sync."""
    private = private_keys(authority, passphrase_file)
    with open_registry() as registry:
        case = registry.cases.get(ref, "release")
        registry.tokens.require_consent(case.token)
        keys = evidence.keys_to_release(registry, case, private)
        if not keys:
            since = local(case.infectious_from)
            raise NoKeys(
                f"The registry holds no keys of token {case.token.label} since {since}: sync the token first."
            )
        new, total = registry.cases.release(ref, keys)
    if as_json:
        emit({"case": ref, "new": new, "keys": total})
    else:
        say(
            f"{counted(new, 'key')} released, {total} in all.",
            f"Look for those it met: bluetoken exposures {ref}",
        )


def _onset(day: date | None) -> str:
    return f"first symptoms on {day}" if day else "no symptoms"


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
    }
