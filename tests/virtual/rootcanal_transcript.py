"""What Google's rootcanal 1.10.0 (PyPI) answered; recorded 2026-11-23 through virtual/rootcanal.py.

A advertises, B scans, and what A sends reaches B at -69 dBm. Packets are H4, in hex. A step without a
command is what came by itself: a report, or nothing.
"""

from __future__ import annotations

from typing import NamedTuple


class Step(NamedTuple):
    what: str
    host: str
    command: str
    event: str


TRANSCRIPT = [
    Step(
        "Reset",
        "A",
        "01030c00",
        "040e0401030c00",
    ),
    Step(
        "Read BD_ADDR of controller 0 (public address, little-endian)",
        "A",
        "01091000",
        "040e0a01091000000000000002",
    ),
    Step(
        "Read Local Version Information",
        "A",
        "01011000",
        "040e0c010110000c00000ce0000000",
    ),
    Step(
        "LE Read Local Supported Features",
        "A",
        "01032000",
        "040e0c01032000df39003000000000",
    ),
    Step(
        "LE Read Buffer Size",
        "A",
        "01022000",
        "040e07010220001b0014",
    ),
    Step(
        "LE Read Advertising Physical Channel Tx Power",
        "A",
        "01072000",
        "040e0501072000f6",
    ),
    Step(
        "LE Set Random Address 00:00:00:00:00:00",
        "A",
        "01052006000000000000",
        "040e0401052012",
    ),
    Step(
        "LE Set Advertising Parameters, ADV_SCAN_IND, own random, 25 ms",
        "A",
        "0106200f280028000201000000000000000700",
        "040e0401062000",
    ),
    Step(
        "LE Set Advertising Enable before any random address",
        "A",
        "010a200101",
        "040e04010a2012",
    ),
    Step(
        "LE Set Random Address (idle)",
        "A",
        "01052006112233445526",
        "040e0401052000",
    ),
    Step(
        "LE Set Advertising Parameters, interval 0x1f..0x1f",
        "A",
        "0106200f1f001f000201000000000000000700",
        "040e0401062011",
    ),
    Step(
        "LE Set Advertising Parameters, min 0x30 > max 0x28",
        "A",
        "0106200f300028000201000000000000000700",
        "040e0401062012",
    ),
    Step(
        "LE Set Advertising Parameters, channel map 0",
        "A",
        "0106200f280028000201000000000000000000",
        "040e0401062012",
    ),
    Step(
        "LE Set Advertising Parameters again",
        "A",
        "0106200f280028000201000000000000000700",
        "040e0401062000",
    ),
    Step(
        "LE Set Advertising Data, 31 bytes of Exposure Notification",
        "A",
        "010820201f02011a0303fd6f17166ffd101112131415161718191a1b1c1d1e1f20212223",
        "040e0401082000",
    ),
    Step(
        "LE Set Advertising Enable",
        "A",
        "010a200101",
        "040e04010a2000",
    ),
    Step(
        "Reset (controller 1)",
        "B",
        "01030c00",
        "040e0401030c00",
    ),
    Step(
        "LE Set Scan Parameters passive, own random, before a random address",
        "B",
        "010b200700100010000100",
        "040e04010b2000",
    ),
    Step(
        "LE Set Scan Enable before a random address",
        "B",
        "010c20020100",
        "040e04010c2012",
    ),
    Step(
        "LE Set Random Address (idle, controller 1)",
        "B",
        "01052006998877665504",
        "040e0401052000",
    ),
    Step(
        "LE Set Scan Parameters, 0x03/0x03",
        "B",
        "010b200700030003000100",
        "040e04010b2011",
    ),
    Step(
        "LE Set Scan Parameters, window > interval",
        "B",
        "010b200700100011000100",
        "040e04010b2012",
    ),
    Step(
        "LE Set Scan Parameters, passive, 10 ms of 10 ms",
        "B",
        "010b200700100010000100",
        "040e04010b2000",
    ),
    Step(
        "LE Set Scan Enable, no duplicate filter",
        "B",
        "010c20020100",
        "040e04010c2000",
    ),
    Step(
        "No advertising report in 0.3 s: the event mask after Reset hides LE Meta",
        "B",
        "",
        "",
    ),
    Step(
        "Set Event Mask 0x3fffffffffffffff (while scanning)",
        "B",
        "01010c08ffffffffffffff3f",
        "040e0401010c00",
    ),
    Step(
        "LE Advertising Report (all of them alike): type 2, address type 1, RSSI -69 = 0xbb",
        "B",
        "",
        "043e2b020102011122334455261f02011a0303fd6f17166ffd101112131415161718191a1b1c1d1e1f20212223bb",
    ),
    Step(
        "LE Set Random Address while advertising",
        "A",
        "01052006998877665504",
        "040e040105200c",
    ),
    Step(
        "LE Set Advertising Parameters while advertising",
        "A",
        "0106200f300030000201000000000000000700",
        "040e040106200c",
    ),
    Step(
        "LE Set Advertising Enable while advertising",
        "A",
        "010a200101",
        "040e04010a2000",
    ),
    Step(
        "LE Set Advertising Data while advertising",
        "A",
        "010820201f02011a0303fd6f17166ffd101112131415161718191a1b1c1d1e1f20212223",
        "040e0401082000",
    ),
    Step(
        "LE Set Random Address while scanning",
        "B",
        "01052006112233445526",
        "040e040105200c",
    ),
    Step(
        "LE Set Scan Parameters while scanning",
        "B",
        "010b200700100010000100",
        "040e04010b200c",
    ),
    Step(
        "LE Set Scan Enable while scanning",
        "B",
        "010c20020100",
        "040e04010c2000",
    ),
    Step(
        "LE Set Advertising Enable 0",
        "A",
        "010a200100",
        "040e04010a2000",
    ),
    Step(
        "LE Set Advertising Enable 0 when not advertising",
        "A",
        "010a200100",
        "040e04010a2000",
    ),
    Step(
        "LE Set Random Address, advertising stopped",
        "A",
        "01052006102030405021",
        "040e0401052000",
    ),
    Step(
        "LE Set Advertising Enable (parameters and data kept)",
        "A",
        "010a200101",
        "040e04010a2000",
    ),
    Step(
        "LE Advertising Report with the second address",
        "B",
        "",
        "043e2b020102011020304050211f02011a0303fd6f17166ffd101112131415161718191a1b1c1d1e1f20212223bb",
    ),
    Step(
        "LE Set Advertising Enable 0",
        "A",
        "010a200100",
        "040e04010a2000",
    ),
    Step(
        "LE Set Advertising Data, empty",
        "A",
        "010820200000000000000000000000000000000000000000000000000000000000000000",
        "040e0401082000",
    ),
    Step(
        "LE Set Advertising Parameters ADV_NONCONN_IND 25 ms (legal since 5.0)",
        "A",
        "0106200f280028000301000000000000000700",
        "040e0401062000",
    ),
    Step(
        "LE Set Advertising Enable 1",
        "A",
        "010a200101",
        "040e04010a2000",
    ),
    Step(
        "LE Advertising Report, ADV_NONCONN_IND, no data",
        "B",
        "",
        "043e0c0201030110203040502100bb",
    ),
    Step(
        "LE Set Advertising Enable 0",
        "A",
        "010a200100",
        "040e04010a2000",
    ),
    Step(
        "LE Set Advertising Parameters ADV_IND",
        "A",
        "0106200f280028000001000000000000000700",
        "040e0401062000",
    ),
    Step(
        "LE Set Advertising Data, 31 bytes",
        "A",
        "010820201f02011a0303fd6f17166ffd101112131415161718191a1b1c1d1e1f20212223",
        "040e0401082000",
    ),
    Step(
        "LE Set Advertising Enable 1",
        "A",
        "010a200101",
        "040e04010a2000",
    ),
    Step(
        "LE Advertising Report, ADV_IND",
        "B",
        "",
        "043e2b020100011020304050211f02011a0303fd6f17166ffd101112131415161718191a1b1c1d1e1f20212223bb",
    ),
    Step(
        "LE Set Advertising Enable 0",
        "A",
        "010a200100",
        "040e04010a2000",
    ),
    Step(
        "LE Set Advertising Parameters, ADV_SCAN_IND",
        "A",
        "0106200f280028000201000000000000000700",
        "040e0401062000",
    ),
    Step(
        "LE Set Scan Response Data, 4 bytes",
        "A",
        "010920200403ff0a0b000000000000000000000000000000000000000000000000000000",
        "040e0401092000",
    ),
    Step(
        "LE Set Advertising Enable 1",
        "A",
        "010a200101",
        "040e04010a2000",
    ),
    Step(
        "LE Set Scan Enable 0",
        "B",
        "010c20020000",
        "040e04010c2000",
    ),
    Step(
        "LE Set Scan Enable 0 when not scanning",
        "B",
        "010c20020000",
        "040e04010c2000",
    ),
    Step(
        "LE Set Scan Parameters, active",
        "B",
        "010b200701100010000100",
        "040e04010b2000",
    ),
    Step(
        "LE Set Scan Enable",
        "B",
        "010c20020100",
        "040e04010c2000",
    ),
    Step(
        "LE Advertising Report, active scan: the advert",
        "B",
        "",
        "043e2b020102011020304050211f02011a0303fd6f17166ffd101112131415161718191a1b1c1d1e1f20212223bb",
    ),
    Step(
        "LE Advertising Report, active scan: the scan response (type 4)",
        "B",
        "",
        "043e10020104011020304050210403ff0a0bbb",
    ),
    Step(
        "LE Set Scan Enable 0",
        "B",
        "010c20020000",
        "040e04010c2000",
    ),
    Step(
        "LE Set Scan Parameters, passive",
        "B",
        "010b200700100010000100",
        "040e04010b2000",
    ),
    Step(
        "LE Set Scan Enable with duplicate filter",
        "B",
        "010c20020101",
        "040e04010c2000",
    ),
    Step(
        "1 advertising report in 0.5 s with the duplicate filter",
        "B",
        "",
        "",
    ),
    Step(
        "Unknown vendor command 0xffff",
        "B",
        "01ffff00",
        "040e0401ffff01",
    ),
    Step(
        "Reset while scanning",
        "B",
        "01030c00",
        "040e0401030c00",
    ),
    Step(
        "Set Event Mask",
        "B",
        "01010c08ffffffffffffff3f",
        "040e0401010c00",
    ),
    Step(
        "LE Set Scan Parameters, own random, after Reset",
        "B",
        "010b200700100010000100",
        "040e04010b2000",
    ),
    Step(
        "LE Set Scan Enable after Reset: the random address is gone",
        "B",
        "010c20020100",
        "040e04010c2012",
    ),
    Step(
        "LE Set Random Address",
        "B",
        "01052006998877665504",
        "040e0401052000",
    ),
    Step(
        "LE Set Scan Enable 1",
        "B",
        "010c20020100",
        "040e04010c2000",
    ),
    Step(
        "Reset while advertising",
        "A",
        "01030c00",
        "040e0401030c00",
    ),
    Step(
        "LE Set Advertising Enable straight after Reset: defaults",
        "A",
        "010a200101",
        "040e04010a2000",
    ),
    Step(
        "LE Advertising Report with the defaults after Reset: ADV_IND, public address, no data, every 1.28 s",
        "B",
        "",
        "043e0c0201000000000000000200bb",
    ),
    Step(
        "Reset",
        "A",
        "01030c00",
        "040e0401030c00",
    ),
    Step(
        "LE Set Advertising Parameters, own random, after Reset",
        "A",
        "0106200f280028000201000000000000000700",
        "040e0401062000",
    ),
    Step(
        "LE Set Advertising Enable after Reset: the random address is gone",
        "A",
        "010a200101",
        "040e04010a2012",
    ),
]
