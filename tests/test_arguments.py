"""The arguments of the library: what they may be, and the errors for what they may not be."""

from __future__ import annotations

import datetime as dt
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

import cablesearch
from cablesearch.archive import Archive
from cablesearch.cable import Classification, Clearance, Level
from cablesearch.cli import failures
from cablesearch.readers import parse_cable, scan
from cablesearch.request import Group, Sort
from cablesearch.results.facets import FACETS, FacetName
from tests.support.cables import cable
from tests.support.files import BEIJING, ROOT
from tests.support.running import run

Make = Callable[..., Archive]

UTC = dt.timezone.utc
MORNING = dt.datetime(2009, 5, 1, 8, 30, tzinfo=UTC)
LATEST = dt.datetime.max.replace(tzinfo=dt.timezone(dt.timedelta(hours=-5)))


def ids(archive: Archive, **arguments: Any) -> list[str]:
    return [hit.cable for hit in archive.search(sort="date", **arguments)]


# One where several are expected


def test_one_path_is_one_source(tmp_path: Path) -> None:
    with cablesearch.create(tmp_path / "archive") as archive:
        assert archive.index(str(BEIJING)).added == 1
        assert archive.index(BEIJING).unchanged == 1
        assert archive.index([BEIJING, str(BEIJING)]).unchanged == 2
        assert archive.index(path for path in [BEIJING]).unchanged == 1
        assert archive.index([]).taken == 0
    assert len(list(scan(BEIJING))) == len(list(scan(str(BEIJING)))) == len(list(scan([BEIJING]))) == 1


@pytest.mark.parametrize("sources", [b"cables", [b"cables"], 5, None, [None], {1: 2}])
def test_what_is_not_a_path_is_no_source(beijing: Archive, sources: Any) -> None:
    for read in (beijing.index, scan):
        with pytest.raises(TypeError, match="sources must be a path or several paths"):
            read(sources)


def test_an_open_file_is_not_several_sources(beijing: Archive) -> None:
    with BEIJING.open() as file, pytest.raises(TypeError, match="sources must be a path or several paths, not <"):
        beijing.index(file)


def test_one_id_removes_one_cable(archive_of: Make) -> None:
    archive = archive_of(cable("10A1", "china"), cable("10A2", "china"))
    assert archive.remove("10A1") == []
    assert archive.remove("10A1") == ["10A1"]
    assert archive.remove(iter(["10A2", "10A3"])) == ["10A3"]
    for wrong in (b"10A2", [b"10A2"], 5, None):
        with pytest.raises(TypeError, match="references must be a string or several strings"):
            archive.remove(wrong)  # type: ignore[arg-type]


def test_one_string_is_one_filter_and_one_facet(beijing: Archive) -> None:
    one = beijing.search(tags="PHUM", origins="beijing", classifications=">=SBU", facets="tags")
    several = beijing.search(tags=["PHUM"], origins=("beijing",), classifications={">=SBU"}, facets=iter(["tags"]))  # type: ignore[arg-type]
    assert one.total == several.total > 0
    assert one.facets == several.facets
    assert one.facets["tags"]


def test_one_control_is_not_its_letters() -> None:
    assert Clearance(Level.SECRET, "NOFORN") == Clearance.parse("SECRET//NOFORN")  # type: ignore[arg-type]
    assert Classification(Level.SECRET, "NOFORN") == Classification.parse("S//NF")  # type: ignore[arg-type]


# Wrong arguments


@pytest.mark.parametrize("clearance", ["FULL", "SBU"])
@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("text", None, "must be a string, not None"),
        ("text", b"x", "must be a string, not b'x'"),
        ("limit", "5", "must be a whole number, not '5'"),
        ("limit", 2.5, "must be a whole number, not 2.5"),
        ("limit", True, "must be a whole number, not True"),
        ("offset", None, "must be a whole number, not None"),
        ("tags", 5, "must be a string or several strings, not 5"),
        ("tags", b"PHUM", "must be a string or several strings, not b'PHUM'"),
        ("origins", [b"cairo"], "must be a string or several strings, but one of them is b'cairo'"),
        ("classifications", None, "must be a string or several strings, not None"),
        ("facets", [1], "must be a string or several strings, but one of them is 1"),
        ("since", 2009.5, "must be a string, a year or a date, not 2009.5"),
        ("until", True, "must be a string, a year or a date, not True"),
        ("sort", 1, "must be 'relevance', 'date', '-date' or 'citations', not 1"),
        ("group", None, "must be 'paragraph' or 'cable', not None"),
    ],
)
def test_an_argument_of_the_wrong_type_is_named(
    beijing: Archive, clearance: str, name: str, value: object, allowed: str
) -> None:
    arguments: dict[str, Any] = {"text": "china", name: value}
    with cablesearch.open(beijing.path, clearance=clearance) as archive:
        with pytest.raises(TypeError) as raised:
            archive.search(**arguments)
        assert str(raised.value) == f"{name} {allowed}"
        if name not in ("limit", "offset", "facets"):
            with pytest.raises(TypeError, match=f"^{name} must be"):
                archive.iter_all(**arguments)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("sort", "score", "sort must be 'relevance', 'date', '-date' or 'citations', not 'score'"),
        ("group", "cables", "group must be 'paragraph' or 'cable', not 'cables'"),
        ("limit", -1, "limit must be at least 0, not -1"),
        ("offset", -1, "offset must be at least 0, not -1"),
        ("since", 0, "since must be a year from 1 to 9999, not 0"),
        ("until", 20101, "until must be a year from 1 to 9999, not 20101"),
        ("since", LATEST, "since is outside of the calendar: 9999-12-31 23:59:59.999999-05:00"),
        ("facets", "size", "unknown facet 'size'; did you mean signer?; choose from: tags, origin"),
        ("sort", "x" * 1000, "sort must be 'relevance', 'date', '-date' or 'citations', not 'xxx"),
    ],
)
def test_a_value_that_is_not_allowed_is_named_with_those_that_are(
    beijing: Archive, name: str, value: object, message: str
) -> None:
    arguments: dict[str, Any] = {"text": "china", name: value}
    with pytest.raises(ValueError, match=re.escape(message)) as raised:
        beijing.search(**arguments)
    assert len(str(raised.value)) < 260


def test_references_and_queries_are_strings(beijing: Archive) -> None:
    for reference in (1, None, b"10BEIJING30"):
        with pytest.raises(TypeError, match=r"^reference must be a string"):
            beijing.show(reference)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^text must be a string"):
        beijing.export(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [False, 0, Level.UNCLASSIFIED, Level.SECRET, ["SBU"], b"SBU"])
def test_a_clearance_of_the_wrong_type_never_opens_an_archive(beijing: Archive, wrong: Any) -> None:
    for use in (
        lambda: cablesearch.open(beijing.path, clearance=wrong),
        lambda: cablesearch.create(beijing.path, clearance=wrong),
        lambda: cablesearch.create(beijing.path, default_clearance=wrong),
        lambda: cablesearch.repair(beijing.path, beijing.path / "x", clearance=wrong),
        lambda: beijing.lowered(wrong),
    ):
        with pytest.raises(TypeError, match="a clearance must be a string such as 'SECRET//NOFORN' or a Clearance"):
            use()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"jobs": 0}, ValueError, "jobs must be at least 1, not 0"),
        ({"jobs": "2"}, TypeError, "jobs must be a whole number, not '2'"),
        ({"memory": "512M"}, TypeError, "memory must be a whole number, not '512M'"),
        ({"collection": 5}, TypeError, "collection must be a string, not 5"),
        ({"columns": "id=mrn"}, TypeError, "columns must be a mapping, not 'id=mrn'"),
        ({"paths": {"id": 5}}, TypeError, "paths must map strings to strings, but has 5"),
    ],
)
def test_indexing_names_wrong_arguments(
    beijing: Archive, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error) as raised:
        beijing.index(BEIJING, **arguments)
    assert str(raised.value) == message


def test_what_indexing_calls_is_checked_before_it_starts(beijing: Archive) -> None:
    for name in ("progress", "on_trouble"):
        with pytest.raises(TypeError, match=f"{name} must be a function, not 5"):
            beijing.index(BEIJING, **{name: 5})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"rejects must be a text file open for writing, not 'r.jsonl'"):
        beijing.index(BEIJING, rejects="r.jsonl")  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [b"cables", 5, None, ["cables"]])
def test_a_path_of_the_wrong_type_is_named(beijing: Archive, tmp_path: Path, wrong: Any) -> None:
    uses: list[tuple[str, Callable[[], object]]] = [
        ("path", lambda: cablesearch.open(wrong)),
        ("path", lambda: cablesearch.create(wrong)),
        ("source", lambda: cablesearch.repair(wrong, tmp_path)),
        ("target", lambda: cablesearch.repair(beijing.path, wrong)),
        ("target", lambda: beijing.backup(wrong)),
    ]
    for name, use in uses:
        with pytest.raises(TypeError, match=f"{name} must be a path, not"):
            use()
    with pytest.raises(TypeError, match="archive must be an Archive, not"):
        cablesearch.whoosh_reader(wrong)


def test_a_clearance_has_a_level() -> None:
    with pytest.raises(TypeError, match=r"must be a Level such as Level.SECRET, not 'SECRET'"):
        Clearance("SECRET")  # type: ignore[arg-type]


# Dates


@pytest.mark.parametrize(
    "date",
    [
        "2009-05-01T08:30",
        MORNING,
        MORNING.replace(tzinfo=None),
        MORNING.replace(second=59, microsecond=5),
        MORNING.astimezone(dt.timezone(dt.timedelta(hours=8))),
    ],
)
def test_a_moment_is_in_utc_and_taken_to_the_minute(archive_of: Make, date: str | dt.datetime) -> None:
    before, after = MORNING - dt.timedelta(minutes=1), MORNING + dt.timedelta(minutes=1)
    archive = archive_of(
        cable("10A1", "china", date=before), cable("10A2", "china", date=MORNING), cable("10A3", "china", date=after)
    )
    assert ids(archive, since=date) == ["10A2", "10A3"]
    assert ids(archive, until=date) == ["10A1", "10A2"]
    assert ids(archive, since=date, until=date) == ["10A2"]


@pytest.mark.parametrize("day", ["2009-05-01", dt.date(2009, 5, 1)])
@pytest.mark.parametrize("year", ["2009", 2009, np.int64(2009)])
def test_a_day_and_a_year_include_all_of_themselves(archive_of: Make, day: str | dt.date, year: Any) -> None:
    dates = [dt.datetime(2008, 12, 31, 23, 59), dt.datetime(2009, 5, 1), dt.datetime(2009, 5, 1, 23, 59)]
    dates += [dt.datetime(2009, 12, 31, 23, 59), dt.datetime(2010, 1, 1)]
    archive = archive_of(
        *(cable(f"10A{number}", "china", date=date.replace(tzinfo=UTC)) for number, date in enumerate(dates)),
        cable("10A9", "china", date=None),
    )
    assert ids(archive, since=day, until=day) == ["10A1", "10A2"]
    assert ids(archive, since=year, until=year) == ["10A1", "10A2", "10A3"]
    assert ids(archive, since=year) == ["10A1", "10A2", "10A3", "10A4"]
    assert ids(archive, until=year) == ["10A0", "10A1", "10A2", "10A3"]
    assert ids(archive, since=year, until=day) == ["10A1", "10A2"]


def test_a_cable_that_is_given_a_date_has_it_in_utc(archive_of: Make) -> None:
    east = dt.timezone(dt.timedelta(hours=8))
    for date in (MORNING, MORNING.replace(tzinfo=None), MORNING.astimezone(east)):
        made = parse_cable("", "1. (U) Rain fell.", cable_id="10A1", classification="UNCLASSIFIED", date=date)
        assert made.date == MORNING
        assert made.date.tzinfo is UTC
        assert ids(archive_of(made), since=MORNING) == ["10A1"]


# Errors in filters speak of arguments; the command line makes options of them


@pytest.mark.parametrize(
    ("name", "value", "lines", "option"),
    [
        ("since", "soon", ["'soon' is not a date; write 2009, 2009-11 or 2009-11-20", "since='soon'"], "--since soon"),
        ("until", "2009-13", ["2009-13 is not in the calendar; write 2009, 2009-11 or 2009-11-20"], "--until 2009-13"),
        ("tags", "", ["a value is missing", "tags=''"], "--tag "),
        ("origins", "!", ["expected the name of a post, such as origin:beijing", "origins='!'"], "--origin !"),
        ("classifications", "HIGH", ["'HIGH' is not a level; the levels are"], "--classification HIGH"),
    ],
)
def test_an_error_in_a_filter_names_the_argument(
    beijing: Archive, name: str, value: str, lines: list[str], option: str
) -> None:
    with pytest.raises(cablesearch.QueryError) as raised:
        beijing.search("china", **{name: value})  # type: ignore[arg-type]
    error = raised.value
    assert (error.argument, error.query, error.position) == (name, value, 0)
    assert "--" not in str(error)
    shown = str(error).splitlines()
    assert shown[1] == f"  {name}='{value}'"
    assert shown[2].index("^") == shown[1].index("'") + 1
    assert all(line in str(error) for line in lines)
    same = pickle.loads(pickle.dumps(error))
    assert (same.argument, str(same)) == (error.argument, str(error))
    result = run("search", "china", option.split(" ", maxsplit=1)[0], value, "--index", beijing.path)
    assert result.returncode == 2
    assert result.stderr.splitlines()[1] == f"  {option}"
    assert result.stderr.splitlines()[2].index("^") == len(f"  {option}") - len(value)
    assert f"{name}=" not in result.stderr


def test_a_period_that_ends_before_it_begins_is_an_error(beijing: Archive) -> None:
    with pytest.raises(cablesearch.QueryError, match="the period ends before it begins: 2010 to 2009") as raised:
        beijing.search("china", since=2010, until=dt.date(2009, 1, 1))
    assert raised.value.argument == "since"


def test_an_error_in_the_query_names_no_argument(beijing: Archive) -> None:
    with pytest.raises(cablesearch.QueryError) as raised:
        beijing.search("china)", since=2009)
    assert raised.value.argument is None
    with pytest.raises(cablesearch.QueryError, match="20,000 characters") as raised:
        beijing.search("china", tags="x" * 20_001)
    assert raised.value.argument == "tags"


def test_no_message_of_the_library_names_an_option() -> None:
    allowed = ("cablesearch --help", "cablesearch search --help", "qpdf --decrypt")
    lines = [
        f"{path}: {line}"
        for path in (ROOT / "cablesearch").rglob("*.py")
        # The module is a program, too.
        if path != ROOT / "cablesearch" / "cluster" / "roles.py"
        and {"cli", "mcp", "web"}.isdisjoint(path.relative_to(ROOT).parts)
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search("--[a-z]", line) and not any(part in line for part in allowed)
    ]
    assert lines == []


def test_the_command_line_gives_the_options_for_what_the_library_advises(tmp_path: Path) -> None:
    unknown, known = tmp_path / "unknown.csv", tmp_path / "known.csv"
    unknown.write_text("Kennung,Datum,Inhalt\n79OSLO1,5.6.1979,Rain fell on Oslo and then it rained again.\n")
    known.write_text("MRN,Created,Content\n1979OSLO1,1979-06-05,Rain fell on Oslo and then it rained again.\n")
    result = run("index", unknown, known, "--index", tmp_path / "archive")
    assert "; name it with --columns; its columns are: Kennung, Datum, Inhalt" in result.stderr
    assert "body from 'Content'; use --columns to change" in result.stderr
    troubles: list[str] = []
    with cablesearch.create(tmp_path / "other") as archive:
        archive.index([unknown, known], on_trouble=lambda *trouble: troubles.append(trouble[3]))
    assert "; name the column that has it; its columns are: Kennung, Datum, Inhalt" in troubles[0]
    assert troubles[1].endswith("body from 'Content'; other columns can be named")


def test_the_library_has_every_message_that_the_command_line_rewrites() -> None:
    modules = [path for path in (ROOT / "cablesearch").rglob("*.py") if "cli" not in path.relative_to(ROOT).parts]
    texts = "".join(path.read_text(encoding="utf-8") for path in modules)
    assert [advice for advice in failures._REMEDIES if advice not in texts] == []


# Types


def test_the_types_of_choices_name_what_is_allowed() -> None:
    names = {name for facet, entry in FACETS.items() for name in (facet, *entry.aliases)}
    assert set(get_args(FacetName)) == names
    assert (get_args(Sort), get_args(Group)) == (("relevance", "date", "-date", "citations"), ("paragraph", "cable"))


def type_checked(archive: Archive) -> None:
    """Never called. mypy accepts the first calls; of the others, it reports any comment that it does not need."""
    sort: cablesearch.Sort = "date"
    group: cablesearch.Group = "cable"
    facet: cablesearch.FacetName = "year"
    period: cablesearch.Period = 2009
    archive.search("x", sort=sort, group=group, facets=facet, since=period, until=dt.date(2010, 1, 1), limit=None)
    archive.search("x", facets=["tags", "month"], tags="PHUM", since="2009", until=dt.datetime(2010, 1, 1))
    archive.index("a")
    archive.index(Path("a"))
    archive.index(["a", Path("b")])
    archive.remove("10A1")
    archive.search("x", sort="score")  # type: ignore[arg-type]
    archive.search("x", group="cables")  # type: ignore[arg-type]
    archive.search("x", facets="size")  # type: ignore[arg-type]
    archive.search("x", facets=["size"])  # type: ignore[list-item]
    archive.search("x", since=2.5)  # type: ignore[arg-type]
    archive.iter_all("x", sort="best")  # type: ignore[arg-type]
    archive.index(b"a")  # type: ignore[arg-type]
    archive.remove(5)  # type: ignore[arg-type]
