"""Counts of selected units: by value, by period, and their spread over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cablesearch.algorithms.periods import periods
from cablesearch.cluster.documents.wire import value_in
from cablesearch.cluster.dsl.queries import Query, both
from cablesearch.cluster.reading.buckets import bucketed
from cablesearch.cluster.reading.seen import Seen
from cablesearch.cluster.reading.selections import ClusterSelection
from cablesearch.protocols.answers import Spread
from cablesearch.protocols.reader import Period

__all__ = ["counted_periods", "counted_values", "spread"]

_DAY = 24 * 60
_FEW = 5_000
"""The most values that are first asked for at once: most fields have fewer."""


def counted_values(seen: Seen, selection: ClusterSelection, fields: Sequence[str]) -> list[Counter[str]]:
    """Return for each of some keyword fields how many units have each of its values."""
    if not fields:
        return []
    names = [seen.field(field, by_cable=selection.by_cable) for field in fields]
    terms = {name: {"terms": {"field": name, "size": _FEW, "shard_size": _FEW + 1}} for name in names}
    found = seen.aggregated(selection.query, terms)
    return [_counted(seen, selection.query, name, found[name]) for name in names]


def _counted(seen: Seen, query: Query, name: str, found: Mapping[str, Any]) -> Counter[str]:
    """Return the number of each value of a field, given the most frequent ones: these, if they are all."""
    if not found["sum_other_doc_count"] and not found["doc_count_error_upper_bound"]:
        return Counter({value_in(bucket["key"]): bucket["doc_count"] for bucket in found["buckets"]})
    return Counter({bucket.value: bucket.documents for bucket in bucketed(seen, query, {"terms": {"field": name}})})


def counted_periods(seen: Seen, selection: ClusterSelection, period: Period, field: str) -> dict[int, int]:
    """Return the number of units in each period that has any, in the order of time."""
    if field not in selection.days:
        source = {"histogram": {"field": seen.field(field, by_cable=selection.by_cable), "interval": _DAY}}
        buckets = bucketed(seen, selection.query, source)
        selection.days[field] = {int(bucket.value): bucket.documents for bucket in buckets}
    days = selection.days[field]
    numbers = periods(np.array([*days], np.int64), period).tolist()
    counts: Counter[int] = Counter()
    for number, count in zip(numbers, days.values(), strict=True):
        counts[number] += count
    return dict(sorted(counts.items()))


def spread(seen: Seen, selection: ClusterSelection) -> Spread:
    """Return how units are spread over time."""
    date = seen.field("date", by_cable=selection.by_cable)
    aggregations = {
        "first": {"min": {"field": date}},
        "last": {"max": {"field": date}},
        "undated": {"missing": {"field": date}},
    }
    found: dict[str, Any] = seen.aggregated(selection.query, aggregations)
    total, cables = seen.counts([selection.query, selection.cables().query])
    undated = found["undated"]["doc_count"]
    if total == undated:
        return Spread(total, cables, undated, 0, 0, 0, 0)
    first, last = int(found["first"]["value"]), int(found["last"]["value"])
    at_first, at_last = seen.counts([_at(selection.query, date, end) for end in (first, last)])
    return Spread(total, cables, undated, first, last, at_first, at_last)


def _at(query: Query, field: str, value: int) -> Query:
    return both(query, {"term": {field: value}})
