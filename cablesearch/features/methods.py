"""Features: the methods of `cablesearch.archive.Archive` that show an archive as a whole."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar, Unpack, get_args

from cablesearch.arguments import choice, number, several
from cablesearch.request import EVERYTHING, Filters, Request
from cablesearch.results.facets import FACETS, Count, FacetName, facet_name
from cablesearch.searcher import Searcher

if TYPE_CHECKING:
    from cablesearch.features.acronyms import AcronymList
    from cablesearch.features.overview import Overview
    from cablesearch.features.timeline import By, Timeline
    from cablesearch.variants.expanding import Expansion

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

    def timeline(self, *texts: str, by: By = "year", **filters: Unpack[Filters]) -> Timeline:
        """Return the number of hits in each year, month or day, for one query or several.

        Example::

            timeline = archive.timeline("trafficking", "smuggling", by="month", since=2006)
            for series in timeline.series:
                print(series.query, dict(zip(timeline.periods, series.counts)))

        Args:
            texts: the queries; none: everything that the filters allow.
            by: the length of a period.

        Raises:
            QueryError: a query or a filter is invalid.
            ValueError: an argument has a value that is not allowed, or there would be more than 50,000 periods.
            TypeError: an argument has the wrong type.
        """
        from cablesearch.features.timeline import By, timeline

        choice("by", by, get_args(By))
        requests = [Request.of(text.strip() or EVERYTHING, limit=0, **filters) for text in texts or ("",)]
        return self._ask(lambda searcher: timeline(searcher, requests, by))

    def acronyms(self, text: str = "", *, limit: int | None = None, **filters: Unpack[Filters]) -> AcronymList:
        """Return the acronyms that the paragraphs of a query define, those first that most paragraphs define.

        Example::

            for acronym in archive.acronyms("tag:PHUM", limit=20):
                print(acronym.short, acronym.long, acronym.paragraphs, acronym.first_date)

        Args:
            text: the query; empty: everything that the filters allow.
            limit: the most acronyms to return; None: all.

        Raises:
            QueryError: the query or a filter is invalid.
            ValueError: an argument has a value that is not allowed.
            TypeError: an argument has the wrong type.
        """
        from cablesearch.features.acronyms import acronyms

        most = None if limit is None else number("limit", limit)
        request = Request.of(text.strip() or EVERYTHING, limit=0, **filters)
        return self._ask(lambda searcher: acronyms(searcher, request, most))

    def expansions(self, text: str, **filters: Unpack[Filters]) -> tuple[Expansion, ...]:
        """Return what else the methods with a query look for: acronyms, their long forms and synonyms. Nothing is
        searched; of the filters, only ``match``, ``acronyms`` and ``synonyms`` matter.

        Example::

            for expansion in archive.expansions("TIP report"):
                print(expansion.written, [variant.text for variant in expansion.variants])

        Raises:
            QueryError: the synonyms of the query have too many words.
            ValueError: an argument has a value that is not allowed.
            TypeError: an argument has the wrong type.
        """
        request = Request.of(text, limit=0, **filters)
        return self._ask(lambda searcher: searcher.expansions(request))
