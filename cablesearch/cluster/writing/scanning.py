"""What a pen asks of all cables, or of some: their number, the digests of their sources, their editions."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any

from cablesearch.cluster import pages
from cablesearch.cluster.client import Client
from cablesearch.cluster.documents.mapping import CABLE
from cablesearch.cluster.documents.wire import value_in, value_out
from cablesearch.cluster.snapshots import Snapshot
from cablesearch.cluster.state import Generation

__all__ = ["count", "digests", "editions_of"]


def _cables(snapshot: Snapshot, *queries: dict[str, Any]) -> dict[str, Any]:
    """Return the query for the cables of a snapshot that match others."""
    return {"bool": {"filter": [{"term": {"kind": CABLE}}, *snapshot.visible, *queries]}}


def count(snapshot: Snapshot, *queries: dict[str, Any]) -> int:
    """Return the number of cables that match some queries."""
    body = {"query": _cables(snapshot, *queries), "size": 0, "track_total_hits": True}
    return int(snapshot.search(body)["hits"]["total"]["value"])


def digests(snapshot: Snapshot) -> dict[bytes, str]:
    """Return the keys of all cables by the digests of their sources."""
    found = pages.values(snapshot.search, _cables(snapshot), "key", "digest")
    return {bytes.fromhex(digest): value_in(key) for key, digest in found}


def editions_of(client: Client, generation: Generation, keys: Collection[str]) -> dict[str, set[str]]:
    """Return the editions of the committed views of cables by their keys, in all indices; of unknown ones none."""
    found: dict[str, set[str]] = {key: set() for key in keys}
    names = {value_out(key): key for key in keys}
    queries = [{"term": {"kind": CABLE}}, {"terms": {"key": list(names)}}, *generation.visible]
    path = f"/{client.address.archive}.{generation.number}.*/_search"
    search = partial(client.ask, "POST", path, allow_partial_search_results=False)
    for edition, key in pages.values(search, {"bool": {"filter": queries}}, "edition", "key"):
        found[names[key]].add(edition)
    return found
