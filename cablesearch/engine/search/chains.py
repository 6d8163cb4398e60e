"""Phrases followed through all places of a text at once, where a word may stand in the phrase many times.

A set of places is the bits of one whole number. The first place is its highest bit, so that later places are further to
the right, as in a text. A word of a phrase then costs the same few operations on these numbers however often it stands
in the text: for a phrase of 1,000 words, less than to read the text once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Chains"]

Ints = NDArray[np.int64]


class Chains:
    """Words of a phrase, each at least 1 and at most ``slop`` places after the one before it, in the same text.

    Args:
        starts: the first place of each text, rising from 0; the places of all texts are numbered through.
        size: how many places there are.
        longest: how many the longest text has.
        slop: how far each word may stand behind the one before; 1 is next to it.
    """

    def __init__(self, starts: Ints, size: int, longest: int, slop: int) -> None:
        self._size = size
        self._all = ((1 << size) - 1) << -size % 8
        first = self.bits(starts)
        # Shifts to the right, and the places that each does not reach from the text before.
        self._steps = [(1, self._all ^ first)]
        for shift in _doubling(min(slop, longest)):
            self._steps.append((shift, self._all & ~_widened(first, shift)))

    def bits(self, places: Ints) -> int:
        """Return places as bits."""
        chosen = np.zeros(self._size, bool)
        chosen[places] = True
        return int.from_bytes(np.packbits(chosen).tobytes(), "big")

    def mask(self, bits: int) -> NDArray[np.bool_]:
        """Return, for each place, whether it is among some given as bits."""
        packed = np.frombuffer(bits.to_bytes(-(-self._size // 8), "big"), np.uint8)
        return np.unpackbits(packed, count=self._size).view(bool)

    def ends(self, words: Iterable[int]) -> int:
        """Return where the last word of the phrase ends a chain, as bits, given where each word stands, in order."""
        ends = self._all
        for number, word in enumerate(words):
            ends = (self._reached(ends) if number else ends) & word
            if not ends:
                break
        return ends

    def nearest(self, words: Sequence[int]) -> list[int]:
        """Return the places of each word, as bits, in the chains that go back from each end to the nearest place there
        is for the word before."""
        ends: list[int] = []
        for word in words:
            ends.append((self._reached(ends[-1]) if ends else self._all) & word)
            if not ends[-1]:
                return [0] * len(words)
        for number in range(len(words) - 1, 0, -1):
            ends[number - 1] = self._before(ends[number - 1], ends[number])
        return ends

    def _reached(self, ends: int) -> int:
        """The places at most ``slop`` after any of some."""
        (shift, inside), *wider = self._steps
        reached = ends >> shift & inside
        for shift, inside in wider:
            reached |= reached >> shift & inside
        return reached

    def _before(self, ends: int, later: int) -> int:
        """Those of ``ends`` that are the nearest before any of some later places."""
        moved = later << 1
        # Added to the places between two ends, anything there carries over to the end on the left.
        between = self._all ^ ends
        return ((moved & between) + between | moved) & ends


def _doubling(width: int) -> Iterable[int]:
    """The shifts by which 1 place widens to ``width``: 1, 2, 4, and so on, the last as far as it needs to go."""
    done = 1
    while done < width:
        yield min(done, width - done)
        done += min(done, width - done)


def _widened(bits: int, width: int) -> int:
    """Each place and those after it, ``width`` in all."""
    for shift in _doubling(width):
        bits |= bits >> shift
    return bits
