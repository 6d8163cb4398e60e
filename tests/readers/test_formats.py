"""A format of input files is one object in one list: whatever is in the list is recognised, read and indexed."""

from __future__ import annotations

import importlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from pkgutil import iter_modules

import pytest

import cablesearch
from cablesearch.cable import Cable
from cablesearch.readers import Record, Rejected, UnreadableCable, formats, scan
from cablesearch.readers.formats import known
from cablesearch.readers.records import FileText, Format
from cablesearch.readers.telegram.telegram import parse_cable
from tests.support.files import DOCS


def looks_like_cards(head: str) -> bool:
    return head.startswith("#cards\n")


def cards(text: FileText) -> Iterator[Record | Rejected]:
    for line in text.lines():
        if isinstance(line, Rejected):
            yield line
        elif line[0] > 1 and line[1]:
            yield text.record(CARDS, tuple(line[1].split("|")), line[0])


def parse_card(fields: tuple[str, ...]) -> Cable:
    if len(fields) != 2:
        raise UnreadableCable("a card has an id and a text")
    return parse_cable("", f"1. {fields[1]}", cable_id=fields[0], classification="UNCLASSIFIED")


def card_line(fields: tuple[str, ...]) -> str:
    return "|".join(fields)


def why_no_cards(head: str) -> str | None:
    return "cards without their first line" if "|" in head else None


CARDS = Format("cards", "cards", looks_like_cards, cards, parse_card, raw=card_line, why_not=why_no_cards)
"""A made-up format: a line a cable, of an id, a stroke and a text."""


@pytest.fixture(autouse=True)
def _with_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "FORMATS", [CARDS, *known.FORMATS])


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_format_in_the_list_is_indexed_and_what_it_rejects_is_written_out(tmp_path: Path, jobs: int) -> None:
    (tmp_path / "box").write_text("#cards\n10ROME1|Rain fell.\n10ROME2\n\n10ROME3|The sun shone.\n")
    rejects = io.StringIO()
    with cablesearch.create(tmp_path / "index") as archive:
        report = archive.index([tmp_path / "box"], jobs=jobs, rejects=rejects)
        assert (report.added, report.rejected) == (2, 1)
        assert [hit.cable for hit in archive.search("rain")] == ["10ROME1"]
        assert archive.index([tmp_path / "box"]).unchanged == 2
    entry = json.loads(rejects.getvalue())
    assert (entry["row"], entry["reason"], entry["raw"]) == (3, "a card has an id and a text", "10ROME2")


def test_a_format_gives_its_reason_only_for_files_that_no_format_accepts(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("10ROME1|Rain fell.\n")
    (tmp_path / "b.csv").write_text(
        '"1","1/8/2010 3:26","10ROME2","Embassy Rome","SECRET","10ROME1|10ROME3","","Rain"\n'
    )
    first, second = scan([tmp_path])
    assert isinstance(first, Rejected)
    assert first.reason == "cards without their first line"
    assert isinstance(second, Record)


def test_every_format_is_in_the_list_and_on_the_page() -> None:
    modules = [
        importlib.import_module(f"{formats.__name__}.{module.name}") for module in iter_modules(formats.__path__)
    ]
    defined = {value.name for module in modules for value in vars(module).values() if isinstance(value, Format)}
    assert {form.name for form in known.FORMATS} - {"cards"} == defined
    section = (DOCS / "readers.md").read_text(encoding="utf-8").partition("## Formats")[2]
    rows = section.partition("|---|---|\n")[2].partition("\n\n")[0]
    assert len(rows.splitlines()) == len(defined)


def test_the_names_of_formats_differ_as_they_are_part_of_each_digest() -> None:
    names = [form.name for form in known.FORMATS]
    assert len(set(names)) == len(names)
    fields = ("a", "b", "c", "d", "e", "f", "g", "h")
    assert len({Record("x", 1, form, fields).digest() for form in known.FORMATS}) == len(names)
