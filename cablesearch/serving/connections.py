"""The connections of a server: HTTP as uvicorn reads it, without clients that are slow on purpose.

uvicorn waits for the head of a request, for its body, and for a client to take the answer, for as long as the client
likes. So a few hundred connections that send a byte now and then would keep everybody out.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

import h11
from starlette.responses import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["REFUSED", "Connection"]

REFUSED = "refused"
"""Where the state of a request has the status of a response that the application did not send."""

_LEAST_RATE = 16 << 10
"""Bytes a second that a client sends of a body, once its patience is over."""
_LEAST_TAKEN = 16 << 10
"""Bytes of an answer that a client takes in the time of its patience."""
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def _plain(status: int) -> Response:
    return Response(HTTPStatus(status).phrase, status, media_type="text/plain")


class _Counted:
    """The transport of a connection, which counts the bytes that its client has taken."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._written = 0
        self.get_write_buffer_size = transport.get_write_buffer_size

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        self._written += len(data)
        self._transport.write(data)

    @property
    def taken(self) -> int:
        return self._written - self.get_write_buffer_size()


class Connection(H11Protocol):
    """A connection that is cut off when its client is slow.

    Args:
        arguments, options: what uvicorn gives.
        patience: the seconds for the head of a request; for its body, with a second more for each 16 KiB that came;
            and for 16 KiB of an answer.
        most: the most connections of the process.
        refusal: returns the response for what never becomes a request, given its status: 400, 408 or 431.
        report: is called with the status of each request that the application does not see; None: it got no answer.
    """

    def __init__(
        self,
        *arguments: Any,
        patience: float,
        most: int,
        refusal: Callable[[int], Response] = _plain,
        report: Callable[[int | None], object] = lambda status: None,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self._patience = patience
        self._most = most
        self._refusal = refusal
        self._report = report
        self._phase = ""
        self._since = 0.0
        self._received = 0
        self._unsent = self._taken = 0
        self._sending: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the head of a request."""
        self._out = _Counted(cast("asyncio.Transport", transport))
        super().connection_made(cast("asyncio.Transport", self._out))
        if len(self.connections) > self._most:
            self.transport.write(_FULL)
            self.transport.close()
            self._wait_for_taking()
            return
        self._enter("head")

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._enter("")
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read a part of a request."""
        if self.transport.is_closing():
            return
        self._received += len(data)
        super().data_received(data)
        if self.conn.their_state is h11.SEND_BODY:
            self._enter("body")
        elif self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._enter("head")
        else:
            self._enter("")

    def on_response_complete(self) -> None:
        """Wait for the client to take the rest of the answer, and for its next request."""
        super().on_response_complete()
        if self._out.get_write_buffer_size():
            self._wait_for_taking()

    def pause_writing(self) -> None:
        """Wait for the client to take a part of the answer."""
        super().pause_writing()
        self._wait_for_taking()

    def _enter(self, phase: str) -> None:
        """Begin to wait for a part of a request, unless this is what is waited for already."""
        if phase == self._phase:
            return
        self._phase = phase
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None
        if phase:
            self._since, self._received = self.loop.time(), 0
            self._sending = self.loop.call_later(self._patience, self._end_waiting)

    def _end_waiting(self) -> None:
        allowed = self._patience
        if self._phase == "body":
            allowed += self._received / _LEAST_RATE
            if self.flow.read_paused:
                # The server itself does not read.
                allowed = self.loop.time() - self._since + self._patience
        left = self._since + allowed - self.loop.time()
        if left > 0.001:
            self._sending = self.loop.call_later(left, self._end_waiting)
        elif self._phase == "body" and self.conn.our_state is h11.SEND_RESPONSE:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
            # The application waits for the rest, and its answer would be a second one.
            self.scope.setdefault("state", {})[REFUSED] = int(HTTPStatus.REQUEST_TIMEOUT)
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        else:
            self._cut()

    def _wait_for_taking(self) -> None:
        if self._taking is None:
            self._unsent, self._taken = self._out.get_write_buffer_size(), self._out.taken
            self._taking = self.loop.call_later(self._patience, self._end_taking)

    def _end_taking(self) -> None:
        self._taking = None
        if not self._out.get_write_buffer_size():
            return
        if self._out.taken - self._taken < min(self._unsent, _LEAST_TAKEN):
            self._cut()
        else:
            self._wait_for_taking()

    def _cut(self) -> None:
        if self.cycle is None:
            self._report(None)
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP."""
        hint = getattr(sys.exc_info()[1], "error_status_hint", None)
        too_large = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        status = too_large if hint == too_large else HTTPStatus.BAD_REQUEST
        state, is_between = self.conn.our_state, self.cycle is None or self.cycle.response_complete
        if state is h11.IDLE or (state is h11.SEND_RESPONSE and is_between):
            self._report(status)
            self._refuse(status)
        else:
            # The request was answered, or its answer is under way; this would be a second one.
            self.transport.abort()

    def _refuse(self, status: HTTPStatus) -> None:
        """Send the response of a refusal, and end the connection."""
        response = self._refusal(status)
        headers = [*response.raw_headers, (b"connection", b"close")]
        head = h11.Response(status_code=status, headers=headers, reason=status.phrase.encode())
        data = self.conn.send(head) or b""
        # The answer to HEAD has no body.
        with contextlib.suppress(h11.LocalProtocolError):
            data += self.conn.send(h11.Data(data=bytes(response.body))) or b""
        self.transport.write(data)
        self.transport.close()
        self._wait_for_taking()

    def _unsupported_upgrade_warning(self) -> None:
        # A client may ask for an upgrade; it is answered without one.
        pass
