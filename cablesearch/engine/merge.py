"""Several segments into one, without the blocks that were deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import Schema

from cablesearch.engine.builder import DIGEST_BYTES, StoreWriter, block_arrays, invert, pack_strings
from cablesearch.engine.fields import kind_of
from cablesearch.engine.segment import Segment

__all__ = ["merge"]

Bools = NDArray[np.bool_]


class _Part:
    """A segment, and what of it is kept."""

    def __init__(self, segment: Segment, deleted: Bools, base: int) -> None:
        self.segment = segment
        self.blocks = np.flatnonzero(~deleted)
        self.kept: Bools = ~deleted[segment.block_of]
        self.renumbered = (np.cumsum(self.kept) - 1 + base).astype(np.uint32)

    @property
    def docs(self) -> int:
        return int(np.count_nonzero(self.kept))


def merge(schema: Schema, sources: Sequence[tuple[Segment, Bools]]) -> dict[str, NDArray[Any]]:
    """The arrays of one segment with everything of ``sources`` (in their order) that is not deleted.

    Args:
        schema: says which fields there are.
        sources: segments, each with a mask (bool, a value a block) of the deleted blocks.
    """
    parts: list[_Part] = []
    for segment, deleted in sources:
        parts.append(_Part(segment, deleted, sum(part.docs for part in parts)))
    result = _merge_blocks(parts)
    for name, field in schema.items():
        kind = kind_of(field)
        if kind == "number":
            result[name] = np.concatenate([part.segment.numbers(name)[part.kept] for part in parts])
        else:
            result |= (_merge_text if kind == "text" else _merge_keyword)(name, parts)
    return result


def _merge_blocks(parts: list[_Part]) -> dict[str, NDArray[Any]]:
    store, keys, digests, sizes, leads = StoreWriter(), [], [], [], []
    for part in parts:
        segment = part.segment
        for block in part.blocks.tolist():
            store.add(segment.record(block))
            keys.append(segment.keys.text(block))
        digests.append(segment.arrays["block.digests"].reshape(-1, DIGEST_BYTES)[part.blocks].ravel())
        sizes.append(np.diff(segment.first)[part.blocks])
        leads.append(segment.arrays["block.leads"][part.blocks])
    first = np.append(0, np.cumsum(np.concatenate(sizes)))
    return store.arrays() | block_arrays(keys, np.concatenate(digests), first, np.concatenate(leads))


def _merge_terms(
    name: str, parts: list[_Part], used: list[NDArray[Any]]
) -> tuple[list[NDArray[np.uint32]], int, dict[str, NDArray[Any]]]:
    """For each part the merged number of each of its terms; how many there are; the merged dictionary.

    ``used`` lists the terms of each part that still occur.
    """
    spelt = [
        [part.segment.terms(name)[term] for term in terms.tolist()] for part, terms in zip(parts, used, strict=True)
    ]
    merged = sorted(set().union(*spelt))
    rank = {term: number for number, term in enumerate(merged)}
    maps = []
    for part, terms, spellings in zip(parts, used, spelt, strict=True):
        of_term = np.zeros(len(part.segment.terms(name)), np.uint32)
        of_term[terms] = [rank[term] for term in spellings]
        maps.append(of_term)
    blob, starts = pack_strings(merged)
    return maps, len(merged), {f"{name}.terms": blob, f"{name}.term_starts": starts}


def _sizes(starts: NDArray[Any]) -> NDArray[np.int64]:
    """The sizes of the stretches that begin at ``starts``."""
    whole = starts.astype(np.int64)
    return whole[1:] - whole[:-1]


def _merge_text(name: str, parts: list[_Part]) -> dict[str, NDArray[Any]]:
    terms, docs, positions, used = [], [], [], []
    for part in parts:
        arrays = part.segment.field_arrays(name)
        per_posting = _sizes(arrays["places"])
        term_of_posting = np.repeat(np.arange(len(arrays["first"]) - 1, dtype=np.uint32), _sizes(arrays["first"]))
        stays = part.kept[arrays["docs"]]
        word_stays = np.repeat(stays, per_posting)
        per_posting = per_posting[stays]
        terms.append(np.repeat(term_of_posting[stays], per_posting))
        docs.append(np.repeat(part.renumbered[arrays["docs"][stays]], per_posting))
        positions.append(arrays["positions"][word_stays])
        used.append(np.unique(term_of_posting[stays]))
    maps, count, packed = _merge_terms(name, parts, used)
    renamed = [of_term[words] for of_term, words in zip(maps, terms, strict=True)]
    postings = invert(np.concatenate(renamed), np.concatenate(docs), np.concatenate(positions), count)
    lengths = np.concatenate([part.segment.lengths(name)[part.kept] for part in parts])
    return packed | {f"{name}.{piece}": values for piece, values in postings.items()} | {f"{name}.lengths": lengths}


def _merge_keyword(name: str, parts: list[_Part]) -> dict[str, NDArray[Any]]:
    counts, values, used = [], [], []
    for part in parts:
        first, column = part.segment.values(name)
        per_doc = np.diff(first)
        values.append(column[np.repeat(part.kept, per_doc)])
        counts.append(per_doc[part.kept])
        used.append(np.unique(values[-1]))
    maps, _, packed = _merge_terms(name, parts, used)
    renamed = np.concatenate([of_term[column] for of_term, column in zip(maps, values, strict=True)])
    first = np.append(0, np.cumsum(np.concatenate(counts))).astype(np.uint64)
    return packed | {f"{name}.values": renamed.astype(np.uint32), f"{name}.first": first}
