"""The filters of a search as a query tree."""

from __future__ import annotations

from collections.abc import Sequence

from whoosh import query as q

from cablesearch.errors import QueryError
from cablesearch.query.bounds import Bounds
from cablesearch.query.fields import example, value
from cablesearch.schema.field_types import parse_period
from cablesearch.text.folding import without_unseen

__all__ = ["filters"]


def filters(
    *,
    tags: Sequence[str] = (),
    origins: Sequence[str] = (),
    classifications: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    bounds: Bounds | None = None,
) -> q.Query | None:
    """Return the query for the filters of a search: every tag, any of the origins, any of the levels, a period.

    Args:
        tags, origins, classifications, since, until: the filters.
        bounds: counts the filters together with the query.

    Raises:
        QueryError: a value is invalid; ``argument`` is the name of its filter.
    """
    bounds = bounds or Bounds()
    parts: list[q.Query] = [_option("tags", "tag", tag, bounds) for tag in tags]
    for argument, field, values in (("origins", "origin", origins), ("classifications", "class", classifications)):
        if values:
            parts.append(q.Or([_option(argument, field, written, bounds) for written in values]))
    first = _moment("since", since, bounds)[0] if since is not None else None
    last = _moment("until", until, bounds)[1] if until is not None else None
    if since and first is not None and last is not None and first > last:
        raise QueryError(since, 0, f"the period ends before it begins: {since} to {until}", "Swap the dates.", "since")
    if first is not None or last is not None:
        parts.append(q.NumericRange("date", first, last))
    return q.And(parts) if parts else None


def _option(argument: str, field: str, written: str, bounds: Bounds) -> q.Query:
    bounds.add_text(written, argument=argument)
    written = without_unseen(written)
    bounds.add(written, 0, written, pattern="*" in written or "?" in written, argument=argument)
    try:
        return value(field, written)
    except ValueError as error:
        first = example(field).partition(" or ")[0].removeprefix(f"{field}:")
        raise QueryError(written, 0, str(error), f"For example: {first}", argument) from None


def _moment(argument: str, written: str, bounds: Bounds) -> tuple[int, int]:
    bounds.add_text(written, argument=argument)
    try:
        return parse_period(written)
    except ValueError as error:
        raise QueryError(written, 0, str(error), "For example: 2009-11", argument) from None
