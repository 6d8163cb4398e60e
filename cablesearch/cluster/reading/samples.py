"""Samples of paragraphs: those with the smallest hashes, which stand with each paragraph."""

from __future__ import annotations

import heapq

from cablesearch.cluster.reading.cables import texts_at
from cablesearch.cluster.reading.seen import Place, Seen
from cablesearch.cluster.reading.selections import ClusterSelection, paragraph_queries
from cablesearch.protocols.answers import LONGEST_TEXT, Sample

__all__ = ["sample"]


def sample(seen: Seen, selection: ClusterSelection, most: int) -> Sample:
    """Return the texts of the selected paragraphs, or of those of selected cables; of more than ``most``, an even
    sample."""
    queries = paragraph_queries(seen, selection)
    total = sum(seen.counts(queries))
    hashed: list[tuple[int, Place]] = []
    for query in queries:
        hashed += [(hit.values[0], hit.place) for hit in seen.hits(query, [{"sample": "asc"}], most)]
    texts = texts_at(seen, [place for _, place in heapq.nsmallest(most, hashed)])
    return Sample([text[:LONGEST_TEXT] for text in texts], total)
