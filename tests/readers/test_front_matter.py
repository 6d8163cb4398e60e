"""Texts with YAML front matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.scanning import BODY, HEADER, TEXT, check_round_trip, reading

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
    text = "---\nMRN: '79OSLO7'\ntitle: HERRING: QUOTA\ncreated: 2009-01-02\n---\n\n" + BODY.replace(
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
    ("front", "expected"),
    [
        ("title: A: B # not this", {"title": "A: B"}),
        ("a: 'it''s' # c\nb: \"x \\\"y\\\" # z\"\n# c\nc:\nd: ~", {"a": "it's", "b": 'x "y" # z'}),
        (
            "a: [x, 'y, z', \"w\"]\nb:\n  - x\n  - 'y: z'\nc:\n- u\n- v",
            {"a": "x, y, z, w", "b": "x, y: z", "c": "u, v"},
        ),
        ("a: |\n  x\n  y\nb: >\n  x\n  y\nc: x\n  y\nd:\n  x y", {"a": "x\ny", "b": "x y", "c": "x y", "d": "x y"}),
        ("m:\n  a: x\n  n:\n    b: y", {"m": '{"a":"x","n":{"b":"y"}}'}),
        ("'a b': &x *y\n\"c d\": !z", {"a b": "&x *y", "c d": "!z"}),
    ],
)
def test_the_writing_of_front_matter(tmp_path: Path, front: str, expected: dict[str, str]) -> None:
    for end in ("\n", "\r\n"):
        text = f"---\nid: 79OSLO1\nsubject: herring quota\n{front}\n---\n{BODY}"
        cable = reading(tmp_path, text.replace("\n", end)).cable
        assert dict(cable.attributes) == {name: text.replace("\n", end) for name, text in expected.items()}


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("id: 79OSLO1\nfoo", "front matter, line 3: not a name and its value, such as 'date: 5 June 1979'"),
        ("id: 79OSLO1\nid: 79OSLO2", "front matter, line 3: 'id' occurs more than once"),
        ("id: 79OSLO1\nm:\n  a: x\n  a: y", "front matter, line 5: 'a' occurs more than once"),
        ("id: 79OSLO1\n- x: y", ""),
    ],
)
def test_front_matter_that_cannot_be_read_is_rejected_with_a_reason(tmp_path: Path, front: str, reason: str) -> None:
    found = reading(tmp_path, f"---\n{front}\n---\n{BODY}")
    assert (found.cables, found.reasons[:1]) == ([], [reason]) if reason else len(found.cables) == 1


@pytest.mark.parametrize("piece", ["a: b\n", "[", " ", "a:\n ", "'", '"', "\\", "- ", "#", ": ", "\n", "a: |\n"])
def test_hostile_front_matter_is_read_to_its_end(tmp_path: Path, piece: str) -> None:
    for start in ("id: 79OSLO1\n", "id: ", "id: [", "id:\n  - ", 'id: "'):
        front = start + piece * (19_000 // len(piece))
        found = reading(tmp_path, f"---\n{front}\n---\n{BODY}")
        assert len(found.cables) + len(found.reasons) == 1


def test_markings_in_nested_values_hide(tmp_path: Path) -> None:
    text = f"---\nid: 79OSLO1\nmeta:\n  classification: TOP SECRET\n---\n{BODY}"
    assert str(reading(tmp_path, text).cable.classification) == "TOP SECRET"


@pytest.mark.parametrize("start", ["", "-----\n", "---\n", "---\nBEGIN SUMMARY\n---\n", "--- \nQUOTA, HERRING\n---\n"])
def test_rulers_are_no_front_matter(tmp_path: Path, start: str) -> None:
    assert reading(tmp_path, f"{start}{HEADER}\n\n{BODY}").cable.id == "79OSLO921"
