"""What one cable may say, at the most."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from cablesearch.cable import Recipient
from cablesearch.readers import limits
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.formats.json_lines import parse_line
from cablesearch.readers.json_cables import dumps, from_json
from cablesearch.schema.index_fields import documents
from cablesearch.schema.stored import extent, pack, unpack

CABLE: dict[str, Any] = {"id": "10STATE1", "classification": "UNCLASSIFIED"}
X = {"text": "x"}


@pytest.mark.parametrize(
    "entry",
    [
        {"subject": "word " * 2000, "paragraphs": [X] * 15_000},
        {"subject": "word " * 200, "paragraphs": [X] * 15_000},
        {"subject": "word " * 20_000, "paragraphs": [X]},
        {"origin": "Embassy " * 10_000, "paragraphs": [X]},
        {"tags": [f"T{number}" for number in range(20_000)], "paragraphs": [X]},
        {"controls": [f"C{number}" for number in range(8000)], "paragraphs": [{"text": "(S) x"}] * 15_000},
        {"controls": ["C" * 1000] * 19, "paragraphs": [X] * 15_000},
        {"paragraphs": [X | {"section": "s " * 500}] * 1000},
        {"paragraphs": [X | {"section": "s " * 20_000}]},
        {"paragraphs": [X | {"marking": "M" * 30_000}]},
        {"paragraphs": [X | {"classification": "SECRET", "controls": [f"C{number}" for number in range(30)]}]},
    ],
    ids=" ".join,
)
def test_what_would_be_written_once_a_paragraph_is_bounded(entry: dict[str, Any]) -> None:
    with pytest.raises(UnreadableCable, match="more than"):
        from_json(CABLE | entry)


def test_real_cables_are_far_below_the_limits() -> None:
    paragraph = {"text": "A line of a list, with a name. " * 3, "section": "A LONG HEADING", "marking": "C/NF"}
    cable = from_json(CABLE | {"subject": "word " * 80, "tags": ["PGOV"] * 100, "paragraphs": [paragraph] * 835})
    content, leads = documents(cable)
    assert unpack(b"".join(pack(cable, leads))) == cable
    assert len(content) == leads + 835


@pytest.mark.parametrize("places", [(0, 40_000), (1, 2), (39_000, 41_000), (10, 5)])
def test_places_of_paragraphs_rise_and_lie_in_the_body(places: tuple[int, int]) -> None:
    start, end = places
    paragraphs = [{"text": "b a b", "start": start, "end": end}] * 2
    with pytest.raises(UnreadableCable, match=r"paragraphs\[[01]\]\.start: .* is not its place in the body"):
        from_json(CABLE | {"body": "a b " * 10_000, "paragraphs": paragraphs})


def test_places_that_are_known_are_kept_beside_those_that_are_not() -> None:
    paragraphs = [X, {"text": "one", "start": 0, "end": 3}, X, {"text": "two", "start": 4, "end": 7}]
    cable = from_json(CABLE | {"body": "one two", "paragraphs": paragraphs})
    assert unpack(b"".join(pack(cable, 1))) == cable == parse_line((dumps(cable),))


def test_a_record_whose_paragraphs_all_claim_the_body_is_refused_before_they_are_read() -> None:
    body = b"a b " * 250_000
    values = {"text": 1, "start": 0, "end": len(body), "number": None}
    entry = {"id": "x", "paragraphs": [values] * 50_000, "tail": 0, "rest": len(body)}
    began = time.process_time()
    with pytest.raises(UnreadableCable, match="overlap"):
        unpack(json.dumps(entry).encode() + b"\n" + body)
    assert time.process_time() - began < 20


@pytest.mark.parametrize("line", [b"[" * 1_000_000, b"{" * 1_000_000, b"[0" + b",0" * 2_000_001 + b"]", b"0" * 5000])
def test_a_record_has_the_limits_of_a_line(line: bytes) -> None:
    with pytest.raises(UnreadableCable, match=r"more than|not JSON|deep"):
        parse_line((line.decode(),))
    with pytest.raises(UnreadableCable, match=r"more than|not JSON|deep"):
        unpack(line + b"\n")
    assert extent(line + b"\n") == 0


def test_a_cable_whose_record_could_not_be_read_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    cable = replace(from_json(CABLE | {"paragraphs": [X]}), recipients=(Recipient("x"),) * 50)
    monkeypatch.setattr(limits, "MOST_BRACKETS", 100)
    with pytest.raises(UnreadableCable, match="more than 100 lists and objects"):
        pack(cable, 1)
