"""The exclusive writer lock of an index."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
import weakref

from cablesearch.engine.disk import files
from cablesearch.errors import CorruptIndexError, LockedError

__all__ = ["WriterLock"]

_LOCK = "writer.lock"
_HOLDER = "writer.lock.pid"
_PATIENCE = 5.0
"""Seconds to wait for a lock whose holder is not running: its worker processes are ending, or it has not yet written
its process id."""
_PAUSE = 0.02
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_LOCKLESS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
_NO_LOCKS = "; an archive can only be written on a file system with locks"


class WriterLock:
    """The exclusive writer lock, held from construction until `release`, or until the process dies.

    Args:
        folder: the folder of the index. The lock is on a file in this folder, wherever its path leads later.
        wait: whether to wait some seconds for the holder to end.

    Raises:
        LockedError: another process holds the lock.
        OSError: the lock file cannot be written, or is a link.
    """

    def __init__(self, folder: files.Folder, *, wait: bool = False) -> None:
        self._descriptor: int | None = None
        self._holder = folder / _HOLDER
        until = time.monotonic() + _PATIENCE
        while (descriptor := _locked(folder / _LOCK)) is None:
            holder = self._pid()
            if (not wait and holder and _is_running(holder)) or time.monotonic() > until:
                process = f"another process{f' (pid {holder})' if holder else ''}"
                raise LockedError(folder.path.absolute(), f"{process} is writing here; wait for it to end")
            time.sleep(_PAUSE)
        self._descriptor = descriptor
        _held.add(self)
        try:
            # The process id only improves the message to another writer; a full disk must not prevent a removal.
            with contextlib.suppress(OSError):
                files.write_whole(self._holder, str(os.getpid()).encode(), sync=False)
        except BaseException:
            self.let_go()
            raise

    def _pid(self) -> int | None:
        """Return the id of the process that wrote that it holds the lock."""
        try:
            with files.open_file(self._holder) as file:
                return int(file.read(20))
        except (OSError, ValueError, CorruptIndexError):
            return None

    def release(self) -> None:
        """Release the lock for the next writer."""
        try:
            with contextlib.suppress(OSError):
                files.remove(self._holder)
        finally:
            self.let_go()

    def __del__(self) -> None:
        self.let_go()

    def let_go(self) -> None:
        """Close the lock file in this process only; the lock is free once no process has it open."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


_held: weakref.WeakSet[WriterLock] = weakref.WeakSet()
"""The locks of this process."""


def _let_go() -> None:
    for lock in list(_held):
        lock.let_go()


# A worker process may outlive its writer for a moment, and must not keep the next writer out.
os.register_at_fork(after_in_child=_let_go)


def _locked(place: files.Entry) -> int | None:
    """Lock a file and return its descriptor; None when another process has locked it.

    Raises:
        OSError: the file cannot be opened or locked, or is a link or not a file.
    """
    # An index from a stranger must not lead out of its folder.
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(files.status(place).st_mode):
            raise OSError(errno.ELOOP, "it is a link, or not a file", str(place))
    descriptor = files.open_descriptor(place, _FLAGS)
    try:
        _lock(place, descriptor)
        # Another process may have removed the opened file and created a new one.
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
    """Lock an open file.

    Raises:
        BlockingIOError: the file is locked.
        OSError: the file cannot be locked.
    """
    try:
        with files.naming(place.path):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _LOCKLESS:
            raise
        raise OSError(error.errno, f"{error.strerror}{_NO_LOCKS}", str(place)) from None


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        # The process belongs to another user.
        return True
    return True
