"""The body of a cable, taken apart: opening, headings, paragraphs, closing.

What stands in none of its paragraphs, headings or subject is its *envelope*: captions, E.O. line, TAGS, references,
classified-by, page breaks, signature.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from itertools import accumulate, chain, takewhile
from typing import NamedTuple

from cablesearch.cable import UNREADABLE, Classification, Paragraph, collapsed
from cablesearch.classification.bare import line_marking, may_have_bare_markings
from cablesearch.classification.behind_level import is_of_entire_text
from cablesearch.classification.bracketed import has_brackets
from cablesearch.classification.classification import OPEN, marking_of
from cablesearch.classification.covering import covering, covering_title
from cablesearch.classification.leading import leading_marking, opening_marking
from cablesearch.classification.sections import Region, marked_regions
from cablesearch.readers.errors import check_paragraphs
from cablesearch.readers.telegram.body.headings import (
    Heading,
    ends_sentence,
    heading_before,
    is_ruler,
    words_of_heading,
)
from cablesearch.readers.telegram.body.labels import Label, paragraph_labels
from cablesearch.readers.telegram.body.signature import Signature, closing_start, find_signature
from cablesearch.readers.telegram.page_breaks import Span, blank_out, is_caption, page_breaks
from cablesearch.text.analysis import split
from cablesearch.text.lookalikes import legible, odd_characters

__all__ = ["Block", "Layout", "envelope", "lay_out", "paragraphs"]

_LONGEST_OPENING = 40_000
_OPENING_WITHOUT_NUMBERS = 1200
_LABELS_WITHOUT_NUMBERS = 5000
_OPENING_LABEL = re.compile(
    r"\n[^\S\n]*(?:E\.? ?O\.? ?1[0-9]{3,4}|TAGE?S?\b|T?A?GS[:;]|S?UBJ(?:ECT)?\b|(?:PROGRAM )?REF(?:S|TELS?|\(S\))?\b"
    r"|[A-Z]\. REF\b|CLASSIFIED(?: BY)?\b|DERIVED FROM\b|DECL(?:ASSIFY ON)?:|REASONS?:|SIPDIS\b)",
    re.IGNORECASE,
)
_LABEL_WITHIN = re.compile(r"\b(?:E\.?O\.? ?1[0-9]{4}|TAGS:|SUBJ(?:ECT)?:|CLASSIFIED BY\b)", re.IGNORECASE)
_CLASSIFIED = re.compile(r"\s*CLASSIFIED BY\b", re.IGNORECASE)
_BANNER = re.compile(
    r"(?:UNCLAS|C ?O ?N ?F ?I ?D ?E ?N ?T ?I ?A ?L|S ?E ?C ?R ?E ?T|U N C L A S|LIMITED OFFICIAL USE)\b"
    r"[A-Z0-9 /.,-]{0,90}"
)
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_ENUMERATED = re.compile(r"(?:REF )?\(?[A-Z0-9][.):\]]")
_WORDS_OF_PROSE = 10
_OBJECT = r"(?:TEXT|TXT|MESSAGE|CABLE|TELEGRAM|DOCUMENT|ENTIRETY|PARA(?:GRAPH)?S?|PORTIONS)"
_OF_ENTIRE_TEXT = re.compile(
    rf"(?:[^\w\n.;]{{0,4}}\b(?:{_OBJECT}|THE|THIS|THESE|ENTIRE|WHOLE|FULL|ALL|OF|IS|ARE|AN?|IN"
    r"|ITS|CLASSIFIED|CLASSIFICATION|MARKED|OVERALL|AND|TOP|SECRET|CONFIDENTIAL|NOFORN|ORCON|NF|OC|TS|S|C)\b){2,14}[)\]]?"
    r"(?=[^\w\n]{0,3}(?:[.\n:;]|\Z)|\.)",
    re.IGNORECASE,
)
"""A sentence of such words alone as say how all of a text is classified."""
_MOST_OPENINGS = 2
"""How many paragraphs are searched for a statement about the entire text: one without a number, and the first."""
_OF_ALL = re.compile(
    rf"\b(?:ENTIRE|WHOLE|ALL|THIS\sIS)\b.*\b{_OBJECT}\b|\b{_OBJECT}\s(?:OF\s.{{1,30}}\s)?(?:IS|ARE)\b"
    r"|\bCLASSIFIED\b.*\bENTIRETY\b",
    re.IGNORECASE | re.DOTALL,
)
_IS_A_SECRET = re.compile(r"\bAN?\s+(?:TOP\s)?(?:SECRET|CONFIDENTIAL)\W*\Z", re.IGNORECASE)
_NAMES_OF_MARKINGS = re.compile(r"\b(?i:TOP\s?SECRET|SECRET|CONFIDENTIAL|NOFORN|ORCON)\b|\b(?:NF|OC|TS|S|C)\b")
_SUBJECT_LABEL = re.compile(r"SUBJ(?:ECT)?\s?:\s*", re.IGNORECASE)
_REACH_ABOVE = 400
_LONGEST_MARKING = 80
_MOST_TITLES = 2
_MARKING_ENDS = frozenset(")]}:-=*_~")
"""Signs that may end a line of a marking alone, or a ruler under it."""
_ENDS_OF_MARKINGS = ("ecret", "ential", "oforn", "orcon", "/nf", "-nf", "/oc", "-oc", ").", "].")
"""How markings end that are not in capitals, or stand before a full stop."""
_CLOSING_BRACKETS = (")", "]", "}")
_ENDS_SENTENCE = re.compile(r"[^)\]][.?!]\n")
"""The end of a sentence and of its line. No marking ends so."""
_MOST_WRAPPED = 3
"""Lines of a marking that stands above its paragraph."""
_LAST_GROUP = re.compile(r"(?<=[.?!…\"'])\s+[(\[{][^()\[\]{}]{1,60}[)\]}]$")
_LONGEST_GROUP = 80
_RULER_ENDS = frozenset("-=_~#‐‑‒–—―")


class Block(NamedTuple):
    """A paragraph's place: its label, the end of its text, the heading that it stands under, and the classification of
    the marked text around its label.
    """

    label: Label
    end: int
    heading: Heading | None
    outer: Classification = OPEN


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of a body are.

    ``text`` is the body with its page breaks blanked out, place for place, and ``legible`` what a person reads in it.
    ``is_printable`` says that all of it but line breaks can be printed. ``opening`` is everything before the first
    numbered paragraph, as it came. ``of_entire_text`` is what the markings of the entire text say, and ``has_bare``
    whether there may be markings without brackets.
    """

    body: str
    text: str
    legible: str
    is_printable: bool
    breaks: tuple[Span, ...]
    blocks: tuple[Block, ...]
    headings: tuple[Heading, ...]
    opening: str
    signers: tuple[str, ...]
    of_entire_text: Classification
    has_bare: bool


def lay_out(
    body: str,
    classification: Classification = UNREADABLE,
    breaks: list[Span] | None = None,
    odd: str | None = None,
) -> Layout:
    """Find the parts of a body. Any text will do; a body without numbers is split at its blank lines.

    ``breaks``, ``odd``: its page breaks and `cablesearch.text.lookalikes.odd_characters`, where they are known.

    No piece of a paragraph becomes a heading or a part of the closing that more may read than ``classification``, the
    cable's, and the markings allow, unless it surely is one.

    Raises:
        UnreadableCable: there are too many parts for a cable.
    """
    if breaks is None:
        breaks = page_breaks(body)
    plain = blank_out(body, breaks)
    if odd is None or breaks:
        odd = odd_characters(plain)
    text = legible(plain, odd)
    signature = find_signature(text)
    if signature and text is not plain:
        # Names are shown as they were written.
        written = find_signature(plain)
        signature = written if written and written.start == signature.start else None
    end = signature.start if signature else closing_start(text)
    labels = paragraph_labels(text)
    builder = _Builder(text, end, classification, labels)
    if (labels and labels[-1].text_start > end) or (signature and not builder.may_be_signed(labels, signature)):
        signature, builder.end = None, len(text)
    if labels:
        builder.before_numbers(labels)
        builder.numbered(labels)
    else:
        builder.without_numbers()
    return Layout(
        body=body,
        text=plain,
        legible=text,
        breaks=tuple(breaks),
        blocks=tuple(builder.blocks),
        headings=tuple(builder.headings),
        opening=body[: _opening_end(text, labels, builder.blocks)],
        signers=signature.names if signature else (),
        is_printable=odd.isprintable(),
        of_entire_text=builder.of_entire_text,
        has_bare=builder.has_bare,
    )


def paragraphs(layout: Layout, classification: Classification = UNREADABLE) -> tuple[Paragraph, ...]:
    """Return the paragraphs of a body; those without a readable marking get the cable's classification, joined with a
    marking of the entire text, and those with parts that are marked higher, or with such a heading, get one that covers
    these.
    """
    result = []
    regions = marked_regions(layout.legible)
    classification = classification.join(layout.of_entire_text)
    known: dict[str | None, Classification] = {None: classification}
    is_odd = layout.legible is not layout.text
    for position, block in enumerate(layout.blocks, 1):
        label = block.label
        if label.marking not in known:
            known[label.marking] = Classification.parse(label.marking) or classification
        raw = layout.text[label.text_start : block.end]
        covered = covering(
            known[label.marking],
            layout.legible[label.text_start : block.end] if is_odd else raw,
            is_legible=True,
            has_bare=layout.has_bare,
        )
        section = None
        if block.heading:
            covered = covering_title(covered, block.heading.text)
            section = words_of_heading(layout.text[slice(*block.heading.lines)]) if is_odd else block.heading.text
        if regions:
            covered = reduce(Classification.join, _within(regions, label.start, block.end), covered)
        text = collapsed(raw, is_printable=layout.is_printable)
        for said in (text, section):
            # It may stand on several lines.
            if said and (opening := opening_marking(said)):
                covered = covered.join(opening)
        result.append(
            Paragraph(
                position,
                label.number,
                label.marking,
                covered if block.outer is OPEN else covered.join(block.outer),
                section,
                text,
                label.start,
                block.end,
            )
        )
    return tuple(result)


def _within(regions: list[Region], start: int, end: int) -> Iterator[Classification]:
    """The classifications of the regions, which are in order, that a span lies in or meets."""
    first = bisect_right(regions, start, key=lambda region: region.end)
    met = takewhile(lambda at: regions[at].start < end, range(first, len(regions)))
    return (regions[at].classification for at in met)


def envelope(layout: Layout, subject: Span | None = None) -> str:
    """Return the text that is in no paragraph or heading nor in the span of the subject, in order, line by line.

    A word of which only a part would be left over is there as a whole, so no word of the body is lost.
    """
    body = layout.body
    taken = [(block.label.start, block.end) for block in layout.blocks]
    taken += [(one.start, one.end) for one in layout.headings]
    if subject:
        taken.append(subject)
    lines: list[str] = []
    for start, end in _gaps(len(body), _without(sorted(taken), layout.breaks)):
        if body[start:end].isspace():
            continue
        first, last = _whole_words(body, start, end)
        lines += [line.strip() for line in body[first:last].splitlines()]
    return "\n".join(line for line in lines if line and not is_ruler(line))


def _ending_marks(text: str) -> list[Classification]:
    """The markings that a text may end with: on its last line, or wrapped over its last lines."""
    marks = []
    start = len(text)
    for _ in range(_MOST_WRAPPED):
        start = text.rfind("\n", 0, start - 1) + 1
        mark = leading_marking(text, start)
        if mark and mark[1] == len(text) and (classification := Classification.parse(mark[0])):
            marks.append(classification)
        if not start:
            break
    return marks


class _Builder:
    """Collects the blocks and headings of a body from front to back."""

    def __init__(self, text: str, end: int, classification: Classification, labels: list[Label]) -> None:
        self.text = text
        self.end = end
        self.classification = classification
        self.of_entire_text = _of_entire_text(labels, text)
        self.opening = _last_opening_label(text, labels[0].start if labels else min(end, _LABELS_WITHOUT_NUMBERS))
        self.has_bare = may_have_bare_markings(text[self.opening[1] :])
        self.has_lists = any(label.is_listed for label in labels)
        self.least: list[Classification] = []
        self.blocks: list[Block] = []
        self.headings: list[Heading] = []
        self.marked = OPEN
        self.heading: Heading | None = None
        self.pending: Heading | None = None
        self.beside = self.pending_beside = OPEN

    def may_be_signed(self, labels: list[Label], signature: Signature) -> bool:
        """Whether a signature may be taken from the last paragraph: it is not classified higher than the cable, as
        which the signature is shown, or the signature surely is one.
        """
        floor, own = 0, self.classification
        if labels:
            floor, own = labels[-1].text_start, Classification.parse(labels[-1].marking) or own
        above = self.text[floor : signature.start]
        has_bare = self.has_bare or not labels
        if self.classification.covers(own) and self.classification.covers(
            covering(own, above, is_legible=True, has_bare=has_bare)
        ):
            return True
        stripped = above.rstrip()
        return _closes(stripped) and above.count("\n", len(stripped)) > 1

    def before_numbers(self, labels: list[Label]) -> None:
        """Add what of the opening is text: a heading over the first number, paragraphs that have none."""
        end = labels[0].start
        label_start, label_end = self.opening
        heading = heading_before(self.text, label_start, end, opening=True)
        if heading and (
            (not heading.ruled and leading_marking(heading.text, 0))
            or not self._may_head(
                heading,
                label_end,
                end,
                lambda stop: covering(OPEN, self.text[label_end:stop], is_legible=True),
                lambda: _least(map(self._own, labels)),
            )
        ):
            heading = None
        prose_end = heading.start if heading else end
        if label_end < prose_end:
            for start, stop, above in self._marked_pieces(label_end, prose_end):
                piece = self.text[start:stop]
                covered = covering(OPEN, piece, is_legible=True, has_bare=self.has_bare)
                is_marked = above != OPEN or leading_marking(piece, 0) or covered != OPEN
                if is_marked or _is_prose(piece):
                    self._add_piece(start, stop, above)
        self._under(heading)

    def numbered(self, labels: list[Label]) -> None:
        """Add the paragraphs of these labels, and the headings between them."""
        text = self.text
        if self.blocks:
            self.of_entire_text = self.of_entire_text.join(_of_entire_text([one.label for one in self.blocks], text))
        outer, done = OPEN, 0
        for index, label in enumerate(labels):
            # Nearly all stand behind the end of a sentence and a blank line.
            is_apart = text.endswith("\n\n", done, label.start)
            outer = OPEN if is_apart else self._outer(label, done, outer)
            above = OPEN
            if self.pending or not is_apart or not _ENDS_SENTENCE.match(text, label.start - 4):
                above = self._above(label, done)
            if self.pending:
                self.pending_beside = above
            elif above is not OPEN:
                outer = outer.join(above)
            around = self._with_list(label, outer) if self.has_lists else outer
            done = label.text_start
            if index == len(labels) - 1:
                self._add(label, self.end, around)
                break
            end = labels[index + 1].start
            heading = heading_before(text, done, end)
            if heading:
                heading, end = self._heading_between(heading, labels, index, around)
            self._add(label, end, around)
            self._under(heading)

    def _with_list(self, label: Label, outer: Classification) -> Classification:
        """What is around a paragraph, joined with the marking of the last marked one before it when it may be a point
        of that one's list."""
        if label.marking:
            self.marked = Classification.parse(label.marking) or OPEN
        return outer.join(self.marked) if label.is_listed else outer

    def _heading_between(
        self, heading: Heading, labels: list[Label], index: int, outer: Classification
    ) -> tuple[Heading | None, int]:
        """The heading behind a label's text when it may be taken from it, and where the text ends then."""
        start, end = labels[index].text_start, labels[index + 1].start
        covered = partial(self._covered, labels[index], outer, start)
        if not self._may_head(heading, start, end, covered, lambda: self._least_behind(labels)[index]):
            return None, end
        upper = heading_before(self.text, start, heading.start)
        if upper and upper.ruled and self._may_head(upper, start, heading.start, covered, lambda: self.classification):
            return heading, upper.start
        return heading, heading.start

    def _least_behind(self, labels: list[Label]) -> list[Classification]:
        """For each label but the last what everyone may read who may read any paragraph behind it."""
        if not self.least:
            self.least = _least_after([self._own(label) for label in labels])
        return self.least

    def _covered(self, label: Label, outer: Classification, start: int, end: int) -> Classification:
        """The classification of the text of a paragraph, which starts at ``start``, up to ``end``."""
        return covering(self._own(label).join(outer), self.text[start:end], is_legible=True, has_bare=self.has_bare)

    def _own(self, label: Label) -> Classification:
        return Classification.parse(label.marking) or self.classification.join(self.of_entire_text)

    def _outer(self, label: Label, floor: int, before: Classification) -> Classification:
        """The classification of the text without a number, with a marking, in which a label stands, or of a marking on
        a line above one that has none.

        ``floor`` is where the text of the label before starts, ``before`` what stands around that label.
        """
        stretch = self.text[floor : label.start]
        above = stretch.rstrip()
        if stretch.count("\n", len(above)) > 1:
            return OPEN
        if label.marking is None and above.endswith(_CLOSING_BRACKETS):
            marks = _ending_marks(above)
            if marks:
                # It may be the marking of this paragraph, or end the one before.
                return reduce(Classification.join, marks)
        if floor and "\n" not in above:
            return before
        blank = 0 if floor == 0 else -1
        for match in _BLANK_LINE.finditer(above):
            blank = match.end()
        if blank < 0:
            return before
        mark = leading_marking(above, blank)
        return (Classification.parse(mark[0]) or OPEN) if mark else OPEN

    def _above(self, label: Label, floor: int) -> Classification:
        """The classification of the markings that stand on lines of their own above a label, or above or under its
        heading, in the text before it, which starts at ``floor``, and of titles above a label without a marking."""
        is_first = floor == 0
        stretch = self.text[max(floor, label.start - _REACH_ABOVE) : label.start].rstrip()
        if not (self.pending or _may_end_marking(stretch)):
            return OPEN
        if not (is_first or label.marking is None or self.has_bare or has_brackets(stretch)):
            return OPEN
        lines, titles, result = stretch.split("\n"), 0, OPEN
        for index in range(len(lines) - 1, -1, -1):
            line = lines[index].strip()
            if not line or is_ruler(line):
                continue
            subject = _SUBJECT_LABEL.match(line)
            words = line[subject.end() :] if subject else line
            may_mark = len(words) <= _LONGEST_MARKING and _may_end_marking(words)
            marking = line_marking(words) if may_mark else None
            if marking is None:
                if (
                    label.marking is None
                    and not line.startswith(("END", "End"))
                    and len(line) <= _LONGEST_MARKING
                    and _stands_apart(lines[:index], is_first=is_first, may_end=False)
                ):
                    result = covering_title(result, line)
                titles += 1
                if titles > _MOST_TITLES or len(line) > _LONGEST_MARKING or ends_sentence(line):
                    break
            elif subject or _stands_apart(lines[:index], is_first=is_first, may_end=label.marking is not None):
                result = result.join(marking)
        return result

    def _may_head(
        self,
        heading: Heading,
        floor: int,
        end: int,
        covered: Callable[[int], Classification],
        readers: Callable[[], Classification],
    ) -> bool:
        """Whether what looks like a heading may be taken from the text above it, which starts at ``floor``: it surely
        is a heading, or everyone may read that text (``covered`` up to a place) who may read what ``readers`` says.

        A marking opens a text rather than a heading when neither a ruler nor a blank line is under it.
        """
        if not heading.ruled and self.text.count("\n", heading.end, end) <= 1 and leading_marking(heading.text, 0):
            return False
        return self._is_surely(heading, floor, end) or readers().covers(covered(heading.start))

    def _is_surely(self, heading: Heading, floor: int, end: int) -> bool:
        above = self.text[floor : heading.start]
        stripped = above.rstrip()
        closed = not stripped or _closes(stripped)
        apart = above.count("\n", len(stripped)) > 1
        if heading.ruled:
            return closed or apart or is_ruler(self.text[heading.start : heading.end].partition("\n")[0])
        return closed and apart and self.text.count("\n", heading.end, end) > 1

    def without_numbers(self) -> None:
        """Add the pieces between blank lines after the opening."""
        for first, last, above in self._marked_pieces(self.opening[1], self.end):
            if not _BANNER.fullmatch(self.text[first : min(last, first + 200)].rstrip()):
                self._add_piece(first, last, above)
        self.of_entire_text = _of_entire_text([block.label for block in self.blocks], self.text)

    def _marked_pieces(self, start: int, end: int) -> Iterator[tuple[int, int, Classification]]:
        """The pieces between blank lines, each with the marking without brackets that stands above it, unless that says
        no more than the cable's classification, as a banner in the midst of a text does."""
        for first, last in self._pieces(start, end):
            line = self.text[max(start, first - _LONGEST_MARKING) : first].rstrip().rpartition("\n")[2]
            marking = line_marking(line) if line and not line.endswith(_CLOSING_BRACKETS) else None
            yield first, last, OPEN if marking is None or self.classification.covers(marking) else marking

    def _add(self, label: Label, end: int, outer: Classification = OPEN) -> None:
        if self.pending:
            self.headings.append(self.pending)
            self.heading, self.pending = self.pending, None
            self.beside, self.pending_beside = self.pending_beside, OPEN
        if self.beside is not OPEN:
            outer = outer.join(self.beside)
        self.blocks.append(Block(label, self._trimmed(label.text_start, end), self.heading, outer))

    def _under(self, heading: Heading | None) -> None:
        self.pending = heading or self.pending

    def _add_piece(self, start: int, end: int, outer: Classification = OPEN) -> None:
        """Add a piece that stands between blank lines: a heading or a paragraph."""
        heading = heading_before(self.text, start, end, opening=True)
        marking, text_start = leading_marking(self.text, start) or (None, start)
        if text_start > end:
            marking, text_start = None, start
        if heading and heading.start == start and (heading.ruled or marking is None):
            self._under(heading)
            return
        self._add(Label(start, text_start, None, marking), end, outer)

    def _pieces(self, start: int, end: int) -> list[Span]:
        """What stands between blank lines; a piece that goes on with a sentence belongs to the one before."""
        pieces: list[Span] = []
        for first, last in _between_blank_lines(self.text, start, end):
            if pieces and self._goes_on(pieces[-1], first):
                pieces[-1] = (pieces[-1][0], last)
            elif not is_caption(self.text[first:last]) and not is_ruler(self.text[first:last]):
                pieces.append((first, last))
                check_paragraphs(len(pieces))
        return pieces

    def _goes_on(self, piece: Span, start: int) -> bool:
        """Whether what starts at ``start`` goes on with the sentence of the piece before it."""
        before = self.text[piece[1] - 3 : piece[1]]
        if self.text[start].islower():
            return not ends_sentence(before)
        if _closes(before):
            return False
        mark = leading_marking(self.text, piece[0])
        return mark is not None and Classification.parse(mark[0]) != OPEN and not leading_marking(self.text, start)

    def _trimmed(self, start: int, end: int) -> int:
        """The end of a text without trailing white space and rulers."""
        end = start + len(self.text[start:end].rstrip())
        while end > start and self.text[end - 1] in _RULER_ENDS:
            line = self.text.rfind("\n", max(start, end - 200), end) + 1
            if not line or not is_ruler(self.text[line:end]):
                break
            end = line
            while end > start and self.text[end - 1].isspace():
                end -= 1
        return end


def _stands_apart(above: list[str], *, is_first: bool, may_end: bool) -> bool:
    """Whether a line that is only a marking stands apart from the text in the lines above it: at its beginning, behind
    a blank line, a ruler or a title.

    ``is_first``: the text begins with these lines. ``may_end``: the marking may be that of the text above it.
    """
    if not above:
        return is_first
    line = above[-1].strip()
    if not line or is_ruler(line):
        return True
    if ends_sentence(line):
        return not may_end
    before = above[-2].strip() if len(above) > 1 else None
    return len(line) <= _LONGEST_MARKING and ((before is None and is_first) or before == "" or is_ruler(before or ""))


def _may_end_marking(line: str) -> bool:
    """Whether a line that ends with these characters may be a marking alone."""
    return line[-1:] in _MARKING_ENDS or line[-1:].isupper() or line.endswith(_ENDS_OF_MARKINGS)


def _of_entire_text(labels: Sequence[Label], text: str) -> Classification:
    """What the markings of the entire text say, and a sentence of the first paragraphs that says the same."""
    found = OPEN
    for label in labels[:_MOST_OPENINGS]:
        sentence = _OF_ENTIRE_TEXT.match(text, label.text_start)
        if sentence and _OF_ALL.search(sentence[0]) and not _IS_A_SECRET.search(sentence[0]):
            said = [label.marking or "", *_NAMES_OF_MARKINGS.findall(sentence[0])]
            found = reduce(Classification.join, filter(None, map(marking_of, said)), found)
    for marking in {label.marking for label in labels}:
        if marking and is_of_entire_text(marking):
            found = found.join(Classification.parse(marking) or OPEN)
    return found


def _closes(text: str) -> bool:
    """Whether a text ends like a sentence that announces nothing."""
    text = text.rstrip()
    if text.endswith(_CLOSING_BRACKETS):
        text = _LAST_GROUP.sub("", text[-_LONGEST_GROUP:])
    ended = text.rstrip("\"')]”’* \t\r\n")
    return ended.endswith((".", "?", "!", "…"))


def _least(classifications: Iterable[Classification]) -> Classification:
    """What everyone may read who may read any of these."""
    return reduce(_meet, classifications)


def _meet(one: Classification, other: Classification) -> Classification:
    controls = one.controls and other.controls and tuple(set(one.controls) & set(other.controls))
    return Classification(min(one.level, other.level), controls)


def _least_after(classifications: list[Classification]) -> list[Classification]:
    """For each of these but the last what everyone may read who may read any that follow."""
    return [*accumulate(reversed(classifications[1:]), _meet)][::-1]


def _is_prose(piece: str) -> bool:
    """Whether a piece of the opening is text: several words, no point of a list, no label of the opening."""
    if _ENUMERATED.match(piece) or len(piece.split(None, _WORDS_OF_PROSE)) <= _WORDS_OF_PROSE:
        return False
    return _LABEL_WITHIN.search(piece) is None


def _last_opening_label(text: str, end: int) -> Span:
    """Where the last label of the opening (TAGS, REF ...) starts, and where the block that it heads ends."""
    opening = "\n" + text[: min(end, _LONGEST_OPENING)]
    last = -1
    for found in _OPENING_LABEL.finditer(opening):
        last = found.start()
    if last < 0:
        return 0, 0
    blank = _BLANK_LINE.search(text, last, end)
    if blank:
        return last, blank.end()
    line = text.find("\n", last + 1, end)
    return last, line if line >= 0 else end


def _opening_end(text: str, labels: list[Label], blocks: list[Block]) -> int:
    """Where the part ends that the readers of the opening are to see."""
    if not labels:
        first = blocks[0].label.start if blocks else len(text)
        return min(max(first, _OPENING_WITHOUT_NUMBERS), _LONGEST_OPENING)
    end = labels[0].start
    if _CLASSIFIED.match(text, labels[0].text_start):
        end = next(block.end for block in blocks if block.label is labels[0])
    return min(end, _LONGEST_OPENING)


def _between_blank_lines(text: str, start: int, end: int) -> Iterator[Span]:
    """The stretches between blank lines, without white space around them."""
    borders = (found.span() for found in _BLANK_LINE.finditer(text, start, end))
    first = start
    for last, following in chain(borders, [(end, end)]):
        piece = text[first:last].lstrip()
        first = following
        if piece:
            yield last - len(piece), last - len(piece) + len(piece.rstrip())


def _without(spans: Iterable[Span], holes: tuple[Span, ...]) -> list[Span]:
    """Cut the holes out of spans; both are in order."""
    if not holes:
        return list(spans)
    result = []
    at = 0
    for start, end in spans:
        done = start
        while at < len(holes) and holes[at][1] <= start:
            at += 1
        inside = at
        while inside < len(holes) and holes[inside][0] < end:
            result.append((done, holes[inside][0]))
            done = holes[inside][1]
            inside += 1
        result.append((done, end))
    return [(start, end) for start, end in result if start < end]


def _gaps(length: int, spans: list[Span]) -> Iterator[Span]:
    """What of a text of this length the spans leave over."""
    done = 0
    for start, end in spans:
        if done < start:
            yield done, start
        done = max(done, end)
    if done < length:
        yield done, length


def _whole_words(text: str, start: int, end: int) -> Span:
    """Widen a span at each end that cuts a word, to the next white space."""
    first, last = _unbroken(text, start), _unbroken(text, end)
    return (first[0] if first else start), (last[1] if last else end)


def _unbroken(text: str, place: int) -> Span | None:
    """The stretch without white space around a place inside a word, such as ``don't``; None when no word is there."""
    if not 0 < place < len(text) or text[place - 1].isspace() or text[place].isspace():
        return None
    start, end = place - 1, place + 1
    while start and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    apart = split(text[start:place], True)[0] + split(text[place:end], True)[0]
    return (start, end) if apart != split(text[start:end], True)[0] else None
