"""A cable, and a paragraph, as HTML for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from cablesearch.notebook.elements import escaped, head, level, line, page, rows, scrolled
from cablesearch.text.wording import excerpt, plural
from cablesearch.text.wording import page as places

__all__ = ["cable_html", "paragraph_html"]

_MOST_PARAGRAPHS, _LONGEST_PARAGRAPH = 50, 2_000
"""The most paragraphs of a cable that are shown, and the most code points of each."""
_LONGEST_VALUE = 600
"""The most code points of another text."""


class _Level(Protocol):
    @property
    def name(self) -> str: ...


class _Classification(Protocol):
    @property
    def level(self) -> _Level: ...


class _Paragraph(Protocol):
    """What is shown of a `cablesearch.cable.Paragraph`."""

    @property
    def pinpoint(self) -> str: ...
    @property
    def marking(self) -> str | None: ...
    @property
    def classification(self) -> _Classification: ...
    @property
    def section(self) -> str | None: ...
    @property
    def text(self) -> str: ...


def paragraph_html(paragraph: _Paragraph) -> str:
    """Return a paragraph: number, marking and text."""
    return page(_paragraph(paragraph))


def cable_html(
    name: str, subject: str | None, classification: tuple[str, str], values: dict[str, str], parts: Sequence[_Paragraph]
) -> str:
    """Return a cable: its header, and its paragraphs in a box that scrolls.

    Args:
        name: its id.
        subject: its subject.
        classification: its classification as text, and the name of its level.
        values: other values of its header as text, by their labels.
        parts: its paragraphs.
    """
    label = excerpt(name, _LONGEST_VALUE)
    below = [line(f"<b>{escaped(label)}</b>", "small")] if subject else []
    title = head(excerpt(subject or name, _LONGEST_VALUE), *below)
    header = {"classification": level(excerpt(classification[0], _LONGEST_VALUE), classification[1])}
    header |= {key: escaped(excerpt(value, _LONGEST_VALUE)) for key, value in values.items()}
    shown = "".join(_body(parts[:_MOST_PARAGRAPHS]))
    if len(parts) > _MOST_PARAGRAPHS:
        count = f"Showing {places(0, _MOST_PARAGRAPHS)} of {len(parts):,} paragraphs"
        shown += line(count, "small", "pale")
    return page(title, rows(header), scrolled(shown, f"Paragraphs of {label}") if shown else "")


def _body(parts: Iterable[_Paragraph]) -> Iterable[str]:
    """Yield paragraphs, and the headings above them."""
    section = None
    for paragraph in parts:
        if paragraph.section and paragraph.section != section:
            yield line(escaped(excerpt(paragraph.section, _LONGEST_PARAGRAPH)), "subject")
        section = paragraph.section
        yield _paragraph(paragraph)


def _paragraph(paragraph: _Paragraph) -> str:
    text, more = paragraph.text[:_LONGEST_PARAGRAPH], len(paragraph.text) - _LONGEST_PARAGRAPH
    rest = f" … ({plural(more, 'more character')})" if more > 0 else ""
    label = f"<b>{escaped(paragraph.pinpoint)}</b>"
    if paragraph.marking:
        shown = excerpt(paragraph.marking, _LONGEST_VALUE)
        label += " " + level(f"({shown})", paragraph.classification.level.name)
    return f'<div class="cs-paragraph">{line(label, "small")}{line(escaped(text + rest))}</div>'
