"""Which encounters were with whom: Exposure Notification's matching (facts: protocols.md, B3). Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bluetoken.exposure.diagnosis import INTERVAL_S, DiagnosisKey
from bluetoken.exposure.sightings import BluezoneEncounter, Encounter
from cryptolib import MODE_ECB, aes
from wearable.protocols import gaen

#: An identifier is taken this long before and after its interval when nothing better is known of the clocks.
TOLERANCE_S = 2 * 60 * 60
#: What two clocks that both were set may differ by beyond what they say of themselves.
SET_CLOCK_SLACK_S = 600
#: An identifier heard for longer than this after it was first heard is being replayed.
IDENTIFIER_LIFE_S = 1200
TX_POWER_DBM = range(-50, 21)


@dataclass(frozen=True, slots=True)
class Match:
    """An encounter with a case; attenuations in dB, from the transmit power the case's device told, or should have."""

    encounter: Encounter | BluezoneEncounter
    case: str
    typical_attenuation_db: int
    min_attenuation_db: int


def match(
    encounters_by_token: Mapping[str, Sequence[Encounter]], keys: Iterable[DiagnosisKey]
) -> dict[str, list[Match]]:
    """Return each token's matches by time; a token without any is absent.

    An encounter counts if its identifier is one of a key's, it began within the tolerance of the
    identifier's interval and within 20 minutes of the first such, and the transmit power is plausible.
    """
    index = _by_identifier(encounters_by_token)
    found: dict[str, list[Match]] = {}
    for key in keys:
        rpik, aemk = gaen.derive_keys(key.tek)
        for interval, rpi in _identifiers(rpik, key.intervals):
            for token, encounters in index.get(rpi, {}).items():
                for encounter in _valid(key, interval, encounters):
                    matched = _match(key, aemk, encounter)
                    if matched:
                        found.setdefault(token, []).append(matched)
    for matches in found.values():
        matches.sort(key=lambda each: (each.encounter.start_s, each.encounter.identifier))
    return found


def tolerance_s(encounter: Encounter, key: DiagnosisKey) -> int:
    """Return how far from an identifier's interval an encounter may begin.

    What the two clocks may be off: what is heard later is a replay. The standard's two hours where nobody
    knows one of them; and more than that where it is known that one was lost for longer.
    """
    heard_s, said_s = encounter.clock_uncertainty_s, key.clock_uncertainty_s
    if heard_s is None or said_s is None:
        return max(TOLERANCE_S, (heard_s or 0) + (said_s or 0))
    return heard_s + said_s + SET_CLOCK_SLACK_S


def _identifiers(rpik: bytes, intervals: range) -> Iterator[tuple[int, bytes]]:
    """Yield each interval with its identifier, as `gaen.rolling_proximity_identifier` has them one by one."""
    encrypted = bytes(aes(rpik, MODE_ECB).encrypt(_padded(intervals)))
    for place, interval in enumerate(intervals):
        yield interval, encrypted[place * gaen.RPI_BYTES : (place + 1) * gaen.RPI_BYTES]


@lru_cache(maxsize=64)
def _padded(intervals: range) -> bytes:
    # Most keys were in use on one of a few days, throughout.
    return b"".join(gaen.padded_data(interval) for interval in intervals)


def _by_identifier(
    encounters_by_token: Mapping[str, Sequence[Encounter]],
) -> dict[bytes, dict[str, list[Encounter]]]:
    index: dict[bytes, dict[str, list[Encounter]]] = {}
    for token, encounters in encounters_by_token.items():
        for encounter in encounters:
            index.setdefault(encounter.rpi, {}).setdefault(token, []).append(encounter)
    return index


def _valid(key: DiagnosisKey, interval: int, encounters: Iterable[Encounter]) -> Iterator[Encounter]:
    """Yield what was heard at a plausible time, by time, and no longer than an identifier lives."""
    first_s: int | None = None
    begin_s = interval * INTERVAL_S + key.clock_error_s
    for encounter in sorted(encounters, key=lambda each: each.start_s):
        slack_s = tolerance_s(encounter, key)
        if not begin_s - slack_s <= encounter.start_s < begin_s + INTERVAL_S + slack_s:
            continue
        if first_s is None:
            first_s = encounter.start_s
        if encounter.start_s - first_s <= IDENTIFIER_LIFE_S:
            yield encounter


def _match(key: DiagnosisKey, aemk: bytes, encounter: Encounter) -> Match | None:
    # Counter mode: to encrypt is to decrypt. Of the four bytes the token kept the one that says something.
    plain = bytes(gaen.associated_encrypted_metadata(aemk, encounter.rpi, bytes((0, encounter.power, 0, 0))))
    tx_power_dbm = plain[1] - 256 if plain[1] > 127 else plain[1]
    if tx_power_dbm not in TX_POWER_DBM:
        return None
    return Match(
        encounter,
        key.case,
        typical_attenuation_db=max(tx_power_dbm - encounter.rssi_mean_dbm, 0),
        min_attenuation_db=max(tx_power_dbm - encounter.rssi_max_dbm, 0),
    )
