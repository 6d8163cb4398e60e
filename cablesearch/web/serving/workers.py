"""The processes of a server: each answers requests, and one more looks after them.

Even a server with one process for answers has the other one: a disk that fails, or a file that is cut off, under a
memory-mapped page ends a process by a signal (SIGBUS), and nothing in it can prevent that.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import time
from collections.abc import Callable

from cablesearch.errors import CablesearchError
from cablesearch.web.serving.request_log import places_of, write_line

__all__ = ["ServerError", "supervise"]

_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_YOUNG = 2.0
"""Seconds; a process that ends earlier has not really begun."""
_MOST_YOUNG = 5
"""The most processes that may end one after the other before they have begun."""


class ServerError(CablesearchError):
    """The processes of a server end as soon as they are started."""


class _Workers:
    """The processes that answer."""

    def __init__(self, work: Callable[[int], None], count: int) -> None:
        self._work = work
        self._count = count
        # A program that was started by nohup, or in the background of a script, is not meant to heed all of them.
        self.heeded = {signal.SIGCHLD, *(kind for kind in _ENDING if signal.getsignal(kind) != signal.SIG_IGN)}
        self._alive: dict[int, float] = {}
        """When each was started, by its number."""
        self._young = 0
        # Each process sees the end of the pipe when this one is gone, however it ended.
        self._watched, self._held = os.pipe()

    def start(self) -> None:
        """Start as many as are missing."""
        while len(self._alive) < self._count:
            number = os.fork()
            if number == 0:
                self._be_worker()
            self._alive[number] = time.monotonic()

    def _be_worker(self) -> None:
        status = 1
        try:
            os.close(self._held)
            for kind in self.heeded:
                signal.signal(kind, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, self.heeded)
            self._work(self._watched)
            status = 0
        except KeyboardInterrupt:
            status = 0
        except BaseException as error:
            write_line(f"error: a process of the server failed: {places_of(error, with_messages=True)}")
        finally:
            os._exit(status)

    def replace(self) -> None:
        """Start others in the place of those that have ended.

        Raises:
            ServerError: they end as soon as they are started.
        """
        for number, status, age in self._ended():
            self._young = self._young + 1 if age < _YOUNG else 0
            if self._young >= _MOST_YOUNG:
                raise ServerError("the processes of the server end as soon as they are started; see the messages above")
            write_line(f"warning: process {number} {_said(status)}; another takes its place")
        self.start()

    def _ended(self) -> list[tuple[int, int, float]]:
        """Forget those that have ended, and return their numbers, their statuses, and their ages in seconds."""
        ended = []
        for number, since in list(self._alive.items()):
            try:
                found, status = os.waitpid(number, os.WNOHANG)
            except ChildProcessError:
                found, status = number, 0
            if found:
                del self._alive[number]
                ended.append((number, status, time.monotonic() - since))
        return ended

    def end(self, seconds: float) -> None:
        """Let all end in order; those that have not after some seconds are killed."""
        deadline = time.monotonic() + seconds
        self._send(signal.SIGTERM)
        while self._alive:
            left = deadline - time.monotonic()
            if left <= 0:
                self._send(signal.SIGKILL)
                deadline = time.monotonic() + seconds
            signal.sigtimedwait({signal.SIGCHLD}, max(0.01, min(left, 0.5)))
            self._ended()

    def _send(self, kind: signal.Signals) -> None:
        for number in self._alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, kind)


def _said(status: int) -> str:
    """Return how a process ended."""
    code = os.waitstatus_to_exitcode(status)
    return f"ended by signal {-code} ({signal.Signals(-code).name})" if code < 0 else f"ended with status {code}"


def supervise(
    work: Callable[[int], None], count: int, grace: float, stop: Callable[[], None] = lambda: None
) -> signal.Signals:
    """Run processes until a signal tells this one to end, and return the signal.

    Args:
        work: what a process does, given a descriptor that is at its end once this process is gone.
        count: the number of processes; one that ends is replaced.
        grace: the seconds that they have to finish what they are doing.
        stop: is called before they do, so that nothing new begins.

    Raises:
        ServerError: they end as soon as they are started.
    """
    workers = _Workers(work, count)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, workers.heeded)
    # What is loaded stays shared: the search for garbage would write to it.
    gc.collect()
    gc.freeze()
    try:
        workers.start()
        while True:
            kind = signal.Signals(signal.sigwait(workers.heeded))
            if kind != signal.SIGCHLD:
                return kind
            workers.replace()
    finally:
        stop()
        workers.end(grace)
        # An interrupt from the keyboard went to all processes; it was heeded.
        while signal.sigtimedwait(workers.heeded, 0) is not None:
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
