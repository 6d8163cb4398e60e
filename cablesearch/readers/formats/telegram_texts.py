"""Text files of telegrams: one or several in a file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cablesearch.cable import Cable
from cablesearch.readers.formats.json_lines import is_spread
from cablesearch.readers.records import FileText, Format, Record, Rejected, cut_at
from cablesearch.readers.telegram.opening.patterns import LABEL, LEVEL_OF_BANNER, MARKED_PARAGRAPH
from cablesearch.readers.telegram.scraped_lines import parse_scraped, scraped_lines
from cablesearch.readers.telegram.telegram import parse_telegram

__all__ = ["TELEGRAM_TEXTS", "header_start", "narrowed", "parse_text", "telegram_texts", "why_no_telegram"]

_HEADER = re.compile(
    r"^[^\S\n]{0,20}((?:[ZOPRY] ){1,4}[0-9]{6}Z [A-Z]{3} [0-9]{2})\b[^\n]{0,60}\n(?:[^\S\n]{0,99}\n){0,2}"
    r"[^\S\n]{0,20}(FM [^\n]{1,99})",
    re.MULTILINE,
)
_WIRE_LINE = re.compile(
    r"\s{0,20}(?:VZCZ[A-Z0-9]+|[ZOPRY]{2} R[A-Z ]+|R[A-Z]{4,7}(?: R[A-Z]{4,7})*|DE R.+|ZN[RY] .+)\s*"
)
_MOST_WIRE_LINES = 12
_LONGEST_LINE = 200
_SHOWN = 4000
"""Characters at the beginning of a text that show how it is set."""
_WIDE_GAP = re.compile(r"(?<=[A-Za-z][A-Za-z,.:;])(?:[ \t\xa0]{2,9}|[\t\xa0])(?=[A-Za-z(])")
_NARROW_GAP = re.compile(r"(?<=[A-Za-z][A-Za-z,.:;]) (?=[A-Za-z(])")
_FEWEST_GAPS = 8
_WIDE_HEADER = re.compile(
    r"^[^\S\n]{0,20}(?:FM[ \t\xa0]{2,9}[A-Z]|[ZOPRY]{1,2}[ \t\xa0]{2,9}[0-9]{6}Z|[0-9]{6}Z[ \t\xa0]{2,9}[A-Z]{3}\b)",
    re.MULTILINE,
)
_WIDE_STARTS = ("FM  ", "Z  ", "\t", "\xa0")
"""Signs of which nearly every match of `_WIDE_HEADER` has one: cheaper to look for."""
_GAPS = re.compile(r"(?<=\S)[ \t\xa0]{2,}(?=\S)|(?<=\S)[\t\xa0](?=\S)")
_LABEL = re.compile(rf"^[^\S\n]{{0,20}}{LABEL}", re.MULTILINE | re.IGNORECASE)
_INTRODUCES = re.compile(r"(?::|-{3,}|\bQUOTE|\bTEXT|\bHEADER)[^\S\n]*\Z", re.IGNORECASE)
_MARK = re.compile(
    r"^[^\S\n]{0,20}(?:VZCZ[A-Z0-9]|ZN[RY] [A-Z]{5}|DE R[A-Z]{3,8} ?#|FM [A-Z]{3}|(?:[ZOPRY] ){1,4}[0-9]{6}Z "
    rf"|{LEVEL_OF_BANNER}|SIPDIS|{MARKED_PARAGRAPH})"
    r"|\b(?:TAGS?\b|SUBJ(?:ECT)?:|E\.? ?O\.? ?1[0-9]{3})",
    re.MULTILINE | re.IGNORECASE,
)


def why_no_telegram(start: str) -> str | None:
    """Return why a file with this beginning cannot be a telegram, or None."""
    if not start:
        return "empty file"
    if not start.strip():
        return "empty file: only white space"
    if _MARK.search(start) is None:
        return "not a cable: no header, classification, TAGS, SUBJECT or marked paragraphs found"
    return None


def narrowed(text: str) -> str:
    """Return a text with one blank between words, if most of its words have several, or those of its header have.

    Such texts were taken out of PDFs with their layout kept. Columns of a table in other texts stay.
    """
    start = text[:_SHOWN]
    # Of two blanks, one is in a pair.
    if 4 * (start.count("  ") + start.count("\t") + start.count("\xa0")) > start.count(" "):
        wide = len(_WIDE_GAP.findall(start))
        if wide >= _FEWEST_GAPS and wide > len(_NARROW_GAP.findall(start)):
            return _GAPS.sub(" ", text)
    if any(map(start.__contains__, _WIDE_STARTS)) and _WIDE_HEADER.search(start):
        label = _LABEL.search(text)
        end = label.start() if label else len(start)
        return _GAPS.sub(" ", text[:end]) + text[end:]
    return text


def telegram_texts(text: str) -> list[str]:
    """Split a text into its telegrams, without losing anything.

    A telegram starts with its own header lines: date-time group and FM, and the wire's lines before them. A header
    that repeats the one before it, or that something introduces (``QUOTE``, a colon, a ruler), belongs to the text.
    """
    if text.count("FM ") < 2:
        return [text]
    starts = [0]
    identity = None
    for header in _HEADER.finditer(text):
        following = header[1], header[2].strip()
        start = _first_line(text, header.start())
        if identity is None:
            if _LABEL.search(text, 0, header.start()):
                return [text]
        elif following == identity or not _stands_alone(text, start):
            continue
        else:
            starts.append(start)
        identity = following
    return cut_at(text, starts)


def header_start(text: str, start: int, end: int) -> int:
    """Return where the first header of a telegram between two places starts; ``end`` without one."""
    header = _HEADER.search(text, start, end)
    return max(start, _first_line(text, header.start())) if header else end


def _first_line(text: str, start: int) -> int:
    """Return where the wire's lines before the line of the date-time group start."""
    for _ in range(_MOST_WIRE_LINES):
        line = text.rfind("\n", max(0, start - _LONGEST_LINE), max(0, start - 1)) + 1
        if start == 0 or start - line > _LONGEST_LINE or not _WIRE_LINE.fullmatch(text, line, start):
            break
        start = line
    return start


def _stands_alone(text: str, start: int) -> bool:
    """Return whether a blank line, and nothing that introduces a quotation, stands before a place."""
    before = text[max(0, start - 400) : start]
    stripped = before.rstrip()
    return before.count("\n", len(stripped)) > 1 and not _INTRODUCES.search(stripped)


def _looks_like_telegram(head: str) -> bool:
    return not is_spread(head) and (why_no_telegram(head) is None or why_no_telegram(narrowed(head)) is None)


def _records(text: FileText) -> Iterator[Record | Rejected]:
    return text.records_of_texts(TELEGRAM_TEXTS, lambda whole: telegram_texts(narrowed(whole)))


def parse_text(fields: tuple[str, ...]) -> Cable:
    """Return the cable of a text; an id beside it, such as that in the file's name, is the second of ``fields``.

    Raises:
        UnreadableCable: the text is not one of a cable.
    """
    text, named_id = fields
    lines = scraped_lines(text)
    return parse_scraped(text, lines) if lines else parse_telegram(text, named_id=named_id)


TELEGRAM_TEXTS = Format("telegram", "telegrams", _looks_like_telegram, _records, parse_text, why_not=why_no_telegram)
