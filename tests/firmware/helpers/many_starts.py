"""Start after start of a token whose supply comes and goes every few seconds, on a flash that has a past."""

import chip
import day_of_cuts
import ram_flash
from wearable import records
from wearable.journal import Journal
from wearable.protocols import gaen
from writing import body, header

UP_MS = 3600  # a thousand starts in an hour
WRITING = 8  # a burst comes every half minute: every eighth of such starts lives to see one, and writes its key down
DAY_S = 86400
PAST_BODY = body(1, 480)


def with_a_past(blocks, days):
    """Return (flash, path) with a segment of forty kilobytes for each of some days."""
    flash = ram_flash.RamFlash(blocks)
    ram_flash.format_flash(flash)
    path = ram_flash.mount(flash)
    journal = Journal(path + "/journal")
    noon_s = day_of_cuts.NOON_UNIX_MS // 1000 - records.EPOCH_UNIX_S
    for number in range(1, days + 1):
        journal.open(header(number, number, noon_s - (days + 1 - number) * DAY_S))
        for _ in range(10):
            journal.append(DAY_S // 10, PAST_BODY)
    journal.close()
    return flash, path


def start_often(flash, path, starts, writing=WRITING):
    """Start so often, without power in between; every `writing`-th start writes. Returns the last Token."""
    token = None
    chip.switch_on()
    for n in range(starts):
        chip.current().lose_power()
        token = day_of_cuts.Token(path, flash)
        token.logbook.begin()
        if writing and n % writing == writing - 1:
            enin = (token.clock.now_s() + records.EPOCH_UNIX_S) // gaen.INTERVAL_S
            token.flush(token.identity.renew(token.pool.draw(gaen.TEK_BYTES), enin))
        chip.current().pass_ms(UP_MS)
    return token


def check(starts, blocks, days, writing=WRITING):
    """Have all of the past survive so many starts; returns (segments more than before, bytes that they took)."""
    flash, path = with_a_past(blocks, days)
    free = ram_flash.free_bytes()
    token = start_often(flash, path, starts, writing)
    numbers = token.journal.numbers()
    assert numbers[:days] == list(range(1, days + 1)) and not token.logbook.full
    assert numbers[-1] == days + starts and token.logbook.boot == days + starts
    return len(numbers) - days, free - ram_flash.free_bytes()
