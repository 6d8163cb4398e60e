"""cablesearch phrases, cablesearch compare."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from cablesearch.cli.completion import complete_query
from cablesearch.cli.display import paged
from cablesearch.cli.filters import answer_options, filter_options
from cablesearch.cli.messages import say
from cablesearch.cli.options import open_archive, query_argument, query_text
from cablesearch.cli.output_file import format_of_file, written_to
from cablesearch.cli.query_command import QueryCommand
from cablesearch.request import EVERYTHING
from cablesearch.text.wording import excerpt, plural

if TYPE_CHECKING:
    from cablesearch.features.phrases.contrast import KeyPhrase
    from cablesearch.features.phrases.key_phrases import Comparison, KeyPhrases

__all__ = ["compare", "phrases"]

_MOST = 1_000
_MOST_OF_QUERY = 100
_COLUMNS = ("phrase", "score", "log_ratio", "count", "share", "other_count", "other_share")

_ALONE = ", nothing to compare them with; words that often stand together:"

_limit_option = click.option(
    "-n",
    "--limit",
    type=click.IntRange(1, _MOST),
    default=20,
    show_default=True,
    metavar="N",
    help=f"Number of phrases to show, at most {_MOST:,}.",
)


@click.command(cls=QueryCommand)
@query_argument
@_limit_option
@filter_options
@answer_options("text", "json", "csv")
def phrases(
    query: tuple[str, ...],
    limit: int,
    output: str,
    target: str | None,
    index_path: str,
    clearance: str | None,
    **filters: Any,
) -> None:
    """Show the words and phrases that set the hits of a query apart from the rest of the archive.

    The hits may be those of a cable (id:10BEIJING30), or of a period (--since, --until). Behind each phrase stand the
    numbers of paragraphs that have it: among the hits / in the rest.

    \b
    Exit status: 0 if there are key phrases, 1 if nothing matches or nothing
    sets the hits apart, 2 after an error.

    \b
    Examples:
      cablesearch phrases trafficking
      cablesearch phrases id:10BEIJING30
      cablesearch phrases --since 1934 --until 1934 --group cable --format csv
    """
    from cablesearch.cli.rendering.summary import say_more

    text, form = query_text(query).strip() or EVERYTHING, format_of_file(output, target)
    with written_to(target, index_path), open_archive(index_path, clearance) as archive:
        answer = archive.key_phrases(text, limit=limit, **filters)
        _print_phrases(answer, form)
        sys.stdout.flush()
        say_more(archive, text, answer.total, filters)
        if answer.total:
            _say_of_hits(answer.sampled, answer.paragraphs, answer.query, has_phrases=bool(answer.phrases))
    sys.exit(0 if answer.phrases else 1)


@click.command(cls=QueryCommand)
@click.argument("queries", nargs=-1, type=click.UNPROCESSED, metavar="QUERY_A QUERY_B", shell_complete=complete_query)
@_limit_option
@filter_options
@answer_options("text", "json", "csv")
def compare(
    queries: tuple[str, ...],
    limit: int,
    output: str,
    target: str | None,
    index_path: str,
    clearance: str | None,
    **filters: Any,
) -> None:
    """Show the words and phrases that set the hits of two queries apart from each other.

    Quote each query. The filters hold for both. Behind each phrase stand the numbers of paragraphs that have it: among
    the hits of its query / among those of the other. Hits of both queries count for both.

    \b
    Exit status: 0 if there are such phrases, 1 if a query matches nothing or
    nothing sets them apart, 2 after an error.

    \b
    Examples:
      cablesearch compare date:1933 date:1934
      cablesearch compare 'china trade' 'japan trade' --since 1930 -n 10
      cablesearch compare origin:beijing origin:tokyo --format json
    """
    from cablesearch.cli.rendering.summary import say_more

    if len(queries) != 2:
        given = "one" if len(queries) == 1 else f"{len(queries):,}" if queries else "none"
        raise click.UsageError(f"compare needs two queries, each in quotes, not {given}.")
    form = format_of_file(output, target)
    with written_to(target, index_path), open_archive(index_path, clearance) as archive:
        answer = archive.compare(*queries, limit=limit, **filters)
        _print_comparison(answer, form)
        sys.stdout.flush()
        for text, side in zip(queries, answer.sides, strict=True):
            if not side.total:
                say(f"{excerpt(text, _MOST_OF_QUERY)}: no hits")
            say_more(archive, text, side.total, filters)
        if all(side.total for side in answer.sides):
            for side in answer.sides:
                _say_of_hits(side.sampled, side.paragraphs, side.query, has_phrases=bool(side.phrases))
    sys.exit(0 if any(side.phrases for side in answer.sides) else 1)


def _say_of_hits(sampled: int, paragraphs: int, query: str, *, has_phrases: bool) -> None:
    """Say of how many paragraphs phrases were taken, if they are a part, and that there are no phrases."""
    name = excerpt(query, _MOST_OF_QUERY)
    if sampled < paragraphs:
        say(f"{name}: phrases are from an even sample of {sampled:,} of {paragraphs:,} paragraphs; all are counted")
    if not has_phrases:
        say(f"{name}: no phrase sets the hits apart")


def _print_phrases(answer: KeyPhrases, form: str) -> None:
    from cablesearch.text.terminal import json_line

    if form == "json":
        click.echo(json_line(answer.to_json()))
    elif form == "csv":
        _print_table(_COLUMNS, ([], answer.phrases))
    elif answer.total:
        others = f", {plural(answer.others, 'other')}" if answer.others else _ALONE
        with paged():
            sys.stdout.writelines(_lines(answer.query, answer.total, answer.unit, others, answer.phrases))


def _print_comparison(answer: Comparison, form: str) -> None:
    from cablesearch.text.terminal import json_line

    if form == "json":
        click.echo(json_line(answer.to_json()))
    elif form == "csv":
        _print_table(("query", *_COLUMNS), *(([side.query], side.phrases) for side in answer.sides))
    elif all(side.total for side in answer.sides):
        longest = max((phrase.score for side in answer.sides for phrase in side.phrases), default=None)
        shared = f", {answer.shared:,} of them hits of both" if answer.shared else ""
        with paged():
            for place, side in enumerate(answer.sides):
                lines = _lines(side.query, side.total, answer.unit, shared, side.phrases, longest)
                sys.stdout.writelines(["\n"] * (place > 0))
                sys.stdout.writelines(lines)


def _lines(
    query: str, total: int, unit: str, others: str, phrases: Sequence[KeyPhrase], longest: float | None = None
) -> Iterator[str]:
    """Yield a heading and a bar for each phrase, whose length is its score."""
    from cablesearch.cli.charts.bars import Bar, bar_lines
    from cablesearch.cli.rendering.layout import heading_of_query, wrapped

    yield wrapped(f"{heading_of_query(query)}: {plural(total, unit)}{others}", "  ", "") + "\n"
    is_compared = others != _ALONE
    width = max((len(f"{phrase.other_count:,}") for phrase in phrases), default=0)
    counts = ((f"{phrase.count:,}", f" / {phrase.other_count:>{width},}" * is_compared) for phrase in phrases)
    bars = [Bar(phrase.text, phrase.score, "".join(own)) for phrase, own in zip(phrases, counts, strict=True)]
    yield from bar_lines(bars, longest)


def _print_table(columns: Sequence[str], *parts: tuple[list[str], Sequence[KeyPhrase]]) -> None:
    from cablesearch.answers.csv_table import table_lines

    rows = ([*before, *phrase.to_json().values()] for before, phrases in parts for phrase in phrases)
    sys.stdout.writelines(table_lines(columns, rows))
