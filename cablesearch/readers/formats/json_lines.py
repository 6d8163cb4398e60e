"""JSON lines: an object a cable, as `cablesearch export` and other programs write it."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cablesearch.cable import Cable, Provenance
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.formats.html_pages import looks_like_page
from cablesearch.readers.given_objects import cable_of_object, is_own, note_of_object
from cablesearch.readers.json_cables import from_json, loads
from cablesearch.readers.records import BYTES_OF_CHARACTER, HEAD, FileText, Format, Record, Rejected

__all__ = ["JSON_LINES", "fields_of", "fits_as_json", "is_spread", "note_of", "parse_line", "parse_record"]

_LINE = re.compile(r'^[^\S\n]*\{[^\S\n]*"[^"\n]{1,200}"[^\S\n]*:[^\n]*', re.MULTILINE)
_SPREAD = re.compile(r'\s*(?:\{(?:\s*"[^\n]*[,{\[])?[^\S\n]*\n\s*"|\[\s*\{\s*")')
_LONGEST_SAMPLE = 1_000_000
_MOST_LINES = 20
"""The lines by which a file is judged."""
_BYTES_OF_VALUE, _BYTES_OF_BRACKET = 60, 200
"""The bytes that a value, and a list or object, takes beside its characters while it becomes documents."""


def fields_of(line: str, paths: Mapping[str, str], key: str = "") -> tuple[str, ...]:
    """Return the fields of a record for an object of JSON: its text; then, if there are any, the name under which it
    stands in another object, and the places of values that the options name."""
    named = tuple(text for pair in paths.items() for text in pair)
    return (line, key, *named) if key or named else (line,)


def note_of(line: str, paths: Mapping[str, str]) -> str | None:
    """Return a note on the names in an object of JSON that are guessed to be fields, or None."""
    if len(line) > _LONGEST_SAMPLE:
        return None
    try:
        entry = loads(line, _object_of)
    except UnreadableCable:
        return None
    return note_of_object(entry, paths) if isinstance(entry, dict) and not is_own(entry) else None


def parse_line(fields: tuple[str, ...]) -> Cable:
    """Return the cable of an object of JSON; ``fields`` come from `fields_of`.

    Raises:
        UnreadableCable: the line is not JSON, or not that of a cable.
    """
    cable = parse_record(fields)
    return replace(cable, provenance=cable.provenance and cable.provenance.or_none())


def parse_record(fields: tuple[str, ...]) -> Cable:
    """Return the cable of a line; its place is an empty one where the line says that it is not known."""
    entry = loads(fields[0], _object_of)
    key, paths = fields[1] if len(fields) > 1 else "", dict(zip(fields[2::2], fields[3::2], strict=True))
    if isinstance(entry, dict) and (paths or not is_own(entry)):
        return cable_of_object(entry, paths, key)
    if key and isinstance(entry, dict):
        entry.setdefault("id", key)
    cable = from_json(entry)
    if "provenance" in entry and cable.provenance is None:
        cable = replace(cable, provenance=Provenance())
    if "given" in entry or entry.get("paragraphs") is None:
        return cable
    # A line that other programs wrote stays as it is when cables are read again.
    return replace(cable, given=tuple(name for name in entry if name not in ("header", "body", "version")))


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON in which no name comes twice, as one value would be lost, which may be a marking."""
    values = dict(pairs)
    if len(values) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise UnreadableCable(f"{repr(twice)[:100]}: this field occurs more than once in an object")
    return values


def is_spread(head: str) -> bool:
    """Return whether a text begins with an object or list of JSON that goes on over several lines."""
    return _SPREAD.match(head) is not None


def _looks_like_lines(head: str) -> bool:
    """Return whether a file is of JSON lines: one is an object, or all of them begin like objects.

    Other text may stand before them, unless it is that of a page.
    """
    if "{" not in head:
        return False
    if not head.lstrip().startswith("{") and looks_like_page(head):
        return False
    lines = itertools.islice(_LINE.finditer(head), _MOST_LINES)
    return any(_is_object(line[0], line.end() == len(head) >= HEAD) for line in lines) or all(
        line.startswith("{") for line in map(str.lstrip, head.split("\n")) if line
    )


def _is_object(line: str, is_cut: bool) -> bool:
    """Return whether a line is an object of JSON, and not of a text with braces; one that is cut off is not judged."""
    try:
        return is_cut or isinstance(loads(line), dict)
    except UnreadableCable:
        return False


def _records(text: FileText) -> Iterator[Record | Rejected]:
    paths = text.options.paths
    is_first = True
    for line in text.lines():
        if isinstance(line, Rejected):
            yield line
        elif line[1] and not line[1].isspace():
            if is_first and (note := note_of(line[1], paths)):
                text.note(note)
            is_first = False
            yield text.record(JSON_LINES, fields_of(line[1].rstrip("\r"), paths), line[0])


def fits_as_json(fields: tuple[str, ...], room: int) -> bool:
    """Return whether an object of JSON can become a cable within ``room`` bytes of memory; an estimate."""
    line = fields[0]
    size = BYTES_OF_CHARACTER * len(line)
    # Most lines would fit if they were all brackets, which are then not counted.
    if size + _BYTES_OF_BRACKET * len(line) > room:
        size += _BYTES_OF_VALUE * line.count(",") + _BYTES_OF_BRACKET * (line.count("{") + line.count("["))
    return size <= room


JSON_LINES = Format("jsonl", "lines of JSON", _looks_like_lines, _records, parse_record, fits=fits_as_json)
