"""The text that stands between the labels of an opening and the first number, or in a body without numbers.

Captions, the E.O. line, TAGS, SUBJECT, references and who classified the cable are the opening. All other text there is
text of the message: an answer with a letter, a short line, or a paragraph above a label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from cablesearch.classification.leading import leading_marking
from cablesearch.readers.errors import check_paragraphs
from cablesearch.readers.telegram.body.headings import is_ruler
from cablesearch.readers.telegram.body.surroundings import BLANK_LINE
from cablesearch.readers.telegram.opening.extent import LONGEST_OPENING
from cablesearch.readers.telegram.opening.reference_entries import read_entries
from cablesearch.readers.telegram.page_breaks import Span, is_caption, is_routing

__all__ = ["OpeningText", "between_blank_lines", "opening_text"]

_LABEL = re.compile(
    r"\n[^\S\n]*(?=[(\[{A-Z])(?:[(\[{][^()\[\]{}\n]{1,60}[)\]}]\s{0,3})?"
    r"(?:(?P<caption>SIPDIS\b)|(?P<order>E\.? {0,3}O\.? {0,3}1[0-9]{3,4})|(?P<tags>TAGE?S?[:;,\s-]|T?A?GS[:;])"
    r"|(?P<subject>[A-Z]{1,2}BJ(?:ECT)?:|S?UBJ(?:ECTS?)?(?: ?[:;.]| ?-\s|(?=\s)(?!\s+(?:TO|OF|AND|IS|WAS|MATTER)\b)))"
    r"|(?P<references>(?:PROGRAM )?(?:REF(?:S|TELS?|\(S\))?(?: ?[:;]|(?-i:(?<=[FSL]))\.|\s{0,3}[(\[]?[A-Z0-9][.):\]]"
    r"|\s{1,4}(?:[0-9]{2,4} )?(?-i:[A-Z][A-Z .]{2,20}) #?[0-9]{2})|REFERENCES? ?[:;])|[A-Z]\. REF\b)"
    r"|(?P<officer>CLAS+IFI?ED(?: {1,3}(?:BY|PER|UNDER)\b| ?:)|DERIVED {1,3}FROM\b|DECL(?:ASSIFY {1,3}ON)?:"
    r"|REASONS?(?::| FOR CLASS| 1\.[45])))",
    re.IGNORECASE,
)
"""What opens a line of the opening."""
_LABEL_WITHIN = re.compile(r"\b(?:E\.?O\.? ?1[0-9]{4}|TAGS:|SUBJ(?:ECT)?:|CLASSIFIED BY\b)", re.IGNORECASE)
_BANNER = re.compile(
    r"(?=[^0-9\n]{0,90}[0-9])"
    r"(?:UNCLAS|C ?O ?N ?F ?I ?D ?E ?N ?T ?I ?A ?L|S ?E ?C ?R ?E ?T|U N C L A S|LIMITED OFFICIAL USE)\b"
    r"[A-Z0-9 /.,-]{0,90}(?<!\.)"
)
_FURTHER_MARK = re.compile(r"(?:REF )?[(\[]?[B-Z][.):\]]")
"""What opens a further entry of a list of references."""
_OF_A_REFERENCE = re.compile(r"[0-9]|\b(?:E-?MAIL|TELCON|MEMCON|NOTAL|LETTER)", re.IGNORECASE)
_HIGH_NUMBER = re.compile(r"[1-9][0-9]{1,3}[.)]\s")
"""What opens a paragraph: a list of references, which begins with 1, is seldom so long."""
_SENTENCE = re.compile(r"[^\W\d_]{3}[.?!][\"'”’)]{0,2}\s|[^\W\d_]{2}[.?!][\"'”’)]{0,2}\Z")
_SHORT_SENTENCE = re.compile(r"[A-Z]{3}[^.:;()]{3,90}[A-Z]{2}(?<!PREVIOUS)(?<!NOTAL)(?<!SEPTEL)[.!]\s*")
"""Text with a reference, ``STATE 51445 REFERS.``, rather than an entry of a list."""
_REASON = re.compile(r"1\.[45] {0,3}[(A-D]|[(\[][A-Ha-h][)\]](?:[,/ ]{1,3}(?:AND |and )?[(\[][A-Ha-h][)\]]){0,6}\W*\Z")
_ENDS_REASON = re.compile(r"(?:1\.[45].{0,40}[)A-H]|[(\[][A-H][)\]])\W{0,3}\Z", re.IGNORECASE)
_GOES_ON = (",", ";", "-", "/", "(", ":", " AND", " and", " FOR", " for", " BY", " by")
_OPENS_TEXT = re.compile(
    r"(?:(?:BEGIN|EXECUTIVE) )?SUMMARY\b|(?:BEGIN )?COMMENT:|INTRODUCTION\b|ACTION REQUEST|FOLLOWING\b", re.IGNORECASE
)
_LABELLED = re.compile(r"(?<!FOLLOWING)(?:\W*\Z| {0,2}[.:(-]| AND\b)", re.IGNORECASE)
"""What follows such words under a subject, unless they are part of it: ``INTRODUCTION OF THE EURO``, ``FOLLOWING``."""
_FURTHER_ROUTING = re.compile(r"[A-Z][A-Z0-9/ ]{1,20} (?:FOR|PASS) [A-Z0-9/ ,.'-]{1,60}(?<![.?!])")
"""A line under one for whom in the Department the message is: for whom it is elsewhere, ``PENTAGON FOR OSD``."""
_WORDS_OF_PROSE = 10
_BREAKS_OF_BLANK_LINE = 2
_MOST_WORDS_OF_ENTRY = 12
_MOST_WORDS_OF_TITLE = 6
_MOST_WORDS = 200
_MOST_CAPTIONS = 20
_FEWEST_WORDS_OF_TEXT = 5
_REACH_OF_COLON = 40
_REACH_OF_REASON = 100
_MAY_BE_APART = frozenset({"subject", "references"})
"""Labels with values that may stand under a blank line."""
_ENDS_VALUE = re.compile(r"(?:[0-9)]|\b(?:N/?A|X?GDS|OADR|NOTAL|PREVIOUS))[.;]?\Z", re.IGNORECASE)
_ANY_YEAR = 2000


class OpeningText(NamedTuple):
    """Where the last label of the opening stands and where its value ends, and where the text stands.

    ``is_repeated`` says that another opening stands behind text.
    """

    label: int
    end: int
    stretches: tuple[Span, ...]
    is_repeated: bool


def opening_text(text: str, end: int, breaks: Sequence[Span] = ()) -> OpeningText:
    """Find the text up to ``end`` that is not part of the opening, in stretches from blank line to blank line.

    ``breaks`` are the page breaks, which are blanked out in the text.
    """
    return _Opening(text, end, breaks).read()


class _Opening:
    """The reading of the stretch in front of the first number."""

    def __init__(self, text: str, end: int, breaks: Sequence[Span]) -> None:
        self.text = text
        self.end = end
        self.breaks = breaks
        self.stretches: list[Span] = []
        self.seen: set[str] = set()
        self.count = 0
        self.has_prose = self.is_repeated = False
        self.kind = ""
        """Which label stood last."""

    def read(self) -> OpeningText:
        """Walk from label to label."""
        labels = list(_LABEL.finditer("\n" + self.text[: min(self.end, LONGEST_OPENING)]))
        starts = [label.start() for label in labels]
        done, last, last_end = 0, 0, 0
        for label, start, following in zip(labels, starts, [*starts[1:], self.end], strict=False):
            if not done and self._may_have_text(0, start):
                self._blocks(0, start, is_before=True)
            kind = label.lastgroup or ""
            done = following
            # Only behind text, or a second time, it can be a part of the text.
            if (self.stretches or kind in self.seen) and not self._is_label(kind, label[0], start, following):
                self._add(start, following)
                continue
            self.seen.add(kind)
            self.kind = kind
            last = start
            value = self.text[start:following].rstrip()
            last_end = value_end = start + len(value)
            if "\n" in value and (last_end := self._value_end(kind, start, following)) < value_end:
                self._blocks(last_end, following, is_before=kind == "caption" and following < self.end)
        if not labels:
            self._blocks(0, self.end, is_before=False)
        return OpeningText(last, last_end, tuple(self.stretches), self.is_repeated)

    def _is_label(self, kind: str, label: str, start: int, stop: int) -> bool:
        """Return whether a label belongs to the opening, rather than to text or to another cable that is appended."""
        if kind == "subject" and kind in self.seen:
            line = self.text[start:stop].partition("\n")[0]
            self.is_repeated = self.is_repeated or self.text.find(line, 0, start) < 0
        if self.is_repeated or (self._is_within_text(start) and (kind in self.seen or ":" not in label)):
            return False
        return not self.has_prose or self._may_follow_text(kind, start, stop)

    def _is_within_text(self, start: int) -> bool:
        """Return whether no blank line parts a place from text above it."""
        return bool(self.stretches) and self.text.count("\n", self.stretches[-1][1], start) < _BREAKS_OF_BLANK_LINE

    def _may_have_text(self, start: int, end: int) -> bool:
        """Return whether more than the first line of a message, or one short line, stands in front of a label."""
        captions = self.text[start:end].strip()
        if captions.count(" ") + captions.count("\n") < _WORDS_OF_PROSE:
            return False
        return _BANNER.fullmatch(captions) is None

    def _may_follow_text(self, kind: str, start: int, stop: int) -> bool:
        """Return whether a label may stand behind text of the message: as the first of its kind, or over references."""
        if kind == "references":
            return self._is_reference(self.text[start : self._block_end(start, stop)].partition(":")[2])
        if kind == "caption":
            return True
        if kind in self.seen:
            return False
        line = self.text[start : start + _REACH_OF_COLON].partition("\n")[0]
        return ":" in line and (kind != "officer" or not line.lstrip().upper().startswith("REASON") or "1." in line)

    def _block_end(self, start: int, stop: int) -> int:
        blank = BLANK_LINE.search(self.text, start, stop)
        return blank.start() if blank else stop

    def _value_end(self, kind: str, start: int, stop: int) -> int:
        """Return where the value of a label ends: at a blank line, or where text follows without one."""
        if kind == "caption":
            line_end = self.text.find("\n", start, stop)
            return line_end if line_end >= 0 else stop
        end = self._block_end(start, stop)
        if kind in _MAY_BE_APART and self.text[start:end].rstrip().endswith((":", "SUBJECT", "SUBJ")):
            content = len(self.text[end:stop]) - len(self.text[end:stop].lstrip())
            return self._block_end(end + content, stop)
        place = self.text.find("\n", start, end)
        while place >= 0:
            above = self.text[start:place].rpartition("\n")[2].rstrip()
            line = self.text[place + 1 : end].partition("\n")[0]
            if self._begins_text(kind, above, line):
                return place
            place = self.text.find("\n", place + 1, end)
        return end

    def _begins_text(self, kind: str, above: str, line: str) -> bool:
        """Return whether a line under the value of a label is text, though no blank line stands between."""
        stripped = line.strip()
        opens_text = _OPENS_TEXT.match(stripped)
        if is_ruler(line) or (opens_text and (kind != "subject" or _LABELLED.match(stripped, opens_text.end()))):
            return True
        if kind == "subject" or line[:1].isspace() or above.endswith(_GOES_ON):
            return False
        if len(stripped.split(None, _FEWEST_WORDS_OF_TEXT)) <= _FEWEST_WORDS_OF_TEXT:
            return False
        if kind == "officer":
            return _ENDS_REASON.search(above) is not None and not _REASON.match(stripped)
        if kind == "tags":
            return "," not in stripped.partition(" ")[0]
        return _ENDS_VALUE.search(above) is not None and not self._is_reference(stripped)

    def _blocks(self, start: int, stop: int, *, is_before: bool) -> None:
        """Add the blocks between blank lines that are text. ``is_before``: no label stands before them, but after."""
        for first, last in between_blank_lines(self.text, start, stop):
            block = self.text[first:last]
            if self._is_text(block, is_before=is_before) and not self._ends_subject(start, first, block):
                self._add(first, last)
                self.kind = "text"
                self.count += 1
                check_paragraphs(self.count)

    def _ends_subject(self, start: int, first: int, block: str) -> bool:
        """Return whether a block ends the subject, which stands before ``start``, on the next page."""
        if self.kind != "subject" or _is_prose(block) or _SENTENCE.search(block) or leading_marking(block, 0):
            return False
        return any(start <= page and end <= first for page, end in self.breaks)

    def _is_text(self, block: str, *, is_before: bool) -> bool:
        lines = block.split("\n", _MOST_CAPTIONS)
        is_routed = is_routing(lines[0])
        if all(
            is_ruler(line) or _is_handling(line) or (is_routed and _FURTHER_ROUTING.fullmatch(line.strip()))
            for line in lines
        ):
            return False
        is_prose = _is_prose(block)
        if is_before and not is_prose and not _OPENS_TEXT.match(block):
            return False
        if not self.seen and _LABEL_WITHIN.search(block):
            return False
        if not self.has_prose and (self._is_reference(block) or self._ends_reason(block)):
            return False
        self.has_prose = self.has_prose or is_prose
        return True

    def _ends_reason(self, block: str) -> bool:
        return self.kind == "officer" and _REASON.search(block[:_REACH_OF_REASON]) is not None

    def _is_reference(self, block: str) -> bool:
        """Return whether a block has little but entries of a list of references."""
        words = len(block.split(None, _MOST_WORDS))
        if words > _MOST_WORDS or _HIGH_NUMBER.match(block) or _OPENS_TEXT.match(block):
            return False
        if words > _MOST_WORDS_OF_TITLE and _SENTENCE.search(block):
            return False
        mark = _FURTHER_MARK.match(block) if self.kind == "references" else None
        if mark and words <= _WORDS_OF_PROSE and _OF_A_REFERENCE.search(block, mark.end()):
            return _SENTENCE.search(block) is None
        if _SHORT_SENTENCE.fullmatch(block):
            return False
        return words <= _MOST_WORDS_OF_ENTRY * len(read_entries(block.upper(), _ANY_YEAR, None))

    def _add(self, start: int, end: int) -> None:
        if self.stretches and not self.text[self.stretches[-1][1] : start].strip():
            start = self.stretches.pop()[0]
        self.stretches.append((start, end))


def _is_prose(block: str) -> bool:
    return len(block.split(None, _WORDS_OF_PROSE)) > _WORDS_OF_PROSE


def _is_handling(line: str) -> bool:
    """Return whether a line says only how the message is classified, and for whom it is."""
    line = " ".join(line.split())
    return not line or is_caption(line) or _BANNER.fullmatch(line[:200]) is not None or is_routing(line)


def between_blank_lines(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the stretches between blank lines, without white space around them."""
    borders = (match.span() for match in BLANK_LINE.finditer(text, start, end))
    first = start
    for last, following in chain(borders, [(end, end)]):
        piece = text[first:last].lstrip()
        first = following
        if piece:
            yield last - len(piece), last - len(piece) + len(piece.rstrip())
