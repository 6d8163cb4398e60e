"""The work of a process of the server: so many questions at a time, and so many that wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from cablesearch.errors import CablesearchError
from cablesearch.web.settings import Settings

__all__ = ["BusyError", "Queue", "TooLongError"]

_Answer = TypeVar("_Answer")


class BusyError(CablesearchError):
    """Too many questions wait already."""

    def __init__(self) -> None:
        super().__init__("too many questions are waiting; ask again in a moment")


class TooLongError(CablesearchError):
    """An answer took too long."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the answer took longer than {seconds:g} seconds; ask for less at a time")


class Queue:
    """Answers questions in threads, a bounded number at a time; a bounded number of them wait."""

    def __init__(self, settings: Settings) -> None:
        self._pool = ThreadPoolExecutor(settings.threads, "answer")
        self._most = settings.threads + settings.waiting
        self._seconds = settings.seconds
        self._lock = Lock()
        self.taken = 0
        """The number of questions that are answered or wait."""
        self.on_change: Callable[[int], None] = lambda taken: None
        """Is called with that number when it changes."""

    async def run(self, question: Callable[[], _Answer]) -> _Answer:
        """Return the answer to a question.

        Raises:
            BusyError: too many wait.
            TooLongError: it took too long. The thread goes on; its place stays taken until it is done.
        """
        with self._lock:
            if self.taken >= self._most:
                raise BusyError
            self._count(self.taken + 1)
        future = self._pool.submit(question)
        future.add_done_callback(self._done)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._seconds)
        except asyncio.TimeoutError:
            raise TooLongError(self._seconds) from None

    def _done(self, future: Future[_Answer]) -> None:
        with self._lock:
            self._count(self.taken - 1)

    def _count(self, taken: int) -> None:
        self.taken = taken
        self.on_change(taken)

    def close(self) -> None:
        """Let the threads end."""
        self._pool.shutdown(wait=False, cancel_futures=True)
