"""The operators between two operands of a query; a new one is an entry of `OPERATORS`.

NEAR/5 and the like, which join words and not queries, are no such entries: `proximity` reads them, and
`cablesearch.query.near` makes their queries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from whoosh import query as q

from cablesearch.query.trees import conjunction, disjunction
from cablesearch.text.caching import compiled_lazily

__all__ = ["BESIDE", "BINDING", "NEAR", "NOT", "OPERATORS", "Proximity", "operator_of", "proximity"]

NOT = "NOT"
"""The operator before an operand; it binds more closely than any between two."""

NEAR = "NEAR"
"""Stands for NEAR/5 and the like, whatever the distance and the order."""

OPERATORS: dict[str, Callable[[Sequence[q.Query]], q.Query]] = {
    "ANDNOT": lambda parts: q.AndNot(parts[0], disjunction(parts[1:])),
    "ANDMAYBE": lambda parts: q.AndMaybe(parts[0], disjunction(parts[1:])),
    "REQUIRE": lambda parts: q.Require(parts[0], conjunction(parts[1:])),
    "AND": conjunction,
    "OR": disjunction,
}
"""The operators by name, from the one that binds most closely to the loosest.

Each makes the query of two parts or more with the operator between them. The parts after the first are joined, so that
a chain is as deep as a pair: ``a ANDNOT b ANDNOT c`` is a, and neither b nor c; ``a ANDMAYBE b ANDMAYBE c`` is a,
scored by b and c too; ``a REQUIRE b REQUIRE c`` is a, where b and c match too. An operator uses each part once, as a
query would else grow with every pair of brackets.
"""

BESIDE = "beside"
"""Stands for the place between two operands without an operator, where it does not mean AND."""

BINDING = {name: number for number, name in enumerate(["OR", BESIDE, *list(reversed(OPERATORS))[1:]], 1)}
"""How closely each operator binds: the higher, the closer."""

_PROXIMITY = compiled_lazily(
    r"(?P<any>NEAR|WITHIN|N|W)/(?P<near>[0-9]{1,5})|(?:PRE|ONEAR)/(?P<ordered>[0-9]{1,5})", re.IGNORECASE
)


class Proximity(NamedTuple):
    """An operator such as ``NEAR/5`` or ``PRE/5``."""

    distance: int
    in_order: bool


def proximity(word: str) -> Proximity | None:
    """Return the operator that a word of a query is, if it is one.

    >>> proximity("w/5"), proximity("near")
    (Proximity(distance=5, in_order=False), None)
    """
    match = _PROXIMITY().fullmatch(word) if "/" in word else None
    if not match:
        return None
    return Proximity(int(match["near"] or match["ordered"]), match["any"] is None)


def operator_of(token: re.Match[str]) -> str | None:
    """Return the operator that a token of a query is: one of `OPERATORS`, `NOT` or `NEAR`; None if it is none."""
    if token["joint"]:
        return "AND" if token["joint"] == "&&" else "OR"
    word = token["word"]
    if not word or token["sign"] or token["field"]:
        return None
    if word in OPERATORS or word == NOT:
        return str(word)
    return NEAR if proximity(word) else None
