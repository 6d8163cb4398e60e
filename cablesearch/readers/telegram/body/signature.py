"""The signature: the surname of the signing officer, alone on the last line or at the end of the last sentence."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from cablesearch.readers.telegram.page_breaks import is_caption, is_page_break
from cablesearch.vocabulary.posts import stations

__all__ = ["Signature", "closing_start", "find_signature", "signers"]

_REACH = 1500
_PARTICLES = frozenset(
    """DE DEL DELLA DI DA DOS DU LA LE LOS EL VAN VON DER DEN TEN TER ST SAN SAINT MC MAC O BEN BIN AL
    FITZ""".split()  # noqa: SIM905 - reads better than quoted words
)
_SUFFIXES = frozenset({"JR", "SR", "II", "III", "IV"})
_BESIDE_NAMES = _PARTICLES | _SUFFIXES
_NOT_NAMES = frozenset(
    """ACTION ADDENDUM ADS ANALYSIS ANNEX ANSWER APPENDIX APPROACH ASSESSMENT ATMOSPHERICS ATTACHMENT
    ATTACHMENTS ATTENDEES BACKGROUND BEGIN BIO BIOGRAPHICAL BIOGRAPHY BIOS BT CABLE CANCEL CHALLENGES CHARGE
    CLASSIFICATION CLASSIFIED CLEARANCE COMMENT COMMENTS CONCLUSION CONCLUSIONS CONFIDENTIAL CONSIDERED CONTACT
    CONTACTS CONTEXT CONTINUED COPY CORRECTED CORRECTION DECLAS DECLASSIFIED DECLASSIFY DECONTROL DELEGATION DELETED
    DEPARTMENT DETAILS DISCUSSION DISTRIBUTION DRAFT ECONOMIC ECONOMY ELECTIONS EMBASSY ENCLOSURE END ENTIRE
    EVALUATION EXCLUDED EXDIS EXEMPT FINIS FOREIGN FOUO FYI GDS GUIDANCE IMPLICATIONS INFO INFORMATION INTRODUCTION
    ITEM KEY LIMDIS LIST MEDIA MEETING MEETINGS MESSAGE MINIMIZE NEXT NIACT NNNN NODIS NOFORN NONE NOTAL NOTE NOTES
    OBJECTIVES OBSERVATIONS OUTLOOK OVERVIEW PAGE PARTICIPANTS PASS POINTS POLICY POLITICAL POST PRESS PROGRAM QTE
    QUESTION QUESTIONS QUOTE RDS REACTION REASON REASONS RECOMMENDATION RECOMMENDATIONS REF REFS REGARDS RELEASED
    REMARKS REPORT REQUEST REQUESTED RESPONSE RESULTS SBU SECRET SECTION SENSITIVE SIGNATURE SIGNED SIPDIS STATEMENT
    STATUS STEPS STOP SUBJECT SUMMARY TABLE TAGS TALKING TEXT THANKS TITLE TRANSLATION UNCLAS UNCLASSIFIED UNQTE UNQUOTE
    UPDATE VIEWS VISIT WARNING XGDS""".split()  # noqa: SIM905
)
_FURNITURE = re.compile(
    r"(?:\bGR?O?U?P[- ]?[0-9]{1,2}|\bUNQ(?:UO)?TE|\bMINIMIZE(?: IS)? CONSIDERED|\bREGARDS|\bDECONTROL[^.]{0,40}"
    r"|\bEND (?:TEXT|COMMENT|SUMMARY|MESSAGE|NOTE)(?: AND [A-Z]{3,20})?|\b(?:X?GDS|EXEMPT)[^.]{0,20}"
    r"|\bDECLAS[^.]{0,30}[0-9]|@[A-Z0-9.]{3,40})[.,]?$",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(
    r"\n[^\S\n]*(?:NOTE(?: BY)?:? ?OC\W?/?T|NOTE:? BY\b|DECLASSIFIED\b"
    r"|>?[^\S\n]*[0-9]{4}[A-Z]{3,20}[0-9]{3,6} - Classification:|NNNN|BT\n|#[0-9]{4}\n)"
)
_BARE = re.compile(
    r"[\W_]*(?:CABLE ENDS|END OF (?:DOCUMENT|CABLE|MESSAGE)|N ?N ?N ?N?|NNNN[A-Z]{1,12}|BT|GP-?[0-9]|X?GDS"
    r"|#[0-9]{4})?[\W_]*"
)
_STAMP = "Declassified/Released"
_STAMP_LINE = re.compile(
    r"\s*(?:(?:[A-Z][\w.,'-]{0,20}\s{1,4}){0,4}Declassified/Released\s{1,4})?"
    r"(?:US Department of State\s{1,4})?(?:EO Systematic Review\s{1,4})?(?:[0-9]{1,2} [A-Z][A-Za-z]{2} [0-9]{4})?\s*"
    r"|\s*\*{3} {1,4}Current [A-Z][A-Za-z ]{1,30}\*{3}[\w/ ]{0,40}"
)
_CLASSIFICATIONS = ("CONFIDENTIAL", "SECRET", "UNCLASSIFIED", "LIMITED OFFICIAL USE")
_NOTE = re.compile(r"\n[^\S\n]*\(?(?:[A-Z'/-]{1,12} ){0,2}NOTES?(?: BY [^:\n]{1,30})?:")
_SIGNS = "./=?&_:~-"
_ADDRESS = re.compile(
    rf"(?:https?:|www\.)\S{{0,160}}(?:\s{{1,4}}(?:(?=[^\s{_SIGNS}]{{0,80}}[{_SIGNS}])\S{{1,120}}|\w{{1,5}})){{0,2}}"
    r"(?:\s{1,4}\w{6,20})?[\"”)\].]{0,4}\Z",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\s*(?:¶|[0-9]{1,3}[.)]|\([A-Z/]{1,9}\))")
_WORD = r"(?:[OD]['’`] ?)?[^\W\d_][^\W\d_]*(?:['’`-][^\W\d_]+)*"
_NAME = re.compile(rf"{_WORD}\.?(?: {_WORD}\.?){{0,3}}")
_SIGN_OFF = "#*./\\_>=-"
_LABEL = re.compile(r"^(?:SIGNED|BY|S)[:/]+ ?", re.IGNORECASE)
_NUMBER_BEFORE = re.compile(r"(?:^|\n)\s{0,4}[0-9]{1,3}\.\s{1,4}$")
_SEVERAL = re.compile(r"[ ]?[/&,;][ ]?| AND ")
_LAST_WORDS = re.compile(
    rf"(?:[.?!:][\"')\]”’]{{0,2}}|[\"')\]”’]|\bUNQ(?:UO)?TE )\s{{0,4}}((?:{_WORD} ){{0,2}}{_WORD})$"
)
_RULER_LINE = re.compile(r"\n[^\S\n]{0,40}([*=_-])\1{9}[*=_ -]{0,99}(?=\n|\Z)")
_RULER_END = ("*", "-", "=", "_")
_LONGEST_ADDRESS = 320
_TABLE_ROW = re.compile(r"\S {3,40}\S{0,20}[0-9][)%]?$")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_SENTENCE_END = (".", "?", "!", ":", '"', "”", ")", "]", "'")
_LONGEST_NAME = 40
_LONGEST_LINE = 200
_MOST_CLOSING_LINES = 60
_WRAPPED_REACH = 500
_WIDEST_WRAP = 90
_FEWEST_LINES = 3
_LONGEST_NOTICE = 600
_MOST_LINES_OF_NOTICE = 4
_MOST_NOTICES = 3


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, and where in the text the signature starts, or the line with the post's web address above it.

    ``has_prose`` says that such a line, or a note below the signature, may be a sentence of the last paragraph.
    """

    names: tuple[str, ...]
    start: int
    has_prose: bool = False


def signers(text: str) -> list[str]:
    """Return the surnames that a cable is signed with, as written; an empty list when it is not signed.

    ``text`` is a cable, a body or the end of one. What may follow a signature (classification, SIPDIS, NNNN,
    archivists' notes, web addresses, page breaks) is passed over.
    """
    signature = find_signature(text)
    return list(signature.names) if signature else []


def find_signature(text: str) -> Signature | None:
    """Return the signature at the end of a text, and its place, or None."""
    end = closing_start(text)
    for stop, has_prose in _possible_ends(text, end):
        signature = _signature_at(text, stop)
        if signature:
            start = _before_addresses(text, signature.start)
            if start == signature.start and not has_prose:
                return signature
            return Signature(signature.names, start, has_prose=True)
    return None


def _possible_ends(text: str, end: int) -> Iterator[tuple[int, bool]]:
    """Yield where the text may end that is signed, the likeliest first, and whether prose follows.

    ``end`` is where the closing starts.
    """
    noted = _before_notes(text, end)
    if noted != end:
        yield noted, False
    notes = _ends_before_notes(text, end)
    if notes and "\n" not in text[notes[0] : end].strip():
        yield from ((stop, True) for stop in notes)
    yield end, False
    before = _before_addresses(text, end)
    if before != end:
        yield closing_start(text, before), True
    yield from ((stop, True) for stop in notes)


def _ends_before_notes(text: str, end: int) -> list[int]:
    """Return where the text ends before each of the notes that end it, which begin with ``NOTE:``, from the last."""
    floor, ends = max(0, end - _LONGEST_NOTICE), []
    notes = list(_NOTE.finditer(text, floor, end)) if text.find("NOTE", floor, end) >= 0 else []
    for note in reversed(notes):
        if _BLANK_LINE.search(text, note.end(), end):
            break
        end = closing_start(text, note.start())
        ends.append(end)
    return ends


def _before_addresses(text: str, end: int) -> int:
    """Return where the lines start that give web addresses of the post right before ``end``; ``end`` without any."""
    for _ in range(_MOST_NOTICES):
        start = _before_address(text, end)
        if start is None:
            break
        end = start
    return end


def _before_address(text: str, end: int) -> int | None:
    """Return where the sentence starts, on a line of its own, that ends in a web address right before ``end``."""
    floor = max(0, end - _LONGEST_NOTICE)
    if not _has_address(text[floor:end]):
        return None
    tail = text[floor : max(floor, closing_start(text, end))]
    below = floor + len(tail)
    frame = _frame_start(tail, text[below : below + _LONGEST_LINE])
    if frame is not None:
        return floor + frame
    address = _address_at_end(tail)
    if address is None:
        return None
    start = tail.rfind("\n", 0, address) + 1
    for _ in range(_MOST_LINES_OF_NOTICE):
        above = tail[:start].rstrip()
        line = above.rfind("\n") + 1
        if _BARE.fullmatch(above, line):
            start = line if above else start
        if not start or _is_whole(above) or (tail.count("\n", len(above), start) > 1 and not above.endswith(":")):
            break
        if _names(above[line:]):
            break
        start = line
    else:
        return None
    return None if not start or _NUMBERED.match(tail, start) else floor + start


def _frame_start(text: str, below: str) -> int | None:
    """Return where a ruler opens the frame with which a text ends, of which ``below`` begins with the other ruler; None
    if the frame holds no web address, or may hold a paragraph."""
    if not _RULER_LINE.match("\n" + below.lstrip()):
        return None
    ruler = deque(_RULER_LINE.finditer(text), maxlen=1)
    inside = text[ruler[0].end() :] if ruler else ""
    return ruler[0].start() if _has_address(inside) and not _NUMBERED.match(inside) else None


def _is_whole(text: str) -> bool:
    """Return whether a sentence or ruler ends with a text; a colon leads on to a web address."""
    return text.endswith(_SENTENCE_END + _RULER_END) and not text.endswith(":")


def _has_address(text: str) -> bool:
    return ":/" in text or "www." in text or "WWW." in text


def _address_at_end(text: str) -> int | None:
    """Return where the web address starts that a text ends with; the wire may have broken it by blanks or lines."""
    tail = text[-_LONGEST_ADDRESS:]
    address = _ADDRESS.search(tail) if _has_address(tail) else None
    return len(text) - len(tail) + address.start() if address else None


def closing_start(text: str, stop: int | None = None) -> int:
    """Return where the text, or its part up to ``stop``, ends, apart from white space and furniture after it: rulers,
    captions, page breaks, end marks and stamps."""
    end = len(text.rstrip()) if stop is None else _trimmed(text, stop)
    for _ in range(_MOST_CLOSING_LINES):
        floor = max(0, end - _LONGEST_LINE)
        start = text.rfind("\n", floor, end) + 1
        if not end or (start == 0 and floor):
            break
        line = text[start:end]
        if not _is_furniture(line):
            break
        end = _trimmed(text, start)
    return end


def _trimmed(text: str, end: int) -> int:
    """Return where the white space before a place starts."""
    floor = max(0, end - _REACH)
    return floor + len(text[floor:end].rstrip())


def _is_furniture(line: str) -> bool:
    """Return whether a line is a ruler, caption, page break, end mark, or an archive's stamp."""
    if _BARE.fullmatch(line) or is_caption(line) or is_page_break(line):
        return True
    if not line.isupper():
        return _STAMP_LINE.fullmatch(f"{line} ") is not None
    bare = line.strip()
    return not bare.isalpha() and any(_is_damaged(bare, whole) for whole in _CLASSIFICATIONS)


def _is_damaged(line: str, whole: str) -> bool:
    """Return whether a line is a classification with letters lost in transmission: ``CONFID*NTIAL``."""
    return len(line) == len(whole) and all(
        letter == wanted or not letter.isalpha() for letter, wanted in zip(line, whole, strict=True)
    )


def _before_notes(text: str, end: int) -> int:
    """Return where the text ends that archivists' notes and operators' signals follow."""
    floor = max(0, end - _REACH)
    note = _AFTERWARDS.search(text, floor, end)
    return closing_start(text, note.start()) if note else end


def _signature_at(text: str, end: int) -> Signature | None:
    """Return the signature that stands in front of ``end``."""
    if text.endswith("-", 0, end) and text[max(0, end - 2) : end - 1].isalpha():
        return None
    tail = text[max(0, end - _REACH) : end]
    offset = end - len(tail)
    tail = tail[:-_LONGEST_LINE] + _without_sign_off(tail[-_LONGEST_LINE:])
    signature = _on_own_line(tail) or _after_sentence(tail)
    if signature is None or ("." in text[offset + len(tail) : end] and _is_sentence(signature.names[-1])):
        return None
    return Signature(signature.names, offset + signature.start)


def _is_sentence(name: str) -> bool:
    """Return whether a name that a stop follows is a short sentence: two words in capitals, ``OSLO OBJECTS.``"""
    return " " in name and _BESIDE_NAMES.isdisjoint(name.replace(".", "").split())


def _on_own_line(tail: str) -> Signature | None:
    """Return the names of the last line, or of the last lines when each holds one."""
    start = tail.rfind("\n") + 1
    names = _names(tail[start:])
    if not names:
        return None
    above = tail.rfind("\n", 0, len(tail[:start].rstrip())) + 1
    line_above = tail[above:start].strip()
    if above and line_above.isupper() and line_above[-1] != "." and _stands_apart(tail[:above], line_above):
        names_above = _names(line_above)
        if len(names_above) == 1 and names_above[0].replace(" ", "") not in stations():
            return Signature((*names_above, *names), above)
        if names_above:
            return Signature(tuple(names), start)
    return Signature(tuple(names), start) if _stands_apart(tail[:start], tail[start:].strip()) else None


def _stands_apart(before: str, name: str) -> bool:
    """Return whether what comes before a line lets it be a signature: a blank line, or the end of a sentence."""
    stripped = before.rstrip()
    if not stripped:
        return name.isupper()
    apart = before.count("\n", len(stripped)) > 1
    if apart and name.isupper():
        return True
    last = stripped[stripped.rfind("\n") + 1 :].strip()
    closed = last.endswith(_SENTENCE_END) or _FURNITURE.search(last[-80:]) is not None
    closed = closed or _TABLE_ROW.search(last) is not None or _address_at_end(stripped) is not None
    if not name.isupper():
        return closed or (apart and last.isupper())
    return closed or _would_have_fitted(stripped, name)


def _would_have_fitted(before: str, name: str) -> bool:
    """Return whether a name stands on a line of its own although the line above, as the text is wrapped, had room for
    it."""
    *lines, last = before[-_WRAPPED_REACH:].split("\n")
    lines_above = [line.rstrip() for line in lines if _STAMP not in line]
    width = max(map(len, lines_above), default=0)
    return len(lines_above) > _FEWEST_LINES and width <= _WIDEST_WRAP and len(last) + len(name) + 4 < width


def _after_sentence(tail: str) -> Signature | None:
    """Return a name in capitals that follows the last sentence on its line."""
    match = _LAST_WORDS.search(tail, max(0, len(tail) - 2 * _LONGEST_NAME))
    if not match or not match[1].isupper() or len(match[1]) < 3 or _NUMBER_BEFORE.search(tail[: match.start(1)][-8:]):
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
    if not _NOT_NAMES.isdisjoint(plain) or len(set(plain[-1])) == 1:
        return False
    core = [word for word in plain if len(word) > 1 and word not in _BESIDE_NAMES]
    if len(core) != 1:
        return len(core) == 2 and text.isupper() and all(len(word) > 2 for word in core)
    return text.isupper() or all(word[:1].isupper() or word.upper() in _PARTICLES for word in words)
