"""HPKE gives what RFC 9180 prints, and refuses what keeps no secret."""

from binascii import unhexlify as h

from raising import raised
from wearable.crypto import hpke

# RFC 9180, appendix A.7.1: base mode of DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, export-only AEAD.
_INFO = b"Ode on a Grecian Urn"
_RECEIVER_PRIVATE = h("33d196c830a12f9ac65d6e565a590d80f04ee9b19c83c87f2c170d972a812848")
_RECEIVER_PUBLIC = h("194141ca6c3c3beb4792cd97ba0ea1faff09d98435012345766ee33aae2d7664")
_EPHEMERAL_PRIVATE = h("095182b502f1f91f63ba584c7c3ec473d617b8b4c2cec3fad5af7fa6748165ed")
_ENC = h("e5e8f9bfff6c2f29791fc351d2c25ce1299aa5eaca78a757c0b4fb4bcd830918")
_SHARED_SECRET = h("e81716ce8f73141d4f25ee9098efc968c91e5b8ce52ffff59d64039e82918b66")
_EXPORTER_SECRET = h("79dc8e0509cf4a3364ca027e5a0138235281611ca910e435e8ed58167c72f79b")
_EXPORTS = (  # (exporter_context, exported_value), L is 32
    (b"", "7a36221bd56d50fb51ee65edfd98d06a23c4dc87085aa5866cb7087244bd2a36"),
    (b"\x00", "d5535b87099c6c3ce80dc112a2671c6ec8e811a2f284f948cec6dd1708ee33f0"),
    (b"TestContext", "ffaabc85a776136ca0c378e5d084c9140ab552b78f039d2e8775f26efff4c70e"),
)

# u-coordinates of orders 2, 4, 4 and 8, as in test_x25519.py.
_LOW_ORDER = (
    bytes(32),
    b"\x01" + bytes(31),
    b"\xec" + b"\xff" * 30 + b"\x7f",
    h("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
)


def test_encapsulation_is_that_of_a_7_1():
    secret_and_enc = hpke.encapsulate(_RECEIVER_PUBLIC, _EPHEMERAL_PRIVATE)
    assert secret_and_enc == (_SHARED_SECRET, _ENC)
    assert hpke.decapsulate(_ENC, _RECEIVER_PRIVATE) == _SHARED_SECRET


def test_both_sides_have_the_exporter_secret_of_a_7_1():
    enc, secret = hpke.setup_sender(_RECEIVER_PUBLIC, _INFO, _EPHEMERAL_PRIVATE)
    assert (enc, secret) == (_ENC, _EXPORTER_SECRET)
    assert hpke.setup_receiver(_ENC, _RECEIVER_PRIVATE, _INFO) == _EXPORTER_SECRET


def test_exports_are_those_of_a_7_1():
    for context, value in _EXPORTS:
        assert hpke.export(_EXPORTER_SECRET, context, 32) == h(value)


def test_an_export_says_its_length():
    assert len(hpke.export(_EXPORTER_SECRET, b"", 300)) == 300
    assert hpke.export(_EXPORTER_SECRET, b"", 300)[:32] != h(_EXPORTS[0][1])
    raised(ValueError, hpke.export, _EXPORTER_SECRET, b"", 255 * 32 + 1)


def test_another_info_is_another_secret():
    assert hpke.setup_receiver(_ENC, _RECEIVER_PRIVATE, _INFO + b".") != _EXPORTER_SECRET


def test_points_of_low_order_are_refused_by_both_sides():
    for point in _LOW_ORDER:
        error = raised(ValueError, hpke.setup_sender, point, _INFO, _EPHEMERAL_PRIVATE)
        assert "low order" in str(error)
        error = raised(ValueError, hpke.setup_receiver, point, _RECEIVER_PRIVATE, _INFO)
        assert "low order" in str(error)


def test_keys_of_another_length_are_refused_before_anything_is_computed():
    for length in (0, 31, 33):
        wrong = bytes(length)
        for function, arguments, kind in (
            (hpke.setup_sender, (wrong, _INFO, _EPHEMERAL_PRIVATE), "public"),
            (hpke.setup_sender, (_RECEIVER_PUBLIC, _INFO, wrong), "private"),
            (hpke.setup_receiver, (wrong, _RECEIVER_PRIVATE, _INFO), "public"),
            (hpke.setup_receiver, (_ENC, wrong, _INFO), "private"),
        ):
            said = str(raised(ValueError, function, *arguments))
            assert said == "an X25519 %s key has 32 bytes, not %d" % (kind, length)


def test_nothing_it_was_given_is_changed():
    public, private, info = bytearray(_RECEIVER_PUBLIC), bytearray(_EPHEMERAL_PRIVATE), bytearray(_INFO)
    assert hpke.setup_sender(public, info, private) == (_ENC, _EXPORTER_SECRET)
    assert (public, private, info) == (_RECEIVER_PUBLIC, _EPHEMERAL_PRIVATE, _INFO)
