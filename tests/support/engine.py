"""A small schema without cables, and an index of generated blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import NUMERIC, Schema

from cablesearch.engine.index.creation import create
from cablesearch.engine.index.snapshot import Snapshot, latest
from cablesearch.engine.index.writer import Writer
from cablesearch.engine.segment.segment import Segment
from cablesearch.protocols.fields import Keyword, Text

Blocks = Sequence[tuple[str, Sequence[dict[str, object]]]]


def split(text: str, for_query: bool = False) -> tuple[list[str], list[int] | None]:
    """Split a text at blanks; ``al-fa`` is split into al and fa, with alfa at the position of al."""
    del for_query
    words: list[str] = []
    places: list[int] = []
    place = 0
    for chunk in text.lower().split():
        parts = chunk.split("-")
        joined = ["".join(parts)] if len(parts) > 1 else []
        words += [parts[0], *joined, *parts[1:]]
        places += [place, *(place for _ in joined), *range(place + 1, place + len(parts))]
        place += len(parts)
    return words, places


def first_letters(word: str) -> str:
    return word[:2]


class Plain(Keyword):
    """A field of exact strings."""


class When(NUMERIC):
    """A number of a block, by which blocks are ordered."""

    shared = True
    orders_blocks = True

    def __init__(self) -> None:
        super().__init__(int, bits=64, signed=True)


SCHEMA = Schema(
    text=Text(split, first_letters, unstemmed="exact"),
    exact=Text(split),
    note=Text(split, of_block=True),
    tag=Plain(),
    link=Plain(of_block=True),
    size=NUMERIC(int, bits=64, signed=True),
    secrecy=Plain(),
    when=When(),
)


def write(directory: Path, commits: Sequence[Blocks], removed: Sequence[str] = ()) -> Snapshot:
    """Write each of ``commits`` as a commit of its own, then remove blocks."""
    create(directory)
    with Writer(directory, SCHEMA) as writer:
        for blocks in commits:
            for key, documents in blocks:
                name = key.encode("utf-8", "surrogatepass")
                writer.add(key, name.ljust(16)[:16], documents, [b"record of " + name])  # type: ignore[arg-type]
            writer.commit()
        for key in removed:
            writer.delete(key)
        writer.commit()
    return latest(directory)


def terms(field: str, value: object) -> list[tuple[str, int]]:
    if isinstance(value, str) and field in {"text", "exact", "note"}:
        words, places = split(value)
        stems = map(first_letters, words) if field == "text" else words
        return list(zip(stems, places or (), strict=True))
    return [(item, 0) for item in ([value] if isinstance(value, str) else value or [])]  # type: ignore[attr-defined]


def only(classes: set[str]) -> Callable[[Segment], NDArray[np.bool_]]:
    """Return a function that masks the documents of the given visibility classes."""

    def visible(segment: Segment) -> NDArray[np.bool_]:
        allowed = [term for name in classes if (term := segment.term("secrecy", name)) is not None]
        return np.isin(segment.keywords("secrecy")[1], allowed)

    return visible


open_only = only({"open"})
