"""The default clearance of an archive, and the commands that need full clearance."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from cablesearch.arguments import shown
from cablesearch.cable import FULL, Clearance, parse_clearance
from cablesearch.engine.index import manifest
from cablesearch.errors import CablesearchError, CorruptIndexError, VersionError

__all__ = ["default_of", "need_full", "read_clearance", "require_full_clearance", "with_default", "withholding"]

_Answer = TypeVar("_Answer")

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
        TypeError: it is neither text nor a `Clearance`.
    """
    if not (clearance is None or isinstance(clearance, (str, Clearance))):
        raise TypeError(f"a clearance must be a string such as 'SECRET//NOFORN' or a Clearance, not {shown(clearance)}")
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


def withholding(path: Path, clearance: Clearance | None, answer: Callable[[], _Answer]) -> _Answer:
    """Run ``answer``, replacing errors that could reveal hidden data.

    A message about damage may contain words, ids and places that are hidden. A reader with a clearance therefore gets a
    general message.

    Args:
        path: the archive.
        clearance: the reader's clearance; None stands for full.
        answer: reads from the archive.
    """
    if clearance is None:
        return answer()
    try:
        return answer()
    except VersionError:
        reason = "made by another version; upgrade this one, or ask someone with full clearance to verify it"
        error: CablesearchError = VersionError(path.absolute(), reason, "withheld")
    except CorruptIndexError:
        error = CorruptIndexError(
            path.absolute(), "it is damaged; someone with full clearance can verify it", "withheld"
        )
    except (CablesearchError, OSError, MemoryError):
        raise
    except Exception:
        error = CablesearchError(
            f"{path.absolute()}: the request failed; someone with full clearance can see the reason"
        )
    # Raised outside of the handlers, so that the original error is not attached as its context.
    raise error
