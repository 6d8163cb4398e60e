"""The options and arguments that commands share, and opening the archive that they name."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from cablesearch.cli.completion import complete_clearance, complete_query
from cablesearch.cli.failures import naming_the_archive

if TYPE_CHECKING:
    from cablesearch.archive import Archive

__all__ = [
    "Count",
    "archive_options",
    "format_option",
    "open_archive",
    "open_in_full",
    "query_argument",
    "query_text",
    "work_options",
]

_DEFAULT_INDEX = "indexes/cables"
_CLEARANCE_VARIABLE = "CABLESEARCH_CLEARANCE"

_LEAST_MEMORY = 16 << 20
_MOST_JOBS = 256

_Command = Callable[..., Any]


def archive_options(command: _Command) -> _Command:
    """Add --index and --clearance to a command, which gets them as ``index_path`` and ``clearance``."""
    command = click.option(
        "--clearance",
        metavar="LEVEL[//CONTROL,...]",
        callback=_clearance,
        shell_complete=complete_clearance,
        help=f"Limit results to this clearance (cannot exceed {_CLEARANCE_VARIABLE}), such as SBU or SECRET//NOFORN. "
        f"FULL shows everything. Default: {_CLEARANCE_VARIABLE}, else the archive's default, else FULL.",
    )(naming_the_archive(command))
    return click.option(
        "--index",
        "index_path",
        type=click.Path(file_okay=False),
        callback=_path,
        metavar="DIR",
        envvar="CABLESEARCH_INDEX",
        default=_DEFAULT_INDEX,
        help=f"Folder of the archive. Default: CABLESEARCH_INDEX, else {_DEFAULT_INDEX}.",
    )(command)


def work_options(command: _Command) -> _Command:
    """Add --jobs and --memory to a command that indexes."""
    command = click.option(
        "--memory",
        callback=_memory,
        default="512M",
        show_default=True,
        metavar="SIZE",
        help="Approximate memory for all processes together, such as 200M or 2G.",
    )(command)
    return click.option(
        "--jobs",
        type=click.IntRange(1, _MOST_JOBS),
        default=lambda: os.cpu_count() or 1,
        metavar="N",
        help="Number of processes that parse and index; default: all processors.",
    )(command)


def format_option(*formats: str) -> Callable[[_Command], _Command]:
    """Return a decorator that adds --format to a command, which gets it as ``output``; the first is the default."""
    return click.option(
        "-f",
        "--format",
        "output",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="Output format.",
    )


query_argument = click.argument(
    "query", nargs=-1, type=click.UNPROCESSED, metavar="[QUERY...]", shell_complete=complete_query
)
"""Adds the words of a query to a `cablesearch.cli.query_command.QueryCommand`."""


class Count(click.IntRange):
    """A number of things to show, or ``all``."""

    name = "number or all"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or ``all``."""
        if value == "all":
            return value
        if isinstance(value, str) and not value.isdecimal():
            self.fail(f"{value!r} is neither a number nor 'all'.", param, ctx)
        return super().convert(value, param, ctx)


def query_text(words: tuple[str, ...]) -> str:
    """Return the words of a `query_argument` as one query."""
    return " ".join(words)


def open_archive(index_path: str, clearance: str | None) -> Archive:
    """Open the archive."""
    from cablesearch.archive import open_archive as open_it

    return open_it(index_path, clearance)


def open_in_full(work: str, index_path: str, clearance: str | None) -> Archive:
    """Open the archive for work that needs full clearance; with any other clearance nothing is opened."""
    from cablesearch.access import require_full_clearance
    from cablesearch.archive import open_archive as open_it

    require_full_clearance(work, clearance, index_path)
    return open_it(index_path, clearance)


def _clearance(context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    """Return the clearance given by the option or the environment; the option cannot exceed the environment."""
    from cablesearch.classification.clearance import clearance_covers, clearance_name, parse_clearance
    from cablesearch.errors import CablesearchError

    limit_text = os.environ.get(_CLEARANCE_VARIABLE) or None
    try:
        limit = None if limit_text is None else parse_clearance(limit_text)
        clearance = limit if text is None else parse_clearance(text)
    except ValueError as error:
        raise CablesearchError(str(error)) from None
    if not clearance_covers(limit, clearance):
        raise CablesearchError(
            f"--clearance {clearance_name(clearance)} exceeds {clearance_name(limit)}, "
            f"the limit set by {_CLEARANCE_VARIABLE}"
        )
    return None if text is None and limit_text is None else clearance_name(clearance)


def _path(context: click.Context, parameter: click.Parameter, path: str) -> str:
    """Return a path after rejecting an empty one, often an unset variable, which would mean the working directory."""
    if not path:
        raise click.BadParameter("must not be empty")
    return path


def _memory(context: click.Context, parameter: click.Parameter, text: str) -> int:
    """Return a size such as ``512M`` in bytes."""
    match = re.fullmatch(r"([0-9]{1,6})([MG])", text.upper())
    size = int(match[1]) << {"M": 20, "G": 30}[match[2]] if match else 0
    if size < _LEAST_MEMORY:
        raise click.BadParameter(f"{text!r} is not a size of at least 16M, such as 512M or 2G")
    return size
