"""Related paragraphs and cables: those that have the words which set one apart, and never the cable itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from cablesearch.archive import Archive
from cablesearch.cable import Cable
from cablesearch.errors import UnknownCableError
from tests.support.cables import cable
from tests.support.running import run

Make = Callable[..., Archive]

BOILERPLATE = "the embassy has the honor to report to the department"


def archive_with(make: Make, *cables: Cable) -> Archive:
    """Return an archive of cables among many that have nothing but boilerplate."""
    return make(*cables, *(cable(f"74Z{number}", f"{BOILERPLATE} {number}") for number in range(60)))


def citations(archive: Archive, reference: str) -> list[str]:
    return [hit.citation for hit in archive.related(reference, limit=None)]


FISH = cable("74A1", f"{BOILERPLATE} on cod quotas", f"{BOILERPLATE} on wheat", classification="SECRET")


def test_words_that_set_a_text_apart_count_and_not_the_boilerplate(archive_of: Make) -> None:
    archive = archive_with(
        archive_of,
        FISH,
        cable("74B1", "a dispute over cod quotas"),
        cable("74C1", "cod"),
        cable("74D1", f"{BOILERPLATE} {BOILERPLATE}"),
        cable("74E1", "wheat and cod"),
    )
    assert citations(archive, "74A1¶1")[0] == "74B1 ¶1"
    assert set(citations(archive, "74A1¶1")) == {"74B1 ¶1", "74C1 ¶1", "74E1 ¶1"}
    assert set(citations(archive, "74A1¶2")) == {"74E1 ¶1"}
    assert {hit.cable for hit in archive.related("74A1", limit=None)} == {"74B1", "74C1", "74E1"}


def test_words_of_the_form_of_cables_relate_nothing_in_a_small_archive(archive_of: Make) -> None:
    archive = archive_of(
        cable("09A1", "Summary: cod quotas. End Summary. SIPDIS"),
        cable("09B1", "Summary: wheat. End Summary. SIPDIS"),
        cable("09C1", "We fish for cod."),
    )
    assert citations(archive, "09A1¶1") == ["09C1 ¶1"]
    assert citations(archive, "09B1¶1") == []


def test_the_unit_is_that_of_the_reference_unless_it_is_given(archive_of: Make) -> None:
    archive = archive_with(archive_of, FISH, cable("74B1", "cod quotas", "cod", "cod"))
    assert archive.related("74A1").total == archive.related("74A1¶1", group="cable").total == 1
    assert archive.related("74A1¶1").total == archive.related("74A1", group="paragraph").total == 3


def test_filters_limit_and_offset_hold(archive_of: Make) -> None:
    archive = archive_with(
        archive_of, FISH, cable("74B1", "cod quotas", origin="Embassy Cairo"), cable("74C1", "cod", tags=["PREL"])
    )
    assert [hit.cable for hit in archive.related("74A1¶1", origins="cairo")] == ["74B1"]
    assert [hit.cable for hit in archive.related("74A1¶1", tags="PREL")] == ["74C1"]
    assert [hit.cable for hit in archive.related("74A1¶1", limit=1, offset=1)] == ["74C1"]
    assert archive.related("74A1¶1", limit=0).total == 2


@pytest.mark.parametrize(
    "name",
    [
        "10A1",
        "10AITTAIPEI5",
        "10BEIJING0030",
        "frus1930v01/d274",
        "10A1\u00b62",
        'a "b" c',
        "a\u201eb",
        "a\uff02b",
        "10\uff21\uff12",
        "x*?y",
        "A:B(C)^2",
    ],
)
def test_a_cable_is_never_related_to_itself(archive_of: Make, name: str) -> None:
    made = cable(name, "cod quotas", "cod")
    archive = archive_with(archive_of, made, cable("74B1", "cod quotas"))
    for reference in (name, f"{name}@1"):
        assert [hit.cable for hit in archive.related(reference)] == ["74B1"]


def test_nor_to_a_cable_with_the_same_canonical_id(archive_of: Make) -> None:
    made = replace(cable("10BEIJING0030", "cod quotas"), reference_id="10BEIJING30")
    archive = archive_with(archive_of, made, cable("10BEIJING30", "cod quotas"), cable("74B1", "cod quotas"))
    for reference in ("10BEIJING0030", "10BEIJING30"):
        assert [hit.cable for hit in archive.related(reference)] == ["74B1"]


def test_the_query_can_be_asked_again(archive_of: Make) -> None:
    archive = archive_with(archive_of, FISH, cable("74B1", "cod quotas"), cable("74C1", "cod"))
    text = archive.related_query("74A1¶1")
    results = archive.related("74A1¶1")
    assert results.query == text
    assert [(hit.citation, hit.score) for hit in archive.search(text)] == [(hit.citation, hit.score) for hit in results]


def test_rare_words_count_more_than_common_ones(archive_of: Make) -> None:
    common = " ".join(f"wheat{number}" for number in range(45))
    archive = archive_with(
        archive_of,
        cable("74A1", f"{common} zander"),
        cable("74B1", "zander"),
        *(cable(f"74C{n}", common) for n in (1, 2)),
    )
    query = archive.related_query("74A1")
    assert '"zander"' in query
    assert query.count("wheat") == 39


@pytest.mark.parametrize("text", ["COD QUOTAS", "cod", "CÓD", "the cod-quotas of the U.S."])
def test_other_ways_to_write_are_found(archive_of: Make, text: str) -> None:
    archive = archive_with(archive_of, cable("74A1", text), cable("74B1", "Cod quotas"))
    assert [hit.cable for hit in archive.related("74A1¶1")] == ["74B1"]


def test_scripts_without_blanks_are_compared_by_two_characters(archive_of: Make) -> None:
    archive = archive_with(
        archive_of, cable("74A1", "北京大学"), cable("74B1", "他在北京"), cable("74C1", "京北"), cable("74D1", "大学")
    )
    assert {hit.cable for hit in archive.related("74A1")} == {"74B1", "74D1"}


@pytest.mark.parametrize("text", ["the of and", "42 1979", "---", BOILERPLATE, "hapaxlegomenon"])
def test_where_no_word_sets_a_text_apart_nothing_is_related(archive_of: Make, text: str) -> None:
    archive = archive_with(archive_of, cable("74A1", text), cable("74B1", "cod quotas"))
    assert archive.related_query("74A1¶1") == ""
    assert (archive.related("74A1¶1").total, len(archive.related("74A1"))) == (0, 0)
    result = run("related", "74A1¶1", "--index", archive.path)
    assert (result.returncode, result.stdout) == (1, "")
    assert "No word sets 74A1¶1 apart, so nothing can be related to it." in result.stderr
    assert json.loads(run("related", "74A1", "-f", "json", "--index", archive.path).stdout)["hits"] == []


def test_hidden_text_relates_to_nothing(archive_of: Make) -> None:
    made = cable("74A1", ("U", "cod"), ("S", "wheat"), classification="UNCLASSIFIED")
    archive = archive_with(
        archive_of, made, cable("74B1", "wheat"), cable("74C1", ("S", "cod"), classification="SECRET")
    )
    low = archive.lowered("UNCLASSIFIED")
    assert {hit.cable for hit in archive.related("74A1")} == {"74B1", "74C1"}
    assert low.related("74A1").total == 0
    assert low.related_query("74A1") == ""
    for reference in ("74A1¶2", "74C1"):
        with pytest.raises(UnknownCableError):
            low.related(reference)


def test_a_cable_with_many_paragraphs_is_compared_by_some_of_them(archive_of: Make) -> None:
    long = cable("74A1", *(f"cod quotas in zone x{number} wheat{number}" for number in range(2500)))
    archive = archive_with(archive_of, long, cable("74B1", "cod"))
    assert len(archive.related_query("74A1")) < 20_000
    assert [hit.cable for hit in archive.related("74A1")] == ["74B1"]


# The command


def test_the_command_prints_what_the_method_returns(archive_of: Make) -> None:
    archive = archive_with(archive_of, FISH, cable("74B1", "cod quotas", "wheat"), cable("74C1", "cod"))
    for reference in ("74A1", "74A1¶1"):
        printed = json.loads(run("related", reference, "-f", "json", "--index", archive.path).stdout)
        expected = archive.related(reference).to_json()
        assert printed | {"took_ms": 0} == json.loads(json.dumps(expected | {"took_ms": 0}))
    assert run("related", "74A1", "-f", "ids", "--index", archive.path).stdout.split() == ["74B1", "74C1"]
    assert "1. 74B1 ¶1" in run("related", "74 A 1", "--index", archive.path).stdout


def test_the_command_says_what_the_number_of_results_counts(archive_of: Make) -> None:
    archive = archive_of(
        cable("74A1", "wheat harvest failed"),
        cable("74B1", "wheat failed"),
        cable("74C1", "harvest"),
        cable("74D1", "x"),
    )
    shown = run("related", "74A1", "-n", "1", "--index", archive.path)
    assert "Showing 1 of 2 cables" in shown.stderr
    assert "2 cables have any of 3 words; the first have most of those that are rare" in shown.stderr
    assert "have any of" not in run("related", "74B1", "-n", "1", "--until", "1950", "--index", archive.path).stderr


def test_the_command_says_what_is_wrong(archive_of: Make) -> None:
    archive = archive_with(archive_of, FISH, cable("74B1", "cod quotas"))
    unknown = run("related", "74A2", "--index", archive.path)
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "no cable 74A2 in this archive" in unknown.stderr
    assert run("related", "74A1", "74B1", "--index", archive.path).returncode == 2
    nowhere = run("related", "74A1", "--origin", "nowhere", "--index", archive.path)
    assert nowhere.returncode == 1
    assert "unknown post 'nowhere'" in nowhere.stderr
    early = run("related", "74A1", "--until", "1950", "--index", archive.path)
    assert early.returncode == 1
    assert "No other cable has any of the words that set 74A1 apart." in early.stderr
