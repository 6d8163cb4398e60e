"""Banners: the lines at the head of a message that say how all of it is classified."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import reduce

from cablesearch.cable import Classification, Level
from cablesearch.classification.controls import banner_controls
from cablesearch.readers.telegram.page_breaks import Span
from cablesearch.text.caching import cached_if_short

__all__ = ["BANNER", "banners"]

_CLASSIFICATION = (
    r"(?:UNCLAS(?:SIFIED)?|U N C L A S(?: S I F I E D)?|CONFIDENTIAL|C O N F I D E N T I A L|TOP SECRET"
    r"|T O P {1,3}S E C R E T|SECRET|S E C R E T|LIMITED OFFICIAL USE|L I M I T E D {1,3}O F F I C I A L {1,3}U S E)"
)
BANNER = re.compile(rf"[^\S\n]*({_CLASSIFICATION})(?![A-Za-z])([^\n]*)")
"""The first line of a body: how it is classified, and what else stands there."""
_IN_FULL = {"UNCLAS": "UNCLASSIFIED", "TOPSECRET": "TOP SECRET", "LIMITEDOFFICIALUSE": "LIMITED OFFICIAL USE"}
_OFFICIAL_USE = re.compile(r"\b(?:SENSITIVE|FOUO|SBU|FOR OFFICIAL USE ONLY|E ?F ?T ?O)\b")
_LATER = re.compile(rf"\n[^\S\n]*({_CLASSIFICATION})(?![A-Za-z])[^\n]{{0,40}}\bSECTION {{1,4}}[0-9]{{1,3}} {{1,4}}OF")
"""The first line of another section of the message."""
_APPENDED = re.compile(rf"\n[^\S\n]*({_CLASSIFICATION})(?![A-Za-z])[^\na-z]{{0,60}}[0-9]{{3,8}}[^\S\n]*\n")
"""The first line of another message that is appended or quoted."""
_OTHER_BEGINNINGS = re.compile(r"S(?:ECTION |(?<=\nS)UBJ)")
"""What the first line of another section has, and the subject of a message. A literal letter skips other text fast."""
_CAPTIONS_END = re.compile(r"(?:E\.? ?O\.? ?1[0-9]{3}|TAGS|SUBJ)|\n[^\S\n]{0,9}0?1[^\S\n]{0,3}[.)]", re.IGNORECASE)
_LONGEST_CAPTIONS = 1500

_LEVELS = {
    "TOPSECRET": Level.TOP_SECRET,
    "SECRET": Level.SECRET,
    "CONFIDENTIAL": Level.CONFIDENTIAL,
    "UNCLASSIFIED": Level.UNCLASSIFIED,
    "UNCLAS": Level.UNCLASSIFIED,
    "LIMITEDOFFICIALUSE": Level.SBU,
}
# Letters may stand apart, and a slip may part any two of them.
_LEVEL = re.compile(rf"(?<![A-Z])(?:{'|'.join(map('[ .-]{0,3}'.join, _LEVELS))})(?![A-Z])")
_BETWEEN_LETTERS = dict.fromkeys(map(ord, " .-"))
_BEFORE_LEVEL = re.compile(r"[^A-Za-z0-9]*(?:(?:NATO|COSMIC|CLASSIFICATION|CLASSIFIED)\b[^A-Za-z0-9]*)*", re.IGNORECASE)
_ENDS_BANNER = re.compile(r"[^A-Za-z0-9]*(?:[A-Za-z .'-]{2,40}#?[0-9]{2,8}[^A-Za-z0-9]*)?\Z")
"""What may stand behind a level that is not in capitals: nothing, or post and number."""
_CAPTION_OF_ALL = re.compile(
    r"\s*(?:[(\[]([A-Z][A-Z /,-]{0,40})[)\]]"
    r"|((?:(?:THE|THIS|ENTIRE|WHOLE|ALL)\s)+(?:TEXT|MESSAGE|CABLE|TELEGRAM)\b.{0,40}))\W*\Z"
)
"""A marking in brackets, or a sentence that classifies the whole message."""
_LONGEST_LEVEL = 20
"""Code points of a level that is misspelt."""


def banners(body: str, breaks: Iterable[Span] = ()) -> tuple[str, Classification | None]:
    """Read the classification at the head of a body: return the text of the first line and the captions (or an empty
    text), and the lowest classification that covers all banners there (or None).

    A second banner, or a second level on the line of one, counts like the first; so do those of later sections and
    those beside the page breaks, at ``breaks``, and of a message that is appended."""
    head = _head(body)
    first = BANNER.match(head)
    text = _text(first, head) if first else ""
    stated_levels: list[Classification] = []
    lines = head.split("\n")
    if first and lines[0].isascii() and lines[0] == lines[0].upper():
        # It names the message, so it seldom repeats, and is not cached.
        stated_levels += map(Classification, _levels(lines.pop(0)))
    stated_levels += [read for line in lines if line for read in _read(line)]
    # A long head may have been cut off within one of them.
    beginnings = _OTHER_BEGINNINGS.findall(body, max(0, len(head) - len("SUBJ")))
    if "SECTION " in beginnings:
        stated_levels += filter(None, (Classification.parse(level) for level in dict.fromkeys(_LATER.findall(body))))
    if beginnings.count("SUBJ") > 1:
        appended = _APPENDED.findall(body, body.find("\nSUBJ"))
        stated_levels += filter(None, map(Classification.parse, dict.fromkeys(appended)))
    captions = "\n".join(["", *(body[start:end] for start, end in breaks)])
    if captions:
        stated_levels += [read for line in dict.fromkeys(captions.split("\n")) if line for read in _read(line)]
    if stated := Classification.parse(text):
        stated_levels.append(stated)
    if not stated_levels:
        return text, None
    joined = reduce(Classification.join, stated_levels)
    # Those of the first line are already in the text.
    said = captions if stated else head + captions
    controls = banner_controls(said) if said else ()
    return text, joined.join(Classification(joined.level, controls)) if controls else joined


def _text(first: re.Match[str], head: str) -> str:
    """Return the text of the first line, and of the captions behind it in the head."""
    level, captions = first[1].replace(" ", ""), head[first.end(1) :]
    text = _IN_FULL.get(level, level)
    if text == "UNCLASSIFIED" and _OFFICIAL_USE.search(captions):
        text += "//FOR OFFICIAL USE ONLY"
    return "//".join([text, *dict.fromkeys(banner_controls(captions))])


def _head(body: str) -> str:
    """Return what stands before the first label or the first paragraph."""
    start = body[:_LONGEST_CAPTIONS].lstrip()
    end = _CAPTIONS_END.search(start)
    return start[: end.start()] if end else start


def _levels(capitals: str) -> list[Level]:
    """Return the levels on a line that is in capitals."""
    return [_LEVELS[level.translate(_BETWEEN_LETTERS)] for level in _LEVEL.findall(capitals)]


@cached_if_short(maxsize=1024)
def _read(line: str) -> tuple[Classification, ...]:
    """Return the levels on a line that begins with one, in capitals, alone, or before the number of the message, and on
    one that is a marking in brackets or says in words how all of the message is classified."""
    before = _BEFORE_LEVEL.match(line)
    at = before.end() if before else 0
    capitals = line.upper()
    first = _LEVEL.match(capitals, at)
    if first and (line.startswith(first[0], at) or _ENDS_BANNER.fullmatch(capitals, first.end())):
        return tuple(map(Classification, _levels(capitals[at:])))
    if marked := _CAPTION_OF_ALL.match(capitals):
        said = Classification.parse(marked[marked.lastindex or 0])
        return (said,) if said else ()
    words = capitals[at : at + _LONGEST_LEVEL].split()
    misspelt = Classification.parse(words[0]) if words and len(words[0]) >= len("SECRET") else None
    return (misspelt,) if misspelt and _ENDS_BANNER.fullmatch(capitals, at + len(words[0])) else ()
