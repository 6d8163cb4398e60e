"""Exact counts by value: all pages of a composite aggregation, however many values there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from cablesearch.cluster.documents.wire import value_in
from cablesearch.cluster.dsl.queries import Query
from cablesearch.cluster.reading.seen import Seen

__all__ = ["Bucket", "bucketed"]

_AT_ONCE = 10_000
"""The buckets of a page; a cluster allows 65,535 by default."""


class Bucket(NamedTuple):
    """A value, the number of documents that have it, and what was asked beside it."""

    value: Any
    documents: int
    beside: Mapping[str, Any]


def bucketed(
    seen: Seen, query: Query, source: Mapping[str, Any], beside: Mapping[str, Any] | None = None
) -> Iterator[Bucket]:
    """Yield each value of a source with the number of matching documents, in the order of values.

    A terms aggregation would give the most frequent values only, and of several shards not with certainty.

    Args:
        seen: what is read.
        query: the documents.
        source: the source, as for composite aggregations: ``{"terms": {"field": "tag"}}``.
        beside: further aggregations of the documents of each value.
    """
    after: dict[str, Any] = {}
    while True:
        composite = {"size": _AT_ONCE, "sources": [{"value": source}], **after}
        values: dict[str, Any] = {"composite": composite}
        if beside:
            values["aggs"] = beside
        found = seen.aggregated(query, {"values": values})["values"]
        for bucket in found["buckets"]:
            value = bucket["key"]["value"]
            yield Bucket(value_in(value) if isinstance(value, str) else value, bucket["doc_count"], bucket)
        if len(found["buckets"]) < _AT_ONCE:
            return
        after = {"after": found["after_key"]}
