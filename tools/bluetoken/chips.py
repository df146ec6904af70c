"""The chips that tokens are made of, as data: which pins there are, and what else hangs on them."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Chip:
    """GPIO numbers throughout; sources: the chips' data sheets, "strapping pins" and "ADC"."""

    pins: frozenset[int]  # that exist and are free of the flash chip
    adc1: frozenset[int]  # can measure; the second converter is shared with Wi-Fi or not to be relied on
    straps: dict[int, bool]  # level it must have at reset for an ordinary start
    usb: frozenset[int] = frozenset()  # native USB
    uart: frozenset[int] = frozenset()  # the serial port that a bridge is on
    inputs: frozenset[int] = frozenset()  # can neither drive anything nor pull


def _span(*spans: tuple[int, int]) -> frozenset[int]:
    return frozenset(n for first, last in spans for n in range(first, last + 1))


_ESP32 = Chip(
    pins=_span((0, 5), (12, 19), (21, 23), (25, 27), (32, 39)),
    adc1=_span((32, 39)),
    straps={0: True, 12: False},
    uart=frozenset({1, 3}),
    inputs=_span((34, 39)),
)
CHIPS = {
    "esp32": _ESP32,
    # The flash chip is in the package, on other pins.
    "esp32_pico": replace(_ESP32, pins=_ESP32.pins - {16, 17} | {9, 10}),
    "esp32c3": Chip(
        pins=_span((0, 10), (18, 21)),
        adc1=_span((0, 4)),
        straps={9: True},  # the data sheet: 2 does not decide it, but is better high
        usb=frozenset({18, 19}),
        uart=frozenset({20, 21}),
    ),
    "esp32c6": Chip(
        pins=_span((0, 23)),
        adc1=_span((0, 6)),
        straps={9: True},
        usb=frozenset({12, 13}),
        uart=frozenset({16, 17}),
    ),
    "esp32s3": Chip(
        pins=_span((0, 21), (33, 48)),
        adc1=_span((1, 10)),
        straps={0: True, 45: False},
        usb=frozenset({19, 20}),
        uart=frozenset({43, 44}),
    ),
}
