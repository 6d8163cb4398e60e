"""Portion markings that open a text."""

from __future__ import annotations

from cablesearch.classification.classification import Classification
from cablesearch.classification.patterns import (
    BARE,
    BEFORE_END,
    CONTROL_WORD,
    INNER,
    LEVEL_WORD,
    LONG_LEVEL,
    NEVER_CLOSED,
    PAUSE,
    STROKES,
)
from cablesearch.text.caching import compiled_lazily
from cablesearch.text.lookalikes import DASHES, legible

__all__ = ["COPYRIGHT", "leading_marking", "opening_marking"]

# A bracket may be lost, the first, the last, or both.
_NEVER_OPENED = rf"{LEVEL_WORD}(?:\s?[/,{DASHES}]{{1,2}}\s?[A-Z][A-Z/,\s{DASHES}]{{0,40}}?)?"
_LONG_BARE = rf"(?i:{LONG_LEVEL}(?:[ ]{CONTROL_WORD}(?!\w)){{1,4}})"
_FUNCTION_WORD = (
    r"(?:The|This|That|These|Those|A|An|In|On|At|He|She|It|They|We|Post|Embassy|During|According|As|For|Both|While|When"
    r"|After|Before|With|By|From|To|If|But|And|There|Our|His|Her|Their|Mr|Ambassador|Minister|President|(?i:ENTIRE))(?!\w)"
)
_FRAME = rf"[/*_{DASHES}]{{1,2}}"
_ENTIRE = (
    rf"(?i:{LEVEL_WORD}(?:[\s/,{DASHES}]{{1,3}}{CONTROL_WORD}(?!\w)){{0,4}}(?:\s?[/,{DASHES}]{{1,2}}\s?|\s)ENTIRE"
    rf"\s(?:TEXT|MESSAGE|CABLE)(?:[\s/,({DASHES}]{{1,4}}{CONTROL_WORD}(?!\w)\)?){{0,4}})"
)
_BEFORE_PAUSE = (
    rf"(?:({_ENTIRE})|((?i:{LONG_LEVEL})|LIMITED\sOFFICIAL\sUSE|TS|SBU|FOUO|LOU|[SC])(?:{PAUSE})"
    rf"|((?:TS|[SC])\s(?:NF|NOFORN|ORCON)(?!\w))|((?i:{LONG_LEVEL}))\.{{1,3}}(?=\s|\Z)"
    rf"|({LONG_LEVEL}|TS)(?=\s+[A-Z]?[a-z]|[,;/]\s|[{DASHES}]{{2}}\s)|((?i:{LONG_LEVEL}))(?=[^\S\n]{{1,3}}{_FUNCTION_WORD})"
    rf"|({_LONG_BARE})(?=[\s.:/]|\Z)|(TS)(?=\s+(?:[a-z]|(?i:{_FUNCTION_WORD})))|([SC])(?=[^\S\n]{{1,3}}{_FUNCTION_WORD})"
    rf"|{_FRAME}({LEVEL_WORD}){_FRAME}(?=\s))"
)
_ENTIRE_UNCLOSED = rf"[(\[{{]\s?({_ENTIRE})(?=\s|[.:]|\Z)"
_LEADING = compiled_lazily(
    rf"\s{{0,8}}[,:;)/.{DASHES}]?\s{{0,4}}"
    rf"(?:[(\[{{]\s{{0,3}}({INNER})\s{{0,3}}[)\]}}]|[<\xab]\s?({LEVEL_WORD}(?:{STROKES}{CONTROL_WORD}){{0,4}})\s?[>\xbb]|({_NEVER_OPENED})\s?[)\]}}]"
    rf"|{_ENTIRE_UNCLOSED}|[(\[{{]\s?({NEVER_CLOSED})(?:{BEFORE_END}|(?=[,;/>{DASHES}]\s))|((?:TS|[CS])\s?NF)\)|({BARE})|{_BEFORE_PAUSE})"
)
_IN_BRACKETS = compiled_lazily(r"[(\[{]([A-Za-z][^()\[\]{}\n]{0,90})[)\]}]")
"""What `_LEADING` finds in the usual brackets; it takes much longer to compile than a search takes."""
_MAY_OPEN = compiled_lazily(rf"[(\[{{]\s?(?i:{LEVEL_WORD})|[(\[{{]\s{{0,3}}{INNER}\s{{0,3}}[)\]}}]")
"""Every bracketed text that `_LEADING` finds begins so."""
_COMMON = frozenset(
    level + control for level in ("U", "SBU", "C", "S", "TS") for control in ("", "/NF", "//NF", "/NOFORN", "//NOFORN")
)
"""Nearly all portion markings are among these, and reading them takes no regular expression."""
_LONGEST_COMMON = 16
"""Code points of a common one with a blank and brackets, at the most."""
_REACH_OF_MARKING = 120
"""Code points at the beginning of a text in which a marking is read."""
COPYRIGHT = compiled_lazily(r"\s*(?:19|20)[0-9]{2}\b(?!\s+[a-z])")
"""What stands behind the C of a copyright."""


def leading_marking(text: str, start: int) -> tuple[str, int] | None:
    """Return the portion marking at ``start``, without brackets, and where it ends; None without a marking."""
    if text.startswith(" (", start):
        end = text.find(")", start, start + _LONGEST_COMMON)
        if end > 0 and (marking := text[start + 2 : end]) in _COMMON:
            return marking, end + 1
    match = _IN_BRACKETS().match(text, start) or _LEADING().match(text, start)
    if not match:
        return None
    marking = match[match.lastindex or 1].strip()
    return (marking, match.end()) if Classification.parse(marking) else None


def opening_marking(text: str) -> Classification | None:
    """Return the bracketed marking that opens a text, or None. The text has its white space collapsed."""
    if text[:1].isalnum():
        return None
    start = legible(text[:_REACH_OF_MARKING])
    mark = leading_marking(start, 0) if _MAY_OPEN().match(start) else None
    if mark is None or (mark[0] in "Cc" and COPYRIGHT().match(start, mark[1])):
        return None
    return Classification.parse(mark[0])
