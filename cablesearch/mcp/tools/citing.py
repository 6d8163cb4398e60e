"""The tool cite: the paragraph of a citation, and whether a quotation stands there word for word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from cablesearch.cable import Cable, Paragraph
from cablesearch.mcp.commits import Commit
from cablesearch.mcp.permalinks import permalink, read_link
from cablesearch.mcp.quoting import cut, label, quoted, shown, titled
from cablesearch.mcp.tools.contract import Answer, Arguments, Tool
from cablesearch.results.citations import citation, full_citation
from cablesearch.results.hits import iso_date
from cablesearch.text.quotations import Found, find_quotation

__all__ = ["CITE"]

_LONGEST_QUOTATION = 10_000
_LONGEST_TEXT = 4_000
_BEFORE = 300
"""The code points that are shown before a quotation in a long paragraph."""
_LONGEST_ID = 300
_MOST_LISTED = 20

Verdict = Literal["word for word", "same words", "elsewhere in the cable", "not in the cable"]
_SAID: dict[Verdict, str] = {
    "word for word": "The quotation stands there word for word.",
    "same words": "It has the words of the quotation in their order, but with other capitals, accents, "
    "quotes, hyphens or punctuation: quote it as the archive has it.",
    "elsewhere in the cable": "The quotation does NOT stand there, but elsewhere in the cable.",
    "not in the cable": "The quotation does NOT stand in this cable. Do not use it.",
}


class CiteArguments(Arguments):
    """The arguments of cite."""

    citation: str = Field(
        description="What to check: 10BEIJING30 ¶4, 10BEIJING30@4, 10BEIJING30 or a link (cable://10BEIJING30#4)."
    )
    quotation: str = Field(
        default="",
        max_length=_LONGEST_QUOTATION,
        description="The words to check, as you mean to quote them. Mark what you leave out with an ellipsis.",
    )


class CiteAnswer(Answer):
    """A cited paragraph. All texts are quoted from the archive."""

    id: str = Field(description="Pass it to read or related.")
    link: str = Field(description="Permalink, such as cable://10BEIJING30#4.")
    citation: str = Field(description="The short citation.")
    full_citation: str = Field(description="The line for a footnote.")
    date: str | None = Field(default=None, description="Date and time (UTC) of the cable.")
    classification: str = Field(description="The classification that applies.")
    marking: str | None = Field(default=None, description="Portion marking as printed.")
    subject: str | None = Field(default=None, description="Quoted subject of the cable.")
    verdict: Verdict | None = Field(default=None, description="Whether the quotation stands there, if one was given.")
    found_in: list[str] = Field(default_factory=list, description="The parts of the cable that have the quotation.")
    text: str | None = Field(
        default=None, description="Quoted text of the paragraph, around the quotation if it is long."
    )
    part: str | None = Field(default=None, description="Of a long paragraph: which characters these are, of how many.")

    def lines(self) -> Iterator[str]:
        """Yield the paragraph as lines of text."""
        if self.found_in:
            yield quoted(f"Found in: {', '.join(self.found_in)}")
        yield quoted(f"{self.citation} ({self.marking or self.classification}) [id: {self.id}] {self.link}")
        yield quoted(f"To cite it: {self.full_citation}")
        yield from titled(subject=self.subject)
        if self.text is not None:
            if self.part:
                yield f"(characters {self.part}; read has the rest)"
            yield quoted(self.text)


class _Place(NamedTuple):
    """A part of a cable that has a quotation.

    Attributes:
        name: how it is cited.
        paragraph: the paragraph; None for the subject, a heading or the text outside of the paragraphs.
        found: where the quotation stands in it.
    """

    name: str
    paragraph: Paragraph | None
    found: Found


def _cite(commit: Commit, asked: CiteArguments) -> CiteAnswer:
    cable, named = commit.archive.show(read_link(asked.citation).reference)
    quotation = asked.quotation.strip()
    places = _places(cable, quotation) if quotation else []
    # A printed number may stand at several paragraphs: the one that has the quotation is meant.
    number = named.number if named else None
    same = [paragraph for paragraph in cable.paragraphs if number is not None and paragraph.number == number]
    here = next((place for place in places if named is None or place.paragraph == named), None)
    here = here or next((place for place in places if place.paragraph and place.paragraph in same), None)
    paragraph = here.paragraph if here else named
    verdict = _verdict(here, places) if quotation else None
    text, part = _text(paragraph, here.found if here else None)
    return CiteAnswer(
        notice=" ".join(_notices(named, verdict, same)),
        id=label(f"{cable.id}@{paragraph.position}" if paragraph else cable.id, _LONGEST_ID),
        link=permalink(cable, paragraph),
        citation=label(citation(cable.id, paragraph), _LONGEST_ID),
        full_citation=label(full_citation(cable, paragraph), 2 * _LONGEST_ID),
        date=iso_date(cable.date),
        classification=str((paragraph or cable).classification),
        marking=label(paragraph.marking) if paragraph and paragraph.marking else None,
        subject=label(cable.subject) if cable.subject else None,
        verdict=verdict,
        found_in=[label(place.name, _LONGEST_ID) for place in places[:_MOST_LISTED]],
        text=text,
        part=part,
    )


def _places(cable: Cable, quotation: str) -> list[_Place]:
    """Return the parts of a cable that have a quotation: those word for word, or if there are none, those with its
    words."""
    parts: list[tuple[str, Paragraph | None, str]] = [
        (citation(cable.id, paragraph), paragraph, paragraph.text) for paragraph in cable.paragraphs
    ]
    parts.append((f"{cable.id} (subject)", None, cable.subject or ""))
    headings = dict.fromkeys(paragraph.section for paragraph in cable.paragraphs if paragraph.section)
    parts += [(f"{cable.id} (heading)", None, heading) for heading in headings]
    parts.append((f"{cable.id} (outside of the paragraphs)", None, cable.envelope))
    places = [_Place(name, paragraph, found) for name, paragraph, text in parts if (found := _found(text, quotation))]
    return [place for place in places if place.found.is_exact] or places


def _found(text: str, quotation: str) -> Found | None:
    """Return where a text has a quotation, as the archive has the text or as a model was shown it."""
    plain = find_quotation(text, quotation)
    if plain and plain.is_exact:
        return plain
    as_shown = find_quotation(shown(text), quotation)
    return as_shown if as_shown and as_shown.is_exact else plain or as_shown


def _verdict(here: _Place | None, places: Sequence[_Place]) -> Verdict:
    if here:
        return "word for word" if here.found.is_exact else "same words"
    return "elsewhere in the cable" if places else "not in the cable"


def _text(paragraph: Paragraph | None, where: Found | None) -> tuple[str | None, str | None]:
    """Return the text of a paragraph, and of a long one which part it is."""
    if paragraph is None:
        return None, None
    text, start = paragraph.text, 0
    if len(text) > _LONGEST_TEXT and where and where.end > _LONGEST_TEXT:
        start = text.rfind(" ", 0, max(where.start - _BEFORE, 0)) + 1
    stretch, end = cut(text, start, _LONGEST_TEXT)
    is_whole = (start, end) == (0, len(text))
    return shown(stretch), None if is_whole else f"{start + 1:,}-{end:,} of {len(text):,}"


def _notices(named: Paragraph | None, verdict: Verdict | None, same: Sequence[Paragraph]) -> Iterator[str]:
    yield "The paragraph exists." if named else "The cable exists."
    if verdict:
        yield _SAID[verdict]
    if len(same) > 1:
        positions = ", ".join(f"@{paragraph.position}" for paragraph in same[:_MOST_LISTED])
        yield f"{len(same)} paragraphs of this cable have the printed number {same[0].number}: {positions}."
    if not named and not verdict:
        yield "Name a paragraph of it to get its text."


CITE = Tool(
    "cite",
    "Check a citation",
    "Check a citation before you use it: returns the paragraph that it names, with its permalink and the line for a "
    "footnote, and says whether a quotation stands there word for word. An unknown citation is an error with near ids.",
    CiteArguments,
    CiteAnswer,
    _cite,
)
