"""Which serial port a token is on."""

from __future__ import annotations

from pathlib import Path

from serial.tools import list_ports

from bluetoken.errors import NoSuchPort

# USB vendors of the boards in board_configs: Espressif, Silicon Labs, WCH, FTDI.
USB_VENDORS = {0x303A, 0x10C4, 0x1A86, 0x0403}


def candidates() -> list[str]:
    """Serial ports that could be a token."""
    return sorted(port.device for port in list_ports.comports() if port.vid in USB_VENDORS)


def find_port(port: str | None) -> str:
    """`port` itself if it exists, or else the only one that could be a token."""
    if port:
        if port.startswith("/") and not Path(port).exists():
            raise NoSuchPort(f"There is no port {port}: is the cable plugged in?")
        return port
    found = candidates()
    if not found:
        raise NoSuchPort
    if len(found) > 1:
        raise NoSuchPort(f"Several ports could be a token; name one with --port: {', '.join(found)}.")
    return found[0]
