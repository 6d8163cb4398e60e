"""Hits and results as HTML for notebooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from cablesearch.cable import Classification
from cablesearch.notebook.elements import counted, entry, escaped, head, level, line, marked, page, rows
from cablesearch.results.facets import Count, largest
from cablesearch.results.unknown_values import UnknownValue
from cablesearch.text.wording import day, excerpt, plural
from cablesearch.text.wording import page as places

__all__ = ["facet_rows", "hit_html", "hit_list", "results_html"]

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
    def cable(self) -> str: ...
    @property
    def citation(self) -> str: ...
    @property
    def classification(self) -> Classification: ...
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
    @property
    def citations(self) -> int | None: ...


class _Results(Protocol):
    """What is shown of a `cablesearch.results.hits.Results`."""

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


def hit_html(hit: _Hit) -> str:
    """Return a hit: citation, marking, date, origin, subject, section and snippet."""
    return page(f"<div>{_hit(hit)}</div>")


def results_html(results: _Results) -> str:
    """Return a page of hits, the counts of facets, and advice."""
    shown = results.hits[:_MOST_HITS]
    lines = [line(escaped(part), "small", "pale") for part in _summary(results, len(shown))]
    title = head(excerpt(results.query, _LONGEST_VALUE) or "All that the filters allow", *lines)
    return page(title, rows(facet_rows(results.facets, _MOST_COUNTS)), hit_list(shown, results.offset))


def hit_list(hits: Sequence[_Hit], offset: int = 0) -> str:
    """Return hits as a list, numbered from the one after ``offset``. Hits of one cable that follow each other have its
    subject once."""
    entries, cable = [], None
    for number, hit in enumerate(hits, offset + 1):
        entries.append(f"<li>{_hit(hit, number, has_subject=hit.cable != cable)}</li>")
        cable = hit.cable
    return f"<ol>{''.join(entries)}</ol>" if entries else ""


def facet_rows(facets: Mapping[str, Sequence[Count]], most: int) -> dict[str, str]:
    """Return the values of each facet that have the most hits, as HTML by the name of the facet."""
    return {
        name: counted(
            ((excerpt(value, _LONGEST_VALUE), count) for value, count in largest(counts, most)),
            max(len(counts) - most, 0),
        )
        or "none"
        for name, counts in facets.items()
    }


def _hit(hit: _Hit, number: int | None = None, *, has_subject: bool = True) -> str:
    place = "" if number is None else f"{number:,}. "
    marking = level(f"({excerpt(hit.marking_or_level, _LONGEST_VALUE)})", hit.classification.level.name)
    details = [day(hit.date), escaped(excerpt(hit.origin, _LONGEST_VALUE))]
    if hit.citations is not None:
        details.append(f"cited by {plural(hit.citations, 'cable')}")
    lines = [entry(place + excerpt(hit.citation, _LONGEST_VALUE), marking, details)]
    if hit.subject_snippet and has_subject:
        lines.append(line(marked(hit.subject_snippet.parts), "subject"))
    if hit.section:
        lines.append(line("› " + escaped(excerpt(hit.section, _LONGEST_VALUE)), "section"))
    lines.append(line(marked(hit.snippet.parts), "text"))
    return "".join(lines)


def _summary(results: _Results, shown: int) -> Iterator[str]:
    """Yield which hits are shown, and advice."""
    if results.total:
        yield f"Showing {places(results.offset, shown)} of {results.total:,}"
        if rest := len(results.hits) - shown:
            yield f"{rest:,} more on this page"
    else:
        yield "No hits"
    yield from _advice(results)


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
