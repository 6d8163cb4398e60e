"""Cables that were passed on by mail are read without the mail's own lines."""

from __future__ import annotations

import base64
import quopri
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.cable import Cable
from cablesearch.readers import mail_messages
from cablesearch.readers.formats.mail import MAIL, cables_in, looks_like_mail
from cablesearch.readers.records import Record, Rejected
from cablesearch.readers.sources.files import scan

TELEGRAM = """VZCZCXYZ0000
RR RUEHWEB
DE RUEHNY #0999 1240930
ZNR UUUUU ZZH
R 040930Z MAY 10
FM AMEMBASSY OSLO
TO RUEHC/SECSTATE WASHDC 1234

UNCLAS OSLO 000999

SIPDIS

E.O. 12958: N/A
TAGS: EFIS, NO
SUBJECT: HERRING QUOTA

1. (U) The owners of Kåfjord struck on Tuesday and will not sail until the quota is cut.

2. (U) Bergen objects.
WHITTEY
"""
OTHER = TELEGRAM.replace("040930Z", "050930Z").replace("000999", "001000").replace("#0999", "#1000")
TEXTS = ["The owners of Kåfjord struck on Tuesday and will not sail until the quota is cut.", "Bergen objects."]
HEADER = """From: Ann Whittey <ann@example.org>
To: desk@example.org
Subject: FW: HERRING QUOTA
Date: Tue, 04 May 2010 09:30:00 +0000
"""
ENVELOPE = "From ops@example.org Tue May  4 09:30:00 2010\n"


def scanned(path: Path, data: str | bytes) -> list[Record | Rejected]:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(scan([path]))


def cables(path: Path, data: str | bytes) -> list[Cable]:
    found = scanned(path, data)
    assert [item.reason for item in found if isinstance(item, Rejected)] == []
    return [item.parse() for item in found if isinstance(item, Record)]


def check(cable: Cable, name: str = "10OSLO999") -> None:
    """Check that a cable is the telegram, whole and without the lines of a mail."""
    assert (cable.reference_id, cable.subject, str(cable.classification)) == (name, "HERRING QUOTA", "UNCLASSIFIED")
    assert [paragraph.text for paragraph in cable.paragraphs] == TEXTS
    assert [recipient.name for recipient in cable.recipients] == ["SECSTATE WASHDC"]
    assert cable.signers == ("WHITTEY",)
    assert cable.origin == "Embassy Oslo"


def message(*, text: str = TELEGRAM, **headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Ann Whittey <ann@example.org>"
    mail["Subject"] = "FW: HERRING QUOTA"
    for name, value in headers.items():
        mail[name] = value
    mail.set_content(text)
    return mail


@pytest.mark.parametrize("lead", ["", "-----Original Message-----\n", "\nBegin forwarded message:\n\n"])
def test_a_mail_that_was_saved_as_text_is_read(tmp_path: Path, lead: str) -> None:
    (cable,) = cables(tmp_path / "a.txt", lead + FORWARDED + TELEGRAM)
    check(cable)
    assert cable.attributes["Mail Date"] == "Tuesday, May 4, 2010 9:30 AM"


def test_each_message_of_a_mailbox_is_a_cable_with_its_number(tmp_path: Path) -> None:
    box = f"{ENVELOPE}{HEADER}\n{TELEGRAM}\n{ENVELOPE}{HEADER}\n{OTHER}"
    found = [item for item in scanned(tmp_path / "a.mbox", box) if isinstance(item, Record)]
    assert [item.row for item in found] == [1, 2]
    check(found[0].parse())
    check(found[1].parse(), "10OSLO1000")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("before", ["", ENVELOPE, "Return-Path: <ann@example.org>\nReceived: from a\n\tby b\n"])
def test_a_message_in_a_file_of_its_own_is_read(tmp_path: Path, before: str, line_end: str) -> None:
    text = f"{before}{HEADER}\n{TELEGRAM}".replace("\n", line_end)
    (cable,) = cables(tmp_path / "a.eml", text.encode())
    check(cable)
    assert dict(cable.attributes) == {
        "Mail Subject": "FW: HERRING QUOTA",
        "Mail From": "Ann Whittey <ann@example.org>",
        "Mail Date": "Tue, 04 May 2010 09:30:00 +0000",
    }
    assert cable.given is not None
    assert "attributes" in cable.given


@pytest.mark.parametrize(
    ("encoding", "charset", "body"),
    [
        ("quoted-printable", "utf-8", quopri.encodestring(TELEGRAM.encode())),
        ("quoted-printable", "iso-8859-1", quopri.encodestring(TELEGRAM.encode("latin-1"))),
        ("base64", "windows-1252", base64.encodebytes(TELEGRAM.encode("cp1252"))),
        ("base64", "utf-16", base64.encodebytes(TELEGRAM.encode("utf-16"))),
        ("8bit", "utf-8", TELEGRAM.encode()),
        ("8bit", "iso-8859-1", TELEGRAM.encode("latin-1")),
        ("8bit", "no-such-charset", TELEGRAM.encode("latin-1")),
        ("7bit", "us-ascii", TELEGRAM.encode("latin-1")),
    ],
)
def test_encodings_and_charsets_are_undone(tmp_path: Path, encoding: str, charset: str, body: bytes) -> None:
    kind = f'Content-Type: text/plain; charset="{charset}"\nContent-Transfer-Encoding: {encoding}\n'
    (cable,) = cables(tmp_path / "a.eml", f"{HEADER}{kind}\n".encode() + body)
    check(cable)


@pytest.mark.parametrize(
    "page",
    [
        "<html><head><style>p {x: y}</style><title>FM X</title></head><body><pre>" + TELEGRAM + "</pre></body></html>",
        "<div>" + TELEGRAM.replace("\n", "<br>\n") + "</div>",
        "<p>See below.</p>" + "".join(f"<p class='MsoNormal'>{line}&nbsp;</p>\n" for line in TELEGRAM.split("\n")),
    ],
)
@pytest.mark.parametrize("is_alternative", [True, False])
def test_html_is_read_where_there_is_no_plain_text(tmp_path: Path, page: str, is_alternative: bool) -> None:
    mail = message()
    if is_alternative:
        mail.add_alternative(page.replace("Bergen", "Tromso"), subtype="html")
    else:
        mail.set_content(page, subtype="html")
    (cable,) = cables(tmp_path / "a.eml", mail.as_bytes())
    check(cable)


def test_a_telegram_may_be_attached(tmp_path: Path) -> None:
    mail = message(text="Please see the attached.\n\nAnn")
    mail.add_attachment(TELEGRAM, filename="cable.txt")
    mail.add_attachment(OTHER.encode(), maintype="application", subtype="octet-stream", filename="other.tel")
    mail.add_attachment(b"%PDF-1.4 TAGS: NO", maintype="application", subtype="pdf", filename="annex.pdf")
    mail.add_attachment("Menu of the canteen", filename="menu.txt")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png")
    found = scanned(tmp_path / "a.eml", mail.as_bytes())
    first, second = (item.parse() for item in found if isinstance(item, Record))
    check(first)
    check(second, "10OSLO1000")
    assert [item.reason for item in found if isinstance(item, Rejected)] == [
        "attachment annex.pdf (application/pdf) of a mail: save it as a file of its own to read it",
        "attachment menu.txt (text/plain) of a mail: not a cable: no header, classification, TAGS, SUBJECT or marked "
        "paragraphs found",
        "attachment logo.png (image/png) of a mail: save it as a file of its own to read it",
    ]


def test_a_message_may_be_attached(tmp_path: Path) -> None:
    mail = message(text="Passed on.")
    mail.add_attachment(message(Date="Tue, 04 May 2010 09:30:00 +0000"))
    (cable,) = cables(tmp_path / "a.eml", mail.as_bytes())
    check(cable)


FORWARDED = "From: Bob Roe\nSent: Tuesday, May 4, 2010 9:30 AM\nTo: Ann Whittey\nSubject: HERRING QUOTA\n\n"


@pytest.mark.parametrize(
    "text",
    [
        "FYI.\n\n-----Original Message-----\n" + FORWARDED + TELEGRAM,
        "Colleagues,\n\nplease see below.\n\nBegin forwarded message:\n\n" + FORWARDED + TELEGRAM,
        "---------- Forwarded message ----------\n" + FORWARDED + TELEGRAM,
        "________________________________\n" + FORWARDED + TELEGRAM + "\n-- \nAnn Whittey\nOslo\n",
        "Ann wrote:\n\n" + "".join(f"> {line}\n" for line in TELEGRAM.split("\n")),
        "FYI\n\n" + TELEGRAM + "\nBest regards,\nAnn Whittey\n\n",
        "FYI\n\n" + TELEGRAM + "\n\nSent from my telephone\n",
        "FYI\n\n" + TELEGRAM + "_______________________\nList of the desk\n",
        "Ann wrote:\n\n" + "".join(f">{line}\n" for line in TELEGRAM.split("\n")) + "\nSee you,\nBob\n",
        "Ann wrote:\n\n> Bob wrote:\n>\n" + "".join(f">> {line}\n" for line in TELEGRAM.split("\n")),
        "> " + "> ".join((FORWARDED + TELEGRAM).splitlines(keepends=True)),
    ],
)
def test_what_is_passed_on_is_read_without_the_words_around_it(tmp_path: Path, text: str) -> None:
    (cable,) = cables(tmp_path / "a.eml", f"{HEADER}\n{text}")
    check(cable)
    beside = cable.attributes["Mail Text"]
    for line in text.split("\n"):
        words = line.lstrip("> ").strip()
        assert not words or words in TELEGRAM or words in beside


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("FW: 10OSLO999 HERRING QUOTA", "10OSLO999"),
        ("=?utf-8?q?TR=3A_10OSLO0999=3A_HERRING?=", "10OSLO999"),
        ("RE: 2010OSLO000999", "10OSLO999"),
    ],
)
def test_the_subject_gives_the_id_that_the_text_lacks(tmp_path: Path, subject: str, expected: str) -> None:
    text = "From: a@example.org\nSubject: " + subject + "\n\nSUBJECT: HERRING QUOTA\n\n1. (U) Rain.\n\n2. (U) Sun.\n"
    (cable,) = cables(tmp_path / "a.eml", text)
    assert cable.reference_id == expected
    assert [paragraph.text for paragraph in cable.paragraphs] == ["Rain.", "Sun."]


def test_several_telegrams_in_a_message_are_several_cables(tmp_path: Path) -> None:
    found = scanned(tmp_path / "a.mbox", f"{ENVELOPE}{HEADER}\nTwo of them:\n\n{TELEGRAM}\n\n{OTHER}")
    first, second = (item.parse() for item in found if isinstance(item, Record))
    check(first)
    check(second, "10OSLO1000")
    assert [item.row for item in found] == [1, 1]


def test_a_mail_that_only_speaks_of_a_cable_is_not_taken_for_it(tmp_path: Path) -> None:
    text = HEADER.replace("FW: ", "RE: 10OSLO999 ") + "\nCONFIDENTIAL\n\nThanks for the cable. Ann\n"
    (found,) = scanned(tmp_path / "a.eml", text)
    assert isinstance(found, Rejected)
    assert found.reason == "a mail without a cable: no header, TAGS, SUBJECT or marked paragraphs found"


def test_a_message_without_a_cable_is_rejected_as_mail_with_its_number(tmp_path: Path) -> None:
    box = f"{ENVELOPE}{HEADER}\nLunch on Monday?\n\n{ENVELOPE}{HEADER}\n{TELEGRAM}\n{ENVELOPE}{HEADER}\n"
    first, second, third = scanned(tmp_path / "a.mbox", box)
    assert isinstance(first, Rejected)
    assert isinstance(third, Rejected)
    assert isinstance(second, Record)
    assert (first.row, third.row) == (1, 3)
    assert first.reason == (
        "a mail without a cable: no header, classification, TAGS, SUBJECT or marked paragraphs found"
    )
    assert third.reason == "a mail without a cable: it has no text"


@pytest.mark.parametrize(
    "head",
    [
        TELEGRAM,
        "From: AMEMBASSY OSLO\nTo: SECSTATE WASHDC\nDate: 13 June 2009\nSubject: HERRING QUOTA\n\n1. (U) Rain.\n",
        "From: Embassy Oslo\nSent: 13 June 2009 09:30\nTo: STATE\nSubject: RAIN\n\n1. (U) Rain.\n",
        "FROM: Embassy Oslo\nSUBJECT: RAIN\n\n1. (U) Rain.\n",
        "From Oslo the fleet sailed at 09:30 of a Tuesday\nSUBJECT: RAIN\n",
        "Subject: Mail to ann@example.org\n\n1. (U) Rain.\n",
        '{"id": "10OSLO999", "from": "ann@example.org"}\n',
        '"1","1/8/2010 3:26","10OSLO999"\n',
        "",
        "Date: 4 May\n" * 2000,
    ],
)
def test_what_only_begins_like_mail_is_not_mail(head: str) -> None:
    assert not looks_like_mail(head)


def test_a_line_of_a_telegram_that_begins_with_from_begins_no_message(tmp_path: Path) -> None:
    text = TELEGRAM.replace("Bergen objects.", "Bergen objects.\n\nFrom there at 09:30 on Tuesday 2010 he said more.")
    (cable,) = cables(tmp_path / "a.mbox", f"{ENVELOPE}{HEADER}\n{text}")
    assert "From there at 09:30 on Tuesday 2010 he said more." in "".join(item.text for item in cable.paragraphs)
    (cable,) = cables(tmp_path / "b.mbox", f"{ENVELOPE}{HEADER}\n{text.replace('From there', '>From there')}")
    assert "From there at 09:30" in "".join(item.text for item in cable.paragraphs)
    assert ">From" not in cable.body


def test_a_mailbox_cut_off_keeps_its_whole_messages(tmp_path: Path) -> None:
    import gzip
    import os

    noise = os.urandom(20_000).hex()
    data = gzip.compress(f"{ENVELOPE}{HEADER}\n{TELEGRAM}\n{ENVELOPE}{HEADER}\n{OTHER}{noise}".encode())
    found = scanned(tmp_path / "a.mbox.gz", data[:-9000])
    assert [isinstance(item, Record) for item in found] == [True, False, False]
    assert isinstance(found[1], Rejected)
    assert (found[1].row, found[1].reason) == (2, "cut off by damage to its file")


def test_what_is_written_out_of_a_mail_can_be_read_again(tmp_path: Path) -> None:
    (record,) = scanned(tmp_path / "a.eml", f"{HEADER}\nSee below.\n\n{TELEGRAM}")
    assert isinstance(record, Record)
    (again,) = scanned(tmp_path / "b.eml", record.raw())
    assert isinstance(again, Record)
    assert again.fields == record.fields


def nested(depth: int) -> str:
    start = "".join(f'Content-Type: multipart/mixed; boundary="b{number}"\n\n--b{number}\n' for number in range(depth))
    return f"{HEADER}{start}Content-Type: text/plain\n\n{TELEGRAM}"


@pytest.mark.parametrize(
    "text",
    [
        nested(40),
        nested(5000),
        f"{HEADER}Content-Type: text/plain; " + 'x="' * 100_000 + f"\n\n{TELEGRAM}",
        f"{HEADER}Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\n" * 100 + "--b\nContent-Type: x\n\n" * 900,
    ],
)
def test_a_hostile_message_is_rejected_as_mail(tmp_path: Path, text: str) -> None:
    (found,) = scanned(tmp_path / "a.eml", text)
    assert isinstance(found, Rejected)
    assert found.reason.startswith("not a cable: a mail ")


@pytest.mark.parametrize(
    "piece", ["> ", ">\n", "> > x\n", "From: x\n", "<style>", "<p", "&#", "-- \n", "\n\n", ENVELOPE]
)
def test_megabytes_of_hostile_mail_are_read(piece: str) -> None:
    """In quadratic time this would not end."""
    text = piece * (1_000_000 // len(piece))
    cables_in(text)
    looks_like_mail(text)
    mail_messages.read_mail(f"{HEADER}Content-Type: text/html\n\n{text}")


@given(
    st.lists(st.sampled_from([*HEADER.splitlines(), "", ENVELOPE, "--b", "> x", *TELEGRAM.splitlines()]), max_size=30)
)
def test_any_mail_is_read_or_rejected(lines: list[str]) -> None:
    text = f"{HEADER}Content-Type: multipart/mixed; boundary=b\n" + "\n".join(lines)
    assert looks_like_mail(text)
    mail_messages.read_mail(text)


def test_mail_is_among_the_formats() -> None:
    assert MAIL.noun == "messages of mail"
