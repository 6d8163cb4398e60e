"""Queries of the DSL, as they are sent as JSON, and the plain ones that others are made of."""

from __future__ import annotations

from typing import Any

__all__ = ["NOTHING", "Query", "both", "constant"]

Query = dict[str, Any]
"""A query, or another object of the DSL."""

NOTHING: Query = {"match_none": {}}


def both(query: Query, *others: Query) -> Query:
    """Return the query for what several queries match, with the scores of the first."""
    return {"bool": {"must": [query], "filter": list(others)}}


def constant(query: Query, score: float) -> Query:
    """Return the query that gives all its matches one score."""
    return {"constant_score": {"filter": query, "boost": score}}
