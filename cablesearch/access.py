"""Who may see what of an archive: its default clearance, and the work that needs full clearance."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cablesearch.cable import FULL, Clearance, parse_clearance
from cablesearch.engine.index import manifest
from cablesearch.errors import CablesearchError, CorruptIndexError

__all__ = ["default_of", "need_full", "read_clearance", "require_full_clearance", "with_default"]

_DEFAULT = "default_clearance"
"""The note that says what a reader sees who says nothing; without it everything."""


def require_full_clearance(
    work: str, clearance: str | Clearance | None, path: str | os.PathLike[str] | None = None
) -> None:
    """Refuse work that only someone who sees everything may do.

    Args:
        work: its name.
        clearance: what was given. None: nothing, so that the default of the archive at ``path`` counts, if there is a
            path. With a clearance nothing is opened.

    Raises:
        CablesearchError: the clearance does not let one see everything.
        ArchiveNotFoundError, CorruptIndexError: the archive's default is asked for and cannot be read.
    """
    if clearance is not None:
        need_full(work, read_clearance(clearance))
    elif path is not None:
        need_full(work, default_of(Path(path), manifest.last_commit(Path(path))[1]))


def need_full(work: str, clearance: Clearance | None) -> None:
    """Refuse work unless everything may be seen.

    Raises:
        CablesearchError: it may not.
    """
    if clearance is not None:
        raise CablesearchError(f"{work} needs full clearance ({FULL}), not {clearance}")


def read_clearance(clearance: str | Clearance | None) -> Clearance | None:
    """A clearance that may be given as text; None, everything, also for ``FULL``.

    Raises:
        CablesearchError: the text is not a clearance.
    """
    try:
        return parse_clearance(clearance) if isinstance(clearance, str) else clearance
    except ValueError as error:
        raise CablesearchError(str(error)) from None


def default_of(path: Path, notes: Mapping[str, object]) -> Clearance | None:
    """What a reader of the archive sees who says nothing; None: everything.

    Raises:
        CorruptIndexError: the note on it cannot be read.
    """
    if _DEFAULT not in notes:
        return None
    try:
        return Clearance.parse(str(notes[_DEFAULT]))
    except ValueError:
        reason = f"its default clearance cannot be read; open it with clearance {FULL}, or repair it and choose another"
        raise CorruptIndexError(path, reason, "clearance") from None


def with_default(notes: Mapping[str, object], default: Clearance | None) -> dict[str, object]:
    """The notes of an archive, with another default clearance; None: everything."""
    others = {name: value for name, value in notes.items() if name != _DEFAULT}
    return others if default is None else {**others, _DEFAULT: str(default)}
