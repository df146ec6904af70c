# For a MicroPython build of one's own with the application frozen in (docs/BOARDS.md):
#   make -C ports/esp32 BOARD=ESP32_GENERIC_C3 FROZEN_MANIFEST=/path/to/firmware/manifest.py
# ruff: noqa: F821
# mypy: ignore-errors
metadata(version="0.1.0", description="Bluetoken, a contact token")
include("$(PORT_DIR)/boards/manifest.py")
package("wearable")
module("main.py")
