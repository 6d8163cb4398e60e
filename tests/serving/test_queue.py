"""The queue before questions: how many are answered, how many wait, and that those that take long stand in nobody's
way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest

from cablesearch.serving.queue import BusyError, Queue, TooLongError


def run(check: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(check(), 30))


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.01)


def test_answers_and_errors_come_back() -> None:
    async def check() -> None:
        queue = Queue()
        assert await queue.run(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            await queue.run(lambda: 1 // 0)
        assert await asyncio.gather(*(queue.run(partial(abs, number)) for number in range(60))) == [*range(60)]
        await until(lambda: queue.taken == 0)
        queue.close()

    run(check)


def test_a_bounded_number_is_answered_at_a_time_and_a_bounded_number_waits() -> None:
    async def check() -> None:
        queue = Queue(threads=2, waiting=3)
        go, running, most = threading.Event(), 0, 0
        lock = threading.Lock()

        def question() -> None:
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            go.wait(20)
            with lock:
                running -= 1

        tasks = [asyncio.create_task(queue.run(question)) for _ in range(5)]
        await until(lambda: running == 2)
        with pytest.raises(BusyError):
            await queue.run(question)
        assert queue.taken == 5
        go.set()
        await asyncio.gather(*tasks)
        # Those that took long made room for one more.
        assert most <= 3
        await until(lambda: queue.taken == 0)
        queue.close()

    run(check)


def test_questions_that_are_known_to_take_long_never_stand_before_others() -> None:
    async def check() -> None:
        queue = Queue(threads=2, waiting=64)
        go = threading.Event()
        slow = [asyncio.create_task(queue.run(lambda: go.wait(20), long=True)) for _ in range(10)]
        assert [await queue.run(lambda: 1) for _ in range(50)] == [1] * 50
        assert not any(task.done() for task in slow)
        go.set()
        await asyncio.gather(*slow)
        queue.close()

    run(check)


def test_a_search_that_takes_long_makes_room() -> None:
    async def check() -> None:
        queue = Queue(threads=1)
        go = threading.Event()
        slow = asyncio.create_task(queue.run(lambda: go.wait(20)))
        await asyncio.sleep(0)
        # It waits for the slow one, until that has moved over.
        assert await queue.run(lambda: 1) == 1
        assert not slow.done()
        go.set()
        assert await slow
        await until(lambda: queue.taken == 0)
        queue.close()

    run(check)


def test_nobody_waits_longer_than_the_time_for_an_answer() -> None:
    async def check() -> None:
        queue = Queue(threads=1, seconds=0.2)
        go = threading.Event()
        asked: list[int] = []
        slow = asyncio.create_task(queue.run(lambda: go.wait(20)))
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await queue.run(lambda: asked.append(1))
        with pytest.raises(TooLongError, match=r"longer than 0\.2 seconds"):
            await slow
        # The place stays taken until the thread is done; a question that nobody waits for is not asked.
        assert queue.taken == 1
        go.set()
        await until(lambda: queue.taken == 0)
        assert asked == []
        assert await queue.run(lambda: 2) == 2
        queue.close()

    run(check)


def test_a_reader_who_leaves_gives_up_the_place() -> None:
    async def check() -> None:
        queue = Queue(threads=1, waiting=1)
        go = threading.Event()
        slow = asyncio.create_task(queue.run(lambda: go.wait(20)))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(queue.run(lambda: 1))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        again = asyncio.create_task(queue.run(lambda: 2))
        go.set()
        assert await again == 2
        await slow
        queue.close()

    run(check)


def test_a_queue_that_is_closed_answers_nothing_more() -> None:
    async def check() -> None:
        queue = Queue()
        assert await queue.run(lambda: 1) == 1
        queue.close()
        with pytest.raises(BusyError):
            await queue.run(lambda: 1)

    run(check)
