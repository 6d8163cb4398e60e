"""Messages of mail taken apart: what they say of themselves, their texts, and their attachments."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32

from cablesearch.readers.given_values import names_marking

__all__ = ["Mail", "Part", "UnreadableMailError", "read_mail"]

MOST_PARTS = 200
"""Parts of a message, those of forwarded ones included: each line is compared with every boundary."""
MOST_DEPTH = 12
LONGEST_FIELD = 2000
"""Characters of a header line that says how a part is written; the library takes quadratic time in it."""
_LONGEST_SHOWN = 1000

_PART_FIELD = re.compile(rb"^Content-[A-Za-z-]{1,40}:[^\n]*(?:\n[ \t][^\n]*)*", re.MULTILINE | re.IGNORECASE)
_BOUNDARY = re.compile(rb"\bboundary\s*\*?", re.IGNORECASE)
_HIDDEN_END = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("head", "style", "script")}
_HIDDEN = re.compile(r"<(head|style|script)\b[^<>]*>", re.IGNORECASE)
_LINE_END = re.compile(r"<(?:br|hr)\b[^<>]*>|</(?:p|div|tr|li|h[1-6]|pre|table|blockquote)\s*>", re.IGNORECASE)
_NOT_TEXT = (b"%PDF-", b"{\\rtf", b"PK\x03\x04")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,2000}>|<!--[^<>]{0,2000}-->")


class UnreadableMailError(Exception):
    """A message cannot be taken apart; the message says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a message: its text, None if it is not text; the name of an attachment, else an empty text."""

    text: str | None
    name: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A message: what its header says, and its parts, of alternative ones the one that is plain text.

    ``classification`` are the values of header lines whose names speak of a classification.
    """

    subject: str
    sender: str
    date: str
    classification: str
    parts: tuple[Part, ...]


def read_mail(text: str) -> Mail:
    """Take a message apart.

    Raises:
        UnreadableMailError: it has too many parts, or its form cannot be understood.
    """
    data = text.replace("\r\n", "\n").encode("utf-8", "surrogateescape")
    fields = [field.end() - field.start() for field in _PART_FIELD.finditer(data)]
    if len(fields) > 4 * MOST_PARTS or sum(1 for _ in _BOUNDARY.finditer(data)) > MOST_PARTS:
        raise UnreadableMailError(f"a mail of more than {MOST_PARTS} parts; save what you need of it as files")
    if max(fields, default=0) > LONGEST_FIELD:
        raise UnreadableMailError(f"a mail with a header line of more than {LONGEST_FIELD} characters")
    try:
        message = message_from_bytes(data, policy=compat32)
        parts = tuple(_parts(message, 0))
        date = _header_value(message, "Date") or _header_value(message, "Sent")
        of_marking = dict.fromkeys(filter(names_marking, message.keys()))
        markings = "; ".join(_header_value(message, name) for name in of_marking)
        return Mail(_header_value(message, "Subject"), _header_value(message, "From"), date, markings, parts)
    except UnreadableMailError:
        raise
    except Exception as error:  # whatever a malformed message makes the library raise
        raise UnreadableMailError(f"a mail whose form cannot be understood ({type(error).__name__})") from None


def _header_value(message: Message, name: str) -> str:
    """Return the value of a header line, decoded."""
    value = str(message.get(name) or "")[:_LONGEST_SHOWN]
    with suppress(LookupError, ValueError, HeaderParseError):
        value = str(make_header(decode_header(value)))
    return " ".join(value.split())


def _parts(message: Message, depth: int) -> Iterator[Part]:
    if depth > MOST_DEPTH:
        raise UnreadableMailError(f"a mail nested more than {MOST_DEPTH} deep; save what you need of it as files")
    if not message.is_multipart():
        yield _leaf(message)
        return
    inner = [part for part in message.get_payload() if isinstance(part, Message)]
    if message.get_content_subtype() == "alternative":
        inner = sorted(inner, key=lambda part: part.get_content_type() != "text/plain")[:1]
    for part in inner:
        yield from _parts(part, depth + 1)


def _leaf(message: Message) -> Part:
    kind = message.get_content_type()
    name = " ".join((message.get_filename() or "").split())[:_LONGEST_SHOWN]
    if not name and message.get_content_disposition() == "attachment":
        name = "without a name"
    data = message.get_payload(decode=True)
    if not isinstance(data, bytes):
        data = b""
    if message.get_content_maintype() not in ("text", "application") or data.startswith(_NOT_TEXT):
        return Part(None, name or "without a name", kind)
    text = _decoded(data, message.get_content_charset() or "utf-8")
    if "\0" in text:
        return Part(None, name or "without a name", kind)
    return Part(_without_tags(text) if kind == "text/html" else text, name, kind)


def _decoded(data: bytes, charset: str) -> str:
    try:
        text = data.decode(charset)
    except (LookupError, ValueError):
        text = data.decode("utf-8", "surrogateescape")
    return text.replace("\r\n", "\n")


def _without_tags(page: str) -> str:
    """Return the text of a page of HTML, with the ends of its lines."""
    kept = []
    place = 0
    unended: set[str] = set()
    while hidden := _HIDDEN.search(page, place):
        kept.append(page[place : hidden.start()])
        place = hidden.end()
        name = hidden[1].lower()
        # Without its end, it may be anything.
        end = None if name in unended else _HIDDEN_END[name].search(page, place)
        if end:
            place = end.end()
        else:
            unended.add(name)
    page = "".join([*kept, page[place:]])
    if "<pre" not in page.lower():
        page = page.replace("\n", " ")
    page = _TAG.sub("", _LINE_END.sub("\n", page))
    return "\n".join(line.strip() for line in html.unescape(page).replace("\xa0", " ").split("\n"))
