"""The acronyms that the paragraphs of a query, or of a whole archive, define."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

from cablesearch.protocols.answers import Defined
from cablesearch.protocols.reader import Reader
from cablesearch.request import Request
from cablesearch.searcher import Searcher
from cablesearch.variants.acronyms import FIELD, LONG, SHORT, as_written, parts_of_value, spellings

__all__ = ["Acronym", "AcronymList", "acronyms"]


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
    reader, selection = searcher.reader, searcher.select(request)
    definitions = reader.defined(selection, FIELD, _forms)
    order = sorted(definitions, key=lambda forms: (-definitions[forms].paragraphs, forms))
    chosen = order if limit is None else order[:limit]
    return AcronymList(tuple(_acronym(reader, definitions[forms]) for forms in chosen), len(order), selection.count)


def _forms(value: str) -> tuple[str, str]:
    """Return the short and the long form of a value, as they are compared."""
    short, long, *_ = parts_of_value(FIELD, value)
    return short, long


def _acronym(reader: Reader, definition: Defined) -> Acronym:
    return Acronym(
        short=as_written(spellings(definition.values, SHORT)),
        long=as_written(spellings(definition.values, LONG)),
        paragraphs=definition.paragraphs,
        first_date=None if definition.first is None else reader.moment(definition.first).date().isoformat(),
    )
