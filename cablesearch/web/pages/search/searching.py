"""The page of a search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Query
from markupsafe import Markup
from starlette.responses import Response

from cablesearch.archive import Archive
from cablesearch.errors import QueryError
from cablesearch.results.facets import Count, FacetName
from cablesearch.results.hits import Results
from cablesearch.web.archives import SupersededError
from cablesearch.web.asking import Asked as Ask
from cablesearch.web.asking import Asking
from cablesearch.web.pages.rendering import SNAPSHOT, links_of, page, rendered
from cablesearch.web.pages.search.advice import advice_on
from cablesearch.web.pages.search.asked import Asked, SearchPage
from cablesearch.web.pages.search.counts import counted, extent
from cablesearch.web.pages.search.narrowing import SHOWN, filters_of, narrowing
from cablesearch.web.pages.search.periods import Chart, chart, unit_of

__all__ = ["pointer", "router"]

_BEFORE, _AFTER = 30, 30
"""The most characters that are shown before and after the place of an error."""
_NEAR_PAGES = 2
"""The pages that are linked before and after the one that is shown."""
_SORTS = {"relevance": "Best match", "-date": "Newest", "date": "Oldest", "citations": "Most cited"}
_GROUPS = {"paragraph": "Paragraphs", "cable": "Cables"}

router = APIRouter()


class _Place(NamedTuple):
    """A page of the results: its number, and its address; None for the one that is shown."""

    number: int
    address: Markup | None


class Pointer(NamedTuple):
    """An error in a query: the text before and behind its place, and what is wrong."""

    before: str
    after: str
    reason: str
    advice: str
    position: int | None


@router.get("/search")
async def search(ask: Ask, given: Annotated[SearchPage, Query()]) -> Response:
    """Return the page of a search."""
    asked = Asked(given, links_of(ask))
    if given.is_blank:
        return rendered(ask, "search_blank.html", _frame(asked))
    try:
        return await _results(ask, asked)
    except SupersededError:
        # The token is too old, or its commit is no longer held; readers must not learn which.
        now = Asked(given.model_copy(update={"snapshot": None}), asked.links)
        return await _results(ask, now, is_superseded=True)
    except QueryError as error:
        return rendered(ask, "search_error.html", _frame(asked) | {"error": pointer(error)}, 400)


async def _results(ask: Asking, asked: Asked, *, is_superseded: bool = False) -> Response:
    def question(archive: Archive) -> Mapping[str, Any]:
        return _values(ask, archive, asked) | {"is_superseded": is_superseded}

    variant = "superseded" if is_superseded else ""
    return await page(ask, "search.html", question, snapshot=asked.given.snapshot, variant=variant)


def _frame(asked: Asked) -> dict[str, Any]:
    """Return what all search pages have."""
    return {"asked": asked, "query": asked.given.q, "kept": asked.kept, "filters": filters_of(asked)}


def _values(ask: Asking, archive: Archive, asked: Asked) -> dict[str, Any]:
    """Return what the template has to know."""
    given = asked.given
    results = archive.search(given.q, limit=given.limit, offset=given.offset, sort=given.sort, **given.filters())
    facets = counted(ask, archive, given, *SHOWN, "month") if results.total else {}
    return _frame(asked) | {
        "results": results,
        "extent": extent(ask, archive, given) if results.total else None,
        "oldest": asked.changed(sort="date"),
        "newest": asked.changed(sort="-date"),
        "noun": given.group,
        "narrowing": narrowing(asked, facets),
        "chart": _chart(ask, archive, asked, facets),
        "advice": advice_on(archive, asked, results),
        "sorts": _choices(asked, "sort", _SORTS),
        "groups": _choices(asked, "group", _GROUPS),
        "places": _places(asked, results),
        "before": _part(asked, given.offset - given.limit) if given.offset else None,
        "behind": _part(asked, given.offset + given.limit) if given.offset + given.limit < results.total else None,
    }


def _choices(asked: Asked, argument: str, names: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    """Return the values of an argument, the first of which is the default one: name, address, whether it is given."""
    default, given = next(iter(names)), getattr(asked.given, argument)
    return [
        (name, asked.changed(**{argument: None if value == default else value}), value == given)
        for value, name in names.items()
    ]


def _chart(ask: Asking, archive: Archive, asked: Asked, facets: Mapping[FacetName, list[Count]]) -> Chart | None:
    """Return the timeline of the results."""
    counts = facets.get("month", [])
    unit = unit_of(counts)
    if counts and unit == "day":
        counts = counted(ask, archive, asked.given, "day")["day"]
    address: Callable[[str, str], str] = lambda since, until: asked.changed(since=since, until=until)  # noqa: E731
    return chart(counts, unit, address)


def _part(asked: Asked, offset: int) -> Markup:
    """Return the address of another part of the results of the same commit."""
    address = asked.at(max(0, offset))
    return Markup("{}{}snapshot={}").format(address, "&" if "?" in address else "?", SNAPSHOT)


def _places(asked: Asked, results: Results) -> list[_Place | None]:
    """Return the pages to choose from; None where some are left out."""
    limit, offset = asked.given.limit, asked.given.offset
    last = -(-results.total // limit)
    here = offset // limit + 1
    numbers = sorted({1, *range(max(1, here - _NEAR_PAGES), min(last, here + _NEAR_PAGES) + 1)})
    places: list[_Place | None] = []
    for number in numbers if last > 1 else []:
        if places and number > (places[-1].number if places[-1] else 0) + 1:
            places.append(None)
        places.append(_Place(number, None if number == here else _part(asked, (number - 1) * limit)))
    return places


def pointer(error: QueryError) -> Pointer:
    """Return an error in a query or a filter as a page shows it."""
    query, position = error.query, error.position
    start, end = max(0, position - _BEFORE), position + _AFTER
    before = ("…" if start else "") + query[start:position]
    after = query[position:end] + ("…" if end < len(query) else "")
    if error.argument is None:
        return Pointer(before, after, error.reason[:1].upper() + error.reason[1:], error.advice, position)
    # The library names its arguments in the plural.
    return Pointer(before, after, f"{error.argument.rstrip('s')}: {error.reason}", error.advice, None)
