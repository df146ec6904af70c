"""The collected HPKE and X25519 vectors that lie beside the checkout, where they do."""

from binascii import unhexlify as h

import shared
from wearable.crypto import hpke
from wearable.crypto.x25519 import public_key, x25519


def vectors():
    return shared.vectors("hpke_rfc9180.json")


def test_export_only_from_the_keys_to_the_exports():
    cases = vectors()["vectors"]
    for case in cases:
        assert (case["mode"], case["kem_id"], case["kdf_id"], case["aead_id"]) == (0, 0x20, 1, 0xFFFF)
        info, receiver = h(case["info"]), h(case["skRm"])
        assert public_key(receiver) == h(case["pkRm"])
        enc, secret = hpke.setup_sender(h(case["pkRm"]), info, h(case["skEm"]))
        assert (enc, secret) == (h(case["enc"]), h(case["exporter_secret"]))
        assert hpke.setup_receiver(enc, receiver, info) == secret
        for said in case["exports"]:
            value = hpke.export(secret, h(said["exporter_context"]), said["L"])
            assert value == h(said["exported_value"]), said
    assert cases


def test_products():
    products = vectors()["rfc7748_x25519"]["scalar_mult"]
    for case in products:
        assert x25519(h(case["k"]), h(case["u"])) == h(case["out"])
    assert products
