"""Text that fills the screen goes through a pager: another program that shows it page by page."""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import subprocess

__all__ = ["through"]

_STYLE = re.compile(rb"\x1b\[[0-9;]*m")


class _QuitError(Exception):
    """The reader has quit the pager."""


class _Screen(io.BufferedIOBase):
    """Standard output of a command: kept until it fills the screen, and from then on passed to a pager.

    Args:
        command: the pager and its options.
        size: the columns and rows of the screen.
    """

    def __init__(self, command: Sequence[str], size: tuple[int, int]) -> None:
        self._command = command
        self._columns, self._rows = size
        self._kept = bytearray()
        self._filled = 0
        self._process: subprocess.Popen[bytes] | None = None

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        block = bytes(data)
        if self._process is not None:
            self._pass_on(block)
            return len(block)
        self._kept += block
        for line in _STYLE.sub(b"", block).split(b"\n")[:-1]:
            self._filled += 1 + max(0, len(line.decode("utf-8", "replace")) - 1) // self._columns
        # The line with the prompt of the shell belongs to the screen.
        if self._filled >= self._rows - 1:
            self._start()
        return len(block)

    def _start(self) -> None:
        import subprocess

        # As git sets them if the user has not: what less and lv need to show colours, and less to end by itself if
        # everything fits.
        environment = {"LESS": "FRX", "LV": "-c", **os.environ}
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, env=environment)
        kept, self._kept = bytes(self._kept), bytearray()
        self._pass_on(kept)

    def _pass_on(self, block: bytes) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(block)
            self._process.stdin.flush()
        except BrokenPipeError:
            raise _QuitError from None

    def end(self) -> bytes:
        """Wait until the reader has quit the pager, and return what was kept if there was no pager."""
        if self._process is not None:
            assert self._process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
            while self._process.poll() is None:
                # Ctrl-C belongs to the pager.
                with contextlib.suppress(KeyboardInterrupt):
                    self._process.wait()
        return bytes(self._kept)


@contextlib.contextmanager
def through(command: Sequence[str], size: tuple[int, int]) -> Iterator[None]:
    """Send what the block prints to a pager once it fills the screen; see `cablesearch.cli.display.paged`.

    Args:
        command: the pager and its options.
        size: the columns and rows of the screen.
    """
    terminal, screen = sys.stdout, _Screen(command, size)
    terminal.flush()
    before = signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    sys.stdout = io.TextIOWrapper(screen, "utf-8", "backslashreplace", write_through=True)
    try:
        yield
    except _QuitError:
        pass
    finally:
        printed, sys.stdout = sys.stdout, terminal
        with contextlib.suppress(_QuitError):
            printed.flush()
        kept = screen.end()
        signal.signal(signal.SIGPIPE, before)
        terminal.write(kept.decode("utf-8", "backslashreplace"))
        terminal.flush()
