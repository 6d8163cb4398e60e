"""Tables of pandas: their rows, their dtypes, dates of all centuries, and what a clearance leaves of them."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any, get_args

import pytest

import cablesearch
from cablesearch.archive import Archive
from cablesearch.errors import CablesearchError, QueryError
from cablesearch.frames.hits import HitField, hits_frame
from tests.support.cables import cable

pd = pytest.importorskip("pandas")

Make = Callable[..., Archive]

DTYPES = {
    "cable": "string",
    "paragraph": "Int64",
    "position": "int64",
    "citation": "string",
    "score": "float64",
    "date": "datetime64[s, UTC]",
    "origin": "category",
    "classification": "category",
    "controls": "object",
    "marking": "category",
    "cable_classification": "category",
    "tags": "object",
    "subject": "string",
    "section": "string",
    "snippet": "string",
    "text": "string",
}


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.timezone.utc)  # type: ignore[arg-type, misc]


@pytest.fixture
def weather(archive_of: Make) -> Archive:
    """Return an archive of cables of several centuries, and one without a date."""
    return archive_of(
        cable("01A1", "rain", date=utc(1, 1, 1), tags=["PREL", "PHUM"]),
        cable("50A1", "rain", ("C/NF", "rain again"), classification="SECRET", date=utc(1650, 2, 3, 4, 5)),
        cable("69A1", "rain", subject=None, date=utc(1969, 12, 31, 23, 59)),
        cable("99A1", "rain", date=utc(9999, 12, 31, 23, 59)),
        cable("00A1", "rain", "sun", date=None, origin="Embassy Nowhere"),
    )


def values(column: Iterable[Any]) -> list[Any]:
    """Return the values of a column; None for what is missing."""
    return [None if not isinstance(value, tuple) and pd.isna(value) else value for value in column]


@pytest.mark.parametrize("arguments", [{}, {"group": "cable"}, {"sort": "-date"}, {"classifications": "SECRET"}])
def test_a_table_has_the_hits_of_the_search_in_its_order(weather: Archive, arguments: dict[str, Any]) -> None:
    frame = weather.to_pandas("rain OR sun", **arguments)
    hits = [*weather.iter_all("rain OR sun", **arguments)]
    assert len(frame) == len(hits) > 0
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == DTYPES
    for name in ("cable", "position", "citation", "score", "origin", "marking", "tags", "subject", "section", "text"):
        assert values(frame[name]) == [getattr(hit, name) for hit in hits], name
    assert values(frame.paragraph) == [hit.number for hit in hits]
    assert values(frame.classification) == [hit.classification.level.title for hit in hits]
    assert values(frame.controls) == [hit.classification.controls for hit in hits]
    assert values(frame.cable_classification) == [str(hit.cable_classification) for hit in hits]
    assert values(frame.snippet) == [hit.snippet.plain() for hit in hits]
    assert [date and date.to_pydatetime() for date in values(frame.date)] == [hit.date for hit in hits]
    pd.testing.assert_frame_equal(
        weather.search("rain OR sun", limit=None, **arguments).to_pandas(), frame, check_flags=False
    )


def test_dates_of_all_centuries_are_exact_and_can_be_counted(weather: Archive) -> None:
    frame = weather.to_pandas("rain", sort="date", group="cable")
    assert frame.date.dt.year.dropna().tolist() == [1, 1650, 1969, 9999]
    assert frame.date.isna().tolist() == [False] * 4 + [True]
    assert frame.date.dt.minute.tolist()[1:4] == [5, 59, 59]
    assert frame.date.min() == utc(1, 1, 1)


def test_levels_can_be_compared_and_tags_have_a_row_each(weather: Archive) -> None:
    frame = weather.to_pandas("rain")
    assert frame[frame.classification >= "CONFIDENTIAL"].cable.unique().tolist() == ["50A1"]
    assert frame.classification.cat.categories.tolist() == [level.title for level in cablesearch.Level]
    counted = frame.explode("tags").groupby("tags").size()
    assert counted.to_dict() == {"PHUM": 1, "PREL": 1}


def test_the_fields_are_chosen_and_ordered(weather: Archive) -> None:
    assert list(weather.to_pandas("rain", fields=["date", "cable"])) == ["date", "cable"]
    assert list(weather.search("rain").to_pandas("score")) == ["score"]
    by_citations = weather.to_pandas("rain", sort="citations")
    assert list(by_citations) == [*get_args(HitField)]
    assert str(by_citations.citations.dtype) == "Int64"
    assert list(weather.search("rain", sort="citations").to_pandas())[-1] == "citations"
    assert values(weather.to_pandas("rain", fields="citations").citations) == [None] * 6


def test_a_table_without_snippets_has_the_same_values(weather: Archive) -> None:
    for arguments in ({}, {"group": "cable"}):
        whole = weather.to_pandas("rain OR embassy", **arguments)  # type: ignore[arg-type]
        fields = [name for name in whole if name != "snippet"]
        pd.testing.assert_frame_equal(
            weather.to_pandas("rain OR embassy", fields=fields, **arguments),  # type: ignore[arg-type]
            whole[fields],
        )


def test_an_empty_table_has_the_same_columns(weather: Archive) -> None:
    frame = weather.to_pandas("snow")
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == DTYPES
    assert len(frame) == 0
    assert len(weather.search("snow").to_pandas()) == 0


def test_the_table_of_a_page_has_the_number_of_all_hits(weather: Archive) -> None:
    frame = weather.search("rain", limit=2, offset=1).to_pandas()
    assert len(frame) == 2
    assert frame.attrs == {"query": "rain", "total": 6, "offset": 1}


@pytest.mark.parametrize(
    ("fields", "kind", "message"),
    [
        (["title"], ValueError, "fields must be 'cable', .* or 'citations', not 'title'"),
        ([1], TypeError, "fields must be a string or several strings"),
        (["date", "date"], ValueError, "fields has a name twice: date, date"),
    ],
)
def test_errors_name_the_argument(weather: Archive, fields: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        weather.to_pandas("rain", fields=fields)
    with pytest.raises(kind, match=message):
        weather.search("rain").to_pandas(fields)


def test_errors_in_a_query_are_those_of_a_search(weather: Archive) -> None:
    with pytest.raises(QueryError, match="empty"):
        weather.to_pandas()
    with pytest.raises(ValueError, match="sort must be"):
        weather.to_pandas("rain", sort="score")  # type: ignore[arg-type]
    weather.close()
    with pytest.raises(CablesearchError, match="the archive is closed"):
        weather.to_pandas("rain")


def test_text_that_is_not_unicode_is_a_value_like_any_other(archive_of: Make) -> None:
    frame = archive_of(cable("10A1", "rain \x1b[31m \u202e"), cable("10A2", "rain")).to_pandas("rain")
    assert frame.text.tolist()[0].startswith("rain")
    # Which UTF-8 cannot write.
    frame = hits_frame([SimpleNamespace(text="\udc80", cable="x")], ["text", "cable"])
    assert frame.text[0] == "\udc80"


def test_a_table_has_nothing_hidden(archive_of: Make) -> None:
    mixed = cable("10A1", ("U", "rain"), ("S/NF", "quartz rain"), classification="SECRET", subject="QUARTZ")
    whole = archive_of(mixed, cable("10A2", "quartz rain", classification="SECRET", tags=["QUARTZ"], origin="Quartz"))
    visible = [seen for made in whole.export() if (seen := made.view(cablesearch.Clearance.parse("SBU")))]
    alone = archive_of(*visible)
    with cablesearch.open(whole.path, clearance="SBU") as archive:
        restricted, expected = archive.to_pandas("rain"), alone.to_pandas("rain")
        pd.testing.assert_frame_equal(restricted, expected)
        for name in restricted.select_dtypes("category"):
            assert restricted[name].cat.categories.equals(expected[name].cat.categories)
        assert "quartz" not in restricted.to_csv().lower()
        seen, meant = archive.timeline("rain").to_pandas(share=True), alone.timeline("rain").to_pandas(share=True)
        pd.testing.assert_frame_equal(seen, meant)


def test_hits_are_not_kept(weather: Archive) -> None:
    hit = weather.search("rain")[0]

    def many() -> Iterable[object]:
        for number in range(20_000):
            yield SimpleNamespace(text=f"{number}" * 1_000, score=1.5, origin=hit.origin, date=hit.date)

    tracemalloc.start()
    frame = hits_frame(many(), ["score", "origin", "date"])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(frame) == 20_000
    assert most < 5_000_000


# Timelines


def test_a_timeline_is_a_table_with_a_row_for_each_period(archive_of: Make) -> None:
    archive = archive_of(
        cable("09A1", "rain", "rain and sun", date=utc(2009, 11, 3)), cable("10A1", "rain", "fog", date=utc(2010, 1, 3))
    )
    frame = archive.timeline("rain", "sun", by="month").to_pandas()
    assert frame.index.astype(str).tolist() == ["2009-11", "2009-12", "2010-01"]
    assert frame.index.name == "month"
    assert frame.to_dict("list") == {"rain": [2, 0, 1], "sun": [1, 0, 0]}
    assert set(map(str, frame.dtypes)) == {"int64"}
    shares = archive.timeline("rain", "rain", by="year").to_pandas(share=True)
    assert shares.index.astype(str).tolist() == ["2009", "2010"]
    assert shares.to_numpy().tolist() == [[1.0, 1.0], [0.5, 0.5]]
    assert list(shares) == ["rain", "rain"]
    days = archive.timeline("sun", by="day").to_pandas()
    assert days.index.astype(str).tolist() == ["2009-11-03"]
    with pytest.raises(TypeError, match="share must be a bool"):
        archive.timeline("rain").to_pandas(share=1)  # type: ignore[arg-type]


def test_a_timeline_of_all_centuries_and_of_nothing_is_a_table(weather: Archive) -> None:
    frame = weather.timeline("rain").to_pandas()
    assert (frame.index[0].year, frame.index[-1].year, len(frame)) == (1, 9999, 9999)
    assert frame.rain.sum() == 5
    assert weather.timeline("snow", "hail").to_pandas().shape == (0, 2)


# Without pandas


def test_without_pandas_an_error_names_the_remedy(weather: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    asked: list[Callable[[], object]] = [
        lambda: weather.to_pandas("rain"),
        weather.search("rain").to_pandas,
        weather.timeline("rain").to_pandas,
    ]
    for ask in asked:
        with pytest.raises(CablesearchError, match=r"pip install 'cablesearch\[pandas\]'"):
            ask()


def test_only_a_table_loads_pandas(beijing: Archive) -> None:
    code = (
        "import sys, cablesearch; archive = cablesearch.open(sys.argv[1]); results = archive.search('china')\n"
        "repr(results), results._repr_html_(), archive.timeline('china'); print('pandas' in sys.modules)\n"
        "results.to_pandas(); print('pandas' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(beijing.path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == ["False", "True"]
