"""hmac, hkdf and ctr against the `cryptography` package."""

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from wearable.crypto.ctr import aes_ctr
from wearable.crypto.hkdf import hkdf_sha256
from wearable.crypto.hmac import hmac_sha256

buffers = st.sampled_from((bytes, bytearray, memoryview))
# Most counters are random, and would never carry far.
counters = st.one_of(
    st.binary(min_size=16, max_size=16),
    st.integers(0, 16).map(lambda ones: bytes(16 - ones) + b"\xff" * ones),
)


@given(st.binary(max_size=150), st.binary(max_size=200), buffers)
def test_hmac(key, message, buffer):
    theirs = hmac.HMAC(key, hashes.SHA256())
    theirs.update(message)
    assert hmac_sha256(buffer(key), buffer(message)) == theirs.finalize()


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=80), st.integers(1, 300))
def test_hkdf(key_material, salt, info, length):
    theirs = HKDF(hashes.SHA256(), length, salt or None, info).derive(key_material)
    assert hkdf_sha256(key_material, salt, info, length) == theirs


@given(st.binary(min_size=16, max_size=16), counters, st.binary(max_size=100), buffers)
def test_ctr(key, counter, data, buffer):
    theirs = Cipher(AES(key), CTR(counter)).encryptor().update(data)
    assert aes_ctr(key, buffer(counter), buffer(data)) == theirs
    assert aes_ctr(key, counter, theirs) == data
