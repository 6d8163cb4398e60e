"""The results of a search, in each format."""

from __future__ import annotations

import click

from cablesearch.cli.messages import plural, say
from cablesearch.cli.rendering.advice import say_advice
from cablesearch.cli.rendering.layout import bold, match_style, shortened, wrapped
from cablesearch.results.hits import Hit, Results
from cablesearch.text.terminal import json_line, one_line, printable

__all__ = ["print_results"]

_FACET_LINES = 10


def print_results(results: Results, output: str, *, by_cable: bool = False) -> None:
    """Print the results of a search.

    Args:
        results: the page of hits.
        output: the format: ``text``, ``json``, ``jsonl``, ``csv`` or ``ids``.
        by_cable: whether cables were searched, and not paragraphs.
    """
    if output == "json":
        click.echo(json_line(results.to_json()))
    elif output == "jsonl":
        for hit in results:
            click.echo(json_line(hit.to_json()))
    elif output == "ids":
        for name in dict.fromkeys(hit.cable for hit in results):
            click.echo(one_line(name))
    elif output == "csv":
        from cablesearch.cli.rendering.csv_table import csv_table

        click.echo(csv_table(results), nl=False)
    else:
        _print_text(results, "cable" if by_cable else "paragraph")
    if output != "json":
        say_advice(results, "cable" if by_cable else "paragraph")


def _print_text(results: Results, noun: str) -> None:
    for number, hit in enumerate(results, results.offset + 1):
        click.echo(_hit_text(number, hit))
    for name, counts in results.facets.items():
        if counts:
            click.echo(bold(name))
        for value, count in counts[:_FACET_LINES]:
            click.echo(f"  {count:>9,}  {one_line(shortened(value))}")
        if len(counts) > _FACET_LINES:
            click.echo(f"             and {len(counts) - _FACET_LINES:,} more (--format json lists all)")
    if results.total:
        say(f"Showing {_range(results)} of {plural(results.total, noun)} ({results.took * 1000:.0f} ms)")


def _range(results: Results) -> str:
    """Return which results are on the page: ``1-10``, ``7`` or ``0``."""
    first, last = results.offset + 1, results.offset + len(results)
    return "0" if last < first else f"{first:,}" if last == first else f"{first:,}-{last:,}"


def _hit_text(number: int, hit: Hit) -> str:
    date = hit.date.strftime("%Y-%m-%d") if hit.date else "no date"
    citation, marking, origin = (one_line(shortened(value)) for value in (hit.citation, hit.label, hit.origin))
    lines = [f"{number}. {bold(citation)}  ({marking})  {date}  {origin}"]
    if hit.subject_snippet:
        lines.append(wrapped(hit.subject_snippet.terminal(match_style()), "   "))
    if hit.section:
        lines.append(wrapped("> " + printable(shortened(hit.section)), "   "))
    lines.append(wrapped(hit.snippet.terminal(match_style()), "     "))
    return "\n".join(lines) + "\n"
