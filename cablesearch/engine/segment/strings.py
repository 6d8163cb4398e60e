"""Byte strings packed end to end, as dictionaries and keys are stored."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import Ints, differences, small

__all__ = ["DIGEST_BYTES", "Strings", "pack_strings", "to_bytes"]


class Strings:
    """Byte strings packed end to end. Sorted strings can be searched, faster with ``heads`` (`columns.dictionary`)."""

    def __init__(self, blob: NDArray[np.uint8], starts: NDArray[Any], heads: NDArray[np.uint64] | None = None) -> None:
        self._blob = blob.data
        self._starts = starts
        self._heads = heads

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, index: int) -> bytes:
        return bytes(self._blob[int(self._starts[index]) : int(self._starts[index + 1])])

    def between(self, start: int, end: int) -> list[bytes]:
        """Return the strings from ``start`` to ``end``."""
        starts = self._starts[start : end + 1].tolist()
        blob = bytes(self._blob[starts[0] : starts[-1]])
        return [blob[begin - starts[0] : stop - starts[0]] for begin, stop in pairwise(starts)]

    def packed(self, start: int, end: int) -> tuple[bytes, Ints]:
        """Return the strings from ``start`` to ``end``, end to end, and their offsets."""
        starts = self._starts[start : end + 1].astype(np.int64)
        return bytes(self._blob[int(starts[0]) : int(starts[-1])]), starts - starts[0]

    def sizes(self, start: int, end: int) -> Ints:
        """Return the number of bytes of each string from ``start`` to ``end``."""
        return differences(self._starts[start : end + 1])

    def text(self, index: int) -> str:
        """Return a string as text."""
        return self[index].decode("utf-8", "surrogatepass")

    def find(self, string: bytes) -> int | None:
        """Return the index of a string among the sorted strings, or None."""
        index = self._place(string)
        return index if index < len(self) and self[index] == string else None

    def _place(self, string: bytes) -> int:
        """Return the index of the first sorted string that is not below ``string``."""
        if self._heads is None:
            return bisect_left(self, string)
        head = np.uint64(int.from_bytes(string[:8].ljust(8, b"\0"), "big"))
        first = int(self._heads.searchsorted(head))
        if first == len(self) or self._heads[first] != head or self[first] >= string:
            return first
        return bisect_left(self, string, first, int(self._heads.searchsorted(head, "right")))

    def place(self, text: str, *, after: bool) -> int:
        """Return where a text would be inserted among the sorted strings, before or after an equal string."""
        return (bisect_right if after else bisect_left)(self, to_bytes(text))

    def span(self, prefix: bytes) -> range:
        """Return the indexes of the sorted strings that begin with ``prefix``."""
        start = self._place(prefix)
        return range(start, bisect_left(self, True, start, key=lambda string: string[: len(prefix)] > prefix))


def pack_strings(strings: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[Any]]:
    """Return the strings end to end and the offset at which each begins; one more offset closes the last."""
    starts = np.zeros(len(strings) + 1, np.uint64)
    np.cumsum(np.fromiter(map(len, strings), np.uint64, len(strings)), out=starts[1:])
    return np.frombuffer(b"".join(strings), np.uint8), small(starts)


DIGEST_BYTES = 16


def to_bytes(word: str) -> bytes:
    """Encode a term as it is stored; lone surrogates are kept."""
    return word.encode("utf-8", "surrogatepass")
