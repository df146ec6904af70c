"""A Bluetooth controller that obeys, refuses or breaks as a test wants, and notes what it was told."""

PUBLIC_ADDRESS = b"\x24\x0a\xc4\x00\x00\x01"
IRQ_SCAN_RESULT = 5
IRQ_SCAN_DONE = 6
IRQ_PERIPHERAL_CONNECT = 7
IRQ_PERIPHERAL_DISCONNECT = 8
IRQ_SERVICE_RESULT, IRQ_SERVICE_DONE = 9, 10
IRQ_CHARACTERISTIC_RESULT, IRQ_CHARACTERISTIC_DONE = 11, 12
IRQ_READ_RESULT, IRQ_READ_DONE = 15, 16
CONNECTION = 3
SERVICE_HANDLES = (40, 47)
VALUE_HANDLE = 42
ENODEV = 19
EIO = 5


class Iphone:
    """What answers at an address; `mute_at` is the question that it does not answer, `leaves_at` that it goes at."""

    def __init__(self, name, services, mute_at="", leaves_at="", takes_calls=True):
        self.name = name
        self.services = services  # UUID of the service -> UUID of its characteristic
        self.mute_at = mute_at
        self.leaves_at = leaves_at
        self.takes_calls = takes_calls


class Controller:
    def __init__(self):
        self.calls = []  # (name, value) in order
        self.on_air = []  # (address kind, address, payload) of every start of advertising
        self.handler = None
        self.is_active = False
        self.scanning = False
        self.advertising = None
        self.address_kind = 0
        self.address = PUBLIC_ADDRESS
        self.refusals = 0  # of the next address changes; -1 for all of them
        self.stuck = False  # a scan that does not end
        self.broken = ()  # calls that raise OSError, by name
        self.breaks_at = -1  # the call that raises it once, counted from 0
        self._addresses = 0
        self.phones = {}  # address -> Iphone
        self.connected = None

    def told(self, name, value=None):
        self.calls.append((name, value))
        if name in self.broken or len(self.calls) - 1 == self.breaks_at:
            raise OSError(EIO)

    def switch(self, on):
        if on and not self.is_active:
            self.address_kind, self.address = 0, PUBLIC_ADDRESS
        if not on:
            self.connected = None
            self.scanning = False
            self.advertising = None
        self.is_active = on

    def change_address(self):
        """As a real one: refused, without a word, while it advertises or scans."""
        if self.advertising is not None or self.scanning:
            return
        if self.refusals:
            self.refusals -= 1
            return
        self._addresses += 1
        self.address_kind = 1
        self.address = bytes((self._addresses & 0xFF, self._addresses >> 8, 0, 0, 0, 0x3F))

    def need_power(self):
        if not self.is_active:
            raise OSError(ENODEV)

    def advertise(self, payload):
        self.advertising = bytes(payload)
        self.on_air.append((self.address_kind, self.address, self.advertising))

    def end_scan(self):
        if self.scanning and not self.stuck:
            self.scanning = False
            self.handler(IRQ_SCAN_DONE, ())

    # A connection.

    def connect(self, phone):
        self.connected = phone
        self.handler(IRQ_PERIPHERAL_CONNECT, (CONNECTION, 1, memoryview(bytes(6))))

    def hang_up(self):
        if self.connected:
            self.connected = None
            self.handler(IRQ_PERIPHERAL_DISCONNECT, (CONNECTION, 1, memoryview(bytes(6))))

    def answers(self, question):
        if self.connected.leaves_at == question:
            self.hang_up()
        return self.connected and self.connected.mute_at != question

    def answer_services(self, uuid):
        if self.answers("services"):
            if uuid in self.connected.services:
                self.handler(IRQ_SERVICE_RESULT, (CONNECTION, SERVICE_HANDLES[0], SERVICE_HANDLES[1], uuid))
            self.handler(IRQ_SERVICE_DONE, (CONNECTION, 0))

    def answer_characteristics(self, uuid):
        if self.answers("characteristics"):
            if uuid in self.connected.services.values():
                self.handler(IRQ_CHARACTERISTIC_RESULT, (CONNECTION, 43, VALUE_HANDLE, 2, uuid))
            self.handler(IRQ_CHARACTERISTIC_DONE, (CONNECTION, 0))

    def answer_read(self):
        if self.answers("read"):
            self.handler(IRQ_READ_RESULT, (CONNECTION, VALUE_HANDLE, memoryview(self.connected.name)))
            self.handler(IRQ_READ_DONE, (CONNECTION, VALUE_HANDLE, 0))

    def hear(self, adv_data, rssi_dbm=-60, adv_type=2, address=b"\x01\x02\x03\x04\x05\x06"):
        self.handler(IRQ_SCAN_RESULT, (1, memoryview(address), adv_type, rssi_dbm, memoryview(adv_data)))


_now = [Controller()]


def current():
    return _now[0]


def switch_on():
    """Put a new controller under the fake `bluetooth` and return it."""
    _now[0] = Controller()
    return _now[0]
