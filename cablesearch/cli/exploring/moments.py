"""cablesearch first, cablesearch last, cablesearch bursts."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from cablesearch.cli.display import paged
from cablesearch.cli.filters import answer_options, filter_options, limit_option
from cablesearch.cli.options import open_archive, query_argument, query_text
from cablesearch.cli.output_file import format_of_file, written_to
from cablesearch.cli.query_command import QueryCommand

if TYPE_CHECKING:
    from cablesearch.features.bursts import Burst, Bursts
    from cablesearch.features.moments import Moments

__all__ = ["bursts", "first", "last"]

_Command = Callable[..., Any]


def _options_of_moments(command: _Command) -> _Command:
    """Add the options of `first` and `last`."""
    limit = limit_option("Number of results with a date to show", 1)
    return query_argument(limit(filter_options(answer_options("text", "json", "jsonl", "csv")(command))))


@click.command(cls=QueryCommand)
@_options_of_moments
def first(**options: Any) -> None:
    """Show where a word, a phrase or a name appears for the first time.

    Results are paragraphs, or cables with --group cable, from the oldest on. Those without a date are counted, and
    never shown as the first. Without QUERY the oldest cables are shown.

    \b
    Exit status: 0 if anything with a date matches, 1 if not, 2 after an error.

    \b
    Examples:
      cablesearch first '"labor trafficking"'
      cablesearch first manchukuo --limit 5
      cablesearch first kissinger --group cable --origin moscow --format json
    """
    _show("first", **options)


@click.command(cls=QueryCommand)
@_options_of_moments
def last(**options: Any) -> None:
    """Show where a word, a phrase or a name appears for the last time.

    Results are paragraphs, or cables with --group cable, from the newest on. Those without a date are counted, and
    never shown as the last. Without QUERY the newest cables are shown.

    \b
    Exit status: 0 if anything with a date matches, 1 if not, 2 after an error.

    \b
    Examples:
      cablesearch last '"soviet union"'
      cablesearch last telex --until 1979 --limit 3
      cablesearch last tag:PHUM --classification SECRET --format json
    """
    _show("last", **options)


def _show(
    end: str,
    query: tuple[str, ...],
    limit: int | None,
    output: str,
    target: str | None,
    index_path: str,
    clearance: str | None,
    **filters: Any,
) -> None:
    """Print the first or last results of a query, and exit."""
    from cablesearch.cli.rendering.summary import say_more

    text, form = query_text(query), format_of_file(output, target)
    with written_to(target, index_path), open_archive(index_path, clearance) as archive:
        ask = archive.first if end == "first" else archive.last
        answer = ask(text, limit=limit, **filters)
        _print_moments(answer, form)
        sys.stdout.flush()
        if form != "json":
            _say_spread(answer)
        say_more(archive, text, answer.total, filters)
    sys.exit(0 if answer.total > answer.undated else 1)


def _print_moments(answer: Moments, form: str) -> None:
    from cablesearch.text.terminal import json_line

    if form == "text":
        from cablesearch.cli.rendering.results import hit_texts

        with paged():
            sys.stdout.writelines(hit_texts(answer.hits, 1))
    elif form == "json":
        click.echo(json_line(answer.to_json()))
    elif form == "jsonl":
        sys.stdout.writelines(json_line(hit.to_json()) + "\n" for hit in answer.hits)
    else:
        from cablesearch.answers.csv_table import csv_lines

        sys.stdout.writelines(csv_lines(answer.hits))


def _say_spread(answer: Moments) -> None:
    """Say how many hits there are, from when to when, and how many others have the same date or none."""
    from cablesearch.cli.charts.over_time import span_of
    from cablesearch.cli.messages import say
    from cablesearch.text.wording import day, plural

    if not answer.total:
        return
    dated = answer.total - answer.undated
    found = plural(answer.total, answer.unit)
    if answer.unit != "cable":
        found += f" in {plural(answer.cables, 'cable')}"
    if not dated:
        say(f"{found} match{'es' if answer.total == 1 else ''}, but without a date")
        return
    span = span_of(day(answer.first_date), day(answer.last_date))
    undated = f"; {answer.undated:,} of them without a date" if answer.undated else ""
    say(f"{found}, {span}{undated}")
    if answer.hits and (others := answer.same_date - len(answer.hits)) > 0:
        others_are = "Another one has" if others == 1 else f"{others:,} others have"
        say(
            f"{others_are} the same date: --limit {answer.same_date} shows {'both' if answer.same_date == 2 else 'all'}"
        )


@click.command(cls=QueryCommand)
@query_argument
@click.option(
    "--by",
    type=click.Choice(["auto", "day", "month", "year"]),
    default="auto",
    show_default=True,
    help="Length of the periods; auto: the shortest of which at most 1,000 have cables.",
)
@click.option(
    "--s",
    type=click.FloatRange(min=1, min_open=True),
    default=2.0,
    show_default=True,
    metavar="FACTOR",
    help="By how much the odds of a match rise in a burst, above 1.",
)
@click.option(
    "--gamma",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    metavar="COST",
    help="How hard it is to enter a burst, from 0: more means fewer bursts.",
)
@filter_options
@answer_options("text", "json", "csv")
def bursts(
    query: tuple[str, ...],
    output: str,
    target: str | None,
    index_path: str,
    clearance: str | None,
    **options: Any,
) -> None:
    """Show when a query was unusually frequent.

    Cables with a match are compared with all cables of the same day, month or year, by the method of Kleinberg (2002).
    Each cable counts once, however many of its paragraphs match. A burst has more matches than the usual share of
    cables would give, and its weight says how clearly.

    \b
    Exit status: 0 if anything matches, 1 if nothing matches, 2 after an error.

    \b
    Examples:
      cablesearch bursts trafficking
      cablesearch bursts japan --by month
      cablesearch bursts tag:PHUM --s 3 --format csv
    """
    from cablesearch.cli.rendering.summary import say_more

    text, form = query_text(query), format_of_file(output, target)
    with written_to(target, index_path), open_archive(index_path, clearance) as archive:
        answer = archive.bursts(text, **options)
        _print_bursts(answer, form)
        sys.stdout.flush()
        total = answer.hits + answer.undated
        filters = {name: value for name, value in options.items() if name not in ("by", "s", "gamma")}
        say_more(archive, text, total, filters)
    sys.exit(0 if total else 1)


def _print_bursts(answer: Bursts, form: str) -> None:
    from cablesearch.answers.csv_table import table_lines
    from cablesearch.text.terminal import json_line

    if form == "text":
        with paged():
            sys.stdout.writelines(_chart_of_bursts(answer))
    elif form == "json":
        click.echo(json_line(answer.to_json()))
    else:
        columns = ("begin", "end", "weight", "hits", "cables", "expected", "share", "peak")
        rows = (burst.to_json() for burst in answer.bursts)
        sys.stdout.writelines(table_lines(columns, ([row[name] for name in columns] for row in rows)))


def _chart_of_bursts(answer: Bursts) -> Iterator[str]:
    """Yield a line with the weight for each burst, and one with its numbers."""
    from cablesearch.cli.charts.bars import Bar, Line, bar_lines, percentages
    from cablesearch.cli.charts.over_time import span_of
    from cablesearch.cli.rendering.layout import heading_of_query, wrapped
    from cablesearch.text.wording import plural

    if not answer.hits + answer.undated:
        return
    usual = f" ({percentages([answer.share])[0]})" if answer.hits else ""
    undated = f"; {answer.undated:,} more without a date" if answer.undated else ""
    query = heading_of_query(answer.query)
    yield wrapped(f"{query}: {answer.hits:,} of {plural(answer.cables, 'cable')}{usual}{undated}", "  ", "") + "\n"
    if not answer.bursts:
        yield f"  no bursts by {answer.by}\n"
        return
    rows: list[Bar | Line] = []
    for burst in answer.bursts:
        rows.append(Bar(span_of(burst.begin, burst.end), burst.weight, f"{burst.weight:,.{int(burst.weight < 100)}f}"))
        rows.append(Line(wrapped(_numbers_of(burst), "    ")))
    weights = "each with its weight" if len(answer.bursts) > 1 else "with its weight"
    yield f"{plural(len(answer.bursts), 'burst')} by {answer.by}, {weights}:\n\n"
    yield from bar_lines(rows)


def _numbers_of(burst: Burst) -> str:
    from cablesearch.cli.charts.bars import percentages
    from cablesearch.text.wording import plural

    share = percentages([burst.share])[0]
    numbers = f"{burst.hits:,} of {plural(burst.cables, 'cable')} ({share}), {burst.expected:,.1f} expected"
    return numbers if burst.begin == burst.end else f"{numbers}; peak: {burst.peak}"
