"""The cables that a cable refers to, from the REF lines of its opening.

As in ``REF: A. 08 STATE 81854  B. KABUL 936 AND 940 (NOTAL)``. Whatever stands in such a list that is not a cable, as
e-mails, reports and messages known by their date-time group, is passed over.
"""

from __future__ import annotations

import re

from cablesearch.readers.telegram.opening.extent import LONGEST_OPENING, first_paragraph
from cablesearch.readers.telegram.opening.reference_entries import read_entries, referenced_posts
from cablesearch.readers.telegram.page_breaks import Span, blank_out, page_breaks

__all__ = ["references"]

_LONGEST_LIST = 8192
_LABEL = re.compile(r"REF(?:ERENCES?|TELS?|S|\(S\))?(?:([^\S\n]{0,4}[:;])|(?=[\s.(\[#]|[0-9]{2}))")
_OWN_ID = re.compile(r"[0-9]{2}([A-Z]+)[0-9]+")
_REPEATED_HEADER = re.compile(r"-{2,3}[^\S\n]{0,20}(?:BEGIN )?\Z")
_LIST_END = re.compile(
    r"CL?AS{1,2}[A-Z]{2,7}\s{1,3}BY\b|\bSUM{1,2}A?RY\b|(?<!\()\b(?:SUBJECT|SUBJ|TAGS)[^\S\n]?:"
    r"|\bE\.[^\S\n]?O\.[^\S\n]?1[0-9]{3}|\n[^\S\n]{0,20}(?:TAGS?|SUBJ(?:ECT)?|SENSITIVE BUT|BEGIN)\b"
    r"|\b1[^\S\n]?\.[^\S\n]{0,3}\((?:U|SBU|C|S|TS)[/)]"
    r"|-{4}|={4}|(?<![A-Z.])(?:[A-Z] ){5}|\n[^\S\n]{0,20}\n\s{0,40}(?![A-Z][.)])[A-Z',]{1,20}(?: [A-Z',-]{1,20}){7}"
)

# Where a page break ends, on whose line the list goes on: "PAGE 02 ROME 01196 01 OF 02 082030Z AND SUVA 12".
_ENTRY_ON_BREAK = re.compile(r"(?<=[0-9]{6}Z)(?=[^\S\n]{1,20}(?:[A-Z]{2,20}[^\S\n]{1,4}){1,3}[0-9])")

_REGULAR_ENTRY = re.compile(
    r"\s*(?:\(?[A-Z][.):]\s+|[(\[][A-Z][)\]]\s*)?(?:([0-9]{2}|20[0-9]{2})\s+)?"
    r"([A-Z]{2,}(?:[ ][A-Z]{2,}){0,3})\s+0*([1-9][0-9]{0,6})(?![0-9])"
    r"(?:[^\S\n]?\(NOTAL\))?[^\S\n]?[;,.]?(?=\s|\Z)"
)
_AFTER_REGULAR = re.compile(r"\s*(?:\Z|CLASSIFIED BY\b|SUMMARY\b)")


def references(text: str, year: int | None, reference_id: str | None = None) -> list[str]:
    """Return the ids of the cables that the REF lines of ``text`` name, in order, each once.

    ``text`` is a cable's body, its opening or a piece of it. ``year`` is the citing cable's: references without a year
    are of that year (and left out when it is None). ``reference_id`` is the citing cable's own id: it is not a
    reference, and numbers without a post are cables of its post."""
    opening = _opening(text)
    ids: list[str] = []
    label = _next_label(opening, 0)
    while label:
        regular = _regular_list(opening, label.end(), year)
        if regular is None:
            end = _list_end(opening, label.end())
            # The label stays before the list while page breaks are blanked out: it keeps its line from being read as a
            # page break.
            part = opening[label.start() : end]
            part = blank_out(part, _without_entries(part, page_breaks(part)))[label.end() - label.start() :]
            ids += read_entries(part, year, _own_post(reference_id))
        else:
            end = regular[1]
            ids += regular[0]
        label = _next_label(opening, end, only_with_colon=True)
    return [name for name in dict.fromkeys(ids) if name != reference_id]


def _regular_list(text: str, start: int, year: int | None) -> tuple[list[str], int] | None:
    """Return the ids of a list without any oddity, such as ``A. 08 STATE 81854  B. KABUL 936``, and where it ends.

    None when there is an oddity, or a year is missing. Most lists are of this kind, and read so in little time.
    """
    known = referenced_posts()
    ids: list[str] = []
    entry = _REGULAR_ENTRY.match(text, start)
    while entry:
        given, name, serial = entry.groups()
        station = known.get(name) or known.get(name.replace(" ", ""))
        if station is None or (given is None and year is None) or (station == "AITTAIPEI" and " " in name):
            return None
        ids.append(f"{given[-2:] if given else f'{(year or 0) % 100:02d}'}{station}{serial}")
        start = entry.end()
        entry = _REGULAR_ENTRY.match(text, start)
    after = _AFTER_REGULAR.match(text, start) if ids else None
    return (ids, after.end()) if after else None


def _without_entries(text: str, breaks: list[Span]) -> list[Span]:
    """Return page breaks without the entries of the list that stand on their lines."""
    spans: list[Span] = []
    for start, end in breaks:
        entry = _ENTRY_ON_BREAK.search(text, start, end)
        spans.append((start, entry.start() if entry else end))
    return spans


def _own_post(reference_id: str | None) -> str | None:
    match = _OWN_ID.fullmatch(reference_id or "")
    return referenced_posts().get(match[1]) if match else None


def _opening(text: str) -> str:
    """Return the part of the text that may hold REF lines, in capitals: up to the first paragraph, or a repeated
    header."""
    end = first_paragraph(text)
    end = min(len(text), LONGEST_OPENING) if end is None else end
    opening = _capitals(text[:end])
    if _next_label(opening, 0):
        return opening
    for word in ("HEADER", "Header", "header") if end < len(text) else ():
        place = text.find(word, end, end + LONGEST_OPENING)
        if place >= 0 and _REPEATED_HEADER.search(text, max(end, place - 30), place):
            return _capitals(text[place : place + _LONGEST_LIST])
    return ""


def _capitals(text: str) -> str:
    """Return the text in capitals, place for place."""
    upper = text.upper()
    return (
        upper
        if len(upper) == len(text)
        else "".join(letter.upper() if len(letter.upper()) == 1 else letter for letter in text)
    )


def _next_label(upper: str, start: int, *, only_with_colon: bool = False) -> re.Match[str] | None:
    """Return the next REF; without a colon it must be a word of its own."""
    place = upper.find("REF", start)
    while place >= 0:
        label = _LABEL.match(upper, place)
        if label and (label[1] or (not only_with_colon and not upper[place - 1 : place].isalpha())):
            return label
        place = upper.find("REF", place + 3)
    return None


def _list_end(upper: str, start: int) -> int:
    """Return where a list ends: at the next label or heading, or at prose after a blank line."""
    limit = min(len(upper), start + _LONGEST_LIST)
    end = _LIST_END.search(upper, start, limit)
    return end.start() if end else limit
