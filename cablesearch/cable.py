"""Cables as plain, frozen data.

Words used here follow the Department of State's own: a *cable* has a *reference id* (10BEIJING30), a
*date-time group* (always Zulu), *TAGS* (Traffic Analysis by Geography and Subject) and numbered paragraphs, each
with a *portion marking* such as ``(C/NF)``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from cablesearch.cable_fields import CABLE, PARAGRAPH, Seen
from cablesearch.cable_parts import Attributes, ClassifiedBy, Provenance, Recipient, ReferenceId, Tag
from cablesearch.classification.classification import OPEN, UNREADABLE, Classification, marking_of
from cablesearch.classification.clearance import FULL, Clearance, clearance_covers, clearance_name, parse_clearance
from cablesearch.classification.covering import covering, covering_lines, covering_title
from cablesearch.classification.levels import Level
from cablesearch.text.terminal import one_line
from cablesearch.text.wording import day, excerpt, plural

__all__ = [
    "FULL",
    "UNREADABLE",
    "Attributes",
    "Cable",
    "Classification",
    "ClassifiedBy",
    "Clearance",
    "Level",
    "Paragraph",
    "Provenance",
    "Recipient",
    "ReferenceId",
    "Tag",
    "clearance_covers",
    "clearance_name",
    "collapsed",
    "parse_clearance",
]


_LONGEST_SHOWN = 60
"""The most code points of a text in a ``repr``."""


@dataclass(frozen=True, slots=True, repr=False)
class Paragraph:
    """A paragraph: the unit that is searched, numbered, classified and quoted.

    ``position`` counts from 1 within the cable; ``number`` is the printed one and may be missing or repeat.
    ``marking`` is the portion marking as printed without brackets (``C/NF``), ``classification`` the one that
    applies. ``section`` is the heading it stands under. ``text`` has white space collapsed, wrapped lines and page
    breaks rejoined. ``start`` and ``end`` are its place in the cable's raw body, in code points, label included
    (0 and 0 when there is no body).
    """

    position: int
    number: int | None
    marking: str | None
    classification: Classification
    section: str | None
    text: str
    start: int = 0
    end: int = 0

    @property
    def pinpoint(self) -> str:
        """The end of its citation: ``¶4`` by its printed number, without one ``@4`` by its position."""
        return f"¶{self.number}" if self.number is not None else f"@{self.position}"

    def _marked_pinpoint(self) -> str:
        """Return the pinpoint and the marking: ``¶4 (SBU)``."""
        return self.pinpoint + (f" ({excerpt(self.marking, _LONGEST_SHOWN)})" if self.marking else "")

    def __repr__(self) -> str:
        return f"<Paragraph {one_line(self._marked_pinpoint())}: {excerpt(self.text, _LONGEST_SHOWN)!r}>"

    def _repr_html_(self) -> str:
        from cablesearch.notebook.cables import paragraph_html

        return paragraph_html(self)


_OTHER_SPACES = "\t\v\f\r\x1c\x1d\x1e\x1f"


def collapsed(text: str, *, is_printable: bool = False) -> str:
    """Return a text without white space at its ends and with one blank for each stretch of it, as `Paragraph.text` is.

    ``is_printable``: it is known that, but for line breaks, all of it is.
    """
    plain = text.replace("\n", " ")
    # Other white space is not printable, and that of ASCII is found faster.
    if not is_printable and (
        any(map(plain.__contains__, _OTHER_SPACES)) if plain.isascii() else not plain.isprintable()
    ):
        return " ".join(text.split())
    while "  " in plain:
        plain = plain.replace("  ", " ")
    return plain.strip(" ")


@dataclass(frozen=True, slots=True, repr=False)
class Cable:
    """A cable as read.

    ``id`` is the id as written (identity), ``reference_id`` its canonical form. ``date`` is in UTC, with its time zone,
    to the minute. ``classification_text`` is the classification as the source gives it. ``subject_marking`` is the
    subject's own portion marking. ``references`` are canonical ids of other cables. ``eo_line`` is the E.O. line,
    ``declassify_on`` its date. ``precedence`` are the words for the whole message (``PRIORITY``). ``header`` and
    ``body`` are the raw text, undecodable bytes as surrogate escapes. ``envelope`` is the part of the body that is in
    no paragraph, heading or subject: captions, E.O. line, references, classified-by, page breaks, signature.
    ``attributes`` are the values of the source that have no field here, ``names`` the persons whom it marks as such in
    the text. ``provenance`` is where the cable was read.
    ``given`` are the names in JSON of the values that came beside header and body, and so cannot be read from them
    again; None where an older program did not record them.
    """

    id: str
    reference_id: str
    date: dt.datetime | None
    origin: str
    classification: Classification
    classification_text: str
    tags: tuple[Tag, ...] = ()
    subject: str | None = None
    subject_marking: str | None = None
    references: tuple[str, ...] = ()
    eo_line: str | None = None
    declassify_on: dt.date | None = None
    classified_by: ClassifiedBy = field(default_factory=ClassifiedBy)
    recipients: tuple[Recipient, ...] = ()
    info_recipients: tuple[Recipient, ...] = ()
    precedence: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    paragraphs: tuple[Paragraph, ...] = ()
    header: str = ""
    body: str = ""
    envelope: str = ""
    attributes: Attributes = field(default_factory=Attributes)
    names: tuple[str, ...] = ()
    given: tuple[str, ...] | None = None
    provenance: Provenance | None = None

    def __repr__(self) -> str:
        said = one_line(", ".join(excerpt(detail, _LONGEST_SHOWN) for detail in (self.id, *self._details())))
        subject = f": {excerpt(self.subject, _LONGEST_SHOWN)!r}" if self.subject else ""
        return f"<Cable {said}{subject}>"

    def _details(self) -> tuple[str, str, str, str]:
        return str(self.classification), day(self.date), self.origin, plural(len(self.paragraphs), "paragraph")

    def _repr_html_(self) -> str:
        from cablesearch.notebook.cables import cable_html

        values = {
            "date": day(self.date),
            "origin": self.origin,
            "TAGS": " ".join(tag.name for tag in self.tags),
            "references": " ".join(self.references),
            "to": "; ".join(recipient.name for recipient in self.recipients),
            "info": "; ".join(recipient.name for recipient in self.info_recipients),
        }
        classification = str(self.classification), self.classification.level.name
        return cable_html(self.id, self.subject, classification, values, self.paragraphs)

    @property
    def subject_classification(self) -> Classification:
        """The subject's classification: its own marking, else the cable's, joined with the markings inside it. A
        marking that cannot be read hides it."""
        own = Classification.parse(self.subject_marking)
        if own is None:
            beside = marking_of(self.subject_marking or "")
            is_unreadable = beside is None and any(map(str.isalnum, self.subject_marking or ""))
            own = UNREADABLE if is_unreadable else self.classification.join(beside or OPEN)
        return covering_title(own, self.subject) if self.subject else own

    @property
    def whole_classification(self) -> Classification:
        """The classification of what the cable says as a whole, its subject included, joined with the markings in
        header, envelope, references, names and whatever else is visible with the whole.
        """
        said = "\n".join(CABLE.said(self, Seen.WHOLE))
        return covering_lines(self.classification.join(self.subject_classification), said)

    def covered(self, classification: Classification) -> Cable:
        """Return the cable with ``classification`` joined to its own and to that of each paragraph."""
        shown = tuple(
            replace(paragraph, classification=paragraph.classification.join(classification))
            for paragraph in self.paragraphs
        )
        return replace(self, classification=self.classification.join(classification), paragraphs=shown)

    def with_given(self, **values: Any) -> Cable:
        """Return the cable with the values of fields that came beside its text, which are then among those that are
        ``given``: reading the text again does not change them."""
        given = dict.fromkeys((*(self.given or ()), *values))
        return replace(self, given=tuple(given), **values)

    def raised_beside(self, classification: Classification) -> Cable:
        """Return the cable, covered by a classification that came beside its text.

        The text of the classification does not include it, so level and controls are then among those that are
        ``given``.
        """
        given = dict.fromkeys((*(self.given or ()), "level", "controls"))
        return replace(self.covered(classification), given=tuple(given))

    def heeding(self) -> Cable:
        """Return the cable, raised throughout to the markings in its origin and TAGS, as these are visible with any
        part of it."""
        marked = OPEN
        for text in (self.origin, *[tag.name for tag in self.tags]):
            marked = covering_title(marked, text)
        return self if marked == OPEN else self.covered(marked)

    def view(self, clearance: Clearance | None) -> Cable | None:
        """Return the part of this cable that is visible with ``clearance`` (None: everything), or None if nothing is.

        The one definition of visibility. A paragraph is visible by its classification, the subject by its own marking,
        else as the cable; the whole is visible with the cable and its subject, and the body when, besides, no paragraph
        and no marked part of it is hidden. `cablesearch.cable_fields` says with which of these each field is visible;
        one that it does not name is hidden. If a cable has paragraphs, nothing of it is visible unless one of them is.
        """
        if clearance is None:
            return self
        shown = tuple(paragraph for paragraph in self.paragraphs if clearance.sees(paragraph.classification))
        has_whole = clearance.sees(self.whole_classification)
        if not shown and (self.paragraphs or not has_whole):
            return None
        seen = Seen.ALWAYS
        if clearance.sees(self.subject_classification):
            seen |= Seen.SUBJECT
        if has_whole:
            seen |= Seen.WHOLE
            if len(shown) == len(self.paragraphs) and clearance.sees(covering(self.classification, self.body)):
                seen |= Seen.BODY
        return CABLE.copy(self, seen, paragraphs=tuple(PARAGRAPH.copy(paragraph, seen) for paragraph in shown))
