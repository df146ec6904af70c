"""What passes between token and wearer."""

import chip
from loading import load

LOW_MV = 3700


class Part:
    def __init__(self):
        self.on = False
        self.pulses = 0

    def set(self, on):
        self.pulses += on and not self.on
        self.on = on


class Board:
    def __init__(self):
        self.light = Part()
        self.motor = Part()
        self.low_mv = LOW_MV
        self.mv = 4000
        self.usb = False
        self.down = False

    def usb_present(self):
        return self.usb

    def battery_mv(self):
        return self.mv

    def button_pressed(self):
        return self.down


class Clock:
    def up_s(self):
        return chip.current().rtc_ms // 1000


def fresh():
    """Return (board, Wearer)."""
    chip.switch_on()
    board = Board()
    return board, load("wearer").Wearer(board, Clock())


def flashes(board, wearer, clock_lost=False, full=False):
    before = board.light.pulses
    wearer.show_state(clock_lost, full)
    return board.light.pulses - before


def test_the_most_urgent_sign_there_is():
    board, wearer = fresh()
    assert flashes(board, wearer) == 1
    assert flashes(board, wearer, full=True) == 4
    assert flashes(board, wearer, clock_lost=True, full=True) == 3
    board.mv = LOW_MV - 1
    for _ in range(5):
        wearer.look_at_battery()
    assert flashes(board, wearer, clock_lost=True, full=True) == 2


def test_on_usb_power_the_light_stays_on_and_goes_out_when_it_is_gone():
    board, wearer = fresh()
    board.usb = True
    wearer.show_state(False, True)
    assert board.light.on
    board.usb = False
    wearer.show_state(False, False)
    assert not board.light.on


def test_a_charger_says_nothing_of_the_battery():
    board, wearer = fresh()
    board.usb, board.mv = True, LOW_MV - 100
    for _ in range(20):
        wearer.look_at_battery()
    board.usb = False
    assert flashes(board, wearer) == 1


def test_paused_is_said_before_all_else_and_on_usb_power_too():
    board, wearer = fresh()
    wearer.paused = True
    for board.usb in (False, True):
        before = board.light.pulses
        wearer.show_state(True, True)
        assert board.light.pulses - before >= 2 and board.light.on is board.usb
    assert board.motor.pulses == 2


def test_a_press_goes_through_as_button_py_has_it():
    board, wearer = fresh()
    button = load("button")
    assert wearer.pressed() == button.NOTHING
    board.down = True
    wearer.pressed()
    assert wearer.is_pressing()
    chip.current().pass_ms(button.LONG_MS)
    assert wearer.pressed() == button.LONG
