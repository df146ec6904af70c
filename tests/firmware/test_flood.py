"""An hour in a flood of invented identifiers: the real application on a chip, a controller and a flash that are not."""

import gc
import os
from array import array
from hashlib import sha256

import chip
import controller as controllers
from loading import load
from raising import raised
from skipping import not_on_32_bits, only_on_micropython
from wearable import entropy, reading, records
from wearable.protocols import gaen
from wearable.quota import records_a_day
from wearable.settings import Settings
from writing import header

# 10,000 a minute are ten in a window of 60 ms. Who knows when the token listens says them all then, as many as fit:
# on one channel 150 packets of 31 bytes, one after the other.
EVENLY = 10
PACKETS_A_WINDOW = 150
NEIGHBOURS = 20
ADVERTS = 2  # of a neighbour in a window: one every 25 to 35 ms
STAY_S = 20 * 60
HOUR_S = 3600
FLASH_BLOCKS = 512  # 2 MiB, as a board with 4 MB has it
RETENTION_DAYS = 21
A_DAY = records_a_day(FLASH_BLOCKS * 4096, RETENTION_DAYS)
# With what is around the encounters: 144 batches under seal of at most 44 bytes, their events, blocks not filled.
DAY_BYTES = A_DAY * records.ENCOUNTER_BYTES + 144 * (44 + 4 * records.EVENT_BYTES) + 300
APPLICATION_BYTES = 100000
FLOOD_RSSI_DBM = (-30, -90)  # stronger and weaker than
HONEST_RSSI_DBM = -60
LONGEST_S = 33  # from one burst to the next: these neighbours are phones, and a token among phones is alone
TOLERANCE_S = 3 * LONGEST_S  # what is missing at either end, and what a sighting stands for
MERGE_GAP_S = 150  # as exposure/contacts.py merges

START_UNIX_S = 1772409600
START_S = START_UNIX_S - records.EPOCH_UNIX_S


class Random:
    """The same on every run and machine."""

    def __init__(self, seed=1):
        self._state = seed

    def below(self, limit):
        self._state = (self._state * 1103515245 + 12345) & 0x3FFFFFFF
        return (self._state >> 12) * limit >> 18


class SeededChip:
    """An os whose generator is the same on every run and machine, for the token's own draws."""

    def __init__(self, seed):
        self._state = seed

    def urandom(self, count):
        self._state = sha256(self._state).digest()
        return self._state[:count]


class Air:
    """Twenty honest neighbours, and somebody who takes whatever is left of the air.

    `arrives_s` is when each neighbour comes, `invented` how many packets of the flood fall into a window at most,
    `copies` how often in a window an invented identifier is said, and `life` in how many windows in a row.
    """

    def __init__(self, silicon, controller, arrives_s, invented, copies, life):
        self._silicon = silicon
        self._controller = controller
        self._arrives_s = arrives_s
        self._most = invented
        self._copies = copies
        self._life = life
        self._random = Random()
        self._adverts = [self._room() for _ in range(PACKETS_A_WINDOW)]
        self._invented = 0
        self.windows = 0

    def _room(self):
        advert = bytearray(gaen.advertisement(bytes(16), bytes(4)))
        return advert, memoryview(advert)

    def say(self):
        """Fill a window with packets, in an order of chance; called while the token sleeps."""
        if not self._controller.scanning:
            return
        self.windows += 1
        honest = self._honest()
        packets = min(honest + self._most, PACKETS_A_WINDOW)
        for place in range(honest, packets):
            self._invent(self._adverts[place][0])
        order = list(range(packets))
        for place in range(packets):
            other = place + self._random.below(packets - place)
            order[place], order[other] = order[other], order[place]
        for place in order:
            rssi_dbm = HONEST_RSSI_DBM if place < honest else FLOOD_RSSI_DBM[place & 1]
            self._controller.handler(controllers.IRQ_SCAN_RESULT, (1, b"", 2, rssi_dbm, self._adverts[place][1]))

    def _honest(self):
        """Write down what the honest say and return how many packets that is."""
        now_s = self._silicon.unix_ms() // 1000
        count = 0
        for number in range(NEIGHBOURS):
            if 0 <= now_s - START_UNIX_S - self._arrives_s[number] < STAY_S:
                for _ in range(ADVERTS):
                    self._adverts[count][0][11:27] = neighbour(number, now_s // gaen.INTERVAL_S)
                    count += 1
        return count

    def _invent(self, advert):
        self._invented += 1
        # Every window has its share of new ones; each goes on for as many windows as it lives.
        said = self._invented // self._copies % PACKETS_A_WINDOW
        number = said + (self.windows // self._life) * PACKETS_A_WINDOW
        for place in range(11, 27):
            advert[place] = number >> 8 * (place & 3) & 0xFF ^ place * 37 & 0xFF
        advert[11] = 0xF1


def neighbour(number, interval):
    return b"honest" + bytes([number, interval & 0xFF, interval >> 8 & 0xFF]) + bytes(7)


class Found:
    """What an hour left behind."""

    def __init__(self, arrives_s, invented=PACKETS_A_WINDOW, copies=1, life=1, days=0, seed=b"flood"):
        only_on_micropython("it takes the flash that littlefs there mounts")
        not_on_32_bits("a flash of 2 MiB in RAM")
        silicon = chip.switch_on()
        silicon.show_unix_ms(START_UNIX_S * 1000)
        controller = controllers.switch_on()
        self._mount()
        self._fill(days)
        meetings, app_module, power, board = load("meetings", "app", "power", "board")
        power.retain(clock_state=records.CLOCK_SET, set_s=START_S)
        told = Settings(b"token-id", b"issuer--", "A", RETENTION_DAYS, gaen.SERVICE_UUID, bytes(32), b"")
        self.air = Air(silicon, controller, arrives_s, invented, copies, life)
        silicon.when_sleeping = self.air.say
        meetings.os = entropy.os = SeededChip(seed)
        try:
            app = app_module.App(board.Board("/nowhere"), told)
            self.grown_bytes = self._run(app, app_module, silicon)
            app.close()
        finally:
            entropy.os = os
        self.no_room = power.retained().no_room
        self._read()

    def _mount(self):
        import ram_flash

        self.flash = ram_flash.RamFlash(FLASH_BLOCKS)
        ram_flash.format_flash(self.flash)
        ram_flash.mount(self.flash, "/journal")

    def _fill(self, days):
        """Leave on the flash an application, and days in which as much was written as a day may."""
        with open("/journal/application", "wb") as file:
            file.write(bytes(APPLICATION_BYTES))
        for day in range(days):
            number = day + 1
            opened_s = START_S - (days - day) * 86400 + 600
            with open("/journal/%08d.seg" % number, "wb") as file:
                file.write(records.pack_header(header(number, 1, opened_s)))
                file.write(bytes(DAY_BYTES - records.HEADER_BYTES))
        self._before = days

    def _run(self, app, module, silicon):
        """Go through an hour; returns by how much the heap grew between its first quarter and its last ten minutes."""
        held = array("i", bytes(4 * HOUR_S // 2))
        end_ms = silicon.rtc_ms + HOUR_S * 1000
        cycles = [0]

        def cycle():
            if silicon.rtc_ms >= end_ms:
                raise StopIteration
            del silicon.slept_ms[:], silicon.light_slept_ms[:]
            del controllers.current().calls[:], controllers.current().on_air[:]
            module.App.cycle(app)
            gc.collect()
            held[cycles[0]] = gc.mem_alloc()
            cycles[0] += 1

        app.cycle = cycle
        raised(StopIteration, app.run)
        assert cycles[0] >= HOUR_S // LONGEST_S
        # What waits to be written comes and goes; what was lost would stay.
        return min(held[cycles[0] - 20 : cycles[0]]) - min(held[10:30])

    def _read(self):
        self.encounters, self.events, self.flash_bytes, self.batches = [], {}, 0, 0
        names = [name for name in os.listdir("/journal") if name.endswith(".seg")]
        self.days_left = sum(int(name[:8]) <= self._before for name in names)
        for name in names:
            if int(name[:8]) <= self._before:
                continue
            with open("/journal/" + name, "rb") as file:
                raw = file.read()
            self.flash_bytes += len(raw)
            _, bodies, left = reading.read_segment(raw)
            assert left == 0
            for body in bodies:
                self.batches += 1
                for each in body.records:
                    if isinstance(each, reading.Encounter):
                        self.encounters.append(each)
                    elif isinstance(each, reading.Event):
                        self.events[each.code] = self.events.get(each.code, 0) + each.value

    def met_s(self, number):
        """Return how long a neighbour was met, as matching adds it up."""
        mine = sorted(
            (each.start_s, each.start_s + each.periods * records.DWELL_UNIT_S)
            for each in self.encounters
            if each.rpi[:7] == b"honest" + bytes([number])
        )
        total, end_s = 0, 0
        for start_s, until_s in mine:
            if not total or start_s - end_s > MERGE_GAP_S:
                end_s = start_s
            total += max(until_s - end_s, 0)
            end_s = max(until_s, end_s)
        return total

    def kept(self):
        """Return how many neighbours were met for as long as they were there."""
        met = [self.met_s(number) for number in range(NEIGHBOURS)]
        return sum(abs(each - STAY_S) <= TOLERANCE_S for each in met)

    def say(self, what):
        strangers = sum(each.rpi[:6] != b"honest" for each in self.encounters)
        print(
            "%s: %d of %d kept, shortest %d s; %d honest and %d invented records in %d batches, %d bytes of flash;"
            " events %s, no room %d; heap grew by %d bytes"
            % (
                what,
                self.kept(),
                NEIGHBOURS,
                min(self.met_s(number) for number in range(NEIGHBOURS)),
                len(self.encounters) - strangers,
                strangers,
                self.batches,
                self.flash_bytes,
                self.events,
                self.no_room,
                self.grown_bytes,
            )
        )


def one_after_the_other():
    return [number * 120 for number in range(NEIGHBOURS)]


def all_at_once():
    return [17 * 60] * NEIGHBOURS


def check(found, what, percent=95):
    found.say(what)
    assert found.kept() * 100 >= percent * NEIGHBOURS
    # What lies on the stack may keep an object or two from being collected, whatever the hour was like.
    assert found.grown_bytes <= 256
    assert len(found.encounters) <= A_DAY + A_DAY // 24 + 1
    assert found.flash_bytes <= (A_DAY + A_DAY // 24 + 1) * records.ENCOUNTER_BYTES + 90 * 60
    lost = [records.EVENT_DROPPED, records.EVENT_EVICTED, records.EVENT_QUOTA]
    assert found.no_room == sum(found.events.get(code, 0) for code in lost) > 0


def test_an_hour_of_flood_while_neighbours_come_and_go():
    check(Found(one_after_the_other()), "come and go")


def test_the_same_said_evenly_as_nobody_aims_it():
    check(Found(one_after_the_other(), invented=EVENLY), "said evenly")


def test_who_says_each_twice_has_half_as_many():
    check(Found(one_after_the_other(), copies=2), "said twice")


def test_an_hour_of_flood_with_all_neighbours_at_once():
    check(Found(all_at_once()), "all at once")


def test_an_hour_of_flood_takes_no_day_away():
    """Even where every day that is kept has had all that a day may have."""
    found = Found(all_at_once(), days=RETENTION_DAYS)
    check(found, "21 full days before")
    assert found.days_left == RETENTION_DAYS


def test_invented_identifiers_that_stay_for_minutes_are_a_crowd():
    """Nobody can tell them from people: they take their part of the table, and the flash keeps within its bounds."""
    check(Found(one_after_the_other(), life=8), "invented ones stay", percent=50)
