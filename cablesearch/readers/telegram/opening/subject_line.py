"""The SUBJECT line of a cable: where it stands, what it says and how it is marked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cablesearch.cable import Classification
from cablesearch.classification.bare import line_marking
from cablesearch.classification.classification import marking_of
from cablesearch.classification.controls import KNOWN_CONTROLS
from cablesearch.classification.leading import leading_marking
from cablesearch.readers.telegram.opening.extent import LONGEST_OPENING, opening_end
from cablesearch.text.lookalikes import legible

__all__ = ["SubjectLine", "find_subject", "subject", "unmarked"]

_LONGEST = 1_200

# Words that follow "subject" where it is not a label: "SUBJECT TO APPROVAL", "CORRECTED COPY SUBJECT LINE".
_PROSE = r"(?!\s+(?:TO|LINES?|OF|AND|IS|WAS|CABLES?|TELEGRAMS?|MATTER|HEADING|CHANGED?|CORRECT(?:ED|ION))\b)"
_HINT_OF_LABEL = re.compile("[Uu][Bb][Jj]")
_LABEL = re.compile(
    rf"(?:S?UBJECTS?|SUBJ)(?:(?P<colon>(?:[ \t]+LINE)?[ \t]?[:;]|\.|[ ]?\([A-Z/]{{1,6}}\):|[ ]-[ ])|{_PROSE}(?=\s))",
    re.IGNORECASE,
)
_MISTYPED_LABEL = re.compile(
    r"""^[ \t]{0,8}(?:S[A-Z]BJECT|SU[A-Z]JECT|SUB[A-Z]ECT|SUBJ[A-Z]CT|SUBJE[A-Z]T|SUBJEC[A-Z]|[A-Z]UBJECT
    |SBJECT|SUJECT|SUBECT|SUBJCT|SUBJET|SUBJEC|SUB
    |[A-Z]{2}BJ|SU[A-Z]J|SUB[A-Z]|SBUJ|SUJB|SBJ|SUJ|UBJ
    |USBJECT|SBUJECT|SUJBECT|SUBEJCT|SUBJCET|SUBJETC
    |SUUBJECT|SUBBJECT|SUBJJECT|SUBJEECT|SUBJECCT|SUBJECTT|S[ ]U[ ]B[ ]J[ ]E[ ]C[ ]T)[ \t]?:""",
    re.MULTILINE | re.IGNORECASE | re.VERBOSE,
)
_REPEATED_LABEL = re.compile(r"[\s\\:]{0,400}(?:(?:SUBJECT|SUBJ)[ \t]?:[\s\\:]{0,400}){0,3}", re.IGNORECASE)

_MARK = r"\((?:[UCS]|TS|SBU|LOU|FOUO)(?:[/, ][^()\n]{0,30})?\)"
_PAGE_BREAK = r"[A-Z][A-Z .'/-]{1,11}\d{6,8}\s{1,4}\d{3}(?:\.\d)?\s{1,4}OF\s{1,4}\d{3}"

# A page break in the middle of a subject, up to what stands on its own line, with the captions above and below it.
_CAPTION = r"(?:UNCLAS(?:SIFIED)?|CONFIDENTIAL|SECRET|LIMITED\sOFFICIAL\sUSE|SIPDIS|NOFORN|SENSITIVE)"
_BREAK_WITHIN = re.compile(
    rf"""[\\\s]{{0,120}}(?:{_CAPTION}[\\\s]{{1,80}}){{0,3}}
    (?:PAGE\s{{1,9}}\d{{1,3}}\s{{1,20}}[A-Z][A-Z .'-]{{1,20}}?\s{{1,9}}\d{{3,8}}
    (?:\s{{1,9}}\d{{1,3}}\sOF\s\d{{1,3}})?\s{{1,9}}\d{{6}}Z\b|{_PAGE_BREAK})
    (?:[\\\s]{{1,80}}{_CAPTION}(?=[^\S\n]{{0,40}}\n)){{0,3}}[^\S\n]{{0,40}}""",
    re.VERBOSE,
)
_PAGE_NUMBER = re.compile(r"(?:PAGE|OF)\s{1,9}\d")
_LONGEST_BREAK = 320
# The lines below a break, up to three, and what follows them.
_LINES_BELOW = re.compile(
    r"[\\\s]{1,80}(?P<lines>[^\s\\][^\n]{0,99}(?:\n[ \t]{0,9}(?!(?i:REF|CLASS)|¶?\d)[^\s\\][^\n]{0,99}){0,2}?)"
    r"\n[\\\s]{0,80}(?=[A-Z¶\d(=-]|[Rr]ef)"
)
# Words and signs that no subject ends with.
_UNFINISHED = re.compile(
    r"(?:\b(?:A|AN|AND|AGAINST|AT|BETWEEN|BY|FOR|FROM|IN|INTO|ITS|OF|ON|OR|OVER|THE|TO|UNDER|WITH)|[,;:(/&-])\Z",
    re.IGNORECASE,
)

# A line that starts like one of these is no longer subject.
_END_AT_LINE_START = re.compile(
    rf"""[(\[]?REF(?:S|TELS?|\(S\)|ERENCES?\s?(?=[(:])|ERENCE\(S\):|\s?\(|[:.;])?(?![A-Z])
    |(?:{_MARK}\s{{0,4}})?CLAS+IFI?ED(?:\s+B|\s?:|\s+PER\b|\s+UNDER\b|\s+FOR\s+REASON)
    |DERIVED\s+FROM\b|DECLASSIFY\s+ON\b|DECL:|REASONS?(?::|\s+(?:FOR\s+CLASS|1\.[45]))
    |E\.?\s?O\.?\s?1\d{{3,4}}|TAGS?[:;,\s]|(?:SUBJECT|SUBJ)\s?:
    |(?:U\sN\s)?C\s[OL]\s[NA]\s|S\sE\sC\sR\sE\sT\b|(?:UNCLAS|CONFIDENTIAL|SECRET)\s+(?:SECTION|.{{0,40}}ENTIRE\sTEXT)
    |(?:NOFORN|SIPDIS)\s{{0,9}}$
    |SENSITIVE\s+BUT\b|PAGE\s+\d\d\b|{_PAGE_BREAK}
    |(?:BEGIN\s+|EXECUTIVE\s+)?SUMMARY(?:\s+AND\s+[A-Z ]{{1,30}})?\s{{0,9}}[:.]?\s{{0,9}}$|(?:BEGIN\s+)?SUMMARY\s?[:.-]
    |INTRODUCTION\s{{0,9}}:?\s{{0,9}}$|MINIMIZE\s+CONSIDERED
    |¶?\d{{1,2}}\s?[.)]\s{{0,6}}(?:\(|[UCS]\)|SBU\))|¶\d|1\s?\.\s{{0,6}}[A-Z]|\d{{1,2}}\.\s{{0,6}}CLASSIFIED""",
    re.IGNORECASE | re.VERBOSE,
)
# Sentences in which a message speaks of itself; right behind the label they are the subject.
_OF_THE_MESSAGE = re.compile(
    r"THIS\s+(?:IS\s+AN?\s+(?:\S+\s+)?(?:ACTION|JOINT)|(?:CABLE|MESSAGE|TELEGRAM)\s+(?:HAS|WAS|IS|CONTAINS)\b)",
    re.IGNORECASE,
)
# A line of its own, which may also be the last word of a subject that was wrapped before it.
_BANNER = re.compile(r"(?:UNCLAS(?:SIFIED)?|CONFIDENTIAL|SECRET|SENSITIVE|LIMITED\sOFFICIAL\sUSE)\s{0,9}$")
_WRAPPED_AT = 64
# Later lines that are marked open a paragraph; the first one may be a marked subject.
_MARKED = re.compile(_MARK, re.IGNORECASE)
# What the ends inside a line contain; a line without any of these is not examined further.
_HINTS_OF_END = (
    *("SIF", "C O N", "S E C", "N C L A", "SIPDIS", "SENSITIVE BUT", "----", "====", "PAGE "),
    *("TAGS:", "E.O", "EO 1", "E O ", "ENTIRE", "THIS IS AN", "THIS CABLE", "THIS MESSAGE"),
)
_PATTERN_HINT_OF_END = re.compile(r"[R0-9](?:(?<=R)EF(?:TELS?|S|ERENCES?)?(?![A-Z])|(?<=[0-9])(?:\.|[0-9]{5}))")
# Posts of more than one word as page-break lines cut them (ten characters).
_POSTS_OF_WORDS = (
    r"ABU DHABI|ADDIS ABAB|BANDAR SER|BELO HORIZ|BUENOS AIR|CAPE TOWN|CIUDAD JUA|DAR ES SAL|FT LAUDERD|GUATEMALA"
    r"|HO CHI MIN|HONG KONG|KUALA LUMP|LA PAZ|MEXICO CIT|NEW DELHI|NUEVO LARE|PANAMA CIT|PHNOM PENH|PORT AU PR"
    r"|PORT LOUIS|PORT MORES|PORT OF SP|RIO DE JAN|RPO DUBAI|SAN JOSE|SAN SALVAD|SANTO DOMI|SAO PAULO|SAUDI ARAB"
    r"|ST PETERSB|TEL AVIV|AIT TAIPEI|UNVIE VIEN|USEU BRUSS|USUN NEW Y|USNATO BRU|USUNESCO P"
)
_END_INSIDE = re.compile(
    rf"""(?<!\S)[(\[]?REF(?:TEL)?S?(?:\(S\))?\s?:|(?<=\S)(?-i:REFS?|Refs?|REFTELS?|Reftels?)(?:\([Ss]\))?\s?:
    |(?<=\s)(?-i:[(\[]?REF(?:TEL)?S?|Refs)(?:\s+[(\[]?[A-Z][.):\]]
        |\s+(?:'?\d\d\s+)?(?-i:[A-Z][A-Z ]{{2,20}})\s+\d{{2,}})
    |(?<=\s)(?-i:REFS?)(?:\.|\s*$)
    |(?<=\s)REFERENCES?\s?:|(?-i:REFS?)(?=\s+[(\[]?A[.)]\s)
    |(?:(?<!\S){_MARK}\s{{0,4}})?(?<!UN)(?<!DE)CLAS+IFI?ED\s+BY\b|(?<=[A-Za-z.?!"'’])(?-i:Classified)\b|CLASSIFIED\s?:
    |(?<!\S)(?-i:C\sO\sN\b|S\sE\sC\sR\sE\sT\b|U\sN\sC\sL\sA\sS|SIPDIS\b)|(?<!\S)(?:\(?CONFIDENTIAL|\(?SECRET)\s?-\s?ENTIRE
    |\bSENSITIVE\s+BUT(?=\s+UNCL|\s*$)|[-=]{{4}}
    |(?:\s(?-i:UNCLASSIFIED|CONFIDENTIAL|SECRET|LIMITED\sOFFICIAL\sUSE)\s{{1,80}})?\bPAGE\s+\d\d(?=\s{{2}}|\s+[A-Z]+\s+\d{{4,6}}|\s*$)
    |(?<!\S)(?:{_POSTS_OF_WORDS.replace(" ", "[ ]")}|[A-Z]{{3,}})\s+\d{{6,8}}\s+\d{{3}}(?:\.\d)?\s+OF\s+\d
    |(?<!\S)¶?\d{{1,2}}\.\s{{0,4}}(?:\([A-Z/]|CLASSIFIED\s+BY)|(?<!\S)1\.\s{{0,4}}(?:BEGIN\s+)?SUMMARY\b
    |(?<!\S)E\.?\s?O\.?\s?1\d{{4}}|(?<!\S)TAGS:|(?<!\S)THIS\s+IS\s+AN\s+ACTION\s+(?:REQ|CABLE|MESSAGE|TELE)
    |(?<!\S)(?-i:This\s+(?:cable|message)\s+(?:has|was|is|contains))""",
    re.IGNORECASE | re.VERBOSE,
)  # fmt: skip
# Before these words a bare REF belongs to the sentence: "RESPONSE TO REF A".
_NAMES_A_REFERENCE = re.compile(r"\b(?:TO|IN|OF|PER|SEE|FROM|AND|BY|WITH|FOR|ON)\s+$", re.IGNORECASE)

_CONTINUED = re.compile(r"\\+(?=[ \t\r]*\n)")
_ENTITY = re.compile(r"&#(\d{1,7});")
_IN_BRACKETS = re.compile(r"[A-Z\s/,-]{1,60}[)\]}]")
_MARKED_LABEL = re.compile(r"[(\[{]((?:[^()\[\]{}\n]|\([A-Za-z]{1,3}\)){1,60})[)\]}]")
_BELOW = re.compile(r"[^\S\n]*\n(?:[^\S\n]*\n){0,3}([^\n]{1,64})(?:\n|\Z)")
_LONGEST_MARK = 64
_READABLE = KNOWN_CONTROLS | {"NATO"}
"""Controls that show that a line is a marking, and not a text that begins with one."""
_LEADING_GROUP = re.compile(r"\([^()]{0,80}\)(?:\s+|$)")
_TRAILING_GROUP = re.compile(r"\s\(([A-Z]+(?:/+[A-Z]+)*)\)$")


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """A subject as found.

    ``text`` is the subject without its leading portion marking; ``marking`` is that marking without
    brackets (``C/NF``) or None; ``start`` and ``end`` are the span in the cable's text, label included.
    """

    text: str
    marking: str | None
    start: int
    end: int


def find_subject(text: str) -> SubjectLine | None:
    """Return the subject of a cable, from its body or the opening of it, or None."""
    place = _locate(text)
    if place is None:
        return None
    start, begin, end = place
    whole = _readable(_without_breaks(text[begin:end]))
    if not whole:
        return None
    shown, marking = unmarked(whole)
    # The label may be marked: "(S) SUBJECT:", "SUBJECT (S):".
    line = text.rfind("\n", max(0, start - _LONGEST_MARK), start) + 1
    for group in _MARKED_LABEL.finditer(legible(text[max(line, start - _LONGEST_MARK) : begin])):
        if Classification.parse(group[1]):
            marking = f"{group[1]}/{marking}" if marking else group[1]
    return SubjectLine(shown, marking, start, end)


def marking_below(text: str, end: int) -> str | None:
    """Return the marking on a line of its own under the subject that ends at ``end``, as `Classification.parse` reads
    it; None without one."""
    match = _BELOW.match(legible(text[end : end + 2 * _LONGEST_MARK]))
    if match is None:
        return None
    marking = line_marking(match[1])
    if marking is None and (said := marking_of(match[1])) and _READABLE.issuperset(said.controls):
        marking = said
    return str(marking) if marking else None


def unmarked(line: str) -> tuple[str, str | None]:
    """Return a subject without its leading portion marking, and that marking without brackets, or None."""
    mark = leading_marking(legible(line), 0)
    if mark and mark[1] < len(line):
        return line[mark[1] :].lstrip(), mark[0]
    return line, None


def subject(text: str, clean: bool = False) -> str:
    """Return the subject on one line, or ``""``.

    With ``clean`` a leading group in brackets, a trailing one of capitals and backslashes are dropped, which are
    nearly always portion markings and captions.
    """
    place = _locate(text)
    if place is None:
        return ""
    whole = _readable(_without_breaks(text[place[1] : place[2]]))
    return _cleaned(whole) if clean else whole


def _locate(text: str) -> tuple[int, int, int] | None:
    """Return the start of the label, and the start and end of the subject itself; None without a subject."""
    label = _regular_label(text) or _best_label(text)
    if label is None:
        return None
    start, after = label
    repeated = _REPEATED_LABEL.match(text, after, after + _LONGEST)
    begin = repeated.end() if repeated else after
    end = _end(text, begin)
    return (start, begin, end) if end > begin else None


def _regular_label(text: str) -> tuple[int, int] | None:
    """Return the span of ``SUBJECT:`` at the start of a line in the opening, as nearly all labels stand."""
    at = text.find("SUBJECT:", 0, LONGEST_OPENING)
    if at < 0 or (at and text[at - 1] != "\n"):
        return None
    return (at, at + 8) if at < opening_end(text) else None


def _best_label(text: str) -> tuple[int, int] | None:
    """Return the span of a label that is not regular.

    The first one with a colon; else a bare word at a line start, then inside a line; else one that is mistyped.
    """
    bare: tuple[int, int] | None = None
    bare_inside: tuple[int, int] | None = None
    limit = opening_end(text)
    for hint in _HINT_OF_LABEL.finditer(text, 0, limit):
        start = hint.start() - (text[hint.start() - 1 : hint.start()] in {"S", "s"})
        label = _LABEL.match(text, start, start + 40)
        if not label:
            continue
        line = text[max(text.rfind("\n", max(start - 200, 0), start) + 1, start - 200) : start]
        at_line_start = not line.strip(" \t¶*")
        if label["colon"]:
            if at_line_start or _may_stand_inside(line, label[0]):
                return start, label.end()
        elif at_line_start:
            bare = bare or (start, label.end())
        elif line[-1].isspace() and label[0][0].isupper() and not _is_correction(line):
            bare_inside = bare_inside or (start, label.end())
    if bare_inside and not _has_other_label(text[: bare_inside[0]]):
        bare_inside = None
    mistyped = _MISTYPED_LABEL.search(text, 0, limit) if not bare else None
    return bare or (mistyped.span() if mistyped else bare_inside)


def _may_stand_inside(line: str, label: str) -> bool:
    """Return whether a label with a colon is one although ``line`` stands before it: after a blank, or glued in
    capitals."""
    if _is_correction(line):
        return False
    return line[-1].isspace() or line[-1] == ")" or (label.startswith("SUBJECT") and line[-1].isalnum())


def _is_correction(line: str) -> bool:
    """Return whether the line is a banner that says what was corrected, such as ``C O R R E C T E D COPY``."""
    letters = line.upper().replace(" ", "")
    return "COPY" in letters or "CORRECTED" in letters


def _has_other_label(opening: str) -> bool:
    upper = opening.upper()
    return "TAG" in upper or "E.O." in upper or "EO 1" in upper


def _end(text: str, begin: int) -> int:
    """Return where the subject that begins at ``begin`` ends, trailing blanks excluded."""
    limit = min(begin + _LONGEST, len(text))
    at = end = begin
    before = text[text.rfind("\n", max(begin - 80, 0), begin) + 1 : begin]
    while at < limit:
        newline = text.find("\n", at, limit)
        if newline < 0:
            newline = limit
        line = text[at:newline]
        bare = line.lstrip(" \t")
        is_blank = not bare.strip("\\ \t\r\xa0")
        if is_blank and _is_marking_alone(legible(text[begin:end])):
            at = newline + 1  # the subject of the marking stands behind a blank line
            continue
        if at > begin and (beyond_break := _beyond_break(text, end, at)):
            at = beyond_break
            continue
        if is_blank:
            break
        beyond = text[newline : newline + _LONGEST_MARK]
        if (_END_AT_LINE_START.match(bare) and not (bare[1:2] == " " and _is_bracketed(bare + beyond))) or (
            at > begin and _opens_other_text(bare, line, len(before))
        ):
            break
        inside = _end_inside(line, beyond)
        if inside is not None:
            end = at + inside
            if beyond_break := _beyond_break(text, end, end):
                at = beyond_break
                continue
            break
        before = line if at > begin else before + line
        end = newline
        at = newline + 1
    return begin + len(text[begin:end].rstrip().rstrip("\\ \t\r\n").rstrip())


def _beyond_break(text: str, end: int, at: int) -> int | None:
    """Return where a subject that ended at ``end`` goes on behind a page break at ``at``; None where it does not.

    It goes on with what stands on the line of the break, or else with the next lines, up to a label or a paragraph. If
    a blank line, or nothing but a blank, stands before the break, only a subject that is surely unfinished goes on.
    """
    ahead = text[at : at + _LONGEST_BREAK]
    if not _may_have_break(ahead):
        return None
    page_break = _BREAK_WITHIN.match(text, at, at + _LONGEST_BREAK)
    if page_break is None:
        return None
    blank = ahead[: len(ahead) - len(ahead.lstrip())]
    if (text[at - 1] != "\n" or "\n" in blank) and not _UNFINISHED.search(text[max(end - 16, 0) : end].rstrip("\\ \r")):
        return None
    start = page_break.end()
    if text[start : start + 1] not in {"", "\n", "\r", "\\"}:
        return None if _END_AT_LINE_START.match(text, start) else start
    following = _LINES_BELOW.match(text, start)
    if following is None:
        return None
    lines = [line.strip() for line in following["lines"].split("\n")]
    if any(_END_AT_LINE_START.match(line) or _opens_other_text(line, line, 0) for line in lines):
        lines = []
    return following.start("lines") if lines and _END_AT_LINE_START.match(text, following.end()) else None


def _without_breaks(text: str) -> str:
    has_break = _may_have_break(text) and _PAGE_NUMBER.search(text)
    return _BREAK_WITHIN.sub(" ", text) if has_break else text


def _may_have_break(text: str) -> bool:
    return "PAGE " in text or " OF " in text


def _is_marking_alone(text: str) -> bool:
    group = _MARKED_LABEL.fullmatch(text.strip())
    return group is not None and Classification.parse(group[1]) is not None


def _opens_other_text(bare: str, line: str, length_before: int) -> bool:
    """Return whether a line after the first is a marked paragraph, a heading, a remark on the message, or a banner on a
    line of its own."""
    if _BANNER.match(bare):
        return len(bare) < len(line) or length_before + len(bare) < _WRAPPED_AT
    if bare.rstrip().endswith(":") and len(bare) < _WRAPPED_AT > length_before:
        return True  # a heading
    marked = _MARKED.match(bare)
    if marked:
        return bool(bare[marked.end() :].strip())
    return _OF_THE_MESSAGE.match(bare) is not None


def _is_bracketed(text: str) -> bool:
    """Return whether a text begins within a marking whose letters stand apart, and so not with a banner."""
    return _IN_BRACKETS.match(legible(text)) is not None


def _end_inside(line: str, beyond: str) -> int | None:
    """Return the offset at which a label, paragraph or page break cuts the subject short within its line, ``beyond``
    which the text goes on so."""
    upper = line.upper()
    if not (any(map(upper.__contains__, _HINTS_OF_END)) or _PATTERN_HINT_OF_END.search(upper)):
        return None
    for match in _END_INSIDE.finditer(line):
        if match[0][1:2] == " " and _is_bracketed(line[match.start() :] + beyond):
            continue
        if ":" in match[0] or not match[0].upper().startswith("REF"):
            return match.start()
        if not _NAMES_A_REFERENCE.search(line[max(match.start() - 8, 0) : match.start()]):
            return match.start()
    return None


def _readable(raw: str) -> str:
    """Return a text on one line, with entities decoded and a hyphen after US closed up."""
    if "\\" in raw:
        raw = _CONTINUED.sub("", raw)
    line = " ".join(raw.split())
    if "&#" in line:
        line = " ".join(_ENTITY.sub(_character, line).split())
    return line.replace("US- ", "US-")


def _character(entity: re.Match[str]) -> str:
    code = int(entity[1])
    return chr(code) if 0 < code < 0xD800 or 0xDFFF < code <= 0x10FFFF else entity[0]


def _cleaned(line: str) -> str:
    line = line.replace("\\", "").strip()
    mark = leading_marking(line, 0)
    if mark:
        line = line[mark[1] :].lstrip()
    elif line.startswith("("):
        line = _LEADING_GROUP.sub("", line, count=1)
    return _TRAILING_GROUP.sub("", line) if line.endswith(")") else line
