"""A day of the journal on littlefs, and power that fails in any program or erase of it (tests/e2e has them all)."""

from raising import raised
from skipping import MICROPYTHON, not_on_32_bits, only_on_micropython

SAMPLE = 200
HOUR_PERIODS = 120

if MICROPYTHON:
    import day_of_cuts


def here():
    only_on_micropython("CPython has no littlefs")
    not_on_32_bits("a day and its images want megabytes of heap")


def test_a_cut_in_any_operation_of_a_day_costs_no_committed_batch():
    here()
    day = day_of_cuts.Day()
    step = max(len(day.log) // SAMPLE, 1)
    figures = day_of_cuts.Figures(day, range(step // 2, len(day.log), step))
    print("every %dth operation:" % step, figures)
    assert figures.survived == figures.tried >= SAMPLE
    assert figures.torn_erases >= 5
    assert figures.lost_s <= figures.at_stake_s <= day_of_cuts.LOSS_LIMIT_S


def test_every_erase_of_a_day_torn():
    here()
    day = day_of_cuts.Day()
    erases = [n for n, (_, data) in enumerate(day.log) if data is None]
    figures = day_of_cuts.Figures(day, erases, 1)
    assert figures.survived == figures.torn_erases == len(erases) > 100


def test_a_journal_that_wrote_later_than_it_says_would_be_found_out():
    here()

    class Late(day_of_cuts.WatchedJournal):
        held = None

        def _commit(self, number, start, batch):
            # What is put into flash is the batch before; this one is there when the next one comes.
            self.write_held()
            self.held = start, batch
            self._chain.advance()
            self._end = start + len(batch)
            self.batches = number + 1

        def write_held(self):
            if self.held:
                with open(self.path(self._number), "r+b") as file:
                    file.seek(self.held[0])
                    file.write(self.held[1])
            self.held = None

        def close(self):
            self.write_held()
            super().close()

    whole, day_of_cuts.WatchedJournal = day_of_cuts.WatchedJournal, Late
    try:
        day = day_of_cuts.Day(3 * HOUR_PERIODS)
        raised(AssertionError, day_of_cuts.Figures, day, range(len(day.log)))
    finally:
        day_of_cuts.WatchedJournal = whole
