"""Checking an archive for damage."""

from __future__ import annotations

from cablesearch.access import default_of
from cablesearch.embedded.cables import record_faults
from cablesearch.engine.index.snapshot import Snapshot
from cablesearch.errors import CorruptIndexError

__all__ = ["faults"]


def faults(snapshot: Snapshot, *, deep: bool) -> list[str]:
    """Return a sentence for each fault of a commit; ``deep``: also index its cables again, and compare.

    Every byte is read and checked against its checksum and against the other parts of the index.
    """
    try:
        default_of(snapshot.directory, snapshot.notes)
    except CorruptIndexError as error:
        return [str(error)]
    shallow = snapshot.verify() or record_faults(snapshot)
    if shallow or not deep:
        return shallow
    from cablesearch.embedded.rebuilding import rebuilt_faults

    return list(rebuilt_faults(snapshot))
