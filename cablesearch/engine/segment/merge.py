"""Several segments into one, without the blocks that were deleted, in memory that does not grow with them.

Dictionaries are merged in order, so that the postings of any stretch of merged terms are stretches of the sources:
they are read, their documents renumbered, put together and written, some millions of positions at a time.

Where the blocks of one source all come before those of the next, as they do when archives grow by date, the numbers of
documents only shift, and postings are put side by side. Else the blocks are sorted (see
`cablesearch.engine.segment.order`), and the postings of each stretch with them.

What is stored is copied as it is packed. Where blocks are sorted or left out, this goes only if each has frames of its
own, with checksums, and all segments together have few dictionaries.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import Schema

from cablesearch.engine import bm25
from cablesearch.engine.disk.arrays import ArrayWriter
from cablesearch.engine.disk.files import Place
from cablesearch.engine.fields import NO_NUMBER, Text, is_shared, kind_of, order_field
from cablesearch.engine.kernels import Ints, differences, ranges, small, stretches
from cablesearch.engine.segment.builder import MOST_DOCUMENTS
from cablesearch.engine.segment.columns import (
    alone,
    dictionary,
    is_twin,
    write_blocks,
    write_keywords,
    write_kinds,
    write_lengths,
    write_numbers,
)
from cablesearch.engine.segment.fitting import fitted, lacking
from cablesearch.engine.segment.order import arrange, block_order
from cablesearch.engine.segment.postings import Occurrences, PostingsReader
from cablesearch.engine.segment.postings_writer import PostingsWriter
from cablesearch.engine.segment.segment import Segment
from cablesearch.engine.segment.store import (
    Dictionaries,
    Frames,
    PackedBlocks,
    StoreReader,
    StoreWriter,
    write_spare,
    write_store,
    write_stores,
)
from cablesearch.engine.segment.strings import DIGEST_BYTES
from cablesearch.errors import CablesearchError

__all__ = ["merge"]

Bools = NDArray[np.bool_]

_BYTES_OF_A_POSITION = 128
"""What a position takes while it is merged, its share of its posting included."""
_BYTES_OF_SORTING = 64
"""What it takes besides when postings are sorted."""
_FRAMES_KEPT = 4
_MOST_DICTIONARIES = 100
"""How many dictionaries a merged segment may have. Batches that are built at once learn one each."""


class _Part:
    """A segment, and what of it is kept.

    ``missing`` names the fields of the schema that it lacks; ``renumbered`` has the number in the merged segment of
    each document that is kept.
    """

    def __init__(self, segment: Segment, deleted: Bools, missing: Collection[str]) -> None:
        self.segment = segment
        self.missing = missing
        self.whole = not deleted.any()
        self.blocks = np.flatnonzero(~deleted)
        self.kept: Bools = ~deleted[segment.block_of]
        self.renumbered = np.zeros(segment.docs, np.int64)

    def keep(self, found: Occurrences, terms: Ints) -> tuple[Occurrences, Ints]:
        """What is left of postings, their documents renumbered, and of the term of each."""
        docs = self.renumbered[found.docs]
        if self.whole:
            return found._replace(docs=docs), terms
        stays = self.kept[found.docs]
        positions = found.positions[np.repeat(stays, found.counts)]
        return Occurrences(docs[stays], found.counts[stays], positions), terms[stays]

    def used(self, reader: PostingsReader, at_once: int) -> Bools:
        """Which terms are left, of those that have postings of their own."""
        sizes = differences(reader.first)
        if self.whole:
            return sizes > 0
        left = np.zeros(len(sizes), bool)
        for start, end in stretches(sizes, at_once):
            terms = np.repeat(np.arange(start, end), sizes[start:end])
            left[terms[self.kept[reader.between(start, end).docs]]] = True
        return left


class _Source(NamedTuple):
    """Postings that go into a merged field: ``terms[i]`` is the merged number of the reader's term ``which[i]``; both
    rise."""

    part: _Part
    reader: PostingsReader
    which: Ints
    terms: Ints


Together = Callable[[list[tuple[Occurrences, Ints]], int, int], Occurrences]
"""Puts together the postings of several sources, with the merged term of each, for the merged terms of a stretch."""


def merge(schema: Schema, sources: Sequence[tuple[Segment, Bools]], place: Place, memory: int) -> int:
    """Write one segment with everything of ``sources`` that is not deleted, its blocks in order; its size in bytes.

    Args:
        schema: says which fields there are.
        sources: segments, each with a mask (bool, a value a block) of the deleted blocks.
        place: the new segment's file.
        memory: about how many bytes the postings that are being merged may take.

    Raises:
        CablesearchError: they have more documents than a segment holds.
        OSError: it cannot be written.
    """
    parts = [_Part(fitted(segment, schema), deleted, lacking(segment, schema)) for segment, deleted in sources]
    docs = sum(int(np.count_nonzero(part.kept)) for part in parts)
    if docs > MOST_DOCUMENTS:
        raise CablesearchError(f"{place}: {docs:,} documents are more than one segment holds")
    order = _order(schema, parts)
    at_once = max(1, memory // (_BYTES_OF_A_POSITION + (0 if order.docs is None else _BYTES_OF_SORTING)))
    with ArrayWriter(place) as writer:
        dictionaries = _merge_blocks(writer, parts, order)
        write_kinds(writer, schema)
        for name, field in schema.items():
            kind = kind_of(field)
            units = order.blocks if is_shared(field) else order.docs
            if kind == "number":
                columns = [part.segment.column(name)[_units(part, field)] for part in parts]
                write_numbers(writer, name, _ordered(np.concatenate(columns), units))
            elif kind == "keyword":
                _merge_keyword(writer, name, field, parts, units)
            elif not is_twin(schema, name):
                _merge_text(writer, name, field, parts, order.docs, at_once)
            for part in parts:
                part.segment.arrays.forget()
        write_spare(writer, dictionaries)
        return writer.close()


class _Order(NamedTuple):
    """The blocks and the documents that are kept of all parts, numbered end to end, as they are to stand (None when
    they stand so already), and the keys of these blocks in their order."""

    blocks: Ints | None
    docs: Ints | None
    keys: list[bytes]


def _order(schema: Schema, parts: list[_Part]) -> _Order:
    """Find the order of blocks and documents, and renumber the documents of the parts."""
    by = order_field(schema)
    keys = [part.segment.keys[block] for part in parts for block in part.blocks.tolist()]
    if by is None:
        numbers = np.full(len(keys), NO_NUMBER)
    else:
        numbers = np.concatenate([part.segment.column(by)[part.blocks] for part in parts])
    blocks = block_order(numbers, keys)
    sizes = np.concatenate([differences(part.segment.first)[part.blocks] for part in parts])
    first = np.cumsum(sizes) - sizes
    docs = None if blocks is None else ranges(first[blocks], sizes[blocks])
    new = np.arange(int(sizes.sum()))
    if docs is not None:
        new[docs] = new.copy()
    start = 0
    for part in parts:
        count = int(np.count_nonzero(part.kept))
        part.renumbered[part.kept] = new[start : start + count]
        start += count
    return _Order(blocks, docs, keys if blocks is None else [keys[block] for block in blocks.tolist()])


def _ordered(values: NDArray[Any], order: Ints | None) -> NDArray[Any]:
    return values if order is None else values[order]


def _units(part: _Part, field: Any) -> Ints:
    """What is kept of the documents, or of the blocks for a shared field."""
    return part.blocks if is_shared(field) else np.flatnonzero(part.kept)


def _merge_blocks(writer: ArrayWriter, parts: list[_Part], order: _Order) -> Dictionaries:
    digests, sizes, leads = [], [], []
    for part in parts:
        segment = part.segment
        digests.append(segment.arrays["block.digests"].reshape(-1, DIGEST_BYTES)[part.blocks])
        sizes.append(differences(segment.first)[part.blocks])
        leads.append(segment.arrays["block.leads"][part.blocks])
    own_digests, own_sizes, own_leads = (
        _ordered(np.concatenate(each), order.blocks) for each in (digests, sizes, leads)
    )
    write_blocks(writer, order.keys, own_digests.ravel(), own_sizes, own_leads)
    segments = [part.segment for part in parts]
    if (
        order.blocks is None
        and all(part.whole for part in parts)
        and not any("store.by" in one.arrays for one in segments)
    ):
        return write_stores(writer, [_store(segment) for segment in segments])
    known: dict[bytes, int] = {}
    sources = [_by_block(part, known) for part in parts]
    if all(isinstance(source, PackedBlocks) for source in sources):
        store = StoreWriter(others=known)
    else:
        dictionaries = [*known, *(segment.store.dictionary for segment in segments)]
        store = StoreWriter(next(filter(None, dictionaries), b""), known)
        store.learn([])
    return write_store(writer, store, _stored(parts, order.blocks, sources))


def _by_block(part: _Part, known: dict[bytes, int]) -> _Records | PackedBlocks:
    """What is stored with the blocks that are kept: packed as it is, if that takes no more dictionaries than a segment
    may have. These are numbered in ``known``."""
    packed = PackedBlocks(part.segment.arrays, part.segment.first)
    dictionaries = packed.dictionaries(part.blocks)
    if not packed.is_apart or len({*known, *dictionaries}) > _MOST_DICTIONARIES:
        return _Records(part.segment)
    for content in dictionaries:
        known.setdefault(content, len(known))
    packed.rename(known)
    return packed


class _Records:
    """What is stored with the blocks of a segment, unpacked."""

    def __init__(self, segment: Segment) -> None:
        self._first = segment.first
        # It is read from beginning to end, and there may be hundreds.
        self._reader = StoreReader(segment.arrays, _FRAMES_KEPT)

    def block(self, number: int) -> list[bytes]:
        """The records of a block."""
        first, last = self._first[number : number + 2].tolist()
        return [self._reader.between(doc, doc + 1) for doc in range(first, last)]


def _stored(
    parts: list[_Part], order: Ints | None, sources: Sequence[_Records | PackedBlocks]
) -> Iterator[list[bytes] | Frames]:
    """What is stored with the blocks that are kept, in an order."""
    owners = _ordered(np.repeat(np.arange(len(parts)), [len(part.blocks) for part in parts]), order).tolist()
    blocks = _ordered(np.concatenate([part.blocks for part in parts]), order).tolist()
    for owner, block in zip(owners, blocks, strict=True):
        yield sources[owner].block(block)


def _store(segment: Segment) -> Mapping[str, NDArray[Any]]:
    """What is stored with the documents, as it is packed."""
    names = ("data", "frames", "sizes", "ends", "dictionaries", "dictionary_starts", "from")
    return {f"store.{name}": segment.arrays[f"store.{name}"] for name in names}


def _merge_terms(name: str, parts: list[_Part], used: list[Ints]) -> tuple[list[Ints], list[bytes]]:
    """For each part the merged number of each of its terms (that are ``used``), and the merged terms."""
    spelt = []
    for part, terms in zip(parts, used, strict=True):
        strings = part.segment.terms(name)
        every = strings.between(0, len(strings))
        spelt.append(every if len(terms) == len(every) else [every[term] for term in terms.tolist()])
    merged = sorted(set().union(*spelt))
    rank = {term: number for number, term in enumerate(merged)}
    maps = []
    for part, terms, spellings in zip(parts, used, spelt, strict=True):
        of_term = np.zeros(len(part.segment.terms(name)), np.int64)
        of_term[terms] = np.fromiter(map(rank.__getitem__, spellings), np.int64, len(spellings))
        maps.append(of_term)
    return maps, merged


def _merge_text(
    writer: ArrayWriter, name: str, field: Any, parts: list[_Part], order: Ints | None, at_once: int
) -> None:
    lengths = _ordered(np.concatenate([part.segment.lengths(name)[part.kept] for part in parts]), order)
    norms = bm25.length_bytes(lengths)
    longest = max((_longest(part, name) for part in parts), default=0)
    readers = [part.segment.postings_of(name) for part in parts]
    left = [part.used(reader, at_once) for part, reader in zip(parts, readers, strict=True)]
    used = [np.flatnonzero(mask) for mask in left]
    maps, terms = _merge_terms(name, parts, used)
    own = [
        _Source(part, reader, which, of_term[which])
        for part, reader, which, of_term in zip(parts, readers, used, maps, strict=True)
    ]
    together = _side_by_side if order is None else _sorted
    _write(writer, name, terms, own, norms, longest, at_once, together)
    write_lengths(writer, name, lengths)
    assert isinstance(field, Text)
    if field.unstemmed:
        _merge_twin(writer, field.unstemmed, own, left, maps, norms, longest, at_once, together)


def _longest(part: _Part, name: str) -> int:
    positions = part.segment.arrays[f"{name}.positions"]
    return 1 + np.iinfo(positions.dtype).max if len(positions) else 0


def _merge_twin(
    writer: ArrayWriter,
    name: str,
    stemmed: list[_Source],
    left: list[Bools],
    maps: list[Ints],
    norms: NDArray[np.uint8],
    longest: int,
    at_once: int,
    together: Together,
) -> None:
    """The unstemmed words: those that are now the only ones of their stem have no postings of their own."""
    parts = [source.part for source in stemmed]
    readers = [part.segment.postings_of(name) for part in parts]
    stems = [part.segment.arrays[f"{name}.stems"].astype(np.int64) for part in parts]
    borrows = [differences(reader.first) == 0 for reader in readers]
    used = [
        np.flatnonzero(np.where(borrowed, mask[stem], part.used(reader, at_once)))
        for part, reader, borrowed, mask, stem in zip(parts, readers, borrows, left, stems, strict=True)
    ]
    words, terms = _merge_terms(name, parts, used)
    stem_of = np.zeros(len(terms), np.int64)
    for which, of_word, stem, of_stem in zip(used, words, stems, maps, strict=True):
        stem_of[of_word[which]] = of_stem[stem[which]]
    # A word may stand for its stem only if the words of all parts are known.
    complete = not any(name in part.missing or name in part.segment.unfilled for part in parts)
    single = alone(stem_of) & complete
    sources = []
    for number, which in enumerate(used):
        wanted = which[~single[words[number][which]]]
        borrowed = borrows[number][wanted]
        for reader, some, at in (
            (readers[number], wanted[~borrowed], wanted[~borrowed]),
            (stemmed[number].reader, wanted[borrowed], stems[number][wanted[borrowed]]),
        ):
            sources.append(_Source(parts[number], reader, at, words[number][some]))
    _write(writer, name, terms, sources, norms, longest, at_once, together)
    writer.add(f"{name}.stems", small(stem_of))


def _read(source: _Source, start: int, end: int) -> tuple[Occurrences, Ints]:
    """What is left of a source's postings of the merged terms from ``start`` to ``end``, and the merged term of
    each."""
    first, last = np.searchsorted(source.terms, [start, end]).tolist()
    which, terms = source.which[first:last], source.terms[first:last]
    reader = source.reader
    sizes = reader.first[which + 1].astype(np.int64) - reader.first[which].astype(np.int64)
    per_posting = np.repeat(terms, sizes)
    return source.part.keep(reader.some(which), per_posting)


def _write(
    writer: ArrayWriter,
    name: str,
    terms: list[bytes],
    sources: list[_Source],
    norms: NDArray[np.uint8],
    longest: int,
    at_once: int,
    together: Together,
) -> None:
    for part, values in dictionary(name, terms).items():
        writer.add(part, values)
    bound = np.zeros(len(terms), np.int64)
    sizes = np.zeros(len(terms), np.int64)
    occurrences = 0
    for source in sources:
        bound[source.terms] += source.reader.position_sizes(source.which)
    groups = list(stretches(bound, at_once))
    for source in sources:
        if source.part.whole:
            first = source.reader.first.astype(np.int64)
            sizes[source.terms] += first[source.which + 1] - first[source.which]
            occurrences += int(source.reader.position_sizes(source.which).sum())
        else:
            for start, end in groups:
                found, of_posting = _read(source, start, end)
                sizes[start:end] += np.bincount(of_posting - start, minlength=end - start)
                occurrences += len(found.positions)
    postings = PostingsWriter(writer, name, sizes, occurrences, norms, longest)
    for start, end in groups:
        postings.append(start, end, together([_read(source, start, end) for source in sources], start, end))
    postings.close()


def _side_by_side(pieces: list[tuple[Occurrences, Ints]], start: int, end: int) -> Occurrences:
    """The postings of several sources put together, term by term, and within a term source by source."""
    sizes = np.array([np.bincount(terms - start, minlength=end - start) for _, terms in pieces])
    widths = np.array(
        [np.bincount(terms - start, found.counts, end - start).astype(np.int64) for found, terms in pieces]
    )
    docs, counts = np.empty(sizes.sum(), np.int64), np.empty(sizes.sum(), np.int64)
    positions = np.empty(widths.sum(), np.uint32)
    at, places = _starts(sizes), _starts(widths)
    for number, (found, _) in enumerate(pieces):
        where = ranges(at[number], sizes[number])
        docs[where], counts[where] = found.docs, found.counts
        positions[ranges(places[number], widths[number])] = found.positions
    return Occurrences(docs, counts, positions)


def _sorted(pieces: list[tuple[Occurrences, Ints]], start: int, end: int) -> Occurrences:
    """The postings of several sources put together, term by term, and within a term by document."""
    del end
    docs = np.concatenate([found.docs for found, _ in pieces])
    counts = np.concatenate([found.counts for found, _ in pieces])
    positions = np.concatenate([found.positions for found, _ in pieces])
    places = np.concatenate([terms for _, terms in pieces]) - start
    pieces.clear()
    places <<= 32
    places |= docs
    # What is sorted are runs, one a source.
    order = np.argsort(places, kind="stable")
    positions, counts = arrange(positions, counts, order)
    return Occurrences(docs[order], counts, positions)


def _starts(sizes: Ints) -> Ints:
    """Where each source's share of each term begins, when a term's shares follow each other; (sources, terms)."""
    flat = sizes.T.ravel()
    starts: Ints = (np.cumsum(flat) - flat).reshape(sizes.T.shape).T
    return starts


def _merge_keyword(writer: ArrayWriter, name: str, field: Any, parts: list[_Part], order: Ints | None) -> None:
    counts, values, used = [], [], []
    for part in parts:
        first, column = part.segment.keywords(name)
        units = _units(part, field)
        sizes = first[units + 1] - first[units]
        values.append(column[ranges(first[units], sizes)])
        counts.append(sizes)
        used.append(np.unique(values[-1]).astype(np.int64))
    maps, terms = _merge_terms(name, parts, used)
    renamed = np.concatenate([of_term[column] for of_term, column in zip(maps, values, strict=True)])
    write_keywords(writer, name, terms, *arrange(renamed, np.concatenate(counts), order))
