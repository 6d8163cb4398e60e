"""Markings without brackets: those that are a line, open one, or stand between the signs that part sentences."""

from __future__ import annotations

import re
from itertools import chain

from cablesearch.classification.classification import Classification, marking_of
from cablesearch.classification.leading import leading_marking
from cablesearch.classification.patterns import BARE, CONTROL_WORD, LONG_LEVEL, MARK, PAUSE, SHORT_OR_LONG, STROKES
from cablesearch.classification.sections import beginnings, marked_regions
from cablesearch.text.caching import compiled_lazily
from cablesearch.text.lookalikes import DASHES

__all__ = ["line_marking", "may_have_bare_markings", "may_open_bare", "with_bare_markings"]

_LEVEL_BEHIND = r"[A-Za-z]{0,6}[^\S\n]{0,3}[:=]?[^\S\n]{0,3}[CSTcst]"
_CLASSIFIED = r"(?:CLASSIFICATION|CLASSIFIED|MARKING)[^\S\n]{0,3}(?:[:=][^\S\n]{0,3})?"
_SIGNS = r"[^\w\n()\[\]{}]{0,40}"
_PART_OF_CABLE = r"(?:\s(?:ANNEX|APPENDIX|ADDENDUM|SUPPLEMENT|ATTACHMENT|ENCLOSURE)(?:\s[A-Z0-9]{1,3})?)?"
_ALONE = compiled_lazily(rf"{_SIGNS}(?i:{_CLASSIFIED})?({SHORT_OR_LONG}){_PART_OF_CABLE}{_SIGNS}")
# Each alternative begins with a literal letter, so that the search skips other text fast.
_BARE_BEGINS = (
    rf"(?:S(?:(?!\w)|(?i:ECRET|BU))|C(?:(?!\w)|(?i:ONFIDENTIAL|LASSIFI{_LEVEL_BEHIND}))|U(?:(?={STROKES})|(?i:NCLAS))"
    rf"|T(?i:S(?!\w)|OP\s{{0,3}}SECRET)|L(?i:OU)|F(?i:OUO)|M(?i:ARKING{_LEVEL_BEHIND})"
    rf"|s(?:ecret|bu)?(?={STROKES})|c(?:(?:onfidential)?(?={STROKES})|lassifi{_LEVEL_BEHIND})"
    rf"|u(?:nclas(?:sified)?)?(?={STROKES})|t(?:s|op\s{{0,3}}secret)(?={STROKES})|lou(?={STROKES})|fouo(?={STROKES})"
    rf"|marking{_LEVEL_BEHIND})"
)
_ITEM_BEFORE = r"[A-Za-z0-9][.)][^\S\n]{1,3}"
_OPENS_BARE = rf"{_SIGNS}(?:{_ITEM_BEFORE})?{_BARE_BEGINS}"
_SIGN_OF_OPENING = compiled_lazily(_OPENS_BARE)
_SIGN_OF_LINE = compiled_lazily(rf"\n(?:{_OPENS_BARE})")
_LINE_ALONE = compiled_lazily(rf"{_SIGNS}({MARK}|(?=[SCT])(?i:{LONG_LEVEL})){_SIGNS}(?:\n|\Z)")
_LETTER_ALONE = compiled_lazily(r"[^\S\n]*(TS|[SC])[^\S\n]*(?=\n[^\S\n]*\n|\Z)")
_LINE_OPENS = compiled_lazily(
    rf"[^\w\n()\[\]{{}}]{{0,12}}(?:{_ITEM_BEFORE})?(?:({BARE})|((?=[SCT])(?i:{LONG_LEVEL})|TS){PAUSE}|(?i:{_CLASSIFIED})({SHORT_OR_LONG})"
    r"|(SECRET|CONFIDENTIAL|TS|(?<=\n\n)[SC])(?=[^\S\n]{1,3}[0-9]{1,3}\.(?![0-9])))"
)
_SIGNS_WITHIN = tuple(
    map(
        re.compile,
        (
            r"O(?:NFIDENTIAL(?<=CONFIDENTIAL)|N(?<=(?:OR|IM)CON)|FORN(?<=NOFORN)|PIN(?<=PROPIN)|C(?<=[/-]OC))",
            r"R(?:ET(?<=SECRET)|EL(?<=/REL))",
            r"F(?<=[/-]NF)",
        ),
    )
)
"""Every text that has an unbracketed marking within it contains at least one of these."""
_WITHIN = compiled_lazily(
    rf"(?:(?<=[.:;,!?{DASHES}]\s)|(?<=[.:;,!?]\s\s)|(?<=\n))(?:({BARE})"
    rf"|((?:{LONG_LEVEL}|NOFORN|ORCON)(?:\s?[/,]{{1,2}}\s?{CONTROL_WORD}|\s{CONTROL_WORD}){{0,3}})(?!\w)"
    r"(?=\s{0,2}(?:[:.]|\n|\Z)))"
)
"""A marking without brackets between the signs that part it from the words around it."""


def line_marking(line: str) -> Classification | None:
    """Return the marking that a line consists of, with or without brackets; None when the line says anything else."""
    line = line.strip()
    mark = leading_marking(line, 0)
    if mark and not line[mark[1] :].strip(" .:-"):
        return Classification.parse(mark[0])
    match = _ALONE().fullmatch(line)
    return Classification.parse(match[1]) if match else None


def may_open_bare(text: str) -> bool:
    """Return whether the first line of a text may open with a marking without brackets."""
    return _SIGN_OF_OPENING().match(text) is not None


def may_have_bare_markings(text: str) -> bool:
    """Return whether an unbracketed marking may stand in a text after its opening, or a marked section may begin in it.
    For most texts the answer is no, and it is found fast."""
    return _may_be_spelt_within(text) or any(beginnings(text)) or _SIGN_OF_LINE().search(text) is not None


def _may_be_spelt_within(text: str) -> bool:
    return any(sign.search(text) for sign in _SIGNS_WITHIN)


def with_bare_markings(classification: Classification, text: str) -> Classification:
    """Return a classification joined with the markings without brackets that open a line, stand on a line of their own
    or are parted from the words around them by stops, and with those of the sections that begin in the text."""
    for line in chain([0], (match.start() + 1 for match in _SIGN_OF_LINE().finditer(text))):
        for match in (_LINE_ALONE().match(text, line), _LINE_OPENS().match(text, line), _letter_alone(text, line)):
            if match and (marking := Classification.parse(match[match.lastindex or 1])):
                classification = classification.join(marking)
    if _may_be_spelt_within(text):
        for match in _WITHIN().finditer(text):
            if marking := marking_of(match[match.lastindex or 1]):
                classification = classification.join(marking)
    for region in marked_regions(text):
        classification = classification.join(region.classification)
    return classification


def _letter_alone(text: str, line: int) -> re.Match[str] | None:
    """Return a letter that is the only one on the line that starts at ``line``, between blank lines."""
    match = _LETTER_ALONE().match(text, line)
    above = text.rfind("\n", 0, max(0, line - 1)) + 1
    return None if match is None or text[above:line].strip() else match
