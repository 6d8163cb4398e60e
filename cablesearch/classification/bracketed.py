"""Markings in brackets within a text, as opposed to text in brackets that only looks like a marking."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain

from cablesearch.classification.classification import Classification, marking_of
from cablesearch.classification.controls import KNOWN_CONTROLS
from cablesearch.classification.leading import COPYRIGHT
from cablesearch.classification.patterns import BEFORE_END, CONTROL_WORD, INNER, NEVER_CLOSED
from cablesearch.text.caching import compiled_lazily
from cablesearch.text.lookalikes import DASHES

__all__ = ["BracketedMarkings", "TitleMarkings"]

# How levels and controls begin; most other text in brackets is skipped by this.
_BEGINNING = (
    r"(?:(?i:[CSUTFLNOPIRE](?![A-Z])|T[OS]|CO|S[BETN]|UN|FO|L[OI]|N[OFA]|O[CR]|PR|IM|E[XYN]|RE|CLASS)"
    r"|C[TNRFU]|S[RFCS]|U[KSF]|N[SCR]|FG|AL|MA|PA|OU|LE|TH|Th(?:is|e\sfoll)|[Pp]ara|[A-Z]{2,3}\s(?:S|C|TS)|[^\w\s()\[\]{}]{1,3}\s?[A-Za-z])"
)
_PART = compiled_lazily(rf"[(\[{{]\s{{0,3}}(?={_BEGINNING})(?:({INNER})\s{{0,3}}[)\]}}]|({NEVER_CLOSED}){BEFORE_END})")
_PART_NEVER_OPENED = compiled_lazily(
    rf"(?<![\w(\[{{])(?:TOP\s{{0,3}}SECRET|CONFIDENTIAL|SECRET|TS|SBU|[SC](?=\s?[/{DASHES}]|[)\]}}]\s*\Z))"
    rf"(?:\s?[/{DASHES}]{{1,2}}\s?{CONTROL_WORD}){{0,4}}[)\]}}]"
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
"""A marking behind the number of a paragraph, but something else within its text."""
_ITEM = compiled_lazily(r"(?:[^\w\n]|[\d_]|(?<![^\W\d_])[^\W\d_](?![^\W\d_])|(?<!\w)[ivxlcIVXLC]{2,5}(?=[.)\]]))*")
"""What may precede the marking of an item on its line: signs, numbers and single letters, but no word."""
_LONGEST_ITEM = 16
_LONGEST_TITLE = 48
"""Code points on a line of its own before a marking that ends it."""
_FARTHEST = 200
"""How far before a marking the beginning of its line is searched for."""
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
"""Code points before a marking in which the item before it is searched for."""
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
_SPELT_OUT = {
    "SBU": {"security service"},
    "NF": {"front national", "national front"},
    "SNF": {"nuclear fuel", "nuclear forces"},
    "TS": {"tropical storm", "tropical storms"},
}
"""Words before an abbreviation that they explain, also in another language."""


class BracketedMarkings:
    """The markings in brackets within a text. Work is linear in its length."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.items: dict[tuple[str, bool], list[int]] = {}

    def join(self, classification: Classification) -> Classification:
        """Return a classification joined with all that the markings say."""
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
        """Yield what may be markings behind the opening brackets; faster than to search for all three at once."""
        for bracket in "([{":
            start = self.text.find(bracket)
            while start >= 0:
                if match := _PART().match(self.text, start):
                    yield match
                start = self.text.find(bracket, start + 1)

    def _is_abbreviation(self, start: int, letters: str) -> bool:
        """Return whether letters are the initials of the words right before them: ``organized crime (OC)``. Those of a
        level must be the only capitals of these words, as any words may begin with them by chance."""
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
        """Return whether a marking in the midst of a text opens or ends a part of it."""
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
        """Return whether a letter goes on with a list, as a (C) behind a (B) does, or is that of a copyright."""
        letter, start = letter.upper(), match.start()
        if letter == "C" and COPYRIGHT().match(self.text, match.end()):
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
        """Return where the items before those of a letter end, all or those that open a line; looked for once."""
        if (letter, opens_line) not in self.items:
            ends = [item.end() for item in _ITEMS[letter]().finditer(self.text)]
            self.items[letter, opens_line] = list(filter(self._opens_line, ends)) if opens_line else ends
        return self.items[letter, opens_line]

    def _opens_block(self, start: int) -> bool:
        """Return whether a place opens the text, or a part of it behind the end of a sentence and a blank line."""
        before = self.text[max(0, start - _FARTHEST) : start]
        above = before.rstrip()
        return not above or (before.count("\n", len(above)) > 1 and above.endswith((".", "?", "!")))

    def _opens_line(self, end: int) -> bool:
        """Return whether an item opens its line that ends at a place."""
        line = self.text.rfind("\n", max(0, end - _FARTHEST), end) + 1
        return len(self.text[line:end].strip(" \t-*.()[]{}")) <= 1


class TitleMarkings(BracketedMarkings):
    """The markings in brackets within a heading or a subject."""

    def marks(self, match: re.Match[str], marking: str) -> bool:
        """Return whether a marking is more than a letter of a list, a section or a plural."""
        if len(marking) > 1:
            return True
        before = self.text[match.start() - 1 : match.start()]
        if before.isalnum() and not (before.isalpha() and marking.isupper()):
            return False
        return not (self.is_listed(match, marking) or _of_section(self.text, match))


def _is_sure(plain: str, marking: Classification) -> bool:
    """Return whether text in brackets can only be a marking, wherever it stands: it is not a single letter or a common
    word, and nothing in it is unknown."""
    if len(plain) == 1 or plain[-1].isdigit() or plain.upper() in _COMMON_WORDS:
        return False
    return all(control in KNOWN_CONTROLS or control.startswith("REL TO") for control in marking.controls)


def _of_section(text: str, match: re.Match[str]) -> bool:
    """Return whether a marking is a letter behind the number of a section, as in ``1.4 (c)``."""
    return _SECTION.search(text, max(0, match.start() - _LONGEST_ITEM), match.start()) is not None


def _is_glued_title(before: str | None, text: str, end: int) -> bool:
    """Return whether a marking is glued to the words that open a text, or a line, as in ``Summary(S) The``."""
    return before is not None and before.replace(" ", "").isalpha() and _following(text, end).isupper()


def _marks_within(text: str, match: re.Match[str], marking: str, *, is_title: bool) -> bool:
    """Return whether a marking with words before it on its line opens or ends a sentence, or ends a line.

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
    """Return whether a letter belongs to what is cited in a sentence, as in ``see para 4 (s) of``. The number of a part
    that opens a line or a sentence, ``Para 4 (S) The``, is that of the part itself."""
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
    """Return whether a sentence goes on at a place; in a text of small letters this cannot be seen."""
    return _following(text, end).islower() and not text.islower()


def _is_apart(text: str, line: int) -> bool:
    """Return whether the line that starts at ``line`` is the first, or stands behind a blank line or the end of a
    sentence."""
    above = text[max(0, line - _LONGEST_ITEM) : line].rstrip(" \t")
    ended = above.rstrip().rstrip("\"')]”’")
    return not ended or above[:-1].rstrip(" \t\r").endswith("\n") or ended.endswith((".", "?", "!", "---", "==="))
