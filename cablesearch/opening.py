"""Where an archive is: the one place that knows that there are archives in folders and archives on clusters."""

from __future__ import annotations

import os
import re
from typing import Any

from cablesearch.access import need_full, read_clearance
from cablesearch.arguments import is_address
from cablesearch.arguments import path as path_of
from cablesearch.cable import Clearance
from cablesearch.errors import CablesearchError
from cablesearch.protocols.places import Place

__all__ = ["place_of", "require_full_clearance"]

_ADDRESS_AS_PATH = re.compile("opensearch:", re.IGNORECASE)

# An archive in a folder needs nothing that clusters need, and the other way round.


def place_of(name: str, value: Any) -> Place:
    """Return the place of an archive; nothing is opened.

    Args:
        name: the name of the argument, for messages.
        value: a folder (a string or ``os.PathLike``), or an address such as ``opensearch://localhost:9200/cables`` (a
            string).

    Raises:
        TypeError: the value is of another type.
        CablesearchError: it is an address, but not one of an archive, or not a string.
    """
    if is_address(value):
        from cablesearch.cluster.place import ClusterPlace

        return ClusterPlace(value)
    if isinstance(value, os.PathLike) and _ADDRESS_AS_PATH.match(str(value)):
        raise CablesearchError(f"{value}: give the address of an archive as a string; a path does not keep its slashes")
    from cablesearch.embedded.place import FolderPlace

    return FolderPlace(path_of(name, value))


def require_full_clearance(work: str, clearance: str | Clearance | None, path: Any = None) -> None:
    """Raise an error unless the reader's clearance is full.

    Args:
        work: the name of the command, for the message.
        clearance: the clearance given. None: the default clearance of the archive at ``path`` is used, if there is a
            path. Otherwise nothing is opened.
        path: a folder or an address, as for `place_of`.

    Raises:
        CablesearchError: the clearance is invalid or not full.
        ArchiveNotFoundError, CorruptIndexError: the archive's default clearance is needed and cannot be read.
    """
    if clearance is not None:
        need_full(work, read_clearance(clearance))
    elif path is not None:
        need_full(work, place_of("path", path).default_clearance())
