"""Cables from their records: whole, or as much as hits show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from whoosh import query as q

from cablesearch.cable import Cable
from cablesearch.cluster.documents.building import place_of
from cablesearch.cluster.documents.records import cable_of
from cablesearch.cluster.reading.seen import Place, Seen
from cablesearch.cluster.reading.selections import ClusterSelection
from cablesearch.errors import CorruptIndexError
from cablesearch.protocols.answers import CableHead
from cablesearch.protocols.stored import Stored
from cablesearch.schema.field_types import id_forms
from cablesearch.text.folding import without_unseen

__all__ = ["cable", "cables", "cables_with", "find", "head", "keys", "stored_cables", "texts_at"]

_KEYS_AT_ONCE = 500


def find(seen: Seen, name: str) -> str | None:
    """Return the key of the visible cable with an id, as written, canonical or in parts; None if it is unknown."""
    if seen.has_any(seen.of_keys([name.strip()], by_cable=True)):
        return name.strip()
    for form in id_forms(without_unseen(name)):
        selection = ClusterSelection(seen, q.Term("id", form), by_cable=True)
        found = next(seen.hits(selection.query, seen.order("date", by_cable=True), 1), None)
        if found:
            return found.place.key
    return None


def cable(seen: Seen, key: str) -> Cable:
    """Return a visible cable.

    Raises:
        CorruptIndexError: it has no readable record.
    """
    return next(_records(seen, [key]))


def cables(seen: Seen, selection: ClusterSelection | None) -> Iterator[Cable]:
    """Yield visible cables, by date and key."""
    query = _query(seen, selection)
    for hit in seen.hits(query, seen.order("date", by_cable=True), None, stored="record"):
        yield cable_of(hit.source.get("record"), hit.place.key, seen.name)


def stored_cables(seen: Seen, known: Mapping[bytes, str]) -> Iterator[Stored | None]:
    """Yield all cables that full clearance sees as they are stored, by date and key; None for each that is known.

    Args:
        seen: what full clearance sees.
        known: the keys of known cables by the digests of their sources.
    """
    query = _query(seen, None)
    for hit in seen.hits(query, seen.order("date", by_cable=True), None, stored="record", also=("digest",)):
        key, digest, record = hit.place.key, bytes.fromhex(hit.also["digest"][0]), str(hit.source.get("record"))
        is_known = known.get(digest) == key
        yield None if is_known else Stored(key, digest, len(record), partial(cable_of, record, key, seen.name))


def keys(seen: Seen, selection: ClusterSelection | None) -> Iterator[str]:
    """Yield the keys of visible cables, by date and key."""
    query = _query(seen, selection)
    yield from (hit.place.key for hit in seen.hits(query, seen.order("date", by_cable=True), None))


def _query(seen: Seen, selection: ClusterSelection | None) -> dict[str, Any]:
    return seen.cables({"match_all": {}}) if selection is None else selection.cables().query


def _records(seen: Seen, wanted: Sequence[str]) -> Iterator[Cable]:
    """Yield cables by their keys."""
    for start in range(0, len(wanted), _KEYS_AT_ONCE):
        part = wanted[start : start + _KEYS_AT_ONCE]
        query = seen.of_keys(part, by_cable=True)
        found = {hit.place.key: hit for hit in seen.hits(query, [{"key": "asc"}], None, stored="record")}
        for key in part:
            if key not in found:
                raise CorruptIndexError(seen.name, f"the cable {key!r} is missing")
            yield cable_of(found[key].source.get("record"), key, seen.name)


def cables_with(seen: Seen, places: Sequence[Place]) -> dict[Place, Cable]:
    """Return what hits show of cables, by place: the paragraph alone, or with position 0 the whole cable."""
    whole = [place.key for place in places if not place.position]
    found = {Place(one.id, 0): one for one in _records(seen, whole)}
    inside = [place for place in places if place.position]
    return found | dict(zip(inside, _paragraphs(seen, inside), strict=True))


def texts_at(seen: Seen, places: Sequence[Place]) -> list[str]:
    """Return the texts of paragraphs."""
    return [one.paragraphs[0].text for one in _paragraphs(seen, places)]


def _paragraphs(seen: Seen, places: Sequence[Place]) -> Iterator[Cable]:
    """Yield cables, each with no more than one of its paragraphs."""
    for start in range(0, len(places), _KEYS_AT_ONCE):
        part = places[start : start + _KEYS_AT_ONCE]
        query = seen.paragraphs({"terms": {"place": [place_of(*place) for place in part]}})
        sort = [{"key": "asc"}, {"position": "asc"}]
        found = {hit.place: hit for hit in seen.hits(query, sort, None, stored="record")}
        for place in part:
            if place not in found:
                raise CorruptIndexError(seen.name, f"{place.key!r} has no paragraph {place.position}")
            yield cable_of(found[place].source.get("record"), place.key, seen.name)


def head(seen: Seen, key: str) -> CableHead:
    """Return what is visible of a cable without its whole."""
    query = seen.of_keys([key], by_cable=True)
    hit = next(seen.hits(query, [{"key": "asc"}], 1, stored="head"), None)
    if hit is None:
        raise CorruptIndexError(seen.name, f"the cable {key!r} is missing")
    return head_of(cable_of(hit.source.get("head"), key, seen.name))


def head_of(one: Cable) -> CableHead:
    """Return the head of a cable, of which a view has just what is visible."""
    return CableHead(one.id, one.date, one.origin, one.subject, one.classification)
