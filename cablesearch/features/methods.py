"""Features: the methods of `cablesearch.archive.Archive` that show an archive as a whole."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar, Unpack, cast, get_args

from cablesearch.arguments import choice, need, number, several
from cablesearch.request import EVERYTHING, Filters, Request
from cablesearch.results.facets import FACETS, Count, FacetName, facet_name
from cablesearch.searcher import Searcher

if TYPE_CHECKING:
    from cablesearch.features.overview import Overview
    from cablesearch.features.suggest.suggestion import Suggestion, SuggestionKind
    from cablesearch.features.timeline import By, Timeline

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

    def suggest(
        self, text: str, limit: int = 10, kinds: SuggestionKind | Iterable[SuggestionKind] = ()
    ) -> tuple[Suggestion, ...]:
        """Return what a person may be typing: words, phrases, TAGS, posts, collections and subjects.

        The last word of the text may go on; those before it are whole. Every suggestion finds something. The kinds take
        turns until there are enough suggestions; within a kind those come first that most paragraphs have, and the
        subjects of the latest cables.

        Example::

            for suggestion in archive.suggest("human ri"):
                print(suggestion.kind, suggestion.text, suggestion.query, suggestion.count)

        Args:
            text: the text so far.
            limit: the most suggestions.
            kinds: the kinds (see `cablesearch.SuggestionKind`); none: all of them.

        Raises:
            ValueError: an argument has a value that is not allowed.
            TypeError: an argument has the wrong type.
        """
        from cablesearch.features.suggest.suggestion import SuggestionKind
        from cablesearch.features.suggest.suggestions import suggestions

        need("text", text, str)
        number("limit", limit)
        wanted = [choice("kinds", kind, get_args(SuggestionKind)) for kind in several("kinds", kinds)]
        return self._ask(lambda searcher: suggestions(searcher, text, int(limit), cast(list[SuggestionKind], wanted)))
