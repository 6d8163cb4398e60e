"""Where archives are: a place can be opened by readers and by the one that writes (see `cablesearch.opening`)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cablesearch.cable import Clearance
    from cablesearch.protocols.pen import Pen
    from cablesearch.protocols.reader import Reader

__all__ = ["Place", "RepairReport"]


@dataclass(frozen=True, slots=True)
class RepairReport:
    """The result of a repair.

    Attributes:
        saved: the number of cables in the new archive.
        lost: a sentence for each cable or segment that could not be read.
        missing: the number of lost cables. A lost segment counts only if the manifest has its number of cables.
        doubts: sentences about damage to the manifest, because of which it is uncertain which cables belong to the
            archive.
        notices: sentences about other losses, and what the new archive has instead.
    """

    saved: int
    lost: tuple[str, ...]
    missing: int
    doubts: tuple[str, ...]
    notices: tuple[str, ...] = ()


class Place(Protocol):
    """Where an archive is, or may be created. Nothing is opened before a method is called.

    All methods may raise `ArchiveNotFoundError` (but for `create`), `CorruptIndexError`, or the error of an engine that
    cannot be reached.
    """

    @property
    def name(self) -> str:
        """What messages call it: the absolute path of a folder, or the address of an archive on a cluster."""

    @property
    def folder(self) -> Path | None:
        """The folder of the archive, as it was given; None on a cluster."""

    def create(self, default: Clearance | None) -> bool:
        """Create an empty archive, unless there is one, and return whether it was created.

        Args:
            default: the clearance of readers who give none; None: full.
        """

    def check(self) -> None:
        """Check that there is an archive, without opening it."""

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was committed to the archive since it was created."""

    def held(self) -> AbstractContextManager[Place]:
        """Return a context with the archive that is here now, even if another one takes its place meanwhile.

        So the default clearance and the reader are of the same archive.
        """

    def default_clearance(self) -> Clearance | None:
        """Return the clearance of readers who give none; None: full.

        Raises:
            CorruptIndexError: it is invalid; with the kind ``clearance``.
        """

    def reader(self, clearance: Clearance | None) -> Reader:
        """Open the last commit for a reader with a clearance; None: full."""

    def pen(self, memory: int) -> Pen:
        """Return the one that writes; until it is closed, there is no other.

        Args:
            memory: the approximate number of bytes that it may take.

        Raises:
            LockedError: another process is writing.
        """

    def repair(
        self, target: Path, memory: int, clearance: str | Clearance | None, default: str | Clearance | None
    ) -> RepairReport:
        """Save what can be read of a damaged archive to a new one (see `cablesearch.repair`).

        Raises:
            UnsupportedError: this is not possible here.
        """
