"""Patterns of what begins the lines of a telegram, by which its text is recognised among others."""

from __future__ import annotations

__all__ = ["LABEL", "LEVEL_OF_BANNER", "MARKED_PARAGRAPH"]

LEVEL_OF_BANNER = "(?:UNCLAS|U N C L A S|CONFIDENTIAL|C O N F I D|SECRET|S E C R E T|TOP SECRET|T O P|LIMITED OFFICIAL)"
"""The beginning of the line of the classification."""
LABEL = r"(?:TAGS?\b|SUBJ(?:ECT)?\b|E\.? ?O\.? ?1[0-9]{3})"
"""A label of the opening that nearly every telegram has."""
MARKED_PARAGRAPH = r"[¶0-9][0-9]{0,3}\. {0,3}\((?:U|SBU|LOU|C|S|TS)\b"
"""The number and the marking of a paragraph."""
