"""Values that a source gives beside the text of a cable: columns of a table, fields of an object, rows of a page.

Sources call the same thing by many names; `field_of` knows the usual ones. What has no field of its own is kept as an
attribute.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from cablesearch.cable import Attributes, Cable, Tag
from cablesearch.errors import CablesearchError
from cablesearch.readers.formats.cables_csv import created
from cablesearch.readers.records import ReadingOptions
from cablesearch.readers.telegram.opening import tags_line
from cablesearch.readers.telegram.telegram import parse_cable, split_telegram
from cablesearch.vocabulary import identifiers

__all__ = ["FIELDS", "cable_of", "check_fields", "usual_fields"]

FIELDS: dict[str, tuple[str, ...]] = {
    "id": ("reference id", "refid", "mrn", "document number", "canonical id", "cable id", "_id", "identifier", "id"),
    "date": ("date", "created", "date sent", "sent", "draft date"),
    "origin": ("origin", "from", "post"),
    "classification": ("classification", "original classification"),
    "tags": ("tags",),
    "subject": ("subject", "title"),
    "references": ("references", "refs", "reference"),
    "header": ("header",),
    "body": ("body", "text", "content", "message text", "raw content"),
}
"""The fields that a source may give, each with the names that sources use for it, the surest first.

``body`` is the text of the cable, with its header unless that is given apart.
"""


def usual_fields(names: Iterable[str]) -> dict[str, str]:
    """Return which of the names of a source stands for which field: ``usual_fields(["MRN", "Created"])`` returns
    ``{"id": "MRN", "date": "Created"}``."""
    by_name = {" ".join(name.replace("_", " ").split()).lower(): name for name in reversed(list(names))}
    found = {}
    for field, usual in FIELDS.items():
        name = next(
            (by_name[name.replace("_", " ").strip()] for name in usual if name.replace("_", " ").strip() in by_name),
            None,
        )
        if name is not None:
            found[field] = name
    return found


def check_fields(options: ReadingOptions) -> None:
    """Check that the options name fields that exist.

    Raises:
        CablesearchError: they do not.
    """
    for field in (*options.columns, *options.paths):
        if field not in FIELDS:
            raise CablesearchError(f"{field!r} is not a field of a cable; fields are: {', '.join(FIELDS)}")


def cable_of(
    values: Mapping[str, str], attributes: Mapping[str, str] | None = None, names: Iterable[str] = ()
) -> Cable:
    """Return the cable of the values of a source, by field (`FIELDS`).

    Id, date, origin and classification take the place of those that the text says. TAGS and references are added to
    those of the text, and a subject is used if the text has none.

    Args:
        values: the values by field; an empty one is the same as a missing one.
        attributes: what else the source says, by its own names.
        names: the persons that the source marks in the text.

    Raises:
        UnreadableCable: they are not those of a cable.
    """
    header, body = values.get("header", ""), values.get("body", "")
    if not header:
        header, body = split_telegram(body)
    cable = parse_cable(
        header,
        body,
        cable_id=values.get("id", "").strip() or None,
        date=created(values.get("date", "")),
        origin=values.get("origin", "").strip() or None,
        classification=values.get("classification", "").strip().upper() or None,
    )
    changes: dict[str, Any] = {}
    tags = [tag.name for tag in cable.tags]
    added = (
        [name for name in tags_line.tags(f"TAGS: {values['tags']}") if name not in tags] if values.get("tags") else []
    )
    if added:
        changes["tags"] = (*cable.tags, *(Tag(name, tags_line.tag_kind(name)) for name in added))
    if values.get("subject") and not cable.subject:
        changes["subject"] = " ".join(values["subject"].split())
    references = [
        identifiers.cable_id(name.strip()) for name in values.get("references", "").split("|") if name.strip()
    ]
    references = [name for name in references if name not in (*cable.references, cable.reference_id)]
    if references:
        changes["references"] = (*cable.references, *dict.fromkeys(references))
    if attributes:
        changes["attributes"] = Attributes(attributes)
    if names:
        changes["names"] = tuple(dict.fromkeys(names))
    return replace(cable, **changes, given=(*(cable.given or ()), *changes)).heeding()
