"""Values by key: names with their spellings, and definitions of acronyms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from cablesearch.cluster.documents.wire import value_out
from cablesearch.cluster.dsl.queries import Query, both
from cablesearch.cluster.reading.buckets import Bucket, bucketed
from cablesearch.cluster.reading.seen import Seen
from cablesearch.cluster.reading.selections import ClusterSelection, paragraph_queries
from cablesearch.protocols.answers import Defined, Grouped, Spelling
from cablesearch.protocols.reader import Key

__all__ = ["begun", "defined", "names"]


def names(
    seen: Seen, selection: ClusterSelection, field: str, group: Callable[[Sequence[str]], Sequence[int]]
) -> list[Grouped]:
    """Return the names in the selected units, with their spellings."""
    name, date = (seen.field(each, by_cable=selection.by_cable) for each in (field, "date"))
    beside = {"first": {"min": {"field": date}}, "last": {"max": {"field": date}}}
    found = [*bucketed(seen, selection.query, {"terms": {"field": name}}, beside)]
    groups: dict[int, list[Bucket]] = {}
    for bucket, number in zip(found, group([bucket.value for bucket in found]), strict=True):
        groups.setdefault(number, []).append(bucket)
    several = [[value_out(bucket.value) for bucket in own] for own in groups.values() if len(own) > 1]
    # Units with several spellings of a name count once.
    counts = iter(seen.counts([both(selection.query, {"terms": {name: values}}) for values in several]))
    return [
        Grouped(
            tuple(Spelling(bucket.value, bucket.documents) for bucket in own),
            own[0].documents if len(own) == 1 else next(counts),
            *_ends(own),
        )
        for own in groups.values()
    ]


def _ends(buckets: Sequence[Bucket]) -> tuple[int | None, int | None]:
    """Return the oldest and the newest date of some buckets."""
    first = [int(end) for bucket in buckets if (end := bucket.beside["first"]["value"]) is not None]
    last = [int(end) for bucket in buckets if (end := bucket.beside["last"]["value"]) is not None]
    return (min(first), max(last)) if first else (None, None)


def defined(seen: Seen, selection: ClusterSelection, field: str, key: Callable[[str], Key]) -> dict[Key, Defined]:
    """Return the values of a keyword field that the selected paragraphs have, by key, with dates."""
    result: dict[Key, Defined] = {}
    for query in paragraph_queries(seen, selection):
        beside = {"first": {"min": {"field": seen.field("date", by_cable=False)}}}
        for each, found in _by_key(seen, query, field, _bucketed(seen, query, field, beside), key):
            known = result.get(each)
            result[each] = found if known is None else _added(known, found)
    return result


def _bucketed(seen: Seen, query: Query, field: str, beside: Mapping[str, Any]) -> Iterator[Bucket]:
    """Yield the values of a field of paragraphs."""
    return bucketed(seen, query, {"terms": {"field": seen.field(field, by_cable=False)}}, beside)


def begun(seen: Seen, field: str, start: str, key: Callable[[str], Key]) -> dict[Key, Defined]:
    """Return the values of a field of paragraphs that begin with some letters, by key, without dates."""
    query = seen.paragraphs({"prefix": {seen.field(field, by_cable=False): value_out(start)}})
    buckets = (bucket for bucket in _bucketed(seen, query, field, {}) if bucket.value.startswith(start))
    return dict(_by_key(seen, query, field, buckets, key))


def _by_key(
    seen: Seen, query: Query, field: str, buckets: Iterator[Bucket], key: Callable[[str], Key]
) -> Iterator[tuple[Key, Defined]]:
    """Yield each key with its values; paragraphs that have several of them count once."""
    groups: dict[Key, list[Bucket]] = {}
    for bucket in buckets:
        groups.setdefault(key(bucket.value), []).append(bucket)
    name = seen.field(field, by_cable=False)
    several = [[value_out(bucket.value) for bucket in own] for own in groups.values() if len(own) > 1]
    counts = iter(seen.counts([both(query, {"terms": {name: values}}) for values in several]))
    for each, own in groups.items():
        dates = [bucket.beside["first"]["value"] for bucket in own if "first" in bucket.beside]
        known = [int(date) for date in dates if date is not None]
        values = Counter({bucket.value: bucket.documents for bucket in own})
        yield each, Defined(own[0].documents if len(own) == 1 else next(counts), values, min(known, default=None))


def _added(one: Defined, other: Defined) -> Defined:
    """Return what two parts of the paragraphs have together."""
    dates = [date for date in (one.first, other.first) if date is not None]
    return Defined(one.paragraphs + other.paragraphs, one.values + other.values, min(dates, default=None))
