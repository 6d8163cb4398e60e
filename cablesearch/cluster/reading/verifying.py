"""The check of an archive on a cluster: whether all is there that the records of its cables say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cablesearch.cable import Cable
from cablesearch.cluster.documents.building import built
from cablesearch.cluster.documents.records import cable_of
from cablesearch.cluster.reading.buckets import bucketed
from cablesearch.cluster.reading.seen import Seen
from cablesearch.cluster.snapshots import Snapshot
from cablesearch.errors import CorruptIndexError
from cablesearch.readers.errors import UnreadableCable

__all__ = ["faults"]

_AT_ONCE = 200
"""The cables of which all views are looked for together."""


def faults(seen: Seen, snapshot: Snapshot, *, deep: bool) -> Iterator[str]:
    """Yield a sentence for each fault of an archive, as a reader with full clearance sees it.

    Every record is read, and the paragraphs of every cable are counted. The files of the cluster have checksums, which
    it checks itself.

    Args:
        seen: what is read.
        snapshot: its snapshot.
        deep: whether to make the documents of all views anew, and look for those that are missing or superfluous.
    """
    paragraphs = {
        bucket.value: bucket.documents
        for bucket in bucketed(seen, seen.paragraphs({"match_all": {}}), {"terms": {"field": "key"}})
    }
    waiting: list[tuple[Cable, bytes]] = []
    query = seen.cables({"match_all": {}})
    for hit in seen.hits(query, [{"key": "asc"}], None, stored="record", also=("digest",)):
        key, found = hit.place.key, paragraphs.pop(hit.place.key, 0)
        try:
            cable = cable_of(hit.source.get("record"), key, seen.name)
        except CorruptIndexError as error:
            yield str(error)
            continue
        if found != len(cable.paragraphs):
            yield f"{seen.name}: of the {len(cable.paragraphs)} paragraphs of {key!r}, {found} are indexed"
        waiting.append((cable, bytes.fromhex(hit.also["digest"][0])))
        if deep and len(waiting) == _AT_ONCE:
            yield from _faults_of_views(snapshot, waiting)
            waiting = []
    if deep and waiting:
        yield from _faults_of_views(snapshot, waiting)
    yield from (
        f"{seen.name}: {count} paragraphs of {key!r} are indexed without it" for key, count in paragraphs.items()
    )


def _faults_of_views(snapshot: Snapshot, cables: Sequence[tuple[Cable, bytes]]) -> Iterator[str]:
    """Yield a sentence for each cable whose views are not those that would be indexed now."""
    # Only the check needs anything that writes.
    from cablesearch.cluster.writing.scanning import editions_of

    found = editions_of(snapshot.client, snapshot.generation, [cable.id for cable, _ in cables])
    for cable, digest in cables:
        try:
            wanted = {one.edition for one in built(cable, digest)}
        except UnreadableCable as error:
            yield f"{snapshot.name}: {cable.id!r} cannot be indexed again ({error})"
            continue
        if found[cable.id] != wanted:
            missing, more = len(wanted - found[cable.id]), len(found[cable.id] - wanted)
            yield f"{snapshot.name}: of the views of {cable.id!r}, {missing} are missing and {more} are not its own"
