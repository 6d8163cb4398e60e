"""The words of texts as streams of numbers, and the inversion of these streams."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cablesearch.algorithms.kernels import Ints, offsets, ranges
from cablesearch.engine.segment.order import arrange
from cablesearch.engine.segment.postings import Occurrences
from cablesearch.engine.segment.strings import to_bytes
from cablesearch.protocols.fields import Spellings, Split
from cablesearch.protocols.pen import NoRoomError

__all__ = [
    "Chunks",
    "Numbers",
    "Words",
    "forget_documents",
    "invert",
    "sorted_terms",
    "spelling_stream",
    "word_stream",
]


_BYTES_OF_A_CHUNK, _BYTES_OF_A_WORD, _BYTES_OF_A_FURTHER = 64, 600, 40
"""The memory that inversion takes: for each chunk, for each distinct chunk besides (as a key, a word and a stem), and
for each word of a chunk after its first."""


_UNCOUNTED = 1 << 18
"""The most characters of texts whose chunks have not been counted word by word."""


_PIECE = 1 << 20
"""The characters of a text that are cut into chunks at a time."""


_STRETCH = 1 << 16
"""The chunks of a stream that are split at a time."""


class Numbers(dict[str, int]):
    """Numbers words in order of first appearance.

    >>> numbers = Numbers()
    >>> [numbers[word] for word in ("to", "be", "to")]
    [0, 1, 0]
    """

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


def forget_documents(docs: int, numbers: Numbers, values: array[int], counts: array[int]) -> None:
    """Forget the values of all documents but the first ``docs``, and the words that no longer occur."""
    _forget_values(sum(counts[:docs]), numbers, values)
    del counts[docs:]


def _forget_values(count: int, numbers: Numbers, values: array[int]) -> None:
    """Keep the first ``count`` values, and drop the words that no longer occur."""
    del values[count:]
    kept = max(values, default=-1) + 1
    while len(numbers) > kept:
        numbers.popitem()


def _pieces(text: str) -> Iterable[str]:
    """Cut a long text at blanks, as a list of all its chunks would take many times its size."""
    return (text,) if len(text) <= _PIECE else _cut(text)


def _cut(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > _PIECE and (end := text.find(" ", start + _PIECE)) >= 0:
        yield text[start:end]
        start = end
    yield text[start:] if start else text


class Chunks:
    """The words of texts by chunk (the characters between two blanks); each distinct chunk is split once."""

    def __init__(self, prepare: Callable[[str], str], split: Split) -> None:
        self.prepare = prepare
        self.split = split
        self.numbers = Numbers()
        self.stream = array("I")
        self.counts = array("I")
        self.words = Numbers()
        self.pieces, self.places = array("I"), array("I")
        """The words of all split chunks, end to end, and the position of each word in its chunk."""
        self.sizes, self.widths = array("I"), array("I")
        """The number of words of each split chunk, and the number of positions that they take."""
        self.weight = 0
        """The approximate number of bytes that inversion takes."""
        self._counted = self._extra = self._pending = 0

    def _weigh(self) -> int:
        self.weight = (
            _BYTES_OF_A_CHUNK * len(self.stream)
            + _BYTES_OF_A_WORD * len(self.numbers)
            + _BYTES_OF_A_FURTHER * self._extra
        )
        return self.weight

    def extend(self, texts: Sequence[str | None], room: int) -> None:
        # Most documents have no value in most fields.
        if not any(texts):
            self.counts.extend([0] * len(texts))
            return
        number, stream, counts = self.numbers.__getitem__, self.stream, self.counts
        last, start, size = "", 0, 0
        for text in texts:
            if not text:
                counts.append(0)
                continue
            # The documents of a block often repeat a text.
            if text is last:
                stream.extend(stream[start : start + size])
                self._pending += len(text)
            else:
                last, start = text, len(stream)
                for piece in _pieces(self.prepare(text)):
                    stream.extend(map(number, piece.split()))
                    self._pending += len(piece)
                    if len(piece) >= _PIECE:
                        self._check(room)
                size = len(stream) - start
            counts.append(size)
            if self._pending > _UNCOUNTED:
                self._check(room)
        self._check(room)

    def _check(self, room: int) -> None:
        """Raise NoRoomError if inverting the texts would take more than ``room`` bytes."""
        if self._pending > _UNCOUNTED:
            self._count()
        if self._weigh() > room:
            raise NoRoomError

    def _count(self) -> None:
        """Count the words of chunks after their first."""
        self.split_new()
        fresh = np.frombuffer(self.sizes, np.uint32)[np.frombuffer(self.stream[self._counted :], np.uint32)]
        self._extra += int(fresh.sum(dtype=np.int64)) - int(np.count_nonzero(fresh))
        self._counted, self._pending = len(self.stream), 0

    def split_new(self) -> None:
        """Split the chunks that have not been split yet."""
        split, words, pieces = self.split, self.words, self.pieces
        places, sizes, widths = self.places, self.sizes, self.widths
        for chunk in list(islice(reversed(self.numbers), len(self.numbers) - len(sizes)))[::-1]:
            parts, where = split(chunk, False)
            if where is None and len(parts) == 1:
                pieces.append(words[parts[0]])
                places.append(0)
                sizes.append(1)
                widths.append(1)
                continue
            width = len(parts) if where is None else where[-1] + 1 if where else 0
            if width > len(parts):
                raise ValueError(f"a word of {chunk!r} has a position beyond the number of words")
            pieces.extend(map(words.__getitem__, parts))
            places.extend(range(len(parts)) if where is None else where)
            sizes.append(len(parts))
            widths.append(width)

    def forget(self, docs: int) -> None:
        """Forget the texts of all documents but the first ``docs``."""
        forget_documents(docs, self.numbers, self.stream, self.counts)
        kept = sum(self.sizes[: len(self.numbers)])
        del self.sizes[len(self.numbers) :], self.widths[len(self.numbers) :]
        _forget_values(kept, self.words, self.pieces)
        del self.places[kept:]
        self._counted = self._extra = 0
        self._pending = _UNCOUNTED + 1
        self._weigh()


class Words(NamedTuple):
    """A stream of words.

    ``words``, ``docs`` and ``positions`` give the number of each word, its document and its position there;
    ``spellings`` the words by number; ``lengths`` the number of words in each document.
    """

    words: NDArray[np.uint32]
    docs: NDArray[np.uint32]
    positions: NDArray[np.uint32]
    spellings: list[str]
    lengths: NDArray[np.int64]


def word_stream(chunks: Chunks, order: Ints | None) -> Words:
    """Return the words of all documents, with the documents in another order (None: as they are)."""
    chunks.split_new()
    stream, per_doc = arrange(np.frombuffer(chunks.stream, np.uint32), np.frombuffer(chunks.counts, np.uint32), order)
    doc = np.repeat(np.arange(len(per_doc), dtype=np.uint32), per_doc)
    position = _positions(np.frombuffer(chunks.widths, np.uint32)[stream], per_doc)
    count, word, place = (np.frombuffer(values, np.uint32) for values in (chunks.sizes, chunks.pieces, chunks.places))
    if len(word) == len(count) and np.all(count == 1) and not place.any():
        words, docs, positions = word[stream], doc, position
    else:
        words, docs, positions = _split_stream(stream, doc, position, count, word, place)
    return Words(words, docs, positions, list(chunks.words), np.bincount(docs, minlength=len(per_doc)))


def _positions(widths: NDArray[np.uint32], per_doc: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the position at which each chunk of a stream starts in its document.

    >>> _positions(np.array([1, 2, 1], np.uint32), np.array([2, 1], np.uint32)).tolist()
    [0, 1, 0]

    Args:
        widths: the number of positions that each chunk takes.
        per_doc: the number of chunks of each document.
    """
    starts = np.zeros(len(widths) + 1, np.int64)
    np.cumsum(widths, out=starts[1:])
    first = np.zeros(len(per_doc) + 1, np.int64)
    np.cumsum(per_doc, out=first[1:])
    return (starts[:-1] - np.repeat(starts[first[:-1]], per_doc)).astype(np.uint32)


def _split_stream(
    stream: NDArray[np.uint32],
    doc: NDArray[np.uint32],
    position: NDArray[np.uint32],
    count: NDArray[np.uint32],
    word: NDArray[np.uint32],
    place: NDArray[np.uint32],
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]:
    """Return the words of a stream of chunks, with the document and position of each.

    The stream is split in stretches, as the work takes many times the memory of a stretch.

    Args:
        stream, doc, position: the number of each chunk in the stream, its document, and where it starts there.
        count: the number of words of each distinct chunk.
        word, place: the words of all distinct chunks, end to end, and the position of each word in its chunk.
    """
    first = np.cumsum(count, dtype=np.int64) - count
    total = int(count[stream].sum(dtype=np.int64))
    words, docs, positions = (np.empty(total, np.uint32) for _ in range(3))
    done = 0
    for start in range(0, len(stream), _STRETCH):
        stretch = slice(start, start + _STRETCH)
        sizes = count[stream[stretch]].astype(np.int64)
        which = ranges(first[stream[stretch]], sizes)
        into = slice(done, done := done + len(which))
        words[into] = word[which]
        docs[into] = np.repeat(doc[stretch], sizes)
        positions[into] = np.repeat(position[stretch], sizes) + place[which]
    return words, docs, positions


class _Entries(NamedTuple):
    """The numbers that belong to each distinct chunk: ``sizes[chunk]`` of them, from ``first[chunk]`` on."""

    numbers: Ints
    first: Ints
    sizes: Ints

    def of_stream(self, stream: NDArray[np.uint32], docs: Ints) -> tuple[Ints, Ints]:
        """Return the document of each number in a stream of chunks, and the numbers."""
        sizes = self.sizes[stream]
        kept = np.flatnonzero(sizes)
        stream, sizes = stream[kept], sizes[kept]
        return np.repeat(docs[kept], sizes), self.numbers[ranges(self.first[stream], sizes)]


def _entries(chunk: Ints, numbers: Ints, count: int) -> _Entries:
    """Return numbers by chunk, given the chunk of each (never decreasing) and how many chunks there are."""
    sizes = np.bincount(chunk, minlength=count)
    return _Entries(numbers, offsets(sizes), sizes)


class _Spelt(NamedTuple):
    """How the distinct chunks of texts are written.

    Attributes:
        words, values: the words and the values of spellings by number; value 0 is that of texts in capitals.
        word_of: the word of each value.
        spelt: for each chunk, the values of its words that have capitals.
        small: for each chunk, those of its words in small letters that have capitals elsewhere.
    """

    words: list[str]
    values: list[str]
    word_of: Ints
    spelt: _Entries
    small: _Entries

    def of_stream(self, stream: NDArray[np.uint32], docs: Ints) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints]]:
        """Return the values with capitals in a stream of chunks, and the words that it has in small letters too; each
        once a document, with the document before it."""
        having, values = self.spelt.of_stream(stream, docs)
        once = np.sort(np.unique(having * len(self.values) + values, return_index=True)[1])
        having, values = having[once], values[once]
        capital = np.unique(having * len(self.words) + self.word_of[values])
        docs, words = self.small.of_stream(stream, docs)
        small = docs * len(self.words) + words
        if len(capital):
            small = small[capital[np.minimum(np.searchsorted(capital, small), len(capital) - 1)] == small]
        both = np.unique(small[: len(small) if len(capital) else 0])
        return (having, values), (both // len(self.words), both % len(self.words))


def _spelt(chunks: Chunks, spellings: Spellings) -> _Spelt:
    """Return how the split chunks of texts are written."""
    words, values = chunks.words, Numbers({spellings.capitals: 0})
    read = array("I"), array("I"), array("I")
    is_small = np.ones(len(chunks.numbers), bool)
    for number, chunk in enumerate(chunks.numbers):
        if chunk == chunk.lower():
            continue
        is_small[number] = False
        for word, value in spellings.read(chunk):
            read[0].append(number)
            read[1].append(words[word])
            read[2].append(values[value] if value else 0)
    chunk_of, words_read, values_read = (np.frombuffer(column, np.uint32).astype(np.int64) for column in read)
    has_capitals = values_read > 0
    word_of = np.zeros(len(values), np.int64)
    word_of[values_read[has_capitals]] = words_read[has_capitals]
    elsewhere = np.zeros(len(words), bool)
    elsewhere[words_read[has_capitals]] = True
    # All words of a chunk without capitals are in small letters.
    pieces = np.frombuffer(chunks.pieces, np.uint32).astype(np.int64)
    of_pieces = np.repeat(np.arange(len(is_small)), np.frombuffer(chunks.sizes, np.uint32))
    kept = is_small[of_pieces] & elsewhere[pieces]
    also = ~has_capitals & elsewhere[words_read]
    small_chunks, small_words = np.append(of_pieces[kept], chunk_of[also]), np.append(pieces[kept], words_read[also])
    by_chunk = np.argsort(small_chunks, kind="stable")
    return _Spelt(
        list(words),
        list(values),
        word_of,
        _entries(chunk_of[has_capitals], values_read[has_capitals], len(is_small)),
        _entries(small_chunks[by_chunk], small_words[by_chunk], len(is_small)),
    )


def spelling_stream(
    chunks: Chunks, spellings: Spellings, in_capitals: NDArray[np.bool_], order: Ints | None
) -> tuple[list[str], Ints, Ints]:
    """Return how the words of documents are written (see `Spellings`).

    Args:
        chunks: the words.
        spellings: how they are read.
        in_capitals: whether each document is in capitals throughout.
        order: the documents in another order; None: as they are.

    Returns:
        The values; the number of each value of each document, end to end; and how many each document has.
    """
    chunks.split_new()
    table = _spelt(chunks, spellings)
    stream, per_doc = arrange(np.frombuffer(chunks.stream, np.uint32), np.frombuffer(chunks.counts, np.uint32), order)
    in_capitals = in_capitals if order is None else in_capitals[order]
    throughout = np.flatnonzero(in_capitals)
    spelt, small = [(throughout, np.zeros(len(throughout), np.int64))], [(throughout[:0], throughout[:0])]
    ends = np.cumsum(per_doc, dtype=np.int64)
    first = start = 0
    while first < len(ends):
        # Whole documents, so that each value is counted once.
        last = max(first + 1, int(np.searchsorted(ends, start + _STRETCH, "right")))
        docs = np.repeat(np.arange(first, last), per_doc[first:last])
        mixed = ~in_capitals[docs]
        found = table.of_stream(stream[start : ends[last - 1]][mixed], docs[mixed])
        spelt.append(found[0])
        small.append(found[1])
        first, start = last, int(ends[last - 1])
    docs, numbers = _joined(spelt)
    small_docs, words = _joined(small)
    distinct = sorted(set(words.tolist()), key=table.words.__getitem__)
    rank = np.zeros(len(table.words), np.int64)
    rank[distinct] = np.arange(len(distinct)) + len(table.values)
    by_word = np.lexsort((rank[words], small_docs))
    docs = np.append(docs, small_docs[by_word])
    numbers = np.append(numbers, rank[words[by_word]])[np.argsort(docs, kind="stable")]
    used, numbers = np.unique(numbers, return_inverse=True)
    values = [*table.values, *(spellings.small_too(table.words[word]) for word in distinct)]
    return [values[number] for number in used.tolist()], numbers, np.bincount(docs, minlength=len(ends))


def _joined(parts: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    return np.concatenate([docs for docs, _ in parts]), np.concatenate([numbers for _, numbers in parts])


def invert(words: NDArray[np.uint32], stream: Words, count: int) -> tuple[Ints, Occurrences]:
    """Turn a stream of words into postings.

    Args:
        words: the term of each word, below ``count``.
        stream: the document of each word (never decreasing) and its position (never decreasing in a document).
        count: the number of terms.

    Returns:
        The number of postings of each term, and the postings, term by term.
    """
    # In place, as these are the largest arrays of all.
    keys = words.astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= np.arange(len(words), dtype=np.uint64)
    keys.sort()
    terms = (keys >> np.uint64(32)).astype(np.uint32)
    keys &= np.uint64(0xFFFFFFFF)
    order = keys.view(np.int64)
    docs = stream.docs[order]
    fresh = np.ones(len(order), bool)
    fresh[1:] = (terms[1:] != terms[:-1]) | (docs[1:] != docs[:-1])
    starts = np.flatnonzero(fresh)
    sizes = np.bincount(terms[starts], minlength=count)
    counts = np.diff(np.append(starts, len(order)))
    return sizes, Occurrences(docs[starts].astype(np.int64), counts, stream.positions[order])


def sorted_terms(spellings: Sequence[str]) -> tuple[NDArray[np.uint32], list[bytes]]:
    """Sort strings; return the rank of each, and the sorted strings as bytes.

    >>> rank, terms = sorted_terms(["to", "be"])
    >>> rank.tolist(), terms
    ([1, 0], [b'be', b'to'])
    """
    encoded = [to_bytes(word) for word in spellings]
    by_rank = sorted(range(len(encoded)), key=encoded.__getitem__)
    rank = np.empty(len(encoded), np.uint32)
    rank[by_rank] = np.arange(len(encoded), dtype=np.uint32)
    return rank, [encoded[index] for index in by_rank]
