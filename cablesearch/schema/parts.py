"""The kinds of part of a cable in which each paragraph stands: its summary, a comment, a request for action.

They follow from the heading above a paragraph and from marks in the text, such as ``Summary:``, ``[Comment: ...]`` and
``End comment.`` A mark may be in another paragraph than those that it concerns. Everyone who may read a paragraph must
be able to read the marks that decide about it, so those of paragraphs with a classification that the paragraph's own
does not cover are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cablesearch.cable import Classification, Paragraph
from cablesearch.vocabulary.parts import kinds_of_heading, kinds_of_words

__all__ = ["kinds_of_paragraphs"]

_WORDS = r"(?:[^\W\d_][\w'’.-]{0,24}[^\S\n]+){0,5}?[^\W\d_][\w'’-]{0,24}"
_MARKING = r"(?:[(\[{][A-Za-z/, .-]{1,30}[)\]}]\s*)?"
_AT_START = re.compile(
    rf"[\s\"'*\[({{<-]{{0,6}}{_MARKING}(?:BEGIN\s+)?({_WORDS})\s*(?::|\.(?=\s)|--|–|—| - )", re.IGNORECASE
)
"""What may begin a part at the start of a paragraph: ``Summary.``, ``(C) COMMENT:``, ``[Embassy comment --``."""
_INSIDE = re.compile(
    rf"(?:(?P<open>[(\[{{<])|[.?!\"”)\]]\s|--|—)\s{{0,3}}{_MARKING}(?:BEGIN\s+)?(?P<words>{_WORDS})\s?:", re.IGNORECASE
)
"""What may begin a part inside a paragraph, after the end of a sentence or a bracket."""
_END = re.compile(r"\b(END)\s+(?:OF\s+)?((?:[^\W\d_][\w'’-]{0,24}\s+){0,4}[^\W\d_][\w'’-]{0,24})", re.IGNORECASE)
_CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
_LETTER = re.compile(r"[^\W_]")
_LONGEST_BEGINNING = 120
"""The most code points of what begins a part, up to its colon."""
_LONGEST = 20_000
"""The most code points at either end of a paragraph in which marks are looked for."""


class _Mark(NamedTuple):
    """A mark at ``place`` of a text that begins or ends parts of some kinds; ``closed``: the part ends in the same
    paragraph, with its bracket."""

    place: int
    kinds: frozenset[str]
    begins: bool
    closed: bool = False


def kinds_of_paragraphs(paragraphs: Sequence[Paragraph]) -> list[list[str]]:
    """Return the kinds of part in which each paragraph of a cable stands, sorted.

    For each distinct classification, the paragraphs that it covers are read once.
    """
    marks = [_marks(paragraph.text) for paragraph in paragraphs]
    if not any(marks):
        # The usual case: only headings say anything.
        return [sorted(kinds_of_heading(one.section)) if one.section else [] for one in paragraphs]
    result: list[list[str]] = [[] for _ in paragraphs]
    distinct: dict[Classification, None] = dict.fromkeys(paragraph.classification for paragraph in paragraphs)
    for classification in distinct:
        read = [at for at, one in enumerate(paragraphs) if classification.covers(one.classification)]
        kinds = _read([paragraphs[at] for at in read], [marks[at] for at in read])
        for at, found in zip(read, kinds, strict=True):
            if paragraphs[at].classification == classification:
                result[at] = sorted(found)
    return result


def _read(paragraphs: Sequence[Paragraph], marks: Sequence[Sequence[_Mark]]) -> list[set[str]]:
    """Return the kinds of part in which each of some paragraphs stands, in the order of the cable."""
    kinds: list[set[str]] = [set() for _ in paragraphs]
    section: str | None = None
    of_section: set[str] = set()
    begun: dict[str, int] = {}
    for at, (paragraph, own) in enumerate(zip(paragraphs, marks, strict=True)):
        if at == 0 or paragraph.section != section:
            # A heading ends what marks began.
            section, begun = paragraph.section, {}
            of_section = set(kinds_of_heading(section)) if section else set()
        kinds[at] |= of_section
        for mark in own:
            if mark.begins:
                kinds[at] |= mark.kinds
                begun |= dict.fromkeys(() if mark.closed else mark.kinds, at)
                continue
            has_words = _LETTER.search(paragraph.text, 0, mark.place) is not None
            for kind in mark.kinds:
                for place in range(begun.pop(kind, at if has_words else at + 1), at + has_words):
                    kinds[place].add(kind)
                if not has_words and kind in of_section:
                    kinds[at].discard(kind)
            of_section -= mark.kinds
    return kinds


def _marks(text: str) -> list[_Mark]:
    """Return the marks in a text, in order."""
    if len(text) > 2 * _LONGEST:
        tail = len(text) - _LONGEST
        return [*_marks(text[:_LONGEST]), *(mark._replace(place=mark.place + tail) for mark in _inside(text[tail:]))]
    start = _AT_START.match(text)
    first = _begun(text, start.start(1), start[1], text[: start.start(1)]) if start else None
    return [first, *_inside(text)] if first else _inside(text)


def _begun(text: str, place: int, words: str, before: str) -> _Mark | None:
    kinds = kinds_of_words(words)
    if not kinds or words[:4].lower() == "end ":
        return None
    bracket = next((char for char in reversed(before) if char in _CLOSING), None)
    closed = bracket is not None and text.find(_CLOSING[bracket], place) >= 0
    return _Mark(place, kinds, True, closed)


def _inside(text: str) -> list[_Mark]:
    """Return the marks in a text but for the one at its start, in order.

    Only what stands around colons and after END is looked at, because the patterns read a whole text slowly.
    """
    found: list[_Mark] = []
    if ":" in text:
        for colon in _places(text, ":"):
            before = max(0, colon - _LONGEST_BEGINNING)
            for match in _INSIDE.finditer(text, before, colon + 1):
                if mark := _begun(text, match.start("words"), match["words"], match["open"] or ""):
                    found.append(mark)
    for spelling in ("END ", "End ", "end "):
        if spelling in text:
            for place in _places(text, spelling):
                end = _END.match(text, place)
                if end and (kinds := _ended(text, end)):
                    found.append(_Mark(place, kinds, False))
    return sorted(found, key=lambda mark: mark.place) if found else found


def _places(text: str, part: str) -> Iterator[int]:
    """Yield where a part of a text stands."""
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


def _ended(text: str, match: re.Match[str]) -> frozenset[str]:
    """Return the kinds that the words after END name, of as many words as name some; none if these go on like a
    sentence: *in the end comment was free*."""
    words = list(re.finditer(r"\S+", match[2]))
    for last in reversed(words):
        end = match.start(2) + last.end()
        if kinds := kinds_of_words(text[match.start(2) : end]):
            return kinds if match[1][0] == "E" or not text[end : end + 2].strip().isalnum() else frozenset()
    return frozenset()
