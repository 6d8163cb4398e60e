"""The pen of an archive on a cluster."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from types import TracebackType
from typing import IO, Any
from urllib.parse import quote

from cablesearch.cable import Cable
from cablesearch.cluster.client import Client
from cablesearch.cluster.documents.records import cable_of
from cablesearch.cluster.documents.wire import value_out
from cablesearch.cluster.reader import ClusterReader
from cablesearch.cluster.snapshots import Snapshot
from cablesearch.cluster.state import MOST_COMMITS, Generation, State, extended
from cablesearch.cluster.writing import scanning
from cablesearch.cluster.writing.batches import ClusterBatch, read_parcel
from cablesearch.cluster.writing.changes import Changes
from cablesearch.cluster.writing.cleaning import purge
from cablesearch.cluster.writing.desk import Desk, Part
from cablesearch.cluster.writing.indices import create_index, delete_indices, expunge, indices_of, refresh, show
from cablesearch.cluster.writing.superseded import ClusterSuperseded
from cablesearch.errors import CablesearchError, UnsupportedError
from cablesearch.protocols.pen import Batch, OnMerge, Pen
from cablesearch.schema.origin import origin_of

__all__ = ["ClusterPen"]


class ClusterPen:
    """The writer of one generation of an archive: see `cablesearch.protocols.pen.Pen`.

    Args:
        desk: what it shares with other pens.
        part: the generation that it writes.
    """

    def __init__(self, desk: Desk, part: Part = "generation") -> None:
        self._desk, self._part = desk, part
        self.notes: dict[str, Any] = dict(self._generation.notes)
        self._commits = 0
        self._batches = 0
        self._attached = -1
        self._file: IO[bytes] | None = None
        self._keys: set[str] | None = None
        self._snapshot: Snapshot | None = None
        self._is_intact = True
        self._changes = self._no_changes()

    @classmethod
    def of(cls, client: Client) -> ClusterPen:
        """Return the pen of an archive.

        Raises:
            LockedError: another process is writing.
        """
        return cls(Desk(client))

    def __enter__(self) -> ClusterPen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_batch()
        self._leave_snapshot()
        if self._part == "generation":
            self._desk.close()

    @property
    def _client(self) -> Client:
        return self._desk.client

    @property
    def _generation(self) -> Generation:
        return self._desk.generation(self._part)

    @property
    def name(self) -> str:
        """The address of the archive."""
        return str(self._client.address)

    @property
    def folder(self) -> None:
        """None: there is no folder."""

    @property
    def reader(self) -> ClusterReader:
        """The last commit with full clearance."""
        return ClusterReader(self._committed, None)

    @property
    def superseded(self) -> ClusterSuperseded:
        """The superseded sources."""
        return self._desk.superseded

    def guarding(self) -> AbstractContextManager[object]:
        """Return the context in which the pen is used; the client has made our errors of those of the cluster."""
        return nullcontext()

    def check(self) -> None:
        """Check that this process may still write.

        Raises:
            LockedError: another one has taken over.
        """
        self._desk.lease.wait()

    # What is there

    @property
    def _committed(self) -> Snapshot:
        """The last commit with full clearance. Nobody else commits meanwhile."""
        if self._snapshot is None:
            self._snapshot = Snapshot(self._client, None, self._generation)
        return self._snapshot

    def _leave_snapshot(self) -> None:
        if self._snapshot is not None:
            self._snapshot.leave()
            self._snapshot = None

    def digests(self) -> dict[bytes, str]:
        """Return the keys of the committed cables by the digests of their sources."""
        digests = scanning.digests(self._committed)
        self._keys = set(digests.values())
        return digests

    def has(self, key: str) -> bool:
        """Whether there is a cable with a key, committed or pending."""
        return self._changes.has(key)

    def _is_committed(self, key: str) -> bool:
        if self._keys is not None:
            return key in self._keys
        return scanning.count(self._committed, {"term": {"key": value_out(key)}}) > 0

    def cable(self, key: str) -> Cable:
        """Return the cable with a key, committed or pending.

        Raises:
            KeyError: there is no such cable.
        """
        pending = self._changes.where(key)
        if pending is not None:
            # Once it is acknowledged, it can be had by its id, though not yet be found.
            self._desk.sender.flush()
            answer = self._client.ask(
                "GET", f"/{pending.index_name}/_doc/{quote(pending.name, safe='')}", _source_includes="record"
            )
            return cable_of(answer["_source"]["record"], key, self.name)
        if not self._is_committed(key):
            raise KeyError(key)
        return self.reader.cable(key)

    @property
    def count(self) -> int:
        """The number of the committed cables."""
        return scanning.count(self._committed)

    # Changes

    def _no_changes(self) -> Changes:
        return Changes(self._desk, self._part, self._commits, self._is_committed)

    def batch(self) -> ClusterBatch:
        """Return the place for a new batch."""
        self._batches += 1
        return ClusterBatch(self._desk.folder / f"{self._part}-{self._batches}", self._batches)

    def attach(self, batch: Batch, *, failed: bool = False) -> int:
        """Open a batch that was written, and return its number; -1 if none was written."""
        if not isinstance(batch, ClusterBatch):
            raise TypeError(f"{batch!r} is not a batch of this pen")
        self._end_batch()
        if not failed and batch.path.exists():
            self._file, self._attached = batch.path.open("rb"), batch.number
        # Its content stays until it is closed.
        batch.path.unlink(missing_ok=True)
        return self._attached

    def _end_batch(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file, self._attached = None, -1

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Run a change that must be whole: after an error in it, or an interrupt, nothing can be committed."""
        self._is_intact = False
        yield
        self._is_intact = True

    def adopt(self, number: int, place: int) -> None:
        """Send the cable at a place of a batch, instead of a cable with the same key."""
        if number != self._attached or self._file is None:
            raise ValueError(f"there is no batch {number}")
        parcel = read_parcel(self._file, place)
        if self._changes.is_due(parcel.key):
            self.commit()
        with self._changing():
            self._changes.put(parcel)

    def delete(self, key: str) -> bool:
        """Delete the cable with a key, and return whether there was one."""
        if not self._changes.has(key):
            return False
        if self._changes.is_due(key):
            self.commit()
        with self._changing():
            self._changes.remove(key)
        return True

    def commit(self) -> None:
        """Commit all additions and deletions, all or nothing."""
        if not self._is_intact:
            raise CablesearchError(f"{self.name}: a change was interrupted, so nothing more is committed; run it again")
        with self._changing():
            self._changes.resolve()
            self._desk.sender.flush()
        if self._part == "generation" and self.superseded.is_changed:
            self.superseded.save()
        if self._changes:
            refresh(self._client, self._generation)
        elif self.notes == self._generation.notes:
            return
        self._publish()

    def _publish(self) -> None:
        """Let the state say what was sent and refreshed, and then delete what it no longer has."""
        changes, commits = self._changes, self._commits
        if commits >= MOST_COMMITS:
            raise CablesearchError(f"{self.name}: this run has made too many commits; run it again to continue")
        # A number is used once, whether the commit fails or not.
        self._commits += 1
        indices = [(index, view) for view, index in changes.indices.items()]
        dead, notes = tuple(sorted(changes.dead)), dict(self.notes)
        state = self._desk.lease.state

        def committed(generation: Generation) -> Generation:
            return generation.next(
                indices=tuple(sorted({*generation.indices, *indices})),
                committed=extended(generation.committed, state, commits),
                dead=dead,
                is_worn=generation.is_worn or bool(dead),
                notes=notes,
            )

        self._desk.change(self._part, committed)
        self._desk.uncommitted.discard(self._part)
        self._leave_snapshot()
        if self._keys is not None:
            for key, is_there in changes.keys.items():
                (self._keys.add if is_there else self._keys.discard)(key)
        self._changes = self._no_changes()
        # Until the next commit says that there are none, readers leave the dead out, whether they are gone or not.
        purge(self._client, self._generation, dead)

    def settle(self, on_merge: OnMerge | None = None) -> None:
        """Commit, and wait for a while until the cluster has merged away what was deleted."""
        del on_merge
        self.commit()
        if self._generation.is_worn and expunge(self._client, self._generation):
            # A commit of its own, since scores may change a little.
            self._desk.change(self._part, lambda generation: generation.next(dead=(), is_worn=False))
            self._leave_snapshot()

    def compact(self, on_merge: OnMerge | None = None) -> None:
        """Refuse: the cluster merges segments by itself."""
        del on_merge
        raise UnsupportedError("compact is not possible on a cluster; it merges segments by itself")

    # Indexing again

    @contextlib.contextmanager
    def renewal(self) -> Iterator[ClusterPen]:
        """Give the block the pen of the generation that is to take the place of this one.

        It is what an interrupted run began from the same commit, or else empty. It is dropped at the end of the block,
        but not after an error.
        """
        state = self._desk.lease.state
        origin = origin_of(list(state.generation.stamp))
        if state.renewal is None or state.origin != origin:
            self._drop_renewal()
            number = state.generations + 1
            create_index(self._client, Generation(number).name_of(self._client.address.archive, 0))
            new = Generation(number)
            self._desk.lease.change(lambda state: replace(state, renewal=new, origin=origin, generations=number))
        with ClusterPen(self._desk, "renewal") as fresh:
            yield fresh
        self._drop_renewal()

    def _drop_renewal(self) -> None:
        renewal = self._desk.lease.state.renewal
        if renewal is not None:
            self._desk.lease.change(lambda state: replace(state, renewal=None, origin={}))
            self._desk.uncommitted.discard("renewal")
            names = [name for name, generation, _ in indices_of(self._client) if generation == renewal.number]
            delete_indices(self._client, names)

    def take_over(self, renewed: Pen) -> None:
        """Commit the generation of a renewal in place of this one; its indices stay for a while, for their readers.

        Raises:
            CablesearchError: it has another number of cables; nothing has changed.
        """
        if not isinstance(renewed, ClusterPen):
            raise TypeError(f"{renewed!r} is not a renewal of this archive")
        if renewed.count != self.count:
            raise CablesearchError(f"{self.name}: the new index is not complete; run it again")
        former, notes = self._generation, dict(self.notes)

        def taken_over(state: State) -> State:
            fresh = renewed._generation
            generation = replace(fresh, commit=former.commit, notes=notes).next()
            retired = (*state.retired, (former.number, time.time()))
            return replace(state, generation=generation, renewal=None, origin={}, retired=retired)

        self._desk.lease.change(taken_over)
        self._leave_snapshot()
        self._keys = None
        self._commits = renewed._commits
        self._changes = self._no_changes()
        show(self._client, self._generation, [former.number])
