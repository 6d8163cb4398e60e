"""Measure the processor time and the memory of a case, and compare them with bounds.

Both are counted for this process alone, so that other work on the machine changes nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import time
from pathlib import Path
from typing import ClassVar, NamedTuple

__all__ = ["Bounds", "Meter", "TooMuchError", "bound_memory"]

_FREED_ABOVE = 16 << 20
"""Bytes; larger amounts are returned to the system before the next case."""
_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class TooMuchError(Exception):
    """A case took more time or memory than allowed."""


class Bounds(NamedTuple):
    """The bounds of a case: seconds of processor time, and bytes of memory."""

    seconds: float
    memory: int


class Meter:
    """Measures time and memory from its creation to `check`. Meters may be nested.

    Memory is the peak of the process, as the kernel counts it, if the counter can be reset (Linux); elsewhere it is 0.
    """

    _open: ClassVar[list[Meter]] = []

    def __init__(self) -> None:
        self._highest = 0
        for outer in self._open:
            outer._highest = max(outer._highest, _held(b"VmHWM:"))
        self._open.append(self)
        with contextlib.suppress(OSError):
            _write(_CLEAR, b"5")
        self._before = _held(b"VmRSS:")
        self._began = time.process_time()

    def check(self, bounds: Bounds) -> int:
        """Return the bytes of memory used, and end the meter.

        Raises:
            TooMuchError: the bounds are exceeded.
        """
        seconds = time.process_time() - self._began
        taken = max(self._highest, _held(b"VmHWM:")) - self._before
        self.close()
        if taken > _FREED_ABOVE:
            _give_back()
        if seconds > bounds.seconds:
            raise TooMuchError(f"{seconds:.1f} seconds of the processor; {bounds.seconds:.1f} are allowed")
        if taken > bounds.memory:
            raise TooMuchError(f"{taken >> 20:,} MB of memory; {bounds.memory >> 20:,} are allowed")
        return taken

    def close(self) -> None:
        """Stop measuring, also in meters that were created later."""
        if self in self._open:
            del self._open[self._open.index(self) :]


def bound_memory(more: int) -> None:
    """From now on, allow only a given number of bytes of address space more than now (Linux)."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        now = int(statm.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + more, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _held(name: bytes) -> int:
    """Return the bytes that the kernel reports for this process under a name; 0 if it does not."""
    try:
        content = _STATUS.read_bytes()
    except OSError:
        return 0
    return int(content[content.index(name) + len(name) :].split(None, 1)[0]) << 10


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY)
    try:
        os.write(handle, content)
    finally:
        os.close(handle)


def _give_back() -> None:
    """Return freed memory to the system, so that the memory of the next case is measured."""
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
