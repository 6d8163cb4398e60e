"""cablesearch search."""

from __future__ import annotations

import sys
from typing import Any, get_args

import click
from click.core import ParameterSource

from cablesearch.cli.filters import answer_options, facet_option, facet_size_option, filter_options, limit_option
from cablesearch.cli.options import open_archive, query_argument, query_text
from cablesearch.cli.output_file import format_of_file, written_to
from cablesearch.cli.query_command import QueryCommand
from cablesearch.request import Sort

__all__ = ["search"]


@click.command(cls=QueryCommand)
@query_argument
@filter_options
@limit_option("Number of results to show", 10)
@click.option("--offset", type=click.IntRange(0), default=0, metavar="N", help="Number of results to skip.")
@click.option(
    "--sort",
    type=click.Choice(get_args(Sort)),
    default="relevance",
    show_default=True,
    help="Best, oldest or newest first, or those first whose cables most cables refer to.",
)
@facet_option
@facet_size_option
@click.option(
    "--excel",
    is_flag=True,
    help="Write CSV for spreadsheets: a byte order mark, dates such as 2010-01-08 03:26, lines that end with CRLF.",
)
@answer_options("text", "json", "jsonl", "csv", "ids")
def search(
    query: tuple[str, ...],
    output: str,
    excel: bool,
    facet_size: int | str | None,
    target: str | None,
    index_path: str,
    clearance: str | None,
    **options: Any,
) -> None:
    """Find paragraphs that match a query, best first.

    Words are joined by AND, or with --any by OR. You can use OR, NOT, -word, brackets, "phrases", "near phrases"~5,
    "any order"~~5, NEAR/5, prefix*, w?ldcards, fuzzy~1 and field:value; see: cablesearch help query. Quote the whole
    query for the shell. QUERY is optional if you give a filter. With --format ids, the results are cables with a
    matching paragraph.

    \b
    Exit status: 0 if anything matches, 1 if nothing matches, 2 after an error.

    \b
    Examples:
      cablesearch search trafficking palermo
      cablesearch search '"labor trafficking" OR smuggl* -refugee'
      cablesearch search 'class:>=CONFIDENTIAL date:2009-11..2010-02' --facet tags
      cablesearch search palermo moeling --group cable --format json
      cablesearch search tag:PHUM -n all --excel -o phum.csv
    """
    from cablesearch.cli.rendering.results import Form, print_results

    form = Form(_format(output, excel, target), excel, facet_size)
    with written_to(target, index_path), open_archive(index_path, clearance) as archive:
        total = print_results(archive, query_text(query), form, **options)
    sys.exit(0 if total else 1)


def _format(output: str, excel: bool, target: str | None) -> str:
    """Return the format of the output: CSV with --excel, even if no format is given.

    Raises:
        click.UsageError: --excel is given with another format.
    """
    if not excel:
        return format_of_file(output, target)
    context = click.get_current_context()
    if output != "csv" and context.get_parameter_source("output") is not ParameterSource.DEFAULT:
        raise click.UsageError("--excel needs --format csv", context)
    return "csv"
