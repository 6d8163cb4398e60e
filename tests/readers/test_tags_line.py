"""The TAGS line: label, extent, and what its words stand for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.readers.telegram.opening.tags_line import tag_kind, tag_meaning, tags
from cablesearch.vocabulary.tag_names import CODES, KINDS

NAMES = st.lists(st.sampled_from(sorted(CODES)), min_size=1, unique=True)
SCRAPS = st.lists(
    st.sampled_from(
        [
            "TAGS:",
            "TAGS ",
            "PREL",
            ", ",
            "PHUMBA",
            "OVIP",
            "(CLINTON, HILLARY)",
            "(",
            ")",
            "\n",
            " ",
            "SUBJECT: X",
            "KPAOO",
            "HUMAN RIGHTS",
            "UNCLASSIFIED   PAGE 02",
            "      ",
            "1. (C)",
            "[PGOV](#)",
            "\ud800",
            "İß",
            "AND",
            "IN",
        ]
    )
).map("".join)


@pytest.mark.parametrize(
    "label",
    [
        "TAGS: ",
        "TAGS ",
        "TAG ",
        "tAgs: ",
        "TAGES: ",
        "TAS: ",
        "TABS: ",
        "TGS: ",
        "AGS: ",
        "TAGS, ",
        "TAGS; ",
        "TAGS:\n",
        "",
        "E.O. 12958: DECL: 01/01/2010 TAGS: ",
        "DECL: 08/22/2017 AGS: ",
        "E.O. 12958: N/ATAGS: ",
    ],
)
def test_the_label_has_many_forms_and_may_be_lost(label: str) -> None:
    assert tags(f"E.O. 12958: N/A\n{label}PREL, TU\nSUBJECT: TALKS\n\n1. (C) We") == ["PREL", "TU"]


@pytest.mark.parametrize(
    "end",
    [
        "\nSUBJECT: TALKS",
        " SUBJECT: TALKS",
        "SUBJECT: TALKS",
        "\nE.O. 12958: N/A",
        " E.O. 12958: N/A",
        " REF: A. ROME 1",
        "                 UNCLASSIFIED    PAGE 02        ROME  01059",
        " PAGE 02 ROME 1",
        "\n\n1. (C) We",
        "\nTalks went well",
        "\nSIPDIS\n",
        "\nDEPT FOR EUR, NEA\n",
        "\nPARIS FOR LABOR\nSUBJECT: TALKS",
        ",\nSUBJECT: TALKS",
        ", \n\nSUBJECT: TALKS",
    ],
)
def test_the_list_ends_where_other_text_begins(end: str) -> None:
    assert tags(f"TAGS: PREL, TU{end}") == ["PREL", "TU"]


@pytest.mark.parametrize(
    "text",
    [
        "PREL,\nSOMETHING, TU",
        "PREL SOMETHING\nTU",
        "PREL\nSOMETHING, TU",
        "PREL\nSOMETHING TU\nSUBJECT: X",
        "PREL,\n\nTU",
    ],
)
def test_the_list_goes_on_over_lines(text: str) -> None:
    assert [name for name in tags(f"TAGS: {text}") if name != "SOMETHING"][-1] in {"TU", "SOMETHING TU"}


def test_a_name_may_be_wrapped() -> None:
    assert tags("TAGS: AMGT, COUNTRY\nCLEARANCE\nSUBJECT: X") == ["AMGT", "COUNTRY CLEARANCE"]


def test_a_line_of_unknown_words_does_not_go_on_with_it() -> None:
    assert tags("TAGS: something\nhere") == ["SOMETHING"]


@pytest.mark.parametrize(
    "text", ["", "no tags", "1. (C) TAGS: PREL", "price tag\nSUBJECT: X", "TAGS:\n\nSUBJECT: X", "TAGS: ,,,"]
)
def test_there_may_be_none(text: str) -> None:
    assert tags(text) == []


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("PREL, PREL, SIPDIS", ["PREL"]),
        ("PREL/PGOV.ECON-TU", ["PREL", "PGOV", "ECON", "TU"]),
        ("UNGA/C-6 ZANU-PF BA'ATH AU-1", ["UNGA/C-6", "ZANU-PF", "BA'ATH", "AU-1"]),
        ("(U) PREL (PGOV)", ["PREL", "PGOV"]),
        ("[PGOV](#) [PHUM](#)", ["PGOV", "PHUM"]),
        ("RU SYR COUNTER TERRORISM", ["RS", "SY", "COUNTERTERRORISM"]),
        ("IS ISRAELI SOCIETY GOI EXTERNAL", ["IS", "ISRAELI SOCIETY", "GOI EXTERNAL"]),
        ("MARR TIP IN TURKEY, ECONOMY AND FINANCE", ["MARR", "TIP IN TURKEY", "ECONOMY AND FINANCE"]),
        ("LABOR HUMAN RIGHTSPOLMIL", ["LABOR", "HUMAN RIGHTS", "POL", "MIL"]),
    ],
)
def test_names_are_told_apart(line: str, names: list[str]) -> None:
    assert tags(f"TAGS: {line}\nSUBJECT: X") == names


@pytest.mark.parametrize(
    ("line", "person"),
    [
        ("OVIP (CLINTON, HILLARY), PREL", "CLINTON, HILLARY"),
        ("OVIP CLINTON HILLARY PREL", "CLINTON, HILLARY"),
        ("OVIP, CLINTON, HILLARY, PREL", "CLINTON, HILLARY"),
        ("OVIP CLINTON, HILLARY PREL", "CLINTON, HILLARY"),
        ("OVIP (CLINTON, HILLARY, PREL", "CLINTON, HILLARY"),
        ("OVIP BUSH GEORGE PREL", "BUSH, GEORGE W."),
        ("OVIP STEINBERG JAMES B. PREL", "STEINBERG, JAMES B."),
        ("OVIP (PACE, PETER) PREL", "PACE, PETER"),
        ("OVIP, ROOD, JOHN C., PREL", "ROOD, JOHN C."),
    ],
)
def test_persons_are_written_last_name_first(line: str, person: str) -> None:
    assert tags(f"TAGS: {line}\nSUBJECT: X") == ["OVIP", person, "PREL"]
    assert tag_kind(person) == "person"


@pytest.mark.parametrize(
    ("mistyped", "code"),
    [
        ("MOPPS", "MOPS"),
        ("POGOV", "PGOV"),
        ("KWWMN", "KWMN"),
        ("UNDESCO", "UNESCO"),
        ("UNFCYP", "UNFICYP"),
        ("KWGB", "KWBG"),
        ("PHUN", "PHUM"),
        ("PRLE", "PREL"),
        ("PORT", "PORT"),
        ("ASIA", "ASIA"),
        ("KABC", "KABC"),
        ("ETRA", "ETRA"),
    ],
)
def test_a_slip_is_put_right_when_only_one_reading_is_likely(mistyped: str, code: str) -> None:
    assert tags(f"TAGS: {mistyped}, TU\nSUBJECT: X") == [code, "TU"]


@given(
    st.lists(
        st.sampled_from(["PREL", "PGOV", "ECON", "KCRM", "SMIG", "TBIO", "MARR"]), min_size=2, max_size=9, unique=True
    )
)
def test_codes_that_run_together_are_split(names: list[str]) -> None:
    assert tags(f"TAGS: {''.join(names)}EG\nSUBJECT: X") == [*names, "EG"]


@pytest.mark.parametrize("word", ["SOCIAL", "BAHAMAS", "ETHIOPIA", "MINUSTAH"])
def test_a_word_that_could_be_split_stays_whole(word: str) -> None:
    assert tags(f"TAGS: {word}\nSUBJECT: X") == [word]


def test_as_found_nothing_is_dropped_or_put_right() -> None:
    line = "TAGS: AMEDCASC prel, prel, mopps, HUMAN RIGHTS, SIPDIS\nSUBJECT: X"
    assert tags(line, canonicalize=False) == ["AMEDCASC", "PREL", "PREL", "MOPPS", "HUMAN RIGHTS", "SIPDIS"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("PGOV", "subject"),
        ("PQRS", "subject"),
        ("KTIP", "program"),
        ("KABC", "program"),
        ("CH", "country"),
        ("QX", "country"),
        ("NATO", "organization"),
        ("UNGA/C-6", "organization"),
        ("DOE, JANE", "person"),
        ("HUMAN RIGHTS", "term"),
        ("", "term"),
    ],
)
def test_kinds(name: str, kind: str) -> None:
    assert tag_kind(name) == kind


def test_meanings() -> None:
    assert tag_meaning("KTIP") == "Trafficking in persons"
    assert tag_meaning("RU") == tag_meaning("rs") == "Russia"
    assert tag_meaning("HUMAN RIGHTS") is None
    assert tag_meaning("no such tag") is None


def test_kinds_of_the_table_are_the_known_ones() -> None:
    assert set(KINDS.values()) == {"subject", "program", "country", "organization", "person", "term"}


@given(NAMES, st.sampled_from([" ", ", ", ",", "; "]))
def test_known_codes_are_read_as_they_stand(names: list[str], separator: str) -> None:
    assert tags(f"TAGS: {separator.join(names)}\nSUBJECT: X") == names


@given(NAMES)
def test_what_is_canonical_stays_so(names: list[str]) -> None:
    once = tags(f"TAGS: {', '.join(names)}X\nSUBJECT: X")
    assert tags(f"TAGS: {', '.join(once)}\nSUBJECT: X") == once


@given(st.text() | SCRAPS)
def test_any_text_can_be_read(text: str) -> None:
    for source in (text, "TAGS: " + text):
        names = tags(source)
        assert len(names) == len(set(names))
        assert all(name and tag_kind(name) for name in names)
        tags(source, canonicalize=False)


@pytest.mark.parametrize(
    "scrap", ["TAGS: ", "TAGS: TAGS ", "PREL,\n", "KPAO", "(", "AB ", "OVIP ", "[a](", "\n", " ", "SUBJECT ", "PRLEX"]
)
def test_a_megabyte_of_fragments_is_read_in_no_time(scrap: str) -> None:
    assert len(tags("TAGS: " + scrap * (1_000_000 // len(scrap)))) < 1_000


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("PGOV PREL QUISTHUS PEDRO EC", ["PGOV", "PREL", "QUISTHUS, PEDRO", "EC"]),
        ("PREL FJ CASTELLAN MARIA PELLOW RICHARD", ["PREL", "FJ", "CASTELLAN, MARIA", "PELLOW, RICHARD"]),
        ("PREL, QUISTHUS PEDRO, EC", ["PREL", "QUISTHUS, PEDRO", "EC"]),
        ("PREL, QUISTHUS, PEDRO, EC", ["PREL", "QUISTHUS, PEDRO", "EC"]),
        ("PREL, QUISTHUS,\nPEDRO, EC", ["PREL", "QUISTHUS, PEDRO", "EC"]),
        ("PTER PELLOW RICHARD T. KISL", ["PTER", "PELLOW, RICHARD T.", "KISL"]),
        ("PREL QUISTHUS JOSE MARIA", ["PREL", "QUISTHUS, JOSE MARIA"]),
        ("PREL VAN DER MOLEN PIETER NL", ["PREL", "VAN DER MOLEN, PIETER", "NL"]),
        ("PREL, DE LA MARSHA, MIGUEL, MX", ["PREL", "DE LA MARSHA, MIGUEL", "MX"]),
        ("PREL O'QUILL JEAN-PIERRE AL-QUORI OMAR", ["PREL", "O'QUILL, JEAN-PIERRE", "AL-QUORI, OMAR"]),
        ("PREL KRAUSEN PETER GM", ["PREL", "KRAUSEN, PETER", "GM"]),
        ("CASC (HAROLD PELLOW)", ["CASC", "PELLOW, HAROLD"]),
        ("CASC (PELLOW, HAROLD, AND WHITTEY, ANN)", ["CASC", "PELLOW, HAROLD", "WHITTEY, ANN"]),
        ("PFOR, XX (QUISTHUS, JOSE)", ["PFOR", "XX", "QUISTHUS, JOSE"]),
        ("PREL DUTCH POLITICS PELLOW RICHARD", ["PREL", "DUTCH POLITICS", "PELLOW, RICHARD"]),
    ],
)
def test_a_surname_and_a_given_name_are_a_person(line: str, names: list[str]) -> None:
    assert tags(f"TAGS: {line}\nSUBJECT: X") == names


@pytest.mark.parametrize("words", ["HURRICANE KATRINA", "KING HUSSEIN", "SAN DIEGO", "LEBANON MARIA"])
def test_titles_and_places_are_no_surnames(words: str) -> None:
    assert not [name for name in tags(f"TAGS: PREL {words}\nSUBJECT: X") if ", " in name]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("PREL SRI LANKA KPAO", ["PREL", "SRI LANKA", "KPAO"]),
        ("ECON, ETRD, EL SALVADOR", ["ECON", "ETRD", "EL SALVADOR"]),
        ("PREL NEW ZEALAND AUSTRALIA", ["PREL", "NEW ZEALAND", "AUSTRALIA"]),
        ("PGOV TRINIDAD AND TOBAGO KPAO", ["PGOV", "TRINIDAD AND TOBAGO", "KPAO"]),
        ("PGOV BOSNIA & HERZEGOVINA", ["PGOV", "BOSNIA & HERZEGOVINA"]),
        ("PREL PAPUA NEW GUINEA", ["PREL", "PAPUA NEW GUINEA"]),
        ("PREL UNITED ARAB EMIRATES SAUDI ARABIA", ["PREL", "UNITED ARAB EMIRATES", "SAUDI ARABIA"]),
        ("PREL BURKINA FASO COTE D'IVOIRE", ["PREL", "BURKINA FASO", "COTE D'IVOIRE"]),
        ("PREL SOUTH\nAFRICA\nECON", ["PREL", "SOUTH AFRICA", "ECON"]),
        ("PREL TIP IN SRI LANKA", ["PREL", "TIP IN SRI LANKA"]),
        ("PREL NORWAY SWEDEN KPAO", ["PREL", "NORWAY", "SWEDEN", "KPAO"]),
        ("PREL WEST AFRICA CENTRAL ASIA", ["PREL", "WEST AFRICA", "CENTRAL ASIA"]),
    ],
)
def test_a_country_of_several_words_is_one_name(line: str, names: list[str]) -> None:
    assert tags(f"TAGS: {line}\nSUBJECT: X") == names


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("NO NORWAY NATIONAL ELECTIONS NORWEGIAN POLITICS", ["NO", "NORWAY NATIONAL ELECTIONS", "NORWEGIAN POLITICS"]),
        ("DUTCH POLITICS NETHERLANDS NATIONAL ELECTIONS", ["DUTCH POLITICS", "NETHERLANDS NATIONAL ELECTIONS"]),
        ("NEW ZEALAND ELECTIONS FIJIAN POLITICS", ["NEW ZEALAND ELECTIONS", "FIJIAN POLITICS"]),
        ("HERRING QUOTA NORWEGIAN FISHERIES", ["HERRING QUOTA", "NORWEGIAN FISHERIES"]),
        ("SWEDISH FOREIGN POLICY DANISH ELECTIONS", ["SWEDISH FOREIGN POLICY", "DANISH ELECTIONS"]),
        ("DUTCH FISH QUOTA SWEDISH ARMY REFORM", ["DUTCH FISH QUOTA", "SWEDISH ARMY REFORM"]),
        ("INDIA PAKISTAN RELATIONS", ["INDIA PAKISTAN RELATIONS"]),
        ("FRENCH GERMAN RELATIONS", ["FRENCH GERMAN RELATIONS"]),
        ("NORWEGIAN KXYZ", ["NORWEGIAN", "KXYZ"]),
        ("XM, ANDES PACT", ["XM", "ANDES PACT"]),
        ("US, NATIONAL SECURITY COUNCIL", ["US", "NATIONAL SECURITY COUNCIL"]),
        ("U.S. U.N. TRADE", ["US", "UN", "TRADE"]),
    ],
)
def test_free_terms_are_told_apart_by_their_countries(line: str, names: list[str]) -> None:
    assert tags(f"TAGS: {line}\nSUBJECT: X") == names


@pytest.mark.parametrize(
    "names", ["PGOV PINR PBIO NO", "PPDC TATT NO EAID", "EEWT UR", "BDIS BBAK BL", "PQBO PXDC", "EDIS ETRD BL"]
)
def test_codes_that_are_no_slips_stay(names: str) -> None:
    assert tags(f"TAGS: {', '.join(names.split())}\nSUBJECT: X") == names.split()


@pytest.mark.parametrize("label", ["TAGS-", "TAGS - ", "TAGS--", "TAGS – ", "TAGS=", "TAG-"])
def test_a_dash_may_stand_for_the_colon(label: str) -> None:
    assert tags(f"E.O. 11652: N/A\n{label}MASS, NO, PFOR\nSUBJECT: BOATS\n\n1. THE BOATS") == ["MASS", "NO", "PFOR"]


def test_a_list_without_a_label_may_have_a_code_that_is_not_known() -> None:
    assert tags("E.O. 11652: N/A\nEDIS, ETRD, EAGR, BL\nSUBJ: X") == ["EDIS", "ETRD", "EAGR", "BL"]
