"""What templates do with values: dates, numbers, markings and snippets as people read them."""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import quote

from markupsafe import Markup, escape

from cablesearch.cable import Classification
from cablesearch.classification.levels import Level
from cablesearch.results.citations import spoken_day
from cablesearch.results.passages import Snippet
from cablesearch.text.folding import without_unseen
from cablesearch.text.terminal import one_line, printable
from cablesearch.text.wording import plural
from cablesearch.vocabulary.tag_names import tag_meaning

__all__ = ["FILTERS", "finalized"]


def finalized(value: object) -> object:
    """Return a value as a page may have it: text without control characters and directional marks."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _number(value: int) -> str:
    return f"{value:,}"


def _day(date: dt.datetime | str | None) -> str:
    """Return the day of a date, or of one in ISO 8601: ``8 January 2010``."""
    return spoken_day(dt.datetime.fromisoformat(date[:10]) if isinstance(date, str) else date)


def _iso(date: dt.datetime | str | None) -> str:
    """Return a date for the attribute ``datetime``."""
    return date if isinstance(date, str) else f"{date:%Y-%m-%dT%H:%MZ}" if date else ""


def _moment(date: dt.datetime | None) -> str:
    """Return a date with its time: ``8 January 2010, 03:26 Z``. Midnight is left out: it stands for an unknown time."""
    time = f", {date:%H:%M}\N{NO-BREAK SPACE}Z" if date and (date.hour, date.minute) != (0, 0) else ""
    return spoken_day(date) + time


def _path(text: str) -> str:
    return quote(text, errors="replace")


def _level(marked: Classification | Level | str) -> str:
    """Return the name of a level as the style sheet has it: ``top-secret``."""
    if isinstance(marked, Classification):
        marked = marked.level
    if isinstance(marked, str):
        read = Classification.parse(marked)
        marked = read.level if read else Level.TOP_SECRET
    return marked.name.lower().replace("_", "-")


def _sentence(text: str) -> str:
    """Return a message with a capital at its beginning, unless it begins with an id or a code."""
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if first.isalpha() and first.islower() else text


_BETWEEN_MARKS = re.compile(r"</mark>(\s+)<mark>")


def _snippet(snippet: Snippet) -> Markup:
    """Return a snippet with its matches in ``<mark>``; words side by side are in one."""
    mark, plain = Markup("<mark>{}</mark>"), Markup("{}")
    parts = ((mark if matched else plain).format(printable(text)) for text, matched in snippet.parts)
    # What a snippet says is escaped, so these are our own.
    return Markup(_BETWEEN_MARKS.sub(r"\1", "".join(parts)))


_OPTION = re.compile(r"(?<!\S)(--[a-z][a-z-]*(?: [A-Z]+\b)?)|(https://\S+)")


def _coded(text: str) -> Markup:
    """Return a text of ours with options of the command line as code, and addresses as links."""
    parts, end = [], 0
    for match in _OPTION.finditer(text):
        form = "<code>{}</code>" if match[1] else '<a href="{0}" rel="noreferrer">{0}</a>'
        parts += [escape(text[end : match.start()]), Markup(form).format(match[0])]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


FILTERS = {
    "coded": _coded,
    "day": _day,
    "iso": _iso,
    "level": _level,
    "line": one_line,
    "number": _number,
    "moment": _moment,
    "path": _path,
    "plural": plural,
    "sentence": _sentence,
    "snippet": _snippet,
    "tag_meaning": tag_meaning,
    "typed": without_unseen,
}
"""The filters of templates, by name."""
