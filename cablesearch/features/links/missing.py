"""Cables that an archive refers to and lacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import Ints
from cablesearch.cable import ReferenceId
from cablesearch.protocols.fields import NO_NUMBER
from cablesearch.protocols.reader import Reader
from cablesearch.request import Request
from cablesearch.results.hits import iso_date
from cablesearch.searcher import Searcher
from cablesearch.vocabulary.posts import distinct_origin

__all__ = ["MissingCable", "MissingCables", "cited_but_missing", "missing_of"]


@dataclass(frozen=True, slots=True)
class MissingCable:
    """A cable that others refer to, and that the archive lacks.

    Attributes:
        id: the canonical id.
        citations: the number of cables that refer to it.
        first_date, last_date: the dates of the oldest and the newest of these in ISO 8601; None if none has a date.
        year: the year of the id.
        post: the post of the id: ``STATE``.
        origin: the name of the post, if it is known by another one: ``Secretary of State``.
    """

    id: str
    citations: int
    first_date: str | None
    last_date: str | None
    year: int
    post: str
    origin: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the cable as the command line prints it in JSON."""
        return {
            "id": self.id,
            "citations": self.citations,
            "first_date": self.first_date,
            "last_date": self.last_date,
            "year": self.year,
            "post": self.post,
            "origin": self.origin,
        }


@dataclass(frozen=True, slots=True)
class MissingCables:
    """The cables that the cables with hits of a query refer to, and that the archive lacks.

    Attributes:
        query: the query.
        total: the number of all missing cables.
        unreadable: the number of other references of which the archive has nothing, and which are not ids of cables.
        cables: the missing cables to which most cables refer: by descending number, then by id.
    """

    query: str
    total: int
    unreadable: int
    cables: tuple[MissingCable, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the missing cables as the command line prints them in JSON."""
        return {
            "version": 1,
            "query": self.query,
            "total": self.total,
            "unreadable": self.unreadable,
            "cables": [cable.to_json() for cable in self.cables],
        }


def cited_but_missing(searcher: Searcher, request: Request, limit: int | None) -> MissingCables:
    """Return the cables that the cables with hits of a request refer to, and that the archive lacks.

    Ids are compared in their canonical form. The time depends on the number of cables and of references of the archive;
    no cable is read.

    Args:
        searcher: the searcher.
        request: which citing cables count.
        limit: the most missing cables to return; None: all of them.

    Raises:
        QueryError: the query or a filter is invalid.
    """
    reader = searcher.reader
    among = reader.links.cables.having(searcher.select(request))
    return missing_of(reader, request.text, among, limit)


def missing_of(reader: Reader, text: str, among: NDArray[np.bool_], limit: int | None) -> MissingCables:
    """Return the cables that some cables refer to, and that the archive lacks.

    Args:
        reader: the reader.
        text: the query that chose the citing cables.
        among: which citing cables count; bool [room].
        limit: the most missing cables to return; None: all of them.
    """
    links = reader.links
    chosen = among[links.sources] & links.is_missing[links.targets]
    citing, names = links.sources[chosen], links.targets[chosen]
    distinct, counts = np.unique(names, return_counts=True)
    parsed = [ReferenceId.parse(links.name(name)) for name in distinct.tolist()]
    readable = np.flatnonzero([reference is not None for reference in parsed])
    # Names are numbered by their bytes, so equal numbers of citations stay in the order of ids.
    best = readable[np.argsort(-counts[readable], kind="stable")][:limit]
    ends = _ends(names, links.cables.dates[citing])
    cables = []
    for place in best.tolist():
        reference, (first, last) = parsed[place], ends[:, place].tolist()
        assert reference is not None
        cables.append(
            MissingCable(
                id=links.name(int(distinct[place])),
                citations=int(counts[place]),
                first_date=None if last == NO_NUMBER else iso_date(reader.moment(first)),
                last_date=None if last == NO_NUMBER else iso_date(reader.moment(last)),
                year=reference.year,
                post=reference.post,
                origin=distinct_origin().get(reference.post),
            )
        )
    return MissingCables(text, len(readable), len(distinct) - len(readable), tuple(cables))


def _ends(names: Ints, dates: Ints) -> Ints:
    """Return the earliest and the latest date for each name, sorted by name. The latest date is `NO_NUMBER` if a name
    has no date.

    Example: for the names [7, 9, 7] with the dates [5, 6, 3], [[3, 6], [5, 6]].
    """
    order = np.argsort(names, kind="stable")
    sorted_names, sorted_dates = names[order], dates[order]
    starts = np.flatnonzero(np.append(True, sorted_names[1:] != sorted_names[:-1])[: len(names)])
    if not len(starts):
        return np.empty((2, 0), np.int64)
    known = np.where(sorted_dates == NO_NUMBER, np.iinfo(np.int64).max, sorted_dates)
    return np.stack([np.minimum.reduceat(known, starts), np.maximum.reduceat(sorted_dates, starts)])
