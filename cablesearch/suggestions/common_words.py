"""Words so common that hits which have nothing else of a query are not worth seeing."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any

from whoosh import query as q

from cablesearch.protocols.fields import is_of_block
from cablesearch.protocols.queries import Near
from cablesearch.protocols.reader import Reader
from cablesearch.query import parse
from cablesearch.query.fields import is_text
from cablesearch.query.written import written_words
from cablesearch.schema.index_fields import query_schema
from cablesearch.text.analysis import stem

__all__ = ["common_words", "is_common"]

_FUNCTION_WORDS = (
    *("a", "an", "the", "this", "that", "which", "and", "or", "as", "if", "it", "he", "is", "was", "were", "be"),
    *("of", "to", "in", "on", "at", "by", "for", "from", "with"),
)
"""Words without a meaning of their own, which are common in an archive of any size."""
_SHARE_OF_PARAGRAPHS = 1 / 10
_SHARE_OF_CABLES = 1 / 2
"""Larger, because most cables have words that few paragraphs have."""
_FEW = 10
"""A word that no more paragraphs or cables have is not common."""


@cache
def _stems() -> frozenset[str]:
    return frozenset(map(stem, _FUNCTION_WORDS))


def is_common(reader: Reader, part: q.Query, *, by_cable: bool) -> bool:
    """Return whether a part of a query matches more than a tenth of the visible paragraphs (or half of the cables), and
    more than ten, or is a word such as *the*."""
    leaves = list(part.leaves())
    if all(isinstance(leaf, q.Term) and leaf.text in _stems() for leaf in leaves):
        return True
    share = reader.cable_count * _SHARE_OF_CABLES if by_cable else reader.paragraph_count * _SHARE_OF_PARAGRAPHS
    most = max(_FEW, share)
    if not by_cable and sum(_most_matches(reader, leaf) for leaf in leaves) <= most:
        return False
    return reader.select(part, by_cable=by_cable).count > most


def _most_matches(reader: Reader, leaf: Any) -> float:
    """Return a number of visible paragraphs that a leaf cannot exceed; infinity if that takes a search."""
    words = [leaf.text] if isinstance(leaf, q.Term) else leaf.words if isinstance(leaf, (q.Phrase, Near)) else []
    # All paragraphs of a cable match where a field of the cable does.
    if not words or not is_text(leaf.fieldname) or is_of_block(query_schema()[leaf.fieldname]):
        return math.inf

    def most(words: Sequence[str]) -> int:
        return min(reader.frequencies(leaf.fieldname, words))

    if isinstance(leaf, Near):
        return min(sum(most(run.words) for run in operand) for operand in leaf.operands)
    return most(words)


def common_words(
    reader: Reader, text: str, *, by_cable: bool, read: Callable[..., q.Query] = parse, expanded: Collection[int] = ()
) -> tuple[str, ...]:
    """Return the common words of a query, as they are written in it.

    Args:
        reader: the archive as its reader sees it.
        text: the query.
        by_cable: whether cables are searched.
        read: reads words as the query was read, with acronyms and synonyms.
        expanded: where the words begin that have alternatives; in quotes they would have none.
    """
    common: dict[str, None] = {}
    for word in written_words(text):
        written = text[word.start : word.end]
        plain = written if word.start in expanded else f'"{written}"'
        part = read(f"{word.field}:{plain}" if word.field else plain, by_cable=by_cable)
        if written not in common and is_common(reader, part, by_cable=by_cable):
            common[written] = None
    return tuple(common)
