"""The folder in which a new index grows beside that of an archive, until it takes its place.

It is an index of its own with commits of its own, so that a run that is interrupted can be continued.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from cablesearch.engine.index.creation import create
from cablesearch.engine.index.snapshot import Snapshot, latest
from cablesearch.errors import CablesearchError
from cablesearch.schema.origin import origin_of

__all__ = ["discard_stale", "renewed_folder"]

FOLDER = "reindex"
_STATE = "state"
"""The note of the new index that says from what it is made."""

_Writing = TypeVar("_Writing", bound=contextlib.AbstractContextManager[Any])


@contextlib.contextmanager
def renewed_folder(snapshot: Snapshot, opened: Callable[[Path], _Writing]) -> Iterator[_Writing]:
    """Give the block what writes to the new index, and remove the index at the end; after an error it stays.

    Args:
        snapshot: the commit of the archive from which the new index is made.
        opened: returns what writes to the index in a folder.
    """
    folder = snapshot.directory / FOLDER
    _prepare(folder, snapshot)
    with opened(folder) as writing:
        yield writing
    _discard(folder)


def discard_stale(snapshot: Snapshot) -> None:
    """Remove the work of an interrupted run from another commit: it may have cables that were removed since."""
    folder = snapshot.directory / FOLDER
    if not _is_from(folder, snapshot):
        _discard(folder)


def _prepare(folder: Path, snapshot: Snapshot) -> None:
    """Have the new index there: one that an interrupted run began from this commit, or else an empty one."""
    if _is_from(folder, snapshot):
        return
    _discard(folder)
    if not create(folder, {_STATE: origin_of(snapshot.generation)}):
        raise CablesearchError(f"{folder}: this folder is left from another run and cannot be removed; remove it")


def _is_from(folder: Path, snapshot: Snapshot) -> bool:
    """Whether an interrupted run began a new index from this commit, and it can be continued."""
    if folder.is_symlink():
        return False
    with contextlib.suppress(CablesearchError):
        # Its segments are opened too: where files cannot have two names, `Writer.take_over` moves them away.
        return bool(latest(folder).notes.get(_STATE) == origin_of(snapshot.generation))
    return False


def _discard(folder: Path) -> None:
    # What stands here may come from a stranger: a link may lead to anything, and a pipe may never end.
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
