"""What the page of a cable shows."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from cablesearch.answers.shown import highlighter
from cablesearch.archive import Archive
from cablesearch.cable import Cable, Classification
from cablesearch.errors import QueryError
from cablesearch.results.citations import full_citation
from cablesearch.results.marking import Highlighter
from cablesearch.text.terminal import printable
from cablesearch.web.pages.cables.linked import Linked, linked
from cablesearch.web.pages.cables.marked import Marks, Stretch
from cablesearch.web.pages.cables.record import Record, record
from cablesearch.web.pages.links import MOST_PARAGRAPHS

__all__ = ["CablePage", "Matches", "Part", "Reading", "Section", "reading"]

_LONGEST_RAW = 30_000
"""Characters of the longest raw text that is on the page of a cable; others have a page of their own."""
_LOOKED_AT = 20
"""Paragraphs by which a text all in capitals is known."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A paragraph.

    Attributes:
        position: its position in the cable, which names its place on the page.
        pinpoint: the end of its citation: ``¶4``, or ``@4`` for one without a number.
        cited: what a full citation of the paragraph adds to that of the cable: ``, ¶4 (C).``
        marking: its portion marking, as printed.
        classification: what applies.
        heading: the heading before it, if a section begins there.
        stretches: its text.
        matches: how many matches it has.
    """

    position: int
    pinpoint: str
    cited: str
    marking: str | None
    classification: Classification
    heading: Markup | None
    stretches: tuple[Stretch, ...]
    matches: int


@dataclass(frozen=True, slots=True)
class Section:
    """A section: its heading, and the position and pinpoint of its first paragraph."""

    heading: str
    position: int
    pinpoint: str


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a long cable that is on the page.

    Attributes:
        first, last: the pinpoints of its first and last paragraph.
        total: the number of paragraphs of the cable.
        before, after: the position of the first paragraph of the part before it, and after it; 0: there is none.
    """

    first: str
    last: str
    total: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Matches:
    """The matches of a query in the cable.

    Attributes:
        query: the query.
        total: the number of matches, of all parts of the cable.
        earlier: how many of them are before the part that is on the page.
        paragraphs: the paragraphs with matches.
        problem: what is wrong with the query, if it cannot be read.
    """

    query: str
    total: int = 0
    earlier: int = 0
    paragraphs: tuple[Reading, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CablePage:
    """The page of a cable.

    Attributes:
        cable: what the reader may see of the cable.
        subject: the subject with its matches, or None.
        record: what the header says.
        paragraphs: the paragraphs on the page.
        sections: all sections of the cable.
        part: which part of the cable is on the page; None: all of it.
        matches: the matches of the query; None without a query.
        envelope: the text outside of the paragraphs, with its matches; None if the raw text has it and nothing matches.
        envelope_matches: how many matches are in it.
        has_short_raw: whether the raw text is on the page.
        citation: the line for a footnote.
        linked: the cables that belong to it.
    """

    cable: Cable
    subject: Markup | None
    record: Record
    paragraphs: tuple[Reading, ...]
    sections: tuple[Section, ...]
    part: Part | None
    matches: Matches | None
    envelope: Markup | None
    envelope_matches: int
    has_short_raw: bool
    citation: str
    linked: Linked

    @property
    def is_in_capitals(self) -> bool:
        """Whether the text is all in capitals, as telegrams were."""
        texts = [entry.text for entry in self.cable.paragraphs[:_LOOKED_AT]]
        return 2 * sum(map(str.isupper, texts)) > len(texts)


def reading(archive: Archive, reference: str, query: str = "", at: int = 0) -> CablePage:
    """Return the page of a cable.

    Args:
        archive: the archive, as the reader sees it.
        reference: the id of the cable.
        query: the query whose matches are marked.
        at: the position of a paragraph: of a long cable, the part that has it is shown.

    Raises:
        UnknownCableError: no visible cable has this id.
    """
    cable, query = archive.show(reference)[0], query.strip()
    marker, problem = _highlighter(archive, query)
    marks = Marks(marker)
    subject = marks.subject(cable.subject) if cable.subject else None
    in_subject = marks.count
    shown = _part(cable, at)
    paragraphs, sections = _paragraphs(cable, marks, shown)
    earlier = in_subject + sum(entry.matches for entry in paragraphs[: shown.start]) if shown.start else 0
    before_envelope = marks.count
    envelope = marks.envelope(cable.envelope) if cable.envelope else None
    in_envelope = marks.count - before_envelope
    having = tuple(entry for entry in paragraphs if entry.matches)
    return CablePage(
        cable=cable,
        subject=subject,
        record=record(cable),
        paragraphs=tuple(paragraphs[shown.start : shown.stop]),
        sections=tuple(sections),
        part=_of_whole(cable, shown) if len(shown) < len(paragraphs) else None,
        matches=Matches(query, marks.count, earlier, having, problem) if query else None,
        envelope=envelope if in_envelope or not cable.body else None,
        envelope_matches=in_envelope,
        has_short_raw=len(cable.body) <= _LONGEST_RAW,
        citation=full_citation(cable),
        linked=linked(archive, cable),
    )


def _highlighter(archive: Archive, query: str) -> tuple[Highlighter, str]:
    """Return the highlighter for a query, and what is wrong with the query if it cannot be read."""
    try:
        expansions = archive.expansions(query) if query else ()
        variants = [variant.text for expansion in expansions for variant in expansion.variants]
        return highlighter(query, variants), ""
    except QueryError as error:
        return highlighter(None), printable(error.reason)


def _paragraphs(cable: Cable, marks: Marks, shown: range) -> tuple[list[Reading], list[Section]]:
    """Return the paragraphs of a cable, and its sections. Paragraphs that are not shown have no text."""
    made: list[Reading] = []
    sections: list[Section] = []
    section: str | None = None
    beginning = full_citation(cable).removesuffix(".")
    for place, paragraph in enumerate(cable.paragraphs):
        before = marks.count
        heading = None
        if paragraph.section and paragraph.section != section:
            heading = marks.heading(paragraph.section)
            sections.append(Section(paragraph.section, paragraph.position, paragraph.pinpoint))
        section = paragraph.section
        stretches: tuple[Stretch, ...] = ()
        cited = ""
        if place in shown:
            stretches = marks.paragraph(cable, paragraph)
            cited = full_citation(cable, paragraph).removeprefix(beginning)
        else:
            marks.pass_over(cable, paragraph)
        made.append(
            Reading(
                position=paragraph.position,
                pinpoint=paragraph.pinpoint,
                cited=cited,
                marking=paragraph.marking,
                classification=paragraph.classification,
                heading=heading,
                stretches=stretches,
                matches=marks.count - before,
            )
        )
    return made, sections


def _part(cable: Cable, at: int) -> range:
    """Return the places of the paragraphs of the part that has a position."""
    positions = [paragraph.position for paragraph in cable.paragraphs]
    place = next((place for place, position in enumerate(positions) if position >= at), 0)
    first = place - place % MOST_PARAGRAPHS
    return range(first, min(first + MOST_PARAGRAPHS, len(positions)))


def _of_whole(cable: Cable, shown: range) -> Part:
    paragraphs, first, last = cable.paragraphs, shown.start, shown.stop
    return Part(
        first=paragraphs[first].pinpoint,
        last=paragraphs[last - 1].pinpoint,
        total=len(paragraphs),
        before=paragraphs[first - MOST_PARAGRAPHS].position if first else 0,
        after=paragraphs[last].position if last < len(paragraphs) else 0,
    )
