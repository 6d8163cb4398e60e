"""What a pen has changed since the last commit, and how it is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cablesearch.cluster.documents.views import ViewClass
from cablesearch.cluster.state import first_of
from cablesearch.cluster.writing.batches import Parcel
from cablesearch.cluster.writing.desk import Desk, Part
from cablesearch.cluster.writing.scanning import editions_of
from cablesearch.cluster.writing.sending import Sent

__all__ = ["MOST_DEAD", "Changes", "Pending"]

MOST_DEAD = 5_000
"""The editions of replaced or removed cables with which a commit is due: readers leave each of them out by name."""

_MOST_WAITING = 30
"""The replaced cables whose former editions are asked for together; with their views they fit on a page of hits."""


class Pending(NamedTuple):
    """A cable that waits for a commit: the index and the id of its document, and the editions of its views."""

    index_name: str
    name: str
    editions: frozenset[str]


class Changes:
    """The changes for one commit.

    A cable that is committed may have the same editions as the one that replaces it, or come back to it. What is
    committed is never sent again, since until the next commit it would be as if it were not there. So cables that
    replace others wait until it is known which editions are committed.

    Args:
        desk: the desk.
        part: the generation that is changed.
        number: the number of the commit in its epoch.
        is_committed: returns whether a key is committed.

    Attributes:
        dead: the editions that readers must no longer see.
        indices: the indices that the generation lacks.
    """

    def __init__(self, desk: Desk, part: Part, number: int, is_committed: Callable[[str], bool]) -> None:
        self._desk, self._part = desk, part
        self._born = first_of(desk.lease.state.epoch) + number
        self._is_committed = is_committed
        self._pending: dict[str, Pending | None] = {}
        self._waiting: dict[str, Parcel | None] = {}
        self._replaced: set[str] = set()
        self.dead: set[str] = set()
        self.indices: dict[ViewClass, int] = {}
        self._known = {view: index for index, view in desk.generation(part).indices}

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._pending or self._waiting)

    @property
    def keys(self) -> dict[str, bool]:
        """The changed keys, each with whether there is a cable now."""
        return {key: pending is not None for key, pending in self._pending.items()}

    def is_due(self, key: str) -> bool:
        """Whether a commit is needed before a cable can be added."""
        return key in self._replaced or len(self.dead) >= MOST_DEAD

    def has(self, key: str) -> bool:
        """Whether there is a cable with a key, committed or pending."""
        if key in self._waiting:
            return self._waiting[key] is not None
        if key in self._pending:
            return self._pending[key] is not None
        return self._is_committed(key)

    def where(self, key: str) -> Pending | None:
        """Return where a pending cable stands; None if it has not changed.

        Raises:
            KeyError: it is removed.
        """
        if key in self._waiting:
            self.resolve()
        if key not in self._pending:
            return None
        pending = self._pending[key]
        if pending is None:
            raise KeyError(key)
        return pending

    def put(self, parcel: Parcel) -> None:
        """Add a cable, in place of one with the same key; `is_due` must be false."""
        key = parcel.key
        if key in self._waiting or (key not in self._pending and self._is_committed(key)):
            self._wait(key, parcel)
        else:
            self._drop(key)
            self._send(parcel, set())

    def remove(self, key: str) -> None:
        """Remove a cable."""
        if key in self._waiting or key not in self._pending:
            self._wait(key, None)
        else:
            self._drop(key)
            self._pending[key] = None

    def resolve(self) -> None:
        """Send the cables that wait, and note the editions of those that they replace."""
        waiting = dict(self._waiting)
        if not waiting:
            return
        committed = editions_of(self._desk.client, self._desk.generation(self._part), waiting)
        for key, parcel in waiting.items():
            self._replaced.add(key)
            self.dead |= committed[key]
            self._pending[key] = None
            if parcel is not None:
                self._send(parcel, committed[key])
        self._waiting.clear()

    def _wait(self, key: str, parcel: Parcel | None) -> None:
        self._waiting[key] = parcel
        if len(self._waiting) >= _MOST_WAITING:
            self.resolve()

    def _drop(self, key: str) -> None:
        """Note that a pending cable is not to be seen."""
        pending = self._pending.get(key)
        if pending is not None:
            self.dead |= pending.editions

    def _send(self, parcel: Parcel, committed: set[str]) -> None:
        """Send the views of a cable, but for committed editions."""
        self._desk.uncommitted.add(self._part)
        archive, generation = self._desk.client.address.archive, self._desk.generation(self._part)
        names = [generation.name_of(archive, self._index(stored.view)) for stored in parcel.views]
        for name, stored in zip(names, parcel.views, strict=True):
            if stored.edition not in committed:
                for document, content in stored.documents.items():
                    self._desk.sender.send(Sent(name, document, self._born, content))
        self.dead -= parcel.editions
        self._pending[parcel.key] = Pending(names[0], next(iter(parcel.views[0].documents)), parcel.editions)

    def _index(self, view: ViewClass) -> int:
        """Return the number of the index of a view class, and create it if there is none."""
        if view not in self._known:
            self._known[view] = self.indices[view] = self._desk.new_index(self._part, is_shown=view.is_full)
        return self._known[view]
