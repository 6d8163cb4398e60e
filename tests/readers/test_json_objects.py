"""JSON of other programs, on lines of its own or spread over a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.running import run
from tests.support.scanning import BODY, HEADER, TEXT, check_round_trip, reading

OWN = {"id": "79OSLO1", "body": BODY}
OTHER = {"_id": "79OSLO2", "created": "1979-06-05T10:20:00.000Z", "year": 1979, "content": BODY}


@pytest.mark.parametrize("indent", [None, 1, 4])
@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ([OWN, OTHER], ["79OSLO1", "79OSLO2"]),
        (OWN, ["79OSLO1"]),
        (OTHER, ["79OSLO2"]),
        ({"79OSLO3": {"text": BODY}, "1979OSLO00004_e": {"text": BODY}}, ["79OSLO3", "79OSLO4"]),
        ({"79OSLO3": {"body": BODY}}, ["79OSLO3"]),
        ({"1": OWN, "2": OTHER}, ["79OSLO1", "79OSLO2"]),
        ({"cables": [OWN, OTHER]}, ["79OSLO1", "79OSLO2"]),
        ({"total": 2, "from": "x", "documents": [OWN, OTHER], "more": True}, ["79OSLO1", "79OSLO2"]),
        ({"hits": {"total": 1, "hits": [{"_id": "1", "_source": OTHER}]}}, ["79OSLO2"]),
        ([{"79OSLO3": {"text": BODY}}], ["79OSLO3"]),
    ],
)
def test_json_of_any_shape_is_read(tmp_path: Path, value: object, ids: list[str], indent: int | None) -> None:
    for end in ("\n", "\r\n"):
        found = reading(tmp_path, json.dumps(value, indent=indent).replace("\n", end))
        assert (found.ids, found.reasons) == (ids, [])
        assert [cable.paragraphs[0].text for cable in found.cables] == [TEXT] * len(ids)
        check_round_trip(tmp_path, found)


def test_objects_over_several_lines_may_follow_one_another(tmp_path: Path) -> None:
    assert reading(tmp_path, f"{json.dumps(OWN, indent=1)}\n{json.dumps(OTHER, indent=1)}").ids == [
        "79OSLO1",
        "79OSLO2",
    ]


def test_values_without_a_field_are_attributes_and_the_names_that_were_guessed_are_said(tmp_path: Path) -> None:
    value = OTHER | {"nested": {"a": [1, {"b": None}]}, "ok": True, "list": ["x", "y"], "none": None, "blank": "n/a"}
    found = reading(tmp_path, json.dumps(value) + "\n" + json.dumps(value | {"_id": "79OSLO3"}))
    assert found.ids == ["79OSLO2", "79OSLO3"]
    assert found.notes == [
        "read as JSON of another program: id from '_id', date from 'created', body from 'content'; other paths can be "
        "named"
    ]
    assert dict(found.cables[0].attributes) == {
        "year": "1979",
        "nested": '{"a":[1,{"b":null}]}',
        "ok": "true",
        "list": "x, y",
    }
    check_round_trip(tmp_path, found)


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        (297426000, "1979-06-05 10:20"),
        (297426000000, "1979-06-05 10:20"),
        (-86400, "1969-12-31 00:00"),
        (19790605, "1979-06-05 00:00"),
        ({"$date": "1979-06-05T10:20:00Z"}, "1979-06-05 10:20"),
        ("2006 November 30, 22:05 (Thursday)", "2006-11-30 22:05"),
        (10**30, "None"),
        ("some day", "None"),
        (True, "None"),
    ],
)
def test_dates(tmp_path: Path, date: object, expected: str) -> None:
    cable = reading(tmp_path, json.dumps({"refid": "79OSLO1", "created": date, "text": BODY})).cable
    assert str(cable.date)[:16] == expected
    assert ("created" in cable.attributes) == (expected == "None")


def test_values_in_other_places_are_named_with_map(tmp_path: Path) -> None:
    value = {
        "meta": {"identifier": "79OSLO1", "when": ["5 June 1979"], "x": 1},
        "pages": [{"text": BODY}, {"text": "more"}],
    }
    paths = {"id": ".meta.identifier", "date": "meta.when[0]", "body": ".pages[0].text"}
    for indent in (None, 2):
        cable = reading(tmp_path, json.dumps(value, indent=indent), paths=paths).cable
        assert (cable.id, str(cable.date)[:10], cable.paragraphs[0].text) == ("79OSLO1", "1979-06-05", TEXT)
        assert dict(cable.attributes) == {"meta": '{"when":[null],"x":1}', "pages": '[{},{"text":"more"}]'}
    assert "body" not in reading(tmp_path, json.dumps(value), paths={"body": ".pages[7].text"}).ids


def test_values_around_a_text_are_found(tmp_path: Path) -> None:
    for value in (
        {"metadata": {"mrn": "79OSLO1", "date": "1979-06-05"}, "text": BODY},
        {"_index": "x", "_source": {"mrn": "79OSLO1", "date": "1979-06-05", "message": BODY}},
    ):
        cable = reading(tmp_path, json.dumps(value)).cable
        assert (cable.id, str(cable.date)[:10]) == ("79OSLO1", "1979-06-05")


@pytest.mark.parametrize(
    "name", ["paragraphs", "level", "controls", "envelope", "given", "classified_by", "attributes"]
)
def test_an_object_of_ours_may_have_no_unknown_name(tmp_path: Path, name: str) -> None:
    values: dict[str, Any] = {"paragraphs": [{"text": "x"}], "level": "SECRET"}
    found = reading(tmp_path, json.dumps(OWN | {name: values.get(name), "markign": "SECRET"}))
    assert found.cables == []
    assert found.reasons[0].startswith("'markign': unknown field; allowed fields: ")


def test_the_reference_id_alone_is_no_sign_of_an_object_of_ours(tmp_path: Path) -> None:
    assert reading(tmp_path, json.dumps({"reference_id": "79OSLO1", "created": "1979-06-05", "body": BODY})).ids
    assert reading(tmp_path, json.dumps(OWN | {"reference_id": "79OSLO1", "created": "1979-06-05"})).reasons


def test_names_of_ours_with_values_of_others(tmp_path: Path) -> None:
    cable = reading(tmp_path, json.dumps(OWN | {"date": "5 June 1979", "tags": "EFIS, PREL"})).cable
    assert (str(cable.date)[:10], [tag.name for tag in cable.tags]) == ("1979-06-05", ["EFIS", "NO", "PREL"])


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"clasification": "SECRET"}, "SECRET"),
        ({"security": {"marking": "TOP SECRET"}}, "TOP SECRET"),
        ({"list": [{"level": "SECRET//NOFORN"}]}, "SECRET//NOFORN"),
        ({"classification": "GEHEIM"}, "TOP SECRET"),
        ({"classification": ["SECRET", "NOFORN"]}, "SECRET//NOFORN"),
        ({"classification": "UNCLASSIFIED"}, "CONFIDENTIAL"),
        ({"title": "(S) HERRING"}, "SECRET"),
        ({"tags": ["EFIS", "(S)"]}, "SECRET"),
        ({"handling_restrictions": ["NOFORN"]}, "CONFIDENTIAL//NOFORN"),
        ({"note": "SECRET: see file"}, "SECRET"),
    ],
)
def test_markings_of_others_hide(tmp_path: Path, more: dict[str, object], expected: str) -> None:
    assert str(reading(tmp_path, json.dumps(OTHER | more)).cable.whole_classification) == expected


def test_a_name_that_comes_twice_is_rejected(tmp_path: Path) -> None:
    text = json.dumps(OTHER)[:-1] + ', "classification": "SECRET", "classification": "UNCLASSIFIED"}'
    assert reading(tmp_path, text).reasons == ["'classification': this field occurs more than once in an object"]


def test_objects_that_are_no_cables_or_no_json_are_rejected_alone(tmp_path: Path) -> None:
    found = reading(tmp_path, f'[{json.dumps(OWN)}, {{bad}}, {{"a": "b"}}, 7, {json.dumps(OTHER)}]')
    assert found.ids == ["79OSLO1", "79OSLO2"]
    assert [reason[:30] for reason in found.reasons] == [
        "not JSON: Expecting property n",
        "no text of a cable under a kno",
    ]
    found = reading(tmp_path, f'[\n{json.dumps(OWN)},\n{{"id": "x')
    assert found.ids == ["79OSLO1"]
    assert found.reasons == ["line 3: the file ends within an object; the rest of the file is not read"]


@pytest.mark.parametrize(
    "line",
    ["{} ACTION COPY", "{ } IMMEDIATE  {X} ROUTINE", '{"X"} FOO', '{ "a": b }', "{", "{\n}", "[{", "{}", '{"a":'],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_telegram_with_braces_is_a_telegram(tmp_path: Path, line: str, place: int) -> None:
    parts = [HEADER, BODY]
    parts.insert(place, line)
    assert reading(tmp_path, "\n\n".join(parts)).ids == ["79OSLO921"]


@pytest.mark.parametrize("piece", ["[", '{"a":', '\\"', '"', "{", "1,", " ", '{"cables":', '{"1":{},', "\\", "}", "]"])
def test_hostile_json_is_read_to_its_end(tmp_path: Path, piece: str) -> None:
    for start in (f"[{json.dumps(OWN)},", f"{json.dumps(OWN, indent=1)}\n", f'[{json.dumps(OWN)},{{"'):
        assert reading(tmp_path, start + piece * (100_000 // len(piece))).ids == ["79OSLO1"]


def test_the_command_line_takes_places(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{"meta": {"key": "79OSLO1"}, "pages": [{"text": BODY}]}]))
    arguments = ["index", "a.json", "--index", "i", "--map"]
    assert run(*arguments, "id=.meta.key,body=.pages[0].text", cwd=tmp_path).returncode == 0
    assert '"79OSLO1"' in run("export", "--index", "i", cwd=tmp_path).stdout
    result = run(*arguments, "id=.meta..key", cwd=tmp_path)
    assert (result.returncode, "is not a place in JSON" in result.stderr) == (2, True)


def test_the_first_name_may_stand_beside_the_bracket(tmp_path: Path) -> None:
    text = json.dumps(OWN, indent="\t").replace("{\n\t", "{", 1)
    assert reading(tmp_path, text).ids == ["79OSLO1"]


def test_what_is_left_around_values_that_were_taken_is_no_attribute(tmp_path: Path) -> None:
    entry = {"meta": {"identifier": "79OSLO1"}, "pages": [{"text": BODY}], "zero": 0, "kept": [{"a": "b"}]}
    (tmp_path / "x.json").write_text(json.dumps([entry]), encoding="utf-8")
    index = tmp_path / "index"
    places = "id=.meta.identifier,body=.pages[0].text"
    assert run("index", tmp_path / "x.json", "--index", index, "--map", places).returncode == 0
    shown = json.loads(run("show", "79OSLO1", "--format", "json", "--index", index).stdout)
    assert shown["attributes"] == {"zero": "0", "kept": '[{"a":"b"}]'}
