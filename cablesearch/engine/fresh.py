"""New folders that are there as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from cablesearch.engine import files
from cablesearch.errors import CablesearchError

__all__ = ["fresh_folder"]


@contextlib.contextmanager
def fresh_folder(target: Path) -> Iterator[Path]:
    """A new folder beside ``target``, which gets its name at the end; after an error nothing is left of it.

    What a program leaves that is killed is ``target`` with eight signs and ``.part`` behind it; no other program ever
    looks at it.

    Raises:
        CablesearchError: there is something else than an empty folder at ``target``, a link to one even.
        OSError: it cannot be made.
    """
    target = target.absolute()
    if target.is_symlink():
        raise CablesearchError(f"{target} is a link; name a new folder")
    if os.path.ismount(target):
        raise CablesearchError(f"{target} is where a disk is mounted; name a new folder on it")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CablesearchError(f"{target} is there already, and not empty; name a new folder")
    files.make_folder(target.parent)
    fresh = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    files.new_folder(fresh)
    if target.exists():
        # Who may read what is to be in it was decided when it was made.
        shutil.copymode(target, fresh)
    try:
        yield fresh
        files.rename(fresh, target)
    except BaseException:
        # What is told is why it failed.
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    files.sync_folder(target.parent)
