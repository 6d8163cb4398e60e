"""Cables written as JSON and read again."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.cable import (
    UNREADABLE,
    Cable,
    Classification,
    ClassifiedBy,
    Clearance,
    Level,
    Paragraph,
    Recipient,
    Tag,
)
from cablesearch.classification.classification import OPEN, marking_of
from cablesearch.classification.covering import covering_title
from cablesearch.classification.leading import opening_marking
from cablesearch.readers import errors, limits
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.formats.json_lines import parse_line
from cablesearch.readers.json_cables import dumps, from_json, to_json

UTC = dt.timezone.utc
TRUTH = {
    "id": "10BEIJING30",
    "date": "2010-01-08T03:26",
    "origin": "Embassy Beijing",
    "classification": "CONFIDENTIAL//NOFORN",
    "tags": ["PGOV", "CH"],
    "subject": "A TEST",
    "references": ["09STATE1"],
    "signature": "DOE; ROE",
    "paragraphs": [
        {"number": 1, "marking": "SBU", "section": None, "text": "First."},
        {"number": None, "marking": None, "section": "Comment", "text": "Second."},
    ],
}
BODY = """C O N F I D E N T I A L BEIJING 000030

TAGS: PGOV, CH
SUBJECT: A TEST

1. (C) First.

2. (U) Second.

DOE"""

texts = st.text(max_size=12)
unreadable = texts.filter(lambda one: marking_of(one) is None)
titles = texts.filter(lambda one: covering_title(OPEN, one) == OPEN)
unmarked = texts.filter(lambda one: opening_marking(one) is None)
"""What one says that is readable would raise the classification that is given beside it."""
tuples = st.lists(texts, max_size=3).map(tuple)
optional = st.none() | texts
classifications = st.builds(Classification, st.sampled_from(Level), tuples)
counts = st.integers(0, 10**6)
recipients = st.lists(st.builds(Recipient, texts, optional, optional, optional, tuples), max_size=2).map(tuple)
dates = st.datetimes(timezones=st.just(UTC)).map(lambda one: one.replace(second=0, microsecond=0))


@st.composite
def paragraphs_and_body(draw: st.DrawFn) -> tuple[tuple[Paragraph, ...], str]:
    """Paragraphs, and the body that has room for those whose places are known."""
    body, found = draw(texts), []
    make = st.builds(
        Paragraph, st.just(0), st.none() | counts, st.none() | unreadable, classifications, st.none() | titles, unmarked
    )
    for position in sorted(draw(st.sets(st.integers(1, 99), max_size=3))):
        paragraph = replace(draw(make), position=position)
        if draw(st.booleans()):
            start = len(body)
            body += draw(st.sampled_from(["1. ", "\n", ""])) + (paragraph.text if draw(st.booleans()) else "x" * 12)
            paragraph = replace(paragraph, start=start, end=len(body))
        found.append(paragraph)
    return tuple(found), body + draw(texts)


without_paragraphs = st.builds(
    Cable,
    id=texts.filter(lambda one: bool(one.strip())),
    reference_id=texts,
    date=st.none() | dates,
    origin=texts,
    classification=classifications,
    classification_text=unreadable,
    tags=st.lists(st.builds(Tag, texts, texts), max_size=3).map(tuple),
    subject=optional,
    subject_marking=optional,
    references=tuples,
    eo_line=optional,
    declassify_on=st.none() | st.dates(),
    classified_by=st.builds(ClassifiedBy, tuples, optional),
    recipients=recipients,
    info_recipients=recipients,
    precedence=tuples,
    signers=tuples,
    header=texts,
    envelope=texts,
)
cables = st.builds(
    # As all cables are that were read.
    lambda cable, both: replace(cable, paragraphs=both[0], body=both[1]).heeding(),
    without_paragraphs,
    paragraphs_and_body(),
)


@given(cables)
def test_nothing_is_lost_when_a_cable_is_written_and_read_again(cable: Cable) -> None:
    assert from_json(json.loads(json.dumps(to_json(cable)))) == cable


@given(cables)
def test_a_line_is_one_line_of_utf_8(cable: Cable) -> None:
    line = dumps(cable)
    assert "\n" not in line
    # It was not read from its body, and says so when it is read.
    assert replace(parse_line((line.encode().decode(),)), given=cable.given) == cable


def test_undecodable_bytes_are_written_as_escapes_and_other_letters_as_they_are() -> None:
    cable = from_json(TRUTH | {"body": "S\udce3o"})
    assert "\\udce3" in dumps(cable)
    assert from_json(json.loads(dumps(cable))).body == "S\udce3o"
    assert "São" in dumps(from_json(TRUTH | {"body": "São"}))


def test_names_come_in_the_order_of_the_contract() -> None:
    entry = to_json(from_json(TRUTH))
    assert list(entry)[: len(TRUTH)] == list(TRUTH)
    assert {name: entry[name] for name in TRUTH if name != "paragraphs"} == {
        name: value for name, value in TRUTH.items() if name != "paragraphs"
    }
    assert list(entry["paragraphs"][0])[:4] == ["number", "marking", "section", "text"]


def test_what_is_missing_is_derived() -> None:
    cable = from_json(TRUTH)
    assert cable.date == dt.datetime(2010, 1, 8, 3, 26, tzinfo=UTC)
    assert cable.reference_id == "10BEIJING30"
    assert cable.classification == Classification(Level.CONFIDENTIAL, ("NOFORN",))
    assert [tag.kind for tag in cable.tags] == ["subject", "country"]
    assert cable.signers == ("DOE", "ROE")
    assert [one.position for one in cable.paragraphs] == [1, 2]
    assert cable.paragraphs[0].classification == Classification(Level.SBU)
    assert cable.paragraphs[1].classification == cable.classification
    assert (cable.header, cable.body, cable.recipients) == ("", "", ())


def test_an_unreadable_classification_is_the_highest() -> None:
    assert from_json(TRUTH | {"classification": "?"}).classification == UNREADABLE
    assert from_json(TRUTH | {"classification": None}).classification == UNREADABLE


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"level": "SECRET"}, Classification(Level.SECRET, ("NOFORN",))),
        ({"level": "SECRET", "controls": []}, Classification(Level.SECRET, ("NOFORN",))),
        ({"controls": ["ORCON"]}, Classification(Level.CONFIDENTIAL, ("NOFORN", "ORCON"))),
        ({"level": "SECRET//ORCON"}, Classification(Level.SECRET, ("NOFORN", "ORCON"))),
    ],
)
def test_level_and_controls(given: dict[str, Any], expected: Classification) -> None:
    assert from_json(TRUTH | given).classification == expected


@pytest.mark.parametrize(
    "text",
    [
        "2010-01-08T03:26",
        "2010-01-08 03:26:59",
        "2010-01-08T03:26Z",
        "2010-01-08T03:26:00+00:00",
        "2010-01-08T05:26+02:00",
    ],
)
def test_dates_may_be_written_in_other_forms(text: str) -> None:
    assert from_json(TRUTH | {"date": text}).date == dt.datetime(2010, 1, 8, 3, 26, tzinfo=UTC)


def test_header_and_body_without_paragraphs_are_read_as_a_telegram() -> None:
    cable = from_json({"id": "10BEIJING30", "header": "P 080326Z JAN 10\nFM AMEMBASSY BEIJING\n", "body": BODY})
    assert cable.subject == "A TEST"
    assert [one.text for one in cable.paragraphs] == ["First.", "Second."]
    assert cable.date == dt.datetime(2010, 1, 8, 3, 26, tzinfo=UTC)
    assert cable.signers == ("DOE",)


def test_what_is_given_holds_against_what_is_read() -> None:
    given = {"subject": "MINE", "tags": ["PHUM"], "references": [], "signature": "ROE", "origin": "Embassy X"}
    cable = from_json({"id": "10BEIJING30", "body": BODY, "date": "2009-01-01T00:00", **given})
    assert (cable.subject, cable.references, cable.signers, cable.origin) == ("MINE", (), ("ROE",), "Embassy X")
    assert [tag.name for tag in cable.tags] == ["PHUM"]
    assert cable.date == dt.datetime(2009, 1, 1, tzinfo=UTC)


def test_a_name_may_not_come_twice() -> None:
    with pytest.raises(UnreadableCable, match="'marking': this field occurs more than once in an object"):
        parse_line(('{"id": "10ROME1", "paragraphs": [{"text": "x", "marking": "S", "marking": "U"}]}',))


def test_a_body_beside_paragraphs_says_what_is_not_given() -> None:
    entry = {"id": "10ROME1", "classification": "U", "subject": "QUARTZ", "paragraphs": [{"text": "Rain."}]}
    body = "SECRET ROME 0001\n\nSUBJECT: (TS) QUARTZ\n\n1. (U) Rain."
    assert from_json(entry).classification == Classification(Level.UNCLASSIFIED)
    cable = from_json(entry | {"body": body, "level": None})
    assert cable.classification == Classification(Level.SECRET)
    assert cable.paragraphs[0].classification == cable.classification
    assert cable.subject_classification == Classification(Level.TOP_SECRET)
    assert from_json(json.loads(dumps(cable))) == cable


def test_a_section_covers_a_paragraph_whose_classification_is_given() -> None:
    paragraph = {"text": "Rain.", "classification": "U", "section": "RAIN (S)"}
    cable = from_json({"id": "10ROME1", "classification": "U", "paragraphs": [paragraph]})
    assert cable.paragraphs[0].classification == Classification(Level.SECRET)


def test_an_odd_control_of_a_body_is_the_same_when_it_is_written_and_read() -> None:
    cable = from_json({"id": "10BEIJING30", "body": BODY, "level": "SECRET", "classification": 'SECRET//NOF"X"'})
    assert cable.classification == Classification(Level.SECRET, ('NOF"X',))
    assert from_json(json.loads(dumps(cable))) == cable


def test_a_level_given_for_a_body_holds_for_its_paragraphs() -> None:
    cable = from_json({"id": "10BEIJING30", "body": BODY.replace("(C) ", ""), "level": "SECRET", "classification": "S"})
    assert [one.classification.level for one in cable.paragraphs] == [Level.SECRET, Level.UNCLASSIFIED]
    assert cable.classification_text == "S"


def test_the_version_of_a_cable_shown_is_no_hindrance() -> None:
    assert from_json({"version": 1} | to_json(from_json(TRUTH))) == from_json(TRUTH)


PARAGRAPH = {"text": "x"}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ([], "expected an object, found []"),
        (TRUTH | {"id": 5}, "id: expected a string, found 5"),
        (TRUTH | {"id": " "}, "id: missing; every cable needs one"),
        ({"id": "10BEIJING30"}, "paragraphs: missing, and so is the body; a cable needs one of them"),
        (TRUTH | {"subjcet": "x"}, "'subjcet': unknown field; allowed fields: attributes, body, "),
        (TRUTH | {"date": "yesterday"}, "date: expected a date and time such as 2010-01-08T03:26, found 'yesterday'"),
        (TRUTH | {"date": "0001-01-01T00:00+01:00"}, "date: expected a date and time"),
        (TRUTH | {"tags": "PGOV"}, "tags: expected a list, found 'PGOV'"),
        (TRUTH | {"tags": ["PGOV", None]}, "tags[1]: expected a string, found None"),
        (TRUTH | {"tag_kinds": ["subject"]}, "tag_kinds: 1 kinds for 2 tags"),
        (TRUTH | {"level": "HIGH"}, "level: expected a level such as CONFIDENTIAL, found 'HIGH'"),
        (TRUTH | {"declassify_on": "OADR"}, "declassify_on: expected a day such as 2010-01-08"),
        (TRUTH | {"paragraphs": {}}, "paragraphs: expected a list, found {}"),
        (TRUTH | {"paragraphs": [PARAGRAPH, 3]}, "paragraphs[1]: expected an object, found 3"),
        (TRUTH | {"paragraphs": [{}]}, "paragraphs[0].text: missing; every paragraph needs one"),
        (TRUTH | {"paragraphs": [{"text": None}]}, "paragraphs[0].text: missing; every paragraph needs one"),
        (TRUTH | {"paragraphs": [PARAGRAPH | {"number": "4"}]}, "paragraphs[0].number: expected a whole number"),
        (TRUTH | {"paragraphs": [PARAGRAPH | {"number": True}]}, "paragraphs[0].number: expected a whole number"),
        (TRUTH | {"paragraphs": [PARAGRAPH | {"start": -1}]}, "paragraphs[0].start: expected a number of at least 0"),
        (TRUTH | {"paragraphs": [PARAGRAPH | {"position": 0}]}, "paragraphs[0].position: positions rise"),
        (TRUTH | {"paragraphs": [PARAGRAPH | {"mark": "C"}]}, "paragraphs[0].'mark': unknown field"),
        (TRUTH | {"recipients": [{"excluded": [1]}]}, "recipients[0].excluded[0]: expected a string"),
        (TRUTH | {"classified_by": {"name": "x"}}, "classified_by.'name': unknown field"),
        (TRUTH | {"header": "x" * 99, "origin": ["x" * 99]}, "origin: expected a string, found ['xxx"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(entry: object, message: str) -> None:
    with pytest.raises(UnreadableCable) as refused:
        from_json(entry)
    assert refused.value.reason.startswith(message)
    assert len(refused.value.reason) < 600


@pytest.mark.parametrize("line", ["{", "nonsense", "[" * 100_000, '{"id": ' + "[" * 100_000, "5" * 10_000, "\udc80"])
def test_a_line_that_is_no_json_is_refused(line: str) -> None:
    with pytest.raises(UnreadableCable):
        parse_line((line,))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(sorted(TRUTH)), inner),
    )
)
def test_any_json_is_read_or_refused(entry: Any) -> None:
    for one in (entry, TRUTH | entry if isinstance(entry, dict) else TRUTH | {"paragraphs": entry}):
        with contextlib.suppress(UnreadableCable):
            from_json(one)


def test_a_line_that_would_take_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "MOST_PARAGRAPHS", 10)
    with pytest.raises(UnreadableCable, match="more than 10 paragraphs"):
        from_json({"id": "x", "paragraphs": [{"text": ""}] * 11})
    monkeypatch.setattr(limits, "MOST_BRACKETS", 20)
    with pytest.raises(UnreadableCable, match="more than 20 lists and objects"):
        parse_line((json.dumps({"id": "x", "tags": [[]] * 20}),))
    text = '[{"\\' * 20
    assert parse_line((json.dumps({"id": "x", "paragraphs": [{"text": text}]}),)).paragraphs[0].text == text


@pytest.mark.parametrize("number", ["9" * 5000, "1e99999", "-1e99999", "NaN", "Infinity", "-Infinity", "1.5", "true"])
def test_numbers_that_are_none_are_refused(number: str) -> None:
    with pytest.raises(UnreadableCable):
        parse_line((f'{{"id": "x", "paragraphs": [{{"text": "", "number": {number}}}]}}',))


@pytest.mark.parametrize("name", ["number", "position"])
def test_numbers_that_no_index_holds_are_refused(name: str) -> None:
    for number in (10**18, 10**3000):
        with pytest.raises(UnreadableCable, match=rf"paragraphs\[0\].{name}: expected a number of at most 18 digits"):
            from_json({"id": "x", "paragraphs": [{"text": "", name: number}]})
    from_json({"id": "x", "paragraphs": [{"text": "", name: 10**18 - 1}]})


OPEN_CABLE: dict[str, Any] = {"id": "10PALERMO1", "classification": "UNCLASSIFIED"}
OPEN_PARAGRAPH = {"marking": "U", "text": "Rain."}


@pytest.mark.parametrize(
    "values",
    [
        {"paragraphs": [{"marking": "REDACTED", "text": "Rain."}]},
        {"paragraphs": [{"classification": "UNCLASSIFIED", "text": "(S//NF) Rain."}]},
        {"paragraphs": [{"classification": "UNCLASSIFIED", "text": "\u3010S\u3011 Rain."}]},
        {"paragraphs": [{"classification": "UNCLASSIFIED", "text": "Rain.", "section": "(S) Weather"}]},
        {"paragraphs": [OPEN_PARAGRAPH], "tags": ["(S//NF) PREL"]},
        {"paragraphs": [OPEN_PARAGRAPH], "origin": "(C) Rome"},
    ],
)
def test_markings_in_what_everyone_may_see_hide_it(values: dict[str, Any]) -> None:
    assert from_json(OPEN_CABLE | values).view(Clearance.parse("SBU")) is None


@pytest.mark.parametrize(
    "values",
    [
        {"subject": "Rain", "subject_marking": "REDACTED"},
        {"signers": ["(S//NF) ROE"]},
        {"classified_by": {"names": ["(S) Roe"]}},
        {"recipients": [{"name": "(S//NF) ROME"}]},
        {"header": "(S) ROE"},
        {"eo_line": "(S//NF) ROE"},
        {"references": ["(S) 09ROME1"]},
    ],
)
def test_markings_in_fields_of_the_cable_hide_these(values: dict[str, Any]) -> None:
    name, shown = next(iter(values)), from_json(OPEN_CABLE | {"paragraphs": [OPEN_PARAGRAPH]} | values)
    seen = shown.view(Clearance.parse("SBU"))
    assert seen is not None
    assert seen.paragraphs == shown.paragraphs
    assert getattr(seen, name) in (None, "", (), ClassifiedBy())


def test_signs_are_no_unreadable_markings() -> None:
    made = from_json(OPEN_CABLE | {"paragraphs": [{"marking": " - ", "text": "Rain."}]})
    assert made.paragraphs[0].classification == Classification(Level.UNCLASSIFIED)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2010-01-08T03:26", "2010-01-08T03:26"),
        ("2010-01-08 03:26", "2010-01-08T03:26"),
        ("2010-01-08T03:26Z", "2010-01-08T03:26"),
        ("2010-01-08T03:26:59", "2010-01-08T03:26"),
        ("2010-01-08T03:26:59.1234567Z", "2010-01-08T03:26"),
        ("2010-01-08T03:26:59.5+0130", "2010-01-08T01:56"),
        ("2010-01-08T03:26-05", "2010-01-08T08:26"),
        ("2010-01-08T03:26:00-05:00", "2010-01-08T08:26"),
        ("20100108T0326", "2010-01-08T03:26"),
        ("2010-01-08T03", "2010-01-08T03:00"),
        ("2010-01-08T0326Z", "2010-01-08T03:26"),
        ("2010-01-08T03+05", "2010-01-07T22:00"),
        ("2010-01-08T03-05", "2010-01-08T08:00"),
        ("2010-01-08", "2010-01-08T00:00"),
    ],
)
def test_a_date_is_read_alike_with_every_version_of_python(written: str, read: str) -> None:
    date = parse_line((json.dumps(TRUTH | {"date": written}),)).date
    assert date is not None
    assert f"{date:%Y-%m-%dT%H:%M}" == read


@pytest.mark.parametrize(
    "written",
    [
        *(
            "2010-W01-5",
            "2010-W01-5T03:26",
            "2010-01-08x03:26",
            "2010-01-08T24:01",
            "2010-01-08T24:00",
            "2010-13-08",
            "2010-02-30T03:26",
        ),
        *(
            "2010-01",
            "2010-01-08T",
            "2010-01-08T03:26+24:00",
            "\u0662010-01-08T03:26",
            "2010-01-08T03:26 ",
            "0000-01-01",
        ),
        *("0001-01-01T00:00+01:00", "2010-01-08T3:26", "2010-01-08T03:26:60", "2010-01-08T03.26"),
    ],
)
def test_other_texts_are_refused_as_dates_with_every_version_of_python(written: str) -> None:
    with pytest.raises(UnreadableCable, match="date: expected a date and time"):
        parse_line((json.dumps(TRUTH | {"date": written}),))


@pytest.mark.parametrize(("written", "is_day"), [("2010-01-08", True), ("20100108", True), ("2010-W01-5", False)])
def test_a_day_is_read_alike_with_every_version_of_python(written: str, is_day: bool) -> None:
    line = (json.dumps(TRUTH | {"declassify_on": written}),)
    if is_day:
        assert str(parse_line(line).declassify_on) == "2010-01-08"
    else:
        with pytest.raises(UnreadableCable, match="expected a day"):
            parse_line(line)
