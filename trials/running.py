"""The command line, run in this process as `main` runs it."""

from __future__ import annotations

import io
import os
import signal
import sys
import warnings
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from typing import NamedTuple
from unittest import mock

from cablesearch.cli import main

__all__ = ["Answer", "run"]


class Answer(NamedTuple):
    """The output and the exit status of a command."""

    status: object
    out: bytes
    err: bytes


def run(*arguments: str, **environment: str) -> Answer:
    """Run ``cablesearch ARGUMENTS...`` in an environment without other settings of cablesearch."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CABLESEARCH_")}
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    # The command restores SIGPIPE, and ignores interrupts after the first. This process must not be changed, and
    # continues.
    before = {number: signal.getsignal(number) for number in (signal.SIGPIPE, signal.SIGINT)}
    with ExitStack() as stack, warnings.catch_warnings():
        # Warnings are reported each time, as in separate processes.
        warnings.simplefilter("always")
        stack.enter_context(mock.patch.dict(os.environ, clean | environment, clear=True))
        stack.enter_context(mock.patch.object(sys, "argv", ["cablesearch", *arguments]))
        # At the exit of its process a command ends that with its own status, and reports lost errors in its own way.
        stack.enter_context(mock.patch("cablesearch.cli.running.atexit"))
        stack.enter_context(mock.patch.object(sys, "unraisablehook", sys.unraisablehook))
        stack.enter_context(redirect_stdout(out))
        stack.enter_context(redirect_stderr(err))
        for number, handler in before.items():
            stack.callback(signal.signal, number, handler)
        try:
            main()
            raise AssertionError("a command did not end")
        except SystemExit as end:
            status = end.code
    return Answer(status, *(stream.detach().getvalue() for stream in (out, err)))
