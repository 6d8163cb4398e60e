"""The table of posts, and the mending of their names."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.vocabulary.countries import country_of_post
from cablesearch.vocabulary.identifiers import known_post
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


@pytest.mark.parametrize(
    ("place", "station", "country"),
    [
        ("Asunción", "ASUNCION", "Paraguay"),
        ("Embassy Asuncio\u0301n", "ASUNCION", "Paraguay"),
        ("São Paulo", "SAOPAULO", "Brazil"),
        ("San José", "SANJOSE", "Costa Rica"),
        ("PANAMÁ", "PANAMA", "Panama"),
    ],
)
def test_accents_do_not_hide_a_post(place: str, station: str, country: str) -> None:
    assert known_post(place) == station
    assert country_of_post(place) == country


def test_the_posts_of_the_samples_are_places() -> None:
    path = Path(__file__).parents[2] / "samples" / "telegrams-1930s.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        telegrams = [json.loads(line) for line in lines]
    unknown = {telegram["origin"] for telegram in telegrams if not known_post(telegram["origin"])}
    assert unknown == {"Washington", "Bahia", "Ensenada", "S. S. “Santa Barbara,”", "U. S. S. “Jacob Jones”"}
    assert not [telegram["id"] for telegram in telegrams if re.search(r"\w\([A-Z]", telegram["subject"])]
