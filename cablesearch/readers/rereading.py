"""Reading the header and the body of a stored cable again, by the rules of today."""

from __future__ import annotations

from dataclasses import replace

from cablesearch.cable import Cable
from cablesearch.readers.json_cables import from_json, to_json

__all__ = ["reread"]

_ALWAYS_KEPT = ("id",)
_KEPT_OF_OLD = ("date", "origin", "classification")
"""What is kept besides of a cable that does not say which of its values were given: cables.csv gives these."""


def reread(cable: Cable) -> Cable:
    """Read a cable again from its header and body; the values that were given beside them stay.

    A cable whose paragraphs do not stand in its body was not read from it, and stays as it is. So does a value that
    reading does not find again, if the cable does not say whether it was given.

    Raises:
        UnreadableCable: the cable cannot be read by the rules of today.
    """
    if not cable.body.strip() or not all(paragraph.end for paragraph in cable.paragraphs):
        return cable
    if cable.given is not None and "paragraphs" in cable.given:
        return cable
    stored = to_json(cable)
    kept = _KEPT_OF_OLD if cable.given is None else cable.given
    names = dict.fromkeys(["header", "body", *_ALWAYS_KEPT, *kept])
    fresh = from_json({name: stored[name] for name in names if stored[name] not in ("", None)})
    if cable.given is None:
        return _with_stored(fresh, cable)
    return replace(fresh, given=cable.given)


def _with_stored(fresh: Cable, stored: Cable) -> Cable:
    """Add what only the stored cable has."""
    beside = tuple(name for name in stored.references if name not in fresh.references)
    return replace(
        fresh,
        tags=fresh.tags or stored.tags,
        subject=stored.subject if fresh.subject is None else fresh.subject,
        subject_marking=stored.subject_marking if fresh.subject is None else fresh.subject_marking,
        references=fresh.references + beside,
        recipients=fresh.recipients or stored.recipients,
        info_recipients=fresh.info_recipients or stored.info_recipients,
        signers=fresh.signers or stored.signers,
        given=None,
    )
