"""The body of a cable, taken apart: opening, headings, paragraphs, closing.

What stands in none of its paragraphs, headings or subject is its *envelope*: captions, E.O. line, TAGS, references,
classified-by, page breaks, signature.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise

from cablesearch.analysis import split
from cablesearch.cable import UNREADABLE, Classification, Paragraph
from cablesearch.readers.errors import check_paragraphs
from cablesearch.readers.headings import Heading, ends_sentence, heading_before, is_ruler
from cablesearch.readers.labels import Label, covering, leading_marking, paragraph_labels, read_marking
from cablesearch.readers.page_breaks import Span, blank_out, is_caption, page_breaks
from cablesearch.readers.signature import closing_start, find_signature

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
_RULER_ENDS = frozenset("-=_~#‐‑‒–—―")
_OTHER_SPACES = "".join(char for char in map(chr, range(0x3001)) if char.isspace() and char not in " \n")
_ASCII_SPACES = "".join(filter(str.isascii, _OTHER_SPACES))


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph's place: its label, the end of its text, and the heading that it stands under."""

    label: Label
    end: int
    section: str | None


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of a body are.

    ``text`` is the body with its page breaks blanked out, place for place. ``opening`` is everything before the
    first numbered paragraph, as it came.
    """

    body: str
    text: str
    breaks: tuple[Span, ...]
    blocks: tuple[Block, ...]
    headings: tuple[Heading, ...]
    opening: str
    signers: tuple[str, ...]


def lay_out(body: str) -> Layout:
    """Find the parts of a body. Any text will do; a body without numbers is split at its blank lines.

    Raises:
        UnreadableCable: there are too many parts for a cable.
    """
    breaks = page_breaks(body)
    text = blank_out(body, breaks)
    signature = find_signature(text)
    end = signature.start if signature else closing_start(text)
    labels = paragraph_labels(text)
    if labels and labels[-1].text_start > end:
        signature, end = None, len(text)
    builder = _Builder(text, end)
    if labels:
        builder.before_numbers(labels[0].start)
        builder.numbered(labels)
    else:
        builder.without_numbers()
    return Layout(
        body=body,
        text=text,
        breaks=tuple(breaks),
        blocks=tuple(builder.blocks),
        headings=tuple(builder.headings),
        opening=body[: _opening_end(text, labels, builder.blocks)],
        signers=signature.names if signature else (),
    )


def paragraphs(layout: Layout, classification: Classification = UNREADABLE) -> tuple[Paragraph, ...]:
    """Return the paragraphs of a body; those without a readable marking get the cable's classification, and those with
    parts that are marked higher, or with such a heading, get one that covers these.
    """
    result = []
    known: dict[str | None, Classification] = {None: classification}
    plain = _has_plain_spaces(layout.text)
    for position, block in enumerate(layout.blocks, 1):
        label = block.label
        if label.marking not in known:
            known[label.marking] = read_marking(label.marking or "") or classification
        raw = layout.text[label.text_start : block.end]
        result.append(
            Paragraph(
                position,
                label.number,
                label.marking,
                covering(known[label.marking], raw, block.section or ""),
                block.section,
                _collapsed(raw, plain),
                label.start,
                block.end,
            )
        )
    return tuple(result)


def _has_plain_spaces(text: str) -> bool:
    """Whether the only white space is blanks and line feeds."""
    spaces = _ASCII_SPACES if text.isascii() else _OTHER_SPACES
    return not any(map(text.__contains__, spaces))


def _collapsed(text: str, plain: bool) -> str:
    """Collapse white space; ``plain`` says that there is none but blanks and line feeds, which goes faster."""
    if plain:
        text = text.replace("\n", " ").strip(" ")
        if "  " not in text:
            return text
    return " ".join(text.split())


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


class _Builder:
    """Collects the blocks and headings of a body from front to back."""

    def __init__(self, text: str, end: int) -> None:
        self.text = text
        self.end = end
        self.blocks: list[Block] = []
        self.headings: list[Heading] = []
        self.section: str | None = None
        self.pending: Heading | None = None

    def before_numbers(self, end: int) -> None:
        """Add what of the opening is text: a heading over the first number, paragraphs that have none."""
        label_start, label_end = _last_opening_label(self.text, end)
        heading = heading_before(self.text, label_start, end, opening=True)
        prose_end = heading.start if heading else end
        if label_end < prose_end:
            for start, stop in self._pieces(label_end, prose_end):
                if _is_prose(self.text[start:stop]):
                    self._add_piece(start, stop)
        self._under(heading)

    def numbered(self, labels: list[Label]) -> None:
        """Add the paragraphs of these labels, and the headings between them."""
        for label, following in pairwise(labels):
            end, heading = following.start, heading_before(self.text, label.text_start, following.start)
            if heading:
                end = heading.start
                upper = heading_before(self.text, label.text_start, end)
                if upper and upper.ruled:
                    end = upper.start
            self._add(label, end)
            self._under(heading)
        self._add(labels[-1], self.end)

    def without_numbers(self) -> None:
        """Add the pieces between blank lines after the opening."""
        _, start = _last_opening_label(self.text, min(self.end, _LABELS_WITHOUT_NUMBERS))
        for first, last in self._pieces(start, self.end):
            if not _BANNER.fullmatch(self.text[first : min(last, first + 200)].rstrip()):
                self._add_piece(first, last)

    def _add(self, label: Label, end: int) -> None:
        if self.pending:
            self.headings.append(self.pending)
            self.section, self.pending = self.pending.text, None
        self.blocks.append(Block(label, self._trimmed(label.text_start, end), self.section))

    def _under(self, heading: Heading | None) -> None:
        self.pending = heading or self.pending

    def _add_piece(self, start: int, end: int) -> None:
        """Add a piece that stands between blank lines: a heading or a paragraph."""
        heading = heading_before(self.text, start, end, opening=True)
        if heading and heading.start == start:
            self._under(heading)
            return
        marking, text_start = leading_marking(self.text, start) or (None, start)
        self._add(Label(start, text_start, None, marking), end)

    def _pieces(self, start: int, end: int) -> list[Span]:
        """What stands between blank lines; a piece that goes on with a sentence belongs to the one before."""
        pieces: list[Span] = []
        for first, last in _between_blank_lines(self.text, start, end):
            if (
                pieces
                and self.text[first].islower()
                and not ends_sentence(self.text[pieces[-1][1] - 3 : pieces[-1][1]])
            ):
                pieces[-1] = (pieces[-1][0], last)
            elif not is_caption(self.text[first:last]) and not is_ruler(self.text[first:last]):
                pieces.append((first, last))
                check_paragraphs(len(pieces))
        return pieces

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
