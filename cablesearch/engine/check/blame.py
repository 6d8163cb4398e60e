"""Attribute errors to the damaged segment that causes them."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from cablesearch.engine.segment.segment import Segment
from cablesearch.errors import CablesearchError, CorruptIndexError

__all__ = ["blaming", "damaged"]


def damaged(segment: Segment, fault: str, consequence: str = "") -> CorruptIndexError:
    """Return the error for a fault of a segment, which may begin with the segment's path."""
    return CorruptIndexError(segment.path, fault.removeprefix(f"{segment.path}: ") + consequence)


class blaming:  # noqa: N801
    """Attribute an error while segments are read to the first damaged segment, if there is one.

    Args:
        segments: the segments that are read.
        alone: whether only these segments can cause an error, so that they are named even when no damage is found.

    Raises:
        CorruptIndexError: a segment is damaged; otherwise the error is left as it is.
    """

    def __init__(self, segments: Sequence[Segment], *, alone: bool = False) -> None:
        self._segments = segments
        self._alone = alone

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A full disk or a lack of memory is not the fault of a file.
        if not isinstance(error, Exception) or isinstance(error, (CablesearchError, MemoryError, OSError)):
            return
        # Searching needs the module only after an error.
        from cablesearch.engine.check.verify import verified

        for segment in self._segments:
            if faults := verified(segment):
                raise damaged(segment, faults[0]) from error
        if self._alone and self._segments:
            names = ", ".join(segment.path.name for segment in self._segments)
            reason = f"{names} cannot be read ({type(error).__name__}: {error})"
            raise CorruptIndexError(self._segments[0].path.parent, reason) from error
