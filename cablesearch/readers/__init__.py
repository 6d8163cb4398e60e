"""Reading cables: files become `cablesearch.cable.Cable` objects.

`scan` walks files, folders and archives and yields `Record` and `Rejected`; `Record.parse` gives the cable. The other
functions each read one thing from the text of a cable, header or body.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cablesearch.readers.addressees import info_recipients, precedence, recipients
    from cablesearch.readers.classifier import classification_reason, classified_by
    from cablesearch.readers.errors import UnreadableCable
    from cablesearch.readers.executive_order import eo_line, nondisclosure_deadline
    from cablesearch.readers.files import scan
    from cablesearch.readers.identifiers import cable_id, origin, post
    from cablesearch.readers.prose import clean_content, summary
    from cablesearch.readers.records import Record, Rejected
    from cablesearch.readers.reference_list import references
    from cablesearch.readers.signature import signers
    from cablesearch.readers.subject_line import subject
    from cablesearch.readers.tag_names import tag_kind, tag_meaning
    from cablesearch.readers.tags_line import tags
    from cablesearch.readers.telegram import parse_cable, parse_telegram, split_telegram

__all__ = [
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
    "addressees": ("info_recipients", "precedence", "recipients"),
    "classifier": ("classification_reason", "classified_by"),
    "errors": ("UnreadableCable",),
    "executive_order": ("eo_line", "nondisclosure_deadline"),
    "files": ("scan",),
    "identifiers": ("cable_id", "origin", "post"),
    "prose": ("clean_content", "summary"),
    "records": ("Record", "Rejected"),
    "reference_list": ("references",),
    "signature": ("signers",),
    "subject_line": ("subject",),
    "tag_names": ("tag_kind", "tag_meaning"),
    "tags_line": ("tags",),
    "telegram": ("parse_cable", "parse_telegram", "split_telegram"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    # Names are fetched from their modules when first asked for: searching needs few of them.
    try:
        home = _HOME_OF[name]
    except KeyError:
        raise AttributeError(f"module 'cablesearch.readers' has no attribute {name!r}") from None
    value = globals()[name] = getattr(importlib.import_module(f"cablesearch.readers.{home}"), name)
    return value


def __dir__() -> list[str]:
    return __all__
