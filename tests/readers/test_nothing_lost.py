"""Every word of a body that is not label, banner, heading or signature stands in exactly one paragraph.

The bodies are put together of parts that are known to be text or not; each piece of text has a word of its own.
"""

from __future__ import annotations

import gzip
import json
import re
import textwrap
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from cablesearch.readers.telegram.telegram import parse_cable

BANNERS = ["C O N F I D E N T I A L OSLO 001999", "UNCLAS SECTION 01 OF 02 OSLO 001999\n\nSIPDIS", "SECRET OSLO 1999"]
LABELS = [
    "E.O. 11652: GDS",
    "E.O. 12958: DECL: 1/26/2019",
    "TAGS: EFIS, NO",
    "SUBJECT: LABEL HERRING QUOTA",
    "SUBJ: LABEL VISIT OF THE\nLABEL MINISTER",
    "REF: STATE 072599",
    "REF: A. STATE 72599\n     B. 08 OSLO 4 (NOTAL)",
    "REFS: (A) STATE 72599\n\n(B) OSLO 4",
    "CLASSIFIED BY: LABEL ANN WHITTEY, REASONS 1.4 (B) AND (D).",
    "Classified By: Ambassador Ann Label\n for reasons 1.4 (b)\nand (d).",
    "CLASSIFIED BY: Ann Label, Office, State.\nREASON: 1.4 (d)",
    "DEPT FOR EUR/NB",
    "SIPDIS",
]
BREAKS = [
    "\nCONFIDENTIAL\n\nCONFIDENTIAL\n\nPAGE 02        OSLO  01999  221646Z\n\n",
    "\n\n                 CONFIDENTIAL\n\nPAGE 04        OSLO  00711  04 OF 07  060917Z\n",
    "\nCONFIDENTIAL\nCONFIDENTIAL\nPAGE 02\nOSLO 00912 070118Z\n",
    "\n\n\n\nPAGE 02 RUEHNYA0233 S E C R E T\n",
    "\n\nOSLO 00001999  002.2 OF 003\n\n\n",
    "\n\n     Declassified/Released US Department of State EO Systematic Review 30 JUN 2005\n\n",
    "\n\n"
    + "     Cornelia Q. Vandermeer    Declassified/Released    US Department of State    EO Systematic Review    "
    "20 MAR 2014\n" * 2 + "\n",
    "\n\nSIPDIS\n",
    "\nCONFIDENTIAL\n\nNNN\n\nCONFIDENTIAL\n\nPAGE 01        OSLO  01999  02 OF 02  181513Z\n64\nACTION EUR-12\n\n"
    "INFO  OCT-01  ISO-00  SP-02  ICA-11\n\n      NSAE-00 /149 W\n           ------------------093312  181531Z /61\n"
    "R 171015Z FEB 79\nFM AMEMBASSY OSLO\nTO SECSTATE WASHDC 4843\nINFO AMEMBASSY STOCKHOLM\nUSMISSION NATO\n\n"
    "C O N F I D E N T I A L SECTION 2 OF 2 OSLO 1999\n\n",
]
SENTENCES = [
    "THE MINISTRY WILL RAISE THE {} BY A THIRD",
    "The minister {} still talks of herring and would like to know when",
    "Fishermen {} crowd",
    "ON DECEMBER 12 THE {} OF THE NORTH",
    "He {}",
]
ENDS = [" MEETS IN JUNE.", " comes.", ' he said, "more herring."', " and so on.", "."]
ITEMS = ["", "A. Yes. ", "B. ", "i. ", "- ", "(C) ", "(S) ", "1) "]
HEADINGS = [
    "",
    "",
    "COMMENT\n-------\n",
    "-------\nTHE FERRYMEN\n-------\n",
    "NEXT STEPS\n\n",
    "II. (S) Questions of the sea\n\n",
]


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Return a body, and the words that stand in its text."""
    words: list[str] = []

    def word() -> str:
        words.append("zq" + "abcdefghijklmnopqrstuvwxyz"[len(words)] + "x")
        return words[-1]

    def sentence() -> str:
        text = draw(st.sampled_from(SENTENCES)).format(word())
        gap = draw(st.sampled_from(["\n", " ", *BREAKS]))
        return text + gap + word() + draw(st.sampled_from(ENDS))

    opening = [
        draw(st.sampled_from(BANNERS)),
        *draw(st.lists(st.sampled_from(LABELS), max_size=7, unique_by=lambda label: label[:4])),
    ]
    labels = "\n\nSUBJECT: LABEL RAIN\n" if not any("SUBJ" in label for label in opening) else ""
    text = draw(st.sampled_from(["\n", "\n\n"])).join(opening) + labels + "\n\n"
    for _ in range(draw(st.integers(0, 3))):
        text += draw(st.sampled_from(ITEMS)) + sentence() + "\n\n"
    marked = draw(st.booleans())
    for number in range(1, draw(st.integers(1, 4))):
        heading = draw(st.sampled_from(HEADINGS))
        text += f"{heading}{number}. {'(C) ' * marked}{sentence()}\n{draw(st.sampled_from(['', chr(10)]))}"
    return text + draw(st.sampled_from(["", "\nWHITTEY\n", "\nWHITTEY\n\nCONFIDENTIAL\n\nNNN\n"])), words


@settings(max_examples=400)
@given(bodies())
def test_every_word_of_the_text_stands_in_one_paragraph(body_and_words: tuple[str, list[str]]) -> None:
    body, words = body_and_words
    cable = parse_cable("", body, cable_id="79OSLO1999")
    shown = Counter(re.findall(r"zq\wx", " ".join(paragraph.text for paragraph in cable.paragraphs)))
    assert shown == Counter(words)
    text = " ".join(paragraph.text for paragraph in cable.paragraphs)
    assert not re.search("LABEL|PAGE 0|Declassified|SIPDIS|AMEMBASSY|OCT-01|SECTION [0-9]|STATE 72599|WHITTEY", text)


def test_every_word_of_the_samples_stands_in_one_paragraph() -> None:
    with gzip.open("samples/telegrams-1930s.jsonl.gz", "rt", encoding="utf8") as lines:
        samples = [[paragraph["text"] for paragraph in json.loads(line)["paragraphs"]] for line in lines]
    for texts in samples:
        body = "UNCLAS OSLO 1\n\nSUBJECT: RAIN\nREF: STATE 12\n\n" + "\n\n".join(map(textwrap.fill, texts))
        cable = parse_cable("", body, cable_id="30OSLO1")
        want = Counter(re.findall(r"\w+", body.partition("STATE 12")[2]))
        have = Counter(re.findall(r"\w+", " ".join(paragraph.text for paragraph in cable.paragraphs)))
        assert not have - want
        beside = [*cable.signers, *(paragraph.section or "" for paragraph in cable.paragraphs)]
        # A pilcrow may have been damaged to the digit 1.
        beside += [f"{paragraph.number} 1{paragraph.number} {paragraph.marking}" for paragraph in cable.paragraphs]
        assert not (want - have).keys() - set(re.findall(r"\w+", " ".join(beside)))


def test_the_envelope_of_a_real_cable_has_only_labels() -> None:
    text = Path("tests/data/10BEIJING30.txt").read_text(encoding="utf8")
    envelope = parse_cable("", text[text.index("C O N F") :], cable_id="10BEIJING30").envelope
    line = (
        r"C O N F.*|SIPDIS|E\.O\..*|TAGS:.*|SUBJECT:|REF.*|Classified By:.*|.*1\.4 \(b.*|BEIJING .* 002|GOLDBERG|DEPT.*"
    )
    assert [other for other in envelope.split("\n") if not re.fullmatch(line, other)] == []
