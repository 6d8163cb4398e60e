"""Search on flat arrays: segments on disk, commits, and Whoosh's query tree executed on them.

The engine knows a Whoosh schema and documents as columns, grouped in blocks; it has no word about cables.
"""

from cablesearch.engine.builder import NO_NUMBER, Document, NoRoomError, SegmentBuilder
from cablesearch.engine.bulk import Built, Bulk, DiedError
from cablesearch.engine.chains import Chains
from cablesearch.engine.collect import Selection, facet, histogram, in_order, number_column, select, top
from cablesearch.engine.execute import Matches, best_documents, execute, leaves
from cablesearch.engine.expand import EXPANSIONS, Tested, edit_distances, fuzzy, wildcard_test
from cablesearch.engine.fields import Keyword, Text, kind_of
from cablesearch.engine.files import Folder, Place
from cablesearch.engine.layout import check_fields
from cablesearch.engine.lock import WriterLock
from cablesearch.engine.manifest import (
    COPY,
    LOOSE,
    MANIFEST,
    Deletions,
    has_remains,
    held,
    last_commit,
    read_manifest,
    read_parts,
    segment_files,
)
from cablesearch.engine.reader import ViewReader
from cablesearch.engine.segment import Segment, blaming
from cablesearch.engine.snapshot import Snapshot, latest
from cablesearch.engine.store import LARGEST
from cablesearch.engine.superseded import Superseded, key_digest
from cablesearch.engine.topk import Page, search
from cablesearch.engine.view import View
from cablesearch.engine.writer import MEMORY, Writer, create

__all__ = [
    "COPY",
    "EXPANSIONS",
    "LARGEST",
    "LOOSE",
    "MANIFEST",
    "MEMORY",
    "NO_NUMBER",
    "Built",
    "Bulk",
    "Chains",
    "Deletions",
    "DiedError",
    "Document",
    "Folder",
    "Keyword",
    "Matches",
    "NoRoomError",
    "Page",
    "Place",
    "Segment",
    "SegmentBuilder",
    "Selection",
    "Snapshot",
    "Superseded",
    "Tested",
    "Text",
    "View",
    "ViewReader",
    "Writer",
    "WriterLock",
    "best_documents",
    "blaming",
    "check_fields",
    "create",
    "edit_distances",
    "execute",
    "facet",
    "fuzzy",
    "has_remains",
    "held",
    "histogram",
    "in_order",
    "key_digest",
    "kind_of",
    "last_commit",
    "latest",
    "leaves",
    "number_column",
    "read_manifest",
    "read_parts",
    "search",
    "segment_files",
    "select",
    "top",
    "wildcard_test",
]
