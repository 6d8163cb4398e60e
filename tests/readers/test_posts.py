"""The table of posts, and the mending of their names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.vocabulary.posts import distinct_origin, nearest_post, similar_post, stations, without_prefixes

NAMES = st.text(alphabet="ABEILNORSTU", max_size=24)


def test_names_are_capitals_without_blanks_and_each_is_of_one_station() -> None:
    assert len(set(stations().values())) > 290
    assert all(re.fullmatch("[A-Z]{2,50}", name) for name in stations())
    assert all(stations()[station] == station for station in stations().values())


def test_distinct_origins_are_of_known_stations() -> None:
    assert set(distinct_origin()) <= set(stations())
    assert distinct_origin()["STATE"] == "Secretary of State"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("AMEMBASSYHANOI", "HANOI"),
        ("EFTOAMEMBASSYHANOI", "HANOI"),
        ("USMISSIONUNVIE", "UNVIE"),
        ("SECRETARYOFSTATE", "SECRETARYOFSTATE"),
        ("HANOI", "HANOI"),
    ],
)
def test_words_before_the_place_are_dropped(name: str, place: str) -> None:
    assert without_prefixes(name) == place


@pytest.mark.parametrize(
    ("name", "station"),
    [
        ("SOIA", "SOFIA"),
        ("BEIJINJG", "BEIJING"),
        ("KAMPLAA", "KAMPALA"),
        ("WELLINTGON", "WELLINGTON"),
        ("ZANAMA", None),
        ("XYZXYZ", None),
    ],
)
def test_one_slip_is_mended_unless_two_posts_are_as_near(name: str, station: str | None) -> None:
    assert similar_post(name) == station


@pytest.mark.parametrize(
    ("name", "station"),
    [
        ("STOCKH", "STOCKHOLM"),
        ("XXXCOPENHAGEN", "COPENHAGEN"),
        ("GUCIGALPA", "TEGUCIGALPA"),
        ("ISLOMOBAD", "ISLAMABAD"),
        ("SECTIOM", None),
        ("MONT", None),
    ],
)
def test_bad_damage_is_mended_when_the_choice_is_clear(name: str, station: str | None) -> None:
    assert nearest_post(name) == station


@given(NAMES)
def test_what_is_mended_is_a_station(name: str) -> None:
    assert nearest_post(name) in {None, *stations().values()}
