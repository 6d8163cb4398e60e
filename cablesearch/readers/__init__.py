"""Reading cables: files become `cablesearch.cable.Cable` objects.

`scan` walks files, folders and archives and yields `Record` and `Rejected`; `Record.parse` gives the cable. The other
functions each read one thing from the text of a cable, header or body.
"""

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
