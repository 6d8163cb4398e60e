"""The results of a search as a CSV table."""

from __future__ import annotations

import csv
import io

from cablesearch.results.hits import Results
from cablesearch.text.terminal import printable

__all__ = ["csv_table"]

_COLUMNS = ("cable", "paragraph", "position", "citation", "score", "date", "origin", "classification", "controls")
_MORE_COLUMNS = ("marking", "cable_classification", "tags", "subject", "section", "snippet", "text")


def csv_table(results: Results) -> str:
    """Return the hits as CSV with a header: the fields of JSON, tags and controls joined by ``|``."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, [*_COLUMNS, *_MORE_COLUMNS], lineterminator="\n")
    writer.writeheader()
    for hit in results:
        row = hit.to_json()
        row |= {"tags": "|".join(hit.tags), "controls": "|".join(hit.classification.controls)}
        row |= {"snippet": hit.snippet.plain()}
        writer.writerow({name: _cell(value) if isinstance(value, str) else value for name, value in row.items()})
    return buffer.getvalue()


def _cell(text: str) -> str:
    """Return text that neither commands a terminal nor is a formula in a spreadsheet, which would take text that
    begins with such a character for one unless an apostrophe precedes it."""
    return ("'" if text.lstrip().startswith(tuple("=+-@＝＋－＠")) else "") + printable(text)
