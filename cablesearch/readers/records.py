"""What the files hold, before it is made cables: records, and what was refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from cablesearch.cable import Cable
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.formats import cables_csv, html_pages, json_lines
from cablesearch.readers.telegram.telegram import parse_telegram

__all__ = ["Record", "Rejected"]


@dataclass(frozen=True, slots=True)
class Record:
    """A cable as it stands in a file, not yet parsed, so that an unchanged one need not be.

    ``row`` counts the records of the file from 1 (lines for JSON lines), None when the file is one record.
    ``format`` is telegram, csv, html or jsonl. ``fields``: the columns of a CSV row; text and id by the file's name
    (or nothing) of a telegram or page; the line of JSON.
    """

    file: str
    row: int | None
    format: str
    fields: tuple[str, ...]

    def digest(self) -> bytes:
        """16 bytes that are the same for the same record wherever it stands, and differ for different ones."""
        digest = hashlib.blake2b(self.format.encode(), digest_size=16)
        for field in self.fields:
            # surrogatepass, unlike surrogateescape, never makes the same bytes of different texts.
            encoded = field.encode("utf-8", "surrogatepass")
            digest.update(len(encoded).to_bytes(8, "little"))
            digest.update(encoded)
        return digest.digest()

    def parse(self) -> Cable:
        """Make a cable of the record.

        Raises:
            UnreadableCable: it cannot be made one.
        """
        return _PARSERS[self.format](self.fields)

    def raw(self) -> str:
        """The record as text of its format, to be written out and read again."""
        return cables_csv.to_line(self.fields) if self.format == "csv" else self.fields[0]


@dataclass(frozen=True, slots=True)
class Rejected:
    """What was not taken: where it stands, why, and its text (the beginning when it is very long or no text)."""

    file: str
    row: int | None
    reason: str
    raw: str


def _parse_telegram(fields: tuple[str, ...]) -> Cable:
    text, file_id = fields
    try:
        return parse_telegram(text)
    except UnreadableCable:
        if not file_id:
            raise
    return parse_telegram(text, cable_id=file_id)


_PARSERS: dict[str, Callable[[tuple[str, ...]], Cable]] = {
    "csv": cables_csv.parse_row,
    "html": html_pages.parse_page,
    "jsonl": json_lines.parse_line,
    "telegram": _parse_telegram,
}
