"""What the registry holds, as the pure functions of `exposure` take it."""

from bluetoken.errors import SealedData
from bluetoken.exposure.decoding import Log, decode
from bluetoken.exposure.diagnosis import INTERVAL_S, DiagnosisKey
from bluetoken.exposure.evaluation import CaseKeys
from bluetoken.exposure.opening import Keys
from bluetoken.exposure.release import releasable
from bluetoken.registry.store import Registry
from bluetoken.registry.tables import Case, ImportedKey


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
    return CaseKeys(case.ref, keys, int(case.infectious_from.timestamp()), case.token_id)


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


def keys_to_release(registry: Registry, case: Case, private: Keys) -> list[DiagnosisKey]:
    """Return a case's own keys of its infectious period, as far as they were synced.

    SealedData where some are sealed to a key that is not among the `private` ones.
    """
    purpose = f"release the keys of case {case.ref}{_opened_with(private)}"
    log = decode(case.token_id, registry.segments.of(case.token_id, purpose), private)
    if log.sealed_to:
        raise SealedData(
            f"What token {case.token.label} wrote is sealed to the authority's key {', '.join(log.sealed_to)}: "
            "release where that key is, with --authority."
        )
    return releasable(log.keys, case.ref, int(case.infectious_from.timestamp()))


def _opened_with(private: Keys) -> str:
    """Say for the audit trail whose private keys were at hand."""
    return f", with the authority's key {', '.join(sorted(private))}" if private else ""
