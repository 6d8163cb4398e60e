"""Full-text search for archives of diplomatic cables.

import cablesearch

with cablesearch.open("indexes/cables", clearance="SBU") as archive:
    for hit in archive.search('"labor trafficking" tag:PHUM', since="2009", limit=20):
        print(hit.citation, hit.score, hit.snippet.plain())
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"
"""The version of the package."""

if TYPE_CHECKING:
    from cablesearch.archive import Archive, create
    from cablesearch.archive import open_archive as open  # noqa: A004 - the public name
    from cablesearch.arguments import Period
    from cablesearch.cable import (
        Attributes,
        Cable,
        Classification,
        ClassifiedBy,
        Clearance,
        Level,
        Paragraph,
        Provenance,
        Recipient,
        ReferenceId,
        Tag,
    )
    from cablesearch.errors import (
        ArchiveNotFoundError,
        CablesearchError,
        CorruptIndexError,
        LockedError,
        QueryError,
        UnknownCableError,
        UnreachableError,
        UnreadableFileError,
        UnsupportedError,
        VersionError,
        WorkerError,
    )
    from cablesearch.features.acronyms import Acronym, AcronymList
    from cablesearch.features.bursts import Burst, Bursts
    from cablesearch.features.links.graphs import CableGraph
    from cablesearch.features.links.missing import MissingCable, MissingCables
    from cablesearch.features.links.references import LinkEntry, References
    from cablesearch.features.links.threads import Thread, ThreadMessage
    from cablesearch.features.links.web import LinkedCable
    from cablesearch.features.moments import Moments
    from cablesearch.features.names import Name, NameKind, Names
    from cablesearch.features.overview import Overview
    from cablesearch.features.periods import By
    from cablesearch.features.phrases.contrast import KeyPhrase
    from cablesearch.features.phrases.key_phrases import Comparison, Contrasted, KeyPhrases
    from cablesearch.features.questions import plain_query
    from cablesearch.features.suggest.suggestion import Suggestion, SuggestionKind
    from cablesearch.features.timeline import Series, Timeline
    from cablesearch.for_whoosh import whoosh_reader
    from cablesearch.frames.hits import HitField
    from cablesearch.indexing.copying import CopyReport
    from cablesearch.indexing.reindex import ReindexReport
    from cablesearch.indexing.repairing import RepairReport, repair
    from cablesearch.indexing.report import IngestReport, Progress
    from cablesearch.request import Filters, Group, Match, Sort
    from cablesearch.results.facets import FacetName
    from cablesearch.results.hits import CableIds, Hit, Results
    from cablesearch.results.passages import Snippet
    from cablesearch.results.stats import Stats
    from cablesearch.results.unknown_values import UnknownValue
    from cablesearch.variants.expanding import Expansion, Variant
    from cablesearch.variants.synonyms import Synonyms

__all__ = [
    "Acronym",
    "AcronymList",
    "Archive",
    "ArchiveNotFoundError",
    "Attributes",
    "Burst",
    "Bursts",
    "By",
    "Cable",
    "CableGraph",
    "CableIds",
    "CablesearchError",
    "Classification",
    "ClassifiedBy",
    "Clearance",
    "Comparison",
    "Contrasted",
    "CopyReport",
    "CorruptIndexError",
    "Expansion",
    "FacetName",
    "Filters",
    "Group",
    "Hit",
    "HitField",
    "IngestReport",
    "KeyPhrase",
    "KeyPhrases",
    "Level",
    "LinkEntry",
    "LinkedCable",
    "LockedError",
    "Match",
    "MissingCable",
    "MissingCables",
    "Moments",
    "Name",
    "NameKind",
    "Names",
    "Overview",
    "Paragraph",
    "Period",
    "Progress",
    "Provenance",
    "QueryError",
    "Recipient",
    "ReferenceId",
    "References",
    "ReindexReport",
    "RepairReport",
    "Results",
    "Series",
    "Snippet",
    "Sort",
    "Stats",
    "Suggestion",
    "SuggestionKind",
    "Synonyms",
    "Tag",
    "Thread",
    "ThreadMessage",
    "Timeline",
    "UnknownCableError",
    "UnknownValue",
    "UnreachableError",
    "UnreadableFileError",
    "UnsupportedError",
    "Variant",
    "VersionError",
    "WorkerError",
    "__version__",
    "create",
    "open",
    "plain_query",
    "repair",
    "whoosh_reader",
]

_HOMES = {
    "archive": ("Archive", "create"),
    "arguments": ("Period",),
    "cable": (
        "Attributes",
        "Cable",
        "Classification",
        "ClassifiedBy",
        "Clearance",
        "Level",
        "Paragraph",
        "Provenance",
        "Recipient",
        "ReferenceId",
        "Tag",
    ),
    "errors": (
        "ArchiveNotFoundError",
        "CablesearchError",
        "CorruptIndexError",
        "LockedError",
        "QueryError",
        "UnknownCableError",
        "UnreachableError",
        "UnreadableFileError",
        "UnsupportedError",
        "VersionError",
        "WorkerError",
    ),
    "features.links.graphs": ("CableGraph",),
    "features.links.missing": ("MissingCable", "MissingCables"),
    "features.links.references": ("LinkEntry", "References"),
    "features.links.threads": ("Thread", "ThreadMessage"),
    "features.links.web": ("LinkedCable",),
    "features.acronyms": ("Acronym", "AcronymList"),
    "features.names": ("Name", "NameKind", "Names"),
    "features.overview": ("Overview",),
    "features.phrases.contrast": ("KeyPhrase",),
    "features.phrases.key_phrases": ("Comparison", "Contrasted", "KeyPhrases"),
    "features.bursts": ("Burst", "Bursts"),
    "features.moments": ("Moments",),
    "features.periods": ("By",),
    "features.questions": ("plain_query",),
    "features.timeline": ("Series", "Timeline"),
    "features.suggest.suggestion": ("Suggestion", "SuggestionKind"),
    "for_whoosh": ("whoosh_reader",),
    "frames.hits": ("HitField",),
    "indexing.report": ("IngestReport", "Progress"),
    "results.passages": ("Snippet",),
    "indexing.copying": ("CopyReport",),
    "indexing.reindex": ("ReindexReport",),
    "indexing.repairing": ("RepairReport", "repair"),
    "request": ("Filters", "Group", "Match", "Sort"),
    "results.facets": ("FacetName",),
    "results.hits": ("CableIds", "Hit", "Results"),
    "results.stats": ("Stats",),
    "results.unknown_values": ("UnknownValue",),
    "variants.expanding": ("Expansion", "Variant"),
    "variants.synonyms": ("Synonyms",),
}
_HOME_OF = {name: (home, name) for home, names in _HOMES.items() for name in names} | {
    "open": ("archive", "open_archive")
}


def __getattr__(name: str) -> object:
    # Import the modules only when their names are used: "cablesearch --help" needs neither NumPy nor Whoosh.
    try:
        home, inner = _HOME_OF[name]
    except KeyError:
        raise AttributeError(f"module 'cablesearch' has no attribute {name!r}") from None
    value = globals()[name] = getattr(importlib.import_module(f"cablesearch.{home}"), inner)
    return value


def __dir__() -> list[str]:
    return __all__
