"""Words and phrases near each other: ``"labor trafficking" NEAR/5 (visa OR "prime minister")``."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from whoosh import query as q

from cablesearch.errors import CablesearchError, QueryError
from cablesearch.protocols.queries import Near, Run
from cablesearch.query.fields import is_text
from cablesearch.query.operators import Proximity
from cablesearch.text.caching import compiled_lazily

__all__ = ["MOST_OPERANDS", "NotNearError", "check_foreign", "near"]

MOST_OPERANDS = 6
"""The most operands in a row; more would have too many orders to try (see `algorithms.windows`)."""

_FOREIGN = compiled_lazily(
    r"(?P<unit>(?:W|NEAR|WITHIN)?/(?:SENT|PARA|SEG|[SP])(?!\w))|ADJ/([0-9]{1,4})|AROUND\(\s*([0-9]{1,4})\s*\)|NEAR/",
    re.IGNORECASE,
)
"""Operators for a distance of other search engines; those for a sentence or a paragraph are in the group ``unit``."""


class NotNearError(CablesearchError):
    """Operands cannot be near each other; ``advice`` says what to write instead."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.advice = advice


def check_foreign(text: str, token: re.Match[str]) -> None:
    """Check that a token is not the proximity operator of another search engine.

    Args:
        text: the query.
        token: a word of it.

    Raises:
        QueryError: it is one.
    """
    match = _FOREIGN().match(text, token.start())
    if not match or (match.end() != token.end() and "(" not in match[0]):
        return
    distance = match[2] or match[3] or 5
    advice = f"Write NEAR/{distance} for any order, or PRE/{distance} for this order."
    if match["unit"]:
        advice = "Leave it out, as all words must match in one paragraph, or write NEAR/15."
    raise QueryError(text, token.start(), f"{match[0]} is not an operator here", advice)


def near(operands: Sequence[q.Query], operator: Proximity) -> q.Query:
    """Return the query for operands near each other: in one text field, or in any of those that all are searched in.

    Args:
        operands: the words, phrases, and ORs of these.
        operator: the operator between them.

    Raises:
        NotNearError: an operand is something else, or they have different fields or boosts.
    """
    by_field: list[dict[str, list[Run]]] = []
    boosts: dict[str, list[float]] = {}
    for operand in operands:
        own: dict[str, list[Run]] = {}
        for field, run, boost in _runs(operand, 1.0):
            own.setdefault(field, []).append(run)
            boosts.setdefault(field, []).append(boost)
        by_field.append(own)
    if any(own.keys() != boosts.keys() for own in by_field):
        advice = "Put the field before brackets: subject:(labor NEAR/5 visa)"
        raise NotNearError("words of different fields cannot be near each other", advice)
    if any(not math.isclose(min(own), max(own)) for own in boosts.values()):
        raise NotNearError("near words have one boost", "Put it behind brackets: (labor NEAR/5 visa)^2")
    parts: list[q.Query] = [
        Near(
            field,
            [list(dict.fromkeys(own[field])) for own in by_field],
            operator.distance,
            boosts[field][0],
            in_order=operator.in_order,
        )
        for field in boosts
    ]
    return parts[0] if len(parts) == 1 else q.Or(parts)


def _runs(query: q.Query, boost: float) -> Iterator[tuple[str, Run, float]]:
    """Yield the words and phrases of an operand, each with its field and its boost."""
    if isinstance(query, (q.Or, q.DisjunctionMax)):
        for part in query.subqueries:
            yield from _runs(part, boost * query.boost)
    elif isinstance(query, q.Term) and is_text(query.fieldname):
        yield query.fieldname, Run((query.text,)), boost * query.boost
    elif isinstance(query, q.Phrase):
        yield query.fieldname, Run(tuple(query.words), query.slop), boost * query.boost
    else:
        raise _unsupported(query)


def _unsupported(query: q.Query) -> NotNearError:
    advice = 'Words, phrases, and these with OR in brackets can: labor NEAR/5 (visa OR "prime minister")'
    if isinstance(query, Near):
        advice = "Use one distance: a NEAR/5 b NEAR/5 c, or AND between two pairs: a NEAR/5 b AND b NEAR/3 c"
        return NotNearError("what is near already cannot be near something else", advice)
    if isinstance(query, (q.Not, q.AndNot)):
        return NotNearError("a word that is excluded cannot be near another", advice)
    if query.is_leaf():
        kind = "a value" if query.field() and not is_text(query.field()) else "a pattern, fuzzy word or range"
        return NotNearError(f"{kind} cannot be near other words", advice)
    return NotNearError("brackets beside NEAR can have only OR inside", advice)
