"""Cables of several dates, levels and posts, and what readers see of them, for tests of counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from cablesearch.cable import Cable, Clearance, Paragraph, Provenance, Recipient
from tests.support.cables import cable

__all__ = ["CABLES", "CLEARANCES", "day", "has", "seen"]


def day(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.timezone.utc)


def with_collection(made: Cable, name: str) -> Cable:
    return replace(made, provenance=Provenance(collection=name))


def addressed(made: Cable) -> Cable:
    """Return a cable with what only those may see who may see the whole."""
    return replace(
        made,
        references=("73A1", "08STATE5"),
        signers=("BURNS", "RICE"),
        precedence=("PRIORITY",),
        recipients=(Recipient("Embassy Rome"), Recipient("NSC")),
        info_recipients=(Recipient("NSC"),),
    )


CABLES = [
    cable("73A1", "rain fell", ("S//NF", "rain and sun"), tags=["PREL"], date=day("1973-12-31 23:59")),
    cable("74A2", "rain", tags=["PREL", "ECON"], date=day("1974-01-01 00:00"), classification="SECRET"),
    addressed(
        cable("69A3", ("C", "sun"), ("C", "rain"), ("S", "rain"), date=day("1969-07-20 20:17"), classification="SECRET")
    ),
    addressed(cable("76A4", "sun", date=day("1976-02-29 12:00"), origin="Embassy Cairo")),
    cable("76A5", ("U", "rain"), ("TS", "rain"), date=None),
    with_collection(cable("77A6", "rain", date=day("1977-03-01 00:00")), "aad"),
    with_collection(cable("77A7", ("U", "rain"), subject="(S) plan", classification="SECRET", date=None), "frus"),
]
CLEARANCES = [None, "UNCLASSIFIED", "SECRET", "SECRET//NOFORN"]


def seen(clearance: str | None) -> list[Cable]:
    views = (made.view(None if clearance is None else Clearance.parse(clearance)) for made in CABLES)
    return [view for view in views if view]


def has(word: str, paragraph: Paragraph) -> bool:
    return word == "*" or word in paragraph.text.split()
