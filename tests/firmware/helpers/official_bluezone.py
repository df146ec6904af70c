"""A few facts of Bluezone, as its Android app computes them.

Source: BluezoneGlobal/react-native-bluetooth-scan commit 4a5ce99 (GPL-3.0), lib/android/.../bluezoneid/*.java run
unmodified under Java 17; the advertisements are put together after its ServiceTraceCovid.java.
"""

from binascii import unhexlify

BASE_KEY = bytes(range(32))
BASE_DAY_UNIX_S = 1596240000  # 2020-08-01, UTC midnight

# (day, daily key, its first sub-key)
DAYS = (
    (
        1,
        unhexlify("630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd"),
        unhexlify("977332830e74a77b2316f94dc071c185e1289d0ce9a23fcb8c8dc40105637bb5"),
    ),
    (
        14,
        unhexlify("9a2bbe154ef1555c455e7a201b32ec1c80c98e139d8e539600745537a98a79dd"),
        unhexlify("b4d5b37eaffdd6117e820246ece15701c74b09c7ee690d326142526bce7362a1"),
    ),
)
# (Unix seconds, slot, identifier), of the base key's own day
IDENTIFIERS = (
    (1596240000, 0, unhexlify("130cea6472130c185d8643df")),
    (1596240899, 0, unhexlify("130cea6472130c185d8643df")),
    (1596251742, 13, unhexlify("c9c76ed0a99164ed35e46b89")),
)
# A case's day as it was published for tests, and identifiers at its edges.
PUBLISHED_KEY = unhexlify("0552a69519d1f3043611126c13489ff4a2a867a1c667b1d9d9031cd27fdcff5a")
PUBLISHED_SLOTS = (
    (0, unhexlify("e92f18a8035f929b5b5341ae")),
    (1, unhexlify("e1fa70bdd20efc959c03adfb")),
    (95, unhexlify("15dd494fa1832667e7a945e5")),
)
NEXT_DAY_S_FIRST = unhexlify("45242b365efbbb67fa022489")

IDENTIFIER = unhexlify("c9c76ed0a99164ed35e46b89")
ACCEPTED = (
    ("flags, manufacturer's data, UUID", "020106 0fffb522c9c76ed0a99164ed35e46b89 0303564e"),
    ("UUID before the manufacturer's data", "020106 0303564e 0fffb522c9c76ed0a99164ed35e46b89"),
    ("no flags", "0fffb522c9c76ed0a99164ed35e46b89 0303564e"),
    ("an incomplete list", "020106 0302564e 0fffb522c9c76ed0a99164ed35e46b89"),
    ("another UUID before it", "050312 18564e 0fffb522c9c76ed0a99164ed35e46b89"),
    ("rubbish behind it, cut off", "0fffb522c9c76ed0a99164ed35e46b89 0303564e 0916"),
)
REFUSED = (
    ("another company", "020106 0303564e 0fff4c00c9c76ed0a99164ed35e46b89"),
    ("11 bytes", "020106 0303564e 0effb522c9c76ed0a99164ed35e46b"),
    ("13 bytes", "0303564e 10ffb522c9c76ed0a99164ed35e46b8900"),
    ("no UUID", "020106 0fffb522c9c76ed0a99164ed35e46b89"),
    ("another UUID", "0303574e 0fffb522c9c76ed0a99164ed35e46b89"),
    ("the UUID's bytes across two of a list", "0503 1856 4e12 0fffb522c9c76ed0a99164ed35e46b89"),
    ("an iPhone", "02011a 110767a607add1172fa1c44bf573564e0000 0909426c75657a6f6e65"),
    ("an iPhone in the background", "02011a 14ff4c000108000000000000000000000000000000"),
    ("cut off", "020106 0303564e 0fffb522c9c76ed0a9"),
    ("a length of zero before it", "020106 00 0fffb522c9c76ed0a99164ed35e46b89 0303564e"),
    ("nothing", ""),
)
