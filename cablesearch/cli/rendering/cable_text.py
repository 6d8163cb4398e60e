"""A cable as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cablesearch.answers.shown import Shown, header_rows, pieces
from cablesearch.cable import Cable, Paragraph
from cablesearch.cli.display import columns
from cablesearch.cli.rendering.layout import bold, highlight, wrapped
from cablesearch.results.marking import Highlighter, Marker
from cablesearch.results.passages import Snippet
from cablesearch.text.terminal import one_line, printable

__all__ = ["text"]

_LABEL_WIDTH = 16
_INDENT = " " * 4
_LONGEST_RULE = 80


def text(entries: Iterable[Shown], highlighter: Highlighter) -> Iterator[str]:
    """Yield cables as text, with a rule between two of them."""
    for number, entry in enumerate(entries):
        if number:
            rule = "\u2500" * min(columns(), _LONGEST_RULE)
            yield f"\n{rule}\n"
        yield "\n".join(_lines(entry, highlighter)).removeprefix("\n")


def _lines(entry: Shown, highlighter: Highlighter) -> Iterator[str]:
    cable = entry.cable
    if not entry.named:
        yield from _head(cable, highlighter)
    for heading, paragraph, is_marked in entry.in_order():
        if heading:
            yield "\n" + wrapped(_title(heading, highlighter.heading))
        yield "\n" + wrapped(("> " if is_marked else "") + _paragraph(paragraph, highlighter.text))
    if not entry.named:
        yield from _end(cable)
    yield "\n" + wrapped(printable(entry.citation))


def _paragraph(paragraph: Paragraph, marker: Marker) -> str:
    marking = f" ({one_line(paragraph.marking)})" if paragraph.marking else ""
    return f"{bold(paragraph.pinpoint)}{marking} {_highlighted(paragraph.text, marker)}"


def _head(cable: Cable, highlighter: Highlighter) -> Iterator[str]:
    """Yield the labelled lines of the cable's header, and its subject."""
    for name, value in header_rows(cable).items():
        yield wrapped(printable(value), " " * _LABEL_WIDTH, f"{name:{_LABEL_WIDTH}}")
    if cable.subject:
        yield "\n" + wrapped(_title(cable.subject, highlighter.subject))


def _end(cable: Cable) -> Iterator[str]:
    """Yield the signers and the attributes."""
    if cable.signers:
        yield "\n" + one_line(", ".join(cable.signers))
    if cable.attributes:
        yield "\n" + bold("Attributes")
        for name, value in cable.attributes.items():
            yield wrapped(printable(f"{name}: {value}"), _INDENT)


def _highlighted(content: str, marker: Marker) -> str:
    """Return a whole text with its matches highlighted."""
    return Snippet(tuple(pieces(content, marker))).terminal(highlight())


def _title(content: str, marker: Marker) -> str:
    """Return a text in bold with its matches highlighted; the end of one style would end both."""
    style = highlight()
    return "".join(
        style(printable(part)) if matched else bold(printable(part)) for part, matched in pieces(content, marker)
    )
