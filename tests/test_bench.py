"""What `make bench` prints is measured on what there is today."""

from bluetoken.bench import firmware


def test_ten_thousand_adverts_take_no_memory() -> None:
    found = firmware.figures()
    for what in ("kept", "foreign"):
        assert found[f"{what}_ns"] > 0
        assert found[f"{what}_allocated"] < 1000, "a byte for each would be 10,000"
