"""Features: the methods of `cablesearch.archive.Archive` that show an archive as a whole."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar, Unpack, get_args

from cablesearch.arguments import choice, real, several
from cablesearch.request import EVERYTHING, Filters, Request
from cablesearch.results.facets import FACETS, Count, FacetName, facet_name
from cablesearch.searcher import Searcher

if TYPE_CHECKING:
    from cablesearch.features.bursts import Bursts, ByOrAuto
    from cablesearch.features.moments import Moments
    from cablesearch.features.overview import Overview
    from cablesearch.features.periods import By
    from cablesearch.features.timeline import Timeline

__all__ = ["Features"]

_Answer = TypeVar("_Answer")


class Features(ABC):
    """The part of an archive that shows it as a whole. Searching imports it, so it imports features inside of its
    methods.

    All methods take the filters of `cablesearch.request.Filters`, which are those of `Archive.search`.
    """

    @abstractmethod
    def _ask(self, question: Callable[[Searcher], _Answer]) -> _Answer:
        """Return the answer of the searcher of the commit that the archive shows."""

    def overview(self, text: str = "", **filters: Unpack[Filters]) -> Overview:
        """Return what the archive consists of, or the cables with hits of a query: dates, posts, TAGS, levels.

        Example::

            overview = archive.overview()
            print(overview.cables, overview.first_date, overview.facets["origin"][:10])

        Args:
            text: the query; empty: everything that the filters allow.

        Raises:
            QueryError: the query or a filter is invalid.
            ValueError: an argument has a value that is not allowed.
            TypeError: an argument has the wrong type.
        """
        from cablesearch.features.overview import overview

        request = Request.of(text.strip() or EVERYTHING, limit=0, **filters)
        return self._ask(lambda searcher: overview(searcher, request))

    def facets(
        self, text: str = "", names: FacetName | Iterable[FacetName] = (), **filters: Unpack[Filters]
    ) -> dict[FacetName, list[Count]]:
        """Return how many hits have each value of facets: values by descending number, periods by time.

        Example::

            for tag, count in archive.facets("trafficking", "tags", since=2009)["tags"]:
                print(tag, count)

        Args:
            text: the query; empty: everything that the filters allow.
            names: the facets (see `cablesearch.FacetName`); none: the usual ones.

        Raises:
            QueryError: the query or a filter is invalid.
            ValueError: an argument has a value that is not allowed.
            TypeError: an argument has the wrong type.
        """
        wanted = several("names", names) or [name for name, facet in FACETS.items() if facet.is_usual]
        request = Request.of(text.strip() or EVERYTHING, limit=0, facets=wanted, **filters)
        results = self._ask(lambda searcher: searcher.search(request))
        return {facet_name(name): counts for name, counts in results.facets.items()}

    def timeline(self, *texts: str, by: By = "year", bursts: bool = False, **filters: Unpack[Filters]) -> Timeline:
        """Return the number of hits in each year, month or day, for one query or several.

        Example::

            timeline = archive.timeline("trafficking", "smuggling", by="month", since=2006)
            for series in timeline.series:
                print(series.query, dict(zip(timeline.periods, series.counts)))

        Args:
            texts: the queries; none: everything that the filters allow.
            by: the length of a period.
            bursts: whether to look also for the times in which each query was unusually frequent, as `bursts` does.

        Raises:
            QueryError: a query or a filter is invalid.
            ValueError: an argument has a value that is not allowed, or there would be more than 50,000 periods.
            TypeError: an argument has the wrong type.
        """
        from cablesearch.features.periods import By
        from cablesearch.features.timeline import timeline

        choice("by", by, get_args(By))
        requests = [Request.of(text.strip() or EVERYTHING, limit=0, **filters) for text in texts or ("",)]
        return self._ask(lambda searcher: timeline(searcher, requests, by, with_bursts=bursts))

    def first(self, text: str = "", *, limit: int | None = 1, **filters: Unpack[Filters]) -> Moments:
        """Return the earliest hits of a query, and how its hits are spread over time.

        Example::

            moment = archive.first('"labor trafficking"')
            print(moment.first_date, [hit.citation for hit in moment], moment.same_date)

        Hits without a date are counted, and are never the first.

        Args:
            text: the query; empty: everything that the filters allow.
            limit: the number of hits to return; None: all that have a date.

        Raises:
            QueryError: the query or a filter is invalid.
            ValueError: an argument has a value that is not allowed.
            TypeError: an argument has the wrong type.
        """
        from cablesearch.features.moments import moments

        request = Request.of(text.strip() or EVERYTHING, limit=limit, **filters)
        return self._ask(lambda searcher: moments(searcher, request, "first"))

    def last(self, text: str = "", *, limit: int | None = 1, **filters: Unpack[Filters]) -> Moments:
        """Return the latest hits of a query, from the latest on; the arguments and errors are those of `first`."""
        from cablesearch.features.moments import moments

        request = Request.of(text.strip() or EVERYTHING, limit=limit, **filters)
        return self._ask(lambda searcher: moments(searcher, request, "last"))

    def bursts(
        self, text: str, *, by: ByOrAuto = "auto", s: float = 2.0, gamma: float = 1.0, **filters: Unpack[Filters]
    ) -> Bursts:
        """Return when a query was unusually frequent, by the automaton of Kleinberg (2002).

        Example::

            for burst in archive.bursts("trafficking").bursts:
                print(burst.begin, burst.end, burst.hits, burst.expected)

        Cables are counted, and not paragraphs: the cables with a hit, of all cables in the same period, whatever the
        filters (only those of dates choose the periods). `cablesearch.features.bursts` has the model.

        Args:
            text: the query.
            by: the length of the periods; ``auto``: the shortest of which at most 1,000 have cables.
            s: by how much the odds of a hit are multiplied in a burst, above 1. The larger, the fewer and the sharper
                are the bursts.
            gamma: how hard it is to enter a burst, from 0. The larger, the fewer are the bursts.

        Raises:
            QueryError: the query or a filter is invalid.
            ValueError: an argument has a value that is not allowed, or more than 50,000 periods have cables.
            TypeError: an argument has the wrong type.
        """
        from cablesearch.features.bursts import ByOrAuto, bursts

        choice("by", by, get_args(ByOrAuto))
        request = Request.of(text.strip() or EVERYTHING, limit=0, **filters)
        scale, cost = real("s", s, above=1), real("gamma", gamma)
        return self._ask(lambda searcher: bursts(searcher, request, by, scale, cost))
