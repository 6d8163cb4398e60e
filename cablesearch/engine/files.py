"""Whatever changes the disk, each step a function or method that can fail, or be lost in a power cut.

Everything that the engine writes goes through here, so that tests can let any step fail, stop the program there, and
know with what a disk is left that loses all that was not synced. What is written counts only once it is synced: the
contents of a file by `NewFile.sync`, its name by `sync_folder` of the folder that it is in.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["NewFile", "make_folder", "new_folder", "remove", "rename", "set_mode", "sync_folder", "write_whole"]

_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """What fails with a descriptor is said with the name of the file."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None


class NewFile:
    """A file that was not there before, nor anything else of its name, and is being written.

    Raises:
        FileExistsError: there is something of that name; it may be a file that readers have mapped, or a link.
        OSError: it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = os.open(path, _NEW, 0o666)

    def write(self, data: bytes | memoryview, at: int) -> None:
        """Write bytes at an offset.

        Raises:
            OSError: they cannot be written, for want of room perhaps.
        """
        rest = memoryview(data)
        with _naming(self.path):
            while rest:
                done = os.pwrite(self._descriptor, rest, at)
                rest, at = rest[done:], at + done

    def sync(self) -> None:
        """Have what was written on the disk.

        Raises:
            OSError: it is not known to be there.
        """
        with _naming(self.path):
            os.fsync(self._descriptor)

    def close(self) -> None:
        """Let go of the file."""
        with _naming(self.path):
            os.close(self._descriptor)


def write_whole(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Make a file of some bytes, synced unless that is not wanted; what is in the way of it is removed."""
    remove(path)
    file = NewFile(path)
    try:
        file.write(data, 0)
        if sync:
            file.sync()
    finally:
        file.close()


def rename(old: Path, new: Path) -> None:
    """Give a file another name, in place of what had it."""
    os.replace(old, new)


def remove(path: Path) -> None:
    """Remove a file, if it is there."""
    path.unlink(missing_ok=True)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it that are not there either."""
    if not path.is_dir():
        make_folder(path.parent)
        new_folder(path)
    # Also when it is there: who made it may have been stopped before this. Who may not read a folder cannot sync it.
    with contextlib.suppress(PermissionError):
        sync_folder(path.parent)


def new_folder(path: Path, mode: int = 0o777) -> None:
    """Make a folder, if it is not there, that allows no more than ``mode``."""
    path.mkdir(mode, exist_ok=True)


def set_mode(path: Path, mode: int) -> None:
    """Say who may read and write a file or a folder, on the disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with _naming(path):
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Have the names in a folder on the disk, those that are gone too."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with _naming(path):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
