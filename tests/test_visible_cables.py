"""Stored cables as a reader sees them: in part as in whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import cablesearch
from cablesearch.cable import Cable, Clearance, parse_clearance
from cablesearch.embedded.records.visible_cables import cable_with, visible_cable
from cablesearch.engine.index.snapshot import Snapshot
from cablesearch.errors import CorruptIndexError

HEAD = (
    *("id", "reference_id", "date", "origin", "classification", "classification_text", "tags"),
    *("subject", "subject_marking"),
)
SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    path = tmp_path_factory.mktemp("visible") / "archive"
    with cablesearch.create(path) as archive:
        archive.index([SAMPLES], jobs=1)
    return Snapshot(path)


@pytest.mark.parametrize("level", ["FULL", "UNCLASSIFIED", "CONFIDENTIAL", "SECRET//NOFORN"])
def test_a_cable_in_part_has_the_head_of_the_whole_and_its_paragraphs(snapshot: Snapshot, level: str) -> None:
    clearance: Clearance | None = parse_clearance(level)
    seen = 0
    for segment in snapshot.segments:
        for block in range(0, segment.blocks, 7):
            try:
                whole = replace(visible_cable(segment, block, clearance), body="")
            except CorruptIndexError:
                # Nothing of it is visible.
                continue
            for chosen in ({1}, {1, 3}, {2}):
                if not chosen <= {paragraph.position for paragraph in whole.paragraphs}:
                    continue
                seen += 1
                part = cable_with(segment, block, chosen, clearance)
                kept = tuple(
                    replace(paragraph, start=0, end=0) for paragraph in whole.paragraphs if paragraph.position in chosen
                )
                shown = tuple(replace(paragraph, start=0, end=0) for paragraph in part.paragraphs)
                assert replace(part, paragraphs=shown) == Cable(
                    **{name: getattr(whole, name) for name in HEAD}, paragraphs=kept
                )
            assert cable_with(segment, block, {0}, clearance) == whole
    assert seen > 100


def test_a_paragraph_that_the_record_lacks_is_damage(snapshot: Snapshot) -> None:
    with pytest.raises(CorruptIndexError, match="has no paragraph 1000000"):
        cable_with(snapshot.segments[0], 0, {10**6}, None)
