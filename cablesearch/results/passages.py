"""The words of a text that match a query, and the passage that shows them best."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch.cable import collapsed
from cablesearch.engine.fields import Text
from cablesearch.engine.search.chains import Chains
from cablesearch.engine.search.expand import edit_distances, wildcard_test
from cablesearch.results.sentences import sentences
from cablesearch.schema.index_fields import query_schema
from cablesearch.text.analysis import split, stem, words_with_places
from cablesearch.text.terminal import printable

__all__ = ["Highlighter", "Marker", "Snippet", "best_passage", "passage", "snippet"]

Span = tuple[int, int]
_Test = Callable[[set[str]], set[str]]
"""Distinct words -> those of them that a leaf matches."""

_TABLE = 256
"""Words whose edit distances are computed in one table."""
_STRETCH = 100_000
"""Code points that are marked at once; longer texts are cut into stretches of at most this length."""
_OVERLAP = 10_000
"""Code points before a stretch that are read too, for phrases that begin there."""
_BLANKS = 1_000
"""Code points before the end of a stretch in which to look for a blank to cut at."""
_KEPT = 8
"""Distances whose shared tables are kept at the same time."""
_FEW = 50_000
"""Occurrences of phrase words up to which plain sets are faster than bitmaps."""


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
        end = next(blanks, end)
        yield end
    yield len(text)


class Marker:
    """Marks the words of a text that match the leaves of a query.

    Args:
        leaves: the leaves of a query tree (see `cablesearch.engine.leaves`).
        fields: the fields in which the text is indexed; leaves for other fields are ignored.
    """

    def __init__(self, leaves: Iterable[q.Query], fields: Iterable[str]) -> None:
        allowed = set(fields)
        # Stemmed or not -> (tests, phrases), each with the number of its leaf; phrases also with their slop.
        # The query  trade exact:talks "open door"  gives
        # {True: ([(0, is trade)], [(2, ["open", "door"], 1)]), False: ([(1, is talks)], [])}.
        self._kinds: dict[bool, tuple[list[tuple[int, _Test]], list[tuple[int, list[str], int]]]] = {}
        for number, leaf in enumerate(leaves):
            name = getattr(leaf, "fieldname", None)
            if name not in allowed:
                continue
            field = query_schema()[name]
            stemmed = isinstance(field, Text) and field.normalise is not None
            if isinstance(leaf, q.Phrase):
                self._kinds.setdefault(stemmed, ([], []))[1].append((number, list(leaf.words), leaf.slop))
            elif test := _test(leaf):
                own = test if isinstance(leaf, q.Term) else _remembering(test)
                self._kinds.setdefault(stemmed, ([], []))[0].append((number, own))

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
        first: Part | None = None
        for part in self.parts(text):
            if part.spans:
                return part
            first = first or part
        return first or Part(0, 0, [])

    def _may_match(self, text: str) -> bool:
        """Return whether the text has the words that a match needs; much faster than `spans`."""
        plain = set(split(text)[0])
        for stemmed, (tests, phrases) in self._kinds.items():
            spelt = set(map(stem, plain)) if stemmed else plain
            if any(test(spelt) for _, test in tests) or any(spelt.issuperset(phrase) for _, phrase, _ in phrases):
                return True
        return False

    def spans(self, text: str) -> list[tuple[int, int, int]]:
        """Return the (start, end, leaf) of every match, by start. Overlapping matches are joined under the first leaf.

        >>> Marker([q.Term("exact", "talks")], ["exact"]).spans("Trade talks")
        [(6, 11, 0)]
        """
        if not self._kinds:
            return []
        words = words_with_places(text)
        plain = [word for word, *_ in words]
        spans: list[tuple[int, int, int]] = []
        for stemmed, (tests, phrases) in self._kinds.items():
            spelt = list(map(stem, plain)) if stemmed else plain
            if tests:
                # The first leaf that matches a word owns it. Tests see distinct words, not occurrences: for
                # "war and war" they get {"war", "and"} once.
                distinct, owners = set(spelt), dict[str, int]()
                for number, test in tests:
                    for word in test(distinct):
                        owners.setdefault(word, number)
                spans += [(*words[index][2:], owners[word]) for index, word in enumerate(spelt) if word in owners]
            if phrases:
                spans += [(*words[index][2:], number) for index, number in _in_phrases(words, spelt, phrases)]
        return _joined(spans)


class Highlighter:
    """Marks the matches of one query in the texts of any number of cables: made once for a page of hits.

    Args:
        leaves: the leaves of the query tree (see `cablesearch.engine.leaves`).
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
        fits = wildcard_test(leaf.text)
        return lambda words: set(filter(fits, words))
    if isinstance(leaf, q.FuzzyTerm):
        return lambda words: _near(words, leaf.text, leaf.maxdist, leaf.prefixlength)
    return None


def _remembering(test: _Test) -> _Test:
    """Return the same test with a memory: each distinct word is tested once, in however many texts it occurs."""
    known: dict[str, bool] = {}

    def remembered(words: set[str]) -> set[str]:
        new = words - known.keys()
        matching = test(new) if new else new
        known.update((word, word in matching) for word in new)
        return {word for word in words if known[word]}

    return remembered


def _near(words: set[str], wanted: str, distance: int, prefix_length: int) -> set[str]:
    """Return the words that `cablesearch.engine.fuzzy` would match, tested many at a time: setting up a table of
    distances for each word would be slow."""
    prefix = wanted[:prefix_length]
    near = [word for word in words if abs(len(word) - len(wanted)) <= distance and word[:prefix_length] == prefix]
    matching: set[str] = set()
    for start in range(0, len(near), _TABLE):
        batch = near[start : start + _TABLE]
        matching.update(itertools.compress(batch, edit_distances(wanted, batch) <= distance))
    return matching


def _in_phrases(
    words: list[tuple[str, int, int, int]], spelt: list[str], phrases: Sequence[tuple[int, list[str], int]]
) -> list[tuple[int, int]]:
    """Return (index, leaf) for each word in an occurrence of a phrase, with the first such phrase's leaf.

    As in the engine, an occurrence goes from a word that can end it back to the nearest word before it. So in
    "alfa alfa bravo" the phrase "alfa bravo" marks the second alfa and bravo: [(1, leaf), (2, leaf)].

    Args:
        words: the (word, place, start, end) of the text's words.
        spelt: the words as the phrases spell them.
        phrases: (leaf, words, slop), by leaf.
    """
    listed: dict[str, list[int]] = {word: [] for _, phrase, _ in phrases for word in phrase}
    for index, word in enumerate(spelt):
        if word in listed:
            listed[word].append(index)
    whole = [entry for entry in phrases if entry[1] and all(map(listed.__getitem__, entry[1]))]
    if not whole:
        return []
    occurrences = sum(len(listed[word]) for _, phrase, _ in whole for word in phrase)
    if occurrences < _FEW and all(slop == 1 for *_, slop in whole):
        return _in_plain_phrases(words, listed, whole)
    return _in_long_text(words, {word: np.array(own) for word, own in listed.items() if own}, whole)


def _in_long_text(
    words: list[tuple[str, int, int, int]],
    indexes: dict[str, NDArray[np.int64]],
    phrases: Sequence[tuple[int, list[str], int]],
) -> list[tuple[int, int]]:
    """Do the work of `_in_phrases` with bitmaps: a bit for each place of the text, a bitmap for each word.

    For the places 0 alfa, 1 bravo, 2 alfa the bitmaps are alfa 0b101, bravo 0b010. `Chains` combines those of a
    phrase's words, and keeps what distances have in common; phrases of one slop share it.

    Args:
        indexes: the indexes of each word in ``words``, rising, shape (occurrences,), int64; no list is empty.
    """
    places = np.array([place for _, place, _, _ in words], np.int64)
    size = words[-1][1] + 1
    unmarked = len(phrases)
    first = np.full(len(words), unmarked)
    chains_of = lru_cache(maxsize=_KEPT)(lambda slop: Chains(np.zeros(1, np.int64), size, size, slop))
    bits = {word: chains_of(1).bits(places[own]) for word, own in indexes.items()}
    for number, (_, phrase, slop) in enumerate(phrases):
        marked = dict.fromkeys(phrase, 0)
        for word, own in zip(phrase, chains_of(slop).nearest([bits[word] for word in phrase]), strict=True):
            marked[word] |= own
        for word, own in marked.items():
            if own:
                chosen = indexes[word][chains_of(slop).mask(own)[places[indexes[word]]]]
                first[chosen] = np.minimum(first[chosen], number)
    return [(index, phrases[first[index]][0]) for index in np.flatnonzero(first < unmarked).tolist()]


def _in_plain_phrases(
    words: list[tuple[str, int, int, int]], listed: dict[str, list[int]], phrases: Sequence[tuple[int, list[str], int]]
) -> list[tuple[int, int]]:
    """Do the work of `_in_phrases` with sets, for phrases whose words follow each other; faster for short texts.

    The phrase "open door" starts at the places of "open" whose next place has "door": {3, 8} & {7 - 1, 9 - 1} = {8}.

    Args:
        listed: the indexes of the words by their spelling.
    """
    owners: dict[int, int] = {}
    for leaf, phrase, _ in phrases:
        starts = {words[index][1] for index in listed[phrase[0]]}
        for offset, word in enumerate(phrase[1:], 1):
            starts &= {words[index][1] - offset for index in listed[word]}
            if not starts:
                break
        else:
            for offset, word in enumerate(phrase):
                for index in listed[word]:
                    if words[index][1] - offset in starts:
                        owners.setdefault(index, leaf)
    return sorted(owners.items())


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


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage with its matches: ``parts`` are pairs of a text and a bool, true for a match."""

    parts: tuple[tuple[str, bool], ...]

    def plain(self) -> str:
        """Return the passage as plain text."""
        return "".join(text for text, _ in self.parts)

    def html(self) -> str:
        """Return the passage as escaped HTML with the matches in ``<mark>``."""
        import html

        return "".join(
            f"<mark>{html.escape(text)}</mark>" if matched else html.escape(text) for text, matched in self.parts
        )

    def terminal(self, style: Callable[[str], str] | None = None) -> str:
        """Return the passage for a terminal: without control characters, the matches passed through ``style``."""
        return "".join(style(printable(text)) if matched and style else printable(text) for text, matched in self.parts)


def best_passage(text: str, marker: Marker, width: int = 240) -> Snippet:
    """Return the best `passage` of a text with white space collapsed; of a long text, of the first stretch with a
    match."""
    part = marker.first(text)
    stretch = text[part.start : part.end]
    spans = [(start - part.start, end - part.start, leaf) for start, end, leaf in part.spans]
    cut = (part.start > 0, part.end < len(text))
    return passage(collapsed(stretch), _shifted(stretch, spans), width, cut)


def _shifted(text: str, spans: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return the spans as they are after white space is collapsed: the match in "a  b" moves from 3 to 2."""
    if text == collapsed(text):
        return spans
    places: list[int] = []
    length = 0
    blank = True
    for char in text:
        places.append(length)
        if not char.isspace():
            length, blank = length + 1, False
        elif not blank:
            length, blank = length + 1, True
    places.append(length)
    return [(places[start], places[end], leaf) for start, end, leaf in spans]


def passage(
    text: str, spans: list[tuple[int, int, int]], width: int = 240, cut: tuple[bool, bool] = (False, False)
) -> Snippet:
    """Return the passage of at most about ``width`` code points with the most different matches, in whole sentences.

    Args:
        text: the whole text.
        spans: its matches, as `Marker.spans` returns them.
        width: a single sentence longer than this is cut between words.
        cut: whether there is more text before and after ``text``.
    """
    start, end = _best_window(text, spans, width)
    if end - start > width:
        start, end = _cut(text, spans, start, end, width)
    return snippet(text, spans, start, end, cut)


def snippet(
    text: str, spans: list[tuple[int, int, int]], start: int, end: int, cut: tuple[bool, bool] = (False, False)
) -> Snippet:
    """Return ``text[start:end]`` with its matches, and an ellipsis where it is cut."""
    parts: list[tuple[str, bool]] = [("… ", False)] if start > 0 or cut[0] else []
    at = start
    for begin, stop, _ in spans:
        if begin >= end or stop <= start:
            continue
        first, last = max(begin, start), min(stop, end)
        if first > at:
            parts.append((text[at:first], False))
        parts.append((text[first:last], True))
        at = last
    if at < end:
        parts.append((text[at:end], False))
    if end < len(text) or cut[1]:
        parts.append((" …", False))
    return Snippet(tuple(parts))


def _best_window(text: str, spans: list[tuple[int, int, int]], width: int) -> Span:
    """Return the first of the windows with the most different matches, then the most matches.

    A window starts at each sentence and takes as many whole sentences as fit: sentences of 100, 90 and 80 code points
    in a width of 200 make the windows 1-2, 2-3 and 3.
    """
    if len(text) <= width:
        return 0, len(text)
    borders = sentences(text)
    if not borders:
        return 0, len(text)
    windows: list[Span] = []
    last = 0
    for first, (start, _) in enumerate(borders):
        last = max(last, first)
        while last + 1 < len(borders) and borders[last + 1][1] - start <= width:
            last += 1
        windows.append((start, borders[last][1]))
    worths = _worths(spans, windows)
    return windows[worths.index(max(worths))]


def _worths(spans: list[tuple[int, int, int]], windows: list[Span]) -> list[tuple[int, int]]:
    """Return for each window how many different leaves match in it, and how many matches it has.

    The starts and the ends of the windows must rise, and so must those of the spans. Each span then enters the count
    once and leaves it once, however many windows it is in.

    >>> _worths([(0, 2, 0), (3, 5, 1), (6, 8, 1)], [(0, 5), (3, 9)])
    [(2, 2), (1, 2)]
    """
    worths: list[tuple[int, int]] = []
    counts: Counter[int] = Counter()
    left = right = 0
    for start, end in windows:
        while right < len(spans) and spans[right][1] <= end:
            counts[spans[right][2]] += 1
            right += 1
        while left < right and spans[left][0] < start:
            leaf = spans[left][2]
            counts[leaf] -= 1
            if not counts[leaf]:
                del counts[leaf]
            left += 1
        worths.append((len(counts), right - left))
    return worths


def _cut(text: str, spans: list[tuple[int, int, int]], start: int, end: int, width: int) -> Span:
    """Return a stretch of ``width`` of one long sentence, around its densest matches, cut between words.

    The best start is the match with the most different leaves in the next three quarters of the width; a quarter is
    left for the words before it.
    """
    inside = [span for span in spans if start <= span[0] < end]
    best = start
    if inside:
        leaves = [leaves for leaves, _ in _worths(inside, [(first, first + width * 3 // 4) for first, _, _ in inside])]
        best = inside[leaves.index(max(leaves))][0]
    left = max(start, min(best - width // 4, end - width))
    right = min(end, left + width)
    if left > start:
        left = text.find(" ", left, best + 1) + 1 or best
    if right < end:
        right = max(text.rfind(" ", left + 1, right), left + 1) if " " in text[left + 1 : right] else right
    return left, right
