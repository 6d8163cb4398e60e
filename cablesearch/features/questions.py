"""Questions in plain words, as queries: nothing in them is an operator, a field or a pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from cablesearch.arguments import need
from cablesearch.query.operators import NOT, OPERATORS
from cablesearch.text.analysis import is_unspaced
from cablesearch.text.places import words_with_places
from cablesearch.vocabulary.function_words import FUNCTION_WORDS

__all__ = ["plain_query"]

_JOINING = re.compile(r"[-‐'’.]?")
"""What may stand between two parts of a word."""


def plain_query(text: str) -> str:
    """Return a question, or any text in plain words, as a query for `cablesearch.Archive.search`.

    Words such as *what*, *did* and *the* are left out, unless the text has no others. No sign or word of the query
    language has its meaning: ``AND``, ``?`` and ``tag:`` are words, or nothing. Search with ``match="any"``, so that
    paragraphs with the most, and the rarest, of the words come first.

    Example::

        query = cablesearch.plain_query("What did Italy say about counter-TIP efforts?")
        assert query == 'Italy say "counter-TIP" efforts'
        results = archive.search(query, match="any")

    Returns:
        The query; empty if the text has no word.

    Raises:
        TypeError: the text is not a string.
    """
    words = list(dict.fromkeys(_words(need("text", text, str))))
    meant = [word for place, word in enumerate(words) if not _is_function_word(word, is_first=place == 0)]
    return " ".join(map(_written, meant or words))


def _words(text: str) -> Iterator[str]:
    """Yield the words of a text as they are written, those with hyphens whole. In a script without blanks, two
    neighbours are a word."""
    for spans in _groups(text):
        first, end = spans[0][0], spans[-1][1]
        if is_unspaced(text[first:end]) and len(spans) > 1:
            yield from (text[left:right] for (left, _), (_, right) in pairwise(spans))
        else:
            yield text[first:end]


def _groups(text: str) -> list[list[tuple[int, int]]]:
    """Return the places of the words of a text, those together that nothing, or only a joining sign, separates."""
    groups: list[list[tuple[int, int]]] = []
    last_place, last = -1, 0
    for _, place, first, end in words_with_places(text):
        # Words that are joined from their parts follow the first of them, at its place.
        if place > last_place:
            # One character may be two words: that for a quarter is 1 and 4.
            is_joined = first < last or _JOINING.fullmatch(text, last, first)
            if groups and is_joined and _is_alike(text, groups[-1][-1], (first, end)):
                groups[-1].append((first, end))
            else:
                groups.append([(first, end)])
            last_place, last = place, end
    return groups


def _is_alike(text: str, left: tuple[int, int], right: tuple[int, int]) -> bool:
    """Return whether two words belong to scripts with blanks, or both to one without."""
    return is_unspaced(text[slice(*left)]) == is_unspaced(text[slice(*right)])


def _is_function_word(word: str, *, is_first: bool) -> bool:
    """Return whether a word means nothing alone. *US*, *WHO* and, within a sentence, *May* do."""
    return word.lower() in FUNCTION_WORDS and (word.islower() or is_first or len(word) == 1)


def _written(word: str) -> str:
    """Return a word as the query language has it."""
    return word if word.isalnum() and word not in (*OPERATORS, NOT) else f'"{word}"'
