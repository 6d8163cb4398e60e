"""Answers as the objects of JSON that the command line, the server and tools for models write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from cablesearch.results.facets import Count, largest

if TYPE_CHECKING:
    from cablesearch.answers.shown import Shown
    from cablesearch.features.suggest.suggestion import Suggestion
    from cablesearch.results.hits import CableIds, Results
    from cablesearch.results.stats import Stats

__all__ = [
    "cable_object",
    "facets_object",
    "ids_object",
    "kept_values",
    "related_object",
    "search_object",
    "stats_object",
    "suggestions_object",
]

_Facets = Mapping[str, Sequence[Count]]


def kept_values(counts: Sequence[Count], size: int | str) -> Sequence[Count]:
    """Return the values of a facet that are shown.

    Args:
        counts: all values, each with its number of results.
        size: how many of them to show, or ``all``.
    """
    return counts if size == "all" else largest(counts, int(size))


def _cut(facets: _Facets, size: int | str) -> dict[str, list[list[str | int]]]:
    """Return facets as JSON has them, with the values that have the most results.

    Args:
        facets: the facets.
        size: the number of values of each, or ``all``.
    """
    return {name: [list(count) for count in kept_values(counts, size)] for name, counts in facets.items()}


def search_object(results: Results, size: int | str = "all") -> dict[str, Any]:
    """Return the object for the results of a search; ``size`` is the number of values of each facet, or ``all``."""
    return results.to_json() | {"facets": _cut(results.facets, size)}


def related_object(results: Results) -> dict[str, Any]:
    """Return the object for what is related to a cable. The query is not a person's, so no other is suggested."""
    return search_object(results if results.total else replace(results, suggestion=None, alternatives={}, took=0.0))


def ids_object(query: str, ids: CableIds) -> dict[str, Any]:
    """Return the object for the ids of cables that have hits."""
    return {"version": 1, "query": query, "total": ids.total, "ids": list(ids)}


def stats_object(figures: Stats) -> dict[str, Any]:
    """Return the object for the size of an archive."""
    return {"version": 1, **asdict(figures)}


def facets_object(results: Results, query: str, unit: str, size: int | str = "all") -> dict[str, Any]:
    """Return the object for the facets of a query alone; ``unit`` is what they count: ``paragraph`` or ``cable``."""
    return {
        "version": 1,
        "query": query,
        "total": results.total,
        "unit": unit,
        "facets": _cut(results.facets, size),
    }


def suggestions_object(text: str, suggestions: Sequence[Suggestion]) -> dict[str, Any]:
    """Return the object for the suggestions on how a text goes on."""
    return {"version": 1, "text": text, "suggestions": [suggestion.to_json() for suggestion in suggestions]}


def cable_object(entry: Shown) -> dict[str, Any]:
    """Return the object for a cable: that of an export, with what was asked for and how to cite it."""
    from cablesearch.readers.json_cables import to_json
    from cablesearch.results.citations import citation, full_citation

    cable, named = entry.cable, entry.named
    values = to_json(cable)
    by_position = {paragraph["position"]: paragraph for paragraph in values["paragraphs"]}
    values["paragraphs"] = [
        by_position[paragraph.position] | {"citation": citation(cable.id, paragraph)} for paragraph in entry.paragraphs
    ]
    return {
        "version": 1,
        **values,
        "position": named.position if named else None,
        "citation": citation(cable.id, named),
        "full_citation": full_citation(cable, named),
    }
