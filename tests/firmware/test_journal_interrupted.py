"""Ctrl-C at every step of a commit: the batch is there once and whole, and so is the one after it."""

from raising import raised
from storage import fresh_folder, read
from wearable import journal as journals
from wearable import reading, records, sealing
from wearable.journal import Journal
from wearable.sealing import Chain
from writing import body, header

FIRST = bytes(range(32))
SPAN_S = 60
STEPS = 13  # before and behind each of seek, two writes, close and advance; behind three assignments


class Interrupt(BaseException):
    """Ctrl-C, without ending the test run."""


class Hand:
    """Presses Ctrl-C at step `at`, once; counts them all."""

    def __init__(self):
        self.at = None
        self.steps = 0

    def step(self):
        self.steps += 1
        if self.steps == self.at:
            raise Interrupt

    def around(self, function, *arguments):
        self.step()
        function(*arguments)
        self.step()


IDLE = Hand()


class File:
    """A file that may be interrupted before and behind whatever is done to it."""

    def __init__(self, file, hand):
        self._file = file
        self._hand = hand

    def seek(self, offset):
        self._hand.around(self._file.seek, offset)

    def write(self, data):
        self._hand.around(self._file.write, data)

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        if raised[0]:
            self._file.close()
        else:
            self._hand.around(self._file.close)


class InterruptedChain(Chain):
    """A chain that may be interrupted in the middle of its step."""

    hand = IDLE

    def advance(self):
        self.hand.around(super().advance)

    @property
    def _taken(self):
        return self._is_taken

    @_taken.setter
    def _taken(self, value):
        self._is_taken = value
        if not value:
            self.hand.step()


class InterruptedJournal(Journal):
    """A journal that may be interrupted behind each assignment of a commit."""

    hand = IDLE

    @property
    def _end(self):
        return self._its_end

    @_end.setter
    def _end(self, value):
        self._its_end = value
        self.hand.step()

    @property
    def batches(self):
        return self._its_batches

    @batches.setter
    def batches(self, value):
        self._its_batches = value
        self.hand.step()


class WithoutRepetition(InterruptedJournal):
    """What a journal would be that does not finish what Ctrl-C cut in two."""

    _tried = -1

    def _commit(self, number, start, batch):
        if number != self._tried:
            self._tried = number
            super()._commit(number, start, batch)


def opened(journal):
    """Return the marks of the batches that open with the segment's first secret, and how many bytes are left over."""
    data = read(journal.path(1))
    chain = Chain(FIRST)
    sealed_header = data[: records.HEADER_BYTES]
    place = [records.HEADER_BYTES]

    def take(count):
        place[0] += count
        return data[place[0] - count : place[0]]

    marks = []
    left = len(data) - records.HEADER_BYTES
    for batch in records.batches(1, take):
        try:
            plain = chain.unseal(sealed_header, batch.head, batch.payload)
        except ValueError:
            break
        chain.advance()
        marks.append(reading.unpack_body(plain, 0).periods)
        left -= records.BATCH_OVERHEAD_BYTES + len(batch.payload)
    return marks, left


def interrupted(kind, at):
    """Have the second of three batches interrupted at a step; returns what is there in the end, and the steps."""
    hand = Hand()
    journal = kind(fresh_folder() + "/journal")
    chain = InterruptedChain(FIRST)
    journal.open(header(), chain)
    journal.append(SPAN_S, body(1, 3))
    hand.at = at
    chain.hand = journal.hand = hand
    journals.open = lambda path, mode: File(open(path, mode), hand)  # found before the built-in one
    try:
        if at is None:
            journal.append(SPAN_S, body(2, 4))
        else:
            raised(Interrupt, journal.append, SPAN_S, body(2, 4))
    finally:
        del journals.open
    steps = hand.steps
    hand.at = None
    journal.append(SPAN_S, body(3, 2))
    journal.close()
    return opened(journal), steps


def half_wiped(wipe):
    calls = []

    def wiping(secret):
        calls.append(secret)
        if len(calls) == 2:  # the second batch's
            wipe(memoryview(secret)[: len(secret) // 2])
            raise Interrupt
        wipe(secret)

    return wiping


def test_ctrl_c_at_any_step_of_a_commit_loses_nothing_and_doubles_nothing():
    found, steps = interrupted(InterruptedJournal, None)
    assert found == ([1, 2, 3], 0) and steps == STEPS
    for at in range(1, steps + 1):
        found, _ = interrupted(InterruptedJournal, at)
        assert found == ([1, 2, 3], 0), at


def test_ctrl_c_in_the_middle_of_forgetting_a_key_loses_nothing():
    journal = Journal(fresh_folder() + "/journal")
    journal.open(header(), Chain(FIRST))
    journal.append(SPAN_S, body(1))
    wipe, sealing.wipe = sealing.wipe, half_wiped(sealing.wipe)
    sealing.wipe(bytearray(1))  # so that the next is the second
    try:
        raised(Interrupt, journal.append, SPAN_S, body(2))
    finally:
        sealing.wipe = wipe
    journal.append(SPAN_S, body(3))
    journal.close()
    assert opened(journal) == ([1, 2, 3], 0)


def test_without_the_repetition_batches_would_be_lost():
    """The test above sees it: a journal that does not finish an interrupted commit loses batches at most steps."""
    _, steps = interrupted(WithoutRepetition, None)
    lost = [at for at in range(1, steps + 1) if interrupted(WithoutRepetition, at)[0] != ([1, 2, 3], 0)]
    assert len(lost) >= steps // 2
