"""The paragraphs of a body, each with the classification that covers it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import reduce
from itertools import takewhile

from cablesearch.cable import UNREADABLE, Classification, Paragraph, collapsed
from cablesearch.classification.classification import OPEN
from cablesearch.classification.covering import covering, covering_title
from cablesearch.classification.leading import opening_marking
from cablesearch.classification.sections import Region, marked_regions
from cablesearch.readers.errors import check_paragraphs
from cablesearch.readers.telegram.body.headings import words_of_heading
from cablesearch.readers.telegram.body.layout import Layout

__all__ = ["paragraphs"]


def paragraphs(layout: Layout, classification: Classification = UNREADABLE) -> tuple[Paragraph, ...]:
    """Return the paragraphs of a body; those without a readable marking get the cable's classification, joined with a
    marking of the entire text, and those with parts that are marked higher, or with such a heading, get one that covers
    these.

    Raises:
        UnreadableCable: there are too many.
    """
    check_paragraphs(len(layout.blocks))
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
    """Return the classifications of the regions, which are in order, that a span lies in or meets."""
    first = bisect_right(regions, start, key=lambda region: region.end)
    met = takewhile(lambda at: regions[at].start < end, range(first, len(regions)))
    return (regions[at].classification for at in met)
