"""Whatever is raised is logged, counted and survived."""

import sys

import chip
from loading import load
from raising import raised
from skipping import MICROPYTHON
from storage import exists, fresh_folder, read, write

LIMIT_BYTES = 2048
WATCHDOG_RESET = 3


class Interrupt(BaseException):
    """Ctrl-C, without ending the test run."""


def fresh(issued=True):
    """Return (chip, power, supervisor) of a token that was switched on and perhaps issued."""
    silicon = chip.switch_on()
    power, settings, supervisor = load("power", "settings", "supervisor")
    folder = fresh_folder()
    supervisor.CRASH_LOG = folder + "/crash.log"
    supervisor.forgotten = []  # a test has other uses for the memory
    supervisor.forget = lambda: supervisor.forgotten.append(True)
    settings._PATH = folder + "/token.json"
    if issued:
        settings.save(settings.Settings(b"12345678", b"87654321", "", 21, 0xFD6F, bytes(32), b""))
    if not MICROPYTHON:
        sys.print_exception = print_exception
    return silicon, power, supervisor


def print_exception(error, file):
    """What MicroPython's sys has and CPython's has not."""
    file.write("Traceback (most recent call last):\n%s: %s\n" % (type(error).__name__, error))


def application(supervisor, error):
    """Have the application raise; returns a list that grows with each run."""
    runs = []

    def run_app(board, told):
        runs.append(told)
        raise error

    supervisor.run_app = run_app
    return runs


def log_of(supervisor):
    return read(supervisor.CRASH_LOG).decode()


def wait_no_longer():
    raise Interrupt


# The crash log.


def test_the_log_says_what_and_which():
    _, _, supervisor = fresh()
    supervisor.log(ValueError("the cat"), 3)
    text = log_of(supervisor)
    assert "crash 3 at" in text and "ValueError" in text and "the cat" in text


def test_the_log_takes_a_sentence():
    _, _, supervisor = fresh()
    supervisor.log("the watchdog ended the last run")
    assert log_of(supervisor).endswith("the watchdog ended the last run\n")


def test_the_log_is_bounded_and_keeps_the_newest():
    _, _, supervisor = fresh()
    longest = 0
    for number in range(300):
        supervisor.log(ValueError("fault number %d" % number), number)
        longest = max(longest, len(log_of(supervisor)))
        assert "fault number %d" % number in log_of(supervisor)
    assert LIMIT_BYTES < longest < LIMIT_BYTES + 400


def test_an_old_long_log_is_halved():
    _, _, supervisor = fresh()
    write(supervisor.CRASH_LOG, b"a" * 3000 + b"b" * 3000)
    supervisor.log("more")
    text = log_of(supervisor)
    assert "a" not in text[:3000] and text.startswith("b" * 3000) and text.endswith("more\n")


def test_no_room_for_the_log_is_survived():
    _, _, supervisor = fresh()
    supervisor.CRASH_LOG = "/no/such/folder/crash.log"
    supervisor.log(ValueError("nowhere to go"))


# Crashes.


def test_a_crash_is_logged_counted_and_followed_by_a_restart():
    _, power, supervisor = fresh()
    application(supervisor, ValueError("the cat"))
    for crashes in (1, 2, 3):
        raised(chip.Restarted, supervisor.run)
        assert power.retained().crashes == crashes
    assert log_of(supervisor).count("the cat") == 3


def test_a_crash_costs_neither_the_clock_s_state_nor_the_boot():
    _, power, supervisor = fresh()
    power.retain(clock_state=2, set_s=77, boot=5)
    application(supervisor, ValueError())
    raised(chip.Restarted, supervisor.run)
    assert tuple(power.retained()) == (2, 1, 0, 0, 77, 5, 0)


def test_after_crashes_in_a_row_it_waits_for_the_desk():
    silicon, power, supervisor = fresh()
    runs = application(supervisor, ValueError())
    for _ in range(supervisor.CRASHES_IN_A_ROW):
        raised(chip.Restarted, supervisor.run)
    silicon.when_sleeping = wait_no_longer
    raised(Interrupt, supervisor.run)
    assert len(runs) == supervisor.CRASHES_IN_A_ROW
    assert power.retained().crashes == supervisor.CRASHES_IN_A_ROW


def test_a_hang_counts_as_a_crash():
    silicon, power, supervisor = fresh()
    silicon.reset_cause = WATCHDOG_RESET
    application(supervisor, Interrupt())
    raised(Interrupt, supervisor.run)
    assert power.retained().crashes == 1 and "watchdog" in log_of(supervisor)


def test_a_token_never_issued_waits_awake_and_fed():
    silicon, _, supervisor = fresh(issued=False)
    runs = application(supervisor, ValueError())

    def three_rounds():
        if len(silicon.slept_ms) >= 3:
            raise Interrupt

    silicon.when_sleeping = three_rounds
    raised(Interrupt, supervisor.run)
    assert runs == [] and silicon.fed >= 3 and silicon.light_slept_ms == []


# The cable.


def test_ctrl_c_is_no_crash():
    _, power, supervisor = fresh()
    for interrupt in (KeyboardInterrupt, Interrupt):
        application(supervisor, interrupt())
        raised(interrupt, supervisor.run)
    assert len(supervisor.forgotten) == 2
    assert power.retained().crashes == 0 and not exists(supervisor.CRASH_LOG)


def test_ctrl_c_leaves_the_desk_time():
    silicon, power, supervisor = fresh()
    application(supervisor, KeyboardInterrupt())
    raised(KeyboardInterrupt, supervisor.run)
    assert silicon.watchdogs_ms == [power.WATCHDOG_MS, power.DESK_WATCHDOG_MS]


def test_the_application_is_closed_whatever_it_raises():
    _, _, supervisor = fresh()
    closed = []

    class App:
        def __init__(self, board, told):
            pass

        def run(self):
            raise OSError("flash")

        def close(self):
            closed.append(True)

    class Module:
        pass

    Module.App = App
    sys.modules["wearable.app"] = Module
    try:
        raised(OSError, supervisor.run_app, None, None)
    finally:
        del sys.modules["wearable.app"]
    assert closed == [True]
