"""Names with a title before them, which texts have but names do not: President Karzai."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cablesearch.query.written import WrittenWord

__all__ = ["titles_before_names"]

_FIELD = "name"


def titles_before_names(text: str, words: Sequence[WrittenWord]) -> Iterator[tuple[int, int]]:
    """Yield where titles stand in the names that a query asks for in quotes: from the first word to behind the last
    title, and to the last word, which may be a surname (*Secretary of State Clinton*).

    Args:
        text: the query.
        words: its words.
    """
    for name in _names(text, words):
        titles = [place for place, word in enumerate(name[:-1]) if _is_title(word.word)]
        if titles:
            for place in dict.fromkeys((titles[-1] + 1, len(name) - 1)):
                yield name[0].start, name[place].start


def _names(text: str, words: Sequence[WrittenWord]) -> Iterator[list[WrittenWord]]:
    """Yield the words of each name in quotes."""
    name: list[WrittenWord] = []
    for word in words:
        if name and (not _is_of_name(word) or '"' in text[name[-1].end : word.start]):
            yield name
            name = []
        if _is_of_name(word):
            name.append(word)
    if name:
        yield name


def _is_of_name(word: WrittenWord) -> bool:
    return word.in_quotes and word.field == _FIELD


def _is_title(word: str) -> bool:
    from cablesearch.names.lists import HONORIFIC, TITLE, lists

    return bool(lists().kinds.get(word, 0) & (TITLE | HONORIFIC))
