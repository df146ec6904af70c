"""Stand in for ESP32's main.c and _boot.py: join the world, mount the flash, run the token."""

import bus
import sys
from micropython import const

_HARD = const(0)
_SOFT = const(1)


def _become_esp32():
    """Put the stand-ins where the chip has its built-in modules."""
    import bluetooth, esp32, machine, micropython_, os, time  # noqa: E401

    # Built-in names are found before files, but a loaded module is found before both.
    sys.modules["micropython"] = micropython_
    return os, esp32


def _mount(os, esp32):
    from vfs import VfsLfs2

    partition = esp32.Partition("vfs")
    try:
        file_system = VfsLfs2(partition, mtime=False)
    except OSError:
        # A new chip: an erased first block is formatted at the first start, as inisetup.py does.
        first = bytearray(4096)
        partition.readblocks(0, first)
        if first != b"\xff" * 4096:
            _complain(os)
        VfsLfs2.mkfs(partition)
        file_system = VfsLfs2(partition, mtime=False)
    os.umount("/")
    os.mount(file_system, "/")
    os.chdir("/")


def _complain(os):
    """Say so until Ctrl-C, and touch nothing, as inisetup.py does; then there is a prompt and no file."""
    os.umount("/")
    bus.call(bus.KEYBOARD, b"\x01")
    while True:
        print("The filesystem appears to be corrupted.")
        bus.sleep_ms(3000)


def _main():
    raw = bus.open(int(sys.argv[1]), int(sys.argv[2]))
    os, esp32 = _become_esp32()
    import repl

    try:
        _mount(os, esp32)
    except KeyboardInterrupt:
        print("KeyboardInterrupt: ")
    sys.path[:] = ["", ".frozen", "/lib"]
    raw = repl.run(raw)
    while True:
        try:
            bus.leave(0x10 | _SOFT if raw else _SOFT)
        except KeyboardInterrupt:
            pass  # too late


_main()
