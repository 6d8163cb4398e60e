"""The arguments of requests, which have the names of the options of the command line."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from cablesearch.features.names import NameKind
from cablesearch.features.suggest.suggestion import SuggestionKind
from cablesearch.request import EVERYTHING, Group, Sort
from cablesearch.results.facets import FACETS

__all__ = [
    "MOST_HITS",
    "MOST_LISTED",
    "BurstsParameters",
    "CableParameters",
    "CompareParameters",
    "ExportParameters",
    "FacetParameters",
    "FilterParameters",
    "GraphParameters",
    "IdsParameters",
    "ListParameters",
    "MomentParameters",
    "NamesParameters",
    "ParagraphParameters",
    "Parameters",
    "PhrasesParameters",
    "RefsParameters",
    "RelatedParameters",
    "SearchParameters",
    "SuggestParameters",
    "ThreadParameters",
    "TimelineParameters",
]

MOST_HITS = 1_000
"""The most hits of one page."""
MOST_LISTED = 10_000
"""The most entries of a list."""
_MOST_CONTEXT = 1_000
_DEEPEST = 100
_MOST_QUERIES = 100
"""The most queries beside the first one on a timeline: each is a search of its own."""
_LARGEST_OFFSET = 10**9

_FacetName = Annotated[
    str,
    WithJsonSchema(
        {"type": "string", "enum": [name for facet, entry in FACETS.items() for name in (facet, *entry.aliases)]}
    ),
]
_Facets = Annotated[list[_FacetName], Field(description="Count all hits by this facet; repeat for several.")]
_FacetSize = Annotated[
    Annotated[int, Field(ge=1)] | Literal["all"] | None,
    Field(description="The number of values of each facet, those with the most hits; default: all."),
]
_Snapshot = Annotated[
    str | None, Field(description="The commit that is asked: a token from the address of another page.")
]
_Limit = Annotated[int, Field(ge=0, le=MOST_LISTED, description="The most entries to return; the answer counts all.")]
_Hits = Annotated[int, Field(ge=0, le=MOST_HITS, description="The most hits to return; the answer counts all.")]
_Offset = Annotated[int, Field(ge=0, le=_LARGEST_OFFSET, description="The number of hits to skip.")]


class Parameters(BaseModel):
    """Arguments of a request, of which none is unknown."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _SourceParameters(Parameters):
    """From which cables hits may be."""

    tag: Annotated[list[str], Field(description="Only cables with this tag; repeat to require several.")] = []
    origin: Annotated[list[str], Field(description="Only from this post; repeat to allow several.")] = []
    classification: Annotated[
        list[str], Field(description="Only paragraphs of this level, or of a range: `>=SECRET`; repeat for several.")
    ] = []
    since: Annotated[str | None, Field(description="On or after this date: 2009, 2009-11 or 2009-11-20.")] = None
    until: Annotated[str | None, Field(description="On or before this date; a year or month counts to its end.")] = None

    def filters(self) -> dict[str, Any]:
        """Return the filters as the methods of `Archive` take them."""
        return {
            "tags": self.tag,
            "origins": self.origin,
            "classifications": self.classification,
            "since": self.since,
            "until": self.until,
        }


class _MatchParameters(_SourceParameters):
    """From which cables hits may be, and how words match."""

    any: Annotated[bool, Field(description="Match any of the words instead of all.")] = False
    group: Annotated[Group, Field(description="Match within one paragraph, or across a whole cable.")] = "paragraph"
    acronyms: Annotated[bool, Field(description="Whether acronyms and their long forms find each other.")] = True

    def filters(self) -> dict[str, Any]:
        """Return the filters as the methods of `Archive` take them."""
        matching = {"match": "any" if self.any else "all", "group": self.group, "acronyms": self.acronyms}
        return super().filters() | matching


class FilterParameters(_MatchParameters):
    """What is searched."""

    q: Annotated[str, Field(description="The query, in the query language of the command line.")] = ""

    @property
    def everything(self) -> str:
        """The query; without one, the query that finds everything."""
        return self.q.strip() or EVERYTHING


class SearchParameters(FilterParameters):
    """The arguments of a search."""

    limit: _Hits = 10
    offset: _Offset = 0
    sort: Annotated[
        Sort, Field(description="Best, oldest or newest first, or those first whose cables most cables refer to.")
    ] = "relevance"
    facet: _Facets = []
    facet_size: _FacetSize = None
    snapshot: _Snapshot = None


class IdsParameters(FilterParameters):
    """The arguments of a list of ids."""

    limit: _Limit = 1_000
    offset: Annotated[int, Field(ge=0, le=_LARGEST_OFFSET, description="The number of cables to skip.")] = 0
    sort: Annotated[
        Sort, Field(description="By the best hits, by date, or those first to which most cables refer.")
    ] = "relevance"
    snapshot: _Snapshot = None


class ExportParameters(FilterParameters):
    """The arguments of an export."""

    of: Annotated[
        Literal["cables", "hits"] | None,
        Field(description="Whole cables, which can be indexed again, or hits; default: hits in CSV, else cables."),
    ] = None
    sort: Annotated[
        Sort | None, Field(description="The order of hits; default: relevance. Cables are in the order of their dates.")
    ] = None
    format: Annotated[Literal["jsonl", "csv"], Field(description="JSON lines, or CSV, which hits alone have.")] = (
        "jsonl"
    )
    excel: Annotated[bool, Field(description="Write CSV as spreadsheets read it.")] = False


class CableParameters(Parameters):
    """The arguments of a cable: none but its reference."""


class ParagraphParameters(Parameters):
    """The arguments of a paragraph."""

    context: Annotated[
        int, Field(ge=0, le=_MOST_CONTEXT, description="The number of paragraphs before it, and after it.")
    ] = 0


class FacetParameters(FilterParameters):
    """The arguments of facets."""

    facet: Annotated[list[_FacetName], Field(description="A facet; repeat for several; default: the usual ones.")] = []
    facet_size: _FacetSize = None


class TimelineParameters(FilterParameters):
    """The arguments of a timeline."""

    also: Annotated[
        list[str], Field(max_length=_MOST_QUERIES, description="Another query on the same timeline; repeat for more.")
    ] = []
    by: Annotated[Literal["year", "month", "day"], Field(description="The length of the periods.")] = "year"
    bursts: Annotated[bool, Field(description="Whether to look for times in which a query was unusually frequent.")] = (
        False
    )


class SuggestParameters(Parameters):
    """The arguments of suggestions."""

    q: Annotated[str, Field(description="The text so far. Its last word may go on; those before it are whole.")]
    kind: Annotated[
        list[SuggestionKind], Field(description="Only suggestions of this kind; repeat; default: all.")
    ] = []
    limit: Annotated[int, Field(ge=1, le=1_000, description="The most suggestions; the kinds take turns.")] = 10


class RelatedParameters(_SourceParameters):
    """The arguments of what is related to a cable or a paragraph."""

    group: Annotated[
        Group | None, Field(description="Find paragraphs, or cables; default: what the reference names.")
    ] = None
    limit: _Hits = 10
    offset: _Offset = 0
    snapshot: _Snapshot = None


class RefsParameters(Parameters):
    """The arguments of the references of a cable."""

    depth: Annotated[
        int, Field(ge=1, le=_DEEPEST, description="The levels of the trees: with 2, also what the cited cables cite.")
    ] = 1
    limit: Annotated[
        int, Field(ge=0, le=MOST_LISTED, description="The most cables in each tree; the answer counts all.")
    ] = 100


class ThreadParameters(Parameters):
    """The arguments of a thread."""

    limit: _Limit = 100


class ListParameters(FilterParameters):
    """The arguments of a list, such as that of acronyms."""

    limit: _Limit = 20


class NamesParameters(ListParameters):
    """The arguments of names."""

    kind: Annotated[list[NameKind], Field(description="Only names of this kind; repeat to allow several.")] = []


class MomentParameters(FilterParameters):
    """The arguments of the first or the last hits."""

    limit: _Hits = 1


class PhrasesParameters(FilterParameters):
    """The arguments of key phrases."""

    limit: Annotated[int, Field(ge=1, le=1_000, description="The number of phrases.")] = 20


class CompareParameters(_MatchParameters):
    """The arguments of a comparison."""

    q: Annotated[list[str], Field(min_length=2, max_length=2, description="The queries: `q=china&q=japan`.")]
    limit: Annotated[int, Field(ge=1, le=1_000, description="The number of phrases of each query.")] = 20


class BurstsParameters(FilterParameters):
    """The arguments of bursts."""

    by: Annotated[
        Literal["auto", "day", "month", "year"],
        Field(description="The length of the periods; auto: the shortest of which at most 1,000 have cables."),
    ] = "auto"
    s: Annotated[
        float, Field(gt=1, allow_inf_nan=False, description="By how much the odds of a hit rise in a burst.")
    ] = 2.0
    gamma: Annotated[float, Field(ge=0, allow_inf_nan=False, description="How hard it is to enter a burst.")] = 1.0


class GraphParameters(FilterParameters):
    """The arguments of a graph."""

    format: Annotated[
        Literal["json", "graphml", "dot"], Field(description="JSON for networkx, GraphML for Gephi, or Graphviz.")
    ] = "json"
