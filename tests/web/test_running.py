"""How a process of a server takes connections."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from itertools import pairwise
from pathlib import Path

from cablesearch.serving.addresses import bound_to
from cablesearch.web.cache import Cache
from cablesearch.web.serving.running import Process
from cablesearch.web.settings import Settings
from tests.support.archives import write
from tests.support.cables import cable


def test_a_process_does_not_take_all_connections_that_wait_at_once(tmp_path: Path) -> None:
    write(tmp_path, [cable("09ROME1", "The whale swims.")])
    process = Process(Settings(str(tmp_path / "archive"), logged=False), Cache())

    async def taken() -> list[int]:
        """Return how many connections the process has after each turn of its loop."""
        process.config.load()
        process.lifespan = process.config.lifespan_class(process.config)
        await process.startup([bound])
        counts = [0]
        while counts[-1] < 10:
            await asyncio.sleep(0)
            counts.append(len(process.server_state.connections))
        await process.shutdown([bound])
        return counts

    with contextlib.closing(bound_to("127.0.0.1", 0)) as bound, contextlib.ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(socket.create_connection(bound.getsockname()))
        counts = asyncio.run(taken())
    # So others, for whom they wait as well, can take the rest.
    assert max(after - before for before, after in pairwise(counts)) == 1
