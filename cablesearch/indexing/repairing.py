"""Repair: save the readable cables of a damaged archive to a new one."""

from __future__ import annotations

import os

from cablesearch.arguments import path as path_of
from cablesearch.cable import Clearance
from cablesearch.opening import place_of
from cablesearch.protocols.pen import MEMORY
from cablesearch.protocols.places import RepairReport

__all__ = ["RepairReport", "repair"]


def repair(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    memory: int = MEMORY,
    clearance: str | Clearance | None = None,
    default_clearance: str | Clearance | None = None,
) -> RepairReport:
    """Save every readable cable of the archive at ``source`` to a new archive at ``target``.

    Removed cables stay removed if the manifest or its copy can be read.

    Args:
        source: the folder of the damaged archive; it is not changed.
        target: a new or empty folder. Its files get the modes of the archive's files.
        memory: see `cablesearch.archive.Archive.index`.
        clearance: must be ``FULL`` if the archive has a default clearance.
        default_clearance: the default clearance of the new archive, ``FULL`` for none. None: that of the damaged
            archive, or the lowest with a notice if it cannot be read.

    Raises:
        ArchiveNotFoundError: ``source`` has neither an archive nor a segment of one.
        VersionError: the archive, or a segment, was made by a newer version.
        PermissionError: a file may not be read.
        UnsupportedError: the archive is on a cluster.
        CablesearchError: the target is not empty, or the reader's clearance is not full.
    """
    place = place_of("source", source)
    return place.repair(path_of("target", target), memory, clearance, default_clearance)
