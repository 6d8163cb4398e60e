"""Sample paragraphs evenly: a few texts that can be read at once stand for many."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from cablesearch.algorithms.hashing import BASE, STEP, Hashes, mixed
from cablesearch.algorithms.kernels import Ints, differences, ranges
from cablesearch.embedded.records.excerpts import texts_of_block
from cablesearch.engine.search.collect import Selection
from cablesearch.engine.search.view import View
from cablesearch.engine.segment.segment import Segment
from cablesearch.protocols.answers import LONGEST_TEXT, Sample

__all__ = ["hashes", "sample"]


_BLOCKS_AT_ONCE = 100_000
"""How many ids are hashed at once, which bounds the memory."""


class _Place(NamedTuple):
    segment: int
    block: int
    position: int


def sample(view: View, selection: Selection, most: int) -> Sample:
    """Return the texts of the selected paragraphs, or of the paragraphs of selected cables; of more than ``most``, an
    even sample.

    The sample has the paragraphs with the smallest hashes of id and position, and so does not depend on segments, on
    the order of indexing, or on any paragraph that is not selected. The time grows with ``most``, with the number of
    selected paragraphs, and with that of all cables of the segments that have any: the ids of all are hashed.
    """
    chosen, owners, docs = [np.empty(0, np.uint64)], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    total = 0
    for number, segment in enumerate(view.segments):
        own = selection.members(number)
        total += len(own)
        values = hashes(segment, own)
        kept = _smallest(values, most)
        chosen.append(values[kept])
        owners.append(np.full(len(kept), number))
        docs.append(own[kept])
    values, numbers, local = np.concatenate(chosen), np.concatenate(owners), np.concatenate(docs)
    kept = _smallest(values, most)
    kept = kept[np.argsort(values[kept], kind="stable")]
    return Sample(_texts(view, numbers[kept].tolist(), local[kept].tolist()), total)


def _smallest(values: Hashes, most: int) -> Ints:
    """Return the places of the ``most`` smallest values."""
    return np.argpartition(values, most)[:most] if len(values) > most else np.arange(len(values))


def hashes(segment: Segment, docs: Ints) -> Hashes:
    """Return a hash of the id and the position of each document."""
    if not len(docs):
        return np.empty(0, np.uint64)
    blocks, positions = segment.blocks_of(docs), segment.column("position")[docs].astype(np.uint64)
    named = np.concatenate(
        [
            _hashes_of_keys(segment, start, min(start + _BLOCKS_AT_ONCE, segment.blocks))
            for start in range(0, segment.blocks, _BLOCKS_AT_ONCE)
        ]
    )
    return mixed(named[blocks] + positions * np.uint64(STEP))


def _hashes_of_keys(segment: Segment, start: int, end: int) -> Hashes:
    """Return a hash of the keys of some blocks: their bytes as the coefficients of a polynomial, modulo 2 ** 64."""
    packed, starts = segment.keys.packed(start, end)
    sizes = differences(starts)
    powers = np.cumprod(np.full(int(sizes.max(initial=0)) + 1, np.uint64(BASE)))
    terms = np.frombuffer(packed, np.uint8).astype(np.uint64) * powers[ranges(np.zeros_like(sizes), sizes)]
    sums = np.append(np.uint64(0), np.cumsum(terms, dtype=np.uint64))[starts]
    return mixed(sums[1:] - sums[:-1])


def _texts(view: View, numbers: list[int], docs: list[int]) -> list[str]:
    """Return the texts of documents of segments, in this order. Each record is read once."""
    places, wanted = [], defaultdict[tuple[int, int], list[int]](list)
    for number, doc in zip(numbers, docs, strict=True):
        segment = view.segments[number]
        place = _Place(number, segment.block(doc), segment.number("position", doc))
        places.append(place)
        wanted[place.segment, place.block].append(place.position)
    texts = {
        (number, block): texts_of_block(view.segments[number], block, positions)
        for (number, block), positions in wanted.items()
    }
    return [texts[place.segment, place.block][place.position][:LONGEST_TEXT] for place in places]
