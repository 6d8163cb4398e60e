"""The mark of words that say where another word goes on."""

from __future__ import annotations

__all__ = ["CONTINUED"]

CONTINUED = "\x1f"
"""Begins a word that only says where the word behind it goes on: *cease-fire* is ``ceasefire`` at its first position,
and ``CONTINUED + "ceasefire"`` at its second. Phrases step over such words; nothing else finds them."""
