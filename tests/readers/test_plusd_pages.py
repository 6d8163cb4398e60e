"""Pages of PlusD, as they come from its site and as browsers save them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.running import run
from tests.support.scanning import check_round_trip, reading

SUBJECT = "HERRING QUOTA TALKS"
ROWS = {
    "Date": "1979 June 6, 11:20 (Wednesday)",
    "Canonical ID": "1979OSLO00912_e",
    "Original Classification": "CONFIDENTIAL",
    "Current Classification": "UNCLASSIFIED",
    "Handling Restrictions": "EXDIS - Exclusive Distribution Only",
    "Character Count": "412",
    "Executive Order": "-- N/A or Blank --",
    "Locator": "TEXT ON-LINE",
    "TAGS": "EFIS - Economic Affairs--Commercial Fishing | NO - Norway | PEPR - Political Affairs",
    "Concepts": "-- Not Assigned --",
    "From": "Norway Oslo",
    "To": "Department of State | Secretary of State",
}
WIRE = "R 061120Z JUN 79\nFM AMEMBASSY OSLO\nTO SECSTATE WASHDC 1291\n"
BODY = (
    "C O N F I D E N T I A L OSLO 0912\nEXDIS\nE.O. 12065: N/A\nTAGS: EFIS, NO\nSUBJ: HERRING QUOTA TALKS\n"
    "1. THE MINISTRY WILL RAISE THE QUOTA & MORE.\n2. BERGEN IS DISPLEASED.\nWHITTEY"
)


def page(
    rows: dict[str, str] = ROWS, text: str = WIRE + BODY, title: str = "Cable: 1979OSLO00912_e", subject: str = SUBJECT
) -> str:
    cells = "".join(
        f'<tr><td><div class="s_key">{key}:</div><div class="s_val" title="x">{value}</div></td></tr>\n'
        for key, value in rows.items()
    )
    text = text.replace("&", "&amp;")
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><title>{title}</title></head><body><div id="main">\n'
        f'<table id="synopsis"><tbody>\n<tr><td colspan="3">{subject}</td></tr>\n{cells}</tbody></table>\n'
        f'<div class="pane-header">Content</div>\n<div class="text-content" id="tagged-text">{text}\n</div>\n'
        "<div class='foot'>Raw source</div></div></body></html>"
    )


TEXT_START, TEXT_END = page().index("R 061120Z"), page().index("\n</div>\n<div class='foot'>")
VARIANTS = {
    "as it is": page(),
    "other order": page(dict(reversed(ROWS.items()))),
    "line breaks": page().replace("\n1. ", "<br>\n1. ").replace("\n2. ", "<br />2. "),
    "only line breaks": page()[:TEXT_START] + page()[TEXT_START:TEXT_END].replace("\n", "<br/>") + page()[TEXT_END:],
    "paragraphs": page()[:TEXT_START]
    + "".join(f"<p>{line}</p>" for line in page()[TEXT_START:TEXT_END].split("\n"))
    + page()[TEXT_END:],
    "pre": page(text=f"<pre>{WIRE}{BODY}</pre>"),
    "nested": page(text=f"<div><div>{WIRE}</div>{BODY}</div>"),
    "blanks": page().replace("THE MINISTRY", "THE&nbsp;MINISTRY").replace("IS DISP", "&nbsp; IS DISP"),
    "links": page().replace("THE MINISTRY", "<a href='/x?q=1'>THE</a> <span class='ne'>MINISTRY</span>"),
    "classes": page()
    .replace('class="text-content" id="tagged-text"', "class='pane tagged-text'")
    .replace('id="synopsis"', 'class="synopsis wide"')
    .replace('class="s_key"', "id='s_key'")
    .replace('class="s_val"', 'class="x s_val"'),
    "divisions": page().replace("table", "div").replace("tbody", "div").replace("<t", "<div ").replace("</tr", "</div"),
    "capitals": page().replace("<div", "<DIV").replace("</div", "</DIV").replace("<td", "<TD").replace("</td", "</TD"),
    "saved": "<!-- saved from url=(0040)https://search.example.org/plusd/ -->\n" + page(),
    "spans": page().replace('<div class="s_key">', '<span class="s_key">').replace(":</div>", ":</span>"),
}


@pytest.mark.parametrize("text", VARIANTS.values(), ids=VARIANTS.keys())
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_pages_are_read(tmp_path: Path, text: str, end: str) -> None:
    found = reading(tmp_path, text.replace("\n", end))
    cable = found.cable
    assert (cable.id, cable.reference_id) == ("1979OSLO00912_e", "79OSLO912")
    assert (str(cable.date)[:16], str(cable.classification)) == ("1979-06-06 11:20", "CONFIDENTIAL//EXDIS")
    assert [tag.name for tag in cable.tags] == ["EFIS", "NO", "PEPR"]
    assert (cable.subject, cable.origin, cable.signers) == (SUBJECT, "Embassy Oslo", ("WHITTEY",))
    assert [paragraph.number for paragraph in cable.paragraphs] == [1, 2]
    assert [paragraph.text for paragraph in cable.paragraphs] == [
        "THE MINISTRY WILL RAISE THE QUOTA & MORE.",
        "BERGEN IS DISPLEASED.",
    ]
    assert cable.attributes["Current Classification"] == "UNCLASSIFIED"
    assert cable.attributes["Handling Restrictions"] == "EXDIS - Exclusive Distribution Only"
    assert cable.attributes["Locator"] == "TEXT ON-LINE"
    assert not {"Concepts", "Executive Order", "From", "TAGS", "Date"} & {*cable.attributes}
    check_round_trip(tmp_path, found)


def test_a_page_of_the_release(tmp_path: Path) -> None:
    rows = ROWS | {
        "Date": "2009 January 2, 10:05 (Friday)",
        "Canonical ID": "09OSLO1_a",
        "Original Classification": "SECRET",
    }
    del rows["Current Classification"], rows["TAGS"]
    cable = reading(tmp_path, page(rows, BODY, "Cable: 09OSLO1_a")).cable
    assert (cable.reference_id, str(cable.date)[:16], cable.origin) == ("09OSLO1", "2009-01-02 10:05", "Norway Oslo")
    assert str(cable.classification) == "SECRET//EXDIS"


def test_a_semicolon_in_the_meaning_of_a_code_ends_no_code(tmp_path: Path) -> None:
    tags = "PGOV - Political Affairs--Government; Internal Governmental Affairs | NO - Norway"
    cable = reading(tmp_path, page(ROWS | {"TAGS": tags})).cable
    assert [tag.name for tag in cable.tags] == ["EFIS", "NO", "PGOV"]


def test_rows_may_be_missing(tmp_path: Path) -> None:
    assert reading(tmp_path, page({"Date": ROWS["Date"]})).cable.id == "1979OSLO00912_e"
    cable = reading(tmp_path, page({}, title="x")).cable
    assert (cable.id, str(cable.date)[:16], cable.subject) == ("79OSLO912", "1979-06-06 11:20", SUBJECT)


@pytest.mark.parametrize(
    ("changes", "subject", "expected"),
    [
        ({"Original Classification": "SECRET"}, SUBJECT, "SECRET//EXDIS"),
        ({"Original Classification": "UNCLASSIFIED"}, SUBJECT, "CONFIDENTIAL//EXDIS"),
        ({"Original Classification": "-- N/A or Blank --"}, SUBJECT, "CONFIDENTIAL//EXDIS"),
        ({"Original Classification": "???"}, SUBJECT, "TOP SECRET//EXDIS"),
        ({"Handling Restrictions": "NOFORN - No | EXDIS - Exclusive"}, SUBJECT, "CONFIDENTIAL//EXDIS/NOFORN"),
        ({"Handling Restrictions": "ONLY - Eyes Only"}, SUBJECT, "CONFIDENTIAL//EXDIS/ONLY"),
        ({}, "(S) HERRING QUOTA TALKS", "SECRET//EXDIS"),
        ({"Previous Classification": "SECRET"}, SUBJECT, "SECRET//EXDIS"),
    ],
)
def test_what_is_said_of_the_classification_never_lowers(
    tmp_path: Path, changes: dict[str, str], subject: str, expected: str
) -> None:
    cable = reading(tmp_path, page(ROWS | changes, subject=subject)).cable
    assert str(cable.whole_classification) == expected


def test_the_subject_over_the_rows_stands_in_for_a_missing_one(tmp_path: Path) -> None:
    text = page(text=(WIRE + BODY).replace("SUBJ: HERRING QUOTA TALKS\n", ""), subject="(S) HERRING")
    cable = reading(tmp_path, text).cable
    assert (cable.subject, cable.subject_marking) == ("HERRING", "S")


def test_several_pages_in_a_file_are_several_cables(tmp_path: Path) -> None:
    found = reading(tmp_path, page() + "\n" + page().replace("912", "913"))
    assert (found.ids, [record.row for record in found.records]) == (["79OSLO912", "79OSLO913"], [1, 2])


def test_a_page_without_a_text_is_rejected(tmp_path: Path) -> None:
    for text in ("", "-- N/A or Blank --"):
        assert reading(tmp_path, page(text=text)).reasons == ["no text of a cable on this web page of PlusD"]


@pytest.mark.parametrize(
    "piece",
    [
        "<div id=tagged-text>",
        "<div class='s_key s_val'>",
        "<div class=s_key>a</div><div class=s_val>b</div>",
        "<div>",
        "<br ",
        "class=",
    ],
)
def test_hostile_pages_are_read_to_their_end(tmp_path: Path, piece: str) -> None:
    for start in ("<p>tagged-text ", "<div id='tagged-text' ", "<div id='tagged-text'>x", page()):
        found = reading(tmp_path, start + piece * (100_000 // len(piece)))
        assert len(found.cables) + len(found.reasons) == 1


def test_the_command_line_reads_a_folder_of_pages(tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "a.html").write_text(page())
    (tmp_path / "saved" / "b.html").write_text(page().replace("912", "913"))
    result = run("index", "saved", "--index", "i", cwd=tmp_path)
    assert (result.returncode, "2 added" in result.stderr) == (0, True)
    result = run("search", 'attribute:"text on-line"', "--format", "ids", "--index", "i", cwd=tmp_path)
    assert result.stdout.split() == ["1979OSLO00912_e", "1979OSLO00913_e"]
