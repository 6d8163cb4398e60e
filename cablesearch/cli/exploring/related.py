"""cablesearch related."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

import click

from cablesearch.cli.filters import answer_options, limit_option, source_options
from cablesearch.cli.options import given_references, open_archive, references_argument
from cablesearch.cli.output_file import format_of_file, written_to
from cablesearch.request import Group

if TYPE_CHECKING:
    from cablesearch.archive import Archive

__all__ = ["related"]


@click.command()
@references_argument("ID[¶NUMBER]")
@source_options
@click.option(
    "--group",
    type=click.Choice(get_args(Group)),
    help="Find paragraphs, or cables; default: what ID is.",
)
@limit_option("Number of results to show", 10)
@click.option("--offset", type=click.IntRange(0), default=0, metavar="N", help="Number of results to skip.")
@answer_options("text", "json", "jsonl", "csv", "ids")
def related(
    references: tuple[str, ...],
    output: str,
    target: str | None,
    index_path: str,
    clearance: str | None,
    group: Group | None,
    **options: Any,
) -> None:
    """Find what is related to a cable or a paragraph: what has the most of the words that set it apart.

    Never the cable itself. Near copies of the text come first. The results are those of a query, which json has, and
    which you can change to search on.

    \b
    Exit status: 0 if anything is related, 1 if nothing is or the id is unknown,
    2 after an error.

    \b
    Examples:
      cablesearch related 10BEIJING30
      cablesearch related 10BEIJING30¶4 --since 2009 -n 5
      cablesearch related 10BEIJING30¶4 --group cable --format json
    """
    from cablesearch.cli.messages import say
    from cablesearch.cli.rendering.results import Form, print_results
    from cablesearch.errors import UnknownCableError

    given = list(given_references(references))
    if len(given) != 1:
        raise click.UsageError("related needs one id, or one id with a paragraph.")
    form = Form(format_of_file(output, target))
    with written_to(target, index_path), open_archive(index_path, clearance) as archive:
        try:
            query = archive.related_query(given[0])
            unit = group or ("cable" if archive.show(given[0])[1] is None else "paragraph")
        except UnknownCableError as error:
            say(f"Error: {error}")
            sys.exit(1)
        # As `Archive.related` searches.
        filters = options | {"group": unit, "sort": "relevance", "match": "all", "acronyms": False}
        if query and archive.search(query, **filters | {"limit": 0}).total:
            total = print_results(archive, query, form, facets=(), **filters)
            _say_what_counts(total, unit, query)
        else:
            total = 0
            _say_nothing(archive, given[0], query, form.output, filters)
    sys.exit(0 if total else 1)


def _say_what_counts(total: int, unit: Group, query: str) -> None:
    """Say what the number of all results counts, which sounds like more than it is."""
    from cablesearch.cli.messages import note
    from cablesearch.text.wording import plural

    words = query.partition(") -")[0].count(" OR ") + 1
    if total > 1 and words > 1:
        note(f"{plural(total, unit)} have any of {words} words; the first have most of those that are rare")


def _say_nothing(archive: Archive, reference: str, query: str, form: str, filters: dict[str, Any]) -> None:
    """Say why nothing is related; JSON has the query without hits."""
    from cablesearch.answers.objects import related_object
    from cablesearch.cli.messages import say
    from cablesearch.cli.rendering.advice import say_advice
    from cablesearch.results.hits import Results
    from cablesearch.text.terminal import json_line

    empty = Results(query, 0, (), filters["offset"])
    if query:
        empty = replace(empty, unknown_values=archive.search(query, **filters | {"limit": 0}).unknown_values)
    if form == "json":
        click.echo(json_line(related_object(empty)))
    sys.stdout.flush()
    if not query:
        say(f"No word sets {reference} apart, so nothing can be related to it.")
    elif empty.unknown_values:
        say_advice(empty, filters["group"])
    else:
        say(f"No other {filters['group']} has any of the words that set {reference} apart.")
