"""Connections of a simulated controller, as the central (Core Specification Vol 4 Part E, Vol 6 Part B 4.5).

The controller waits for an advert of the one it is to connect to, as a scanner would; then the two meet once in each
connection interval, and each meeting carries one packet either way. Who was not met for the supervision timeout is
lost. One connection at a time. Not here: encryption, the choice of data channels and what disturbs them, changes of the
parameters, meetings that the peripheral skips, more than one packet in a meeting.
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from bluetoken.virtual.air import Air, Ear, Report

ACL, EVENT = 0x02, 0x04
SUCCESS = 0x00
UNKNOWN_CONNECTION = 0x02
TIMEOUT = 0x08
LIMIT_EXCEEDED = 0x09
ALREADY_CONNECTED = 0x0B
DISALLOWED = 0x0C
UNSUPPORTED_VALUE = 0x11
INVALID_PARAMETERS = 0x12
LOCAL_HOST = 0x16
NOT_ESTABLISHED = 0x3E

CONNECTABLE = 0  # ADV_IND; directed advertising is nobody's here
HANDLE = 0
SCAN_UNIT_US, INTERVAL_UNIT_US, TIMEOUT_UNIT_US = 625, 1_250, 10_000
CONNECT_IND_US = 150 + 352  # it follows the advert at once, and is so long
WINDOW_DELAY_US = 1_250  # Vol 6 Part B 4.5.3: the first meeting is so much later, or up to an interval more
MEETING_US = 600  # until both have spoken
FIRST_MEETINGS = 6  # Vol 6 Part B 4.5.2: of so many one must succeed, or there never was a connection
THINKING_US = 5_000  # before a peer answers: at the next meeting, then
MOST_ACL_BYTES = 251
ATT_CID = 4


class Peer(Protocol):
    """The far side of one connection: what speaks ATT there."""

    def opening(self) -> bytes | None:
        """What it says first, if anything."""

    def receive(self, pdu: bytes, at_us: int) -> bytes | None:
        """Take an ATT PDU; returns what it answers, if it does."""

    def closed(self, at_us: int) -> None:
        """The connection is gone."""


class Peripheral(Protocol):
    """Who advertises, and can be connected to."""

    def accept(self, at_us: int) -> Peer | None: ...


@dataclass
class Wish:
    """A connection that the host asked for, until the advert is heard."""

    ear: Ear
    address_type: int
    address: bytes
    interval: int
    latency: int
    timeout: int
    heard_us: int


@dataclass
class Link:
    """A connection. Queues hold (from when on it may be sent, L2CAP frame)."""

    node: int  # the peripheral's
    address_type: int
    address: bytes
    peer: Peer | None  # None: it did not hear that it was asked
    random: Random
    interval_us: int
    timeout_us: int
    next_us: int
    met_us: int
    meetings: int = 0
    established: bool = False
    terminating: bool = False
    outgoing: deque[tuple[int, bytes]] = field(default_factory=deque)
    incoming: deque[tuple[int, bytes]] = field(default_factory=deque)


class Connections:
    """What one controller has to do with connections; commands return the status they are answered with."""

    def __init__(self, air: Air, node: int, random: Random) -> None:
        self._air = air
        self._node = node
        self._random = random
        self._wish: Wish | None = None
        self._link: Link | None = None
        self._events: list[tuple[int, bytes]] = []

    @property
    def connecting(self) -> bool:
        return self._wish is not None

    @property
    def connected(self) -> bool:
        return self._link is not None

    @property
    def expecting(self) -> bool:
        """Whether there is something that its host will have to hear of."""
        return self.connecting or self.connected or bool(self._events)

    def reset(self, at_us: int) -> None:
        """End everything without a word to the host; the peer finds out by itself."""
        if self._link:
            self._close(self._link, at_us)
        self._wish = None
        self._events.clear()

    # Commands.

    def create(self, parameters: bytes, at_us: int) -> int:
        """LE Create Connection (7.8.12)."""
        interval, window, policy, peer_type, address, _, low, high, latency, timeout, ce_low, ce_high = struct.unpack(
            "<HHBB6sBHHHHHH", parameters
        )
        if self._wish:
            return DISALLOWED
        if self._link:
            same = (self._link.address_type, self._link.address) == (peer_type & 1, address)
            return ALREADY_CONNECTED if same else LIMIT_EXCEEDED
        if policy:
            return UNSUPPORTED_VALUE  # the list of accepted devices is not here
        if not (4 <= window <= interval <= 0x4000 and peer_type <= 3 and ce_low <= ce_high):
            return INVALID_PARAMETERS
        longest_us = (1 + latency) * high * INTERVAL_UNIT_US
        if not (6 <= low <= high <= 0xC80 and latency <= 0x1F3 and 0xA <= timeout <= 0xC80):
            return INVALID_PARAMETERS
        if timeout * TIMEOUT_UNIT_US <= 2 * longest_us:
            return INVALID_PARAMETERS
        ear = Ear(at_us, interval * SCAN_UNIT_US, window * SCAN_UNIT_US)
        self._wish = Wish(ear, peer_type & 1, address, high, latency, timeout, at_us)
        return SUCCESS

    def cancel(self, at_us: int) -> int:
        """LE Create Connection Cancel (7.8.13)."""
        wish = self._wish
        if wish is None:
            return DISALLOWED
        self._wish = None
        self._events.append((at_us, connection_complete(UNKNOWN_CONNECTION, wish)))
        return SUCCESS

    def disconnect(self, parameters: bytes, at_us: int) -> int:
        """Disconnect (7.1.6): the peer is told at the next meeting."""
        handle, _ = struct.unpack("<HB", parameters)
        if self._link is None or handle != HANDLE:
            return UNKNOWN_CONNECTION
        if self._link.terminating:
            return DISALLOWED
        self._link.terminating = True
        return SUCCESS

    def take(self, packet: bytes, at_us: int) -> None:
        """ACL data from the host (5.4.2); a controller has no way to answer what is malformed, and drops it."""
        if self._link is None or len(packet) < 5:
            return
        flags, length = struct.unpack_from("<HH", packet, 1)
        # Flags: a first fragment, point to point. Nobody here has a frame that needs two.
        if flags == HANDLE and length == len(packet) - 5 <= MOST_ACL_BYTES:
            self._link.outgoing.append((at_us, packet[5:]))

    # What happens as time goes on.

    def events(self, until_us: int) -> list[tuple[int, bytes]]:
        """What the host is to be told that happened before `until_us`, as (at_us, H4 packet)."""
        if self._wish:
            self._listen(self._wish, until_us)
        while self._link and self._step(self._link, until_us):
            pass
        told = [event for event in self._events if event[0] < until_us]
        self._events = self._events[len(told) :]
        return told

    def _listen(self, wish: Wish, until_us: int) -> None:
        if until_us <= wish.heard_us:
            return
        heard = self._air.heard(self._node, wish.ear, wish.heard_us, until_us, self._random)
        wish.heard_us = until_us
        for report in heard:
            train = report.train
            same = (train.address_type, train.address) == (wish.address_type, wish.address)
            if same and train.event_type == CONNECTABLE:
                self._begin(wish, report)
                return

    def _begin(self, wish: Wish, report: Report) -> None:
        """Ask for the connection. The controller calls it one at once, though nobody has answered yet."""
        at_us = report.at_us + CONNECT_IND_US
        interval_us = wish.interval * INTERVAL_UNIT_US
        node = report.train.sender
        random = Random(f"{self._air.seed}/link/{self._node}/{at_us}")
        first_us = at_us + WINDOW_DELAY_US + random.randrange(interval_us)
        peripheral = self._air.peripherals.get(node) if self._air.reaches(self._node, node, at_us, random) else None
        peer = peripheral.accept(at_us) if peripheral else None
        timeout_us = wish.timeout * TIMEOUT_UNIT_US
        self._link = link = Link(
            node, wish.address_type, wish.address, peer, random, interval_us, timeout_us, first_us, at_us
        )
        opening = peer.opening() if peer else None
        if opening:
            link.incoming.append((first_us, _frame(opening)))
        self._wish = None
        self._events.append((at_us, connection_complete(SUCCESS, wish)))

    def _step(self, link: Link, until_us: int) -> bool:
        """Do what is next: a meeting, or the end of all hope for one. False where neither comes before `until_us`."""
        lost_us = link.met_us + link.timeout_us
        if link.established and lost_us <= link.next_us:
            if lost_us >= until_us:
                return False
            self._end(link, TIMEOUT, lost_us)
            return True
        if link.next_us + MEETING_US >= until_us:
            return False
        at_us, link.next_us = link.next_us, link.next_us + link.interval_us
        link.meetings += 1
        if link.peer and self._hear_each_other(link, at_us):
            link.met_us, link.established = at_us, True
            self._meet(link, link.peer, at_us)
        elif not link.established and link.meetings >= FIRST_MEETINGS:
            self._end(link, NOT_ESTABLISHED, at_us)
        return True

    def _hear_each_other(self, link: Link, at_us: int) -> bool:
        reaches = self._air.reaches
        return reaches(self._node, link.node, at_us, link.random) and reaches(
            link.node, self._node, at_us, link.random
        )

    def _meet(self, link: Link, peer: Peer, at_us: int) -> None:
        end_us = at_us + MEETING_US
        if link.outgoing and link.outgoing[0][0] <= at_us:
            _, frame = link.outgoing.popleft()
            pdu = _att_pdu(frame)
            answer = peer.receive(pdu, at_us) if pdu else None
            if answer:
                link.incoming.append((at_us + THINKING_US, _frame(answer)))
            self._events.append((end_us, struct.pack("<BBBBHH", EVENT, 0x13, 5, 1, HANDLE, 1)))
        if link.incoming and link.incoming[0][0] <= at_us:
            _, frame = link.incoming.popleft()
            self._events.append((end_us, struct.pack("<BHH", ACL, HANDLE | 0x2000, len(frame)) + frame))
        if link.terminating:
            self._end(link, LOCAL_HOST, end_us)

    def _end(self, link: Link, reason: int, at_us: int) -> None:
        self._close(link, at_us)
        self._events.append((at_us, struct.pack("<BBBBHB", EVENT, 0x05, 4, SUCCESS, HANDLE, reason)))  # 7.7.5

    def _close(self, link: Link, at_us: int) -> None:
        self._link = None
        if link.peer:
            link.peer.closed(at_us)


def connection_complete(status: int, wish: Wish) -> bytes:
    """An LE Connection Complete event (7.7.65.1)."""
    role = 0
    body = struct.pack("<BBHBB6s", 0x01, status, HANDLE, role, wish.address_type, wish.address)
    body += struct.pack("<HHHB", wish.interval, wish.latency, wish.timeout, 0)
    return struct.pack("<BBB", EVENT, 0x3E, len(body)) + body


def _frame(pdu: bytes) -> bytes:
    """ATT in L2CAP's basic frame (Vol 3 Part A 3.1)."""
    return struct.pack("<HH", len(pdu), ATT_CID) + pdu


def _att_pdu(frame: bytes) -> bytes:
    """Of an L2CAP frame what it carries; nothing where it is none, or another channel's."""
    if len(frame) < 5:
        return b""
    length, cid = struct.unpack_from("<HH", frame)
    return frame[4:] if cid == ATT_CID and length == len(frame) - 4 else b""
