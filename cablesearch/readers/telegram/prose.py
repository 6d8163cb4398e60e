"""Prose of a body: its summary, and its text cleaned of numbers, markings and rulers."""

from __future__ import annotations

import re

from cablesearch.classification.leading import leading_marking
from cablesearch.readers.telegram.body.headings import is_ruler
from cablesearch.readers.telegram.page_breaks import is_page_break

__all__ = ["clean_content", "summary"]

_RULER = "-=_*~#‐‑‒–—―"
_ADDITION = r"(?:(?:[ ]?[/&,][ ]?|\s{1,3}AND\s{1,3})(?:[A-Z][A-Z'-]{0,20}(?: (?=[A-Z])|(?=\W)|$)){1,4}){1,3}"
_SUMMARY = r"SUMM?ARY|SUMMAY|SUMMRY|SUMAMRY"
_WORD = re.compile(rf"\b(?:{_SUMMARY})\b(?:{_ADDITION})?", re.IGNORECASE)
_END = re.compile(rf"\bEND\s{{1,4}}(?:OF\s{{1,4}})?(?:{_SUMMARY})\b", re.IGNORECASE)
_BEFORE_WORD = re.compile(
    rf"(?:^|[\n.:;)]|[{_RULER}]{{3,}})[\W_]{{0,80}}(?:[0-9]{{1,3}}\.?\W{{0,4}})?"
    r"(?:\([A-Z/, -]{1,40}\)\W{0,4})?(?:BEGIN |EXECUTIVE |ACTION )?$",
    re.IGNORECASE,
)
_MARKING = r"(?:TS|SBU|LOU|FOUO|[UCS])(?:/{1,2}[A-Z]{2,6}){0,2}"
_AFTER_WORD = re.compile(rf"(?:[^\S\n]?\({_MARKING}\))?[^\S\n]*(?:[.:;]|--?(?!\S)|[{_RULER}]{{3,}}|\)|\n|$)[.:]?")
_FIRST_NUMBER = re.compile(r"(?:^|\n)[^\S\n]*¶?[0-9]{1,3}\.(?![0-9])")
_NUMBER = re.compile(r"[^\S\n]*¶?[0-9]{1,3}\.(?![0-9])")
_RULER_WITHIN = re.compile(rf" ?[{_RULER}]{{4,}} ?")
_ENDS_WITHIN = re.compile(rf"[{_RULER}]{{4,}}|(?<!\S)¶?[0-9]{{1,2}}\.[^\S\n]{{0,3}}\({_MARKING}\)")
_LOOKS_BACK = 120
_MOST_BEGINNINGS = 50

_RULERS = re.compile(r"[-=_/#*‐‑‒–—―]{3,}|\.{4,}")
_LABEL = re.compile(
    r"(?m)^[^\S\n]*(?:¶[^\S\n]?)?[0-9]{1,3}[^\S\n]?\.(?![0-9])[^\S\n]*"
    r"(?:[(\[]?(?:TS|SBU|LOU|FOUO|[UCS])(?:[ ]?(?:/{1,2}|-)[ ]?[A-Z][A-Z, ]{0,30}){0,2}[)\]][^\S\n]*)?"
)
_PAGE_BREAK = re.compile(
    r"(?m)^[^\S\n]*[A-Z][A-Z0-9 .'&-]{1,30}? {1,4}#?\d{4,9} {1,6}\d{1,3}(?:\.\d)? OF \d{1,3}[^\S\n]*(?:\n[^\S\n]*)?$\n?"
)
_SIPDIS = re.compile(r"(?m)^SIPDIS\b[^\S\n]*")
_END_NOTE = re.compile(
    rf"\bEND\s{{1,4}}(?:OF\s{{1,4}})?(?:(?:{_SUMMARY})\b(?:{_ADDITION})?|COMMENTS?\b)[.:]?[^\S\n]*", re.IGNORECASE
)
_BEGIN_NOTE = re.compile(
    rf"(?m)(?:^[^\S\n]*|(?<=[.?!:(] )|(?<=\())(?:(?:{_SUMMARY})\b(?:{_ADDITION})?|COMMENT\b)[^\S\n]*(?:[.:]|$)[^\S\n]*",
    re.IGNORECASE,
)
_REDACTION = re.compile(r"[Xx]{3,}|(?<![^\W_])[Xx]{2}(?![^\W_])|xx(?![^\W_])")


def summary(text: str) -> str | None:
    """Return a cable's summary without its label, numbers, markings, rulers and ``END SUMMARY``; None without one.

    It ends at ``END SUMMARY``, else at a blank line, a ruler or the next paragraph, even within a line. A summary of
    which only the end is labelled starts with the first numbered paragraph. Lines are kept, blank ones dropped.
    """
    end = _END.search(text)
    start = _summary_start(text, end.start() if end else len(text))
    if start is None and end:
        first = _FIRST_NUMBER.search(text, 0, end.start())
        start = first.start() if first else 0
    if start is None:
        return None
    lines = _prose_lines(text[start : end.start()].rstrip(" \n([-*") if end else _up_to_blank_line(text, start))
    return "\n".join(lines) or None


def _summary_start(text: str, end: int) -> int | None:
    """Return where the text after the summary's label starts."""
    for _, word in zip(range(_MOST_BEGINNINGS), _WORD.finditer(text, 0, end), strict=False):
        before = text[max(0, word.start() - _LOOKS_BACK) : word.start()]
        after = _AFTER_WORD.match(text, word.end(), end)
        if after and _BEFORE_WORD.search(before if len(before) < _LOOKS_BACK else "x" + before):
            return after.end()
    return None


def _up_to_blank_line(text: str, start: int) -> str:
    """Return the first stretch of text after ``start``, up to a blank line, a ruler or the next paragraph."""
    kept: list[str] = []
    while start < len(text):
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        line = text[start:stop].strip()
        start = stop + 1
        if not line or is_ruler(line):
            if kept:
                break
            continue
        line = line if kept else line.lstrip(_RULER + " ")
        end = _ENDS_WITHIN.search(line, 0 if kept else 1)
        kept.append(line[: end.start()] if end else line)
        if end:
            break
    return "\n".join(kept)


def _prose_lines(text: str) -> list[str]:
    """Return the lines of a text that are not blank, without labels."""
    lines: list[str] = []
    for number, line in enumerate(text.split("\n")):
        if is_ruler(line) or is_page_break(line):
            continue
        bare = _RULER_WITHIN.sub(" ", _without_label(line, first=number == 0)).strip()
        if bare and not (not lines and is_ruler(bare)):
            lines.append(bare)
    return lines


def _without_label(line: str, *, first: bool) -> str:
    """Return a line without its paragraph number and portion marking."""
    number = _NUMBER.match(line)
    start = number.end() if number else 0
    mark = leading_marking(line, start) if number or first or line.lstrip()[:1] == "(" else None
    rest = line[mark[1] :] if mark else line[start:]
    word = _WORD.match(rest.lstrip()) if number else None
    if word and (after := _AFTER_WORD.match(rest.lstrip(), word.end())):
        return rest.lstrip()[after.end() :]
    return rest


def clean_content(text: str) -> str:
    """Return a text for indexing: without paragraph labels, rulers, page breaks, SIPDIS at the start of a line, the
    labels of summary and comment, and redactions (``XXXXXXXXXXXX``). All other characters stay as they are.
    """
    for pattern in (_PAGE_BREAK, _LABEL, _SIPDIS, _END_NOTE, _BEGIN_NOTE, _RULERS, _REDACTION):
        text = pattern.sub("", text)
    return text
