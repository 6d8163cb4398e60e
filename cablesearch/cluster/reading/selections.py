"""Selections on a cluster: the query tree of the units, which the cluster counts when it is asked to."""

from __future__ import annotations

from functools import cached_property

from whoosh import query as q

from cablesearch.cluster.dsl.queries import Query
from cablesearch.cluster.reading.seen import Seen
from cablesearch.protocols.queries import InDocument
from cablesearch.protocols.reader import Selection

__all__ = ["ClusterSelection", "paragraph_queries", "selection_of"]

_KEYS_AT_ONCE = 10_000
"""The most cables of a query by key; a cluster allows 65,536 terms by default."""


class ClusterSelection:
    """The units that match a query tree.

    Attributes:
        tree: the tree.
        by_cable: whether the units are cables.
        days: by the name of a field of dates, the number of units of each day that has any, by its first minute; what
            was counted before is kept, as years, months and weekdays are counted together.
    """

    def __init__(self, seen: Seen, tree: q.Query, *, by_cable: bool) -> None:
        self._seen, self.tree, self.by_cable = seen, tree, by_cable
        self.days: dict[str, dict[int, int]] = {}

    @cached_property
    def query(self) -> Query:
        """The query for the documents of the units."""
        return self._seen.query(self.tree, by_cable=self.by_cable)

    @cached_property
    def count(self) -> int:
        """The number of units."""
        return self._seen.count(self.query)

    def cables(self) -> ClusterSelection:
        """Return the cables that have a selected unit."""
        if self.by_cable:
            return self
        return ClusterSelection(self._seen, InDocument(self.tree), by_cable=True)

    def common(self, other: Selection) -> ClusterSelection:
        """Return the units that both selections have."""
        both = q.And([self.tree, selection_of(other).tree])
        return ClusterSelection(self._seen, both, by_cable=self.by_cable)

    def rest(self) -> ClusterSelection:
        """Return all other visible units."""
        return ClusterSelection(self._seen, q.Not(self.tree), by_cable=self.by_cable)


def selection_of(selection: Selection) -> ClusterSelection:
    """Return a selection, which must be of a cluster."""
    if not isinstance(selection, ClusterSelection):
        raise TypeError(f"a selection of an archive on a cluster is needed, not {selection!r}")
    return selection


def paragraph_queries(seen: Seen, selection: ClusterSelection) -> list[Query]:
    """Return queries for the selected paragraphs, or for those of selected cables; no two of them find the same."""
    if not selection.by_cable:
        return [selection.query]
    if isinstance(selection.tree, q.Every) and selection.tree.fieldname is None:
        return [seen.query(q.Every(), by_cable=False)]
    keys = list(seen.keys_of(selection.query))
    parts = [keys[start : start + _KEYS_AT_ONCE] for start in range(0, len(keys), _KEYS_AT_ONCE)]
    return [seen.of_keys(part) for part in parts]
