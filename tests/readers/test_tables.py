"""Tables with any separator, with and without a heading row, and with other columns than those of cables.csv."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from cablesearch.cable import Classification
from tests.support.running import run
from tests.support.scanning import BODY, HEADER, TEXT, check_round_trip, reading

EIGHT = ["1", "6/5/1979 10:20", "79OSLO921", "Embassy Oslo", "CONFIDENTIAL", "79STATE1|79OSLO5", HEADER, BODY]
AAD = {
    "Record URL": "https://records.example.org/pdf?rid=1",
    "Draft Date": "05 jun 1979",
    "Document Number": "1979OSLO00921",
    "Film Number": "D790349-0084",
    "From": "OSLO",
    "Subject": "HERRING QUOTA",
    "TAGS": "EFIS, NO, PEPR",
    "To": "STATE",
    "Original Classification": "CONFIDENTIAL",
    "Handling Restrictions": "-- N/A or Blank --",
    "Message Text": BODY,
}


_NUL = "\ue000"


def table(*rows: list[str], **how: Any) -> str:
    file = io.StringIO()
    # The csv module of Python 3.10 does not write NUL.
    written = [[value.replace("\0", _NUL) for value in row] for row in rows]
    csv.writer(file, **({"lineterminator": "\n"} | how)).writerows(written)
    return file.getvalue().replace(_NUL, "\0")


def named(values: dict[str, str], **how: Any) -> str:
    return table(list(values), list(values.values()), **how)


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("escape", [None, "\\"])
def test_the_eight_columns_are_read_with_any_separator_quoting_and_line_end(
    tmp_path: Path, separator: str, quoting: int, end: str, escape: str | None
) -> None:
    how = {"delimiter": separator, "quoting": quoting, "lineterminator": end}
    if escape:
        how |= {"escapechar": escape, "doublequote": False, "quoting": csv.QUOTE_ALL}
    second = ["2", "6/5/1979 10:21", "79OSLO922", *EIGHT[3:]]
    found = reading(tmp_path, table(EIGHT, second, **how))
    assert (found.ids, found.reasons) == (["79OSLO921", "79OSLO922"], [])
    cable = found.cables[0]
    assert cable.paragraphs[0].text == TEXT
    assert cable.references == ("79STATE1", "79OSLO5")
    assert str(cable.date)[:16] == "1979-06-05 10:20"
    assert {record.format.name for record in found.records} == {"csv"}
    check_round_trip(tmp_path, found)


@pytest.mark.parametrize(
    "names",
    [
        ["ID", "Date", "Reference ID", "Origin", "Classification", "Source", "Header", "Text"],
        ["id", "created", "refid", "origin", "class", "refs", "header", "content"],
        ["#", "DATE_SENT", "MRN", "From", "Security Classification", "References", "Header", "Message"],
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_heading_row_over_the_eight_columns_is_no_rejected_cable(
    tmp_path: Path, names: list[str], separator: str
) -> None:
    found = reading(tmp_path, table(names, EIGHT, delimiter=separator))
    assert found.cable.paragraphs[0].text == TEXT
    assert found.records[0].format.name == "csv"
    assert found.records[0].row == 1


def test_the_columns_of_an_archive_are_known_and_the_others_are_attributes(tmp_path: Path) -> None:
    found = reading(tmp_path, named(AAD))
    cable = found.cable
    assert (cable.id, cable.reference_id, cable.subject) == ("1979OSLO00921", "79OSLO921", "HERRING QUOTA")
    assert [tag.name for tag in cable.tags] == ["EFIS", "NO", "PEPR"]
    assert str(cable.date)[:16] == "1979-06-05 00:00"
    assert dict(cable.attributes) == {
        "Record URL": "https://records.example.org/pdf?rid=1",
        "Film Number": "D790349-0084",
        "To": "STATE",
    }
    (note,) = found.notes
    assert note.startswith("read as a table: id from 'Document Number', date from 'Draft Date', ")
    assert note.endswith("; other columns can be named")
    check_round_trip(tmp_path, found)


@pytest.mark.parametrize(
    ("names", "others"),
    [
        (["doc_id", "authored", "title", "body"], []),
        (["refid", "datetime", "subject", "content"], []),
        (["Cable Number", "Date Sent", "Subj", "Full Text"], []),
        (["MRN", "sent", "TITLE", "Message_Text"], []),
        (["reference id", "document date", "subject line", "raw content"], []),
        (["id", "date", "title", "text"], []),
        (["canonicalId", "createdDate", "title", "text"], ["createdDate"]),
    ],
)
def test_the_usual_names_are_known(tmp_path: Path, names: list[str], others: list[str]) -> None:
    cable = reading(tmp_path, table(names, ["79OSLO921", "1979-06-05 10:20:00", "HERRING QUOTA", BODY])).cable
    assert (cable.reference_id, cable.subject, cable.paragraphs[0].text) == ("79OSLO921", "HERRING QUOTA", TEXT)
    assert list(cable.attributes) == others
    assert (cable.date is None) == bool(others)


def test_the_id_is_under_the_name_under_which_an_id_stands(tmp_path: Path) -> None:
    for names in (["id", "cable", "text"], ["number", "reference", "text"], ["key", "name", "text"]):
        assert reading(tmp_path, table(names, ["17", "79OSLO921", BODY])).cable.id == "79OSLO921"


def test_a_number_of_a_database_is_the_id_only_if_the_text_gives_none(tmp_path: Path) -> None:
    assert reading(tmp_path, table(["id", "date", "text"], ["17", "", f"{HEADER}\n{BODY}"])).cable.id == "79OSLO921"
    assert reading(tmp_path, table(["id", "date", "text"], ["17", "", BODY])).cable.id == "17"


def test_columns_are_named_by_options(tmp_path: Path) -> None:
    unknown = table(["Kennung", "Datum", "Inhalt"], *([f"79OSLO{n}", "5.6.1979", BODY] for n in (1, 2)), delimiter=";")
    found = reading(tmp_path, unknown)
    assert found.cables == []
    assert found.reasons == [
        "a table without a known column for the text of cables; name the column that has it; "
        "its columns are: Kennung, Datum, Inhalt"
    ]
    found = reading(tmp_path, unknown, columns={"id": "kennung", "date": "Datum", "body": "Inhalt"})
    assert (found.ids, found.notes, found.reasons) == (["79OSLO1", "79OSLO2"], [], [])
    assert str(found.cables[0].date)[:10] == "1979-06-05"
    found = reading(tmp_path, unknown, columns={"id": "Nummer"})
    assert found.reasons == [
        "a table without the column 'Nummer' that was named; its columns are: Kennung, Datum, Inhalt"
    ]


def test_a_table_without_a_heading_row_is_told_by_its_values_or_by_numbers(tmp_path: Path) -> None:
    rows = [["x", f"79OSLO{n}", "CONFIDENTIAL", "1979-06-05", BODY] for n in (1, 2)]
    found = reading(tmp_path, table(*rows, delimiter="\t"))
    assert found.ids == ["79OSLO1", "79OSLO2"]
    assert found.notes[0].startswith("read as a table: id from 'column 2', date from 'column 4', ")
    assert dict(found.cables[0].attributes) == {"column 1": "x"}
    found = reading(tmp_path, table(*rows), columns={"id": "2", "body": "5", "subject": "1"})
    assert found.ids == ["79OSLO1", "79OSLO2"]


def test_a_broken_row_is_rejected_alone_and_can_be_read_when_it_is_mended(tmp_path: Path) -> None:
    names = ["refid", "date", "text"]
    lines = [table([f"79OSLO{n}", "1979-06-05", BODY], quoting=csv.QUOTE_ALL) for n in range(1, 6)]
    lines[0] = lines[0][:-2] + "\n"  # the last quote is missing
    lines[2] = lines[2][:-1] + ',"more"\n'
    lines[3] = '"79OSLO4","1979-06-05"\n'
    found = reading(tmp_path, table(names) + "".join(lines))
    assert found.ids == ["79OSLO2", "79OSLO5"]
    assert [item.row for item in found.rejected] == [1, 3, 4]
    assert found.reasons[1:] == [
        "line 18: more than 3 columns where the table has 3",
        "line 26: 2 columns where the table has 3",
    ]
    mended = found.rejected[1].raw.replace(',"more"', "")
    assert reading(tmp_path, mended).ids == ["79OSLO3"]


def test_a_row_of_separators_is_no_cable_and_a_heading_alone_no_table_of_cables(tmp_path: Path) -> None:
    assert reading(tmp_path, "refid,date,text\n" + table(["79OSLO1", "", BODY]) + ",,\n,,\n").ids == ["79OSLO1"]
    assert reading(tmp_path, "refid,date,text\n").reasons == ["a table without rows"]


def test_days_that_can_only_be_days_say_how_the_dates_of_a_table_are_written(tmp_path: Path) -> None:
    rows = [["79OSLO1", "6/5/1979 10:00", BODY], ["79OSLO2", "25/6/1979 11:00", BODY]]
    found = reading(tmp_path, table(["refid", "date", "text"], *rows))
    assert [str(cable.date)[:16] for cable in found.cables] == ["1979-05-06 10:00", "1979-06-25 11:00"]
    assert "dates are day/month/year" in found.notes[0]
    found = reading(tmp_path, table(["refid", "date", "text"], rows[0]))
    assert [str(cable.date)[:16] for cable in found.cables] == ["1979-06-05 10:00"]
    assert "dates are month/day/year" in found.notes[0]


@pytest.mark.parametrize(
    "text",
    [
        f"{HEADER}\n\n{BODY}",
        f"TAGS: PREL, PGOV, NO\nSUBJECT: A, B, C\nREF: A, B, C\n\n{HEADER}\n{BODY}",
        f"SECRET, NOFORN, ORCON\nOSLO, PART, ONE\n\n{HEADER}\n{BODY}",
        f"OSLO | 1979 | TEXT\n\n{HEADER}\n{BODY}",
        f"Date, from, text\n\n{HEADER}\n{BODY}",
        f"From: Oslo, Bergen, Tromso\nTo: State, Paris, Rome\n\n{HEADER}\n{BODY}",
    ],
)
def test_telegrams_are_no_tables(tmp_path: Path, text: str) -> None:
    assert [record.format.name for record in reading(tmp_path, text).records] == ["telegram"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_tables_of_spreadsheets_are_read(tmp_path: Path, encoding: str) -> None:
    text = "sep=;\r\n" + named(AAD, delimiter=";", lineterminator="\r\n")
    assert reading(tmp_path, text.encode(encoding)).cable.reference_id == "79OSLO921"


def test_nul_bytes_and_very_long_fields_are_no_hindrance(tmp_path: Path) -> None:
    text = BODY.replace("MINISTRY", "MIN\0ISTRY" + " AND" * 100_000)
    assert reading(tmp_path, table(["refid", "date", "text"], ["79OSLO1", "", text])).ids == ["79OSLO1"]


@pytest.mark.parametrize(
    "piece", ['"', '"a', "a\n", "79OSLO3\t\n", '79OSLO2\t1979\t"x\n', "\t", '"\t"', "\\", '\\"', "\r", '\n"']
)
def test_hostile_tables_are_read_to_their_end(tmp_path: Path, piece: str) -> None:
    start = 'refid\tdate\ttext\n79OSLO1\t1979-06-05\tSECRET\n79OSLO2\t\t"'
    assert reading(tmp_path, start + piece * (200_000 // len(piece))).ids[:1] == ["79OSLO1"]


def test_markings_in_columns_hide(tmp_path: Path) -> None:
    def classified(**values: str) -> Classification:
        return reading(tmp_path, named({"refid": "79OSLO1", "text": BODY, **values})).cable.whole_classification

    assert str(classified()) == "CONFIDENTIAL"
    assert str(classified(classification="UNCLASSIFIED")) == "CONFIDENTIAL"
    assert str(classified(classification="GEHEIM")) == "TOP SECRET"
    assert str(classified(controls="NOFORN - Not Releasable | EXDIS - Exclusive")) == "CONFIDENTIAL//EXDIS/NOFORN"
    assert str(classified(tags="EFIS, (S) PEPR")) == "SECRET"
    assert str(classified(title="(S) HERRING QUOTA")) == "SECRET"
    assert str(classified(origin="Oslo (TS)")) == "TOP SECRET"
    assert str(classified(**{"Portion Marking": "SECRET//NOFORN"})) == "SECRET//NOFORN"
    assert str(classified(**{"Original Classification": "U", "Classification": "S"})) == "SECRET"


def test_the_command_line_says_what_it_guessed_and_takes_columns(tmp_path: Path) -> None:
    (tmp_path / "aad.csv").write_text(named(AAD))
    result = run("index", "aad.csv", "--index", "i", cwd=tmp_path)
    assert result.returncode == 0
    assert "note: aad.csv: read as a table: id from 'Document Number'" in result.stderr
    assert "1 added, 0 replaced, 0 unchanged, 0 rejected" in result.stderr
    (tmp_path / "other.csv").write_text(named({"a": "79OSLO7", "b": "7", "c": BODY}) + table(["79OSLO8", "8", BODY]))
    result = run("index", "other.csv", "--index", "i", cwd=tmp_path)
    assert result.returncode == 2
    assert "its columns are: a, b, c" in result.stderr
    result = run("index", "other.csv", "--index", "i", "--columns", "id=a,body=c", cwd=tmp_path)
    assert (result.returncode, "note:" in result.stderr) == (0, False)
    assert run("index", "other.csv", "--index", "i", "--columns", "what=a", cwd=tmp_path).returncode == 2
