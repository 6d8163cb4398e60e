"""Work is bounded: in how much runs at once, how much waits, and how long a client waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from threading import Event, current_thread

import pytest

from cablesearch.archive import Archive
from cablesearch.errors import CablesearchError
from cablesearch.mcp.commits import Commits
from cablesearch.mcp.server import build
from cablesearch.mcp.work import Work
from tests.support.models import ask


def run(conversation: Callable[[], Awaitable[None]]) -> None:
    async def running() -> None:
        await conversation()

    asyncio.run(running())


def test_work_returns_what_a_function_returns_and_raises_what_it_raises() -> None:
    async def conversation() -> None:
        work = Work()
        name = await work.run(lambda: current_thread().name)
        assert name != current_thread().name
        with pytest.raises(ZeroDivisionError):
            await work.run(lambda: 1 // 0)

    run(conversation)


def test_only_so_much_runs_and_waits_at_once() -> None:
    async def conversation() -> None:
        work, go = Work(at_once=1, waiting=2), Event()
        running = [asyncio.create_task(work.run(go.wait)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(CablesearchError, match="too many requests at once"):
            await work.run(go.wait)
        go.set()
        assert await asyncio.gather(*running) == [True] * 3
        assert await work.run(lambda: "again") == "again"

    run(conversation)


def test_what_takes_too_long_keeps_its_place_until_it_ends() -> None:
    async def conversation() -> None:
        work, go = Work(at_once=1, seconds=0.05), Event()
        for _ in range(2):
            with pytest.raises(CablesearchError, match=r"no answer within 0\.05 seconds"):
                await work.run(go.wait)
        go.set()
        while True:
            try:
                assert await work.run(lambda: "again") == "again"
                break
            except CablesearchError:
                continue

    run(conversation)


def test_a_request_that_is_cancelled_gives_its_place_back() -> None:
    async def conversation() -> None:
        work, go = Work(at_once=1), Event()
        cancelled = asyncio.create_task(work.run(go.wait))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(work.run(lambda: "done"))
        await asyncio.sleep(0)
        cancelled.cancel()
        go.set()
        assert await waiting == "done"

    run(conversation)


def test_a_tool_that_takes_too_long_gives_an_error(beijing: Archive) -> None:
    told = ask(build(Commits(beijing.path), Work(seconds=0.0)), "search", query="china")
    assert told.is_error
    assert "no answer within 0 seconds: narrow it" in told.text
