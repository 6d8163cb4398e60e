"""Sentences that go on behind a page break.

A break that is blanked out leaves blank lines, which part paragraphs and set off headings. Within a sentence they do
neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from cablesearch.classification.bare import line_marking
from cablesearch.classification.leading import leading_marking
from cablesearch.readers.telegram.body.headings import ends_sentence, is_ruler
from cablesearch.readers.telegram.page_breaks import Span

__all__ = ["flowing"]

_REACH = 1500
_MOST_LINES_ABOVE = 12
_NUMBER = re.compile(r"(?:Â?¶\s?)?[0-9]{1,3}(?:[.)](?![0-9])|\s{0,3}[(\[{])")
_ITEM = re.compile(r"(?:[A-Za-z]|[ivx]{1,4})[.)]\s|[(\[{¶*-]")
_OPENING_LABEL = re.compile(
    r"E\.? ?O\.? ?1[0-9]{3,4}|TAGE?S?\b|S?UBJ(?:ECT)?\b|REF(?:S|TELS?|ERENCES?)?\b|CLASSIFIED BY\b|REASONS?:|DECL", re.I
)
_MOST_WORDS_OF_TITLE = 4


def flowing(text: str, breaks: Iterable[Span]) -> str:
    """Return a text with one line break in place of each page break within a sentence.

    The breaks are blanked out in ``text``. All places in the text stay what they were.
    """
    pieces, done = [], 0
    for start, end in breaks:
        if start < done:
            continue
        above = text[max(done, start - _REACH) : start].rstrip()
        first = max(done, start - _REACH) + len(above)
        last = end + len(text[end : end + _REACH]) - len(text[end : end + _REACH].lstrip())
        if above and text.count("\n", first, last) > 1 and _goes_on(above, text, last):
            pieces += [text[done:first], "\n", " " * (last - first - 1)]
            done = last
    return "".join([*pieces, text[done:]]) if pieces else text


def _goes_on(above: str, text: str, start: int) -> bool:
    """Return whether the sentence at the end of ``above`` goes on at ``start``."""
    lines = above.split("\n")[-_MOST_LINES_ABOVE:]
    line = text[start : start + _REACH].partition("\n")[0]
    if not line or ends_sentence(lines[-1]) or is_ruler(lines[-1]) or is_ruler(line):
        return False
    if _NUMBER.match(line) or _ITEM.match(line) or _is_opening(lines):
        return False
    if line_marking(line) or line_marking(lines[-1]) or leading_marking(text, start):
        return False
    if line[0].islower():
        return True
    of_paragraph = len(lines) > 1 and lines[-2].strip() and not is_ruler(lines[-2])
    # A short line alone may be a heading.
    return bool(of_paragraph or len(lines[-1].split()) > _MOST_WORDS_OF_TITLE or _NUMBER.match(lines[-1].lstrip()))


def _is_opening(lines: list[str]) -> bool:
    """Return whether these lines end with the value of a label of the opening."""
    for line in reversed(lines):
        stripped = line.strip()
        if not stripped or _NUMBER.match(stripped):
            return False
        if _OPENING_LABEL.match(stripped):
            return True
    return False
