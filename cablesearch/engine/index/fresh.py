"""New folders that appear as a whole or not at all."""

from __future__ import annotations

import contextlib
import functools
import operator
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from cablesearch.engine.disk import files
from cablesearch.engine.index.manifest import COPY, MANIFEST, NUMBERED
from cablesearch.errors import CablesearchError

__all__ = ["fresh_folder"]

_PRIVATE = 0o700
_IS_MODEL = re.compile(rf"{NUMBERED.pattern}|{re.escape(MANIFEST)}|{re.escape(COPY)}")
"""The files of an index whose permissions determine who may read it."""


@contextlib.contextmanager
def fresh_folder(target: Path, like: Path) -> Iterator[Path]:
    """Create a folder beside ``target``, and rename it to ``target`` at the end; after an error, remove it.

    A program that is killed leaves a folder named ``target`` plus eight characters and ``.part``, which is never used
    again.

    Until the end only its owner can read the folder. Then the folder gets the permissions of ``like``, and each file
    those of the file of the same name there; other files get the permissions that all files there have in common. An
    empty folder at ``target`` limits the permissions further.

    Raises:
        CablesearchError: ``target`` is not an empty folder, or is a link.
        OSError: the folder cannot be created.
    """
    target = target.absolute()
    if target.is_symlink():
        raise CablesearchError(f"{target} is a link; choose a new folder")
    if os.path.ismount(target):
        raise CablesearchError(f"a disk is mounted at {target}; choose a new folder on it")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise CablesearchError(f"{target} already exists and is not empty; choose a new folder")
    files.make_folder(target.parent)
    fresh = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    files.new_folder(fresh, _PRIVATE)
    try:
        yield fresh
        _give_modes(fresh, target, like)
        files.rename(fresh, target)
    except BaseException:
        # Report the first error, not one of the cleanup.
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    files.sync_folder(target.parent)


def _give_modes(fresh: Path, target: Path, like: Path) -> None:
    """Give the files, and last the folder, the permissions of their models."""
    models = {path.name: path.lstat() for path in like.iterdir() if _IS_MODEL.fullmatch(path.name)}
    for path in fresh.iterdir():
        group = path.stat().st_gid
        own = [models[path.name]] if path.name in models else list(models.values())
        files.set_mode(path, functools.reduce(operator.and_, [_allowed(model, group) for model in own], 0o666))
    group = fresh.stat().st_gid
    mode = _allowed(like.stat(), group)
    if target.exists():
        # The permissions of an existing folder were chosen for what will be in it.
        mode &= _allowed(target.stat(), group)
    files.set_mode(fresh, mode)


def _allowed(model: os.stat_result, group: int) -> int:
    """Return the permissions of a model; a ``group`` other than its own gets no more than everyone."""
    mode = stat.S_IMODE(model.st_mode)
    if model.st_gid != group:
        mode &= ~(stat.S_ISGID | stat.S_IRWXG) | (mode & stat.S_IRWXO) << 3
    return mode
