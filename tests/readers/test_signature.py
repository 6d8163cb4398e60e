"""The signature is found at the end of a cable, whatever follows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.readers.telegram.body.signature import find_signature, signers


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
        "It ended.\n\nMINIMIZE CONSIDERED\n",
        "http://www.state.sgov.gov/p/sa/newdelhi\n",
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
    ],
)
def test_other_last_words_are_no_signature(text: str) -> None:
    assert signers(text) == []


def test_several_may_sign() -> None:
    assert signers("It ended.\n\nCROCKER/PETRAEUS\n") == ["CROCKER", "PETRAEUS"]
    assert signers("It ended.\n\nKEEGAN\nPAAL\n") == ["KEEGAN", "PAAL"]


def test_a_mixed_case_name_is_taken_as_it_is() -> None:
    assert signers("It ended.\n\nGoldberg\n") == ["Goldberg"]


def test_the_place_of_a_signature_is_where_it_starts() -> None:
    text = "It ended.\n\nGOLDBERG\n\nCONFIDENTIAL\n"
    found = find_signature(text)
    assert found is not None
    assert text[found.start :].startswith("GOLDBERG")


@given(st.text() | st.text(alphabet="AB.\n -'"))
def test_signers_of_any_text_stand_in_it(text: str) -> None:
    squeezed = " ".join(text.split())
    assert all(name in squeezed for name in signers(text))
