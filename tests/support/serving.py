"""A real server on loopback, in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import httpx

ADDRESS = re.compile(r"http://\S+?(?=/?\s)")


class Server:
    """A server that runs.

    Attributes:
        address: its address, without a slash at the end.
        said: the line in which it says where it is.
        process: the process that looks after the others.
    """

    def __init__(self, address: str, process: subprocess.Popen[str], log: BinaryIO) -> None:
        self.address = address
        self.said = ""
        self.process = process
        self._log = log

    @property
    def log(self) -> str:
        """What it has written on standard error."""
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), size, 0).decode()

    @property
    def workers(self) -> list[int]:
        """The numbers of the processes that answer."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(number) for number in path.read_text().split()]

    def connect(self) -> socket.socket:
        """Return a connection to it."""
        host, port = self.address.removeprefix("http://").split("/")[0].rsplit(":", 1)
        return socket.create_connection((host.strip("[]"), int(port)), timeout=20)

    def end(self, kind: signal.Signals = signal.SIGTERM) -> int:
        """End it by a signal, and return its exit status."""
        self.process.send_signal(kind)
        return self.process.wait(20)


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something holds that is about to."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


_CLIENT = httpx.Client(verify=False, timeout=30, limits=httpx.Limits(max_keepalive_connections=0))
"""A client that holds no connection, so that each request may be answered by another process."""


def get(address: str, **options: Any) -> httpx.Response:
    """Ask a server; other than `httpx.get`, without reading certificates each time."""
    return _CLIENT.get(address, **options)


@contextmanager
def running(index: Path | str, *options: str | Path, **env: str) -> Iterator[Server]:
    """Serve an archive on a free port, and give the block the server.

    It runs in the folder of the archive's folder; that of an archive on a cluster runs where this process does.
    """
    folder = index.parent if isinstance(index, Path) else None
    command = [sys.executable, "-m", "cablesearch", "serve", "--port", "0", "--index", index, *options]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("CABLESEARCH_")}
    # Its output is not held back.
    environment = clean | {"PYTHONUNBUFFERED": "1"} | env
    with (
        TemporaryFile() as log,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment, cwd=folder
        ) as process,
    ):
        assert process.stdout is not None
        server = Server("", process, log)
        try:
            line = process.stdout.readline()
            found = ADDRESS.search(line + " ")
            assert found, f"the server printed {line!r} and {server.log!r}"
            server.address, server.said = found[0], line
            yield server
        finally:
            process.terminate()
            process.wait(20)
            # A test that fails shows it.
            sys.stderr.write(server.log)


@contextmanager
def served(index: Path, *options: str | Path) -> Iterator[str]:
    """Serve an archive on a free port and give the block the address, without a slash at its end."""
    with running(index, *options) as server:
        yield server.address
