"""Queries made of the words of real cables find what the definitions say, by every way that there is.

CABLESEARCH_SAMPLES=10 tries ten times as many queries.
"""

from __future__ import annotations

import dataclasses
import os
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import pytest
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch.cable import Cable, Classification, Clearance, Tag
from cablesearch.engine.index.creation import create
from cablesearch.engine.index.snapshot import latest
from cablesearch.engine.index.writer import Writer
from cablesearch.engine.search import bitmaps, phrases, topk
from cablesearch.engine.search.collect import facet, histogram, select
from cablesearch.engine.search.execute import execute
from cablesearch.engine.search.topk import search
from cablesearch.engine.search.view import View
from cablesearch.engine.segment import postings
from cablesearch.engine.segment.segment import Segment
from cablesearch.readers.records import Record
from cablesearch.readers.sources.files import scan
from cablesearch.schema.index_fields import documents, indexing_schema
from cablesearch.schema.visibility import read_visibility
from cablesearch.text.analysis import indexing_stem, split
from tests.engine.oracle import Document, Oracle
from tests.support.files import SAMPLES

MORE = int(os.environ.get("CABLESEARCH_SAMPLES", "1"))
QUERIES = 300 * MORE
BY_DEFINITION = 10
"""One in so many queries is also answered by the definitions."""

CLASSES = [
    "UNCLASSIFIED", "SENSITIVE BUT UNCLASSIFIED", "CONFIDENTIAL", "CONFIDENTIAL//NOFORN", "SECRET", "SECRET//NOFORN",
]  # fmt: skip
CLEARANCES = [None, *map(Clearance.parse, CLASSES)]
PAGES = ((1, 0), (10, 0), (50, 0), (10, 15))

TAKEN: list[tuple[Any, str]] = [
    (bitmaps._Dense, "rough"), (bitmaps._Dense, "scores"), (bitmaps._Listed, "rough"), (bitmaps._Listed, "scores"),
    (bitmaps._Constant, "rough"), (bitmaps._Constant, "scores"), (bitmaps._All, "rough"), (bitmaps._All, "scores"),
    (bitmaps._Any, "rough"), (bitmaps._Any, "scores"), (topk, "_champions"), (topk, "_page_of_blocks"),
    (phrases, "_scanned"), (phrases, "_looked_up"), (phrases, "_chained"),
]  # fmt: skip
"""Ways to answer, all of which have to be taken."""


class Content(NamedTuple):
    """What is searched: the live cables as documents, and the views, each with its clearance."""

    blocks: list[tuple[str, list[Document]]]
    views: list[tuple[View, Clearance | None]]


@pytest.fixture(scope="module", autouse=True)
def small_is_large() -> Iterator[None]:
    """As if some hundred paragraphs were millions."""
    with ExitStack() as patches:
        few: dict[str, Any] = {"FREQUENT": 24, "CHAMPIONS": 12, "CHAMPIONS_FROM": 48, "GROUP": 16}
        patches.enter_context(mock.patch.multiple(postings, LOW_BITS=8, **few))
        patches.enter_context(mock.patch.multiple(phrases, LOW_BITS=8, _SCANNED=40))
        patches.enter_context(mock.patch.multiple(bitmaps, _FIRST=1, _FACTOR=1, _SPARSE=2))
        yield


@pytest.fixture(scope="module")
def cables() -> list[Cable]:
    """One in six of the bundled cables, their paragraphs classified by chance."""
    chance = random.Random(1)
    found = [record.parse() for record in scan([str(SAMPLES)]) if isinstance(record, Record)]
    return [_classified(cable, chance) for cable in found[::6]]


@pytest.fixture(scope="module", params=["whole", "with deletions"])
def content(request: pytest.FixtureRequest, cables: list[Cable], tmp_path_factory: pytest.TempPathFactory) -> Content:
    """The cables in three segments: all, or some of them, as all clearances show them."""
    whole = request.param == "whole"
    directory = tmp_path_factory.mktemp("samples")
    create(directory)
    removed = set() if whole else {number for number in range(len(cables)) if number % 10 == 3}
    with Writer(directory, indexing_schema()) as writer:
        for number, cable in enumerate(cables):
            parts, leads = documents(cable)
            writer.add(cable.id, number.to_bytes(16, "little"), parts, [b""], leads)
            if number in {len(cables) // 10, len(cables) // 2}:
                writer.commit()
        for number in removed:
            writer.delete(cables[number].id)
        writer.commit()
    snapshot = latest(directory)
    assert len(snapshot.segments) == 3
    clearances = CLEARANCES[:1] if whole else CLEARANCES
    views = [(View(snapshot, indexing_schema(), _visible_with(one)), one) for one in clearances]
    kept = [(cable.id, documents(cable)[0]) for number, cable in enumerate(cables) if number not in removed]
    return Content([(key, [dict(document) for document in parts]) for key, parts in kept], views)


def _classified(cable: Cable, chance: random.Random) -> Cable:
    """A cable whose parts are classified, and which has tags, by chance."""
    classes = [one for name in CLASSES if (one := Classification.parse(name))]
    return dataclasses.replace(
        cable,
        classification=chance.choice(classes[:3]),
        tags=tuple(Tag(name, "subject") for name in ("PREL", "ECON", "PHUM") if chance.random() < 0.3),
        paragraphs=tuple(dataclasses.replace(one, classification=chance.choice(classes)) for one in cable.paragraphs),
    )


def _visible_with(clearance: Clearance | None) -> Callable[[Segment], NDArray[np.bool_]] | None:
    def visible(segment: Segment) -> NDArray[np.bool_]:
        classes = segment.terms("visibility")
        seen = np.array([_sees(clearance, classes.text(number)) for number in range(len(classes))], bool)
        shown: NDArray[np.bool_] = seen[segment.keywords("visibility")[1]]
        return shown

    return visible if clearance else None


def _sees(clearance: Clearance | None, visibility: object) -> bool:
    found = read_visibility(str(visibility))
    return clearance is None or (found is not None and clearance.sees(found))


def _terms(field: str, value: object) -> list[tuple[str, int]]:
    if field not in {"text", "exact", "subject", "envelope"}:
        return [(one, 0) for one in ([value] if isinstance(value, str) else value or [])]  # type: ignore[attr-defined]
    words, places = split(str(value or ""))
    stemmed = words if field == "exact" else [indexing_stem(word) for word in words]
    return list(zip(stemmed, range(len(words)) if places is None else places, strict=True))


def _oracle(content: Content, clearance: Clearance | None) -> Oracle:
    return Oracle(
        content.blocks,
        lambda document: _sees(clearance, document["visibility"]),
        _terms,
        frozenset({"envelope"}),
        frozenset({"tag"}),
        lambda name: "text" if name == "exact" else name,
        "date",
    )


class Asker:
    """Makes queries of the words of real paragraphs, so that frequent words are frequent in them."""

    def __init__(self, content: Content, chance: random.Random) -> None:
        self._chance = chance
        self._texts = [
            words
            for _, block in content.blocks
            for document in block[1:]
            if len(words := split(str(document["text"]), True)[0]) > 8
        ]
        self._frequent = [word for word, _ in Counter(word for text in self._texts for word in text).most_common(12)]

    def _words(self, count: int) -> list[str]:
        """Words that follow one another somewhere."""
        text = self._chance.choice(self._texts)
        start = self._chance.randrange(len(text) - count)
        return text[start : start + count]

    def _word(self) -> str:
        return self._chance.choice(self._frequent) if self._chance.random() < 0.3 else self._words(1)[0]

    def _boost(self) -> float:
        return self._chance.choice([1.0, 1.0, 1.0, 0.5, 2.5, 0.0])

    def term(self) -> q.Query:
        field = self._chance.choice(["text", "text", "text", "exact", "subject", "envelope"])
        word = self._word()
        return q.Term(field, word if field == "exact" else indexing_stem(word), boost=self._boost())

    def phrase(self) -> q.Query:
        words = self._words(self._chance.choice([2, 2, 3]))
        if self._chance.random() < 0.2:
            words = self._chance.choice([["of", "the"], ["to", "the"], ["in", "the"], ["the", "the"]])
        if stemmed := self._chance.random() < 0.5:
            words = list(map(indexing_stem, words))
        slop = self._chance.choice([1, 1, 1, 2, 4])
        return q.Phrase("text" if stemmed else "exact", words, slop=slop, boost=self._boost())

    def expansion(self) -> q.Query:
        word = self._word()
        return self._chance.choice(
            [
                q.Prefix("exact", word[: max(2, len(word) // 2)], boost=self._boost()),
                q.Wildcard("exact", word[0] + "*" + word[-1]),
                q.Wildcard("exact", word[:-1] + "?", boost=self._boost()),
                q.FuzzyTerm("exact", word, maxdist=1 + (len(word) > 5), prefixlength=1),
            ]
        )

    def condition(self) -> q.Query:
        date = self._chance.randrange(-20_500_000, -19_000_000)
        low, high = sorted(self._chance.choices(range(1, 12), k=2))
        return self._chance.choice(
            [
                q.Term("tag", self._chance.choice(["PREL", "ECON", "PHUM", "NONE"]), boost=self._boost()),
                q.NumericRange("date", date, date + 500_000),
                q.NumericRange("date", date, None, startexcl=True),
                q.NumericRange("position", low, high, endexcl=True, boost=self._boost()),
                q.NumericRange("class", 1, self._chance.randrange(1, 5)),
                q.Every(self._chance.choice([None, "subject"])),
            ]
        )

    def leaf(self) -> q.Query:
        kinds: Sequence[Callable[[], q.Query]] = (self.term, self.phrase, self.expansion, self.condition)
        return self._chance.choices(kinds, [8, 2, 1, 1])[0]()

    def query(self, depth: int = 2) -> q.Query:
        """A query of any class."""
        if not depth:
            return self.leaf()
        parts = [self.query(depth - 1) if self._chance.random() < 0.2 else self.leaf() for _ in range(8)]
        many = parts[: self._chance.randrange(2, 9)]
        one, other = parts[:2]
        queries: list[q.Query] = [
            one,
            q.And(parts[: self._chance.choice([2, 2, 3])], boost=self._boost()),
            q.And([q.Term("text", indexing_stem(self._chance.choice(self._frequent))), self.term()]),
            q.Or(many, boost=self._boost()),
            q.Or([self.term() for _ in range(self._chance.randrange(2, 9))]),
            q.And([one, q.Not(other)]),
            q.Or([one, q.And([self.term(), self.condition()])]),
            self._chance.choice([q.AndMaybe(one, other), q.AndNot(one, other), q.Require(one, other)]),
            self._chance.choice([q.Not(one), q.DisjunctionMax(many), q.ConstantScoreQuery(one, 1.5)]),
        ]
        return self._chance.choice(queries)


@pytest.fixture
def taken() -> Iterator[Counter[str]]:
    """How often each way was taken."""
    counted: Counter[str] = Counter()
    with ExitStack() as patches:
        for owner, name in TAKEN:
            patches.enter_context(mock.patch.object(owner, name, _counting(owner, name, counted)))
        yield counted


def _counting(owner: Any, name: str, counted: Counter[str]) -> Callable[..., Any]:
    original, key = getattr(owner, name), f"{owner.__name__}.{name}"

    def counting(*args: Any, **kwargs: Any) -> Any:
        counted[key] += 1
        return original(*args, **kwargs)

    return counting


def _passes(best: Callable[..., Any], most: list[int]) -> Callable[..., Any]:
    """`bitmaps.best`, with the number of words that each pass scored at the most."""

    def counting(node: bitmaps.Node, *args: Any) -> Any:
        rough, passes = node.rough, [0]

        def counted(words: Any, least: float) -> Any:
            passes[0] += 1
            return rough(words, least)

        with mock.patch.object(node, "rough", counted):
            found = best(node, *args)
        most.append(passes[0])
        return found

    return counting


def test_queries_of_real_words_are_answered_exactly(content: Content, taken: Counter[str]) -> None:
    asker = Asker(content, random.Random(2))
    oracles = [_oracle(content, clearance) for _, clearance in content.views]
    passes: list[int] = []
    with mock.patch.object(topk, "best", _passes(bitmaps.best, passes)):
        for number in range(QUERIES):
            query, by_block = asker.query(), number % 5 == 4
            view, _ = content.views[number % len(content.views)]
            check_pages(content, view, query, oracles[number % len(oracles)], by_block=by_block)
            if number % BY_DEFINITION < 2:
                check_matches(content, view, query, oracles[number % len(oracles)], by_block=number % 2 == 1)
    expected = {f"{owner.__name__}.{name}" for owner, name in TAKEN}
    hidden = set() if len(content.views) == 1 else {f"{topk.__name__}._champions"}
    assert expected - hidden == set(taken)
    assert max(passes) > 4


def check_pages(content: Content, view: View, query: q.Query, oracle: Oracle, *, by_block: bool) -> None:
    """Every page and every count is that of all matches, equals in order of their dates and ids."""
    units, values = (part.tolist() for part in execute(view, query, by_block=by_block))
    scores = dict(zip(_named(content, view, units, by_block), values, strict=True))
    order = oracle.ranked(scores)
    for limit, offset in PAGES:
        page = search(view, query, limit=limit, offset=offset, by_block=by_block)
        wanted = order[offset : offset + limit]
        assert _named(content, view, page.units.tolist(), by_block) == wanted, query
        assert page.scores.tolist() == [scores[unit] for unit in wanted], query
        assert page.total == len(units), query
    assert search(view, query, limit=0, by_block=by_block).total == len(units), query


def check_matches(content: Content, view: View, query: q.Query, oracle: Oracle, *, by_block: bool) -> None:
    """All matches, counts and facets are those of the definitions."""
    wanted = oracle.search(query, by_block=by_block)
    found = execute(view, query, by_block=by_block)
    scores = dict(zip(_named(content, view, found.units.tolist(), by_block), found.scores.tolist(), strict=True))
    assert scores == pytest.approx(dict(wanted), rel=1e-9), query
    selection = select(view, query, by_block=by_block)
    assert selection.count == len(wanted)
    hits = [content.blocks[block][1][place] for (block, place), _ in wanted]
    assert facet(view, selection, "tag") == Counter(tag for hit in hits for tag in _strings(hit.get("tag")))
    levels = Counter(name for hit in hits for name in _strings(hit.get("classification")))
    if by_block:
        # A block has the values of its visible members, each once.
        members: dict[int, set[str]] = {block: set() for (block, _), _ in wanted}
        for unit in oracle.units:
            if unit.block in members and not unit.lead:
                members[unit.block].update(_strings(unit.values.get("classification")))
        levels = Counter(name for names in members.values() for name in names)
    assert facet(view, selection, "classification") == levels
    for field, width in (("date", 60 * 24 * 365), ("position", 2)):

        def bins(column: NDArray[np.int64], width: int = width) -> NDArray[np.int64]:
            return column // width

        values = [value for hit in hits if isinstance(value := hit.get(field), int)]
        assert histogram(view, selection, field, bins) == Counter(value // width for value in values)


def _strings(value: object) -> Iterable[str]:
    return [value] if isinstance(value, str) else value or []  # type: ignore[return-value]


def _named(content: Content, view: View, units: list[int], by_block: bool) -> list[tuple[int, int]]:
    """Units as the definitions number them: (the live block, the place in it)."""
    numbers = {key: number for number, (key, _) in enumerate(content.blocks)}
    named = []
    for unit in units:
        bases = view.block_bases if by_block else view.snapshot.bases
        segment = int(np.searchsorted(bases, unit, "right")) - 1
        local = unit - int(bases[segment])
        block = local if by_block else view.segments[segment].block(local)
        number = numbers[view.segments[segment].keys.text(block)]
        named.append((number, 0 if by_block else local - int(view.segments[segment].first[block])))
    return named
