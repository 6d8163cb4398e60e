"""The visible words of an archive that are nearest to a misspelt one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from cablesearch.algorithms.distances import edit_distances
from cablesearch.protocols.reader import Reader
from cablesearch.query.fields import Target, bare
from cablesearch.suggestions.word_breaks import frequencies

__all__ = ["FURTHEST", "Searched", "far_more_common", "near_words", "other_spellings"]

FURTHEST = 2
"""The most letters in which a word may differ from its correction."""
_SHORTEST_FAR = 5
"""The shortest word, in letters, that may differ in two letters from its correction."""
_MOST_CANDIDATES = 4
"""The most corrections of a word that are tried."""
_AT_ONCE = 8
"""The most candidates that are counted together: each question takes long on a cluster."""
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

    def frequency(self, reader: Reader) -> int:
        """Return in how many visible documents a form of the word occurs, added up over the fields.

        For a word without a field the envelope counts too: a name on the classified-by line is not misspelt.
        """
        targets = self.targets if len(self.targets) == 1 else bare(by_cable=True)
        return sum(reader.frequencies(searched.field, [searched.spelt(self.word)])[0] for searched in targets)

    def exact_frequencies(self, reader: Reader, spellings: Sequence[str]) -> list[int]:
        """Return the same for other words, in just these forms."""
        return frequencies(reader, self.targets, spellings)

    def exact_frequency(self, reader: Reader, spelling: str) -> int:
        """Return the same for another word, in just this form."""
        return self.exact_frequencies(reader, [spelling])[0]

    def is_form_of(self, spelling: str) -> bool:
        """Return whether a search for another word finds the same."""
        return all(searched.spelt(self.word) == searched.spelt(spelling) for searched in self.targets)


def far_more_common(reader: Reader, word: Searched) -> Iterator[str]:
    """Yield the words next to one that occurs which are so much more common that it may be a misspelling of them."""
    least = word.frequency(reader) * _MORE_COMMON
    # Nothing occurs more often than in each document and field.
    if len(word.word) >= _SHORTEST_FAR and least <= reader.paragraph_count * len(word.targets):
        for spelling, _ in near_words(reader, word, furthest=1):
            if word.exact_frequency(reader, spelling) >= least and not word.is_form_of(spelling):
                yield spelling


def other_spellings(reader: Reader, word: Searched) -> list[str]:
    """Return the visible spellings of a word in the English of another country, the most common first: labor for
    *labour*, defence for *defense*."""
    spellings: set[str] = set()
    for pair in _ALTERNATIVES:
        for ending, other in (pair, pair[::-1]):
            at = word.word.find(ending, 1)
            while at > 0:
                spellings.add(word.word[:at] + other + word.word[at + len(ending) :])
                at = word.word.find(ending, at + 1)
    others = [spelling for spelling in spellings if not word.is_form_of(spelling)]
    counts = dict(zip(others, word.exact_frequencies(reader, others), strict=True))
    return sorted((spelling for spelling, count in counts.items() if count), key=lambda each: (-counts[each], each))


def near_words(reader: Reader, word: Searched, furthest: int = FURTHEST) -> list[tuple[str, int]]:
    """Return the visible words nearest to a word, each with its distance: by distance, then the most common, then in
    alphabetical order.

    Words with another first letter are candidates only if there are no others.
    """
    distance = min(furthest, 1 if len(word.word) < _SHORTEST_FAR else FURTHEST)
    fields = list(dict.fromkeys(searched.unstemmed for searched in word.targets))
    for same_letters in (1, 0):
        near = reader.similar_words(fields, word.word, distance, same_letters)
        spellings = [spelling for spelling in near if spelling != word.word and spelling.isalpha()]
        groups: dict[int, dict[str, int]] = {}
        for spelling, apart in zip(spellings, edit_distances(word.word, spellings).tolist(), strict=True):
            groups.setdefault(apart, {})[spelling] = near[spelling]
        result: list[tuple[str, int]] = []
        for apart, counts in sorted(groups.items()):
            if len(result) < _MOST_CANDIDATES:
                common = _most_common(counts, partial(word.exact_frequencies, reader))
                result += [(spelling, apart) for spelling in common]
        if result:
            return result[:_MOST_CANDIDATES]
    return []


def _most_common(counts: Mapping[str, int], visible: Callable[[Sequence[str]], list[int]]) -> list[str]:
    """Return the words that most visible documents have.

    Args:
        counts: the words, each with a number that is at least that of the visible documents that have it.
        visible: returns the numbers of visible documents that have some words; slow.
    """
    best: list[tuple[int, str]] = []
    candidates = sorted(counts, key=lambda spelling: -counts[spelling])
    for start in range(0, len(candidates), _AT_ONCE):
        part = candidates[start : start + _AT_ONCE]
        if len(best) == _MOST_CANDIDATES and -best[-1][0] > counts[part[0]]:
            # No other word can have more visible documents.
            break
        seen = [(-count, spelling) for spelling, count in zip(part, visible(part), strict=True) if count]
        best = sorted([*best, *seen])[:_MOST_CANDIDATES]
    return [spelling for _, spelling in best]
