"""Words that are written as two although they are one, or as one although they are two."""

from __future__ import annotations

from collections.abc import Sequence

from whoosh import query as q

from cablesearch.protocols.reader import Reader
from cablesearch.query.fields import Target

__all__ = ["frequencies", "occurs", "parts_of"]

_SHORTEST_PART = 2
_SHORTEST_WORD = 6
"""The shortest word, in letters, that may be two."""
_MOST_TRIED, _MOST_PARTS = 4, 2
"""The most ways to take a word apart that are looked up, and that are returned."""


def occurs(reader: Reader, targets: Sequence[Target], spelling: str) -> bool:
    """Return whether a word occurs in a visible document, in just this form."""
    return any(reader.frequencies(searched.unstemmed, [spelling])[0] for searched in targets)


def parts_of(reader: Reader, targets: Sequence[Target], word: str, *, by_cable: bool) -> list[tuple[str, str]]:
    """Return the two words of which one may be made, which stand next to each other in something visible: human and
    rights for *humanrights*. Those come first whose rarer word is more common.

    Args:
        reader: the archive as its reader sees it.
        targets: the fields in which the word is searched.
        word: a word, folded.
        by_cable: whether cables are searched.
    """
    if len(word) < _SHORTEST_WORD:
        return []
    parts = [(word[:at], word[at:]) for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)]
    counts = [frequencies(reader, targets, half) for half in zip(*parts, strict=True)]
    ways = [(-min(each), *both) for both, each in zip(parts, zip(*counts, strict=True), strict=True) if min(each)]
    likely = [(first, second) for _, first, second in sorted(ways)[:_MOST_TRIED]]
    return [parts for parts in likely if _are_neighbours(reader, targets, parts, by_cable=by_cable)][:_MOST_PARTS]


def frequencies(reader: Reader, targets: Sequence[Target], words: Sequence[str]) -> list[int]:
    """Return in how many visible documents each word occurs, in just this form, added up over the fields."""
    by_target = [reader.frequencies(searched.unstemmed, words) for searched in targets]
    return [sum(counts) for counts in zip(*by_target, strict=True)]


def _are_neighbours(reader: Reader, targets: Sequence[Target], parts: tuple[str, str], *, by_cable: bool) -> bool:
    phrases = [q.Phrase(searched.field, [searched.spelt(part) for part in parts]) for searched in targets]
    return reader.select(q.Or(phrases), by_cable=by_cable).count > 0
