"""Sources whose blocks lost to a later one of the same key: what lets the same sources again change nothing.

A commit names a file of them beside its segments: the digest of each source (16 bytes), which are sorted, and behind
each the digest of the key (16 bytes). They can be done without: when the file is damaged, such a source is taken for a
new one, and replaces the other block for a moment.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from typing import Any

from cablesearch.engine.disk import files
from cablesearch.engine.disk.files import Directory, Place
from cablesearch.engine.segment.strings import DIGEST_BYTES, to_bytes
from cablesearch.errors import CorruptIndexError

__all__ = ["MOST_SUPERSEDED", "Superseded", "key_digest"]

MOST_SUPERSEDED = 1 << 20
"""No more are remembered, nor read: that bounds the memory they take."""
_RECORD = 2 * DIGEST_BYTES


def key_digest(key: str) -> bytes:
    """The digest by which the key of a block is remembered."""
    # A search needs none, and is not to wait for the import.
    from hashlib import blake2b

    return blake2b(to_bytes(key), digest_size=DIGEST_BYTES).digest()


class Superseded:
    """Digests of sources, and the `key_digest` of the key for which each lost.

    Attributes:
        changed: whether it differs from what is on the disk.
        fault: why what is on the disk could not be read; None when it could.
    """

    def __init__(self, records: Mapping[bytes, bytes] | None = None, fault: str | None = None) -> None:
        self._keys = dict(records or {})
        self.fault = fault
        self.changed = bool(records) or fault is not None

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def key_of(self, digest: bytes) -> bytes | None:
        """The digest of the key for which a source lost; None when it did not."""
        return self._keys.get(digest)

    def add(self, digest: bytes, key: str) -> None:
        """Remember that a source lost."""
        if len(self._keys) < MOST_SUPERSEDED or digest in self._keys:
            self._keys[digest] = key_digest(key)
            self.changed = True

    def discard(self, digest: bytes) -> None:
        """Forget that a source lost."""
        if self._keys.pop(digest, None) is not None:
            self.changed = True

    @classmethod
    def read(cls, directory: Directory, body: Mapping[str, Any]) -> Superseded:
        """What the commit of a manifest remembers; nothing, and the `fault`, when that is damaged.

        Raises:
            CablesearchError: the file cannot be read.
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
        """Write and sync the file, under the name ``fresh`` first; what a manifest says of it.

        Raises:
            OSError: it cannot be written.
        """
        content = b"".join([digest + self._keys[digest] for digest in sorted(self._keys)])
        files.write_whole(fresh, content)
        files.rename(fresh, place)
        return {"name": place.name, "count": len(self._keys), "crc32": zlib.crc32(content)}


def _read(path: Place, entry: Mapping[str, Any]) -> bytes:
    """The bytes of a file of records, which are what the manifest says of it.

    Raises:
        CorruptIndexError: they are not, or it is missing.
        CablesearchError: it cannot be read.
    """
    size = entry["count"] * _RECORD
    try:
        with files.open_file(path) as file:
            if entry["count"] > MOST_SUPERSEDED or os.fstat(file.fileno()).st_size != size:
                raise CorruptIndexError(path, "it is not of the size that the manifest says")
            content = file.read(size + 1)
    except FileNotFoundError:
        raise CorruptIndexError(path, "it is missing") from None
    except OSError as error:
        raise files.unreadable(path, error) from error
    if len(content) != size or zlib.crc32(content) != entry["crc32"]:
        raise CorruptIndexError(path, "its checksum is wrong")
    return content


def _of_notes(notes: object) -> dict[bytes, bytes]:
    """What older manifests have among their notes: digests in hexadecimal, and the keys."""
    records: dict[bytes, bytes] = {}
    for digest, key in notes.items() if isinstance(notes, dict) else ():
        try:
            known = bytes.fromhex(digest)
        except ValueError:
            continue
        if len(known) == DIGEST_BYTES and isinstance(key, str) and len(records) < MOST_SUPERSEDED:
            records[known] = key_digest(key)
    return records
