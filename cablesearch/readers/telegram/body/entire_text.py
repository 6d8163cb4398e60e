"""Statements about the entire text: markings such as ``C - ENTIRE TEXT``, and sentences that say the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce

from cablesearch.classification.behind_level import is_of_entire_text
from cablesearch.classification.classification import OPEN, Classification, marking_of
from cablesearch.readers.telegram.body.labels import Label

__all__ = ["of_entire_text"]

_OBJECT = r"(?:TEXT|TXT|MESSAGE|CABLE|TELEGRAM|DOCUMENT|ENTIRETY|PARA(?:GRAPH)?S?|PORTIONS)"
_OF_ENTIRE_TEXT = re.compile(
    rf"(?:[^\w\n.;]{{0,4}}\b(?:{_OBJECT}|THE|THIS|THESE|ENTIRE|WHOLE|FULL|ALL|OF|IS|ARE|AN?|IN"
    r"|ITS|CLASSIFIED|CLASSIFICATION|MARKED|OVERALL|AND|TOP|SECRET|CONFIDENTIAL|NOFORN|ORCON|NF|OC|TS|S|C)\b){2,14}[)\]]?"
    r"(?=[^\w\n]{0,3}(?:[.\n:;]|\Z)|\.)",
    re.IGNORECASE,
)
"""A sentence that consists only of words that classify a whole text."""
_MOST_OPENINGS = 2
"""How many paragraphs are searched for a statement about the entire text: one without a number, and the first."""
_OF_ALL = re.compile(
    rf"\b(?:ENTIRE|WHOLE|ALL|THIS\sIS)\b.*\b{_OBJECT}\b|\b{_OBJECT}\s(?:OF\s.{{1,30}}\s)?(?:IS|ARE)\b"
    r"|\bCLASSIFIED\b.*\bENTIRETY\b",
    re.IGNORECASE | re.DOTALL,
)
_IS_A_SECRET = re.compile(r"\bAN?\s+(?:TOP\s)?(?:SECRET|CONFIDENTIAL)\W*\Z", re.IGNORECASE)
_NAMES_OF_MARKINGS = re.compile(r"\b(?i:TOP\s?SECRET|SECRET|CONFIDENTIAL|NOFORN|ORCON)\b|\b(?:NF|OC|TS|S|C)\b")


def of_entire_text(labels: Sequence[Label], text: str) -> Classification:
    """Return what the markings of the entire text say, and a sentence of the first paragraphs that says the same."""
    classification = OPEN
    for label in labels[:_MOST_OPENINGS]:
        sentence = _OF_ENTIRE_TEXT.match(text, label.text_start)
        if sentence and _OF_ALL.search(sentence[0]) and not _IS_A_SECRET.search(sentence[0]):
            said = [label.marking or "", *_NAMES_OF_MARKINGS.findall(sentence[0])]
            classification = reduce(Classification.join, filter(None, map(marking_of, said)), classification)
    for marking in {label.marking for label in labels}:
        if marking and is_of_entire_text(marking):
            classification = classification.join(Classification.parse(marking) or OPEN)
    return classification
