"""The countries that TAGS name and in which posts stand, by their names in ``tags.tsv``.

``post_countries.tsv`` lists the stations of each country, and other names by which a query may call it. A post stands
in the country of today: Moscow in Russia, whatever the year. Missions to organizations, offices in Washington and the
Consulate General in Jerusalem stand in none.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from cablesearch.text.caching import cached_if_short
from cablesearch.text.folding import fold
from cablesearch.vocabulary.identifiers import known_post
from cablesearch.vocabulary.tag_names import KINDS, tag_kind, tag_meaning

__all__ = ["country_named", "country_of_post", "country_of_tag"]

_NOT_A_COUNTRY = "Worldwide"


@cache
def _rows() -> list[tuple[str, list[str], list[str]]]:
    lines = Path(__file__).with_name("post_countries.tsv").read_text(encoding="utf-8").splitlines()[1:]
    cells = (line.split("\t") for line in lines)
    return [(country, stations.split(), also.split("|")) for country, stations, also in cells]


@cache
def _by_station() -> dict[str, str]:
    return {station: country for country, stations, _ in _rows() for station in stations}


@cache
def _by_name() -> dict[str, str]:
    """Return the countries by their names and the codes of their TAGS, folded to letters."""
    tags = [name for name in KINDS if country_of_tag(name)]
    names = {_letters(name): country_of_tag(name) or "" for name in tags}
    # Names win over codes.
    names |= {_letters(country): country for country in [*names.values()]}
    return names | {_letters(name): country for country, _, also in _rows() for name in also if name}


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, fold(text.replace("&", " and "))))


def country_of_tag(name: str) -> str | None:
    """Return the country for which one of the TAGS stands: ``country_of_tag("CH") == "China"``; None for others."""
    meaning = tag_meaning(name) if tag_kind(name) == "country" else None
    return meaning if meaning != _NOT_A_COUNTRY else None


@cached_if_short(maxsize=1024)
def country_of_post(origin: str) -> str | None:
    """Return the country in which a post stands; None for one that is not known, or stands in none."""
    return _by_station().get(known_post(origin))


def country_named(text: str) -> str | None:
    """Return the country that a name, another name in use or the code of its tag stands for: Burma for ``myanmar``."""
    return _by_name().get(_letters(text))
