"""Sentences, the words that match a query, and the passage that shows them best."""

from __future__ import annotations

import html
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

import numpy as np
from whoosh import query as q

from cablesearch.cable import collapsed
from cablesearch.engine.fields import Text
from cablesearch.engine.search.chains import Chains
from cablesearch.engine.search.expand import edit_distances, wildcard_test
from cablesearch.schema import query_schema
from cablesearch.text.analysis import split, stem, words_with_places
from cablesearch.text.terminal import printable

__all__ = ["Marker", "Snippet", "best_passage", "passage", "sentences", "snippet"]

Span = tuple[int, int]
_Test = Callable[[set[str]], set[str]]
"""Distinct words -> those that a leaf matches."""

_TABLE = 256
_STRETCH = 100_000
"""Code points of a text that are marked at once; longer texts are cut in stretches of so many at the most."""
_OVERLAP = 10_000
"""How far before a stretch words are looked at, for phrases that go on there."""
_BLANKS = 1_000
"""How far before the end of a stretch a blank is looked for, to cut there."""
_KEPT = 8
"""For how many distances at once what their phrases have in common is kept."""
_FEW = 50_000
"""Places of the words of phrases that are looked at one by one."""

# Starting only where a run of points starts keeps the search linear in the run's length.
_END = re.compile(r"""(?<![.!?…])[.!?…]+["'”’)\]]*(?=\s+["'“‘(\[¿¡]*[^\W_])""")
_LAST_WORD = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]+$|[^\W_]+$")
_NEXT_WORD = re.compile(r"\W*(\w+)")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_STARTER = re.compile(
    "a|after|although|an|and|as|at|both|but|for|from|he|her|his|however|if|in|it|its|most|no|on|one|our|she|some|"
    "that|the|there|these|they|this|those|to|we|when|while|with"
)


@cache
def _abbreviations() -> frozenset[str]:
    text = resources.files(__package__).joinpath("abbreviations.txt").read_text(encoding="ascii")
    return frozenset(text.split())


def sentences(text: str) -> list[Span]:
    """Where the sentences of a text begin and end, by rules and a list of abbreviations.

    A point ends no sentence after an abbreviation (``Amb.``, ``Jan.``, ``No.``), nor after initials (``U.S.``) unless
    a word follows that commonly begins one.
    """
    result: list[Span] = []
    start = 0
    for found in _END.finditer(text):
        if found[0] == "." and _abbreviated(text, found.start(), found.end()):
            continue
        result.append((start, found.end()))
        start = found.end()
        while start < len(text) and text[start].isspace():
            start += 1
    if start < len(text):
        result.append((start, len(text)))
    return result


def _abbreviated(text: str, point: int, end: int) -> bool:
    word = _LAST_WORD.search(text, max(0, point - 30), point)
    if not word:
        return False
    following = _NEXT_WORD.match(text, end)
    after = following[1] if following else ""
    if not after[:1].isupper() and not after[:1].isdigit():
        return True
    if _INITIALS.fullmatch(word[0]):
        return not _STARTER.fullmatch(after.lower())
    return word[0].lower() in _abbreviations()


class Part(NamedTuple):
    """A stretch of a text, and the matches in it: (start, end, leaf), places in the whole text."""

    start: int
    end: int
    spans: list[tuple[int, int, int]]


def _ends(text: str) -> Iterator[int]:
    """Where the stretches of a text end: behind a blank, if there is any near."""
    end = 0
    while len(text) - end > _STRETCH:
        end += _STRETCH
        blanks = (place for place in range(end, end - _BLANKS, -1) if text[place - 1].isspace())
        end = next(blanks, end)
        yield end
    yield len(text)


class Marker:
    """Finds the words of a text that a query's leaves match.

    Args:
        leaves: the leaves of a query tree (see `cablesearch.engine.leaves`).
        fields: the fields that the text is indexed in; leaves of others mark nothing.
    """

    def __init__(self, leaves: Iterable[q.Query], fields: Iterable[str]) -> None:
        allowed = set(fields)
        # By whether words are stemmed: tests, and phrases with their slop, each with the number of its leaf.
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
        """The text in stretches, each with the `spans` of its matches, so that a long text takes no more memory than a
        short one. A phrase of more than `_OVERLAP` code points may be passed over where two meet."""
        start = 0
        for end in _ends(text):
            before = max(0, start - _OVERLAP)
            seen = text[before:end]
            spans: list[tuple[int, int, int]] = []
            if end - start == len(text) or self._may_match(seen):
                spans = [
                    (max(first + before, start), last + before, leaf)
                    for first, last, leaf in self.spans(seen)
                    if last + before > start
                ]
            yield Part(start, end, spans)
            start = end

    def first(self, text: str) -> Part:
        """The first stretch of the text in which anything matches, or the first of all."""
        first: Part | None = None
        for part in self.parts(text):
            if part.spans:
                return part
            first = first or part
        return first or Part(0, 0, [])

    def _may_match(self, text: str) -> bool:
        """Whether there are words of which a match may be made."""
        plain = set(split(text)[0])
        for stemmed, (tests, phrases) in self._kinds.items():
            spelt = set(map(stem, plain)) if stemmed else plain
            if any(test(spelt) for _, test in tests) or any(spelt.issuperset(phrase) for _, phrase, _ in phrases):
                return True
        return False

    def spans(self, text: str) -> list[tuple[int, int, int]]:
        """(start, end, leaf) of every match, by start; overlapping ones are joined and keep the first's leaf."""
        if not self._kinds:
            return []
        words = words_with_places(text)
        plain = [word for word, *_ in words]
        found: list[tuple[int, int, int]] = []
        for stemmed, (tests, phrases) in self._kinds.items():
            spelt = list(map(stem, plain)) if stemmed else plain
            if tests:
                # The first leaf that matches a word keeps it, so more leaves take no longer for the same words.
                distinct, owners = set(spelt), dict[str, int]()
                for number, test in tests:
                    for word in test(distinct):
                        owners.setdefault(word, number)
                found += [(*words[index][2:], owners[word]) for index, word in enumerate(spelt) if word in owners]
            if phrases:
                found += [(*words[index][2:], number) for index, number in _in_phrases(words, spelt, phrases)]
        return _joined(found)


def _test(leaf: q.Query) -> _Test | None:
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
    """The same test, which sees each distinct word once however many texts it stands in."""
    known: dict[str, bool] = {}

    def remembered(words: set[str]) -> set[str]:
        new = words - known.keys()
        matching = test(new) if new else new
        known.update((word, word in matching) for word in new)
        return {word for word in words if known[word]}

    return remembered


def _near(words: set[str], wanted: str, distance: int, prefix_length: int) -> set[str]:
    """The words that `cablesearch.engine.fuzzy` would find, many to a table: a table for each is slow to set up."""
    prefix = wanted[:prefix_length]
    near = [word for word in words if abs(len(word) - len(wanted)) <= distance and word[:prefix_length] == prefix]
    found: set[str] = set()
    for start in range(0, len(near), _TABLE):
        some = near[start : start + _TABLE]
        found.update(itertools.compress(some, edit_distances(wanted, some) <= distance))
    return found


def _in_phrases(
    words: list[tuple[str, int, int, int]], spelt: list[str], phrases: Sequence[tuple[int, list[str], int]]
) -> list[tuple[int, int]]:
    """The index of each word that stands in an occurrence of a phrase, as the engine finds occurrences, and the leaf
    of the first such phrase: an occurrence goes from a word that can end it back to the nearest before it.

    Args:
        words: the words with their places.
        spelt: the words as the phrases spell them.
        phrases: (leaf, words, slop), by leaf.
    """
    listed: dict[str, list[int]] = {word: [] for _, phrase, _ in phrases for word in phrase}
    for index, word in enumerate(spelt):
        if word in listed:
            listed[word].append(index)
    whole = [one for one in phrases if one[1] and all(map(listed.__getitem__, one[1]))]
    if not whole:
        return []
    looked_at = sum(len(listed[word]) for _, phrase, _ in whole for word in phrase)
    if looked_at < _FEW and all(slop == 1 for *_, slop in whole):
        return _in_plain_phrases(words, listed, whole)
    indexes = {word: np.array(own) for word, own in listed.items() if own}
    places = np.array([place for _, place, _, _ in words], np.int64)
    size = words[-1][1] + 1 if words else 0
    nothing = len(whole)
    first = np.full(len(words), nothing)
    chains_of = lru_cache(maxsize=_KEPT)(lambda slop: Chains(np.zeros(1, np.int64), size, size, slop))
    bits = {word: chains_of(1).bits(places[own]) for word, own in indexes.items()}
    for number, (_, phrase, slop) in enumerate(whole):
        marked = dict.fromkeys(phrase, 0)
        for word, own in zip(phrase, chains_of(slop).nearest([bits[word] for word in phrase]), strict=True):
            marked[word] |= own
        for word, own in marked.items():
            if own:
                chosen = indexes[word][chains_of(slop).mask(own)[places[indexes[word]]]]
                first[chosen] = np.minimum(first[chosen], number)
    return [(index, whole[first[index]][0]) for index in np.flatnonzero(first < nothing).tolist()]


def _in_plain_phrases(
    words: list[tuple[str, int, int, int]], listed: dict[str, list[int]], phrases: Sequence[tuple[int, list[str], int]]
) -> list[tuple[int, int]]:
    """What `_in_phrases` finds, for phrases whose words follow each other; faster where there is little to look at.

    Args:
        listed: the indexes of the words by how they are spelt.
    """
    owners: dict[int, int] = {}
    for leaf, phrase, _ in phrases:
        starts = {words[index][1] for index in listed[phrase[0]]}
        for behind, word in enumerate(phrase[1:], 1):
            starts &= {words[index][1] - behind for index in listed[word]}
            if not starts:
                break
        else:
            for behind, word in enumerate(phrase):
                for index in listed[word]:
                    if words[index][1] - behind in starts:
                        owners.setdefault(index, leaf)
    return sorted(owners.items())


def _joined(spans: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
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
    """A passage with its matches: ``parts`` are (text, whether it is a match)."""

    parts: tuple[tuple[str, bool], ...]

    def plain(self) -> str:
        """The passage as it is."""
        return "".join(text for text, _ in self.parts)

    def html(self) -> str:
        """Escaped HTML, the matches in ``<mark>``."""
        return "".join(
            f"<mark>{html.escape(text)}</mark>" if matched else html.escape(text) for text, matched in self.parts
        )

    def terminal(self, style: Callable[[str], str] | None = None) -> str:
        """For a terminal: control characters replaced, matches passed through ``style``."""
        return "".join(style(printable(text)) if matched and style else printable(text) for text, matched in self.parts)


def best_passage(text: str, marker: Marker, width: int = 240) -> Snippet:
    """The `passage` of a text with its matches, white space collapsed; of a long text, of the first stretch that has
    any match."""
    part = marker.first(text)
    stretch = text[part.start : part.end]
    spans = [(start - part.start, end - part.start, leaf) for start, end, leaf in part.spans]
    cut = (part.start > 0, part.end < len(text))
    return passage(collapsed(stretch), _shifted(stretch, spans), width, cut)


def _shifted(text: str, spans: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """The spans where they are once white space is collapsed."""
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
    """The passage of about ``width`` code points that shows most of the different matches, on sentence borders.

    Args:
        text: the whole text.
        spans: its matches, as `Marker.spans` gives them.
        width: a single sentence longer than this is cut between words.
        cut: whether the text itself goes on before and behind.
    """
    start, end = _best_window(text, spans, width)
    if end - start > width:
        start, end = _cut(text, spans, start, end, width)
    return snippet(text, spans, start, end, cut)


def snippet(
    text: str, spans: list[tuple[int, int, int]], start: int, end: int, cut: tuple[bool, bool] = (False, False)
) -> Snippet:
    """``text[start:end]`` with its matches, and an ellipsis where it is cut."""
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
    """How many different leaves match within each window, and how many matches those are.

    Neither the starts nor the ends of the windows, nor those of the spans, may ever go back: each span then enters
    once and leaves once, however many windows it is in.
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
    """A stretch of ``width`` within one long sentence, around most of its matches, between words."""
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
