"""Features: the methods of `cablesearch.archive.Archive` that show an archive as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, get_args

from cablesearch.arguments import choice, need, number, real, several
from cablesearch.features.asking import Asking, limit_of, request_of
from cablesearch.request import Filters, Request
from cablesearch.results.facets import FACETS, Count, FacetName, facet_name

if TYPE_CHECKING:
    # Python 3.10 has it here only.
    from typing_extensions import Unpack

    from cablesearch.features.acronyms import AcronymList
    from cablesearch.features.bursts import Bursts
    from cablesearch.features.moments import Moments
    from cablesearch.features.names import NameKind, Names
    from cablesearch.features.overview import Overview
    from cablesearch.features.periods import By
    from cablesearch.features.phrases.key_phrases import Comparison, KeyPhrases
    from cablesearch.features.suggest.suggestion import Suggestion, SuggestionKind
    from cablesearch.features.timeline import Timeline
    from cablesearch.results.hits import Results
    from cablesearch.variants.expanding import Expansion

__all__ = ["Features"]


class Features(Asking):
    """The part of an archive that shows it as a whole. Every search imports this module, so features are imported
    inside its methods.

    All methods take the filters of `cablesearch.request.Filters`, which are those of `Archive.search`.
    """

    def overview(self, text: str = "", **filters: Unpack[Filters]) -> Overview:
        """Return an overview of the archive, or of the cables with hits of a query: dates, posts, TAGS, levels.

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

        request = request_of(text, **filters)
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
        request = request_of(text, facets=wanted, **filters)
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
        requests = [request_of(text, **filters) for text in texts or ("",)]
        return self._ask(lambda searcher: timeline(searcher, requests, by, with_bursts=bursts))

    def acronyms(self, text: str = "", *, limit: int | None = None, **filters: Unpack[Filters]) -> AcronymList:
        """Return the acronyms that the paragraphs of a query define, in descending order of their number of paragraphs.

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

        most = limit_of(limit)
        request = request_of(text, **filters)
        return self._ask(lambda searcher: acronyms(searcher, request, most))

    def expansions(self, text: str, **filters: Unpack[Filters]) -> tuple[Expansion, ...]:
        """Return the acronyms, long forms and synonyms that other methods also look for, given a query. Nothing is
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

    def key_phrases(self, text: str = "", *, limit: int = 20, **filters: Unpack[Filters]) -> KeyPhrases:
        """Return the words and phrases that set the hits of a query apart from the rest of the archive, best first.

        The hits may be those of a query, of a period (``since=2009, until=2009``), or a cable (``id:10BEIJING30``).
        See `cablesearch.KeyPhrases` for what is counted.

        Example::

            for phrase in archive.key_phrases("trafficking", since=2009).phrases:
                print(phrase.text, phrase.count, phrase.other_count)

        Args:
            text: the query; empty: everything that the filters allow.
            limit: the number of phrases, at most 1,000.

        Raises:
            QueryError: the query or a filter is invalid.
            ValueError: an argument has a value that is not allowed.
            TypeError: an argument has the wrong type.
        """
        from cablesearch.features.phrases.key_phrases import key_phrases, most

        request = request_of(text, **filters)
        wanted = most(number("limit", limit))
        return self._ask(lambda searcher: key_phrases(searcher, request, wanted))

    def compare(self, first: str, second: str, *, limit: int = 20, **filters: Unpack[Filters]) -> Comparison:
        """Return the words and phrases that set the hits of one query apart from those of another, and the reverse.

        Example::

            for side in archive.compare("origin:beijing", "origin:tokyo", since=2009).sides:
                print(side.query, [phrase.text for phrase in side.phrases])

        Args:
            first, second: the queries. Their filters are the same; what differs, such as a post or a period, belongs
                to the queries: ``china date:2008``.
            limit: the number of phrases of each, at most 1,000.

        Raises:
            QueryError: a query or a filter is invalid.
            ValueError: an argument has a value that is not allowed.
            TypeError: an argument has the wrong type.
        """
        from cablesearch.features.phrases.key_phrases import compare, most

        requests = [request_of(text, **filters) for text in (first, second)]
        wanted = most(number("limit", limit))
        return self._ask(lambda searcher: compare(searcher, requests[0], requests[1], wanted))

    def related_query(self, reference: str) -> str:
        """Return the query that `related` runs: the words that set a cable or a paragraph apart, any of which may
        match, without the cable itself. It is empty if no word sets it apart. Change it to search on.

        Args:
            reference: as in `cablesearch.Archive.show`.

        Raises:
            UnknownCableError: no cable or paragraph that the reader may see has this reference.
        """
        from cablesearch.features.related import related_query

        need("reference", reference, str)
        return self._ask(lambda searcher: related_query(searcher, reference))

    def related(
        self, reference: str, *, limit: int | None = 10, offset: int = 0, **filters: Unpack[Filters]
    ) -> Results:
        """Return the paragraphs, or cables, that share the most of the words that set a paragraph or a cable apart;
        never the cable itself.

        For a paragraph, paragraphs are returned, and for a cable cables, unless ``group`` says otherwise. The
        ``query`` of the results is that of `related_query`. There are none if no word sets the text apart.

        Example::

            for hit in archive.related("10BEIJING30\u00b64", since=2008):
                print(hit.citation, hit.snippet.plain())

        Args:
            reference: as in `cablesearch.Archive.show`.
            limit: the number of hits to return; None: all.
            offset: the number of hits to skip.

        Raises:
            UnknownCableError: no cable or paragraph that the reader may see has this reference.
            ValueError, TypeError, QueryError: as in `cablesearch.Archive.search`.
        """
        from cablesearch.features.related import related

        need("reference", reference, str)
        checked = Request.of(limit=limit, offset=offset, **filters)
        return self._ask(lambda searcher: related(searcher, reference, checked, is_grouped="group" in filters))

    def names(
        self,
        text: str = "",
        *,
        kinds: NameKind | Iterable[NameKind] = (),
        limit: int | None = 20,
        **filters: Unpack[Filters],
    ) -> Names:
        """Return the persons, organizations and places named in the hits of a query, the most frequent first.

        Example::

            for name in archive.names("trafficking", kinds="person").names:
                print(name.name, name.count, [variant for variant, _ in name.variants])

        Args:
            text: the query; empty: everything that the filters allow.
            kinds: the kinds of names; none: all of them.
            limit: the number of names to return; None: all.

        Raises:
            QueryError: the query or a filter is invalid.
            ValueError: an argument has a value that is not allowed.
            TypeError: an argument has the wrong type.
        """
        from cablesearch.features.names import NameKind, names

        allowed: tuple[NameKind, ...] = get_args(NameKind)
        named = [choice("kinds", kind, allowed) for kind in several("kinds", kinds)]
        wanted = [kind for kind in allowed if kind in named or not named]
        most = limit_of(limit)
        request = request_of(text, **filters)
        return self._ask(lambda searcher: names(searcher, request, wanted, most))

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

        request = request_of(text, limit=limit, **filters)
        return self._ask(lambda searcher: moments(searcher, request, "first"))

    def last(self, text: str = "", *, limit: int | None = 1, **filters: Unpack[Filters]) -> Moments:
        """Return the latest hits of a query, from the latest on; the arguments and errors are those of `first`."""
        from cablesearch.features.moments import moments

        request = request_of(text, limit=limit, **filters)
        return self._ask(lambda searcher: moments(searcher, request, "last"))

    def bursts(
        self,
        text: str,
        *,
        by: By | Literal["auto"] = "auto",
        s: float = 2.0,
        gamma: float = 1.0,
        **filters: Unpack[Filters],
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
        from cablesearch.features.bursts import bursts
        from cablesearch.features.periods import By

        choice("by", by, ("auto", *get_args(By)))
        request = request_of(text, **filters)
        scale, cost = real("s", s, above=1), real("gamma", gamma)
        return self._ask(lambda searcher: bursts(searcher, request, by, scale, cost))

    def suggest(
        self, text: str, limit: int = 10, kinds: SuggestionKind | Iterable[SuggestionKind] = ()
    ) -> tuple[Suggestion, ...]:
        """Return what a person may be typing: words, phrases, TAGS, posts, collections and subjects.

        The last word of the text may be incomplete; those before it are whole. Every suggestion has results. There are
        none for a text that excludes something (``china -tai``), as a suggestion replaces the whole text. The kinds
        take turns until there are enough suggestions; within a kind, suggestions that most paragraphs have come first,
        and subjects of the latest cables.

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
        allowed: tuple[SuggestionKind, ...] = get_args(SuggestionKind)
        named = [choice("kinds", kind, allowed) for kind in several("kinds", kinds)]
        wanted = [kind for kind in allowed if kind in named]
        most = number("limit", limit)
        return self._ask(lambda searcher: suggestions(searcher, text, most, wanted))
