"""The errors that cablesearch raises, all subclasses of `CablesearchError`."""

from __future__ import annotations

from cablesearch.text.terminal import one_line, printable

__all__ = [
    "ArchiveNotFoundError",
    "CablesearchError",
    "CorruptIndexError",
    "LockedError",
    "QueryError",
    "UnknownCableError",
    "VersionError",
]


class CablesearchError(Exception):
    """Base class of all errors of this package.

    The message is written for the person at the terminal: a single line, unless a subclass says otherwise, without
    control characters.
    """

    def __str__(self) -> str:
        return one_line(super().__str__())


class ArchiveNotFoundError(CablesearchError):
    """No archive exists at the given path."""


class CorruptIndexError(CablesearchError):
    """A file of the index is damaged, truncated or not an index file; the message names it."""


class VersionError(CorruptIndexError):
    """A file of the index has a version that this program cannot read; the message says what to do."""


class LockedError(CablesearchError):
    """Another process is writing to the archive."""


class UnknownCableError(CablesearchError):
    """No visible cable or paragraph has the given reference."""


class QueryError(CablesearchError):
    """A query is invalid. The message has four or more lines and points at the place::

        unmatched closing bracket
          china) japan
               ^
        Add ( before it, or remove it.

    Attributes:
        query: the text of the query.
        position: the place of the error in it, in code points from 0.
        reason: the error.
        advice: how to correct it.
    """

    def __init__(self, query: str, position: int, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.query = query
        self.position = min(max(position, 0), len(query))
        self.reason = reason
        self.advice = advice

    def __reduce__(self) -> tuple[type[QueryError], tuple[str, int, str, str]]:
        return QueryError, (self.query, self.position, self.reason, self.advice)

    def __str__(self) -> str:
        start = max(0, self.position - 60)
        excerpt = printable(self.query[start : self.position + 40]).replace("\n", " ").replace("\t", " ")
        line = ("…" if start else "") + excerpt
        pointer = " " * (self.position - start + bool(start)) + "^"
        return f"{one_line(self.reason)}\n  {line}\n  {pointer}\n{printable(self.advice)}"
