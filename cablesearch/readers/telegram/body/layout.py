"""The body of a cable, taken apart: opening, headings, paragraphs, closing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cablesearch.cable import UNREADABLE, Classification
from cablesearch.readers.telegram.body.blocks import Block, BlockBuilder
from cablesearch.readers.telegram.body.flow import flowing
from cablesearch.readers.telegram.body.headings import Heading
from cablesearch.readers.telegram.body.labels import Label, paragraph_labels
from cablesearch.readers.telegram.body.signature import Signature, closing_start, find_signature
from cablesearch.readers.telegram.opening.extent import LONGEST_OPENING, WITHOUT_NUMBERS
from cablesearch.readers.telegram.page_breaks import Span, blank_out, page_breaks
from cablesearch.text.lookalikes import legible, odd_characters

__all__ = ["Layout", "lay_out"]

_REACH_OF_SIGNATURE = 1500
_CLASSIFIED = re.compile(r"\s*CLASSIFIED BY\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the parts of a body are.

    ``text`` is the body with its page breaks blanked out, place for place, its sentences going on behind them, and
    ``legible`` what a person reads in it. ``is_printable`` says that all of it but line breaks can be printed.
    ``opening`` is everything before the first numbered paragraph, as it came. ``of_entire_text`` is what the markings
    of the entire text say, and ``has_bare`` whether there may be markings without brackets.
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
    """Find the parts of a body, which may be any text; a body without numbers is split at its blank lines.

    ``breaks``, ``odd``: its page breaks and `cablesearch.text.lookalikes.odd_characters`, where they are known.

    No piece of a paragraph becomes a heading or a part of the closing that more may read than ``classification``, the
    cable's, and the markings allow, unless it surely is one.

    Raises:
        UnreadableCable: there are too many parts for a cable.
    """
    if breaks is None:
        breaks = page_breaks(body)
    plain = flowing(blank_out(body, breaks), breaks) if breaks else body
    if odd is None or breaks:
        odd = odd_characters(plain)
    text = legible(plain, odd)
    signature = _signature(text, plain)
    end = signature.start if signature else closing_start(text)
    labels = paragraph_labels(text)
    builder = BlockBuilder(text, end, classification, labels, breaks)
    if (labels and labels[-1].text_start > end) or (signature and not builder.may_be_signed(labels, signature)):
        signature = None
        builder.unsigned(labels)
    if signature and (again := _earlier_signatures(body, builder, labels, breaks, signature)):
        breaks = sorted([*breaks, *again])
        plain, builder.text = blank_out(plain, again), blank_out(text, again)
    if labels:
        builder.before_numbers(labels)
        builder.numbered(labels)
    else:
        builder.without_numbers()
    return Layout(
        body=body,
        text=plain,
        legible=builder.text,
        breaks=tuple(breaks),
        blocks=tuple(builder.blocks),
        headings=tuple(builder.headings),
        opening=body[: _opening_end(text, labels, builder)],
        signers=signature.names if signature else (),
        is_printable=odd.isprintable(),
        of_entire_text=builder.of_entire_text,
        has_bare=builder.has_bare,
    )


def _signature(text: str, plain: str) -> Signature | None:
    """Return the signature of a legible text, with the names as they were written in the plain one."""
    signature = find_signature(text)
    if signature is None or text is plain:
        return signature
    written = find_signature(plain)
    return written if written and written.start == signature.start else None


def _earlier_signatures(
    body: str, builder: BlockBuilder, labels: list[Label], breaks: list[Span], signature: Signature
) -> list[Span]:
    """Return where the signature stands at the ends of sections too, in front of the header of the next."""
    spans = []
    for start, end in breaks:
        if body.find("\nFM ", start, end) < 0:
            continue
        floor = max(0, start - _REACH_OF_SIGNATURE)
        earlier = find_signature(builder.text[floor:start])
        if earlier and earlier.names == signature.names:
            place = floor + earlier.start
            above = [label for label in labels if label.text_start <= place]
            if builder.may_be_signed(above, Signature(earlier.names, place)):
                spans.append((place, start))
    return spans


def _opening_end(text: str, labels: list[Label], builder: BlockBuilder) -> int:
    """Return the end of the part that the readers of the opening may see."""
    opening, blocks = builder.opening, builder.blocks
    if opening.is_repeated and opening.stretches:
        return min(opening.stretches[0][0], LONGEST_OPENING)
    if not labels:
        first = max(opening.end, blocks[0].label.start if blocks else len(text))
        return min(max(first, WITHOUT_NUMBERS), LONGEST_OPENING)
    end = labels[0].start
    if _CLASSIFIED.match(text, labels[0].text_start):
        end = next(block.end for block in blocks if block.label is labels[0])
    return min(end, LONGEST_OPENING)
