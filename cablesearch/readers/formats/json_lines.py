"""JSON lines: an object a cable, as `cablesearch export` writes it and other programs may."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cablesearch.cable import Cable, Provenance
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.formats.html_pages import looks_like_page
from cablesearch.readers.json_cables import from_json, loads
from cablesearch.readers.records import BYTES_OF_CHARACTER, FileText, Format, Record, Rejected

__all__ = ["JSON_LINES", "is_spread", "parse_line"]

_LINE = re.compile(r'^[^\S\n]*\{[^\S\n]*(?:"\w+"[^\S\n]*:|\})', re.MULTILINE)
_SPREAD = re.compile(r"\s*(?:\{[^\S\n]*\n|\[\s*\{)")
_BYTES_OF_VALUE, _BYTES_OF_BRACKET = 60, 200
"""The bytes that a value, and a list or object, takes beside its characters while it becomes documents."""


def parse_line(fields: tuple[str, ...]) -> Cable:
    """Return the cable of a line of JSON, which is the only one of ``fields``.

    Raises:
        UnreadableCable: the line is not JSON, or not that of a cable.
    """
    cable = _parse(fields)
    return replace(cable, provenance=cable.provenance and cable.provenance.or_none())


def _parse(fields: tuple[str, ...]) -> Cable:
    """Return the cable of a line; its place is an empty one where the line says that it is not known."""
    entry = loads(fields[0], _object_of)
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
    """Return whether a file is of JSON lines; other text may stand before them, unless it is that of a page."""
    if "{" not in head or not _LINE.search(head) or is_spread(head):
        return False
    return head.lstrip().startswith("{") or not looks_like_page(head)


def _records(text: FileText) -> Iterator[Record | Rejected]:
    for line in text.lines():
        if isinstance(line, Rejected):
            yield line
        elif line[1] and not line[1].isspace():
            yield text.record(JSON_LINES, (line[1].rstrip("\r"),), line[0])


def _fits(fields: tuple[str, ...], room: int) -> bool:
    line = fields[0]
    size = BYTES_OF_CHARACTER * len(line)
    # Most lines would fit if they were all brackets, which are then not counted.
    if size + _BYTES_OF_BRACKET * len(line) > room:
        size += _BYTES_OF_VALUE * line.count(",") + _BYTES_OF_BRACKET * (line.count("{") + line.count("["))
    return size <= room


def _why_not(head: str) -> str | None:
    if is_spread(head):
        return "JSON, but not one object per line; rewrite it, a list for example with jq -c '.[]'"
    return None


JSON_LINES = Format("jsonl", "lines of JSON", _looks_like_lines, _records, _parse, fits=_fits, why_not=_why_not)
