"""Whoosh's own searcher over a view finds what our executor finds, and nothing of what is hidden."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from whoosh import query as q
from whoosh import scoring, sorting
from whoosh.fields import NUMERIC, Schema
from whoosh.idsets import BitSet
from whoosh.matching import Matcher
from whoosh.query import spans
from whoosh.reading import TermNotFound
from whoosh.searching import Searcher

from cablesearch.engine.index.creation import create
from cablesearch.engine.index.snapshot import latest
from cablesearch.engine.index.writer import Writer
from cablesearch.engine.search.execute import Matches, execute
from cablesearch.engine.search.view import View
from cablesearch.engine.whoosh_reader.reader import ViewReader
from cablesearch.errors import CablesearchError
from tests.engine.oracle import Document
from tests.support.engine import SCHEMA, first_letters, open_only, terms, write
from tests.support.strategies import blocks, misspelt, patterns, ranges, tag_terms, word

near = st.builds(
    lambda one, other, slop, ordered: spans.SpanNear(
        q.Term("exact", one), q.Term("exact", other), slop=slop, ordered=ordered
    ),
    word,
    word,
    st.integers(1, 4),
    st.booleans(),
)
scored = st.one_of(
    st.builds(q.Term, st.sampled_from(["exact", "note"]), word),
    st.builds(lambda text, boost: q.Term("text", first_letters(text), boost=boost), word, st.sampled_from([0.5, 1.0])),
    tag_terms,
)
unscored = st.one_of(
    st.builds(
        lambda words, slop: q.Phrase("exact", words, slop=slop),
        st.lists(word, min_size=1, max_size=3),
        st.integers(1, 4),
    ),
    patterns,
    st.builds(lambda text: q.Regex("exact", text), st.sampled_from(["al.*", "b.av[oe]$", ".*"])),
    misspelt,
    st.builds(
        lambda ends, first, last: q.TermRange("exact", ends[0], ends[1], first, last),
        st.sampled_from([("alfa", "bravo"), (None, "brave"), ("charlie", None)]),
        st.booleans(),
        st.booleans(),
    ),
    ranges,
    st.sampled_from([q.Every(), q.Every("text"), q.Every("tag"), q.Every("note"), q.Every("size")]),
)


def trees(leaf: st.SearchStrategy[q.Query]) -> st.SearchStrategy[q.Query]:
    """Trees without negations: those of Whoosh are at fault (docs/decisions.md)."""
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds(q.And, st.lists(inner, min_size=1, max_size=3)),
            st.builds(q.Or, st.lists(inner, min_size=1, max_size=3)),
        ),
        max_leaves=5,
    )


@st.composite
def archives(draw: st.DrawFn) -> Callable[[Path], tuple[View, list[Document]]]:
    """What writes generated blocks as several segments, some of them deleted, and gives a view that may hide a class
    of documents, and the documents of the view."""
    # Without numbers to order them by they stand in order of their keys.
    content: Any = [[{**one, "when": None} for one in documents] for documents in draw(blocks)]
    bounds = [0, *sorted(draw(st.lists(st.integers(0, len(content)), max_size=2))), len(content)]
    removed = draw(st.sets(st.integers(0, 7)))
    restricted = draw(st.booleans())

    def make(directory: Path) -> tuple[View, list[Document]]:
        keyed = [(f"key {number}", documents) for number, documents in enumerate(content)]
        commits = [keyed[start:end] for start, end in itertools.pairwise(bounds)]
        view = View(
            write(directory, commits, [f"key {number}" for number in removed]),
            SCHEMA,
            open_only if restricted else None,
        )
        shown = []
        for number, documents in enumerate(content):
            seen = [one for one in documents if not restricted or one["secrecy"] == "open"]
            if number not in removed:
                lead = seen[0] if seen and seen[0] is documents[0] else {}
                of_block: Document = {name: lead[name] for name in ("note", "link") if name in lead}
                shown += [{**one, **of_block} for one in seen if one is not documents[0]]
        return view, shown

    return make


def members(view: View) -> NDArray[np.int64]:
    """The number in the snapshot of each document of a reader, where blocks stand in the order of their segments."""
    return np.flatnonzero(np.concatenate([np.zeros(0, bool), *view.members]))


def whoosh_matches(view: View, query: q.Query) -> Matches:
    """What Whoosh's searcher matches with our scores, numbered through the snapshot."""
    reader = ViewReader(view)
    with Searcher(reader, reader.bm25()) as searcher:
        hits = {hit.docnum: hit.score for hit in searcher.search(query, limit=None)}
    docs = sorted(hits)
    return Matches(members(view)[docs], np.array([hits[doc] for doc in docs], np.float64))


Archive = Callable[[Path], tuple[View, list[Document]]]
generated = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@generated
@given(archive=archives(), queries=st.lists(trees(st.one_of(scored, unscored)), min_size=3, max_size=6))
def test_the_searcher_of_whoosh_finds_what_the_executor_finds(
    fresh: Callable[[], Path], archive: Archive, queries: list[q.Query]
) -> None:
    view, _ = archive(fresh())
    for query in queries:
        assert whoosh_matches(view, query).units.tolist() == execute(view, query).units.tolist()


@generated
@given(archive=archives(), queries=st.lists(trees(scored), min_size=3, max_size=6))
def test_scores_are_those_of_the_executor(fresh: Callable[[], Path], archive: Archive, queries: list[q.Query]) -> None:
    view, _ = archive(fresh())
    reader = ViewReader(view)
    with Searcher(reader, reader.bm25()) as searcher:
        for query in queries:
            units, scores = execute(view, query)
            expected = dict(zip(units.tolist(), scores.tolist(), strict=True))
            matches = whoosh_matches(view, query)
            assert dict(zip(matches.units.tolist(), matches.scores.tolist(), strict=True)) == pytest.approx(expected)
            best = [hit.score for hit in searcher.search(query, limit=2)]
            assert best == pytest.approx(sorted(expected.values(), reverse=True)[:2])


def words_of(document: Document, field: str) -> list[str]:
    """The terms of a document, by the definitions."""
    return [term for term, _ in terms(field, document.get("text" if field == "exact" else field))]


@generated
@given(archive=archives())
def test_listings_and_statistics_are_of_visible_documents_alone(fresh: Callable[[], Path], archive: Archive) -> None:
    view, shown = archive(fresh())
    reader = ViewReader(view)
    assert list(reader.all_doc_ids()) == list(range(len(shown)))
    assert reader.doc_count() == reader.doc_count_all() == len(shown)
    assert not reader.has_deletions()
    assert not any(map(reader.is_deleted, range(len(shown))))
    listed: list[tuple[str, bytes]] = []
    for field in ("exact", "link", "note", "secrecy", "tag", "text"):
        lengths = [len(words_of(document, field)) for document in shown] if field in {"exact", "note", "text"} else []
        assert reader.field_length(field) == sum(lengths)
        assert reader.max_field_length(field) == max(lengths, default=0)
        assert reader.min_field_length(field) == min(filter(None, lengths), default=0)
        counts: Counter[str] = Counter()
        having: Counter[str] = Counter()
        for document in shown:
            words = words_of(document, field)
            counts.update(words if lengths else set(words))
            having.update(set(words))
        expected = sorted(word.encode() for word in having)
        assert list(reader.lexicon(field)) == expected
        assert list(reader.field_terms(field)) == [term.decode() for term in expected]
        assert list(reader.expand_prefix(field, "a")) == [term for term in expected if term.startswith(b"a")]
        for term in expected:
            assert (field, term) in reader
            info = reader.term_info(field, term)
            assert info.weight() == reader.frequency(field, term) == counts[term.decode()]
            assert info.doc_frequency() == reader.doc_frequency(field, term) == having[term.decode()]
            assert info.min_id() == reader.first_id(field, term)
        listed += [(field, term) for term in expected]
    listed_numbers = [term for term in reader.all_terms() if term[0] == "size"]
    assert [term for term in reader.all_terms() if term[0] != "size"] == listed
    assert list(reader.terms_from("note", b"b")) == [
        *(term for term in listed if term[0] == "note" and term[1] >= b"b"),
        *(term for term in listed if term[0] == "secrecy"),
        *listed_numbers,
        *(term for term in listed if term[0] in {"tag", "text"}),
    ]
    assert list(reader.field_terms("size")) == sorted({one["size"] for one in shown} - {None})  # type: ignore[type-var]
    assert ("nothing", b"alfa") not in reader
    for field, term in (
        ("exact", b"zulu"),
        ("size", b"\xff" * 9),
        ("size", b"\x04" + b"\xff" * 8),
        ("size", b"\0" * 3),
    ):
        assert (field, term) not in reader
        assert reader.frequency(field, term) == reader.doc_frequency(field, term) == 0
        with pytest.raises(TermNotFound):
            reader.postings(field, term)


def near_enough(words: list[tuple[str, int]], one: str, other: str, slop: int, ordered: bool) -> bool:
    places = [[place for word, place in words if word == wanted] for wanted in (one, other)]
    return any(
        (there > here if ordered else there != here) and abs(there - here) <= slop
        for here, there in itertools.product(*places)
    )


@generated
@given(archive=archives(), query=near)
def test_words_near_one_another_are_found(fresh: Callable[[], Path], archive: Archive, query: spans.SpanNear) -> None:
    view, shown = archive(fresh())
    one, other = query.a.text, query.b.text
    docs = members(view).tolist()
    expected = [
        doc
        for doc, document in zip(docs, shown, strict=True)
        if near_enough(terms("exact", document.get("text")), one, other, query.slop, query.ordered)
    ]
    units, scores = whoosh_matches(view, query)
    assert units.tolist() == expected
    both = execute(view, q.And([query.a, query.b]))
    assert scores.tolist() == pytest.approx(both.scores[np.isin(both.units, units)].tolist())
    start = spans.SpanFirst(q.Term("note", one), limit=1)
    assert whoosh_matches(view, start)[0].tolist() == [
        doc
        for doc, document in zip(docs, shown, strict=True)
        if any(word == one and place < 2 for word, place in terms("note", document.get("note")))
    ]


LEAD: Document = {"note": "yankee secret", "link": ["LINK"], "secrecy": "open"}
TEXTS = [
    "alfa bravo charlie",
    "charlie bravo alfa delta",
    "delta delta echo",
    "alfa alfa delta echo foxtrot",
    "hotel india",
]


@pytest.fixture
def view(fresh: Callable[[], Path]) -> View:
    """Five visible documents in two segments, and hidden ones with words that no other has."""
    members: list[Document] = [
        {"text": text, "tag": ["ONE"] if "alfa" in text else ["TWO"], "size": len(text), "secrecy": "open"}
        for text in TEXTS
    ]
    hidden: Document = {"text": "bravado alfalfa", "tag": ["HIDDEN"], "size": 7, "secrecy": "closed"}
    lead: Document = {"note": "bravest", "link": ["HIDDEN"], "secrecy": "closed"}
    commits = [[("one", [LEAD, *members[:2], hidden]), ("two", [lead, hidden])], [("three", [lead, *members[2:]])]]
    return View(write(fresh(), commits), SCHEMA, open_only)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (q.Sequence([q.Term("exact", "alfa"), q.Prefix("exact", "b")]), [0]),
        (q.Sequence([q.Term("exact", "alfa"), q.Prefix("exact", "b")], ordered=False), [0, 1]),
        (q.Ordered([q.Term("exact", "charlie"), q.Term("exact", "delta")]), [1]),
        (spans.SpanNear2([q.Term("exact", word) for word in ("charlie", "bravo", "alfa")]), [1]),
        (spans.SpanNot(q.Term("exact", "alfa"), q.Term("exact", "bravo")), [0, 1, 3]),
        (spans.SpanOr([q.Term("exact", "foxtrot"), q.Wildcard("exact", "*ravo")]), [0, 1, 3]),
        (
            spans.SpanContains(
                spans.SpanNear(q.Term("exact", "alfa"), q.Term("exact", "charlie"), slop=2), q.Term("exact", "bravo")
            ),
            [0],
        ),
        (spans.SpanBefore(q.Term("exact", "bravo"), q.Term("exact", "alfa")), [1]),
        (spans.SpanCondition(q.Term("exact", "delta"), q.Term("exact", "echo")), [2, 3]),
        (spans.SpanFirst(q.Term("exact", "delta")), [2]),
        (spans.SpanFirst(q.FuzzyTerm("exact", "dleta", maxdist=1)), [2]),
        (spans.SpanNear(q.Term("note", "yankee"), q.Term("note", "secret")), [0, 1]),
        (spans.SpanNear(q.Term("exact", "bravado"), q.Term("exact", "alfalfa")), []),
        (q.Variations("exact", "bravo"), [0, 1]),
        (q.NestedParent(q.Term("exact", "alfa"), q.Term("exact", "echo")), [1, 3]),
        (q.NestedChildren(q.Term("exact", "alfa"), q.Term("exact", "foxtrot")), [4]),
        (q.NestedParent(BitSet([0, 3]), q.Term("exact", "delta")), [0, 3]),
        (q.Otherwise(q.Term("exact", "zulu"), q.Term("exact", "hotel")), [4]),
        (q.Term("size", 8), []),
        (q.Term("size", 11), [4]),
        (q.NumericRange("size", 8, 17), [2, 4]),
        (q.DisjunctionMax([q.Term("exact", "alfa"), q.Term("exact", "echo")]), [0, 1, 2, 3]),
        (q.Term("nothing", "alfa"), []),
        (q.NullQuery, []),
    ],
    ids=repr,
)
def test_queries_of_every_type_are_answered(view: View, query: q.Query, expected: list[int]) -> None:
    with Searcher(ViewReader(view)) as searcher:
        assert sorted(hit.docnum for hit in searcher.search(query, limit=None)) == expected


def test_what_cannot_be_asked_is_refused(view: View) -> None:
    tagged = spans.SpanNear(q.Term("tag", "ONE"), q.Term("tag", "ONE"))
    with pytest.raises(CablesearchError, match="tag have no positions"):
        whoosh_matches(view, tagged)
    with pytest.raises(q.QueryError):
        whoosh_matches(view, q.Phrase("tag", ["ONE", "TWO"]))
    with pytest.raises(CablesearchError):
        ViewReader(view).column_reader("tag")


def test_matchers_can_be_moved_and_copied(view: View) -> None:
    reader = ViewReader(view)
    scorer = reader.bm25().scorer(Searcher(reader), "exact", "delta")
    for model in (None, scorer):
        matcher = reader.postings("exact", "delta", scorer=model)
        again = matcher.copy()
        matcher.skip_to(2)
        assert (matcher.id(), matcher.value_as("frequency"), matcher.value()) == (2, 2, b"")
        assert len([*stepped(again)]) == 3
        matcher.skip_to(5)
        assert not matcher.is_active()
        assert not matcher.replace().is_active()
        matcher.reset()
        assert matcher.id() == 1
        assert not matcher.supports_block_quality()
    term = reader.postings("exact", "delta")
    assert scorer.score(term) == pytest.approx(execute(view, q.Term("exact", "delta")).scores[0])
    assert reader.bm25().scorer(Searcher(reader), "tag", "ONE").score(term) == 1


def stepped(matcher: Matcher) -> Iterator[Matcher]:
    """The matcher at each of its documents."""
    while matcher.is_active():
        yield matcher
        matcher.next()


def test_corrections_are_the_nearest_visible_words(view: View) -> None:
    reader = ViewReader(view)
    assert reader.corrector("text").suggest("alfaa") == ["alfa"]
    assert reader.corrector("exact").suggest("bravado", maxdist=3) == ["bravo"]
    assert reader.corrector("note").suggest("bravest") == []
    assert reader.corrector("note").suggest("yankey") == ["yankee"]
    assert reader.corrector("exact").suggest("dlta", limit=1) == ["delta"]
    with Searcher(reader) as searcher:
        correction = searcher.correct_query(q.Term("exact", "bravp"), "")
        assert correction.query == q.Term("exact", "bravo")


def test_more_of_the_same_is_found(view: View) -> None:
    def stored(number: int, doc: int) -> Document:
        record = view.segments[number].record(view.segments[number].block(doc))
        return {"record": record, "doc": doc} | ({"exact": TEXTS[2]} if record == b"record of three" else {})

    with Searcher(ViewReader(view, stored=stored)) as searcher:
        assert [word for word, _ in searcher.key_terms([2], "exact")] == ["delta", "echo"]
        assert [hit.docnum for hit in searcher.more_like(2, "exact")] == [3, 1]
        assert [hit.docnum for hit in searcher.more_like(0, "exact")] == [1, 3]
        hit = searcher.search(q.Term("exact", "hotel"))[0]
        assert (hit["record"], hit["doc"]) == (b"record of three", 3)
        assert {word for word, _ in searcher.key_terms(range(5), "note", numterms=99)} == {"yankee", "secret"}
        with pytest.raises(KeyError):
            searcher.stored_fields(5)
    reader = ViewReader(view)
    assert reader.stored_fields(0) == {}
    words: list[tuple[object, object]] = list(reader.vector_as("weight", 1, "text"))
    assert words == [("al", 1), ("br", 1), ("ch", 1), ("de", 1)]
    vector: Any = reader.vector(3, "exact")
    assert (vector.id(), vector.value_as("positions")) == ("alfa", [0, 1])
    assert not reader.has_vector(0, "tag")


def test_whoosh_groups_and_sorts(fresh: Callable[[], Path], view: View) -> None:
    with Searcher(ViewReader(view)) as searcher:
        found = searcher.search(q.Every(), sortedby="size", groupedby="tag")
        assert [hit.docnum for hit in found] == sorted(range(5), key=lambda doc: len(TEXTS[doc]))
        assert {name: len(group) for name, group in found.groups("tag").items()} == {"ONE": 3, "TWO": 2}
    schema = Schema(rank=NUMERIC(int, bits=64, signed=True, sortable=True))
    create(directory := fresh())
    with Writer(directory, schema) as writer:
        writer.add("key", bytes(16), [{}, {"rank": 3}, {}, {"rank": -2}, {"rank": 5}], [b""])
        writer.commit()
    reader = ViewReader(View(latest(directory), schema))
    assert reader.has_column("rank")
    assert list(reader.column_reader("rank")) == [3, None, -2, 5]
    with Searcher(reader) as searcher:
        for reverse, order in ((False, [2, 0, 3, 1]), (True, [1, 3, 0, 2])):
            facet = sorting.FieldFacet("rank", reverse=reverse)
            assert [hit.docnum for hit in searcher.search(q.Every(), sortedby=facet)] == order


@pytest.mark.parametrize("model", [scoring.BM25F, scoring.TF_IDF, scoring.Frequency, scoring.PL2])
def test_other_models_of_whoosh_can_score(view: View, model: type[scoring.WeightingModel]) -> None:
    with Searcher(ViewReader(view), model()) as searcher:
        query = q.Or([q.Term("exact", "alfa"), q.Term("exact", "echo"), q.Term("tag", "ONE")])
        assert len(searcher.search(query, limit=None)) == len(searcher.search(query, limit=2).docs()) == 4


def test_lone_surrogates_are_not_listed(fresh: Callable[[], Path]) -> None:
    view = View(write(fresh(), [[("key", [{}, {"text": "\udc80 한 alfa"}])]]), SCHEMA)
    assert list(ViewReader(view).field_terms("exact")) == ["alfa", "한"]
    assert whoosh_matches(view, q.Term("exact", "\udc80"))[0].tolist() == []


def test_the_leads_of_a_block_are_read_together(fresh: Callable[[], Path]) -> None:
    create(directory := fresh())
    with Writer(directory, SCHEMA) as writer:
        writer.add("key", bytes(16), [{"note": "alfa bravo"}, {"note": "alfa"}, {"text": "delta"}], [b""], leads=2)
        writer.commit()
    reader = ViewReader(View(latest(directory), SCHEMA))
    assert reader.postings("note", "alfa").id() == 0
    assert (reader.frequency("note", "alfa"), reader.doc_field_length(0, "note")) == (2, 3)
    words: list[tuple[object, object]] = list(reader.vector_as("weight", 0, "note"))
    assert words == [("alfa", 2), ("bravo", 1)]


@generated
@given(
    whens=st.lists(st.one_of(st.none(), st.integers(-2, 2)), min_size=1, max_size=8),
    bounds=st.lists(st.integers(0, 8), max_size=3),
    closed=st.sets(st.integers(0, 7)),
)
def test_documents_stand_in_the_order_of_their_blocks(
    fresh: Callable[[], Path], whens: list[int | None], bounds: list[int], closed: set[int]
) -> None:
    keyed: list[tuple[str, list[dict[str, object]]]] = []
    for number, when in enumerate(whens):
        secrecy = "closed" if number in closed else "open"
        sizes = range(2 * number, 2 * number + 2)
        inner: list[dict[str, object]] = [{"size": size, "when": when, "secrecy": secrecy} for size in sizes]
        keyed.append((f"key {7 - number}", [{"when": when, "secrecy": "open"}, *inner]))
    edges = [0, *sorted(min(bound, len(keyed)) for bound in bounds), len(keyed)]
    snapshot = write(fresh(), [keyed[start:end] for start, end in itertools.pairwise(edges)])
    reader = ViewReader(View(snapshot, SCHEMA, open_only))
    order = sorted(range(len(whens)), key=lambda number: (whens[number] is None, whens[number] or 0, 7 - number))
    assert list(reader.column_reader("size")) == [
        2 * number + member for number in order if number not in closed for member in range(2)
    ]


def test_every_question_goes_through_whoever_answers_for_the_index(view: View) -> None:
    def refusing(question: Callable[[], object]) -> Any:
        del question
        raise CablesearchError("nothing is said")

    reader = ViewReader(view, stored=lambda number, doc: {}, answering=refusing)
    questions: list[Callable[[], object]] = [
        reader.doc_count,
        lambda: list(reader.all_terms()),
        lambda: list(reader.lexicon("size")),
        lambda: list(reader.lexicon("tag")),
        lambda: ("exact", b"alfa") in reader,
        lambda: reader.frequency("exact", b"alfa"),
        lambda: reader.frequency("size", b"alfa"),
        lambda: reader.terms_within("exact", "alfa", 1),
        lambda: reader.stored_fields(0),
        lambda: reader.vector(0, "exact"),
        lambda: reader.lengths("exact"),
        lambda: reader.column_reader("size"),
        lambda: reader.idf("exact", "alfa"),
        lambda: reader.weights("exact", np.array([0]), np.array([1])),
        lambda: reader._positions("exact", b"alfa")(0),
    ]
    for question in questions:
        with pytest.raises(CablesearchError, match="nothing is said"):
            question()
