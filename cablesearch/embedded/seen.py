"""What a reader sees of a snapshot, on which all answers are built."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cablesearch.cable import Clearance
from cablesearch.engine.check.blame import blaming
from cablesearch.engine.index.manifest import stamp
from cablesearch.engine.index.snapshot import Snapshot
from cablesearch.engine.search.view import View
from cablesearch.engine.segment.segment import Segment
from cablesearch.schema.index_fields import query_schema
from cablesearch.schema.visibility import is_visible

__all__ = ["Seen"]

_Reading = TypeVar("_Reading", bound="Seen")


class Seen:
    """The visible part of a snapshot; a clearance of None stands for full clearance."""

    def __init__(self, snapshot: Snapshot, clearance: Clearance | None) -> None:
        self.clearance = clearance
        self.view = View(snapshot, query_schema(), self._visible if clearance else None)
        self.kept: dict[str, Any] = {}

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot of the commit that is read."""
        return self.view.snapshot

    def lowered(self: _Reading, clearance: Clearance | None) -> _Reading:
        """Return the same commit for a reader with another clearance. No file is opened."""
        with self.guarding():
            return type(self)(self.snapshot, clearance)

    @property
    def commit(self) -> str:
        """A name for the commit, the same in every process; another commit has another one."""
        return "-".join(f"{number:x}" for number in self.snapshot.stamp or ())

    @property
    def is_last(self) -> bool:
        """Whether this is the last commit; False also if there is no archive any more. It costs one call of the
        system."""
        return (now := stamp(self.snapshot.directory)) is not None and now == self.snapshot.stamp

    @property
    def is_intact(self) -> bool:
        """Whether no file of the commit has been cut off since it was opened.

        To read from what was cut off ends the process by a signal (SIGBUS). It costs one call of the system for each
        segment. A file that was removed is there for its readers all the same.
        """
        return self.snapshot.is_intact

    def guarding(self) -> AbstractContextManager[object]:
        """Return the context in which errors are attributed to a damaged segment."""
        return blaming(self.snapshot.segments)

    @property
    def paragraph_count(self) -> int:
        """The number of visible paragraphs."""
        return self.view.member_count

    @property
    def cable_count(self) -> int:
        """The number of visible cables."""
        return self.view.block_count

    def _visible(self, segment: Segment) -> NDArray[np.bool_]:
        """Return the mask of documents that the clearance covers; shape (documents,), bool.

        A document without exactly one visibility class is hidden.
        """
        classes = segment.terms("visibility")
        covered = np.array([self._covers(classes[number]) for number in range(len(classes))], bool)
        first, values = segment.keywords("visibility")
        single = np.diff(first) == 1
        if single.all():
            visible: NDArray[np.bool_] = covered[values]
        else:
            visible = np.zeros(segment.docs, bool)
            visible[single] = covered[values[first[:-1][single]]]
        return visible

    def _covers(self, stored: bytes) -> bool:
        """Return whether the clearance covers a stored visibility class."""
        return self.clearance is None or is_visible(stored, self.clearance)
