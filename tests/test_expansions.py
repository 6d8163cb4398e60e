"""Acronyms and synonyms in queries: what they find, what they leave alone, and what is said about it."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from unittest import mock

import pytest

import cablesearch
from cablesearch.archive import Archive
from cablesearch.cable import Cable, Clearance
from cablesearch.embedded.reader import embedded
from cablesearch.engine.index import writer
from cablesearch.errors import CablesearchError, QueryError
from cablesearch.query.expansions import runs
from cablesearch.results.hits import Results
from cablesearch.variants import expanding
from cablesearch.variants.synonyms import Synonyms
from tests.support.cables import cable
from tests.support.files import DATA, write_cables
from tests.support.running import run

Make = Callable[..., Archive]


def utc(year: int, month: int, day: int) -> dt.datetime:
    return dt.datetime(year, month, day, tzinfo=dt.timezone.utc)


CABLES = [
    cable("09A1", "efforts to combat trafficking in persons (TIP)", "the TIP report is late", "TIPs for combat"),
    cable("09A2", "Trafficking in Persons (TIP) and victims", "they trafficked in person", "persons in trafficking"),
    cable("09A3", ("S", "The International Police (TIP) and the iceberg"), "the tip of an iceberg", "tipped"),
    cable("09A4", "Ministry of Public Safety (MPS) spoke", "Ministry of Public Security (MPS) spoke", "MPS"),
    cable("09A5", "United States (US) aid", "give us aid", "World Health Organization (WHO)", "who is ill"),
    cable("09A6", "The NGO met", "non-governmental organizations (NGOs)", "nongovernmental organisation"),
]


@pytest.fixture
def archive(make: Make) -> Archive:
    return make(*CABLES)


@pytest.fixture
def make(archive_of: Make) -> Make:
    return archive_of


def found(results: Results) -> set[str]:
    return {f"{hit.cable}@{hit.position}" for hit in results}


def search(archive: Archive, text: str, **options: object) -> set[str]:
    return found(archive.search(text, limit=None, **options))  # type: ignore[arg-type]


PERSONS = {"09A1@1", "09A2@1", "09A2@2"}
"""The paragraphs with the phrase *trafficking in persons*, in any form of its words."""
TIP = {"09A1@1", "09A1@2", "09A1@3", "09A2@1", "09A3@1", "09A3@2", "09A3@3"}
"""The paragraphs with the word *tip*, in any form."""


def test_an_acronym_finds_its_long_form(archive: Archive) -> None:
    assert search(archive, "TIP", acronyms=False) == TIP
    assert search(archive, "TIP") == TIP | PERSONS
    assert search(archive, "text:TIP") == TIP | PERSONS


@pytest.mark.parametrize(
    "text", ["tip", '"TIP"', "exact:TIP", "subject:TIP", "TIP*", "TIP~1", "report -TIP", "NOT TIP", "-(TIP OR report)"]
)
def test_what_is_no_acronym_in_the_open_does_not_expand(archive: Archive, text: str) -> None:
    results = archive.search(text, limit=None)
    assert results.expansions == ()
    assert found(results) == search(archive, text, acronyms=False)


@pytest.mark.parametrize("text", ['"trafficking in persons"', '"Trafficking in Person"', '"trafficking-in-persons"'])
def test_a_phrase_that_is_a_long_form_finds_the_acronym_as_a_word_of_its_own(archive: Archive, text: str) -> None:
    # Neither "tipped", which has the same stem, nor the tip of an iceberg.
    assert search(archive, text) == PERSONS | {"09A1@2", "09A1@3", "09A3@1"}


@pytest.mark.parametrize("text", ['"trafficking in persons"~2', '"combat trafficking in persons"', '"in persons"'])
def test_another_phrase_does_not(archive: Archive, text: str) -> None:
    assert archive.search(text).expansions == ()


def test_words_beside_each_other_that_are_a_long_form_find_the_acronym(archive: Archive) -> None:
    assert search(archive, "combat trafficking in persons", acronyms=False) == {"09A1@1"}
    assert search(archive, "combat trafficking in persons") == {"09A1@1", "09A1@3"}
    assert search(archive, "Combat Trafficking in Persons") == {"09A1@1", "09A1@3"}
    assert search(archive, "combat AND trafficking AND in AND persons") == {"09A1@1", "09A1@3"}
    # What is near something is looked up as it is written.
    assert search(archive, '"trafficking in persons" NEAR/9 combat') == {"09A1@1"}
    assert archive.search("combat NEAR/9 trafficking").expansions == ()
    # The same words in another order are no long form.
    assert archive.search("persons in trafficking").expansions == ()


@pytest.mark.parametrize(
    ("text", "any_word", "expected"),
    [
        ("a b c", False, ["a b c"]),
        ("a b c", True, ["a b c"]),
        ("a AND b c", False, ["a b c"]),
        ("a AND b c d", True, ["a", "b", "c d"]),
        ("a b OR c d", False, ["a b", "c d"]),
        ("a b ANDNOT c d e", False, ["a", "b", "d e"]),
        ("a b ANDMAYBE c d e", False, ["a", "b", "c", "d e"]),
        ("NOT a b c", False, ["b c"]),
        ("a -b c", False, ["a", "c"]),
        ("(a b) c", False, ["a b", "c"]),
        ("-(a b) c", False, ["c"]),
        ("subject:(a b) text:(c d) text:e f", False, ["c d", "e", "f"]),
        ('a "b c" d', False, ["a", "b c", "d"]),
        ('a "b c"~2 d* e~ f^2 g', False, ["a", "f", "g"]),
        ("tag:PHUM a missing:date b is:comment", False, ["a", "b"]),
        ('a ) ( "b', False, ["a"]),
        ("a b NEAR/5 c d e", False, ["a", "d e"]),
        ("a b W/5 c d e", True, ["a", "d e"]),
        ('(a OR b) PRE/3 "c d" NEAR/3 (e f) g', False, ["g"]),
        ("x OR ((a OR b) NEAR/5 c) (y z)", False, ["x", "y z"]),
    ],
)
def test_words_expand_together_only_where_brackets_could_stand(text: str, any_word: bool, expected: list[str]) -> None:
    assert [" ".join(part.text for part in run) for run in runs(text, any_word=any_word)] == expected


QUERIES = ["TIP", "TIP^2", "TIP OR late", "report TIP", "(TIP late)^2", "TIP ANDMAYBE late", "late REQUIRE TIP"]


@pytest.mark.parametrize("text", QUERIES)
@pytest.mark.parametrize("group", ["paragraph", "cable"])
@pytest.mark.parametrize("match", ["all", "any"])
def test_an_acronym_means_the_better_of_both(archive: Archive, text: str, group: str, match: str) -> None:
    options = {"group": group, "match": match, "limit": None}
    expanded = archive.search(text, **options)  # type: ignore[arg-type]
    plain = archive.search(text, acronyms=False, **options)  # type: ignore[arg-type]
    other = archive.search(text.replace("TIP", '"trafficking in persons"'), acronyms=False, **options)  # type: ignore[arg-type]
    scores = [
        {hit.cable + str(hit.position) * (group == "paragraph"): hit.score for hit in page} for page in (plain, other)
    ]
    both = archive.search(text.replace("TIP", '(TIP OR "trafficking in persons")'), acronyms=False, **options)  # type: ignore[arg-type]
    assert {hit.cable for hit in expanded} == {hit.cable for hit in both}
    assert expanded.total == both.total
    for hit in expanded:
        key = hit.cable + str(hit.position) * (group == "paragraph")
        assert hit.score >= max(page.get(key, 0.0) for page in scores) - 1e-9


def test_a_search_expands_its_query_once(archive: Archive) -> None:
    with mock.patch.object(expanding, "runs", wraps=runs) as looked_up:
        assert archive.search("TIP late").expansions
    assert looked_up.call_count == 1


def test_results_say_what_was_found_too(archive: Archive) -> None:
    (expansion,) = archive.search("TIP late").expansions
    assert expansion.written == "TIP"
    assert [(variant.text, variant.source, variant.paragraphs) for variant in expansion.variants] == [
        ("trafficking in persons", "acronym", 2)
    ]
    assert archive.search("TIP late", acronyms=False).expansions == ()


def test_an_acronym_of_several_long_forms_finds_all_that_are_frequent_enough(make: Make) -> None:
    text = {
        "rare": "Rules of Origin (ROO)",
        "often": "Republic Of Ourland (ROO)",
    }
    cables = [cable(f"09B{number}", text["often"]) for number in range(1, 30)]
    few = [*cables, cable("09B98", text["rare"]), cable("09B99", text["rare"])]
    more = [*few, cable("09B97", text["rare"])]
    assert [variant.text for variant in make(*few).search("ROO").expansions[0].variants] == ["Republic Of Ourland"]
    assert [variant.text for variant in make(*more).search("ROO").expansions[0].variants] == [
        "Republic Of Ourland",
        "Rules of Origin",
    ]


def test_two_long_forms_that_are_defined_once_both_count(archive: Archive) -> None:
    assert search(archive, "MPS") == {"09A4@1", "09A4@2", "09A4@3"}
    assert len(archive.search("MPS").expansions[0].variants) == 2


def test_a_long_form_finds_an_acronym_and_not_the_word_that_it_looks_like(archive: Archive, make: Make) -> None:
    assert "09A5@2" not in search(archive, "united states")
    assert "09A5@4" not in search(archive, '"world health organization"')
    assert "09A5@3" in search(archive, "WHO")
    texts = "World Health Organization (WHO)", "The WHO was asked", "Who asked", "ASK WHO", "subject"
    other = make(cable("09A1", *texts, subject="WHO CAME"), cable("09A2", "Open Door Office (ODO)", "THE ODO"))
    assert search(other, "world health organization") == {"09A1@1", "09A1@2"}
    assert search(other, "open door office") == {"09A2@1", "09A2@2"}


def test_a_long_form_finds_the_acronym_in_subjects_too(make: Make) -> None:
    archive = make(cable("09A1", "Open Door Office (ODO)"), cable("09A2", "nothing", subject="ODO REPORT"))
    assert search(archive, "open door office") == {"09A1@1", "09A2@1"}
    assert search(archive, "text:(open door office)") == {"09A1@1"}


def test_plurals_and_hyphens_make_no_other_acronym(archive: Archive) -> None:
    everything = {"09A6@1", "09A6@2"}
    assert search(archive, "NGOs") == search(archive, "NGO") == everything
    assert everything <= search(archive, "nongovernmental organization")


def test_hidden_paragraphs_define_nothing(make: Make) -> None:
    hidden = make(cable("09A1", ("S", "Open Door Office (ODO)"), "the ODO", "the open door office"))
    below = hidden.lowered("SBU")
    assert search(hidden, "ODO") == {"09A1@1", "09A1@2", "09A1@3"}
    assert below.search("ODO").expansions == ()
    assert search(below, "ODO") == {"09A1@2"}


def test_matches_of_both_forms_are_marked(archive: Archive) -> None:
    texts = {f"{hit.cable}@{hit.position}": hit.snippet.html() for hit in archive.search("TIP", limit=None)}
    assert texts["09A2@2"] == "they <mark>trafficked</mark> <mark>in</mark> <mark>person</mark>"
    texts = {f"{hit.cable}@{hit.position}": hit.snippet.html() for hit in archive.search('"trafficking in persons"')}
    assert texts["09A1@2"] == "the <mark>TIP</mark> report is late"


@pytest.mark.parametrize("text", ["TIP elephant", "trafficking in persons elephant", "TIP trafficing"])
@pytest.mark.parametrize("match", ["all", "any"])
def test_advice_counts_what_the_search_then_finds(archive: Archive, text: str, match: str) -> None:
    results = archive.search(text, match=match)  # type: ignore[arg-type]
    if "any_word" in results.alternatives:
        assert archive.search(text, match="any").total == results.alternatives["any_word"]
    if "group_cable" in results.alternatives:
        assert archive.search(text, group="cable").total == results.alternatives["group_cable"]
    if results.suggestion:
        assert archive.search(results.suggestion, match=match).total  # type: ignore[arg-type]


def test_an_acronym_is_as_common_as_all_that_it_finds(make: Make) -> None:
    often = [cable(f"09B{number}", "the open door office") for number in range(20)]
    archive = make(*often, cable("09A1", "open door office (ODO)", "ODO rare"), cable("09A2", "rare"))
    results = archive.search("ODO rare", match="any")
    assert (results.common_words, results.total) == (("ODO",), 2)
    assert archive.search("ODO rare", match="any", acronyms=False).total == 3


def test_all_ways_to_search_expand_alike(archive: Archive) -> None:
    results = archive.search("TIP", limit=None)
    assert [hit.citation for hit in archive.iter_all("TIP")] == [hit.citation for hit in results]
    assert set(archive.ids("TIP")) == {hit.cable for hit in results} == {made.id for made in archive.export("TIP")}
    assert dict(archive.facets("TIP", "year")["year"]) == {"2009": results.total}
    assert archive.timeline("TIP").series[0].total == results.total
    assert archive.expansions("TIP") == results.expansions
    assert set(archive.ids("TIP", acronyms=False)) == {"09A1", "09A2", "09A3"}


def test_all_commands_with_a_query_say_what_was_found_too(archive: Archive) -> None:
    index = ["--index", str(archive.path)]
    counting = ("search", "export", "overview", "facets", "timeline", "acronyms")
    for command in (*counting, "first", "last", "bursts", "names", "phrases", "cited-but-missing", "graph"):
        assert "TIP also finds" in run(command, "TIP", *index).stderr, command
        assert "TIP also finds" not in run(command, "TIP", "--no-acronyms", *index).stderr, command
    for queries in (("TIP", "rare"), ("rare", "TIP")):
        assert run("compare", *queries, *index).stderr.count("TIP also finds") == 1
    off = run("export", '"trafficking in persons" -combat', "--no-acronyms", *index)
    assert [json.loads(line)["id"] for line in off.stdout.splitlines()] == ["09A2"]


# Synonyms

FILE = """\ufeff# Names
Karzai, Karzay,  Hamid Karzai
Burma => Myanmar, Union of Myanmar

tip,hint
"""


def test_synonyms_find_each_other(make: Make, tmp_path: Path) -> None:
    archive = make(
        cable("09A1", "karzai", "Karzay spoke", "Hamid Karzai", "Burma", "Myanmar", "give a hint", "the tip")
    )
    path = tmp_path / "synonyms.txt"
    path.write_text(FILE, encoding="utf-8")
    assert search(archive, "karzay", synonyms=path) == {"09A1@1", "09A1@2", "09A1@3"}
    assert search(archive, '"hamid karzai"', synonyms=path) == {"09A1@1", "09A1@2", "09A1@3"}
    assert search(archive, "hamid karzai", synonyms=str(path)) == {"09A1@1", "09A1@2", "09A1@3"}
    assert search(archive, "burma", synonyms=Synonyms.read(path)) == {"09A1@4", "09A1@5"}
    assert search(archive, "myanmar", synonyms=path) == {"09A1@5"}
    assert search(archive, "tips", synonyms=path, acronyms=False) == {"09A1@6", "09A1@7"}
    assert search(archive, "karzay", synonyms=None) == {"09A1@2"}
    assert search(archive, "exact:karzay -burma", synonyms=path) == {"09A1@2"}
    (expansion,) = archive.search("Burma", synonyms=path).expansions
    assert [variant.to_json() for variant in expansion.variants] == [
        {"text": "Myanmar", "source": "synonym", "paragraphs": None},
        {"text": "Union of Myanmar", "source": "synonym", "paragraphs": None},
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("one", "line 2: expected words or phrases with commas between them"),
        ("one,,two", "line 2: a word is missing"),
        ("one => ", "line 2: a word is missing"),
        ("a => b => c", "line 2: only one => can stand on a line"),
        ("a, %", "line 2: '%' has no word"),
        ("karz*, b", "line 2: 'karz*' has quotes or wildcards"),
        (",".join(f"w{number}" for number in range(51)), "line 2: a line can have at most 50"),
        (f"a, {'b ' * 21}", "line 2: a phrase can have at most 20 words"),
    ],
)
def test_an_invalid_line_is_named(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "own.txt"
    path.write_text(f"# mine\n{line}\n", encoding="utf-8")
    with pytest.raises(CablesearchError, match=r"own\.txt, ") as error:
        Synonyms.read(path)
    assert reason in str(error.value)


def test_a_file_that_is_no_text_or_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "own.txt"
    with pytest.raises(CablesearchError, match=r"own\.txt: cannot read the synonyms"):
        Synonyms.read(path)
    path.write_bytes(b"a, b\nc, \xff\n")
    with pytest.raises(CablesearchError, match=r"own\.txt, line 2: this is not UTF-8"):
        Synonyms.read(path)
    path.write_bytes(b"#" * (4 << 20) + b"#")
    with pytest.raises(CablesearchError, match="at most 4,194,304 bytes"):
        Synonyms.read(path)


def test_synonyms_of_a_query_are_bounded(archive: Archive) -> None:
    group = ", ".join(f"w{number} {'x ' * 19}" for number in range(49))
    with pytest.raises(QueryError, match="more than 1,000 words"):
        archive.search("a b c", synonyms=Synonyms.parse(f"a, {group}\nb, {group}"))


# The command line


def test_the_command_line_says_what_was_found_too(archive: Archive, tmp_path: Path) -> None:
    index = ["--index", str(archive.path)]
    shown = run("search", "TIP", *index)
    assert 'TIP also finds "trafficking in persons" (defined in 2 paragraphs); not with --no-acronyms\n' in shown.stderr
    off = run("search", "TIP", "--no-acronyms", *index)
    assert "also finds" not in off.stderr
    answer = json.loads(run("search", "TIP", "-f", "json", *index).stdout)
    assert answer["expansions"][0]["variants"][0]["paragraphs"] == 2
    path = tmp_path / "own.txt"
    path.write_text("iceberg, berg\n", encoding="utf-8")
    own = run("search", "berg", "--synonyms", str(path), *index)
    assert "berg also finds iceberg\n" in own.stderr
    assert own.returncode == 0
    path.write_text("iceberg\n", encoding="utf-8")
    wrong = run("search", "berg", "--synonyms", str(path), *index)
    assert wrong.returncode == 2
    assert f"{path}, line 1: expected words or phrases" in wrong.stderr


# The list of acronyms


def naive(cables: Sequence[Cable], clearance: str | None) -> list[tuple[str, str, int, str | None]]:
    """Return what a person would count: (short form, long form in small letters, paragraphs, first day)."""
    counts: Counter[tuple[str, str]] = Counter()
    days: dict[tuple[str, str], str] = {}
    for made in cables:
        view = made.view(None if clearance is None else Clearance.parse(clearance))
        for paragraph in view.paragraphs if view else ():
            pairs = re.findall(r"([A-Za-z' -]+?) \(([A-Z]+)s?\)", paragraph.text)
            for pair in {(short, long.strip().lower().removesuffix("s")) for long, short in pairs}:
                counts[pair] += 1
                if view and view.date:
                    day = view.date.date().isoformat()
                    days[pair] = min(days.get(pair, day), day)
    return sorted((short, long, count, days.get((short, long))) for (short, long), count in counts.items())


LISTED = [
    cable(
        "73A1", "trade union list (TUL)", ("S", "treaty usage law (TUL)"), date=utc(1973, 2, 1), classification="SECRET"
    ),
    cable(
        "69A2",
        ("U", "Trade union lists (TULs)"),
        "Open Door Office (ODO)",
        date=utc(1969, 7, 1),
        classification="SECRET",
    ),
    cable("74A3", "open door office (ODO), Open door office (ODO)", "nothing here", date=None),
    cable("74A4", "old letters (OL)", date=None),
]


@pytest.mark.parametrize("clearance", [None, "UNCLASSIFIED", "SECRET"])
def test_the_list_has_what_visible_paragraphs_define(make: Make, clearance: str | None) -> None:
    archive = make(*LISTED)
    answer = (archive if clearance is None else archive.lowered(clearance)).acronyms()
    found = sorted(
        (entry.short, entry.long.lower().removesuffix("s"), entry.paragraphs, entry.first_date) for entry in answer
    )
    assert found == naive(LISTED, clearance)
    assert answer.total == len(answer)
    assert [entry.paragraphs for entry in answer] == sorted((entry.paragraphs for entry in answer), reverse=True)


def test_the_list_is_the_same_however_cables_are_spread_over_segments(make: Make, tmp_path: Path) -> None:
    with mock.patch.multiple(writer, _SMALL=0, _MERGE_WIDTH=9):
        spread = make(LISTED[0])
        for number in (3, 1, 2):
            spread.index([write_cables(tmp_path / f"{number}.jsonl", [LISTED[number]])])
        assert len(embedded(spread._reading.reader).snapshot.segments) > 1
        assert spread.acronyms() == make(*LISTED).acronyms()
        assert spread.search("ODO").expansions == make(*LISTED).search("ODO").expansions


def test_a_list_can_be_of_a_query_and_limited(make: Make) -> None:
    archive = make(*LISTED)
    assert [entry.short for entry in archive.acronyms("treaty")] == ["TUL"]
    answer = archive.acronyms("union", group="cable", limit=1)
    assert (answer.total, answer.matches, len(answer)) == (3, 2, 1)
    assert archive.acronyms("zorblax").matches == 0
    assert [entry.short for entry in archive.acronyms(until=1970)] == ["ODO", "TUL"]
    with pytest.raises(ValueError, match="limit"):
        archive.acronyms(limit=-1)


def test_the_list_of_cables_has_nothing_of_their_hidden_paragraphs(make: Make) -> None:
    made = cable("09A1", ("U", "treaty"), ("S", "trade union list (TUL)"), ("U", "old letters (OL)"))
    archive = make(made).lowered("UNCLASSIFIED")
    assert [entry.short for entry in archive.acronyms("treaty", group="cable")] == ["OL"]


def test_the_command_lists_acronyms_in_each_format(make: Make) -> None:
    index = ["--index", str(make(*LISTED).path)]
    text = run("acronyms", *index)
    assert text.stdout.splitlines()[0] == "ODO  open door office  2 paragraphs  first 1969-07-01"
    assert run("acronyms", "--limit", "1", *index).stderr == "Showing 1 of 4 acronyms; --limit all shows all\n"
    answer = json.loads(run("acronyms", "old", "-f", "json", *index).stdout)
    expected = {"short": "OL", "long": "old letters", "paragraphs": 1, "first_date": None}
    assert answer == {"version": 1, "total": 1, "matches": 1, "acronyms": [expected]}
    assert run("acronyms", "old", "-f", "csv", *index).stdout == "short,long,paragraphs,first_date\nOL,old letters,1,\n"
    none = run("acronyms", "nothing", *index)
    assert (none.returncode, none.stderr) == (1, "No acronyms are defined in the 1 paragraph that match.\n")
    unknown = run("acronyms", "zorblax", *index)
    assert (unknown.returncode, unknown.stderr) == (1, "No paragraphs match.\n")


def test_an_empty_archive_and_an_older_one_define_nothing(make: Make, tmp_path: Path) -> None:
    assert make().acronyms().total == 0
    path = shutil.copytree(DATA / "archive-v4", tmp_path / "old")
    with cablesearch.open(path) as archive:
        assert archive.acronyms().total == 0
        assert archive.search('TIP OR "united nations"').expansions == ()
    shown = run("acronyms", "--index", str(path))
    assert "No acronyms are defined" in shown.stderr
    assert "Fill with: cablesearch reindex" in shown.stderr


def test_what_a_definition_holds_cannot_command_the_terminal(make: Make) -> None:
    archive = make(cable("09A1", "open \x1b[31mdoor office\x07 (ODO)", "ODO", "open door\u202e office (ODO)"))
    shown = run("acronyms", "--index", str(archive.path))
    assert "ODO" in shown.stdout
    assert not {"\x1b", "\x07", "\u202e"} & set(
        shown.stdout + run("search", "ODO", "--index", str(archive.path)).stderr
    )
