"""The words of a text that match a query."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import cached_property
from typing import NamedTuple

from whoosh import query as q

from cablesearch.protocols.fields import Text
from cablesearch.protocols.queries import Near
from cablesearch.schema.index_fields import query_schema
from cablesearch.text.analysis import split, stem
from cablesearch.text.characters import after_marks, character_start
from cablesearch.text.continuation import CONTINUED
from cablesearch.text.places import words_with_places, words_with_places_near

__all__ = ["Highlighter", "Marker", "Part"]

_Test = Callable[[set[str]], set[str]]
"""Distinct words -> those of them that a leaf matches."""

_TABLE = 256
"""Words whose edit distances are computed in one table."""
_STRETCH = 100_000
"""Code points that are marked at once; longer texts are cut into stretches of at most this length."""
_OVERLAP = 10_000
"""Code points before a stretch that are read too, for phrases that begin there."""
_REMEMBERED = 100_000
"""Words that were tested, beyond which they are forgotten."""
_CHANGED = 2
"""The most letters at the end of a stem in which it differs from its words: happi and happy, capabl and capability."""
_MOST_BEGINNINGS = 64
"""Beginnings of words up to which looking for each is faster than reading all words."""
_WILD = re.compile(r"[*?\[]")
_BLANKS = 1_000
"""Code points before the end of a stretch in which to look for a blank to cut at."""


class Part(NamedTuple):
    """A stretch of a text with the (start, end, leaf) of its matches; all places count from the start of the text."""

    start: int
    end: int
    spans: list[tuple[int, int, int]]


def _ends(text: str) -> Iterator[int]:
    """Yield where the stretches of a text end: after a blank if there is one nearby."""
    end = 0
    while len(text) - end > _STRETCH:
        end += _STRETCH
        blanks = (place for place in range(end, end - _BLANKS, -1) if text[place - 1].isspace())
        end = next(blanks, None) or character_start(text, end)
        yield end
    yield len(text)


class Marker:
    """Marks the words of a text that match the leaves of a query.

    Args:
        leaves: the leaves of a query tree (see `cablesearch.protocols.queries.leaves`).
        fields: the fields in which the text is indexed; leaves for other fields are ignored.
    """

    def __init__(self, leaves: Iterable[q.Query], fields: Iterable[str]) -> None:
        allowed = set(fields)
        # Stemmed or not -> tests, or phrases with their slop, each with the number of its leaf.
        # The query  trade exact:talks "open door"  gives
        # {True: [(0, is trade)], False: [(1, is talks)]} and {True: [(2, ["open", "door"], 1)]}.
        tests: dict[bool, list[tuple[int, _Test]]] = {}
        phrases: dict[bool, list[tuple[int, list[str], int]]] = {}
        wanted = list(leaves)
        initials: set[str] = set()
        beginnings: set[str] = set()
        nears: dict[bool, list[tuple[int, Near]]] = {}
        # The words of a phrase, which may lie far apart, are numbered as if they were leaves.
        self._numbers: dict[tuple[int, str], int] = {}
        for number, leaf in enumerate(wanted):
            name = getattr(leaf, "fieldname", None)
            if name not in allowed:
                continue
            field = query_schema()[name]
            stemmed = isinstance(field, Text) and field.normalise is not None
            if isinstance(leaf, Near):
                nears.setdefault(stemmed, []).append((number, leaf))
            elif isinstance(leaf, q.Phrase):
                phrases.setdefault(stemmed, []).append((number, list(leaf.words), leaf.slop))
            elif test := _test(leaf):
                tests.setdefault(stemmed, []).append((number, test))
            else:
                continue
            begun = _beginnings(leaf)
            if stemmed:
                initials.update(word[:1] for word in begun)
                begun = {word[: max(1, len(word) - _CHANGED)] for word in begun}
            beginnings |= begun
            for word in leaf.words if isinstance(leaf, (q.Phrase, Near)) else ():
                self._numbers.setdefault((number, word), len(wanted) + len(self._numbers))
        self._stems = _Stems(set("abcdefghijklmnopqrstuvwxyz") if "" in initials else initials)
        self._beginnings = None if "" in beginnings or len(beginnings) > _MOST_BEGINNINGS else sorted(beginnings)
        # Phrases of adjacent words can be found without the rest of the text; distances cannot be counted without it.
        self._apart = not nears and all(slop == 1 for own in phrases.values() for *_, slop in own)
        self._owners = [_Owners(own, self._stems if stemmed else None) for stemmed, own in tests.items()]
        self._phrases = phrases
        self._nears = nears

    def parts(self, text: str) -> Iterator[Part]:
        """Yield the text in stretches with their matches, so that a long text takes no more memory than a short one.

        A phrase of more than `_OVERLAP` code points may be missed where two stretches meet."""
        start = 0
        for end in _ends(text):
            before = max(0, start - _OVERLAP)
            window = text[before:end]
            spans: list[tuple[int, int, int]] = []
            if end - start == len(text) or self._may_match(window):
                spans = [
                    (max(first + before, start), last + before, leaf)
                    for first, last, leaf in self.spans(window)
                    if last + before > start
                ]
            yield Part(start, end, spans)
            start = end

    def first(self, text: str) -> Part:
        """Return the first stretch with a match, or the first stretch if nothing matches."""
        if len(text) <= _STRETCH:
            return Part(0, len(text), self.spans(text))
        first: Part | None = None
        for part in self.parts(text):
            if part.spans:
                return part
            first = first or part
        return first or Part(0, 0, [])

    def _may_match(self, text: str) -> bool:
        """Return whether the text has the words that a match needs; much faster than `spans`."""
        plain = set(split(text)[0])
        if any(owners.of(plain) for owners in self._owners):
            return True
        for stemmed, phrases in self._phrases.items():
            spelt = set(map(self._stems.__getitem__, plain)) if stemmed else plain
            if any(spelt.issuperset(phrase) for _, phrase, _ in phrases):
                return True
        for stemmed, nears in self._nears.items():
            spelt = set(map(self._stems.__getitem__, plain)) if stemmed else plain
            if any(near.has_words(spelt) for _, near in nears):
                return True
        return False

    def spans(self, text: str) -> list[tuple[int, int, int]]:
        """Return the (start, end, leaf) of every match, by start. Overlapping matches are joined under the first leaf.

        ``leaf`` is the number of a leaf, or one beyond them for each word of a phrase.

        >>> Marker([q.Term("exact", "talks")], ["exact"]).spans("Trade talks")
        [(6, 11, 0)]
        """
        if not self._owners and not self._phrases and not self._nears:
            return []
        if self._beginnings is None:
            words = words_with_places(text)
        else:
            words = words_with_places_near(text, self._beginnings, apart=self._apart)
        plain = [word for word, *_ in words]
        matches: list[tuple[int, int]] = []
        for owners in self._owners:
            if owner := owners.of(set(plain)):
                matches += [(index, owner[word]) for index, word in enumerate(plain) if word in owner]
        if self._phrases:
            from cablesearch.results.phrases import in_phrases

            for stemmed, phrases in self._phrases.items():
                spelt = list(map(self._stems.__getitem__, plain)) if stemmed else plain
                matches += [
                    (index, self._numbers[leaf, spelt[index]]) for index, leaf in in_phrases(words, spelt, phrases)
                ]
        if self._nears:
            from cablesearch.results.phrases import near_words

            for stemmed, nears in self._nears.items():
                spelt = list(map(self._stems.__getitem__, plain)) if stemmed else plain
                matches += [
                    (index, self._numbers[leaf, spelt[index]]) for index, leaf in near_words(words, spelt, nears)
                ]
        if text.isascii():
            return _joined([(*words[index][2:], leaf) for index, leaf in matches])
        return _joined([(words[index][2], after_marks(text, words[index][3]), leaf) for index, leaf in matches])


class _Stems(dict[str, str]):
    """Maps words to their stems, faster than `stem`, which knows the words of all texts.

    A stem begins as its word does; so a word from a to z that begins with none of ``initials``, as those of the leaves
    do, is left as it is. Stemming all words would take most of the time.
    """

    def __init__(self, initials: Set[str]) -> None:
        super().__init__()
        self._initials = initials

    def __missing__(self, word: str) -> str:
        spelling = word if "a" <= word[0] <= "z" and word[0] not in self._initials else stem(word)
        if len(self) < _REMEMBERED:
            self[word] = spelling
        return spelling


class _Owners:
    """Knows the first of some leaves that matches a word. Each distinct word is tested once, in however many texts.

    Args:
        tests: the number of each leaf and its test. Tests see distinct words: {"war", "and"} for "war and war".
        stems: the stems of words; None: the leaves are for words as they are.
    """

    def __init__(self, tests: Sequence[tuple[int, _Test]], stems: _Stems | None) -> None:
        self._tests = tests
        self._stems = stems
        self._tested: set[str] = set()
        self._owners: dict[str, int] = {}

    def of(self, words: set[str]) -> dict[str, int]:
        """Return those of the words that match, each with its leaf."""
        if len(self._tested) > _REMEMBERED:
            self._tested, self._owners = set(), {}
        if new := words - self._tested:
            self._tested |= new
            stems = self._stems
            spelt = {word: word if stems is None else stems[word] for word in new if word[0] != CONTINUED}
            distinct, owners = set(spelt.values()), dict[str, int]()
            for number, test in self._tests:
                for word in test(distinct):
                    owners.setdefault(word, number)
            self._owners.update((word, owners[spelling]) for word, spelling in spelt.items() if spelling in owners)
        return {word: self._owners[word] for word in words & self._owners.keys()}


def _beginnings(leaf: q.Query) -> set[str]:
    """Return the first letters of the words that match a leaf, as it spells them; without letters for any word."""
    if isinstance(leaf, (q.Phrase, Near)):
        return set(leaf.words)
    if isinstance(leaf, (q.Term, q.Prefix)):
        return {leaf.text}
    if isinstance(leaf, q.Wildcard):
        return {_WILD.split(leaf.text, maxsplit=1)[0]}
    return {leaf.text[: leaf.prefixlength] if isinstance(leaf, q.FuzzyTerm) else ""}


class Highlighter:
    """Marks the matches of one query in the texts of any number of cables: made once for a page of hits.

    Args:
        leaves: the leaves of the query tree (see `cablesearch.protocols.queries.leaves`).
    """

    def __init__(self, leaves: Iterable[q.Query]) -> None:
        self._leaves = list(leaves)

    @cached_property
    def text(self) -> Marker:
        """The marker for paragraphs."""
        return Marker(self._leaves, ("text", "exact"))

    @cached_property
    def envelope(self) -> Marker:
        """The marker for text outside of the paragraphs."""
        return Marker(self._leaves, ("envelope", "envelope_exact"))

    @cached_property
    def subject(self) -> Marker:
        """The marker for subjects."""
        return Marker(self._leaves, ("subject", "subject_exact"))

    @cached_property
    def heading(self) -> Marker:
        """The marker for headings of sections."""
        return Marker(self._leaves, ("heading", "heading_exact"))


def _test(leaf: q.Query) -> _Test | None:
    """Return the test for the words of a leaf; None for a leaf without words, such as a range of dates."""
    if isinstance(leaf, q.Term):
        return lambda words: words & {leaf.text}
    if isinstance(leaf, q.Prefix):
        return lambda words: {word for word in words if word.startswith(leaf.text)}
    if isinstance(leaf, q.Wildcard):
        # Imported here, as below, because most searches do not need it.
        from cablesearch.algorithms.wildcards import wildcard_test

        fits = wildcard_test(leaf.text)
        return lambda words: set(filter(fits, words))
    if isinstance(leaf, q.FuzzyTerm):
        return lambda words: _near(words, leaf.text, leaf.maxdist, leaf.prefixlength)
    return None


def _near(words: set[str], wanted: str, distance: int, prefix_length: int) -> set[str]:
    """Return the words within an edit distance of another one that share its first letters, as a search matches them.

    They are tested many at a time, because setting up a table of distances for each word would be slow.
    """
    from cablesearch.algorithms.distances import edit_distances

    prefix = wanted[:prefix_length]
    near = [word for word in words if abs(len(word) - len(wanted)) <= distance and word[:prefix_length] == prefix]
    matching: set[str] = set()
    for start in range(0, len(near), _TABLE):
        batch = near[start : start + _TABLE]
        matching.update(itertools.compress(batch, edit_distances(wanted, batch) <= distance))
    return matching


def _joined(spans: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return the spans by start, overlapping ones joined: [(0, 5, 0), (3, 8, 1)] -> [(0, 8, 0)]."""
    result: list[tuple[int, int, int]] = []
    for start, end, leaf in sorted(spans):
        if result and start < result[-1][1]:
            before = result[-1]
            result[-1] = (before[0], max(before[1], end), before[2])
        else:
            result.append((start, end, leaf))
    return result
