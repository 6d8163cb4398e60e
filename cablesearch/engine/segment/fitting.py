"""Segments read with another schema than they were written with: a field that a segment lacks is an empty column.

No other code needs to know: an empty column has the same arrays as one whose documents have no values.
"""

from __future__ import annotations

from whoosh.fields import Schema

from cablesearch.engine.segment.segment import Segment
from cablesearch.protocols.fields import FieldRecord, order_field, records_of

__all__ = ["fitted", "lacking", "unfilled"]


def lacking(segment: Segment, schema: Schema) -> list[str]:
    """Return the fields of a schema that a segment lacks, or has with another record."""
    records = records_of(schema)
    missing = {name for name, record in records.items() if not _has(segment, name, record)}
    # An unstemmed twin is read together with its stemmed field.
    return [name for name, record in records.items() if name in missing or record.twin_of in missing]


def unfilled(segment: Segment, schema: Schema) -> set[str]:
    """Return the fields of a schema in which some documents of a segment have no values, or those of older rules."""
    changed = {
        name
        for name, record in records_of(schema).items()
        if name in segment.written and segment.written[name].rules != record.rules
    }
    return {*lacking(segment, schema)} | (segment.unfilled & {*schema.names()}) | changed


def _has(segment: Segment, name: str, wanted: FieldRecord) -> bool:
    own = segment.written.get(name)
    if own is None:
        return False
    wanted = wanted._replace(rules=own.rules)
    return own == wanted or (own.of_block is None and own == wanted._replace(of_block=None))


def fitted(segment: Segment, schema: Schema) -> Segment:
    """Return a segment with an empty column for each field of a schema that it lacks.

    Fields that the schema does not have stay, unused.
    """
    missing = lacking(segment, schema)
    if not missing:
        return segment
    # Most indexes never need it.
    from cablesearch.engine.segment.empty import empty_columns

    records = records_of(schema)
    arrays = empty_columns({name: records[name] for name in missing}, segment.docs, segment.blocks)
    orders = [name for name in segment.layout.orders if name not in missing]
    if not segment.layout.orders and (order := order_field(schema)) in missing:
        # Blocks that all lack a number are sorted by key, as they are without the field.
        orders = [order]
    return segment.with_columns(arrays, {name: records[name].twin_of for name in missing}, orders)
