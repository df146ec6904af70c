"""When the radio is on: how two sleepers find each other, and keep together (pure).

Tokens that have found each other are a herd: they wake at the same moments, its meetings. A herd shares a virtual
time that runs round in CYCLE_MS, and each of its tokens says it beside its identifier. Every slot of SLOT_MS has one
meeting, somewhere in it where anybody can compute but nobody would guess: so the meetings of two herds coincide now
and then, and whoever hears a stranger knows when that stranger's herd meets next. A token visits some of those
meetings, and what it hears there decides whether it moves over: the herd whose virtual time is ahead wins.

A herd goes with the median of what its tokens say. Nobody moves on the word of one who has company that says
otherwise, and nobody follows far from UTC. A single liar is outvoted, and leads nobody away.

Who is alone has a new virtual time with each identifier, and only listens where the herd met that it lost: neither
its bursts nor what it says ties one identifier to the next. Nor does its crystal: alone, virtual time goes at a pace
of its own with each identifier.

Times are milliseconds of the chip's ticks, which wrap at a multiple of CYCLE_MS. docs/DESIGN.md has the reasons and
the figures.
"""

from array import array

from . import const

SLOT_MS = 8192
CYCLE_MS = 1 << 18
SLOTS = CYCLE_MS // SLOT_MS
UNIT_MS = 64  # what virtual time is told in: 12 bits; three for the pattern, and one more
PATTERNS = 8  # of where in their slots the meetings lie: of two herds at about the same time, few have the same
PATTERN_AT = 12  # its place in what is told
SETTLED = 0x8000  # told by those who have a herd, not just a time of their own

PART_MS = 64  # what is told changes with every part, and is true in its middle
PARTS = 7
BURST_MS = PART_MS * PARTS
ADVERTISE_US = 25000
# At both ends of a burst we listen: a part is longer than an advertising interval and its random delay.
EARS_MS = 2 * PART_MS
SILENT_PARTS = 2  # where we only listen

ALONE_MS = 900000  # unheard for so long, an identifier ends together with its virtual time
_LONG_MS = const(7200000)  # and longer than this is not told apart: ticks wrap
SAME_MS = 300  # as near, two virtual times are one herd's: most of a burst overlaps
NEAR_MS = 48  # within this a step goes a quarter of the way
STEP_MS = 64  # no step is longer
LEAN_MS = 24  # by at most so much a token keeps off its herd's time, until the next meeting at which identifiers change
HOLD_MS = 15000  # who has company does not move again so soon
REACH_MS = 98304  # nobody follows a herd that is farther from UTC
VOICE_REACH_MS = 81920  # nor one of which only one was heard: so a liar cannot bring a herd to where clocks disagree
FRESH_MS = 131072  # a new virtual time lies in so much around UTC
OPEN_MS = 2000  # a burst is not planned any sooner

PACE = 1024  # alone, virtual time goes wrong by at most so many parts in 2**20: crystals differ by tens
_PACE_BITS = const(20)

_MASK = const(0x3FFFF)  # CYCLE_MS - 1
TICKS = 0x3FFFFFFF  # where ticks wrap
_OURS = const(0)
_PLACES = const(5)  # our herd and four to visit
_VISITS = const(10)  # meetings of a herd after it was heard
_MISSES = const(6)  # of them in a row and nobody there: it is given up
_SILENT_VISITS = const(250)  # meetings of the herd that was lost: an hour's, of level 1
_DIFFS = const(32)
_STRAYS = const(16)  # of so many bursts of a herd's token one falls between the meetings
# Identifiers change at every 16th meeting: all of a herd at once, whatever their clocks say.
_CHANGE_LEVEL = const(4)


def _mixed(number):
    """Return 16 bits that look random."""
    slot = number
    mixed = (slot * 40503 ^ slot * slot * 2671) & 0xFFFF
    return (mixed * 197 + (mixed >> 7) * 31) & 0xFFFF


def meeting_ms(slot, pattern):
    """Return the virtual time at which the meeting of a slot begins: a whole unit, so that it can be told exactly."""
    return slot * SLOT_MS + (_mixed(slot + pattern * SLOTS) * ((SLOT_MS - BURST_MS) // UNIT_MS) >> 16) * UNIT_MS


def chosen_slot(group, level):
    """Return the slot of a group of 1 << level to whose meeting those go who go to one of so many.

    Not always the first: two herds whose times differ by less than a slot would never coincide then. And
    whoever goes more often goes to these as well.
    """
    slot = group
    while level:
        slot = slot * 2 + (_mixed(slot + 77) >> 9 & 1)
        level -= 1
    return slot


def until_ms(virtual_ms, pattern, level):
    """Return how long it is until the next meeting of a level, OPEN_MS at least."""
    virtual_ms &= _MASK
    group = virtual_ms // SLOT_MS >> level
    while True:
        slot = chosen_slot(group % (SLOTS >> level), level)
        wait_ms = meeting_ms(slot, pattern) + (group // (SLOTS >> level)) * CYCLE_MS - virtual_ms
        if wait_ms > OPEN_MS:
            return wait_ms
        group += 1


def apart_ms(virtual_ms, from_ms):
    """Return by how much one virtual time is ahead of another, negative where it is behind."""
    return (virtual_ms - from_ms + CYCLE_MS // 2 & _MASK) - CYCLE_MS // 2


def _offset_ms(told, at_ms):
    """Return by what virtual time is ahead of the ticks, for one who told this at `at_ms`."""
    return told * UNIT_MS + UNIT_MS // 2 - at_ms & _MASK


def tell(adv_data, told):
    """Put what is told into the last two bytes of a token's advertisement, where every protocol leaves room for it."""
    adv_data[-2] = told & 0xFF
    adv_data[-1] = told >> 8


def pattern_of(told):
    """Return the pattern that is told."""
    return told >> PATTERN_AT & PATTERNS - 1


class Herd:
    """What a token knows of its herd and of others.

    The caller asks wait_ms(), sleeps, and makes a burst between begin() and end(): silent where `silent` says so,
    otherwise told() goes out in each part, and what others told comes in by heard().
    """

    def __init__(self, now_ms, utc_ms, random):
        """Begin alone; `utc_ms` is UTC in milliseconds, of which the lowest 19 bits count, or a guess.

        `random` is 30 bits here and below. What a listener sees of some says nothing of the others.
        """
        # Virtual time is the ticks and an offset. The first place is ours, the others are visited.
        self._offset_ms = array("i", [0] * _PLACES)
        self._pattern = bytearray(_PLACES)
        self._visits = bytearray(_PLACES)
        self._misses = bytearray(_PLACES)
        self._quiet = bytearray(_PLACES)  # whether to listen only
        self._said = bytearray(_PLACES)  # how many told of this herd in this burst
        self._settled = bytearray(_PLACES)
        self._new = bytearray(_PLACES)  # whether it was first heard in this burst
        self._diff_ms = array("h", [0] * _DIFFS)
        self._diffs = 0
        self._place = _OURS  # whose meeting it is
        self._stray = False  # a burst between meetings
        self._lean_ms = self._next_lean_ms = 0
        self._pace = self._pace_rest = 0
        self._paced_ms = now_ms  # until when virtual time has gone at its pace
        self._heard_ms = self._moved_ms = now_ms - _LONG_MS & TICKS
        self.company = 0  # how many of our herd were heard of late
        self.joined = False  # whether our virtual time is anybody else's as well
        self.set_utc(now_ms, utc_ms)
        self._start_anew(random)

    def set_utc(self, now_ms, utc_ms):
        """Take UTC as it is now."""
        self._utc_offset_ms = utc_ms - now_ms & _MASK

    # Before a burst.

    def wait_ms(self, now_ms, level, random, in_debt=False):
        """Return how long to sleep until the next burst; to every (1 << level)th meeting we go."""
        if not self.joined:
            self._go_by_pace(now_ms)
        lean_ms = self._next_lean_ms = self._lean_ms
        soonest_ms = until_ms(now_ms + self._offset_ms[_OURS] + lean_ms, self._pattern[_OURS], level)
        self._place = _OURS
        for place in range(1, _PLACES):
            quiet = self._quiet[place]
            # Visits are paid from the same purse: whoever is in debt makes none, however many herds somebody invents.
            if self._visits[place] and (quiet or not in_debt):
                virtual_ms = now_ms + self._offset_ms[place] + lean_ms
                wait_ms = until_ms(virtual_ms, self._pattern[place], max(level - 1, 1) if quiet else 0)
                if wait_ms < soonest_ms:
                    soonest_ms = wait_ms
                    self._place = place
        # Now and then a burst between meetings, for those who are alone every other one: two herds of one pattern
        # whose times differ by less than a slot would not notice each other otherwise.
        lone = self._is_lone(now_ms)
        self._stray = self._place == _OURS and random % (2 if lone else _STRAYS) == 0
        if not lone and self._place == _OURS and self._all_change(now_ms + soonest_ms):
            # Nobody stays away from this one: who changed later would stand out. And whoever changes comes by its
            # new lean: by the old one, the first burst of an identifier would tell whose it is.
            self._stray = False
            self._next_lean_ms = (random >> 18) % (2 * LEAN_MS + 1) - LEAN_MS
            return soonest_ms + lean_ms - self._next_lean_ms
        if self._stray:
            return OPEN_MS + (random >> 6) % ((SLOT_MS << level) - OPEN_MS)
        return soonest_ms

    def _go_by_pace(self, now_ms):
        # No more than a cycle at once, so that the product stays a small integer.
        passed_ms = min(now_ms - self._paced_ms & TICKS, _MASK)
        ahead = passed_ms * self._pace + self._pace_rest
        self._pace_rest = ahead & (1 << _PACE_BITS) - 1
        self._offset_ms[_OURS] = self._offset_ms[_OURS] + (ahead >> _PACE_BITS) & _MASK
        self._paced_ms = now_ms

    @property
    def silent(self):
        """Whether the burst to come must only listen."""
        return bool(self._quiet[self._place])

    @property
    def visiting(self):
        """Whether the burst to come is a meeting of another herd."""
        return self._place != _OURS

    def changes(self, now_ms):
        """Whether an identifier that is over changes in the burst that begins now."""
        if self._place != _OURS:
            return False
        # Alone between meetings: at one it would be the new identifier that comes to the old one's meeting.
        return self._stray if self._is_lone(now_ms) else not self._stray and self._all_change(now_ms)

    def _is_lone(self, now_ms):
        return not self.joined or self.unheard_ms(now_ms) >= ALONE_MS

    def _all_change(self, meeting_ms):
        slot = (self._virtual_ms(meeting_ms) + PART_MS & _MASK) // SLOT_MS
        return chosen_slot(slot >> _CHANGE_LEVEL, _CHANGE_LEVEL) == slot

    def unheard_ms(self, now_ms):
        """Return for how long nobody was heard."""
        return now_ms - self._heard_ms & TICKS

    def renew(self, now_ms, random):
        """Go with a new identifier, and where we are alone at a virtual time of its own."""
        unheard_ms = self.unheard_ms(now_ms)
        if unheard_ms > _LONG_MS:
            self._heard_ms = now_ms - _LONG_MS & TICKS
        if unheard_ms >= ALONE_MS:
            self._part()
            self._start_anew(random)
            self._paced_ms = now_ms

    def _part(self):
        """Give up our virtual time, but listen for a while where it was kept."""
        if not self.joined:
            return
        place = 1
        while place < _PLACES - 1 and self._visits[place]:
            place += 1
        self._visit(place, self._offset_ms[_OURS], self._pattern[_OURS])
        self._visits[place] = _SILENT_VISITS
        self._quiet[place] = 1

    def _start_anew(self, random):
        self.joined = False
        self.company = 0
        self._pattern[_OURS] = random & PATTERNS - 1
        self._pace = ((random >> 20) * PACE >> 9) - PACE
        self._offset_ms[_OURS] = self._utc_offset_ms + random // PATTERNS % FRESH_MS - FRESH_MS // 2 & _MASK

    # In a burst.

    def _virtual_ms(self, now_ms):
        return now_ms + self._offset_ms[_OURS] + self._lean_ms & _MASK

    def begin(self):
        self._lean_ms = self._next_lean_ms
        self._diffs = 0
        for place in range(_PLACES):
            self._said[place] = self._new[place] = 0

    def told(self, now_ms):
        """Return the 16 bits that go out beside the identifier, in the part of a burst that begins now."""
        told = (self._virtual_ms(now_ms) + PART_MS // 2 & _MASK) // UNIT_MS | self._pattern[_OURS] << PATTERN_AT
        return told | SETTLED if self.joined else told

    def is_ours(self, told, at_ms):
        """Whether who told this at `at_ms` is of our herd."""
        return self._is_at(_OURS, told, at_ms)

    def knows(self, told, at_ms):
        """Whether we have been going to the meetings of who told this at `at_ms`."""
        if self.is_ours(told, at_ms):
            return True
        for place in range(1, _PLACES):
            if self._visits[place] and not self._new[place] and self._is_at(place, told, at_ms):
                return True
        return False

    def _is_at(self, place, told, at_ms):
        diff_ms = apart_ms(_offset_ms(told, at_ms), self._offset_ms[place])
        return pattern_of(told) == self._pattern[place] and -SAME_MS <= diff_ms <= SAME_MS

    def heard(self, told, at_ms):
        """Take what one token told at `at_ms`; to be called once for each token in a burst."""
        self._heard_ms = at_ms
        if self.is_ours(told, at_ms):
            self.joined = True
            self._said[_OURS] = min(self._said[_OURS] + 1, 255)
            if self._diffs < _DIFFS:
                self._diff_ms[self._diffs] = apart_ms(_offset_ms(told, at_ms), self._offset_ms[_OURS])
                self._diffs += 1
        elif told & SETTLED or not self.joined:
            # Who is alone comes to us, not we to it.
            place = self._place_of(told, at_ms)
            if place != _OURS:
                self._said[place] = min(self._said[place] + 1, 255)
                self._settled[place] = told >> 15

    def _place_of(self, told, at_ms):
        """Return the place of a herd that was heard, _OURS where there is no room for another.

        Room is made of what has been visited, but not in one burst for herd after herd.
        """
        free = _PLACES - 1
        for place in range(_PLACES - 1, 0, -1):
            if not (self._visits[place] or self._said[place]):
                free = place
            elif self._is_at(place, told, at_ms):
                self._offset_ms[place] = _offset_ms(told, at_ms)
                return place
        if self._said[free]:
            return _OURS
        self._visit(free, _offset_ms(told, at_ms), pattern_of(told))
        self._new[free] = 1
        return free

    def _visit(self, place, offset_ms, pattern):
        self._offset_ms[place] = offset_ms
        self._pattern[place] = pattern
        self._visits[place] = _VISITS
        self._misses[place] = self._quiet[place] = 0

    # After a burst.

    def end(self, now_ms):
        """Draw the conclusions of a burst."""
        self._count_misses()
        self._follow()
        best = _OURS
        for place in range(1, _PLACES):
            if self._said[place]:
                self._visits[place] = _VISITS
                self._misses[place] = self._quiet[place] = 0
                if self._said[place] > self._said[best] or best == _OURS:
                    if self._goes_before(place, now_ms):
                        best = place
        if best != _OURS:
            self._move(best, now_ms)

    def _count_misses(self):
        place = self._place
        if place == _OURS:
            if not self._stray:
                self.company = max(self._said[_OURS], self.company * 3 // 4)
            return
        if self._visits[place]:
            self._visits[place] -= 1
        if not self._said[place]:
            self._misses[place] += 1
            if not self._quiet[place] and self._misses[place] >= _MISSES:
                self._visits[place] = 0

    def _follow(self):
        """Go with the median of our herd, ourselves included: one who lies is one voice."""
        count = self._diffs
        if count == 0:
            return
        diffs_ms = list(self._diff_ms[:count])
        diffs_ms.append(0)
        diffs_ms.sort()
        middle_ms = (diffs_ms[count // 2] + diffs_ms[(count + 1) // 2]) // 2
        if -NEAR_MS < middle_ms < NEAR_MS:
            middle_ms = (middle_ms + 2) // 4
        self._offset_ms[_OURS] = self._offset_ms[_OURS] + max(-STEP_MS, min(STEP_MS, middle_ms)) & _MASK

    def _goes_before(self, place, now_ms):
        """Whether to move to a herd whose tokens were heard in this burst."""
        said = self._said[place]
        if not self._within(REACH_MS if said > 1 else VOICE_REACH_MS, place):
            return False
        if self._settled[place] and not self.joined:
            return True
        if self.company and now_ms - self._moved_ms & TICKS < HOLD_MS:
            return False
        if self.company < 2:
            if said > self.company + 1:
                return True
        elif said < 2:
            return False
        if not self._within(REACH_MS, _OURS):
            return True
        return apart_ms(self._offset_ms[place], self._offset_ms[_OURS]) > 0

    def _within(self, reach_ms, place):
        return abs(apart_ms(self._offset_ms[place], self._utc_offset_ms)) < reach_ms

    def _move(self, place, now_ms):
        """Change to another herd; who has company goes on to visit the one that it leaves, and brings it along."""
        offset_ms = self._offset_ms[place]
        pattern = self._pattern[place]
        self._visits[place] = 0
        if self.company:
            self._visit(place, self._offset_ms[_OURS], self._pattern[_OURS])
        self._offset_ms[_OURS] = offset_ms
        self._pattern[_OURS] = pattern
        self.company = self._said[place]
        self.joined = True
        self._moved_ms = now_ms
