"""cablesearch search."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, get_args

import click
from click.core import ParameterSource

from cablesearch.cli.completion import complete_level, complete_origin, complete_tag
from cablesearch.cli.display import display_options
from cablesearch.cli.options import (
    Count,
    archive_options,
    format_option,
    open_archive,
    query_argument,
    query_text,
)
from cablesearch.cli.output_file import format_of_file, output_option, written_to
from cablesearch.cli.query_command import QueryCommand
from cablesearch.request import Group, Sort
from cablesearch.results.facets import FACETS
from cablesearch.text.wording import one_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["search"]


def _complete_facet(context: click.Context, parameter: click.Parameter, start: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name, help=facet.meaning) for name, facet in FACETS.items() if name.startswith(start)]


@click.command(cls=QueryCommand)
@query_argument
@click.option(
    "--tag",
    "tags",
    multiple=True,
    metavar="TAG",
    shell_complete=complete_tag,
    help="Only cables with this tag; repeat to require several.",
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    metavar="POST",
    shell_complete=complete_origin,
    help="Only from this post; repeat to allow several.",
)
@click.option(
    "--classification",
    "classifications",
    multiple=True,
    metavar="LEVEL",
    shell_complete=complete_level,
    help="Only paragraphs of this level, or of a range: >=LEVEL, <=LEVEL; repeat to allow several.",
)
@click.option("--any", "match", flag_value="any", default="all", help="Match any of the words instead of all.")
@click.option("--since", metavar="DATE", help="On or after this date: 2009, 2009-11 or 2009-11-20.")
@click.option("--until", metavar="DATE", help="On or before this date; a year or month counts to its end.")
@click.option(
    "-n",
    "--limit",
    type=Count(0),
    default=10,
    show_default=True,
    metavar="N|all",
    help="Number of results to show, or all.",
)
@click.option("--offset", type=click.IntRange(0), default=0, metavar="N", help="Number of results to skip.")
@click.option(
    "--sort",
    type=click.Choice(get_args(Sort)),
    default="relevance",
    show_default=True,
    help="Best, oldest or newest first.",
)
@click.option(
    "--group",
    type=click.Choice(get_args(Group)),
    default="paragraph",
    show_default=True,
    help="Match within one paragraph, or across a whole cable.",
)
@click.option(
    "--facet",
    "facets",
    multiple=True,
    metavar="FACET",
    shell_complete=_complete_facet,
    help=f"Count all results by {one_of(FACETS)}; repeat for several.",
)
@click.option(
    "--facet-size",
    type=Count(1),
    metavar="N|all",
    help="Number of values to show of each facet; default: 10 as text, all in json.",
)
@format_option("text", "json", "jsonl", "csv", "ids")
@click.option(
    "--excel",
    is_flag=True,
    help="Write CSV for spreadsheets: a byte order mark, dates such as 2010-01-08 03:26, lines that end with CRLF.",
)
@output_option
@display_options
@archive_options
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
    prefix*, w?ldcards, fuzzy~1 and field:value; see: cablesearch help query. Quote the whole query for the shell. QUERY
    is optional if you give a filter. With --format ids, the results are cables with a matching paragraph.

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
