"""The visibility class of a document: the classification that covers it, as it is stored."""

from __future__ import annotations

import json
from functools import lru_cache

from cablesearch.classification.classification import Classification
from cablesearch.classification.clearance import Clearance
from cablesearch.classification.levels import Level

__all__ = ["is_visible", "read_visibility", "visibility"]


@lru_cache(1024)
def visibility(classification: Classification) -> str:
    """Return the visibility class of a classification, as it is stored with a document: ``[3, "NOFORN"]``."""
    return json.dumps([int(classification.level), *classification.controls])


def read_visibility(text: str) -> Classification | None:
    """Return the classification of a stored visibility class; None if it is invalid, which hides the document."""
    try:
        level, *controls = json.loads(text)
        classification = Classification(Level(level), tuple(controls))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    # Text in another form than ours could mean anything.
    return classification if visibility(classification) == text else None


def is_visible(stored: bytes, clearance: Clearance) -> bool:
    """Return whether a clearance covers a stored visibility class; an invalid one is hidden."""
    classification = read_visibility(stored.decode("utf-8", "replace"))
    return classification is not None and clearance.sees(classification)
