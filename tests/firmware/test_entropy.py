"""Random bytes no worse than the best of their sources."""

from wearable import entropy


class ConstantChip:
    """An os whose generator is broken."""

    @staticmethod
    def urandom(count):
        return b"\x55" * count


def with_broken_chip(draw):
    real, entropy.os = entropy.os, ConstantChip
    try:
        return draw()
    finally:
        entropy.os = real


def test_draws_have_the_length_asked_for():
    pool = entropy.Pool(b"seed")
    for count in (0, 1, 2, 16):
        assert len(pool.draw(count)) == count


def test_no_two_draws_are_alike():
    pool = entropy.Pool(b"seed")
    assert len({bytes(pool.draw(16)) for _ in range(200)}) == 200


def test_pools_with_the_same_seed_differ_by_the_chip():
    assert entropy.Pool(b"seed").draw(16) != entropy.Pool(b"seed").draw(16)


def test_with_a_broken_chip_pools_differ_by_what_the_desk_gave():
    first, second = with_broken_chip(lambda: [entropy.Pool(seed).draw(16) for seed in (b"one", b"two")])
    assert first != second


def test_with_a_broken_chip_draws_still_differ():
    pool = entropy.Pool(b"seed")
    assert len(with_broken_chip(lambda: {bytes(pool.draw(16)) for _ in range(50)})) == 50


def test_a_draw_is_no_part_of_what_stays_behind():
    pool = entropy.Pool(b"seed")
    drawn = pool.draw(16)
    for value in (getattr(pool, name) for name in dir(pool)):
        if isinstance(value, bytearray):
            assert drawn not in bytes(value)


def test_wiped_it_holds_nothing():
    pool = entropy.Pool(b"seed")
    pool.draw(16)
    held = [value for value in (getattr(pool, name) for name in dir(pool)) if isinstance(value, bytearray)]
    assert held
    pool.wipe()
    assert not any(any(value) for value in held)
