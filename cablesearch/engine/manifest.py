"""``manifest.json``: which segments the last commit has, and which of their blocks are deleted.

A commit renames one new manifest over the old, when all that it names is on the disk. A copy of it lies beside it, for
`verify --repair` alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cablesearch.engine import files
from cablesearch.engine.arrays import open_file
from cablesearch.errors import ArchiveNotFoundError, CablesearchError, CorruptIndexError, VersionError

__all__ = [
    "COPY",
    "LEFTOVER",
    "MANIFEST",
    "SEGMENT",
    "has_remains",
    "last_commit",
    "publish",
    "read_manifest",
    "segment_files",
]

MANIFEST = "manifest.json"
COPY = "manifest.copy.json"
FORMAT = 2
SEGMENT = re.compile(r"[0-9]{8}\.seg")
MOST_SEGMENTS = 10**8
"""Their numbers have eight digits; a segment a second would use them up in three years."""
LEFTOVER = re.compile(r"[0-9]{8}(\.[0-9]+)?\.part|manifest(\.copy)?\.json\.new")
"""What a writer leaves that is cut off, besides segments that it did not come to name."""
_LARGEST = 64 << 20
"""Bytes; a manifest with all of eight million blocks deleted."""
_MOST_BRACKETS = 1 << 17
"""Two a segment; in memory a list takes many times what its bracket takes here."""


def has_remains(directory: Path) -> bool:
    """Whether a folder has what only an index has besides its manifest, without which a commit never leaves it."""
    return directory.is_dir() and ((directory / COPY).exists() or bool(segment_files(directory)))


def segment_files(directory: Path) -> list[Path]:
    """The segments in a folder, whether a manifest names them or not, in the order of their numbers.

    Raises:
        ArchiveNotFoundError: there is no such folder.
    """
    if not directory.is_dir():
        raise ArchiveNotFoundError(f"there is no folder {directory.absolute()}")
    return sorted(path for path in directory.iterdir() if SEGMENT.fullmatch(path.name))


def read_manifest(directory: Path, name: str = MANIFEST) -> dict[str, Any]:
    """What a manifest, or its copy, says: ``generation``, ``next_segment``, ``segments`` and ``notes``.

    Raises:
        ArchiveNotFoundError: there is none.
        VersionError: it is of a newer version.
        CorruptIndexError: it is damaged, or missing from beside its segments.
        CablesearchError: it cannot be read.
    """
    path = directory / name
    try:
        with open_file(path) as file:
            if os.fstat(file.fileno()).st_size > _LARGEST:
                raise CorruptIndexError(f"{path}: it is too large to be one")
            text = file.read()
    except FileNotFoundError:
        if name == MANIFEST and has_remains(directory):
            if path.exists():
                # It was made in between.
                return read_manifest(directory)
            raise CorruptIndexError(
                f"{path}: it is missing; save what is there into a new archive with: cablesearch verify --repair"
            ) from None
        raise ArchiveNotFoundError(
            f"there is no archive at {directory.absolute()}; make one with: cablesearch index SOURCE"
        ) from None
    except NotADirectoryError:
        raise ArchiveNotFoundError(f"{directory.absolute()} is a file; an archive is a folder") from None
    except OSError as error:
        raise CablesearchError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        if sum(map(text.count, b"[{")) > _MOST_BRACKETS:
            raise CorruptIndexError(f"{path}: it has too many brackets to be one")
        outer = json.loads(text)
        version = outer["format"]
        if type(version) is int and version > FORMAT:
            raise VersionError(
                f"{path}: made by a newer cablesearch (format {version}, this one reads up to {FORMAT}); "
                "upgrade this one"
            )
        body = outer["body"]
        if outer["crc32"] != _checksum(body):
            raise CorruptIndexError(f"{path}: its checksum is wrong")
        if type(version) is not int or version < 1:
            raise ValueError(f"format {version!r}")
        _check_body(body)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CorruptIndexError(f"{path}: it makes no sense ({error})") from error
    return dict(body)


def last_commit(directory: Path) -> tuple[int, dict[str, Any]]:
    """The number of the last commit (0: an index that was made and no more) and its notes, read without its segments.

    Raises:
        ArchiveNotFoundError: there is none.
        CorruptIndexError: it cannot be read.
    """
    body = read_manifest(directory)
    return int(body["generation"]), dict(body["notes"])


def _check_body(body: dict[str, Any]) -> None:
    """Raise ValueError, KeyError or TypeError when a manifest says what no commit of ours does."""
    if any(type(one) is not list for one in (body["segments"], *(entry["deleted"] for entry in body["segments"]))):
        raise TypeError("a list is none")
    numbers = [body["generation"], body["next_segment"]]
    names = [entry["name"] for entry in body["segments"]]
    deleted = [block for entry in body["segments"] for block in entry["deleted"]]
    # Format 1 does not say how many blocks a segment has.
    blocks = [entry["blocks"] for entry in body["segments"] if "blocks" in entry]
    if not all(type(number) is int and 0 <= number < 1 << 62 for number in numbers + deleted + blocks):
        raise ValueError("a number is none")
    if body["next_segment"] > MOST_SEGMENTS:
        raise ValueError("its next segment has no number")
    if not all(SEGMENT.fullmatch(name) for name in names) or len(set(names)) < len(names):
        raise ValueError("the name of a segment is none, or comes twice")
    if any(int(name[:8]) >= body["next_segment"] for name in names):
        raise ValueError("a segment is numbered as the next one")
    if not isinstance(body["notes"], dict):
        raise TypeError("its notes are none")


def _checksum(body: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(body, sort_keys=True).encode())


def publish(directory: Path, body: Mapping[str, Any]) -> None:
    """Make a state the index's: all or nothing, and on the disk when this returns.

    Raises:
        OSError: it cannot be written; the index may be in that state or in the one before.
    """
    text = json.dumps({"format": FORMAT, "crc32": _checksum(body), "body": body}, sort_keys=True).encode()
    # The segments have to be there under their names before something names them.
    files.sync_folder(directory)
    _replace(directory / MANIFEST, text)
    # The commit is made. A copy that is older, or missing, is better than an error now.
    with contextlib.suppress(OSError):
        _replace(directory / COPY, text)


def _replace(path: Path, text: bytes) -> None:
    fresh = path.with_name(path.name + ".new")
    files.write_whole(fresh, text)
    files.rename(fresh, path)
    files.sync_folder(path.parent)
