"""A server has each commit as soon as it is there, also while nobody asks and while its queue is full."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from cablesearch.archive import Archive
from cablesearch.web.asking import Service
from cablesearch.web.settings import Settings
from tests.support.cables import cable
from tests.support.files import write_cables


def test_each_commit_is_held_without_a_place_in_the_queue(archive_of: Callable[..., Archive], tmp_path: Path) -> None:
    archive = archive_of(cable("09ROME1", "whale"))

    async def check() -> None:
        service = Service(Settings(str(archive.path)))
        # It takes no more questions.
        service.queue.close()
        following = asyncio.create_task(service.follow())

        async def held() -> str:
            while (seen := service.archives.held("UNCLASSIFIED")) is None:
                await asyncio.sleep(0.01)
            return seen.commit

        first = await held()
        archive.index([write_cables(tmp_path / "more.jsonl", [cable("09ROME2", "whale")])], jobs=1)
        second = await held()
        assert second != first
        # The first one is held for those who page through it.
        assert service.archives.held("UNCLASSIFIED", first) is not None
        following.cancel()

    asyncio.run(asyncio.wait_for(check(), 30))
