# ruff: noqa
"""Corrections to micropython-esp32-stubs 1.27.0.post1; facts from MicroPython v1.27.0, ports/esp32 and extmod."""

from _mpy_shed import AnyReadableBuf
from collections.abc import Callable
from typing import Any, overload

# In the stub from other ports; not in extmod/modmachine.c nor MICROPY_PY_MACHINE_EXTRA_GLOBALS of ports/esp32/modmachine.c.
del ATTN_0DB, ID_T, IDLE, WLAN_WAKE, RTC_WAKE, const

# The stub has two more overloads with `self`. machine_freq in extmod/modmachine.c, MICROPY_PY_MACHINE_FREQ_NUM_ARGS_MAX 1.
@overload
def freq() -> int: ...
@overload
def freq(hz: int, /) -> None: ...

# `sleep` is machine.lightsleep under an old name. The stub takes no time.
def sleep(time_ms: int = ..., /) -> None: ...

class Pin:
    # In the stub from other ports; not in machine_pin_locals_dict_table of machine_pin.c. There is no way
    # to ask a pin of its mode, pull or drive.
    del ALT, ALT_OPEN_DRAIN, ANALOG, PULL_HOLD, IRQ_LOW_LEVEL, IRQ_HIGH_LEVEL
    del mode, pull, drive

    # Pin.board.<name of the board's pins.csv>. The stub lacks it.
    board: Any

    # The stub lacks hold=, has alt=, and wants an int where None is "none" (machine_pin_obj_init_helper).
    def __init__(
        self,
        id: int | str | Pin,
        /,
        mode: int | None = None,
        pull: int | None = -1,
        *,
        value: Any = ...,
        drive: int = ...,
        hold: bool = ...,
    ) -> None: ...
    def init(
        self,
        mode: int | None = None,
        pull: int | None = -1,
        *,
        value: Any = ...,
        drive: int = ...,
        hold: bool = ...,
    ) -> None: ...

    # The stub has priority= and hard=, wake= as a keyword only (machine_pin_irq).
    def irq(
        self,
        handler: Callable[[Pin], Any] | None = None,
        trigger: int = ...,
        wake: int | None = None,
    ) -> Any: ...
    def toggle(self) -> None: ...

class ADC:
    del VREF, CORE_VREF, CORE_VBAT, CORE_TEMP

    # The stub requires sample_ns=; there is only atten= (madc_init_helper in machine_adc.c).
    def __init__(self, pin: int | Pin, /, *, atten: int = ...) -> None: ...
    def init(self, *, atten: int = ...) -> None: ...
    def deinit(self) -> None: ...
    def atten(self, atten: int, /) -> None: ...
    def width(self, bits: int, /) -> None: ...

class PWM:
    # The stub lacks duty=, invert=, lightsleep=, and freq by position (mp_machine_pwm_init_helper).
    def __init__(
        self,
        dest: int | Pin,
        /,
        freq: int = ...,
        *,
        duty: int = ...,
        duty_u16: int = ...,
        duty_ns: int = ...,
        invert: bool = ...,
        lightsleep: bool = ...,
    ) -> None: ...
    def init(
        self,
        freq: int = ...,
        *,
        duty: int = ...,
        duty_u16: int = ...,
        duty_ns: int = ...,
        invert: bool = ...,
        lightsleep: bool = ...,
    ) -> None: ...

    # The stub takes anything.
    @overload
    def duty(self) -> int: ...
    @overload
    def duty(self, value: int, /) -> None: ...

class RTC:
    # In the stub from other ports (machine_rtc_locals_dict_table).
    del ALARM0, alarm

    # The stub takes id and datetime=. mp_arg_check_num(n_args, n_kw, 0, 0, false) in machine_rtc_make_new.
    def __init__(self) -> None: ...

    # The stub lets shorter tuples and none pass: init wants (year, month, day, hour, minute, second, microsecond, 0)
    # of exactly 8, datetime the weekday as its fourth
    # (machine_rtc_datetime_helper).
    def init(self, datetime: tuple[int, int, int, int, int, int, int, int], /) -> None: ...
    @overload
    def datetime(self) -> tuple[int, int, int, int, int, int, int, int]: ...
    @overload
    def datetime(self, datetimetuple: tuple[int, int, int, int, int, int, int, int], /) -> None: ...
    @overload
    def memory(self) -> bytes: ...
    @overload
    def memory(self, data: AnyReadableBuf | str, /) -> None: ...

class Timer:
    def value(self) -> int: ...

class WDT:
    # The stub has both as keywords only (machine_wdt_make_new in extmod).
    def __init__(self, id: int = 0, timeout: int = 5000) -> None: ...
