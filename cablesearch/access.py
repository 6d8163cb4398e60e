"""The default clearance of an archive, and what needs full clearance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from cablesearch.arguments import shown
from cablesearch.cable import FULL, Clearance, parse_clearance
from cablesearch.errors import CablesearchError, CorruptIndexError, VersionError
from cablesearch.protocols.places import Place

__all__ = ["default_of", "need_full", "read_clearance", "with_default", "withholding"]

_Answer = TypeVar("_Answer")

_DEFAULT = "default_clearance"
"""The note of an archive with the clearance used when none is given; absent means full."""


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


def default_of(path: Path | str, notes: Mapping[str, object]) -> Clearance | None:
    """Return the archive's default clearance from its notes; None stands for full.

    Args:
        path: the folder or the address of the archive, for the message.
        notes: the notes.

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


def withholding(place: Place, clearance: Clearance | None, answer: Callable[[], _Answer]) -> _Answer:
    """Run ``answer``, replacing errors that could reveal hidden data.

    A message about damage may contain words, ids and places that are hidden. A reader with a clearance therefore gets a
    general message.

    Args:
        place: the archive.
        clearance: the reader's clearance; None stands for full.
        answer: reads from the archive.
    """
    if clearance is None:
        return answer()
    try:
        return answer()
    except VersionError:
        reason = "made by another version; upgrade this one, or ask someone with full clearance to verify it"
        error: CablesearchError = VersionError(place.name, reason, "withheld")
    except CorruptIndexError:
        error = CorruptIndexError(place.name, "it is damaged; someone with full clearance can verify it", "withheld")
    except (CablesearchError, OSError, MemoryError):
        raise
    except Exception:
        error = CablesearchError(f"{place.name}: the request failed; someone with full clearance can see the reason")
    # Raised outside of the handlers, so that the original error is not attached as its context.
    raise error
