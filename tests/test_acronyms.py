"""Acronyms: what texts define."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.text.acronyms import definitions, is_short_form

OF_THE_PAPER = {
    "We show that Heat Shock Transcription Factor (HSF) is": ("HSF", "Heat Shock Transcription Factor"),
    "the Gcn5-related N-acetyltransferase (GNAT) family": ("GNAT", "Gcn5-related N-acetyltransferase"),
    "methyl methanesulfonate sulfate (MMS)": ("MMS", "methyl methanesulfonate sulfate"),
    "HSF (heat shock transcription factor)": ("HSF", "heat shock transcription factor"),
}

DEFINED = {
    "efforts to combat trafficking in persons (TIP). Separately,": ("TIP", "trafficking in persons"),
    "the G/TIP office and TIP (trafficking in persons) reports": ("TIP", "trafficking in persons"),
    "protect and assist victims of trafficking (VOTs), and": ("VOT", "victims of trafficking"),
    "non-governmental organizations (NGOs)": ("NGO", "non-governmental organizations"),
    "NON-GOVERNMENTAL ORGANIZATIONS (NGOS)": ("NGO", "NON-GOVERNMENTAL ORGANIZATIONS"),
    "the Ministry of Public Security (MPS) official": ("MPS", "Ministry of Public Security"),
    "acquired immune deficiency syndrome (AIDS)": ("AIDS", "acquired immune deficiency syndrome"),
    "ratify the United Nations (U.N.) protocol": ("UN", "United Nations"),
    "the U.S. Agency for International Development (USAID)": (
        "USAID",
        "U.S. Agency for International Development",
    ),
    "LIQUIFIED PETROLEUM\n     GAS (LPG) AND": ("LPG", "LIQUIFIED PETROLEUM GAS"),
    "CORPORACION BOLIVIANA DE FOMENTO (C.B.F.) WILL": ("CBF", "CORPORACION BOLIVIANA DE FOMENTO"),
    "INSTITUTE OF NATIONAL INVESTMENT(INI) .": ("INI", "INSTITUTE OF NATIONAL INVESTMENT"),
    "the Ministry of Foreign Affairs (MFA, in Chinese Waijiaobu)": ("MFA", "Ministry of Foreign Affairs"),
    "MFA (Ministry of Foreign Affairs, Beijing)": ("MFA", "Ministry of Foreign Affairs"),
    'the International Monetary Fund (hereinafter "IMF")': ("IMF", "International Monetary Fund"),
    "the International Monetary Fund [IMF]": ("IMF", "International Monetary Fund"),
    "that is sensitive but unclassified (SBU)": ("SBU", "sensitive but unclassified"),
    "le Comité international olympique (CIO)": ("CIO", "Comité international olympique"),
    "the Élysée Palace Council (EPC)": ("EPC", "Élysée Palace Council"),
}

NOT_DEFINED = [
    "",
    "trafficking in persons",
    "(C) Summary: China ratified the protocol",
    "1. (S//NF) Nothing new. (SBU) More of the same",
    "relations with Sweden and Brazil. (SBU) The embassy",
    "BOLIVIAN GOVERNMENT AND (C/NF) THE MINISTRY",
    "NATURAL GAS (BOTTLED) 20 PERCENT",
    "SALON PEREZ DE HOLGUIN (SHERATON). APRIL 18",
    "CARGO MUST BE ACCEPTED AND TRANSLOADED AT A PERUVIAN PORT (MATARANI)",
    "the Secretary of the Navy (Mr. Herbert), on consideration",
    "the treaty stipulates (Article XXI) that",
    "In its inter-island issues (II) the state",
    "the former American (British?) minister",
    "US AIRCRAFT (UH1H, C130H) PROJECTED",
    "THE LENGTHY TIME PERIOD GIVEN TO THE COUNCIL (180 DAYS)",
    "television (TV)",
    "see 09STATE1234 (10BEIJING30)",
    "the UN (UN) said",
    "the trafficking of ideas; persons (TIP)",
    "(((((((((",
]


@pytest.mark.parametrize("text", [*OF_THE_PAPER, *DEFINED])
def test_a_text_defines_an_acronym_in_either_order(text: str) -> None:
    assert definitions(text) == [{**OF_THE_PAPER, **DEFINED}[text]]


@pytest.mark.parametrize("text", NOT_DEFINED)
def test_markings_names_ids_and_asides_are_no_acronyms(text: str) -> None:
    assert definitions(text) == []


def test_each_definition_of_a_text_is_listed_once_and_in_order() -> None:
    text = "the United Nations (UN) on trafficking in persons (TIP), and the United Nations (UN)"
    assert definitions(text) == [("UN", "United Nations"), ("TIP", "trafficking in persons")]


@pytest.mark.parametrize("word", ["TIP", "U.N.", "NGOs", "G-8", "PolMC", "C130H"])
def test_words_in_capitals_are_short_forms(word: str) -> None:
    assert is_short_form(word)


@pytest.mark.parametrize("word", ["tip", "Tip", "T", "IV", "2009", "INTERNATIONAL", "", "A.", "Beijing", "PolOff"])
def test_other_words_are_not(word: str) -> None:
    assert not is_short_form(word)


@given(st.text(st.sampled_from("TIPtip (.)[]'s\n-\u00e9\u5317"), max_size=300))
def test_any_text_can_be_read_and_definitions_are_parts_of_it(text: str) -> None:
    plain = " ".join(text.split())
    for definition in definitions(text):
        assert definition.long in plain
        assert is_short_form(definition.short)


@pytest.mark.parametrize("piece", ["(A", "[AB]", "AB (", "a b c (ABC) ", "A. ", "(AB" * 9 + ")", "or or (", "'s'"])
def test_long_texts_are_read_in_linear_time(piece: str) -> None:
    # A quadratic reading would take hours.
    definitions(piece * (100_000 // len(piece)))
