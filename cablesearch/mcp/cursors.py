"""Cursors: where an answer that was cut goes on.

A cursor is a place and two digests. The first one is of the tool and its arguments; the second of what the answer
depends on: the size of the archive as its reader sees it, the total, and the last entry that was shown. An answer goes
on only behind the same entry; otherwise the archive has changed, and the cursor is refused. So cursors need no memory
in the server, hold over restarts, and depend on nothing that is hidden from the reader.
"""

from __future__ import annotations

import hashlib
import json
import re

from cablesearch.errors import CablesearchError

__all__ = ["Bookmark"]

_CURSOR = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?\.([0-9a-f]{8})([0-9a-f]{16})")


def _digest(value: object, size: int) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=size).hexdigest()


class Bookmark:
    """The cursors of one call of a tool.

    Args:
        tool: the name of the tool.
        arguments: the arguments on which the whole answer depends, as JSON: all but the cursor and the size of a page.
        cursor: the cursor of the call; None for the beginning.

    Attributes:
        place, within: where the answer goes on: the number of entries before it, and of code points of the next entry.

    Raises:
        CablesearchError: it is not a cursor, or one of another call.
    """

    def __init__(self, tool: str, arguments: dict[str, object], cursor: str | None) -> None:
        self._tool, self._arguments = tool, _digest([tool, arguments], 4)
        self.place = self.within = 0
        self._state: str | None = None
        if cursor is None:
            return
        match = _CURSOR.fullmatch(cursor.strip())
        if match is None:
            raise CablesearchError(
                f"cursor is not valid: pass it exactly as {tool} returned it, or leave it out to start over"
            )
        if match[3] != self._arguments:
            raise CablesearchError(
                f"cursor belongs to a call with other arguments: repeat those with which {tool} returned it, or leave "
                "it out to start over"
            )
        self.place, self.within, self._state = int(match[1]), int(match[2] or 0), match[4]

    @property
    def overlap(self) -> int:
        """How many entries before the place are needed to check that the answer still goes on there."""
        return int(self.place > 0)

    def check(self, *depends_on: object) -> None:
        """Raise an error unless the answer depends on the same as when the cursor was made.

        Raises:
            CablesearchError: the archive has changed.
        """
        if self._state is not None and self._state != self._sealed(self.place, self.within, depends_on):
            raise CablesearchError(
                f"the archive has changed since this cursor was returned: call {self._tool} again without a cursor"
            )

    def at(self, place: int, *depends_on: object, within: int = 0) -> str:
        """Return the cursor of a place."""
        where = f"{place}-{within}" if within else str(place)
        return f"{where}.{self._arguments}{self._sealed(place, within, depends_on)}"

    def _sealed(self, place: int, within: int, depends_on: tuple[object, ...]) -> str:
        return _digest([self._arguments, place, within, depends_on], 8)
