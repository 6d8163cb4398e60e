"""The tool read: a cable, or a paragraph of it with those around it, page by page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict, Field

from cablesearch.cable import Cable, Paragraph
from cablesearch.mcp.commits import Commit
from cablesearch.mcp.cursors import Bookmark
from cablesearch.mcp.permalinks import permalink, read_link
from cablesearch.mcp.quoting import cut, label, quoted, shown, titled
from cablesearch.mcp.tools.contract import Answer, Arguments, Cursor, Tool, bookmark, going_on
from cablesearch.results.citations import citation, full_citation
from cablesearch.results.hits import iso_date
from cablesearch.text.wording import plural

__all__ = ["READ", "ReadAnswer", "ReadArguments", "read"]

_MOST_CONTEXT = 20
_LEAST_TEXT, _USUAL_TEXT, _MOST_TEXT = 1_000, 12_000, 50_000
_MOST_LABELS = 60
_LONGEST_ID = 300


class ReadArguments(Arguments):
    """The arguments of read."""

    id: str = Field(
        description="A cable (10BEIJING30), a paragraph by position (10BEIJING30@4, as search returns it) or by "
        "printed number (10BEIJING30 ¶4), or a link (cable://10BEIJING30#4)."
    )
    context: int = Field(
        default=0, ge=0, le=_MOST_CONTEXT, description="With a paragraph: how many paragraphs before and after it, too."
    )
    max_chars: int = Field(
        default=_USUAL_TEXT,
        ge=_LEAST_TEXT,
        le=_MOST_TEXT,
        description="The most characters of quoted text in this answer.",
    )
    cursor: Cursor = ""


class ReadPart(BaseModel):
    """A paragraph, or a part of a long one. All texts are quoted from the archive."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(description="Pass it to read, cite or related.")
    link: str = Field(description="Permalink.")
    citation: str = Field(description="How to cite it, such as 10BEIJING30 ¶4.")
    position: int = Field(description="Its place in the cable, from 1; 0 for the text outside of the paragraphs.")
    number: int | None = Field(default=None, description="Its printed number.")
    marking: str | None = Field(default=None, description="Portion marking as printed.")
    classification: str = Field(description="The classification that applies.")
    section: str | None = Field(default=None, description="Quoted heading above it.")
    text: str = Field(description="Quoted text.")
    part: str | None = Field(default=None, description="Of a long text: which characters these are, of how many.")

    def lines(self) -> Iterator[str]:
        """Yield the part as lines of text."""
        of = f", characters {self.part}" if self.part else ""
        yield quoted(f"{self.citation} ({self.marking or self.classification}) [id: {self.id}]{of}")
        yield from titled(heading=self.section)
        yield quoted(self.text)
        yield ""


class ReadAnswer(Answer):
    """A cable, or a part of it."""

    id: str = Field(description="The id of the cable.")
    link: str = Field(description="Permalink of the cable.")
    date: str | None = Field(default=None, description="Date and time (UTC).")
    origin: str = Field(description="The post that sent it.")
    classification: str = Field(description="Classification of the cable.")
    subject: str | None = Field(default=None, description="Quoted subject.")
    tags: list[str] = Field(description="TAGS.")
    references: list[str] = Field(description="The cables to which it refers.")
    left_out: str | None = Field(default=None, description="How many TAGS or references are left out here.")
    full_citation: str = Field(description="The line for a footnote.")
    total: int = Field(description="The paragraphs of the cable that the reader may see.")
    paragraphs: list[ReadPart] = Field(description="Paragraphs in order; last the text outside of them, if any.")

    def lines(self) -> Iterator[str]:
        """Yield the cable as lines of text."""
        date = self.date or "no date"
        yield quoted(f"{self.id}, {date}, {self.origin}, {self.classification}")
        yield from titled(subject=self.subject)
        if self.tags:
            yield quoted(f"TAGS: {', '.join(self.tags)}")
        yield from titled(references=", ".join(self.references))
        if self.left_out:
            yield f"({self.left_out})"
        yield quoted(f"To cite it: {self.full_citation}")
        yield ""
        for part in self.paragraphs:
            yield from part.lines()


def read(commit: Commit, asked: ReadArguments) -> ReadAnswer:
    """Return a page of a cable, or of a paragraph with those around it.

    Raises:
        UnknownCableError: no visible cable or paragraph has the id.
        CablesearchError: the cursor is not valid, or the cable has changed.
    """
    link = read_link(asked.id)
    cable, named = commit.archive.show(link.reference)
    mark = bookmark("read", asked, without=("max_chars",))
    entries = _entries(cable, named, asked.context)
    digest = _digest(cable)
    mark.check(digest)
    parts, place, within = _page(cable, entries, mark, asked.max_chars)
    cursor = mark.at(place, digest, within=within) if place < len(entries) else None
    tags, references = ([label(value) for value in values] for values in _labels(cable))
    return ReadAnswer(
        notice=_notice(cable, named, parts, cursor),
        next_cursor=cursor,
        id=label(cable.id, _LONGEST_ID),
        link=permalink(cable),
        date=iso_date(cable.date),
        origin=label(cable.origin),
        classification=str(cable.classification),
        subject=label(cable.subject) if cable.subject else None,
        tags=tags[:_MOST_LABELS],
        references=references[:_MOST_LABELS],
        left_out=_left_out(len(tags), len(references)),
        full_citation=label(full_citation(cable, named), 2 * _LONGEST_ID),
        total=len(cable.paragraphs),
        paragraphs=parts,
    )


def _labels(cable: Cable) -> tuple[list[str], Sequence[str]]:
    return [tag.name for tag in cable.tags], cable.references


def _left_out(tags: int, references: int) -> str | None:
    counts = ((tags, "tag"), (references, "reference"))
    said = [f"{plural(count - _MOST_LABELS, f'more {noun}')}" for count, noun in counts if count > _MOST_LABELS]
    advice = "; refs lists all references" if references > _MOST_LABELS else ""
    return " and ".join(said) + advice if said else None


def _entries(cable: Cable, named: Paragraph | None, context: int) -> list[Paragraph | None]:
    """Return the paragraphs to read, in order; None stands for the text outside of them."""
    if named is None:
        return [*cable.paragraphs, *([None] if cable.envelope.strip() else [])]
    place = cable.paragraphs.index(named)
    return list(cable.paragraphs[max(0, place - context) : place + context + 1])


def _digest(cable: Cable) -> str:
    """Return a digest of what a reading of a cable depends on."""
    return hashlib.blake2b(
        repr((cable.id, cable.envelope, [(p.position, p.number, p.text) for p in cable.paragraphs])).encode(
            "utf-8", "surrogatepass"
        ),
        digest_size=16,
    ).hexdigest()


def _page(cable: Cable, entries: list[Paragraph | None], mark: Bookmark, most: int) -> tuple[list[ReadPart], int, int]:
    """Return the parts of a page, and the place of the next one: the entries before it, and the code points."""
    parts: list[ReadPart] = []
    place, within = mark.place, mark.within
    while place < len(entries) and most > 0:
        entry = entries[place]
        text = cable.envelope if entry is None else entry.text
        if within == 0 and parts and len(text) > most:
            break
        stretch, end = cut(text, within, most)
        parts.append(_part(cable, entry, stretch, (within, end, len(text))))
        most -= len(stretch)
        place, within = (place + 1, 0) if end == len(text) else (place, end)
        if within:
            break
    return parts, place, within


def _part(cable: Cable, entry: Paragraph | None, text: str, span: tuple[int, int, int]) -> ReadPart:
    start, end, length = span
    position = entry.position if entry else 0
    is_whole = (start, end) == (0, length)
    return ReadPart(
        id=label(f"{cable.id}@{position}" if entry else cable.id, _LONGEST_ID),
        link=permalink(cable, entry),
        citation=label(citation(cable.id, entry), _LONGEST_ID) + ("" if entry else " (outside of the paragraphs)"),
        position=position,
        number=entry.number if entry else None,
        marking=label(entry.marking) if entry and entry.marking else None,
        classification=str((entry or cable).classification),
        section=label(entry.section) if entry and entry.section else None,
        text=shown(text),
        part=None if is_whole else f"{start + 1:,}-{end:,} of {length:,}",
    )


def _notice(cable: Cable, named: Paragraph | None, parts: list[ReadPart], cursor: str | None) -> str:
    """Return which part of a cable is shown, and how to get the rest."""
    total = plural(len(cable.paragraphs), "paragraph")
    if not parts:
        said = "This cable has no text that can be shown."
    elif named:
        said = f"Showing {plural(len(parts), 'paragraph')} of a cable with {total}."
    elif cursor is None and all(part.part is None for part in parts) and parts[0].position == _first(cable):
        said = f"Showing the whole cable: {total}."
    else:
        said = f"Showing {_which(parts)} of a cable with {total}."
    return said if cursor is None else f"{said} {going_on('read', cursor)}"


def _which(parts: list[ReadPart]) -> str:
    """Return which parts of a cable are shown. Only the last may be the text outside of the paragraphs."""
    positions = [part.position for part in parts if part.position]
    said = []
    if positions:
        first, last = positions[0], positions[-1]
        said.append(f"position {first}" if first == last else f"positions {first} to {last}")
    if not parts[-1].position:
        said.append("the text outside of the paragraphs")
    return " and ".join(said)


def _first(cable: Cable) -> int:
    return cable.paragraphs[0].position if cable.paragraphs else 0


READ = Tool(
    "read",
    "Read a cable",
    "Read a cable or a paragraph by its id, with citations, markings and permalinks. A long cable comes page by page: "
    "the notice says which part of how many is shown, and next_cursor gives the next page. The raw header is left out.",
    ReadArguments,
    ReadAnswer,
    read,
)
