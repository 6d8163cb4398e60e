"""Mail: mailboxes (mbox) and single messages (``.eml``) in which cables were passed on.

The cable begins where its own header does. What the sender wrote beside it, and what the mail says of itself, are kept
as attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce
from typing import TYPE_CHECKING

from cablesearch.cable import Attributes, Cable, Classification
from cablesearch.readers.formats.telegram_texts import narrowed, parse_text, telegram_texts, why_no_telegram
from cablesearch.readers.records import BEGINNING, LONGEST_RECORD, FileText, Format, Record, Rejected, id_in, too_long
from cablesearch.readers.telegram.opening.patterns import LEVEL_OF_BANNER, MARKED_PARAGRAPH

if TYPE_CHECKING:
    from cablesearch.readers.mail_messages import Mail, Part

__all__ = ["MAIL", "cables_in", "looks_like_mail"]

_ENVELOPE = re.compile(
    r"From .{1,300}?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? [A-Za-z0-9 ]{1,12} [0-9]{1,2}:[0-9]{2}.{0,12} ?[0-9]{4}.{0,20}"
    r"|From .{1,300}?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]{1,2}:[0-9]{2}.{0,20}"
)
"""The line that begins a message in a mailbox: sender and time."""
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,75}):(?:[ \t]|\r?$)")
_USUAL = frozenset({"from", "to", "cc", "date", "subject", "sender", "reply-to"})
_ONLY_OF_MAIL = frozenset(
    {
        "message-id",
        "received",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "return-path",
        "delivered-to",
        "in-reply-to",
        "dkim-signature",
    }
)
_ADDRESS = re.compile(r"[^\s@]@[^\s@]")
_DATE = re.compile(r"[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})? (?:[+-][0-9]{4}|[A-Z]{2,4}\b)")
_WEEKDAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_SENT = re.compile(rf"{_WEEKDAY}, .{{1,40}}[0-9]:[0-9]{{2}}")
"""When a mail was sent, as Outlook prints it (``Sent: Tuesday, May 4, 2010 9:30 AM``)."""
_MOST_FIELD_LINES = 500

_CABLE = re.compile(
    r"^[^\S\n]{0,20}(?:VZCZ[A-Z0-9]|ZNR? [A-Z]{5}|DE R[A-Z]{3,8} ?#|(?:[ZOPR]{1,2} ){1,4}(?:[0-9]{6}Z|R[A-Z]{4,7}\b)"
    r"|[0-9]{6}Z [A-Z]{3} [0-9]{2}|FM {1,9}[A-Z]{3}"
    rf"|{LEVEL_OF_BANNER}[^\n]{{0,84}} [0-9]{{2,8}}[^\S\n]*$"
    r"|[0-9]{2}(?:[0-9]{2})?[A-Z]{3,30}[0-9]{1,8}[^\S\n]*$"
    rf"|{_WEEKDAY}, [0-9]{{1,2}} [A-Z][a-z]{{2,8}} [0-9]{{4}})",
    re.MULTILINE,
)
"""The first line of a cable: of its header, its classification with post and number, its id, or its date."""
_STRUCTURE = re.compile(
    rf"^[> \t]{{0,20}}(?:TAGS?\b|SUBJ(?:ECT)?:|E\.? ?O\.? ?1[0-9]{{3}}|{MARKED_PARAGRAPH})",
    re.MULTILINE,
)
_FORWARDED = re.compile(
    r"^(?:[^\S\n]{0,9}(?:From|Sent|Date|To|Cc|Bcc|Subject|Importance|Reply-To|Attachments):[^\n]*\n){2,12}",
    re.MULTILINE,
)
"""The lines that a program for mail puts before what it passes on."""
_FORWARDING = re.compile(
    r"\s{0,99}(?:-{2,20} ?(?:Original|Forwarded) message ?-{2,20}|Begin forwarded message:)\s{1,99}", re.IGNORECASE
)
"""What may stand before the header of a mail that was saved as text."""
_QUOTED = re.compile(r"^[^\S\n]{0,3}>", re.MULTILINE)
_QUOTE_MARK = re.compile(r"[^\S\n]{0,3}> ?")
_MOST_QUOTED = 8
_FAREWELL = re.compile(
    r"^(?:-- ?|_{5,}|(?:(?:Best|Kind|Kindest|Warm|With best) )?[Rr]egards|Best|Thanks|Thank you|Many thanks|Cheers"
    r"|Sincerely|Yours|See you|Sent from .{1,60}|Get Outlook .{1,60})[,.!]?[^\S\n]*$",
    re.MULTILINE,
)
_SIGNED = re.compile(r"^[A-Z][A-Z' -]{2,30}[^\S\n]*$", re.MULTILINE)
"""The signature of a cable, before which the cable may have a closing of its own."""
_LONGEST_FAREWELL = 1500
"""Characters below a cable in which the closing of the mail is looked for."""


def looks_like_mail(head: str) -> bool:
    """Return whether a text begins with a message of mail, or a mailbox."""
    start = _without_lead(head.lstrip("\ufeff\r\n"))
    if start.startswith("From "):
        first, _, rest = start.partition("\n")
        return _ENVELOPE.fullmatch(first.rstrip("\r")) is not None and _FIELD.match(rest) is not None
    return _FIELD.match(start) is not None and _is_header(start)


def _without_lead(text: str) -> str:
    lead = _FORWARDING.match(text)
    return text[lead.end() :] if lead else text


def _is_header(start: str) -> bool:
    """Return whether a text begins with the header of a message, some lines of which occur only in mail.

    Telegrams, too, may begin with ``From: ...`` and ``Subject: ...``.
    """
    names = set()
    is_mail = False
    for line in start.split("\n", _MOST_FIELD_LINES)[:_MOST_FIELD_LINES]:
        field = _FIELD.match(line)
        if field:
            name = field[1].lower()
            names.add(name)
            value = line[field.end() : field.end() + 500]
            is_mail = is_mail or name in _ONLY_OF_MAIL or (name == "sent" and _SENT.match(value) is not None)
            is_mail = is_mail or (name in _USUAL and (_ADDRESS.search(value) or _DATE.search(value)) is not None)
        elif not line.startswith((" ", "\t")):
            break
    return is_mail and len(names & (_USUAL | _ONLY_OF_MAIL)) > 1


def _records(text: FileText) -> Iterator[Record | Rejected]:
    for number, message in _messages(text):
        if isinstance(message, Rejected):
            yield message
        elif message.strip():
            yield from _of_message(text, number, message)


def _messages(text: FileText) -> Iterator[tuple[int | None, str | Rejected]]:
    """Yield the messages of a file with their numbers, which a file of one message has not."""
    number, size = 0, 0
    lines: list[str] = []
    envelope: str | None = None
    before = ""
    for item in text.lines():
        if isinstance(item, Rejected):
            yield number or None, item
            continue
        line = item[1].rstrip("\r")
        if envelope is not None and _FIELD.match(line):
            if number or any(lines):
                yield number or None, _whole(text, number, lines, size)
            number, lines, size = number + 1, [], 0
        elif envelope is not None:
            lines.append(envelope)
        is_envelope = line.startswith("From ") and not before and _ENVELOPE.fullmatch(line) is not None
        envelope, before = line if is_envelope else None, line
        size += len(line) + 1
        if not is_envelope and size <= LONGEST_RECORD:
            lines.append(line[1:] if number and _is_escaped(line) else line)
    message = _whole(text, number, lines, size)
    if text.damage():
        message = Rejected(text.name, number or None, "cut off by damage to its file", "\n".join(lines)[:BEGINNING])
    yield number or None, message


def _is_escaped(line: str) -> bool:
    """Return whether a line of a mailbox was written with a mark so that it does not begin a message."""
    return line.startswith(">") and line.lstrip(">").startswith("From ")


def _whole(text: FileText, number: int, lines: list[str], size: int) -> str | Rejected:
    if size > LONGEST_RECORD:
        return Rejected(text.name, number or None, too_long(), "\n".join(lines)[:BEGINNING])
    return "\n".join(lines) + "\n"


def _of_message(text: FileText, number: int | None, message: str) -> Iterator[Record | Rejected]:
    """Yield the cables of a message, and what of it is not one."""
    # Other files do without the library for mail.
    from cablesearch.readers.mail_messages import UnreadableMailError, read_mail

    try:
        mail = read_mail(_without_lead(message))
    except UnreadableMailError as error:
        yield Rejected(text.name, number, f"not a cable: {error}", message[:BEGINNING])
        return
    reason = "it has no text"
    cables: list[Part] = []
    written: list[str] = []
    for part in mail.parts:
        why_not = _why_not(part.text) if part.text is not None else "not text"
        if part.text is not None and why_not is None:
            cables.append(part)
        elif part.name:
            yield _attachment(text, number, part, why_not or "")
        elif part.text and not part.text.isspace():
            written.append(part.text.strip("\n"))
            reason = (why_not or "").removeprefix("not a cable: ")
    for part in cables:
        yield from _of_part(text, number, mail, part, written)
    if not cables:
        yield Rejected(text.name, number, f"a mail without a cable: {reason}", message[:BEGINNING])


def _why_not(text: str) -> str | None:
    """Return why the text of a part cannot be a cable, or None. A level alone is not enough: mails have them, too."""
    why_not = why_no_telegram(text)
    if why_not is None and not _CABLE.search(text) and not _STRUCTURE.search(text):
        return "no header, TAGS, SUBJECT or marked paragraphs found"
    return why_not


def _attachment(text: FileText, number: int | None, part: Part, why_not: str) -> Rejected:
    what = f"attachment {part.name} ({part.kind}) of a mail"
    if part.text is None:
        return Rejected(text.name, number, f"{what}: save it as a file of its own to read it", "")
    return Rejected(text.name, number, f"{what}: {why_not}", part.text[:BEGINNING])


def _of_part(text: FileText, number: int | None, mail: Mail, part: Part, written: list[str]) -> Iterator[Record]:
    """Yield the cables of a part; ``written`` are the texts of parts that are none."""
    own, telegrams = cables_in(part.text or "")
    beside = "\n".join(filter(None, [*written, own]))
    named = (id_in(part.name) or id_in(mail.subject)) if len(telegrams) == 1 else ""
    for telegram in telegrams:
        yield text.record(
            MAIL, (telegram, named, mail.subject, mail.sender, mail.date, mail.classification, beside), number
        )


def cables_in(text: str) -> tuple[str, list[str]]:
    """Return what the sender wrote beside the cables in the text of a mail, and the cables."""
    beside, cable = _unquoted(narrowed(text))
    start = _start(cable)
    written = [*beside, cable[:start]]
    cable = cable[start:]
    farewell = _FAREWELL.search(cable, max(0, len(cable.rstrip()) - _LONGEST_FAREWELL))
    if farewell and not any(part.search(cable, farewell.end()) for part in (_STRUCTURE, _CABLE, _SIGNED)):
        written.append(cable[farewell.start() :])
        cable = cable[: farewell.start()]
    return "\n".join(piece.strip("\n") for piece in written if piece.strip()), telegram_texts(cable)


def _start(text: str) -> int:
    """Return where the cable begins: with its own first line, or else behind the header of what is passed on."""
    first = _CABLE.search(text)
    if first:
        return first.start()
    return max((forwarded.end() for forwarded in _FORWARDED.finditer(text)), default=0)


def _unquoted(text: str) -> tuple[list[str], str]:
    """Return the lines around a cable whose lines are all quoted (``> ``), and its text without these marks."""
    beside: list[str] = []
    for _ in range(_MOST_QUOTED):
        if not _QUOTED.search(text):
            break
        quoted, own = [], []
        for line in text.split("\n"):
            mark = _QUOTE_MARK.match(line)
            if mark:
                quoted.append(line[mark.end() :])
            else:
                own.append(line)
                if not line.strip():
                    quoted.append("")
        inner, outer = "\n".join(quoted), "\n".join(own)
        if _CABLE.search(outer) or (why_no_telegram(inner) is not None and not _QUOTED.search(inner)):
            break
        beside.append(outer)
        text = inner
    return beside, text


def _parse(fields: tuple[str, ...]) -> Cable:
    """Return the cable of a text; an id in the mail's subject or in the name of an attachment is used only if the text
    has none."""
    text, named_id, subject, sender, date, marked, beside = fields
    cable = parse_text((text, named_id))
    of_mail = {"Mail Subject": subject, "Mail From": sender, "Mail Date": date, "Mail Text": beside}
    stated = list(filter(None, (Classification.parse(value.upper()) for value in marked.split("; "))))
    if stated:
        of_mail["Mail Classification"] = marked
        cable = cable.raised_beside(reduce(Classification.join, stated))
    attributes = {**cable.attributes, **{name: value for name, value in of_mail.items() if value}}
    return cable.with_given(attributes=Attributes(attributes))


def _raw(fields: tuple[str, ...]) -> str:
    """Return a message that holds the cable."""
    text, _, subject, sender, date, marked, beside = fields
    header = f"Subject: {subject}\nFrom: {sender}\nDate: {date}\nContent-Type: text/plain; charset=utf-8\n"
    header += f"Classification: {marked}\n\n" if marked else "\n"
    return header + (f"{beside}\n\n{text}" if beside else text)


MAIL = Format("mail", "messages of mail", looks_like_mail, _records, _parse, raw=_raw)
