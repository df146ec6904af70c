"""After a burst: notes the iPhones that it heard by what they are called, and asks one that was not asked yet."""

import sys
import time

from micropython import const

from . import iphone_ear
from .iphones import READING_MS, Iphones

_ENTRY_BYTES = const(8)  # in iphone_ear.heard: the address's kind, the address, the strength


class Reader:
    """What a token knows of the iPhones around it."""

    def __init__(self, radio):
        self._radio = radio
        self._iphones = Iphones(time.ticks_ms(), time.ticks_diff)

    def take(self, now_s, now_ms, note, may_ask):
        """Call note(identifier, rssi_dbm, at_ms, -1) for each of the burst; returns the ms that asking took."""
        iphones = self._iphones
        iphones.begin(now_s, now_ms)
        took_ms = 0
        heard = iphone_ear.heard
        for at in range(1, heard[0] * _ENTRY_BYTES, _ENTRY_BYTES):
            kind, address = heard[at], bytes(heard[at + 1 : at + 7])
            place = iphones.place_of(kind, address)
            if place < 0 and may_ask and not took_ms and iphones.may_ask():
                place, took_ms = self._ask(kind, address)
            name = iphones.name_at(place) if place >= 0 else None
            if name is not None:
                note(name, (heard[at + 7] ^ 0x80) - 0x80, now_ms, -1)
        heard[0] = 0
        return took_ms

    def _ask(self, kind, address):
        self._radio.stop_advertising()
        began_ms = time.ticks_ms()
        answer = _read(kind, address)
        took_ms = time.ticks_diff(time.ticks_ms(), began_ms)
        return self._iphones.keep(kind, address, answer, took_ms), max(took_ms, 1)


def _read(kind, address):
    # Imported late, and let go: it takes room that nothing else could have meanwhile.
    from . import gatt

    answer = gatt.read(kind, address, READING_MS)
    del sys.modules["wearable.gatt"]
    delattr(sys.modules["wearable"], "gatt")
    return answer
