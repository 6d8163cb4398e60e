"""Names: what the rules find in text, how spellings group, and that hidden text changes nothing."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from cablesearch.archive import Archive
from cablesearch.cable import Cable, Clearance, Tag
from cablesearch.names.cable_names import names_by_paragraph, tagged_person
from cablesearch.names.spelling import name_key
from tests.support.cables import cable
from tests.support.files import DATA, write_cables
from tests.support.running import run

Make = Callable[..., Archive]
MARKS = {"persons": "{}", "organizations": "<>", "places": "[]"}
SENTENCES = [line for line in (DATA / "names.txt").read_text("utf-8").splitlines() if line and not line.startswith("#")]


def marked(sentence: str, marks: str) -> list[str]:
    """Return what a sentence has between marks, each once."""
    opening, closing = map(re.escape, marks)
    return list(dict.fromkeys(re.findall(f"{opening}(.*?){closing}", sentence)))


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_names_in_a_sentence_are_those_that_are_marked(sentence: str) -> None:
    text = re.sub(r"[{}<>\[\]]", "", sentence)
    (names,) = names_by_paragraph(cable("09A1", text))
    assert {kind: getattr(names, kind) for kind in MARKS} == {
        kind: marked(sentence, marks) for kind, marks in MARKS.items()
    }


def test_a_long_word_in_small_letters_is_one_word_in_a_text_in_capitals() -> None:
    text = "PRESIDENT NYERERE TOLD THE AMBASSADOR THAT HE WOULD COME. " * 3
    (names,) = names_by_paragraph(cable("79A1", f"HE CALLED THEM counterrevolutionaries. {text}"))
    assert names.persons == ["NYERERE"]


def test_a_paragraph_of_many_names_is_read_in_linear_time() -> None:
    # A quadratic reading would take minutes.
    (names,) = names_by_paragraph(cable("09A1", "NATO and the Central Bank of Kenya met in Paris. " * 20_000))
    assert (names.organizations, names.places) == (["NATO", "Central Bank of Kenya"], ["Paris"])


def test_a_last_name_alone_is_the_full_name_that_the_cable_has() -> None:
    made = cable("09A1", "We saw Karzai.", "President Hamid Karzai spoke.", "Karzai left.")
    assert [names.persons for names in names_by_paragraph(made)] == [["Hamid Karzai"]] * 3


def test_a_last_name_alone_stays_alone_where_two_persons_have_it() -> None:
    made = cable("09A1", "John Kennedy and Robert Kennedy met.", "Kennedy said no.")
    assert names_by_paragraph(made)[1].persons == ["Kennedy"]


def test_persons_in_tags_are_known_in_the_text() -> None:
    made = replace(cable("09A1", "We asked what Clinton thought."), tags=(Tag("CLINTON, HILLARY", "person"),))
    assert names_by_paragraph(made)[0].persons == ["Hillary Clinton"]
    assert tagged_person("OAU") == ""


def test_a_person_in_tags_is_not_doubted_for_a_name_that_begins_with_the_last_name() -> None:
    made = replace(
        cable("79A1", "AGENTS OF MRS. CARTER ZYXX WERE THERE.", "MRS. CARTER ARRIVES AT FIVE."),
        tags=(Tag("CARTER, ROSALYNN", "person"),),
    )
    assert names_by_paragraph(made)[1].persons == ["Rosalynn Carter"]


HIDING = cable(
    "09A1",
    ("U", "We met Bunker on Monday, and Hoyt after that."),
    ("S//NF", "Ambassador Ellsworth Bunker and Mr. Hoyt were paid."),
    ("C", "The Bunker plan was seen by Karzay."),
    ("S", "President Hamid Karzai knows."),
    classification="SECRET//NOFORN",
)


@pytest.mark.parametrize("clearance", ["UNCLASSIFIED", "CONFIDENTIAL", "SECRET", "SECRET//NOFORN"])
def test_names_depend_only_on_text_that_all_readers_of_a_paragraph_may_read(clearance: str) -> None:
    view = HIDING.view(Clearance.parse(clearance))
    assert view is not None
    whole = dict(zip((each.position for each in HIDING.paragraphs), names_by_paragraph(HIDING), strict=True))
    seen = dict(zip((each.position for each in view.paragraphs), names_by_paragraph(view), strict=True))
    assert seen == {position: whole[position] for position in seen}


@pytest.mark.parametrize(
    "spellings",
    [
        ["Karzai", "Karzay", "KARZAI"],
        ["Qadhafi", "Gaddafi", "Qaddafi", "Kadafi", "Gadhafi"],
        ["Mohammed Khatami", "Muhammad Khatami", "Mohamad KHATAMI"],
        ["Yang Jiechi", "YANG JIECHI"],
        ["Rauf Denktaş", "Rauf Denktas"],
        ["Chou En-lai", "Zhou Enlai", "CHOU EN-LAI"],
        ["John F. Kennedy", "John Kennedy"],
        ["Bashar al-Assad", "Bashar Asad", "Bashar al Assad"],
        ["Gerhard Schröder", "Gerhard Schroeder"],
    ],
)
def test_spellings_of_a_name_have_one_key(spellings: list[str]) -> None:
    assert len(set(map(name_key, spellings))) == 1


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("John Kennedy", "Robert Kennedy"),
        ("Gerry", "Kerry"),
        ("Allen", "Ellen"),
        ("Hu Jintao", "Hu Yaobang"),
        ("Rice", "Rose"),
        ("John Cooper", "John Cooper Jr"),
    ],
)
def test_different_persons_have_different_keys(one: str, two: str) -> None:
    assert name_key(one) != name_key(two)


CABLES = [
    cable(
        "09A1",
        ("U", "President Karzai spoke in Kabul."),
        ("S", "President Hamid Karzay spoke."),
        classification="SECRET",
    ),
    cable("09A2", "President Karzay left Kabul with Foreign Minister Yang Jiechi."),
    cable("09A3", "FOREIGN MINISTER YANG JIECHI SAID NATO WOULD STAY.", "Yang Hu Dong spoke to Jiechi Li."),
]


@pytest.fixture
def archive(archive_of: Make) -> Archive:
    return archive_of(*CABLES)


def found(archive: Archive, query: str) -> list[str]:
    return sorted(hit.citation for hit in archive.search(query, limit=None))


def test_a_name_is_searched_by_any_of_its_words_in_any_spelling(archive: Archive) -> None:
    assert found(archive, 'name:"yang jiechi"') == ["09A2 ¶1", "09A3 ¶1"]
    assert found(archive, "name:karzai") == ["09A1 ¶1", "09A1 ¶2", "09A2 ¶1"]
    assert found(archive, 'names:"Hamid KARZAI"') == ["09A1 ¶2"]
    assert found(archive, "name:karz*") == found(archive, "name:karzai")
    assert found(archive, "name:nato") == ["09A3 ¶1"]
    assert found(archive, "name:spoke") == []


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("john kennedy", [1, 2]),
        ("John F. Kennedy", [1, 2]),
        ("KENNEDY, JOHN", [1, 2]),
        ("nouri maliki", [3, 4]),
        ("al-Maliki", [3, 4]),
        ("Maliki, Nouri al-", [3, 4]),
        ("moammar gaddafi", [5]),
        ("ban ki-moon", [6]),
        ("kennedy john", []),
        ("Kennedy,", [1, 2]),
        ("al", [3, 5]),
    ],
)
def test_a_name_is_found_without_articles_and_initials_and_last_name_first(
    archive_of: Make, query: str, numbers: list[int]
) -> None:
    texts = (
        "President John F. Kennedy spoke.",
        "President John Kennedy spoke.",
        "Prime Minister Nouri al-Maliki spoke.",
        "Prime Minister Nouri Maliki spoke.",
        "Colonel Muammar al-Qadhafi spoke.",
        "UN Secretary General Ban Ki-moon spoke.",
    )
    made = archive_of(*(cable(f"09A{number}", text) for number, text in enumerate(texts, 1)))
    assert found(made, f'name:"{query}"') == [f"09A{number} \u00b61" for number in numbers]
    assert len(made.names(kinds="person").names) == 4


def test_a_phrase_does_not_go_from_one_name_to_the_next(archive: Archive) -> None:
    assert found(archive, 'name:"kabul yang"') == []
    assert found(archive, 'name:"dong jiechi"') == []


def test_names_are_counted_with_their_spellings(archive: Archive) -> None:
    answer = archive.names(kinds="person")
    karzai = answer.names[0]
    assert (karzai.name, karzai.count, karzai.kind) == ("Hamid Karzay", 3, "person")
    assert karzai.variants == (("Hamid Karzay", 1), ("Karzai", 1), ("Karzay", 1))
    assert karzai.first_date == karzai.last_date == "2009-05-01T12:00Z"
    yang = answer.names[1]
    assert (yang.name, yang.variants, yang.count) == ("YANG JIECHI", (("YANG JIECHI", 1), ("Yang Jiechi", 1)), 2)
    assert archive.names("kabul", kinds=["place"]).names[0].count == 2


def test_what_is_hidden_neither_names_nor_joins(archive: Archive) -> None:
    answer = archive.lowered("CONFIDENTIAL").names(kinds="person")
    by_name = {name.name: (name.count, name.variants) for name in answer.names}
    assert by_name["Karzai"] == (2, (("Karzai", 1), ("Karzay", 1)))
    assert not any("Hamid" in variant for name in answer.names for variant, _ in name.variants)


def test_facets_count_what_names_counts(archive: Archive) -> None:
    facets = archive.facets("", ["names", "organizations", "places"])
    assert facets["names"] == [(name.name, name.count) for name in archive.names(kinds="person", limit=None).names]
    assert facets["organizations"] == [("NATO", 1)]
    assert facets["places"] == [("Kabul", 2)]
    by_cable = archive.facets("", ["names"], group="cable")["names"]
    assert by_cable[0] == ("Hamid Karzay", 2)


def test_answers_do_not_depend_on_segments_or_order(archive_of: Make, tmp_path: Path) -> None:
    one = archive_of(*CABLES)
    other = archive_of(CABLES[2])
    source = tmp_path / "more.jsonl"
    for made in (CABLES[1], CABLES[0]):
        other.index([write_cables(source, [made])])
    assert one.names(limit=None) == other.names(limit=None)


def test_an_empty_answer_has_no_names(archive_of: Make) -> None:
    archive = archive_of(*CABLES)
    assert archive.names("zebra").names == ()
    assert archive.names("zebra").hits == 0
    printed = run("names", "zebra", "--index", archive.path)
    assert (printed.stdout, printed.returncode) == ("", 1)


def test_the_limit_says_of_how_many(archive: Archive) -> None:
    answer = archive.names(limit=1)
    assert len(answer.names) == 1
    assert answer.total == len(archive.names(limit=None).names) > 1
    with pytest.raises(ValueError, match="limit"):
        archive.names(limit=-1)
    with pytest.raises(ValueError, match="kinds"):
        archive.names(kinds="ship")  # type: ignore[arg-type]


def test_no_names_at_all_are_counted(archive: Archive) -> None:
    result = run("names", "--limit", "0", "--index", archive.path)
    assert result.returncode == 0
    assert result.stdout == ""
    assert f"Showing 0 of {archive.names().total} names; --limit all shows all\n" in result.stderr


def test_the_command_prints_what_the_method_returns(archive: Archive) -> None:
    printed = run("names", "-f", "json", "--limit", "all", "--index", archive.path)
    assert json.loads(printed.stdout) == json.loads(json.dumps(archive.names(limit=None).to_json()))
    table = run("names", "-f", "csv", "--kind", "person", "-n", "1", "--index", archive.path)
    rows = list(csv.DictReader(io.StringIO(table.stdout)))
    assert rows[0]["name"] == "Hamid Karzay"
    assert rows[0]["paragraphs"] == "3"
    assert "--limit all" in table.stderr
    screen = run("names", "--index", archive.path, COLUMNS="70").stdout
    assert "Hamid Karzay" in screen
    assert all(len(line) <= 70 for line in screen.splitlines())


def test_names_that_the_source_marks_are_still_found(archive_of: Make) -> None:
    made: Cable = replace(cable("09A1", "Nothing here."), names=("Augusto Pinochet",))
    archive = archive_of(made)
    assert found(archive, "name:pinochet") == ["09A1 ¶1"]
    assert found(archive, "missing:name") == []


def test_a_name_cannot_command_a_terminal(archive_of: Make) -> None:
    archive = archive_of(cable("09A1", "President Kar\u202ezai and Mr. Bad\x1b[31mman met Mr. Smith."))
    assert "\x1b" not in run("names", "--index", archive.path).stdout
