"""The errors that cablesearch raises, all subclasses of `CablesearchError`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from cablesearch.arguments import is_address
from cablesearch.text.terminal import one_line, printable

__all__ = [
    "ArchiveNotFoundError",
    "CablesearchError",
    "CorruptIndexError",
    "LockedError",
    "QueryError",
    "UnknownCableError",
    "UnreachableError",
    "UnreadableFileError",
    "UnsupportedError",
    "VersionError",
    "WorkerError",
]


class CablesearchError(Exception):
    """Base class of all errors of this package.

    The message is written for the person at the terminal: a single line, unless a subclass says otherwise, without
    control characters.
    """

    def __str__(self) -> str:
        return one_line(super().__str__())


class _PathError(CablesearchError):
    """An error about one file or folder, or about an archive on a cluster.

    Attributes:
        path: the file or folder; for an archive on a cluster its address, a string.
        reason: what is wrong with it; the message is the path and the reason.
        kind: one word for what is wrong, listed by each class, so that a program can add its own advice.
    """

    def __init__(self, path: object, reason: str, kind: str) -> None:
        self.path: Path | str = path if is_address(path) else Path(str(path))
        # All arguments go to the base, so that the error can be pickled.
        super().__init__(self.path, reason, kind)
        self.reason = reason
        self.kind = kind

    def __str__(self) -> str:
        return one_line(f"{self.path}: {self.reason}")


class ArchiveNotFoundError(_PathError):
    """There is no archive at the path given.

    ``kind`` is ``missing``; ``file`` where a file stands in place of the folder; or ``remains`` where there is not even
    a segment to be repaired.
    """

    def __init__(self, path: object, reason: str = "there is no archive here", kind: str = "missing") -> None:
        super().__init__(path, reason, kind)


class CorruptIndexError(_PathError):
    """A file of the index is damaged, cut off or not part of an index.

    ``kind`` is ``damaged``; ``clearance`` where the archive's default clearance cannot be read; or ``withheld`` where
    the reader may not know what is damaged, and ``path`` is the archive.
    """

    def __init__(self, path: object, reason: str, kind: str = "damaged") -> None:
        super().__init__(path, reason, kind)


class VersionError(CorruptIndexError):
    """A file of the index has a version that this program does not read.

    ``kind`` is ``newer`` or ``older``; or ``withheld`` where the reader may not know which, and ``path`` is the
    archive.
    """

    def __init__(self, path: object, reason: str, kind: str) -> None:
        super().__init__(path, reason, kind)


class UnreadableFileError(_PathError):
    """The system cannot read a file of the index, which may be whole.

    ``kind`` is the name of the system's error, such as ``EACCES``.
    """


class LockedError(_PathError):
    """Another process is writing to the archive. ``kind`` is ``locked``."""

    def __init__(
        self, path: object, reason: str = "another process is writing to this archive", kind: str = "locked"
    ) -> None:
        super().__init__(path, reason, kind)


class WorkerError(CablesearchError):
    """Processes that share the work could not be started, or one of them died.

    ``kind`` is ``start`` or ``died``.
    """

    def __init__(self, reason: str, kind: str) -> None:
        super().__init__(reason, kind)
        self.reason = reason
        self.kind = kind

    def __str__(self) -> str:
        return one_line(self.reason)


class UnreachableError(_PathError):
    """The cluster that has the archive cannot be reached, or does not answer. ``kind`` is ``unreachable``.

    ``path`` is the address of the archive.
    """

    def __init__(self, path: object, reason: str, kind: str = "unreachable") -> None:
        super().__init__(path, reason, kind)

    def __str__(self) -> str:
        return one_line(f"{self.path}: the cluster cannot be reached: {self.reason}")


class UnsupportedError(CablesearchError):
    """Something is not possible with this archive, because of where it is kept. The message says what to do instead.

    Readers of a server see it, so it does not say where the archive is.
    """


class UnknownCableError(CablesearchError, KeyError):
    """No visible cable or paragraph has the given reference. It is a ``KeyError`` too, as ``archive[id]`` raises it.

    Attributes:
        reference: the id, as it was given; for a missing paragraph that of the cable with the paragraph
            (``10BEIJING30¶99``).
        missing: ``cable``, or ``paragraph`` where only the paragraph is unknown.
        near: the ids of visible cables near to an unknown one, the nearest first.
    """

    def __init__(
        self,
        reason: str,
        reference: str = "",
        missing: Literal["cable", "paragraph"] = "cable",
        near: tuple[str, ...] = (),
    ) -> None:
        # All arguments go to the base, so that the error can be pickled.
        super().__init__(reason, reference, missing, near)
        self.reason = reason
        self.reference = reference
        self.missing: Literal["cable", "paragraph"] = missing
        self.near = near

    def __str__(self) -> str:
        # A KeyError would quote its message.
        return one_line(self.reason)


class QueryError(CablesearchError):
    """A query, or a filter of a search, is invalid. The message has four or more lines and points at the place::

        unmatched closing bracket
          china) japan
               ^
        Add ( before it, or remove it.

    It has two lines if the query is blank. For a filter, the second line is such as ``since='soon'``.

    Attributes:
        query: the text of the query, or the value of the filter.
        position: the place of the error in it, in code points from 0.
        reason: the error.
        advice: how to correct it.
        argument: the name of the filter, such as ``since``; None for an error in the query itself.
    """

    def __init__(self, query: str, position: int, reason: str, advice: str, argument: str | None = None) -> None:
        super().__init__(reason)
        self.query = query
        self.position = min(max(position, 0), len(query))
        self.reason = reason
        self.advice = advice
        self.argument = argument

    def __reduce__(self) -> tuple[type[QueryError], tuple[str, int, str, str, str | None]]:
        return QueryError, (self.query, self.position, self.reason, self.advice, self.argument)

    def __str__(self) -> str:
        return self.pointing(f"{self.argument}='", "'") if self.argument else self.pointing()

    def pointing(self, before: str = "", after: str = "") -> str:
        """Return the message with text before and after the query, such as the name of a command's option."""
        if not (self.query.strip() or before):
            return f"{one_line(self.reason)}\n{printable(self.advice)}"
        start, end = max(0, self.position - 60), self.position + 40
        excerpt = printable(self.query[start:end]).replace("\n", " ").replace("\t", " ")
        before += "…" if start else ""
        line = before + excerpt + ("" if end < len(self.query) else after)
        pointer = " " * (len(before) + self.position - start) + "^"
        return f"{one_line(self.reason)}\n  {line}\n  {pointer}\n{printable(self.advice)}"
