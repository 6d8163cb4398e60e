"""Questions to a cluster, over opensearch-py: retried where that makes sense, and with errors of our own."""

from __future__ import annotations

import gzip
import json
import logging
import os
import random
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from opensearchpy import Transport
from opensearchpy.exceptions import SerializationError, TransportError
from urllib3 import Timeout

from cablesearch.cluster.addresses import Address
from cablesearch.cluster.faults import NotReadyError, fault_of, is_passing
from cablesearch.cluster.settings import Settings, node_of, read_settings
from cablesearch.errors import CablesearchError, UnreachableError

__all__ = ["Attempts", "Client", "pauses"]

# Every error is raised, so nothing has to be written to the terminal of those who set up no logging.
logging.getLogger("opensearch").addHandler(logging.NullHandler())

_CONNECTING = 10.0
"""The most seconds until a node accepts a connection."""
_CONNECTIONS = 64
"""The most connections to a node that are kept open."""
_SMALL = 1000
"""Bytes that are sent without being compressed."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 20.0
_FAILING_OVER, _SHORT_PAUSE = 20.0, 2.0
"""The seconds in which a cluster that lost a node should be ready again, and the longest pause meanwhile."""


def pauses(
    retries: int | None = None, patience: float | None = None, longest: float = _LONGEST_PAUSE
) -> Iterator[float]:
    """Yield the seconds to wait before each new attempt: at random up to a limit that doubles ("full jitter").

    So many clients that failed together do not come back together.

    Args:
        retries: the most attempts; None: no limit.
        patience: the seconds after which there are none, from the first one on; None: no limit.
        longest: the longest pause.
    """
    until = None if patience is None else time.monotonic() + patience
    attempt = 0
    while (retries is None or attempt < retries) and (until is None or time.monotonic() < until):
        yield random.uniform(0, min(longest, _FIRST_PAUSE * 2**attempt))
        attempt += 1


def _slept(waits: Iterator[float]) -> bool:
    """Sleep for the next of some pauses; return False if there is none left."""
    pause = next(waits, None)
    if pause is not None:
        time.sleep(pause)
    return pause is not None


class Attempts:
    """How often, and when, a reader asks again.

    It is soon told that a cluster cannot be reached at all, but waits while the cluster gets over the loss of a node.
    """

    def __init__(self, retries: int) -> None:
        self._retries = pauses(retries)
        self._failing_over = pauses(patience=_FAILING_OVER, longest=_SHORT_PAUSE)

    def wait(self, error: CablesearchError) -> bool:
        """Wait before another attempt; return False if an error is not worth one."""
        if not is_passing(error):
            return False
        return _slept(self._failing_over if isinstance(error, NotReadyError) else self._retries)


class Patience:
    """How often, and when, a writer asks again: for some seconds, also if no answer came in time."""

    def __init__(self, seconds: float) -> None:
        self._pauses = pauses(patience=seconds)

    def wait(self, error: CablesearchError) -> bool:
        """Wait before another attempt; return False if an error is not worth one."""
        return is_passing(error, timeouts=True) and _slept(self._pauses)


class Client:
    """A client of the cluster that has an archive; several threads may share it.

    Args:
        address: the archive.
        settings: how the cluster is reached.

    Attributes:
        unused: points in time that are no longer needed (see `cablesearch.cluster.snapshots`).
    """

    def __init__(self, address: Address, settings: Settings) -> None:
        self.address, self.settings = address, settings
        self._connected = self._connect()
        self.unused: deque[str] = deque()

    @classmethod
    def of(cls, address: Address) -> Client:
        """Return the client for an address with the settings of the environment, the same one for the same settings."""
        return _shared(address, read_settings(address))

    def __repr__(self) -> str:
        return f"Client({str(self.address)!r})"

    def _connect(self) -> tuple[int, Transport]:
        """Return the number of this process, and connections of its own."""
        nodes = (node_of(self.address), *self.settings.hosts)
        try:
            return os.getpid(), Transport([_host(node) for node in nodes], max_retries=0, **_options(self.settings))
        except (OSError, ValueError) as error:
            # Such as a file of certificates that is missing.
            raise CablesearchError(f"{self.address}: the settings for the cluster do not work ({error})") from None

    @property
    def _transport(self) -> Transport:
        if self._connected[0] != os.getpid():
            # Two processes must not talk over the same connection, as they would after a fork.
            self._connected = self._connect()
        return self._connected[1]

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | Sequence[Mapping[str, Any]] | bytes | None = None,
        *,
        seconds: float | None = None,
        patience: float | None = None,
        once: bool = False,
        **parameters: str | int | bool,
    ) -> dict[str, Any]:
        """Send a request and return its answer.

        It is sent again after a passing fault, so it must do no harm if it is carried out twice.

        Args:
            method, path: of HTTP; the path is encoded where needed.
            body: what is sent as JSON; a list, or bytes, as lines of JSON.
            seconds: the most seconds until an answer; None: as in the settings.
            patience: the seconds for which to try again, even if an answer does not come in time. None: try as often as
                the settings say, but not if an answer does not come in time, as the next one would be no faster.
            once: do not try again.
            parameters: those of the address.

        Raises:
            UnreachableError: the cluster does not answer.
            RefusedError: it refuses.
        """
        attempts = Attempts(self.settings.retries) if patience is None else Patience(patience)
        while True:
            try:
                return self._send(method, path, body, seconds, parameters)
            except SerializationError as error:
                raise UnreachableError(str(self.address), "what answers is not OpenSearch") from error
            except TransportError as error:
                fault = fault_of(self.address, error)
                if once or not attempts.wait(fault):
                    raise fault from None

    def _send(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | Sequence[Mapping[str, Any]] | bytes | None,
        seconds: float | None,
        parameters: Mapping[str, str | int | bool],
    ) -> dict[str, Any]:
        headers = {"content-type": "application/json" if isinstance(body, Mapping) else "application/x-ndjson"}
        content = body if isinstance(body, bytes) or body is None else _encoded(body)
        if content is not None and len(content) > _SMALL and self.settings.compress:
            # Level 1 takes a tenth of the time of the library's level 9, and saves nearly as much.
            content = gzip.compress(content, 1)
            headers["content-encoding"] = "gzip"
        values = {name: str(value).lower() if isinstance(value, bool) else value for name, value in parameters.items()}
        answer = self._transport.perform_request(
            method, path, params=values, body=content, timeout=seconds, headers=headers if content is not None else None
        )
        if not isinstance(answer, dict):
            raise SerializationError("not an object")
        return answer

    @cached_property
    def version(self) -> tuple[int, ...]:
        """The version of the cluster, such as ``(2, 19, 6)``.

        Raises:
            UnreachableError: what answers is not a cluster of OpenSearch.
        """
        about = self.ask("GET", "/")
        try:
            return tuple(int(part) for part in str(about["version"]["number"]).split("-")[0].split("."))
        except (KeyError, TypeError, ValueError):
            raise UnreachableError(str(self.address), "what answers is not OpenSearch") from None


@lru_cache(maxsize=16)
def _shared(address: Address, settings: Settings) -> Client:
    return Client(address, settings)


def _encoded(body: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> bytes:
    try:
        if isinstance(body, Mapping):
            return json.dumps(body, separators=(",", ":")).encode()
        return b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in body)
    except RecursionError:
        # Raised without it as its context: that would be a thousand lines.
        error = CablesearchError("the query has too many brackets within brackets for a cluster")
    raise error


def _host(node: str) -> dict[str, Any]:
    host, _, port = node.rpartition(":")
    return {"host": host.strip("[]"), "port": int(port)}


def _options(settings: Settings) -> dict[str, Any]:
    """Return the options of the client's library."""
    headers = {"accept-encoding": "gzip,deflate"}
    if settings.authorization is not None:
        headers["authorization"] = settings.authorization
    options: dict[str, Any] = {
        "headers": headers,
        "timeout": Timeout(connect=min(_CONNECTING, settings.timeout), read=settings.timeout),
        "pool_maxsize": _CONNECTIONS,
        "use_ssl": settings.uses_tls,
    }
    if settings.user is not None:
        options["http_auth"] = (settings.user, settings.password)
    if settings.uses_tls:
        options |= {
            "verify_certs": settings.verify,
            "ssl_show_warn": False,
            "ca_certs": settings.ca_file,
            "client_cert": settings.client_certificate,
            "client_key": settings.client_key,
        }
    return options
