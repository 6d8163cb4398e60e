"""The envelope of a body: the text outside its paragraphs, headings and subject.

That is captions, E.O. line, TAGS, references, classified-by, page breaks, signature.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cablesearch.readers.telegram.body.headings import is_ruler
from cablesearch.readers.telegram.body.layout import Layout
from cablesearch.readers.telegram.page_breaks import Span
from cablesearch.text.analysis import split

__all__ = ["envelope"]


def envelope(layout: Layout, subject: Span | None = None) -> str:
    """Return the text that is in no paragraph or heading nor in the span of the subject, in order, line by line.

    A word that is partly outside is included whole, so that no word of the body is lost.
    """
    body = layout.body
    taken = [(block.label.start, block.end) for block in layout.blocks]
    taken += [(heading.start, heading.end) for heading in layout.headings]
    if subject:
        taken.append(subject)
    lines: list[str] = []
    for start, end in _gaps(len(body), _without(sorted(taken), layout.breaks)):
        if body[start:end].isspace():
            continue
        first, last = _whole_words(body, start, end)
        lines += [line.strip() for line in body[first:last].splitlines()]
    return "\n".join(line for line in lines if line and not is_ruler(line))


def _without(spans: Iterable[Span], holes: tuple[Span, ...]) -> list[Span]:
    """Cut the holes out of spans; both are in order."""
    if not holes:
        return list(spans)
    result = []
    at = 0
    for start, end in spans:
        done = start
        while at < len(holes) and holes[at][1] <= start:
            at += 1
        inside = at
        while inside < len(holes) and holes[inside][0] < end:
            result.append((done, holes[inside][0]))
            done = holes[inside][1]
            inside += 1
        result.append((done, end))
    return [(start, end) for start, end in result if start < end]


def _gaps(length: int, spans: list[Span]) -> Iterator[Span]:
    """Yield the gaps that the spans leave in a text of this length."""
    done = 0
    for start, end in spans:
        if done < start:
            yield done, start
        done = max(done, end)
    if done < length:
        yield done, length


def _whole_words(text: str, start: int, end: int) -> Span:
    """Widen a span at each end that cuts a word, to the next white space."""
    first, last = _unbroken(text, start), _unbroken(text, end)
    return (first[0] if first else start), (last[1] if last else end)


def _unbroken(text: str, place: int) -> Span | None:
    """Return the stretch without white space around a place inside a word, such as ``don't``; None when there is no
    word."""
    if not 0 < place < len(text) or text[place - 1].isspace() or text[place].isspace():
        return None
    start, end = place - 1, place + 1
    while start and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    apart = split(text[start:place], True)[0] + split(text[place:end], True)[0]
    return (start, end) if apart != split(text[start:end], True)[0] else None
