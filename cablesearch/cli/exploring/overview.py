"""cablesearch overview."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from cablesearch.cli.display import paged
from cablesearch.cli.filters import answer_options, filter_options
from cablesearch.cli.options import open_archive, query_argument, query_text
from cablesearch.cli.output_file import format_of_file, written_to
from cablesearch.cli.query_command import QueryCommand
from cablesearch.request import EVERYTHING

if TYPE_CHECKING:
    from cablesearch.features.links.web import LinkedCable
    from cablesearch.features.overview import Overview
    from cablesearch.results.facets import Count

__all__ = ["overview"]

_LABEL = 16
"""The columns before the values."""
_MOST_LINES = 2
"""The lines that the values of a facet take at most."""
_MOST_LISTED_YEARS = 8
_FEWEST_CITATIONS, _SHORTEST_THREAD = 2, 3
"""From how many citations, and cables in a thread, on they are worth a line of text."""


@click.command(cls=QueryCommand)
@query_argument
@filter_options
@answer_options("text", "json")
def overview(
    query: tuple[str, ...], output: str, target: str | None, index_path: str, clearance: str | None, **filters: Any
) -> None:
    """Show on one screen what the archive, or the cables that match a query, consist of.

    What to run first on an archive that you do not know. All numbers are of cables.

    \b
    Exit status: 0 if anything matches, 1 if nothing matches, 2 after an error.

    \b
    Examples:
      cablesearch overview
      cablesearch overview trafficking --since 2006 --format json
    """
    from cablesearch.cli.rendering.summary import say_more
    from cablesearch.text.terminal import json_line

    text, form = query_text(query).strip() or EVERYTHING, format_of_file(output, target)
    with written_to(target, index_path), open_archive(index_path, clearance) as archive:
        answer = archive.overview(text, **filters)
        if form == "json":
            click.echo(json_line(answer.to_json()))
        elif answer.cables:
            with paged():
                sys.stdout.writelines(_screen(answer))
        sys.stdout.flush()
        say_more(archive, text, answer.cables, filters)
    sys.exit(0 if answer.cables else 1)


def _screen(answer: Overview) -> Iterator[str]:
    """Yield the lines of the overview."""
    from cablesearch.cli.rendering.layout import fitted
    from cablesearch.text.wording import plural

    parts = [plural(answer.cables, "cable"), plural(answer.paragraphs, "paragraph")]
    if answer.first_date and answer.last_date:
        parts.append(f"{answer.first_date[:10]} to {answer.last_date[:10]}")
    if answer.undated:
        parts.append(f"{answer.undated:,} without a date")
    yield fitted(parts, "") + "\n\n"
    yield from _years(answer.years)
    for name, counts in answer.facets.items():
        if counts:
            yield from _values(name, counts)
    yield from _cables("most cited", [(cable.citations, cable) for cable in answer.most_cited], _FEWEST_CITATIONS)
    threads = [(thread.total, thread.first) for thread in answer.longest_threads]
    yield from _cables("longest threads", threads, _SHORTEST_THREAD)
    if answer.missing:
        yield from _values("missing", [(cable.id, cable.citations) for cable in answer.missing])


def _years(years: Sequence[Count]) -> Iterator[str]:
    """Yield a line with the height of each year, and one that names the first, the last and the highest year; a few
    years are listed with their numbers."""
    from cablesearch.cli.charts.bars import chart_width
    from cablesearch.cli.charts.sparkline import grouped, sparkline

    listed = [(year, count) for year, count in years if count]
    if len(listed) <= _MOST_LISTED_YEARS:
        if listed:
            yield from _values("years", listed)
        return
    year, most = max(years, key=lambda item: item[1])
    numbers = [count for _, count in years]
    sums = [sum(numbers[first:last]) for first, last in grouped(len(numbers), chart_width() - _LABEL)]
    yield f"{_label('years')}{sparkline(sums, max(sums)).rstrip()}\n"
    yield f"{'':{_LABEL}}{years[0][0]} to {years[-1][0]}; most in {year}: {most:,}\n"


def _values(name: str, counts: Sequence[Count]) -> Iterator[str]:
    """Yield the largest values of a facet that fit into two lines."""
    from cablesearch.cli.charts.bars import chart_width
    from cablesearch.cli.rendering.cells import cells
    from cablesearch.text.terminal import one_line
    from cablesearch.text.wording import excerpt

    room = chart_width() - _LABEL
    lines: list[str] = [""]
    for place, (value, count) in enumerate(counts):
        left = len(counts) - place - 1
        item = f"{excerpt(one_line(value), room // 2)} {count:,}"
        more = f"   +{left:,}" if left else ""
        gap = "   " if lines[-1] else ""
        if cells(lines[-1] + gap + item + (more if len(lines) == _MOST_LINES else "")) > room:
            if len(lines) == _MOST_LINES:
                lines[-1] += f"   +{left + 1:,}"
                break
            lines.append("")
            gap = ""
        lines[-1] += gap + item
    for place, line in enumerate(lines):
        yield f"{' ' * _LABEL if place else _label(name)}{line}\n"


def _cables(name: str, cables: Sequence[tuple[int, LinkedCable]], least: int) -> Iterator[str]:
    """Yield a line for each cable whose number is at least ``least``, with the number before it."""
    from cablesearch.cli.charts.bars import chart_width
    from cablesearch.cli.rendering.cells import cut
    from cablesearch.text.terminal import one_line

    told = [(f"{number:,}", cable) for number, cable in cables if number >= least]
    numbers = max((len(number) for number, _ in told), default=0)
    for place, (number, cable) in enumerate(told):
        date = f"{cable.date:%Y-%m-%d}" if cable.date else "no date"
        line = f"{number:>{numbers}}  {one_line(cable.id)}  {date}  {one_line(cable.subject or '')}"
        yield f"{' ' * _LABEL if place else _label(name)}{cut(line.rstrip(), chart_width() - _LABEL)}\n"


def _label(name: str) -> str:
    from cablesearch.cli.rendering.layout import bold

    return bold(name) + " " * (_LABEL - len(name))
