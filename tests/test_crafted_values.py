"""Values of fields that indexing never writes, in a segment whose checksums are right: refused, each by its file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import cablesearch
from cablesearch.archive import Archive
from cablesearch.engine.index.writer import Writer
from cablesearch.errors import CorruptIndexError
from cablesearch.protocols.fields import Document
from cablesearch.schema.index_fields import documents, indexing_schema
from cablesearch.schema.stored import pack
from tests.support.cables import cable

ASKED: dict[str, Callable[[Archive], object]] = {
    "acronyms": lambda archive: archive.acronyms(),
    "acronyms in a search": lambda archive: archive.search("TIP"),
    "long forms in a search": lambda archive: archive.search('"trafficking in persons"'),
    "expansions": lambda archive: archive.expansions('TIP OR "trafficking in persons"'),
    "overview": lambda archive: archive.overview(),
    "timeline": lambda archive: archive.timeline(by="month"),
}
CRAFTED: dict[str, tuple[Document, list[str]]] = {
    "acronym in one part": ({"acronym": ["tip"]}, ["acronyms"]),
    "acronym in two parts": ({"acronym": ["tip\tx"]}, ["acronyms", "acronyms in a search", "expansions"]),
    "acronym in five parts": ({"acronym": ["tip\ta\tb\tc\td"]}, ["acronyms", "acronyms in a search", "expansions"]),
    "long form in three parts": ({"long_form": ["traffickinperson\ttip\tx"]}, ["long forms in a search", "expansions"]),
    "date far away": ({"date": 1 << 50}, ["timeline"]),
    "date long ago": ({"date": -(1 << 50)}, ["timeline", "overview", "acronyms"]),
}


@pytest.mark.parametrize("crafted", CRAFTED)
def test_crafted_values_are_damage(tmp_path: Path, crafted: str) -> None:
    values, refused = CRAFTED[crafted]
    place = tmp_path / "archive"
    cablesearch.create(place).close()
    with Writer(place, indexing_schema()) as writer:
        for made in (cable(name, ("U", "trafficking in persons (TIP)")) for name in ("10ROME1", "10ROME2")):
            content, leads = documents(made)
            if made.id == "10ROME2":
                # A date belongs to the whole cable, the others to its paragraphs.
                content = [
                    {**one, **values} if "date" in values or at >= leads else one for at, one in enumerate(content)
                ]
            writer.add(made.id, made.id.encode().ljust(16), content, pack(made, leads), leads)
        writer.commit()
    for name in refused:
        with cablesearch.open(place) as archive, pytest.raises(CorruptIndexError, match=r"\.seg: "):
            ASKED[name](archive)
        with cablesearch.open(place, clearance="SBU") as archive, pytest.raises(CorruptIndexError, match="is damaged"):
            ASKED[name](archive)
