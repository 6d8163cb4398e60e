"""The signature is found at the end of a cable, whatever follows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.readers.telegram.body.signature import find_signature, signers
from cablesearch.readers.telegram.telegram import parse_telegram

STAMP = "Declassified/Released US Department of State EO Systematic Review"


@pytest.mark.parametrize(
    "name", ["RICE", "O'DONOHUE", "STRAUSZ-HUPE", "DE PREE", "VAN DER WEERD", "ST. JOHN", "McEldowney"]
)
@pytest.mark.parametrize(
    "after",
    [
        "",
        "\n\nCONFIDENTIAL\n",
        "\n\n                   UNCLASSIFIED\n\n\n",
        "\n\nSIPDIS\n",
        "\nNNNN\n",
        "\n\n\nNOTE BY OC/T: NOT PASSED TO ABOVE ADDRESSEE.\n\nCONFIDENTIAL\n\nNNNN\n",
        "\n\nSECRET\n\n Declassified/Released US Department of State EO Systematic Review 30 JUN 2006\n",
        "\n\n   SECRET\n\n>\n 2002ROME01748 - Classification: SECRET",
        "\n\nSECRET\n\nPAGE 03        HARARE  03759  03 OF 03  111533Z\n\nSIPDIS\n",
        "##\n",
        ".\n",
        "\n=======================CABLE ENDS=======================\n",
        "\n\n\nLIMITED OFFICIAL USE\n\n\n\nNNN\n\n",
        "\nGP-3\n\nSECRET\n",
        "\nXGDS\n\nSECRET\n\nNNN\n",
        "\n\nCONFIDENTIAL\n\n\n<< END OF DOCUMENT >>\n",
        "\n\nUNCLASSIFIED\n\n\nNNNNMAFVVZCZ\n",
        f"\n\n\n   {STAMP} 30 JUN 2005\n\nCONFID*NTIAL\n\nNNN\n",
        f"\n\nSECRET\n\n  Ann P. Whittey {STAMP} 20 Mar 2014",
        "\n\nSECRET\n\n\tAnn P. Whittey  \tDeclassified/Released  \tUS Department of State \tEO Systematic Review\n",
        "\n\nUNCLASSIFIED\n\nNNN\n\n*** Current Handling Restrictions *** n/a\n***  Current Classification ***  n/a\n",
        "\n\nNOTE: NOT SENT TO THE SECOND ADDRESSEE\n\n                       CONFIDENTIAL",
        "\n\nNOTE: CAPTION ADDED BY THE WATCH,\nS/S-O\n\nSECRET\n\nNNNN",
        "\n\n(WATCH NOTE: POUCHED TO BERGEN)\n\nNOTE BY S/S-O: NOT PASSED.\n",
        "\n\nVisit Oslo's classified web site:\nhttp://www.oslo.example.gov/p/eur/index.c fm\n\nSECRET\n",
        '\n\n  "More of Oslo\'s reports stand at http://www.oslo.exa\nmple.gov/wiki/Portal:Norway"\n',
    ],
)
def test_a_name_on_the_last_line_is_the_signer(name: str, after: str) -> None:
    assert signers(f"4. (C) It ended here.\n\n{name}{after}") == [name]


@pytest.mark.parametrize(
    "before",
    [
        "It ended.\n",
        'He said "no."\n',
        "(End comment.)\n",
        "GP-3\n",
        "IT ENDED. UNQUOTE\n",
        "WARM REGARDS,\n",
        "END SUMMARY AND COMMENT\n",
        "XGDS-2\n",
        "IT ENDED UNQTE\n",
        "IT ENDED\n\nUNQTE  ",
        "DECLAS 12/31/84\n",
        "It ended.\n\nMINIMIZE CONSIDERED\n",
        "http://www.state.sgov.gov/p/sa/newdelhi\n",
        "IT\nENDED\n\nEXEMPT\n\n",
        "OTHERS             2.00        1.50\n",
        "It ended. End comment. ",
        "It ended. End comment.",
        "21.  BEIRUT MINIMIZE CONSIDERED.  ",
    ],
)
def test_a_name_follows_the_end_of_the_text(before: str) -> None:
    assert signers(f"{before}EAGLETON\n") == ["EAGLETON"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "The talks were with NATO",
        "IT WAS THE TALLEST\nBUILDING",
        "It ended.\n\nCOMMENT\n",
        "It ended.\n\nNext Steps\n",
        "It ended.\n\nNEXT STEPS\n",
        "IT ENDED. END COMMENT",
        "the Ministry of\nDefense",
        "It ended.\n\n- Paris\n- London",
        "It ended.\n\nXXXXXXXXXXXX",
        "It ended.\n\nNNN\n",
        "IT ENDED.\n\n2. BERGEN OBJECTS",
        "IT ENDED. BERGEN OBJECTS.\n",
        "IT ENDED.\nBERGEN OBJECTS.\n",
        "IT ENDED.\n\nEXCLUDED\n",
        "IT ENDED. ALTHOUGH HIGH-\n",
        "E E E E E E E E\n",
        "It ended.\n\nNOTE: It rained.\n",
        "Its address is http://www.oslo.example.gov\n",
    ],
)
def test_other_last_words_are_no_signature(text: str) -> None:
    assert signers(text) == []


def test_several_may_sign() -> None:
    assert signers("It ended.\n\nCROCKER/PETRAEUS\n") == ["CROCKER", "PETRAEUS"]
    assert signers("It ended.\n\nKEEGAN\nPAAL\n") == ["KEEGAN", "PAAL"]


@pytest.mark.parametrize("above", ["OAK LAWN, NORWAY", "OSLO", "IT SAILED TO\nAMERICA."])
def test_a_place_above_a_signature_is_no_signer(above: str) -> None:
    assert signers(f"IT ENDED.\n\n{above}\nEAGLETON\n") == ["EAGLETON"]


def test_a_mixed_case_name_is_taken_as_it_is() -> None:
    assert signers("It ended.\n\nGoldberg\n") == ["Goldberg"]


def test_the_place_of_a_signature_is_where_it_starts() -> None:
    text = "It ended.\n\nGOLDBERG\n\nCONFIDENTIAL\n"
    found = find_signature(text)
    assert found is not None
    assert text[found.start :].startswith("GOLDBERG")


ADDRESSES = [
    "http://www.oslo.example.gov/p/eur/herring/index.c fm",
    "http://www.state.example.gov/p/eur/\noslo/index.cfm",
    "www.oslo.example.gov",
    "HTTP://WWW.OSLO.EXAMPLE.GOV/OSLO/.",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "notice",
    [
        "\nVisit Oslo's web site at {}",
        "\n\nMore of our reports:\n\n{}",
        "\n\n*********** ***\nFor more of our reporting, see the page of Embassy\nOslo at {}\n****** *******\n",
        "\n\nVisit Oslo's economic forum at {}\n\nVisit Oslo's web site:\n{}",
        "\n\n(See {})",
    ],
)
def test_web_addresses_beside_a_signature_are_no_part_of_the_text(address: str, notice: str) -> None:
    text, lines = "1. (C) It ended. End comment.", notice.replace("{}", address)
    for closing in (f"{lines}\nWHITTEY\n", f"{lines}\n\nWHITTEY\n\nSECRET\n", f"\nWHITTEY\n{lines}\n"):
        signature = find_signature(text + closing)
        assert signature is not None
        assert signature.names == ("WHITTEY",)
        assert (text + closing)[: signature.start].rstrip() == text


@pytest.mark.parametrize(
    "text",
    [
        "3. (U) The law is at http://www.law.example.no/herring",
        "The law, which the ministry passed in a hurry, can be\nread in full at the\nministry or,"
        " by those\nwho have it, also on the\nweb, at http://www.law.example.no",
    ],
)
def test_a_paragraph_that_ends_in_a_web_address_is_text(text: str) -> None:
    signature = find_signature(f"It ended.\n\n{text}\nWHITTEY\n")
    assert signature is not None
    assert signature.names == ("WHITTEY",)
    assert signature.start == len(f"It ended.\n\n{text}\n")


def test_prose_beside_a_signature_is_not_taken_from_a_higher_paragraph() -> None:
    opening = "CONFIDENTIAL\n\nE.O. 12958: DECL: 01/02/2015\nTAGS: PREL\nSUBJECT: X\n\n1. (S) It ended.\n\n"
    for closing in ("WHITTEY\n\nNOTE: THE FLEET SAILED", "See the FLEET at http://www.x.gov\n\nWHITTEY"):
        cable = parse_telegram(opening + closing, cable_id="08OSLO1")
        assert "FLEET" not in cable.envelope
        assert "FLEET" in cable.paragraphs[-1].text


@pytest.mark.parametrize("fragment", ["http://w", "www.", "\nNOTE:", "\nNOTE: www.x.gov\n", "A ", "* ", "N ", "\nX\n"])
def test_a_megabyte_of_fragments_is_read(fragment: str) -> None:
    find_signature(fragment * (1_000_000 // len(fragment)))


FRAGMENTS = st.sampled_from(
    [
        "WHITTEY",
        "\n",
        "\n\n",
        "NOTE: ",
        "http://",
        "www.x",
        "NNN",
        "CONFID*NTIAL",
        ".",
        "-",
        " ",
        STAMP,
        "***",
        "EXEMPT",
    ]
)


@given(st.text() | st.text(alphabet="AB.\n -'") | st.lists(FRAGMENTS).map("".join))
def test_signers_of_any_text_stand_in_it(text: str) -> None:
    squeezed = " ".join(text.split())
    assert all(name in squeezed for name in signers(text))


@pytest.mark.parametrize("ruler", ["*" * 47 + " " + "*" * 17, "-" * 30, "=" * 65, "  " + "*" * 20])
def test_a_frame_around_a_web_address_is_no_text(ruler: str) -> None:
    address = "http://www.oslo.example.gov/p/eur/her ring"
    frame = f"{ruler}\nVisit our Classified Website:\n{address}\n\nSee also SIPRNET.\n{ruler}\n"
    text = f"1. (C) The party will choose.\nHOLLOWAY\n\n{frame}"
    assert signers(text) == ["HOLLOWAY"]
    assert signers(text.replace(address, "It is open.")) == []
    assert signers(text.replace("Visit our", "2. (S) Visit our")) == []
