"""Texts with YAML front matter."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.readers.test_tables import BODY, HEADER, TEXT
from tests.support.scanning import check_round_trip, reading

pytest.importorskip("yaml")
FRONT = "---\nid: 79OSLO7\ndate: 5 June 1979\ntags: [EFIS, PREL]\nclassification: SECRET\nFilm Number: D79\n---\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("closing", ["---", "..."])
def test_values_and_text_are_read(tmp_path: Path, end: str, closing: str) -> None:
    front = FRONT.removesuffix("---\n") + closing + "\n"
    found = reading(tmp_path, (front + BODY).replace("\n", end))
    cable = found.cable
    assert (cable.id, str(cable.date)[:10], str(cable.classification)) == ("79OSLO7", "1979-06-05", "SECRET")
    assert [tag.name for tag in cable.tags] == ["EFIS", "NO", "PREL"]
    assert (cable.paragraphs[0].text, dict(cable.attributes)) == (TEXT, {"Film Number": "D79"})
    assert cable.body.replace("\r", "") == BODY
    assert found.notes == []
    check_round_trip(tmp_path, found)


def test_names_are_those_of_tables_and_links_in_tags_are_read(tmp_path: Path) -> None:
    text = "---\nMRN: '79OSLO7'\ntitle: 'HERRING: QUOTA'\ncreated: 2009-01-02\n---\n\n" + BODY.replace(
        "EFIS", "[EFIS](#)"
    )
    found = reading(tmp_path, text.replace("SUBJECT: HERRING QUOTA\n", ""), "a.md")
    assert (found.cable.id, found.cable.subject) == ("79OSLO7", "HERRING: QUOTA")
    assert [tag.name for tag in found.cable.tags] == ["EFIS", "NO"]
    assert found.notes[0].startswith("read as a text with front matter: id from 'MRN', date from 'created', ")
    assert reading(tmp_path, text.replace("MRN", "Key"), columns={"id": "key"}).cable.id == "79OSLO7"


def test_the_name_of_the_file_is_the_id_of_a_text_without_one(tmp_path: Path) -> None:
    assert reading(tmp_path, f"---\ntitle: HERRING\n---\n{BODY}", "79OSLO8.md").cable.id == "79OSLO8"


def test_the_header_of_the_text_is_read(tmp_path: Path) -> None:
    cable = reading(tmp_path, f"{FRONT}{HEADER}\n{BODY}").cable
    assert (str(cable.date)[:16], cable.origin, cable.header) == ("1979-06-05 10:20", "Embassy Oslo", HEADER + "\n")


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("title: A: B", "front matter is not YAML, line 2; put values with a colon in quotes"),
        ("id: 79OSLO1\nid: 79OSLO2", "'id' occurs more than once in the front matter"),
        ("id: &a 79OSLO1\nb: *a", "front matter with references (*)"),
        ("id: " + "[" * 9_000, "front matter "),
        ("- id: x", ""),
    ],
)
def test_front_matter_that_cannot_be_read_is_rejected_with_a_reason(tmp_path: Path, front: str, reason: str) -> None:
    found = reading(tmp_path, f"---\n{front}\n---\n{BODY}")
    assert found.cables == []
    assert found.reasons[0].startswith(reason)


def test_without_the_library_the_reason_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    (reason,) = reading(tmp_path, FRONT + BODY).reasons
    assert "pip install 'cablesearch[yaml]'" in reason


def test_markings_in_nested_values_hide(tmp_path: Path) -> None:
    text = f"---\nid: 79OSLO1\nmeta:\n  classification: TOP SECRET\n---\n{BODY}"
    assert str(reading(tmp_path, text).cable.classification) == "TOP SECRET"


@pytest.mark.parametrize("start", ["", "-----\n", "---\n", "---\nBEGIN SUMMARY\n---\n", "--- \nQUOTA, HERRING\n---\n"])
def test_rulers_are_no_front_matter(tmp_path: Path, start: str) -> None:
    assert reading(tmp_path, f"{start}{HEADER}\n\n{BODY}").cable.id == "79OSLO921"
