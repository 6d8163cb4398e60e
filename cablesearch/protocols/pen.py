"""What writes to an archive: one pen at a time, and builders that turn cables into batches, also in other processes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    # The engine on arrays, which knows no cables, imports this module for `MEMORY` and `NoRoomError`.
    from cablesearch.cable import Cable
    from cablesearch.protocols.reader import Reader

__all__ = ["MEMORY", "Batch", "Builder", "NoRoomError", "OnMerge", "Pen", "Superseded"]

MEMORY = 512 << 20
"""Approximate bytes that indexing takes, beside the program itself, by default."""

OnMerge = Callable[[int, int], object]
"""Called with the bytes that a merge has written, and about how many it will write."""


class NoRoomError(MemoryError):
    """Writing the batch would take more memory than it may."""


class Builder(Protocol):
    """Builds one batch of cables, in the process in which it was made."""

    def __len__(self) -> int:
        """Return the number of cables that were added."""

    @property
    def weight(self) -> int:
        """The approximate number of bytes of memory that it takes to write what was added."""

    def add(self, cable: Cable, digest: bytes) -> None:
        """Add a cable; after an error nothing of it was added.

        Args:
            cable: the cable; its id is its key.
            digest: the digest of the source from which it was read; 16 bytes.

        Raises:
            NoRoomError: writing the batch would take more memory than there is room for.
            UnreadableCable: the cable exceeds a limit.
        """

    def write(self) -> list[int]:
        """Write the batch, and return the place of each cable in it, in the order in which they were added.

        Without cables nothing is written. Nothing can be added afterwards.
        """


class Batch(Protocol):
    """Where a batch is written. It can be pickled, and is of use in processes that the pen's process started."""

    def builder(self, room: int | None = None) -> Builder:
        """Return what builds the batch; ``room``: the bytes of memory that it may take, None for no limit."""


class Superseded(Protocol):
    """The digests of superseded sources: those whose cables were replaced by a later cable with the same key.

    They are remembered so that indexing the same sources again changes nothing.
    """

    @property
    def fault(self) -> str | None:
        """Why those of the last commit could not be read; None without a fault."""

    def __contains__(self, digest: bytes) -> bool: ...

    def digest_of(self, key: str, /) -> bytes:
        """Return the digest of a key, which `key_of` returns for sources of it."""

    def key_of(self, digest: bytes) -> bytes | None:
        """Return the digest of the key of a superseded source; None for other sources."""

    def add(self, digest: bytes, key: bytes) -> None:
        """Remember a source as superseded; of too many, the later ones are not remembered.

        Args:
            digest: the digest of the source.
            key: the digest of its key (see `digest_of`).
        """

    def discard(self, digest: bytes) -> None:
        """Forget a source."""


class Pen(Protocol):
    """The single writer of an archive. What it adds and deletes takes effect with the next commit.

    It is a context manager: at the end, uncommitted changes are dropped, and another pen may write. All methods may
    raise `CorruptIndexError`, `OSError`, or the error of an engine that cannot be reached.
    """

    def __enter__(self) -> Pen: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def name(self) -> str:
        """The name of the archive, for messages."""

    @property
    def folder(self) -> Path | None:
        """The folder of the archive, whose files are no sources; None for an archive on a cluster."""

    @property
    def reader(self) -> Reader:
        """The last commit with full clearance."""

    @property
    def notes(self) -> dict[str, Any]:
        """The notes of the archive, values of JSON by name; the next commit saves what is changed in it."""

    @property
    def superseded(self) -> Superseded:
        """The superseded sources, which the next commit saves."""

    def guarding(self) -> AbstractContextManager[object]:
        """Return the context in which the pen is used: it turns faults of the engine into our errors."""

    def check(self) -> None:
        """Check that the archive that is written is still the one of its name.

        Raises:
            CablesearchError: it was moved or replaced.
        """

    # What is there

    def digests(self) -> dict[bytes, str]:
        """Return the keys of the committed cables by the digests of their sources."""

    def has(self, key: str) -> bool:
        """Whether there is a cable with a key, committed or pending."""

    def cable(self, key: str) -> Cable:
        """Return the cable with a key, committed or pending.

        Raises:
            KeyError: there is no such cable.
        """

    @property
    def count(self) -> int:
        """The number of the committed cables."""

    # Changes

    def batch(self) -> Batch:
        """Return the place for a new batch.

        Raises:
            CablesearchError: the archive has had too many.
        """

    def attach(self, batch: Batch, *, failed: bool = False) -> int:
        """Take over a batch that was written, without its cables, and return its number; -1 if nothing was written.

        Args:
            batch: the place of the batch. Cables of batches that were attached before must have been adopted.
            failed: whether the process that built it failed, so that it may be incomplete and is dropped.
        """

    def adopt(self, number: int, place: int) -> None:
        """Add the cable at a place of an attached batch, instead of a cable with the same key."""

    def delete(self, key: str) -> bool:
        """Delete the cable with a key, and return whether there was one."""

    def commit(self) -> None:
        """Commit all additions and deletions, all or nothing."""

    def settle(self, on_merge: OnMerge | None = None) -> None:
        """Commit, and put what is stored in good order as far as that is worth it after additions."""

    def compact(self, on_merge: OnMerge | None = None) -> None:
        """Reclaim the space of what was deleted, and drop the work of a `renewal` that cannot be continued.

        Raises:
            UnsupportedError: the engine does this by itself.
        """

    # Indexing again

    def renewal(self) -> AbstractContextManager[Pen]:
        """Return the pen of an archive that is to take the place of this one, with commits of its own.

        It is empty, or what an interrupted run committed to it that began from the same commit of this archive, with
        the same version of the program. It is dropped at the end of the context, but not after an error.
        """

    def take_over(self, renewed: Pen) -> None:
        """Commit the cables of a `renewal` in place of all cables of this archive.

        Raises:
            CablesearchError: it has another number of cables; nothing has changed.
        """
