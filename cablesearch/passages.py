"""Sentences, the words that match a query, and the passage that shows them best."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from whoosh import query as q

from cablesearch.analysis import stem, words_with_places
from cablesearch.engine import Text, wildcard_test, within_distance
from cablesearch.schema import query_schema

__all__ = ["Marker", "Snippet", "passage", "printable", "sentences"]

Span = tuple[int, int]

_END = re.compile(r"""[.!?…]+["'”’)\]]*(?=\s+["'“‘(\[¿¡]*[^\W_])""")
_LAST_WORD = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]+$|[^\W_]+$")
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
    following = re.compile(r"\W*(\w+)").match(text, end)
    after = following[1] if following else ""
    if not after[:1].isupper() and not after[:1].isdigit():
        return True
    if _INITIALS.fullmatch(word[0]):
        return not _STARTER.fullmatch(after.lower())
    return word[0].lower() in _abbreviations()


class Marker:
    """Finds the words of a text that a query's leaves match.

    Args:
        leaves: the leaves of a query tree (see `cablesearch.engine.leaves`).
        fields: the fields that the text is indexed in; leaves of others mark nothing.
    """

    def __init__(self, leaves: Iterable[q.Query], fields: Iterable[str]) -> None:
        allowed = set(fields)
        self._tests: list[tuple[int, bool, Callable[[str], bool]]] = []
        self._phrases: list[tuple[int, bool, list[str], int]] = []
        for number, leaf in enumerate(leaves):
            name = getattr(leaf, "fieldname", None)
            if name not in allowed:
                continue
            field = query_schema()[name]
            stemmed = isinstance(field, Text) and field.normalise is not None
            if isinstance(leaf, q.Phrase):
                self._phrases.append((number, stemmed, list(leaf.words), leaf.slop))
            elif test := _test(leaf):
                self._tests.append((number, stemmed, test))

    def spans(self, text: str) -> list[tuple[int, int, int]]:
        """(start, end, leaf) of every match, by start; overlapping ones are joined and keep the first's leaf."""
        if not self._tests and not self._phrases:
            return []
        words = words_with_places(text)
        stems = [stem(word) for word, *_ in words]
        found: list[tuple[int, int, int]] = []
        for number, stemmed, test in self._tests:
            for (word, _, start, end), stemmed_word in zip(words, stems, strict=True):
                if test(stemmed_word if stemmed else word):
                    found.append((start, end, number))
        for number, stemmed, phrase, slop in self._phrases:
            spelt = stems if stemmed else [word for word, *_ in words]
            found += [(words[index][2], words[index][3], number) for index in _in_phrase(words, spelt, phrase, slop)]
        return _joined(found)


def _test(leaf: q.Query) -> Callable[[str], bool] | None:
    if isinstance(leaf, q.Term):
        return lambda word, wanted=leaf.text: word == wanted  # type: ignore[misc]
    if isinstance(leaf, q.Prefix):
        return lambda word, wanted=leaf.text: word.startswith(wanted)  # type: ignore[misc]
    if isinstance(leaf, q.Wildcard):
        return wildcard_test(leaf.text)
    if isinstance(leaf, q.FuzzyTerm):
        return lambda word: within_distance(leaf.text, word, leaf.maxdist, leaf.prefixlength)
    return None


def _in_phrase(words: list[tuple[str, int, int, int]], spelt: list[str], phrase: list[str], slop: int) -> set[int]:
    """The indexes of the words that stand in an occurrence of the phrase."""
    chains = [[index] for index, word in enumerate(spelt) if word == phrase[0]]
    for wanted in phrase[1:]:
        longer = []
        for chain in chains:
            place = words[chain[-1]][1]
            for index in range(chain[-1] + 1, len(words)):
                step = words[index][1] - place
                if step > slop:
                    break
                if step > 0 and spelt[index] == wanted:
                    longer.append([*chain, index])
                    break
        chains = longer
    return {index for chain in chains for index in chain}


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


def printable(text: str) -> str:
    """Text with control characters and lone surrogates replaced, so that it cannot command a terminal."""
    return "".join(char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}" for char in text)


def passage(text: str, spans: list[tuple[int, int, int]], width: int = 240) -> Snippet:
    """The passage of about ``width`` code points that shows most of the different matches, on sentence borders.

    Args:
        text: the whole text.
        spans: its matches, as `Marker.spans` gives them.
        width: a single sentence longer than this is cut between words.
    """
    start, end = _best_window(text, spans, width)
    if end - start > width:
        start, end = _cut(text, spans, start, end, width)
    return snippet(text, spans, start, end)


def snippet(text: str, spans: list[tuple[int, int, int]], start: int, end: int) -> Snippet:
    """``text[start:end]`` with its matches, and an ellipsis where it is cut."""
    parts: list[tuple[str, bool]] = [("… ", False)] if start > 0 else []
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
    if end < len(text):
        parts.append((" …", False))
    return Snippet(tuple(parts))


def _best_window(text: str, spans: list[tuple[int, int, int]], width: int) -> Span:
    borders = sentences(text)
    if not borders:
        return 0, len(text)
    best, best_worth = borders[0], (-1, -1)
    last = 0
    for first, (start, _) in enumerate(borders):
        last = max(last, first)
        while last + 1 < len(borders) and borders[last + 1][1] - start <= width:
            last += 1
        inside = [span for span in spans if start <= span[0] < borders[last][1]]
        worth = (len({leaf for _, _, leaf in inside}), len(inside))
        if worth > best_worth:
            best, best_worth = (start, borders[last][1]), worth
    return best


def _cut(text: str, spans: list[tuple[int, int, int]], start: int, end: int, width: int) -> Span:
    """A stretch of ``width`` within one long sentence, around most of its matches, between words."""
    inside = [span for span in spans if start <= span[0] < end]
    best = start
    most = -1
    for first, _, _ in inside:
        count = len({leaf for begin, last, leaf in inside if begin >= first and last <= first + width * 3 // 4})
        if count > most:
            best, most = first, count
    left = max(start, min(best - width // 4, end - width))
    right = min(end, left + width)
    if left > start:
        left = text.find(" ", left, best + 1) + 1 or best
    if right < end:
        right = max(text.rfind(" ", left + 1, right), left + 1) if " " in text[left + 1 : right] else right
    return left, right
