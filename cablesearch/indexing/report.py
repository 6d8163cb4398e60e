"""What a run of indexing reports: its counts, its progress, and what was wrong with the sources."""

from __future__ import annotations

import contextlib
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

__all__ = ["UNSEEN", "IngestReport", "OnProgress", "OnTrouble", "Progress", "Stage", "Steps", "kind_of_reason"]

OnTrouble = Callable[[str, str, "int | None", str], None]
"""Called with a kind, the file or archive, the row and the reason.

The kind is ``rejected`` for a record that was rejected, ``incomplete`` for a cable that was added without a date or a
body, ``note`` for what was guessed of a file, such as the columns of a table, ``hidden`` for a hidden file or folder
that was not read, and ``damaged`` (with the archive, and None for the row) if older segments are damaged and could not
be merged with the new ones.
"""

_PLACE_BEFORE = re.compile(r"\Aline [0-9]+: ")
_PARTICULARS = re.compile(r"'[^']*'|\"[^\"]*\"|\b[0-9][0-9,.]*\b")
_TICK = 0.05
"""Seconds between reports on a batch of records; each takes as long as parsing a hundredth of a cable."""
_LONGEST_KIND = 100
"""Code points of a kind of reason."""


@dataclass(slots=True)
class IngestReport:
    """The counts of a run of indexing. Each record is counted once: added, replaced, unchanged or rejected.

    Attributes:
        added: cables that the archive did not have.
        replaced: cables that the archive had in another version.
        unchanged: cables that the archive had as they are.
        rejected: records that could not be read, and duplicates of a later record.
        incomplete: added or replaced cables without a date, or without any text.
        formats: how many of the cables that the archive now has were read in which format, by the noun of the format
            (``telegrams``).
        skipped: how many records and files were rejected, by the reason.
        hidden: the hidden files and folders that were not read, because their names begin with a dot. They are not
            rejected; name one as a source to read it.
    """

    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    rejected: int = 0
    incomplete: int = 0
    formats: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    hidden: int = 0

    @property
    def taken(self) -> int:
        """The number of cables of this run that the archive now has."""
        return self.added + self.replaced + self.unchanged


Stage = Literal["reading", "indexing", "reindexing", "copying", "comparing", "merging", "committing"]


class Progress(NamedTuple):
    """How far a run is.

    Attributes:
        stage: ``reading`` sources and indexing what was read; ``indexing`` what still waits when everything was read;
            ``reindexing`` or ``copying`` stored cables;
            ``comparing`` a copy; ``merging`` segments; or ``committing``.
        cables: the number of cables that the run has indexed, or found to be unchanged.
        done, total: how much of this stage is done; ``total`` is 0 if it is not known.
        unit: what ``done`` and ``total`` count, ``bytes`` or ``cables``.
    """

    stage: Stage
    cables: int = 0
    done: int = 0
    total: int = 0
    unit: Literal["bytes", "cables"] = "cables"


OnProgress = Callable[[Progress], None]
"""Called often; whoever shows the progress decides how often it is shown."""


class Steps:
    """Reports the progress of a run; without a callback it does nothing.

    A copy in another process reports nothing, as processes that index do not know how far the run is.

    Args:
        on_progress: called with the progress.
        cables: returns how many cables are indexed.
    """

    def __init__(self, on_progress: OnProgress | None = None, cables: Callable[[], int] = int) -> None:
        self._on_progress, self._cables = on_progress, cables
        self._now = Progress("reading", unit="bytes")
        self._ticked = 0.0

    def __reduce__(self) -> tuple[type[Steps], tuple[()]]:
        return Steps, ()

    @property
    def are_shown(self) -> bool:
        """Whether there is a callback."""
        return self._on_progress is not None

    @contextlib.contextmanager
    def during(self, stage: Stage) -> Iterator[None]:
        """Report another stage as long as it takes."""
        before = self._now
        self.at(Progress(stage))
        yield
        self._now = before

    def at(self, now: Progress) -> None:
        """Report how far a stage is; the number of cables is added."""
        self._now = now
        self.again()

    def merging(self, done: int, total: int) -> None:
        """Report how many bytes of a merged segment are written."""
        self.at(Progress("merging", 0, done, total, "bytes"))

    def tick(self, ahead: int) -> None:
        """Do the same as `again`, unless it was done just before."""
        if self._on_progress is not None and (now := time.monotonic()) - self._ticked > _TICK:
            self._ticked = now
            self.again(ahead)

    def again(self, ahead: int = 0) -> None:
        """Report the same stage while it takes its time; ``ahead`` cables are indexed that do not count yet."""
        if self._on_progress is not None:
            now = self._now
            done = min(now.done + ahead, now.total) if now.unit == "cables" else now.done
            self._on_progress(now._replace(cables=self._cables() + ahead, done=done))


UNSEEN = Steps()
"""Reports nothing."""


def kind_of_reason(reason: str) -> str:
    """Return a reason without what differs from record to record: places, numbers and quoted values."""
    return _PARTICULARS.sub("...", _PLACE_BEFORE.sub("", reason)).split(";")[0].strip()[:_LONGEST_KIND]
