"""Reading cables: files become `cablesearch.cable.Cable` objects.

`scan` walks files, folders and archives and yields `Record` and `Rejected`; `Record.parse` gives the cable. The other
functions each read one thing from the text of a cable, header or body.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cablesearch.readers.errors import UnreadableCable
    from cablesearch.readers.records import ReadingOptions, Record, Rejected
    from cablesearch.readers.sources.files import scan
    from cablesearch.readers.telegram.body.signature import signers
    from cablesearch.readers.telegram.opening.addressees import info_recipients, precedence, recipients
    from cablesearch.readers.telegram.opening.classifier import classification_reason, classified_by
    from cablesearch.readers.telegram.opening.executive_order import eo_line, nondisclosure_deadline
    from cablesearch.readers.telegram.opening.reference_list import references
    from cablesearch.readers.telegram.opening.subject_line import subject
    from cablesearch.readers.telegram.opening.tags_line import tags
    from cablesearch.readers.telegram.prose import clean_content, summary
    from cablesearch.readers.telegram.telegram import parse_cable, parse_telegram, split_telegram
    from cablesearch.vocabulary.identifiers import cable_id, origin, post
    from cablesearch.vocabulary.tag_names import tag_kind, tag_meaning

__all__ = [
    "ReadingOptions",
    "Record",
    "Rejected",
    "UnreadableCable",
    "cable_id",
    "classification_reason",
    "classified_by",
    "clean_content",
    "eo_line",
    "info_recipients",
    "nondisclosure_deadline",
    "origin",
    "parse_cable",
    "parse_telegram",
    "post",
    "precedence",
    "recipients",
    "references",
    "scan",
    "signers",
    "split_telegram",
    "subject",
    "summary",
    "tag_kind",
    "tag_meaning",
    "tags",
]

_HOMES = {
    "readers.telegram.opening.addressees": ("info_recipients", "precedence", "recipients"),
    "readers.telegram.opening.classifier": ("classification_reason", "classified_by"),
    "readers.errors": ("UnreadableCable",),
    "readers.telegram.opening.executive_order": ("eo_line", "nondisclosure_deadline"),
    "readers.sources.files": ("scan",),
    "vocabulary.identifiers": ("cable_id", "origin", "post"),
    "readers.telegram.prose": ("clean_content", "summary"),
    "readers.records": ("ReadingOptions", "Record", "Rejected"),
    "readers.telegram.opening.reference_list": ("references",),
    "readers.telegram.body.signature": ("signers",),
    "readers.telegram.opening.subject_line": ("subject",),
    "vocabulary.tag_names": ("tag_kind", "tag_meaning"),
    "readers.telegram.opening.tags_line": ("tags",),
    "readers.telegram.telegram": ("parse_cable", "parse_telegram", "split_telegram"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    # Names are fetched from their modules when first asked for: searching needs few of them.
    try:
        home = _HOME_OF[name]
    except KeyError:
        raise AttributeError(f"module 'cablesearch.readers' has no attribute {name!r}") from None
    value = globals()[name] = getattr(importlib.import_module(f"cablesearch.{home}"), name)
    return value


def __dir__() -> list[str]:
    return __all__
