"""Match a phrase at all places of a text at once, for phrases that repeat a word many times.

A set of places is the bits of one integer. The first place is the highest bit, so later places are further to the
right, as in a text. Each word of a phrase then costs the same few operations on these integers, however often it occurs
in the text: for a phrase of 1,000 words, less than reading the text once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Chains"]

Ints = NDArray[np.int64]


class Chains:
    """Chains of words, each at least 1 and at most ``slop`` places after the word before it, in the same text.

    Example: the phrase "a b" in the texts "a b" and "a c b"; the places are numbered 0 to 4.

    >>> chains = Chains(np.array([0, 2]), size=5, longest=3, slop=1)
    >>> a, b = chains.bits(np.array([0, 2])), chains.bits(np.array([1, 4]))
    >>> np.flatnonzero(chains.mask(chains.last_words([(a, 0), (b, 0)]))).tolist()
    [1]

    Args:
        starts: the first place of each text, increasing from 0; places are numbered through all texts.
        size: the number of places.
        longest: the number of places of the longest text.
        slop: the greatest distance between neighbouring words; 1 for adjacent words.
    """

    def __init__(self, starts: Ints, size: int, longest: int, slop: int) -> None:
        self._size = size
        self._all = ((1 << size) - 1) << -size % 8
        first = self.bits(starts)
        # Shifts to the right, each with the places that it cannot reach from the text before.
        self._steps = [(1, self._all ^ first)]
        for shift in _doubling(min(slop, longest)):
            self._steps.append((shift, self._all & ~_widened(first, shift)))

    def bits(self, places: Ints) -> int:
        """Return a set of places as bits."""
        chosen = np.zeros(self._size, bool)
        chosen[places] = True
        return int.from_bytes(np.packbits(chosen).tobytes(), "big")

    def mask(self, bits: int) -> NDArray[np.bool_]:
        """Return a set of places, given as bits, as a mask."""
        packed = np.frombuffer(bits.to_bytes(-(-self._size // 8), "big"), np.uint8)
        return np.unpackbits(packed, count=self._size).view(bool)

    def last_words(self, words: Iterable[tuple[int, int]]) -> int:
        """Return the places where the last word of the phrase begins, for words that may take several places.

        Args:
            words: the places where each word begins, and those where it goes on, as bits.
        """
        ends = begins = self._all
        for number, (word, going_on) in enumerate(words):
            begins = (self._reached(ends) if number else ends) & word
            if not begins:
                break
            ends = self._ends_of(begins, going_on)
        return begins

    @staticmethod
    def _ends_of(begins: int, going_on: int) -> int:
        """Return the places where words end, given where they begin and where such words go on."""
        reached, shift = begins, 1
        within = going_on
        while within:
            # ``within``: the places to which words go on over ``shift`` places without a gap.
            reached |= reached >> shift & within
            within &= within >> shift
            shift *= 2
        return reached & ~(going_on << 1)

    def nearest(self, words: Sequence[int], going_on: Sequence[int] = ()) -> list[int]:
        """Return the places of each word, as bits, in the chains that lead from each end back to the nearest possible
        place of the word before.

        Args:
            words: the places where each word begins, as bits.
            going_on: those where each word goes on, for words that may take several places.
        """
        steps = going_on or [0] * len(words)
        begins: list[int] = []
        ends: list[int] = []
        for word, step in zip(words, steps, strict=True):
            begins.append((self._reached(ends[-1]) if ends else self._all) & word)
            if not begins[-1]:
                return [0] * len(words)
            ends.append(self._ends_of(begins[-1], step) if step else begins[-1])
        for number in range(len(words) - 1, 0, -1):
            before = self._before(ends[number - 1], begins[number])
            begins[number - 1] = _begins_of(before, steps[number - 1], begins[number - 1])
        return begins

    def _reached(self, ends: int) -> int:
        """Return the places at most ``slop`` after any of the ends."""
        (shift, inside), *wider = self._steps
        reached = ends >> shift & inside
        for shift, inside in wider:
            reached |= reached >> shift & inside
        return reached

    def _before(self, ends: int, later: int) -> int:
        """Return the ends that are the nearest before any of the later places."""
        moved = later << 1
        # Between two ends all bits are set, so adding a place there carries over to the end on the left.
        between = self._all ^ ends
        return ((moved & between) + between | moved) & ends


def _begins_of(ends: int, going_on: int, begins: int) -> int:
    """Return those of the places where words begin from which they go on to one of the ends.

    >>> bin(_begins_of(0b0010, going_on=0b0110, begins=0b1001))
    '0b1000'
    """
    # Adding an end carries over all places to the left over which a word goes on, to where it begins.
    return (going_on + (ends & going_on) ^ going_on | ends) & begins


def _doubling(width: int) -> Iterable[int]:
    """Yield shifts that widen 1 place to ``width`` places.

    >>> list(_doubling(6))
    [1, 2, 2]
    """
    done = 1
    while done < width:
        yield min(done, width - done)
        done += min(done, width - done)


def _widened(bits: int, width: int) -> int:
    """Add the places after each place, to ``width`` in total.

    >>> bin(_widened(0b10000, 3))
    '0b11100'
    """
    for shift in _doubling(width):
        bits |= bits >> shift
    return bits
