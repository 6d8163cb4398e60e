"""The visible words of an archive that are nearest to a misspelt one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from cablesearch.algorithms.distances import edit_distances
from cablesearch.engine.search import expand
from cablesearch.engine.search.view import View
from cablesearch.query.fields import Target, bare

__all__ = ["FURTHEST", "Searched", "far_more_common", "near_words", "other_spellings"]

FURTHEST = 2
"""The most letters in which a word may differ from its correction."""
_SHORTEST_FAR = 5
"""The shortest word, in letters, that may differ in two letters from its correction."""
_MOST_CANDIDATES = 4
"""The most corrections of a word that are tried."""
_MORE_COMMON = 50
"""How many times as frequent as a word that does occur its correction must be."""


_ALTERNATIVES = (
    *(("our", "or"), ("is", "iz"), ("ys", "yz"), ("tre", "ter"), ("ence", "ense"), ("ll", "l"), ("amme", "am")),
    *(("ogue", "og"), ("ae", "e"), ("oe", "e"), ("que", "ck"), ("xion", "ction")),
)
"""What is written in one way in Britain and in another way in America, not at the beginning of a word."""


class Searched(NamedTuple):
    """A word of a query, folded, and the fields in which it is searched."""

    word: str
    targets: tuple[Target, ...]

    def frequency(self, view: View) -> int:
        """Return in how many visible documents a form of the word occurs, added up over the fields.

        For a word without a field the envelope counts too: a name on the classified-by line is not misspelt.
        """
        targets = self.targets if len(self.targets) == 1 else bare(by_cable=True)
        return sum(view.frequency(searched.field, searched.spelt(self.word)) for searched in targets)

    def exact_frequency(self, view: View, spelling: str) -> int:
        """Return the same for another word, in just this form."""
        return sum(view.frequency(searched.unstemmed, spelling) for searched in self.targets)

    def is_form_of(self, spelling: str) -> bool:
        """Return whether a search for another word finds the same."""
        return all(searched.spelt(self.word) == searched.spelt(spelling) for searched in self.targets)


def far_more_common(view: View, word: Searched) -> Iterator[str]:
    """Yield the words next to one that occurs which are so much more common that it may be a misspelling of them."""
    least = word.frequency(view) * _MORE_COMMON
    # Nothing occurs more often than in each document and field.
    if len(word.word) >= _SHORTEST_FAR and least <= view.member_count * len(word.targets):
        for spelling, _ in near_words(view, word, furthest=1):
            if word.exact_frequency(view, spelling) >= least and not word.is_form_of(spelling):
                yield spelling


def other_spellings(view: View, word: Searched) -> list[str]:
    """Return the visible spellings of a word in the English of another country, the most common first: labor for
    *labour*, defence for *defense*."""
    spellings: set[str] = set()
    for pair in _ALTERNATIVES:
        for ending, other in (pair, pair[::-1]):
            at = word.word.find(ending, 1)
            while at > 0:
                spellings.add(word.word[:at] + other + word.word[at + len(ending) :])
                at = word.word.find(ending, at + 1)
    counts = {spelling: word.exact_frequency(view, spelling) for spelling in spellings if not word.is_form_of(spelling)}
    return sorted((spelling for spelling, count in counts.items() if count), key=lambda each: (-counts[each], each))


def near_words(view: View, word: Searched, furthest: int = FURTHEST) -> list[tuple[str, int]]:
    """Return the visible words nearest to a word, each with its distance: by distance, then the most common, then in
    alphabetical order.

    Words with another first letter are candidates only if there are no others.
    """
    distance = min(furthest, 1 if len(word.word) < _SHORTEST_FAR else FURTHEST)
    for same_letters in (1, 0):
        near = _near(view, word, distance, same_letters)
        spellings = [spelling for spelling in near if spelling != word.word and spelling.isalpha()]
        groups: dict[int, dict[str, int]] = {}
        for spelling, apart in zip(spellings, edit_distances(word.word, spellings).tolist(), strict=True):
            groups.setdefault(apart, {})[spelling] = near[spelling]
        result: list[tuple[str, int]] = []
        for apart, counts in sorted(groups.items()):
            if len(result) < _MOST_CANDIDATES:
                common = _most_common(counts, lambda spelling: word.exact_frequency(view, spelling))
                result += [(spelling, apart) for spelling in common]
        if result:
            return result[:_MOST_CANDIDATES]
    return []


def _near(view: View, word: Searched, distance: int, same_letters: int) -> dict[str, int]:
    """Return the words within an edit distance, each with the number of documents that have it, visible or not."""
    counts: dict[str, int] = {}
    for field in dict.fromkeys(searched.unstemmed for searched in word.targets):
        for segment in view.segments:
            for number in expand.fuzzy(segment, field, word.word, distance, same_letters):
                spelling = segment.terms(field).text(number)
                counts[spelling] = counts.get(spelling, 0) + segment.frequency(field, number)
    return counts


def _most_common(counts: Mapping[str, int], visible: Callable[[str], int]) -> list[str]:
    """Return the words that most visible documents have.

    Args:
        counts: the words, each with the number of documents that have it, visible or not.
        visible: returns the number of visible documents that have a word; slow.
    """
    best: list[tuple[int, str]] = []
    for spelling, count in sorted(counts.items(), key=lambda pair: -pair[1]):
        if len(best) == _MOST_CANDIDATES and -best[-1][0] > count:
            # No other word can have more visible documents.
            break
        if seen := visible(spelling):
            best = sorted([*best, (-seen, spelling)])[:_MOST_CANDIDATES]
    return [spelling for _, spelling in best]
