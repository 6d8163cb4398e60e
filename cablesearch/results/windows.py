"""Which pieces of a text to show: those with the most different matches, in whole sentences."""

from __future__ import annotations

import unicodedata
from collections import Counter

from cablesearch.results.sentences import sentences
from cablesearch.text.characters import character_end, character_start

__all__ = ["windows"]

Span = tuple[int, int]

_LONG_WORD = 40
"""Code points without a blank beyond which a word may be cut."""
_GAP = 3
"""Pieces are joined over gaps that are no longer than the ellipsis between pieces."""


def windows(text: str, spans: list[tuple[int, int, int]], width: int) -> list[Span]:
    """Return the (start, end) of the pieces of a text to show, by start.

    One piece of ``width`` code points, or, if that leaves out leaves that match in the text, two or three with a third
    more code points together.

    Args:
        text: the whole text.
        spans: the (start, end, leaf) of its matches.
        width: the most code points of a single piece.
    """
    if len(text) <= width:
        return [(0, len(text))]
    # Behind the last match, no piece begins.
    borders = sentences(text, max((end for _, end, _ in spans), default=0) + width) or [(0, len(text))]
    best = [_window(text, borders, spans, width)]
    most = len({leaf for *_, leaf in spans})
    shown = _shown(spans, best)
    for others in (1, 2):
        if shown == most:
            break
        pieces = _several(text, borders, spans, width, others)
        if (leaves := _shown(spans, pieces)) > shown:
            best, shown = pieces, leaves
    return best


def _several(text: str, borders: list[Span], spans: list[tuple[int, int, int]], width: int, others: int) -> list[Span]:
    """Return a best piece and up to ``others`` short ones for leaves that do not match in it.

    For a width of 240, the pieces have at most 200 and 120, or 140, 90 and 90 code points.
    """
    short = width // 2 if others == 1 else width * 3 // 8
    pieces = [_window(text, borders, spans, width * 4 // 3 - others * short)]
    for _ in range(others):
        shown = {span[2] for span in spans if any(_shows(piece, span) for piece in pieces)}
        if missing := [span for span in spans if span[2] not in shown]:
            pieces.append(_window(text, borders, missing, short))
    merged: list[Span] = []
    for start, end in sorted(pieces):
        if merged and start - merged[-1][1] <= _GAP:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _shown(spans: list[tuple[int, int, int]], pieces: list[Span]) -> int:
    """Return how many different leaves match in pieces of a text."""
    return len({span[2] for span in spans if any(_shows(piece, span) for piece in pieces)})


def _shows(piece: Span, span: tuple[int, int, int]) -> bool:
    """Return whether a piece has a whole match, or nothing but the beginning of one that is longer than itself."""
    return piece[0] <= span[0] < piece[1] and (span[1] <= piece[1] or span[1] - span[0] > piece[1] - piece[0])


def _window(text: str, borders: list[Span], spans: list[tuple[int, int, int]], width: int) -> Span:
    """Return the best stretch of at most ``width`` code points.

    It has whole sentences. Only a single sentence that is longer is cut; and sentences much shorter than the width get
    a part of a longer one beside them.
    """
    start, end = _best_window(borders, spans, width)
    if end - start > width:
        return _cut(text, spans, start, end, width)
    if end - start < width * 3 // 5:
        end = _last_cut(text, end, start + width)
        start = _first_cut(text, end - width, start)
    return start, end


def _best_window(borders: list[Span], spans: list[tuple[int, int, int]], width: int) -> Span:
    """Return the first of the windows with the most different matches, then the most matches.

    A window starts at each sentence and takes as many whole sentences as fit: sentences of 100, 90 and 80 code points
    in a width of 200 make the windows 1-2, 2-3 and 3.
    """
    found: list[Span] = []
    last = 0
    for first, (start, _) in enumerate(borders):
        last = max(last, first)
        while last + 1 < len(borders) and borders[last + 1][1] - start <= width:
            last += 1
        found.append((start, borders[last][1]))
    worths = _worths(spans, found)
    return found[worths.index(max(worths))]


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
    left for the words before it. Of a longer match, the beginning counts.
    """
    first = last = start
    most = width * 3 // 4
    if inside := [(begin, min(stop, begin + most), leaf) for begin, stop, leaf in spans if start <= begin < end]:
        leaves = [leaves for leaves, _ in _worths(inside, [(begin, begin + most) for begin, _, _ in inside])]
        first, last, _ = inside[leaves.index(max(leaves))]
    left = max(start, min(first - width // 4, end - width), min(first, last - width))
    if left > start:
        left = _first_cut(text, left, first)
    right = left + width
    return left, end if right >= end else _last_cut(text, min(max(last, left + 1), right), right)


def _first_cut(text: str, place: int, most: int) -> int:
    """Return the first place from ``place`` to ``most`` where a word begins; in a long word, where a character does."""
    if place <= 0 or text[place - 1] == " ":
        return max(place, 0)
    blank = text.find(" ", place, min(most, max((place + most) // 2, place + _LONG_WORD)))
    if blank >= 0:
        return blank + 1
    may_cut = most - place >= _LONG_WORD or _has_no_case(text[place])
    return min(most, character_end(text, place)) if may_cut else most


def _last_cut(text: str, least: int, place: int) -> int:
    """Return the last place from ``least`` to ``place`` where a word ends; in a long word, where a character does."""
    if place >= len(text) or text[place] == " ":
        return min(place, len(text))
    blank = text.rfind(" ", max(least, min((least + place) // 2, place - _LONG_WORD)), place)
    if blank >= 0:
        return blank
    may_cut = place == least or place - least >= _LONG_WORD or _has_no_case(text[place])
    return character_start(text, place, least) if may_cut else least


def _has_no_case(char: str) -> bool:
    """Return whether a character is of a script without capitals, such as Chinese or Thai, where few blanks stand."""
    return unicodedata.category(char) in ("Lo", "Mn", "Mc")
