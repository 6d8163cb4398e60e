"""Whatever changes the disk, each step a function or method that can fail, or be lost in a power cut.

Everything that the engine writes goes through here, so that tests can let any step fail, stop the program there, and
know with what a disk is left that loses all that was not synced. What is written counts only once it is synced: the
contents of a file by `NewFile.sync`, its name by `sync_folder` of the folder that it is in.

A place is a path, or a name in a `Folder` that is held open. A writer uses the second alone: a path may come to stand
for another folder at any time.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from cablesearch.errors import CablesearchError

__all__ = [
    "Directory",
    "Entry",
    "Folder",
    "NewFile",
    "Place",
    "link",
    "make_folder",
    "naming",
    "new_folder",
    "open_descriptor",
    "path_of",
    "remove",
    "rename",
    "set_mode",
    "status",
    "sync_folder",
    "sync_names",
    "write_whole",
]

_CLOEXEC = getattr(os, "O_CLOEXEC", 0)
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | _CLOEXEC
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _CLOEXEC

_ADVICE = {
    errno.EMFILE: "too many files are open in this program; allow more (ulimit -n 1024) or use fewer processes",
    errno.ENFILE: "too many files are open on this computer; close other programs",
}


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Raise an OSError that names a file, in place of one that may not; one for want of descriptors says what to do."""
    try:
        yield
    except OSError as error:
        reason = _ADVICE.get(error.errno or 0, error.strerror)
        raise OSError(error.errno, reason, os.fspath(path)) from None


class Folder:
    """A folder that is held open. What is done in it is done in this one, wherever it is moved, and whatever takes its
    place.

    Raises:
        OSError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with naming(path):
            self._descriptor: int | None = os.open(path, _FOLDER)
        self._identity = _identity(os.fstat(self._descriptor))

    def __truediv__(self, name: str) -> Entry:
        return Entry(self, name)

    def __str__(self) -> str:
        return os.fspath(self.path)

    def __enter__(self) -> Folder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return _inherited, (self.path, self.descriptor, self._identity)

    @property
    def descriptor(self) -> int:
        """The descriptor of the folder.

        Raises:
            ValueError: the folder is closed.
        """
        if self._descriptor is None:
            raise ValueError(f"{self.path} is closed")
        return self._descriptor

    def close(self) -> None:
        """Let go of the folder."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def iterdir(self) -> Iterator[Entry]:
        """The entries of the folder, in any order."""
        return (self / name for name in os.listdir(self.descriptor))

    def check(self) -> None:
        """Make sure that the path still leads to this folder.

        Raises:
            CablesearchError: it leads elsewhere, or nowhere.
        """
        with contextlib.suppress(OSError):
            if _identity(os.stat(self.path)) == self._identity:
                return
        raise CablesearchError(
            f"{self.path.absolute()}: this folder was moved or replaced while it was written to. What was saved is in "
            f"the folder that was here ({self._whereabouts()}); what is here now was not changed"
        )

    def _whereabouts(self) -> str:
        """Where the folder is now, as far as the system says."""
        device, number = self._identity
        with contextlib.suppress(OSError):
            return f"now {os.readlink(f'/proc/self/fd/{self.descriptor}')}"
        return f"device {device}, inode {number}"


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _inherited(path: Path, descriptor: int, identity: tuple[int, int]) -> Folder:
    """The folder that the process which forked this one holds open.

    Raises:
        CablesearchError: the descriptor is not that folder's here.
    """
    folder = object.__new__(Folder)
    folder.path, folder._descriptor, folder._identity = path, descriptor, identity
    with contextlib.suppress(OSError):
        if _identity(os.fstat(descriptor)) == identity:
            return folder
    raise CablesearchError(f"{path}: this process did not inherit the folder")


@dataclass(frozen=True)
class Entry:
    """A name in a folder that is held open."""

    parent: Folder
    name: str

    @property
    def path(self) -> Path:
        """Where the entry was when its folder was opened, to be shown."""
        return self.parent.path / self.name

    def __str__(self) -> str:
        return os.fspath(self.path)

    def with_name(self, name: str) -> Entry:
        """Another name in the same folder."""
        return Entry(self.parent, name)

    def exists(self) -> bool:
        """Whether there is something of that name."""
        try:
            status(self)
        except FileNotFoundError:
            return False
        return True


Directory = Path | Folder
Place = Path | Entry


def path_of(place: Place | Directory) -> Path:
    """The path of a place, to be shown."""
    return place if isinstance(place, Path) else place.path


def _at(place: Place) -> tuple[Path | str, int | None]:
    """A place as the system's calls take it: a path or name, and the folder that a name is relative to."""
    return (place, None) if isinstance(place, Path) else (place.name, place.parent.descriptor)


def status(place: Place) -> os.stat_result:
    """What is at a place; links are not followed.

    Raises:
        OSError: nothing is, or it cannot be seen.
    """
    name, folder = _at(place)
    with naming(path_of(place)):
        return os.stat(name, dir_fd=folder, follow_symlinks=False)


def open_descriptor(place: Place, flags: int, mode: int = 0o666) -> int:
    """Open a file; its descriptor.

    Raises:
        OSError: it cannot be opened.
    """
    name, folder = _at(place)
    with naming(path_of(place)):
        return os.open(name, flags, mode, dir_fd=folder)


class NewFile:
    """A file that was not there before, nor anything else of its name, and is being written.

    Raises:
        FileExistsError: there is something of that name; it may be a file that readers have mapped, or a link.
        OSError: it cannot be made.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.path = path_of(place)
        self._descriptor = open_descriptor(place, _NEW)

    def write(self, data: bytes | memoryview, at: int) -> None:
        """Write bytes at an offset.

        Raises:
            OSError: they cannot be written, for want of room perhaps.
        """
        rest = memoryview(data)
        with naming(self.path):
            while rest:
                done = os.pwrite(self._descriptor, rest, at)
                rest, at = rest[done:], at + done

    def sync(self) -> None:
        """Have what was written on the disk.

        Raises:
            OSError: it is not known to be there.
        """
        with naming(self.path):
            os.fsync(self._descriptor)

    def close(self) -> None:
        """Let go of the file."""
        with naming(self.path):
            os.close(self._descriptor)


def write_whole(place: Place, data: bytes, *, sync: bool = True) -> None:
    """Make a file of some bytes, synced unless that is not wanted; what is in the way of it is removed."""
    remove(place)
    file = NewFile(place)
    try:
        file.write(data, 0)
        if sync:
            file.sync()
    finally:
        file.close()


def rename(old: Place, new: Place) -> None:
    """Give a file another name, in place of what had it."""
    (old_name, old_folder), (new_name, new_folder) = _at(old), _at(new)
    with naming(path_of(old)):
        os.replace(old_name, new_name, src_dir_fd=old_folder, dst_dir_fd=new_folder)


def link(old: Path, new: Entry) -> None:
    """Give a file a second name; where the file system has no links, it loses the first one."""
    try:
        name, folder = _at(new)
        os.link(old, name, dst_dir_fd=folder)
    except OSError:
        rename(old, new)


def remove(place: Place) -> None:
    """Remove a file, if it is there."""
    name, folder = _at(place)
    with contextlib.suppress(FileNotFoundError), naming(path_of(place)):
        os.unlink(name, dir_fd=folder)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it that are not there either."""
    if not path.is_dir():
        make_folder(path.parent)
        new_folder(path)
    # Also when it is there: who made it may have been stopped before this.
    sync_names(path.parent)


def sync_names(path: Path) -> None:
    """Have the names in a folder on the disk, unless one may not read it, and so cannot sync it."""
    with contextlib.suppress(PermissionError):
        sync_folder(path)


def new_folder(path: Path, mode: int = 0o777) -> None:
    """Make a folder, if it is not there, that allows no more than ``mode``."""
    path.mkdir(mode, exist_ok=True)


def set_mode(path: Path, mode: int) -> None:
    """Say who may read and write a file or a folder, on the disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with naming(path):
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(directory: Directory) -> None:
    """Have the names in a folder on the disk, those that are gone too."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(Folder(directory)) if isinstance(directory, Path) else directory
        with naming(folder.path):
            os.fsync(folder.descriptor)
