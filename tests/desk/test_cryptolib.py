"""cryptolib: what MicroPython's does, on CPython."""

import pytest

import cryptolib

# NIST SP 800-38A, F.1.1 and F.2.1, first two blocks.
KEY = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
PLAIN = bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51")
ECB = bytes.fromhex("3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf")
IV = bytes(range(16))
CBC = bytes.fromhex("7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2")


def test_ecb_and_cbc_are_nists() -> None:
    assert cryptolib.aes(KEY, 1).encrypt(PLAIN) == ECB
    assert cryptolib.aes(KEY, 1).decrypt(ECB) == PLAIN
    assert cryptolib.aes(KEY, 2, IV).encrypt(PLAIN) == CBC
    assert cryptolib.aes(KEY, 2, IV).decrypt(CBC) == PLAIN


def test_cbc_goes_on_from_call_to_call() -> None:
    cipher = cryptolib.aes(KEY, 2, IV)
    assert cipher.encrypt(PLAIN[:16]) + cipher.encrypt(PLAIN[16:]) == CBC


def test_result_goes_into_a_buffer_also_in_place() -> None:
    buffer = bytearray(PLAIN + b"rest")
    view = memoryview(buffer)[:32]
    assert cryptolib.aes(bytearray(KEY), 1).encrypt(view, view) is view
    assert buffer == ECB + b"rest"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((KEY, 6), "mode"),
        ((KEY[:-1], 1), "key"),
        ((KEY + KEY[:8], 1), "key"),  # MicroPython has no AES-192
        ((KEY, 2), "IV"),
        ((KEY, 2, IV[:-1]), "IV"),
    ],
)
def test_wrong_arguments_are_refused_as_micropython_does(arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cryptolib.aes(*arguments)


def test_one_direction_an_object_and_whole_blocks() -> None:
    cipher = cryptolib.aes(KEY, 1)
    with pytest.raises(ValueError, match="blksize"):
        cipher.encrypt(b"15 bytes, sadly")
    with pytest.raises(ValueError, match="too small"):
        cipher.encrypt(PLAIN, bytearray(31))
    cipher.encrypt(PLAIN)
    with pytest.raises(ValueError, match="encrypt & decrypt"):
        cipher.decrypt(ECB)
