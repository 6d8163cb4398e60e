"""Work in threads: so much at once, so much waiting, and no longer than a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from threading import Thread
from typing import TypeVar

import anyio

from cablesearch.errors import CablesearchError

__all__ = ["Work"]

_Answer = TypeVar("_Answer")


class Work:
    """Runs functions in threads, while other requests are taken.

    A function that takes too long goes on in its thread, whose place stays taken until it ends; who waits for it gets
    an error. Its thread never keeps the process from ending.

    Args:
        at_once: how many functions run at once.
        waiting: how many may wait for a place.
        seconds: how long a caller waits at most.
    """

    def __init__(self, *, at_once: int = 4, waiting: int = 32, seconds: float = 30.0) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._most_waiting = waiting
        self._waiting = 0
        self._seconds = seconds

    async def run(self, work: Callable[[], _Answer]) -> _Answer:
        """Return what a function returns, or raise what it raises.

        Raises:
            CablesearchError: too many are waiting, or it takes too long.
        """
        if self._waiting >= self._most_waiting:
            raise CablesearchError("too many requests at once: try again in a few seconds")
        try:
            with anyio.fail_after(self._seconds):
                self._waiting += 1
                try:
                    await self._places.acquire()
                finally:
                    self._waiting -= 1
                return await self._started(work)
        except TimeoutError:
            raise CablesearchError(
                f"no answer within {self._seconds:g} seconds: narrow it, for example with since and until"
            ) from None

    def _started(self, work: Callable[[], _Answer]) -> asyncio.Future[_Answer]:
        """Start a function in a thread, and return the future of its answer."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[_Answer] = loop.create_future()

        def end(answer: _Answer | None, error: BaseException | None) -> None:
            self._places.release()
            if future.done():
                return
            if error is None:
                future.set_result(answer)  # type: ignore[arg-type]
            else:
                future.set_exception(error)

        def run() -> None:
            answer, error = None, None
            try:
                answer = work()
            except BaseException as raised:
                error = raised
            # The server may have ended meanwhile.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(end, answer, error)

        Thread(target=run, daemon=True).start()
        return future
