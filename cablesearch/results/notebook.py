"""Hits and results as HTML for notebooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from cablesearch.results.facets import Count, largest
from cablesearch.results.unknown_values import UnknownValue
from cablesearch.text.notebook import block, escaped, line, marked
from cablesearch.text.wording import day, excerpt, page

__all__ = ["hit_html", "results_html"]

_MOST_HITS = 50
"""The most hits that are shown; the others are counted."""
_MOST_COUNTS = 10
"""The most values of a facet that are shown; the others are counted."""
_MOST_VALUES = 5
"""The most unknown values that are named; the others are counted."""
_LONGEST_VALUE = 240


class _Snippet(Protocol):
    @property
    def parts(self) -> tuple[tuple[str, bool], ...]: ...


class _Hit(Protocol):
    """What is shown of a `cablesearch.results.hits.Hit`."""

    @property
    def citation(self) -> str: ...
    @property
    def marking_or_level(self) -> str: ...
    @property
    def date(self) -> dt.datetime | None: ...
    @property
    def origin(self) -> str: ...
    @property
    def section(self) -> str | None: ...
    @property
    def snippet(self) -> _Snippet: ...
    @property
    def subject_snippet(self) -> _Snippet | None: ...


class _Results(Protocol):
    """What is shown of `cablesearch.results.hits.Results`."""

    @property
    def query(self) -> str: ...
    @property
    def total(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def hits(self) -> Sequence[_Hit]: ...
    @property
    def facets(self) -> Mapping[str, list[Count]]: ...
    @property
    def suggestion(self) -> str | None: ...
    @property
    def alternatives(self) -> Mapping[str, int]: ...
    @property
    def unknown_values(self) -> tuple[UnknownValue, ...]: ...
    @property
    def common_words(self) -> tuple[str, ...]: ...


def hit_html(hit: _Hit, number: int | None = None) -> str:
    """Return a hit: citation, marking, date, origin, subject, section and snippet; ``number`` is its place."""
    details = (
        f"({excerpt(hit.marking_or_level, _LONGEST_VALUE)})",
        day(hit.date),
        excerpt(hit.origin, _LONGEST_VALUE),
    )
    lines = []
    if hit.subject_snippet:
        lines.append(line(marked(hit.subject_snippet.parts), "font-weight:600"))
    if hit.section:
        lines.append(line("› " + escaped(excerpt(hit.section, _LONGEST_VALUE)), "font-style:italic"))
    lines.append(line(marked(hit.snippet.parts)))
    name = excerpt(hit.citation, _LONGEST_VALUE)
    return block(name if number is None else f"{number}. {name}", details, *lines)


def results_html(results: _Results) -> str:
    """Return a page of hits, the counts of facets, and advice."""
    shown = results.hits[:_MOST_HITS]
    hits = "".join(hit_html(hit, number) for number, hit in enumerate(shown, results.offset + 1))
    title, details = _summary(results, len(shown))
    query = results.query and f"query: {excerpt(results.query, _LONGEST_VALUE)}"
    return block(title, [*details, query], *map(line, _facets(results))) + hits


def _summary(results: _Results, shown: int) -> tuple[str, list[str]]:
    """Return which hits are shown, and advice."""
    if not results.total:
        return "No hits", list(_advice(results))
    rest = len(results.hits) - shown
    left = [f"{rest:,} more on this page"] if rest else []
    return f"Showing {page(results.offset, shown)} of {results.total:,}", [*left, *_advice(results)]


def _advice(results: _Results) -> Iterator[str]:
    """Yield what would find more, and what the query has that finds nothing."""
    if results.suggestion:
        yield f"did you mean: {excerpt(results.suggestion, _LONGEST_VALUE)}"
    if count := results.alternatives.get("any_word"):
        yield f'with match="any": {count:,}'
    if count := results.alternatives.get("group_cable"):
        yield f'with group="cable": {count:,}'
    for value in results.unknown_values[:_MOST_VALUES]:
        meant = repr(list(value.parts)) if value.parts and value.is_filter else value.meant
        yield excerpt(value.reason + (f"; did you mean {meant}?" if meant else ""), _LONGEST_VALUE)
    if rest := len(results.unknown_values[_MOST_VALUES:]):
        yield f"{rest:,} more values are unknown"
    if results.common_words:
        yield excerpt(f"too common to match on their own: {', '.join(results.common_words)}", _LONGEST_VALUE)


def _facets(results: _Results) -> Iterator[str]:
    """Yield the values of each facet that have the most hits."""
    for name, counts in results.facets.items():
        values = [f"{excerpt(value, _LONGEST_VALUE)} {count:,}" for value, count in largest(counts, _MOST_COUNTS)]
        rest = f" and {len(counts) - _MOST_COUNTS:,} more" if len(counts) > _MOST_COUNTS else ""
        yield f"<b>{escaped(name)}</b> {escaped(', '.join(values) or 'none')}{rest}"
