"""What the schedule reckons stays in MicroPython's small integers of 31 bits."""

from wearable import pace, schedule

LIMIT = 1 << 30


class Small(int):
    """An integer whose results are never large."""


def _small(name: str):
    plain = getattr(int, name)

    def reckoned(self: int, other: int) -> Small:
        result = plain(self, int(other))
        assert -LIMIT <= result < LIMIT, (self, name, other)
        return Small(result)

    return reckoned


for _name in ("add", "radd", "sub", "rsub", "mul", "rmul", "floordiv", "mod", "lshift", "rlshift", "xor", "and"):
    setattr(Small, f"__{_name}__", _small(f"__{_name}__"))


def test_an_hour_of_any_budget_is_earned_in_small_integers() -> None:
    for budget_ua in (500, 2500, 10000):
        purse = pace.Purse(Small(budget_ua), Small(350), Small(20000), Small(90000), Small(90000))
        purse.most_mc = Small(purse.most_mc)
        for _ in range(50):
            purse.earn(Small(3600000))
            purse.spend(Small(2000), Small(2000))
        assert purse.left_mc == purse.most_mc - (20000 + 2000 * 90 * 2 + 500) // 1000 or budget_ua == 500


def test_meetings_are_reckoned_in_small_integers() -> None:
    for pattern in range(schedule.PATTERNS):
        for slot in range(schedule.SLOTS):
            schedule.meeting_ms(Small(slot), Small(pattern))
    for level in range(5):
        for virtual_ms in range(0, schedule.CYCLE_MS, 997):
            schedule.until_ms(Small(virtual_ms), Small(1), level)
