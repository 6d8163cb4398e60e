"""A cable or one of its paragraphs, in each format."""

from __future__ import annotations

import sys

import click

from cablesearch import query as language
from cablesearch.cable import Cable, Paragraph, Provenance
from cablesearch.cli.rendering.layout import bold, highlight, wrapped
from cablesearch.engine.search.execute import leaves
from cablesearch.results.hits import citation, iso_date
from cablesearch.results.marking import Highlighter, Marker
from cablesearch.results.passages import snippet
from cablesearch.text.terminal import json_line, one_line, printable

__all__ = ["print_cable"]

_LABEL_WIDTH = 16


def print_cable(cable: Cable, paragraph: Paragraph | None, query: str | None, output: str) -> None:
    """Print a cable, or one paragraph of it.

    Args:
        cable: the visible part of the cable.
        paragraph: the paragraph to print; None: the whole cable.
        query: what to highlight in text.
        output: the format: ``text``, ``json`` or ``raw``.

    Raises:
        QueryError: the query is invalid.
    """
    if output == "raw":
        _print_raw(cable, paragraph)
    elif output == "json":
        _print_json(cable, paragraph)
    else:
        highlighter = Highlighter(leaves(language.parse(query, by_cable=True)) if query else ())
        _print_text(cable, paragraph, highlighter)


def _print_raw(cable: Cable, paragraph: Paragraph | None) -> None:
    text = cable.body[paragraph.start : paragraph.end] if paragraph else _header_and_body(cable)
    if sys.stdout.isatty():
        click.echo(printable(text), nl=False)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(_bytes(text))


def _header_and_body(cable: Cable) -> str:
    """Return header and body as they were read, with a blank line between them if they were read separately."""
    apart = cable.header and cable.body and not cable.header[-1].isspace()
    return cable.header + ("\n\n" if apart else "") + cable.body


def _bytes(text: str) -> bytes:
    """Return the bytes that a text was read from; text from JSON may have surrogates that stand for no byte."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _print_json(cable: Cable, paragraph: Paragraph | None) -> None:
    from cablesearch.readers.json_cables import to_json

    entry = to_json(cable)
    if paragraph:
        entry["paragraphs"] = [values for values in entry["paragraphs"] if values["position"] == paragraph.position]
    click.echo(json_line({"version": 1, **entry}))


def _print_text(cable: Cable, paragraph: Paragraph | None, highlighter: Highlighter) -> None:
    if not paragraph:
        click.echo(_head(cable, highlighter))
    section = None
    for part in [paragraph] if paragraph else cable.paragraphs:
        if part.section and part.section != section:
            click.echo("\n" + bold(wrapped(_highlighted(part.section, highlighter.heading))))
        section = part.section
        label = f"¶{part.number}" if part.number is not None else f"@{part.position}"
        marking = f" ({one_line(part.marking)})" if part.marking else ""
        click.echo("\n" + wrapped(f"{bold(label)}{marking} {_highlighted(part.text, highlighter.text)}"))
    if paragraph:
        date = iso_date(cable.date) or "no date"
        click.echo("\n" + one_line(f"{citation(cable.id, paragraph)}, {cable.origin}, {date}"))
        return
    if cable.signers:
        click.echo("\n" + one_line(", ".join(cable.signers)))
    if cable.attributes:
        click.echo("\n" + bold("Attributes"))
        for name, value in cable.attributes.items():
            click.echo(wrapped(printable(f"{name}: {value}"), " " * 4))


def _head(cable: Cable, highlighter: Highlighter) -> str:
    """Return the labelled lines of the cable's header that have a value, and its subject."""
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
    indent = " " * _LABEL_WIDTH
    lines = [wrapped(printable(value), indent, f"{label:{_LABEL_WIDTH}}") for label, value in rows.items() if value]
    if cable.subject:
        lines.append("\n" + bold(wrapped(_highlighted(cable.subject, highlighter.subject))))
    return "\n".join(lines)


def _source(provenance: Provenance | None) -> str:
    """Return where a cable was read: ``collection, file, row 3``."""
    if provenance is None:
        return ""
    parts = [provenance.collection, provenance.file]
    parts += [f"{name} {count}" for name, count in (("row", provenance.row), ("page", provenance.page)) if count]
    return ", ".join(filter(None, parts))


def _highlighted(text: str, marker: Marker) -> str:
    """Return a whole text with its matches highlighted."""
    return "".join(
        snippet(
            text[start:end], [(first - start, last - start, leaf) for first, last, leaf in spans], 0, end - start
        ).terminal(highlight())
        for start, end, spans in marker.parts(text)
    )
