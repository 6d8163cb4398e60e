"""Where the archive is, when neither an option nor the environment names it; and that other files are not in it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = [
    "DEFAULT_INDEX",
    "FILE_OF_AN_ARCHIVE",
    "FOUND",
    "Found",
    "check_outside",
    "find_archive",
    "mode_beside",
    "no_archive",
]

DEFAULT_INDEX = os.path.join("indexes", "cables")
"""The archive's folder below the working directory, a folder above it, or the user's data folder."""

FILE_OF_AN_ARCHIVE = re.compile(r"manifest(\.copy)?\.json|[0-9]{8}\.seg")
"""The name of a file by which a folder is known to be an archive, even if it is damaged."""


FOUND = "cablesearch.found"
"""The key under which the contexts of a run share where an archive was `Found` that was not named."""


class Found(NamedTuple):
    """The folder of an archive that was found.

    Attributes:
        path: its absolute path.
        how: how it was found, as words for people; empty for the working directory.
    """

    path: str
    how: str = ""


def find_archive() -> Found | None:
    """Return the nearest archive: here, in a folder above, or in the user's data folder; None if no archive is found.

    Archives of other users in the folders above are passed over: anybody may have put one into /tmp, for cables to be
    added to it.
    """
    for number, folder in enumerate(_folders()):
        path = os.path.join(folder, DEFAULT_INDEX)
        if _is_archive(path) and (number == 0 or _is_ours(path)):
            return Found(path, "in a folder above" if number else "")
    path = _in_data_folder()
    return Found(path, "in your data folder") if _is_archive(path) else None


def no_archive() -> str:
    """Return the message that there is no archive: where it was looked for, and how to create one."""
    here = os.path.join(next(_folders(), os.curdir), DEFAULT_INDEX)
    foreign = [path for path in (os.path.join(folder, DEFAULT_INDEX) for folder in _folders()) if _is_archive(path)]
    passed = f" ({foreign[0]} belongs to another user: to use it, name it with --index)" if foreign else ""
    return (
        f"No archive found at {here}, in the folders above{passed}, or at {_in_data_folder()}. "
        "Create one with: cablesearch index SOURCE; or point to one with --index DIR"
    )


def check_outside(path: Path, given: str, archive: str, option: str) -> None:
    """Raise an error if a file to be written is in the folder of an archive.

    Args:
        path: the file, at the end of symbolic links.
        given: the file as the user named it.
        archive: the folder or the address of the archive that is used.
        option: the option that names the file.

    Raises:
        CablesearchError: it is in the folder of this archive or another.
    """
    from cablesearch.arguments import is_address
    from cablesearch.embedded.place import has_archive
    from cablesearch.errors import CablesearchError

    is_inside = not is_address(archive) and Path(archive).resolve() in path.parents
    if is_inside or has_archive(path.parent):
        raise CablesearchError(f"{given} is in the folder of an archive; choose another place for {option}")


def mode_beside(archive: str) -> int:
    """Return the mode of a new file with something of an archive: no more people may read it than the archive's folder.
    If the archive is on a cluster, only its owner may.

    Args:
        archive: the folder or the address of the archive.
    """
    from cablesearch.arguments import is_address

    return 0o600 if is_address(archive) else os.stat(archive).st_mode & 0o666


def _folders() -> Iterator[str]:
    """Yield the working directory and the folders above it; nothing if it was removed."""
    try:
        folder = os.getcwd()
    except OSError:
        return
    yield folder
    while (above := os.path.dirname(folder)) != folder:
        folder = above
        yield folder


def _in_data_folder() -> str:
    # A search in a folder that has its archive does not need it.
    from platformdirs import user_data_dir

    return os.path.join(user_data_dir("cablesearch", appauthor=False), DEFAULT_INDEX)


def _is_archive(path: str) -> bool:
    """Return whether a folder has files of an archive, or cannot be read."""
    try:
        with os.scandir(path) as entries:
            return any(FILE_OF_AN_ARCHIVE.fullmatch(entry.name) for entry in entries)
    except PermissionError:
        # Whoever opens it learns why it cannot be read.
        return True
    except OSError:
        return False


def _is_ours(path: str) -> bool:
    """Return whether an archive's folder, and the links and the folder that lead to it, belong to the user of this
    process.

    Where files have no owners, they do.
    """
    if not hasattr(os, "geteuid"):
        return True
    try:
        owners = {os.stat(path).st_uid, os.lstat(path).st_uid, os.lstat(os.path.dirname(path)).st_uid}
    except OSError:
        return False
    return owners == {os.geteuid()}
