"""The formats that files are read in. A new one is a module here and a line of the list."""

from __future__ import annotations

from cablesearch.readers.formats.aad import AAD
from cablesearch.readers.formats.cables_csv import CABLES_CSV
from cablesearch.readers.formats.front_matter import FRONT_MATTER
from cablesearch.readers.formats.html_pages import HTML_PAGES
from cablesearch.readers.formats.json_lines import JSON_LINES
from cablesearch.readers.formats.json_objects import JSON_OBJECTS
from cablesearch.readers.formats.mail import MAIL
from cablesearch.readers.formats.sql_dumps import SQL_DUMPS
from cablesearch.readers.formats.tables import TABLES
from cablesearch.readers.formats.tei import TEI
from cablesearch.readers.formats.telegram_texts import TELEGRAM_TEXTS
from cablesearch.readers.records import Format

__all__ = ["FORMATS", "format_of", "why_no_format"]

FORMATS: list[Format] = [
    MAIL,
    TEI,
    JSON_OBJECTS,
    JSON_LINES,
    SQL_DUMPS,
    FRONT_MATTER,
    TABLES,
    CABLES_CSV,
    HTML_PAGES,
    AAD,
    TELEGRAM_TEXTS,
]
"""A file is of the first format that it looks like; so the one that may be any text is the last."""


def format_of(head: str) -> Format | None:
    """Return the format of a file whose text begins with ``head``, or None."""
    return next((form for form in FORMATS if form.looks_like(head)), None)


def why_no_format(head: str) -> str:
    """Return why a file whose text begins with ``head`` is of no format."""
    return next(filter(None, (form.why_not(head) for form in FORMATS)), "not a cable")
