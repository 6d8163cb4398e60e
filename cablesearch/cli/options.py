"""The options and arguments that commands share, and opening the archive that they name."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cablesearch.cli.completion import complete_clearance, complete_id, complete_query
from cablesearch.cli.failures import naming_the_archive
from cablesearch.cli.messages import QUIET, VERBOSE, detail, note, set_verbosity
from cablesearch.cli.places import DEFAULT_INDEX, FOUND, find_archive

if TYPE_CHECKING:
    from cablesearch.archive import Archive
    from cablesearch.cable import Clearance

__all__ = [
    "Count",
    "archive_options",
    "caller_clearance",
    "check_default_clearance",
    "clearance_limit",
    "copying_options",
    "format_option",
    "general_options",
    "given_references",
    "granting_options",
    "mention_archive",
    "open_archive",
    "open_in_full",
    "query_argument",
    "query_text",
    "references_argument",
    "serving_options",
    "work_options",
]

_INDEX_VARIABLE = "CABLESEARCH_INDEX"
_CLEARANCE_VARIABLE = "CABLESEARCH_CLEARANCE"
_INDEX, _CLEARANCE, _WARNINGS = (f"cablesearch.{name}" for name in ("index", "clearance", "warnings"))
"""What the contexts of a run share: the options given before the command, and warnings about clearances."""

_ID_IN_PARTS = re.compile(r"[0-9]{2}(?:[0-9]{2})?(?: [A-Za-z]+){1,5} [0-9]{1,9}(?: ?[¶@] ?[0-9]{1,9})?")
_LOWEST = "UNCLASSIFIED"
"""What those see who are not known."""
_LIMIT = (
    f"Limit results to this clearance (cannot exceed {_CLEARANCE_VARIABLE}), such as SBU or SECRET//NOFORN. "
    f"FULL shows everything. Default: {_CLEARANCE_VARIABLE}, else the archive's default, else FULL."
)
"""The help of --clearance."""
_LEAST_MEMORY = 16 << 20
_MOST_JOBS = 256

_Command = Callable[..., Any]
_Callback = Callable[[click.Context, click.Parameter, Any], "str | None"]


def general_options(command: _Command) -> _Command:
    """Add the options that may stand before the command, for which they are kept."""
    return _named_options(_verbosity_options(command), _keep(_INDEX), _keep(_CLEARANCE), expose=False)


def archive_options(command: _Command) -> _Command:
    """Add --index, --clearance, --quiet and --verbose to a command, which gets ``index_path`` and ``clearance``."""
    return _named_options(_verbosity_options(naming_the_archive(command)), _path, _clearance)


def copying_options(command: _Command) -> _Command:
    """Add the arguments FROM and TO, --clearance, --quiet and --verbose to a command, which gets ``index_path``,
    ``target`` and ``clearance``."""
    command = _clearance_option(_verbosity_options(naming_the_archive(command)), _clearance, _LIMIT)
    place = click.Path(file_okay=False)
    command = click.argument("target", metavar="TO", type=place, callback=_argument)(command)
    return click.argument("index_path", metavar="FROM", type=place, callback=_argument)(command)


def serving_options(command: _Command) -> _Command:
    """Add the same to a command that serves others, which gets as ``clearance`` what those see who show no token."""
    command = _verbosity_options(naming_the_archive(command))
    text = (
        "What readers without a token see, such as SBU or SECRET//NOFORN; FULL shows everything. "
        f"{_CLEARANCE_VARIABLE} limits what all readers see. Default: {_LOWEST}."
    )
    return _index_option(_clearance_option(command, _of_strangers, text), _path)


def granting_options(command: _Command) -> _Command:
    """Add the same to a command whose --clearance is for somebody else, which gets it as ``granted``."""
    command = _verbosity_options(naming_the_archive(command))
    text = (
        "What the reader with the token may see, such as SBU or SECRET//NOFORN; FULL shows everything. Your own "
        "clearance stands before the command."
    )
    return _index_option(_clearance_option(command, _granted, text, name="granted", required=True), _path)


def _named_options(command: _Command, path: _Callback, clearance: _Callback, *, expose: bool = True) -> _Command:
    """Add --index and --clearance with their callbacks."""
    return _index_option(_clearance_option(command, clearance, _LIMIT, expose=expose), path, expose=expose)


def _clearance_option(
    command: _Command,
    callback: _Callback,
    text: str,
    *,
    name: str = "clearance",
    expose: bool = True,
    required: bool = False,
) -> _Command:
    return click.option(
        "--clearance",
        name,
        metavar="LEVEL[//CONTROL,...]",
        callback=callback,
        expose_value=expose,
        required=required,
        shell_complete=complete_clearance,
        help=text,
    )(command)


def _index_option(command: _Command, callback: _Callback, *, expose: bool = True) -> _Command:
    return click.option(
        "--index",
        "index_path",
        type=click.Path(file_okay=False),
        metavar="DIR|ADDRESS",
        callback=callback,
        expose_value=expose,
        help="Folder of the archive, or its address on a cluster (opensearch://HOST:9200/NAME). "
        f"Default: {_INDEX_VARIABLE}, else {DEFAULT_INDEX} here or in a folder above, else "
        "in your data folder.",
    )(command)


def _verbosity_options(command: _Command) -> _Command:
    """Add --quiet and --verbose, which `cablesearch.cli.messages` obeys; the last one counts."""
    command = click.option(
        "--verbose",
        "-v",
        is_flag=True,
        expose_value=False,
        callback=_verbosity(VERBOSE),
        help="Show all messages, also repeated ones, and which archive is used.",
    )(command)
    return click.option(
        "--quiet",
        "-q",
        is_flag=True,
        expose_value=False,
        callback=_verbosity(QUIET),
        help="Show no progress and no notes; errors and what was rejected are shown all the same.",
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


def references_argument(metavar: str) -> Callable[[_Command], _Command]:
    """Return a decorator that adds one argument or several, for `given_references`."""
    return click.argument("references", nargs=-1, required=True, metavar=metavar, shell_complete=complete_id)


def given_references(references: tuple[str, ...]) -> Iterator[str]:
    """Yield the references to cables, and instead of ``-`` those on the lines of standard input.

    Arguments that only together are an id are one: ``10 BEIJING 30``.
    """
    together = " ".join(references)
    for reference in [together] if _ID_IN_PARTS.fullmatch(together) else references:
        if reference == "-":
            lines = (line.decode("utf-8", "surrogateescape").strip() for line in sys.stdin.buffer)
            yield from filter(None, lines)
        else:
            yield reference


class Count(click.IntRange):
    """A number of things to show, or ``all``."""

    name = "number or all"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or ``all``."""
        if isinstance(value, str) and value.lower() == "all":
            return "all"
        if isinstance(value, str) and not value.isdecimal():
            self.fail(f"{value!r} is neither a number nor 'all'.", param, ctx)
        return super().convert(value, param, ctx)


def query_text(words: tuple[str, ...]) -> str:
    """Return the words of a `query_argument` as one query."""
    return " ".join(words)


def open_archive(index_path: str, clearance: str | None) -> Archive:
    """Open the archive."""
    from cablesearch.archive import open_archive as open_it

    mention_archive(index_path)
    return open_it(index_path, clearance)


def open_in_full(work: str, index_path: str, clearance: str | None) -> Archive:
    """Open the archive for work that needs full clearance; with any other clearance nothing is opened."""
    from cablesearch.archive import open_archive as open_it
    from cablesearch.opening import require_full_clearance

    require_full_clearance(work, clearance, index_path)
    mention_archive(index_path, writing=True)
    return open_it(index_path, clearance)


def mention_archive(index_path: str, *, writing: bool = False) -> None:
    """Say what is unknown in the clearance; and which archive is used, with --verbose, or before one is changed that
    nobody named and that is not here."""
    meta = click.get_current_context().meta
    for warning in dict.fromkeys(meta.pop(_WARNINGS, ())):
        note(warning)
    place = meta.get(FOUND)
    how = place.how if place else ""
    if how and writing:
        note(f"Using the archive at {index_path}, {how}; choose another with --index")
    else:
        detail(f"Archive: {index_path}" + (f", {how}" if how else ""))


def _verbosity(level: int) -> Callable[[click.Context, click.Parameter, bool], None]:
    """Return a callback that sets how much is said."""

    def callback(context: click.Context, parameter: click.Parameter, given: bool) -> None:
        if given:
            set_verbosity(context, level)

    return callback


def _keep(name: str) -> _Callback:
    """Return a callback that keeps an option given before the command."""

    def callback(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
        if value is not None:
            context.meta[name] = value
        return value

    return callback


def _clearance(context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    """Return the clearance given after or before the command, else by the environment, which no option can exceed."""
    from cablesearch.classification.clearance import clearance_covers, clearance_name, parse_clearance

    limit_text = os.environ.get(_CLEARANCE_VARIABLE) or None
    before = context.meta.get(_CLEARANCE)
    try:
        limit = None if limit_text is None else parse_clearance(limit_text)
        # The one before the command may come from an alias. It is a default, but must make sense all the same.
        given = [parse_clearance(option) for option in (before, text) if option is not None]
    except ValueError as error:
        raise _error(str(error)) from None
    _warn_of_controls(context, _CLEARANCE_VARIABLE, limit)
    for asked in given:
        _warn_of_controls(context, "--clearance", asked)
    if not given:
        return None if limit_text is None else clearance_name(limit)
    asked = given[-1]
    if not clearance_covers(limit, asked):
        raise _error(
            f"--clearance {clearance_name(asked)} exceeds {clearance_name(limit)}, the limit set by "
            f"{_CLEARANCE_VARIABLE}"
        )
    return clearance_name(asked)


def caller_clearance(context: click.Context) -> str | None:
    """Return the clearance given before the command, else by the environment; for a command that has another one."""
    return _clearance(context, context.command.params[0], None)


def clearance_limit() -> str:
    """Return the clearance that the environment sets as a limit, or ``FULL``.

    Raises:
        CablesearchError: it is not a clearance.
    """
    from cablesearch.access import read_clearance
    from cablesearch.classification.clearance import FULL, clearance_name

    return clearance_name(read_clearance(os.environ.get(_CLEARANCE_VARIABLE) or FULL))


def _of_strangers(context: click.Context, parameter: click.Parameter, text: str | None) -> str:
    """Return the clearance given after or before the command, else the lowest. The environment, which may be about the
    person at the terminal, is only a limit."""
    is_given = text is not None or context.meta.get(_CLEARANCE) is not None
    return (_clearance(context, parameter, text) if is_given else None) or _LOWEST


def _granted(context: click.Context, parameter: click.Parameter, text: str) -> str:
    """Return a clearance that is granted to somebody, after checking it.

    Raises:
        CablesearchError: it is not a clearance.
    """
    from cablesearch.access import read_clearance
    from cablesearch.classification.clearance import clearance_name

    clearance = read_clearance(text)
    _warn_of_controls(context, "--clearance", clearance)
    return clearance_name(clearance)


def check_default_clearance(context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    """Return the default clearance of a new archive after checking it.

    Raises:
        CablesearchError: it is not a clearance.
    """
    from cablesearch.access import read_clearance

    if text is not None:
        _warn_of_controls(context, "--default-clearance", read_clearance(text))
    return text


def _warn_of_controls(context: click.Context, place: str, clearance: Clearance | None) -> None:
    """Keep a warning of each unknown control. It is said once the command begins, unless --quiet follows."""
    for control, near in clearance.unknown_controls() if clearance else ():
        meant = f"did you mean {near}?" if near else "it is granted, but no control of this name is known"
        context.meta.setdefault(_WARNINGS, []).append(f"Warning: unknown control {control} in {place}; {meant}")


def _error(message: str) -> Exception:
    from cablesearch.errors import CablesearchError

    return CablesearchError(message)


def _path(context: click.Context, parameter: click.Parameter, path: str | None) -> str:
    """Return the absolute path or the address of the archive: given after or before the command, by the environment,
    or found.

    If no archive is found, return the place where `index` would create one. An empty path, which often comes from an
    unset variable, is rejected: it would mean the working directory.
    """
    given = path if path is not None else context.meta.get(_INDEX)
    if given == "":
        raise click.BadParameter("must not be empty")
    if given := given or os.environ.get(_INDEX_VARIABLE):
        return _absolute(given)
    place = find_archive()
    context.meta[FOUND] = place
    return place.path if place else _absolute(DEFAULT_INDEX)


def _argument(context: click.Context, parameter: click.Parameter, path: str) -> str:
    """Return the absolute path or the address of an archive that an argument names; no option can name another one."""
    if _INDEX in context.meta:
        raise click.UsageError(f"{context.command.name} takes both archives as arguments, not with --index")
    if not path:
        raise click.BadParameter("must not be empty")
    return _absolute(path)


def _absolute(path: str) -> str:
    """Return a path from the root on, as messages show it; as it is if the working directory was removed. Return an
    address in full.

    Raises:
        CablesearchError: the address is invalid. It may have a password, which no message may repeat.
    """
    from cablesearch.arguments import is_address

    if is_address(path):
        from cablesearch.opening import place_of

        return place_of("index", path).name
    return str(Path(path).absolute()) if os.path.isabs(path) or os.path.isdir(os.curdir) else path


def _memory(context: click.Context, parameter: click.Parameter, text: str) -> int:
    """Return a size such as ``512M`` in bytes."""
    match = re.fullmatch(r"([0-9]{1,6})([MG])", text.upper())
    size = int(match[1]) << {"M": 20, "G": 30}[match[2]] if match else 0
    if size < _LEAST_MEMORY:
        raise click.BadParameter(f"{text!r} is not a size of at least 16M, such as 512M or 2G")
    return size
