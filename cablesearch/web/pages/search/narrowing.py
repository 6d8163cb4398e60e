"""Narrowing a search: the values of facets, and the filters that are set."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from cablesearch.cable import Classification, Level
from cablesearch.query import OPERATORS
from cablesearch.query.operators import NOT
from cablesearch.query.written import value_text, with_condition
from cablesearch.results.facets import Count, FacetName
from cablesearch.vocabulary.tag_names import tag_meaning
from cablesearch.web.pages.search.asked import Asked

__all__ = ["SHOWN", "Filter", "Narrowing", "Value", "filters_of", "in_order", "narrowing", "values_of"]


class _Facet(NamedTuple):
    """A facet as a page has it: its names, and the argument or the field of the query that asks for a value."""

    one: str
    several: str
    argument: str = ""
    field: str = ""


SHOWN: dict[FacetName, _Facet] = {
    "classification": _Facet("Level", "levels", "classification"),
    "origin": _Facet("Post", "posts", "origin"),
    "tags": _Facet("TAGS", "tags", "tag"),
    "country": _Facet("Country", "countries", field="country"),
    "part": _Facet("Part of the cable", "parts", field="in"),
    "control": _Facet("Control", "controls", field="control"),
}
"""The facets of a search page, in its order."""
_MOST_VALUES = 8
_CONDITION = re.compile(r'(?:^|\s)((\w+):("[^"]+"|[^\s"()\[\]{}]+))$')
"""The last part of a query, if it asks for a value of a field."""
_OPERATOR = re.compile(rf"(?:^|\s)(?:{'|'.join((*OPERATORS, NOT))})$|/[0-9]+$|[|&]$")
_LABELS = {"tag": "Tag", "origin": "From", "classification": "Level"}
_LABELS_OF_FIELDS = {facet.field: facet.one for facet in SHOWN.values() if facet.field}


class Value(NamedTuple):
    """A value of a facet.

    Attributes:
        text: the value.
        meaning: what it stands for, if that is on record.
        number: the number of results that have it.
        address: the search for it, or without it if it is chosen; None if no query can name it.
        is_chosen: whether the results are limited to it.
    """

    text: str
    meaning: str | None
    number: int
    address: str | None
    is_chosen: bool


class Narrowing(NamedTuple):
    """A facet with its largest values.

    Attributes:
        name: the facet.
        title: its name for people.
        several: what its values are called.
        values: the largest values.
        total: the number of all values.
        address: the page of all values.
    """

    name: str
    title: str
    several: str
    values: list[Value]
    total: int
    address: str


class Filter(NamedTuple):
    """A filter that is set, and the search without it."""

    label: str
    text: str
    address: str


def narrowing(asked: Asked, facets: Mapping[FacetName, Sequence[Count]]) -> list[Narrowing]:
    """Return the facets that have values."""
    shown = []
    for name, facet in SHOWN.items():
        counts = facets.get(name, ())
        if counts:
            largest = values_of(asked, name, in_order(name, counts)[:_MOST_VALUES])
            address = asked.values_of(name)
            shown.append(Narrowing(name, facet.one, facet.several, largest, len(counts), address))
    return shown


def in_order(name: FacetName, counts: Sequence[Count]) -> Sequence[Count]:
    """Return values in the order of a page: levels from the lowest, others as they come."""
    titles = [level.title for level in Level]
    return sorted(counts, key=lambda count: titles.index(count[0])) if name == "classification" else counts


def values_of(asked: Asked, name: FacetName, counts: Sequence[Count]) -> list[Value]:
    """Return values of a facet with their addresses."""
    return [_value(asked, name, text, count) for text, count in counts]


def _value(asked: Asked, name: FacetName, text: str, count: int) -> Value:
    facet = SHOWN[name]
    meaning = tag_meaning(text) if name == "tags" else None
    if facet.argument:
        chosen = next((given for given in getattr(asked.given, facet.argument) if _same(name, given, text)), None)
        if chosen is not None:
            return Value(text, meaning, count, asked.without_value(facet.argument, chosen), True)
        return Value(text, meaning, count, asked.with_value(facet.argument, text), False)
    condition = value_text(facet.field, text)
    if condition is None:
        return Value(text, meaning, count, None, False)
    for found, rest in _conditions(asked.given.q):
        if found == condition:
            return Value(text, meaning, count, asked.changed(q=rest or None), True)
    return Value(text, meaning, count, asked.changed(q=with_condition(asked.given.q, condition)), False)


def _same(name: FacetName, given: str, text: str) -> bool:
    if name == "classification":
        read = Classification.parse(given)
        return read is not None and not read.controls and read.level.title == text
    return given.casefold() == text.casefold()


def _conditions(query: str) -> Iterator[tuple[str, str]]:
    """Yield the values that a query ends with, from the last on, each with the query without it."""
    end = len(query.rstrip())
    while match := _CONDITION.search(query, 0, end):
        before = query[: match.start(1)].rstrip()
        if before.count('"') % 2 or before.count("(") != before.count(")") or _OPERATOR.search(before):
            # It stands in quotes or brackets, or behind an operator.
            return
        yield match[1], f"{before}{query[match.end(1) :]}".strip()
        end = len(before)


def filters_of(asked: Asked) -> list[Filter]:
    """Return the filters that are set, each with the search without it."""
    given = asked.given
    shown = [
        Filter(label, value, asked.without_value(name, value))
        for name, label in _LABELS.items()
        for value in getattr(given, name)
    ]
    if given.since or given.until:
        shown.append(Filter("Date", _period(given.since, given.until), asked.changed(since=None, until=None)))
    for text, rest in _conditions(given.q):
        field, _, value = text.partition(":")
        if field in _LABELS_OF_FIELDS:
            shown.append(Filter(_LABELS_OF_FIELDS[field], value.strip('"'), asked.changed(q=rest or None)))
    if given.any:
        shown.append(Filter("Words", "any of them", asked.changed(any=None)))
    if not given.acronyms:
        shown.append(Filter("Acronyms", "as written", asked.changed(acronyms=None)))
    return shown


def _period(since: str | None, until: str | None) -> str:
    if since == until:
        return since or ""
    return f"{since} to {until}" if since and until else f"from {since}" if since else f"to {until}"
