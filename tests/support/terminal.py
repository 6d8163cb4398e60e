"""The command line on a terminal."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path


def all_shown(terminal: int) -> bytes:
    """Return what is written to a terminal until its last writer closes it; ``terminal`` is closed, too."""
    shown = b""
    # Linux reports a closed terminal as an error.
    with contextlib.suppress(OSError):
        while block := os.read(terminal, 1 << 16):
            shown += block
    os.close(terminal)
    return shown


def run_on_terminal(
    *arguments: str | Path, columns: int = 80, rows: int = 24, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run a command line whose standard output is a terminal; standard error is kept apart.

    The environment has none of the variables that decide about colours, width and pager but those that are given, and
    ``TERM=xterm``.
    """
    deciding = ("CABLESEARCH_", "NO_COLOR", "FORCE_COLOR", "PAGER", "LESS", "COLUMNS", "LINES", "TERM")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(deciding)}
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    command = [sys.executable, "-m", "cablesearch", *map(str, arguments)]
    environment = clean | {"TERM": "xterm", **env}
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE, env=environment
    ) as process:
        os.close(theirs)
        shown = all_shown(ours)
        assert process.stderr
        said = process.stderr.read().decode()
        status = process.wait()
    assert "Traceback" not in said
    return subprocess.CompletedProcess(command, status, shown.decode().replace("\r\n", "\n"), said)
