"""The results of a search, in each format."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from cablesearch.answers.objects import search_object
from cablesearch.cli.display import paged
from cablesearch.cli.messages import is_quiet, say
from cablesearch.cli.rendering.facets import facet_lines, say_cut
from cablesearch.cli.rendering.layout import bold, fitted, match_style, shortened, wrapped
from cablesearch.cli.rendering.summary import say_of_how_many, say_what_else, say_without
from cablesearch.results.hits import Hit, Results
from cablesearch.text.terminal import json_line, one_line, printable
from cablesearch.text.wording import day

if TYPE_CHECKING:
    from cablesearch.archive import Archive
    from cablesearch.results.facets import FacetName

__all__ = ["Form", "hit_texts", "print_results"]

_LARGEST_PAGE = 1_000
"""The most hits that are prepared before the first is printed."""


class Form(NamedTuple):
    """How results are printed.

    Attributes:
        output: the format: ``text``, ``json``, ``jsonl``, ``csv`` or ``ids``.
        excel: whether CSV is for spreadsheets.
        facet_size: the number of values of a facet, or ``all``; None: as the format has it.
    """

    output: str
    excel: bool = False
    facet_size: int | str | None = None


def print_results(
    archive: Archive,
    text: str,
    form: Form,
    *,
    limit: int | None,
    offset: int,
    facets: tuple[FacetName, ...],
    **filters: Any,
) -> int:
    """Run a search, print its results, and return the number of all of them.

    Args:
        archive: the archive.
        text: the query.
        form: how results are printed.
        limit: the number of results; None: all.
        offset: the number of results to skip.
        facets: the facets by which results are counted.
        filters: the other arguments of `cablesearch.archive.Archive.search`.
    """
    if filters["sort"] == "citations":
        say_without(archive, "cites")
    if form.output == "ids":
        return _print_ids(archive, text, form, limit, offset, facets, **filters)
    unit = filters["group"]
    # A large page is read while it is printed.
    is_large = form.output != "json" and (limit is None or limit > _LARGEST_PAGE)
    results = archive.search(text, limit=0 if is_large else limit, offset=offset, facets=facets, **filters)
    hits: Iterable[Hit] = results
    if is_large:
        hits = islice(archive.iter_all(text, **filters), offset, None if limit is None else offset + limit)
    rest = max(0, results.total - offset)
    shown = rest if limit is None else min(limit, rest)
    _print(hits, results, form)
    # Results come before the messages about them.
    sys.stdout.flush()
    took = results.took if form.output == "text" and not is_quiet() else None
    if results.total:
        say_of_how_many(offset, shown, results.total, unit, took)
    say_what_else(archive, text, results, unit, has_advice=form.output == "json")
    return results.total


def _print_ids(
    archive: Archive,
    text: str,
    form: Form,
    limit: int | None,
    offset: int,
    facets: tuple[FacetName, ...],
    **filters: Any,
) -> int:
    """Print the ids of cables, which limit and offset count."""
    ids = archive.ids(text, limit=limit, offset=offset, **filters)
    sys.stdout.writelines(f"{one_line(name)}\n" for name in ids)
    sys.stdout.flush()
    say_of_how_many(offset, len(ids), ids.total, "cable")
    results = archive.search(text, limit=0, facets=facets, **filters)
    _say_facets(results, form, filters["group"])
    say_what_else(archive, text, results, filters["group"])
    return ids.total


def _print(hits: Iterable[Hit], results: Results, form: Form) -> None:
    """Print hits and facets."""
    if form.output == "text":
        with paged():
            sys.stdout.writelines(hit_texts(hits, results.offset + 1))
            click.echo("".join(facet_lines(results, form.facet_size or 10)), nl=False)
        return
    if form.output == "json":
        size = form.facet_size or "all"
        click.echo(json_line(search_object(results, size)))
        say_cut(results.facets, size)
        return
    if form.output == "csv":
        from cablesearch.answers.csv_table import csv_lines

        sys.stdout.writelines(csv_lines(hits, excel=form.excel, say=say))
    else:
        sys.stdout.writelines(json_line(hit.to_json()) + "\n" for hit in hits)
    _say_facets(results, form)


def _say_facets(results: Results, form: Form, unit: str | None = None) -> None:
    """Print facets beside results that are for programs."""
    sys.stdout.flush()
    lines = "".join(facet_lines(results, form.facet_size or 10, unit))
    # The colour of results says nothing about standard error.
    click.echo(click.unstyle(lines), nl=False, err=True)


def hit_texts(hits: Iterable[Hit], first: int) -> Iterator[str]:
    """Yield the hits as people read them, each with an empty line after it."""
    for number, hit in enumerate(hits, first):
        yield _hit_text(f"{number}.", hit) + "\n\n"


def _hit_text(number: str, hit: Hit) -> str:
    values = hit.citation, hit.marking_or_level, hit.origin
    citation, marking, origin = (one_line(shortened(value)) for value in values)
    cited = [] if hit.citations is None else [f"cited by {hit.citations:,}"]
    lines = [fitted([f"{number} {bold(citation)}", f"({marking})", day(hit.date), origin, *cited], "   ")]
    if hit.subject_snippet:
        lines.append(wrapped(hit.subject_snippet.terminal(match_style()), "   "))
    if hit.section:
        lines.append(wrapped(printable(shortened(hit.section)), "     ", "   > "))
    lines.append(wrapped(hit.snippet.terminal(match_style()), "     "))
    return "\n".join(lines)
