"""What the answers of the commands consist of, as JSON schemas for the OpenAPI document.

Answers may get further members in time, so other members are allowed.
"""

from __future__ import annotations

from typing import Any

__all__ = ["ANSWERS", "SCHEMAS"]

_Schema = dict[str, Any]


def _maybe(schema: _Schema) -> _Schema:
    """Return the schema of a value that may be null."""
    return schema | {"type": [schema["type"], "null"]}


def _list(items: _Schema) -> _Schema:
    return {"type": "array", "items": items}


def _map(values: _Schema) -> _Schema:
    return {"type": "object", "additionalProperties": values}


def _object(*optional: str, **members: _Schema) -> _Schema:
    """Return the schema of an object, which has all members but those that are optional."""
    return {
        "type": "object",
        "required": [name for name in members if name not in optional],
        "properties": members,
    }


def _ref(name: str) -> _Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_TEXT: _Schema = {"type": "string"}
_COUNT: _Schema = {"type": "integer", "minimum": 0}
_NUMBER: _Schema = {"type": "number"}
_BOOL: _Schema = {"type": "boolean"}
_TEXTS = _list(_TEXT)
_DATE: _Schema = {"type": "string", "description": "In UTC: 2010-01-08T03:26Z."}
_PERIOD: _Schema = {"type": "string", "description": "A year, month or day: 2010-01."}
_PAIR: _Schema = {
    "type": "array",
    "items": {"type": ["string", "integer"]},
    "minItems": 2,
    "maxItems": 2,
    "description": "A value and its number.",
}
_FACETS = _map(_list(_PAIR))
_UNIT: _Schema = {"type": "string", "enum": ["paragraph", "cable"]}
_VERSION: _Schema = {"type": "integer", "const": 1}
_GRAPH = {"directed": _BOOL, "multigraph": _BOOL, "graph": _map({}), "edges": _list(_map(_TEXT))}


def _answer(**members: _Schema) -> _Schema:
    """Return the schema of an answer."""
    return _object(version=_VERSION, **members)


SCHEMAS: dict[str, _Schema] = {
    "Hit": _object(
        "citations",
        cable=_TEXT,
        paragraph=_maybe(_COUNT),
        position=_COUNT | {"description": "The place of the paragraph in its cable; 0: the cable as a whole."},
        citation=_TEXT,
        score=_NUMBER,
        date=_maybe(_DATE),
        origin=_TEXT,
        classification=_TEXT,
        controls=_TEXTS,
        marking=_maybe(_TEXT),
        cable_classification=_TEXT,
        tags=_TEXTS,
        subject=_maybe(_TEXT),
        section=_maybe(_TEXT),
        snippet=_TEXT | {"description": "HTML in which the matches are marked, and nothing else."},
        text=_TEXT,
        citations=_COUNT,
    ),
    "Expansion": _object(written=_TEXT, variants=_list(_object(text=_TEXT, source=_TEXT, paragraphs=_maybe(_COUNT)))),
    "Paragraph": _object(
        number=_maybe(_COUNT),
        position=_COUNT,
        marking=_maybe(_TEXT),
        section=_maybe(_TEXT),
        classification=_TEXT,
        controls=_TEXTS,
        text=_TEXT,
        citation=_TEXT,
    ),
    "LinkedCable": _object(
        id=_TEXT,
        missing=_BOOL,
        date=_maybe(_DATE),
        origin=_TEXT,
        subject=_maybe(_TEXT),
        classification=_maybe(_TEXT),
        references=_COUNT,
        citations=_COUNT,
    ),
    "Phrase": _object(
        phrase=_TEXT,
        score=_NUMBER,
        log_ratio=_NUMBER,
        count=_COUNT,
        share=_NUMBER,
        other_count=_COUNT,
        other_share=_NUMBER,
    ),
    "Burst": _object(
        begin=_PERIOD,
        end=_PERIOD,
        weight=_NUMBER,
        hits=_COUNT,
        cables=_COUNT,
        expected=_NUMBER,
        share=_NUMBER,
        peak=_PERIOD,
    ),
}
"""The parts of answers, by name."""

_RESULTS = _answer(
    query=_TEXT,
    total=_COUNT | {"description": "All hits, on other pages too."},
    took_ms=_NUMBER,
    suggestion=_maybe(_TEXT) | {"description": "The query with its spelling corrected, if nothing matches."},
    alternatives=_map(_COUNT) | {"description": "The hits for any of the words, or in whole cables."},
    unknown_values=_list(_object(field=_TEXT, value=_TEXT, near=_TEXTS)),
    common_words=_TEXTS,
    expansions=_list(_ref("Expansion")),
    hits=_list(_ref("Hit")),
    facets=_FACETS,
)
_CABLE = _answer(
    id=_TEXT,
    date=_maybe(_TEXT),
    origin=_TEXT,
    classification=_TEXT,
    tags=_TEXTS,
    subject=_maybe(_TEXT),
    references=_TEXTS,
    paragraphs=_list(_ref("Paragraph")),
    reference_id=_TEXT,
    header=_TEXT,
    body=_TEXT,
    position=_maybe(_COUNT),
    citation=_TEXT,
    full_citation=_TEXT,
)
_SIDE = {"query": _TEXT, "total": _COUNT, "paragraphs": _COUNT, "sampled": _COUNT, "phrases": _list(_ref("Phrase"))}
_MOMENTS = _answer(
    query=_TEXT,
    end=_TEXT,
    unit=_UNIT,
    total=_COUNT,
    cables=_COUNT,
    undated=_COUNT,
    first_date=_maybe(_DATE),
    last_date=_maybe(_DATE),
    same_date=_COUNT,
    hits=_list(_ref("Hit")),
)
_SERIES = _object(
    query=_TEXT,
    total=_COUNT,
    undated=_COUNT,
    counts=_list(_COUNT),
    shares=_list(_maybe(_NUMBER)),
    bursts=_maybe(_list(_ref("Burst"))),
)
_NAME = _object(
    kind=_TEXT, name=_TEXT, variants=_list(_PAIR), count=_COUNT, first_date=_maybe(_DATE), last_date=_maybe(_DATE)
)
_STATE = _answer(status=_TEXT)

ANSWERS: dict[str, _Schema] = {
    "search": _RESULTS,
    "ids": _answer(query=_TEXT, total=_COUNT, ids=_TEXTS),
    "suggest": _answer(
        text=_TEXT,
        suggestions=_list(_object(kind=_TEXT, text=_TEXT, query=_TEXT, count=_COUNT, meaning=_maybe(_TEXT))),
    ),
    "cable": _CABLE,
    "paragraph": _CABLE,
    "related": _RESULTS,
    "refs": _answer(
        id=_TEXT,
        missing=_BOOL,
        cites=_list(_map({})),
        cites_left_out=_COUNT,
        cited_by=_list(_map({})),
        cited_by_left_out=_COUNT,
        nodes=_list(_ref("LinkedCable")),
        **_GRAPH,
    ),
    "thread": _answer(
        id=_TEXT,
        total=_COUNT,
        first_date=_maybe(_DATE),
        last_date=_maybe(_DATE),
        cables=_list(_ref("LinkedCable")),
    ),
    "cited-but-missing": _answer(query=_TEXT, total=_COUNT, unreadable=_COUNT, cables=_list(_map({}))),
    "graph": _answer(unlinked=_COUNT, nodes=_list(_ref("LinkedCable")), **_GRAPH),
    "overview": _answer(
        query=_TEXT,
        cables=_COUNT,
        paragraphs=_COUNT,
        first_date=_maybe(_DATE),
        last_date=_maybe(_DATE),
        undated=_COUNT,
        years=_list(_PAIR),
        facets=_FACETS,
        most_cited=_list(_map({})),
        longest_threads=_list(_map({})),
        missing=_list(_map({})),
    ),
    "facets": _answer(query=_TEXT, total=_COUNT, unit=_UNIT, facets=_FACETS),
    "timeline": _answer(
        by=_TEXT,
        unit=_UNIT,
        periods=_list(_PERIOD),
        totals=_list(_COUNT),
        counted=_COUNT,
        first_date=_maybe(_DATE),
        last_date=_maybe(_DATE),
        series=_list(_SERIES),
    ),
    "bursts": _answer(
        query=_TEXT,
        by=_TEXT,
        s=_NUMBER,
        gamma=_NUMBER,
        hits=_COUNT,
        undated=_COUNT,
        cables=_COUNT,
        periods=_COUNT,
        share=_NUMBER,
        bursts=_list(_ref("Burst")),
    ),
    "first": _MOMENTS,
    "last": _MOMENTS,
    "names": _answer(query=_TEXT, unit=_UNIT, hits=_COUNT, total=_COUNT, names=_list(_NAME)),
    "acronyms": _answer(
        total=_COUNT,
        matches=_COUNT,
        acronyms=_list(_object(short=_TEXT, long=_TEXT, paragraphs=_COUNT, first_date=_maybe(_DATE))),
    ),
    "phrases": _answer(unit=_UNIT, others=_COUNT, **_SIDE),
    "compare": _answer(unit=_UNIT, shared=_COUNT, sides=_list(_object(**_SIDE))),
    "stats": _answer(
        cables=_COUNT,
        paragraphs=_COUNT,
        words=_COUNT,
        first_date=_maybe(_DATE),
        last_date=_maybe(_DATE),
        size_bytes=_maybe(_COUNT),
        unfilled_fields={"type": ["array", "null"], "items": _TEXT},
    ),
    "live": _STATE,
    "ready": _STATE,
    "health": _STATE,
}
"""The answers in JSON, by the name of the operation."""
