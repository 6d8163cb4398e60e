"""Hits and results as HTML for notebooks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from cablesearch.text.notebook import block, escaped, excerpt, line, marked

__all__ = ["hit_html", "results_html"]

_MOST_HITS = 50
"""The most hits that are shown; the others are counted."""
_MOST_COUNTS = 10
"""The most values of a facet that are shown; the others are counted."""
_LONGEST_VALUE = 240


class _Snippet(Protocol):
    @property
    def parts(self) -> tuple[tuple[str, bool], ...]: ...


class _Hit(Protocol):
    """What is shown of a `cablesearch.results.hits.Hit`."""

    @property
    def citation(self) -> str: ...
    @property
    def label(self) -> str: ...
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
    def facets(self) -> Mapping[str, list[tuple[str, int]]]: ...
    @property
    def suggestion(self) -> str | None: ...
    @property
    def alternatives(self) -> Mapping[str, int]: ...


def hit_html(hit: _Hit, number: int | None = None) -> str:
    """Return a hit: citation, marking, date, origin, subject, section and snippet; ``number`` is its place."""
    details = (
        f"({excerpt(hit.label, _LONGEST_VALUE)})",
        hit.date.strftime("%Y-%m-%d") if hit.date else "no date",
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
    """Return a page of hits, the counts of facets, and what would match if nothing does."""
    shown = results.hits[:_MOST_HITS]
    hits = "".join(hit_html(hit, number) for number, hit in enumerate(shown, results.offset + 1))
    title, details = _summary(results, len(shown))
    query = results.query and f"query: {excerpt(results.query, _LONGEST_VALUE)}"
    return block(title, [*details, query], *map(line, _facets(results))) + hits


def _summary(results: _Results, shown: int) -> tuple[str, list[str]]:
    """Return which hits are shown, and what else can be said of them."""
    if not results.total:
        return "No hits", list(_advice(results))
    first, last = results.offset + 1, results.offset + shown
    page = "none" if not shown else f"{first:,}" if last == first else f"{first:,}-{last:,}"
    rest = len(results.hits) - shown
    return f"Showing {page} of {results.total:,}", [
        f"the other {rest:,} of this page can be read from it"
    ] if rest else []


def _advice(results: _Results) -> Iterator[str]:
    if results.suggestion:
        yield f"did you mean: {excerpt(results.suggestion, _LONGEST_VALUE)}"
    if count := results.alternatives.get("any_word"):
        yield f"with OR between the words: {count:,}"
    if count := results.alternatives.get("group_cable"):
        yield f'with group="cable": {count:,}'


def _facets(results: _Results) -> Iterator[str]:
    """Yield the most common values of each facet."""
    for name, counts in results.facets.items():
        values = [f"{excerpt(value, _LONGEST_VALUE)} {count:,}" for value, count in counts[:_MOST_COUNTS]]
        rest = f" and {len(counts) - _MOST_COUNTS:,} more" if len(counts) > _MOST_COUNTS else ""
        yield f"<b>{escaped(name)}</b> {escaped(', '.join(values) or 'none')}{rest}"
