"""PDFs are read by their text layer, and whatever else they hold does no harm."""

from __future__ import annotations

import builtins
import contextlib
import io
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cablesearch.readers.records import Record, Rejected
from cablesearch.readers.sources import pdf_text
from cablesearch.readers.sources.files import scan
from cablesearch.readers.sources.pdf_text import UnreadablePdfError, pdf_pages
from tests.support.pdf import pdf, pdf_of, pdf_of_objects

TELEGRAM = """P 080326Z JAN 10
FM AMEMBASSY BEIJING
TO SECSTATE WASHDC

C O N F I D E N T I A L BEIJING 000030

TAGS: PGOV, CH
SUBJECT: A TEST

1. (C) The ministry (of fish) will raise the quota.

2. (C) Bergen objects.
DOE"""
OTHER = TELEGRAM.replace("080326Z", "090326Z").replace("000030", "000031").replace("quota", "price")


def scanned(path: Path, data: bytes) -> list[Record | Rejected]:
    path.write_bytes(data)
    return list(scan([path]))


def reason(data: bytes) -> str:
    with pytest.raises(UnreadablePdfError) as error:
        pdf_pages(io.BytesIO(data).read)
    return str(error.value)


def test_a_pdf_with_a_text_layer_is_read(tmp_path: Path) -> None:
    (record,) = scanned(tmp_path / "x.pdf", pdf([TELEGRAM]))
    assert isinstance(record, Record)
    cable = record.parse()
    assert (cable.reference_id, cable.subject, str(cable.classification)) == ("10BEIJING30", "A TEST", "CONFIDENTIAL")
    assert [paragraph.text for paragraph in cable.paragraphs] == [
        "The ministry (of fish) will raise the quota.",
        "Bergen objects.",
    ]
    assert cable.provenance is not None
    assert cable.provenance.page == 1


def test_a_telegram_may_go_on_over_pages() -> None:
    head, tail = TELEGRAM.split("\n\n2.")
    assert [page.split() for page in pdf_pages(io.BytesIO(pdf([head, "2." + tail])).read)] == [
        head.split(),
        f"2.{tail}".split(),
    ]


def test_a_line_that_is_left_free_is_a_blank_line(tmp_path: Path) -> None:
    text = "\n".join([*TELEGRAM.split("\n")[:8], "", "The ministry will", "raise the quota.", "", "Bergen objects."])
    (page,) = pdf_pages(io.BytesIO(pdf([text])).read)
    assert page.split("\n") == [*text.split("\n"), ""]
    (record,) = scanned(tmp_path / "x.pdf", pdf([text]))
    assert isinstance(record, Record)
    assert record.parse().subject == "A TEST"


def test_several_telegrams_of_a_pdf_know_their_pages(tmp_path: Path) -> None:
    cover = "Telegrams of the embassy, released in part and printed one after another."
    pages = [TELEGRAM, "3. (C) More of it stood on a second page, which it filled.\n \n ", OTHER]
    found = scanned(tmp_path / "x.pdf", pdf(pages))
    assert [
        (item.provenance.row, item.provenance.page) for item in found if isinstance(item, Record) and item.provenance
    ] == [
        (1, 1),
        (2, 3),
    ]
    (record,) = scanned(tmp_path / "y.pdf", pdf([cover]))
    assert isinstance(record, Rejected)
    assert record.reason.startswith("not a cable: no header")


def test_the_rows_of_a_table_in_a_pdf_have_no_page(tmp_path: Path) -> None:
    header = "Document Number|Subject|Message Text"
    rows = [f"1979OSLO0092{number}|QUOTA|UNCLAS OSLO 092{number}. Rain fell on the quays." for number in (1, 2)]
    found = scanned(tmp_path / "x.pdf", pdf([f"{header}\n{rows[0]}", rows[1]]))
    assert [
        (item.provenance.row, item.provenance.page) for item in found if isinstance(item, Record) and item.provenance
    ] == [(1, None), (2, None)]


def test_a_pdf_that_is_not_a_pdf_inside_is_not_taken_for_a_cable(tmp_path: Path) -> None:
    data = b"%PDF-1.4\n1 0 obj\n<< /Length 99 >>\nstream\nfm PdQ\n" + bytes(range(1, 200)) + TELEGRAM.encode()
    (item,) = scanned(tmp_path / "09OSLO997.pdf", data)
    assert isinstance(item, Rejected)
    assert item.reason.startswith("not a cable: a damaged PDF")
    assert "pdftotext" in item.reason


@pytest.mark.parametrize("pages", [["", ""], [" SECRET", "SECRET"]])
def test_scanned_pages_are_sent_to_ocr(tmp_path: Path, pages: list[str]) -> None:
    (item,) = scanned(tmp_path / "09OSLO997.pdf", pdf(pages))
    assert isinstance(item, Rejected)
    assert item.reason == (
        "not a cable: a PDF without a text layer (scanned pages?); make one with OCR, for example with ocrmypdf"
    )


def test_an_encrypted_pdf_is_said_to_be_one() -> None:
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O (%s) /U (%s) /P -4 >> /ID [(a) (a)]" % (b"x" * 32, b"y" * 32)
    assert reason(pdf([TELEGRAM], trailer=lock)).startswith("an encrypted PDF")


def test_without_the_extra_the_reason_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_pypdf(name: str, *rest: Any) -> Any:
        if name.startswith("pypdf"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_pypdf)
    assert reason(pdf([TELEGRAM])) == "a PDF; to read it: pip install 'cablesearch[pdf]'"


@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("LARGEST", 100, "more than"),
        ("MOST_PAGES", 1, "pages"),
        ("MOST_OPERATIONS", 10, "too much"),
        ("MOST_OF_PAGE", 10, "too much"),
        ("LONGEST_RECORD", 10, "too much"),
        ("MOST_FONTS", 0, "fonts"),
        ("LONGEST_TIME", 0.0, "too long"),
    ],
)
def test_every_limit_is_kept(monkeypatch: pytest.MonkeyPatch, limit: str, value: float, words: str) -> None:
    monkeypatch.setattr(pdf_text, limit, value)
    assert words in reason(pdf([TELEGRAM, OTHER]))


BOMB = zlib.compress(bytes(100_000_000), 9)
HOSTILE = {
    "a bomb": pdf_of([b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(BOMB), BOMB)]),
    "a bomb in a bomb": pdf_of(
        [
            b"<< /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n%s\nendstream" % (len(inner), inner)
            for inner in [zlib.compress(BOMB, 9)]
        ]
    ),
    "pages that are their own children": pdf_of_objects(
        [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>"]
    ),
    "deep pages": pdf_of_objects(
        [b"<< /Type /Catalog /Pages 2 0 R >>"]
        + [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % number for number in range(3, 5000)]
    ),
    "many pages": pdf_of_objects(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [%s] /Count 1 >>" % (b"3 0 R " * 90_000),
            b"<< /Type /Page /Parent 2 0 R >>",
        ]
    ),
    "deep lists": pdf_of([b"[" * 50_000]),
    "a long page": pdf([TELEGRAM + "\nx" * 300_000]),
    "a form in itself": pdf_of_objects(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /Resources << /XObject << /X 5 0 R >> >> /Contents 4 0 R >>",
            b"<< /Length 30000 >>\nstream\n%s\nendstream" % (b"/X Do " * 5000),
            b"<< /Subtype /Form /Resources << /XObject << /X 5 0 R >> >> /Length 30000 >>\nstream\n%s\nendstream"
            % (b"/X Do " * 5000),
        ]
    ),
    "no pages": pdf_of_objects([b"<< /Type /Catalog >>"]),
    "a list as its root": pdf_of_objects([b"[1 0 R]"]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pdf_is_rejected_in_words_and_without_noise(
    name: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_text, "LONGEST_TIME", 20.0)
    assert " PDF" in reason(HOSTILE[name])
    assert capfd.readouterr() == ("", "")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_pdf_is_read_or_rejected(data: st.DataObject) -> None:
    content = bytearray(pdf([TELEGRAM]))
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=6))
    with contextlib.suppress(UnreadablePdfError):
        assert pdf_pages(io.BytesIO(content).read)
