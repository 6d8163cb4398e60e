"""Files that are not text are rejected with what they are and what to do, whatever words stand in them."""

from __future__ import annotations

import gzip
import random
import re
from pathlib import Path

import pytest

from cablesearch.readers.records import Record, Rejected
from cablesearch.readers.sources.binaries import is_pdf, why_binary
from cablesearch.readers.sources.files import scan
from tests.support.files import zipped

TELEGRAM = """P 080326Z JAN 10
FM AMEMBASSY BEIJING
TO SECSTATE WASHDC

C O N F I D E N T I A L BEIJING 000030

TAGS: PGOV, CH
SUBJECT: A TEST

1. (C) Text.

DOE
"""
WORDS = TELEGRAM.encode()
NOISE = random.Random(1).randbytes(3000)


def reasons(path: Path, data: bytes) -> list[str]:
    """Return why each part of a file is rejected; a cable in it is a failure."""
    path.write_bytes(data)
    found = list(scan([path]))
    assert not [item for item in found if isinstance(item, Record)]
    return [item.reason for item in found if isinstance(item, Rejected)]


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office .*Outlook"),
        (b"{\\rtf1\\ansi ", "RTF.*save it as plain text"),
        (b"\xef\xbb\xbf{\\rtf1\\ansi ", "RTF"),
        (b"\n {\\rtf1\\ansi ", "RTF"),
        (b"\xffWPC\x10", "WordPerfect"),
        (b"%!PS-Adobe-3.0\n", "PostScript"),
        (b"\x89PNG\r\n\x1a\n", "picture .*OCR"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "picture .*OCR"),
        (b"GIF89a", "picture .*OCR"),
        (b"II*\0", "picture .*OCR"),
        (b"MM\0*", "picture .*OCR"),
        (b"BM\x36\0\0\0\0\0", "picture .*OCR"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "picture .*OCR"),
        (b"\0\0\0\x18ftypmp42", "film or picture"),
        (b"SQLite format 3\0", "SQLite database.*CSV"),
        (b"\0\1\0\0Standard Jet DB\0", "Access"),
        (b"\x7fELF\2\1\1\0", "program"),
        (b"MZ\x90\0\3\0", "program"),
        (b"\0\1\0\0\0\x0f\0\x80", "font"),
        (b"wOF2\0\1\0\0", "font"),
        (b"ID3\x03\0", "sound"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip.*unpack"),
        (b"BZh91AY&SY", "bzip2.*unpack"),
        (b"!BDN", "Outlook"),
        (b"\0" * 257 + b"ustar\0", "tar archive.*unpack"),
    ],
)
@pytest.mark.parametrize("filling", [b"", WORDS, WORDS * 30, NOISE + WORDS], ids=["", "words", "text", "noise"])
def test_a_file_is_told_by_its_first_bytes_whatever_cable_stands_in_it(
    tmp_path: Path, start: bytes, kind: str, filling: bytes
) -> None:
    (reason,) = reasons(tmp_path / "10BEIJING30.txt", start + filling)
    assert reason.startswith("not a cable: ")
    assert re.search(kind, reason)


@pytest.mark.parametrize(
    "data",
    [
        b"\0" * 500 + WORDS + b"\0" * 500,
        NOISE + WORDS,
        WORDS + NOISE * 5,
        b"\1\2\3\4" * 200 + WORDS + bytes(range(1, 256)) * 20,
        bytes(range(256)) * 4 + WORDS * 5,
    ],
)
def test_other_bytes_that_are_mostly_not_text_are_rejected_in_spite_of_a_cable_among_them(
    tmp_path: Path, data: bytes
) -> None:
    assert reasons(tmp_path / "10BEIJING30.txt", data) == ["not a cable: binary data, not text"]


@pytest.mark.parametrize(
    "data",
    [
        WORDS,
        WORDS.replace(b"Text", b"T\0xt"),
        WORDS.replace(b"Text", b"Caf\xe9 \x93quoted\x94"),
        WORDS.replace(b"Text", "Оттава".encode("koi8-r") * 40),
        WORDS.replace(b"Text", b"H\bHe\bea\bad\bd" * 9),
        TELEGRAM.encode("utf-16"),
        TELEGRAM.encode("utf-32"),
        b"\x1b[1m" + WORDS + b"\x1a",
        b"BM\n" + WORDS,
        WORDS.replace(b"Text", b"The file began with %PDF-1.4"),
        WORDS.replace(b"Text", b"{\\rtf1 stood at its head"),
    ],
)
def test_damaged_text_and_text_of_other_encodings_stays_text(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.txt").write_bytes(data)
    (record,) = scan([tmp_path / "x.txt"])
    assert isinstance(record, Record)
    assert record.parse().reference_id == "10BEIJING30"


@pytest.mark.parametrize(
    "files",
    [
        {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:t>1. (C) Text.</w:t>"},
        {"_rels/.rels": b"", "xl/sharedStrings.xml": WORDS, "[Content_Types].xml": b"<Types/>"},
        {"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": WORDS},
        {"mimetype": b"application/epub+zip", "OEBPS/10BEIJING30.xhtml": b"<html><pre>" + WORDS + b"</pre></html>"},
    ],
)
@pytest.mark.parametrize("is_packed", [True, False])
def test_an_office_document_is_rejected_as_one_file(tmp_path: Path, files: dict[str, bytes], is_packed: bool) -> None:
    data = zipped(files)
    (reason,) = reasons(tmp_path / "10BEIJING30.docx", gzip.compress(data) if is_packed else data)
    assert reason == "not a cable: an office document or e-book (a zip file); save it as plain text first"


def test_a_zip_file_of_cables_is_read_whatever_else_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"a.txt": WORDS, "b/mimetype": b"text/plain", "c.png": b"\x89PNG\r\n"}))
    found = list(scan([tmp_path / "a.zip"]))
    assert [isinstance(item, Record) for item in found] == [True, False, False]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"%PDF-1.4\n", True),
        (b"\xef\xbb\xbf%PDF-1.4\n", True),
        (b"HTTP/1.1 200 OK\r\n\r\n%PDF-2.0\r", True),
        (b"junk%PDF-1.3 1 0 obj <<", True),
        (b"x" * 2000 + b"\n%PDF-1.4\n", False),
        (b"It began with %PDF-1.4, he said.", False),
    ],
)
def test_a_pdf_is_told_by_its_first_line(start: bytes, expected: bool) -> None:
    assert is_pdf(start) == expected


def test_text_in_capitals_is_not_taken_for_a_kind_of_file() -> None:
    for text in (b"MZ", b"BM 12", b"OTTO", b"ID34", b"PAR10", b"GIF", b"true", b"", b"\n\n"):
        assert why_binary(text + b" AMEMBASSY OSLO\n" * 9) is None, text
