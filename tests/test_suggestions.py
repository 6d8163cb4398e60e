"""What is said when a query finds nothing: better spellings, looser readings, unknown values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cablesearch.archive import Archive, create
from cablesearch.cable import Cable, Clearance, Provenance, Recipient
from cablesearch.results.unknown_values import UnknownValue
from tests.support.cables import cable
from tests.support.files import write_cables
from tests.support.running import run

Make = Callable[..., Archive]

ZORBLAXIAN = replace(
    cable(
        "09ALFA1", "zorblaxian politics zorblaxian", "Évian élites", subject="Quomfrit tariffs", envelope="E.O. garnel"
    ),
    names=("Pinochet",),
    recipients=(Recipient("AMEMBASSY VLADIVOSTOK"),),
)


@pytest.fixture(scope="module")
def zorblaxian(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    folder = tmp_path_factory.mktemp("zorblaxian")
    archive = create(folder / "index")
    archive.index([write_cables(folder / "cables.jsonl", [ZORBLAXIAN])])
    return archive


# Spelling


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("zorblaxain", "zorblaxian"),
        ("ZORBLAXAIN", "zorblaxian"),
        ('"zorblaxain politics"', '"zorblaxian politics"'),
        ('"zorblaxain politcs"~3^2', '"zorblaxian politics"~3^2'),
        ("text:zorblaxain", "text:zorblaxian"),
        ("exact:zorblaxain", "exact:zorblaxian"),
        ("subject:quomfrti", "subject:quomfrit"),
        ("quomfrti", "quomfrit"),
        ("name:pinchet", "name:pinochet"),
        ("to:vladivstok", "to:vladivostok"),
        ("zorblaxain^2", "zorblaxian^2"),
        ("(zorblaxain)", "(zorblaxian)"),
        ("text:(zorblaxain OR zorblaxain)", "text:(zorblaxian OR zorblaxian)"),
        ("politics AND zorblaxain", "politics AND zorblaxian"),
        ("politics zorblaxain -chinna", "politics zorblaxian -chinna"),
        ("éviann", "evian"),
        ("politcs, zorblaxain!", "politics, zorblaxian!"),
        ("quartz || zorblaxain", "quartz || zorblaxian"),
        ("zorblaxain !quartz", "zorblaxian !quartz"),
        ("\uff5aorblaxain", "zorblaxian"),
        ("„zorblaxain politics“", "„zorblaxian politics“"),
        ("zorblaxain-politics", "zorblaxian-politics"),
        ("pol* zorblaxain", "pol* zorblaxian"),
        ("orblaxian", "zorblaxian"),
        ("xorblaxian", "zorblaxian"),
        ("case:zorblaxain", "case:zorblaxian"),
        ("case:Zorblaxain", "case:zorblaxian"),
        ("case:Zorblaxian", "case:zorblaxian"),
        ("case:évain", "case:Evian"),
        ("case:Evain", "case:Evian"),
        ('elites case:"Evain"', 'elites case:"Evian"'),
        ("case:EVIAN", "case:Evian"),
    ],
)
def test_misspelt_words_are_corrected_where_they_stand(zorblaxian: Archive, text: str, suggestion: str) -> None:
    assert zorblaxian.search(text).suggestion == suggestion
    assert zorblaxian.search(suggestion).total


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ('name:"president karzai"', 'name:"karzai"'),
        ('name:"President Hamid Karzay"', 'name:"Hamid Karzay"'),
        ('names:"mr. karzai"', 'names:"karzai"'),
        ('-rain name:"acting foreign minister yang jiechi" left', '-rain name:"yang jiechi" left'),
        ('name:"secretary of state clinton"', 'name:"clinton"'),
        ('name:"president karzai" OR name:"prime minister zorg"', 'name:"karzai" OR name:"prime minister zorg"'),
        ('name:"president zorg"', None),
        ('name:"hamid president"', None),
        ('"mister karzai"', None),
    ],
)
def test_titles_are_left_out_before_names(archive_of: Make, text: str, suggestion: str | None) -> None:
    archive = archive_of(
        cable("10A1", "President Hamid Karzai left.", "Foreign Minister Yang Jiechi left.", "Secretary Clinton left.")
    )
    results = archive.search(text)
    assert (results.total, results.suggestion) == (0, suggestion)


@pytest.mark.parametrize(
    "text",
    [
        "qqqqqqqq", "politics -zorblaxian", "zorblaxain~1 qqqqqq", "zorb?axain qqqqqq", "po", "x" * 70, "tag:PHUN",
        "date:2020", "garnel", "text:[zz to zzz]", "zorblaxain qqqqqq", "subject:zorblaxain",
    ],
)  # fmt: skip
def test_nothing_is_suggested_that_finds_nothing(zorblaxian: Archive, text: str) -> None:
    results = zorblaxian.search(text)
    assert (results.total, results.suggestion) == (0, None)


def test_filters_hold_for_suggestions(zorblaxian: Archive, archive_of: Make) -> None:
    assert zorblaxian.search("zorblaxain", since="2009").suggestion == "zorblaxian"
    assert zorblaxian.search("zorblaxain", since="2010").suggestion is None
    with archive_of(
        cable("10A1", "minister", tags=["PHUM"]), cable("10A2", "monster", "monster", tags=["PREL"])
    ) as both:
        assert both.search("mnister").suggestion == "minister"
        assert both.search("monister").suggestion == "monster"
        assert both.search("monister", tags="PHUM").suggestion == "minister"
        assert both.search("monister tag:PHUM").suggestion == "minister tag:PHUM"


def test_a_search_for_cables_suggests_words_of_the_envelope(zorblaxian: Archive) -> None:
    assert zorblaxian.search("garnle", group="cable").suggestion == "garnel"
    assert zorblaxian.search("zorblaxain garnle", group="cable").suggestion == "zorblaxian garnel"
    assert zorblaxian.search("garnle").suggestion is None


def test_a_misspelling_that_others_made_is_corrected(archive_of: Make) -> None:
    common = [cable(f"10A{number}", "the government") for number in range(60)]
    common += [cable("10A60", *["minister"] * 60), cable("10A61", "the minister of the government")]
    with archive_of(*common, cable("10B1", "goverment", "ministre"), cable("10B2", "government of zembla")) as archive:
        assert archive.search("goverment").total == 1
        assert archive.search("goverment ministre").suggestion == "government minister"
        assert archive.search("goverment zembla").suggestion == "government zembla"
        assert archive.search("zembla goverment -the").suggestion == "zembla government -the"


RIGHTS = cable(
    "09BRAVO1",
    "human rights and the blackmail of a quartz dealer",
    "the minister resigned twice",
    "two black hats, mail",
    subject="Human rights report",
)


@pytest.fixture(scope="module")
def rights(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    folder = tmp_path_factory.mktemp("rights")
    archive = create(folder / "index")
    archive.index([write_cables(folder / "cables.jsonl", [RIGHTS])])
    return archive


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("humanrights", '"human rights"'),
        ("humanrights^2", '"human rights"^2'),
        ("HumanRights blackmail", '"human rights" blackmail'),
        ("subject:humanrights", 'subject:"human rights"'),
        ("exact:(humanrights)", 'exact:("human rights")'),
        ("+humanrights", '+"human rights"'),
        ('"humanrights and"~3', '"human rights and"~3'),
        ("humanrigths", None),
        ("black mail quartz", "blackmail quartz"),
        ("  black   mail  AND quartz", "  blackmail  AND quartz"),
        ('"of black mail"', None),
        ('"the black mail of"', '"the blackmail of"'),
        ("black mial", "black mail"),
        ("bla ckmail", "blackmail"),
        ("text:(bla ckmail)", "text:(blackmail)"),
        ("text:bla ckmail", None),
        ("bla AND ckmail", None),
        ("humanrights, quartz", None),
        ("humanrights-quartz", None),
        ("dealr humanrights", 'dealer "human rights"'),
        ("rightsblackmail", None),
    ],
)
def test_words_are_joined_and_taken_apart(rights: Archive, text: str, suggestion: str | None) -> None:
    suggested = rights.search(text).suggestion
    assert suggested == suggestion
    assert suggested is None or rights.search(suggested).total


def test_words_that_occur_may_give_way_to_other_spellings(archive_of: Make) -> None:
    made = [cable(f"10A{number}", "labor trafficking", "labor laws") for number in range(3)]
    with archive_of(*made, cable("10B1", "the labour party"), cable("10B2", "traffic", "a road labor gang")) as archive:
        for text, suggestion in (
            ('"labour trafficing"', '"labor trafficking"'),
            ('"labour trafficking"', '"labor trafficking"'),
            ("labour^2 trafficing", "labor^2 trafficking"),
            ("labour trafficing -party", "labor trafficking -party"),
            ("labor party -trafficking", "labour party -trafficking"),
            ("labors party", "labors party"),
            ("road labour", "road labor"),
            ('"labour trafficing" OR "road trafficing"', '"labor trafficking" OR "road trafficking"'),
        ):
            results = archive.search(text)
            assert results.total == 0
            assert results.suggestion == (None if suggestion == text else suggestion)


def test_corrections_that_contradict_each_other_are_not_combined(archive_of: Make) -> None:
    with archive_of(cable("10A1", "blackmail", "mailbox")) as archive:
        assert archive.search("black mail box").suggestion is None
        assert archive.search("black mail OR box").suggestion == "blackmail OR box"


def test_words_that_are_joined_need_the_filters_too(rights: Archive) -> None:
    assert rights.search("humanrights", since="2009").suggestion == '"human rights"'
    assert rights.search("humanrights", since="2010").suggestion is None
    assert rights.search("human rights black mail", match="any").total
    assert rights.search("humanrights qqqq", match="any").suggestion == '"human rights" qqqq'
    assert rights.search("humanrights quartz", group="cable").suggestion == '"human rights" quartz'


@pytest.mark.parametrize(
    "text", ["WTO", "TVO", "WTO minister", "\u043c\u0438\u043d\u0438\u0441", "\u5317\u4eac", "m1nister", "12th"]
)
def test_acronyms_other_scripts_and_numbers_are_not_corrected(rights: Archive, text: str) -> None:
    assert rights.search(text).suggestion is None


def test_words_of_two_are_those_that_the_reader_may_see(archive_of: Make) -> None:
    secret = cable("10A2", ("S", "human rights blackmail"), classification="SECRET")
    with archive_of(cable("10A1", "human black rights mail"), secret) as archive:
        assert archive.search("humanrights").suggestion == '"human rights"'
        reader = archive.lowered("UNCLASSIFIED")
        assert reader.search("humanrights").suggestion is None
        assert reader.search("black mail rain").suggestion is None


def test_only_the_first_unknown_words_are_corrected(archive_of: Make) -> None:
    words = ["china", "labor", "trade", "market", "visa", "minister"]
    with archive_of(cable("10A1", " ".join(words))) as archive:
        wrong = ["chima", "labro", "trafe", "markt", "vissa", "miniser"]
        suggestion = archive.search(" OR ".join([*wrong, *("x" * 70 for _ in range(20)), *wrong])).suggestion
        assert suggestion
        corrected = suggestion.split(" OR ")
        assert corrected[:6] == corrected[-6:] == [*words[:5], "miniser"]
        assert archive.search("exact:chima~1").total
        assert archive.search("chinq").suggestion == "china"


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("manchuko embargoo", "manchukuo OR embargo"),
        ("Manchuko   embargo", "manchukuo OR embargo"),
        ("embargo the manchuko", "embargo OR manchukuo"),
        ("manchuko embargoo manchuko", "manchukuo OR embargo"),
        ("manchuko railwy", "manchukuo railway"),
        # The words occur, or cannot be corrected, or there is more than words.
        ("manchukuo embargo", None),
        ("the manchuko embargoo qqqqqq", None),
        ("the embargoo WTO", None),
        ("manchuko AND embargoo", None),
        ("manchuko -embargoo railwayy tariff", None),
        ('manchuko "embargoo"', None),
        ("manchuko subject:embargoo", None),
        ("manchuko embargoo^2", None),
        ("manchuko embargoo tag:PHUM", None),
    ],
)
def test_words_that_are_nowhere_together_are_corrected_each_on_its_own(
    archive_of: Make, text: str, suggestion: str | None
) -> None:
    with archive_of(
        cable("10A1", "the manchukuo railway"), cable("10A2", "the embargo"), cable("10A3", "a tariff")
    ) as archive:
        assert archive.search(text).total == 0
        assert archive.search(text).suggestion == suggestion
        assert suggestion is None or archive.search(suggestion).total


def test_words_that_are_nowhere_together_are_corrected_as_the_filters_allow(archive_of: Make) -> None:
    secret = cable("10A3", ("S", "manchukuo"), classification="SECRET")
    with archive_of(cable("10A1", "railway"), cable("10A2", "the embargo"), secret) as archive:
        assert archive.search("manchuko embargoo").suggestion == "manchukuo OR embargo"
        assert archive.lowered("UNCLASSIFIED").search("manchuko embargoo").suggestion is None
        assert archive.search("manchuko embargoo", since="2011").suggestion is None
        assert archive.search("railwy embargoo", group="cable").suggestion == "railway OR embargo"


def test_real_misspellings(beijing: Archive) -> None:
    assert beijing.search("trafiking tag:PHUM").suggestion == "trafficking tag:PHUM"
    assert beijing.search("qqqqqqqqq").suggestion is None
    assert beijing.search("china").suggestion is None


# Any of the words


@pytest.mark.parametrize("number", [33, 34])
def test_of_very_many_phrases_no_looser_readings_are_tried(archive_of: Make, number: int) -> None:
    text = " ".join(f'"china trade"~{distance}' for distance in range(1, number + 1))
    with archive_of(cable("10A1", "china trade", "labor"), cable("10A2", "labor")) as archive:
        results = archive.search(f"{text} labor")
        assert (results.total, bool(results.alternatives)) == (0, number == 33)


def test_any_word_may_match(archive_of: Make) -> None:
    cables = [
        cable("10A1", "china labor", tags=["PHUM"]),
        cable("10A2", "china"),
        cable("10A3", "trade", tags=["PHUM"]),
    ]
    with archive_of(*cables) as archive:

        def found(text: str, **options: str) -> list[str]:
            return sorted(hit.cable for hit in archive.search(text, match="any", **options))  # type: ignore[arg-type]

        assert found("china labor") == ["10A1", "10A2"]
        assert found("labor trade xyzzy") == ["10A1", "10A3"]
        assert found("china trade -labor") == ["10A2", "10A3"]
        assert found("china trade tag:PHUM") == found("china trade", tags="PHUM") == ["10A1", "10A3"]
        assert found('"china labor" trade') == ["10A1", "10A3"]
        assert found("china AND labor trade") == ["10A1", "10A3"]
        assert found("labor trade", group="cable") == ["10A1", "10A3"]
        assert found("tag:PHUM") == ["10A1", "10A3"]
        assert found("", tags="PHUM") == ["10A1", "10A3"]
        with pytest.raises(ValueError, match="match must be 'all' or 'any'"):
            archive.search("china", match="some")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """An archive with a word in every paragraph, one in a fifth of them, and rare ones."""
    folder = tmp_path_factory.mktemp("ordinary")
    texts = [
        f"the minister {'government ' * (number % 5 == 0)}{'palermo' * (number in (3, 40))}{'zembla' * (number == 4)}"
        for number in range(100)
    ]
    archive = create(folder / "index")
    archive.index([write_cables(folder / "cables.jsonl", [cable("10A1", *texts)])])
    return archive


def test_hits_with_nothing_but_common_words_are_not_worth_seeing(ordinary: Archive) -> None:
    results = ordinary.search("the government palermo zembla")
    assert (results.total, results.alternatives) == (0, {"any_word": 3, "group_cable": 1})
    loose = ordinary.search("the government palermo zembla", match="any", facets=["tags"])
    assert (loose.total, loose.common_words) == (3, ("the", "government"))
    every = {hit.position: hit.score for hit in ordinary.search("the OR government OR palermo OR zembla", limit=100)}
    assert [every[hit.position] for hit in loose] == [hit.score for hit in loose]
    assert {hit.position for hit in loose} == {4, 5, 41}
    assert all("<mark>the</mark> minister" in hit.snippet.html() for hit in loose)


@pytest.mark.parametrize("text", ["the xyzzy", "the government xyzzy", "xyzzy government -minister", "the of"])
def test_common_words_are_not_offered_alone(ordinary: Archive, text: str) -> None:
    assert ordinary.search(f"{text} qwert").alternatives == {}


def test_a_word_of_most_cables_is_common_in_a_search_for_cables(archive_of: Make) -> None:
    made = [cable(f"10A{number}", "china" if number < 15 else "trade", "labor", *["x"] * 30) for number in range(20)]
    with archive_of(*made, cable("10B1", "zembla")) as archive:
        assert archive.search("china trade labor zembla", group="cable").alternatives == {"any_word": 6}
        loose = archive.search("china trade labor zembla", group="cable", match="any")
        assert (loose.total, loose.common_words) == (6, ("china", "labor"))
        assert archive.search("china trade labor zembla", match="any").total == 41


def test_common_words_match_if_nothing_else_does(ordinary: Archive) -> None:
    results = ordinary.search("the government xyzzy", match="any")
    assert (results.total, results.common_words) == (100, ())
    assert ordinary.search("xyzzy government", match="any").total == 20


def test_a_word_that_stands_for_nothing_is_common_in_any_archive(archive_of: Make) -> None:
    with archive_of(cable("10A1", "the visa", "the trade", "the law"), cable("10A2", "labor")) as archive:
        assert archive.search("the visa labor").alternatives == {"any_word": 2}
        assert archive.search("the visa labor", match="any").common_words == ("the",)
        assert archive.search("the qwert").alternatives == {}


def test_what_is_offered_is_what_comes(ordinary: Archive, zorblaxian: Archive, beijing: Archive) -> None:
    for archive in (ordinary, zorblaxian, beijing):
        for text in (
            "palermo zembla",
            "the palermo of zembla",
            "zorblaxian qqq",
            "politics -evian qqq",
            "china labor zzz",
        ):
            for group in ("paragraph", "cable"):
                offered = archive.search(text, group=group).alternatives.get("any_word")
                assert not offered or archive.search(text, group=group, match="any").total == offered


_SLIPS: dict[str, Callable[[str], str]] = {
    "right": lambda word: word,
    "swapped": lambda word: word[:2] + word[3] + word[2] + word[4:],
    "doubled": lambda word: word[:3] + word[2:],
    "lost": lambda word: word[:4] + word[5:],
    "cut": lambda word: word[:3] + " " + word[3:],
}
_REAL = ["trafficking", "protocol", "victims", "children"]
_PLACES = ["{}", '"{} {}"', "subject:{}", "text:{}^2", "exact:({} OR {})", '"{} {}"~3^1.5', "-qqqq {}", "({})^3 {}"]


@given(
    parts=st.lists(
        st.tuples(
            st.sampled_from(_PLACES),
            st.lists(st.sampled_from(_REAL), min_size=2, max_size=2),
            st.sampled_from(sorted(_SLIPS)),
            st.booleans(),
        ),
        min_size=1,
        max_size=3,
    ),
    group=st.sampled_from(["paragraph", "cable"]),
)
@settings(deadline=None, max_examples=150)
def test_a_suggestion_finds_something_and_differs_only_in_words(
    beijing: Archive, parts: list[tuple[str, list[str], str, bool]], group: Literal["paragraph", "cable"]
) -> None:
    written = [
        place.format(*(_SLIPS[slip](word).upper() if is_loud else _SLIPS[slip](word) for word in words))
        for place, words, slip, is_loud in parts
    ]
    text = "  ".join(written)
    suggestion = beijing.search(text, group=group).suggestion
    if suggestion is not None:
        assert beijing.search(suggestion, group=group).total
        assert suggestion != text
        assert _without_words(suggestion) in (_without_words(text), _with_or(text))


def _without_words(text: str) -> str:
    """Return what stands around the words of a query: operators, names of fields, brackets, distances and boosts."""
    return re.sub(r"(?<![A-Za-z~^])(?!OR\b)[A-Za-z]+(?: (?!OR\b)[A-Za-z]+)*(?![A-Za-z:])", "w", text)


def _with_or(text: str) -> str:
    """Return what stands around words that are corrected each on its own."""
    return _without_words(" OR ".join(dict.fromkeys(text.lower().split())))


_WORDS = st.sampled_from(
    [
        "the",
        "china",
        "palermo",
        "labor",
        "trafficking",
        "protocol",
        "trafiking",
        "palemro",
        "moeling",
        "goldberg",
        "xyzzy",
    ]
)
_PART = st.one_of(
    _WORDS,
    st.builds('"{} {}"'.format, _WORDS, _WORDS),
    st.builds("-{}".format, _WORDS),
    st.builds("{}:{}".format, st.sampled_from(["text", "subject", "heading", "envelope", "signature"]), _WORDS),
    st.builds("({} OR {})".format, _WORDS, _WORDS),
    st.sampled_from(["tag:PHUM", "tag:PHUN", "chin*", "palermo~1", "number:3"]),
)


@given(
    parts=st.lists(_PART, min_size=1, max_size=4),
    group=st.sampled_from(["paragraph", "cable"]),
    match=st.sampled_from(["all", "any"]),
    tags=st.sampled_from(["", "PHUM"]),
)
@settings(deadline=None, max_examples=150)
def test_advice_is_true(
    beijing: Archive, parts: list[str], group: str, match: Literal["all", "any"], tags: str
) -> None:
    text, options = " ".join(parts), {"tags": tags or ()}
    results = beijing.search(text, group=group, match=match, **options)  # type: ignore[arg-type]
    if results.total:
        assert results.suggestion is None
        assert not results.alternatives
    if results.suggestion:
        assert beijing.search(results.suggestion, group=group, match=match, **options).total  # type: ignore[arg-type]
    for name, count in results.alternatives.items():
        changed = {"match": "any", "group": group} if name == "any_word" else {"match": match, "group": "cable"}
        assert beijing.search(text, **changed, **options).total == count  # type: ignore[arg-type]


# Unknown values


def _described(unknown: Sequence[UnknownValue]) -> list[tuple[object, ...]]:
    return [(value.field, value.value, value.near or value.parts, value.name) for value in unknown]


VALUES = [
    replace(
        cable("10BEIJING30", ("C//NF", "china"), ("U", "labor"), classification="CONFIDENTIAL", tags=["PHUM", "PGOV"]),
        provenance=Provenance(collection="AAD"),
        references=("09STATE1234",),
    ),
    cable("10BEIJING32", "trade", tags=["CLINTON, HILLARY", "CH"]),
    cable("09TOKYO5", "visa", origin="Embassy Buenos Aires", tags=["PGOV"]),
]


@pytest.fixture(scope="module")
def valued(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    folder = tmp_path_factory.mktemp("valued")
    archive = create(folder / "index")
    archive.index([write_cables(folder / "cables.jsonl", VALUES)])
    return archive


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("tag:PHUN", ("tag", "PHUN", ("PHUM",), None)),
        ("tag:phun", ("tag", "phun", ("PHUM",), None)),
        ("tag:(PGOV PHUN)", ("tag", "PHUN", ("PHUM",), None)),
        ("tag:PREL", ("tag", "PREL", (), "PREL (External political relations)")),
        ('tag:"human rights"', ("tag", "human rights", ("PHUM",), "HUMAN RIGHTS")),
        ("tag:china", ("tag", "china", ("CH",), None)),
        ("tag:clinton", ("tag", "clinton", ("CLINTON, HILLARY",), None)),
        ('tag:"clinton, hilary"', ("tag", "clinton, hilary", ("CLINTON, HILLARY",), None)),
        ("tag:QQ*", ("tag", "QQ*", (), None)),
        ('tag:"clinton, hillarie"', ("tag", "clinton, hillarie", ("CLINTON, HILLARY",), None)),
        ("tag:PHUM,PGOV", ("tag", "PHUM,PGOV", ("PHUM", "PGOV"), None)),
        ("tag:PHUN,PGOV", ("tag", "PHUN,PGOV", ("PHUM", "PGOV"), None)),
        ("tag:PHUM,", ("tag", "PHUM,", ("PHUM",), None)),
        ("origin:beijing,buenosaires", ("origin", "beijing,buenosaires", ("beijing", "buenosaires"), None)),
        ("origin:buenosaries", ("origin", "buenosaries", ("Embassy Buenos Aires",), None)),
        ("origin:bueyosayres", ("origin", "bueyosayres", ("Embassy Buenos Aires",), None)),
        ("origin:paris", ("origin", "paris", (), "PARIS")),
        ("origin:xanadu", ("origin", "xanadu", (), None)),
        ("control:NOFRN", ("control", "NOFRN", ("NOFORN",), None)),
        ("control:ORCON", ("control", "ORCON", (), "ORCON")),
        ("class:SECRET//NOFRN", ("control", "NOFRN", ("NOFORN",), None)),
        ("marking:NF", ("marking", "NF", ("C//NF",), None)),
        ("marking:C//N", ("marking", "C//N", ("C//NF",), None)),
        ("collection:aadd", ("collection", "aadd", ("AAD",), None)),
        ("id:10BEIJING31", ("id", "10BEIJING31", ("10BEIJING30", "10BEIJING32"), None)),
        ("id:10BEIJING7777", ("id", "10BEIJING7777", ("10BEIJING32", "10BEIJING30"), None)),
        ('id:"10 BEIJING 31"', ("id", "10 BEIJING 31", ("10BEIJING30", "10BEIJING32"), None)),
        ("id:nonsense", ("id", "nonsense", (), None)),
        ("ref:10BEIJING30", ("ref", "10BEIJING30", (), "10BEIJING30")),
        ("ref:09STATE123x", ("ref", "09STATE123x", ("09STATE1234",), None)),
        ("china tag:PHUM", None),
        ("missing:tag", None),
        ("control:* tag:CH", None),
        ("china date:2020", None),
        ("subject:PHUN", None),
    ],
)
def test_unknown_values_are_named_with_near_ones(
    valued: Archive, text: str, unknown: tuple[object, ...] | None
) -> None:
    results = valued.search(text)
    assert _described(results.unknown_values) == ([unknown] if unknown else [])
    assert not unknown or not results.total


def test_near_references_are_those_of_visible_cables(archive_of: Callable[..., Archive]) -> None:
    made = [
        replace(cable("10A1", "x"), references=("09STATE1234",)),
        replace(cable("10A2", ("S", "y"), classification="SECRET"), references=("09STATE1235",)),
    ]
    with archive_of(*made) as archive:
        for reader, near in ((archive, ("09STATE1234", "09STATE1235")), (archive.lowered("SBU"), ("09STATE1234",))):
            assert reader.search("ref:09STATE123O").unknown_values[0].near == near


def test_values_that_no_hit_needs_are_named_too(valued: Archive) -> None:
    for text in ("china OR tag:PHUN", "china -tag:PHUN", "china ANDMAYBE tag:PHUN"):
        results = valued.search(text)
        assert results.total == 1
        assert [value.value for value in results.unknown_values] == ["PHUN"]
    results = valued.search(origins=["beijing", "xanadu"])
    assert results.total == 3
    assert _described(results.unknown_values) == [("origin", "xanadu", (), None)]
    assert valued.search("china OR tag:PHUM -origin:tokio", origins="beijing").unknown_values


def test_filters_with_unknown_values(valued: Archive, archive_of: Make) -> None:
    results = valued.search(tags=["PHUN", "PGOV"], origins="xanadu", classifications="SECRET//NOFRN")
    assert [(value.value, value.is_filter) for value in results.unknown_values] == [
        ("PHUN", True),
        ("xanadu", True),
        ("NOFRN", True),
    ]
    with archive_of() as empty:
        assert empty.search("tag:PHUN").unknown_values == ()


def test_values_are_known_whatever_is_not_seen_in_them(valued: Archive) -> None:
    for results in (
        valued.search("tag:PH\u200bUM zzzz"),
        valued.search("tag:\ufeffPHUM OR china"),
        valued.search("zzzz", tags="PH\u200bUM"),
    ):
        assert results.unknown_values == ()
    assert valued.search("tag:PH\u200bUN").unknown_values[0].value == "PHUN"


def test_many_unknown_values_are_counted(valued: Archive) -> None:
    text = "china OR " + " OR ".join(f"tag:PHU{number}" for number in range(300))
    unknown = valued.search(text).unknown_values
    assert [value.value for value in unknown] == [f"PHU{number}" for number in range(300)]
    assert [bool(value.near) for value in unknown] == [True] * 10 + [False] * 290
    said = run("search", text, "--index", valued.path).stderr.splitlines()
    assert said[1] == "Note: unknown tag 'PHU0'; did you mean PHUM?"
    assert said[6:] == ["Note: 295 more values are unknown (--format json lists all)"]


# The command


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tag:PHUN"], "No paragraphs match: unknown tag 'PHUN'; did you mean PHUM?"),
        (["--tag", "PHUN", "china"], "No paragraphs match: unknown tag 'PHUN'; did you mean PHUM?"),
        (["tag:PREL"], "No paragraphs match: no cable here has the tag PREL (External political relations)"),
        (["tag:PHUM,PGOV"], "No paragraphs match: unknown tag 'PHUM,PGOV'; did you mean tag:(PHUM PGOV)?"),
        (["--tag", "PHUM,PGOV"], "No paragraphs match: unknown tag 'PHUM,PGOV'; did you mean --tag PHUM --tag PGOV?"),
        (
            ["post:beijing,xanadu,buenosaires"],
            "No paragraphs match: unknown post 'beijing,xanadu,buenosaires'; "
            "did you mean origin:(beijing OR buenosaires)?",
        ),
        (["tag:Q*"], "No paragraphs match: no tag here matches 'Q*'"),
        (["id:10BEIJING31"], "No paragraphs match: unknown id '10BEIJING31'; did you mean 10BEIJING30 or 10BEIJING32?"),
        (["ref:10BEIJING30"], "No paragraphs match: no cable here refers to 10BEIJING30"),
        (["tag:PHUN", "--group", "cable"], "No cables match: unknown tag 'PHUN'; did you mean PHUM?"),
        (["tag:PHUN", "--format", "ids"], "No paragraphs match: unknown tag 'PHUN'; did you mean PHUM?"),
        (["tag:Q", "origin:xanadu"], "No paragraphs match: unknown tag 'Q'\nNote: unknown post 'xanadu'"),
        (["chima"], "No paragraphs match; did you mean: china"),
        (["chima", "-tag:PHUN"], "No paragraphs match; did you mean: china -tag:PHUN\n"
                                 "Note: unknown tag 'PHUN'; did you mean PHUM?"),
        (["tag:\x1b[31mX"], "No paragraphs match: unknown tag '\\x1b[31mX'"),
    ],
)  # fmt: skip
def test_the_command_says_why_nothing_matches(valued: Archive, arguments: list[str], message: str) -> None:
    result = run("search", *arguments, "--index", valued.path)
    assert (result.returncode, result.stdout, result.stderr) == (1, "", message + "\n")


def test_the_command_notes_unknown_values_among_others(valued: Archive) -> None:
    result = run("search", "--origin", "beijing", "--origin", "xanadu", "--index", valued.path)
    assert result.returncode == 0
    assert result.stderr.splitlines()[1:] == ["Note: unknown post 'xanadu'"]
    answer = json.loads(run("search", "--tag", "PHUN", "--format", "json", "--index", valued.path).stdout)
    assert answer["unknown_values"] == [{"field": "tag", "value": "PHUN", "near": ["PHUM"], "parts": [], "name": None}]


def test_the_command_offers_and_takes_any(ordinary: Archive) -> None:
    result = run("search", "the palermo zembla", "--index", ordinary.path)
    assert result.stderr == (
        "No paragraphs match.\n3 paragraphs contain at least one of these words: try --any\n"
        "1 cable contains all the words: try --group cable\n"
    )
    result = run("search", "--any", "the palermo zembla", "--limit", "1", "--index", ordinary.path)
    assert result.stderr.startswith("Showing 1 of 3 paragraphs")
    assert result.stderr.endswith("\nToo common to match on their own: the\n")


# Clearance


HIDDEN = [
    replace(cable("10A1", ("U", "china labor"), ("S//OC", "zephyr government"), tags=["PHUM"]), provenance=None),
    cable("10A2", ("S", "zephir " * 60), classification="SECRET", tags=["PHUN", "PREL"], origin="Embassy Paris"),
    cable("10A3", ("S", "government"), ("U", "goverment"), ("U", "trade"), tags=["PGOV"], subject="x"),
    *(cable(f"10B{number}", ("S", "palermo government"), ("U", "palermo")) for number in range(12)),
]
QUESTIONS = [
    "zephyrr", "zephir", "gavernment", "goverment trade", "goverment china", "palermo xyzzy", "the palermo qqqq labor",
    "tag:PHUN", "tag:PREL", "tag:PHUX", "tag:PHUN,PHUM", "origin:paris", "origin:pariss", "id:10A2", "id:10A4",
    "control:ORCON", "control:ORCN", "marking:S", "marking:SS", "ref:10A2", "china OR tag:PREL",
    "text:zephyrr -id:10A2", "subject:y", "name:zephyr", "zephyr palermo",
]  # fmt: skip


@pytest.mark.parametrize("clearance", ["U", "SECRET"])
def test_hidden_words_and_values_change_no_advice(archive_of: Make, clearance: str) -> None:
    visible: list[Cable] = [seen for made in HIDDEN if (seen := made.view(Clearance.parse(clearance)))]
    with archive_of(*HIDDEN) as whole, archive_of(*visible) as part:
        low = whole.lowered(clearance)
        for text in QUESTIONS:
            for options in ({}, {"group": "cable"}, {"match": "any"}, {"tags": "PHUM"}):
                answers = [replace(archive.search(text, **options), took=0.0) for archive in (low, part)]  # type: ignore[arg-type]
                assert answers[0] == answers[1], text


def test_the_most_common_correction_of_all_segments_wins(archive_of: Make, tmp_path: Path) -> None:
    archive = archive_of(cable("10A1", "minister"))
    archive.index(
        [write_cables(tmp_path / "more.jsonl", [cable("10A2", "minuster", "minuster"), cable("10A3", "minister")])]
    )
    archive.reload()
    archive.index([write_cables(tmp_path / "most.jsonl", [cable("10A4", "minister")])])
    archive.reload()
    assert archive.search("minster").suggestion == "minister"
