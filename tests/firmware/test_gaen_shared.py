"""The collected Exposure Notification vectors that lie beside the checkout, where they do."""

from binascii import unhexlify as h

import shared
from wearable.protocols import gaen, gaen_reading


def vectors():
    return shared.vectors("gaen_vectors.json")


def test_the_official_key():
    official = vectors()["official_tek"]
    rpik, aemk = gaen.derive_keys(h(official["tek"]))
    assert (rpik, aemk) == (h(official["rpik"]), h(official["aemk"]))
    for said in official["advertised"]:
        rpi = gaen.rolling_proximity_identifier(rpik, said["enin"])
        aem = gaen.associated_encrypted_metadata(aemk, rpi, h(official["metadata"]))
        assert (rpi, aem) == (h(said["rpi"]), h(said["aem"])), said
    assert len(official["advertised"]) == 144


def test_other_keys_down_to_the_payload():
    for case in vectors()["key_schedule_cases"]["cases"]:
        rpik, aemk = gaen.derive_keys(h(case["tek"]))
        assert (rpik, aemk) == (h(case["rpik"]), h(case["aemk"]))
        for said in case["rpis"]:
            rpi = gaen.rolling_proximity_identifier(rpik, said["enin"])
            assert rpi == h(said["rpi"]), said
            for form in said["adv"]:
                aem = gaen.associated_encrypted_metadata(aemk, rpi, h(form["metadata"]))
                assert aem == h(form["aem"]), form
                assert gaen.advertisement(rpi, aem) == h(form["adv_payload_31_flags_1a"]), form


def test_metadata_of_the_upstream_round_trip():
    case = vectors()["aem_roundtrip_upstream_inputs"]
    _, aemk = gaen.derive_keys(h(case["tek"]))
    metadata = h(case["metadata_after_fromBytes_toBytes"])
    assert gaen.associated_encrypted_metadata(aemk, h(case["rpi"]), metadata) == h(case["aem"])


def test_adverts():
    for case in vectors()["adv_parse"]["cases"]:
        found = gaen_reading.parse(h(case["payload"]))
        assert found == ((h(case["rpi"]), h(case["aem"])) if case["accept"] else None), case["label"]


def test_intervals_and_their_keys_start():
    for case in vectors()["enin"]["cases"]:
        enin = case["unix_seconds"] // gaen.INTERVAL_S
        assert enin == case["enin"]
        assert enin - enin % gaen.ROLLING_PERIOD == case["aligned_rolling_start"]
