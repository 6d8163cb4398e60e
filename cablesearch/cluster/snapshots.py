"""Snapshots: one commit of an archive on a cluster, for a reader with a clearance.

A point in time keeps the documents of the indices as they are, whatever is written meanwhile. The cluster forgets it
when a node ends, or when nobody asks for a while. It is then opened again, if the commit is still the last one.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from cablesearch.cable import Clearance
from cablesearch.cluster.client import Attempts, Client
from cablesearch.cluster.faults import NotReadyError, RefusedError, refusal
from cablesearch.cluster.state import Generation, Register, Stamp
from cablesearch.errors import CablesearchError, UnreachableError, UnsupportedError

__all__ = ["Snapshot"]

_LOST = frozenset({"search_context_missing_exception", "index_not_found_exception"})
"""The types of errors when a point in time is no longer there, or an index of it."""

_MOST_LOSSES = 5
"""How often a search goes on with a new point in time, since the one before was lost."""

_MOST_ATTEMPTS = 20
"""How often a snapshot is opened in vain, because there is another commit each time."""

_LONGEST_ADDRESS = 4000
"""The most bytes of the names of indices in a request; OpenSearch takes 4,096 for its first line by default."""

_MOST_UNUSED = 50
"""The contexts of points in time that are no longer needed and are closed together.

A point in time has one for each shard of each of its indices, and a node allows 300 by default
(``search.max_open_pit_context``).
"""

Body = Mapping[str, Any]
_Answer = TypeVar("_Answer")


class Snapshot:
    """The last commit of an archive when it was opened, or that of a given generation. Threads may share it.

    Args:
        client: the client.
        clearance: the clearance; None: full.
        generation: what to open; None: what the state says. Nobody else may write to a given generation.

    Raises:
        ArchiveNotFoundError, CorruptIndexError: as in `Register.read`.
        UnsupportedError: there are so many indices that a request cannot name them.
    """

    def __init__(self, client: Client, clearance: Clearance | None, generation: Generation | None = None) -> None:
        self.client, self.clearance = client, clearance
        self._register = Register(client)
        self._lock = threading.Lock()
        self._is_given = generation is not None
        self.generation, point = self._latest() if generation is None else (generation, self._open(generation))
        self._point = _Point(point)
        # Until they are closed, points in time take up room on the cluster. The finalizer must not send anything, since
        # it may run in the middle of another request.
        weakref.finalize(self, self._point.leave, client).atexit = False
        _OPEN.add(self)

    @property
    def name(self) -> str:
        """The address of the archive."""
        return str(self.client.address)

    @property
    def stamp(self) -> Stamp:
        """What tells the commit from others."""
        return self.generation.stamp

    @property
    def is_last(self) -> bool:
        """Whether it is still the last commit."""
        return self._register.stamp() == self.stamp

    @property
    def is_weighted(self) -> bool:
        """Whether the cluster multiplies scores by ``K1 + 1``, as versions before 3 do."""
        return self.client.version < (3,)

    @property
    def stored(self) -> int:
        """The bytes that the archive takes, with all copies."""
        path = f"/{self.client.address.archive}.*/_stats/store"
        return int(self.client.ask("GET", path)["_all"]["total"]["store"]["size_in_bytes"])

    @property
    def visible(self) -> list[dict[str, Any]]:
        """The queries that all documents of the commit match, and no others."""
        return self.generation.visible

    def search(self, body: Body, *, scored: bool = False) -> dict[str, Any]:
        """Return the answer to a search of all indices.

        Args:
            body: the search.
            scored: whether scores are needed. The shards are then asked for the statistics of words first, so that
                scores are the same however documents are spread over shards; that takes as long as the search.
        """
        kind = "dfs_query_then_fetch" if scored else "query_then_fetch"

        def ask(point: dict[str, Any]) -> dict[str, Any]:
            return self.client.ask(
                "POST",
                "/_search",
                {**body, "pit": point},
                once=True,
                search_type=kind,
                allow_partial_search_results=False,
            )

        return self._answered(ask)

    def msearch(self, bodies: Sequence[Body]) -> list[dict[str, Any]]:
        """Return the answers to several searches without scores, sent together."""
        header = {"search_type": "query_then_fetch", "allow_partial_search_results": False}

        def ask(point: dict[str, Any]) -> list[dict[str, Any]]:
            lines = [line for body in bodies for line in (header, {**body, "pit": point})]
            answers: list[dict[str, Any]] = self.client.ask("POST", "/_msearch", lines, once=True)["responses"]
            for answer in answers:
                if "error" in answer:
                    raise refusal(self.client.address, int(answer["status"]), answer)
            return answers

        return self._answered(ask) if bodies else []

    def lowered(self, clearance: Clearance | None) -> Snapshot:
        """Return the same commit for another clearance.

        Raises:
            CablesearchError: there has been another commit.
        """
        lowered = Snapshot(self.client, clearance, self.generation)
        if not (self._is_given or self.is_last):
            raise self._changed()
        lowered._is_given = self._is_given
        return lowered

    def leave(self) -> None:
        """Note that it is no longer needed: its point in time is closed before another one is opened."""
        self._point.leave(self.client)

    def _answered(self, ask: Callable[[dict[str, Any]], _Answer]) -> _Answer:
        """Ask with the point in time, again after passing faults, and with a new one if it was lost."""
        attempts = Attempts(self.client.settings.retries)
        losses = 0
        while True:
            point = self._point.id
            try:
                return ask({"id": point, "keep_alive": self._keep_alive})
            except (RefusedError, UnreachableError) as error:
                is_lost = isinstance(error, RefusedError) and error.kinds & _LOST
                if losses > _MOST_LOSSES or not (is_lost or attempts.wait(error)):
                    raise
                losses += bool(is_lost)
                # What a node had of it is lost with the node.
                if is_lost or isinstance(error, NotReadyError):
                    self._reopen(point)

    def _reopen(self, lost: str) -> None:
        """Open the point in time again, unless another thread has.

        Raises:
            CablesearchError: there has been another commit.
        """
        with self._lock:
            if self._point.id != lost:
                return
            try:
                point = self._open(self.generation)
                if self._is_given or self.is_last:
                    self.client.unused.append(lost)
                    self._point.take(point)
                    return
                self.client.unused.append(point)
            except RefusedError as error:
                if not error.kinds & _LOST:
                    raise
        raise self._changed()

    def _changed(self) -> CablesearchError:
        return CablesearchError(
            f"{self.name}: the archive has changed since it was opened, and the cluster no longer keeps what it was; "
            "open or reload it again"
        )

    def _latest(self) -> tuple[Generation, str]:
        """Return the generation that the state names, and a point in time of its last commit."""
        for _ in range(_MOST_ATTEMPTS):
            generation = self._register.read().state.generation
            try:
                point = self._open(generation)
            except RefusedError as error:
                # Another generation may have taken its place.
                if not error.kinds & _LOST or self._register.stamp() == generation.stamp:
                    raise
                continue
            # What a commit deletes is deleted after it: if there was none, everything is there.
            if self._register.stamp() == generation.stamp:
                return generation, point
            self.client.unused.append(point)
        raise CablesearchError(f"{self.name}: the archive changes too fast to be opened; try again")

    def _open(self, generation: Generation) -> str:
        """Return a new point in time of the indices that the reader asks."""
        most_contexts = (len(generation.indices) + 1) * self.client.settings.shards
        if len(self.client.unused) * most_contexts >= _MOST_UNUSED:
            _close_unused(self.client)
        indices = generation.asked_by(self.client.address.archive, self.clearance)
        names = ",".join(indices)
        if len(names) > _LONGEST_ADDRESS:
            raise UnsupportedError(
                f"{self.name}: the cables have so many different markings that a request cannot name the "
                f"{len(indices):,} indices"
            )
        path = f"/{names}/_search/point_in_time"
        answer = self.client.ask("POST", path, keep_alive=self._keep_alive, allow_partial_pit_creation=False)
        return str(answer["pit_id"])

    @property
    def _keep_alive(self) -> str:
        return f"{self.client.settings.keep_alive * 1000:.0f}ms"


class _Point:
    """The id of a point in time, and the process that opened it."""

    def __init__(self, point: str) -> None:
        self.take(point)

    def take(self, point: str) -> None:
        """Take another one in its place."""
        self.id, self._process = point, os.getpid()

    def leave(self, client: Client) -> None:
        """Note that it is no longer needed. A process that was forked leaves that to the one that opened it."""
        if self.id and self._process == os.getpid():
            client.unused.append(self.id)
            self.id = ""


def _close_unused(client: Client) -> None:
    """Close the points in time that are no longer needed."""
    points = [client.unused.popleft() for _ in range(len(client.unused))]
    if points:
        # Those that are lost, or stay, end by themselves.
        with contextlib.suppress(CablesearchError):
            client.ask("DELETE", "/_search/point_in_time", {"pit_id": points}, once=True, seconds=5)


_OPEN: weakref.WeakSet[Snapshot] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """Close all points in time at the end of the program; many short programs would use up what a cluster allows."""
    for snapshot in list(_OPEN):
        snapshot.leave()
    for client in {snapshot.client for snapshot in _OPEN}:
        _close_unused(client)
