"""The leaves of query trees: words, phrases, patterns, values and ranges of one field."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from whoosh import query as q
from whoosh.fields import Schema

from cablesearch.cluster.documents.wire import MARK, value_out, word_out
from cablesearch.cluster.dsl import spans
from cablesearch.cluster.dsl.queries import NOTHING, Query, constant
from cablesearch.cluster.dsl.statistics import Statistics, boost, idf_of
from cablesearch.errors import UnsupportedError
from cablesearch.protocols.fields import kind_of
from cablesearch.protocols.queries import Near, Tested
from cablesearch.text.continuation import CONTINUED

__all__ = ["Lookup", "leaf"]

_FIRST_LETTER = "0"
"""No word begins with a lower character; marks do."""


class Lookup(Protocol):
    """Finds the values of a keyword field that pass a test."""

    def __call__(self, query: Tested, /) -> Sequence[str]: ...


def leaf(query: Any, path: str, schema: Schema, statistics: Statistics, look_up: Lookup) -> Query:
    """Return a leaf of a query tree.

    Args:
        query: the leaf.
        path: where the documents have its field.
        schema: the schema.
        statistics: the statistics of words.
        look_up: finds the values that pass a test.

    Raises:
        UnsupportedError: it cannot be executed on a cluster.
    """
    field = query.fieldname
    is_text = kind_of(schema[field]) == "text"
    if isinstance(query, q.Term) and is_text:
        return _word(query.text, query.boost, path, statistics, field)
    if isinstance(query, q.Term):
        return constant({"term": {path: value_out(query.text)}}, query.boost)
    if isinstance(query, q.Phrase):
        return _phrase(query, path, statistics)
    if isinstance(query, Near):
        found = spans.near(path, query, _goes_on(statistics, field))
        ours = query.idf(lambda words: idf_of(statistics, field, words))
        return _spanned(found.query, boost(statistics, path, ours, found.words) * query.boost)
    return constant(_fixed(query, path, look_up, is_text=is_text), query.boost)


def _fixed(query: Any, path: str, look_up: Lookup, *, is_text: bool) -> Query:
    """Return a leaf of which all matches have one score."""
    if isinstance(query, q.NumericRange):
        return _range(path, query)
    if isinstance(query, q.Every):
        return {"exists": {"field": path}}
    return _expansion(query, path, look_up, is_text=is_text)


def _word(word: str, factor: float, path: str, statistics: Statistics, field: str) -> Query:
    own = boost(statistics, path, idf_of(statistics, field, [word]), [word])
    return {"term": {path: {"value": word_out(word), "boost": own * factor}}}


def _goes_on(statistics: Statistics, field: str) -> Callable[[str], bool]:
    return lambda word: statistics.frequency(field, CONTINUED + word) > 0


def _spanned(query: Query, factor: float) -> Query:
    # Span queries take no boost of their own inside of others.
    return {"bool": {"must": [query], "boost": factor}}


def _phrase(query: q.Phrase, path: str, statistics: Statistics) -> Query:
    field, words = query.fieldname, list(query.words)
    if not words:
        return NOTHING
    goes_on = _goes_on(statistics, field)
    if len(words) == 1 and not goes_on(words[0]):
        return _word(words[0], query.boost, path, statistics, field)
    ours = idf_of(statistics, field, words)
    if query.slop == 1 and not any(map(goes_on, words)):
        text = " ".join(map(word_out, words))
        return {"match_phrase": {path: {"query": text, "boost": boost(statistics, path, ours, words) * query.boost}}}
    found = spans.phrase(path, words, query.slop, goes_on)
    return _spanned(found.query, boost(statistics, path, ours, found.words) * query.boost)


def _range(path: str, query: q.NumericRange) -> Query:
    bounds = {}
    if query.start is not None:
        bounds["gt" if query.startexcl else "gte"] = query.start
    if query.end is not None:
        bounds["lt" if query.endexcl else "lte"] = query.end
    return {"range": {path: bounds}} if bounds else {"exists": {"field": path}}


def _expansion(query: Any, path: str, look_up: Lookup, *, is_text: bool) -> Query:
    """Return a query for any of the terms for which a leaf stands."""
    if isinstance(query, q.Prefix):
        if not query.text:
            return {"exists": {"field": path}}
        return {"prefix": {path: {"value": query.text}}}
    if isinstance(query, q.Wildcard):
        return _wildcard(query.text, path, is_text=is_text)
    if isinstance(query, Tested):
        return {"terms": {path: [value_out(value) for value in look_up(query)]}}
    if isinstance(query, q.FuzzyTerm):
        fuzzy = {
            "value": query.text,
            "fuzziness": query.maxdist,
            "prefix_length": query.prefixlength,
            "transpositions": True,
            "rewrite": "constant_score",
        }
        return {"fuzzy": {path: fuzzy}}
    if isinstance(query, q.TermRange):
        bounds = {}
        if query.start is not None:
            bounds["gt" if query.startexcl else "gte"] = value_out(query.start)
        elif is_text:
            bounds["gte"] = _FIRST_LETTER
        if query.end is not None:
            bounds["lt" if query.endexcl else "lte"] = value_out(query.end)
        return {"range": {path: bounds}}
    raise UnsupportedError(f"a query of type {type(query).__name__} cannot be executed on a cluster")


def _wildcard(pattern: str, path: str, *, is_text: bool) -> Query:
    if is_text and pattern.startswith("?"):
        # A question mark is a letter, and no mark before a word.
        parts = (_LUCENE.get(char) or re.sub(r"([^\w])", r"\\\1", char) for char in pattern[1:])
        return {"regexp": {path: {"value": f"[^{MARK}]" + "".join(parts), "flags": "NONE"}}}
    return {"wildcard": {path: {"value": pattern.replace("\\", "\\\\")}}}


_LUCENE = {"?": ".", "*": ".*"}
