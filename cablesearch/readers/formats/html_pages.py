"""Web pages with cables: those of the mirrors of Cablegate, and those of PlusD.

The mirrors have a table that describes a cable, and its text in ``<pre>`` blocks.

Early pages have five cells (Reference ID, Created, Released, Classification, Origin), later ones lack Released. The
last block is the body; before it there may be one with the header. On some pages the body is a whole row of the
original dump: date, id, origin, classification, references, header, body with tabs between, and a backslash at each
line's end.

PlusD has the text in the element ``tagged-text``, and what describes it in ``synopsis``, in pairs of ``s_key`` and
``s_val``. Each of these may be the id or the class of an element.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from cablesearch.cable import Cable
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.given_dates import created
from cablesearch.readers.given_values import cable_of, distinct_names, is_blank, sort_values, usual_fields
from cablesearch.readers.records import FileText, Format, Record, Rejected, cut_at
from cablesearch.readers.telegram.opening import addressees
from cablesearch.readers.telegram.opening.subject_line import unmarked
from cablesearch.readers.telegram.telegram import parse_cable

__all__ = ["HTML_PAGES", "looks_like_page", "page_body", "page_header", "parse_page"]

_PAGE_START = re.compile(r"\s*<(?:[a-z][a-z0-9]*[\s/>]|!doctype\b|!--|\?xml\b)", re.IGNORECASE)
_PAGE_TAG = re.compile(r"<(?:html|table|code|pre)[\s>]", re.IGNORECASE)
_CABLE_TABLE = re.compile(r"<table\b[^<>]{0,500}\bclass\s{0,9}=\s{0,9}['\"]?cable['\"\s>]", re.IGNORECASE)
_CELL = re.compile(r"<(t[hd])\b[^<>]*>", re.IGNORECASE)
_TABLE_END = re.compile(r"</table\s*>", re.IGNORECASE)
_CELL_END = re.compile(r"</t[hdr]\s*>|<t[hdr]\b", re.IGNORECASE)
_PRE = re.compile(r"<pre\b[^<>]*>", re.IGNORECASE)
_PRE_END = re.compile(r"</(?:pre|code|body|html)\s*>", re.IGNORECASE)
_TITLE = re.compile(r"<h3\b[^<>]*>\s*Viewing cable\s+([^\s,<]{1,100}),([^<]{0,1000})</h3", re.IGNORECASE)
_PARAGRAPH_ANCHOR = re.compile(
    r"<a\b[^<>]{0,200}\bid\s{0,9}=\s{0,9}['\"]?par[^<>]{0,200}>\s{0,9}(?:¶|&para;|&#182;)?\s{0,9}</a\s{0,9}>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
# Only tags by name: a cable may have an address or a number between angle brackets.
_NAMES = (
    "a|abbr|acronym|address|article|aside|b|bdi|bdo|big|blink|blockquote|body|button|caption|center|cite|code|data|dd"
    "|del|details|dfn|dir|div|dl|dt|em|figcaption|figure|font|footer|form|h[1-6]|header|hr|html|i|img|ins|kbd|label|li"
    "|main|mark|marquee|nav|nobr|ol|p|pre|q|rp|rt|ruby|s|samp|section|small|span|strike|strong|sub|summary|sup|table"
    "|tbody|td|tfoot|th|thead|time|tr|tt|u|ul|var|wbr"
)
_TAG = re.compile(rf"</?(?:{_NAMES})(?:[\s/][^<>]*)?>|<!--[^<>]*-->", re.IGNORECASE)
# Only names with the semicolon: R&D and S&P are not entities.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[A-Za-z][A-Za-z0-9]{1,30};)")
_LINE_END_BACKSLASH = re.compile(r"\\(?=\r?\n|\Z)")
_DUMP_ROW = re.compile(
    r"\s*([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(?::[0-9]{2})?)"
    r"\t([^\t\n]{1,100})\t([^\t\n]{0,200})\t([^\t\n]{0,200})\t([^\t\n]*)\t([^\t]*)\t"
)
_NAMED = (
    r"<([a-z][a-z0-9]{{0,9}})\b[^<>]{{0,500}}\b(?:id|class)\s{{0,9}}=\s{{0,9}}['\"]?(?:[^'\"<>=]{{0,200}}\s)?(?:{})"
    r"(?=['\"\s>])[^<>]*>"
)
"""An element by its id, or by one of its classes."""
_PLUSD_TEXT = [re.compile(_NAMED.format(name), re.IGNORECASE) for name in ("tagged-text", "raw-text", "text-content")]
_SYNOPSIS = re.compile(_NAMED.format("synopsis"), re.IGNORECASE)
_PAIR = re.compile(_NAMED.format("s_key|s_val"), re.IGNORECASE)
_PLUSD_TITLE = re.compile(r"<title\b[^<>]*>\s{0,99}Cable:\s{0,99}([^\s<]{1,100})", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<br\b[^<>]*>(?:[^\S\n]{0,99}\n)?|</(?:p|div|li|tr)\s*>", re.IGNORECASE)
_NEW_PAGE = re.compile(r"(?:<!doctype[^<>]*>\s*)?<html\b", re.IGNORECASE)
_COLUMNS = {
    4: ("reference id", "created", "classification", "origin"),
    5: ("reference id", "created", "released", "classification", "origin"),
}


@dataclass(frozen=True, slots=True)
class _DumpRow:
    created: str
    id: str
    origin: str
    classification: str
    header: str
    body: str


def looks_like_page(start: str) -> bool:
    """Return whether the start of a file is that of a web page."""
    return bool(_PAGE_START.match(start) or _PAGE_TAG.search(start, 0, 4000))


def page_body(page: str) -> str:
    """Return the body's text on a page: the last block, without tags and links; empty if the page has no block."""
    blocks = _blocks(page, _table_start(page))
    return _plain(blocks[-1]) if blocks else ""


def page_header(page: str) -> str:
    """Return the header's text on a page: the block before the body's; empty if the page has only one."""
    blocks = _blocks(page, _table_start(page))
    return _plain(blocks[-2]) if len(blocks) > 1 else ""


def parse_page(fields: tuple[str, ...]) -> Cable:
    """Make a cable of a page, given with the id in the file's name (or an empty text).

    Raises:
        UnreadableCable: the page has no text of a cable, or no id.
    """
    page, file_id = fields
    if _is_plusd(page):
        return _parse_plusd(page, file_id)
    header, body = page_header(page), page_body(page)
    if not body.strip():
        raise UnreadableCable("no text of a cable on this web page (no <pre> block)")
    cells = _cells(page)
    row = _dump_row(body)
    if row:
        header, body = header or row.header, row.body
    title_id, subject = _title(page)
    cable = parse_cable(
        header,
        body,
        cable_id=cells.get("reference id") or (row.id if row else "") or title_id or file_id or None,
        date=_date(header, cells.get("created", ""), row),
        origin=cells.get("origin") or (row.origin if row else "") or None,
        classification=(cells.get("classification") or (row.classification if row else "")).upper() or None,
    )
    if not subject or cable.subject is not None:
        return cable
    shown, marking = unmarked(subject)
    return cable.with_given(subject=shown, subject_marking=marking)


def _date(header: str, shown: str, row: _DumpRow | None) -> dt.datetime | None:
    """Return the date shown on the page, with the minutes of the date-time group.

    Pages show the hour once more, on the 12-hour clock, where the minutes should be.
    """
    sent = created(shown) or (created(row.created) if row else None)
    group = addressees.date_time_group(header)
    if sent is None:
        return group
    if group and group.replace(minute=0) == sent.replace(minute=0):
        return group
    exact = created(row.created) if row else None
    if exact and exact.replace(minute=0) == sent.replace(minute=0):
        return exact
    return sent.replace(minute=0) if sent.minute == (sent.hour % 12 or 12) else sent


def _table_start(page: str) -> int:
    """Return where the last table of a cable starts; 0 if the page has no such table."""
    start = 0
    for table in _CABLE_TABLE.finditer(page):
        start = table.start()
    return start


def _cells(page: str) -> dict[str, str]:
    """Return the cells of the cable's table by their headings."""
    start = _table_start(page)
    table_end = _TABLE_END.search(page, start)
    end = table_end.start() if start and table_end else start
    headings: list[str] = []
    values: list[str] = []
    for cell in _CELL.finditer(page, start, end):
        if "colspan" in cell[0].lower():
            continue  # articles that quote the cable
        cell_end = _CELL_END.search(page, cell.end(), end)
        text = " ".join(_plain(page[cell.end() : cell_end.start() if cell_end else end]).split())
        (headings if cell[1].lower() == "th" else values).append(text)
    names: tuple[str, ...] = tuple(name.lower() for name in headings) or _COLUMNS.get(len(values), ())
    return dict(zip(names, values, strict=False))


def _blocks(page: str, start: int) -> list[str]:
    """Return the contents of the last two preformatted blocks."""
    blocks: list[str] = []
    at = start
    while opening := _PRE.search(page, at):
        ending = _PRE_END.search(page, opening.end())
        at = ending.start() if ending else len(page)
        blocks = [*blocks[-1:], page[opening.end() : at]]
    return blocks


def _title(page: str) -> tuple[str, str]:
    """Return the id and subject in the page's heading, ``Viewing cable ID, SUBJECT``."""
    heading = _TITLE.search(page)
    if not heading:
        return "", ""
    return heading[1], " ".join(_plain(heading[2]).rstrip("\\").split())


def _plain(content: str) -> str:
    """Return the text of a piece of a page: tags, anchors of paragraphs and backslashes at line ends dropped."""
    text = _PARAGRAPH_ANCHOR.sub("", content) if "par" in content else content
    text = _BREAK.sub("\n", text)
    text = _TAG.sub("", text)
    text = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    return _LINE_END_BACKSLASH.sub("", text)


def _dump_row(body: str) -> _DumpRow | None:
    row = _DUMP_ROW.match(body)
    if not row:
        return None
    created_text, name, origin, classification, _, header = row.groups()
    return _DumpRow(created_text, name, origin, classification, header, body[row.end() :])


def _is_plusd(page: str) -> bool:
    return "tagged-text" in page or ("s_key" in page and "s_val" in page)


def _parse_plusd(page: str, file_id: str) -> Cable:
    """Return the cable of a page of PlusD."""
    start, text = _plusd_text(page)
    pairs = _pairs(page[:start]) or _pairs(page)
    names = distinct_names(tuple(name for name, _ in pairs))
    fields = usual_fields(names, tuple(value for _, value in pairs))
    values, attributes = sort_values(names, fields, tuple(value for _, value in pairs))
    title = _PLUSD_TITLE.search(page)
    values.setdefault("id", title[1] if title else file_id)
    values.setdefault("subject", _synopsis_title(page))
    if is_blank(text):
        raise UnreadableCable("no text of a cable on this web page of PlusD")
    return cable_of(values | {"body": text}, attributes)


def _plusd_text(page: str) -> tuple[int, str]:
    """Return where the element of the text of a page of PlusD starts, and the text; empty if it has none."""
    for pattern in _PLUSD_TEXT:
        at = 0
        while opening := pattern.search(page, at):
            at = _end_of_element(page, opening, len(page))
            lines = _LINE_BREAK.sub("\n", page[opening.end() : at])
            text = _plain(lines).replace("\xa0", " ")
            if text.strip():
                return opening.start(), text
    return len(page), ""


def _end_of_element(page: str, opening: re.Match[str], limit: int) -> int:
    """Return where the content of an element ends, which may hold others of its kind; no later than at ``limit``."""
    depth = 1
    for tag in re.compile(rf"<(/?){opening[1]}\b", re.IGNORECASE).finditer(page, opening.end(), limit):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.start()
    return limit


def _pairs(page: str) -> list[tuple[str, str]]:
    """Return the names and values that describe the cable of a page of PlusD."""
    pairs = []
    name = ""
    tags = list(_PAIR.finditer(page))
    for tag, following in zip(tags, [*tags[1:], None], strict=False):
        end = following.start() if following else len(page)
        content = " ".join(_plain(page[tag.end() : _end_of_element(page, tag, end)]).split())
        if "s_key" in tag[0].lower():
            name = content.rstrip(" :")
        elif name:
            pairs.append((name, content))
    return pairs


def _synopsis_title(page: str) -> str:
    """Return the subject over the pairs of a page of PlusD: the first cell, unless it is of a pair."""
    synopsis = _SYNOPSIS.search(page)
    pair = _PAIR.search(page, synopsis.end()) if synopsis else None
    return " ".join(_plain(page[synopsis.end() : pair.start()]).split()) if synopsis and pair else ""


def _pages(text: str) -> list[str]:
    """Split a file of several pages with cables, put together one after another."""
    starts = [page.start() for page in _NEW_PAGE.finditer(text)] if text.lower().count("<html") > 1 else []
    # What stands before the first page is a part of it.
    pages = cut_at(text, [0, *starts[1:]])
    return pages if all(_is_plusd(page) or _PRE.search(page) for page in pages) else [text]


def _records(text: FileText) -> Iterator[Record | Rejected]:
    return text.records_of_texts(HTML_PAGES, _pages)


HTML_PAGES = Format("html", "web pages", looks_like_page, _records, parse_page)
