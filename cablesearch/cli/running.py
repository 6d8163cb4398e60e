"""The command line as a process: its streams, signals, limits and exit status."""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import os
import signal
import sys
from typing import NoReturn

import click

from cablesearch.cli.failures import INTERRUPTED, exit_status, explain

__all__ = ["run"]

_OPEN_FILES = 1024
_ERROR = 2
_A_MOMENT = 0.01
"""Seconds after which an interrupt is repeated."""
_ALLOCATIONS = 100_000
"""New objects that may have references before Python looks for garbage among them."""


def run(command: click.Command) -> NoReturn:
    """Run a command with the arguments of the process, and exit. Errors become messages on standard error."""
    # Spare Python most of its searches for garbage, as what a command loads and reads is not garbage.
    gc.set_threshold(_ALLOCATIONS)
    status = _ERROR
    sys.unraisablehook = _pass_on
    # Registered first, so called last.
    atexit.register(lambda: _end(status))
    _open_streams()
    _allow_open_files()
    if hasattr(signal, "SIGPIPE"):
        # The reader of our output may stop early: not an error; exit quietly.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        status = _answer(command)
    except (Exception, KeyboardInterrupt) as error:
        status = exit_status(error)
        if status == INTERRUPTED:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        with contextlib.suppress(OSError):
            explain(error)
    sys.exit(status)


def _pass_on(lost: sys.UnraisableHookArgs) -> None:
    """Repeat an interrupt that came while Python freed an object, and would be lost there; report other errors."""
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)
        return
    # Only after this function, in which it would be lost, too.
    from threading import Timer

    again = Timer(_A_MOMENT, os.kill, (os.getpid(), signal.SIGINT))
    again.daemon = True
    again.start()


def _end(status: int) -> NoReturn:
    """End the process once all else is done that has to be done at exit.

    Python itself would look for garbage and free each object, which takes a tenth of the time of a small search; report
    in its own words what cannot be written; and end by the signal of an interrupt that came while it evaluated code
    given as text, as when a data class is defined.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(status)


def _answer(command: click.Command) -> int:
    """Run a command and return its exit status, once all its output is written."""
    try:
        status = command(prog_name="cablesearch", standalone_mode=False) or 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0
    sys.stdout.flush()
    return status


def _open_streams() -> None:
    """Open the standard streams that the process was started without. Otherwise a file of the archive could get the
    number of one of them, and receive the messages meant for people."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def _allow_open_files() -> None:
    """Raise the limit of open files as far as the system allows, because each process that indexes needs two. The
    library leaves this to the program that uses it."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and soft < _OPEN_FILES:
            most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
