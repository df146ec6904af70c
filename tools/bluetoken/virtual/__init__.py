"""The virtual token: real MicroPython and real littlefs on simulated silicon, air, flash and cable."""
