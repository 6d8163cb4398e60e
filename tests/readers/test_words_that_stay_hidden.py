"""Words that a source marks beside the text of a cable, or between its paragraphs, stay hidden."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cablesearch.cable import Cable, Clearance
from cablesearch.readers.json_cables import dumps
from cablesearch.readers.records import Record, Rejected
from cablesearch.readers.sources.files import scan

HEADER = "R 051200Z JUN 79\nFM AMEMBASSY OSLO\nTO SECSTATE WASHDC\n\n"
OPENING = "UNCLAS OSLO 001999\n\nE.O. 12065: N/A\nTAGS: PGOV, NO\nSUBJECT: TALKS\n\n"
OPEN = HEADER + OPENING + "1. They met.\n"


def cables(folder: Path, name: str, text: str) -> list[Cable]:
    (folder / name).write_text(text)
    return [item.parse() for item in scan([folder / name]) if isinstance(item, Record)]


def check_hidden(folder: Path, name: str, text: str, clearance: str = "CONFIDENTIAL") -> None:
    """Check that ``ketch`` is read, and not seen with a clearance."""
    (cable,) = cables(folder, name, text)
    assert "ketch" in dumps(cable).lower()
    shown = cable.view(Clearance.parse(clearance))
    assert shown is None or "ketch" not in dumps(shown).lower()


@pytest.mark.parametrize(
    "beside",
    [
        {"draft": {"markings": ["S", "NF"], "text": "ketch"}},
        {"classification": {"value": "SECRET"}, "note": "ketch"},
        {"parts": [{"portion": "(S)", "text": "ketch"}]},
        {"portion_markings": [{"p": 1, "m": "S"}], "note": "ketch"},
        {"notes": [{"text": "(S) The ketch"}]},
        {"is_secret": True, "note": "ketch"},
        {"NOFORN": "yes", "note": "ketch"},
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_markings_within_values_of_json_count(tmp_path: Path, beside: dict[str, Any], name: str) -> None:
    entry = {"mrn": "79OSLO1999", "body": OPEN, **beside}
    check_hidden(tmp_path, name, json.dumps([entry] if name == "a.json" else entry))


@pytest.mark.parametrize(
    "text",
    [
        "They met.\n\nSECRET\n\nThe ketch left.\n",
        "They met.\n\nS E C R E T\n\nThe ketch left.\n",
        "SECRET//NOFORN\n\nThe ketch left.\n\nThey met.\n",
        "They met.\n\n(S) SHIPS\n---------\n\nThey left.\n\nThe ketch too.\n",
        "1. They met and\n\nPAGE 02        OSLO  01999  01 OF 02  051200Z SECRET\n\nthe ketch left.\n",
    ],
)
def test_markings_between_paragraphs_count(tmp_path: Path, text: str) -> None:
    check_hidden(tmp_path, "a.txt", HEADER + OPENING + text)


@pytest.mark.parametrize("banner", ["SECRET", "S E C R E T", "SECRET/NODIS"])
def test_a_banner_above_the_header_counts(tmp_path: Path, banner: str) -> None:
    check_hidden(tmp_path, "a.txt", f"{banner}\n\n{OPEN}".replace("They", "The ketch"))


@pytest.mark.parametrize("lines", ["UNCLASSIFIED\nSECRET", "UNCLASSIFIED\nNOFORN", "CONFIDENTIAL\nS//NF"])
def test_a_second_level_before_a_text_counts(tmp_path: Path, lines: str) -> None:
    text = f"79OSLO1999\nTalks\n1979-06-05\n{lines}\nEmbassy Oslo\n{OPEN}".replace("They", "The ketch")
    check_hidden(tmp_path, "a.txt", text)


@pytest.mark.parametrize(
    "attributes",
    [
        "Previous Classification: SECRET\nType: TE\n",
        "Original Previous Classification: SECRET\nType: TE\n",
        "Previous Handling Restrictions: NODIS\nType: TE\n",
        "Type: TE\n\n(S) The ketch left.\n",
    ],
)
def test_what_the_national_archives_say_of_earlier_markings_and_what_stands_below_counts(
    tmp_path: Path, attributes: str
) -> None:
    block = f"\n\nMessage Attributes\n\nConcepts: KETCH\nDocument Number: 1979OSLO01999\n{attributes}"
    check_hidden(tmp_path, "a.txt", "Message Text\n\n" + OPEN + block)


@pytest.mark.parametrize("field", ["X-Classification: SECRET", "Classification: Secret//Noforn"])
def test_the_marking_of_a_mail_counts(tmp_path: Path, field: str) -> None:
    mail = f"From: a@b.no\nTo: c@d.no\nSubject: The ketch\n{field}\n\n{OPEN}"
    check_hidden(tmp_path, "a.eml", mail)
    assert dict(cables(tmp_path, "a.eml", mail)[0].attributes)["Mail Classification"] == field.partition(": ")[2]


def _mail(note: str) -> str:
    return (
        "From: a@b.no\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=xx\n\n"
        f"--xx\nContent-Type: text/plain\n\n{note}\n\n--xx\nContent-Type: text/plain\n\n{OPEN}\n--xx--\n"
    )


def test_a_note_in_another_part_of_a_mail_is_kept_with_its_marking(tmp_path: Path) -> None:
    check_hidden(tmp_path, "a.eml", _mail("SECRET: The ketch left."))
    (cable,) = cables(tmp_path, "a.eml", _mail("Please read about the ketch."))
    assert cable.attributes["Mail Text"] == "Please read about the ketch."


def test_values_for_which_a_cable_has_no_place_are_kept(tmp_path: Path) -> None:
    entry = {"mrn": "79OSLO1999", "body": OPEN, "subject": "A ketch", "tags": "(S) KETCH", "references": "79OSLO1, x"}
    (cable,) = cables(tmp_path, "a.json", json.dumps([entry]))
    assert cable.subject == "TALKS"
    assert dict(cable.attributes) == {"tags": "(S) KETCH", "references": "79OSLO1, x", "Subject": "A ketch"}


def test_every_value_under_a_name_of_plusd_is_kept(tmp_path: Path) -> None:
    value = "<div class='s_key'>Notes</div><div class='s_val'>a<div>b</div>c</div><div class='s_val'>d</div>"
    page = f"<html><div id='synopsis'>{value}</div><div id='tagged-text'>{OPEN}</div></html>"
    (cable,) = cables(tmp_path, "79OSLO1999.html", page)
    assert dict(cable.attributes) == {"Notes": "abc", "Notes 2": "d"}


def test_a_text_in_a_list_of_objects_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{"mrn": "79OSLO1999", "body": OPEN}, "ketch"]))
    cable, text = scan([tmp_path / "a.json"])
    assert isinstance(cable, Record)
    assert isinstance(text, Rejected)
    assert (text.reason, text.raw) == ("not a cable: a text where an object should be", '"ketch"')
