"""Section headings: short lines that stand alone in front of a paragraph, often ruled.

A heading is distinguished from the end of a paragraph by its surroundings (blank lines, rulers, the end of a sentence
above it) and by its own look (short, capitalised, no full stop)."""

from __future__ import annotations

import re
from typing import NamedTuple

from cablesearch.classification.bare import line_marking
from cablesearch.classification.leading import leading_marking
from cablesearch.readers.telegram.page_breaks import Span, is_caption, is_routing

__all__ = ["Heading", "ends_sentence", "heading_before", "is_ruler", "words_of_heading"]

_REACH = 600
_MOST_LINES = 3
_SHORTEST_WRAPPED = 40
_NEVER_LAST = frozenset(".;,")
_QUOTES = "\"'”’"
_LONGEST = 150
_LONGEST_UNRULED = 110
_LONGEST_INSERTED = 70
_RULER_CHARS = " \t\r\xa0-=_*~#+.‐‑‒–—―"
_RULED = re.compile(r"[-=_*~#‐‑‒–—―]{3}")
_LEFT_OUT = re.compile(r"[*.](?:\s+[*.])+")
_SENTENCE_WITHIN = re.compile(r"[.!?;](?<=[^\W\d_]{5}.) |\bEND (?:SUMMARY|COMMENT|NOTE)\b", re.IGNORECASE)
_OPENING_LINE = re.compile(
    r"^(?:END\b|E\.? ?O\.? ?1[0-9]{3,4}|TAGE?S?\b|SUBJ|REF(?:S|TELS?)?\b|REF\(S\)|REFERENCES?:|CLASSIFIED\b|REASON"
    r"|DECL\b|DEPT FOR|DEPARTMENT FOR|FOR [A-Z]+/|FROM\b|PASS\b"
    r"|[A-Z]+ (?:PLEASE )?PASS\b|SIPDIS)",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\(?(?:[A-Z]|[0-9]{1,2}|[IVX]{1,4})[.)]\s{1,9}(?![(\[{])|[-*•]\s", re.IGNORECASE)
"""What opens an answer with a letter rather than a heading; with a marking it is a heading."""
_REASON = re.compile(r"1\.[45](?<=\b...)\b")


class Heading(NamedTuple):
    """A heading's words, where it stands (its rulers included), whether it has rulers, and where its lines stand
    without those above and below."""

    text: str
    start: int
    end: int
    ruled: bool
    lines: Span


def is_ruler(line: str) -> bool:
    """Return whether a line only underlines or overlines: ``-----``, ``=====``, ``- - - -``; stars apart (``* * *``)
    stand for words left out."""
    if line[-1:].isalnum():
        return False
    stripped = line.strip()
    return len(stripped) >= 3 and not stripped.strip(_RULER_CHARS) and not _LEFT_OUT.fullmatch(stripped)


def ends_sentence(text: str) -> bool:
    """Return whether a text ends like a sentence, quotes and brackets aside."""
    return text.rstrip().rstrip("\"')]”’*").endswith((".", "?", "!", ":", ";"))


def heading_before(text: str, floor: int, end: int, *, opening: bool = False) -> Heading | None:
    """Return the heading in ``text[floor:end]`` just before ``end``, or None.

    ``opening`` says that this stretch is the opening of a cable; else it is a paragraph, which never consists of a
    heading alone.
    """
    if text[max(floor, end - 40) : end].rstrip()[-1:] in _NEVER_LAST:
        return None
    reach = max(floor, end - _REACH)
    tail = text[reach:end].rstrip()
    lines = tail.split("\n")
    last, ruled = _skip_rulers(lines)
    if last < 0 or len(lines[last]) > _LONGEST:
        return None
    first, above = _first_line(lines, last)
    alone = above == "floor" and not (opening and reach == floor)
    inserted = above == "sentence"
    # A drafter who sets off a heading by a blank line below it does so above it, too.
    parted_below_only = inserted and not opening and text.count("\n", reach + len(tail), end) > 1
    ruled = ruled or above == "ruler"
    if alone or above == "text" or (parted_below_only and not ruled):
        return None
    words = words_of_heading(" ".join(lines[first : last + 1]))
    if not _looks_like_heading(words, ruled, inserted, ends_sentence("\n".join(lines[:first]))):
        return None
    if not ruled and (
        any(len(line) < _SHORTEST_WRAPPED for line in lines[first:last]) or (opening and _is_item(words))
    ):
        return None
    start = _above_rulers(lines, first)
    own = reach + _offset(lines, first), reach + _offset(lines, last) + len(lines[last])
    return Heading(words, reach + _offset(lines, start), reach + len(tail), ruled, own)


def words_of_heading(lines: str) -> str:
    """Return the words of a heading's lines, without the rulers beside them."""
    words = " ".join(lines.split())
    return words.strip(_RULER_CHARS) if _RULED.search(words) else words


def _skip_rulers(lines: list[str]) -> tuple[int, bool]:
    """Return the index of the last line that is neither blank nor a ruler, and whether rulers follow it."""
    last, ruled = len(lines) - 1, False
    while last >= 0 and (not lines[last].strip() or is_ruler(lines[last])):
        ruled = ruled or is_ruler(lines[last])
        last -= 1
    return last, ruled


def _first_line(lines: list[str], last: int) -> tuple[int, str]:
    """Return the first line of the block that ends at ``last``, and what stands above it.

    That is ``floor`` (the start of the lines), ``blank``, ``ruler``, ``sentence`` (a line that ends one), or
    ``text`` when more lines follow upward than a heading can have.
    """
    first = last
    while True:
        if first == 0:
            return 0, "floor"
        above = lines[first - 1]
        if not above.strip():
            return first, "blank"
        if is_ruler(above):
            return first, "ruler"
        if ends_sentence(above):
            return first, "sentence"
        if last - first + 1 >= _MOST_LINES:
            return first, "text"
        first -= 1


def _above_rulers(lines: list[str], first: int) -> int:
    """Return the first line of the rulers over a heading."""
    start = first
    while start and is_ruler(lines[start - 1]):
        start -= 1
    return start


def _offset(lines: list[str], index: int) -> int:
    return sum(map(len, lines[:index])) + index


def _looks_like_heading(words: str, ruled: bool, after_sentence: bool, text_above_ends: bool) -> bool:
    """Return whether words that stand alone are a heading; without a ruler, they must meet more conditions."""
    if not words or len(words) > _LONGEST or _is_something_else(words):
        return False
    first = words[0]
    if not first.isalnum():
        first = words.lstrip("\"'“‘([{¿¡" if leading_marking(words, 0) else "\"'“‘(¿¡")[:1]
    if not first.isalnum() or first.islower() or (len(words) > 1 and line_marking(words)):
        return False
    if ruled:
        return True
    longest = _LONGEST_INSERTED if after_sentence else _LONGEST_UNRULED
    if words.rstrip(_QUOTES)[-1:] in _NEVER_LAST or len(words) > longest:
        return False
    if (words[-1] == ":" and len(words.split()) > 5) or _SENTENCE_WITHIN.search(words):
        return False
    return _is_title(words) if after_sentence or words[-1] == ":" or not text_above_ends else True


def _is_item(words: str) -> bool:
    return _ITEM.match(words) is not None and not leading_marking(words, 0)


def _is_something_else(words: str) -> bool:
    if is_caption(words) or is_routing(words) or _OPENING_LINE.match(words) or _REASON.search(words):
        return True
    return not any(map(str.isalpha, words))


def _is_title(words: str) -> bool:
    """Return whether most of the longer words are capitalised."""
    longer = [word.lstrip("\"'“‘(") for word in words.split() if len(word) > 3]
    return sum(word[:1].isupper() or word[:1].isdigit() for word in longer) * 5 >= 3 * len(longer)
