"""The options of commands that answer questions: what is searched and counted, how much is shown, and in which form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, get_args

import click

from cablesearch.cli.completion import complete_level, complete_origin, complete_tag
from cablesearch.cli.display import display_options
from cablesearch.cli.options import Count, archive_options, format_option
from cablesearch.cli.output_file import output_option
from cablesearch.request import Group
from cablesearch.results.facets import FACETS
from cablesearch.text.wording import one_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = [
    "answer_options",
    "facet_option",
    "facet_size_option",
    "filter_options",
    "limit_option",
    "source_options",
]

_Command = Callable[..., Any]

_SOURCE = (
    click.option(
        "--tag",
        "tags",
        multiple=True,
        metavar="TAG",
        shell_complete=complete_tag,
        help="Only cables with this tag; repeat to require several.",
    ),
    click.option(
        "--origin",
        "origins",
        multiple=True,
        metavar="POST",
        shell_complete=complete_origin,
        help="Only from this post; repeat to allow several.",
    ),
    click.option(
        "--classification",
        "classifications",
        multiple=True,
        metavar="LEVEL",
        shell_complete=complete_level,
        help="Only paragraphs of this level, or of a range: >=LEVEL, <=LEVEL; repeat to allow several.",
    ),
    click.option("--since", metavar="DATE", help="On or after this date: 2009, 2009-11 or 2009-11-20."),
    click.option("--until", metavar="DATE", help="On or before this date; a year or month counts to its end."),
)
_MATCHING = (
    click.option("--any", "match", flag_value="any", default="all", help="Match any of the words instead of all."),
    click.option(
        "--group",
        type=click.Choice(get_args(Group)),
        default="paragraph",
        show_default=True,
        help="Match within one paragraph, or across a whole cable.",
    ),
)

_EXPANSIONS = (
    click.option(
        "--no-acronyms",
        "acronyms",
        flag_value=False,
        default=True,
        type=bool,
        help="Do not look for the long forms of acronyms (TIP), and the other way round.",
    ),
    click.option(
        "--synonyms",
        type=click.Path(dir_okay=False),
        metavar="FILE",
        help="Use a file of words that stand for each other: a line such as: Karzai, Karzay.",
    ),
)


def answer_options(*formats: str) -> Callable[[_Command], _Command]:
    """Return a decorator that adds what every command has that prints an answer: --format, --output, the options of the
    display, and those of the archive."""

    def decorated(command: _Command) -> _Command:
        for option in (archive_options, display_options, output_option, format_option(*formats)):
            command = option(command)
        return command

    return decorated


def limit_option(shown: str, default: int) -> Callable[[_Command], _Command]:
    """Return a decorator that adds --limit to a command, which gets a number, or None for all.

    Args:
        shown: what the number counts, for the help.
        default: the number without the option.
    """
    return click.option(
        "-n",
        "--limit",
        type=Count(0),
        default=default,
        show_default=True,
        metavar="N|all",
        callback=lambda context, option, number: None if number == "all" else number,
        help=f"{shown}, or all.",
    )


def filter_options(command: _Command) -> _Command:
    """Add the options that choose what is searched, which the command hands to a method of the archive."""
    for option in reversed((*_SOURCE, *_MATCHING, *_EXPANSIONS)):
        command = option(command)
    return command


def source_options(command: _Command) -> _Command:
    """Add the filters without those that say how the words of a query match."""
    for option in reversed(_SOURCE):
        command = option(command)
    return command


def _complete_facet(context: click.Context, parameter: click.Parameter, start: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name, help=facet.meaning) for name, facet in FACETS.items() if name.startswith(start)]


facet_option = click.option(
    "--facet",
    "facets",
    multiple=True,
    metavar="FACET",
    shell_complete=_complete_facet,
    help=f"Count all results by {one_of(FACETS)}; repeat for several.",
)
"""Adds --facet to a command."""

facet_size_option = click.option(
    "--facet-size",
    type=Count(1),
    metavar="N|all",
    help="Number of values to show of each facet; default: 10 as text, all in json.",
)
"""Adds --facet-size to a command."""
