"""What a search prints in each format, and what it says beside its results."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cablesearch
from cablesearch.answers.csv_table import COLUMNS
from cablesearch.cable import Cable
from cablesearch.results.facets import largest
from tests.support.archives import write
from tests.support.cables import cable
from tests.support.files import BEIJING, write_cables
from tests.support.running import run

FORMS = ["text", "json", "jsonl", "csv", "ids"]
YEARS = [1973, 1974, 1975, 1979, 1980, *range(1990, 2002)]


def made() -> list[Cable]:
    """Return 60 cables of 17 years, most of them of the last, with three paragraphs each, the last of them secret."""
    chance = random.Random(13)
    return [
        cable(
            f"10A{number}",
            ("U", "china trade"),
            ("U", "visa china"),
            ("S", "zephyr china"),
            tags=[f"T{number % 13:02}"],
            date=dt.datetime(YEARS[min(number, 16)], 1, 8, 3, chance.randrange(60), tzinfo=dt.timezone.utc),
        )
        for number in range(60)
    ]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    source = write_cables(folder / "cables.jsonl", made())
    assert run("index", source, "--index", folder / "index").returncode == 0
    return folder / "index"


def search(index: Path, *arguments: str) -> tuple[str, str]:
    """Return the results, and what is said, with the time left out."""
    result = run("search", *arguments, "--index", index)
    return result.stdout, re.sub(r" \(\d+ ms\)\n", "\n", result.stderr)


# Of how many


@pytest.mark.parametrize("form", FORMS)
def test_every_format_says_of_how_many_results_it_shows_a_part(index: Path, form: str) -> None:
    things, total = ("cables", 60) if form == "ids" else ("paragraphs", 180)
    assert search(index, "china", "-f", form)[1] == f"Showing 1-10 of {total} {things}; --limit all shows all\n"
    assert search(index, "china", "-f", form, "-n", "20", "--offset", "5")[1] == (
        f"Showing 6-25 of {total} {things}; --limit all shows the rest\n"
    )
    assert search(index, "china", "-f", form, "--offset", "500")[1] == (
        f"Showing 0 of {total} {things}; --offset 500 skips all of them\n"
    )
    for limit in ("all", "ALL", "5000"):
        said = f"Showing 1-{total} of {total} {things}\n" if form == "text" else ""
        assert search(index, "china", "-f", form, "-n", limit)[1] == said


@pytest.mark.parametrize("group", ["paragraph", "cable"])
def test_all_results_are_those_of_the_pages(index: Path, group: str) -> None:
    base = ("china visa", "--group", group, "-f", "jsonl")
    everything = search(index, *base, "-n", "all")[0]
    pages = [search(index, *base, "-n", "25", "--offset", str(start))[0] for start in range(0, 180, 25)]
    assert everything == "".join(pages) != ""
    assert search(index, *base, "-n", "all", "--offset", "7")[0] == "".join(everything.splitlines(True)[7:])
    assert search(index, *base, "-n", "5000", "--offset", "7")[0] == "".join(everything.splitlines(True)[7:])
    assert search(index, *base[:3], "-f", "json", "-n", "all")[0].count('"cable": ') == len(everything.splitlines())


def test_ids_are_cables_each_once_and_limit_counts_them(index: Path) -> None:
    ids = search(index, "china", "-f", "ids", "-n", "15")[0].splitlines()
    assert len(set(ids)) == len(ids) == 15
    everything = search(index, "china", "-f", "ids", "-n", "all")[0].splitlines()
    assert everything[:15] == ids
    assert search(index, "china", "-f", "ids", "-n", "5", "--offset", "15")[0].splitlines() == everything[15:20]
    hits = [json.loads(line)["cable"] for line in search(index, "china", "-f", "jsonl", "-n", "all")[0].splitlines()]
    assert everything == list(dict.fromkeys(hits))
    assert search(index, "china", "-f", "ids", "-n", "all", "--group", "cable")[0].split() != []


@pytest.mark.parametrize("form", ["text", "jsonl", "ids"])
def test_all_results_for_any_of_the_words_are_those_of_the_pages(index: Path, form: str) -> None:
    everything, said = search(index, "trade zephyr", "--any", "-n", "all", "-f", form)
    pages = [
        search(index, "trade zephyr", "--any", "-n", "50", "--offset", n, "-f", form)[0] for n in ("0", "50", "100")
    ]
    assert everything == "".join(pages)
    assert said == ("Showing 1-120 of 120 paragraphs\n" if form == "text" else "")


@pytest.mark.parametrize("form", FORMS)
def test_every_format_but_json_names_unknown_values_beside_results(index: Path, form: str) -> None:
    said = search(index, "tag:T00 OR tag:T99", "-f", form, "-n", "all")[1]
    assert ("Note: unknown tag 'T99'" in said) == (form != "json")


# Facets


@pytest.mark.parametrize("form", FORMS)
def test_facets_are_shown_in_every_format(index: Path, form: str) -> None:
    out, said = search(index, "china", "-f", form, "--facet", "tags", "--facet", "year", "-n", "all")
    if form == "json":
        facets = json.loads(out)["facets"]
        assert [len(facets[name]) for name in ("tags", "year")] == [13, 17]
        return
    text = out if form == "text" else said
    unit = " (numbers of paragraphs)" if form == "ids" else ""
    assert f"tags{unit}\n         15  T00\n" in text
    assert "             and 3 more (--facet-size all shows all)\n" in text
    assert "             and 7 more (--facet-size all shows all)\n" in text
    plain = search(index, "china", "-f", form, "-n", "all")[0]
    assert out == (plain + text[text.index("tags") :] if form == "text" else plain)


def test_periods_that_have_the_hits_are_shown_in_the_order_of_time(index: Path) -> None:
    out = search(index, "china", "--facet", "year", "--facet-size", "3", "-n", "0")[0]
    assert out.splitlines()[:4] == ["year", "          3  1973", "          3  1974", "        132  2001"]
    answer = search(index, "china", "--facet", "year", "--facet-size", "3", "-n", "0", "-f", "json")
    assert json.loads(answer[0])["facets"] == {"year": [["1973", 3], ["1974", 3], ["2001", 132]]}
    assert "Showing 3 of 17 values of the facet year; --facet-size all shows all\n" in answer[1]


@pytest.mark.parametrize("form", FORMS)
def test_the_size_of_facets_holds_in_every_format(index: Path, form: str) -> None:
    def values(*options: str) -> int:
        out, said = search(index, "china", "--facet", "tags", "-n", "0", "-f", form, *options)
        return len(json.loads(out)["facets"]["tags"]) if form == "json" else len(re.findall("  T[0-9]", out + said))

    assert values() == (13 if form == "json" else 10)
    assert [values("--facet-size", size) for size in ("1", "12", "13", "99", "all")] == [1, 12, 13, 13, 13]


@given(st.lists(st.tuples(st.text(), st.integers(0, 5))), st.integers(0, 9))
def test_the_largest_values_keep_their_order(counts: list[tuple[str, int]], size: int) -> None:
    kept, rest = largest(counts, size), list(counts)
    for pair in kept:
        rest.remove(pair)
    assert len(kept) == min(size, len(counts))
    assert not kept or not rest or min(count for _, count in kept) >= max(count for _, count in rest)
    places = iter(counts)
    assert all(pair in places for pair in kept)


# Spreadsheets


def test_csv_has_every_field_of_json_and_the_citation(index: Path) -> None:
    out = search(index, "china", "-f", "csv", "-n", "1")[0]
    (row,) = csv.DictReader(io.StringIO(out))
    (hit,) = json.loads(search(index, "china", "-f", "json", "-n", "1")[0])["hits"]
    assert {*hit} == {*COLUMNS} == {*row}
    assert row["citation"] == f"{hit['cable']} ¶{hit['paragraph']}"


@pytest.mark.parametrize("form", [[], ["-f", "csv"]])
def test_csv_for_spreadsheets(index: Path, tmp_path: Path, form: list[str]) -> None:
    target = tmp_path / "table.csv"
    assert run("search", "china", "--excel", *form, "-n2", "-o", target, "--index", index).returncode == 0
    data = target.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfcable,paragraph,position,citation,")
    assert data.count(b"\r\n") == data.count(b"\n") == 3
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    plain = list(csv.DictReader(io.StringIO(search(index, "china", "-f", "csv", "-n2")[0])))
    for row, other in zip(rows, plain, strict=True):
        assert re.fullmatch(r"\d{4}-01-08 03:\d\d", row["date"])
        assert row | {"date": row["date"].replace(" ", "T") + "Z"} == other


def test_texts_that_spreadsheets_cut_are_reported(tmp_path: Path) -> None:
    long = [cable(f"10A{number}", ("U", "china " * 6_000)) for number in (1, 2)]
    source = write_cables(tmp_path / "cables.jsonl", [*long, cable("10A3", ("U", "china"), date=None)])
    assert run("index", source, "--index", tmp_path / "index").returncode == 0
    out, said = search(tmp_path / "index", "china", "--excel")
    assert said == "Too long for a cell of a spreadsheet, which may cut it: text of 2 results\n"
    rows = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"))))
    assert [row["date"] for row in rows if row["cable"] == "10A3"] == [""]
    assert search(tmp_path / "index", "china", "-f", "csv")[1] == ""


def test_a_table_for_spreadsheets_is_csv(index: Path) -> None:
    for form in ("json", "text", "ids"):
        refused = run("search", "china", "--excel", "-f", form, "--index", index)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "--excel needs --format csv" in refused.stderr


# Nothing, and ids


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("arguments", [["china"], ["*"], ["10A1"], ["china", "--facet", "tags"]])
def test_an_empty_archive_says_so_also_if_all_of_it_is_hidden(tmp_path: Path, form: str, arguments: list[str]) -> None:
    place, answers = tmp_path / "archive", []
    for content in ([], [cable("10A1", ("S", "china"), classification="SECRET", subject="china")]):
        with cablesearch.create(place) as archive:
            archive.index([write_cables(tmp_path / "cables.jsonl", content)])
        answer = run("search", *arguments, "-f", form, "--index", place, "--clearance", "SBU")
        answers.append((answer.returncode, re.sub('"took_ms": [0-9.]+', "", answer.stdout), answer.stderr))
        exported = run("export", "--index", place, "--clearance", "SBU")
        assert (exported.returncode, exported.stdout, exported.stderr) == (1, "", answer.stderr)
        place.rename(tmp_path / f"archive-{len(answers)}")
    assert answers[0] == answers[1]
    assert answers[0][0] == 1
    assert answers[0][2] == f"The archive is empty: {place}. Add cables with: cablesearch index SOURCE\n"


def test_an_empty_archive_says_how_to_add_cables(tmp_path: Path) -> None:
    cablesearch.create(tmp_path / "archive").close()
    said = run("search", "china", "--index", tmp_path / "archive").stderr
    assert said == f"The archive is empty: {tmp_path / 'archive'}. Add cables with: cablesearch index SOURCE\n"


@pytest.mark.parametrize("form", FORMS)
def test_every_format_says_that_nothing_matches(index: Path, form: str) -> None:
    out, said = search(index, "chinna", "-f", form)
    if form == "json":
        assert (json.loads(out)["suggestion"], said) == ("china", "")
    else:
        assert said == "No paragraphs match; did you mean: china\n"
    assert run("export", "chinna", "--index", index).stderr == "No cables match.\n"


@pytest.fixture(scope="module")
def beijing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("beijing") / "index"
    assert run("index", BEIJING, "--index", directory).returncode == 0
    return directory


@pytest.mark.parametrize("form", FORMS)
def test_quiet_says_only_that_a_part_is_shown(beijing: Path, form: str) -> None:
    total = 1 if form == "ids" else 10
    assert search(beijing, "china", "-f", form, "-q", "-n", "all")[1] == ""
    if total > 1:
        said = search(beijing, "china", "-f", form, "-q", "-n", "2")[1]
        assert said == f"Showing 1-2 of {total} paragraphs; --limit all shows all\n"


@pytest.mark.parametrize(
    ("query", "reference"),
    [
        (["10BEIJING30"], "10BEIJING30"),
        (["10", "BEIJING", "30"], "10BEIJING30"),
        ([" 10beijing000030 "], "10BEIJING30"),
        (["\u200b10BEIJING30\u00b64\ufeff"], "10BEIJING30\u00b64"),
        (["10BEIJING30¶4"], "10BEIJING30¶4"),
        (["10BEIJING30 ¶4"], "10BEIJING30¶4"),
        (["10BEIJING30", "@4"], "10BEIJING30@4"),
        (["10BEIJING30¶44"], "10BEIJING30"),
        (["10BEIJING30, ¶4"], "10BEIJING30¶4"),
        (["10BEIJING30."], "10BEIJING30"),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_an_id_as_a_query_offers_the_cable(beijing: Path, query: list[str], reference: str, form: str) -> None:
    offer = f"To read {reference}: cablesearch show {reference}"
    said = search(beijing, *query, "-f", form)[1].splitlines()
    assert said[-1] == offer
    assert run("show", reference, "--index", beijing).returncode == 0


@pytest.mark.parametrize(
    "query", ["10BEIJING31", "china", "china 2010", "30", "id:10BEIJING30", '"10BEIJING30"', "10BEIJING30 china"]
)
def test_nothing_else_offers_a_cable(beijing: Path, query: str) -> None:
    assert "cablesearch show" not in search(beijing, query)[1]


@pytest.mark.parametrize("query", ["10BEIJING31", "10 BEIJING 31", "10beijing31", "10BEIJING31¶4", "10BEIJING31,"])
@pytest.mark.parametrize("form", FORMS)
def test_an_unknown_id_as_a_query_is_said_to_be_unknown(beijing: Path, query: str, form: str) -> None:
    said = search(beijing, query, "-f", form)[1].splitlines()[-1]
    name = query.rstrip(",").partition("¶")[0].replace(" ", "")
    assert said == f"No cable {name} in this archive; did you mean 10BEIJING30?"


@pytest.mark.parametrize(
    "query", ["2010 Beijing 31", "covid19", "31", "10 downing 31", "A" * 119 + "1", "10" + " A" * 59]
)
def test_other_words_with_numbers_are_not_said_to_be_unknown_ids(beijing: Path, query: str) -> None:
    assert "No cable" not in search(beijing, query)[1]


def test_a_hidden_cable_is_not_offered(tmp_path: Path) -> None:
    source = write_cables(tmp_path / "cables.jsonl", [cable("10A1", ("S", "x")), cable("10A2", ("U", "x"))])
    assert run("index", source, "--index", tmp_path / "index").returncode == 0
    for name, offered in (("10A1", False), ("10A2", True)):
        said = run("search", name, "--index", tmp_path / "index", "--clearance", "SBU").stderr
        assert ("cablesearch show" in said) == offered


def test_a_facet_without_values_says_so(tmp_path: Path) -> None:
    write(tmp_path, [cable("09A1", "china trade")])
    found = search(tmp_path / "archive", "china", "--facet", "tags")[0]
    assert "tags\n             none of the results has a value\n" in found
    assert "tags" not in "".join(search(tmp_path / "archive", "nowhere", "--facet", "tags"))
