"""The commands that the API answers, each as the command line does with --format json. To add one, add it here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cablesearch.answers.objects import (
    cable_object,
    facets_object,
    ids_object,
    related_object,
    search_object,
    stats_object,
    suggestions_object,
)
from cablesearch.answers.shown import shown
from cablesearch.archive import Archive
from cablesearch.errors import CablesearchError
from cablesearch.results.facets import FACETS, FacetName, facet_name
from cablesearch.web.api import parameters as given
from cablesearch.web.problems import ProblemError

__all__ = ["COMMANDS", "MOST_NODES", "Command", "graph_of"]

_Object = Mapping[str, Any]
MOST_NODES = 50_000
"""The most cables of a graph."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command.

    Attributes:
        parameters: its arguments.
        answer: asks an archive, given the reference to a cable (empty if there is none) and the arguments.
        group: the heading under which it is described.
        summary, description: what it does.
        of_cable: whether it is about a cable, which its address names.
    """

    parameters: type[given.Parameters]
    answer: Callable[[Archive, str, Any], _Object]
    group: str
    summary: str
    description: str = ""
    of_cable: bool = False


def _facet_names(given: Sequence[str]) -> list[FacetName]:
    """Return the names of facets, without aliases.

    Raises:
        ProblemError: a facet is unknown.
    """
    try:
        return [facet_name(name) for name in given]
    except ValueError as error:
        raise ProblemError("invalid-argument", str(error), argument="facet") from None


def _search(archive: Archive, _: str, its: given.SearchParameters) -> _Object:
    hits = archive.search(
        its.q, limit=its.limit, offset=its.offset, sort=its.sort, facets=_facet_names(its.facet), **its.filters()
    )
    return search_object(hits, its.facet_size or "all")


def _ids(archive: Archive, _: str, its: given.IdsParameters) -> _Object:
    return ids_object(its.q, archive.ids(its.q, limit=its.limit, offset=its.offset, sort=its.sort, **its.filters()))


def _cable(archive: Archive, reference: str, _: given.CableParameters) -> _Object:
    return cable_object(shown(*archive.show(reference), 0))


def _paragraph(archive: Archive, reference: str, its: given.ParagraphParameters) -> _Object:
    cable, paragraph = archive.show(reference)
    if paragraph is None:
        detail = f"{cable.id} names a cable; name a paragraph by its number (¶4) or its position (@4)"
        raise ProblemError("invalid-argument", detail, argument="reference")
    return cable_object(shown(cable, paragraph, its.context))


def _related(archive: Archive, reference: str, its: given.RelatedParameters) -> _Object:
    filters = its.filters() | ({"group": its.group} if its.group else {})
    return related_object(archive.related(reference, limit=its.limit, offset=its.offset, **filters))


def _refs(archive: Archive, reference: str, its: given.RefsParameters) -> _Object:
    return archive.references(reference, depth=its.depth, limit=its.limit).to_json()


def _thread(archive: Archive, reference: str, its: given.ThreadParameters) -> _Object:
    return archive.thread(reference, limit=its.limit).to_json()


def _facets(archive: Archive, _: str, its: given.FacetParameters) -> _Object:
    names = _facet_names(its.facet) or [name for name, facet in FACETS.items() if facet.is_usual]
    results = archive.search(its.everything, limit=0, facets=names, **its.filters())
    return facets_object(results, its.everything, its.group, its.facet_size or "all")


def _timeline(archive: Archive, _: str, its: given.TimelineParameters) -> _Object:
    return archive.timeline(its.q, *its.also, by=its.by, bursts=its.bursts, **its.filters()).to_json()


def _overview(archive: Archive, _: str, its: given.FilterParameters) -> _Object:
    return archive.overview(its.everything, **its.filters()).to_json()


def _suggest(archive: Archive, _: str, its: given.SuggestParameters) -> _Object:
    return suggestions_object(its.q, archive.suggest(its.q, its.limit, its.kind))


def _names(archive: Archive, _: str, its: given.NamesParameters) -> _Object:
    return archive.names(its.everything, kinds=its.kind, limit=its.limit, **its.filters()).to_json()


def _acronyms(archive: Archive, _: str, its: given.ListParameters) -> _Object:
    return archive.acronyms(its.everything, limit=its.limit, **its.filters()).to_json()


def _phrases(archive: Archive, _: str, its: given.PhrasesParameters) -> _Object:
    return archive.key_phrases(its.everything, limit=its.limit, **its.filters()).to_json()


def _compare(archive: Archive, _: str, its: given.CompareParameters) -> _Object:
    return archive.compare(*its.q, limit=its.limit, **its.filters()).to_json()


def _first(archive: Archive, _: str, its: given.MomentParameters) -> _Object:
    return archive.first(its.q, limit=its.limit, **its.filters()).to_json()


def _last(archive: Archive, _: str, its: given.MomentParameters) -> _Object:
    return archive.last(its.q, limit=its.limit, **its.filters()).to_json()


def _bursts(archive: Archive, _: str, its: given.BurstsParameters) -> _Object:
    return archive.bursts(its.q, by=its.by, s=its.s, gamma=its.gamma, **its.filters()).to_json()


def _missing(archive: Archive, _: str, its: given.ListParameters) -> _Object:
    return archive.cited_but_missing(its.q, limit=its.limit, **its.filters()).to_json()


def graph_of(archive: Archive, its: given.FilterParameters) -> Any:
    """Return the graph of a query.

    Raises:
        CablesearchError: it is too large to be sent.
    """
    graph = archive.graph(its.q, **its.filters())
    if len(graph.nodes) > MOST_NODES:
        raise CablesearchError(
            f"the graph has {len(graph.nodes):,} cables; the limit is {MOST_NODES:,}: search for fewer"
        )
    return graph


def _graph(archive: Archive, _: str, its: given.GraphParameters) -> _Object:
    if its.format != "json":
        raise ProblemError("invalid-argument", "format must be 'json' here", argument="format")
    answer: _Object = graph_of(archive, its).to_json()
    return answer


def _stats(archive: Archive, _: str, its: given.Parameters) -> _Object:
    return stats_object(archive.stats())


_FIND, _READ, _COUNT, _LINK = "Search", "Read", "See as a whole", "References"

COMMANDS = {
    "search": Command(
        given.SearchParameters,
        _search,
        _FIND,
        "Find paragraphs or cables",
        "The hits of a query, best first. The header `Link` has the addresses of the next and the previous page, which "
        "are of the same commit, whatever is added to the archive meanwhile.",
    ),
    "ids": Command(
        given.IdsParameters,
        _ids,
        _FIND,
        "List the ids of cables",
        "The ids of the cables that have hits, in the order of their best hits. Faster than a search.",
    ),
    "suggest": Command(given.SuggestParameters, _suggest, _FIND, "Suggest how a text goes on"),
    "cable": Command(
        given.CableParameters,
        _cable,
        _READ,
        "Read a cable",
        "The visible part of a cable, with how to cite it. `10BEIJING30` names a cable, `10BEIJING30¶4` a paragraph by "
        "its printed number, `10BEIJING30@4` by its position.",
        of_cable=True,
    ),
    "paragraph": Command(
        given.ParagraphParameters,
        _paragraph,
        _READ,
        "Read a paragraph",
        "A paragraph with how to cite it, and its neighbours if `context` asks for them. `10BEIJING30¶4` names it by "
        "its printed number, `10BEIJING30@4` by its position.",
        of_cable=True,
    ),
    "related": Command(
        given.RelatedParameters,
        _related,
        _READ,
        "Find what is related",
        "The cables, or for a paragraph the paragraphs, that share the most of the words that set it apart.",
        of_cable=True,
    ),
    "refs": Command(
        given.RefsParameters,
        _refs,
        _LINK,
        "Follow references",
        "The cables to which a cable refers, and those that refer to it, also for a cable that the archive lacks.",
        of_cable=True,
    ),
    "thread": Command(
        given.ThreadParameters, _thread, _LINK, "Read a thread", "The cables that answer each other.", of_cable=True
    ),
    "cited-but-missing": Command(
        given.ListParameters, _missing, _LINK, "List missing cables", "The cables that are cited most and not there."
    ),
    "graph": Command(
        given.GraphParameters,
        _graph,
        _LINK,
        "Draw the graph of references",
        "The cables with hits, the cables to which they refer, and the references between them.",
    ),
    "overview": Command(given.FilterParameters, _overview, _COUNT, "See what an archive consists of"),
    "facets": Command(given.FacetParameters, _facets, _COUNT, "Count by facets"),
    "timeline": Command(given.TimelineParameters, _timeline, _COUNT, "Count by year, month or day"),
    "bursts": Command(given.BurstsParameters, _bursts, _COUNT, "See when a query was unusually frequent"),
    "first": Command(given.MomentParameters, _first, _COUNT, "Find the earliest hits"),
    "last": Command(given.MomentParameters, _last, _COUNT, "Find the latest hits"),
    "names": Command(given.NamesParameters, _names, _COUNT, "List persons, organizations and places"),
    "acronyms": Command(given.ListParameters, _acronyms, _COUNT, "List acronyms"),
    "phrases": Command(given.PhrasesParameters, _phrases, _COUNT, "See what sets hits apart from the rest"),
    "compare": Command(given.CompareParameters, _compare, _COUNT, "See what sets two queries apart"),
    "stats": Command(given.CableParameters, _stats, _COUNT, "See how large the archive is"),
}
"""The commands by name, which are also the last parts of their addresses."""
