"""The part of MicroPython's `bluetooth` that a token may use, with its signatures and its silences."""

import controller


class UUID:
    def __init__(self, text):
        self.text = text

    def __eq__(self, other):
        return self.text == other.text

    def __hash__(self):
        return hash(self.text)


class BLE:
    def __init__(self):
        self._controller = controller.current()

    def active(self, *to):
        if not to:
            return self._controller.is_active
        self._controller.told("active", bool(to[0]))
        self._controller.switch(bool(to[0]))

    def config(self, *name, addr_mode=None):
        self._controller.need_power()
        if name == ("mac",):
            self._controller.told("mac")
            return self._controller.address_kind, self._controller.address
        if name or addr_mode != 3:
            raise ValueError("unknown config param")
        self._controller.told("addr_mode", addr_mode)
        self._controller.change_address()

    def irq(self, handler):
        self._controller.told("irq")
        self._controller.handler = handler

    def gap_advertise(self, interval_us, adv_data=None, *, resp_data=None, connectable=True):
        self._controller.need_power()
        if interval_us is None:
            self._controller.told("stop_advertising")
            self._controller.advertising = None
            return
        self._controller.told("advertise", (interval_us, resp_data, connectable))
        if not 20000 <= interval_us <= 10240000:
            raise OSError(22)
        if len(adv_data) > 31:
            raise OSError(-18)
        self._controller.advertise(adv_data)

    def gap_scan(self, duration_ms, interval_us=1280000, window_us=11250, active=False):
        self._controller.need_power()
        if duration_ms is None:
            self._controller.told("stop_scan")
            self._controller.end_scan()
            return
        self._controller.told("scan", (duration_ms, interval_us, window_us, active))
        if self._controller.scanning:
            raise OSError(114)
        self._controller.scanning = True

    # A connection: what the phone at that address makes of it happens at once, or never.

    def gap_connect(self, addr_type, addr=None, scan_duration_ms=2000):
        self._controller.need_power()
        if addr_type is None:
            self._controller.told("cancel")
            return
        self._controller.told("connect", (addr_type, bytes(addr), scan_duration_ms))
        phone = self._controller.phones.get(bytes(addr))
        if phone is not None and phone.takes_calls:
            self._controller.connect(phone)

    def gap_disconnect(self, conn_handle):
        self._controller.told("disconnect", conn_handle)
        self._controller.hang_up()
        return True

    def gattc_discover_services(self, conn_handle, uuid):
        self._controller.told("services", uuid.text)
        self._controller.answer_services(uuid.text)

    def gattc_discover_characteristics(self, conn_handle, start, end, uuid):
        self._controller.told("characteristics", (start, end, uuid.text))
        self._controller.answer_characteristics(uuid.text)

    def gattc_read(self, conn_handle, value_handle):
        self._controller.told("read", value_handle)
        self._controller.answer_read()
