"""The right to write to an index, which one process has at a time."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from pathlib import Path

from cablesearch.engine import files
from cablesearch.engine.arrays import open_file
from cablesearch.errors import CorruptIndexError, LockedError

__all__ = ["WriterLock"]

_LOCK = "writer.lock"
_HOLDER = "writer.lock.pid"
_PATIENCE = 5.0
"""For how many seconds a lock is waited for whose holder is not there: its processes are ending, or it has not yet
said who it is."""
_PAUSE = 0.02
_LOCKLESS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP}
_NO_LOCKS = "; an archive that is written to has to be on a file system with locks"


class WriterLock:
    """Held from when it is made until `release`, or until the process dies: the kernel takes it back then.

    Args:
        wait: whether to give a process that has it some seconds to end.

    Raises:
        LockedError: another process has it.
        OSError: it cannot be had: nobody may write there, or there is a link in its place.
    """

    def __init__(self, directory: Path, *, wait: bool = False) -> None:
        # Readers need no lock, and importing this takes longer than many a search.
        from filelock import FileLock, Timeout

        self._holder = directory / _HOLDER
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISREG(os.lstat(directory / _LOCK).st_mode):
                # An archive from a stranger is never to lead out of its folder.
                raise OSError(errno.ELOOP, "it is a link, or no file", os.fspath(directory / _LOCK))
        self._lock = FileLock(directory / _LOCK)
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                self._acquire(directory / _LOCK)
                break
            except Timeout:
                holder = self._pid()
                if (not wait and holder and _is_there(holder)) or time.monotonic() > until:
                    raise LockedError(
                        f"{directory.absolute()}: another process{f' (pid {holder})' if holder else ''} is writing to "
                        "this archive; wait for it to end"
                    ) from None
            time.sleep(_PAUSE)
        try:
            # Without it another writer is told less; on a full disk that is no reason not to remove something.
            with contextlib.suppress(OSError):
                files.write_whole(self._holder, str(os.getpid()).encode(), sync=False)
        except BaseException:
            self._lock.release()
            raise

    def _acquire(self, path: Path) -> None:
        """Take the lock, or raise filelock's Timeout or an OSError that names the file."""
        try:
            self._lock.acquire(timeout=0)
        except NotImplementedError:
            raise OSError(errno.ENOLCK, f"{os.strerror(errno.ENOLCK)}{_NO_LOCKS}", os.fspath(path)) from None
        except OSError as error:
            # Timeout is one of them, and so is what the file system says, without the name of the file.
            if error.errno is None:
                raise
            advice = _NO_LOCKS if error.errno in _LOCKLESS else ""
            raise OSError(error.errno, f"{error.strerror}{advice}", os.fspath(path)) from None

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
            self._lock.release()


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        # It is somebody else's.
        return True
    return True
