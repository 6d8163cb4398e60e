"""The table of docs/reliability.md, made of the figures that experiments printed."""

from __future__ import annotations

import datetime as dt
import os
import platform
import subprocess
import tempfile

__all__ = ["circumstances"]


def circumstances() -> dict[str, str]:
    """When and on what an experiment runs, in general words."""
    found = subprocess.run(
        ["df", "--output=fstype", tempfile.gettempdir()], capture_output=True, text=True, check=False
    ).stdout.split()
    filesystem = found[-1] if found else "unknown file system"
    python = ".".join(platform.python_version_tuple()[:2])
    machine = f"{os.cpu_count()} cores, {platform.system()}, {filesystem}, Python {python}"
    return {"date": dt.date.today().isoformat(), "machine": machine}
