"""One virtual token: a MicroPython process and the silicon around it.

The process asks (see port/bus.py and docs/VIRTUAL.md), this class answers at once or leaves the
question standing until the world's time has come. All state that survives a reset of the chip is
here; all that a cut of power takes is in `_power_on`.
"""

from __future__ import annotations

import struct
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, ClassVar

from bluetoken.virtual.air import NEVER_US
from bluetoken.virtual.cable import Cable
from bluetoken.virtual.controller import COMMAND, SUCCESS, Controller, is_report, status
from bluetoken.virtual.flash import Flash, PowerCut
from bluetoken.virtual.interpreter import Processor
from bluetoken.virtual.meter import Meter, State

PATIENCE_S = 0.15  # so long an interrupt waits for a question that it may be answered with
INTERRUPT_S = 1.0  # an interpreter that dies so soon after a SIGINT died of it
INTERRUPTED = 0x80  # in an answer's operation: and a Ctrl-C came
SLICE_US = 20_000  # reports reach the handler at most this late
REPLY_LIMIT_BYTES = 3500
STRIP_LIMIT = 50_000  # changes of light and motor that are kept: a token that is well makes 5760 a day

PWRON, HARD, WDT, DEEPSLEEP, SOFT = 1, 2, 3, 4, 5

IDLE, LIGHT = 0, 1
WAKE_US = 1000  # so long the chip takes to fall asleep and wake; estimated
WOKEN = b"\x01"  # the answer to a light sleep that a pin ended
HCI_RESET, HCI_SET_EVENT_MASK = b"\x03\x0c", b"\x01\x0c"  # a host begins with both, and ends with the first


class Oscillator:
    """A token's own microseconds: the world's, `ppm` parts in a million fast."""

    def __init__(self, ppm: float) -> None:
        self._rate = 1 + ppm / 1e6

    def read(self, world_us: int) -> int:
        return int(world_us * self._rate)

    def when(self, reading_us: int) -> int:
        """The first world microsecond at which it reads that much."""
        return int(-(-reading_us // self._rate))


@dataclass
class HeapUse:
    """What a token's program held after collections, where its interpreter reports that."""

    collections: int = 0
    used: int = 0
    highest: int = 0
    longest_free: int = 0

    def note(self, used: int, longest_free: int) -> None:
        self.collections += 1
        self.used, self.longest_free = used, longest_free
        self.highest = max(self.highest, used)


class VirtualToken:
    """A token on the workbench of `world`.

    Attributes
    ----------
    running : the process computes, and the world's time waits for it.
    wake_us : when it wants to go on by itself, if it sleeps.
    strip : the newest changes of its outputs, (world's us, GPIO, level); strip.py reads signs from it.
    """

    def __init__(
        self,
        node: int,
        name: str,
        flash: Flash,
        controller: Controller,
        cable: Cable,
        *,
        seed: int,
        processor: Callable[[int], Processor],
        drift_ppm: float = 0.0,
        battery_mv: int = 4000,
        ble_start_us: int = 60_000,
    ) -> None:
        self.node = node
        self.name = name
        self.flash = flash
        self.controller = controller
        self.cable = cable
        self.oscillator = Oscillator(drift_ppm)
        self._new_processor = processor
        self.random = Random(f"{seed}/token/{node}")
        self.unique_id = bytes([0x02, 0xB1, 0x0E]) + self.random.randbytes(3)
        self.pins: dict[int, int] = {}
        self.analog_uv: dict[int, int] = {}
        self.strip: deque[tuple[int, int, int]] = deque(maxlen=STRIP_LIMIT)
        self.battery_mv = battery_mv
        self.ble_start_us = ble_start_us
        self.resets: list[tuple[int, int]] = []
        self.now_us = 0
        self.local_us = 0
        self.process: Processor | None = None
        self.heap = HeapUse()
        self.meter = Meter()
        self._radio_on = False
        self.computed_us = 0  # what its program has computed, where its processor counts that
        self.running = False
        self.session = False
        self._held = self._ahead = self._sleeps_deeply = False
        self.asleep = IDLE
        self.wake_us = NEVER_US
        self.watchdog_us = NEVER_US
        self.spoke_s = 0.0
        self._power_on()

    # Power and resets.

    def _power_on(self) -> None:
        self._rtc_offset_us = -self.oscillator.read(self.local_us)  # the RTC begins at 2000-01-01
        self._memory = b""
        self._watchdog_timeout_us = 0
        self.watchdog_us = NEVER_US

    def power_up(self, at_us: int) -> None:
        self.now_us = self.local_us = max(at_us, self.local_us)
        self._power_on()
        self._start(PWRON)

    def power_down(self, at_us: int) -> None:
        self.now_us = at_us
        self._stop()
        self.local_us = at_us
        self.watchdog_us = NEVER_US

    @property
    def powered(self) -> bool:
        return self.process is not None or self._sleeps_deeply

    def jump_clock(self, at_us: int, by_s: int) -> None:
        """The RTC is suddenly wrong; the chip restarts, as it does after a glitch of its supply."""
        if self.powered:
            self._rtc_offset_us += by_s * 1_000_000
            self.reset(at_us, HARD)

    def reset(self, at_us: int, cause: int) -> None:
        self.now_us = max(self.now_us, at_us)
        self._stop()
        self.local_us = max(self.local_us, at_us)
        self._start(cause)

    def _start(self, cause: int, raw: bool = False) -> None:
        if self._held:
            self.local_us = self.now_us
        self.resets.append((self.local_us, cause))
        self.meter.boots += cause != SOFT
        self._cause, self._raw = cause, raw
        if cause not in (SOFT,):
            self._watchdog_timeout_us = 0
            self.watchdog_us = NEVER_US
        self._start_us = self.oscillator.read(self.local_us)
        self._clock_us = 0  # what the program believes it is: it does not go back in a boot
        self._rx = bytearray()
        self._question: tuple[int, int, bytes] | None = None
        self._ahead = False
        self._interrupts = True
        self._introduced = False
        self._interruptible = False
        self._interrupt_wanted = False
        self._wanted_s = self._signalled_s = 0.0
        self._sleeps_deeply = False
        self.session = raw
        self.asleep = IDLE
        self._wake_level, self._wake_pins = 0, b""
        self.wake_us = NEVER_US
        self.process = self._new_processor(self.flash.fd)
        self.running = True
        self.spoke_s = time.monotonic()
        self._note_state()

    def _stop(self) -> None:
        self._sleeps_deeply = False
        self._radio_off()
        self.running = False
        self.wake_us = NEVER_US
        if self.process is None:
            return
        self.cable.write(self.process.kill())
        self.process = None
        self._note_state()

    # What the battery notices.

    @property
    def _state(self) -> State:
        if self.process is None:
            return State.DEEP_SLEEP if self._sleeps_deeply else State.OFF
        if self.asleep == LIGHT:
            return State.LIGHT_SLEEP
        if self.controller.listening:
            return State.RECEIVE
        # A connection too is RADIO: it speaks and hears for a millisecond of each interval, 30 ms and more.
        return State.RADIO if self._radio_on else State.CPU

    def _note_state(self) -> None:
        # A host's program that runs while time stands still is not part of the day.
        if not self._ahead:
            self.meter.enter(self._state, self.local_us)

    def _radio_off(self) -> None:
        adverts = self.controller.adverts
        self.controller.off(self.local_us)
        self.meter.adverts += self.controller.adverts - adverts
        self._radio_on = False

    def drain(self) -> None:
        """Move what the program printed on to the cable."""
        if self.process is not None:
            printed = self.process.printed()
            if printed:
                self.cable.write(printed)

    # The pins' levels from outside.

    def drive(self, pin: int, level: int, at_us: int) -> None:
        """A button, or the sense of USB power; may end a light sleep."""
        self.pins[pin] = level
        if self.process is not None and self.asleep == LIGHT and self._is_woken:
            self.now_us = max(self.now_us, at_us)
            self.local_us = max(self.local_us, at_us)
            self._answer(WOKEN)

    @property
    def _is_woken(self) -> bool:
        return any(self.pins.get(pin, 0) == self._wake_level for pin in self._wake_pins)

    # The cable's bytes.

    @property
    def reachable(self) -> bool:
        """Native USB is gone while the chip sleeps."""
        return self.process is not None and self.asleep == IDLE

    def receive(self, data: bytes) -> None:
        """Bytes from the host; 0x03 interrupts as the chip's receive interrupt does."""
        if not self.reachable:
            return
        for byte in data:
            reading = self._question is not None and self._question[0] == ord("U")
            if byte == 3 and self._interrupts and not reading:
                self._interrupt_wanted = True
                self._wanted_s = time.monotonic()
            else:
                self._rx.append(byte)
        self.attend()

    @property
    def wants_bytes(self) -> bool:
        return len(getattr(self, "_rx", b"")) < 1024

    def attend(self) -> None:
        """Deliver what can be delivered now: waiting input, an interrupt."""
        if self._rx and self._question and self._question[0] == ord("U"):
            data = bytes(self._rx[:1024])
            del self._rx[:1024]
            self.session = True
            self._answer(data)
        elif self._interrupt_wanted and self._interruptible and self.process:
            if self._question:
                if not self._ahead:
                    self.local_us = max(self.local_us, self.now_us)
                self._answer()
            elif time.monotonic() - self._wanted_s > PATIENCE_S:
                self._interrupt_wanted = False
                self._signalled_s = time.monotonic()
                self.process.interrupt()

    @property
    def interrupt_pending(self) -> bool:
        return getattr(self, "_interrupt_wanted", False)

    # Questions and answers.

    def serve(self, now_us: int, hold: bool) -> None:
        """Read one question and answer it, or leave it standing and be `running` no more.

        `hold` is set while the world's time stands still for a desk. A program that a host started
        over the cable then costs no time, or how long the host takes would change the day; only its
        sleeps move its own clock, and the next start forgets them.
        """
        assert self.process is not None
        request = self.process.question()
        if not request:
            self._died(now_us)
            return
        self.spoke_s = time.monotonic()
        self.now_us = now_us
        operation, tag, reading_us = struct.unpack_from("<BBQ", request)
        if self.process.counts_time:
            self.computed_us += max(reading_us - self._clock_us, 0)
        self._clock_us = reading_us
        self._held = hold
        self._ahead = hold and self.session
        if not self._ahead:
            self.local_us = max(self.local_us, now_us, self.oscillator.when(reading_us))
        self._question = (operation, tag, request[10:])
        self.running = False
        try:
            self._OPERATIONS[operation](self, request[10:])
        except PowerCut:
            self.on_power_cut()

    def _died(self, now_us: int) -> None:
        """The interpreter ended by itself, which the chip would call a panic."""
        assert self.process is not None
        self.drain()
        if not self._introduced:
            code = self.process.wait()
            raise RuntimeError(f"the interpreter of {self.name} ended with {code} before its first question")
        if time.monotonic() - self._signalled_s < INTERRUPT_S:
            # The unix port raises KeyboardInterrupt in its signal handler, and not always survives it.
            rest = self._rx
            self._stop()
            self._start(SOFT, raw=True)
            self._rx = rest
        else:
            self.reset(now_us, HARD)

    def on_power_cut(self) -> None:
        """The flash lost its supply: the world replaces this to say when power comes back."""
        self.power_down(self.local_us)

    def _answer(self, result: bytes = b"", events: list[tuple[int, bytes]] | None = None) -> None:
        assert self._question is not None and self.process is not None
        operation, tag, _ = self._question
        self._question = None
        self.wake_us = NEVER_US
        self.asleep = IDLE
        self._note_state()
        self.running = True
        self.spoke_s = time.monotonic()
        if self._interrupt_wanted and self._interruptible and operation not in self.process.uninterruptible:
            self._interrupt_wanted = False
            operation |= INTERRUPTED
        now = self.oscillator.read(self.local_us)
        self._clock_us = max(self._clock_us, now)
        reply = bytearray(struct.pack("<BBQH", operation, tag, now, len(result)) + result)
        for at_us, packet in events or ():
            reply += struct.pack("<IB", max(now - self.oscillator.read(at_us), 0), len(packet)) + packet
        self.process.answer(bytes(reply))

    def due_us(self) -> int:
        """When this token next needs the world's attention by itself."""
        return min(self.wake_us, self.watchdog_us)

    def due(self, now_us: int) -> None:
        """The world's time has come to due_us()."""
        self.now_us = now_us
        if now_us >= self.watchdog_us:
            self.reset(now_us, WDT)
        elif self._sleeps_deeply:
            self.local_us = now_us
            self._start(DEEPSLEEP)
        elif self._question and self._question[0] == ord("S"):
            self.local_us = max(self.local_us, now_us)
            self._continue_sleep()
        elif self._question:  # it waits busily, and may hear meanwhile
            self.local_us = max(self.local_us, now_us)
            hears = self._question[0] == ord("T")
            self._answer(events=self._fitting(self.controller.reports(self.local_us)) if hears else None)

    def _continue_sleep(self) -> None:
        assert self._question is not None
        until_us = self._until_us
        events: list[tuple[int, bytes]] = []
        if self.controller.expecting:
            events = self._fitting(self.controller.reports(self.local_us))
        if events or self.local_us >= until_us:
            self._answer(WOKEN if self.asleep == LIGHT and self._is_woken else b"", events)
            return
        self.wake_us = until_us
        if self.controller.expecting:
            self.wake_us = min(until_us, self.local_us + SLICE_US)

    def _fitting(self, events: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
        """As many reports as fit into one datagram; a crowd beyond that is the host's overflow.

        What happens to a connection is no report, comes seldom, and is never lost.
        """
        room = REPLY_LIMIT_BYTES
        fitting = []
        for at_us, packet in events:
            if is_report(packet):
                room -= len(packet) + 5
                if room < 0:
                    self.controller.lost_reports += 1
                    continue
            fitting.append((at_us, packet))
        return fitting

    # What the chip can be asked.

    def _sleep(self, body: bytes) -> None:
        until_us, kind = struct.unpack("<QB", body)
        self._until_us = self.oscillator.when(until_us)
        if self._ahead:
            self.local_us = max(self.local_us, self._until_us)
            self._answer()
            return
        if kind == LIGHT:
            self._radio_off()
            if self._is_woken:  # by a level, not by a change: it hardly falls asleep
                self._until_us = min(self._until_us, self.local_us + WAKE_US)
        self.asleep = kind
        self._note_state()
        self._continue_sleep_at(self.local_us)

    def _continue_sleep_at(self, at_us: int) -> None:
        self.wake_us = self._until_us
        if self.controller.expecting:
            self.wake_us = min(self.wake_us, at_us + SLICE_US)

    def _sync(self, body: bytes) -> None:
        if self._ahead or self.local_us <= self.now_us:
            self._answer()
        else:
            self.wake_us = self.local_us

    def _poll(self, body: bytes) -> None:
        """A program computes, which takes time on its clock; while time stands still it need not wait for the world."""
        if self._held:
            self._answer()
        else:
            self._sync(body)

    def _hci(self, body: bytes) -> None:
        """Data of a connection, or commands, none of which is carried out after one that was refused."""
        if body[0] != COMMAND:
            self._answer(self.controller.send(body, self.local_us))
            return
        events, refused = b"", False
        while body and not refused:
            size = 4 + body[3]
            event = self._carry_out(body[:size])
            refused = status(event) != SUCCESS
            events += event
            body = body[size:]
        self._answer(events)

    def _carry_out(self, command: bytes) -> bytes:
        opcode = command[1:3]
        if opcode == HCI_RESET and not self.controller.advertising:
            self.local_us += self.ble_start_us
        adverts = self.controller.adverts
        event = self.controller.send(command, self.local_us)
        self.meter.adverts += self.controller.adverts - adverts
        self.meter.ble_starts += opcode == HCI_SET_EVENT_MASK
        self._radio_on = opcode == HCI_SET_EVENT_MASK or (self._radio_on and opcode != HCI_RESET)
        return event

    def _flash(self, body: bytes) -> None:
        operation, offset = struct.unpack_from("<BI", body)
        if operation == 3:
            self._answer(struct.pack("<I", self.flash.blocks))
            return
        took_us = self.flash.program(offset, body[5:]) if operation == 1 else self.flash.erase(offset)
        self.controller.stall(self.local_us, self.local_us + took_us)
        if not self._ahead:
            self.local_us += took_us
        self._answer()

    def _pin(self, body: bytes) -> None:
        pin, value = struct.unpack("<Bb", body)
        if value >= 0:
            if self.pins.get(pin) != value:
                self.strip.append((self.local_us, pin, value))
            self.pins[pin] = value
        self._answer(bytes([self.pins.get(pin, 0)]))

    def _wake(self, body: bytes) -> None:
        self._wake_level, self._wake_pins = body[0], body[1:]
        self._answer()

    def _adc(self, body: bytes) -> None:
        self._answer(struct.pack("<I", self.analog_uv.get(body[0], 0)))

    def _rtc_memory(self, body: bytes) -> None:
        if body:
            self._memory = body[1:]
        self._answer(self._memory)

    def _rtc(self, body: bytes) -> None:
        if body:
            (self._rtc_offset_us,) = struct.unpack("<q", body)
        self._answer(struct.pack("<q", self._rtc_offset_us))

    def _reset_request(self, body: bytes) -> None:
        kind, until_us = struct.unpack("<BQ", body)
        at_us = self.local_us
        self._stop()
        self.local_us = at_us
        if kind == 2:
            self._sleeps_deeply = True
            self.watchdog_us = NEVER_US  # the task watchdog sleeps too
            self.asleep = LIGHT
            self._note_state()
            self.wake_us = self.oscillator.when(until_us)
        else:
            self._start(SOFT if kind & 1 else HARD, raw=bool(kind & 0x10))

    def _heap(self, body: bytes) -> None:
        self.heap.note(*struct.unpack("<II", body))
        self._answer()

    def _watchdog(self, body: bytes) -> None:
        (timeout_ms,) = struct.unpack("<I", body)
        if timeout_ms:
            self._watchdog_timeout_us = timeout_ms * 1000
        if self._watchdog_timeout_us:
            self.watchdog_us = self.local_us + self._watchdog_timeout_us
        self._answer()

    def _random_bytes(self, body: bytes) -> None:
        self._answer(self.random.randbytes(struct.unpack("<H", body)[0]))

    def _info(self, body: bytes) -> None:
        self._introduced = True
        self._answer(struct.pack("<BBQ6s", self._cause, self._raw, self._start_us, self.unique_id))

    def _input(self, body: bytes) -> None:
        self._interrupt_wanted = False
        self.attend()

    def _keyboard(self, body: bytes) -> None:
        self._interruptible = True
        if body[0] == 2:
            self._interrupt_wanted = True
            self._wanted_s = time.monotonic()
        else:
            self._interrupts = bool(body[0])
            self._interrupt_wanted &= self._interrupts
        self._answer()

    _OPERATIONS: ClassVar[dict[int, Any]] = {
        ord("S"): _sleep,
        ord("T"): _sync,
        ord("P"): _poll,
        ord("H"): _heap,
        ord("C"): _hci,
        ord("F"): _flash,
        ord("G"): _pin,
        ord("E"): _wake,
        ord("A"): _adc,
        ord("M"): _rtc_memory,
        ord("D"): _rtc,
        ord("R"): _reset_request,
        ord("W"): _watchdog,
        ord("Y"): _random_bytes,
        ord("I"): _info,
        ord("U"): _input,
        ord("K"): _keyboard,
    }
