"""Real Bluetooth controllers in real time: Google's rootcanal, joined by a path-loss function.

Each virtual token gets one of rootcanal's C++ controllers and speaks HCI to it. Two things of a
real radio that rootcanal leaves out are added here:

- advDelay, the random 0-10 ms between legacy advertising events: a controller gets no tick from
  the moment its next event is due until the delay has passed. rootcanal starts its own timer
  anew at each event, so the delays add up, as Core Vol 6 Part B 4.4.2.2 has it.
- Scan windows: a legacy advert outside the receiver's scan window is not handed to it.

There are no collisions, no channels and no time on air. Extended advertising and scanning
commands reach rootcanal, but get neither advDelay nor windows. Times are in microseconds, RSSI
in dBm. Everything must be called from one thread.
"""

from __future__ import annotations

import ctypes
import random
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TypeAlias

from bluetoken.virtual.world import World

COMMAND, EVENT, COMMAND_COMPLETE, COMMAND_STATUS = 0x01, 0x04, 0x0E, 0x0F  # H4 types, HCI events
LEGACY_ADVERT = 0x0B  # first byte of a rootcanal link-layer packet

RESET, EVENT_MASK, LE_EVENT_MASK, RANDOM_ADDRESS = 0x0C03, 0x0C01, 0x2001, 0x2005
ADVERTISING_PARAMETERS, ADVERTISING_ENABLE = 0x2006, 0x200A
ADVERTISING_DATA, SCAN_RESPONSE_DATA = 0x2008, 0x2009
SCAN_PARAMETERS, SCAN_ENABLE = 0x200B, 0x200C
CREATE_CONNECTION, CANCEL_CONNECTION, DISCONNECT = 0x200D, 0x200E, 0x0406
UNSUPPORTED_FEATURE = 0x11

# Bytes of parameters: rootcanal aborts the whole process when it gets fewer.
PARAMETER_BYTES = {
    RESET: 0, EVENT_MASK: 8, LE_EVENT_MASK: 8, RANDOM_ADDRESS: 6, ADVERTISING_PARAMETERS: 15,
    ADVERTISING_DATA: 32, SCAN_RESPONSE_DATA: 32, ADVERTISING_ENABLE: 1, SCAN_PARAMETERS: 7, SCAN_ENABLE: 2,
}  # fmt: skip

SLOT_US = 625
ADV_DELAY_MAX_US = 10_000
TICK_US = 2_000

_BYTES, _INT, _SIZE = ctypes.POINTER(ctypes.c_ubyte), ctypes.c_int, ctypes.c_size_t
_Data: TypeAlias = "ctypes._Pointer[ctypes.c_ubyte]"
_SEND_HCI = ctypes.CFUNCTYPE(None, _INT, _BYTES, _SIZE)  # H4 type, data, length
_SEND_LL = ctypes.CFUNCTYPE(None, _BYTES, _SIZE, _INT, _INT)  # data, length, PHY, TX power


def _load() -> ctypes.CDLL:
    """Load rootcanal's library, or say in one sentence how to get it."""
    try:
        from rootcanal.binaries import get_package_binary_resource_path

        if not version("rootcanal").startswith("1.10."):
            raise ImportError("another version has other callbacks")
        library = ctypes.CDLL(get_package_binary_resource_path("librootcanal_ffi.so"))
    except (ImportError, OSError) as error:
        raise RuntimeError(
            "Real controllers need Google's rootcanal on Linux x86-64: "
            f"pip install rootcanal==1.10.0 ({error})"
        ) from error
    library.ffi_controller_new.restype = ctypes.c_void_p
    return library


class RootcanalController:
    """One real controller, made by `RootcanalAir.attach`."""

    def __init__(self, air: RootcanalAir, index: int, deliver: Callable[[bytes], None]) -> None:
        self._air, self._index, self._deliver = air, index, deliver
        self._ticked_us = air._now_us()
        self._forget()
        # ctypes does not keep callbacks alive: the controller must.
        self._callbacks = _SEND_HCI(self._on_hci), _SEND_LL(self._on_ll)
        address = (0x0200_0000_0000 + index).to_bytes(6, "little")
        with air._log_aside():
            self._handle = ctypes.c_void_p(air._ffi.ffi_controller_new(address, *self._callbacks))

    def send(self, packet: bytes) -> None:
        """Take an H4 command from the host; the next `tick` delivers the answer."""
        if len(packet) < 4 or packet[0] != COMMAND or len(packet) != 4 + packet[3]:
            raise ValueError(f"not an H4 command: {packet.hex()}")
        opcode, parameters = int.from_bytes(packet[1:3], "little"), packet[4:]
        too_long = opcode in (ADVERTISING_DATA, SCAN_RESPONSE_DATA) and packet[4:5] > b"\x1f"
        if too_long or len(parameters) != PARAMETER_BYTES.get(opcode, len(parameters)):
            raise ValueError(f"malformed HCI command 0x{opcode:04x}: {packet.hex()}")
        answers = self._air._to_hosts
        first = len(answers)
        receive_hci, size = self._air._ffi.ffi_controller_receive_hci, _SIZE(len(packet) - 1)
        with self._air._log_aside():
            receive_hci(self._handle, COMMAND, packet[1:], size)
        accepted = bytes([EVENT, COMMAND_COMPLETE, 4, 1]) + packet[1:3] + b"\0"
        if any(answer == accepted for _, answer in list(answers)[first:]):
            self._note(opcode, parameters)

    def _note(self, opcode: int, parameters: bytes) -> None:
        """Remember what an accepted command changes for advDelay and scan windows."""
        if opcode == RESET:
            self._forget()
        elif opcode == ADVERTISING_PARAMETERS:
            self._interval_us = SLOT_US * int.from_bytes(parameters[0:2], "little")
        elif opcode == ADVERTISING_ENABLE:
            self._expect_event_after(self._air._now_us())
        elif opcode == SCAN_PARAMETERS:
            self._scan_interval_us = SLOT_US * int.from_bytes(parameters[1:3], "little")
            self._scan_window_us = SLOT_US * int.from_bytes(parameters[3:5], "little")
        elif opcode == SCAN_ENABLE:
            self._scan_start_us = self._air._now_us()

    def _forget(self) -> None:
        """Fall back to what holds after a reset."""
        self._interval_us = 0x0800 * SLOT_US
        self._hold_from_us = self._hold_until_us = self._scan_start_us = 0
        self._scan_interval_us = self._scan_window_us = 0x10 * SLOT_US

    def _expect_event_after(self, event_us: int) -> None:
        self._hold_from_us = event_us + self._interval_us
        delay_us = self._air._random.randint(0, ADV_DELAY_MAX_US)
        self._hold_until_us = self._hold_from_us + delay_us

    def _tick(self, now_us: int) -> None:
        if not self._hold_from_us <= now_us < self._hold_until_us:
            self._air._ffi.ffi_controller_tick(self._handle)
            self._ticked_us = now_us

    def _hears(self, packet: bytes, now_us: int) -> bool:
        in_window = (now_us - self._scan_start_us) % self._scan_interval_us < self._scan_window_us
        return in_window or packet[0] != LEGACY_ADVERT

    # rootcanal calls these two from inside its own functions: they only queue.

    def _on_hci(self, kind: int, data: _Data, length: int) -> None:
        self._air._to_hosts.append((self, bytes([kind]) + bytes(data[:length])))

    def _on_ll(self, data: _Data, length: int, phy: int, _tx_power: int) -> None:
        packet = bytes(data[:length])
        if packet[0] == LEGACY_ADVERT:  # decided in the previous tick, sent in this one
            self._expect_event_after(self._ticked_us)
        self._air._on_air.append((self, packet, phy))


class RootcanalAir:
    """Real controllers (Google's rootcanal), joined in real time by a path-loss function.

    `rssi_dbm(sender, receiver, now_us)` gives dBm, or None out of range; controllers count from 0
    in the order they are attached. `now_us` is any clock that keeps real time. rootcanal logs to
    C's `stdout`, which is /dev/null during each call; file descriptor 1 is left alone.
    """

    def __init__(self, rssi_dbm: Callable[[int, int, int], int | None], now_us: Callable[[], int]) -> None:
        self._rssi_dbm, self._now_us, self._random = rssi_dbm, now_us, random.Random()
        self._controllers: list[RootcanalController] = []
        self._on_air: deque[tuple[RootcanalController, bytes, int]] = deque()
        self._to_hosts: deque[tuple[RootcanalController, bytes]] = deque()
        self._ffi, self._libc = _load(), ctypes.CDLL(None)
        self._libc.fopen.restype = ctypes.c_void_p
        self._log = ctypes.c_void_p(self._libc.fopen(b"/dev/null", b"w"))
        self._c_stdout = ctypes.c_void_p.in_dll(self._libc, "stdout")

    @contextmanager
    def _log_aside(self) -> Iterator[None]:
        before, self._c_stdout.value = self._c_stdout.value, self._log.value
        try:
            yield
        finally:
            self._c_stdout.value = before

    def attach(self, deliver: Callable[[bytes], None]) -> RootcanalController:
        """Add a controller; `tick` gives `deliver` each H4 packet it has for its host."""
        controller = RootcanalController(self, len(self._controllers), deliver)
        self._controllers.append(controller)
        return controller

    def tick(self) -> None:
        """Let time pass; call every 1-5 ms of real time. Packets are delivered only here."""
        now_us = self._now_us()
        with self._log_aside():
            for controller in self._controllers:
                controller._tick(now_us)
            while self._on_air:
                self._carry(*self._on_air.popleft(), now_us)
        for _ in range(len(self._to_hosts)):  # what a host sends meanwhile is answered next time
            controller, packet = self._to_hosts.popleft()
            controller._deliver(packet)

    def _carry(self, sender: RootcanalController, packet: bytes, phy: int, now_us: int) -> None:
        receive_ll = self._ffi.ffi_controller_receive_ll
        for receiver in self._controllers:
            if receiver is not sender and receiver._hears(packet, now_us):
                rssi = self._rssi_dbm(sender._index, receiver._index, now_us)
                if rssi is not None:
                    receive_ll(receiver._handle, packet, _SIZE(len(packet)), phy, rssi)

    def close(self) -> None:
        """Free the controllers; neither they nor the air may be used afterwards."""
        with self._log_aside():
            for controller in self._controllers:
                self._ffi.ffi_controller_delete(controller._handle)
        self._libc.fclose(self._log)


class TokenController:
    """What a token wants of a controller (controller.Controller), from one of rootcanal's."""

    def __init__(self, bridge: RootcanalBridge) -> None:
        self._bridge = bridge
        self._real = bridge.air.attach(self._take)
        self._answer: bytes | None = None
        self._reports: deque[tuple[int, bytes]] = deque()
        self.listening = self.advertising = False
        self.lost_reports = 0
        self.adverts = 0  # it does not say

    def _take(self, packet: bytes) -> None:
        if packet[1] == COMMAND_COMPLETE:
            self._answer = packet
        else:
            self._reports.append((self._bridge.now_us(), packet))

    def send(self, packet: bytes, at_us: int) -> bytes:
        if packet[0] != COMMAND:
            return b""  # ACL data of no connection is dropped
        opcode = int.from_bytes(packet[1:3], "little")
        if opcode in (CREATE_CONNECTION, CANCEL_CONNECTION, DISCONNECT):
            # There are no connections here: iPhones are on the simulated air alone.
            return bytes([EVENT, COMMAND_STATUS, 4, UNSUPPORTED_FEATURE, 1]) + packet[1:3]
        self._answer = None
        self._real.send(packet)
        while self._answer is None:
            self._bridge.air.tick()
        if self._answer[6] == 0:
            self._note(opcode, packet[4:5] == b"\1")
        return self._answer

    @property
    def expecting(self) -> bool:
        return self.listening

    def _note(self, opcode: int, enable: bool) -> None:
        if opcode == RESET:
            self.listening = self.advertising = False
            self._reports.clear()
        elif opcode == SCAN_ENABLE:
            self.listening = enable
        elif opcode == ADVERTISING_ENABLE:
            self.advertising = enable

    def reports(self, until_us: int) -> list[tuple[int, bytes]]:
        found = []
        while self._reports and self._reports[0][0] <= until_us:
            found.append(self._reports.popleft())
        return found if self.listening else []

    def stall(self, from_us: int, to_us: int) -> None:
        """In real time the host really is busy."""

    def off(self, at_us: int) -> None:
        self.send(bytes([COMMAND, RESET & 0xFF, RESET >> 8, 0]), at_us)


class RootcanalBridge:
    """Rootcanal's controllers for the tokens of a stage, over the paths of its simulated air.

    `Stage(..., controllers=bridge.controller)`, then `bridge.join(stage.world)` before it starts, and
    `stage.world.live()` before a radio is used: time must pass as on the wall.
    """

    def __init__(self) -> None:
        self.air = RootcanalAir(self._rssi_dbm, lambda: time.monotonic_ns() // 1000)
        self._world: World | None = None

    def controller(self, node: int) -> TokenController:
        return TokenController(self)

    def join(self, world: World) -> None:
        """Tick as long as the world's time passes."""
        self._world = world

        def tick(now_us: int) -> None:
            self.air.tick()
            world.at(now_us + TICK_US, tick)

        world.at(world.now_us, tick)

    def now_us(self) -> int:
        return self._world.now_us if self._world else 0

    def _rssi_dbm(self, sender: int, receiver: int, _now_us: int) -> int | None:
        if self._world is None or self._world.air is None:
            return None
        simulated = self._world.air
        level_dbm = simulated.level_dbm(sender, receiver, self.now_us())
        return round(level_dbm) if level_dbm >= simulated.path_loss.sensitivity_dbm else None
