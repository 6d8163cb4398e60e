"""The tables of fields: they name every field of the classes, and what they do not name is hidden and not written."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from cablesearch.cable import (
    FULL,
    Attributes,
    Cable,
    ClassifiedBy,
    Clearance,
    Level,
    Paragraph,
    Provenance,
    Recipient,
    clearance_name,
    parse_clearance,
)
from cablesearch.cable_fields import CABLE, CLASSIFIED_BY, PARAGRAPH, PROVENANCE, RECIPIENT, FieldTable, Seen
from cablesearch.protocols.fields import is_shared
from cablesearch.readers.json_cables import to_json
from cablesearch.readers.telegram.telegram import parse_cable
from cablesearch.schema.index_fields import FIELDS, query_schema

BODY = "SECRET ROME 000001\n\nSUBJECT: RAIN\n\n1. (U) Rain fell.\n\n2. (S) The sun shone.\n"


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (CABLE, Cable),
        (PARAGRAPH, Paragraph),
        (RECIPIENT, Recipient),
        (CLASSIFIED_BY, ClassifiedBy),
        (PROVENANCE, Provenance),
    ],
)
def test_the_tables_name_every_field_and_nothing_else(table: FieldTable, kind: type) -> None:
    names = [field.name for field in table.fields]
    assert sorted(names) == sorted(field.name for field in dataclasses.fields(kind))
    assert all(field.json for field in table.fields)


def test_what_may_be_hidden_has_a_default() -> None:
    for table, kind in ((CABLE, Cable), (PARAGRAPH, Paragraph)):
        defaults = {
            field.name
            for field in dataclasses.fields(kind)
            if (field.default, field.default_factory) != (dataclasses.MISSING, dataclasses.MISSING)
        }
        assert {field.name for field in table.fields if not field.seen & Seen.ALWAYS} <= defaults


@dataclasses.dataclass(frozen=True, slots=True)
class WiderParagraph(Paragraph):
    """A paragraph with a field that the table does not name."""

    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class WiderCable(Cable):
    """A cable with a field that the table does not name."""

    note: str = ""


def wider(cable: Cable) -> WiderCable:
    paragraphs = tuple(
        WiderParagraph(
            **{field.name: getattr(paragraph, field.name) for field in dataclasses.fields(Paragraph)}, note="a"
        )
        for paragraph in cable.paragraphs
    )
    values = {field.name: getattr(cable, field.name) for field in dataclasses.fields(Cable)}
    return WiderCable(**values | {"paragraphs": paragraphs}, note="a")


@pytest.mark.parametrize("clearance", ["UNCLASSIFIED", "SECRET", "TOP SECRET//NOFORN"])
def test_a_field_that_the_table_does_not_name_is_hidden_from_every_clearance(clearance: str) -> None:
    cable = parse_cable("", BODY, cable_id="10ROME1")
    plain, view = cable.view(Clearance.parse(clearance)), wider(cable).view(Clearance.parse(clearance))
    assert isinstance(view, WiderCable)
    assert plain is not None
    assert view.note == ""
    assert [paragraph.note for paragraph in view.paragraphs if isinstance(paragraph, WiderParagraph)] == [
        "" for _ in plain.paragraphs
    ]
    assert to_json(view) == to_json(plain)
    assert "note" not in to_json(wider(cable))


MARKED: dict[str, object] = {
    "str": "(S) ROE",
    "str | None": "(S) ROE",
    "tuple[str, ...]": ("(S) ROE",),
    "tuple[str, ...] | None": ("(S) ROE",),
    "tuple[Recipient, ...]": (Recipient("(S) ROE"),),
    "ClassifiedBy": ClassifiedBy(("(S) ROE",)),
    "Attributes": Attributes({"Review": "(S) ROE"}),
    "Provenance | None": Provenance(file="(S) ROE"),
    "dt.date | None": dt.date(2035, 1, 8),
}
"""A value for each type of a field, with a marking where there is text."""
TYPES = {field.name: str(field.type) for field in dataclasses.fields(Cable)}


@pytest.mark.parametrize("name", [field.name for field in CABLE.fields if field.seen == Seen.WHOLE])
def test_a_marking_in_any_text_that_is_visible_with_the_whole_raises_the_whole(name: str) -> None:
    cable = parse_cable("", BODY.replace("SECRET ROME", "UNCLAS ROME"), cable_id="10ROME1")
    value = MARKED[TYPES[name]]
    marked = dataclasses.replace(cable, **{name: value})  # type: ignore[arg-type]
    assert cable.whole_classification.level == Level.UNCLASSIFIED
    assert marked.whole_classification.level == (Level.UNCLASSIFIED if isinstance(value, dt.date) else Level.SECRET)


@pytest.mark.parametrize("name", [field.name for field in CABLE.fields if not field.seen & Seen.ALWAYS])
def test_no_value_that_all_paragraphs_share_in_the_index_depends_on_what_may_be_hidden(name: str) -> None:
    cable = parse_cable("", BODY, cable_id="10ROME1")
    value = () if name == "paragraphs" else MARKED[TYPES[name]]
    other = dataclasses.replace(cable, **{name: value})  # type: ignore[arg-type]
    for field, entry in FIELDS.items():
        if entry.of_cable and is_shared(query_schema()[field]):
            assert entry.of_cable(other) == entry.of_cable(cable), field


def test_without_a_clearance_a_view_is_the_cable_itself() -> None:
    cable = wider(parse_cable("", BODY, cable_id="10ROME1"))
    assert cable.view(None) is cable
    assert cable.view(parse_clearance(FULL)) is cable
    assert clearance_name(None) == FULL


def test_the_page_on_reading_names_every_name_in_json() -> None:
    page = (Path(__file__).parents[2] / "docs" / "readers.md").read_text(encoding="utf-8")
    section = page.partition("## JSON lines")[2].partition("\n## ")[0]
    names = {
        entry.name
        for table in (CABLE, PARAGRAPH, RECIPIENT, CLASSIFIED_BY, PROVENANCE)
        for field in table.fields
        for entry in field.json
    }
    assert {name for name in names if f"`{name}`" not in section and f'"{name}"' not in section} == set()
