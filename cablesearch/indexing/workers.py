"""Worker processes whose results come back in the order in which the work was given."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
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
"""The seconds between a worker's checks that its parent process is running."""

_PATIENCE = 0.2
"""The seconds between reports while a result is waited for."""

_STOP = getattr(signal, "SIGUSR1", None)
"""The signal on which a worker drops its work. Workers are not killed, as the parent would wait forever for the rest of
a result that is half sent."""


class _StoppedError(BaseException):
    """The parent process no longer wants the result."""


class _State:
    """The state of this process: whether it is working, and whether it received `_STOP`."""

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
    """Return the result of work, or the `MemoryError` that ended it."""
    try:
        return work(*given)
    except MemoryError as error:
        return _bare(error)


def _bare(error: MemoryError) -> MemoryError:
    """Return an error without its traceback, which would keep the memory in use."""
    return error.with_traceback(None)


def _begin(parent: int) -> None:
    """Set up a worker process."""
    # Ctrl-C also reaches the parent process, which ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if _STOP is not None:
        signal.signal(_STOP, _stop)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process when its parent process is killed; otherwise it would wait for work forever."""
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Defer interrupts until the end of the block, so that new processes can ignore them from the start."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Workers:
    """Up to ``jobs`` worker processes; none for one job, or for a single piece of work.

    Each piece of work comes back with its result, or with the `MemoryError` or `DiedError` that ended it. When a
    process dies, all work that was not taken back is lost; later work starts in new processes.

    Args:
        jobs: the number of processes.
        on_wait: called every `_PATIENCE` seconds while a result is waited for.
    """

    def __init__(self, jobs: int, on_wait: Callable[[], object] | None = None) -> None:
        self._jobs = jobs
        self._on_wait = on_wait
        self._pool: ProcessPoolExecutor | None = None
        self._first: tuple[Any, Callable[..., Any], tuple[Any, ...]] | None = None
        self._pending: deque[tuple[Any, Future[Any] | DiedError]] = deque()

    def submit(self, work: Callable[..., Any], tag: Any, *given: Any) -> Iterator[tuple[Any, Any]]:
        """Submit work, and yield the (tag, result) pairs of earlier work for which it has to wait."""
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
        """Submit work, and return its result before those of earlier work."""
        return _done(work, given) if self._jobs == 1 else self._result(self._submitted(work, given))

    def _submitted(self, work: Callable[..., Any], given: tuple[Any, ...]) -> Future[Any] | DiedError:
        if self._pool is None:
            # Forked processes import nothing again.
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
            # Processes that did start would wait for work forever, and this process for them.
            for process in list((self._pool._processes or {}).values()):
                process.kill()
            raise WorkerError(f"{self._jobs} processes cannot be started ({error.strerror})", "start") from None

    def drain(self) -> Iterator[tuple[Any, Any]]:
        """Wait for all work, and yield its (tag, result) pairs."""
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
            while self._on_wait is not None and not future.done():
                wait([future], _PATIENCE)
                self._on_wait()
            return future.result()
        except BrokenProcessPool:
            self._bury(pool)
            return DiedError()
        except MemoryError as error:
            return _bare(error)

    def _bury(self, pool: ProcessPoolExecutor | None) -> None:
        """Discard a pool in which a process died; the pool has ended the others."""
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
        """End the processes. Work that has not begun is dropped; with ``now``, also work in progress."""
        if self._pool is not None:
            if now:
                self._stop(self._pool)
            # Python 3.11 assumes that a thread has ended when the wait for it is interrupted. It would then close the
            # queues that the thread uses, never end its processes, and wait for them.
            with _uninterrupted():
                self._pool.shutdown(cancel_futures=True)
