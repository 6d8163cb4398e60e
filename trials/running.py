"""The command line run within the process, as `main` runs it."""

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
    """What a command wrote and how it ended."""

    status: object
    out: bytes
    err: bytes


def run(*arguments: str, **environment: str) -> Answer:
    """What ``cablesearch ARGUMENTS...`` answers, in an environment that says nothing else about cablesearch."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CABLESEARCH_")}
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    # The command lets a reader of its output stop early, and takes no more interrupts once it was interrupted; this
    # process may not be ended so, and goes on.
    before = {number: signal.getsignal(number) for number in (signal.SIGPIPE, signal.SIGINT)}
    with ExitStack() as stack, warnings.catch_warnings():
        # Told each time, as each command would in a process of its own.
        warnings.simplefilter("always")
        stack.enter_context(mock.patch.dict(os.environ, clean | environment, clear=True))
        stack.enter_context(mock.patch.object(sys, "argv", ["cablesearch", *arguments]))
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
