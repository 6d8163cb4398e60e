"""cablesearch acronyms."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from cablesearch.cli.display import paged
from cablesearch.cli.filters import answer_options, filter_options, limit_option
from cablesearch.cli.options import open_archive, query_argument, query_text
from cablesearch.cli.output_file import format_of_file, written_to
from cablesearch.cli.query_command import QueryCommand
from cablesearch.request import EVERYTHING

if TYPE_CHECKING:
    from cablesearch.archive import Archive
    from cablesearch.features.acronyms import AcronymList

__all__ = ["acronyms"]


@click.command(cls=QueryCommand)
@query_argument
@limit_option("Number of acronyms to show", 20)
@filter_options
@answer_options("text", "json", "csv")
def acronyms(
    query: tuple[str, ...],
    limit: int | None,
    output: str,
    target: str | None,
    index_path: str,
    clearance: str | None,
    **filters: Any,
) -> None:
    """List the acronyms that paragraphs define, such as "trafficking in persons (TIP)", the most frequent first.

    Only paragraphs that match QUERY count, or all of them without QUERY. A search for an acronym finds its long forms
    too, and the other way round.

    \b
    Exit status: 0 if any acronym is defined, 1 if none is, 2 after an error.

    \b
    Examples:
      cablesearch acronyms
      cablesearch acronyms tag:PHUM --since 2006 -n all --format csv
    """
    from cablesearch.cli.rendering.advice import say_expansions
    from cablesearch.cli.rendering.summary import say_of_how_many

    text, form = query_text(query).strip() or EVERYTHING, format_of_file(output, target)
    with written_to(target, index_path), open_archive(index_path, clearance) as archive:
        answer = archive.acronyms(text, limit=limit, **filters)
        _print(answer, form)
        sys.stdout.flush()
        if answer.matches:
            say_expansions(archive.expansions(text, **filters))
        if answer.total:
            say_of_how_many(0, len(answer), answer.total, "acronym")
        else:
            _say_why(archive, text, answer, filters)
    sys.exit(0 if answer.total else 1)


def _print(answer: AcronymList, form: str) -> None:
    from cablesearch.answers.csv_table import table_lines
    from cablesearch.text.terminal import json_line

    if form == "json":
        click.echo(json_line(answer.to_json()))
    elif form == "csv":
        rows = (
            (acronym.short, acronym.long, acronym.paragraphs, acronym.first_date or "") for acronym in answer.acronyms
        )
        sys.stdout.writelines(table_lines(("short", "long", "paragraphs", "first_date"), rows))
    else:
        with paged():
            sys.stdout.writelines(_lines(answer))


def _lines(answer: AcronymList) -> Iterator[str]:
    from cablesearch.cli.rendering.cells import cells
    from cablesearch.cli.rendering.layout import bold, fitted
    from cablesearch.text.terminal import one_line
    from cablesearch.text.wording import plural

    shorts = [one_line(acronym.short) for acronym in answer.acronyms]
    width = max(map(cells, shorts), default=0)
    for short, acronym in zip(shorts, answer.acronyms, strict=True):
        first = f"first {acronym.first_date}" if acronym.first_date else "no date"
        parts = [bold(short) + " " * (width - cells(short)), one_line(acronym.long)]
        yield fitted([*parts, plural(acronym.paragraphs, "paragraph"), first], " " * (width + 2)) + "\n"


def _say_why(archive: Archive, text: str, answer: AcronymList, filters: dict[str, Any]) -> None:
    """Say why there are no acronyms."""
    from cablesearch.cli.messages import say
    from cablesearch.cli.rendering.summary import say_empty, say_what_else, say_without
    from cablesearch.text.wording import plural

    if say_empty(archive):
        return
    if not answer.matches:
        say_what_else(archive, text, archive.search(text, limit=0, **filters), filters["group"])
        return
    say(f"No acronyms are defined in the {plural(answer.matches, filters['group'])} that match.")
    say_without(archive, "acronym")
