"""Texts on the wire: the analysis is ours, and the server only takes apart what it is sent.

A text is sent with a blank between two positions, and with `BESIDE` between words at the same position. The tokenizer
of the server cuts at white space, and a filter takes the words of one position apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from cablesearch.cluster.documents.wire import BESIDE, value_out, word_out
from cablesearch.protocols.fields import Spellings, Text
from cablesearch.text.caching import cached_if_short
from cablesearch.text.continuation import CONTINUED

__all__ = ["Analysed", "Analyser"]

_CHUNKS = 1 << 15
"""The chunks of a field whose words are remembered: most of what is read is written again and again."""


class Analysed(NamedTuple):
    """A text on the wire.

    Attributes:
        words: its words, stemmed if those of the field are.
        exact: the same without stemming.
        size: their number; several may be at one position.
        distinct: the distinct words without stemming, sorted, without those that only continue another one.
        spellings: how they are written, as the field for spellings has it (see `Spellings`).
    """

    words: str
    exact: str
    size: int
    distinct: list[str]
    spellings: list[str]


class _Chunk(NamedTuple):
    """A chunk of a text on the wire, in the same way."""

    words: str
    exact: str
    size: int
    distinct: tuple[str, ...]


class Analyser:
    """Analyses texts for a field.

    Args:
        field: the field.
    """

    def __init__(self, field: Text) -> None:
        self._field = field
        self._chunk: Callable[[str], _Chunk] = cached_if_short(_CHUNKS)(self._split)

    def analysed(self, text: str) -> Analysed:
        """Return a text on the wire."""
        names = self._field.prepare(text).split()
        chunks = [chunk for chunk in map(self._chunk, names) if chunk.size]
        distinct = {word for chunk in set(chunks) for word in chunk.distinct}
        return Analysed(
            " ".join([chunk.words for chunk in chunks]),
            " ".join([chunk.exact for chunk in chunks]),
            sum(chunk.size for chunk in chunks),
            sorted(distinct),
            [] if self._field.spellings is None else self._spellings(text, names, self._field.spellings),
        )

    def _split(self, name: str) -> _Chunk:
        words, places = self._field.split(name, False)
        positions: list[list[str]] = [[] for _ in range(max(places, default=-1) + 1)] if places else [[] for _ in words]
        for word, place in zip(words, range(len(words)) if places is None else places, strict=True):
            positions[place].append(word)
        stem = self._field.normalise or str
        return _Chunk(
            " ".join(BESIDE.join(word_out(stem(word)) for word in position) for position in positions),
            " ".join(BESIDE.join(map(word_out, position)) for position in positions),
            len(words),
            tuple(word for word in words if not word.startswith(CONTINUED)),
        )

    def _spellings(self, text: str, names: list[str], spellings: Spellings) -> list[str]:
        if text.isupper():
            return [value_out(spellings.capitals)]
        values: dict[str, str] = {}
        small: set[str] = set()
        for name in dict.fromkeys(names):
            if name == name.lower():
                small.update(self._chunk(name).distinct)
                continue
            for word, value in spellings.read(name):
                if value:
                    values[value] = word
                else:
                    small.add(word)
        both = sorted(small.intersection(values.values()))
        return [value_out(each) for each in (*values, *map(spellings.small_too, both))]
