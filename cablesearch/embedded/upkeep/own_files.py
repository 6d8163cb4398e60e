"""The files of archives, which are not sources: those of the archive that is written to, and of others that are met."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from cablesearch.engine.index.manifest import COPY, LEFTOVER, MANIFEST, NUMBERED, SEGMENT
from cablesearch.readers.sources.files import Skip, Skipped

__all__ = ["skip_archives"]

_LOCK = r"writer\.lock(\.pid)?"
_TOKENS = r"tokens\.db(-journal)?"
"""The readers of a server (`cablesearch.web.tokens`)."""
_OF_AN_ARCHIVE = re.compile(
    rf"{re.escape(MANIFEST)}|{re.escape(COPY)}|{NUMBERED.pattern}|{LEFTOVER.pattern}|{_LOCK}|{_TOKENS}"
)


def skip_archives(own: Path | None) -> Skip:
    """Return what leaves out the files of archives when folders are read; those of the folder ``own`` without a
    word."""
    place = None if own is None else os.stat(own)

    def skip(folder: str, names: Sequence[str]) -> Skipped | None:
        # An interrupted reindexing keeps its work in a folder of the archive.
        near = (folder, os.path.join(folder, os.pardir))
        is_own = place is not None and any(os.path.samestat(place, os.stat(path)) for path in near)
        if not is_own and not (MANIFEST in names and any(map(SEGMENT.fullmatch, names))):
            return None
        reason = None if is_own else "an archive of cablesearch; export its cables and index the export"
        return Skipped(frozenset(filter(_OF_AN_ARCHIVE.fullmatch, names)), reason)

    return skip
