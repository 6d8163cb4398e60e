"""The default clearance of an archive, and the commands that need full clearance."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cablesearch.cable import FULL, Clearance, parse_clearance
from cablesearch.engine.index import manifest
from cablesearch.errors import CablesearchError, CorruptIndexError

__all__ = ["default_of", "need_full", "read_clearance", "require_full_clearance", "with_default"]

_DEFAULT = "default_clearance"
"""The note in the manifest with the clearance used when none is given; absent means full."""


def require_full_clearance(
    work: str, clearance: str | Clearance | None, path: str | os.PathLike[str] | None = None
) -> None:
    """Raise an error unless the reader's clearance is full.

    Args:
        work: the name of the command, for the message.
        clearance: the clearance given. None: the default clearance of the archive at ``path`` is used, if there is a
            path. Otherwise no file is opened.

    Raises:
        CablesearchError: the clearance is invalid or not full.
        ArchiveNotFoundError, CorruptIndexError: the archive's default clearance is needed and cannot be read.
    """
    if clearance is not None:
        need_full(work, read_clearance(clearance))
    elif path is not None:
        need_full(work, default_of(Path(path), manifest.last_commit(Path(path))[1]))


def need_full(work: str, clearance: Clearance | None) -> None:
    """Raise an error unless ``clearance`` is None, which stands for full clearance.

    Raises:
        CablesearchError: the clearance is not full.
    """
    if clearance is not None:
        raise CablesearchError(f"{work} needs full clearance ({FULL}), not {clearance}")


def read_clearance(clearance: str | Clearance | None) -> Clearance | None:
    """Return a clearance given as text or as an object; None stands for ``FULL``.

    Raises:
        CablesearchError: the text is not a valid clearance.
    """
    try:
        return parse_clearance(clearance) if isinstance(clearance, str) else clearance
    except ValueError as error:
        raise CablesearchError(str(error)) from None


def default_of(path: Path, notes: Mapping[str, object]) -> Clearance | None:
    """Return the archive's default clearance from the notes in its manifest; None stands for full.

    Raises:
        CorruptIndexError: the note is invalid.
    """
    if _DEFAULT not in notes:
        return None
    try:
        return Clearance.parse(str(notes[_DEFAULT]))
    except ValueError:
        reason = f"its default clearance cannot be read; open it with clearance {FULL}, or repair it and choose another"
        raise CorruptIndexError(path, reason, "clearance") from None


def with_default(notes: Mapping[str, object], default: Clearance | None) -> dict[str, object]:
    """Return an archive's notes with another default clearance; None stands for full."""
    others = {name: value for name, value in notes.items() if name != _DEFAULT}
    return others if default is None else {**others, _DEFAULT: str(default)}
