"""The options of a search as a query tree."""

from __future__ import annotations

from collections.abc import Sequence

from whoosh import query as q

from cablesearch.errors import QueryError
from cablesearch.query.bounds import Bounds
from cablesearch.query.fields import example, value
from cablesearch.schema.field_types import parse_period

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
    """Return the query for the options of a search: every tag, any of the origins, any of the levels, a period.

    Args:
        tags, origins, classifications, since, until: the options.
        bounds: counts the options together with the query.

    Raises:
        QueryError: a value is invalid.
    """
    bounds = bounds or Bounds()
    parts: list[q.Query] = [_option("--tag", "tag", tag, bounds) for tag in tags]
    for option, field, values in (("--origin", "origin", origins), ("--classification", "class", classifications)):
        if values:
            parts.append(q.Or([_option(option, field, written, bounds) for written in values]))
    first = _moment("--since", since, bounds)[0] if since is not None else None
    last = _moment("--until", until, bounds)[1] if until is not None else None
    if since and first is not None and last is not None and first > last:
        raise QueryError(f"--since {since}", len("--since "), f"--since {since} is after --until {until}", "Swap them.")
    if first is not None or last is not None:
        parts.append(q.NumericRange("date", first, last))
    return q.And(parts) if parts else None


def _option(option: str, field: str, written: str, bounds: Bounds) -> q.Query:
    text, start = f"{option} {written}", len(option) + 1
    bounds.add_text(text, start)
    bounds.add(text, start, written, pattern="*" in written or "?" in written)
    try:
        return value(field, written)
    except ValueError as error:
        first = example(field).partition(" or ")[0].removeprefix(f"{field}:")
        raise QueryError(text, start, str(error), f"For example: {option} {first}") from None


def _moment(option: str, written: str, bounds: Bounds) -> tuple[int, int]:
    text, start = f"{option} {written}", len(option) + 1
    bounds.add_text(text, start)
    try:
        return parse_period(written)
    except ValueError as error:
        raise QueryError(text, start, str(error), f"For example: {option} 2009-11") from None
