"""The compiler: a query tree as a query of the DSL, by paragraph or by cable."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from whoosh import query as q
from whoosh.fields import Schema

from cablesearch.cluster.documents.mapping import (
    NESTED,
    cable_field,
    is_of_both,
    is_of_cable,
    nested_field,
    paragraph_field,
)
from cablesearch.cluster.documents.wire import word_out
from cablesearch.cluster.dsl.leaves import Lookup, leaf
from cablesearch.cluster.dsl.queries import NOTHING, Query, constant
from cablesearch.cluster.dsl.statistics import Statistics
from cablesearch.errors import UnsupportedError
from cablesearch.protocols.fields import kind_of
from cablesearch.protocols.queries import InDocument, Near

__all__ = ["Compiler"]

Scope = Literal["paragraph", "cable", "nested", "outside"]
"""What a query is for: paragraphs, cables, nested documents, or the text of cables outside of their paragraphs."""

_MOST_SPLIT = 6
"""The most leaves of the cable in a query that one paragraph must match: each doubles the work."""


class Compiler:
    """Turns trees into queries. AND and OR add scores, the boosts of parts multiply, negations and filters add none.

    Args:
        schema: the schema.
        statistics: the statistics of words.
        look_up: finds the values that pass a test.
    """

    def __init__(self, schema: Schema, statistics: Statistics, look_up: Lookup) -> None:
        self._schema, self._statistics, self._look_up = schema, statistics, look_up

    def paragraphs(self, tree: q.Query) -> Query:
        """Return the query for paragraphs: each must match on its own."""
        return self._counted(tree, self._run(tree, "paragraph"), "paragraph")

    def cables(self, tree: q.Query) -> Query:
        """Return the query for cables: the parts of a tree may match in several paragraphs."""
        return self._counted(tree, self._run(tree, "cable"), "cable")

    def outside(self, tree: q.Query) -> Query:
        """Return the query for cables of which the text outside of the paragraphs matches."""
        return self._run(tree, "outside")

    def _counted(self, tree: q.Query, query: Query, scope: Scope) -> Query:
        """Return a query with which every shard takes part in the statistics of the words that score.

        A shard leaves its documents out of them where a condition of the query is met by none, or where it has none of
        the words of a phrase. It counts them for another clause, with all the words, that nothing can match.
        """
        if _takes_part(tree):
            return query
        scored = dict.fromkeys(term for leaf in tree.leaves() for term in _words(leaf))
        scored = dict.fromkeys(term for term in scored if kind_of(self._schema[term[0]]) == "text")
        inside: list[Query] = []
        must: list[Query] = []
        for name, word in scored:
            for path in self._paths(name, scope):
                (inside if path == nested_field(name) else must).append({"term": {path: word_out(word)}})
        if inside:
            must.append({"nested": {"path": NESTED, "query": {"bool": {"must": inside}}}})
        if not must:
            return query
        never: Query = {"bool": {"must": must, "filter": [{"term": {"kind": ""}}]}}
        return {"bool": {"should": [query, never], "minimum_should_match": 1}}

    def _paths(self, name: str, scope: Scope) -> list[str]:
        """Return where the documents of a scope have a text field."""
        if scope == "paragraph":
            return [paragraph_field(name)]
        if is_of_cable(name):
            return [cable_field(name)]
        return [nested_field(name), cable_field(name)] if is_of_both(name) else [nested_field(name)]

    def _run(self, tree: q.Query, scope: Scope) -> Query:
        for kind, method in _METHODS:
            if isinstance(tree, kind):
                return method(self, tree, scope)
        if tree.is_leaf() and tree.field():
            return self._leaf(tree, scope)
        raise UnsupportedError(f"a query of type {type(tree).__name__} cannot be executed on a cluster")

    def _leaf(self, tree: Any, scope: Scope) -> Query:
        name = tree.fieldname
        if scope == "paragraph":
            return self._at(tree, paragraph_field(name))
        if scope == "nested":
            return self._at(tree, nested_field(name))
        if is_of_cable(name) or (kind_of(self._schema[name]) != "text" and scope == "cable"):
            return self._at(tree, cable_field(name))
        beside = self._at(tree, cable_field(name)) if is_of_both(name) else NOTHING
        if scope == "outside":
            return beside
        inside = {"nested": {"path": NESTED, "score_mode": "max", "query": self._at(tree, nested_field(name))}}
        return inside if beside is NOTHING else {"dis_max": {"queries": [inside, beside]}}

    def _at(self, tree: Any, path: str) -> Query:
        return leaf(tree, path, self._schema, self._statistics, self._look_up)

    def _every(self, tree: q.Every, scope: Scope) -> Query:
        """Return the query for everything, or for everything that has a field."""
        if tree.fieldname is not None:
            return self._leaf(tree, scope)
        return {"match_all": {"boost": tree.boost}}

    def _conjunction(self, tree: q.And, scope: Scope) -> Query:
        wanted = [self._run(part, scope) for part in tree.subqueries if not isinstance(part, q.Not)]
        unwanted = [self._run(part.query, scope) for part in tree.subqueries if isinstance(part, q.Not)]
        parts: Query = {"must": wanted} if wanted else {"filter": [{"match_all": {}}]}
        return {"bool": {**parts, **({"must_not": unwanted} if unwanted else {}), "boost": tree.boost}}

    def _disjunction(self, tree: q.Or, scope: Scope) -> Query:
        parts = [self._run(part, scope) for part in tree.subqueries]
        return {"bool": {"should": parts, "minimum_should_match": 1, "boost": tree.boost}} if parts else NOTHING

    def _best(self, tree: q.DisjunctionMax, scope: Scope) -> Query:
        parts = [self._run(part, scope) for part in tree.subqueries]
        return {"dis_max": {"queries": parts, "tie_breaker": 0.0, "boost": tree.boost}} if parts else NOTHING

    def _negation(self, tree: q.Not, scope: Scope) -> Query:
        return {"bool": {"filter": [{"match_all": {}}], "must_not": [self._run(tree.query, scope)]}}

    def _and_not(self, tree: q.AndNot, scope: Scope) -> Query:
        return {"bool": {"must": [self._run(tree.a, scope)], "must_not": [self._run(tree.b, scope)]}}

    def _and_maybe(self, tree: q.AndMaybe, scope: Scope) -> Query:
        return {"bool": {"must": [self._run(tree.a, scope)], "should": [self._run(tree.b, scope)]}}

    def _require(self, tree: q.Require, scope: Scope) -> Query:
        return {"bool": {"must": [self._run(tree.a, scope)], "filter": [self._run(tree.b, scope)]}}

    def _constant_score(self, tree: q.ConstantScoreQuery, scope: Scope) -> Query:
        return constant(self._run(tree.child, scope), tree.score)

    def _nothing(self, tree: q.Query, scope: Scope) -> Query:
        del tree, scope
        return NOTHING

    def _in_document(self, tree: InDocument, scope: Scope) -> Query:
        """Return the query for cables of which a single paragraph matches.

        A nested document does not have the fields of its cable. So for each way in which these may match or not, there
        is a query of the cable, and one of its paragraphs that takes the rest as given.
        """
        if scope != "cable":
            return self._run(tree.child, scope)
        of_cable = list(dict.fromkeys(each for each in _all_leaves(tree.child) if self._is_of_cable(each)))
        if len(of_cable) > _MOST_SPLIT:
            raise UnsupportedError(f"on a cluster, a part of a query can have at most {_MOST_SPLIT} fields of cables")
        ways = []
        for truths in itertools.product((True, False), repeat=len(of_cable)):
            given = dict(zip(of_cable, truths, strict=True))
            inside = self._run(_assumed(tree.child, given), "nested")
            must = [self._run(each, scope) for each in of_cable if given[each]]
            must.append({"nested": {"path": NESTED, "score_mode": "max", "query": inside}})
            must_not = [self._run(each, scope) for each in of_cable if not given[each]]
            ways.append({"bool": {"must": must, **({"must_not": must_not} if must_not else {})}})
        return ways[0] if len(ways) == 1 else {"dis_max": {"queries": ways}}

    def _is_of_cable(self, tree: Any) -> bool:
        return tree.field() is not None and is_of_cable(tree.field())


def _takes_part(tree: q.Query) -> bool:
    """Return whether each shard looks for all words of a query by themselves, whatever else it has."""
    if isinstance(tree, (q.Or, q.DisjunctionMax)):
        return all(map(_takes_part, tree.subqueries))
    return isinstance(tree, q.Term)


def _words(leaf: Any) -> list[tuple[str, str]]:
    """Return the words that a leaf scores, with their field."""
    if isinstance(leaf, q.Term):
        return [(leaf.fieldname, leaf.text)]
    return [(leaf.fieldname, word) for word in leaf.words] if isinstance(leaf, (q.Phrase, Near)) else []


def _all_leaves(tree: q.Query) -> Iterator[Any]:
    """Yield all leaves of a tree, negated ones too."""
    if tree.is_leaf():
        yield tree
    for part in tree.children():
        yield from _all_leaves(part)


def _assumed(tree: q.Query, given: Mapping[q.Query, bool]) -> q.Query:
    """Return a tree in which leaves that match everything, or nothing, take the place of some leaves."""
    if tree.is_leaf():
        if tree not in given:
            return tree
        return q.ConstantScoreQuery(q.Every(), 0.0) if given[tree] else q.NullQuery
    return tree.apply(lambda part: _assumed(part, given))


_METHODS: list[tuple[Any, Callable[[Compiler, Any, Scope], Query]]] = [
    (q.Every, Compiler._every),
    (q.DisjunctionMax, Compiler._best),
    (q.And, Compiler._conjunction),
    (q.Or, Compiler._disjunction),
    (q.Not, Compiler._negation),
    (q.AndNot, Compiler._and_not),
    (q.AndMaybe, Compiler._and_maybe),
    (q.Require, Compiler._require),
    (q.ConstantScoreQuery, Compiler._constant_score),
    (InDocument, Compiler._in_document),
    (type(q.NullQuery), Compiler._nothing),
]
