"""The results of a search as a CSV table."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from cablesearch.frames.hits import fields_of
from cablesearch.results.hits import Hit
from cablesearch.text.terminal import printable
from cablesearch.text.wording import plural

__all__ = ["COLUMNS", "csv_lines", "table_lines"]

COLUMNS = fields_of((), has_citations=False)
"""The columns: those of a table of pandas."""
_MOST_IN_A_CELL = 32_767
"""The most characters of a cell that Excel keeps."""
_FORMULA = re.compile(r"[\s\u00ad\u200b-\u200d\u2060\ufeff]*[=+\-@＝＋－＠]")
"""The beginning of a formula, perhaps behind characters that are not seen."""


def csv_lines(
    hits: Iterable[Hit], *, excel: bool = False, say: Callable[[str], None] = lambda message: None
) -> Iterator[str]:
    """Yield a header and the hits as CSV: the fields of JSON, tags and controls joined by ``|``.

    Args:
        hits: the hits, each of which is read when its line is asked for.
        excel: write for spreadsheets: a byte order mark, by which they know UTF-8, dates that they can read, and CRLF
            at the end of lines (RFC 4180).
        say: is called at the end with a message if texts are too long for cells of a spreadsheet.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n" if excel else "\n")
    too_long = 0
    writer.writerow(COLUMNS)
    yield ("\ufeff" if excel else "") + _taken(buffer)
    for hit in hits:
        values = hit.to_json() | {
            "tags": "|".join(hit.tags),
            "controls": "|".join(hit.classification.controls),
            "snippet": hit.snippet.plain(),
        }
        if excel and hit.date:
            values["date"] = hit.date.strftime("%Y-%m-%d %H:%M")
        row = [_cell(value) if isinstance(value, str) else value for value in map(values.get, COLUMNS)]
        too_long += excel and any(isinstance(cell, str) and len(cell) > _MOST_IN_A_CELL for cell in row)
        writer.writerow(row)
        yield _taken(buffer)
    if too_long:
        say(f"Too long for a cell of a spreadsheet, which may cut it: text of {plural(too_long, 'result')}")


def table_lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a header and rows as CSV. Text neither commands a terminal nor is a formula in a spreadsheet."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in (columns, *rows):
        writer.writerow([_cell(value) if isinstance(value, str) else value for value in row])
        yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    """Return what a buffer holds, and empty it."""
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text


def _cell(text: str) -> str:
    """Return text that neither commands a terminal nor is a formula in a spreadsheet, which would take text that
    begins with such a character for one unless an apostrophe precedes it."""
    return ("'" if _FORMULA.match(text) else "") + printable(text)
