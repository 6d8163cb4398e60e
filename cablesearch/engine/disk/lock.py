"""The right to write to an index, which one process has at a time."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
import weakref

from cablesearch.engine.disk import files
from cablesearch.engine.disk.arrays import open_file
from cablesearch.errors import CorruptIndexError, LockedError

__all__ = ["WriterLock"]

_LOCK = "writer.lock"
_HOLDER = "writer.lock.pid"
_PATIENCE = 5.0
"""For how many seconds a lock is waited for whose holder is not there: its processes are ending, or it has not yet
said who it is."""
_PAUSE = 0.02
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LOCKLESS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
_NO_LOCKS = "; an archive that is written to has to be on a file system with locks"


class WriterLock:
    """Held from when it is made until `release`, or until the process dies: the kernel takes it back then.

    Args:
        folder: of the index; the lock is on a file in this folder, whatever its path comes to stand for.
        wait: whether to give a process that has it some seconds to end.

    Raises:
        LockedError: another process has it.
        OSError: it cannot be had: nobody may write there, or there is a link in its place.
    """

    def __init__(self, folder: files.Folder, *, wait: bool = False) -> None:
        self._descriptor: int | None = None
        self._holder = folder / _HOLDER
        until = time.monotonic() + _PATIENCE
        while (descriptor := _locked(folder / _LOCK)) is None:
            holder = self._pid()
            if (not wait and holder and _is_there(holder)) or time.monotonic() > until:
                raise LockedError(
                    f"{folder.path.absolute()}: another process{f' (pid {holder})' if holder else ''} is writing to "
                    "this archive; wait for it to end"
                )
            time.sleep(_PAUSE)
        self._descriptor = descriptor
        _held.add(self)
        try:
            # Without it another writer is told less; on a full disk that is no reason not to remove something.
            with contextlib.suppress(OSError):
                files.write_whole(self._holder, str(os.getpid()).encode(), sync=False)
        except BaseException:
            self.let_go()
            raise

    def _pid(self) -> int | None:
        """The process that says it has the lock."""
        try:
            with open_file(self._holder) as file:
                return int(file.read(20))
        except (OSError, ValueError, CorruptIndexError):
            return None

    def release(self) -> None:
        """Let the next writer in."""
        try:
            with contextlib.suppress(OSError):
                files.remove(self._holder)
        finally:
            self.let_go()

    def __del__(self) -> None:
        self.let_go()

    def let_go(self) -> None:
        """Close the file that is locked, in this process alone; the lock is free when no process has it open."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


_held: weakref.WeakSet[WriterLock] = weakref.WeakSet()
"""The locks of this process."""


def _let_go() -> None:
    for lock in list(_held):
        lock.let_go()


# A helper may outlive its writer for a moment, and is not to keep the next one out.
os.register_at_fork(after_in_child=_let_go)


def _locked(place: files.Entry) -> int | None:
    """The descriptor of a file that is now locked; None: another one has it locked.

    Raises:
        OSError: it cannot be opened or locked, or is a link or no file.
    """
    # An archive from a stranger is never to lead out of its folder.
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(files.status(place).st_mode):
            raise OSError(errno.ELOOP, "it is a link, or no file", str(place))
    descriptor = files.open_descriptor(place, _FLAGS)
    try:
        _lock(place, descriptor)
        # Somebody may have removed the file that was opened, and made another.
        if os.path.samestat(os.fstat(descriptor), files.status(place)):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def _lock(place: files.Entry, descriptor: int) -> None:
    """Lock an open file, or raise BlockingIOError when it is locked; other errors name it."""
    try:
        with files.naming(place.path):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _LOCKLESS:
            raise
        raise OSError(error.errno, f"{error.strerror}{_NO_LOCKS}", str(place)) from None


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        # It is somebody else's.
        return True
    return True
