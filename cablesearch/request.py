"""Request: the checked arguments of a search, and the types of those that have a choice."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict, cast, get_args

from cablesearch.arguments import Period, choice, need, number, path, period, several
from cablesearch.results.facets import FacetName, facet_name

if TYPE_CHECKING:
    from cablesearch.variants.synonyms import Synonyms

__all__ = ["EVERYTHING", "Filters", "Group", "Match", "Request", "Sort"]

EVERYTHING = "*"
"""The query that matches everything."""

Sort = Literal["relevance", "date", "-date", "citations"]
"""The order of hits: best first, oldest first, newest first, or those first whose cables most cables refer to."""

Group = Literal["paragraph", "cable"]
"""The unit that is searched: a single paragraph must match, or the parts of a cable may match together."""

Match = Literal["all", "any"]
"""Whether all words of a query must match, or any of them."""


class Filters(TypedDict, total=False):
    """The arguments that choose paragraphs, or cables, beside the text of a query, as in `Archive.search`.

    Attributes:
        tags: only cables with all of these TAGS.
        origins: only cables from any of these posts.
        classifications: only paragraphs of any of these levels (``SECRET``) or ranges (``>=SECRET``).
        since, until: only cables on or after, and on or before, a date.
        group: ``paragraph``, the default, or ``cable``: the unit that must match, and that is counted.
        match: ``all``, the default, or ``any``: whether all words must match, or any of them.
        acronyms: whether acronyms and their long forms find each other; by default they do.
        synonyms: words that find each other: the path of a file, or `cablesearch.Synonyms`.
    """

    tags: str | Iterable[str]
    origins: str | Iterable[str]
    classifications: str | Iterable[str]
    since: Period | None
    until: Period | None
    group: Group
    match: Match
    acronyms: bool
    synonyms: str | os.PathLike[str] | Synonyms | None


@dataclass(frozen=True, slots=True)
class Request:
    """The arguments of a search; see `cablesearch.archive.Archive.search`.

    Attributes:
        text: the query.
        tags, origins, classifications: the filters.
        since, until: the ends of the period as text.
        limit: the number of hits; None: all.
        offset: the number of hits to skip.
        sort, group: the order and the unit of the hits.
        facets: the names of the facets, without aliases.
        match: whether all words must match, or any.
        acronyms: whether acronyms and their long forms find each other.
        synonyms: the reader's synonyms, if any.
    """

    text: str = ""
    tags: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    classifications: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    limit: int | None = 10
    offset: int = 0
    sort: Sort = "relevance"
    group: Group = "paragraph"
    facets: tuple[FacetName, ...] = ()
    match: Match = "all"
    acronyms: bool = True
    synonyms: Synonyms | None = None

    @classmethod
    def of(
        cls,
        text: str = "",
        tags: str | Iterable[str] = (),
        origins: str | Iterable[str] = (),
        classifications: str | Iterable[str] = (),
        since: Period | None = None,
        until: Period | None = None,
        limit: int | None = 10,
        offset: int = 0,
        sort: str = "relevance",
        group: str = "paragraph",
        facets: str | Iterable[str] = (),
        match: str = "all",
        acronyms: bool = True,
        synonyms: str | os.PathLike[str] | Synonyms | None = None,
    ) -> Request:
        """Return the request for the arguments of a search.

        Raises:
            TypeError: an argument has the wrong type.
            ValueError: an argument has a value that is not allowed.
            CablesearchError: the file of synonyms cannot be read.
        """
        # Each is counted once, however often it is asked for.
        names = tuple(dict.fromkeys(map(facet_name, several("facets", facets))))
        return cls(
            text=need("text", text, str),
            tags=several("tags", tags),
            origins=several("origins", origins),
            classifications=several("classifications", classifications),
            since=period("since", since),
            until=period("until", until),
            limit=None if limit is None else number("limit", limit),
            offset=number("offset", offset),
            sort=cast(Sort, choice("sort", sort, get_args(Sort))),
            group=cast(Group, choice("group", group, get_args(Group))),
            facets=names,
            match=cast(Match, choice("match", match, get_args(Match))),
            acronyms=need("acronyms", acronyms, bool),
            synonyms=None if synonyms is None else _synonyms(synonyms),
        )

    @property
    def is_narrow(self) -> bool:
        """Return whether there is a query or a filter."""
        filters = self.tags, self.origins, self.classifications, self.since, self.until
        return bool(self.text.strip()) or any(value not in ((), None) for value in filters)

    @property
    def by_cable(self) -> bool:
        """Return whether cables are searched, and not paragraphs."""
        return self.group == "cable"


def _synonyms(given: str | os.PathLike[str] | Synonyms) -> Synonyms:
    """Return synonyms, which are read if a file is given."""
    from cablesearch.variants.synonyms import Synonyms

    return given if isinstance(given, Synonyms) else Synonyms.read(path("synonyms", given))
