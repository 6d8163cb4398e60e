"""Stored cables that are read again."""

from __future__ import annotations

from functools import reduce
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import cablesearch
from cablesearch.cable import Classification, Level, Paragraph
from cablesearch.readers.rereading import _not_below
from tests.support.cables import cable
from tests.support.files import write_cables

levels = st.sampled_from([Level.UNCLASSIFIED, Level.CONFIDENTIAL, Level.SECRET]).map(Classification)


def paragraphs(pieces: list[tuple[int, int, Classification]]) -> list[Paragraph]:
    """Paragraphs one after the other, each with the gap before it, its size and its classification."""
    made: list[Paragraph] = []
    end = 0
    for position, (gap, size, classification) in enumerate(pieces, 1):
        start = end + gap
        end = start + size
        made.append(Paragraph(position, None, None, classification, None, "", start, end))
    return made


pieces = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5), levels), max_size=6).map(paragraphs)


@given(pieces, pieces)
def test_a_paragraph_is_raised_to_every_stored_one_that_it_overlaps(
    fresh: list[Paragraph], stored: list[Paragraph]
) -> None:
    for paragraph, raised in zip(fresh, _not_below(fresh, stored), strict=True):
        beneath = [
            other.classification for other in stored if other.start < paragraph.end and paragraph.start < other.end
        ]
        assert raised.classification == reduce(Classification.join, beneath, paragraph.classification)


def test_a_hundred_thousand_paragraphs_are_raised_one_after_the_other() -> None:
    # In quadratic time this would take an hour.
    many = paragraphs([(1, 1, Classification(Level.SECRET))] * 100_000)
    assert len(_not_below(many, many)) == 100_000


def test_the_work_of_an_interrupted_reindexing_is_no_source(tmp_path: Path) -> None:
    write_cables(tmp_path / "cables.jsonl", [cable("09X1", "river")])
    troubles: list[tuple[object, ...]] = []
    with cablesearch.create(tmp_path / "archive") as archive:
        archive.index([tmp_path / "cables.jsonl"])
        cablesearch.create(archive.path / "reindex").close()
        report = archive.index([tmp_path], on_trouble=lambda *trouble: troubles.append(trouble))
    assert (report.unchanged, report.rejected, troubles) == (1, 0, [])
