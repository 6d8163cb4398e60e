"""The file for rejected records: checked before a run, written during it."""

from __future__ import annotations

import contextlib
import errno
import io
import os
from pathlib import Path
from typing import TextIO

from cablesearch.cli.output_file import own_descriptor
from cablesearch.cli.places import check_outside, mode_beside

__all__ = ["RejectsFile", "check_rejects"]


def check_rejects(rejects: Path, sources: tuple[str, ...], index: str) -> None:
    """Raise an error if the file for rejects cannot be written, or would overwrite, or be read as, something else.

    It is neither created nor changed: a run that cannot start leaves the file of the last run alone.

    Raises:
        CablesearchError: it is a source, in a source, in the folder of an archive, or cannot be written.
    """
    import tempfile

    from cablesearch.errors import CablesearchError

    if own_descriptor(str(rejects)) is not None:
        return
    try:
        target = rejects.resolve()
    except RuntimeError:
        # Before Python 3.13 links that lead to each other raise it.
        raise _unwritable(rejects, os.strerror(errno.ELOOP)) from None
    check_outside(target, str(rejects), index, "--rejects")
    for source in sources:
        path = Path(source).resolve()
        if source != "-" and (target == path or path in target.parents):
            raise CablesearchError(f"{rejects} is a source, or inside one; choose another place for --rejects")
    if not target.parent.is_dir():
        raise CablesearchError(f"the folder {target.parent} does not exist; choose another place for --rejects")
    try:
        if target.is_file():
            os.close(os.open(target, os.O_WRONLY))
        elif not target.exists():
            tempfile.TemporaryFile(dir=target.parent).close()
    except OSError as error:
        raise _unwritable(target, error.strerror) from None


def _unwritable(path: Path, reason: str | None) -> Exception:
    from cablesearch.errors import CablesearchError

    return CablesearchError(f"{path} cannot be written ({reason}); choose another place for --rejects")


class RejectsFile(io.TextIOBase):
    """A file that is created at the first write, readable by no more people than the archive's folder; of an archive on
    a cluster, by its owner alone.

    An open file, such as ``/dev/stdout``, is written to as it is.

    Args:
        path: where the file is.
        archive: the folder of the archive, whose mode limits that of the file; or its address.
    """

    def __init__(self, path: str, archive: str) -> None:
        self.name = path
        self._archive = archive
        self._file: TextIO | None = None

    def create(self) -> TextIO:
        """Create the file, if nothing has been written yet."""
        if self._file is None:
            mode, own = mode_beside(self._archive), own_descriptor(self.name)
            self._file = open(  # noqa: SIM115
                self.name,
                "w",
                encoding="utf-8",
                opener=lambda path, flags: os.open(path, flags, mode) if own is None else os.dup(own),
            )
        return self._file

    def write(self, text: str) -> int:
        return self.create().write(text)

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def abandon(self) -> None:
        """Close the file after an error, which is reported instead of what closing may add."""
        with contextlib.suppress(OSError):
            self.close()
