"""Sections of a text that are marked at their beginning and their end: ``BEGIN SECRET``, ``END SECRET``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from cablesearch.classification.classification import Classification, marking_of
from cablesearch.classification.patterns import LONG_LEVEL, MARK, SHORT_OR_LONG
from cablesearch.text.caching import compiled_lazily
from cablesearch.text.lookalikes import DASHES

__all__ = ["Region", "beginnings", "marked_regions"]

_OF_SECTION = r"(?i:PORTION|SECTION|TEXT|PART|PARAGRAPHS?)"
_BEGIN = compiled_lazily(
    rf"\bBEGIN(?:NING)?(?:\sOF)?(?:\s(?:CLASSIFIED|{_OF_SECTION})\b)?(?:\s?[:{DASHES}])?\s({SHORT_OR_LONG}|NOFORN|ORCON)(?!\w)"
    rf"|\bBegin(?:\s(?i:CLASSIFIED))?\s({MARK}|(?i:{LONG_LEVEL})(?!\w))(?=\s?[./:)]|\s{_OF_SECTION}\b)"
)
# A pattern that begins with a literal letter skips other text fast.
_SIGN_OF_SECTION = re.compile(r"B(?:EGIN|egin)")
_BEGUN = compiled_lazily(rf"(?<!\w)({SHORT_OR_LONG})\s{_OF_SECTION}\s\Z")
_LONGEST_BEGUN = 80
_END = compiled_lazily(
    rf"\b(?:END|End)(?:\sOF)?(?:\s(?i:CLASSIFIED|{_OF_SECTION})\b)?(?:\s?[:{DASHES}])?\s(?:{SHORT_OR_LONG}|NOFORN|ORCON)"
)


class Region(NamedTuple):
    """A stretch of text under one marking."""

    start: int
    end: int
    classification: Classification


def marked_regions(text: str) -> list[Region]:
    """Return the regions from ``BEGIN SECRET`` to ``END SECRET``, or to the end of the text."""
    regions: list[Region] = []
    for match in beginnings(text):
        if regions and match.start() < regions[-1].end:
            continue
        if marking := marking_of(match[match.lastindex or 1]):
            end = _END().search(text, match.end())
            regions.append(Region(match.start(), end.end() if end else len(text), marking))
    return regions


def beginnings(text: str) -> Iterator[re.Match[str]]:
    """Yield where marked sections begin, in order."""
    for sign in _SIGN_OF_SECTION.finditer(text):
        start = sign.start()
        if start and (text[start - 1].isalnum() or text[start - 1] == "_"):
            continue
        match = _BEGUN().search(text, max(0, start - _LONGEST_BEGUN), start) or _BEGIN().match(text, start)
        if match:
            yield match
