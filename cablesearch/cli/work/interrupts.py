"""How work that takes long ends when it is interrupted."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator

import click

__all__ = ["long_run"]


@contextlib.contextmanager
def long_run(advice: str | Callable[[], str]) -> Iterator[None]:
    """End an interrupted run with advice on how to continue; a function that returns it is not interrupted."""
    if hasattr(signal, "SIGPIPE"):
        # A worker process that dies leaves a pipe without a reader; that is reported, and must not end this process.
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        yield
    except KeyboardInterrupt:
        # Ignore further Ctrl-C during cleanup.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise click.Abort(advice if isinstance(advice, str) else advice()) from None
