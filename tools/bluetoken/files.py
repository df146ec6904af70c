"""Small files that must be whole: written beside their place, brought to the disk, and only then put there."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

PRIVATE = 0o600
PUBLIC = 0o644


def create(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Write a file that is not there yet, whole or not at all; FileExistsError where it is."""
    with _beside(path, data, mode) as temporary:
        try:
            # Unlike a rename this never takes the place of a file that came meanwhile.
            os.link(temporary, path)
        except FileExistsError:
            raise
        except OSError:
            # The file systems of USB sticks have no second names for a file.
            if os.path.lexists(path):
                raise FileExistsError(path) from None
            temporary.rename(path)


def replace(path: Path, data: bytes, mode: int = PRIVATE) -> None:
    """Write a file; cut short at any point, the old one is there as it was, or the new one whole."""
    path = path.resolve()  # the file behind a symbolic link, not the link
    with _beside(path, data, mode) as temporary:
        temporary.replace(path)


@contextlib.contextmanager
def _beside(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    """A file in the same folder that holds the data, on the disk; gone afterwards if it still has that name."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Bring the new name to the disk as well; Windows cannot, and need not, be asked for that."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
