"""The work of a process of a server: a bounded number of questions at a time, and a bounded number that wait.

There are two lanes. Questions that are known to take long (an export, a batch) have a few places of their own, so they
never stand before a search. A search that turns out to take long moves over, once a place is free there, and makes room
for the next one.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

from cablesearch.errors import CablesearchError

__all__ = ["BusyError", "Queue", "TooLongError"]

_Answer = TypeVar("_Answer")
_LONG = 0.5
"""Seconds after which a question is one that takes long."""


class BusyError(CablesearchError):
    """Too many questions wait already."""

    def __init__(self) -> None:
        super().__init__("too many questions are waiting; ask again in a moment")


class TooLongError(CablesearchError):
    """An answer took too long."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the answer took longer than {seconds:g} seconds; ask for less at a time")


class _Lane:
    """Questions of a kind: those that are being answered take up places, the others wait.

    Args:
        places: how many are answered at a time.
        most: how many may wait.
    """

    def __init__(self, places: int, most: int) -> None:
        self.places = places
        self.most = most
        self.running = 0
        self.waiting: deque[_Job] = deque()

    @property
    def is_full(self) -> bool:
        return self.running >= self.places and len(self.waiting) >= self.most


class _Job:
    """A question and the future of its answer."""

    def __init__(self, question: Callable[[], Any], lane: _Lane) -> None:
        self.question = question
        self.lane = lane
        self.future: Future[Any] = Future()
        self.started: float | None = None

    def answer(self) -> None:
        """Answer the question, unless nobody waits for it any more."""
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self.question()
        except BaseException as error:
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


class Queue:
    """Answers questions in threads, a bounded number at a time; a bounded number of them wait.

    Args:
        threads: the number of questions that are answered at a time, and half as many that take long.
        waiting: the number of questions that may wait, and a quarter as many that are known to take long.
        seconds: the longest time for an answer, with the time of waiting.
    """

    def __init__(self, *, threads: int = 4, waiting: int = 64, seconds: float = 30.0) -> None:
        self._short = _Lane(threads, waiting)
        self._long = _Lane(max(1, threads // 2), max(1, waiting // 4))
        self._lanes = self._short, self._long
        self._seconds = seconds
        self._lock = Lock()
        self._ready: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._is_closed = False
        self.on_change: Callable[[int, int], None] = lambda running, waiting: None
        """Is called with the numbers of running and waiting questions when they change."""

    @property
    def taken(self) -> int:
        """The number of questions that are answered or wait."""
        return sum(lane.running + len(lane.waiting) for lane in self._lanes)

    async def run(self, question: Callable[[], _Answer], *, long: bool = False) -> _Answer:
        """Return the answer to a question.

        Args:
            question: gives the answer.
            long: whether it is known to take long.

        Raises:
            BusyError: too many wait, or it has waited too long.
            TooLongError: it took too long. The thread goes on; its place stays taken until it is done.
        """
        job = _Job(question, self._long if long else self._short)
        with self._lock:
            if self._is_closed or job.lane.is_full:
                raise BusyError
            job.lane.waiting.append(job)
            self._start()
        # A future of its own, as `wait_for` cancels what it waits for.
        answer: asyncio.Future[_Answer] = asyncio.wrap_future(job.future)
        mover = asyncio.get_running_loop().call_later(_LONG, self._move, job) if not long else None
        try:
            done, _ = await asyncio.wait([answer], timeout=self._seconds)
        except asyncio.CancelledError:
            self._leave(job, answer)
            raise
        finally:
            if mover is not None:
                mover.cancel()
        if done:
            return answer.result()
        raise TooLongError(self._seconds) if self._leave(job, answer) else BusyError

    def _leave(self, job: _Job, answer: asyncio.Future[Any]) -> bool:
        """Wait no longer for an answer, and return whether the question had its turn."""
        answer.cancel()
        with self._lock:
            if job in job.lane.waiting:
                job.lane.waiting.remove(job)
                self._start()
        return job.started is not None

    def _start(self) -> None:
        """Give free places to those who have waited longest. The lock is held."""
        for lane in self._lanes:
            while lane.waiting and lane.running < lane.places:
                job = lane.waiting.popleft()
                lane.running += 1
                job.started = time.monotonic()
                self._ready.put(job)
        busy = sum(lane.running for lane in self._lanes)
        self.on_change(busy, sum(len(lane.waiting) for lane in self._lanes))
        while len(self._threads) < busy:
            # Unlike those of a pool of the standard library, these do not hold up the end of the process.
            self._threads.append(Thread(target=self._work, name="answer", daemon=True))
            self._threads[-1].start()

    def _move(self, job: _Job) -> None:
        """Let a question that takes long take up a place among its kind, if one is free; else try again later."""
        with self._lock:
            if job.future.done() or job.lane is self._long:
                return
            if (
                job.started is not None
                and time.monotonic() - job.started > _LONG * 0.9
                and self._long.running < self._long.places
            ):
                job.lane.running -= 1
                job.lane = self._long
                job.lane.running += 1
                self._start()
                return
        asyncio.get_running_loop().call_later(_LONG, self._move, job)

    def _work(self) -> None:
        while (job := self._ready.get()) is not None:
            job.answer()
            with self._lock:
                job.lane.running -= 1
                self._start()
            # While the thread waits, it keeps no answer.
            del job

    def close(self) -> None:
        """Let the threads end, those that are busy once they are done."""
        with self._lock:
            self._is_closed = True
            for lane in self._lanes:
                while lane.waiting:
                    lane.waiting.popleft().future.cancel()
            for _ in self._threads:
                self._ready.put(None)
