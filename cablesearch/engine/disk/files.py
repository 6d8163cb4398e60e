"""The steps that change the disk. Each is a function or method that can fail, or be lost in a power cut.

Everything that the engine writes goes through this module, so tests can make any step fail, stop the program there, and
work out what a disk holds that lost all unsynced data. A write is durable only once it is synced: the contents of a
file by `NewFile.sync`, its name by `sync_folder` of its folder.

A place is a path, or a name in a `Folder` that is held open. Writers use only the latter, as a path may lead to another
folder at any time.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple

from cablesearch.errors import CablesearchError, CorruptIndexError, UnreadableFileError

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
    "open_file",
    "path_of",
    "remove",
    "rename",
    "set_mode",
    "status",
    "sync_folder",
    "sync_names",
    "unreadable",
    "write_whole",
]

_CLOEXEC = getattr(os, "O_CLOEXEC", 0)
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | _CLOEXEC
_CAREFULLY = sum(getattr(os, flag, 0) for flag in ("O_NONBLOCK", "O_CLOEXEC", "O_NOFOLLOW"))
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _CLOEXEC


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Make an OSError name the file that it is about."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None


def unreadable(place: Place | Directory, error: OSError) -> UnreadableFileError:
    """Return the error for a file or folder that the system cannot read."""
    kind = errno.errorcode.get(error.errno or 0, "")
    return UnreadableFileError(path_of(place), f"cannot be read ({error.strerror})", kind)


class Folder:
    """A folder that is held open. Its entries stay reachable when it is moved, or when its path leads elsewhere.

    Raises:
        OSError: the folder cannot be opened.
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
        """Return the descriptor of the folder.

        Raises:
            ValueError: the folder is closed.
        """
        if self._descriptor is None:
            raise ValueError(f"{self.path} is closed")
        return self._descriptor

    def close(self) -> None:
        """Close the folder."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def iterdir(self) -> Iterator[Entry]:
        """Yield the entries of the folder in any order."""
        return (self / name for name in os.listdir(self.descriptor))

    def check(self) -> None:
        """Check that the path still leads to this folder.

        Raises:
            CablesearchError: the path leads elsewhere, or nowhere.
        """
        with contextlib.suppress(OSError):
            if _identity(os.stat(self.path)) == self._identity:
                return
        raise CablesearchError(
            f"{self.path.absolute()}: this folder was moved or replaced while it was being written. Saved data is in "
            f"the folder that was here ({self._whereabouts()}); the folder that is here now is unchanged"
        )

    def _whereabouts(self) -> str:
        """Describe where the folder is now."""
        device, number = self._identity
        with contextlib.suppress(OSError):
            return f"now {os.readlink(f'/proc/self/fd/{self.descriptor}')}"
        return f"device {device}, inode {number}"


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _inherited(path: Path, descriptor: int, identity: tuple[int, int]) -> Folder:
    """Return the folder that the parent process holds open.

    Raises:
        CablesearchError: the descriptor belongs to something else in this process.
    """
    folder = object.__new__(Folder)
    folder.path, folder._descriptor, folder._identity = path, descriptor, identity
    with contextlib.suppress(OSError):
        if _identity(os.fstat(descriptor)) == identity:
            return folder
    raise CablesearchError(f"{path}: this process did not inherit the folder")


class Entry(NamedTuple):
    """A name in a folder that is held open."""

    parent: Folder
    name: str

    @property
    def path(self) -> Path:
        """Return the path of the entry when its folder was opened, for messages."""
        return self.parent.path / self.name

    def __str__(self) -> str:
        return os.fspath(self.path)

    def with_name(self, name: str) -> Entry:
        """Return the entry of another name in the same folder."""
        return Entry(self.parent, name)

    def exists(self) -> bool:
        """Whether anything has that name."""
        try:
            status(self)
        except FileNotFoundError:
            return False
        return True


Directory = Path | Folder
Place = Path | Entry


def path_of(place: Place | Directory) -> Path:
    """Return the path of a place, for messages."""
    return place if isinstance(place, Path) else place.path


def _at(place: Place) -> tuple[Path | str, int | None]:
    """Return a place as system calls take it: a path, or a name and the descriptor of its folder."""
    return (place, None) if isinstance(place, Path) else (place.name, place.parent.descriptor)


def status(place: Place) -> os.stat_result:
    """Return the status of the file, folder or link at a place; links are not followed.

    Raises:
        OSError: the place is empty or cannot be read.
    """
    name, folder = _at(place)
    with naming(path_of(place)):
        return os.stat(name, dir_fd=folder, follow_symlinks=False)


def open_descriptor(place: Place, flags: int, mode: int = 0o666) -> int:
    """Open a file and return its descriptor.

    Raises:
        OSError: the file cannot be opened.
    """
    name, folder = _at(place)
    with naming(path_of(place)):
        return os.open(name, flags, mode, dir_fd=folder)


def open_file(place: Place) -> BinaryIO:
    """Open a regular file for reading.

    Do not wait for a pipe or a device, and do not follow a link: an index from a stranger must not lead out of its
    folder.

    Raises:
        CorruptIndexError: the place is not a regular file.
        OSError: the file cannot be read.
    """
    if stat.S_ISLNK(status(place).st_mode):
        raise CorruptIndexError(place, "it is a link, not a file")
    descriptor = open_descriptor(place, os.O_RDONLY | _CAREFULLY)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise CorruptIndexError(place, "it is not a file")
    return open(descriptor, "rb")


class NewFile:
    """A new file that is being written.

    Raises:
        FileExistsError: the name is taken, perhaps by a file that readers have mapped, or by a link.
        OSError: the file cannot be created.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.path = path_of(place)
        self._descriptor = open_descriptor(place, _NEW)

    def write(self, data: bytes | memoryview, at: int) -> None:
        """Write bytes at an offset.

        Raises:
            OSError: they cannot be written; the disk may be full.
        """
        rest = memoryview(data)
        with naming(self.path):
            while rest:
                done = os.pwrite(self._descriptor, rest, at)
                rest, at = rest[done:], at + done

    def sync(self) -> None:
        """Sync the contents to the disk.

        Raises:
            OSError: the contents may not be on the disk.
        """
        with naming(self.path):
            os.fsync(self._descriptor)

    def close(self) -> None:
        """Close the file."""
        with naming(self.path):
            os.close(self._descriptor)


def write_whole(place: Place, data: bytes, *, sync: bool = True) -> None:
    """Write bytes to a new file, in place of an existing one, and sync its contents unless ``sync`` is false."""
    remove(place)
    file = NewFile(place)
    try:
        file.write(data, 0)
        if sync:
            file.sync()
    finally:
        file.close()


def rename(old: Place, new: Place) -> None:
    """Rename a file over whatever has the new name."""
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
    """Remove a file, if it exists."""
    name, folder = _at(place)
    with contextlib.suppress(FileNotFoundError), naming(path_of(place)):
        os.unlink(name, dir_fd=folder)


def make_folder(path: Path) -> None:
    """Create a folder and its missing parents."""
    if not path.is_dir():
        make_folder(path.parent)
        new_folder(path)
    # Also when the folder exists: the program that created it may have been stopped before this.
    sync_names(path.parent)


def sync_names(path: Path) -> None:
    """Sync the names in a folder to the disk, unless the folder may not be read, and so cannot be synced."""
    with contextlib.suppress(PermissionError):
        sync_folder(path)


def new_folder(path: Path, mode: int = 0o777) -> None:
    """Create a folder, unless it exists, whose permissions are at most ``mode``."""
    path.mkdir(mode, exist_ok=True)


def set_mode(path: Path, mode: int) -> None:
    """Set the permissions of a file or a folder and sync them to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with naming(path):
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(directory: Directory) -> None:
    """Sync the names in a folder to the disk, removals included."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(Folder(directory)) if isinstance(directory, Path) else directory
        with naming(folder.path):
            os.fsync(folder.descriptor)
