"""The 32-bit MicroPython that `make rv32` builds, and what is counted with it."""
