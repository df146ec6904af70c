"""Overwriting the free heap: what was a key for a moment, as bytes that nobody can change, is still there."""

import gc

_LARGEST_BYTES = 4096
_BLOCK_BYTES = 16  # the collector's


def free_memory():
    """Fill with zeros what is free, to the last block; for the end of a run, for it takes a moment."""
    while True:
        try:
            _fill()
            return
        except KeyboardInterrupt:
            # Who insists on a prompt gets one, when there is nothing left to find.
            pass


def _fill():
    gc.collect()
    # A heap that can grow is not made to: what is not there yet holds nothing.
    left = gc.mem_free()
    held = None
    size = _LARGEST_BYTES
    while size >= _BLOCK_BYTES and left > 0:
        try:
            held = (held, bytearray(size))
            left -= size
        except MemoryError:
            size //= 2
    held = None
    gc.collect()
