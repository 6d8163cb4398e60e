"""Answers that are sent while they are made: of any length, in little memory, from one commit."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import TypeVar

from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from cablesearch.archive import Archive
from cablesearch.serving.queue import BusyError
from cablesearch.web.asking import Asking
from cablesearch.web.guard import HEAD_ALONE

__all__ = ["JSON_LINES", "MOST_STREAMS", "Streams", "patiently", "sent", "streamed"]

JSON_LINES = "application/x-ndjson"
_LOG = logging.getLogger("cablesearch.web")
_T = TypeVar("_T")
MOST_STREAMS = 8
"""The most streams of a process at a time: each holds the numbers of all its hits."""
_PIECE = 64 << 10
"""Bytes that are sent at once, if they are there soon."""
_SOON = 0.25
"""Seconds after which what is there is sent."""
_AGAIN_AFTER = 0.05
"""Seconds after which a stream asks again for its turn."""
_SLOWEST = 30.0
"""Seconds that a reader may take to receive a piece."""


class Streams:
    """The streams of a process of the server, which are bounded."""

    def __init__(self, on_change: Callable[[int], None] = lambda count: None) -> None:
        self._on_change = on_change
        self.open = 0
        """The number of streams that are being sent."""

    @contextlib.contextmanager
    def place(self) -> Iterator[None]:
        """Take a place for a stream while the block runs.

        Raises:
            BusyError: there are too many.
        """
        if self.open >= MOST_STREAMS:
            raise BusyError
        self._count(self.open + 1)
        try:
            yield
        finally:
            self._count(self.open - 1)

    def _count(self, count: int) -> None:
        self.open = count
        self._on_change(count)


async def patiently(ask: Asking, question: Callable[[], _T], archive: Archive) -> _T:
    """Return the answer to a question of a stream that has begun, which waits for its turn however long that takes."""
    while True:
        try:
            return await ask.go_on(question, archive)
        except BusyError:
            await asyncio.sleep(_AGAIN_AFTER)


async def streamed(ask: Asking, lines: Callable[[Archive], Iterator[str]], media_type: str, filename: str) -> Response:
    """Return the response that sends lines while they are read.

    Args:
        ask: the question of the reader.
        lines: asks the archive, and returns an iterator that reads it. Errors of the first lines are raised here.
        media_type, filename: what the file is.
    """

    async def body() -> AsyncGenerator[bytes, None]:
        archive, pieces, piece = await ask.ask(lambda archive: (archive, *_begun(lines(archive))), long=True)
        yield b""
        while piece is not None:
            yield piece
            piece = await patiently(ask, lambda: next(pieces, None), archive)

    return await sent(ask, body(), media_type, filename)


def _begun(lines: Iterator[str]) -> tuple[Iterator[bytes], bytes | None]:
    """Return the pieces of a stream after the first, and the first piece, or None."""
    pieces = _pieces(lines)
    piece = next(pieces, None)
    return pieces, piece


def _pieces(lines: Iterator[str]) -> Iterator[bytes]:
    """Yield lines in pieces of some size, or what there is of it after some time."""
    piece, since = bytearray(), time.monotonic()
    for line in lines:
        piece += line.encode("utf-8", "backslashreplace")
        if len(piece) >= _PIECE or time.monotonic() - since > _SOON:
            yield bytes(piece)
            piece, since = bytearray(), time.monotonic()
    if piece:
        yield bytes(piece)


async def sent(ask: Asking, body: AsyncGenerator[bytes, None], media_type: str, filename: str) -> Response:
    """Return the response that sends what ``body`` yields. Whatever happens before its first piece is raised here."""
    streams: Streams = ask.request.app.state.streams

    async def placed() -> AsyncGenerator[bytes, None]:
        with streams.place():
            async with contextlib.aclosing(body):
                async for piece in body:
                    yield piece

    pieces = placed()
    try:
        first = await anext(pieces)
    except BaseException:
        await pieces.aclose()
        raise
    headers = {
        # Its entity tag would be that of what it says, which is known only at its end.
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{filename}"',
        "Vary": "Authorization, Cookie",
    }
    if ask.request.scope.get("state", {}).get(HEAD_ALONE):
        await pieces.aclose()
        response = Response(headers=headers, media_type=media_type)
        del response.headers["content-length"]
        return response
    return _Streamed(first, pieces, media_type, headers)


class _Streamed(StreamingResponse):
    """A response that ends early, and so is known to be cut, if an error occurs or its reader is too slow."""

    def __init__(
        self, first: bytes, pieces: AsyncGenerator[bytes, None], media_type: str, headers: dict[str, str]
    ) -> None:
        super().__init__(pieces, headers=headers, media_type=media_type)
        self._first, self._pieces = first, pieces

    async def stream_response(self, send: Send) -> None:
        """Send the pieces."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await self._send(send, self._first)
            async for piece in self._pieces:
                await self._send(send, piece)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except asyncio.TimeoutError:
            _LOG.warning("a stream was cut off: its reader did not receive it")
        except OSError:
            # The reader went away.
            pass
        except Exception as error:
            _LOG.error("a stream was cut off", exc_info=error)
        finally:
            await self._pieces.aclose()

    async def _send(self, send: Send, piece: bytes) -> None:
        if piece:
            message = {"type": "http.response.body", "body": piece, "more_body": True}
            await asyncio.wait_for(send(message), _SLOWEST)
