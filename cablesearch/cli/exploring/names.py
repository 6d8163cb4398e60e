"""cablesearch names."""

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
    from cablesearch.features.names import Name, Names

__all__ = ["names"]

_MOST_NAME = 40
_LEAST_ROOM = 10
"""The columns that other spellings need at least."""


@click.command(cls=QueryCommand)
@query_argument
@click.option(
    "--kind",
    "kinds",
    type=click.Choice(["person", "organization", "place"]),
    multiple=True,
    help="Only names of this kind; repeat to allow several.",
)
@limit_option("Number of names to show", 20)
@filter_options
@answer_options("text", "json", "csv")
def names(
    query: tuple[str, ...],
    output: str,
    target: str | None,
    index_path: str,
    clearance: str | None,
    kinds: tuple[Any, ...],
    limit: int | None,
    **filters: Any,
) -> None:
    """List the persons, organizations and places named in the paragraphs that match a query.

    The spellings of a name are counted together. Without QUERY all paragraphs are counted.

    \b
    Exit status: 0 if there are names, 1 if there are none, 2 after an error.

    \b
    Examples:
      cablesearch names trafficking
      cablesearch names tag:PREL --kind person --limit 50
      cablesearch names --kind organization --kind place --format csv
    """
    from cablesearch.answers.csv_table import table_lines
    from cablesearch.cli.messages import say
    from cablesearch.cli.rendering.summary import say_more, say_of_how_many, say_without
    from cablesearch.text.terminal import json_line
    from cablesearch.text.wording import plural

    text, form = query_text(query).strip() or EVERYTHING, format_of_file(output, target)
    with written_to(target, index_path), open_archive(index_path, clearance) as archive:
        answer = archive.names(text, kinds=kinds, limit=limit, **filters)
        if form == "json":
            click.echo(json_line(answer.to_json()))
        elif form == "csv":
            columns = ("kind", "name", f"{answer.unit}s", "first_date", "last_date", "variants")
            sys.stdout.writelines(table_lines(columns, map(_row, answer.names)))
        elif answer.names:
            with paged():
                sys.stdout.writelines(_lines(answer))
        sys.stdout.flush()
        if form != "text" or not answer.names:
            say_of_how_many(0, len(answer.names), answer.total, "name")
        if answer.hits and not answer.total:
            say(f"No names in the {plural(answer.hits, answer.unit)} that match.")
            say_without(archive, "person")
        say_more(archive, text, answer.hits, filters)
    sys.exit(0 if answer.total else 1)


def _row(name: Name) -> tuple[object, ...]:
    variants = "; ".join(text for text, _ in name.variants)
    return name.kind, name.name, name.count, name.first_date or "", name.last_date or "", variants


def _lines(answer: Names) -> Iterator[str]:
    """Yield a line for each name, with its other spellings as far as they fit."""
    from cablesearch.cli.charts.bars import chart_width
    from cablesearch.cli.rendering.cells import cells
    from cablesearch.cli.rendering.layout import fitted
    from cablesearch.text.terminal import one_line
    from cablesearch.text.wording import excerpt, plural

    width = chart_width()
    yield fitted([plural(answer.total, "name"), plural(answer.hits, answer.unit)], "") + "\n\n"
    shown = [excerpt(one_line(name.name), _MOST_NAME) for name in answer.names]
    name_width = min(max(map(cells, shown)), max(10, width - 36))
    number_width = max(len(f"{name.count:,}") for name in answer.names)
    for name, text in zip(answer.names, shown, strict=True):
        label = excerpt(text, name_width)
        line = (
            f"{label}{' ' * (name_width - cells(label))}  {name.count:>{number_width},}  {_dates(name):9}  {name.kind}"
        )
        others = ", ".join(one_line(variant) for variant, _ in name.variants if variant != name.name)
        if others and (room := width - cells(line) - 4) >= _LEAST_ROOM:
            line += f"  ({excerpt(others, room)})"
        yield line.rstrip() + "\n"
    if len(answer.names) < answer.total:
        yield f"\nand {answer.total - len(answer.names):,} more (--limit all shows all)\n"


def _dates(name: Name) -> str:
    """Return the years from the first to the last mention."""
    if not name.first_date or not name.last_date:
        return ""
    first, last = name.first_date[:4], name.last_date[:4]
    return first if first == last else f"{first}-{last}"
