"""Where markings stand in a text, and what they cover.

A portion marking opens a text, or stands above it; a part of a text may have one of its own. What a marking says is
read by `cablesearch.classification.classification`; here it is distinguished from what only looks like one: a letter
of a list, a citation, a plural, an abbreviation. In doubt it is a marking, so that nothing is shown that may be meant
to be hidden.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from cablesearch.classification.classification import KNOWN_CONTROLS, OPEN, Classification, marking_of
from cablesearch.text.caching import cached_if_short, compiled_lazily
from cablesearch.text.lookalikes import DASHES, legible

__all__ = [
    "Region",
    "covering",
    "covering_lines",
    "covering_tags",
    "covering_title",
    "has_brackets",
    "leading_marking",
    "line_marking",
    "marked_regions",
    "may_have_bare_markings",
    "opening_marking",
]


_LEVEL_WORD = r"(?:TOP\s{0,3}SECRET|CONFIDENTIAL|SECRET|UNCLASSIFIED|UNCLAS|SBU|FOUO|LOU|TS|U|C|S)"
_LONG_LEVEL = r"(?:TOP\s{0,3}SECRET|CONFIDENTIAL|SECRET)"
_CONTROL_WORD = r"(?:NO\s?FORN|NF|ORCON|OC|PROPIN|IMCON|REL(?:\s?TO)?|FOUO|SBU)"
_LABEL = r"(?:Â?¶[^\S\n]{0,4})?[0-9]{1,3}(?:[^\S\n]?\.(?![0-9])|[^\S\n]{0,3}[,:;)/-]?[^\S\n]{0,3}[(\[{])"
# It goes on over the end of a line, but not over a blank line, nor into a numbered paragraph.
_INNER = (
    r"[^\w\s()\[\]{}]{0,3}\s?[A-Za-z]"
    rf"(?:[^()\[\]{{}}\n]|\n(?![^\S\n]{{0,40}}(?:\n|{_LABEL}))|\([A-Za-z]{{1,3}}\)){{0,90}}"
)
# A bracket may be lost, the first, the last, or both.
_NEVER_OPENED = rf"{_LEVEL_WORD}(?:\s?[/,{DASHES}]{{1,2}}\s?[A-Z][A-Z/,\s{DASHES}]{{0,40}}?)?"
_CONTROLS_BEHIND = rf"(?:[\s/,{DASHES}]{{1,3}}{_CONTROL_WORD}(?!\w)){{1,4}}"
_NEVER_CLOSED = (
    rf"(?:(?i:{_LEVEL_WORD}{_CONTROLS_BEHIND})|(?:TS|[CS])NF|{_LEVEL_WORD}(?:[/{DASHES}]{{1,2}}(?:[A-Z]{{2,12}})?)?)"
)
_BEFORE_END = r"(?=[\s:]|\.(?!\w\.)|\Z)"
_STROKES = rf"(?:/{{1,2}}|[{DASHES}])"
_BARE = rf"(?i:{_LEVEL_WORD}(?:{_STROKES}{_CONTROL_WORD}(?!\w)){{1,4}})(?=[\s.:;,/]|\Z)"
_LONG_BARE = rf"(?i:{_LONG_LEVEL}(?:[ ]{_CONTROL_WORD}(?!\w)){{1,4}})"
_PAUSE = rf"(?:\s?:(?=\s|\Z)|\s{{1,3}}[{DASHES}]{{1,3}}(?=\s{{1,3}}[^\W\d]))"
_FUNCTION_WORD = (
    r"(?:The|This|That|These|Those|A|An|In|On|At|He|She|It|They|We|Post|Embassy|During|According|As|For|Both|While|When"
    r"|After|Before|With|By|From|To|If|But|And|There|Our|His|Her|Their|Mr|Ambassador|Minister|President|(?i:ENTIRE))(?!\w)"
)
_FRAME = rf"[/*_{DASHES}]{{1,2}}"
_ENTIRE = (
    rf"(?i:{_LEVEL_WORD}(?:[\s/,{DASHES}]{{1,3}}{_CONTROL_WORD}(?!\w)){{0,4}}(?:\s?[/,{DASHES}]{{1,2}}\s?|\s)ENTIRE"
    rf"\s(?:TEXT|MESSAGE|CABLE)(?:[\s/,({DASHES}]{{1,4}}{_CONTROL_WORD}(?!\w)\)?){{0,4}})"
)
_BEFORE_PAUSE = (
    rf"(?:({_ENTIRE})|((?i:{_LONG_LEVEL})|LIMITED\sOFFICIAL\sUSE|TS|SBU|FOUO|LOU|[SC])(?:{_PAUSE})"
    rf"|((?:TS|[SC])\s(?:NF|NOFORN|ORCON)(?!\w))|((?i:{_LONG_LEVEL}))\.{{1,3}}(?=\s|\Z)"
    rf"|({_LONG_LEVEL}|TS)(?=\s+[A-Z]?[a-z]|[,;/]\s|[{DASHES}]{{2}}\s)|((?i:{_LONG_LEVEL}))(?=[^\S\n]{{1,3}}{_FUNCTION_WORD})"
    rf"|({_LONG_BARE})(?=[\s.:/]|\Z)|(TS)(?=\s+(?:[a-z]|(?i:{_FUNCTION_WORD})))|([SC])(?=[^\S\n]{{1,3}}{_FUNCTION_WORD})"
    rf"|{_FRAME}({_LEVEL_WORD}){_FRAME}(?=\s))"
)
_ENTIRE_UNCLOSED = rf"[(\[{{]\s?({_ENTIRE})(?=\s|[.:]|\Z)"
_LEADING = compiled_lazily(
    rf"\s{{0,8}}[,:;)/.{DASHES}]?\s{{0,4}}"
    rf"(?:[(\[{{]\s{{0,3}}({_INNER})\s{{0,3}}[)\]}}]|[<\xab]\s?({_LEVEL_WORD}(?:{_STROKES}{_CONTROL_WORD}){{0,4}})\s?[>\xbb]|({_NEVER_OPENED})\s?[)\]}}]"
    rf"|{_ENTIRE_UNCLOSED}|[(\[{{]\s?({_NEVER_CLOSED})(?:{_BEFORE_END}|(?=[,;/>{DASHES}]\s))|((?:TS|[CS])\s?NF)\)|({_BARE})|{_BEFORE_PAUSE})"
)
_COMMON = frozenset(
    level + control for level in ("U", "SBU", "C", "S", "TS") for control in ("", "/NF", "//NF", "/NOFORN", "//NOFORN")
)
"""Nearly all portion markings are among these, which are read faster than by an expression."""
_LONGEST_COMMON = 16
"""Code points of a common one with a blank and brackets, at the most."""
# How levels and controls begin; most of what else stands in brackets is passed over by that.
_BEGINNING = (
    r"(?:(?i:[CSUTFLNOPIRE](?![A-Z])|T[OS]|CO|S[BETN]|UN|FO|L[OI]|N[OFA]|O[CR]|PR|IM|E[XYN]|RE|CLASS)"
    r"|C[TNRFU]|S[RFCS]|U[KSF]|N[SCR]|FG|AL|MA|PA|OU|LE|TH|Th(?:is|e\sfoll)|[Pp]ara|[A-Z]{2,3}\s(?:S|C|TS)|[^\w\s()\[\]{}]{1,3}\s?[A-Za-z])"
)
_PART = compiled_lazily(
    rf"[(\[{{]\s{{0,3}}(?={_BEGINNING})(?:({_INNER})\s{{0,3}}[)\]}}]|({_NEVER_CLOSED}){_BEFORE_END})"
)
_PART_NEVER_OPENED = compiled_lazily(
    rf"(?<![\w(\[{{])(?:TOP\s{{0,3}}SECRET|CONFIDENTIAL|SECRET|TS|SBU|[SC](?=\s?[/{DASHES}]|[)\]}}]\s*\Z))"
    rf"(?:\s?[/{DASHES}]{{1,2}}\s?{_CONTROL_WORD}){{0,4}}[)\]}}]"
)
_COMMON_WORDS = frozenset(
    {"SECRET", "CONFIDENTIAL", "SENSITIVE", "TOP SECRET", "UNCLASSIFIED", "RESTRICTED", "CLASSIFIED", "NR", "NS", "NC"}
)
_SOMETHING_ELSE = compiled_lazily(
    r"S/(?:[SPI]|GPI|OCR)|U/[SR]|C/EUR|S/(?:RES|PRST|INF|PV|AGENDA|[12][0-9]{3})[/. ]\s?[0-9].{0,30}"
    r"|S/N\s?[0-9].{0,20}|U\.\s?[NKS]|C-(?:SPAN|TPAT|IEDS?|RAM)|c/o|[Ss]/he|C (?:band|drive|wave|class|curve)s?"
)
"""Within a text: offices, documents of the Security Council and other words that look like a level with a control."""
_ONLY_BEHIND_NUMBERS = frozenset({"R", "LES", "TSC", "PROTECTED"})
"""What is a marking behind the number of a paragraph, and something else within its text."""
_ITEM = compiled_lazily(r"(?:[^\w\n]|[\d_]|(?<![^\W\d_])[^\W\d_](?![^\W\d_])|(?<!\w)[ivxlcIVXLC]{2,5}(?=[.)\]]))*")
"""What may stand on a line before the marking of an item: signs, numbers, single letters; no word."""
_LONGEST_ITEM = 16
_LONGEST_TITLE = 48
"""Code points on a line of its own before a marking that ends it."""
_REACH_OF_MARKING = 120
"""Code points at the beginning of a text in which a marking is read."""
_FARTHEST = 200
"""How far before a marking the beginning of its line is looked for."""
_SENTENCE_BEFORE = compiled_lazily(
    r"(?:([.?!])|[:;]|\bSUMMARY|\bCOMMENT)[\"')\]”’]*\s+(?:\(?[0-9A-Z]{1,2}[.)]\s+)?[\"'“‘]?$", re.IGNORECASE
)
# The letter of a section, ``1.4 (b)``, begins a list only for what is enumerated with it.
_LETTER_BEFORE = {"C": "B", "S": "R"}
_ITEMS = {
    letter: compiled_lazily(rf"(?<![0-9])(?<![0-9]\s)[(\[]{{1,2}}\s?{before}\s?\.?[)\]]", re.IGNORECASE)
    for letter, before in _LETTER_BEFORE.items()
}
_ENUMERATED = {
    letter: compiled_lazily(rf"[0-9]\s?\({before}\)[\s,;&A-Za-z()]{{0,24}}\Z", re.IGNORECASE)
    for letter, before in _LETTER_BEFORE.items()
}
_LONGEST_ENUMERATION = 32
_LONGEST_LIST = 5000
"""Code points before a marking in which the item before it is looked for."""
_COPYRIGHT = re.compile(r"\s*(?:19|20)[0-9]{2}\b(?!\s+[a-z])")
"""What stands behind the C of a copyright."""
_SECTION = re.compile(r"[0-9]\.[0-9]{1,2}\s*$")
_CITED = compiled_lazily(
    r"\b(?:(?:PARA(?:GRAPH)?S?|(?:SUB)?SECTIONS?|SUBPARAGRAPHS?|ARTICLES?|POINTS?|CLAUSES?|ITEMS?|ANNEX|APPENDIX|PARTS?)\s"
    r"[\dIVX().\s]{0,8}|(?:OPTIONS?|VITAMINS?|CATEGOR(?:Y|IES)|ALTERNATIVES?|QUESTIONS?|SCHEDULES?|PHASES?|EXHIBITS?|DEGREES?|COPYRIGHT)\s)$",
    re.IGNORECASE,
)
_NUMBERED_PART = compiled_lazily(r"[^\W\d]+\s[\dIVX().\s]*[\dIVX][\dIVX().\s]*")
_LINE_END = compiled_lazily(r"[^\S\n]*[:=*_-]*[^\S\n]*(?:\n|$)")
_STOP = compiled_lazily(r"[\"'”’)\]]{0,2}[.;,!?][\"'”’)\]]{0,2}(?=\s|$)|[\"'”’)\]]{1,2}(?=\s|$)")
_WORDS_BEFORE = compiled_lazily(r"(?:(?<![^\W_])[^\W\d_]+[ -]){1,5}\Z")
_MOST_INITIALS = 5
_REACH_OF_INITIALS = 60


def leading_marking(text: str, start: int) -> tuple[str, int] | None:
    """Return the portion marking at ``start``, without brackets, and where it ends; None if there is none."""
    if text.startswith(" (", start):
        end = text.find(")", start, start + _LONGEST_COMMON)
        if end > 0 and (marking := text[start + 2 : end]) in _COMMON:
            return marking, end + 1
    match = _LEADING().match(text, start)
    if not match:
        return None
    marking = match[match.lastindex or 1].strip()
    return (marking, match.end()) if Classification.parse(marking) else None


def opening_marking(text: str) -> Classification | None:
    """The bracketed marking that opens a text, or None. The text has its white space collapsed."""
    if text[:1].isalnum():
        return None
    start = legible(text[:_REACH_OF_MARKING])
    mark = leading_marking(start, 0) if start.startswith(("(", "[", "{")) else None
    if mark is None or (mark[0] in "Cc" and _COPYRIGHT.match(start, mark[1])):
        return None
    return Classification.parse(mark[0])


# Parts of a text


def covering(
    classification: Classification, text: str, *, is_legible: bool = False, has_bare: bool = True
) -> Classification:
    """The classification that covers parts of a text which have a marking of their own: ``classification``, joined with
    the markings in brackets that open the text, a line, an item or a sentence, or end a line or a sentence, and with
    those without brackets that open a line, stand on one of their own, or between the signs that part sentences.

    ``is_legible``: the text is what `legible` made, or a part of it. ``has_bare``: what `may_have_bare_markings` says
    of the text of which it is a part, where that is known.
    """
    # Most have none, and this is seen in a tenth of the time.
    may_be_bare = (has_bare and may_have_bare_markings(text)) or _may_open_bare(text)
    if not (may_be_bare or has_brackets(text)) and (is_legible or text.isascii()):
        return classification
    if not is_legible and (read := legible(text)) is not text:
        text, may_be_bare = read, True
    if has_brackets(text):
        classification = _Parts(text).join(classification)
    return _with_bare_markings(classification, text) if may_be_bare else classification


def covering_lines(classification: Classification, text: str) -> Classification:
    """The classification that covers a text of which each line may be a part of its own, such as an envelope."""
    text = legible(text)
    if has_brackets(text):
        # A marking may go on over the end of a line.
        classification = _Parts(text).join(classification)
    for line in _TAGS_LINE().findall("\n" + text):
        classification = covering_tags(classification, line)
    return covering(classification, text.replace("\n", "\n\n"), is_legible=True)


def has_brackets(text: str) -> bool:
    """Whether a marking in brackets may stand in a text."""
    return ")" in text or "(" in text or "]" in text or "[" in text or "{" in text


def covering_tags(classification: Classification, line: str) -> Classification:
    """The classification that covers a list of TAGS, some of which are like levels: TS is Tunisia."""
    text = legible(line)
    classification = _Title(text).join(classification)
    for match in _MARK_OF_TAGS().finditer(text):
        classification = classification.join(Classification.parse(match[0]) or OPEN)
    return classification


def covering_title(classification: Classification, title: str) -> Classification:
    """The classification that covers a heading or a subject: ``classification``, joined with each marking in it."""
    marking = _title_marking(title)
    return classification if classification.covers(marking) else classification.join(marking)


@cached_if_short(maxsize=1024)
def _title_marking(title: str) -> Classification:
    """What the markings in a heading or a subject say together."""
    text, marking = legible(title), OPEN
    if not _SIGN_OF_TITLE().search(text):
        return marking
    marking = _Title(text).join(marking)
    for pattern in (_TITLE_OPENS, _BARE_WITHIN, _TITLE_PART, _TITLE_ENDS):
        match = pattern().search(text)
        if match and (bare := Classification.parse(match[match.lastindex or 1])):
            marking = marking.join(bare)
    return marking


class _Parts:
    """The markings in brackets within a text. Work is linear in its length."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.items: dict[tuple[str, bool], list[int]] = {}

    def join(self, classification: Classification) -> Classification:
        """A classification joined with all that the markings say."""
        text = self.text
        is_lost = text.count(")") + text.count("]") > text.count("(") + text.count("[")
        for match in chain(self._opened(), _PART_NEVER_OPENED().finditer(text) if is_lost else ()):
            inner = match[match.lastindex or 0]
            marking = marking_of(inner)
            if marking is None or classification.covers(marking):
                continue
            plain = inner.strip(" .,;\n")
            if _SOMETHING_ELSE().fullmatch(plain):
                continue
            if plain in _ONLY_BEHIND_NUMBERS or self._is_abbreviation(match.start(), plain):
                continue
            if _is_sure(plain, marking) or self.marks(match, plain):
                classification = classification.join(marking)
        return classification

    def _opened(self) -> Iterator[re.Match[str]]:
        """What may be markings behind the opening brackets; faster than to search for all three at once."""
        for bracket in "([{":
            start = self.text.find(bracket)
            while start >= 0:
                if match := _PART().match(self.text, start):
                    yield match
                start = self.text.find(bracket, start + 1)

    def _is_abbreviation(self, start: int, letters: str) -> bool:
        """Whether letters are the initials of the words right before them: ``organized crime (OC)``. Those of a level
        must be the only capitals of these words, as any words may begin with them by chance."""
        if not 1 < len(letters) <= _MOST_INITIALS or not letters.isalpha():
            return False
        before = _WORDS_BEFORE().search(self.text, max(0, start - _REACH_OF_INITIALS), start)
        if before is None:
            return False
        words = before[0].replace("-", " ").split()
        if " ".join(words[-2:]).lower() in _SPELT_OUT.get(letters, ()):
            return True
        words = words[-len(letters) :]
        initials = "".join(word[0] for word in words)
        is_level = Classification.parse(letters) is not None
        if initials == letters:
            return not is_level or not any(map(str.isupper, words))
        return not is_level and initials.upper() == letters and min(map(len, words)) > 2

    def marks(self, match: re.Match[str], marking: str) -> bool:
        """Whether a marking in the midst of a text opens or ends a part of it."""
        text, start = self.text, match.start()
        if len(marking) == 1 and self.is_listed(match, marking):
            return False
        line = text.rfind("\n", max(0, start - _FARTHEST), start) + 1
        before = text[line:start].strip() if line or start <= _FARTHEST else None
        if before == "":
            return not _goes_on(text, match.end()) or _is_apart(text, line)
        if before and len(before) <= _LONGEST_ITEM and _ITEM().fullmatch(before):
            return not (len(marking) == 1 and marking.islower() and _of_section(text, match))
        is_title = before is not None and len(before) <= _LONGEST_TITLE and _is_apart(text, line)
        if is_title and text[start - 1].isalpha() and marking.isupper() and _is_glued_title(before, text, match.end()):
            return True
        return _marks_within(text, match, marking, is_title=is_title)

    def is_listed(self, match: re.Match[str], letter: str) -> bool:
        """Whether a letter goes on with a list, as a (C) behind a (B) does, or is that of a copyright."""
        letter, start = letter.upper(), match.start()
        if letter == "C" and _COPYRIGHT.match(self.text, match.end()):
            return True
        if letter not in _ITEMS:
            return False
        # A block goes on with what opens lines, not with a letter amid a sentence.
        ends = self._items(letter, opens_line=self._opens_block(start))
        last = bisect_right(ends, start)
        if last and ends[last - 1] > start - _LONGEST_LIST:
            return True
        return _ENUMERATED[letter]().search(self.text, max(0, start - _LONGEST_ENUMERATION), start) is not None

    def _items(self, letter: str, *, opens_line: bool) -> list[int]:
        """Where the items before those of a letter end, all or those that open a line; looked for once."""
        if (letter, opens_line) not in self.items:
            ends = [item.end() for item in _ITEMS[letter]().finditer(self.text)]
            self.items[letter, opens_line] = list(filter(self._opens_line, ends)) if opens_line else ends
        return self.items[letter, opens_line]

    def _opens_block(self, start: int) -> bool:
        """Whether a place opens the text, or a part of it behind the end of a sentence and a blank line."""
        before = self.text[max(0, start - _FARTHEST) : start]
        above = before.rstrip()
        return not above or (before.count("\n", len(above)) > 1 and above.endswith((".", "?", "!")))

    def _opens_line(self, end: int) -> bool:
        """Whether an item opens its line that ends at a place."""
        line = self.text.rfind("\n", max(0, end - _FARTHEST), end) + 1
        return len(self.text[line:end].strip(" \t-*.()[]{}")) <= 1


class _Title(_Parts):
    """The markings in brackets within a heading or a subject."""

    def marks(self, match: re.Match[str], marking: str) -> bool:
        """Whether a marking is more than a letter of a list, a section or a plural."""
        if len(marking) > 1:
            return True
        before = self.text[match.start() - 1 : match.start()]
        if before.isalnum() and not (before.isalpha() and marking.isupper()):
            return False
        return not (self.is_listed(match, marking) or _of_section(self.text, match))


_SPELT_OUT = {
    "SBU": {"security service"},
    "NF": {"front national", "national front"},
    "SNF": {"nuclear fuel", "nuclear forces"},
    "TS": {"tropical storm", "tropical storms"},
}
"""Words before an abbreviation that they explain, also in another language."""


def _is_sure(plain: str, marking: Classification) -> bool:
    """Whether what stands in brackets can be nothing but a marking, wherever it stands: no letter, no common word, and
    nothing unknown in it."""
    if len(plain) == 1 or plain[-1].isdigit() or plain.upper() in _COMMON_WORDS:
        return False
    return all(control in KNOWN_CONTROLS or control.startswith("REL TO") for control in marking.controls)


def _of_section(text: str, match: re.Match[str]) -> bool:
    """Whether a marking is a letter behind the number of a section, as in ``1.4 (c)``."""
    return _SECTION.search(text, max(0, match.start() - _LONGEST_ITEM), match.start()) is not None


def _is_glued_title(before: str | None, text: str, end: int) -> bool:
    """Whether a marking is glued to the words that open a text, or a line, as in ``Summary(S) The``."""
    return before is not None and before.replace(" ", "").isalpha() and _following(text, end).isupper()


def _marks_within(text: str, match: re.Match[str], marking: str, *, is_title: bool) -> bool:
    """Whether a marking that words stand before on its line opens or ends a sentence, or ends a line.

    ``is_title``: what stands before it may be a title of what follows.
    """
    start, end = match.span()
    following, is_letter = _following(text, end), len(marking) == 1
    # The (s) of a plural is small, or the word before it is in capitals, too.
    is_glued = start > 0 and text[start - 1].isalnum() and not (text[start - 1].islower() and marking.isupper())
    is_small = is_letter and marking.islower()
    sentence = _SENTENCE_BEFORE().search(text, max(0, start - _LONGEST_ITEM), start)
    is_number = is_letter and following.isdigit() and not (sentence and sentence[1])
    if is_glued or is_number or (is_letter and _of_section(text, match)):
        return False
    if sentence:
        return bool(sentence[1]) or not (is_small and _goes_on(text, end))
    if _LINE_END().match(text, end) and (is_title or not _goes_on(text, end)):
        return is_title or not is_small or text.islower()
    is_cited = is_letter and _is_cited(text, start)
    if (stop := _STOP().match(text, end)) and not is_cited and not is_small:
        return "," not in stop[0] or _LINE_END().match(text, stop.end()) is not None
    if text.startswith(":", end):
        return is_title or not is_small
    return not is_small and following.isupper() and not is_cited


def _is_cited(text: str, start: int) -> bool:
    """Whether a letter belongs to what is cited in a sentence, as in ``see para 4 (s) of``. The number of a part that
    opens a line or a sentence, ``Para 4 (S) The``, is that of the part itself."""
    cited = _CITED().search(text, max(0, start - 2 * _LONGEST_ITEM), start)
    if cited is None:
        return False
    if not _NUMBERED_PART().fullmatch(cited[0]):
        return True
    before = text[max(0, cited.start() - _LONGEST_ITEM) : cited.start()]
    stripped = before.rstrip()
    return bool(stripped) and "\n" not in before[len(stripped) :] and not stripped.endswith((".", "?", "!", ":", ";"))


def _following(text: str, end: int) -> str:
    return text[end : end + _LONGEST_ITEM].lstrip(" \t\r\n\"'“‘”’-*.")[:1]


def _goes_on(text: str, end: int) -> bool:
    """Whether a sentence goes on; in a text of small letters they do not show it."""
    return _following(text, end).islower() and not text.islower()


def _is_apart(text: str, line: int) -> bool:
    """Whether the line that starts at ``line`` is the first, or stands behind a blank line or the end of a sentence."""
    above = text[max(0, line - _LONGEST_ITEM) : line].rstrip(" \t")
    ended = above.rstrip().rstrip("\"')]”’")
    return not ended or above[:-1].rstrip(" \t\r").endswith("\n") or ended.endswith((".", "?", "!", "---", "==="))


# Markings without brackets

_OTHER_CONTROL = r"(?:EXDIS|NODIS|LIMDIS|STADIS|SENSITIVE|CODEWORD|EYES\sONLY|SI|TK|HCS|FRD|RD)"
_CONTROLS_OF_LINE = (
    rf"(?:[^\S\n]?[,;{DASHES}]?[^\S\n]?(?:{_CONTROL_WORD}|{_OTHER_CONTROL})(?!\w)"
    rf"|[^\S\n]?/{{1,2}}[^\S\n]?[A-Z][A-Z, -]{{1,30}}){{0,6}}"
)
_SPACED = r"S[ ]E[ ]C[ ]R[ ]E[ ]T|C[ ]O[ ]N[ ]F[ ]I[ ]D[ ]E[ ]N[ ]T[ ]I[ ]A[ ]L"
_MARK = rf"(?:{_LONG_LEVEL}|TS|SBU|FOUO|LOU|{_SPACED}|[SC](?={_STROKES}[A-Z]{{2}}))(?!\w){_CONTROLS_OF_LINE}"
_LEVEL_BEHIND = r"[A-Za-z]{0,6}[^\S\n]{0,3}[:=]?[^\S\n]{0,3}[CSTcst]"
_CLASSIFIED = r"(?:CLASSIFICATION|CLASSIFIED|MARKING)[^\S\n]{0,3}(?:[:=][^\S\n]{0,3})?"
_SHORT_OR_LONG = rf"{_MARK}|(?i:{_LONG_LEVEL})(?!\w)|(?:TS|[SC])(?!\w)"
_SIGNS = r"[^\w\n()\[\]{}]{0,40}"
_PART_OF_CABLE = r"(?:\s(?:ANNEX|APPENDIX|ADDENDUM|SUPPLEMENT|ATTACHMENT|ENCLOSURE)(?:\s[A-Z0-9]{1,3})?)?"
_ALONE = compiled_lazily(rf"{_SIGNS}(?i:{_CLASSIFIED})?({_SHORT_OR_LONG}){_PART_OF_CABLE}{_SIGNS}")
# Each alternative begins with a letter as it stands, by which it is passed over fast.
_BARE_BEGINS = (
    rf"(?:S(?:(?!\w)|(?i:ECRET|BU))|C(?:(?!\w)|(?i:ONFIDENTIAL|LASSIFI{_LEVEL_BEHIND}))|U(?:(?={_STROKES})|(?i:NCLAS))"
    rf"|T(?i:S(?!\w)|OP\s{{0,3}}SECRET)|L(?i:OU)|F(?i:OUO)|M(?i:ARKING{_LEVEL_BEHIND})"
    rf"|s(?:ecret|bu)?(?={_STROKES})|c(?:(?:onfidential)?(?={_STROKES})|lassifi{_LEVEL_BEHIND})"
    rf"|u(?:nclas(?:sified)?)?(?={_STROKES})|t(?:s|op\s{{0,3}}secret)(?={_STROKES})|lou(?={_STROKES})|fouo(?={_STROKES})"
    rf"|marking{_LEVEL_BEHIND})"
)
_ITEM_BEFORE = r"[A-Za-z0-9][.)][^\S\n]{1,3}"
_OPENS_BARE = rf"{_SIGNS}(?:{_ITEM_BEFORE})?{_BARE_BEGINS}"
_SIGN_OF_OPENING = compiled_lazily(_OPENS_BARE)
_SIGN_OF_LINE = compiled_lazily(rf"\n(?:{_OPENS_BARE})")
_LINE_ALONE = compiled_lazily(rf"{_SIGNS}({_MARK}|(?=[SCT])(?i:{_LONG_LEVEL})){_SIGNS}(?:\n|\Z)")
_LETTER_ALONE = compiled_lazily(r"[^\S\n]*(TS|[SC])[^\S\n]*(?=\n[^\S\n]*\n|\Z)")
_LINE_OPENS = compiled_lazily(
    rf"[^\w\n()\[\]{{}}]{{0,12}}(?:{_ITEM_BEFORE})?(?:({_BARE})|((?=[SCT])(?i:{_LONG_LEVEL})|TS){_PAUSE}|(?i:{_CLASSIFIED})({_SHORT_OR_LONG})"
    r"|(SECRET|CONFIDENTIAL|TS|(?<=\n\n)[SC])(?=[^\S\n]{1,3}[0-9]{1,3}\.(?![0-9])))"
)
_OF_SECTION = r"(?i:PORTION|SECTION|TEXT|PART|PARAGRAPHS?)"
_BEGIN = compiled_lazily(
    rf"\bBEGIN(?:NING)?(?:\sOF)?(?:\s(?:CLASSIFIED|{_OF_SECTION})\b)?(?:\s?[:{DASHES}])?\s({_SHORT_OR_LONG}|NOFORN|ORCON)(?!\w)"
    rf"|\bBegin(?:\s(?i:CLASSIFIED))?\s({_MARK}|(?i:{_LONG_LEVEL})(?!\w))(?=\s?[./:)]|\s{_OF_SECTION}\b)"
)
# A pattern that begins with one letter as it stands passes over all others fast.
_SIGN_OF_SECTION = re.compile(r"B(?:EGIN|egin)")
_SIGNS_WITHIN = tuple(
    map(
        re.compile,
        (
            r"C(?:RET(?<=SECRET)|ONFIDENTIAL|ON(?<=(?:OR|IM)CON))",
            r"O(?:FORN(?<=NOFORN)|PIN(?<=PROPIN))",
            "/(?:NF|OC|REL)",
            "-(?:NF|OC)",
        ),
    )
)
"""Some of these are in every text with a marking without brackets amid it."""
_BEGUN = compiled_lazily(rf"(?<!\w)({_SHORT_OR_LONG})\s{_OF_SECTION}\s\Z")
_LONGEST_BEGUN = 80
_END = compiled_lazily(
    rf"\b(?:END|End)(?:\sOF)?(?:\s(?i:CLASSIFIED|{_OF_SECTION})\b)?(?:\s?[:{DASHES}])?\s(?:{_SHORT_OR_LONG}|NOFORN|ORCON)"
)
_WITHIN = compiled_lazily(
    rf"(?:(?<=[.:;,!?{DASHES}]\s)|(?<=[.:;,!?]\s\s)|(?<=\n))(?:({_BARE})"
    rf"|((?:{_LONG_LEVEL}|NOFORN|ORCON)(?:\s?[/,]{{1,2}}\s?{_CONTROL_WORD}|\s{_CONTROL_WORD}){{0,3}})(?!\w)"
    r"(?=\s{0,2}(?:[:.]|\n|\Z)))"
)
"""A marking without brackets between the signs that part it from the words around it."""
_MARK_OF_TAGS = compiled_lazily(rf"(?<!\w)(?:{_LONG_LEVEL}(?!\w)|{_BARE})")
_TAGS_LINE = compiled_lazily(r"\n(TAGS\b.*)", re.IGNORECASE)
_SIGN_OF_TITLE = compiled_lazily(rf"[()\[\]{{/:{DASHES}]")
"""Some of these are in every title that has a marking."""
_TITLE_OPENS = compiled_lazily(rf"\A[^\w(]*({_SHORT_OR_LONG})(?:{_PAUSE}|(?<=[A-Z]{{2}})/)")
_BARE_WITHIN = compiled_lazily(rf"(?<![\w/(\[{{])(?<![(\[{{]\s)({_BARE})")
_BETWEEN = rf"(?:\s?[/,:;]\s*|\s[{DASHES}]{{1,3}}\s+)"
_TITLE_PART = compiled_lazily(rf"{_BETWEEN}({_LONG_LEVEL})(?=\s*[/:;]|\s+[{DASHES}])")
_TITLE_ENDS = compiled_lazily(rf"(?:[\s/,:;{DASHES}][/,:;{DASHES}]\s*({_SHORT_OR_LONG})|[/,:;]\s*({_LONG_LEVEL}))\W*\Z")


def line_marking(line: str) -> Classification | None:
    """The marking that a line consists of, in brackets or without; None when it says anything else."""
    line = line.strip()
    mark = leading_marking(line, 0)
    if mark and not line[mark[1] :].strip(" .:-"):
        return Classification.parse(mark[0])
    match = _ALONE().fullmatch(line)
    return Classification.parse(match[1]) if match else None


class Region(NamedTuple):
    """A stretch of text under one marking."""

    start: int
    end: int
    classification: Classification


def marked_regions(text: str) -> list[Region]:
    """What stands between ``BEGIN SECRET`` and ``END SECRET``, or the end of the text."""
    regions: list[Region] = []
    for match in _beginnings(text):
        if regions and match.start() < regions[-1].end:
            continue
        if marking := marking_of(match[match.lastindex or 1]):
            end = _END().search(text, match.end())
            regions.append(Region(match.start(), end.end() if end else len(text), marking))
    return regions


def _beginnings(text: str) -> Iterator[re.Match[str]]:
    """Where marked sections begin, in order."""
    for found in _SIGN_OF_SECTION.finditer(text):
        start = found.start()
        if start and (text[start - 1].isalnum() or text[start - 1] == "_"):
            continue
        match = _BEGUN().search(text, max(0, start - _LONGEST_BEGUN), start) or _BEGIN().match(text, start)
        if match:
            yield match


def _may_open_bare(text: str) -> bool:
    """Whether the first line of a text may open with a marking without brackets."""
    return _SIGN_OF_OPENING().match(text) is not None


def may_have_bare_markings(text: str) -> bool:
    """Whether a marking without brackets may stand in a text, but for one that opens it, or a marked section begins in
    it; in most none does, and this is seen at once."""
    return _may_be_spelt_within(text) or any(_beginnings(text)) or _SIGN_OF_LINE().search(text) is not None


def _may_be_spelt_within(text: str) -> bool:
    return any(sign.search(text) for sign in _SIGNS_WITHIN)


def _with_bare_markings(classification: Classification, text: str) -> Classification:
    """A classification joined with the markings without brackets that open a line, stand on a line of their own or are
    parted from the words around them by stops, and with those of the sections that begin in the text."""
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
    """A letter that is the only one on the line that starts at ``line``, between blank lines."""
    match = _LETTER_ALONE().match(text, line)
    above = text.rfind("\n", 0, max(0, line - 1)) + 1
    return None if match is None or text[above:line].strip() else match
