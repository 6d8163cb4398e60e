"""An archive opened with a clearance answers like one that was built from its visible part."""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cablesearch
from cablesearch import searcher
from cablesearch.archive import Archive
from cablesearch.cable import Cable, Classification, Clearance, Level, Paragraph
from cablesearch.engine.index.creation import create as create_index
from cablesearch.engine.index.writer import Writer
from cablesearch.engine.search import bitmaps, phrases
from cablesearch.engine.segment import postings
from cablesearch.errors import QueryError
from cablesearch.readers.json_cables import dumps
from cablesearch.request import Group
from cablesearch.schema.index_fields import documents, indexing_schema
from cablesearch.schema.stored import pack
from cablesearch.schema.visibility import read_visibility, visibility
from tests.support.cables import cable
from tests.support.classified import CLEARANCES, MARKINGS, WORDS, cables, clearance
from tests.support.files import write_cables

Make = Callable[..., Archive]

QUERIES = [
    "china",
    "labor trade",
    "china OR palermo",
    "-china",
    '"china labor"',
    "neg*",
    "chnia",
    "ref:09STATE1",
    "tag:PREL court",
    "class:>=CONFIDENTIAL",
    "envelope:china",
    "subject:labor",
    "control:NOFORN",
]


def answers(archive: Archive) -> list[object]:
    """Return everything that an archive answers."""
    result: list[object] = [archive.stats().__class__.__name__, *[dumps(cable) for cable in archive.export()]]
    figures = archive.stats()
    result += [figures.cables, figures.paragraphs, figures.words, figures.first_date, figures.last_date]
    for text in QUERIES:
        for group in ("paragraph", "cable"):
            page = archive.search(text, group=group, limit=50, facets=["tags", "classification", "origin", "year"])
            result.append(page.to_json() | {"took_ms": 0})
    for number in range(6):
        for reference in (f"10A{number}", f"10A{number}¶1", f"10A{number}@2"):
            try:
                result.append(archive.show(reference))
            except cablesearch.UnknownCableError as error:
                result.append(str(error))
    return result


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=cables, level=clearance)
def test_hidden_text_leaves_no_trace(archive_of: Make, content: list[Cable], level: str) -> None:
    named = [dataclasses.replace(cable, id=f"10A{n}", reference_id=f"10A{n}") for n, cable in enumerate(content)]
    whole = archive_of(*named)
    visible = [seen for item in named if (seen := item.view(Clearance.parse(level)))]
    with cablesearch.open(whole.path, clearance=level) as restricted:
        assert answers(restricted) == answers(archive_of(*visible))


@pytest.fixture
def few_are_many() -> Iterator[None]:
    """Treat a few paragraphs as if they were millions, so that pages are found as in large archives."""
    few: dict[str, Any] = {"FREQUENT": 4, "CHAMPIONS": 8, "CHAMPIONS_FROM": 8, "GROUP": 4}
    with (
        mock.patch.multiple(postings, LOW_BITS=7, **few),
        mock.patch.multiple(phrases, LOW_BITS=7, _SCANNED=50),
        mock.patch.multiple(bitmaps, _FIRST=1, _FACTOR=1, _SPARSE=2),
    ):
        yield


@pytest.mark.parametrize("level", CLEARANCES)
def test_a_page_is_a_page_of_the_visible_part(archive_of: Make, few_are_many: None, tmp_path: Path, level: str) -> None:
    chance = random.Random(level)
    made = [
        cable(
            f"10A{number}",
            *((chance.choice(MARKINGS), " ".join(chance.choices(WORDS, k=chance.randrange(1, 9)))) for _ in range(5)),
            tags=chance.sample(["PREL", "ECON"], chance.randrange(3)),
            envelope=chance.choice(WORDS),
        )
        for number in range(60)
    ]
    whole = archive_of(*made[:30])
    more = tmp_path / "more.jsonl"
    write_cables(more, made[30:])
    whole.index([more])
    whole.remove(["10A3", "10A40"])
    kept = [cable for cable in made if cable.id not in {"10A3", "10A40"}]
    visible = archive_of(*(seen for cable in kept if (seen := cable.view(Clearance.parse(level)))))
    queries = [*QUERIES, "china^2 OR labor OR trade OR court", "china labor trade", "china -labor tag:ECON", "*"]
    groups: list[Group] = ["paragraph", "cable"]
    with cablesearch.open(whole.path, clearance=level) as restricted:
        for text, group, (limit, offset) in itertools.product(queries, groups, ((1, 0), (10, 0), (5, 7), (0, 0))):
            pages = [
                archive.search(text, group=group, limit=limit, offset=offset, facets=["tags", "year"]).to_json()
                for archive in (restricted, visible)
            ]
            assert pages[0] | {"took_ms": 0} == pages[1] | {"took_ms": 0}


def test_a_hidden_subject_cannot_be_detected_by_position(archive_of: Make) -> None:
    secret = cable("10A1", ("U", "china"), subject="palermo", subject_marking="S")
    whole, visible = archive_of(secret), archive_of(*filter(None, [secret.view(Clearance.parse("SBU"))]))
    with cablesearch.open(whole.path, clearance="SBU") as restricted:
        for text in ("position:0", "position:..1", "-position:0", "-position:1"):
            results = [archive.search(text, group="cable").to_json() for archive in (restricted, visible)]
            assert results[0] | {"took_ms": 0} == results[1] | {"took_ms": 0}


def test_a_view_of_a_view_is_that_view() -> None:
    mixed = cable(
        "10A1", ("S", "a"), ("U", "b"), classification="SECRET", subject="x", subject_marking="U", envelope="e"
    )
    low = Clearance.parse("SBU")
    seen = mixed.view(low)
    assert seen is not None
    assert [paragraph.text for paragraph in seen.paragraphs] == ["b"]
    assert (seen.subject, seen.envelope, seen.body) == ("x", "", "")
    assert seen.view(low) == seen
    assert cable("10A1", ("S", "a")).view(low) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("U", "UNCLASSIFIED"),
        ("SBU", "SENSITIVE BUT UNCLASSIFIED"),
        ("C/NF", "CONFIDENTIAL//NOFORN"),
        ("(S//NF/OC)", "SECRET//NOFORN/ORCON"),
        ("C/REL LIBYA", "CONFIDENTIAL//REL TO LIBYA"),
        ("SECRET//REL TO USA, GBR", "SECRET//REL TO USA GBR"),
        ("S E C R E T", "SECRET"),
        ("C O N F I D E N T I A L//NOFORN", "CONFIDENTIAL//NOFORN"),
        ("UNCLASSIFIED//FOR OFFICIAL USE ONLY", "SENSITIVE BUT UNCLASSIFIED"),
        ("C - ENTIRE TEXT", "CONFIDENTIAL"),
        ("TOP SECRET", "TOP SECRET"),
        ("LOU", "SENSITIVE BUT UNCLASSIFIED"),
    ],
)
def test_classifications_are_read_and_written(text: str, expected: str) -> None:
    parsed = Classification.parse(text)
    assert str(parsed) == expected
    assert Classification.parse(expected) == parsed


@pytest.mark.parametrize("text", ["", None, "X", "HIGH", "//NOFORN", "(", "¶"])
def test_invalid_text_is_not_a_classification(text: str | None) -> None:
    assert Classification.parse(text) is None


def test_a_clearance_grants_a_level_and_controls() -> None:
    granted = Clearance.parse("secret//nf,ORCON")
    assert granted == Clearance(Level.SECRET, frozenset({"NOFORN", "ORCON"}))
    assert granted.sees(Classification(Level.SECRET, ("NOFORN",)))
    assert not granted.sees(Classification(Level.TOP_SECRET))
    assert not granted.sees(Classification(Level.UNCLASSIFIED, ("EYES ONLY",)))


def test_only_full_clearance_may_write(archive_of: Make, tmp_path: Path) -> None:
    whole = archive_of(cable("10A1", ("S", "china")))
    with cablesearch.open(whole.path, clearance="TOP SECRET") as restricted:
        for work in (
            lambda: restricted.index([tmp_path]),
            lambda: restricted.remove(["10A1"]),
            restricted.compact,
            restricted.verify,
        ):
            with pytest.raises(cablesearch.CablesearchError, match="full clearance"):
                work()
    assert json.dumps([cable.id for cable in whole.export()]) == '["10A1"]'


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "0",
        "{}",
        "[]",
        "[9]",
        "[true]",
        "[0.0]",
        '["0"]',
        "[0, 1]",
        '[0, ["NOFORN"]]',
        '[0, "nf"]',
        "[0",
        "[" * 100_000,
    ],
)
def test_a_foreign_visibility_class_is_not_read(stored: str) -> None:
    assert read_visibility(stored) is None


def test_a_document_without_exactly_one_valid_visibility_class_is_hidden(tmp_path: Path) -> None:
    create_index(tmp_path)
    ours = cable("10A1", ("U", "china"), ("U", "labor"), ("U", "trade"), ("U", "court"), ("U", "palermo"))
    for number, stored in enumerate([[], ["[0]", "[4]"], "[" * 100_000, "[0]\udcff"], 2):
        documents_of, leads = documents(ours)
        parts: list[Any] = documents_of
        parts[number]["visibility"] = stored
        with Writer(tmp_path, indexing_schema()) as writer:
            writer.add("10A1", bytes(16), parts, pack(ours, leads), leads)
            writer.commit()
        assert cablesearch.open(tmp_path).stats().paragraphs == 5
        with cablesearch.open(tmp_path, clearance="TOP SECRET") as restricted:
            assert restricted.stats().paragraphs == 4
            assert restricted.search("china").total == 1
            assert restricted.search(ours.paragraphs[number - 1].text).total == 0


strange = st.text("NOFRELTSZ/,. ()[]-&", max_size=12) | st.sampled_from(
    ["- ENTIRE TEXT", "noforn", "REL TO USA, GBR", "ZED."]
)


@given(st.sampled_from(Level), st.lists(strange, max_size=3))
def test_a_visibility_class_is_read_as_it_was_written(level: Level, controls: list[str]) -> None:
    classification = Classification(level, tuple(controls))
    assert read_visibility(visibility(classification)) == classification
    assert Classification(level, classification.controls) == classification


@given(st.sampled_from(Level), st.lists(strange, max_size=3))
def test_a_clearance_is_read_as_it_was_written(level: Level, controls: list[str]) -> None:
    clearance = Clearance(level, frozenset(controls))
    assert Clearance.parse(str(clearance)) == clearance


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(strange)
def test_an_ungranted_control_hides_text(archive_of: Make, control: str) -> None:
    hidden = Paragraph(2, 2, None, Classification(Level.SECRET, (control,)), None, "palermo")
    open_too = cable("10A1", ("U", "china"))
    archive = archive_of(dataclasses.replace(open_too, paragraphs=(*open_too.paragraphs, hidden)))
    expected = not hidden.classification.controls
    with cablesearch.open(archive.path, clearance="SECRET") as restricted:
        assert restricted.search("palermo").total == expected
        assert restricted.stats().paragraphs == 1 + expected
        assert len(restricted.show("10A1")[0].paragraphs) == 1 + expected


def test_the_limit_of_patterns_counts_visible_words(
    archive_of: Callable[..., Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searcher, "_MOST_SCANNED_WORDS", 20)
    displayed = [cable(f"10A{number}", ("U", "china labor")) for number in range(3)]
    hidden = [cable("10B1", ("S", "zephyr " * 100)), cable("10B2", ("U", "trade"), ("S", "quartz " * 100))]
    visible = [seen for made in (*displayed, *hidden) if (seen := made.view(Clearance.parse("U")))]
    with archive_of(*displayed, *hidden) as archive, archive_of(*visible) as other:
        low = archive.lowered("U")
        # Seven words of text, none of subjects or headings.
        for text in ("chi*", "chi* lab*", "chi* OR labr~1 OR t*"):
            answers: list[object] = []
            for reader in (low, other):
                try:
                    answers.append((reader.search(text).total, reader.search(f"{text} zzz").alternatives))
                except QueryError as error:
                    answers.append(str(error))
            assert answers[0] == answers[1]
        with pytest.raises(QueryError, match="scan 21 words"):
            low.search("chi* OR labr~1 OR t*")
        with pytest.raises(QueryError, match="scan 21 words"):
            list(low.export("chi* OR labr~1 OR t*"))
        with pytest.raises(QueryError, match="would scan"):
            archive.search("chi*")
