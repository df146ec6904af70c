"""The few constructions that MicroPython lacks, on hashlib and cryptolib alone (pure)."""
