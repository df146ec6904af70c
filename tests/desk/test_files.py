"""Files that must be whole: what a cut leaves of them, and who may read them."""

import errno
import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bluetoken import files

OLD, NEW = b"old " * 100, b"new " * 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with nothing else in it."""
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


def killed(monkeypatch: pytest.MonkeyPatch, call: str, time: int, work: Callable[[], None]) -> None:
    """Do the work in a process of its own that dies just before its `time`-th call of os.`call`."""
    real = getattr(os, call)
    left = [time]

    def deadly(*args: object, **more: object) -> object:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **more)

    child = os.fork()
    if not child:
        monkeypatch.setattr(os, call, deadly)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"os.{call} was not called {time} times"


@pytest.mark.parametrize(
    ("call", "time", "left"), [("open", 1, OLD), ("fsync", 1, OLD), ("replace", 1, OLD), ("fsync", 2, NEW)]
)
def test_a_cut_leaves_the_old_file_or_the_new_one(
    call: str, time: int, left: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a file"
    files.create(path, OLD)
    killed(monkeypatch, call, time, lambda: files.replace(path, NEW))
    assert path.read_bytes() == left
    files.replace(path, NEW)
    assert path.read_bytes() == NEW


@pytest.mark.parametrize(
    ("call", "time", "left"), [("fsync", 1, None), ("link", 1, None), ("fsync", 2, NEW), ("unlink", 1, NEW)]
)
def test_a_cut_leaves_no_part_of_a_new_file(
    call: str, time: int, left: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a file"
    killed(monkeypatch, call, time, lambda: files.create(path, NEW))
    assert (path.read_bytes() if path.exists() else None) == left


def test_the_data_are_on_the_disk_before_they_get_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    for name in ("fsync", "replace", "link"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *a, _n=name, _r=real, **m: (calls.append(_n), _r(*a, **m))[1])
    files.create(tmp_path / "a file", OLD)
    files.replace(tmp_path / "a file", NEW)
    assert calls == ["fsync", "link", "fsync", "fsync", "replace", "fsync"]


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        files.create(tmp_path / "a", OLD)
        files.replace(tmp_path / "a", NEW)
        files.create(tmp_path / "b", OLD, files.PUBLIC)
    finally:
        os.umask(before)
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in "ab"] == [0o600, 0o644]


@pytest.mark.parametrize("links", [True, False], ids=["with links", "on a USB stick"])
def test_nothing_is_overwritten_by_create(links: bool, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(source: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    if not links:
        monkeypatch.setattr(os, "link", link)
    path = folder / "a file"
    files.create(path, OLD)
    with pytest.raises(FileExistsError):
        files.create(path, NEW)
    (folder / "dangling").symlink_to(folder / "nowhere")
    with pytest.raises(FileExistsError):
        files.create(folder / "dangling", NEW)
    assert path.read_bytes() == OLD
    assert sorted(each.name for each in folder.iterdir()) == ["a file", "dangling"]


def test_a_failed_write_leaves_nothing_behind(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    files.create(folder / "a file", OLD)
    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="No space"):
        files.replace(folder / "a file", NEW)
    assert [each.read_bytes() for each in folder.iterdir()] == [OLD]


def test_the_file_behind_a_link_is_written(folder: Path) -> None:
    (folder / "stick").mkdir()
    files.create(folder / "stick" / "file", OLD)
    (folder / "link").symlink_to("stick/file")
    files.replace(folder / "link", NEW)
    assert (folder / "link").is_symlink() and (folder / "stick" / "file").read_bytes() == NEW
