"""Facets as people and programs read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cablesearch.answers.objects import kept_values
from cablesearch.cli.messages import say
from cablesearch.cli.rendering.layout import bold, shortened, wrapped
from cablesearch.results.facets import Count
from cablesearch.results.hits import Results
from cablesearch.text.terminal import one_line

__all__ = ["facet_lines", "say_cut"]

_Facets = Mapping[str, Sequence[Count]]


def facet_lines(results: Results, size: int | str, unit: str | None = None) -> Iterator[str]:
    """Yield the lines of the facets of results: each value with its number of results.

    Args:
        results: the results.
        size: the number of values of each facet, or ``all``.
        unit: what the numbers count, if that has to be said.
    """
    for name, counts in results.facets.items():
        if not results.total:
            continue
        yield bold(name) + (f" (numbers of {unit}s)" if unit else "") + "\n"
        if not counts:
            yield f"{'':13}none of the results has a value\n"
        kept = kept_values(counts, size)
        for value, count in kept:
            number = f"  {count:>9,}  "
            yield wrapped(one_line(shortened(value)), " " * len(number), number) + "\n"
        if len(kept) < len(counts):
            yield f"{'':13}and {len(counts) - len(kept):,} more (--facet-size all shows all)\n"


def say_cut(facets: _Facets, size: int | str) -> None:
    """Say which facets have more values than those that were printed."""
    for name, counts in facets.items():
        if (kept := len(kept_values(counts, size))) < len(counts):
            say(f"Showing {kept:,} of {len(counts):,} values of the facet {name}; --facet-size all shows all")
