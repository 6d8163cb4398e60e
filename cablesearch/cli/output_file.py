"""Results written to a file: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from cablesearch.cli.places import check_outside

__all__ = ["format_of_file", "output_option", "written_to"]

_OTHER_KINDS = (".xlsx", ".xls", ".ods", ".pdf", ".docx", ".odt")
"""Endings of files that no format is for, and in which text would only look like a broken file."""

_Command = Callable[..., Any]


def output_option(command: _Command) -> _Command:
    """Add --output to a command, which gets it as ``target``, for `written_to`."""
    return click.option(
        "-o",
        "--output",
        "target",
        type=click.Path(dir_okay=False, allow_dash=True),
        metavar="FILE",
        help="Write the results to FILE; an existing file is replaced only when all are written.",
    )(command)


def format_of_file(output: str, target: str | None) -> str:
    """Return the format of the results: that of --format, else the one that the ending of the file names.

    Args:
        output: the value of --format, which is its default if the option is not given.
        target: the file; None is standard output.

    Raises:
        click.UsageError: the ending is that of a kind of file that cannot be written.
    """
    context = click.get_current_context()
    if target is None or context.get_parameter_source("output") is not ParameterSource.DEFAULT:
        return output
    ending = Path(target).suffix.lower()
    (option,) = (parameter for parameter in context.command.params if parameter.name == "output")
    formats = option.type.choices if isinstance(option.type, click.Choice) else ()
    if ending in _OTHER_KINDS:
        raise click.UsageError(f"cannot write {ending}; the formats are {', '.join(formats)}", context)
    return ending[1:] if ending[1:] in formats else output


@contextlib.contextmanager
def written_to(target: str | None, archive: str) -> Iterator[None]:
    """Write what the block prints on standard output to a file.

    The file appears, or takes the place of an existing one, when the block ends without an exception (an exit counts as
    one, too); after an error, an existing file is as it was. A device or a pipe is written to directly.

    Args:
        target: the file; None or ``-`` leaves standard output alone.
        archive: the folder of the archive. No file is written there, and a new file is readable by no more people.

    Raises:
        CablesearchError: the file is in the folder of an archive.
        OSError: the file cannot be written; the error names it.
    """
    if target is None or target == "-":
        yield
        return
    path = _checked(target, archive)
    replaced = path if path.is_file() or not path.exists() else None
    with _naming(target):
        written, descriptor = _opened(path, replaced, archive)
    before, file = sys.stdout, os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="")
    try:
        sys.stdout = file
        with _naming(target):
            yield
            file.flush()
            if replaced:
                os.fsync(descriptor)
                os.replace(written, replaced)
    except BaseException:
        if replaced:
            with contextlib.suppress(OSError):
                written.unlink()
        raise
    finally:
        sys.stdout = before
        with contextlib.suppress(OSError):
            file.close()


def _checked(target: str, archive: str) -> Path:
    """Return the file that a path means, at the end of symbolic links.

    Raises:
        CablesearchError: the path is empty, or in the folder of an archive.
    """
    from cablesearch.errors import CablesearchError

    if not target:
        raise CablesearchError("the name of the file for --output is empty")
    path = Path(target).resolve()
    check_outside(path, target, archive, "--output")
    return path


def _opened(path: Path, replaced: Path | None, archive: str) -> tuple[Path, int]:
    """Return the file to write and its descriptor: a new one beside ``replaced``, or else ``path`` itself."""
    if replaced is None:
        return path, os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        mode = os.stat(archive).st_mode & 0o666
    except OSError:
        # The archive will be reported as missing.
        mode = 0o600
    written = path.parent / f".cablesearch-{os.urandom(6).hex()}.part"
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with contextlib.suppress(OSError):
        os.fchmod(descriptor, stat.S_IMODE(path.stat().st_mode))
    return written, descriptor


@contextlib.contextmanager
def _naming(target: str) -> Iterator[None]:
    """Let errors of the system name the file as the user did, and not the one that takes its place."""
    try:
        yield
    except OSError as error:
        if error.filename is None or Path(error.filename).suffix == ".part":
            error.filename, error.filename2 = target, None
        raise
