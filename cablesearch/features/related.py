"""Related paragraphs and cables: those that share the words that set one apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from whoosh import query as q

from cablesearch.algorithms import bm25
from cablesearch.cable import Cable, Paragraph
from cablesearch.features.numbers import numbers
from cablesearch.features.phrases.wordings import is_function_word, is_of_form
from cablesearch.protocols.reader import Reader
from cablesearch.request import Request
from cablesearch.results.hits import Results
from cablesearch.searcher import Searcher
from cablesearch.text.analysis import is_unspaced, split, stem

__all__ = ["related", "related_query"]

_WORDS = 40
"""The most words by which texts are compared."""
_CONSIDERED = 1_000
"""The most distinct words of a text that are looked up: its most frequent ones."""
_MOST_READ, _LONGEST = 1_000, 10_000
"""The most paragraphs that are read of a cable, spread over it, and the most code points of each."""
_COMMON, _FEW = 0.5, 10
"""A word of more than this share of the paragraphs, and of more than a few, sets nothing apart."""
_SATURATION = 8.0
"""k3 of BM25: how soon more occurrences of a word in the text add nothing."""

_UNQUOTABLE = re.compile(r'["“”„‟«»]|[\uff01-\uff5e]')
"""Characters that a query cannot have in quotes, or reads as others: quotes, and characters of full width."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A word that sets a text apart, as it is written there most often, its frequency in the text, and its weight. In a
    script without blanks, two neighbouring characters are a word."""

    text: str
    count: int
    weight: float


def related(searcher: Searcher, reference: str, request: Request, *, is_grouped: bool) -> Results:
    """Return what is related to a cable or a paragraph, as hits of the query that `related_query` returns.

    Args:
        searcher: the archive as its reader sees it.
        reference: the cable or the paragraph.
        request: the filters, the limit and the offset; its query is not used.
        is_grouped: whether the group of the request was asked for; without it, the unit is that of the reference.

    Raises:
        UnknownCableError: no visible cable or paragraph has this reference.
        QueryError: a filter is invalid.
    """
    cable, paragraph = searcher.show(reference)
    text = _query(searcher.reader, cable, paragraph)
    group = request.group if is_grouped else "cable" if paragraph is None else "paragraph"
    # Its words are chosen one by one; none stands for another.
    request = replace(request, text=text, group=group, match="all", acronyms=False, synonyms=None)
    return searcher.search(request) if text else Results(text, 0, (), request.offset)


def related_query(searcher: Searcher, reference: str) -> str:
    """Return the query that finds what is related to a cable or a paragraph; empty if no word sets that apart.

    The query has the words with the highest products of their frequency in the text and their inverse document
    frequency in all other cables, as Lucene's MoreLikeThis. Any of them may match, with its frequency as a boost,
    saturated as in BM25. The cable itself is excluded under all spellings of its id. Its length is bounded, and so is
    the text that is read.

    Raises:
        UnknownCableError: no visible cable or paragraph has this reference.
    """
    return _query(searcher.reader, *searcher.show(reference))


def _query(reader: Reader, cable: Cable, paragraph: Paragraph | None) -> str:
    words = _setting_apart(reader, cable, paragraph)
    parts = " OR ".join(f'"{word.text}"^{_boost(word.count):.2f}' for word in words)
    return f"text:({parts}) {_without(cable)}" if words else ""


def _setting_apart(reader: Reader, cable: Cable, paragraph: Paragraph | None) -> list[_Word]:
    """Return the words that set a paragraph, or a cable, apart from all other cables, the weightiest first."""
    step = max(-(-len(cable.paragraphs) // _MOST_READ), 1)
    parts = [Counter(_words(entry.text[:_LONGEST])) for entry in cable.paragraphs[::step]]
    factor = len(cable.paragraphs) / max(len(parts), 1)
    own = Counter(stems for part in parts for stems in {_stems(word) for word in part})
    if paragraph is not None:
        parts = [Counter(_words(paragraph.text[:_LONGEST]))]
    written: dict[tuple[str, ...], Counter[str]] = {}
    for part in parts:
        for word, count in part.items():
            written.setdefault(_stems(word), Counter())[word] += count
    counts = {stems: ways.total() for stems, ways in written.items()}
    total = reader.paragraph_count - len(cable.paragraphs)
    most = max(_FEW, _COMMON * total)
    found = []
    considered = sorted(counts, key=lambda stems: (-counts[stems], stems))[:_CONSIDERED]
    for stems, having in _having(reader, [*filter(_is_meaningful, considered)]).items():
        elsewhere = having - round(own[stems] * factor)
        if step > 1:
            # Its number in the cable is an estimate.
            elsewhere = max(elsewhere, 1)
        if 0 < elsewhere <= most:
            ways = written[stems]
            usual = min(ways, key=lambda word: (-ways[word], word))
            found.append(_Word(usual, counts[stems], counts[stems] * bm25.idf(total, elsewhere)))
    return sorted(found, key=lambda word: (-word.weight, word.text))[:_WORDS]


def _stems(word: str) -> tuple[str, ...]:
    """Return the stems under which a word is indexed, which stand side by side."""
    return tuple(word) if not word.isascii() and is_unspaced(word) else (stem(word),)


def _words(text: str) -> Iterator[str]:
    """Yield the words of a text; in a script without blanks, each two neighbouring characters."""
    before = ""
    for word in split(text, for_query=True)[0]:
        if word.isascii() or not is_unspaced(word):
            yield word
            before = ""
            continue
        if before:
            yield before + word
        before = word


def _is_meaningful(stems: tuple[str, ...]) -> bool:
    """Return whether a word can set a text apart: not a function word, a word of the form of cables, a number or a
    letter."""
    word = "".join(stems)
    return len(word) > 1 and not word.isdecimal() and not is_function_word(word) and not is_of_form(word)


def _having(reader: Reader, words: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """Return the number of visible paragraphs that have each word, given by its stems."""
    stems = [word[0] for word in words if len(word) == 1]
    frequencies = dict(zip(stems, reader.frequencies("text", stems), strict=True))
    several = [word for word in words if len(word) > 1]
    together = numbers(reader, (reader.select(q.Phrase("text", list(word))) for word in several))
    counts = dict(zip(several, together, strict=True))
    return {word: frequencies[word[0]] if len(word) == 1 else counts[word] for word in words}


def _boost(count: int) -> float:
    return (_SATURATION + 1) * count / (_SATURATION + count)


def _without(cable: Cable) -> str:
    """Return the parts of a query that exclude a cable, under its id as written and the canonical one."""
    names = dict.fromkeys([cable.id, cable.reference_id])
    # An id with such characters is written as a pattern.
    parts = [_pattern(name) if _UNQUOTABLE.search(name) else f'"{name}"' for name in names]
    return " ".join(f"-id:{part}" for part in parts)


def _pattern(name: str) -> str:
    """Return an id as a pattern, with a question mark for each character that may mean something in a query."""
    return re.sub(r"[^\w/.]", "?", _UNQUOTABLE.sub("?", name))
