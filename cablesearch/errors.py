"""The errors that cablesearch raises, all under one base."""

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
    """Base of all errors of this package; its message is meant for the person at the terminal, and cannot command
    it. It is one line, except where a class says otherwise."""

    def __str__(self) -> str:
        return one_line(super().__str__())


class ArchiveNotFoundError(CablesearchError):
    """There is no archive at the path given."""


class CorruptIndexError(CablesearchError):
    """A file of the index is damaged, cut off or not ours; the message names it."""


class VersionError(CorruptIndexError):
    """A file of the index is of a version that this program does not read; the message says how to go on."""


class LockedError(CablesearchError):
    """Another process is writing to the archive."""


class UnknownCableError(CablesearchError):
    """No visible cable or paragraph has the id asked for."""


class QueryError(CablesearchError):
    """A query cannot be read; the message has four lines and more.

    ``query`` is the text, ``position`` the place in it (code points from 0) that is wrong, ``reason`` what is
    wrong there and ``advice`` what would be right.
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
        shown = printable(self.query[start : self.position + 40]).replace("\n", " ").replace("\t", " ")
        line = ("…" if start else "") + shown
        pointer = " " * (self.position - start + bool(start)) + "^"
        return f"{one_line(self.reason)}\n  {line}\n  {pointer}\n{printable(self.advice)}"
