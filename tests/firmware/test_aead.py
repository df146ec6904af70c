"""Sealing gives what RFC 7518 prints, and nothing that was altered is opened."""

from binascii import unhexlify as h

from raising import raised
from wearable.crypto import aead
from wearable.crypto.aead import seal, sealed_bytes, unseal
from wearable.crypto.hmac import hmac_sha256

# RFC 7518, appendix B.1: K, P, IV, A, AL, E, M and T.
_KEY = h("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
_PLAINTEXT = (
    b"A cipher system must not be required to be secret, and it must be able to fall into the hands of the "
    b"enemy without inconvenience"
)
_IV = h("1af38c2dc2b96ffdd86694092341bc04")
_ASSOCIATED = b"The second principle of Auguste Kerckhoffs"
_ASSOCIATED_BITS = h("0000000000000150")
_CIPHERTEXT = h(
    "c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9a94ac9b47ad2655c5f10f9aef71427e2"
    "fc6f9b3f399a221489f16362c703233609d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b"
    "384c486f3a54c51078158ee5d79de59fbd34d848b3d69550a67646344427ade54b8851ffb598f7f80074b9473c82e2db"
)
_MAC = h("652c3fa36b0a7c5b3219fab3a30bc1c4e6e54582476515f0ad9f75a2b71c73ef")
_TAG = h("652c3fa36b0a7c5b3219fab3a30bc1c4")

_SHORT = seal(_KEY, _IV, b"twenty bytes, sealed", b"data")


def test_sealing_is_that_of_appendix_b_1():
    assert seal(_KEY, _IV, _PLAINTEXT, _ASSOCIATED) == _CIPHERTEXT + _TAG
    assert unseal(_KEY, _IV, _CIPHERTEXT + _TAG, _ASSOCIATED) == _PLAINTEXT


def test_the_tag_is_the_first_half_of_that_of_appendix_b_1():
    assert hmac_sha256(_KEY[:16], _ASSOCIATED, _IV, _CIPHERTEXT, _ASSOCIATED_BITS) == _MAC
    assert _MAC[:16] == _TAG


def test_every_length_comes_back():
    for length in range(50):
        plaintext = bytes(range(length))
        sealed = seal(_KEY, _IV, plaintext, b"")
        assert len(sealed) == sealed_bytes(length) == length // 16 * 16 + 32
        assert unseal(_KEY, _IV, sealed, b"") == plaintext


def test_a_change_of_any_byte_is_refused():
    for at in range(len(_SHORT)):
        altered = bytearray(_SHORT)
        altered[at] ^= 0x10
        assert "altered" in str(raised(ValueError, unseal, _KEY, _IV, altered, b"data"))


def test_a_cut_at_any_byte_is_refused():
    for length in range(len(_SHORT)):
        raised(ValueError, unseal, _KEY, _IV, _SHORT[:length], b"data")
    raised(ValueError, unseal, _KEY, _IV, _SHORT + b"\x00", b"data")
    raised(ValueError, unseal, _KEY, _IV, _SHORT + bytes(16), b"data")


def test_another_key_iv_or_associated_data_is_refused():
    for at in range(16):  # of the key the first half: the other one is no part of the tag, and only decrypts
        key, iv = bytearray(_KEY), bytearray(_IV)
        key[at] ^= 1
        iv[at] ^= 1
        raised(ValueError, unseal, key, _IV, _SHORT, b"data")
        raised(ValueError, unseal, _KEY, iv, _SHORT, b"data")
    for associated in (b"", b"dat", b"data.", b"Data"):
        raised(ValueError, unseal, _KEY, _IV, _SHORT, associated)


def test_bytes_cannot_move_between_associated_data_and_iv():
    # Without AL the same MAC would cover both.
    sealed = seal(_KEY, _IV, b"", b"0123456789abcdef")
    raised(ValueError, unseal, _KEY, b"0123456789abcdef", _IV + sealed, b"")


def test_nothing_is_decrypted_before_the_tag_fits():
    def watched(*arguments):
        made.append(arguments)
        return real(*arguments)

    made = []
    real = aead.aes
    aead.aes = watched
    try:
        raised(ValueError, unseal, _KEY, _IV, _SHORT, b"other")
        assert made == []
        unseal(_KEY, _IV, _SHORT, b"data")
        assert len(made) == 1
    finally:
        aead.aes = real


def test_a_wrong_padding_under_a_right_tag_is_refused():
    wrong = [bytes(15) + last for last in (b"\x00", b"\x11", b"\xff", b"\x02")]
    wrong += (bytes(15) + b"\x11" * 17, bytes(32))
    for padded in wrong:
        sealed = bytearray(aead.aes(_KEY[16:], 2, _IV).encrypt(padded))
        sealed += hmac_sha256(_KEY[:16], _IV, sealed, bytes(8))[:16]
        assert "padding" in str(raised(ValueError, unseal, _KEY, _IV, sealed, b""))


def test_a_right_tag_over_nothing_is_refused():
    tag = hmac_sha256(_KEY[:16], _IV, bytes(8))[:16]
    assert "cut" in str(raised(ValueError, unseal, _KEY, _IV, tag, b""))


def test_keys_and_ivs_of_another_length_are_refused():
    for key, iv in ((31, 16), (33, 16), (16, 16), (32, 15), (32, 17), (32, 0)):
        for function, data in ((seal, b""), (unseal, _SHORT)):
            assert "takes a key of 32 bytes" in str(
                raised(ValueError, function, bytes(key), bytes(iv), data, b"")
            )


def test_nothing_it_was_given_is_changed():
    given = [bytearray(each) for each in (_KEY, _IV, _PLAINTEXT, _ASSOCIATED)]
    sealed = bytearray(seal(*given))
    assert given == [_KEY, _IV, _PLAINTEXT, _ASSOCIATED]
    assert unseal(given[0], given[1], sealed, given[3]) == _PLAINTEXT
    assert given == [_KEY, _IV, _PLAINTEXT, _ASSOCIATED] and sealed == _CIPHERTEXT + _TAG
