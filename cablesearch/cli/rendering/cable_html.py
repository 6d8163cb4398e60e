"""A cable as a page of HTML, which needs no other file and runs no script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape

from cablesearch.answers.shown import Shown, header_rows, pieces
from cablesearch.cable import Cable, Paragraph
from cablesearch.results.citations import citation
from cablesearch.results.marking import Highlighter, Marker
from cablesearch.text.terminal import one_line

__all__ = ["html_pages"]

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1.05rem/1.55 Georgia, "Times New Roman", serif; margin: 2rem auto; max-width: 42rem; padding: 0 1rem;
  overflow-wrap: break-word; }
h1 { font-size: 1.45rem; line-height: 1.25; }
h2 { font-size: 1.1rem; margin-top: 2rem; }
dl { display: grid; font: .85rem/1.5 system-ui, sans-serif; gap: .15rem 1rem;
  grid-template-columns: max-content minmax(0, 1fr); }
dt { opacity: .7; }
dd { margin: 0; }
.label { font-weight: bold; text-decoration: none; color: inherit; }
.marking { font: .85em system-ui, sans-serif; }
.named, :target { border-left: .25rem solid; margin-left: -1rem; padding-left: .75rem; }
footer { border-top: 1px solid; font-size: .9rem; margin-top: 2.5rem; padding-top: .5rem; }
article + article { border-top: .25rem double; margin-top: 3rem; padding-top: 1rem; }
mark { background: #ffe066; color: #000; }
@media (max-width: 30rem) { dl { display: block; } dt { margin-top: .4rem; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Even if something of a text could be read as HTML, nothing may be loaded or run."""


def html_pages(entries: Iterable[Shown], highlighter: Highlighter) -> Iterator[str]:
    """Yield one page with all cables, piece by piece. Without a cable there is no page."""
    anchors: set[str] = set()
    is_open = False
    for number, entry in enumerate(entries):
        if not number:
            yield _beginning(_plain(citation(entry.cable.id, entry.named)))
        prefix = f"{_word(entry.cable.id)}-" if number else ""
        yield "\n".join(_article(entry, highlighter, prefix, anchors))
        is_open = True
    if is_open:
        yield "</body>\n</html>"


def _beginning(title: str) -> str:
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            '<meta name="generator" content="cablesearch">',
            f"<title>{title}</title>",
            f"<style>{_STYLE}</style>",
            "</head>",
            "<body>",
        ]
    )


def _article(entry: Shown, highlighter: Highlighter, prefix: str, anchors: set[str]) -> Iterator[str]:
    """Yield the lines of one cable; its anchors begin with ``prefix`` and are added to those of the page."""
    cable = entry.cable
    yield "<article>"
    if entry.named:
        yield f"<h1>{_plain(citation(cable.id, entry.named))}</h1>"
    else:
        yield f"<h1>{_marked(cable.subject, highlighter.subject) if cable.subject else _plain(cable.id)}</h1>"
        yield from _rows(header_rows(cable))
    for heading, paragraph, is_marked in entry.in_order():
        if heading:
            yield f"<h2>{_marked(heading, highlighter.heading)}</h2>"
        anchor = _new(f"{prefix}{_anchor(paragraph)}", anchors)
        yield _paragraph(paragraph, anchor, highlighter.text, is_marked=is_marked)
    if not entry.named:
        yield from _end(cable)
    yield f"<footer>{_plain(entry.citation)}</footer>"
    yield "</article>"


def _paragraph(paragraph: Paragraph, anchor: str, marker: Marker, *, is_marked: bool) -> str:
    begin = f'<p id="{anchor}"' + (' class="named" aria-current="true">' if is_marked else ">")
    name = f'<a class="label" href="#{anchor}">{_plain(paragraph.pinpoint)}</a>'
    marking = f' <span class="marking">({_plain(paragraph.marking)})</span>' if paragraph.marking else ""
    return f"{begin}{name}{marking} {_marked(paragraph.text, marker)}</p>"


def _end(cable: Cable) -> Iterator[str]:
    if cable.signers:
        yield f"<p>{_plain(', '.join(cable.signers))}</p>"
    if cable.attributes:
        yield "<h2>Attributes</h2>"
        yield from _rows(cable.attributes)


def _rows(values: Mapping[str, str]) -> Iterator[str]:
    yield "<dl>"
    yield from (f"<dt>{_plain(name)}</dt><dd>{_plain(value)}</dd>" for name, value in values.items())
    yield "</dl>"


def _anchor(paragraph: Paragraph) -> str:
    """Return the anchor of a paragraph: ``p4`` by its printed number, ``at4`` by its position."""
    return f"p{paragraph.number}" if paragraph.number is not None else f"at{paragraph.position}"


def _new(anchor: str, anchors: set[str]) -> str:
    """Return an anchor that the page does not have yet, and note it. Numbers may repeat in a cable."""
    count, unique = 1, anchor
    while unique in anchors:
        count += 1
        unique = f"{anchor}-{count}"
    anchors.add(unique)
    return unique


def _word(name: str) -> str:
    """Return an id as a part of an anchor."""
    return re.sub(r"[^A-Za-z0-9]+", "-", name) or "cable"


def _plain(text: str) -> str:
    """Return text, escaped, in which nothing can command a browser or turn a line around."""
    return escape(one_line(re.sub(r"\s", " ", text)))


def _marked(text: str, marker: Marker) -> str:
    """Return such text with its matches in ``<mark>``."""
    return "".join(
        f"<mark>{_plain(part)}</mark>" if matched else _plain(part) for part, matched in pieces(text, marker)
    )
