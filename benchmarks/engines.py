"""Compare the speed of cablesearch with other engines, at indexing and at searching, in one run.

    python benchmarks/engines.py [--paragraphs N ...] [--queries N] [--repeats N] [--peers NAME,...] [--json FILE]

An archive of N paragraphs is generated (see corpus.py), and each engine indexes it in a separate process. Then, class
by class, all engines answer the same queries in turns, several times. A query's time runs from the prepared query to
the texts of ten hits (top 10), the number of matches (count), or both. For each class the median and, in brackets, the
95th percentile over its queries of each query's median are printed. Engines that are not installed are skipped.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import multiprocessing
import os
import platform
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import corpus
import numpy as np
from corpus import Cable, Spec
from numpy.typing import NDArray
from whoosh import query as q
from whoosh.fields import NUMERIC, Schema

from cablesearch.engine.disk.files import Entry
from cablesearch.engine.index.creation import create as create_index
from cablesearch.engine.index.snapshot import latest
from cablesearch.engine.index.writer import Writer
from cablesearch.engine.search import collect, topk
from cablesearch.engine.search.view import View
from cablesearch.engine.segment.builder import SegmentBuilder
from cablesearch.engine.segment.segment import Segment
from cablesearch.indexing.workers import Workers
from cablesearch.protocols.fields import Document, Keyword, Text
from cablesearch.protocols.queries import leaves
from cablesearch.query import parse
from cablesearch.results import marking, passages
from cablesearch.text.analysis import indexing_stem, prepare, split, stem

LIMIT = 10
WIDTH = 240
MONTH = 43_200
SAMPLE = 3000
BATCH = 2000
SMALL = 80_000
"""The most paragraphs for engines that are too slow for more."""

OURS, RIVAL = "cablesearch", "tantivy"
SEARCHES = {"top 10": "top", "count": "count", "top 10 + count": "top_and_count"}
MEDIAN_TARGET, P95_TARGET, COUNTING_TARGET, SIZE_TARGET, SPEED_TARGET = 1.0, 1.5, 0.2, 1.15, 1.0
MISSED = "!"

Bools = NDArray[np.bool_]
Times = dict[tuple[str, str], dict[str, list[float]]]
"""(class, call) -> engine -> the median seconds of each query."""


class Peer(ABC):
    """An engine. ``calls`` names the methods that are timed."""

    name: str
    module: str
    distribution: str
    calls: tuple[str, ...] = tuple(SEARCHES.values())
    most_paragraphs: int | None = None
    peak = 0
    """The sum of the peak memory of all its processes: an upper bound of what it had at the same time."""

    def version(self) -> str:
        """Return the version of the engine."""
        return metadata.version(self.distribution)

    @abstractmethod
    def start(self, directory: Path) -> None:
        """Begin an index in an empty folder."""

    @abstractmethod
    def add(self, cables: list[Cable]) -> None:
        """Index a batch of cables."""

    @abstractmethod
    def finish(self) -> None:
        """Make the added cables searchable."""

    def settle(self) -> None:  # noqa: B027
        """Wait for work in the background."""

    @abstractmethod
    def open(self, directory: Path) -> None:
        """Open a finished index."""

    @abstractmethod
    def prepare(self, spec: Spec) -> Any:
        """Return the query as an object of the engine; None if the engine has no such query."""

    @abstractmethod
    def top(self, query: Any) -> list[str]:
        """Return the texts of the ten best hits."""

    def count(self, query: Any) -> int:
        """Return the number of matches."""
        raise NotImplementedError

    def top_and_count(self, query: Any) -> tuple[list[str], int]:
        """Return the ten best hits and the number of matches."""
        return self.top(query), self.count(query)

    def facets(self, query: Any) -> list[tuple[str, int]]:
        """Return the ten most common tags of the matches."""
        raise NotImplementedError

    def timeline(self, query: Any) -> list[tuple[int, int]]:
        """Return the number of matches in each period of thirty days."""
        raise NotImplementedError

    def hits(self, query: Any) -> list[Any]:
        """Return the ten best hits in the form that `snippets` takes."""
        raise NotImplementedError

    def snippets(self, query: Any, hits: list[Any]) -> list[str]:
        """Return passages of hits with the matches highlighted, in HTML."""
        raise NotImplementedError

    def parse(self, text: str) -> Any:
        """Parse a query as typed."""
        raise NotImplementedError


class CableSearch(Peer):
    """The engine of this package, with a schema of the fields that all engines have."""

    name = module = distribution = OURS
    calls = (*Peer.calls, "facets", "timeline", "snippets", "parse")

    def __init__(self) -> None:
        date: Any = NUMERIC(int, bits=64, signed=True)
        date.shared = date.orders_blocks = True
        self.schema = Schema(
            text=Text(split, indexing_stem, prepare=prepare),
            date=date,
            level=NUMERIC(int, bits=64, signed=True),
            number=NUMERIC(int, bits=64, signed=True),
            tag=Keyword(shared=True),
            visibility=Keyword(),
        )

    def start(self, directory: Path) -> None:
        create_index(directory)
        self.writer = Writer(directory, self.schema)
        self.workers = Workers(os.cpu_count() or 1)
        self.batch: list[Cable] = []

    def add(self, cables: list[Cable]) -> None:
        self.batch += cables
        if len(self.batch) >= BATCH:
            batch, self.batch = self.batch, []
            self._give(batch)

    def finish(self) -> None:
        self._give(self.batch)
        self._adopt(self.workers.drain())
        self.peak = sum(map(_peak, ["self", *(child.pid for child in multiprocessing.active_children())]))
        self.workers.close()
        self.writer.settle()
        self.writer.close()

    def _give(self, batch: list[Cable]) -> None:
        entry = self.writer.new_entry()
        self._adopt(self.workers.submit(self._build, entry, batch, entry, self.writer.dictionary))

    def _adopt(self, built: Iterable[tuple[Entry, int]]) -> None:
        for entry, cables in built:
            number = self.writer.attach(entry)
            for block in range(cables):
                self.writer.adopt(number, block)

    @staticmethod
    def _build(cables: list[Cable], place: Entry, dictionary: bytes) -> int:
        """Write a segment of cables and return the number of cables."""
        builder = SegmentBuilder(CableSearch().schema, dictionary)
        for cable in cables:
            common: dict[str, int | str | Sequence[str] | None] = {"date": cable.date, "tag": cable.tags}
            lead: Document = common | {"visibility": min(paragraph.visibility for paragraph in cable.paragraphs)}
            members: list[Document] = [
                common
                | {
                    "text": paragraph.text,
                    "level": paragraph.level,
                    "number": paragraph.number,
                    "visibility": paragraph.visibility,
                }
                for paragraph in cable.paragraphs
            ]
            records = [b"", *(paragraph.text.encode() for paragraph in cable.paragraphs)]
            builder.add(cable.id, cable.id.encode().ljust(16)[:16], [lead, *members], records)
        if cables:
            builder.write(place)
        return len(cables)

    def open(self, directory: Path) -> None:
        self.view = View(latest(directory), self.schema, self._visible)

    def _visible(self, segment: Segment) -> Bools:
        """Search everything through a mask of visibility classes, like a reader with a clearance."""
        seen = np.ones(len(segment.terms("visibility")), bool)
        visible: Bools = seen[segment.keywords("visibility")[1]]
        return visible

    def prepare(self, spec: Spec) -> q.Query:
        words = [stem(word) for word in spec.words]
        parts: list[q.Query] = [q.Term("text", word) for word in words]
        if spec.shape == "phrase":
            return q.Phrase("text", words)
        if spec.shape == "prefix":
            return q.Prefix("text", spec.words[0])
        if spec.shape == "any":
            return q.Or(parts)
        if spec.period:
            parts.append(q.NumericRange("date", *spec.period))
        if spec.tag:
            parts += [q.Term("tag", spec.tag), q.NumericRange("level", spec.level, spec.level)]
        return q.And(parts) if len(parts) > 1 else parts[0]

    def top(self, query: q.Query) -> list[str]:
        return list(map(self._text, topk.search(self.view, query, limit=LIMIT, count=False).units.tolist()))

    def count(self, query: q.Query) -> int:
        return topk.search(self.view, query, limit=0).total or 0

    def top_and_count(self, query: q.Query) -> tuple[list[str], int]:
        page = topk.search(self.view, query, limit=LIMIT)
        return list(map(self._text, page.units.tolist())), page.total or 0

    def _text(self, unit: int) -> str:
        return self.view.snapshot.stored(unit).decode()

    def facets(self, query: q.Query) -> list[tuple[str, int]]:
        return collect.facet(self.view, collect.select(self.view, query), "tag").most_common(LIMIT)

    def timeline(self, query: q.Query) -> list[tuple[int, int]]:
        results = collect.select(self.view, query)
        months = collect.histogram(self.view, results, "date", lambda minutes: minutes // MONTH)
        return [(month * MONTH, count) for month, count in months.items()]

    def hits(self, query: q.Query) -> list[str]:
        return self.top(query)

    def snippets(self, query: q.Query, hits: list[str]) -> list[str]:
        marker = marking.Marker(leaves(query), ["text"])
        return [passages.passage(text, marker.spans(text), WIDTH).html() for text in hits]

    def parse(self, text: str) -> q.Query:
        return parse(text)


class Tantivy(Peer):
    """Tantivy through its Python bindings: the fastest call for each class."""

    name = module = distribution = RIVAL
    calls = CableSearch.calls
    heap = 512_000_000

    def __init__(self) -> None:
        self.t = t = importlib.import_module(self.module)
        builder = t.SchemaBuilder()
        builder.add_text_field("text", stored=True, tokenizer_name="en_stem", index_option="position")
        builder.add_integer_field("date", fast=True)
        builder.add_integer_field("level", indexed=True, fast=True)
        builder.add_integer_field("number", stored=True)
        builder.add_text_field("tag", fast=True, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("visibility", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("cable", stored=True, tokenizer_name="raw", index_option="basic")
        self.schema = builder.build()
        analyzer = t.TextAnalyzerBuilder(t.Tokenizer.simple()).filter(t.Filter.lowercase())
        self.analyzer = analyzer.filter(t.Filter.stemmer("english")).build()

    def start(self, directory: Path) -> None:
        self.writer = self.t.Index(self.schema, path=str(directory)).writer(heap_size=self.heap)

    def add(self, cables: list[Cable]) -> None:
        make = self.t.Document
        for cable in cables:
            for paragraph in cable.paragraphs:
                self.writer.add_document(
                    make(
                        text=paragraph.text,
                        date=cable.date,
                        level=paragraph.level,
                        number=paragraph.number,
                        tag=list(cable.tags),
                        visibility=paragraph.visibility,
                        cable=cable.id,
                    )
                )

    def finish(self) -> None:
        self.writer.commit()

    def settle(self) -> None:
        self.writer.wait_merging_threads()

    def open(self, directory: Path) -> None:
        self.index = self.t.Index.open(str(directory))
        self.searcher = self.index.searcher()

    def prepare(self, spec: Spec) -> tuple[Any, str | None]:
        """Return the query, and its word if it has only one, whose document frequency is the number of matches."""
        make, occur = self.t.Query, self.t.Occur
        words = [self.analyzer.analyze(word)[0] for word in spec.words]
        if spec.shape == "phrase":
            return make.phrase_query(self.schema, "text", words), None
        if spec.shape == "prefix":
            return self._prefix(spec.words[0]), None
        parts = [make.term_query(self.schema, "text", word) for word in words]
        if spec.shape == "any":
            return make.boolean_query([(occur.Should, part) for part in parts]), None
        if spec.period:
            parts.append(make.range_query(self.schema, "date", self.t.FieldType.Integer, *spec.period))
        if spec.tag:
            filters = {"tag": spec.tag, "level": spec.level}.items()
            parts += [make.const_score_query(make.term_query(self.schema, *item), 0.0) for item in filters]
        if len(parts) > 1:
            return make.boolean_query([(occur.Must, part) for part in parts]), None
        return parts[0], words[0]

    def _prefix(self, letters: str) -> Any:
        """Return the faster query, unless it misses matches: it stops after a number of terms."""
        fast = self.t.Query.phrase_prefix_query(self.schema, "text", [letters])
        whole = self.t.Query.regex_query(self.schema, "text", letters + ".*")
        return fast if self.count((fast, None)) == self.count((whole, None)) else whole

    def _texts(self, found: Any) -> list[str]:
        return [self.searcher.doc(address)["text"][0] for _, address in found.hits]

    def top(self, query: tuple[Any, str | None]) -> list[str]:
        return self._texts(self.searcher.search(query[0], limit=LIMIT, count=False))

    def count(self, query: tuple[Any, str | None]) -> int:
        # Counting by an aggregation is faster than by `search`, which scores what it counts.
        tree, word = query
        if word is not None:
            return int(self.searcher.doc_freq("text", word))
        return int(self.searcher.aggregate(tree, {"n": {"value_count": {"field": "level"}}})["n"]["value"])

    def top_and_count(self, query: tuple[Any, str | None]) -> tuple[list[str], int]:
        results = self.searcher.search(query[0], limit=LIMIT, count=True)
        return self._texts(results), results.count

    def facets(self, query: tuple[Any, str | None]) -> list[tuple[str, int]]:
        wanted = {"n": {"terms": {"field": "tag", "size": LIMIT}}}
        buckets = self.searcher.aggregate(query[0], wanted)["n"]["buckets"]
        return [(bucket["key"], bucket["doc_count"]) for bucket in buckets]

    def timeline(self, query: tuple[Any, str | None]) -> list[tuple[int, int]]:
        wanted = {"n": {"histogram": {"field": "date", "interval": MONTH, "min_doc_count": 1}}}
        buckets = self.searcher.aggregate(query[0], wanted)["n"]["buckets"]
        return [(int(bucket["key"]), bucket["doc_count"]) for bucket in buckets]

    def hits(self, query: tuple[Any, str | None]) -> list[Any]:
        results = self.searcher.search(query[0], limit=LIMIT, count=False)
        return [self.searcher.doc(address) for _, address in results.hits]

    def snippets(self, query: tuple[Any, str | None], hits: list[Any]) -> list[str]:
        generator = self.t.SnippetGenerator.create(self.searcher, query[0], self.schema, "text")
        generator.set_max_num_chars(WIDTH)
        return [generator.snippet_from_doc(hit).to_html() for hit in hits]

    def parse(self, text: str) -> Any:
        return self.index.parse_query(text, ["text"])


class Fts5(Peer):
    """SQLite's FTS5, with the texts in a table beside its index.

    CROSS JOIN keeps SQLite from querying the index row by row.
    """

    name, module = "fts5", "sqlite3"
    calls = (*Peer.calls, "facets", "timeline")

    def version(self) -> str:
        return sqlite3.sqlite_version

    def start(self, directory: Path) -> None:
        self.database = sqlite3.connect(directory / "index.sqlite")
        self.database.executescript(
            """
            PRAGMA journal_mode = off; PRAGMA synchronous = off;
            CREATE TABLE paragraph (
                id INTEGER PRIMARY KEY, text TEXT, date INTEGER, level INTEGER, number INTEGER, visibility TEXT,
                cable TEXT
            );
            CREATE TABLE tag (name TEXT, paragraph INTEGER, PRIMARY KEY (paragraph, name)) WITHOUT ROWID;
            CREATE VIRTUAL TABLE words USING
                fts5(text, content='paragraph', content_rowid='id', tokenize='porter unicode61');
            """
        )
        self.rows = 0

    def add(self, cables: list[Cable]) -> None:
        first = self.rows + 1
        rows, tags = [], []
        for cable in cables:
            for paragraph in cable.paragraphs:
                self.rows += 1
                rows.append(
                    (
                        self.rows,
                        paragraph.text,
                        cable.date,
                        paragraph.level,
                        paragraph.number,
                        paragraph.visibility,
                        cable.id,
                    )
                )
                tags += [(tag, self.rows) for tag in cable.tags]
        self.database.executemany("INSERT INTO paragraph VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        self.database.executemany("INSERT INTO tag VALUES (?, ?)", tags)
        self.database.execute("INSERT INTO words (rowid, text) SELECT id, text FROM paragraph WHERE id >= ?", (first,))

    def finish(self) -> None:
        self.database.execute("INSERT INTO words (words) VALUES ('optimize')")
        self.database.commit()
        self.database.close()

    def open(self, directory: Path) -> None:
        self.database = sqlite3.connect(directory / "index.sqlite")

    def prepare(self, spec: Spec) -> tuple[str, list[Any]]:
        """Return the tables and conditions, and the values in them."""
        quoted = [f'"{word}"' for word in spec.words]
        match = {
            "all": " AND ".join(quoted),
            "any": " OR ".join(quoted),
            "phrase": f'"{" ".join(spec.words)}"',
            "prefix": f"{quoted[0]} *",
        }[spec.shape]
        if spec.period:
            return (
                "words CROSS JOIN paragraph ON id = words.rowid WHERE words MATCH ? AND date BETWEEN ? AND ?",
                [match, *spec.period],
            )
        if spec.tag:
            return (
                "words CROSS JOIN paragraph ON id = words.rowid CROSS JOIN tag ON tag.paragraph = id "
                "WHERE words MATCH ? AND level = ? AND tag.name = ?",
                [match, spec.level, spec.tag],
            )
        return "words WHERE words MATCH ?", [match]

    def _rows(self, sql: str, values: list[Any]) -> list[Any]:
        return self.database.execute(sql, values).fetchall()

    def top(self, query: tuple[str, list[Any]]) -> list[str]:
        best = f"SELECT words.rowid AS best FROM {query[0]} ORDER BY rank LIMIT {LIMIT}"
        return [
            text for (text,) in self._rows(f"SELECT text FROM ({best}) CROSS JOIN paragraph ON id = best", query[1])
        ]

    def count(self, query: tuple[str, list[Any]]) -> int:
        return int(self._rows(f"SELECT count(*) FROM {query[0]}", query[1])[0][0])

    def facets(self, query: tuple[str, list[Any]]) -> list[tuple[str, int]]:
        result = f"SELECT words.rowid AS hit FROM {query[0]}"
        counts = f"SELECT name, count(*) FROM ({result}) CROSS JOIN tag ON paragraph = hit GROUP BY name"
        return self._rows(f"{counts} ORDER BY 2 DESC LIMIT {LIMIT}", query[1])

    def timeline(self, query: tuple[str, list[Any]]) -> list[tuple[int, int]]:
        result = f"SELECT words.rowid AS hit FROM {query[0]}"
        month = f"date / {MONTH} * {MONTH}"
        return self._rows(
            f"SELECT {month}, count(*) FROM ({result}) CROSS JOIN paragraph ON id = hit GROUP BY 1", query[1]
        )


class OwnWhoosh(Peer):
    """Whoosh with its own storage."""

    name, module, distribution, most_paragraphs = "whoosh", "whoosh.index", "whoosh3", SMALL
    calls = (*Peer.calls, "facets", "timeline")

    def __init__(self) -> None:
        self.storage = importlib.import_module(self.module)
        self.sorting = importlib.import_module("whoosh.sorting")
        fields = importlib.import_module("whoosh.fields")
        analysis = importlib.import_module("whoosh.analysis")
        date: Any = NUMERIC(int, bits=64, signed=True)
        date.shared = True
        self.schema = Schema(
            text=fields.TEXT(stored=True, analyzer=analysis.StemmingAnalyzer(stoplist=None, minsize=1)),
            date=fields.NUMERIC(int, bits=64, sortable=True),
            level=fields.NUMERIC(int),
            number=fields.NUMERIC(int),
            tag=fields.KEYWORD,
            visibility=fields.ID,
            cable=fields.ID(stored=True),
        )

    def start(self, directory: Path) -> None:
        self.writer = self.storage.create_in(str(directory), self.schema).writer(limitmb=512)

    def add(self, cables: list[Cable]) -> None:
        for cable in cables:
            for paragraph in cable.paragraphs:
                self.writer.add_document(
                    text=paragraph.text,
                    date=cable.date,
                    level=paragraph.level,
                    number=paragraph.number,
                    tag=" ".join(cable.tags),
                    visibility=paragraph.visibility,
                    cable=cable.id,
                )

    def finish(self) -> None:
        self.writer.commit()

    def open(self, directory: Path) -> None:
        self.searcher = self.storage.open_dir(str(directory)).searcher()
        self.ours = CableSearch()

    def prepare(self, spec: Spec) -> q.Query:
        return self.ours.prepare(spec)

    def top(self, query: q.Query) -> list[str]:
        return [hit["text"] for hit in self.searcher.search(query, limit=LIMIT)]

    def count(self, query: q.Query) -> int:
        return sum(1 for _ in self.searcher.docs_for_query(query))

    def _groups(self, query: q.Query, facet: Any) -> dict[Any, int]:
        results = self.searcher.search(query, limit=1, groupedby={"n": facet}, maptype=self.sorting.Count)
        return dict(results.groups("n"))

    def facets(self, query: q.Query) -> list[tuple[str, int]]:
        counts = self._groups(query, self.sorting.FieldFacet("tag", allow_overlap=True))
        return sorted(counts.items(), key=lambda pair: -pair[1])[:LIMIT]

    def timeline(self, query: q.Query) -> list[tuple[int, int]]:
        facet = self.sorting.RangeFacet("date", corpus.FIRST_MINUTE, corpus.LAST_MINUTE, MONTH)
        return sorted((months[0], count) for months, count in self._groups(query, facet).items() if months)


class Bm25s(Peer):
    """BM25S, which has neither phrases nor filters and finds any of the words."""

    name = module = distribution = "bm25s"
    calls = ("top",)

    def __init__(self) -> None:
        self.b = importlib.import_module(self.module)

    def start(self, directory: Path) -> None:
        self.directory = directory
        self.texts: list[str] = []

    def add(self, cables: list[Cable]) -> None:
        self.texts += [paragraph.text for cable in cables for paragraph in cable.paragraphs]

    def _tokens(self, texts: list[str]) -> Any:
        def stemmer(words: list[str]) -> list[str]:
            return list(map(indexing_stem, words))

        options = {"stopwords": None, "token_pattern": r"(?u)\b\w+\b", "show_progress": False}
        return self.b.tokenize(texts, stemmer=stemmer, **options)

    def finish(self) -> None:
        retriever = self.b.BM25(corpus=self.texts)
        retriever.index(self._tokens(self.texts), show_progress=False)
        retriever.save(str(self.directory), show_progress=False)

    def open(self, directory: Path) -> None:
        self.retriever = self.b.BM25.load(str(directory), load_corpus=True, mmap=True)

    def prepare(self, spec: Spec) -> list[str] | None:
        if spec.shape != "any" and (len(spec.words) > 1 or spec.shape != "all" or spec.period or spec.tag):
            return None
        return [stem(word) for word in spec.words]

    def top(self, query: list[str]) -> list[str]:
        results = self.retriever.retrieve([query], k=LIMIT, show_progress=False)
        return [item["text"] for item in results.documents[0]]


class Xapian(Peer):
    """Xapian through its Python bindings."""

    name = module = "xapian"
    calls = (*Peer.calls, "facets", "timeline")
    date_slot, tag_slot, month_slot = 0, 1, 2

    def __init__(self) -> None:
        self.x = importlib.import_module(self.module)

    def version(self) -> str:
        return str(self.x.version_string())

    def start(self, directory: Path) -> None:
        self.database = self.x.WritableDatabase(str(directory), self.x.DB_CREATE_OR_OPEN)
        self.generator = self.x.TermGenerator()
        self.generator.set_stemmer(self.x.Stem("en"))
        self.generator.set_stemming_strategy(self.x.TermGenerator.STEM_ALL)

    def add(self, cables: list[Cable]) -> None:
        for cable in cables:
            date = self.x.sortable_serialise(cable.date)
            for paragraph in cable.paragraphs:
                document = self.x.Document()
                self.generator.set_document(document)
                self.generator.set_termpos(0)
                self.generator.index_text(paragraph.text)
                document.set_data(paragraph.text)
                document.add_value(self.date_slot, date)
                document.add_value(self.tag_slot, " ".join(cable.tags))
                document.add_value(self.month_slot, str(cable.date // MONTH * MONTH))
                for term in (
                    f"XL{paragraph.level}",
                    f"XV{paragraph.visibility}",
                    f"Q{cable.id}",
                    f"XN{paragraph.number}",
                ):
                    document.add_boolean_term(term)
                for tag in cable.tags:
                    document.add_boolean_term(f"XT{tag}")
                self.database.add_document(document)

    def finish(self) -> None:
        self.database.commit()

    def settle(self) -> None:
        self.database.close()

    def open(self, directory: Path) -> None:
        self.database = self.x.Database(str(directory))

    def prepare(self, spec: Spec) -> Any:
        make = self.x.Query
        stemmer = self.x.Stem("en")
        words = [make(stemmer(word).decode()) for word in spec.words]
        if spec.shape == "prefix":
            return make(make.OP_WILDCARD, spec.words[0])
        operator = {"all": make.OP_AND, "any": make.OP_OR, "phrase": make.OP_PHRASE}[spec.shape]
        query = make(operator, words)
        if spec.period:
            first, last = map(self.x.sortable_serialise, spec.period)
            query = make(make.OP_FILTER, query, make(make.OP_VALUE_RANGE, self.date_slot, first, last))
        if spec.tag:
            filters = make(make.OP_AND, [make(f"XT{spec.tag}"), make(f"XL{spec.level}")])
            query = make(make.OP_FILTER, query, filters)
        return query

    def _matches(self, query: Any, limit: int, least: int, spy: Any = None) -> Any:
        enquire = self.x.Enquire(self.database)
        enquire.set_query(query)
        if spy:
            enquire.add_matchspy(spy)
        if not limit:
            enquire.set_weighting_scheme(self.x.BoolWeight())
        return enquire.get_mset(0, limit, least)

    def _values(self, query: Any, slot: int) -> dict[str, int]:
        spy = self.x.ValueCountMatchSpy(slot)
        self._matches(query, 0, self.database.get_doccount(), spy)
        return {value.term.decode(): value.termfreq for value in spy.values()}

    def timeline(self, query: Any) -> list[tuple[int, int]]:
        return sorted((int(month), count) for month, count in self._values(query, self.month_slot).items())

    def facets(self, query: Any) -> list[tuple[str, int]]:
        counts: Counter[str] = Counter()
        for tags, count in self._values(query, self.tag_slot).items():
            counts.update(dict.fromkeys(tags.split(), count))
        return counts.most_common(LIMIT)

    def top(self, query: Any) -> list[str]:
        return [match.document.get_data().decode() for match in self._matches(query, LIMIT, 0)]

    def count(self, query: Any) -> int:
        return int(self._matches(query, 0, self.database.get_doccount()).get_matches_estimated())

    def top_and_count(self, query: Any) -> tuple[list[str], int]:
        results = self._matches(query, LIMIT, self.database.get_doccount())
        return [match.document.get_data().decode() for match in results], int(results.get_matches_estimated())


PEERS: dict[str, type[Peer]] = {peer.name: peer for peer in (CableSearch, Tantivy, Fts5, OwnWhoosh, Bm25s, Xapian)}


# Indexing, in separate processes


class Indexed(NamedTuple):
    """The result of indexing: the seconds it took, the bytes on disk, and the peak memory of the process."""

    seconds: float
    size: int
    peak: int


def _peak(process: int | str | None = "self") -> int:
    """Return the peak memory of the process in bytes."""
    status = Path(f"/proc/{process}/status")
    if status.exists():
        # The peak that getrusage reports starts with that of the parent process.
        lines = status.read_text().splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak << 10


def index_here(name: str, source: Path, directory: Path) -> Indexed:
    """Index an archive; the time to read it back is not counted."""
    peer = PEERS[name]()
    # The first word loads the stemmer's tables.
    indexing_stem("words")
    chunks = corpus.read(source)
    started = time.perf_counter()
    peer.start(directory)
    seconds = time.perf_counter() - started
    for chunk in chunks:
        started = time.perf_counter()
        peer.add(chunk)
        seconds += time.perf_counter() - started
    started = time.perf_counter()
    peer.finish()
    seconds += time.perf_counter() - started
    peer.settle()
    size = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())
    return Indexed(seconds, size, max(_peak(), peer.peak))


def index(name: str, source: Path, directory: Path) -> Indexed:
    """Index an archive in a new process."""
    directory.mkdir(parents=True)
    command = [sys.executable, __file__, "--index", name, str(source), str(directory)]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    return Indexed(*json.loads(lines[-1]))


# Searching


class Job(NamedTuple):
    """The queries of a class and the method that is timed."""

    kind: str
    call: str
    specs: list[Spec]


def jobs(classes: dict[str, list[Spec]]) -> list[Job]:
    """Return all jobs to time."""
    jobs = [Job(kind, call, specs) for kind, specs in classes.items() for call in SEARCHES.values()]
    for call in ("facets", "timeline"):
        jobs.append(Job("common term", call, classes["common term"]))
    jobs += [Job(kind, "snippets", classes[kind]) for kind in ("common term", "OR of 3", "phrase of 2")]
    typed = ("rare term", "AND of 2", "OR of 5 to 8", "phrase of 3")
    return jobs + [Job(kind, "parse", classes[kind]) for kind in typed]


def calls_of(peer: Peer, job: Job) -> list[Callable[[], Any]]:
    """Return the calls to time, one a query; an empty list if the engine cannot do this."""
    if job.call not in peer.calls:
        return []
    method = getattr(peer, job.call)
    if job.call == "parse":
        return [partial(method, spec.text) for spec in job.specs]
    queries = [peer.prepare(spec) for spec in job.specs]
    if None in queries:
        return []
    if job.call == "snippets":
        return [partial(method, query, peer.hits(query)) for query in queries]
    return [partial(method, query) for query in queries]


def measure(peers: list[Peer], todo: list[Job], repeats: int) -> Times:
    """Time every job. The engines take turns, in rotating order; the first round is not counted."""
    calls = [[(peer.name, calls_of(peer, job)) for peer in peers] for job in todo]
    seconds: list[dict[str, list[list[float]]]] = [
        {name: [[] for _ in queries] for name, queries in item if queries} for item in calls
    ]
    gc.collect()
    gc.disable()
    for turn in range(repeats + 1):
        for item, times in zip(calls, seconds, strict=True):
            for name, queries in item[turn % len(item) :] + item[: turn % len(item)]:
                for place, call in enumerate(queries):
                    started = time.perf_counter()
                    call()
                    took = time.perf_counter() - started
                    if turn:
                        times[name][place].append(took)
            gc.collect(0)
    gc.enable()
    return {
        (job.kind, job.call): {name: list(map(statistics.median, item)) for name, item in times.items()}
        for job, times in zip(todo, seconds, strict=True)
    }


def agreement(one: Peer, other: Peer, classes: dict[str, list[Spec]]) -> dict[str, tuple[int, int]]:
    """Return for how many queries of each class two engines count the same matches, and the number of queries."""
    result = {}
    for kind, specs in classes.items():
        same = sum(one.count(one.prepare(spec)) == other.count(other.prepare(spec)) for spec in specs)
        result[kind] = (same, len(specs))
    return result


class Outcome(NamedTuple):
    """Everything measured on an archive of one size."""

    paragraphs: int
    text: int
    indexed: dict[str, Indexed]
    times: Times
    agreement: dict[str, tuple[int, int]]


def search(
    paragraphs: int, text: int, indexed: dict[str, Indexed], folder: Path, queries: int, repeats: int
) -> Outcome:
    """Draw the queries and time them on all indexes of an archive."""
    peers = [PEERS[name]() for name in indexed]
    for peer in peers:
        peer.open(folder / peer.name)
    counting = {peer.name: peer for peer in peers if "count" in peer.calls}
    judge = counting.get(RIVAL) or next(iter(counting.values()))

    def frequency(word: str) -> int:
        return judge.count(judge.prepare(Spec("all", (word,))))

    classes = corpus.draw(corpus.sample(folder / "corpus", SAMPLE), frequency, paragraphs, queries)
    agreed = agreement(counting[OURS], counting[RIVAL], classes) if {OURS, RIVAL} <= counting.keys() else {}
    return Outcome(paragraphs, text, indexed, measure(peers, jobs(classes), repeats), agreed)


# Reporting


def p95(times: Sequence[float]) -> float:
    """Return the 95th percentile."""
    return float(np.percentile(times, 95))


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns: the first aligned left, the others right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, *rows):
        cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        print("  ".join([row[0].ljust(widths[0]), *cells[1:]]).rstrip())
    print()


def judged(ratio: float, target: float, *, least: bool = False) -> str:
    """Return a ratio as text, marked if it misses the target."""
    missed = ratio < target if least else ratio > target
    return f"{ratio:.2f}{MISSED if missed else ' '}"


def label(kind: str, call: str) -> str:
    """Return the label of a row of times."""
    spoken = {method: name for name, method in SEARCHES.items()}
    return f"{kind}: {spoken.get(call, call)}"


def ratios(call: str, times: dict[str, list[float]]) -> list[str]:
    """Return our times divided by the rival's: of the medians, and of the 95th percentiles."""
    if not {OURS, RIVAL} <= times.keys():
        return ["", ""]
    median = statistics.median(times[OURS]) / statistics.median(times[RIVAL])
    high = p95(times[OURS]) / p95(times[RIVAL])
    if call in {"facets", "timeline"}:
        return [judged(median, COUNTING_TARGET), f"{high:.2f} "]
    if call == "parse":
        return [f"{median:.2f} ", f"{high:.2f} "]
    return [judged(median, MEDIAN_TARGET), judged(high, P95_TARGET)]


def report(outcome: Outcome) -> None:
    """Print the measurements on an archive of one size."""
    names = list(outcome.indexed)
    versus = [f"{OURS}/{RIVAL}", "of p95"]
    print(f"{outcome.paragraphs:,} paragraphs, {outcome.text / 1e6:.1f} MB of text\n")
    rival = outcome.indexed.get(RIVAL)
    rows = []
    for name, figures in outcome.indexed.items():
        compared = ["", ""]
        if rival:
            target = (SPEED_TARGET, SIZE_TARGET) if name == OURS else (0, float("inf"))
            compared = [
                judged(rival.seconds / figures.seconds, target[0], least=True),
                judged(figures.size / rival.size, target[1]),
            ]
        speed = [f"{figures.seconds:.1f}", f"{outcome.text / 1e6 / figures.seconds:.1f}", compared[0]]
        rows.append([name, *speed, f"{figures.size / 1e6:.1f}", compared[1], f"{figures.peak / 2**20:.0f}"])
    table(["indexing", "s", "MB/s", f"/{RIVAL}", "disk MB", f"/{RIVAL}", "peak MiB"], rows)
    rows = []
    for (kind, call), times in outcome.times.items():
        cells = [
            f"{statistics.median(times[name]) * 1e3:.3f} ({p95(times[name]) * 1e3:.3f})" if name in times else "-"
            for name in names
        ]
        rows.append([label(kind, call), *cells, *ratios(call, times)])
    table(["ms: median (p95)", *names, *versus], rows)
    for kind, (same, total) in outcome.agreement.items():
        if same < total:
            print(f"{OURS} and {RIVAL} count the same matches for {same} of {total} queries: {kind}")
    same, total = map(sum, zip(*outcome.agreement.values(), strict=True)) if outcome.agreement else (0, 0)
    print(f"{OURS} and {RIVAL} count the same matches for {same} of {total} queries\n")


def report_growth(outcomes: list[Outcome]) -> None:
    """Print how times, speed and size grow with the archive."""
    name = OURS if OURS in outcomes[0].indexed else next(iter(outcomes[0].indexed))
    rows = [
        ["MB/s indexed", *(f"{figures.text / 1e6 / figures.indexed[name].seconds:.1f}" for figures in outcomes)],
        ["bytes on disk / of text", *(f"{figures.indexed[name].size / figures.text:.2f}" for figures in outcomes)],
        ["peak MiB of indexing", *(f"{figures.indexed[name].peak / 2**20:.0f}" for figures in outcomes)],
    ]
    for kind, call in outcomes[0].times:
        result = [outcome.times[kind, call] for outcome in outcomes]
        if all(name in times for times in result):
            cells = [f"{statistics.median(times[name]) * 1e3:.3f} {ratios(call, times)[0]:>6}" for times in result]
            rows.append([label(kind, call), *cells])
    table([f"{name}: ms (over {RIVAL})", *(f"{outcome.paragraphs:,}" for outcome in outcomes)], rows)


def machine() -> str:
    """Return the processor, its cores and the memory."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line.partition(": ")[2] for line in info.read_text().splitlines() if line.startswith("model name")]
        model = models[0] if models else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{platform.platform()}, {model}, {os.cpu_count()} processors, {memory:.1f} GiB"


def installed(names: Sequence[str]) -> list[str]:
    """Return the engines that can be imported; report the others."""
    result = []
    for name in names:
        try:
            importlib.import_module(PEERS[name].module)
            result.append(name)
        except ImportError:
            print(f"{name}: not installed, skipped")
    return result


def as_json(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome for JSON."""
    times = [
        {"class": kind, "call": call, "engine": name, "seconds": item}
        for (kind, call), figures in outcome.times.items()
        for name, item in figures.items()
    ]
    indexed = {name: figures._asdict() for name, figures in outcome.indexed.items()}
    return outcome._asdict() | {"times": times, "indexed": indexed}


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paragraphs", type=int, nargs="+", default=[SMALL], metavar="N")
    parser.add_argument("--queries", type=int, default=30, metavar="N", help="of each class (30)")
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="of everything (5)")
    parser.add_argument("--peers", default=",".join(list(PEERS)[1:]), metavar="NAME,...", help="%(default)s")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every query's times")
    parser.add_argument("--index", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.index:
        name, source, directory = arguments.index
        print(json.dumps(index_here(name, Path(source), Path(directory))))
        return
    names = installed([OURS, *filter(None, arguments.peers.split(","))])
    versions = ", ".join(f"{name} {PEERS[name]().version()}" for name in names)
    print(f"{machine()}\nPython {platform.python_version()}; {versions}")
    print(f"{arguments.queries} queries a class, {arguments.repeats} repeats; {MISSED}: target missed\n")
    with tempfile.TemporaryDirectory() as folder:
        measured = [run(count, names, Path(folder, str(count)), arguments) for count in arguments.paragraphs]
    if len(measured) > 1:
        report_growth(measured)
    if arguments.json:
        body = {"machine": machine(), "versions": versions, "outcomes": [as_json(outcome) for outcome in measured]}
        arguments.json.write_text(json.dumps(body, indent=1), encoding="utf-8")


def run(count: int, names: list[str], folder: Path, arguments: argparse.Namespace) -> Outcome:
    """Generate an archive, index and search it with every engine, print the results, and remove it."""
    folder.mkdir()
    text = corpus.write(folder / "corpus", count)
    indexed = {}
    for name in names:
        most = PEERS[name].most_paragraphs
        if most is None or count <= most:
            indexed[name] = index(name, folder / "corpus", folder / name)
    outcome = search(count, text, indexed, folder, arguments.queries, arguments.repeats)
    report(outcome)
    shutil.rmtree(folder)
    return outcome


if __name__ == "__main__":
    main()
