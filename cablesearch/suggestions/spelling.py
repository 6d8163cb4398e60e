"""Correct the spelling of a query that finds nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from cablesearch.engine.search import expand
from cablesearch.engine.search.view import View
from cablesearch.query.fields import Target, bare, target
from cablesearch.query.written import WrittenWord, written_words

__all__ = ["suggested"]

_MOST_CORRECTED = 5
"""The most different words of a query that are corrected."""
_LONGEST = 60
"""The longest word, in letters, that is corrected."""
_SHORTEST = 3
_SHORTEST_FAR = 5
"""The shortest word, in letters, that may differ in two letters from its correction."""
_MOST_CANDIDATES = 4
"""The most corrections of a word that are tried."""
_MORE_COMMON = 50
"""How many times as frequent as a word that does occur its correction must be."""


class _Word(NamedTuple):
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


def suggested(view: View, text: str, *, by_cable: bool, finds: Callable[[str], bool], tries: int) -> str | None:
    """Return a query with misspelt words corrected that finds something, or None.

    A word that does not occur is misspelt. If all words occur, those may be that occur far less often than a word next
    to them. Corrections occur.

    Args:
        view: the view that is searched.
        text: a query that finds nothing.
        by_cable: whether words without a field are searched in the envelope too.
        finds: returns whether a query finds anything.
        tries: the most queries that are tried.
    """
    places: dict[_Word, list[WrittenWord]] = {}
    for written in written_words(text):
        if _SHORTEST <= len(written.word) <= _LONGEST:
            targets = target(written.field) if written.field else bare(by_cable)
            places.setdefault(_Word(written.word, targets), []).append(written)
    for corrections in itertools.islice(_corrections(view, list(places)), tries):
        corrected = _replaced(text, {place: better for word, better in corrections.items() for place in places[word]})
        if finds(corrected):
            return corrected
    return None


def _corrections(view: View, words: list[_Word]) -> Iterator[Mapping[_Word, str]]:
    """Yield what to replace by what, the likeliest correction first."""
    unknown = [word for word in words if not word.frequency(view)]
    candidates = {word: _candidates(view, word) for word in unknown[:_MOST_CORRECTED]}
    correctable = {word: spellings for word, spellings in candidates.items() if spellings}
    if correctable:
        places = itertools.product(*(range(len(spellings)) for spellings in correctable.values()))
        for chosen in sorted(places, key=sum):
            yield {word: correctable[word][place] for word, place in zip(correctable, chosen, strict=True)}
    elif not unknown:
        doubtful = {word: list(_far_more_common(view, word)) for word in words[:_MOST_CORRECTED]}
        doubtful = {word: spellings for word, spellings in doubtful.items() if spellings}
        if len(doubtful) > 1:
            yield {word: spellings[0] for word, spellings in doubtful.items()}
        for word, spellings in doubtful.items():
            yield from ({word: spelling} for spelling in spellings)


def _far_more_common(view: View, word: _Word) -> Iterator[str]:
    """Yield the words next to one that occurs which are so much more common that it may be a misspelling of them."""
    least = word.frequency(view) * _MORE_COMMON
    if len(word.word) >= _SHORTEST_FAR:
        for spelling in _candidates(view, word, furthest=1):
            if word.exact_frequency(view, spelling) >= least and not word.is_form_of(spelling):
                yield spelling


def _candidates(view: View, word: _Word, furthest: int = 2) -> list[str]:
    """Return the visible words nearest to a word: by distance, then the most common, then in alphabetical order.

    Words with another first letter are candidates only if there are no others.
    """
    distance = min(furthest, 1 if len(word.word) < _SHORTEST_FAR else 2)
    for same_letters in (1, 0):
        near = _near(view, word, distance, same_letters)
        spellings = [spelling for spelling in near if spelling != word.word and spelling.isalpha()]
        groups: dict[int, dict[str, int]] = {}
        for spelling, apart in zip(spellings, expand.edit_distances(word.word, spellings).tolist(), strict=True):
            groups.setdefault(apart, {})[spelling] = near[spelling]
        result: list[str] = []
        for _, counts in sorted(groups.items()):
            if len(result) < _MOST_CANDIDATES:
                result += _most_common(counts, lambda spelling: word.exact_frequency(view, spelling))
        if result:
            return result[:_MOST_CANDIDATES]
    return []


def _near(view: View, word: _Word, distance: int, same_letters: int) -> dict[str, int]:
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


def _replaced(text: str, corrections: Mapping[WrittenWord, str]) -> str:
    """Return a query with words replaced by others."""
    parts, end = [], 0
    for place, spelling in sorted(corrections.items(), key=lambda pair: pair[0].start):
        parts += [text[end : place.start], spelling]
        end = place.end
    return "".join([*parts, text[end:]])
