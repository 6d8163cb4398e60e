"""A cable as Markdown (CommonMark, which GitHub and most programs read).

Nothing in the text of a cable is Markdown or HTML: every sign that could be is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cablesearch.answers.shown import Shown, header_rows, pieces
from cablesearch.cable import Cable
from cablesearch.results.citations import citation
from cablesearch.results.marking import Highlighter, Marker
from cablesearch.text.terminal import one_line

__all__ = ["markdown"]

_SIGN = re.compile(r"[\\`*_\[\]{}#|~$^@=+]|:(?=/)|(?<=www)\.", re.IGNORECASE)
"""A sign that Markdown, or one of its dialects, could read as more than itself. As every line begins with something of
ours, those that count only at the beginning of a line do not matter."""
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ENTITY = re.compile("[&<>]")


def markdown(entries: Iterable[Shown], highlighter: Highlighter) -> Iterator[str]:
    """Yield cables as Markdown, with a rule between two of them."""
    for number, entry in enumerate(entries):
        if number:
            yield "\n---\n"
        yield "\n\n".join(_blocks(entry, highlighter))


def _blocks(entry: Shown, highlighter: Highlighter) -> Iterator[str]:
    cable = entry.cable
    if entry.named:
        yield f"# {_plain(citation(cable.id, entry.named))}"
    else:
        yield f"# {_marked(cable.subject, highlighter.subject) if cable.subject else _plain(cable.id)}"
        yield "\n".join(f"- **{name}:** {_plain(value)}" for name, value in header_rows(cable).items())
    for heading, paragraph, is_marked in entry.in_order():
        if heading:
            yield f"## {_marked(heading, highlighter.heading)}"
        marking = f" ({_plain(paragraph.marking)})" if paragraph.marking else ""
        line = f"**{_plain(paragraph.pinpoint)}**{marking} {_marked(paragraph.text, highlighter.text)}"
        yield f"> {line}" if is_marked else line
    if not entry.named:
        yield from _end(cable)
    yield f"*Cite as:* {_plain(entry.citation)}"


def _end(cable: Cable) -> Iterator[str]:
    if cable.signers:
        yield f"*Signed:* {_plain(', '.join(cable.signers))}"
    if cable.attributes:
        yield "## Attributes"
        yield "\n".join(f"- **{_plain(name)}:** {_plain(value)}" for name, value in cable.attributes.items())


def _plain(text: str) -> str:
    """Return text in which nothing is Markdown or HTML, on one line."""
    line = one_line(re.sub(r"\s", " ", text))
    return _ENTITY.sub(lambda match: _ENTITIES[match[0]], _SIGN.sub(r"\\\g<0>", line))


def _marked(text: str, marker: Marker) -> str:
    """Return such text with its matches in bold."""
    given = list(pieces(text, marker))
    befores = ["", *(part[-1:] for part, _ in given)]
    afters = [*(part[:1] for part, _ in given[1:]), ""]
    parts = []
    for (part, matched), before, after in zip(given, befores, afters, strict=False):
        escaped = _plain(part)
        if matched:
            # Stars between a sign and a letter would not count.
            opens = part[0].isalnum() or not before.isalnum()
            closes = part[-1].isalnum() or not after.isalnum()
            escaped = f"**{escaped}**" if opens and closes else f"<strong>{escaped}</strong>"
        parts.append(escaped)
    return "".join(parts).strip()
