"""The acronyms that the paragraphs of a query, or of a whole archive, define."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine.search.collect import Selection
from cablesearch.engine.search.view import View
from cablesearch.protocols.fields import NO_NUMBER
from cablesearch.request import Request
from cablesearch.searcher import Searcher
from cablesearch.variants.acronyms import FIELD, as_written, parts_of_value

__all__ = ["Acronym", "AcronymList", "acronyms"]

_NO_DATE = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Acronym:
    """A short form and one of its long forms.

    Attributes:
        short, long: both forms, as most of the paragraphs that define the acronym write them.
        paragraphs: the number of these paragraphs.
        first_date: the earliest day of their cables, such as ``2009-11-20``; None if none has a date.
    """

    short: str
    long: str
    paragraphs: int
    first_date: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the acronym as the command line prints it in JSON."""
        return {
            "short": self.short,
            "long": self.long,
            "paragraphs": self.paragraphs,
            "first_date": self.first_date,
        }


@dataclass(frozen=True, slots=True)
class AcronymList(Sequence[Acronym]):
    """Acronyms, those that most paragraphs define first: ``acronyms[0]`` is the first one, ``acronyms[:3]`` a tuple.

    Attributes:
        total: the number of all of them, also of those that are left out.
        matches: the number of paragraphs, or cables, that match the query.
    """

    acronyms: tuple[Acronym, ...]
    total: int
    matches: int

    def __iter__(self) -> Iterator[Acronym]:
        return iter(self.acronyms)

    def __len__(self) -> int:
        return len(self.acronyms)

    @overload
    def __getitem__(self, place: int) -> Acronym: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Acronym, ...]: ...
    def __getitem__(self, place: int | slice) -> Acronym | tuple[Acronym, ...]:
        return self.acronyms[place]

    def to_json(self) -> dict[str, Any]:
        """Return the acronyms as the command line prints them in JSON."""
        return {
            "version": 1,
            "total": self.total,
            "matches": self.matches,
            "acronyms": [acronym.to_json() for acronym in self.acronyms],
        }


class _Value(NamedTuple):
    """A stored definition in one segment: its parts, the documents that have it, and their earliest date."""

    parts: list[str]
    docs: NDArray[np.int64]
    date: int


def acronyms(searcher: Searcher, request: Request, limit: int | None) -> AcronymList:
    """Return the acronyms that the paragraphs of a request define, in descending order of their number of paragraphs.

    The time depends on that of the search, on the numbers of paragraphs and definitions of the archive, and most on the
    number of different definitions in the paragraphs of the request: an acronym is defined in few of the paragraphs
    that use it. Acronyms of equal numbers are in alphabetical order.

    Args:
        searcher: the searcher.
        request: the paragraphs, or cables all of whose visible paragraphs count.
        limit: the most acronyms to return; None: all.

    Raises:
        QueryError: the query or a filter is invalid.
    """
    selection = searcher.select(request)
    counts: Counter[tuple[str, str]] = Counter()
    written: dict[tuple[str, str], Counter[tuple[str, str]]] = {}
    dates: dict[tuple[str, str], int] = {}
    for number in range(len(searcher.view.segments)):
        found: dict[tuple[str, str], list[NDArray[np.int64]]] = {}
        for value in _values(searcher.view, selection, number):
            short, long, *forms = value.parts
            key = short, long
            found.setdefault(key, []).append(value.docs)
            written.setdefault(key, Counter())[forms[0], forms[1]] += len(value.docs)
            dates[key] = min(dates.get(key, value.date), value.date)
        for key, docs in found.items():
            counts[key] += len(docs[0]) if len(docs) == 1 else len(np.unique(np.concatenate(docs)))
    order = sorted(counts, key=lambda key: (-counts[key], key))
    chosen = order if limit is None else order[:limit]
    return AcronymList(
        tuple(_acronym(searcher, written[key], counts[key], dates[key]) for key in chosen),
        len(order),
        selection.count,
    )


def _acronym(searcher: Searcher, written: Counter[tuple[str, str]], count: int, date: int) -> Acronym:
    shorts: Counter[str] = Counter()
    longs: Counter[str] = Counter()
    for (short, long), number in written.items():
        shorts[short] += number
        longs[long] += number
    day = None if date == _NO_DATE else searcher.moment(date).date().isoformat()
    return Acronym(as_written(shorts), as_written(longs), count, day)


def _values(view: View, selection: Selection, number: int) -> Iterator[_Value]:
    """Yield the definitions that the chosen paragraphs of a segment have."""
    segment = view.segments[number]
    terms = segment.terms(FIELD)
    if not len(terms):
        return
    chosen = np.zeros(segment.docs, bool)
    chosen[selection.members(number)] = True
    dates = segment.column("date")
    dates = np.where(dates == NO_NUMBER, _NO_DATE, dates)
    first, values = segment.keywords(FIELD)
    owners = np.repeat(np.arange(segment.docs), np.diff(first))
    kept = chosen[owners]
    owners, values = owners[kept], values[kept].astype(np.int64)
    # By value, then by document.
    order = np.argsort(values, kind="stable")
    owners, values = owners[order], values[order]
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1])) if len(values) else values
    earliest = np.minimum.reduceat(dates[segment.blocks_of(owners)], starts) if len(values) else values
    for start, end, date in zip(starts.tolist(), [*starts[1:].tolist(), len(values)], earliest.tolist(), strict=False):
        yield _Value(parts_of_value(segment, FIELD, int(values[start])), owners[start:end], date)
