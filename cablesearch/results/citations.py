"""Citations: the short reference of a paragraph, and the line that a footnote has."""

from __future__ import annotations

import datetime as dt

from cablesearch.cable import Cable, Paragraph

__all__ = ["citation", "full_citation", "spoken_day"]

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_INNER_QUOTES = str.maketrans({"\u201c": "\u2018", "\u201d": "\u2019", '"': "'"})


def citation(cable: str, paragraph: Paragraph | None) -> str:
    """Return the citation of a paragraph.

    ``10BEIJING30 ¶4`` has the printed number, ``10BEIJING30 @4`` the position of a paragraph without a number. Text
    outside of the paragraphs is cited by the cable's id alone.
    """
    return cable if paragraph is None else f"{cable} {paragraph.pinpoint}"


def full_citation(cable: Cable, paragraph: Paragraph | None = None) -> str:
    """Return the line with which a footnote cites a cable, or a paragraph of it.

    It has the post, the subject, the id, the date, the classification, the collection, and the paragraph with its
    marking; whatever is unknown is left out::

        Embassy Beijing, “CHINA RATIFIES PALERMO PROTOCOL,” cable 10BEIJING30, 8 January 2010, CONFIDENTIAL, ¶4 (C).
    """
    parts = [
        cable.origin,
        _quoted(cable.subject),
        f"cable {cable.id}",
        spoken_day(cable.date),
        str(cable.classification),
    ]
    if cable.provenance and cable.provenance.collection:
        parts.append(cable.provenance.collection)
    if paragraph:
        number = f"unnumbered paragraph {paragraph.position}" if paragraph.number is None else paragraph.pinpoint
        parts.append(number + (f" ({paragraph.marking})" if paragraph.marking else ""))
    line = ""
    for part in filter(None, parts):
        separator = "" if not line else " " if line.endswith("\u201d") else ", "
        line += separator + part
    return line + "."


def _quoted(subject: str | None) -> str:
    """Return a subject in quotes, with the comma after it inside of them, and quotes in it as single ones."""
    text = (subject or "").translate(_INNER_QUOTES).strip().rstrip(".,; ")
    return f"\u201c{text}{'' if text.endswith(('?', '!')) else ','}\u201d" if text else ""


def spoken_day(date: dt.datetime | None) -> str:
    """Return a day as a sentence has it: ``8 January 2010``, or ``no date``."""
    return f"{date.day} {_MONTHS[date.month - 1]} {date.year}" if date else "no date"
