"""cablesearch search."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from cablesearch.cli.options import (
    archive_options,
    format_option,
    open_archive,
    query_argument,
    query_text,
)
from cablesearch.cli.query_command import QueryCommand
from cablesearch.results.facets import FACETS, facet_names

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["search"]


def _complete_facet(context: click.Context, parameter: click.Parameter, start: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name, help=facet.meaning) for name, facet in FACETS.items() if name.startswith(start)]


@click.command(cls=QueryCommand)
@query_argument
@click.option(
    "--tag", "tags", multiple=True, metavar="TAG", help="Only cables with this tag; repeat to require several."
)
@click.option(
    "--origin", "origins", multiple=True, metavar="POST", help="Only from this post; repeat to allow several."
)
@click.option(
    "--classification",
    "classifications",
    multiple=True,
    metavar="LEVEL",
    help="Only paragraphs of this level, or of a range: >=LEVEL, <=LEVEL; repeat to allow several.",
)
@click.option("--since", metavar="DATE", help="On or after this date: 2009, 2009-11 or 2009-11-20.")
@click.option("--until", metavar="DATE", help="On or before this date; a year or month counts to its end.")
@click.option(
    "--limit", type=click.IntRange(0), default=10, show_default=True, metavar="N", help="Number of results to show."
)
@click.option("--offset", type=click.IntRange(0), default=0, metavar="N", help="Number of results to skip.")
@click.option(
    "--sort",
    type=click.Choice(("relevance", "date", "-date")),
    default="relevance",
    show_default=True,
    help="Best, oldest or newest first.",
)
@click.option(
    "--group",
    type=click.Choice(("paragraph", "cable")),
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
    help=f"Count all results by {facet_names()}; repeat for several.",
)
@format_option("text", "json", "jsonl", "csv", "ids")
@archive_options
def search(
    query: tuple[str, ...], output: str, index_path: str, clearance: str | None, limit: int, **options: Any
) -> None:
    """Find paragraphs that match a query, best first.

    Words are joined by AND. You can use OR, NOT, -word, brackets, "phrases", "near phrases"~5, prefix*, w?ldcards,
    fuzzy~1 and field:value; see docs/query-language.md. Quote the whole query for the shell. QUERY is optional if you
    give a filter.

    \b
    Exit status: 0 if anything matches, 1 if nothing matches, 2 after an error.

    \b
    Examples:
      cablesearch search trafficking palermo
      cablesearch search '"labor trafficking" OR smuggl* -refugee'
      cablesearch search 'class:>=CONFIDENTIAL date:2009-11..2010-02' --facet tags
      cablesearch search palermo moeling --group cable --format json
    """
    text = query_text(query)
    with open_archive(index_path, clearance) as archive:
        results = archive.search(text, limit=limit, **options)
    from cablesearch.cli.rendering.results import print_results

    print_results(results, output, by_cable=options["group"] == "cable")
    sys.exit(0 if results.total else 1)
