"""Work in other processes, taken back in the order in which it was given."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from cablesearch.errors import WorkerError

__all__ = ["DiedError", "Workers"]


class DiedError(WorkerError):
    """A process died, and with it the work that was submitted and not yet taken back."""

    def __init__(self) -> None:
        super().__init__("a process that was indexing died, perhaps out of memory; committed work is saved", "died")

    def __reduce__(self) -> tuple[type[DiedError], tuple[()]]:
        return DiedError, ()


_LOOK = 0.1
"""After how many seconds a process looks whether the one that gave it work is still there."""


_STOP = getattr(signal, "SIGUSR1", None)
"""What tells a process to drop its work, which nobody will take. It is not killed: half of a result may be under way,
and its reader would wait for the other half for ever."""


class _StoppedError(BaseException):
    """The work is dropped."""


class _State:
    """Of this process: whether it is at work, and whether it was told to stop."""

    working = False
    stopped = False


def _stop(number: int, frame: object) -> None:
    del number, frame
    _State.stopped = True
    if _State.working:
        raise _StoppedError


def _work(work: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    if _State.stopped:
        raise _StoppedError
    _State.working = True
    try:
        return work(*given)
    finally:
        _State.working = False


def _done(work: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    """What work gives, or the `MemoryError` that it ended with."""
    try:
        return work(*given)
    except MemoryError as error:
        return _bare(error)


def _bare(error: MemoryError) -> MemoryError:
    """An error without its traceback, which would keep what took the memory."""
    return error.with_traceback(None)


def _begin(parent: int) -> None:
    """What a process does before any work."""
    # The process that gave the work is interrupted too, and ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if _STOP is not None:
        signal.signal(_STOP, _stop)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process when the one that gave it work is killed: nobody would take what it does, and it would wait for
    more for ever."""
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Processes that begin here are not interrupted before they say that they do not want to be; this one is when it is
    through with what it does here."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Workers:
    """Up to ``jobs`` processes; none when there is one job, or but one piece of work.

    A piece of work comes back with its result, or with the `MemoryError` or `DiedError` that it ended with. When a
    process dies, all work that was not taken back is lost with it; what is given next begins in new processes.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        self._first: tuple[Any, Callable[..., Any], tuple[Any, ...]] | None = None
        self._pending: deque[tuple[Any, Future[Any] | DiedError]] = deque()

    def submit(self, work: Callable[..., Any], tag: Any, *given: Any) -> Iterator[tuple[Any, Any]]:
        """Give work, and take back what came before it and has to be waited for: (tag, result) pairs."""
        if self._jobs == 1:
            yield tag, _done(work, given)
            return
        if self._pool is None and self._first is None and not self._pending:
            self._first = (tag, work, given)
            return
        if self._first is not None:
            first, self._first = self._first, None
            self._pending.append((first[0], self._submitted(*first[1:])))
        self._pending.append((tag, self._submitted(work, given)))
        while len(self._pending) > self._jobs + 1:
            yield self._next()

    def now(self, work: Callable[..., Any], *given: Any) -> Any:
        """Give work, and take it back before what was given earlier."""
        return _done(work, given) if self._jobs == 1 else self._result(self._submitted(work, given))

    def _submitted(self, work: Callable[..., Any], given: tuple[Any, ...]) -> Future[Any] | DiedError:
        if self._pool is None:
            # Forked processes need not import anything again.
            method = "fork" if "fork" in multiprocessing.get_all_start_methods() else None
            context = multiprocessing.get_context(method)
            self._pool = ProcessPoolExecutor(
                self._jobs, mp_context=context, initializer=_begin, initargs=(os.getpid(),)
            )
        try:
            with _uninterrupted():
                return self._pool.submit(_work, work, given)
        except BrokenProcessPool:
            self._bury(self._pool)
            return DiedError()
        except OSError as error:
            # Those that did begin would wait for work for ever, and this one for them.
            for process in list((self._pool._processes or {}).values()):
                process.kill()
            raise WorkerError(f"{self._jobs} processes cannot be started ({error.strerror})", "start") from None

    def drain(self) -> Iterator[tuple[Any, Any]]:
        """Wait for all work and take it back."""
        if self._first is not None:
            tag, work, given = self._first
            self._first = None
            yield tag, _done(work, given)
        while self._pending:
            yield self._next()

    def _next(self) -> tuple[Any, Any]:
        tag, future = self._pending.popleft()
        return tag, self._result(future)

    def _result(self, future: Future[Any] | DiedError) -> Any:
        if isinstance(future, DiedError):
            return future
        pool = self._pool
        try:
            return future.result()
        except BrokenProcessPool:
            self._bury(pool)
            return DiedError()
        except MemoryError as error:
            return _bare(error)

    def _bury(self, pool: ProcessPoolExecutor | None) -> None:
        """Let go of processes of which one died; the others were ended."""
        if pool is None or pool is not self._pool:
            return
        self._pool = None
        with _uninterrupted():
            pool.shutdown()

    @staticmethod
    def _stop(pool: ProcessPoolExecutor) -> None:
        for pid in list(pool._processes or {}):
            with contextlib.suppress(ProcessLookupError):
                if _STOP is not None:
                    os.kill(pid, _STOP)

    def close(self, *, now: bool = False) -> None:
        """End the processes; work that has not begun is dropped, and with ``now`` what they are at, too."""
        if self._pool is not None:
            if now:
                self._stop(self._pool)
            # Python 3.11 takes a thread for ended when the wait for it is interrupted: then the queues are closed under
            # it, its processes are never told to end, and the program waits for them.
            with _uninterrupted():
                self._pool.shutdown(cancel_futures=True)
