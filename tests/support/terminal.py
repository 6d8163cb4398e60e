"""The command line on a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path


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
        shown = b""
        while True:
            try:
                block = os.read(ours, 1 << 16)
            except OSError:  # Linux reports a closed terminal like this.
                break
            if not block:
                break
            shown += block
        os.close(ours)
        assert process.stderr
        said = process.stderr.read().decode()
        status = process.wait()
    assert "Traceback" not in said
    return subprocess.CompletedProcess(command, status, shown.decode().replace("\r\n", "\n"), said)
