"""Batches of cables for a cluster: their documents, made in any process and written to a file until they are sent."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import IO, Any, NamedTuple

import zstandard

from cablesearch.cable import Cable
from cablesearch.cluster.documents.building import built
from cablesearch.cluster.documents.views import ViewClass
from cablesearch.protocols.pen import NoRoomError

__all__ = ["ClusterBatch", "ClusterBuilder", "Parcel", "StoredView", "read_parcel"]

_LEVEL = 1
_LENGTH = 4
"""The bytes of a length in the file."""


class StoredView(NamedTuple):
    """The documents of a view: its class, its edition, and the JSON of each document by its id."""

    view: ViewClass
    edition: str
    documents: dict[str, bytes]


class Parcel(NamedTuple):
    """A cable that is ready to be sent: its key, and its views, that of full clearance first."""

    key: str
    views: list[StoredView]

    @property
    def editions(self) -> frozenset[str]:
        """The editions of all views."""
        return frozenset(view.edition for view in self.views)


@dataclass(frozen=True, slots=True)
class ClusterBatch:
    """Where a batch is written, and its number."""

    path: Path
    number: int

    def builder(self, room: int | None = None) -> ClusterBuilder:
        """Return what builds the batch; ``room``: the bytes of memory for a cable, None for no limit."""
        return ClusterBuilder(self.path, room)


class ClusterBuilder:
    """Writes the documents of cables to a file, one cable after another."""

    def __init__(self, path: Path, room: int | None) -> None:
        self._path, self._room = path, room
        self._file: IO[bytes] | None = None
        self._places: list[int] = []

    def __len__(self) -> int:
        """Return the number of cables that were added."""
        return len(self._places)

    @property
    def weight(self) -> int:
        """The bytes of memory that are taken: none, as each cable is written at once."""
        return 0

    def add(self, cable: Cable, digest: bytes) -> None:
        """Write the documents of a cable (see `cablesearch.protocols.pen.Builder.add`)."""
        content = self._content(cable, digest)
        if self._file is None:
            self._file = self._path.open("wb")
        place = self._file.tell()
        self._file.write(content)
        self._places.append(place)

    def write(self) -> list[int]:
        """Close the file, and return the place of each cable."""
        if self._file is not None:
            self._file.close()
        return self._places

    def _content(self, cable: Cable, digest: bytes) -> bytes:
        """Return what the file has of a cable: lengths, a header and the documents of all views, compressed."""
        compressor = zstandard.ZstdCompressor(_LEVEL)
        heads, frames, weight = [], [], 0
        for view in built(cable, digest):
            documents = [_encoded(document) for document in view.documents.values()]
            weight += sum(map(len, documents))
            if self._room is not None and weight > self._room:
                raise NoRoomError
            frames.append(compressor.compress(b"".join(documents)))
            sizes = dict(zip(view.documents, map(len, documents), strict=True))
            heads.append({"view": asdict(view.view), "edition": view.edition, "sizes": sizes, "frame": len(frames[-1])})
        # In ASCII: an id may have lone surrogates.
        head = compressor.compress(json.dumps({"key": cable.id, "views": heads}).encode())
        return b"".join([len(head).to_bytes(_LENGTH, "big"), head, *frames])


def read_parcel(file: IO[bytes], place: int) -> Parcel:
    """Read the cable at a place of a batch."""
    decompressor = zstandard.ZstdDecompressor()
    file.seek(place)
    length = int.from_bytes(file.read(_LENGTH), "big")
    head: dict[str, Any] = json.loads(decompressor.decompress(file.read(length)))
    views = []
    for entry in head["views"]:
        content = decompressor.decompress(file.read(entry["frame"]))
        ends = list(accumulate(entry["sizes"].values(), initial=0))
        documents = {
            name: content[start:end] for name, (start, end) in zip(entry["sizes"], pairwise(ends), strict=True)
        }
        views.append(StoredView(ViewClass.from_json(entry["view"]), entry["edition"], documents))
    return Parcel(head["key"], views)


def _encoded(values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
