"""Superseded sources of an archive on a cluster: those whose cables were replaced by a later cable of the same key."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from cablesearch.algorithms.hashing import key_digest
from cablesearch.cluster import pages
from cablesearch.cluster.client import Client
from cablesearch.cluster.faults import refusal
from cablesearch.cluster.writing.indices import create, settings_of

__all__ = ["ClusterSuperseded", "create_superseded", "read_superseded"]

_MOST = 1 << 20
"""The most sources that are remembered, which bounds the memory that they take."""
_AT_ONCE = 10_000
"""The most sources of a request."""


def _index(client: Client) -> str:
    return f"{client.address.archive}.superseded"


def create_superseded(client: Client) -> None:
    """Create the index for superseded sources, unless it exists."""
    only_read = {"type": "keyword", "index": False}
    mapping = {"dynamic": "strict", "properties": {"digest": {"type": "keyword"}, "key": only_read}}
    create(client, _index(client), {"settings": {"index": settings_of(client.settings)}, "mappings": mapping})


def read_superseded(client: Client) -> Iterator[tuple[bytes, bytes]]:
    """Yield the digests of the superseded sources of an archive, each with that of its key."""
    search = partial(client.ask, "POST", f"/{_index(client)}/_search", allow_partial_search_results=False)
    for digest, key in pages.values(search, {"match_all": {}}, "digest", "key"):
        yield bytes.fromhex(digest), bytes.fromhex(key)


class ClusterSuperseded:
    """The digests of superseded sources, each with the digest of its key (`cablesearch.protocols.pen.Superseded`).

    They are no part of a commit: one that is remembered too early or too long changes nothing, as a source that the
    archive has is never taken for a superseded one.
    """

    fault: str | None = None
    """Why those of the last commit could not be read: an index is read whole, or with an error."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._keys = dict(read_superseded(client))
        self._changed: set[bytes] = set()

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._keys

    @staticmethod
    def digest_of(key: str) -> bytes:
        """Return the `key_digest` of a key."""
        return key_digest(key)

    def key_of(self, digest: bytes) -> bytes | None:
        """Return the digest of the key of a superseded source; None for other sources."""
        return self._keys.get(digest)

    def add(self, digest: bytes, key: bytes) -> None:
        """Remember a source as superseded, with the digest of its key."""
        if len(self._keys) < _MOST or digest in self._keys:
            self._keys[digest] = key
            self._changed.add(digest)

    def discard(self, digest: bytes) -> None:
        """Forget a source."""
        if self._keys.pop(digest, None) is not None:
            self._changed.add(digest)

    @property
    def is_changed(self) -> bool:
        """Whether there is anything to save."""
        return bool(self._changed)

    def save(self) -> None:
        """Save what has changed."""
        changed = sorted(self._changed)
        for start in range(0, len(changed), _AT_ONCE):
            lines = [line for digest in changed[start : start + _AT_ONCE] for line in self._lines(digest)]
            patience = self._client.settings.patience
            answer = self._client.ask("POST", f"/{_index(self._client)}/_bulk", lines, patience=patience, refresh=True)
            for item in answer["items"] if answer["errors"] else ():
                for result in item.values():
                    if "error" in result:
                        raise refusal(self._client.address, int(result["status"]), result)
        self._changed.clear()

    def _lines(self, digest: bytes) -> Iterator[dict[str, Any]]:
        name, key = digest.hex(), self._keys.get(digest)
        if key is None:
            yield {"delete": {"_id": name}}
        else:
            yield {"index": {"_id": name}}
            yield {"digest": name, "key": key.hex()}
