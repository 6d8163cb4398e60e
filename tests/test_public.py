"""The public face: its names, and what importing them loads."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys

import cablesearch
import cablesearch.readers
from tests.support.files import DOCS


def test_the_public_names_are_these() -> None:
    assert sorted(cablesearch.__all__) == [
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
    assert dir(cablesearch) == cablesearch.__all__
    # Types of arguments have no docstring in Python; the reference shows the one that follows them.
    types = {"By", "FacetName", "Group", "HitField", "Match", "NameKind", "Period", "Sort", "SuggestionKind"}
    assert all(getattr(cablesearch, name).__doc__ for name in cablesearch.__all__ if name not in types)


def test_the_version_is_that_of_the_installed_package() -> None:
    assert cablesearch.__version__ == importlib.metadata.version("cablesearch")


def test_the_version_is_there_without_slow_imports() -> None:
    code = (
        "import sys, cablesearch; print(cablesearch.__version__)\n"
        "print([n for n in ('importlib.metadata', 'numpy', 'whoosh', 'click') if n in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == [cablesearch.__version__, "[]"]


def test_the_public_names_of_the_readers_are_these() -> None:
    assert sorted(cablesearch.readers.__all__) == [
        "ReadingOptions",
        "Record",
        "Rejected",
        "UnreadableCable",
        "cable_id",
        "classification_reason",
        "classified_by",
        "clean_content",
        "eo_line",
        "info_recipients",
        "nondisclosure_deadline",
        "origin",
        "parse_cable",
        "parse_telegram",
        "post",
        "precedence",
        "recipients",
        "references",
        "scan",
        "signers",
        "split_telegram",
        "subject",
        "summary",
        "tag_kind",
        "tag_meaning",
        "tags",
    ]
    assert all(getattr(cablesearch.readers, name).__doc__ for name in cablesearch.readers.__all__)


def test_every_reader_function_is_documented() -> None:
    page = (DOCS / "readers.md").read_text(encoding="utf-8")
    assert [name for name in cablesearch.readers.__all__ if f"`{name}" not in page] == []


def test_every_public_name_has_its_entry_in_the_reference() -> None:
    pages = (DOCS / "api").glob("*.md")
    entries = [
        line.removeprefix("::: ") for page in pages for line in page.read_text("utf-8").splitlines() if ":::" in line
    ]
    public = [f"cablesearch.{name}" for name in cablesearch.__all__]
    assert sorted(entries) == sorted(public + [f"cablesearch.readers.{name}" for name in cablesearch.readers.__all__])


def test_every_error_has_the_same_base_class() -> None:
    errors = [getattr(cablesearch, name) for name in cablesearch.__all__ if name.endswith("Error")]
    assert all(issubclass(error, cablesearch.CablesearchError) for error in errors)
    assert issubclass(cablesearch.readers.UnreadableCable, cablesearch.CablesearchError)


def test_help_needs_neither_numpy_nor_whoosh_and_a_query_no_nltk() -> None:
    code = (
        "import sys, cablesearch.cli; print([n for n in ('numpy', 'whoosh', 'nltk') if n in sys.modules])\n"
        "from cablesearch.query import parse; parse('negotiations'); print('nltk' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == ["[]", "False"]
