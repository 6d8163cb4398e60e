"""The library as a program or a notebook uses it: results, all hits, cables by id, and how they are shown."""

from __future__ import annotations

import datetime as dt
import itertools
import pickle
import re
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import pytest

import cablesearch
from cablesearch.archive import Archive
from cablesearch.cable import Cable
from cablesearch.embedded import hits as embedded_hits
from cablesearch.embedded.records import visible_cables
from cablesearch.errors import CablesearchError, QueryError, UnknownCableError
from cablesearch.request import Group, Sort
from cablesearch.results.hits import Hit
from tests.support.cables import cable
from tests.support.files import BEIJING, write_cables

Make = Callable[..., Archive]

JUNE = dt.datetime(2009, 6, 1, 12, tzinfo=dt.timezone.utc)


@pytest.fixture
def many(archive_of: Make) -> Archive:
    """Return an archive of 60 cables with two paragraphs that match china, in two segments; every third is secret."""
    made = [
        cable(
            f"09A{number}",
            "china " * (number % 7 + 1) + "rain",
            ("S" if number % 3 == 0 else "U", "china and trade"),
            classification="SECRET" if number % 3 == 0 else "UNCLASSIFIED",
            date=None if number == 9 else JUNE + dt.timedelta(days=number % 10),
        )
        for number in range(60)
    ]
    archive = archive_of(*made[:40])
    archive.index(write_cables(archive.path.parent / "more.jsonl", made[40:]))
    return archive


# All hits


def test_a_limit_of_none_and_iter_all_give_all_hits_in_the_order_of_pages(
    many: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_hits, "_FIRST_PART", 3)
    monkeypatch.setattr(embedded_hits, "_LARGEST_PART", 20)
    monkeypatch.setattr(embedded_hits, "_KEPT_CABLES", 5)
    sorts: list[Sort] = ["relevance", "date", "-date"]
    groups: list[Group] = ["paragraph", "cable"]
    for level in ("FULL", "UNCLASSIFIED"):
        with cablesearch.open(many.path, clearance=level) as archive:
            for text, sort, group in itertools.product(["china", "china OR trade", "*", "none"], sorts, groups):
                for filters in ({}, {"since": JUNE + dt.timedelta(days=3)}, {"classifications": "SECRET"}):
                    how: dict[str, Any] = {"sort": sort, "group": group, **filters}
                    whole = archive.search(text, limit=None, **how)
                    assert len(whole) == whole.total
                    assert tuple(archive.iter_all(text, **how)) == whole.hits
                    pages = [archive.search(text, offset=start, limit=7, **how) for start in range(0, 140, 7)]
                    assert tuple(hit for page in pages for hit in page) == whole.hits
                    assert archive.search(text, offset=5, limit=None, **how).hits == whole.hits[5:]
    assert many.search("china", limit=None).total == 120


def test_iter_all_reads_hits_when_they_are_asked_for(many: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def counted(segment: Any, block: int, *given: Any) -> Cable:
        read.append(block)
        return visible_cables.cable_with(segment, block, *given)

    monkeypatch.setattr(embedded_hits, "cable_with", counted)
    hits = many.iter_all("china", sort="date")
    assert read == []
    next(hits)
    assert len(read) == 1
    # The two paragraphs of a cable are neighbours.
    assert len(list(hits)) == 119
    assert len(read) == 60


def test_iter_all_is_over_one_commit(many: Archive) -> None:
    expected = many.search("china", limit=None).hits
    hits = many.iter_all("china")
    first = next(hits)
    with cablesearch.create(many.path) as other:
        other.remove(["09A1", "09A2"])
        other.index(write_cables(many.path.parent / "new.jsonl", [cable("09B1", "china")]))
        other.compact()
    many.reload()
    assert (first, *hits) == expected
    assert many.search("china").total == 117


def test_errors_of_iter_all_are_raised_at_the_call(many: Archive) -> None:
    with pytest.raises(QueryError):
        many.iter_all("china)")
    with pytest.raises(QueryError, match="soon"):
        many.iter_all("china", since="soon")
    assert list(many.iter_all(tags="NONE")) == []


@pytest.mark.parametrize("of", [lambda archive: archive.iter_all("china"), Archive.export, iter])
def test_a_closed_archive_ends_no_iteration_in_silence(many: Archive, of: Callable[[Archive], Any]) -> None:
    answers = of(many)
    next(answers)
    many.close()
    with pytest.raises(CablesearchError, match="the archive is closed"):
        next(answers)
    with pytest.raises(CablesearchError, match="the archive is closed"):
        of(many)


def test_an_iteration_that_is_given_up_releases_the_archive(many: Archive) -> None:
    archive = cablesearch.open(many.path)
    hits = archive.iter_all("china")
    next(hits)
    released = weakref.ref(archive._reading)
    archive.close()
    hits.close()  # type: ignore[attr-defined]
    del hits, archive
    assert released() is None


# Results are a sequence


def test_results_are_a_sequence_of_the_hits_of_their_page(beijing: Archive) -> None:
    results = beijing.search("china", limit=5)
    assert isinstance(results, Sequence)
    assert list(results) == list(results.hits)
    assert (results[0], results[-1]) == (results.hits[0], results.hits[-1])
    assert results[:3] == results.hits[:3]
    assert results[::-1] == tuple(reversed(results))
    assert results[1] in results
    assert results.index(results[1]) == 1
    with pytest.raises(IndexError):
        results[5]


def test_results_can_be_sent_to_another_process(beijing: Archive) -> None:
    results = beijing.search("china", limit=3, facets=["year"])
    assert pickle.loads(pickle.dumps(results)) == results


def test_a_snippet_is_printed_as_its_text(beijing: Archive) -> None:
    snippet = beijing.search("china")[0].snippet
    assert str(snippet) == f"{snippet}" == snippet.plain()


def test_results_are_true_if_the_page_has_a_hit(beijing: Archive) -> None:
    assert beijing.search("china")
    assert not beijing.search("xyzzy")
    # So that results[0] can be read behind "if results:".
    assert not beijing.search("china", limit=0)
    assert not beijing.search("china", offset=1000)


# Cables by id


def test_an_archive_gives_cables_by_id(many: Archive) -> None:
    assert many["09A7"] == many.show("09A7")[0]
    assert many["09a07"].id == "09A7"
    assert "09A7" in many
    assert "09a07" in many
    assert ("09A99" in many, "09A7@1" in many, 7 in many, None in many) == (False,) * 4
    with pytest.raises(TypeError, match="reference must be a string, not 0"):
        many[0]  # type: ignore[index]


def test_the_ids_of_an_archive_come_in_the_order_of_export(many: Archive) -> None:
    assert list(many) == [made.id for made in many.export()]
    assert len(many) == len(list(many)) == 60
    assert list(many)[-1] == "09A9"
    assert dict.fromkeys(many) == {made: None for made in many if made in many}


def test_cables_above_the_clearance_are_not_in_the_archive(archive_of: Make) -> None:
    whole = archive_of(cable("10A1", "china"), cable("10A2", "china", classification="SECRET"))
    with cablesearch.open(whole.path, clearance="SBU") as archive:
        assert (list(archive), len(archive), "10A2" in archive) == (["10A1"], 1, False)
        with pytest.raises(UnknownCableError) as hidden:
            archive["10A2"]
        with pytest.raises(UnknownCableError) as unknown:
            archive["10A3"]
        assert str(hidden.value).replace("10A2", "10A3") == str(unknown.value)


def test_an_unknown_cable_is_a_key_error_with_a_plain_message(many: Archive) -> None:
    for reference in ("09A99", "it's", "\x1b[31m"):
        with pytest.raises(KeyError) as raised:
            many[reference]
        assert isinstance(raised.value, CablesearchError)
        assert str(raised.value).startswith("no cable ")
        assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)
        with pytest.raises(UnknownCableError):
            many.show(reference)
    with pytest.raises(UnknownCableError, match=r"'09A7@1' is a paragraph, not a cable; use archive.show\('09A7@1'\)"):
        many["09A7@1"]


def test_an_archive_is_true_even_if_it_is_empty_or_closed(archive_of: Make) -> None:
    archive = archive_of()
    assert (len(archive), list(archive), bool(archive)) == (0, [], True)
    archive.close()
    assert archive
    with pytest.raises(CablesearchError, match="closed"):
        len(archive)


# How things are shown

LONG = "china " * 2_500
EVIL = "<script>alert(1)</script> & \x1b[31m \u202e china"
IN_CAPITALS = "外交 ДИПЛОМАТИЯ CHINA"


def shown(archive: Archive) -> list[Any]:
    results = archive.search("china", facets=["tags", "origin"], limit=None)
    cables = list(archive.export())
    return [archive, results, *results, *cables, *(part for made in cables for part in made.paragraphs)]


def test_a_repr_is_short_and_on_one_line(archive_of: Make) -> None:
    archive = archive_of(
        cable("10A1", LONG, EVIL, IN_CAPITALS, subject=LONG, tags=["PREL"], origin="x" * 1000),
        cable("10A2", ("S" * 500, EVIL), subject=EVIL, date=None),
    )
    for thing in shown(archive):
        assert len(repr(thing)) < 400
        assert re.fullmatch(r"<(Archive|Results:|Hit|Cable|Paragraph) [^\x00-\x1f\u202e]*>", repr(thing))


def test_a_repr_says_what_it_is(beijing: Archive) -> None:
    results = beijing.search("palermo", limit=2)
    made = beijing["10BEIJING30"]
    assert repr(results) == f"<Results: 1-2 of {results.total} hits for 'palermo'>"
    assert repr(beijing.search("palermo", limit=1)) == f"<Results: 1 of {results.total} hits for 'palermo'>"
    assert repr(beijing.search("palermo", limit=0)) == f"<Results: 0 of {results.total} hits for 'palermo'>"
    assert repr(beijing.search("xyzzy")) == "<Results: no hits for 'xyzzy'>"
    assert repr(results[0]).startswith(f"<Hit {results[0].citation} (C) 2010-01-08 Embassy Beijing: '")
    assert repr(made).startswith("<Cable 10BEIJING30, ")
    assert f", Embassy Beijing, {len(made.paragraphs)} paragraphs: 'CHINA RATIFIES" in repr(made)
    assert repr(made.paragraphs[0]).startswith("<Paragraph ¶1 (")
    assert repr(beijing) == f"<Archive {str(beijing.path)!r}, clearance FULL>"
    with cablesearch.open(beijing.path, clearance="SECRET//NOFORN") as archive:
        assert repr(archive).endswith(", clearance SECRET//NOFORN>")
    assert repr(archive).endswith(", closed>")


def test_what_is_shown_has_nothing_hidden(archive_of: Make) -> None:
    mixed = cable("10A1", ("U", "china"), ("S", "quartz china"), classification="SECRET", subject="QUARTZ")
    whole = archive_of(mixed, cable("10A2", "quartz china", classification="SECRET", tags=["QUARTZ"]))
    visible = [seen for made in whole.export() if (seen := made.view(cablesearch.Clearance.parse("SBU")))]
    alone = archive_of(*visible)
    with cablesearch.open(whole.path, clearance="SBU") as archive:
        for restricted, expected in zip(shown(archive)[1:], shown(alone)[1:], strict=True):
            assert repr(restricted) == repr(expected)
            assert "quartz" not in repr(restricted).lower()


# JSON


def test_a_hit_in_json_has_the_fields_of_the_contract(beijing: Archive) -> None:
    results = beijing.search("palermo", limit=1)
    assert list(results.to_json()) == [
        *("version", "query", "total", "took_ms", "suggestion", "alternatives"),
        *("unknown_values", "common_words", "expansions", "hits", "facets"),
    ]
    entry = results[0].to_json()
    assert list(entry) == [
        *("cable", "paragraph", "position", "citation", "score", "date", "origin", "classification", "controls"),
        *("marking", "cable_classification", "tags", "subject", "section", "snippet", "text"),
    ]
    assert entry["citation"] == results[0].citation == f"10BEIJING30 ¶{results[0].number}"
    assert isinstance(results[0], Hit)
    assert BEIJING.exists()
