"""An archive as a Whoosh index, for queries that only Whoosh's own searcher supports."""

from __future__ import annotations

from typing import Any

from cablesearch.archive import Archive
from cablesearch.arguments import need
from cablesearch.cable import Cable
from cablesearch.embedded.reader import embedded
from cablesearch.embedded.records.visible_cables import visible_cable
from cablesearch.engine.whoosh_reader.reader import ViewReader
from cablesearch.errors import CorruptIndexError
from cablesearch.results.citations import citation
from cablesearch.schema.index_fields import documents

__all__ = ["whoosh_reader"]


def whoosh_reader(archive: Archive) -> ViewReader:
    """Return a Whoosh ``IndexReader`` over the paragraphs of an archive that its reader may see.

    Hidden paragraphs appear in no count, list, frequency, column or stored field. Documents are numbered from 0 by the
    date and id of their cables. The reader stays at the commit that the archive shows now, even if the archive is
    reloaded or closed. Its fields are those of the query language: ``exact`` has the words of paragraphs as written,
    ``text`` their stems. Stored fields, where the paragraph has a value: ``id``, ``citation``, ``position``,
    ``number``, ``date``, ``origin``, ``tag``, ``cable_classification``, ``classification``, ``class``, ``control``,
    ``marking``, ``subject``, ``heading`` and ``text``.

    Example::

        from whoosh.query.spans import SpanFirst
        from whoosh.query import Term
        from whoosh.searching import Searcher

        reader = cablesearch.whoosh_reader(archive)
        with Searcher(reader, weighting=reader.bm25()) as searcher:
            for hit in searcher.search(SpanFirst(Term("exact", "summary"))):
                print(hit["citation"], hit.score)

    Raises:
        CablesearchError: the archive is closed, or is not in a folder.
        TypeError: ``archive`` is not an `Archive`.
    """
    need("archive", archive, Archive)
    reader = embedded(archive._reading.reader)
    view = reader.view

    def stored(number: int, doc: int) -> dict[str, Any]:
        segment = view.segments[number]
        block, position = segment.block(doc), segment.number("position", doc)
        fields = _stored_fields(visible_cable(segment, block, reader.clearance), position)
        if fields is None:
            raise CorruptIndexError(segment.path, f"the record of block {block} has no paragraph {position}")
        return fields

    return ViewReader(view, stored=stored, answering=archive._guarded)


def _stored_fields(cable: Cable, position: int) -> dict[str, Any] | None:
    """Return the stored fields of the paragraph at a position of a cable; None if it has no such paragraph."""
    indexed, leads = documents(cable, names=False)
    for paragraph, document in zip(cable.paragraphs, indexed[leads:], strict=True):
        if paragraph.position == position:
            fields = dict(document) | {"id": cable.id, "date": cable.date, "citation": citation(cable.id, paragraph)}
            del fields["visibility"]
            return {name: value for name, value in fields.items() if value is not None}
    return None
