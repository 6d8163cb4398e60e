"""A real server on loopback, in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ADDRESS = re.compile(r"http://\S+?(?=/?\s)")


@contextmanager
def served(index: Path, *options: str | Path) -> Iterator[str]:
    """Serve an archive on a free port and give the block the address, without a slash at its end."""
    command = [sys.executable, "-m", "cablesearch", "serve", "--port", "0", "--index", index, *options]
    # Its output is not held back.
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=index.parent) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            found = ADDRESS.search(line + " ")
            assert found, f"the server printed {line!r}"
            yield found[0]
        finally:
            process.terminate()
            process.wait(20)
