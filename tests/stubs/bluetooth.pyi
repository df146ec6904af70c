# ruff: noqa
"""Corrections to micropython-esp32-stubs 1.27.0.post1; facts from MicroPython v1.27.0, extmod/modbluetooth.c.

How corrections work: tests/stub_signatures.py.
"""

from _mpy_shed import AnyReadableBuf
from collections.abc import Callable, Sequence
from typing import Any, overload
from typing_extensions import Never

class UUID:
    # The stub says int | str. Also any buffer of 2, 4 or 16 bytes (bluetooth_uuid_make_new).
    def __init__(self, value: int | str | AnyReadableBuf, /) -> None: ...

class BLE:
    # The stub has every overload twice, and `**kwargs`, so that any key passes. These are the keys of the
    # ESP32 (bluetooth_ble_config); `rxbuf` is not among them: the port has MICROPY_PY_BLUETOOTH_USE_SYNC_EVENTS.
    # Any other key raises ValueError: to mypy `**others: Never` is an error, to stub_signatures a `**`.
    @overload
    def config(self, param: str, /) -> Any: ...
    @overload
    def config(
        self,
        *,
        gap_name: str | AnyReadableBuf = ...,
        mtu: int = ...,
        addr_mode: int = ...,
        bond: bool = ...,
        mitm: bool = ...,
        io: int = ...,
        le_secure: bool = ...,
        **others: Never,
    ) -> None: ...

    # The stub says None for active(x); it returns the state (bluetooth_ble_active).
    def active(self, active: bool = ..., /) -> bool: ...

    # The stub has no None, which takes the handler away, and an _IRQ result; the result is None (bluetooth_ble_irq).
    def irq(self, handler: Callable[[int, Any], Any] | None, /) -> None: ...

    # The stub makes interval_us and adv_data positional-only and has no None for "stop". Both are also
    # keywords and may be left out; resp_data and connectable are keywords only (bluetooth_ble_gap_advertise).
    def gap_advertise(
        self,
        interval_us: int | None = 500000,
        adv_data: AnyReadableBuf | None = None,
        *,
        resp_data: AnyReadableBuf | None = None,
        connectable: bool = True,
    ) -> None: ...

    # The stub has no None for "stop", and requires the duration (bluetooth_ble_gap_scan).
    def gap_scan(
        self,
        duration_ms: int | None = 0,
        interval_us: int = 1280000,
        window_us: int = 11250,
        active: bool = False,
        /,
    ) -> None: ...

    # The stub has no gap_connect(None), "cancel", and only bytes (bluetooth_ble_gap_connect).
    @overload
    def gap_connect(self, cancel: None, /) -> None: ...
    @overload
    def gap_connect(
        self,
        addr_type: int,
        addr: AnyReadableBuf,
        scan_duration_ms: int | None = 2000,
        min_conn_interval_us: int | None = None,
        max_conn_interval_us: int | None = None,
        /,
    ) -> None: ...

    # The stub calls every handle a memoryview; they are ints (mp_obj_get_int everywhere).
    def gap_disconnect(self, conn_handle: int, /) -> bool: ...
    def gap_pair(self, conn_handle: int, /) -> None: ...
    def gap_passkey(self, conn_handle: int, action: int, passkey: int, /) -> None: ...
    def gatts_read(self, value_handle: int, /) -> bytes: ...
    def gatts_set_buffer(self, value_handle: int, len: int, append: bool = False, /) -> None: ...
    def gattc_discover_services(self, conn_handle: int, uuid: UUID | None = None, /) -> None: ...
    def gattc_discover_characteristics(
        self, conn_handle: int, start_handle: int, end_handle: int, uuid: UUID | None = None, /
    ) -> None: ...
    def gattc_discover_descriptors(self, conn_handle: int, start_handle: int, end_handle: int, /) -> None: ...
    def gattc_read(self, conn_handle: int, value_handle: int, /) -> None: ...
    def gattc_write(self, conn_handle: int, value_handle: int, data: AnyReadableBuf, mode: int = 0, /) -> None: ...
    def gattc_exchange_mtu(self, conn_handle: int, /) -> None: ...

    # The stub wants bytes and returns None; any buffer, and the length comes back (bluetooth_ble_gatts_write).
    def gatts_write(self, value_handle: int, data: AnyReadableBuf, send_update: bool = False, /) -> int: ...

    # The stub lacks conn_handle in notify and data in indicate
    # (bluetooth_ble_gatts_notify_indicate).
    def gatts_notify(self, conn_handle: int, value_handle: int, data: AnyReadableBuf | None = None, /) -> None: ...
    def gatts_indicate(self, conn_handle: int, value_handle: int, data: AnyReadableBuf | None = None, /) -> None: ...

    # The stub wants tuples of tuples; any iterable with a length does, and the handles are ints
    # (bluetooth_ble_gatts_register_services).
    def gatts_register_services(self, services_definition: Sequence[Any], /) -> tuple[tuple[int, ...], ...]: ...
