"""The markings around the label of a paragraph: above it, beside its heading, of the text in which it stands."""

from __future__ import annotations

import re
from functools import reduce

from cablesearch.classification.bare import line_marking
from cablesearch.classification.classification import OPEN, Classification
from cablesearch.classification.covering import covering_title
from cablesearch.classification.leading import leading_marking
from cablesearch.classification.patterns import has_brackets
from cablesearch.readers.telegram.body.headings import ends_sentence, is_ruler
from cablesearch.readers.telegram.body.labels import Label

__all__ = ["BLANK_LINE", "CLOSING_BRACKETS", "LONGEST_MARKING", "marking_around", "markings_above"]

_SUBJECT_LABEL = re.compile(r"SUBJ(?:ECT)?\s?:\s*", re.IGNORECASE)
_REACH_ABOVE = 400
LONGEST_MARKING = 80
_MOST_TITLES = 2
_MARKING_ENDS = frozenset(")]}:-=*_~")
"""Signs that may end a line of a marking alone, or a ruler under it."""
_ENDS_OF_MARKINGS = ("ecret", "ential", "oforn", "orcon", "/nf", "-nf", "/oc", "-oc", ").", "].")
"""How markings end that are not in capitals, or stand before a full stop."""
CLOSING_BRACKETS = (")", "]", "}")
_MOST_WRAPPED = 3
"""Lines of a marking that stands above its paragraph."""
BLANK_LINE = re.compile(r"\n[^\S\n]*\n")


def marking_around(text: str, label: Label, floor: int, before: Classification) -> Classification:
    """Return the classification of the text without a number, with a marking, in which a label stands, or of a marking
    on a line above a label without one.

    ``floor`` is where the text of the label before starts, ``before`` what stands around that label.
    """
    stretch = text[floor : label.start]
    above = stretch.rstrip()
    if stretch.count("\n", len(above)) > 1:
        return OPEN
    if label.marking is None and above.endswith(CLOSING_BRACKETS):
        marks = _ending_marks(above)
        if marks:
            # It may be the marking of this paragraph, or end the one before.
            return reduce(Classification.join, marks)
    if floor and "\n" not in above:
        return before
    blank = 0 if floor == 0 else -1
    for match in BLANK_LINE.finditer(above):
        blank = match.end()
    if blank < 0:
        return before
    mark = leading_marking(above, blank)
    return (Classification.parse(mark[0]) or OPEN) if mark else OPEN


def markings_above(text: str, label: Label, floor: int, *, has_heading: bool, has_bare: bool) -> Classification:
    """Return the classification of the markings that stand on lines of their own above a label, or above or under its
    heading, in the text before it, which starts at ``floor``, and of titles above a label without a marking."""
    is_first = floor == 0
    stretch = text[max(floor, label.start - _REACH_ABOVE) : label.start].rstrip()
    if not (has_heading or _may_end_marking(stretch)):
        return OPEN
    if not (is_first or label.marking is None or has_bare or has_brackets(stretch)):
        return OPEN
    lines, titles, result = stretch.split("\n"), 0, OPEN
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index].strip()
        if not line or is_ruler(line):
            continue
        subject = _SUBJECT_LABEL.match(line)
        words = line[subject.end() :] if subject else line
        may_mark = len(words) <= LONGEST_MARKING and _may_end_marking(words)
        marking = line_marking(words) if may_mark else None
        if marking is None:
            if (
                label.marking is None
                and not line.startswith(("END", "End"))
                and len(line) <= LONGEST_MARKING
                and _stands_apart(lines[:index], is_first=is_first, may_end=False)
            ):
                result = covering_title(result, line)
            titles += 1
            if titles > _MOST_TITLES or len(line) > LONGEST_MARKING or ends_sentence(line):
                break
        elif subject or _stands_apart(lines[:index], is_first=is_first, may_end=label.marking is not None):
            result = result.join(marking)
    return result


def _ending_marks(text: str) -> list[Classification]:
    """Return the markings that a text may end with: on its last line, or wrapped over its last lines."""
    marks = []
    start = len(text)
    for _ in range(_MOST_WRAPPED):
        start = text.rfind("\n", 0, start - 1) + 1
        mark = leading_marking(text, start)
        if mark and mark[1] == len(text) and (classification := Classification.parse(mark[0])):
            marks.append(classification)
        if not start:
            break
    return marks


def _stands_apart(above: list[str], *, is_first: bool, may_end: bool) -> bool:
    """Return whether a line that is only a marking stands apart from the text in the lines above it: at its beginning,
    behind a blank line, a ruler or a title.

    ``is_first``: the text begins with these lines. ``may_end``: the marking may be that of the text above it.
    """
    if not above:
        return is_first
    line = above[-1].strip()
    if not line or is_ruler(line):
        return True
    if ends_sentence(line):
        return not may_end
    before = above[-2].strip() if len(above) > 1 else None
    return len(line) <= LONGEST_MARKING and ((before is None and is_first) or before == "" or is_ruler(before or ""))


def _may_end_marking(line: str) -> bool:
    """Return whether a line that ends with these characters may be a marking alone."""
    return line[-1:] in _MARKING_ENDS or line[-1:].isupper() or line.endswith(_ENDS_OF_MARKINGS)
