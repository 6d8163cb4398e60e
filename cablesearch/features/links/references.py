"""References: what a cable cites, and what cites it, as trees."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cablesearch.features.links.graphs import CableGraph, Edge
from cablesearch.features.links.web import LinkedCable, Web
from cablesearch.searcher import Searcher

__all__ = ["LinkEntry", "References", "references"]

_Following = Callable[[int, int | None], tuple[list[int], int]]


@dataclass(frozen=True, slots=True)
class LinkEntry:
    """A cable in a tree.

    Attributes:
        cable: the cable.
        depth: how far it is from the cable at the top: 1 for one that is next to it.
        parent: the id of the cable above it.
        is_repeated: whether the cable stands elsewhere in the tree (or at its top), with what is below it.
        left_out: how many cables that belong below it are not shown, because there would be too many.
    """

    cable: LinkedCable
    depth: int
    parent: str
    is_repeated: bool = False
    left_out: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the entry as the command line prints it in JSON, with the id for the cable."""
        return {
            "id": self.cable.id,
            "depth": self.depth,
            "parent": self.parent,
            "repeated": self.is_repeated,
            "left_out": self.left_out,
        }


@dataclass(frozen=True, slots=True)
class References:
    """What a cable refers to, and what refers to it.

    Attributes:
        cable: the cable. It may be missing from the archive, if cables of the archive refer to it.
        cites: the tree of the cables to which it refers, in its order: each followed by those below it.
        cited_by: the tree of the cables that refer to it, by date and id.
        cites_left_out, cited_by_left_out: the number of cables next to the cable that are not in these trees, because
            there would be too many.
        links: which of all these cables refer to which, as pairs of ids: the citing cable first.
        cites_missing: the number of all ids to which the cable refers and which the archive lacks.
        cites_unreadable: the number of its other references of which the archive has nothing: they are not ids of
            cables.
    """

    cable: LinkedCable
    cites: tuple[LinkEntry, ...]
    cited_by: tuple[LinkEntry, ...]
    cites_left_out: int = 0
    cited_by_left_out: int = 0
    links: tuple[Edge, ...] = ()
    cites_missing: int = 0
    cites_unreadable: int = 0

    @property
    def left_out(self) -> int:
        """The number of cables that are left out of both trees; those below them are not counted."""
        entries = sum(entry.left_out for entry in (*self.cites, *self.cited_by))
        return self.cites_left_out + self.cited_by_left_out + entries

    def graph(self) -> CableGraph:
        """Return all these cables, and which of them refer to which, as a graph."""
        cables = {entry.cable.id: entry.cable for entry in (*self.cites, *self.cited_by)}
        return CableGraph((self.cable, *(cable for name, cable in cables.items() if name != self.cable.id)), self.links)

    def to_json(self) -> dict[str, Any]:
        """Return the references as the command line prints them in JSON: the trees by ids, and the cables as nodes and
        the references as edges, in the form of networkx."""
        return {
            "version": 1,
            "id": self.cable.id,
            "missing": self.cable.is_missing,
            "cites": [entry.to_json() for entry in self.cites],
            "cites_left_out": self.cites_left_out,
            "cites_missing": self.cites_missing,
            "cites_unreadable": self.cites_unreadable,
            "cited_by": [entry.to_json() for entry in self.cited_by],
            "cited_by_left_out": self.cited_by_left_out,
            **self.graph().node_link(),
        }


def references(searcher: Searcher, name: str, depth: int, limit: int | None) -> References:
    """Return what a cable cites and what cites it.

    The time depends on the number of references of the archive, which are arranged at the first question, and on that
    of the cables that are returned, which are read.

    Args:
        searcher: the searcher.
        name: the id of a cable of the archive, or of one that cables of the archive refer to.
        depth: how far the trees reach: with 2, also to what the cited cables cite.
        limit: the most cables in each of the two trees; None: any number.

    Raises:
        UnknownCableError: neither the archive nor a reference in it has such a cable.
    """
    web = Web(searcher.reader)
    top = web.place(name)
    down, up = _Tree(web.cited, top, depth, limit), _Tree(web.citing, top, depth, limit)
    places = dict.fromkeys([top, *down.places, *up.places])
    cables = {place: web.cable(place) for place in places}
    links = [(place, cited) for place in places for cited in web.cited(place)[0] if cited in places]
    missing = [place for place in web.cited(top)[0] if place < 0]
    unreadable = sum(map(web.is_unreadable, missing))
    return References(
        cable=cables[top],
        cites=tuple(down.entries(cables)),
        cited_by=tuple(up.entries(cables)),
        cites_left_out=down.left_out[0],
        cited_by_left_out=up.left_out[0],
        links=tuple((cables[source].id, cables[target].id) for source, target in links),
        cites_missing=len(missing) - unreadable,
        cites_unreadable=unreadable,
    )


class _Tree:
    """The cables below one, level by level. A cable that comes again is not followed again.

    Args:
        following: returns the first of the places below one, given the most of them, and the number of all.
        top: the place at the top.
        depth: the number of levels below the top.
        limit: the most places below the top; None: any number.
    """

    def __init__(self, following: _Following, top: int, depth: int, limit: int | None) -> None:
        # Row 0 is the top; the rows of a level stand behind those of the level above.
        self.places, self._parents, self._depths = [top], [0], [0]
        self.left_out, self._repeated = [0], [False]
        seen = {top}
        row = 0
        while row < len(self.places):
            if self._depths[row] < depth and not self._repeated[row]:
                below, count = following(self.places[row], None if limit is None else limit + 1 - len(self.places))
                self.left_out[row] = count - len(below)
                for place in below:
                    self._add(place, row, is_repeated=place in seen)
                    seen.add(place)
            row += 1

    def _add(self, place: int, parent: int, *, is_repeated: bool) -> None:
        self.places.append(place)
        self._parents.append(parent)
        self._depths.append(self._depths[parent] + 1)
        self.left_out.append(0)
        self._repeated.append(is_repeated)

    def entries(self, cables: Mapping[int, LinkedCable]) -> Iterator[LinkEntry]:
        """Yield the rows below the top, each followed by those below it."""
        children: dict[int, list[int]] = {}
        for row in range(len(self.places) - 1, 0, -1):
            children.setdefault(self._parents[row], []).append(row)
        waiting = children.pop(0, [])
        while waiting:
            row = waiting.pop()
            waiting += children.pop(row, [])
            yield LinkEntry(
                cable=cables[self.places[row]],
                depth=self._depths[row],
                parent=cables[self.places[self._parents[row]]].id,
                is_repeated=self._repeated[row],
                left_out=self.left_out[row],
            )
