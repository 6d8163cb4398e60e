"""What commands share that work for a long time: progress, and how to continue after an interrupt."""

from __future__ import annotations

import contextlib
import signal
import sys
from collections.abc import Callable, Iterator

import click

__all__ = ["long_run", "progress_bar"]


@contextlib.contextmanager
def long_run(advice: str) -> Iterator[None]:
    """End an interrupted run with advice on how to continue."""
    if hasattr(signal, "SIGPIPE"):
        # A worker process that dies leaves a pipe without a reader; that is reported, and must not end this process.
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        yield
    except KeyboardInterrupt:
        # Ignore further Ctrl-C during cleanup.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise click.Abort(advice) from None


@contextlib.contextmanager
def progress_bar(label: str, *, of_bytes: bool = False) -> Iterator[Callable[[int, int], None] | None]:
    """Show a bar with rate and remaining time on a terminal, and nothing elsewhere.

    Args:
        label: what is going on.
        of_bytes: whether the progress is counted in bytes.
    """
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    counts = (DownloadColumn(), TransferSpeedColumn()) if of_bytes else (MofNCompleteColumn(),)
    columns = (TextColumn(label), BarColumn(), *counts, TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)
