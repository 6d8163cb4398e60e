"""Hashes of paragraphs, by which samples are drawn, and of the keys of cables."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["BASE", "STEP", "Hashes", "hash_of", "key_digest", "mixed"]

Hashes = NDArray[np.uint64]

BASE, STEP = 0x100000001B3, 0x9E3779B97F4A7C15
"""A hash adds up the bytes of the key, each times a power of the base, and the position times the step."""
_BITS = (1 << 64) - 1


def mixed(values: Hashes) -> Hashes:
    """Return values with all bits mixed, as in SplitMix64 (Steele, Lea and Flood 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: Hashes = values ^ (values >> np.uint64(31))
    return result


def _mixed(value: int) -> int:
    """Return the same of one value."""
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _BITS
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _BITS
    return value ^ (value >> 31)


def hash_of(key: str, position: int) -> int:
    """Return the hash of a paragraph, given the key of its cable and its position: 0 to 2 ** 64 - 1."""
    total, power = 0, 1
    for byte in key.encode("utf-8", "surrogatepass"):
        power = (power * BASE) & _BITS
        total += byte * power
    return _mixed((_mixed(total & _BITS) + position * STEP) & _BITS)


def key_digest(key: str) -> bytes:
    """Return the digest of a key with which superseded sources are remembered; 16 bytes."""
    # A search does not need the import.
    from hashlib import blake2b

    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
