"""Telegrams of the 1970s as the National Archives publish them (Access to Archival Databases, AAD).

A file has one or several. Each is a "Message Text" and a block of "Message Attributes".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cablesearch.readers.formats.telegram_texts import TELEGRAM_TEXTS, header_start, telegram_texts
from cablesearch.readers.records import FileText, Format, Record, Rejected, cut_at
from cablesearch.readers.telegram import attributes

__all__ = ["AAD", "published_telegrams"]

_TITLE = re.compile(r"^[^\S\n]{0,200}Message (?:Text|Attributes):?[^\S\n]{0,200}$", re.MULTILINE)


def published_telegrams(text: str) -> list[str]:
    """Split a text into its telegrams, without losing anything.

    A telegram ends behind its attributes and the stamp under them. One without attributes ends above the next "Message
    Text". Telegrams that have neither may stand among them.
    """
    starts = [0]
    has_text = False
    titles = list(_TITLE.finditer(text))
    for title, following in zip(titles, [*titles[1:], None], strict=True):
        if "Attributes" in title[0]:
            limit = following.start() if following else len(text)
            starts.append(attributes.block_end(text, title.end(), header_start(text, title.end(), limit)))
            has_text = False
        else:
            if has_text or header_start(text, starts[-1], title.start()) < title.start():
                starts.append(title.start())
            has_text = True
    if len(starts) > 1 and not has_text and header_start(text, starts[-1], len(text)) == len(text):
        # What stands under the last telegram goes with it.
        starts.pop()
    pieces = cut_at(text, starts)
    return [telegram for piece in pieces for telegram in ([piece] if _TITLE.search(piece) else telegram_texts(piece))]


def _looks_published(head: str) -> bool:
    return "Message " in head and _TITLE.search(head) is not None


def _records(text: FileText) -> Iterator[Record | Rejected]:
    return text.records_of_texts(AAD, published_telegrams)


AAD = Format("aad", "telegrams of the National Archives", _looks_published, _records, TELEGRAM_TEXTS.parse)
