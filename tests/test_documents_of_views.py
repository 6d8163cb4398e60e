"""What is indexed of a cable for a reader is what would be indexed of the part that the reader sees; and on a cluster
each reader asks for that part alone."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import asdict, replace

import pytest

from cablesearch.cable import Cable, Classification, Clearance, Level
from cablesearch.cluster.documents.views import ViewClass, views
from cablesearch.protocols.fields import Document
from cablesearch.schema.index_fields import documents
from cablesearch.schema.visibility import visibility
from trials.noninterference import CLEARANCES, IDS, made_up_cable, real_cable


def _told(chance: random.Random, one: Cable) -> Cable:
    """Return a cable with more marks of parts, names and definitions at the ends of its paragraphs."""
    before = ["", "", "SUMMARY. ", "Begin comment: ", "Action request: ", "[Note: ", "Gen. Hamid Karzai. ", "Geneva: "]
    after = ["", "", " End summary.", " END COMMENT", " Karzai agreed.", " MR. BUNKER SAID", " trade list (TL)", "]"]
    paragraphs = [
        replace(each, text=chance.choice(before) + each.text + chance.choice(after), section=chance.choice([None, "X"]))
        for each in one.paragraphs
    ]
    return replace(one, paragraphs=tuple(paragraphs), body="")


def _visible(cable: Cable, clearance: Clearance) -> Iterator[Document]:
    """Yield the documents of a cable that a reader sees."""
    content, leads = documents(cable)
    seen = [visibility(one.classification) for one in cable.paragraphs if clearance.sees(one.classification)]
    yield from (one for one in content[leads:] if one["visibility"] in seen)


@pytest.mark.parametrize("seed", range(4))
def test_documents_of_visible_paragraphs_depend_on_what_is_visible(seed: int) -> None:
    chance = random.Random(seed)
    compared = 0
    for number in range(120):
        made = _told(chance, (made_up_cable if number % 8 else real_cable)(chance.choice(IDS), chance))
        for text in CLEARANCES:
            clearance = Clearance.parse(text)
            view = made.view(clearance)
            if view is not None:
                own = list(_visible(made, clearance))
                assert own == documents(view)[0][documents(view)[1] :], f"{seed} {number} {text}"
                compared += len(own)
    assert compared > 1_000


@pytest.mark.parametrize("seed", range(4))
def test_every_reader_asks_for_one_view_of_a_cable_and_it_is_the_right_one(seed: int) -> None:
    chance = random.Random(seed)
    clearances = [None, *map(Clearance.parse, CLEARANCES), Clearance(Level.TOP_SECRET, frozenset({"NOFORN", "ORCON"}))]
    nothing = 0
    for number in range(150):
        made = _told(chance, (made_up_cable if number % 8 else real_cable)(chance.choice(IDS), chance))
        stored = list(views(made))
        for clearance in clearances:
            asked = [view for view_class, view in stored if view_class.is_asked_by(clearance)]
            seen = made.view(clearance)
            assert asked == ([] if seen is None else [seen]), f"{seed} {number} {clearance}"
            nothing += seen is None
    assert nothing


def test_a_class_is_told_by_the_readers_that_it_is_for() -> None:
    """So it does not matter which of the lower markings a cable has, nor what is hidden besides something lower."""
    low, middle, high = (Classification(level) for level in (Level.UNCLASSIFIED, Level.CONFIDENTIAL, Level.SECRET))
    not_foreign = Classification(Level.UNCLASSIFIED, ("NOFORN",))
    assert ViewClass.of([middle], [], "all") == ViewClass.of([middle, low], [], "all")
    assert ViewClass.of([low], [middle], "restricted") == ViewClass.of([low], [high, middle], "restricted")
    assert ViewClass.of([middle], [not_foreign], "restricted") == ViewClass.of(
        [middle],
        [Classification(Level.CONFIDENTIAL, ("NOFORN",)), Classification(Level.SECRET, ("NOFORN",))],
        "restricted",
    )
    assert ViewClass.of([low], [high], "restricted") != ViewClass.of([low], [middle], "restricted")
    assert ViewClass.of([low], [high], "restricted") != ViewClass.of([low], [high, not_foreign], "restricted")


def test_a_class_comes_back_from_json() -> None:
    view_class = ViewClass.of([Classification(Level.SBU)], [Classification(Level.SECRET, ("NOFORN",))], "restricted")
    assert ViewClass.from_json(json.loads(json.dumps(asdict(view_class)))) == view_class
