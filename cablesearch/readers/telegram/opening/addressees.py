"""The addressing lines of a cable's header: addressees, sender, date-time group and precedence.

An addressee is ``[ROUTE/]PLAD [precedence] [MCN]``: routing indicator, plain language address designator, precedence
and message continuity number.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace

from cablesearch.cable import Recipient
from cablesearch.vocabulary.dates import MONTH, full_year, month_number, utc_date

__all__ = ["addressees", "date_time_group", "from_line", "info_recipients", "precedence", "recipients"]

_LONGEST_LINE = 300
_PARTIAL = "partial extract of the original cable"

# ACP routing indicators: R, an area letter, then the station; a slash after anything else belongs to the PLAD.
_ROUTE = r"R(?!USSIA)[ABCFHPUX][A-Z]{2,6}"
_ROUTED = re.compile(rf"({_ROUTE}|ZEN)[ ]?/+[ ]?", re.IGNORECASE)
_NEXT_ENTRY = re.compile(rf"(?<=\s)(?={_ROUTE}/)|(?<=\s)(?=XMT[ /])")
_COLLAPSED = re.compile(rf"(?<=\S)[ \t](?=(?:FM|TO|INFO)[ ]+(?:{_ROUTE}/|[A-Z]{{3,}})|{_ROUTE}/|XMT[ /])")
_PAGE_LINE = re.compile(r"PAGE\s{1,9}\d{2}\s.{0,60}?\d{6}Z\s*|PAGE\s{1,9}\d{2}\s{1,20}[A-Z .]{2,20}\s\d{4,8}\b\s*")
_XMT = re.compile(r"XMT\b[\s/:]{0,9}")
_WHOM = re.compile(r"(TO|INFO)(?::|\s|$)\s{0,40}", re.IGNORECASE)
_STAMP = "Declassified/Released"
_OFFICES = re.compile(r"(?:(?:INFO|ACTION|ORIGIN)\s+)?(?:[A-Z/]{1,8}-[0-9]{2}\b\s*|/[0-9]{2,4} ?[A-Z]?\b\s*){2,20}")
"""Offices of the Department, among which it distributed a telegram: ``INFO  OCT-01  ISO-00  /024 W``."""
# The first line of the body, in a header that goes on into it.
_BODY = re.compile(
    r"BT\s*$|U N C L A S|C O N F I|S E C R E T|UNCLAS(?:SIFIED)?\s+\S"
    r"|(?:CONFIDENTIAL|SECRET(?! SERVICE))\s.*\s\d{4,6}\b|LIMITED OFFICIAL USE\s+\S"
    r"|SIPDIS\b|E\.?O\.?\s?1\d|TAGS:|SUBJECT:"
)
_LEVEL_ALONE = re.compile(r"(?:UNCLASSIFIED|CONFIDENTIAL|SECRET|LIMITED OFFICIAL USE)\s*$")
_COLLECTIVE = re.compile(r"\b(?:COLLECTIVE|POSTS|CAPITALS|MISSIONS|ALL|PROGRAM|EMBASSIES|CONSULATES)\b")
_MCN = re.compile(r"\d{4,9}")
_POST = re.compile(r"SECSTATE|AMEMBASSY|AMCONSUL|US ?MISSION|USUN\b")
"""An addressee whose name does not end in a number, so that even a short one behind it is a message number."""

_FROM = re.compile(r"^[ \t]{0,8}FM\b[ \t:]{0,8}(\S[^\n]{0,300})", re.MULTILINE)
_FROM_INLINE = re.compile(r"(?<=[ \t])FM[ \t]{1,8}([A-Z][^\n]{0,300})")
_TO_INLINE = re.compile(r"[ \t]+(?:TO|INFO)[ \t]")
_DTG = re.compile(
    r"(?<![0-9])([0-9]{2})([0-9]{2})([0-9]{2})[ ]?Z[ ]{0,4}"
    rf"({MONTH})[A-Z]{{0,6}}\.?[ ]{{0,4}}((?:19|20)[0-9]{{2}}|[0-9]{{2}})(?![0-9])",
    re.IGNORECASE,
)
_LETTERS_BEFORE_DTG = re.compile(r"(?:^|(?<=[\s]))([ZOPR]{1,2}(?:[ ]{1,4}[ZOPR]{1,2}){0,3})[ ]{1,8}$", re.IGNORECASE)
_ROUTING_LINE = re.compile(r"^[ \t]{0,8}(ZZ|OO|PP|RR)(?=[ \t]+R[A-Z])", re.MULTILINE)
_WORDS = {"Z": "FLASH", "O": "IMMEDIATE", "P": "PRIORITY", "R": "ROUTINE"}


def _misspelt() -> dict[str, str]:
    """Return the precedences by their spellings, each with a letter lost, doubled or swapped with the next."""
    spellings: dict[str, str] = {}
    for word in ("IMMEDIATE", "PRIORITY", "ROUTINE"):
        for at in range(len(word)):
            spellings[word[:at] + word[at + 1 :]] = word
            spellings[word[:at] + word[at] + word[at:]] = word
            spellings[word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]] = word
    return spellings | {word: word for word in ("FLASH", "IMMEDIATE", "PRIORITY", "ROUTINE")}


_PRECEDENCES = _misspelt()


def addressees(header: str) -> tuple[list[Recipient], list[Recipient]]:
    """Return the action and the information addressees of a header."""
    to, info = _lists(header)
    return _addressees(to), _addressees(info)


def recipients(text: str) -> list[Recipient]:
    """Return the action addressees of a header: those from its TO line up to INFO."""
    return addressees(text)[0]


def info_recipients(text: str) -> list[Recipient]:
    """Return the information addressees of a header: those from its INFO line on."""
    return addressees(text)[1]


def precedence(header: str) -> tuple[str, ...]:
    """Return the precedences of the message, action before information, such as ``("IMMEDIATE", "PRIORITY")``.

    They are the letters before the date-time group, or else those of the line of routing indicators.
    """
    group = _DTG.search(header)
    before = _LETTERS_BEFORE_DTG.search(header, max(group.start() - 24, 0), group.start()) if group else None
    if before is None:
        before = _ROUTING_LINE.search(header)
    if before is None:
        return ()
    return tuple(dict.fromkeys(_WORDS[letter[0]] for letter in before[1].upper().split()))


def date_time_group(header: str) -> dt.datetime | None:
    """Return when the message was released, to the minute, in UTC; None when there is no date, or an impossible one."""
    group = _DTG.search(header)
    if group is None:
        return None
    day, hour, minute = int(group[1]), int(group[2]), int(group[3])
    return utc_date(full_year(group[5]), month_number(group[4]), day, hour, minute)


def from_line(header: str) -> str | None:
    """Return the sender of the message, as on the FM line; None without that line."""
    match = _FROM.search(header) or _FROM_INLINE.search(header)
    if match is None:
        return None
    sender = _TO_INLINE.split(match[1], maxsplit=1)[0]
    return " ".join(sender.rstrip("\\ \t\r").split()) or None


def _lists(header: str) -> tuple[list[str], list[str]]:
    """Return the lines of the TO and of the INFO list."""
    to: list[str] = []
    info: list[str] = []
    if _PARTIAL in header:
        return to, info
    has_lines = "\nTO" in header or "\nINFO" in header
    if not has_lines and (" FM " in header or not header.startswith(("TO", "INFO"))):
        header = _COLLAPSED.sub("\n", header)
    current: list[str] | None = None
    has_sender = False
    for line in _written_by_sender(header).split("\n"):
        entry = line.strip().rstrip("\\ ")  # some copies end every line in a backslash
        if not entry:
            continue
        if entry[0] in "TtIi" and (whom := _WHOM.match(entry)):
            current = to if whom[1].upper() == "TO" and current is not info else info
            entry = entry[whom.end() :]
        elif current is None:
            # A header that has lost its TO: the routed addressees after the sender.
            if has_sender and _ROUTED.match(entry):
                current = to
            else:
                has_sender = has_sender or entry.startswith("FM")
                continue
        if entry[:1] in "BCELSTU" and _BODY.match(entry) and not _LEVEL_ALONE.match(entry):
            break
        if entry:
            current.append(entry[:_LONGEST_LINE])
    return to, info


def _written_by_sender(header: str) -> str:
    """Return a header without what the Department added: the distribution, which stands before FM, and stamps."""
    sender = 0 if header.startswith("FM ") else header.find("\nFM ")
    if sender >= 0:
        header = header[sender:]
    elif "-" in header:
        header = "\n".join(line for line in header.split("\n") if not _OFFICES.fullmatch(line.strip()))
    if _STAMP in header:
        header = "\n".join(line for line in header.split("\n") if _STAMP not in line)
    return header


def _addressees(lines: list[str]) -> list[Recipient]:
    recipients: list[Recipient] = []
    excluded: dict[int, list[str]] = {}  # by the index of the collective that they are exempted from
    collective: int | None = None
    is_exempting = False
    for entry in _entries(lines):
        xmt = _XMT.match(entry) if entry[0] == "X" else None
        recipient = _recipient(entry[xmt.end() :] if xmt else entry)
        is_exempting = bool(xmt) or (is_exempting and _is_exempted(recipient))
        if is_exempting:
            # Without a collective before it, XMT exempts from whoever was named last.
            whole = len(recipients) - 1 if collective is None else collective
            if recipient.name and recipients:
                excluded.setdefault(whole, []).append(recipient.name)
        elif recipient.name:
            if _COLLECTIVE.search(recipient.name):
                collective = len(recipients)
            recipients.append(recipient)
        elif recipients:
            recipients[-1] = _completed(recipients[-1], recipient)
    for at, names in excluded.items():
        recipients[at] = replace(recipients[at], excluded=tuple(names))
    return recipients


def _entries(lines: list[str]) -> Iterator[str]:
    """Yield the entries one by one: page lines are left out, and lines with several entries are split."""
    for line in lines:
        entry = line
        if "PAGE " in entry:
            entry = _PAGE_LINE.sub("", entry).strip()
        if not entry or _LEVEL_ALONE.match(entry):
            continue
        if entry.count("/") > 1 or " XMT" in entry:
            yield from (part.strip() for part in _NEXT_ENTRY.split(entry) if part.strip())
        else:
            yield entry


def _recipient(entry: str) -> Recipient:
    """Return the addressee of an entry; its name is empty when the line has only a precedence or a number."""
    route: str | None = None
    if "/" in entry[:10] and (routed := _ROUTED.match(entry)):
        route = routed[1].upper()
        entry = entry[routed.end() :]
    words = entry.split()
    mcn: str | None = None
    urgency: str | None = None
    while words:
        last = words[-1]
        if mcn is None and last.isdigit() and (_MCN.fullmatch(last) or (len(last) < 4 and _POST.match(entry))):
            mcn = last
        elif urgency is None and (word := _PRECEDENCES.get(last.rstrip(".").upper())):
            urgency = word
            if word == "IMMEDIATE" and len(words) > 1 and words[-2].upper() == "NIACT":
                words.pop()
                urgency = "NIACT IMMEDIATE"
        else:
            break
        words.pop()
    return Recipient(" ".join(words), route, urgency, mcn)


def _is_exempted(recipient: Recipient) -> bool:
    """Return whether a line after XMT names another exempted post: nothing is sent there, so it has a name only."""
    is_bare = recipient.route is None and recipient.precedence is None and recipient.mcn is None
    return is_bare and not _COLLECTIVE.search(recipient.name)


def _completed(recipient: Recipient, rest: Recipient) -> Recipient:
    """Return an addressee whose precedence or number was wrapped to the next line."""
    return replace(recipient, precedence=recipient.precedence or rest.precedence, mcn=recipient.mcn or rest.mcn)
