"""The words and values of the dictionaries of a view."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from whoosh import query as q

from cablesearch.algorithms.distances import edit_distances
from cablesearch.engine.search import collect, expand
from cablesearch.engine.search.view import View
from cablesearch.engine.segment.segment import Segment
from cablesearch.protocols.fields import is_shared

__all__ = ["keys_named", "numbered_values", "similar_values", "similar_words", "vocabulary"]


def similar_words(view: View, fields: Collection[str], word: str, distance: int, same: int) -> dict[str, int]:
    """Return the words of some text fields within an edit distance of a word that share its first ``same`` letters,
    each with the number of documents that have it, visible or not."""
    counts: dict[str, int] = {}
    for field in fields:
        for segment in view.segments:
            for number in expand.fuzzy(segment, field, word, distance, same):
                spelling = segment.terms(field).text(number)
                counts[spelling] = counts.get(spelling, 0) + segment.frequency(field, number)
    return counts


def similar_values(view: View, field: str, text: str, distance: int) -> dict[str, int]:
    """Return the values of a keyword field, hidden ones too, within an edit distance of a text, with their
    distances."""
    similar: dict[str, int] = {}
    for segment in view.segments:
        strings = segment.terms(field)
        terms = [strings.text(term) for term in expand.fuzzy(segment, field, text, distance, 0)]
        similar.update(zip(terms, edit_distances(text, terms).tolist(), strict=True))
    return similar


def numbered_values(view: View, field: str, start: str) -> set[str]:
    """Return the values of a keyword field, hidden ones too, that have some letters and then only digits."""
    return {
        segment.terms(field).text(term)
        for segment in view.segments
        for term in segment.matching(field, start, lambda term: term[len(start) :].isdigit()).tolist()
    }


def keys_named(view: View, name: str) -> list[str]:
    """Return the keys of the visible blocks that are indexed under an id, sorted."""
    keys: set[str] = set()
    for segment, blocks in zip(view.segments, view.blocks, strict=True):
        number = segment.term("id", name)
        if number is not None:
            having = segment.having("id", [number])
            keys.update(map(segment.keys.text, having[blocks[having]].tolist()))
    return sorted(keys)


def vocabulary(view: View, field: str) -> Counter[str]:
    """Return the visible values of a keyword field, and how many blocks or documents have each; 1 in a field of blocks
    that is not shared."""
    if view.is_of_block(field):
        texts = {text for segment in view.segments for text in _texts(segment, field)}
        return Counter(text for text in texts if view.has_keyword(field, text))
    return collect.facet(view, collect.select(view, q.Every(), by_block=is_shared(view.schema[field])), field)


def _texts(segment: Segment, field: str) -> Iterator[str]:
    terms = segment.terms(field)
    return map(terms.text, range(len(terms)))
