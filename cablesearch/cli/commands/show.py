"""cablesearch show."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, NoReturn

import click

from cablesearch.cli.completion import complete_query
from cablesearch.cli.display import display_options, paged
from cablesearch.cli.messages import say
from cablesearch.cli.options import archive_options, format_option, given_references, open_archive, references_argument
from cablesearch.cli.output_file import format_of_file, output_option, written_to

if TYPE_CHECKING:
    from cablesearch.answers.shown import Shown
    from cablesearch.archive import Archive
    from cablesearch.errors import UnknownCableError

__all__ = ["show"]

_MOST_CONTEXT = 1_000
_COMMAS = re.compile(r"\s*[,;]\s*")


@click.command()
@references_argument("ID[¶NUMBER]...")
@click.option("--query", metavar="QUERY", shell_complete=complete_query, help="Highlight the matches of this query.")
@click.option(
    "--context",
    type=click.IntRange(0, _MOST_CONTEXT),
    default=0,
    metavar="N",
    help="Show also N paragraphs before and after a paragraph.",
)
@click.option("--raw", is_flag=True, help="Print header and body exactly as they were read.")
@format_option("text", "json", "md", "html")
@output_option
@display_options
@archive_options
def show(
    references: tuple[str, ...],
    query: str | None,
    context: int,
    raw: bool,
    output: str,
    target: str | None,
    index_path: str,
    clearance: str | None,
) -> None:
    """Show cables, or paragraphs of them.

    Name a cable by its id (10BEIJING30), a paragraph by its printed number (10BEIJING30¶4) or by its position
    (10BEIJING30@4). With - the ids are read from standard input, one a line.

    \b
    Exit status: 0 if all were shown, 1 if a cable or paragraph is unknown
    (the others are shown).

    \b
    Examples:
      cablesearch show 10BEIJING30
      cablesearch show 10BEIJING30¶4 --context 1 --query 'international court'
      cablesearch show 10BEIJING30 -o cable.html
      cablesearch search tag:PHUM -f ids | cablesearch show -
    """
    unknown: list[UnknownCableError] = []
    output = "raw" if raw else format_of_file(output, target)
    with written_to(target, index_path), open_archive(index_path, clearance) as archive:
        from cablesearch.answers.shown import highlighter
        from cablesearch.cli.rendering.cable import print_cables

        marking = highlighter(query)
        entries = _entries(archive, given_references(references), context, unknown)
        first = next(entries, None)
        if first is None and unknown:
            # Nothing is shown; an existing file of --output stays as it is.
            _end(unknown)
        with paged():
            print_cables(chain([first] if first else [], entries), output, marking)
    _end(unknown)


def _end(unknown: list[UnknownCableError]) -> NoReturn:
    """Say what is unknown, and end."""
    for error in unknown:
        say(f"Error: {error}")
    sys.exit(1 if unknown else 0)


def _entries(
    archive: Archive, references: Iterable[str], context: int, unknown: list[UnknownCableError]
) -> Iterator[Shown]:
    """Yield what to print for each reference; add those that are unknown to ``unknown``.

    A reference with commas is read as a list if it is not an id itself: ``10BEIJING30, 10BEIJING31``.
    """
    from cablesearch.answers.shown import shown
    from cablesearch.errors import UnknownCableError

    for reference in references:
        try:
            cable, paragraph = archive.show(reference)
        except UnknownCableError as error:
            parts = [part for part in _COMMAS.split(reference) if part]
            if parts and parts != [reference]:
                yield from _entries(archive, parts, context, unknown)
            else:
                unknown.append(error)
        else:
            yield shown(cable, paragraph, context)
