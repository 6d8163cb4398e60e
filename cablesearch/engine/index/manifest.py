"""``manifest.json``: the segments of the last commit, and their deleted blocks.

A commit renames a new manifest over the old one once all files that it names are on the disk. Only repair reads the
copy that lies beside it.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine.disk import files
from cablesearch.engine.disk.files import Directory, Folder, Place, path_of
from cablesearch.errors import ArchiveNotFoundError, CablesearchError, CorruptIndexError, VersionError
from cablesearch.protocols.fields import KINDS, FieldRecord

__all__ = [
    "COPY",
    "LEFTOVER",
    "LOOSE",
    "MANIFEST",
    "NUMBERED",
    "SEGMENT",
    "Deletions",
    "Limits",
    "SegmentEntry",
    "has_remains",
    "held",
    "last_commit",
    "named_files",
    "publish",
    "read_manifest",
    "read_parts",
    "segment_entries",
    "segment_files",
    "stamp",
    "written_with",
]

MANIFEST = "manifest.json"
COPY = "manifest.copy.json"
FORMAT = 5
OLDEST = 2
_WITHOUT_RULES = 4
"""Manifests up to this format do not record the rules of text fields."""
_WITHOUT_SCHEMAS = 3
"""Manifests up to this format do not record the fields of segments."""
_LISTS = 2
"""Manifests up to this format list the deleted blocks by number, and may keep ``superseded`` among their notes."""
SEGMENT = re.compile(r"[0-9]{8}\.seg")
SUPERSEDED = re.compile(r"[0-9]{8}\.superseded")
NUMBERED = re.compile(rf"{SEGMENT.pattern}|{SUPERSEDED.pattern}")
"""The files that belong to a commit only if its manifest names them."""
MOST_SEGMENTS = 10**8
"""The numbers of segments have eight digits; one segment per second would use them up in three years."""
LEFTOVER = re.compile(r"[0-9]{8}(\.[0-9]+)?\.part|manifest(\.copy)?\.json\.new")
"""The files that an interrupted writer leaves, besides segments that no manifest names."""
_NOTE = "superseded"
"""The note that older formats have instead of a file of superseded sources (`cablesearch.engine.index.superseded`)."""
_MOST_NUMBER = 1 << 62
_LONGEST_REASON = 200
"""The most code points of Python's message about a manifest that cannot be parsed; it may quote the manifest."""
_BASE64 = r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"


class Limits(NamedTuple):
    """The limits of a manifest: its bytes, and its brackets, as each list or object takes far more memory than text."""

    size: int
    brackets: int


LIMITS = Limits(64 << 20, 1 << 17)
"""A block takes a bit, and a segment two brackets."""
LOOSE = Limits(256 << 20, 1 << 21)
"""The limits for repair: older versions wrote manifests that exceed `LIMITS`."""


class Deletions:
    """The deleted blocks of a segment, parsed from a manifest.

    A manifest has a bit for each block, the lowest of each byte first, in base64; older formats a list of numbers.

    >>> deletions = Deletions(base64.b64encode(bytes([0b101])).decode())
    >>> len(deletions), 2 in deletions, deletions.mask(4).tolist()
    (2, True, [True, False, True, False])
    """

    def __init__(self, deleted: str | list[int]) -> None:
        self._numbers = np.array([] if isinstance(deleted, str) else sorted(set(deleted)), np.int64)
        self._bits = np.frombuffer(base64.b64decode(deleted) if isinstance(deleted, str) else b"", np.uint8)

    def __len__(self) -> int:
        """Return the number of deleted blocks."""
        return len(self._numbers) + int(np.bitwise_count(self._bits).sum(dtype=np.int64))

    def __contains__(self, block: int) -> bool:
        place = int(np.searchsorted(self._numbers, block))
        if place < len(self._numbers) and self._numbers[place] == block:
            return True
        return block >> 3 < len(self._bits) and bool(self._bits[block >> 3] >> (block & 7) & 1)

    def mask(self, blocks: int) -> NDArray[np.bool_]:
        """Return which of the first ``blocks`` blocks are deleted, as a mask."""
        mask = np.zeros(blocks, bool)
        bits = np.unpackbits(self._bits[: -(-blocks // 8)], bitorder="little")[:blocks]
        mask[: len(bits)] = bits
        mask[self._numbers[self._numbers < blocks]] = True
        return mask


class SegmentEntry(NamedTuple):
    """A segment to be listed in a manifest.

    ``deleted`` is a mask of its deleted blocks (bool [blocks]); ``written`` has the records of its fields;
    ``unfilled`` the fields in which some documents have no values, or those of older rules.
    """

    name: str
    deleted: NDArray[np.bool_]
    written: Mapping[str, FieldRecord]
    unfilled: Collection[str]


def segment_entries(segments: Iterable[SegmentEntry]) -> dict[str, Any]:
    """Return the ``segments`` of a manifest, and the distinct ``schemas`` to which they refer by number."""
    schemas: list[dict[str, Any]] = []
    entries = []
    for name, deleted, written, unfilled in segments:
        schema = {field: record._asdict() for field, record in written.items()}
        if schema not in schemas:
            schemas.append(schema)
        bits = np.packbits(deleted, bitorder="little").tobytes() if deleted.any() else b""
        entries.append(
            {
                "name": name,
                "blocks": len(deleted),
                "deleted": base64.b64encode(bits).decode(),
                "schema": schemas.index(schema),
                "unfilled": sorted(unfilled),
            }
        )
    return {"segments": entries, "schemas": schemas}


def written_with(body: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, FieldRecord] | None:
    """Return the records of the fields of a segment, given its entry; None where an older manifest has none."""
    if "schema" not in entry:
        return None
    schema: dict[str, dict[str, Any]] = body["schemas"][entry["schema"]]
    return {field: FieldRecord(**record) for field, record in schema.items()}


def has_remains(directory: Directory) -> bool:
    """Whether a folder has files of an index other than the manifest; a commit never leaves them without it."""
    if isinstance(directory, Path) and not directory.is_dir():
        return False
    return (directory / COPY).exists() or any(SEGMENT.fullmatch(entry.name) for entry in directory.iterdir())


@contextlib.contextmanager
def held(directory: Directory) -> Iterator[Folder]:
    """Hold the folder of an index open, so that all files are read from the same folder.

    Raises:
        ArchiveNotFoundError: there is no such folder.
        UnreadableFileError: the folder cannot be read.
    """
    if isinstance(directory, Folder):
        yield directory
        return
    try:
        folder = Folder(directory)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _missing(directory, error) from None
    except OSError as error:
        raise files.unreadable(directory, error) from error
    with folder:
        yield folder


def _missing(directory: Directory, error: OSError) -> ArchiveNotFoundError:
    path = path_of(directory).absolute()
    if isinstance(error, NotADirectoryError):
        return ArchiveNotFoundError(path, "this is a file; an archive is a folder", "file")
    return ArchiveNotFoundError(path)


def segment_files(directory: Path) -> list[Path]:
    """Return all segments in a folder in the order of their numbers, whether a manifest names them or not.

    Raises:
        ArchiveNotFoundError: there is no such folder.
    """
    if not directory.is_dir():
        raise ArchiveNotFoundError(directory.absolute())
    return sorted(path for path in directory.iterdir() if SEGMENT.fullmatch(path.name))


def read_manifest(directory: Directory, name: str = MANIFEST, limits: Limits | None = None) -> dict[str, Any]:
    """Read a manifest or its copy.

    Returns:
        ``generation``, ``next_segment``, ``segments``, ``notes`` and ``superseded``; and ``superseded_notes``, which is
        None except in older formats.

    Raises:
        ArchiveNotFoundError: there is no manifest.
        VersionError: the manifest has a newer version.
        CorruptIndexError: the manifest is damaged, or missing beside segments.
        UnreadableFileError: the system cannot read it.
    """
    limits = limits or LIMITS
    path, text = _text(directory, name, limits)
    return _parse(path, text, limits)


def read_parts(directory: Directory, name: str) -> dict[str, Any]:
    """Read the usable parts of a malformed manifest, or its copy, whose checksum is right; for repair.

    Returns:
        ``segments``: the entries whose deleted blocks can be read, each segment once. ``notes``: None if unreadable.

    Raises:
        ArchiveNotFoundError, VersionError, CorruptIndexError, UnreadableFileError: as `read_manifest`.
    """
    path, text = _text(directory, name, LOOSE)
    version, body = _load(path, text, LOOSE)
    if not isinstance(body, dict):
        raise CorruptIndexError(path, "it is not an object")
    entries, notes = body.get("segments"), body.get("notes")
    parts = [part for entry in entries if (part := _part(entry, version))] if type(entries) is list else []
    # Of repeated entries use the first, as later ones may bring back deleted blocks.
    first = {part["name"]: part for part in reversed(parts)}
    if isinstance(notes, dict) and version <= _LISTS:
        notes.pop(_NOTE, None)
    return {"segments": list(first.values())[::-1], "notes": notes if isinstance(notes, dict) else None}


def _part(entry: object, version: int) -> dict[str, Any] | None:
    """Return the usable part of a segment's entry; None when its deleted blocks cannot be read."""
    if not isinstance(entry, dict) or not SEGMENT.fullmatch(str(entry.get("name"))):
        return None
    deleted = entry.get("deleted")
    try:
        _check_deleted(entry, version)
    except (ValueError, KeyError, TypeError):
        is_whole = version > _LISTS and type(deleted) is str and re.fullmatch(_BASE64, deleted) is not None
        return {"name": entry["name"], "deleted": deleted} if is_whole else None
    return entry


def _text(directory: Directory, name: str, limits: Limits) -> tuple[Place, bytes]:
    """Return the place of a manifest, and its bytes."""
    path = directory / name
    try:
        with files.open_file(path) as file:
            if os.fstat(file.fileno()).st_size > limits.size:
                raise CorruptIndexError(path, "it is too large")
            return path, file.read()
    except FileNotFoundError as error:
        if name == MANIFEST and has_remains(directory):
            if path.exists():
                # A writer created it in between.
                return _text(directory, name, limits)
            raise CorruptIndexError(path, "the file is missing") from None
        raise _missing(directory, error) from None
    except NotADirectoryError as error:
        raise _missing(directory, error) from None
    except OSError as error:
        raise files.unreadable(path, error) from error


def _parse(path: Place, text: bytes, limits: Limits) -> dict[str, Any]:
    """Parse the bytes of a manifest.

    Raises:
        VersionError: the manifest has a newer version.
        CorruptIndexError: the manifest is damaged.
    """
    version, body = _load(path, text, limits)
    try:
        _check_body(body, version)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise _malformed(path, error) from error
    notes = dict(body["notes"])
    listed = notes.pop(_NOTE, None) if version <= _LISTS else None
    superseded = body.get("superseded") if version > _LISTS else None
    return {**body, "notes": notes, "superseded": superseded, "superseded_notes": listed}


def _load(path: Place, text: bytes, limits: Limits) -> tuple[int, Any]:
    """Return the format and the body of a manifest after a check of its checksum."""
    if len(text) > limits.size:
        raise CorruptIndexError(path, "it is too large")
    if _brackets(text) > limits.brackets:
        raise CorruptIndexError(path, "it has too many brackets")
    try:
        outer = json.loads(text)
        version = outer["format"]
        if type(version) is int and version > FORMAT:
            reason = f"made by a newer version (format {version}, this one reads up to {FORMAT}); upgrade this one"
            raise VersionError(path, reason, "newer")
        body = outer["body"]
        if outer["crc32"] != _checksum(body):
            raise CorruptIndexError(path, "its checksum is wrong")
        if type(version) is not int or version < OLDEST:
            raise ValueError(f"format {version!r}")
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        raise _malformed(path, error) from error
    return version, body


def _malformed(path: Place, error: Exception) -> CorruptIndexError:
    return CorruptIndexError(path, f"it is malformed ({str(error)[:_LONGEST_REASON]})")


def _brackets(text: bytes) -> int:
    """Return the number of lists and objects in JSON, or, when they are few, of all brackets that open one.

    >>> _brackets(b'{"a": [1, 2]}')
    2
    """
    count = text.count(b"[") + text.count(b"{")
    if count > LIMITS.brackets:
        bare = re.sub(rb'"[^"]*"?', b"", text.replace(b"\\\\", b"").replace(b'\\"', b""))
        count = bare.count(b"[") + bare.count(b"{")
    return count


def named_files(body: Mapping[str, Any]) -> list[str]:
    """Return the names of the files that a manifest names, segments first."""
    return [part["name"] for part in (*body["segments"], body["superseded"]) if part]


def stamp(directory: Directory) -> tuple[int, int, int] | None:
    """Return what differs once another manifest has been published: its inode, its time in nanoseconds, and its size;
    None if there is no manifest, or the system cannot tell."""
    try:
        status = files.status(directory / MANIFEST)
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def last_commit(directory: Directory) -> tuple[int, dict[str, Any]]:
    """Return the number of the last commit (0 for a new index) and its notes, without opening its segments.

    Raises:
        ArchiveNotFoundError: there is no index.
        CorruptIndexError: the manifest is damaged.
    """
    body = read_manifest(directory)
    return int(body["generation"]), dict(body["notes"])


def _check_body(body: dict[str, Any], version: int) -> None:
    """Raise ValueError, KeyError or TypeError for a manifest that no commit would write."""
    entries = body["segments"]
    if type(entries) is not list:
        raise TypeError("expected a list of segments")
    _check_numbers(body["generation"], body["next_segment"])
    for entry in entries:
        _check_deleted(entry, version)
    if version > _WITHOUT_SCHEMAS:
        _check_schemas(body, version)
    superseded = body.get("superseded") if version > _LISTS else None
    if superseded is not None:
        _check_numbers(superseded["count"], superseded["crc32"])
    if body["next_segment"] > MOST_SEGMENTS:
        raise ValueError("the number of the next segment is too high")
    names = [entry["name"] for entry in entries]
    if not all(SEGMENT.fullmatch(name) for name in names) or len(set(names)) < len(names):
        raise ValueError("the name of a segment is malformed, or repeats")
    if superseded is not None:
        names.append(superseded["name"])
        if not SUPERSEDED.fullmatch(names[-1]):
            raise ValueError("the name of its superseded records is malformed")
    if any(int(name[:8]) >= body["next_segment"] for name in names):
        raise ValueError("the number of a segment is not below that of the next one")
    if not isinstance(body["notes"], dict):
        raise TypeError("its notes are not an object")


def _check_schemas(body: dict[str, Any], version: int) -> None:
    schemas = body["schemas"]
    if type(schemas) is not list or not all(type(schema) is dict for schema in schemas):
        raise TypeError("expected a list of schemas")
    for schema in schemas:
        for record in schema.values():
            _check_record(record, schema, version)
    for entry in body["segments"]:
        _check_numbers(entry["schema"])
        names = entry["unfilled"]
        if (
            entry["schema"] >= len(schemas)
            or type(names) is not list
            or not set(names) <= set(schemas[entry["schema"]])
        ):
            raise ValueError("the fields of a segment are malformed")


def _check_record(record: object, schema: dict[str, Any], version: int) -> None:
    expected = set(FieldRecord._fields) - ({"rules"} if version <= _WITHOUT_RULES else set())
    if type(record) is not dict or record.keys() != expected:
        raise TypeError("expected the record of a field")
    _check_numbers(record.get("rules", 0))
    is_sound = (
        record["kind"] in KINDS
        and type(record["shared"]) is bool
        and (record["of_block"] is None or type(record["of_block"]) is bool)
        and (record["twin_of"] is None or record["twin_of"] in schema)
    )
    if not is_sound:
        raise ValueError("the record of a field is malformed")


def _check_numbers(*numbers: object) -> None:
    if not all(type(number) is int and 0 <= number < _MOST_NUMBER for number in numbers):
        raise ValueError("expected a non-negative integer")


def _check_deleted(entry: Mapping[str, Any], version: int) -> None:
    deleted = entry["deleted"]
    _check_numbers(entry["blocks"])
    if version <= _LISTS:
        if type(deleted) is not list:
            raise TypeError("expected a list of deleted blocks")
        _check_numbers(*deleted)
    elif type(deleted) is not str or len(base64.b64decode(deleted, validate=True)) not in {0, -(-entry["blocks"] // 8)}:
        raise ValueError("the bits of the deleted blocks are malformed")


def _checksum(body: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(body, sort_keys=True).encode())


def publish(directory: Directory, body: Mapping[str, Any]) -> None:
    """Commit a new state of the index, all or nothing. It is on the disk when this returns.

    Raises:
        CablesearchError: readers would refuse the manifest; nothing has changed.
        OSError: the manifest cannot be written; the index is in the new state or in the old one.
    """
    path = directory / MANIFEST
    try:
        text = json.dumps({"format": FORMAT, "crc32": _checksum(body), "body": body}, sort_keys=True).encode()
        _parse(path, text, LIMITS)
    except (CorruptIndexError, ValueError, TypeError, RecursionError) as error:
        reason = error.reason if isinstance(error, CorruptIndexError) else str(error)
        raise CablesearchError(f"{path}: nothing is committed: readers would refuse it ({reason})") from error
    # The names of the segments must be on the disk before the manifest names them.
    files.sync_folder(directory)
    _replace(path, text)
    # The commit is done. An older or missing copy is better than an error now.
    with contextlib.suppress(OSError):
        _replace(directory / COPY, text)


def _replace(path: Place, text: bytes) -> None:
    fresh = path.with_name(path.name + ".new")
    files.write_whole(fresh, text)
    files.rename(fresh, path)
    files.sync_folder(path.parent)
