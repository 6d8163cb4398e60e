"""The command line, run like a user or another program runs it."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

from trials.running import run as run_as_bytes


def run(
    *arguments: str | Path, cwd: Path | None = None, stdin: str = "", **env: str
) -> subprocess.CompletedProcess[str]:
    """Run a command line in this process, which saves starting another; a traceback always fails.

    `tests/test_cli.py` checks that the answers are those of `run_apart`.
    """
    with contextlib.ExitStack() as stack:
        file = io.TextIOWrapper(io.BytesIO(stdin.encode()), "utf-8")
        stack.enter_context(mock.patch.object(sys, "stdin", file))
        if cwd is not None:
            stack.callback(os.chdir, Path.cwd())
            os.chdir(cwd)
        answer = run_as_bytes(*map(str, arguments), **env)
    out, err = answer.out.decode(), answer.err.decode()
    assert "Traceback" not in err
    assert isinstance(answer.status, int | None)
    return subprocess.CompletedProcess(arguments, answer.status or 0, out, err)


def run_apart(
    *arguments: str | Path, cwd: Path | None = None, stdin: str = "", **env: str
) -> subprocess.CompletedProcess[str]:
    """Run a command line in a separate process; a traceback always fails."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CABLESEARCH_")}
    result = subprocess.run(
        [sys.executable, "-m", "cablesearch", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        input=stdin,
        env=clean | env,
        check=False,
    )
    assert "Traceback" not in result.stderr
    return result
