"""The collected Bluezone vectors that lie beside the checkout, and a few of their facts that do not need them."""

import json
from pathlib import Path
from typing import Any

import pytest

FILE = Path(__file__).parents[3] / "shared" / "vectors" / "bluezone_vectors.json"

# A case's day as its programme published it, and IDs of that day; source: the apps' BluezoneIdTrace.java (GPL-3.0, of
# react-native-bluetooth-scan 4a5ce99), run unmodified under Java 17.
DAILY_KEY = bytes.fromhex("0552a69519d1f3043611126c13489ff4a2a867a1c667b1d9d9031cd27fdcff5a")
DAY_S = 1597017600  # 2020-08-10T00:00:00Z
FIRST = bytes.fromhex("e92f18a8035f929b5b5341ae")
SECOND = bytes.fromhex("e1fa70bdd20efc959c03adfb")
LAST = bytes.fromhex("15dd494fa1832667e7a945e5")
FIRST_OF_THE_NEXT_DAY = bytes.fromhex("45242b365efbbb67fa022489")


def vectors() -> dict[str, Any]:
    """Return what is beside the checkout; a test that asks for what is not there is skipped."""
    if not FILE.exists():
        pytest.skip("there is no ../shared/vectors/bluezone_vectors.json beside the checkout")
    return json.loads(FILE.read_text(encoding="utf-8"))
