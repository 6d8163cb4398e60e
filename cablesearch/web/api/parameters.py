"""The arguments of requests, which have the names of the options of the command line."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from cablesearch.request import Group, Sort
from cablesearch.results.facets import FacetName

__all__ = ["FilterParameters", "PageParameters", "SearchParameters"]

_MOST_HITS = 1_000
_LARGEST_OFFSET = 10**9


class FilterParameters(BaseModel):
    """What is searched."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, Field(description="The query; its language is described on /help.")] = ""
    tag: Annotated[list[str], Field(description="Only cables with this tag; repeat to require several.")] = []
    origin: Annotated[list[str], Field(description="Only from this post; repeat to allow several.")] = []
    classification: Annotated[
        list[str], Field(description="Only paragraphs of this level, or of a range: `>=SECRET`; repeat for several.")
    ] = []
    since: Annotated[str | None, Field(description="On or after this date: 2009, 2009-11 or 2009-11-20.")] = None
    until: Annotated[str | None, Field(description="On or before this date; a year or month counts to its end.")] = None
    any: Annotated[bool, Field(description="Match any of the words instead of all.")] = False
    group: Annotated[Group, Field(description="Match within one paragraph, or across a whole cable.")] = "paragraph"
    acronyms: Annotated[bool, Field(description="Whether acronyms and their long forms find each other.")] = True

    def filters(self) -> dict[str, Any]:
        """Return the filters as the methods of `Archive` take them."""
        return {
            "tags": self.tag,
            "origins": self.origin,
            "classifications": self.classification,
            "since": self.since,
            "until": self.until,
            "match": "any" if self.any else "all",
            "group": self.group,
            "acronyms": self.acronyms,
        }


class PageParameters(FilterParameters):
    """What is searched, and which part of the hits is returned."""

    limit: Annotated[int, Field(ge=0, le=_MOST_HITS, description="The most hits to return.")] = 10
    offset: Annotated[int, Field(ge=0, le=_LARGEST_OFFSET, description="The number of hits to skip.")] = 0
    snapshot: Annotated[str | None, Field(description="The commit that is asked, as in the link to the next page.")] = (
        None
    )


class SearchParameters(PageParameters):
    """The arguments of a search."""

    sort: Annotated[Sort, Field(description="Best, oldest or newest first, or the most cited.")] = "relevance"
    facet: Annotated[list[FacetName], Field(description="Count all hits by this facet; repeat for several.")] = []
    facet_size: Annotated[int | None, Query(ge=1, description="The number of values of each facet; default: all.")] = (
        None
    )
