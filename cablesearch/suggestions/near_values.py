"""The values of an archive that are nearest to one that it does not have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from cablesearch.algorithms.distances import LONGEST_FUZZY, edit_distances
from cablesearch.protocols.reader import Reader
from cablesearch.schema.index_fields import ID_FIELDS
from cablesearch.text.analysis import fold
from cablesearch.vocabulary.tag_names import canonical_name, tag_meaning

__all__ = ["NearValues"]

_MOST = 3
_LONGEST_RUN = 4
"""The most words of a name that are compared together."""


class NearValues:
    """Finds the visible values of keyword fields that may be meant by others."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._counts: dict[str, Counter[str]] = {}

    def to(self, field: str, value: str, *, same_name: bool = False) -> tuple[str, ...]:
        """Return up to three visible values of a field that may be meant by another, the likeliest first.

        Args:
            field: the field.
            value: the value as given, which does not occur.
            same_name: only those of which the value is another name: PHUM for *human rights*.
        """
        if field in ID_FIELDS:
            # Few searches need it.
            from cablesearch.suggestions.lookup import near_ids

            return () if same_name else tuple(near_ids(self._reader, value, field))
        counts = self._counts.get(field)
        if counts is None:
            counts = self._counts[field] = self._reader.vocabulary(field)
        if field == "tag" and (name := canonical_name(value.upper())) in counts:
            return (name,)
        wanted = _letters(value)
        aliases = [(known, alias) for known in counts for alias in _aliases(field, known)]
        if not wanted or len(wanted) > LONGEST_FUZZY or not aliases:
            return ()
        most = 0 if same_name else _allowed(wanted)
        distances = edit_distances(wanted, [_letters(alias) for _, alias in aliases]).tolist()
        # Markings are made of short parts: C//NF.
        least_letters = 1 if field == "marking" else 3
        ranks: dict[str, int] = {}
        for (known, alias), distance in zip(aliases, distances, strict=True):
            if distance <= most or (_has_words(alias, value, least_letters) and not same_name):
                ranks[known] = min(distance, most + 1, ranks.get(known, most + 1))
        return tuple(sorted(ranks, key=lambda known: (ranks[known], -counts[known], known))[:_MOST])


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text)))


def _allowed(wanted: str) -> int:
    """Return how many letters of a value may be wrong."""
    return 0 if len(wanted) < 3 else 1 if len(wanted) < 6 else 2


def _aliases(field: str, known: str) -> Iterator[str]:
    """Yield what a value of the archive may be called."""
    yield known
    if field == "tag" and (meaning := tag_meaning(known)):
        yield meaning
    if field in ("origin", "recipients"):
        words = fold(known).split()
        for size in range(1, min(_LONGEST_RUN, len(words)) + 1):
            yield from (" ".join(words[at : at + size]) for at in range(len(words) - size + 1))


def _has_words(name: str, value: str, least_letters: int) -> bool:
    """Return whether all words of a value that have enough letters begin words of a name."""
    words, wanted = re.findall(r"\w+", fold(name)), re.findall(r"\w+", fold(value))
    wanted = [word for word in wanted if len(word) >= least_letters]
    return bool(wanted) and all(any(word.startswith(start) for word in words) for start in wanted)
