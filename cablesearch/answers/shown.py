"""What `show` prints of a cable, whatever the format: which paragraphs, which lines of the header, which matches."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cablesearch import query as language
from cablesearch.cable import Cable, Paragraph, Provenance
from cablesearch.errors import QueryError
from cablesearch.protocols.queries import leaves
from cablesearch.results.citations import full_citation
from cablesearch.results.hits import iso_date
from cablesearch.results.marking import Highlighter, Marker
from cablesearch.results.passages import snippet

__all__ = ["Shown", "header_and_body", "header_rows", "highlighter", "pieces", "raw_bytes", "shown"]


@dataclass(frozen=True, slots=True)
class Shown:
    """The part of a cable that is printed.

    Attributes:
        cable: the visible part of the cable.
        named: the paragraph that was asked for; None: the whole cable.
        paragraphs: the paragraphs to print: all, or the named one with its neighbours.
    """

    cable: Cable
    named: Paragraph | None
    paragraphs: tuple[Paragraph, ...]

    def in_order(self) -> Iterator[tuple[str | None, Paragraph, bool]]:
        """Yield each paragraph, with the heading to print before it, if one begins there, and with whether it has to be
        marked: it is the named one, among its neighbours."""
        section = None
        for paragraph in self.paragraphs:
            heading = paragraph.section if paragraph.section != section else None
            section = paragraph.section
            yield heading or None, paragraph, len(self.paragraphs) > 1 and paragraph == self.named

    @property
    def citation(self) -> str:
        """The line for a footnote."""
        return full_citation(self.cable, self.named)


def shown(cable: Cable, paragraph: Paragraph | None, context: int) -> Shown:
    """Return what to print for a cable, or for a paragraph with ``context`` visible ones before and after it."""
    if paragraph is None:
        return Shown(cable, None, cable.paragraphs)
    place = cable.paragraphs.index(paragraph)
    return Shown(cable, paragraph, cable.paragraphs[max(0, place - context) : place + context + 1])


def highlighter(query: str | None, variants: Iterable[str] = ()) -> Highlighter:
    """Return the highlighter for a query; without a query it highlights nothing.

    Args:
        query: the query.
        variants: words and phrases that are highlighted too, such as the long forms of acronyms in the query.

    Raises:
        QueryError: the query is invalid.
    """
    if not query:
        return Highlighter(())
    found = [*leaves(language.parse(query, by_cable=True))]
    for variant in variants:
        # One that a query cannot have is not looked for either.
        with contextlib.suppress(QueryError):
            found += leaves(language.parse('"' + variant.replace('"', " ") + '"', by_cable=True))
    return Highlighter(found)


def pieces(text: str, marker: Marker) -> Iterator[tuple[str, bool]]:
    """Yield a whole text in pieces, each with whether it is a match."""
    for start, end, spans in marker.parts(text):
        moved = [(first - start, last - start, leaf) for first, last, leaf in spans]
        yield from snippet(text[start:end], moved, 0, end - start).parts


def header_and_body(cable: Cable) -> str:
    """Return header and body as they were read, with a blank line between them if they were read separately."""
    apart = cable.header and cable.body and not cable.header[-1].isspace()
    return cable.header + ("\n\n" if apart else "") + cable.body


def raw_bytes(text: str) -> bytes:
    """Return the bytes that a text was read from; text from JSON may have surrogates that stand for no byte."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def header_rows(cable: Cable) -> dict[str, str]:
    """Return the values of a cable's header that are known, each with its label, and the source."""
    rows = {
        "id": cable.id if cable.id == cable.reference_id else f"{cable.id} ({cable.reference_id})",
        "date": iso_date(cable.date) or "unknown",
        "origin": cable.origin,
        "classification": str(cable.classification),
        "classified by": ", ".join(cable.classified_by.names),
        "declassify on": cable.declassify_on.isoformat() if cable.declassify_on else "",
        "tags": " ".join(tag.name for tag in cable.tags),
        "references": " ".join(cable.references),
        "to": "; ".join(recipient.name for recipient in cable.recipients),
        "info": "; ".join(recipient.name for recipient in cable.info_recipients),
        "names": "; ".join(cable.names),
        "source": _source(cable.provenance),
    }
    return {name: value for name, value in rows.items() if value}


def _source(provenance: Provenance | None) -> str:
    """Return where a cable was read: ``collection, file, row 3``."""
    if provenance is None:
        return ""
    parts = [provenance.collection, provenance.file]
    parts += [f"{name} {count}" for name, count in (("row", provenance.row), ("page", provenance.page)) if count]
    return ", ".join(filter(None, parts))
