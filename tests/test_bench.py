"""What `make bench` prints is measured on what there is today."""

import pytest

from bluetoken.bench import firmware


@pytest.mark.parametrize("what", ["kept", "foreign"])
def test_ten_thousand_adverts_take_no_memory(what: str) -> None:
    found = firmware.figures()
    assert found[f"{what}_ns"] > 0
    assert found[f"{what}_allocated"] < 1000, "a byte for each would be 10,000"
