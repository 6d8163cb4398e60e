"""All hits of a search on a cluster, which gives at most 10,000 at once: page after page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

__all__ = ["MOST", "hits", "values"]

MOST = 10_000
"""The most hits of a page."""

Search = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Returns the answer to a search."""


def hits(
    search: Search, body: Mapping[str, Any], *, size: int = MOST, most: int | None = None, after: Sequence[Any] = ()
) -> Iterator[Mapping[str, Any]]:
    """Yield the hits of a search in order; a page is searched for when it is asked for.

    Args:
        search: searches.
        body: the search, with sort keys that are different for all hits.
        size: the hits of a page.
        most: the most hits; None: all.
        after: the sort keys of the hit after which to begin; empty: begin with the first.
    """
    left = most
    while left is None or left > 0:
        wanted = size if left is None else min(left, size)
        behind = {"search_after": after} if after else {}
        page = search({**body, **behind, "size": wanted, "track_total_hits": False})["hits"]["hits"]
        yield from page
        if len(page) < wanted:
            return
        after = page[-1]["sort"]
        left = None if left is None else left - wanted


def values(search: Search, query: Mapping[str, Any], *fields: str) -> Iterator[list[Any]]:
    """Yield the values of some fields of all documents that match a query, in the order of those of the first field,
    which must be different for all."""
    body = {"query": query, "sort": [{fields[0]: "asc"}], "stored_fields": "_none_", "docvalue_fields": list(fields)}
    for hit in hits(search, body):
        yield [hit["fields"][field][0] for field in fields]
