"""Ring and sightings do what a plain Python model does, whatever is done to them."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import hearing
from wearable import reading, records, sightings
from wearable.ring import ID_BYTES, Ring

STANDS_S, BRIDGE_S = 20, 36
CAPACITY = 8  # so that a handful of steps fills the table
# Few identifiers, half of them with the same beginning.
identifiers = st.integers(0, 24).map(
    lambda number: bytes([number % 2 * number, 0]) + number.to_bytes(ID_BYTES - 2, "big")
)
rssi = st.integers(-128, 127)


def kept(identifier):
    """Return what a record keeps of an identifier and its metadata."""
    return identifier[:16] + identifier[17:]


class CountedIndex(bytearray):
    """An index that notices a walk without an end."""

    reads = 0

    def __getitem__(self, place):
        self.reads += 1
        assert self.reads <= 12 * len(self), "the walk goes round for ever"
        return super().__getitem__(place)


class Seen:
    """One encounter of the model."""

    def __init__(self, identifier, at_s):
        self.identifier = identifier
        self.first_s = self.last_s = at_s
        self.bursts = []
        self.dwell_s = 0
        self.rssi = []

    def again(self, rssi_dbm, at_s, burst):
        if self.bursts[-1:] != [burst]:
            gap_s = at_s - self.last_s
            self.dwell_s += gap_s if self.bursts and gap_s <= BRIDGE_S else STANDS_S
            self.bursts.append(burst)
        self.last_s = at_s
        self.rssi.append(rssi_dbm)

    def record(self):
        rpi, power = self.identifier[:16], self.identifier[17]
        mean = sum(self.rssi) // len(self.rssi)
        span_s = self.last_s - self.first_s
        periods = min((self.dwell_s + records.DWELL_UNIT_S // 2) // records.DWELL_UNIT_S, 255)
        return reading.Encounter(rpi, power, self.first_s, span_s, periods, max(self.rssi), mean)


class SightingsModel(RuleBasedStateMachine):
    @initialize(salt=st.integers(0, 0xFFFF))
    def begin(self, salt):
        self.table = sightings.Sightings(salt, CAPACITY)
        self.table.stands_s, self.table.bridge_s = STANDS_S, BRIDGE_S
        self.table._index = CountedIndex(self.table._index)
        self.model = {}
        self.evicted = self.refused = 0
        self.now_s = 1000
        self.burst = 0xFFFC

    @rule()
    def next_burst(self):
        self.burst += 1

    @rule(identifier=identifiers, rssi_dbm=rssi, after_s=st.integers(0, 2 * BRIDGE_S))
    def note(self, identifier, rssi_dbm, after_s):
        self.now_s += after_s
        self.counted(lambda: self.table.note(identifier, rssi_dbm, self.now_s, self.burst))
        if identifier not in self.model and not self.make_room():
            self.refused += 1
            return
        seen = self.model.setdefault(identifier, Seen(identifier, self.now_s))
        seen.again(rssi_dbm, self.now_s, self.burst)

    @rule()
    def flood(self):
        for number in range(3 * CAPACITY):
            self.note(number.to_bytes(ID_BYTES, "little"), -40, 1)

    @rule()
    def take(self):
        assert self.taken() == {kept(each.identifier): each.record() for each in self.model.values()}
        if self.model:
            assert self.table.earliest_s() == min(each.first_s for each in self.model.values())
        self.clear()

    @rule()
    def clear(self):
        self.table.clear()
        self.model.clear()

    @invariant()
    def is_what_the_model_is(self):
        if not hasattr(self, "table"):
            return
        assert self.table.count == len(self.model) <= CAPACITY
        assert (self.table.evicted, self.table.refused) == (self.evicted, self.refused)
        assert self.taken() == {kept(each.identifier): each.record() for each in self.model.values()}

    @invariant()
    def every_walk_comes_to_an_empty_place(self):
        if hasattr(self, "table"):
            assert bytes(self.table._index).count(sightings._EMPTY) >= CAPACITY // 2

    def make_room(self):
        """Evict from the model as the table promises to; False where nobody is to be evicted."""
        if len(self.model) < CAPACITY:
            return True
        strangers = [each for each in self.model.values() if len(each.bursts) == 1]
        if not strangers:
            return False
        # Who was heard twice in a burst a moment ago goes after all others.
        strangers = [each for each in strangers if not self.waits(each)] or strangers
        oldest_s = min(each.last_s for each in strangers)
        # Of several as old, which one goes is the table's own business.
        there = self.taken()
        gone = [each for each in strangers if kept(each.identifier) not in there]
        assert len(gone) == 1 and gone[0].last_s == oldest_s
        del self.model[gone[0].identifier]
        self.evicted += 1
        return True

    def waits(self, seen):
        return len(seen.rssi) > 1 and self.now_s - seen.last_s < sightings.CONFIRM_S

    def taken(self):
        packed = records.body_prefix(0) + bytes(self.table.pack(0))
        return {each.rpi + bytes([each.power]): each for each in reading.unpack_body(packed, 0).records}

    def counted(self, step):
        self.table._index.reads = 0
        step()


class RingModel(RuleBasedStateMachine):
    @initialize(slots=st.integers(2, 9))
    def begin(self, slots):
        self.ring = Ring(slots)
        self.room = slots - 1
        self.model = []
        self.dropped = 0

    @rule(
        identifier=st.binary(min_size=ID_BYTES, max_size=ID_BYTES),
        rssi_dbm=rssi,
        at_ms=st.integers(0, (1 << 30) - 1),
    )
    def put(self, identifier, rssi_dbm, at_ms):
        hearing.put(self.ring, identifier, rssi_dbm, at_ms)
        if len(self.model) < self.room:
            self.model.append((identifier, rssi_dbm, at_ms))
        else:
            self.dropped += 1

    @rule()
    def drain(self):
        assert hearing.drained(self.ring) == self.model
        self.model = []

    @rule()
    def clear(self):
        self.ring.clear()
        self.model = []

    @invariant()
    def drops_are_counted(self):
        if hasattr(self, "ring"):
            assert self.ring.dropped == self.dropped


TestSightings = SightingsModel.TestCase
TestRing = RingModel.TestCase
TestSightings.settings = settings(max_examples=60, stateful_step_count=60)
TestRing.settings = settings(max_examples=60, stateful_step_count=40)
