"""Errors as people read them, and their exit statuses."""

from __future__ import annotations

import errno
import functools
import re
from collections.abc import Callable
from typing import Any

import click

from cablesearch.cli.messages import say
from cablesearch.cli.places import FOUND, no_archive
from cablesearch.text.terminal import printable

__all__ = ["INTERRUPTED", "REPAIR", "described", "exit_status", "explain", "naming_the_archive", "with_options"]

INTERRUPTED = 130
"""The exit status after Ctrl-C."""
_WRITING = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EPIPE}
"""Errors that only writing causes."""
_SYSTEM = {
    "EMFILE": "; allow more open files (ulimit -n 1024) or use fewer processes",
    "ENFILE": "; too many files are open on this computer: close other programs",
}
"""What to do about an error of the system, by its name."""
REPAIR = "; save what can be read to a new archive with: cablesearch verify --repair DIR"
_ADVICE = {
    ("ArchiveNotFoundError", "missing"): "; choose another with --index, or create one with: cablesearch index SOURCE",
    ("CorruptIndexError", "damaged"): REPAIR,
    ("CorruptIndexError", "clearance"): "; for example: cablesearch verify --repair DIR --clearance FULL "
    "--default-clearance LEVEL",
    ("CorruptIndexError", "withheld"): " with: cablesearch verify",
    ("WorkerError", "died"): "; try again with --jobs 1",
    ("WorkerError", "start"): "; try fewer with --jobs, or allow more open files with: ulimit -n 1024",
}
"""What to do about an error at the command line, by its class and kind."""
_REMEDIES = {
    "other columns can be named": "use --columns to change",
    "other paths can be named": "use --map to change",
    "name the column that has it": "name it with --columns",
    "name its columns": "name its columns with --columns",
    "name its path": "name its place with --map",
    "repair again with a default clearance (FULL: none)": "repair with --default-clearance LEVEL, or FULL for none",
}
"""What the library advises, and the same with options."""
_OPTIONS = {"tags": "tag", "origins": "origin", "classifications": "classification"}
"""The options that have other names than the arguments of the library."""
_HELP: Any = getattr(click.exceptions, "NoArgsIsHelpError", ())
"""What newer versions of click raise for a group without a command: its message is the help."""


def naming_the_archive(command: Callable[..., Any]) -> Callable[..., Any]:
    """Return the same command, which names the archive when memory or the stack runs out; or says
    where it was looked for, if no archive was named or found."""

    @functools.wraps(command)
    def run(*arguments: Any, **options: Any) -> Any:
        from cablesearch.errors import ArchiveNotFoundError, CablesearchError

        try:
            return command(*arguments, **options)
        except ArchiveNotFoundError:
            if click.get_current_context().meta.get(FOUND, True) is not None:
                raise
            raise CablesearchError(no_archive()) from None
        except MemoryError:
            reason = "not enough memory" + ("; try a smaller --memory" if "memory" in options else "")
        except RecursionError:
            reason = "the input is nested too deeply"
        # Outside of the handlers, where what the command held is free again.
        raise CablesearchError(f"{options['index_path']}: {reason}")

    return run


def with_options(message: str) -> str:
    """Return a message of the library with the options that do what it advises."""
    for advised, option in _REMEDIES.items():
        message = re.sub(rf"(?<=[;,] ){re.escape(advised)}(?=;|$)", option, message)
    return message


def exit_status(error: BaseException) -> int:
    """Return the exit status for an error."""
    from cablesearch.errors import UnknownCableError

    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        return INTERRUPTED
    if isinstance(error, click.ClickException):
        return error.exit_code
    return 1 if isinstance(error, UnknownCableError) else 2


def described(error: BaseException) -> str:
    """Return the message of an error, with the commands that help."""
    kind = getattr(error, "kind", "")
    places = [(base.__name__, kind) for base in type(error).__mro__]
    return str(error) + next((_ADVICE[place] for place in places if place in _ADVICE), _SYSTEM.get(kind, ""))


def explain(error: BaseException) -> None:
    """Print an error: one line, except where it points into the query or shows how the command is used."""
    from cablesearch.errors import CablesearchError, QueryError

    if isinstance(error, _HELP):
        click.echo(error.format_message(), err=True)
    elif isinstance(error, click.ClickException):
        context = error.ctx if isinstance(error, click.UsageError) else None
        if context is not None:
            usage = f"{context.get_usage()}\nTry '{context.command_path} --help' for help.\n"
            click.echo(printable(usage), err=True)
        say(f"Error: {error.format_message()}")
    elif isinstance(error, (click.Abort, KeyboardInterrupt)):
        say(str(error) or "Interrupted.")
    elif isinstance(error, OSError):
        # Errors on the archive's own files name the file.
        place = error.filename or ("standard output" if error.errno in _WRITING else None)
        reason = (error.strerror or str(error)) + _SYSTEM.get(errno.errorcode.get(error.errno or 0, ""), "")
        say(f"Error: {place}: {reason}" if place else f"Error: {reason}")
    elif isinstance(error, QueryError):
        # Its further lines show the place in the query, or in the option that stands for the library's argument.
        option = _OPTIONS.get(error.argument or "", error.argument)
        click.echo(f"Error: {error.pointing(f'--{option} ') if option else error}", err=True)
    elif isinstance(error, (CablesearchError, ValueError)):
        say(f"Error: {described(error)}")
    else:
        say(f"Error: internal error, please report it: {type(error).__name__}: {error}")
