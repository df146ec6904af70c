"""Every module of the firmware imports with nothing but the fakes of bluetooth, machine and esp32."""

import os
import sys

import wearable
from loading import load

_FOLDER = wearable.__file__[: -len("/__init__.py")]
_PURE = (
    "battery",
    "button",
    "crypto.aead",
    "crypto.ctr",
    "crypto.fixed_base",
    "crypto.hkdf",
    "crypto.hmac",
    "crypto.hpke",
    "crypto.x25519",
    "identity",
    "protocols.bluezone",
    "protocols.gaen",
    "records",
    "ring",
    "schedule",
    "sightings",
    "signs",
    "zone_identity",
)


def modules_of(folder, prefix=""):
    found = []
    for entry in sorted(os.listdir(folder)):
        if entry.endswith(".py") and entry != "__init__.py":
            found.append(prefix + entry[: -len(".py")])
        elif "." not in entry and entry != "__pycache__":
            found += modules_of(folder + "/" + entry, prefix + entry + ".")
    return found


def test_every_module_imports():
    names = modules_of(_FOLDER)
    assert "app" in names and "crypto.hmac" in names, names
    load(*names)


def test_pure_modules_need_no_hardware():
    for name in _PURE:
        load(name)
        module = sys.modules["wearable." + name]
        for hardware in ("machine", "bluetooth", "esp32", "time", "power"):
            assert not hasattr(module, hardware), "%s imports %s" % (name, hardware)
