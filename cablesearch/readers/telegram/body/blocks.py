"""The blocks of a body: its paragraphs with and without numbers, and the headings above them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial, reduce
from itertools import accumulate
from typing import NamedTuple

from cablesearch.cable import Classification
from cablesearch.classification.bare import line_marking, may_have_bare_markings
from cablesearch.classification.classification import OPEN
from cablesearch.classification.covering import covering
from cablesearch.classification.leading import leading_marking
from cablesearch.readers.errors import check_paragraphs
from cablesearch.readers.telegram.body.entire_text import of_entire_text
from cablesearch.readers.telegram.body.headings import Heading, ends_sentence, heading_before, is_ruler
from cablesearch.readers.telegram.body.labels import Label
from cablesearch.readers.telegram.body.opening_text import between_blank_lines, opening_text
from cablesearch.readers.telegram.body.signature import Signature
from cablesearch.readers.telegram.body.surroundings import (
    CLOSING_BRACKETS,
    LONGEST_MARKING,
    marking_around,
    markings_above,
)
from cablesearch.readers.telegram.page_breaks import Span, is_caption

__all__ = ["Block", "BlockBuilder"]

_ENDS_SENTENCE = re.compile(r"[^)\]][.?!]\n")
"""The end of a sentence and of its line. No marking ends so."""
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


class BlockBuilder:
    """Collects the blocks and headings of a body from front to back."""

    def __init__(
        self, text: str, end: int, classification: Classification, labels: list[Label], breaks: Sequence[Span] = ()
    ) -> None:
        self.text = text
        self.breaks = breaks
        self.end = end
        self.classification = classification
        self.of_entire_text = of_entire_text(labels, text)
        self.opening = opening_text(text, labels[0].start if labels else end, breaks)
        self.has_bare = may_have_bare_markings(text[self._text_start() :])
        self.has_lists = any(label.is_listed for label in labels)
        self.least: list[Classification] = []
        self.blocks: list[Block] = []
        self.headings: list[Heading] = []
        self.marked = OPEN
        self.heading: Heading | None = None
        self.pending: Heading | None = None
        self.beside = self.pending_beside = OPEN
        self.title = OPEN
        """The marking of a title that is itself a paragraph, and stands above paragraphs without numbers."""

    def unsigned(self, labels: list[Label]) -> None:
        """Read the text to its very end, as it has no signature."""
        self.end = len(self.text)
        if not labels:
            self.opening = opening_text(self.text, self.end, self.breaks)

    def may_be_signed(self, labels: list[Label], signature: Signature) -> bool:
        """Return whether a signature may be taken from the last paragraph: the paragraph is not classified higher than
        the cable, with which the signature is shown, or the signature is certain."""
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
        return not signature.has_prose and _closes(stripped) and above.count("\n", len(stripped)) > 1

    def before_numbers(self, labels: list[Label]) -> None:
        """Add the text in the opening: a heading over the first number, and paragraphs without numbers."""
        end = labels[0].start
        start = self._text_start()
        heading = heading_before(self.text, self.opening.label, end, opening=True)
        if heading and heading.start < self.opening.end:
            heading = None  # It is the value under a label.
        if heading and (
            (not heading.ruled and leading_marking(heading.text, 0))
            or not self._may_head(
                heading,
                start,
                end,
                lambda stop: covering(OPEN, self.text[start:stop], is_legible=True),
                lambda: _least(map(self._own, labels)),
            )
        ):
            heading = None
        self._add_stretches(heading.start if heading else end)
        self._under(heading)

    def _text_start(self) -> int:
        """Return where the text starts that is not part of the opening."""
        stretches = self.opening.stretches
        return min(self.opening.end, stretches[0][0]) if stretches else self.opening.end

    def _add_stretches(self, end: int) -> None:
        """Add the paragraphs without numbers, up to ``end``."""
        floor = self._text_start()
        for start, stop in self.opening.stretches:
            for first, last, above in self._marked_pieces(floor, start, min(stop, end)):
                self._add_piece(first, last, above)
            floor = stop

    def numbered(self, labels: list[Label]) -> None:
        """Add the paragraphs of these labels, and the headings between them."""
        text = self.text
        if self.blocks:
            self.of_entire_text = self.of_entire_text.join(of_entire_text([block.label for block in self.blocks], text))
        outer, done = OPEN, 0
        for index, label in enumerate(labels):
            # Nearly all stand behind the end of a sentence and a blank line.
            is_apart = text.endswith("\n\n", done, label.start)
            outer = OPEN if is_apart else marking_around(text, label, done, outer)
            above = OPEN
            if self.pending or not is_apart or not _ENDS_SENTENCE.match(text, label.start - 4):
                above = markings_above(text, label, done, has_heading=self.pending is not None, has_bare=self.has_bare)
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
            # Most texts end with a full stop; a heading never does.
            heading = None if text.endswith(".\n\n", done, end) else heading_before(text, done, end)
            if heading:
                heading, end = self._heading_between(heading, labels, index, around)
            self._add(label, end, around)
            self._under(heading)

    def _with_list(self, label: Label, outer: Classification) -> Classification:
        """Return what is around a paragraph, joined with the marking of the last marked one before it when it may be a
        point of that one's list."""
        if label.marking:
            self.marked = Classification.parse(label.marking) or OPEN
        return outer.join(self.marked) if label.is_listed else outer

    def _heading_between(
        self, heading: Heading, labels: list[Label], index: int, outer: Classification
    ) -> tuple[Heading | None, int]:
        """Return the heading behind a label's text when it may be taken from it, and where the text ends then."""
        start, end = labels[index].text_start, labels[index + 1].start
        covered = partial(self._covered, labels[index], outer, start)
        if not self._may_head(heading, start, end, covered, lambda: self._least_behind(labels)[index]):
            return None, end
        upper = heading_before(self.text, start, heading.start)
        if upper and upper.ruled and self._may_head(upper, start, heading.start, covered, lambda: self.classification):
            return heading, upper.start
        return heading, heading.start

    def _least_behind(self, labels: list[Label]) -> list[Classification]:
        """Return for each label except the last the classification that all paragraphs behind it cover."""
        if not self.least:
            self.least = _least_after([self._own(label) for label in labels])
        return self.least

    def _covered(self, label: Label, outer: Classification, start: int, end: int) -> Classification:
        """Return the classification of the text of a paragraph, which starts at ``start``, up to ``end``."""
        return covering(self._own(label).join(outer), self.text[start:end], is_legible=True, has_bare=self.has_bare)

    def _own(self, label: Label) -> Classification:
        return Classification.parse(label.marking) or self.classification.join(self.of_entire_text)

    def _may_head(
        self,
        heading: Heading,
        floor: int,
        end: int,
        covered: Callable[[int], Classification],
        readers: Callable[[], Classification],
    ) -> bool:
        """Return whether a possible heading may be taken from the text above it, which starts at ``floor``: it is
        certainly a heading, or ``readers()`` covers that text (``covered`` up to a place).

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
        self._add_stretches(self.end)
        if self.pending:
            self._add_pending_line()
        self.of_entire_text = of_entire_text([block.label for block in self.blocks], self.text)

    def _marked_pieces(self, floor: int, start: int, end: int) -> Iterator[tuple[int, int, Classification]]:
        """Yield the pieces between blank lines, each with the marking without brackets that stands above it, down to
        ``floor``, unless that says no more than the cable's classification, as a banner in the midst of a text does."""
        for first, last in self._pieces(start, end):
            line = self.text[max(floor, first - LONGEST_MARKING) : first].rstrip().rpartition("\n")[2]
            marking = line_marking(line) if line and not line.endswith(CLOSING_BRACKETS) else None
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
        """Let a heading stand above what follows; a line that another heading follows at once was surely none, unless
        it has a ruler."""
        if heading is None:
            return
        if self.pending and not self.pending.ruled:
            self._add_pending_line()
        self.pending = heading

    def _add_pending_line(self) -> None:
        """Add what seemed to be a heading as a paragraph."""
        assert self.pending is not None
        (start, end), self.pending = self.pending.lines, None
        start += len(self.text[start:end]) - len(self.text[start:end].lstrip())
        marking, text_start = leading_marking(self.text, start) or (None, start)
        self._add(Label(start, text_start, None, marking), end)

    def _add_piece(self, start: int, end: int, outer: Classification = OPEN) -> None:
        """Add a piece that stands between blank lines: a heading or a paragraph."""
        heading = heading_before(self.text, start, end, opening=True)
        marking, text_start = leading_marking(self.text, start) or (None, start)
        if text_start > end:
            marking, text_start = None, start
        is_title = heading is not None and heading.start == start
        if heading and is_title and (heading.ruled or marking is None):
            self.title = OPEN
            self._under(heading)
            return
        if marking:
            self.title = Classification.parse(marking) or OPEN if is_title else OPEN
        self._add(Label(start, text_start, None, marking), end, outer.join(self.title))

    def _pieces(self, start: int, end: int) -> list[Span]:
        """Return the pieces between blank lines; one that continues a sentence belongs to the piece before."""
        pieces: list[Span] = []
        for first, last in between_blank_lines(self.text, start, end):
            if pieces and self._goes_on(pieces[-1], first):
                pieces[-1] = (pieces[-1][0], last)
            elif not is_caption(self.text[first:last]) and not is_ruler(self.text[first:last]):
                pieces.append((first, last))
                check_paragraphs(len(pieces))
        return pieces

    def _goes_on(self, piece: Span, start: int) -> bool:
        """Return whether what starts at ``start`` goes on with the sentence of the piece before it."""
        before = self.text[piece[1] - 3 : piece[1]]
        if self.text[start].islower():
            return not ends_sentence(before)
        if _closes(before) or is_ruler(self.text[slice(*piece)].rpartition("\n")[2]):
            return False
        mark = leading_marking(self.text, piece[0])
        return mark is not None and Classification.parse(mark[0]) != OPEN and not leading_marking(self.text, start)

    def _trimmed(self, start: int, end: int) -> int:
        """Return the end of a text without trailing white space and rulers."""
        end = start + len(self.text[start:end].rstrip())
        while end > start and self.text[end - 1] in _RULER_ENDS:
            line = self.text.rfind("\n", max(start, end - 200), end) + 1
            if not line or not is_ruler(self.text[line:end]):
                break
            end = line
            while end > start and self.text[end - 1].isspace():
                end -= 1
        return end


def _closes(text: str) -> bool:
    """Return whether a text ends like a sentence that announces nothing."""
    text = text.rstrip()
    if text.endswith(CLOSING_BRACKETS):
        text = _LAST_GROUP.sub("", text[-_LONGEST_GROUP:])
    ended = text.rstrip("\"')]”’* \t\r\n")
    return ended.endswith((".", "?", "!", "…"))


def _least(classifications: Iterable[Classification]) -> Classification:
    """Return the highest classification that all of these cover."""
    return reduce(Classification.meet, classifications)


def _least_after(classifications: list[Classification]) -> list[Classification]:
    """Return for each of these except the last the highest classification that all that follow cover."""
    return [*accumulate(reversed(classifications[1:]), Classification.meet)][::-1]
