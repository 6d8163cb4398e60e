"""From what an unfinished archive is made, by which a later run knows whether it can be continued."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from cablesearch.protocols.fields import records_of
from cablesearch.schema.index_fields import indexing_schema

__all__ = ["origin_of"]


def origin_of(commit: int | str | list[int | str]) -> dict[str, Any]:
    """Return values of JSON that say from which commit an archive is made, by which program, and with which fields.

    Args:
        commit: what tells the commit from others of the same archive.
    """
    return {
        "commit": commit,
        "program": version("cablesearch"),
        "fields": {name: list(record) for name, record in sorted(records_of(indexing_schema()).items())},
    }
