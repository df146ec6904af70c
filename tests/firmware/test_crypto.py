"""The constructions that MicroPython lacks give what their standards print."""

from binascii import unhexlify as h

from raising import raised
from wearable.crypto.ctr import aes_ctr
from wearable.crypto.hkdf import expand, extract, hkdf_sha256
from wearable.crypto.hmac import hmac_sha256

# RFC 4231, sections 4.2 to 4.8: (key, data, HMAC-SHA-256).
_RFC_4231 = (
    (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (b"\xaa" * 20, b"\xdd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (
        bytes(range(1, 26)),
        b"\xcd" * 50,
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    ),
    (b"\x0c" * 20, b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        b"\xaa" * 131,
        b"This is a test using a larger than block-size key and a larger than block-size data. "
        b"The key needs to be hashed before being used by the HMAC algorithm.",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
)

# RFC 5869, appendix A.1 to A.3: (IKM, salt, info, L, PRK, OKM).
_RFC_5869 = (
    (
        b"\x0b" * 22,
        bytes(range(13)),
        bytes(range(0xF0, 0xFA)),
        42,
        "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    (
        bytes(range(0x50)),
        bytes(range(0x60, 0xB0)),
        bytes(range(0xB0, 0x100)),
        82,
        "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
        "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
    ),
    (
        b"\x0b" * 22,
        b"",
        b"",
        42,
        "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ),
)

# NIST SP 800-38A, F.5.1 CTR-AES128.Encrypt.
_KEY = h("2b7e151628aed2a6abf7158809cf4f3c")
_COUNTER = h("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")
_PLAIN = h(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
_CIPHER = h(
    "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
    "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee"
)


def test_hmac_gives_the_tags_of_rfc_4231():
    for key, data, tag in _RFC_4231:
        tag = h(tag)
        assert hmac_sha256(key, data)[: len(tag)] == tag


def test_hmac_of_pieces_is_that_of_the_whole():
    key, data, tag = _RFC_4231[5]
    for cut in range(len(data) + 1):
        assert hmac_sha256(key, data[:cut], b"", data[cut:]) == h(tag)
    assert hmac_sha256(key) == hmac_sha256(key, b"")


def test_hmac_leaves_its_key_alone():
    key = bytearray(b"Jefe")
    hmac_sha256(key, b"")
    assert key == b"Jefe"


def test_hkdf_gives_the_keys_of_rfc_5869():
    for key_material, salt, info, length, pseudorandom_key, output in _RFC_5869:
        assert extract(salt, key_material) == h(pseudorandom_key)
        assert extract(salt, key_material[:5], key_material[5:]) == h(pseudorandom_key)
        assert expand(h(pseudorandom_key), info, length) == h(output)
        assert hkdf_sha256(key_material, salt, info, length) == h(output)


def test_hkdf_refuses_more_than_255_blocks():
    assert len(expand(bytes(32), b"", 255 * 32)) == 8160
    assert "8160" in str(raised(ValueError, expand, bytes(32), b"", 255 * 32 + 1))


def test_ctr_gives_the_ciphertext_of_sp_800_38a():
    assert aes_ctr(_KEY, _COUNTER, _PLAIN) == _CIPHER
    assert aes_ctr(_KEY, _COUNTER, _CIPHER) == _PLAIN


def test_ctr_of_any_length_is_a_prefix():
    for length in range(len(_PLAIN) + 1):
        assert aes_ctr(_KEY, _COUNTER, _PLAIN[:length]) == _CIPHER[:length]


def test_ctr_counts_through_every_byte_and_around():
    last = aes_ctr(_KEY, b"\xff" * 16, bytes(32))
    assert last[16:] == aes_ctr(_KEY, bytes(16), bytes(16))
    carried = aes_ctr(_KEY, bytes(12) + b"\x00\xff\xff\xff", bytes(32))
    assert carried[16:] == aes_ctr(_KEY, bytes(12) + b"\x01\x00\x00\x00", bytes(16))


def test_ctr_changes_nothing_it_was_given():
    counter, data = bytearray(_COUNTER), bytearray(_PLAIN)
    aes_ctr(_KEY, counter, data)
    assert counter == _COUNTER and data == _PLAIN
