"""What is indexed of a cable for a reader is what would be indexed of the part that the reader sees."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cablesearch.cable import Cable, Clearance
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
