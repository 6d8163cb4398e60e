"""cablesearch facets, cablesearch timeline."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from cablesearch.cli.display import paged
from cablesearch.cli.filters import answer_options, facet_option, facet_size_option, filter_options
from cablesearch.cli.options import open_archive, query_argument, query_text
from cablesearch.cli.output_file import format_of_file, written_to
from cablesearch.cli.query_command import QueryCommand
from cablesearch.request import EVERYTHING

if TYPE_CHECKING:
    from cablesearch.features.timeline import Timeline
    from cablesearch.results.facets import FacetName
    from cablesearch.results.hits import Results

__all__ = ["facets", "timeline"]


@click.command(cls=QueryCommand)
@query_argument
@facet_option
@facet_size_option
@filter_options
@answer_options("text", "json", "csv")
def facets(
    query: tuple[str, ...],
    output: str,
    target: str | None,
    index_path: str,
    clearance: str | None,
    facets: tuple[FacetName, ...],
    facet_size: int | str | None,
    **filters: Any,
) -> None:
    """Count all paragraphs that match a query by their values: TAGS, posts, levels, years and others.

    Without QUERY everything is counted, and without --facet by the usual facets.

    \b
    Exit status: 0 if anything matches, 1 if nothing matches, 2 after an error.

    \b
    Examples:
      cablesearch facets trafficking
      cablesearch facets tag:PHUM --facet origin --facet year --since 2006
      cablesearch facets --facet tags --facet-size all --format csv
    """
    from cablesearch.cli.rendering.summary import say_what_else
    from cablesearch.results.facets import FACETS

    text, form = query_text(query).strip() or EVERYTHING, format_of_file(output, target)
    names = facets or tuple(name for name, facet in FACETS.items() if facet.is_usual)
    size = facet_size or (10 if form == "text" else "all")
    with written_to(target, index_path), open_archive(index_path, clearance) as archive:
        results = archive.search(text, limit=0, facets=names, **filters)
        _print_facets(results, text, filters["group"], form, size, is_chosen=bool(facets))
        sys.stdout.flush()
        say_what_else(archive, text, results, filters["group"])
    sys.exit(0 if results.total else 1)


def _print_facets(results: Results, text: str, unit: str, form: str, size: int | str, *, is_chosen: bool) -> None:
    """Print the facets of results; ``is_chosen``: the user named them, so those without values are shown, too."""
    from cablesearch.answers.csv_table import table_lines
    from cablesearch.answers.objects import facets_object
    from cablesearch.cli.rendering.facets import say_cut
    from cablesearch.text.terminal import json_line

    if form == "text":
        with paged():
            sys.stdout.writelines(_facet_charts(results, unit, size, is_chosen=is_chosen))
        return
    answer = facets_object(results, text, unit, size)
    if form == "json":
        click.echo(json_line(answer))
    else:
        rows = ((name, value, count) for name, counts in answer["facets"].items() for value, count in counts)
        sys.stdout.writelines(table_lines(("facet", "value", f"{unit}s"), rows))
    say_cut(results.facets, size)


def _facet_charts(results: Results, unit: str, size: int | str, *, is_chosen: bool) -> Iterator[str]:
    from cablesearch.cli.charts.bars import Bar, bar_lines
    from cablesearch.cli.rendering.layout import bold
    from cablesearch.results.facets import largest
    from cablesearch.text.wording import plural

    if not results.total:
        return
    yield plural(results.total, unit) + "\n"
    for name, counts in results.facets.items():
        if not counts and not is_chosen:
            continue
        kept = counts if size == "all" else largest(counts, int(size))
        yield f"\n{bold(name)}\n"
        yield from bar_lines([Bar(value, count, f"{count:,}") for value, count in kept])
        if not counts:
            yield f"  none of the {unit}s has a value\n"
        if len(kept) < len(counts):
            yield f"  and {len(counts) - len(kept):,} more (--facet-size all shows all)\n"


@click.command(cls=QueryCommand)
@query_argument
@click.option(
    "--also", "others", multiple=True, metavar="QUERY", help="Another query on the same timeline; repeat for more."
)
@click.option(
    "--by",
    type=click.Choice(["year", "month", "day"]),
    default="year",
    show_default=True,
    help="Length of the periods.",
)
@click.option("--share", is_flag=True, help="Show what part of all paragraphs (or cables) of each period matches.")
@click.option(
    "--bursts",
    is_flag=True,
    help="Mark when each query matched an unusually large share of the cables; see: cablesearch bursts -h.",
)
@click.option("--compact", is_flag=True, help="Show one line of small bars for each query.")
@click.option(
    "--plot", "picture", type=click.Path(dir_okay=False), metavar="FILE", help="Draw a picture: FILE.png or FILE.svg."
)
@click.option("--title", metavar="TEXT", help="Title of the picture; default: none.")
@filter_options
@answer_options("text", "json", "csv")
def timeline(
    query: tuple[str, ...],
    others: tuple[str, ...],
    output: str,
    target: str | None,
    index_path: str,
    clearance: str | None,
    share: bool,
    compact: bool,
    picture: str | None,
    title: str | None,
    **options: Any,
) -> None:
    """Count the paragraphs that match a query, or several queries, in each year, month or day.

    Without QUERY everything is counted. JSON and CSV have both counts and shares. With --plot, which needs
    pip install 'cablesearch[plot]', text has the totals alone.

    \b
    Exit status: 0 if anything matches, 1 if nothing matches, 2 after an error.

    \b
    Examples:
      cablesearch timeline trafficking
      cablesearch timeline china --also japan --by month --since 1934 --until 1935
      cablesearch timeline tag:PHUM --group cable --share --format csv
      cablesearch timeline china --also japan --by month --plot china-japan.svg
    """
    from cablesearch.cli.charts.pictures import picture_written_to
    from cablesearch.cli.rendering.summary import say_more

    texts, form = (query_text(query), *others), format_of_file(output, target)
    with (
        picture_written_to(picture, target, index_path) as draw,
        written_to(target, index_path),
        open_archive(index_path, clearance) as archive,
    ):
        answer = archive.timeline(*texts, **options)
        if draw:
            draw(answer, share=share, title=title)
        _print_timeline(answer, form, share=share, length=1 if compact else 0 if picture else None)
        sys.stdout.flush()
        filters = {name: value for name, value in options.items() if name not in ("by", "bursts")}
        for text, series in zip(texts, answer.series, strict=True):
            say_more(archive, text, series.total, filters)
    sys.exit(0 if any(series.total for series in answer.series) else 1)


def _print_timeline(answer: Timeline, form: str, *, share: bool, length: int | None) -> None:
    """Print a timeline; ``length``: how many lines of bars text has for each query, 0, 1 or (None) all."""
    from cablesearch.answers.csv_table import table_lines
    from cablesearch.text.terminal import json_line

    if form == "text":
        from cablesearch.cli.charts import over_time

        if length == 0:
            lines = over_time.headings(answer)
        else:
            lines = (over_time.sparklines_of_time if length else over_time.charts_of_time)(answer, share=share)
        with paged():
            sys.stdout.writelines(lines)
    elif form == "json":
        click.echo(json_line(answer.to_json()))
    else:
        names = [name for series in answer.series for name in (series.query, f"share of {series.query}")]
        columns = [row for series in answer.series for row in (series.counts, answer.shares(series))]
        rows = zip(answer.periods, answer.totals, *columns, strict=True)
        sys.stdout.writelines(table_lines((answer.by, f"all {answer.unit}s", *names), rows))
