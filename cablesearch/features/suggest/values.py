"""Suggested values of fields: names, TAGS, posts, collections. A new kind is an entry of `FIELDS`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from whoosh import query as q

from cablesearch.features.suggest.suggestion import Asked, Suggestion, SuggestionKind
from cablesearch.protocols.reader import Reader
from cablesearch.query.written import value_text
from cablesearch.text.analysis import split
from cablesearch.vocabulary.identifiers import known_post
from cablesearch.vocabulary.posts import stations
from cablesearch.vocabulary.tag_names import tag_meaning

__all__ = ["FIELDS", "values"]


class ValueField(NamedTuple):
    """A field whose values are suggested.

    Attributes:
        field: a field of keywords.
        asked_as: the field that a query names; by default the same.
        aliases: returns other names by which a value is found.
        meaning: returns what a value stands for, if that is known.
    """

    field: str
    asked_as: str = ""
    aliases: Callable[[str], Iterator[str]] = lambda value: iter(())
    meaning: Callable[[str], str | None] = lambda value: None


def _meanings(tag: str) -> Iterator[str]:
    if meaning := tag_meaning(tag):
        yield meaning


def _abbreviations(post: str) -> Iterator[str]:
    """Yield the names of a post in ids, and the abbreviations in use: HCMC."""
    if station := known_post(post):
        yield from _names_of_stations()[station]


@cache
def _names_of_stations() -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for name, station in stations().items():
        names.setdefault(station, []).append(name)
    return names


FIELDS: dict[SuggestionKind, ValueField] = {
    "person": ValueField("person", asked_as="name"),
    "organization": ValueField("organization", asked_as="name"),
    "place": ValueField("place", asked_as="name"),
    "tag": ValueField("tag", aliases=_meanings, meaning=tag_meaning),
    "post": ValueField("origin", aliases=_abbreviations),
    "collection": ValueField("collection"),
}
"""The fields by the kind of suggestion."""

_MOST_VALUES = 50_000
"""The most values of a field that are suggested, those of most paragraphs: the names of all are held in memory."""


class _Table:
    """The visible values of a field in the order of their paragraphs, with the words of all their names.

    The names are one text, a value a line: a name begins with a blank and has one before each of its words, so that
    ``human ri`` is found with a blank before it wherever words begin so.
    """

    def __init__(self, reader: Reader, entry: ValueField) -> None:
        (counts,) = reader.values(reader.select(q.Every()), [entry.field])
        self.values = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_VALUES]
        lines = [_line([value, *entry.aliases(value)]) for value, _ in self.values]
        self._text = "\n".join(lines)
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def matching(self, words: tuple[str, ...]) -> Iterator[tuple[str, int]]:
        """Yield the values with a name that has words in a row, the last of which may be incomplete."""
        wanted = " " + " ".join(words)
        at = self._text.find(wanted)
        while at >= 0:
            place = bisect_right(self._starts, at) - 1
            yield self.values[place]
            at = self._text.find(wanted, self._starts[place + 1])


def _line(names: list[str]) -> str:
    return "|".join("".join(f" {word}" for word in split(name, True)[0]) for name in names)


def values(asked: Asked, kind: SuggestionKind) -> Iterator[Suggestion]:
    """Yield the visible values of a field that match a text, those of most paragraphs first.

    The first question lists the values, which takes time by the number of paragraphs and values; the list is kept, and
    later questions search its text.
    """
    entry = FIELDS[kind]
    table = asked.kept.get(entry.field)
    if table is None:
        table = asked.kept[entry.field] = _Table(asked.reader, entry)
    name, shown = entry.asked_as or entry.field, set[str]()
    for value, count in table.matching(asked.typed.words):
        # Of spellings that differ only in capitals and accents the most common is shown.
        key = _line([value])
        if key not in shown and (query := value_text(name, value)):
            shown.add(key)
            yield Suggestion(kind, value, query, count, entry.meaning(value))
