"""Hits are those that the query means, whatever its shape: compared with set algebra over the paragraphs."""

from __future__ import annotations

import datetime as dt
import fnmatch
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from cablesearch.archive import Archive, open_archive
from cablesearch.cable import Cable
from cablesearch.classification.clearance import Clearance
from cablesearch.query import OPERATORS
from cablesearch.request import Sort
from tests.engine.oracle import edits
from tests.query.meaning import (
    BINDING,
    CLOSEST_FIRST,
    Everything,
    InField,
    Joined,
    Node,
    Not,
    Value,
    Words,
    follows,
    printed,
    stemmed,
    units,
)
from tests.support.archives import write
from tests.support.cables import cable

VOCABULARY = ["aa", "ab", "ba", "bb", "bz", "visa", "visas", "trade", "traded"]
TEXT_FIELDS = ["text", "exact", "subject", "heading", "envelope"]
TAGS = ["PHUM", "PREL", "KDEM"]
LEVELS = ["U", "C", "S"]
YEARS = [2008, 2009, 2010]


def spelt(field: str | None, words: Sequence[str]) -> Sequence[str]:
    """Return the words of a text as a field holds them."""
    return words if field == "exact" else stemmed(words)


def words_in(field: str | None) -> st.SearchStrategy[Words]:
    """Generate leaves that are words, phrases, patterns or ranges."""
    words = st.sampled_from(VOCABULARY)
    pair = st.tuples(words, words)
    patterns = st.sampled_from(["?a", "v?sa", "*a*", "t*e", "?b*", "a*", "vi*", "trad*"])
    leaves = [
        words.map(lambda word: _phrase(field, word, [word], 1)),
        pair.map(lambda two: _phrase(field, f'"{two[0]} {two[1]}"', two, 1)),
        pair.map(lambda two: _phrase(field, f'"{two[0]} {two[1]}"~3', two, 3)),
        st.builds(
            lambda two, distance, form: _near(field, form.format(*two, distance), two, distance),
            pair,
            st.integers(1, 3),
            st.sampled_from(['"{0} {1}"~~{2}', "({0} NEAR/{2} {1})", '({0} W/{2} "{1}")']),
        ),
        patterns.map(lambda pattern: _any(field, pattern, lambda word: fnmatch.fnmatchcase(word, pattern))),
        words.map(lambda wanted: _any(field, f"{wanted}~1", lambda word: edits(word, wanted) <= 1)),
    ]
    if field:
        leaves.append(st.just(Words(field, "*", bool)))
        leaves.append(st.builds(lambda two, closed: _range(field, min(two), max(two), closed), pair, st.booleans()))
    return leaves[0] | st.one_of(leaves)


def _phrase(field: str | None, written: str, phrase: Sequence[str], distance: int) -> Words:
    return Words(field, written, lambda words: follows(spelt(field, words), spelt(field, phrase), distance))


def _near(field: str | None, written: str, pair: Sequence[str], distance: int) -> Words:
    def test(words: Sequence[str]) -> bool:
        held, wanted = spelt(field, words), sorted(spelt(field, pair))
        return any(
            sorted([held[first], held[second]]) == wanted
            for second in range(len(held))
            for first in range(max(0, second - distance), second)
        )

    return Words(field, written, test)


def _any(field: str | None, written: str, test: Callable[[str], bool]) -> Words:
    return Words(field, written, lambda words: any(map(test, words)))


def _range(field: str, first: str, last: str, closed: bool) -> Words:
    written = f"[{first} to {last}" + "}]"[closed]
    return _any(field, written, lambda word: first <= word < last or (closed and word == last))


def _year(date: dt.datetime | None) -> int:
    return date.year if date else 0


@st.composite
def values(draw: st.DrawFn) -> Value:
    """Generate a leaf that is a value."""
    field = draw(st.sampled_from(["tag", "tag", "class", "date", "number", "position"]))
    tag, year, number = draw(st.sampled_from(TAGS)), draw(st.sampled_from(YEARS)), draw(st.integers(1, 3))
    if field == "tag":
        return draw(
            st.sampled_from(
                [
                    Value("tag", tag, lambda one: tag in one.tags),
                    Value("tag", f"{tag[0]}*", lambda one: any(own.startswith(tag[0]) for own in one.tags)),
                    Value("tag", "*", lambda one: bool(one.tags)),
                ]
            )
        )
    if field == "class":
        level = draw(st.sampled_from([2, 3]))
        name = {2: "CONFIDENTIAL", 3: "SECRET"}[level]
        return draw(
            st.sampled_from(
                [
                    Value("class", name, lambda one: one.level == level),
                    Value("class", f">={name}", lambda one: one.level is not None and one.level >= level),
                ]
            )
        )
    if field == "date":
        return draw(
            st.sampled_from(
                [
                    Value("date", str(year), lambda one: _year(one.date) == year),
                    Value("date", f"[{year} to 2010]", lambda one: year <= _year(one.date) <= 2010),
                    Value("date", f">{year}", lambda one: _year(one.date) > year),
                    Value("date", f"..{year}", lambda one: 0 < _year(one.date) <= year),
                ]
            )
        )
    if field == "number":
        return Value("number", f"{number}..3", lambda one: number <= (one.number or 0) <= 3)
    return Value("position", str(number), lambda one: one.position == number)


def trees(leaves: st.SearchStrategy[Node], size: int) -> st.SearchStrategy[Node]:
    """Generate trees of leaves."""

    def larger(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        several = st.lists(parts, min_size=2, max_size=3).map(tuple)
        common = st.sampled_from(["AND", "OR"])
        rare = st.sampled_from([operator for operator in BINDING if operator not in ("AND", "OR")])
        return st.builds(Not, parts) | st.builds(Joined, common, several) | st.builds(Joined, rare, several)

    return st.recursive(leaves, larger, max_leaves=size)


def in_field(field: str) -> st.SearchStrategy[Node]:
    """Generate a field with brackets; leaves of other fields may occur inside."""
    leaves: st.SearchStrategy[Node] = words_in(field) | values()
    if field in {"tag", "class"}:
        leaves = values().filter(lambda one: one.field == field) | values()
    return st.builds(InField, st.just(field), trees(leaves, 3))


def test_the_oracle_has_the_operators_of_the_language_in_their_order() -> None:
    assert list(CLOSEST_FIRST) == list(OPERATORS)


QUERIES = trees(
    words_in(None)
    | st.sampled_from(TEXT_FIELDS).flatmap(words_in)
    | values()
    | st.just(Everything())
    | st.sampled_from(["tag", "class", "text", "exact", "subject"]).flatmap(in_field),
    6,
)


@st.composite
def archives(draw: st.DrawFn) -> list[Cable]:
    """Generate a few cables of a few words."""
    texts = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=4).map(" ".join)
    made = []
    for number in range(draw(st.integers(1, 4))):
        paragraphs = draw(st.lists(st.tuples(st.sampled_from(LEVELS), texts), min_size=1, max_size=3))
        result = cable(
            f"0{number}STATE{number}",
            *paragraphs,
            classification=draw(st.sampled_from(["UNCLASSIFIED", "CONFIDENTIAL", "SECRET"])),
            subject=draw(st.none() | texts),
            tags=draw(st.lists(st.sampled_from(TAGS), unique=True, max_size=2)),
            date=draw(st.sampled_from([dt.datetime(year, 5, 1, 12, tzinfo=dt.timezone.utc) for year in YEARS])),
            envelope=draw(texts | st.just("")),
        )
        headed = [replace(own, section=draw(st.none() | texts)) for own in result.paragraphs]
        made.append(replace(result, paragraphs=tuple(headed)))
    return made


def found(archive: Archive, text: str, tags: Sequence[str], *, by_cable: bool, sort: Sort) -> set[tuple[str, int]]:
    """Return the hits of a search as (id, position), or (id, 0) for cables, after checking their total."""
    results = archive.search(text, tags=tags, limit=100, group="cable" if by_cable else "paragraph", sort=sort)
    keys = {(hit.cable, 0 if by_cable else hit.position) for hit in results.hits}
    assert results.total == len(results.hits) == len(keys)
    return keys


@settings(max_examples=30)
@given(
    archives(),
    st.sampled_from([None, "U", "C", "S"]),
    st.lists(
        st.tuples(QUERIES, st.integers(), st.booleans(), st.just([]) | st.just([TAGS[0]])), min_size=10, max_size=25
    ),
)
def test_a_query_finds_the_paragraphs_that_it_means(
    cables: list[Cable], clearance: str | None, queries: list[tuple[Node, int, bool, list[str]]]
) -> None:
    reader = Clearance.parse(clearance) if clearance else None
    with TemporaryDirectory() as folder:
        write(Path(folder), cables)
        with open_archive(Path(folder) / "archive", reader) as archive:
            for tree, seed, by_cable, tags in queries:
                text = printed(tree, Random(seed))
                meant = {
                    unit.key
                    for unit in units(cables, reader, by_cable=by_cable)
                    if tree.holds(unit) and all(tag in document.tags for document in unit.documents for tag in tags)
                }
                for sort in ("relevance", "date"):
                    assert found(archive, text, tags, by_cable=by_cable, sort=sort) == meant, text
