"""Exposure Notification: Google's vectors, and adverts as they come from other makers."""

from binascii import hexlify

import official_gaen as official
from heard_adverts import ACCEPTED, AEM, REFUSED, RPI, as_bytes
from wearable.protocols import gaen, gaen_reading


def test_keys_are_derived_as_google_does():
    assert gaen.derive_keys(official.TEK) == (official.RPIK, official.AEMK)


def test_all_144_identifiers_are_google_s():
    count = 0
    for enin, rpi, _ in official.advertised():
        assert gaen.rolling_proximity_identifier(official.RPIK, enin) == rpi, enin
        count += 1
    assert count == gaen.ROLLING_PERIOD


def test_all_144_metadata_are_google_s():
    for enin, rpi, aem in official.advertised():
        assert gaen.associated_encrypted_metadata(official.AEMK, rpi, official.METADATA) == aem, enin
        assert gaen.associated_encrypted_metadata(official.AEMK, rpi, aem) == official.METADATA, enin


def test_two_bytes_of_metadata_are_enough_to_decrypt():
    _, rpi, aem = next(official.advertised())
    assert gaen.associated_encrypted_metadata(official.AEMK, rpi, aem[:2]) == official.METADATA[:2]


def test_metadata_says_version_and_power():
    assert gaen.metadata(8) == official.METADATA
    assert hexlify(gaen.metadata(-15)) == b"40f10000"


def test_padded_data_counts_little_endian():
    assert gaen.padded_data(0x12345678) == b"EN-RPI" + bytes(6) + b"\x78\x56\x34\x12"
    assert gaen.padded_data(0xFFFFFFFF)[12:] == b"\xff\xff\xff\xff"


def test_an_advertisement_is_the_specification_s_31_bytes():
    assert gaen.advertisement(RPI, AEM) == as_bytes(ACCEPTED[0][1])


def test_adverts_of_any_make_are_read():
    for label, payload in ACCEPTED:
        payload = as_bytes(payload)
        assert gaen_reading.parse(payload) == (RPI, AEM), label
        offset = gaen_reading.find(payload)
        assert payload[offset : offset + 16] == RPI, label


def test_adverts_of_others_are_not():
    for label, payload in REFUSED:
        assert gaen_reading.parse(as_bytes(payload)) is None, label
        assert gaen_reading.find(as_bytes(payload)) == -1, label


def test_no_truncated_advert_is_read():
    for label, payload in ACCEPTED:
        payload = as_bytes(payload)
        needed = gaen_reading.find(payload) + 20
        for length in range(needed):
            assert gaen_reading.parse(payload[:length]) is None, (label, length)
        assert gaen_reading.parse(payload[:needed]) == (RPI, AEM), label


def test_another_service_is_another_world():
    ours = gaen.advertisement(RPI, AEM, 0x1234)
    assert gaen_reading.parse(ours) is None
    assert gaen_reading.parse(ours, 0x1234) == (RPI, AEM)


def test_a_view_is_read_like_bytes_and_not_kept():
    payload = bytearray(gaen.advertisement(RPI, AEM))
    rpi, aem = gaen_reading.parse(memoryview(payload))
    payload[:] = bytes(31)
    assert (rpi, aem) == (RPI, AEM)
