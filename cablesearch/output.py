"""What the command line prints: results, cables and paragraphs, for people and for programs."""

from __future__ import annotations

import csv
import io
import os
import re
import sys
from collections.abc import Callable

import click

from cablesearch import query as language
from cablesearch.cable import Cable, Paragraph
from cablesearch.engine.search.execute import leaves
from cablesearch.passages import Marker, snippet
from cablesearch.readers.json_cables import to_json
from cablesearch.results import Hit, Results, citation, iso_date
from cablesearch.text.terminal import json_line, one_line, printable

__all__ = ["cable", "results"]

WIDTH = 80
_WORD = re.compile(r"\S+")
_LONGEST_VALUE = 240
_CSV = ("cable", "paragraph", "position", "score", "date", "origin", "classification", "controls", "marking")
_CSV_MORE = ("cable_classification", "tags", "subject", "section", "snippet", "text")
_FACET_LINES = 10


def _style() -> Callable[[str], str] | None:
    """How matches are shown: in colour on a terminal, unless NO_COLOR is set."""
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return None
    return lambda text: click.style(text, fg="yellow", bold=True)


def _mark() -> Callable[[str], str]:
    """How matches are shown where they were asked for: in colour, or between asterisks."""
    return _style() or (lambda text: f"*{text}*")


def _bold(text: str) -> str:
    return click.style(text, bold=True) if _style() else text


def _wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """Text (styled or not) in lines of at most 80 columns; ``first`` replaces the indent of the first line."""
    lines, line, length = [], indent if first is None else first, 0
    for match in _WORD.finditer(text):
        word = match[0]
        size = len(click.unstyle(word)) if "\x1b" in word else len(word)
        if length and len(indent) + length + 1 + size > WIDTH:
            lines.append(line)
            line, length = indent, 0
        line += (" " if length else "") + word
        length += size + bool(length)
    return "\n".join([*lines, line])


def _cut(text: str) -> str:
    """A value as lists show it: a long one ends with an ellipsis (JSON and CSV have it whole)."""
    return text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + "…"


def _marked(text: str, marker: Marker) -> str:
    """A whole text with its matches."""
    return "".join(
        snippet(
            text[start:end], [(first - start, last - start, leaf) for first, last, leaf in spans], 0, end - start
        ).terminal(_mark())
        for start, end, spans in marker.parts(text)
    )


def results(found: Results, output: str, *, by_cable: bool = False) -> None:
    """Print the results of a search in one of the formats of the command line."""
    if output == "json":
        click.echo(json_line(found.to_json()))
    elif output == "jsonl":
        for hit in found:
            click.echo(json_line(hit.to_json()))
    elif output == "ids":
        for name in dict.fromkeys(hit.cable for hit in found):
            click.echo(one_line(name))
    elif output == "csv":
        click.echo(_csv(found), nl=False)
    else:
        _text(found, by_cable)


def _cell(text: str) -> str:
    """Text that neither commands a terminal nor is a formula where people look at tables: those take what begins so for
    one, unless an apostrophe stands before it."""
    return ("'" if text.lstrip().startswith(tuple("=+-@＝＋－＠")) else "") + printable(text)


def _csv(found: Results) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, [*_CSV, *_CSV_MORE], lineterminator="\n")
    writer.writeheader()
    for hit in found:
        row = hit.to_json()
        row |= {"tags": "|".join(hit.tags), "controls": "|".join(hit.classification.controls)}
        row |= {"snippet": hit.snippet.plain()}
        writer.writerow({name: _cell(value) if isinstance(value, str) else value for name, value in row.items()})
    return buffer.getvalue()


def _text(found: Results, by_cable: bool) -> None:
    for number, hit in enumerate(found, found.offset + 1):
        click.echo(_hit_text(number, hit))
    for name, counts in found.facets.items():
        if counts:
            click.echo(_bold(name))
        for value, count in counts[:_FACET_LINES]:
            click.echo(f"  {count:>9,}  {one_line(_cut(value))}")
        if len(counts) > _FACET_LINES:
            click.echo(f"             and {len(counts) - _FACET_LINES:,} more (all with --format json)")
    noun = "cable" if by_cable else "paragraph"
    if found.total:
        shown = f", shown {found.offset + 1:,} to {found.offset + len(found):,}" if len(found) else ""
        click.echo(
            f"{found.total:,} {noun}{'s' * (found.total != 1)} found{shown} ({found.took * 1000:.0f} ms)", err=True
        )
    else:
        _nothing(found, noun)


def _nothing(found: Results, noun: str) -> None:
    click.echo(f"nothing found: no {noun} fulfils the query", err=True)
    if found.suggestion:
        click.echo(f"did you mean: {one_line(found.suggestion)}", err=True)
    if count := found.alternatives.get("any_word"):
        click.echo(f"with OR between the words: {count:,} {noun}{'s' * (count != 1)}", err=True)
    if count := found.alternatives.get("group_cable"):
        click.echo(f"with --group cable, all words anywhere in a cable: {count:,} cable{'s' * (count != 1)}", err=True)


def _hit_text(number: int, hit: Hit) -> str:
    marking = hit.marking or hit.classification.level.title.lower()
    date = hit.date.strftime("%Y-%m-%d") if hit.date else "no date"
    name, marking, origin = (one_line(_cut(value)) for value in (hit.citation, marking, hit.origin))
    lines = [f"{number}. {_bold(name)}  ({marking})  {date}  {origin}"]
    if hit.subject_snippet:
        lines.append(_wrapped(hit.subject_snippet.terminal(_style()), "   "))
    if hit.section:
        lines.append(_wrapped("> " + printable(_cut(hit.section)), "   "))
    lines.append(_wrapped(hit.snippet.terminal(_style()), "     "))
    return "\n".join(lines) + "\n"


def cable(shown: Cable, paragraph: Paragraph | None, query: str | None, output: str) -> None:
    """Print a cable, or one paragraph of it.

    Raises:
        QueryError: the query cannot be read.
    """
    if output == "raw":
        text = shown.body[paragraph.start : paragraph.end] if paragraph else _whole(shown)
        if sys.stdout.isatty():
            click.echo(printable(text), nl=False)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.write(_bytes(text))
        return
    if output == "json":
        entry = to_json(shown)
        if paragraph:
            entry["paragraphs"] = [one for one in entry["paragraphs"] if one["position"] == paragraph.position]
        click.echo(json_line({"version": 1, **entry}))
        return
    found = list(leaves(language.parse(query, by_cable=True))) if query else []
    marks = Marker(found, ("text", "exact"))
    if not paragraph:
        click.echo(_head(shown, Marker(found, ("subject", "subject_exact"))))
    in_heading = Marker(found, ("heading", "heading_exact"))
    section = None
    for one in [paragraph] if paragraph else shown.paragraphs:
        if one.section and one.section != section:
            click.echo("\n" + _bold(_wrapped(_marked(one.section, in_heading))))
        section = one.section
        label = f"¶{one.number}" if one.number is not None else f"@{one.position}"
        marking = f" ({one_line(one.marking)})" if one.marking else ""
        click.echo("\n" + _wrapped(f"{_bold(label)}{marking} {_marked(one.text, marks)}"))
    if paragraph:
        click.echo(
            "\n" + one_line(f"{citation(shown.id, paragraph)}, {shown.origin}, {iso_date(shown.date) or 'no date'}")
        )
    elif shown.signers:
        click.echo("\n" + one_line(", ".join(shown.signers)))


def _whole(shown: Cable) -> str:
    """Header and body as they came; a blank line between them where they came apart."""
    apart = shown.header and shown.body and not shown.header[-1].isspace()
    return shown.header + ("\n\n" if apart else "") + shown.body


def _bytes(text: str) -> bytes:
    """The bytes that a text came from; what came from JSON may hold surrogates that stand for no byte."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _head(shown: Cable, marks: Marker) -> str:
    subject = shown.subject or ""
    marked = _marked(subject, marks)
    rows = [
        ("id", shown.id if shown.id == shown.reference_id else f"{shown.id} ({shown.reference_id})"),
        ("date", iso_date(shown.date) or "unknown"),
        ("origin", shown.origin),
        ("class", str(shown.classification)),
        ("by", ", ".join(shown.classified_by.names)),
        ("until", shown.declassify_on.isoformat() if shown.declassify_on else ""),
        ("tags", " ".join(tag.name for tag in shown.tags)),
        ("refs", " ".join(shown.references)),
        ("to", "; ".join(one.name for one in shown.recipients)),
        ("info", "; ".join(one.name for one in shown.info_recipients)),
    ]
    lines = [_wrapped(printable(value), " " * 8, f"{name:8}") for name, value in rows if value]
    if subject:
        lines.append("\n" + _bold(_wrapped(marked)))
    return "\n".join(lines)
