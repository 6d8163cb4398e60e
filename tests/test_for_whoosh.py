"""Whoosh's searcher over an archive: the documented example, stored fields, and the effect of a clearance."""

from __future__ import annotations

import contextlib
import io
import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from whoosh import query as q
from whoosh.query import spans
from whoosh.reading import IndexReader
from whoosh.searching import Searcher

import cablesearch
from cablesearch.archive import Archive
from cablesearch.query import parse
from tests.support.cables import cable

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an archive of the samples at ``indexes/cables``."""
    folder = tmp_path_factory.mktemp("samples")
    with cablesearch.create(folder / "indexes" / "cables") as archive:
        archive.index([ROOT / "samples"])
    return folder


def test_the_documented_example_prints_the_documented_output(samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "embedding.md").read_text(encoding="utf-8")
    section = page.partition("## With Whoosh's own searcher")[2]
    code, printed = re.findall(r"^```(?:python)?\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(samples)
    with contextlib.redirect_stdout(out := io.StringIO()):
        exec(compile(code, "docs/embedding.md", "exec"), {"__name__": "example"})
    assert out.getvalue() == printed


MIXED = [
    cable("10A1", ("U", "alfa bravo bravo"), ("S", "alfa zulu"), ("C", "bravo alfa alfa"), subject="quebec alfa"),
    cable("10A2", ("S", "zulu zulu bravo"), subject="zulu", subject_marking="S"),
    cable("10A3", "alfa charlie", ("S", "yankee"), subject="zulu", subject_marking="S", tags=["PREL"]),
]


@pytest.mark.parametrize(
    ("clearance", "words"),
    [
        ("UNCLASSIFIED", {"alfa": 2, "bravo": 2, "charlie": 1}),
        ("CONFIDENTIAL", {"alfa": 4, "bravo": 3, "charlie": 1}),
        ("FULL", {"alfa": 5, "bravo": 4, "charlie": 1, "yankee": 1, "zulu": 3}),
    ],
)
def test_a_whoosh_reader_has_only_visible_paragraphs(
    archive_of: Callable[..., Archive], clearance: str, words: dict[str, int]
) -> None:
    with cablesearch.open(archive_of(*MIXED).path, clearance=clearance) as archive:
        reader = cablesearch.whoosh_reader(archive)
        assert isinstance(reader, IndexReader)
        assert reader.doc_count_all() == reader.doc_count() == archive.stats().paragraphs
        assert {word: reader.frequency("exact", word) for word in reader.field_terms("exact")} == words
        assert reader.field_length("exact") == sum(words.values())
        texts = [paragraph.text for cable in archive.export() for paragraph in cable.paragraphs]
        assert [fields["text"] for fields in reader.all_stored_fields()] == texts
        assert Counter(" ".join(texts).split()) == words


def test_stored_fields_are_those_of_the_paragraph(archive_of: Callable[..., Archive]) -> None:
    with cablesearch.open(archive_of(*MIXED).path, clearance="UNCLASSIFIED") as archive:
        first, last = cablesearch.whoosh_reader(archive).all_stored_fields()
    date = MIXED[0].date
    assert first == {
        "id": "10A1",
        "citation": "10A1 ¶1",
        "position": 1,
        "number": 1,
        "date": date,
        "origin": "Embassy Beijing",
        "tag": [],
        "cable_classification": "UNCLASSIFIED",
        "classification": "UNCLASSIFIED",
        "class": 0,
        "control": [],
        "marking": "U",
        "acronym": [],
        "long_form": [],
        "country": ["China"],
        "in": [],
        "length": 3,
        "subject": "quebec alfa",
        "text": "alfa bravo bravo",
    }
    assert (last["citation"], last["tag"], last.get("subject")) == ("10A3 ¶1", ["PREL"], None)


def test_the_words_of_stored_texts_are_those_of_the_index(samples: Path) -> None:
    with cablesearch.open(samples / "indexes" / "cables") as archive:
        reader = cablesearch.whoosh_reader(archive)
        for docnum in [*range(0, reader.doc_count(), 2500), *reader.postings("id", "10BEIJING30").all_ids()]:
            for field in ("text", "exact", "subject", "subject_exact"):
                number, doc = reader._find(docnum)
                assert reader._stored_words(docnum, field) in (None, reader._terms.words_of(field, number, doc))


def test_scores_are_the_same_as_in_a_search(samples: Path) -> None:
    with cablesearch.open(samples / "indexes" / "cables") as archive:
        reader = cablesearch.whoosh_reader(archive)
        with Searcher(reader, weighting=reader.bm25()) as searcher:
            hits = [(hit["citation"], hit.score) for hit in searcher.search(q.Term("exact", "treaty"), limit=20)]
        results = archive.search("exact:treaty", limit=20)
    assert hits == [(hit.citation, pytest.approx(hit.score)) for hit in results]


def test_near_words_are_refused_by_name(archive_of: Callable[..., Archive]) -> None:
    with archive_of(cable("10A1", "labor visa")) as archive:
        reader = cablesearch.whoosh_reader(archive)
        with Searcher(reader, weighting=reader.bm25()) as searcher, pytest.raises(q.QueryError, match="type Near"):
            searcher.search(parse('"labor visa"~~5'))


def test_a_reader_stays_at_its_commit(archive_of: Callable[..., Archive]) -> None:
    archive = archive_of(*MIXED)
    reader = cablesearch.whoosh_reader(archive)
    archive.remove(["10A1"])
    assert cablesearch.whoosh_reader(archive).doc_count() == 3
    archive.close()
    assert reader.doc_count() == 6
    assert reader.stored_fields(0)["id"] == "10A1"
    with pytest.raises(cablesearch.CablesearchError, match="closed"):
        cablesearch.whoosh_reader(archive)


def everything(reader: IndexReader) -> Sequence[object]:
    """Return everything that a reader lists."""
    terms = [(term, list(reader.postings(*term).all_ids())) for term in reader.all_terms()]
    return [
        terms,
        *reader.all_stored_fields(),
        *(list(reader.vector_as("weight", 0, name)) for name in ("text", "header")),
    ]


def message(path: Path, clearance: str) -> str | None:
    """Return the error that a reader of everything gets; None if there is none."""
    try:
        with cablesearch.open(path, clearance=clearance) as archive:
            everything(cablesearch.whoosh_reader(archive))
    except cablesearch.CorruptIndexError as error:
        return str(error)
    return None


def test_a_reader_with_a_clearance_learns_only_that_the_archive_is_damaged(archive_of: Callable[..., Archive]) -> None:
    path = archive_of(*MIXED).path
    (segment,) = path.glob("*.seg")
    whole, messages = segment.read_bytes(), set()
    for place in range(0, len(whole), 397):
        content = bytearray(whole)
        content[place] ^= 0xFF
        segment.unlink()
        segment.write_bytes(content)
        messages.add(message(path, "UNCLASSIFIED"))
        assert segment.name in (message(path, "FULL") or segment.name)
    assert messages == {
        None,
        f"{path}: it is damaged; someone with full clearance can verify it",
    }


def test_spans_do_not_reach_across_hidden_paragraphs(archive_of: Callable[..., Archive]) -> None:
    near = spans.SpanNear(q.Term("exact", "bravo"), q.Term("exact", "alfa"), slop=1)
    path = archive_of(*MIXED).path
    citations = []
    for clearance in ("UNCLASSIFIED", "CONFIDENTIAL"):
        with cablesearch.open(path, clearance=clearance) as archive:
            searcher = Searcher(cablesearch.whoosh_reader(archive))
            citations.append([hit["citation"] for hit in searcher.search(near)])
    assert citations == [[], ["10A1 ¶3"]]
