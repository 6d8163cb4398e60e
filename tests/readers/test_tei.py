"""Documents of editions in TEI, as the volumes of Foreign Relations of the United States have them, are cables."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.cable import Cable
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.formats import tei
from cablesearch.readers.records import Record, Rejected
from cablesearch.readers.rereading import reread
from cablesearch.readers.sources.files import scan
from cablesearch.readers.tei_documents import parse_document

HEAD = """<head>12. Telegram 4992 From the <gloss target="#t_E">Embassy</gloss> in Norway to the Department of
 State<note n="1" xml:id="d12fn1" type="source">Source: National Archives, RG 59, Central Files 1970–73, POL 7 NOR.
 Secret; Immediate; Nodis. Repeated to Stockholm. A confidential copy is
 <ref target="#d3">Document 3</ref>.</note></head>"""
DATELINE = """<opener><dateline rendition="#right"><placeName><hi rend="smallcaps">Oslo</hi></placeName>,
 <date when="1973-09-11T16:10:00Z">September 11, 1973, 1610Z</date>.</dateline></opener>"""
TEXT = """<p>4992. Subject: Herring Quota.</p>
<p>1. (C) The <persName corresp="#p_W1">Whittey</persName> letter was read<note n="2" xml:id="d12fn2"><p>See <ref
 target="#d11">Document 11</ref>.</p><p>Not printed.</p></note> by the min<pb n="50"/>istry.</p>
<p>2. Bergen objects.</p>
<list><head>Fleets</head><label>a.</label><item>Bergen.</item><label>b.</label>
<item><p>Tromsø.</p><p>It is large.</p></item></list>
<table><row><cell>1972</cell><cell>17<lb/>tons</cell></row></table>
<p>End.</p>
<closer><salute>Regards,</salute><signed><persName corresp="#p_R1"><hi rend="strong">Ann Roe</hi></persName></signed>
</closer>
<frus:attachment><head>Tab A</head><p>Prince <persName type="from">Olav</persName> wrote to
<persName type="to">Haakon</persName>.</p></frus:attachment>"""
DOCUMENT = f"""<div type="document" xml:id="d12" n="12" subtype="historical-document"
 frus:doc-dateTime-min="1973-09-11T00:00:00-05:00">{HEAD}{DATELINE}{TEXT}</div>"""
OLDER = """<div type="document" xml:id="d13" n="13" frus:doc-dateTime-min="1930-04-11T15:00:00-05:00">
<note rend="inline" type="source">504.418A2/276: Telegram</note>
<head><hi rend="italic">The Minister in Norway</hi> (<persName type="from"><hi>Roe</hi></persName>) <hi>to the
<gloss type="to">Acting Secretary of State</gloss></hi></head>
<opener><seg>[Paraphrase]</seg></opener>
<opener><dateline><placeName>Oslo</placeName>, <date when="1930-04-11T15:00:00">April 11</date><lb/>[Received
10:25 p.m.]</dateline></opener>
<p>67. Your telegram No. 30. It reads: <quote rend="blockquote"><p>“The quota stands.”</p></quote></p>
<closer><signed><hi rend="smallcaps">Roe</hi></signed></closer></div>"""


def volume(*documents: str, root: str = 'xml:id="frus1969-76v99"', before: str = "") -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>{before}
<?xml-model href="frus.rng"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0" xmlns:frus="http://history.state.gov/frus/ns/1.0" {root}>
<teiHeader><titleStmt><title type="complete">Foreign Relations,
 Volume XCIX</title><title type="series">FRUS</title></titleStmt></teiHeader>
<text><front><div type="section" xml:id="preface"><head>Preface</head><p>Not a document.</p></div></front><body>
<div type="compilation" xml:id="comp1"><head>Norway<note n="1">See X.</note></head>
<div type="chapter" xml:id="ch1"><head>The <hi rend="italic">Quota</hi></head><pb n="49" xml:id="pg_49"/>
{"".join(documents)}</div></div></body></text></TEI>"""


def scanned(path: Path, text: str | bytes) -> list[Record | Rejected]:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(scan([path]))


def cables(path: Path, text: str) -> list[Cable]:
    found = scanned(path, text)
    assert [item.reason for item in found if isinstance(item, Rejected)] == []
    return [item.parse() for item in found if isinstance(item, Record)]


def test_a_document_is_a_cable(tmp_path: Path) -> None:
    (cable,) = cables(tmp_path / "x.xml", volume(DOCUMENT))
    assert cable.id == "frus1969-76v99d12"
    assert cable.date == dt.datetime(1973, 9, 11, 16, 10, tzinfo=dt.timezone.utc)
    assert (cable.origin, [item.name for item in cable.recipients]) == ("Embassy Oslo", ["Department of State"])
    assert cable.subject == "Telegram 4992 From the Embassy in Norway to the Department of State"
    assert (str(cable.classification), cable.precedence) == ("SECRET//NODIS", ("IMMEDIATE",))
    assert (cable.signers, cable.names) == (("Ann Roe",), ("Whittey", "Ann Roe"))
    assert cable.references == ("FRUS1969-76V99D3", "FRUS1969-76V99D11")
    assert cable.attributes["Document"] == "12"
    assert cable.attributes["Telegram"] == "4992"
    assert cable.attributes["Chapter"] == "Norway > The Quota"
    assert cable.attributes["Volume"] == "Foreign Relations, Volume XCIX"
    assert cable.attributes["Source"].startswith("Source: National Archives, RG 59, Central Files")
    assert cable.provenance is not None
    assert (cable.provenance.row, cable.provenance.page) == (1, 49)


def test_each_block_of_a_document_is_a_paragraph_in_its_place(tmp_path: Path) -> None:
    (cable,) = cables(tmp_path / "x.xml", volume(DOCUMENT))
    assert [(item.number, item.marking, item.section, item.text) for item in cable.paragraphs] == [
        (None, None, None, "4992. Subject: Herring Quota."),
        (1, "C", None, "The Whittey letter was read by the ministry."),
        (2, None, None, "Bergen objects."),
        (None, None, "Fleets", "a. Bergen."),
        (None, None, "Fleets", "b. Tromsø."),
        (None, None, "Fleets", "It is large."),
        (None, None, None, "1972 17 tons"),
        (None, None, None, "End."),
        (None, None, None, "Regards,"),
        (None, None, "Tab A", "Prince Olav wrote to Haakon."),
        (None, None, "Notes", "[2] See Document 11. Not printed."),
    ]
    for paragraph in cable.paragraphs:
        assert cable.body[paragraph.start : paragraph.end].endswith(paragraph.text)
    assert [str(item.classification) for item in cable.paragraphs[:3]] == [
        "SECRET//NODIS",
        "CONFIDENTIAL",
        "SECRET//NODIS",
    ]
    assert "September 11, 1973" in cable.envelope
    assert "Ann Roe" in cable.envelope


def test_the_markup_of_older_volumes_is_read(tmp_path: Path) -> None:
    _, cable = cables(tmp_path / "x.xml", volume(DOCUMENT, OLDER))
    assert cable.id == "frus1969-76v99d13"
    assert cable.date == dt.datetime(1930, 4, 11, 15, 0, tzinfo=dt.timezone.utc)
    assert cable.origin == "Minister in Norway (Roe)"
    assert [item.name for item in cable.recipients] == ["Acting Secretary of State"]
    assert cable.subject == "The Minister in Norway (Roe) to the Acting Secretary of State"
    assert (cable.attributes["Source"], cable.attributes["Telegram"]) == ("504.418A2/276: Telegram", "67")
    assert str(cable.classification) == "UNCLASSIFIED"
    assert [(item.number, item.text) for item in cable.paragraphs] == [
        (None, "[Paraphrase]"),
        (None, "67. Your telegram No. 30. It reads:"),
        (None, "“The quota stands.”"),
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Source: National Archives, RG 59. Secret; Immediate; Nodis.", "SECRET//NODIS"),
        ("Source: Library (SECRET; EXDIS).", "SECRET//EXDIS"),
        ("Source: Library, Box 3, Confidential", "CONFIDENTIAL"),
        ("Source: Library, Secret Files, Box 3. Unclassified.", "UNCLASSIFIED"),
        ("Source: Eisenhower Library, CFEP Chairman Records. Secret.", "SECRET"),
        ("Source: Central Intelligence Agency, Job 79. Top Secret. A cover memorandum is not printed.", "TOP SECRET"),
        ("Source: Top Secret Files, Box 3. Confidential. Drafted by Roe.", "CONFIDENTIAL"),
        ("Source: Files. Limited Official Use; Priority.", "SENSITIVE BUT UNCLASSIFIED"),
        ("Source: Files. Official Use Only.", "SENSITIVE BUT UNCLASSIFIED"),
        ("Source: Files. Secret; Noforn.", "SECRET//NOFORN"),
        ("Source: Files. No classification marking.", "UNCLASSIFIED"),
        ("Source: Files. Unclassified.", "UNCLASSIFIED"),
        ("Source: Files of the Secret Service.", "UNCLASSIFIED"),
        ("", "UNCLASSIFIED"),
    ],
)
def test_the_note_on_the_source_gives_the_classification_that_the_document_had(source: str, expected: str) -> None:
    note = f'<note type="source">{source}</note>'
    cable = parse_document((f'<div xml:id="d1"><head>A{note}</head><p>Rain.</p></div>', "v", "", ""))
    assert str(cable.classification) == expected


@pytest.mark.parametrize(
    ("head", "place", "origin", "addressee"),
    [
        (
            "Telegram From the Embassy in Norway to the Department of State",
            "Oslo",
            "Embassy Oslo",
            "Department of State",
        ),
        (
            "Telegram From the Embassy in Norway to the Embassies in X and Y",
            "Nowhere",
            "Embassy in Norway",
            "Embassies in X and Y",
        ),
        (
            "Memorandum From the President’s Assistant (Roe) to President Doe",
            "Washington",
            "President’s Assistant (Roe)",
            "President Doe",
        ),
        ("Letter From Ann Roe to Bob Doe", "Paris", "Ann Roe", "Bob Doe"),
        ("Memorandum of Conversation", "Washington", "", ""),
        ("Attempts to Reduce the Quota", "", "", ""),
        ("Editorial Note", "", "", ""),
    ],
)
def test_the_head_says_whom_a_document_is_from_and_to(head: str, place: str, origin: str, addressee: str) -> None:
    dateline = f"<dateline><placeName>{place}</placeName></dateline>"
    cable = parse_document((f'<div xml:id="d1"><head>7. {head}</head>{dateline}<p>Rain.</p></div>', "v", "", ""))
    assert (cable.origin, [item.name for item in cable.recipients]) == (origin, [addressee] if addressee else [])
    assert cable.subject == head


def test_a_blank_that_is_missing_before_the_name_in_a_head_is_put_there() -> None:
    head = '7. The Consul at Geneva(<persName type="from">Roe</persName>) to the Secretary(ies) of State(Doe)'
    cable = parse_document((f'<div xml:id="d1"><head>{head}</head><p>Rain.</p></div>', "v", "", ""))
    assert cable.subject == "The Consul at Geneva (Roe) to the Secretary(ies) of State (Doe)"
    assert cable.origin == "Consul at Geneva (Roe)"
    assert "Geneva(Roe)" in cable.body


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (("1973-09-11T16:10:00Z", ""), "1973-09-11T16:10"),
        (("1973-09-11T22:10:00-05:00", ""), "1973-09-12T03:10"),
        (("1973-09-11", "1973-09-11T00:00:00-05:00"), "1973-09-11T00:00"),
        (("", "1973-09-11T00:00:00-05:00"), "1973-09-11T00:00"),
        (("1973-09", "1973-09-01T00:00:00-05:00"), "1973-09-01T00:00"),
        (("1973-99-11", ""), None),
        (("", ""), None),
    ],
)
def test_the_date_is_that_of_the_dateline_or_of_the_document(dates: tuple[str, str], expected: str | None) -> None:
    dateline = f'<dateline><date when="{dates[0]}">X</date></dateline>'
    xml = f'<div xml:id="d1" frus:doc-dateTime-min="{dates[1]}">{dateline}<p>Rain.</p></div>'
    date = parse_document((xml, "v", "", "")).date
    assert (f"{date:%Y-%m-%dT%H:%M}" if date else None) == expected


def test_editions_other_than_frus_are_read_in_the_same_way(tmp_path: Path) -> None:
    text = """<!DOCTYPE tei:TEI SYSTEM "tei.dtd"><tei:TEI xmlns:tei="http://www.tei-c.org/ns/1.0"><tei:text><tei:body>
<tei:div type="letter" xml:id="let7"><tei:head>To Ann Roe</tei:head><tei:p>It rains &mdash; here.</tei:p></tei:div>
</tei:body></tei:text></tei:TEI>"""
    (cable,) = cables(tmp_path / "letters.xml", text)
    assert (cable.id, cable.subject) == ("letterslet7", "To Ann Roe")
    assert [paragraph.text for paragraph in cable.paragraphs] == ["It rains — here."]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (volume(), "not a cable: TEI without documents"),
        (volume('<div type="document"><p>Rain.</p></div>'), "not a cable: a document without an id"),
        (
            volume(before='<!DOCTYPE TEI [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'),
            "not a cable: its file declares entities",
        ),
        (
            volume(before='<!DOCTYPE TEI [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
            "not a cable: its file declares entities",
        ),
        (volume("<div>" * 1000), "not a cable: its elements are nested more than"),
        (volume("<p>") + "</p>", "not a cable: faulty XML: mismatched tag"),
        (volume()[:-30], "not a cable: faulty XML: "),
        (
            '<?xml version="1.0"?><dump><row>SECRET OSLO 12</row></dump>',
            "not a cable: XML that is neither a web page nor",
        ),
        (
            volume(f'<div type="document" {"x" * 200_000}="1" xml:id="d1"><p>Rain.</p></div>'),
            "not a cable: an element is longer",
        ),
    ],
)
def test_what_is_no_edition_is_rejected(tmp_path: Path, text: str, reason: str) -> None:
    (found,) = scanned(tmp_path / "x.xml", text)
    assert isinstance(found, Rejected)
    assert found.reason.startswith(reason)


def test_documents_before_a_fault_are_kept(tmp_path: Path) -> None:
    filling = "<p>Rain fell.</p>" * 10_000
    text = volume(DOCUMENT, f'<div type="document" xml:id="d13">{filling}</div>', "<p>", OLDER)
    *documents, fault = scanned(tmp_path / "x.xml", text)
    assert [isinstance(item, Record) for item in documents] == [True, True, True]
    assert isinstance(fault, Rejected)
    assert fault.reason.startswith("not read on from line ")


def test_a_volume_cut_off_is_reported(tmp_path: Path) -> None:
    filling = "".join(DOCUMENT.replace("d12", f"d{number}") for number in range(300))
    found = scanned(tmp_path / "x.xml.gz", gzip.compress(volume(filling).encode(), 0)[:-100_000])
    assert 0 < sum(isinstance(item, Record) for item in found) < 300
    assert isinstance(found[-1], Rejected)
    assert found[-1].reason.startswith("cannot be read to its end")


def test_a_document_that_is_too_long_is_rejected_and_the_next_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tei, "LONGEST_RECORD", 100_000)
    long = f'<div type="document" xml:id="d1"><p>{"Rain. " * 100_000}</p></div>'
    first, second = scanned(tmp_path / "x.xml", volume(long, DOCUMENT))
    assert isinstance(first, Rejected)
    assert isinstance(second, Record)
    assert second.parse().id == "frus1969-76v99d12"


def test_documents_are_found_wherever_blocks_of_the_text_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = volume(*(DOCUMENT.replace("d12", f"d{number}").replace("Bergen", "Tromsø") for number in range(20)))
    whole = [item.fields for item in scanned(tmp_path / "x.xml", text) if isinstance(item, Record)]
    for block in (613, 4096):
        monkeypatch.setattr(tei, "_BLOCK", block)
        assert [item.fields for item in scanned(tmp_path / "x.xml", text) if isinstance(item, Record)] == whole
    assert len(whole) == 20


def test_a_document_that_is_written_out_can_be_read_again(tmp_path: Path) -> None:
    (record,) = scanned(tmp_path / "x.xml", volume(DOCUMENT))
    assert isinstance(record, Record)
    (again,) = scanned(tmp_path / "y.xml", record.raw())
    assert isinstance(again, Record)
    assert again.parse().paragraphs == record.parse().paragraphs
    assert again.parse().attributes == record.parse().attributes


def test_a_document_stays_as_it_is_when_cables_are_read_again(tmp_path: Path) -> None:
    (cable,) = cables(tmp_path / "x.xml", volume(DOCUMENT))
    assert reread(cable) == cable


PIECES = ["<p>", "</p>", "<note>", "</note>", "<head>", "</head>", "<list>", "<item>", "1. ", "(S) ", "text", "<lb/>"]


@given(st.lists(st.sampled_from(PIECES), max_size=20))
def test_any_document_is_read_or_rejected(pieces: list[str]) -> None:
    try:
        cable = parse_document((f'<div xml:id="d1">{"".join(pieces)}</div>', "v", "", ""))
    except UnreadableCable:
        return
    assert "".join(paragraph.text for paragraph in cable.paragraphs)


@pytest.mark.parametrize(
    "piece", ["<p/>", "a. ", "<label>a</label>", "from a to b ", "<persName corresp='x'>a</persName>", "<note>x</note>"]
)
def test_megabytes_of_hostile_markup_are_read(piece: str) -> None:
    """In quadratic time this would not end."""
    text = piece * (500_000 // len(piece))
    for xml in (f"<p>{text}</p>", f"<head>{text}</head><p>x</p>", f"<closer><signed>{text}</signed></closer><p>x</p>"):
        try:
            parse_document((f'<div xml:id="d1">{xml}</div>', "v", "", ""))
        except UnreadableCable:
            continue


def test_names_and_references_in_texts_that_are_marked_higher_are_left_out() -> None:
    document = """<div xml:id="d1"><head>A</head><p>See
    <ref target="#d2">2</ref>, <persName corresp="#p1">Roe</persName>.
    </p><p>(S) See <ref target="#d3">3</ref>, <persName corresp="#p2">Doe</persName>.</p>
    <note n="2">(S) <persName corresp="#p3">Poe</persName></note></div>"""
    cable = parse_document((document, "v", "", ""))
    assert (cable.names, cable.references) == (("Roe",), ("VD2",))
