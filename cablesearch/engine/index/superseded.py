"""Superseded sources: those whose blocks were replaced by a later block of the same key.

They are remembered so that indexing the same sources again changes nothing. A commit names a file with the digest of
each source (16 bytes), sorted, each followed by the digest of the key (16 bytes). The file is not essential: without
it, such a source counts as new and replaces the other block for a moment.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from cablesearch.algorithms.hashing import key_digest
from cablesearch.engine.disk import files
from cablesearch.engine.disk.files import Directory, Place
from cablesearch.engine.segment.strings import DIGEST_BYTES
from cablesearch.errors import CorruptIndexError

__all__ = ["MOST_SUPERSEDED", "Superseded"]

MOST_SUPERSEDED = 1 << 20
"""The most sources that are remembered or read, which bounds the memory that they take."""
_RECORD = 2 * DIGEST_BYTES


class Superseded:
    """The digests of superseded sources, each with the `key_digest` of its key.

    Attributes:
        changed: whether it differs from the file on disk.
        fault: why the file could not be read; None without a fault.
    """

    def __init__(self, records: Mapping[bytes, bytes] | None = None, fault: str | None = None) -> None:
        self._keys = dict(records or {})
        self.fault = fault
        self.changed = bool(records) or fault is not None

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    @staticmethod
    def digest_of(key: str) -> bytes:
        """Return the `key_digest` of a key."""
        return key_digest(key)

    def key_of(self, digest: bytes) -> bytes | None:
        """Return the digest of the key of a superseded source; None for other sources."""
        return self._keys.get(digest)

    def __iter__(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the digest of each superseded source, and the `key_digest` of its key."""
        return iter(self._keys.items())

    def add(self, digest: bytes, key: bytes) -> None:
        """Remember a source as superseded, with the `key_digest` of its key."""
        if len(self._keys) < MOST_SUPERSEDED or digest in self._keys:
            self._keys[digest] = key
            self.changed = True

    def discard(self, digest: bytes) -> None:
        """Forget a source."""
        if self._keys.pop(digest, None) is not None:
            self.changed = True

    @classmethod
    def read(cls, directory: Directory, body: Mapping[str, Any]) -> Superseded:
        """Read the superseded sources of a commit; if their file is damaged, return none of them and the `fault`.

        Raises:
            UnreadableFileError: the system cannot read the file.
        """
        if body["superseded"] is None:
            return cls(_of_notes(body["superseded_notes"]))
        path = directory / body["superseded"]["name"]
        try:
            content = _read(path, body["superseded"])
        except CorruptIndexError as error:
            return cls(fault=str(error))
        records = cls()
        records._keys = {
            content[at : at + DIGEST_BYTES]: content[at + DIGEST_BYTES : at + _RECORD]
            for at in range(0, len(content), _RECORD)
        }
        return records

    def write(self, fresh: Place, place: Place) -> dict[str, Any]:
        """Write and sync the file, under the name ``fresh`` first, and return its entry for the manifest.

        Raises:
            OSError: it cannot be written.
        """
        content = b"".join([digest + self._keys[digest] for digest in sorted(self._keys)])
        files.write_whole(fresh, content)
        files.rename(fresh, place)
        return {"name": place.name, "count": len(self._keys), "crc32": zlib.crc32(content)}


def _read(path: Place, entry: Mapping[str, Any]) -> bytes:
    """Read the file that a manifest's entry describes.

    Raises:
        CorruptIndexError: the file is missing, or does not match the entry.
        UnreadableFileError: the system cannot read the file.
    """
    size = entry["count"] * _RECORD
    try:
        with files.open_file(path) as file:
            if entry["count"] > MOST_SUPERSEDED or os.fstat(file.fileno()).st_size != size:
                raise CorruptIndexError(path, "its size differs from the manifest")
            content = file.read(size + 1)
    except FileNotFoundError:
        raise CorruptIndexError(path, "the file is missing") from None
    except OSError as error:
        raise files.unreadable(path, error) from error
    if len(content) != size or zlib.crc32(content) != entry["crc32"]:
        raise CorruptIndexError(path, "its checksum is wrong")
    return content


def _of_notes(notes: object) -> dict[bytes, bytes]:
    """Parse the note of older manifests: digests in hexadecimal, and the keys."""
    records: dict[bytes, bytes] = {}
    for digest, key in notes.items() if isinstance(notes, dict) else ():
        try:
            known = bytes.fromhex(digest)
        except ValueError:
            continue
        if len(known) == DIGEST_BYTES and isinstance(key, str) and len(records) < MOST_SUPERSEDED:
            records[known] = key_digest(key)
    return records
