"""The mapping of an index: where each field of the schema stands, and how it is indexed.

An index has two kinds of documents. One for each paragraph has all fields under ``p``; those of its cable are repeated
there, so that no query needs a join. One for each cable has under ``c`` the fields of the cable as a whole and all
keywords and numbers of its paragraphs, and under ``n`` its paragraphs, as nested documents: in a search by cable the
parts of a query may match in several of them. So the statistics of a field are those of just one kind of documents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from whoosh.fields import FieldType

from cablesearch.algorithms.bm25 import K1, B
from cablesearch.cluster.documents.wire import BESIDE
from cablesearch.protocols.fields import Text, is_of_block, is_shared, kind_of
from cablesearch.schema.index_fields import query_schema

__all__ = [
    "CABLE",
    "FORMAT",
    "NESTED",
    "PARAGRAPH",
    "SIZE",
    "cable_field",
    "index_body",
    "is_of_both",
    "is_of_cable",
    "nested_field",
    "own_field",
    "paragraph_field",
]

FORMAT = 2
"""The version of what is stored, raised whenever the mapping or the content of documents changes."""

PARAGRAPH, CABLE, NESTED = "p", "c", "n"
"""The kinds of documents, and the objects in which their fields stand."""

SIZE = "_size"
"""Stands behind the name of a text field in the name of the number of its words."""

_LONGEST_TOKEN = 1 << 20
"""The most characters between two blanks on the wire: a position may have many words."""
_MOST_NESTED = 1_000_000


def paragraph_field(name: str) -> str:
    """Return where documents of paragraphs have a field."""
    return f"{PARAGRAPH}.{name}"


def cable_field(name: str) -> str:
    """Return where documents of cables have a field."""
    return f"{CABLE}.{name}"


def nested_field(name: str) -> str:
    """Return where the nested documents of paragraphs have a field."""
    return f"{NESTED}.{name}"


@cache
def _fields() -> dict[str, FieldType]:
    return dict(query_schema().items())


def is_of_cable(name: str) -> bool:
    """Whether a field belongs to cables, and not to their paragraphs."""
    return is_shared(_fields()[name]) or is_of_block(_fields()[name])


def is_of_both(name: str) -> bool:
    """Whether cables have a text field beside their paragraphs: the subject, which a cable without any may have."""
    return name.partition("_")[0] == "subject"


def own_field(name: str) -> str:
    """Return where a field stands in those documents to which it belongs."""
    return cable_field(name) if is_of_cable(name) else paragraph_field(name)


def _text_mapping() -> dict[str, Any]:
    return {"type": "text", "analyzer": "given", "search_analyzer": "words", "similarity": "bm25"}


_TYPES: dict[str, dict[str, Any]] = {"keyword": {"type": "keyword"}, "number": {"type": "long"}}
_FOUND_ONLY: dict[str, dict[str, Any]] = {
    "keyword": {"type": "keyword", "doc_values": False},
    "number": {"type": "long", "doc_values": False},
}
"""Types of fields that are searched, but never counted or sorted by."""


def _properties(names: Iterator[str], types: dict[str, dict[str, Any]]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for name in names:
        kind = kind_of(_fields()[name])
        properties[name] = _text_mapping() if kind == "text" else types[kind]
    return properties


def _sizes(names: Iterable[str]) -> dict[str, Any]:
    """Return the mapping of the numbers of words of those fields that are texts."""
    texts = (name for name in names if isinstance(_fields()[name], Text))
    return {name + SIZE: {"type": "integer", "index": False} for name in texts}


def _mapping() -> dict[str, Any]:
    fields = _fields()
    of_paragraphs = [name for name in fields if not is_of_cable(name)]
    # Other texts of paragraphs are found in nested documents alone.
    of_cables = [
        name for name, field in fields.items() if is_of_cable(name) or kind_of(field) != "text" or is_of_both(name)
    ]
    plain = {"type": "keyword", "index": False, "doc_values": False}
    return {
        "dynamic": "strict",
        "_source": {"includes": ["record", "head", "digest"]},
        "properties": {
            "kind": {"type": "keyword"},
            "key": {"type": "keyword"},
            "edition": {"type": "keyword"},
            "place": {"type": "keyword", "doc_values": False},
            "position": {"type": "integer"},
            "date": {"type": "long"},
            "sample": {"type": "long"},
            "born": {"type": "long"},
            "digest": {"type": "keyword", "index": False},
            # The references of a cable with their places: values that are read without a record come sorted.
            "cited": {"type": "keyword", "index": False},
            "record": plain,
            "head": plain,
            PARAGRAPH: {
                "properties": _properties(iter(fields), _TYPES)
                | _sizes(of_paragraphs)
                # The distinct words of the text, to count them by their beginning.
                | {"words": {"type": "keyword", "index": False}}
            },
            CABLE: {"properties": _properties(iter(of_cables), _TYPES) | _sizes(of_cables)},
            NESTED: {"type": "nested", "properties": _properties(iter(of_paragraphs), _FOUND_ONLY)},
        },
    }


def index_body() -> dict[str, Any]:
    """Return the settings and the mapping of the index of a view class, but for the shards and their copies."""
    return {
        "settings": {
            "index": {
                # What is written is shown by a commit, and not before.
                "refresh_interval": "-1",
                # How long the version of a deleted document is remembered, so that one that was sent before and arrives
                # late is refused.
                "gc_deletes": "15m",
                "codec": "best_compression",
                "max_result_window": 10_000,
                "max_terms_count": 65_536,
                "mapping.nested_objects.limit": _MOST_NESTED,
                "mapping.total_fields.limit": 1_000,
                "merge.policy.expunge_deletes_allowed": 0,
                "similarity": {"bm25": {"type": "BM25", "k1": K1, "b": B, "discount_overlaps": False}},
            },
            "analysis": {
                "tokenizer": {"blanks": {"type": "whitespace", "max_token_length": _LONGEST_TOKEN}},
                "filter": {
                    "beside": {
                        "type": "pattern_capture",
                        "preserve_original": False,
                        "patterns": [f"([^{BESIDE}]+)"],
                    }
                },
                "analyzer": {
                    "given": {"type": "custom", "tokenizer": "blanks", "filter": ["beside"]},
                    "words": {"type": "custom", "tokenizer": "blanks"},
                },
            },
        },
        "mappings": _mapping(),
    }
