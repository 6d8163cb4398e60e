"""Words that are written as two although they are one, or as one although they are two."""

from __future__ import annotations

from collections.abc import Sequence

from whoosh import query as q

from cablesearch.engine.search import collect
from cablesearch.engine.search.view import View
from cablesearch.query.fields import Target

__all__ = ["occurs", "parts_of"]

_SHORTEST_PART = 2
_SHORTEST_WORD = 6
"""The shortest word, in letters, that may be two."""
_MOST_TRIED, _MOST_PARTS = 4, 2
"""The most ways to take a word apart that are looked up, and that are returned."""


def occurs(view: View, targets: Sequence[Target], spelling: str) -> bool:
    """Return whether a word occurs in a visible document, in just this form."""
    return any(view.frequency(searched.unstemmed, spelling) for searched in targets)


def parts_of(view: View, targets: Sequence[Target], word: str, *, by_cable: bool) -> list[tuple[str, str]]:
    """Return the two words of which one may be made, which stand next to each other in something visible: human and
    rights for *humanrights*. Those come first whose rarer word is more common.

    Args:
        view: the view that is searched.
        targets: the fields in which the word is searched.
        word: a word, folded.
        by_cable: whether cables are searched.
    """
    if len(word) < _SHORTEST_WORD:
        return []
    ways: list[tuple[int, str, str]] = []
    for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        first, second = word[:at], word[at:]
        if (rarer := _frequency(view, targets, first)) and (other := _frequency(view, targets, second)):
            ways.append((-min(rarer, other), first, second))
    likely = [(first, second) for _, first, second in sorted(ways)[:_MOST_TRIED]]
    return [parts for parts in likely if _are_neighbours(view, targets, parts, by_cable=by_cable)][:_MOST_PARTS]


def _frequency(view: View, targets: Sequence[Target], word: str) -> int:
    return sum(view.frequency(searched.unstemmed, word) for searched in targets)


def _are_neighbours(view: View, targets: Sequence[Target], parts: tuple[str, str], *, by_cable: bool) -> bool:
    phrases = [q.Phrase(searched.field, [searched.spelt(part) for part in parts]) for searched in targets]
    return collect.select(view, q.Or(phrases), by_block=by_cable).count > 0
