"""cablesearch suggest."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from cablesearch.cli.options import archive_options, format_option, open_archive, query_text
from cablesearch.cli.query_command import QueryCommand

if TYPE_CHECKING:
    from cablesearch.features.suggest.suggestion import Suggestion, SuggestionKind

__all__ = ["suggest"]

_KINDS = ("word", "phrase", "person", "organization", "place", "tag", "post", "collection", "subject")
"""The kinds of `cablesearch.features.suggest.suggestion.SuggestionKind`, whose module takes long to import."""
_MOST = 1_000


@click.command(cls=QueryCommand)
@click.argument("text", nargs=-1, required=True, type=click.UNPROCESSED, metavar="TEXT...")
@click.option(
    "-k", "--kind", "kinds", multiple=True, type=click.Choice(_KINDS), help="Only suggestions of this kind; repeat."
)
@click.option(
    "-n",
    "--limit",
    type=click.IntRange(1, _MOST),
    default=10,
    show_default=True,
    metavar="N",
    help="Most suggestions to show; the kinds take turns.",
)
@format_option("text", "json")
@archive_options
def suggest(
    text: tuple[str, ...],
    kinds: tuple[SuggestionKind, ...],
    limit: int,
    output: str,
    index_path: str,
    clearance: str | None,
) -> None:
    """Suggest how a text goes on: words, phrases, names, TAGS, posts, subjects.

    The last word of TEXT may go on; those before it are whole. Each line has the kind, the number of paragraphs, and
    the suggestion.

    \b
    Exit status: 0 if there is a suggestion, 1 if there is none, 2 after an error.

    \b
    Examples:
      cablesearch suggest traff
      cablesearch suggest human ri
      cablesearch suggest --kind post --kind tag ch
    """
    from cablesearch.answers.objects import suggestions_object
    from cablesearch.cli.messages import note
    from cablesearch.cli.rendering.summary import say_empty
    from cablesearch.text.terminal import json_line

    begun = query_text(text)
    with open_archive(index_path, clearance) as archive:
        found = archive.suggest(begun, limit, kinds)
        if output == "json":
            click.echo(json_line(suggestions_object(begun, found)))
        else:
            sys.stdout.writelines(_lines(found))
        if not found and not say_empty(archive):
            note("No suggestions.")
    sys.exit(0 if found else 1)


def _lines(suggestions: Sequence[Suggestion]) -> Iterator[str]:
    from cablesearch.text.terminal import one_line

    numbers = [f"{'~' if suggestion.is_estimate else ''}{suggestion.count:,}" for suggestion in suggestions]
    kinds = max((len(suggestion.kind) for suggestion in suggestions), default=0)
    width = max(map(len, numbers), default=0)
    for suggestion, number in zip(suggestions, numbers, strict=True):
        meaning = f" ({suggestion.meaning})" if suggestion.meaning else ""
        yield f"{suggestion.kind:{kinds}}  {number:>{width}}  {one_line(suggestion.text + meaning)}\n"
