"""What a reader sees of a snapshot, on which all answers are built."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.cable import Clearance
from cablesearch.engine.check.blame import blaming
from cablesearch.engine.index.snapshot import Snapshot
from cablesearch.engine.search.view import View
from cablesearch.engine.segment.segment import Segment
from cablesearch.schema.index_fields import query_schema
from cablesearch.schema.visibility import is_visible

__all__ = ["Seen"]


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
