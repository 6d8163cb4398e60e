"""Sending documents to a cluster: in bulk, several requests at once, and again where one fails for a while."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from cablesearch.cluster.client import Client, pauses
from cablesearch.cluster.faults import BUSY, FULL_DISK, is_passing, kinds_of, refusal
from cablesearch.errors import CablesearchError, LockedError

__all__ = ["Sender", "Sent"]

_BYTES, _DOCUMENTS = 5_000_000, 2_000
"""What a request has at most, unless a single document has more."""

_CONFLICT = 409


class Sent(NamedTuple):
    """A document to be sent: the index, its id there, the number of its commit, and its JSON without that."""

    index_name: str
    name: str
    born: int
    content: bytes

    @property
    def lines(self) -> bytes:
        """The lines of the document in a request.

        The number of the commit is its version. So it takes the place of the same document that a killed writer sent,
        and not the other way round if that one arrives late.
        """
        action = {"_index": self.index_name, "_id": self.name, "version": self.born, "version_type": "external_gte"}
        start = json.dumps({"index": action}, separators=(",", ":")).encode()
        return b'%b\n{"born":%d,%b\n' % (start, self.born, self.content[1:])


class Sender:
    """Sends documents with several threads. `send` waits while as many requests as allowed are under way.

    Args:
        client: the client.
        permit: called before each request; waits until it may be sent, or raises an error.
    """

    def __init__(self, client: Client, permit: Callable[[], None]) -> None:
        self._client, self._permit = client, permit
        count = client.settings.senders
        self._pool = ThreadPoolExecutor(count, "cablesearch-sender")
        # One more than can be sent waits, so that no thread has to wait for the next one to be filled.
        self._room = threading.Semaphore(count + 1)
        self._under_way = 0
        self._changed = threading.Condition()
        self._ended = threading.Event()
        self._failure: BaseException | None = None
        self._waiting: list[Sent] = []
        self._weight = 0

    def send(self, document: Sent) -> None:
        """Send a document, at the latest with the next `flush`.

        Raises:
            CablesearchError: it or an earlier one could not be sent.
        """
        self._waiting.append(document)
        self._weight += len(document.content)
        if self._weight >= _BYTES or len(self._waiting) >= _DOCUMENTS:
            self._dispatch()

    def flush(self) -> None:
        """Return when all documents are acknowledged.

        Raises:
            CablesearchError: one of them could not be sent.
        """
        if self._waiting:
            self._dispatch()
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way)
        self._raise()

    def close(self) -> None:
        """Drop what is not under way, and wait for what is."""
        self._ended.set()
        self._pool.shutdown(cancel_futures=True)

    def _raise(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _dispatch(self) -> None:
        documents, self._waiting, self._weight = self._waiting, [], 0
        self._room.acquire()
        try:
            self._raise()
        except BaseException:
            self._room.release()
            raise
        with self._changed:
            self._under_way += 1
        self._pool.submit(self._deliver, documents)

    def _deliver(self, documents: list[Sent]) -> None:
        """Send documents, and remember an error for the thread that gives them."""
        try:
            if self._failure is None:
                self._persist(documents)
        except BaseException as error:
            self._failure = self._failure or error
        finally:
            self._room.release()
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def _persist(self, documents: list[Sent]) -> None:
        """Send documents until all are acknowledged."""
        waits = pauses(patience=self._client.settings.patience)
        while not self._ended.is_set():
            self._permit()
            count = len(documents)
            try:
                documents, fault = self._attempt(documents)
            except CablesearchError as error:
                if not is_passing(error, timeouts=True):
                    raise
                fault = error
            if fault is None:
                return
            if len(documents) < count:
                # It goes on, if slowly.
                waits = pauses(patience=self._client.settings.patience)
            pause = next(waits, None)
            if pause is None:
                raise fault
            self._ended.wait(pause)

    def _attempt(self, documents: Sequence[Sent]) -> tuple[list[Sent], CablesearchError | None]:
        """Send documents once, and return those to send again, with the reason."""
        answer = self._client.ask(
            "POST",
            "/_bulk",
            b"".join(document.lines for document in documents),
            once=True,
            filter_path="errors,items.*.status,items.*.error",
        )
        if not answer["errors"]:
            return [], None
        results: list[dict[str, Any]] = [item["index"] for item in answer["items"]]
        again, fault = [], None
        for document, result in zip(documents, results, strict=True):
            status = int(result["status"])
            if status < 300:
                continue
            if status == _CONFLICT:
                # Only a later writer gives the same document a higher number.
                raise LockedError(str(self._client.address), "another process has taken over; run it again")
            fault = refusal(self._client.address, status, result)
            if status not in BUSY or FULL_DISK in kinds_of(result):
                raise fault
            again.append(document)
        return again, fault
