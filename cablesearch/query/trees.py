"""Join parts of a query to a tree of Whoosh's query classes.

Only these rules normalise a query. None changes which paragraphs match:

* an And in an And, or an Or in an Or, is merged into the outer one; its boost is multiplied into its parts;
* duplicate parts are dropped, so that a repeated word counts once for the score;
* an And or Or of a single part is replaced by that part;
* NOT NOT x becomes x.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from whoosh import query as q

from cablesearch.protocols.queries import Near
from cablesearch.query.fields import is_text

__all__ = ["both", "conjunction", "disjunction", "has_optional_values", "negation", "phrase_count", "scaled"]


def conjunction(parts: Sequence[q.Query]) -> q.Query:
    """Return the query for all of the parts; there is at least one."""
    return _flat(q.And, parts)


def disjunction(parts: Sequence[q.Query]) -> q.Query:
    """Return the query for any of the parts; there is at least one."""
    return _flat(q.Or, parts)


def negation(query: q.Query, times: int) -> q.Query:
    """Return a query preceded by ``times`` NOTs; two cancel each other."""
    return q.Not(query) if times % 2 else query


def scaled(query: q.Query, factor: float) -> q.Query:
    """Return a query whose scores are those of ``query``, times ``factor``; ``query`` itself stays as it is."""
    if factor == 1.0 or isinstance(query, q.Not):
        return query
    if isinstance(query, (q.AndNot, q.Require)):
        return type(query)(scaled(query.a, factor), query.b)
    if isinstance(query, q.AndMaybe):
        return q.AndMaybe(scaled(query.a, factor), scaled(query.b, factor))
    # All other classes have a boost, which their base class does not declare.
    part: Any = query
    boosted: q.Query = part.with_boost(part.boost * factor)
    return boosted


def _flat(kind: type[q.And] | type[q.Or], parts: Iterable[q.Query]) -> q.Query:
    flat: list[q.Query] = []
    for part in parts:
        if type(part) is kind:
            flat += part.subqueries if part.boost == 1.0 else [scaled(inner, part.boost) for inner in part.subqueries]
        else:
            flat.append(part)
    if len(flat) > 1:
        distinct: dict[object, q.Query] = {}
        for part in flat:
            distinct.setdefault(_key(part), part)
        flat = list(distinct.values())
    return flat[0] if len(flat) == 1 else kind(flat)


def _key(query: Any) -> object:
    """Return a value that is the same for equal queries and different for others.

    Whoosh's own hashes take ten times as long, and are the same for all words in four fields and for all numbers.
    """
    kind = type(query)
    if kind is q.Term:
        return query.fieldname, query.text, query.boost
    if kind is q.Phrase:
        return kind, query.fieldname, query.slop, query.boost, *query.words
    if kind is q.NumericRange:
        return kind, query.fieldname, query.start, query.end, query.startexcl, query.endexcl, query.boost
    if kind is q.Not:
        return kind, _key(query.query)
    if isinstance(query, (q.And, q.Or, q.DisjunctionMax, q.AndNot, q.AndMaybe, q.Require)):
        return kind, query.boost, *map(_key, query.subqueries)
    return query


def both(query: q.Query | None, condition: q.Query | None) -> q.Query:
    """Return a query under a condition that does not affect the score; with neither, a query for everything."""
    if condition is None:
        return q.Every() if query is None else query
    return q.And([q.Every(boost=0.0) if query is None else query, q.ConstantScoreQuery(condition, 0.0)])


def phrase_count(query: q.Query) -> int:
    """Return how many phrases a query is executed as: one for each field and spelling."""
    return sum(
        leaf.as_phrases if isinstance(leaf, Near) else int(isinstance(leaf, q.Phrase)) for leaf in query.leaves()
    )


def has_optional_values(query: q.Query, *, optional: bool = False) -> bool:
    """Return whether a hit may lack a value (``tag:PHUM``) that the query names, because of OR, NOT and the like."""
    if isinstance(query, q.Not) or (isinstance(query, q.Or) and len(query.subqueries) > 1):
        return any(has_optional_values(part, optional=True) for part in query.children())
    if isinstance(query, (q.AndNot, q.AndMaybe)):
        return has_optional_values(query.a, optional=optional) or has_optional_values(query.b, optional=True)
    if not query.is_leaf():
        return any(has_optional_values(part, optional=optional) for part in query.children())
    return optional and not isinstance(query, (q.Every, q.NumericRange)) and not is_text(query.field())
