"""The operators between two operands of a query; a new one is an entry of `OPERATORS`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from whoosh import query as q

from cablesearch.query.trees import conjunction, disjunction

__all__ = ["BESIDE", "BINDING", "NOT", "OPERATORS"]

NOT = "NOT"
"""The operator before an operand; it binds more closely than any between two."""

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
