"""Results written to a file: whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from cablesearch.cli.places import check_outside, mode_beside

__all__ = ["format_of_file", "output_option", "own_descriptor", "whole_file", "written_to"]

_OTHER_KINDS = (".xlsx", ".xls", ".ods", ".pdf", ".docx", ".odt", ".gexf")
"""Endings of files that no format is for, and in which text would only look like a broken file."""

_Command = Callable[..., Any]

_MOST_LINKS = 40
"""The most links that are followed, as in Linux."""


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
    one, too); after an error, an existing file is as it was. A device, a pipe or an open file, such as ``/dev/stdout``,
    is written to directly.

    Args:
        target: the file; None or ``-`` leaves standard output alone.
        archive: the folder or the address of the archive. No file is written to the folder, and a new file is readable
            by no more people.

    Raises:
        CablesearchError: the file is in the folder of an archive.
        OSError: the file cannot be written; the error names it.
    """
    if target is None or target == "-":
        yield
        return
    before = sys.stdout
    with whole_file(target, archive) as descriptor:
        file = os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="", closefd=False)
        try:
            sys.stdout = file
            yield
            file.flush()
        finally:
            sys.stdout = before
            with contextlib.suppress(OSError):
                file.close()


@contextlib.contextmanager
def whole_file(target: str, archive: str, option: str = "--output") -> Iterator[int]:
    """Give the block a file to write, by its descriptor, which is for the block alone.

    As with `written_to`, the file is there, or takes the place of an existing one, when the block ends without an
    exception.

    Args:
        target: the file.
        archive: the folder or the address of the archive.
        option: the option that names the file, for messages.

    Raises:
        CablesearchError: the file is in the folder of an archive.
        OSError: the file cannot be written; the error names it.
    """
    with _naming(target):
        written, replaced, descriptor = _opened(target, archive, option)
    try:
        with _naming(target), _ending_in_order():
            yield descriptor
            if replaced:
                os.fsync(descriptor)
                os.replace(written, replaced)
    except BaseException:
        if replaced:
            with contextlib.suppress(OSError):
                written.unlink()
        raise
    finally:
        with contextlib.suppress(OSError):
            os.close(descriptor)


def _checked(target: str, archive: str, option: str) -> Path:
    """Return the file that a path means, at the end of symbolic links.

    Raises:
        CablesearchError: the path is empty, or in the folder of an archive.
    """
    from cablesearch.errors import CablesearchError

    if not target:
        raise CablesearchError(f"the name of the file for {option} is empty")
    try:
        path = Path(target).resolve()
    except RuntimeError:
        # Before Python 3.13 links that lead to each other raise it.
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), target) from None
    check_outside(path, target, archive, option)
    return path


def _opened(target: str, archive: str, option: str) -> tuple[Path, Path | None, int]:
    """Return the file to write, the one that it takes the place of (None: it is written directly), and its descriptor.

    Raises:
        CablesearchError: the target cannot be written to.
        OSError: likewise.
    """
    own = own_descriptor(target)
    if own is not None:
        return Path(target), None, os.dup(own)
    path = _checked(target, archive, option)
    if path.exists() and not path.is_file():
        return path, None, os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        mode = mode_beside(archive)
    except OSError:
        # The archive will be reported as missing.
        mode = 0o600
    written = path.parent / f".cablesearch-{os.urandom(6).hex()}.part"
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with contextlib.suppress(OSError):
        _set_mode(descriptor, path.stat())
    return written, path, descriptor


def own_descriptor(target: str) -> int | None:
    """Return the number of the open file of this process to which a path leads: 1 for ``/dev/stdout``, 63 for
    ``/dev/fd/63``; None for other paths.

    Such a file may have a beginning, and what follows, from other programs.
    """
    path = os.path.abspath(target)
    for _ in range(_MOST_LINKS):
        folder, name = os.path.split(path)
        if name.isdecimal() and os.path.realpath(folder) in ("/dev/fd", f"/proc/{os.getpid()}/fd"):
            return int(name)
        if not os.path.islink(path):
            return None
        path = os.path.join(folder, os.readlink(path))
    return None


def _set_mode(descriptor: int, existing: os.stat_result) -> None:
    """Let no more people read a new file than the existing one. It is never run as another user."""
    mode = stat.S_IMODE(existing.st_mode) & 0o777
    try:
        os.fchown(descriptor, -1, existing.st_gid)
    except OSError:
        mode &= ~0o070
    os.fchmod(descriptor, mode)


@contextlib.contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let signals that end the process, as when its terminal is closed, end the block by an exit: nothing is left."""

    def end(number: int, frame: object) -> None:
        del frame
        raise SystemExit(128 + number)

    before = {}
    # Only the main thread may set handlers.
    with contextlib.suppress(ValueError):
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) == signal.SIG_DFL:
                before[number] = signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _naming(target: str) -> Iterator[None]:
    """Let errors of the system name the file as the user did, and not the one that takes its place."""
    try:
        yield
    except OSError as error:
        if error.filename is None or Path(error.filename).suffix == ".part":
            error.filename, error.filename2 = target, None
        raise
