"""Values of keyword fields in groups: spellings of names, and the values of definitions that have one key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import Ints
from cablesearch.engine.check.blame import damaged
from cablesearch.engine.search.collect import Selection
from cablesearch.engine.search.view import View, blamed
from cablesearch.engine.segment.segment import Segment
from cablesearch.engine.segment.strings import to_bytes
from cablesearch.protocols.answers import Defined, Grouped, Spelling
from cablesearch.protocols.fields import NO_NUMBER
from cablesearch.protocols.reader import Key

__all__ = ["begun", "defined", "names"]

_NO_DATE = int(np.iinfo(np.int64).max)
_LONGEST_SHOWN = 80
"""The most code points of an invalid value in a message."""


# Names


class _Mentions(NamedTuple):
    """Names in units, one mention a place.

    Attributes:
        units: the units, numbered over all segments; int64 [mentions].
        spellings: the numbers of the spellings; int64 [mentions].
        dates: the dates of the units in minutes; int64 [mentions].
        texts: the spellings by number.
    """

    units: Ints
    spellings: Ints
    dates: Ints
    texts: list[str]


@blamed
def names(
    view: View, selection: Selection, field: str, group: Callable[[Sequence[str]], Sequence[int]]
) -> list[Grouped]:
    """Return the names in the selected units.

    Args:
        view: the view that is searched.
        selection: the units.
        field: the field with the names of a kind.
        group: returns the number of the group of each spelling; numbers count up from 0.
    """
    mentions = _mentions(view, selection, field)
    if not mentions.texts:
        return []
    counts = _units_with_each(mentions.units, mentions.spellings, len(mentions.texts)).tolist()
    group_of = group(mentions.texts)
    size = max(group_of) + 1
    groups = np.array(group_of, np.int64)[mentions.spellings]
    totals = _units_with_each(mentions.units, groups, size).tolist()
    first, last = _ends(groups, mentions.dates, size)
    spellings: list[list[Spelling]] = [[] for _ in range(size)]
    for number, text, count in zip(group_of, mentions.texts, counts, strict=True):
        spellings[number].append(Spelling(text, count))
    return [Grouped(*fields) for fields in zip(map(tuple, spellings), totals, first, last, strict=True)]


def _units_with_each(units: Ints, values: Ints, size: int) -> Ints:
    """Return the number of units that have each value, which a unit may have several times; int64 [size].

    Example: for the units [4, 4, 5] with the values [0, 0, 1], ``[1, 1]``.
    """
    # The units come in order, which sorting uses, and hashing does not.
    pairs = np.sort(units * size + values, kind="stable")
    return np.bincount(pairs[np.append(True, pairs[1:] != pairs[:-1])] % size, minlength=size)


def _mentions(view: View, selection: Selection, field: str) -> _Mentions:
    """Return the names in the selected units."""
    numbers: dict[str, int] = {}
    units, spellings, dates = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for number, segment in enumerate(view.segments):
        docs = selection.members(number)
        blocks = segment.block_of[docs].astype(np.int64)
        sizes = np.diff(segment.keywords(field)[0])[docs]
        terms, places = np.unique(segment.keywords_of(field, docs), return_inverse=True)
        texts = segment.terms(field)
        known = [numbers.setdefault(texts.text(term), len(numbers)) for term in terms.tolist()]
        spellings.append(np.array(known, np.int64)[places] if known else np.empty(0, np.int64))
        owners = blocks + view.block_bases[number] if selection.by_block else docs + view.snapshot.bases[number]
        units.append(np.repeat(owners, sizes))
        dates.append(np.repeat(segment.column("date")[blocks], sizes))
    return _Mentions(np.concatenate(units), np.concatenate(spellings), np.concatenate(dates), list(numbers))


def _ends(groups: Ints, dates: Ints, size: int) -> tuple[list[int | None], list[int | None]]:
    """Return the oldest and the newest date of each group."""
    dated = dates != NO_NUMBER
    order = np.lexsort((dates[dated], groups[dated]))
    numbers, sorted_dates = groups[dated][order], dates[dated][order]
    first: list[int | None] = [None] * size
    last: list[int | None] = [None] * size
    if len(numbers):
        starts = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
        ends: NDArray[Any] = np.append(starts[1:], len(numbers)) - 1
        for number, start, end in zip(numbers[starts].tolist(), starts.tolist(), ends.tolist(), strict=True):
            first[number], last[number] = int(sorted_dates[start]), int(sorted_dates[end])
    return first, last


# Definitions


class _Definitions(Generic[Key]):
    """Values that segments have, gathered by key.

    Args:
        field: the keyword field.
        key: returns the key of a value; ValueError: the value is invalid.
    """

    def __init__(self, field: str, key: Callable[[str], Key]) -> None:
        self._field, self._key = field, key
        self._paragraphs: Counter[Key] = Counter()
        self._values: dict[Key, Counter[str]] = {}
        self._first: dict[Key, int] = {}

    def add(self, segment: Segment, values: Iterable[tuple[str, Ints, int]]) -> None:
        """Add the values of a segment: each with the documents that have it, and their earliest date.

        Raises:
            CorruptIndexError: a value is invalid.
        """
        docs_of: dict[Key, list[Ints]] = {}
        for text, docs, date in values:
            key = self._key_of(segment, text)
            docs_of.setdefault(key, []).append(docs)
            self._values.setdefault(key, Counter())[text] += len(docs)
            self._first[key] = min(self._first.get(key, date), date)
        for key, parts in docs_of.items():
            # A paragraph may have several values of one key.
            self._paragraphs[key] += len(parts[0]) if len(parts) == 1 else len(np.unique(np.concatenate(parts)))

    def _key_of(self, segment: Segment, text: str) -> Key:
        try:
            return self._key(text)
        except ValueError as error:
            fault = f"a value of {self._field} {error}: {text[:_LONGEST_SHOWN]!r}"
            raise damaged(segment, fault) from error

    def by_key(self) -> dict[Key, Defined]:
        """Return what was gathered."""
        return {
            key: Defined(count, self._values[key], None if self._first[key] == _NO_DATE else self._first[key])
            for key, count in self._paragraphs.items()
        }


def defined(view: View, selection: Selection, field: str, key: Callable[[str], Key]) -> dict[Key, Defined]:
    """Return the values of a keyword field that the selected documents (of blocks: their visible members) have, by key.

    The time depends on the number of documents and of values, and most on that of different values of these documents.

    Raises:
        CorruptIndexError: ``key`` raises ValueError.
    """
    definitions = _Definitions(field, key)
    for number, segment in enumerate(view.segments):
        if len(segment.terms(field)):
            definitions.add(segment, _values(segment, field, selection.members(number)))
    return definitions.by_key()


def _values(segment: Segment, field: str, docs: Ints) -> Iterator[tuple[str, Ints, int]]:
    """Yield the values of some documents, each with those that have it, and their earliest date."""
    chosen = np.zeros(segment.docs, bool)
    chosen[docs] = True
    dates = segment.column("date")
    dates = np.where(dates == NO_NUMBER, _NO_DATE, dates)
    first, values = segment.keywords(field)
    owners = np.repeat(np.arange(segment.docs), np.diff(first))
    kept = chosen[owners]
    owners, values = owners[kept], values[kept].astype(np.int64)
    # By value, then by document.
    order = np.argsort(values, kind="stable")
    owners, values = owners[order], values[order]
    starts = np.flatnonzero(np.append(True, values[1:] != values[:-1])) if len(values) else values
    earliest = np.minimum.reduceat(dates[segment.blocks_of(owners)], starts) if len(values) else values
    for start, end, date in zip(starts.tolist(), [*starts[1:].tolist(), len(values)], earliest.tolist(), strict=False):
        yield segment.terms(field).text(int(values[start])), owners[start:end], date


def begun(view: View, field: str, start: str, key: Callable[[str], Key]) -> dict[Key, Defined]:
    """Return the values of a keyword field of members that begin with some letters and that visible members have, by
    key, without dates.

    It takes the time of a search in a sorted dictionary, and that of the documents that have the values.

    Raises:
        CorruptIndexError: ``key`` raises ValueError.
    """
    definitions, prefix = _Definitions(field, key), to_bytes(start)
    for segment, shown in zip(view.segments, view.shown, strict=True):
        definitions.add(segment, _begun(segment, shown.members, field, prefix))
    return definitions.by_key()


def _begun(segment: Segment, visible: NDArray[np.bool_], field: str, prefix: bytes) -> Iterator[tuple[str, Ints, int]]:
    """Yield the values with a prefix that visible documents have, each with these."""
    terms = segment.terms(field)
    for term in terms.span(prefix):
        docs = segment.having(field, [term])
        docs = docs[visible[docs]]
        if len(docs):
            yield terms.text(term), docs, _NO_DATE
