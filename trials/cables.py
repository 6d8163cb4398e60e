"""Generated cables that carry their own version, so that any answer can be checked."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Iterable
from pathlib import Path

from cablesearch.archive import Archive
from cablesearch.cable import Cable, Classification, Paragraph, Tag
from cablesearch.readers.json_cables import dumps
from cablesearch.request import Group

__all__ = ["State", "cable", "contents", "name", "search_answers", "write"]

LEVELS = ("UNCLASSIFIED", "SBU", "CONFIDENTIAL", "SECRET//NOFORN")
POSTS = ("Embassy Palermo", "Embassy Managua", "Consulate Tabriz", "Mission Geneva")
TAGS = ("PGOV", "PHUM", "ECON", "MARR", "PREL")
WORDS = tuple(
    f"{item}{two}" for item in ("har", "mer", "tol", "vas", "ken", "dor") for two in ("bin", "lac", "mot", "sul")
)
EVERYWHERE = "palladium"
"""A word that every paragraph has."""

State = dict[str, str]
"""The cables of an archive: digests of their JSON by id."""


def name(slot: int) -> str:
    """Return the id of a cable."""
    return f"09PALERMO{slot + 1}"


def cable(slot: int, version: int, words: int = 12) -> Cable:
    """Return version ``version`` of cable number ``slot``, the same at every call."""
    chance = random.Random(slot * 1_000_003 + version)
    classification = Classification.parse(LEVELS[(slot + version) % len(LEVELS)])
    assert classification is not None
    paragraphs = []
    for position in range(1, 2 + (slot * 7 + version) % 4):
        own = Classification.parse(LEVELS[chance.randrange(len(LEVELS))])
        assert own is not None
        text = f"{EVERYWHERE} version{version} slot{slot} " + " ".join(chance.choices(WORDS, k=words))
        paragraphs.append(Paragraph(position, position, str(own), own, None, text))
    return Cable(
        id=name(slot),
        reference_id=name(slot),
        date=dt.datetime(2009, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(hours=7 * slot),
        origin=POSTS[(slot + version) % len(POSTS)],
        classification=classification,
        classification_text=str(classification),
        tags=(Tag(TAGS[(slot + version) % len(TAGS)], "subject"),),
        subject=f"Report {slot} of {chance.choice(WORDS)}",
        subject_marking=None,
        paragraphs=tuple(paragraphs),
    )


def write(path: Path, cables: Iterable[Cable]) -> Path:
    """Write cables as JSON lines."""
    path.write_text("".join(dumps(cable) + "\n" for cable in cables), encoding="utf-8")
    return path


def digest(one: Cable) -> str:
    """Return the digest of a cable."""
    return hashlib.blake2b(dumps(one).encode(), digest_size=8).hexdigest()


def contents(archive: Archive) -> State:
    """Return the cables of an archive, in order."""
    return {cable.id: digest(cable) for cable in archive.export()}


QUERIES: tuple[tuple[str, Group], ...] = (
    (EVERYWHERE, "paragraph"),
    ("harbin OR merlac", "paragraph"),
    ('"kenbin dorlac" OR har*', "paragraph"),
    ("tolmot vassul", "cable"),
)


def search_answers(archive: Archive) -> list[object]:
    """Return the answers of an archive that must not depend on how it was made."""
    result: list[object] = []
    for query, group in QUERIES:
        results = archive.search(query, limit=20, group=group, facets=["tags", "origin", "classification"])
        hits = [(hit.cable, hit.position, round(hit.score, 6)) for hit in results.hits]
        result.append((query, results.total, hits, results.facets))
    return result
