"""One question of a reader, and its answer: as JSON or a page, with its entity tag."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

from fastapi import Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from cablesearch.archive import Archive
from cablesearch.errors import CablesearchError, CorruptIndexError
from cablesearch.serving.queue import Queue
from cablesearch.text.terminal import json_line
from cablesearch.web.archives import Archives, SupersededError
from cablesearch.web.cache import Answer, Cache
from cablesearch.web.paths import path_below_root
from cablesearch.web.problems import problem_of
from cablesearch.web.readers import Reader, Readers
from cablesearch.web.settings import Settings
from cablesearch.web.snapshots import Snapshots

__all__ = ["Asked", "Asking", "Page", "Service", "asking", "etag_of", "is_known"]

_LOG = logging.getLogger("cablesearch.web")
_T = TypeVar("_T")
_FOLLOWING = 0.5
"""Seconds after which a server looks for a new commit, though nobody asks."""
_TOOK = re.compile(rb'"took_ms": [0-9.]+')


class Service:
    """What a process of the server has: the archive, its readers, the queue and the cache.

    Args:
        settings: how the server is set up.
        cache: the answers that all processes keep; None: one of its own.
    """

    def __init__(self, settings: Settings, cache: Cache | None = None) -> None:
        self.settings = settings
        self.archives = Archives(settings)
        self.readers = Readers(settings)
        self.snapshots = Snapshots(settings.secret)
        self.queue = Queue(threads=settings.threads, waiting=settings.waiting, seconds=settings.seconds)
        self.cache = cache or Cache()

    async def follow(self) -> None:
        """Hold each commit as soon as it exists, so that every process of the server has it for readers who page
        through it; and say in the log when the archive cannot be read, and when it can be again.

        Another process may have answered with the first page, so this does not wait until this one is asked.
        """
        was_there = True
        while True:
            try:
                await run_in_threadpool(self.archives.archive, self.readers.anonymous.clearance)
            except Exception as error:
                if was_there:
                    _LOG.error("the archive cannot be read: %s", problem_of(error).detail)
                was_there = False
            else:
                if not was_there:
                    _LOG.warning("the archive can be read again")
                was_there = True
            await asyncio.sleep(_FOLLOWING)


class Page(NamedTuple):
    """Which part of its hits an answer has, for links to the next part."""

    offset: int
    limit: int


@dataclass(frozen=True, slots=True)
class Asking:
    """A question of a reader.

    Attributes:
        service: what the server has.
        request: the request.
        reader: who asks.
    """

    service: Service
    request: Request
    reader: Reader

    async def answer(
        self, question: Callable[[Archive], Answer], *kind: str, snapshot: str | None = None
    ) -> tuple[Answer, str]:
        """Return the answer to a question, which is kept, and the commit that it is of.

        Args:
            question: asks the archive, in a thread; it must depend on nothing but the archive, the reader's clearance,
                and ``kind``.
            kind: what tells the question from others.
            snapshot: the token of the commit to ask; None: the last one.

        Raises:
            SupersededError: the commit is no longer held.
            BusyError, TooLongError: the server has too much to do.
            CablesearchError: the archive cannot answer. Messages do not name its folder.
        """
        archives, cache, clearance = self.service.archives, self.service.cache, self.reader.clearance
        commit = self._commit(snapshot)
        held = archives.held(clearance, commit)
        if held is not None:
            kept = cache.get((held.commit, clearance, *kind))
            if kept is not None:
                cache.on_get(True)
                return kept, held.commit

        def answered() -> tuple[Answer, str]:
            archive = archives.archive(clearance, commit)
            key = archive.commit, clearance, *kind
            kept = cache.get(key)
            cache.on_get(kept is not None)
            if kept is None:
                kept = self._asked(question, archive)
                cache.put(key, kept)
            return kept, archive.commit

        return await self.service.queue.run(answered)

    async def ask(self, question: Callable[[Archive], _T], snapshot: str | None = None, *, long: bool = False) -> _T:
        """Return the answer to a question that is not kept; the errors are those of `answer`.

        Args:
            question, snapshot: as for `answer`.
            long: whether the question is known to take long (see `cablesearch.serving.queue`).
        """
        archives, clearance, commit = self.service.archives, self.reader.clearance, self._commit(snapshot)
        return await self.service.queue.run(
            lambda: self._asked(question, archives.archive(clearance, commit)), long=long
        )

    async def go_on(self, question: Callable[[], _T], archive: Archive) -> _T:
        """Return the answer to the next part of a long question about an archive; the errors are those of `answer`."""
        return await self.service.queue.run(lambda: self._asked(lambda _: question(), archive), long=True)

    def _commit(self, snapshot: str | None) -> str | None:
        """Return the commit of a snapshot's token; None: the last one."""
        if snapshot is None:
            return None
        commit = self.service.snapshots.commit(snapshot)
        if commit is None:
            raise SupersededError
        return commit

    def _asked(self, question: Callable[[Archive], _T], archive: Archive) -> _T:
        try:
            return question(archive)
        except CorruptIndexError:
            self.service.archives.forget()
            raise
        except CablesearchError as error:
            named = f"{archive.location}: "
            if type(error) is CablesearchError and str(error).startswith(named):
                raise CorruptIndexError(archive.location, str(error).removeprefix(named)) from None
            raise

    async def json(
        self,
        question: Callable[[Archive], Mapping[str, Any]],
        *,
        snapshot: str | None = None,
        page: Page | None = None,
    ) -> Response:
        """Return the response with the answer to a question as JSON.

        Args:
            question: asks the archive and returns an object.
            snapshot: the token of a commit; None: the last one.
            page: the part of the hits that the answer has, if it has hits.
        """

        def made(archive: Archive) -> Answer:
            values = question(archive)
            body = json_line(values).encode()
            return Answer(body, etag_of(_TOOK.sub(b"", body, count=1)), values.get("total"))

        return await self._answered(made, "application/json", snapshot, page)

    async def text(self, question: Callable[[Archive], str], media_type: str, filename: str) -> Response:
        """Return the response with the answer to a question as a file in another format than JSON."""

        def made(archive: Archive) -> Answer:
            body = question(archive).encode("utf-8", "backslashreplace")
            return Answer(body, etag_of(body))

        response = await self._answered(made, media_type)
        response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
        return response

    async def _answered(
        self,
        made: Callable[[Archive], Answer],
        media_type: str,
        snapshot: str | None = None,
        page: Page | None = None,
    ) -> Response:
        """Return the response with an answer, which is kept for the same question."""
        # Not those of `Request.url`, which is read as browsers read addresses: some that differ are the same there.
        path: str = self.request.scope["path"]
        answer, commit = await self.answer(made, path, *_without_snapshot(self.request), snapshot=snapshot)
        headers = {"ETag": answer.etag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
        if page and answer.total is not None and (links := self._links(commit, page, answer.total)):
            headers["Link"] = links
        if is_known(self.request, answer.etag):
            return Response(status_code=304, headers=headers)
        return Response(answer.body, headers=headers, media_type=media_type)

    def _links(self, commit: str, page: Page, total: int) -> str:
        """Return the addresses of the next and the previous page, of the same commit, as the header ``Link`` has them;
        empty if there are none."""
        places = {}
        if page.limit and page.offset + page.limit < total:
            places["next"] = page.offset + page.limit
        if page.limit and page.offset:
            places["prev"] = max(0, page.offset - page.limit)
        given = [pair for pair in self.request.query_params.multi_items() if pair[0] not in ("offset", "snapshot")]
        path = self.request.scope.get("root_path", "") + quote(path_below_root(self.request.scope))
        links = []
        for relation, offset in places.items():
            query = [*given, ("offset", str(offset)), ("snapshot", self.service.snapshots.token(commit))]
            links.append(f'<{path}?{urlencode(query)}>; rel="{relation}"')
        return ", ".join(links)


def etag_of(body: bytes) -> str:
    """Return the weak entity tag of an answer, from what it says: so it tells of nothing that the answer does not."""
    return f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def _without_snapshot(request: Request) -> list[str]:
    """Return the parts of a query string that tell a question from others."""
    query: bytes = request.scope["query_string"]
    return [part for part in query.decode("latin-1").split("&") if not part.startswith("snapshot=")]


def is_known(request: Request, etag: str) -> bool:
    """Return whether the reader has the answer with an entity tag already."""
    known = request.headers.get("if-none-match", "")
    return known.strip() == "*" or etag.removeprefix("W/") in [
        tag.strip().removeprefix("W/") for tag in known.split(",")
    ]


async def asking(request: Request) -> Asking:
    """Return the question of a request."""
    service: Service = request.app.state.service
    if {"authorization", "cookie"}.isdisjoint(request.headers):
        return Asking(service, request, service.readers.of(request))
    # Looking up a token may wait for the disk.
    return Asking(service, request, await run_in_threadpool(service.readers.of, request))


Asked = Annotated[Asking, Depends(asking)]
