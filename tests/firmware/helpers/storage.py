"""A folder of its own for a test: on littlefs in RAM under MicroPython, on disk under CPython."""

import os

from skipping import MICROPYTHON


def fresh_folder():
    """Return the path of an empty folder."""
    if MICROPYTHON:
        import ram_flash

        flash = ram_flash.RamFlash(64)
        ram_flash.format_flash(flash)
        return ram_flash.mount(flash)
    import tempfile

    folder = tempfile.TemporaryDirectory(prefix="bluetoken-")
    _kept.append(folder)
    return folder.name


_kept = []  # a temporary folder goes when nobody holds it, at the end of the run at the latest


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def exists(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False
