"""Limits of a cable: far above any real one, and low enough that nothing multiplies.

Parts of a cable that are repeated are bounded: subject, headings and controls are indexed with every paragraph, TAGS
and origin shown with every hit."""

from __future__ import annotations

from collections.abc import Sequence

from cablesearch.cable import Cable, Classification, Paragraph
from cablesearch.readers.errors import UnreadableCable, check_paragraphs
from cablesearch.text.caching import compiled_lazily

__all__ = ["check_controls", "check_header", "check_json", "check_places", "check_size"]

MOST_BRACKETS = 500_000
"""Lists and objects in a line of JSON; in memory each is many times as large as its brackets."""
MOST_COMMAS = 2_000_000
"""Commas between values in a line of JSON; each value may be ten times as large as it is written."""
MOST_OF_HEADER = 200_000
"""Characters of a header: each of its lines may be an addressee, which takes a kilobyte."""
MOST_CONTROLS = 20
"""Controls of a classification: of the cable, or of one of its paragraphs."""
MOST_OF_CABLE = 20_000
"""Characters of what is shown with every hit of a cable: origin, classification, controls, TAGS and subject. The real
cables that we know have up to 800."""
MOST_OF_PARAGRAPH = 20_000
"""Characters of a paragraph's marking, heading and controls; real ones have up to 140."""
REPEATED, REPEATED_ALWAYS = 10, 100_000
"""How long subject, headings and controls may be when repeated for every paragraph: a multiple of the text, and a
number of characters that is always allowed. Real cables have at most three times the text, and 60,000 characters."""

_TEXT = compiled_lazily(r'"[^"]*(?:"|$)')


def check_json(line: str) -> None:
    """Reject a line of JSON that would become too many values, before it is read.

    Raises:
        UnreadableCable: it has too many lists and objects, or commas. Those in texts do not count.
    """
    if len(line) <= MOST_BRACKETS or (_brackets(line) <= MOST_BRACKETS and line.count(",") <= MOST_COMMAS):
        return
    outside = _TEXT().sub("", line.replace("\\\\", "").replace('\\"', ""))
    if _brackets(outside) > MOST_BRACKETS:
        raise UnreadableCable(f"not a cable: more than {MOST_BRACKETS:,} lists and objects in its JSON")
    if outside.count(",") > MOST_COMMAS:
        raise UnreadableCable(f"not a cable: more than {MOST_COMMAS:,} values in its JSON")


def _brackets(line: str) -> int:
    return line.count("{") + line.count("[")


def check_header(header: str) -> None:
    """Reject a header that is too long.

    Raises:
        UnreadableCable: it is.
    """
    if len(header) > MOST_OF_HEADER:
        raise UnreadableCable(f"the header has more than {MOST_OF_HEADER:,} characters")


def check_controls(classification: Classification) -> None:
    """Reject a classification with too many controls; they are repeated for every paragraph without its own.

    Raises:
        UnreadableCable: it has.
    """
    if len(classification.controls) > MOST_CONTROLS:
        raise UnreadableCable(f"the classification has more than {MOST_CONTROLS} controls")


def check_size(cable: Cable) -> None:
    """Reject a cable whose parts are too many or too long.

    Raises:
        UnreadableCable: they are.
    """
    paragraphs, controls = cable.paragraphs, cable.classification.controls
    check_paragraphs(len(paragraphs))
    subject = len(cable.subject or "")
    shown = subject + len(cable.origin) + len(cable.classification_text) + len(cable.subject_marking or "")
    if controls:
        check_controls(cable.classification)
        shown += _length(controls)
    if cable.tags:
        shown += _length([tag.name for tag in cable.tags])
    if shown > MOST_OF_CABLE:
        raise UnreadableCable(
            f"origin, classification, controls, tags and subject: more than {MOST_OF_CABLE:,} characters together"
        )
    over = [len(paragraph.section or "") + len(paragraph.marking or "") for paragraph in paragraphs]
    for index, paragraph in enumerate(paragraphs):
        if controls := paragraph.classification.controls:
            check_controls(paragraph.classification)
            over[index] += _length(controls)
    if max(over, default=0) > MOST_OF_PARAGRAPH:
        raise UnreadableCable(
            f"a paragraph's marking, section and controls: more than {MOST_OF_PARAGRAPH:,} characters together"
        )
    repeated = subject * len(paragraphs) + sum(over)
    if repeated > REPEATED_ALWAYS and repeated > REPEATED_ALWAYS + REPEATED * _text_length(cable):
        raise UnreadableCable(
            "the subject, sections, markings and controls, repeated for each paragraph, have more than "
            f"{REPEATED} times the characters of the text"
        )


def _length(texts: Sequence[str]) -> int:
    """Return the length of texts joined by one character."""
    return sum(map(len, texts)) + len(texts)


def _text_length(cable: Cable) -> int:
    texts = sum(len(paragraph.text) for paragraph in cable.paragraphs)
    return len(cable.header) + len(cable.body) + len(cable.envelope) + texts


def check_places(paragraphs: tuple[Paragraph, ...], body: str) -> None:
    """Reject paragraphs with impossible places in the body: a place is unknown (0 and 0), or lies behind the one
    before, within the body, and has room for the text.

    Raises:
        UnreadableCable: one cannot be.
    """
    done, size = 0, len(body)
    for index, paragraph in enumerate(paragraphs):
        start, end = paragraph.start, paragraph.end
        if not start and not end:
            continue
        if not done <= start <= end <= size or len(paragraph.text) > end - start:
            raise UnreadableCable(
                f"paragraphs[{index}].start: {start} to {end} is not its place in the body: places must rise, lie in "
                "the body and have room for the text; leave out start and end where they are unknown"
            )
        done = end
