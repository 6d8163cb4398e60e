"""Generated cables for the pages of a server: of all levels, short and long, odd and hostile."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from cablesearch.cable import Cable
from cablesearch.cable_parts import Recipient, Tag
from cablesearch.web.pages.links import MOST_PARAGRAPHS
from tests.support.cables import cable

HOSTILE = '<script>alert(1)</script> <img src=x onerror="alert(2)"> {{ 7*7 }} &amp; \u202eback'
ODD_IDS = [
    "frus1930v01/d274",
    "a//b",
    "a/../b",
    "../up",
    ".",
    "..",
    "what?q=1#p2",
    "50%",
    "two  words",
    "Übersee-Nº 1",
    '"><b>',
    "user@4",
    "end/thread",
]


def day(year: int, month: int = 5, number: int = 1) -> dt.datetime:
    return dt.datetime(year, month, number, 9, 30, tzinfo=dt.timezone.utc)


def sections(*parts: tuple[str, str]) -> Cable:
    """Return a cable whose paragraphs are given as (heading, text)."""
    made = cable("09ROME1", *(("C", text) for _, text in parts), classification="CONFIDENTIAL//NOFORN")
    headings = (heading or None for heading, _ in parts)
    paragraphs = (
        replace(paragraph, section=heading) for paragraph, heading in zip(made.paragraphs, headings, strict=True)
    )
    return replace(
        made,
        subject="A WHALE IN THE TIBER",
        tags=(Tag("PHUM", "subject"), Tag("XYZQ", "term")),
        paragraphs=tuple(paragraphs),
        references=("09ROME2", "09NOWHERE1"),
        recipients=(Recipient("SECSTATE WASHDC"),),
        info_recipients=tuple(Recipient(f"AMEMBASSY {number}") for number in range(9)),
    )


def telegram() -> Cable:
    """Return a cable with a table in its body."""
    body = "1. FIGURES:\nYEAR      TONS\n1971       <20>\n1972        30\nWHALE       40"
    text = "FIGURES: YEAR TONS 1971 <20> 1972 30 WHALE 40"
    made = cable("74LAPAZ1", text)
    paragraph = replace(made.paragraphs[0], start=0, end=len(body))
    return replace(made, body=body, header="FM LA PAZ\n", envelope="WHALES ONLY", paragraphs=(paragraph,))


def long_cable() -> Cable:
    made = cable("09LONG1", *(f"Whale number {number}." for number in range(1, 2 * MOST_PARAGRAPHS + 2)))
    halves = (("First" if paragraph.position < 600 else "Second", paragraph) for paragraph in made.paragraphs)
    return replace(made, paragraphs=tuple(replace(paragraph, section=heading) for heading, paragraph in halves))


CABLES = [
    sections(("Summary", "A whale was seen."), ("", "It swam."), ("Comment", "The whale <left>.")),
    cable("09ROME2", "Look for whales in the Tiber.", date=day(2009, 5, 1), references=["09ROME3"]),
    cable("09ROME4", "Thanks for the Tiber.", date=day(2009, 5, 9), references=["09ROME1"]),
    cable("09TINY1", "Done."),
    telegram(),
    long_cable(),
    replace(
        cable("09EVIL1", (HOSTILE, HOSTILE), subject=HOSTILE, tags=["<B>"], origin=HOSTILE, references=["09ROME3"]),
        envelope=HOSTILE,
        signers=(HOSTILE, "HULL"),
    ),
    *(cable(name, f"Paragraph {number}.") for number, name in enumerate(ODD_IDS)),
]

REPORT = cable(
    "09ROME300",
    *(
        (
            "C" if number % 3 else "SBU",
            f"Number {number} of the report: fishermen saw a {'porpoise' if number % 100 else 'narwhal'} off the "
            "coast, and the authorities of the port would not say what they made of it.",
        )
        for number in range(1, 301)
    ),
    classification="CONFIDENTIAL",
    subject="ANIMALS SEEN OFF THE COAST",
    tags=["SENV", "PHUM", "PREL", "KTIP", "SMIG", "PGOV", "EFIS", "EWWT"],
)
"""A cable of 300 paragraphs, three of which have a narwhal."""


def mixed() -> list[Cable]:
    """Cables of all levels and several years, posts, countries and tags."""
    made = []
    for number in range(60):
        marking = ("U", "SBU", "C", "C/NF", "S", "S//NF", "TS", None)[number % 8]
        made.append(
            cable(
                f"{number % 5 + 5:02}BEIJING{number + 1}",
                (marking or "", f"The whale number {number} swims to the harbor."),
                ("U", "We raised trafficking in persons (TIP)."),
                classification=("UNCLASSIFIED", "CONFIDENTIAL", "SECRET//NOFORN")[number % 3],
                subject=f"WHALES {number} OR FISH",
                subject_marking="U",
                tags=[("PHUM", "KS", "CH", "CLINTON, HILLARY")[number % 4], "PREL"],
                origin=("Embassy Beijing", "Embassy Rome", "Consulate Hong Kong")[number % 3],
                date=day(2005 + number % 5, number % 12 + 1),
                references=[f"{(number // 5) % 5 + 5:02}BEIJING{number // 5 + 1}"] if number else [],
            )
        )
    return made
