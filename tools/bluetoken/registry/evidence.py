"""What the registry holds, as the pure functions of `exposure` take it."""

from bluetoken.boards import load_board
from bluetoken.errors import BadBoard, SealedData, UnknownBoard
from bluetoken.exposure import bluezone_release
from bluetoken.exposure.bluezone import PHONE_TX_POWER_DBM, PublishedDays
from bluetoken.exposure.decoding import Log, decode
from bluetoken.exposure.diagnosis import INTERVAL_S, DiagnosisKey
from bluetoken.exposure.evaluation import CaseKeys
from bluetoken.exposure.opening import Keys
from bluetoken.exposure.release import releasable
from bluetoken.registry.store import Registry
from bluetoken.registry.tables import Case, ImportedBluezoneKey, ImportedKey, Token


def wearers(registry: Registry, purpose: str, private: Keys) -> tuple[dict[str, tuple[str, Log]], list[str]]:
    """Return {token id: (label, log)} of those whose consent is in force, and the labels of the others."""
    found: dict[str, tuple[str, Log]] = {}
    without_consent = []
    purpose += _opened_with(private)
    for token in registry.tokens.all(purpose):
        if registry.tokens.may_process(token.token_id):
            segments = registry.segments.of(token.token_id, purpose)
            found[token.token_id] = (token.label, decode(token.token_id, segments, private))
        else:
            without_consent.append(token.label)
    return found, without_consent


def own_case(case: Case) -> CaseKeys:
    """Return what a case of ours is compared by."""
    keys = tuple(
        DiagnosisKey(
            tek=key.tek,
            rolling_start=key.rolling_start,
            rolling_period=key.rolling_period,
            case=case.ref,
            clock_error_s=key.clock_error_s,
            clock_uncertainty_s=key.clock_uncertainty_s,
        )
        for key in case.keys
    )
    days = tuple(
        PublishedDays(
            daily_key=key.daily_key,
            time_start_s=key.time_start,
            time_end_s=key.time_end,
            case=case.ref,
            tx_power_dbm=_tx_power_dbm(case.token),
            clock_error_s=key.clock_error_s,
            clock_uncertainty_s=key.clock_uncertainty_s,
        )
        for key in case.bluezone_keys
    )
    return CaseKeys(case.ref, keys, int(case.infectious_from.timestamp()), case.token_id, days)


def _tx_power_dbm(token: Token) -> int:
    """Return with which power a token sends, for protocols whose packets do not tell."""
    try:
        return int(load_board(token.board).config["radio"]["tx_power_dbm"])
    except (UnknownBoard, BadBoard):  # one that is here no longer
        return PHONE_TX_POWER_DBM


def imported_cases(keys: list[ImportedKey]) -> list[CaseKeys]:
    """Return what imported keys are compared by: as one case what belongs together, others each alone."""
    by_case: dict[str, list[DiagnosisKey]] = {}
    for key in keys:
        ref = f"imported {key.case_ref}" if key.case_ref else f"imported key {key.id}"
        by_case.setdefault(ref, []).append(DiagnosisKey(key.tek, key.rolling_start, key.rolling_period, ref))
    return [
        CaseKeys(ref, tuple(of_case), min(key.rolling_start for key in of_case) * INTERVAL_S)
        for ref, of_case in by_case.items()
    ]


def imported_bluezone_cases(keys: list[ImportedBluezoneKey]) -> list[CaseKeys]:
    """Return what Bluezone published as it is compared: each entry is somebody."""
    cases = []
    for key in keys:
        ref = f"Bluezone key {key.id}"
        days = PublishedDays(key.daily_key, key.time_start, key.time_end, key.slots_a_day, ref)
        cases.append(CaseKeys(ref, (), key.time_start, bluezone=(days,)))
    return cases


def keys_to_release(registry: Registry, case: Case, private: Keys) -> list[DiagnosisKey]:
    """Return a case's own keys of its infectious period, as far as they were synced.

    SealedData where some are sealed to a key that is not among the `private` ones.
    """
    log = _log_to_release(registry, case, private, f"release the keys of case {case.ref}")
    return releasable(log.keys, case.ref, int(case.infectious_from.timestamp()))


def bluezone_to_release(
    registry: Registry, case: Case, private: Keys, unit: str
) -> tuple[list[PublishedDays], str, int]:
    """Return what a case gives to Bluezone of its infectious period, as far as it was synced.

    Its days, `data_trace.txt` with times in this unit, and of how many encounters that lacks a line. SealedData as
    above.
    """
    purpose = f"release the Bluezone keys and encounters of case {case.ref}"
    log = _log_to_release(registry, case, private, purpose)
    from_s = int(case.infectious_from.timestamp())
    days = bluezone_release.releasable(log.bluezone_keys, case.ref, from_s)
    text, without = bluezone_release.trace(log.bluezone, log.bluezone_keys, from_s, unit)
    return days, text, without


def _log_to_release(registry: Registry, case: Case, private: Keys, purpose: str) -> Log:
    purpose += _opened_with(private)
    log = decode(case.token_id, registry.segments.of(case.token_id, purpose), private)
    if log.sealed_to:
        raise SealedData(
            f"What token {case.token.label} wrote is sealed to the authority's key {', '.join(log.sealed_to)}: "
            "release where that key is, with --authority."
        )
    return log


def _opened_with(private: Keys) -> str:
    """Say for the audit trail whose private keys were at hand."""
    return f", with the authority's key {', '.join(sorted(private))}" if private else ""
