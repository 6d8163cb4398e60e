"""Examples of the documentation for a shell, run as they stand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.files import ROOT

__all__ = ["run_shell"]


def run_shell(code: str, *, cwd: Path | None = None, **env: str) -> str:
    """Return what an example prints. `cablesearch`, `python` and `python3` are those of this environment.

    An error, or anything on standard error, fails.
    """
    python = f'"{sys.executable}"'
    functions = [f'cablesearch() {{ {python} -m cablesearch "$@"; }}', f'python() {{ {python} "$@"; }}']
    program = "\n".join([*functions, 'python3() { python "$@"; }', code])
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    command = ["bash", "-euo", "pipefail", "-c", program]
    environment = os.environ | {"PYTHONPATH": paths} | env
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, cwd=cwd, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout
