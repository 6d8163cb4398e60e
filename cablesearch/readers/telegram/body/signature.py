"""The signature: the surname of the signing officer, alone on the last line or at the end of the last sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cablesearch.readers.telegram.page_breaks import is_caption, is_page_break

__all__ = ["Signature", "find_signature", "signers"]

_REACH = 1500
_PARTICLES = frozenset(
    """DE DEL DELLA DI DA DOS DU LA LE LOS EL VAN VON DER DEN TEN TER ST SAN SAINT MC MAC O BEN BIN AL
    FITZ""".split()  # noqa: SIM905 - reads better than quoted words
)
_SUFFIXES = frozenset({"JR", "SR", "II", "III", "IV"})
_BESIDE_NAMES = _PARTICLES | _SUFFIXES
_NOT_NAMES = frozenset(
    """ACTION ADDENDUM ANALYSIS ANNEX ANSWER APPENDIX APPROACH ASSESSMENT ATTACHMENT ATTACHMENTS ATMOSPHERICS ATTENDEES
    BACKGROUND BEGIN BIO BIOGRAPHY BIOS BIOGRAPHICAL BT CABLE CANCEL CHALLENGES CHARGE CLASSIFICATION CLASSIFIED
    CLEARANCE COMMENT COMMENTS CONCLUSION CONCLUSIONS CONFIDENTIAL CONSIDERED CONTACT CONTACTS CONTEXT CONTINUED
    COPY CORRECTED CORRECTION DELEGATION DECONTROL DECLASSIFIED DELETED DEPARTMENT DETAILS DISCUSSION DISTRIBUTION
    DRAFT ECONOMY ECONOMIC ELECTIONS EMBASSY ENCLOSURE END ENTIRE EVALUATION EXDIS FINIS FOREIGN FOUO FYI GUIDANCE
    IMPLICATIONS INFO INFORMATION INTRODUCTION ITEM KEY LIMDIS LIST MEDIA MEETING MEETINGS MESSAGE MINIMIZE NEXT NIACT
    NNNN NODIS NOFORN NONE NOTAL NOTE NOTES OBJECTIVES OBSERVATIONS OUTLOOK OVERVIEW PAGE PARTICIPANTS PASS POINTS
    POLICY POLITICAL POST PRESS PROGRAM QUESTION QUESTIONS QUOTE REACTION REASON REASONS RECOMMENDATION
    RECOMMENDATIONS REF REFS REGARDS RELEASED REMARKS REPORT REQUEST REQUESTED RESPONSE RESULTS SBU SECRET SECTION
    SENSITIVE SIGNATURE SIGNED SIPDIS STATEMENT STATUS STEPS STOP SUBJECT SUMMARY TABLE TAGS TALKING TEXT THANKS TITLE
    TRANSLATION UNCLAS UNCLASSIFIED UNQUOTE UPDATE VIEWS VISIT WARNING""".split()  # noqa: SIM905
)
_FURNITURE = re.compile(
    r"(?:\bGR?O?U?P[- ]?[0-9]{1,2}|\bUNQUOTE|\bMINIMIZE(?: IS)? CONSIDERED|\bREGARDS|\bDECONTROL[^.]{0,40}"
    r"|\bEND (?:TEXT|COMMENT|SUMMARY|MESSAGE|NOTE)|\bXGDS[^.]{0,20}|@[A-Z0-9.]{3,40}|(?:https?://|www\.)\S{1,70})[.,]?$",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(
    r"\n[^\S\n]*(?:NOTE(?: BY)?:? ?OC\W?/?T|NOTE:? BY\b|Declassified/Released|DECLASSIFIED\b"
    r"|>?[^\S\n]*[0-9]{4}[A-Z]{3,20}[0-9]{3,6} - Classification:|NNNN|BT\n|#[0-9]{4}\n)"
)
_BARE = re.compile(r"[\W_]*(?:CABLE ENDS|NNNN|BT|#[0-9]{4})?[\W_]*")
_WORD = r"(?:[OD]['’`] ?)?[^\W\d_][^\W\d_]*(?:['’`-][^\W\d_]+)*"
_NAME = re.compile(rf"{_WORD}\.?(?: {_WORD}\.?){{0,3}}")
_SIGN_OFF = "#*./\\_>=-"
_LABEL = re.compile(r"^(?:SIGNED|BY|S)[:/]+ ?", re.IGNORECASE)
_SEVERAL = re.compile(r"[ ]?[/&,;][ ]?| AND ")
_LAST_WORDS = re.compile(rf"(?:[.?!:][\"')\]”’]{{0,2}}|[\"')\]”’])\s{{0,4}}((?:{_WORD} ){{0,2}}{_WORD})$")
_SENTENCE_END = (".", "?", "!", ":", '"', "”", ")", "]", "'")
_LONGEST_NAME = 40
_LONGEST_LINE = 200
_MOST_CLOSING_LINES = 60
_WRAPPED_REACH = 500
_WIDEST_WRAP = 90
_FEWEST_LINES = 3


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, and where in the text the signature starts."""

    names: tuple[str, ...]
    start: int


def signers(text: str) -> list[str]:
    """Return the surnames that a cable is signed with, as written; an empty list when it is not signed.

    ``text`` is a cable, a body or the end of one. What may follow a signature (classification, SIPDIS, NNNN,
    archivists' notes, page breaks) is passed over.
    """
    signature = find_signature(text)
    return list(signature.names) if signature else []


def find_signature(text: str) -> Signature | None:
    """Return the signature at the end of a text, and its place, or None."""
    end = closing_start(text)
    noted = _before_notes(text, end)
    return _signature_at(text, noted) or (_signature_at(text, end) if noted != end else None)


def closing_start(text: str) -> int:
    """Return where the text ends, apart from white space, rulers, captions and page breaks after it."""
    end = len(text.rstrip())
    for _ in range(_MOST_CLOSING_LINES):
        floor = max(0, end - _LONGEST_LINE)
        start = text.rfind("\n", floor, end) + 1
        if not end or (start == 0 and floor):
            break
        line = text[start:end]
        if not (_BARE.fullmatch(line) or is_caption(line) or is_page_break(line)):
            break
        floor = max(0, start - _REACH)
        end = floor + len(text[floor:start].rstrip())
    return end


def _before_notes(text: str, end: int) -> int:
    """Return where the text ends that archivists' notes and operators' signals follow."""
    floor = max(0, end - _REACH)
    note = _AFTERWARDS.search(text, floor, end)
    return closing_start(text[: note.start()]) if note else end


def _signature_at(text: str, end: int) -> Signature | None:
    """Return the signature that stands in front of ``end``."""
    tail = text[max(0, end - _REACH) : end]
    offset = end - len(tail)
    tail = tail[:-_LONGEST_LINE] + _without_sign_off(tail[-_LONGEST_LINE:])
    signature = _on_own_line(tail) or _after_sentence(tail)
    return Signature(signature.names, offset + signature.start) if signature else None


def _on_own_line(tail: str) -> Signature | None:
    """Return the names of the last line, or of the last lines when each holds one."""
    start = tail.rfind("\n") + 1
    names = _names(tail[start:])
    if not names:
        return None
    above = tail.rfind("\n", 0, len(tail[:start].rstrip())) + 1
    line_above = tail[above:start].strip()
    if (
        above
        and line_above.isupper()
        and _stands_apart(tail[:above], line_above)
        and (names_above := _names(line_above))
    ):
        return Signature((*names_above, *names), above)
    return Signature(tuple(names), start) if _stands_apart(tail[:start], tail[start:].strip()) else None


def _stands_apart(before: str, name: str) -> bool:
    """Return whether what comes before a line lets it be a signature: a blank line, or the end of a sentence."""
    stripped = before.rstrip()
    if not stripped:
        return name.isupper()
    apart = before.count("\n", len(stripped)) > 1
    last = stripped[stripped.rfind("\n") + 1 :].strip()
    closed = last.endswith(_SENTENCE_END) or _FURNITURE.search(last[-80:]) is not None
    if not name.isupper():
        return closed or (apart and last.isupper())
    return apart or closed or _would_have_fitted(stripped, name)


def _would_have_fitted(before: str, name: str) -> bool:
    """Return whether a name stands on a line of its own although the line above, as the text is wrapped, had room for
    it."""
    *lines_above, last = before[-_WRAPPED_REACH:].split("\n")
    width = max(map(len, lines_above), default=0)
    return len(lines_above) > _FEWEST_LINES and width <= _WIDEST_WRAP and len(last.rstrip()) + len(name) + 4 < width


def _after_sentence(tail: str) -> Signature | None:
    """Return a name in capitals that follows the last sentence on its line."""
    match = _LAST_WORDS.search(tail, max(0, len(tail) - 2 * _LONGEST_NAME))
    if not match or not match[1].isupper() or len(match[1]) < 3:
        return None
    if re.search(r"\b[A-Z]\.$", tail[max(0, match.start() - 2) : match.start() + 1]):
        return None
    names = _names(match[1])
    return Signature(tuple(names), match.start(1)) if names else None


def _without_sign_off(text: str) -> str:
    """Return a text without the white space and the signs that it ends with."""
    while (stripped := text.rstrip().rstrip(_SIGN_OFF)) != text:
        text = stripped
    return text


def _names(line: str) -> list[str]:
    """Return the names that a line consists of, an empty list when it has anything else."""
    line = " ".join(_without_sign_off(line[-2 * _LONGEST_NAME :]).split()).lstrip("-/>#* ")
    line = _LABEL.sub("", line)
    if not 1 < len(line) <= _LONGEST_NAME:
        return []
    parts = [part for part in _SEVERAL.split(line) if part not in ("", "JR", "JR.", "III")]
    return parts if parts and all(map(_is_name, parts)) else []


def _is_name(text: str) -> bool:
    if not _NAME.fullmatch(text) or len(text) < 2:
        return False
    words = text.split()
    plain = [word.upper().strip(".'’") for word in words]
    if not _NOT_NAMES.isdisjoint(plain) or set(plain[-1]) <= {"X"}:
        return False
    core = [word for word in plain if len(word) > 1 and word not in _BESIDE_NAMES]
    if len(core) != 1:
        return len(core) == 2 and text.isupper() and all(len(word) > 2 for word in core)
    return text.isupper() or all(word[:1].isupper() or word.upper() in _PARTICLES for word in words)
