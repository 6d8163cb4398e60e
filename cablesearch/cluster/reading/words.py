"""Words and values of fields: which are near to others, or pass a test."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence

from whoosh import query as q

from cablesearch.algorithms.distances import LONGEST_FUZZY, edit_distances
from cablesearch.algorithms.wildcards import wildcard_test
from cablesearch.cluster.documents.mapping import cable_field, own_field
from cablesearch.cluster.documents.wire import MARK, value_out
from cablesearch.cluster.dsl.queries import Query
from cablesearch.cluster.reading.buckets import bucketed
from cablesearch.cluster.reading.counting import counted_values
from cablesearch.cluster.reading.seen import Seen
from cablesearch.cluster.reading.selections import ClusterSelection
from cablesearch.protocols.fields import is_of_block, is_shared
from cablesearch.protocols.queries import Tested

__all__ = ["has_value", "keys_named", "numbered_values", "passing", "similar_values", "similar_words", "vocabulary"]

_MOST_SIMILAR = 500
"""The most words near to another one that a shard returns."""


def has_value(seen: Seen, field: str, value: str) -> bool:
    """Return whether anything visible has a value in a keyword field."""
    return seen.has_any(seen.cables({"term": {cable_field(field): value_out(value)}}))


def vocabulary(seen: Seen, field: str) -> Counter[str]:
    """Return the visible values of a keyword field, each with the number of cables or paragraphs that have it."""
    known = seen.schema[field]
    by_cable = is_shared(known) or is_of_block(known)
    (counts,) = counted_values(seen, ClusterSelection(seen, q.Every(), by_cable=by_cable), [field])
    return Counter(dict.fromkeys(counts, 1)) if is_of_block(known) else counts


def _values(seen: Seen, field: str, query: Query) -> Iterator[str]:
    """Yield the values that cables have in a field and that match a query."""
    path = cable_field(field)
    yield from (bucket.value for bucket in bucketed(seen, seen.cables(query), {"terms": {"field": path}}))


def passing(seen: Seen, query: Tested) -> Sequence[str]:
    """Return the visible values of a keyword field that pass a test."""
    path = cable_field(query.fieldname)
    narrow: Query = {"exists": {"field": path}}
    fits: Callable[[str], bool] = bool
    if query.pattern is not None:
        narrow = {"wildcard": {path: {"value": query.pattern.replace("\\", "\\\\")}}}
        fits = wildcard_test(query.pattern)
    # A cable that has one value that fits may have others.
    return [value for value in _values(seen, query.fieldname, narrow) if fits(value) and query.accepts(value)]


def similar_values(seen: Seen, field: str, text: str, distance: int) -> dict[str, int]:
    """Return the values of a keyword field within an edit distance of a text, each with its distance."""
    if not 0 < len(text) <= LONGEST_FUZZY:
        return {}
    fuzzy = {"value": text, "fuzziness": distance, "transpositions": True, "rewrite": "constant_score"}
    values = [*_values(seen, field, {"fuzzy": {cable_field(field): fuzzy}})]
    apart = edit_distances(text, values).tolist()
    return {value: edits for value, edits in zip(values, apart, strict=True) if edits <= distance}


def numbered_values(seen: Seen, field: str, start: str) -> set[str]:
    """Return the values of a keyword field that have some letters and then only digits."""
    values = _values(seen, field, {"prefix": {cable_field(field): {"value": start}}})
    digits = re.compile(r"[0-9]+")
    return {value for value in values if value.startswith(start) and digits.fullmatch(value, len(start))}


def keys_named(seen: Seen, name: str) -> list[str]:
    """Return the keys of the visible cables that are indexed under an id, sorted."""
    return sorted(seen.keys_of(seen.cables({"term": {cable_field("id"): value_out(name)}})))


def similar_words(seen: Seen, fields: Collection[str], word: str, distance: int, same: int) -> dict[str, int]:
    """Return the words of some text fields within an edit distance of a word, with how many documents have each."""
    asked = {
        field: {
            "text": word,
            "term": {
                "field": own_field(field),
                "analyzer": "words",
                "suggest_mode": "always",
                "max_edits": distance,
                "prefix_length": same,
                "min_word_length": 1,
                "size": _MOST_SIMILAR,
                "shard_size": _MOST_SIMILAR,
                "string_distance": "damerau_levenshtein",
            },
        }
        for field in fields
    }
    answers = seen.snapshot.search({"size": 0, "query": {"match_none": {}}, "suggest": asked})["suggest"]
    counts: Counter[str] = Counter()
    for entries in answers.values():
        for entry in entries:
            for option in entry["options"]:
                if not option["text"].startswith(MARK):
                    counts[option["text"]] += option["freq"]
    # The word itself is none of the suggestions.
    if own := sum(seen.frequencies_of.frequency(field, word) for field in fields):
        counts[word] = own
    near = [*counts]
    apart = edit_distances(word, near).tolist()
    return {each: counts[each] for each, edits in zip(near, apart, strict=True) if edits <= distance}
