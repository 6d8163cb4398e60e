"""New folders that are there as a whole or not at all."""

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
"""The files of an index whose modes say who may read it."""


@contextlib.contextmanager
def fresh_folder(target: Path, like: Path) -> Iterator[Path]:
    """A new folder beside ``target``, which gets its name at the end; after an error nothing is left of it.

    What a program leaves that is killed is ``target`` with eight signs and ``.part`` behind it; no other program ever
    looks at it.

    Until the end nobody but its owner can read it. Then the folder and its files may be read and written by those who
    may do so with ``like`` and with its files of the same names; other files by those who may do so with all of
    them. If there is an empty folder at ``target``, no more is allowed than that one does.

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
    files.new_folder(fresh, _PRIVATE)
    try:
        yield fresh
        _give_modes(fresh, target, like)
        files.rename(fresh, target)
    except BaseException:
        # What is told is why it failed.
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    files.sync_folder(target.parent)


def _give_modes(fresh: Path, target: Path, like: Path) -> None:
    """Have the files, and at last the folder, allow what their models do."""
    models = {path.name: path.lstat() for path in like.iterdir() if _IS_MODEL.fullmatch(path.name)}
    for path in fresh.iterdir():
        group = path.stat().st_gid
        own = [models[path.name]] if path.name in models else list(models.values())
        files.set_mode(path, functools.reduce(operator.and_, [_allowed(model, group) for model in own], 0o666))
    group = fresh.stat().st_gid
    mode = _allowed(like.stat(), group)
    if target.exists():
        # Who may read what is to be in it was decided when it was made.
        mode &= _allowed(target.stat(), group)
    files.set_mode(fresh, mode)


def _allowed(model: os.stat_result, group: int) -> int:
    """What a mode allows; to another ``group`` no more than to everyone."""
    mode = stat.S_IMODE(model.st_mode)
    if model.st_gid != group:
        mode &= ~(stat.S_ISGID | stat.S_IRWXG) | (mode & stat.S_IRWXO) << 3
    return mode
