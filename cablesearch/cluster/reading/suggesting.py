"""What begins with a text: words, the words behind a phrase, and subjects."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from whoosh import query as q

from cablesearch.cluster.documents.mapping import paragraph_field
from cablesearch.cluster.documents.records import cable_of
from cablesearch.cluster.documents.wire import word_out
from cablesearch.cluster.dsl.queries import Query
from cablesearch.cluster.reading.cables import head_of, texts_at
from cablesearch.cluster.reading.seen import Seen
from cablesearch.text.analysis import split
from cablesearch.text.continuation import CONTINUED

__all__ = ["completions", "count_subject", "followers", "subjects"]

_FIRST, _MOST = 1_000, 60_000
"""The numbers of words that are counted: at first, and at most."""
_MOST_READ = 1_024
"""The most paragraphs with all words of a phrase of which all are read."""
_SAMPLE = 512
"""The most paragraphs with a phrase that are read otherwise."""
_READ_FOR_EACH = 4
"""The most cables that are looked at for each subject that is wanted."""
_MOST_ENDINGS = 1_000
_SUBJECT = "subject_exact"


def completions(seen: Seen, start: str, most: int, without: Collection[str]) -> list[tuple[str, int]]:
    """Return the words of texts that begin with some letters and that most paragraphs have, with their numbers."""
    query = seen.paragraphs({"prefix": {paragraph_field("exact"): {"value": start}}})
    size = _FIRST
    while True:
        terms = {"field": paragraph_field("words"), "include": f"{_escaped(start)}.*", "size": size, "shard_size": size}
        found = seen.aggregated(query, {"words": {"terms": terms}})["words"]
        counts = [(bucket["key"], bucket["doc_count"]) for bucket in found["buckets"] if bucket["key"] not in without]
        best = sorted(counts, key=lambda pair: (-pair[1], pair[0]))[:most]
        # What a shard has left out can be in so many more paragraphs.
        error = found["doc_count_error_upper_bound"]
        if (
            len(found["buckets"]) < size
            or size >= _MOST
            or (len(best) == most and not error and best[-1][1] > found["buckets"][-1]["doc_count"])
        ):
            return best
        size = min(size * 8, _MOST)


def _escaped(text: str) -> str:
    """Return a text as a regular expression of Lucene that matches just the text."""
    return re.sub(r"([^\w])", r"\\\1", text)


def followers(
    seen: Seen, field: str, head: tuple[str, ...], start: str, without: Collection[str]
) -> tuple[Counter[str], float]:
    """Return the words that begin with some letters behind a phrase, in how many paragraphs each does, and the share of
    the paragraphs that were counted: all, or those with the smallest hashes."""
    having = seen.query(q.And([q.Term(field, word) for word in dict.fromkeys(head)]), by_cable=False)
    phrase = seen.query(q.Phrase(field, list(head)) if len(head) > 1 else q.Term(field, head[0]), by_cable=False)
    total, matching = seen.counts([having, phrase])
    most = matching if total <= _MOST_READ else min(matching, _SAMPLE)
    places = [hit.place for hit in seen.hits(phrase, [{"sample": "asc"}], most)]
    counts: Counter[str] = Counter()
    for text in texts_at(seen, places):
        counts.update({word for word in _behind(text, head) if word.startswith(start) and word not in without})
    return counts, len(places) / matching if matching else 1.0


def _behind(text: str, head: Sequence[str]) -> Iterator[str]:
    """Yield the words behind a phrase in a text; a word may come several times."""
    words, given = split(text)
    at: dict[int, set[str]] = {}
    for word, place in zip(words, range(len(words)) if given is None else given, strict=True):
        at.setdefault(place, set()).add(word)
    for first, own in at.items():
        if head[0] not in own:
            continue
        place = first
        for word in head:
            if word not in at.get(place, ()):
                break
            place += 1
            # A word that was joined from its parts goes on over the places of all of them.
            while CONTINUED + word in at.get(place, ()):
                place += 1
        else:
            yield from (word for word in at.get(place, ()) if word[0] != CONTINUED)


def subjects(
    seen: Seen, head: tuple[str, ...], last: str, most: int, without: Collection[str]
) -> list[tuple[str, str]]:
    """Return the keys and the subjects of the latest cables of which a paragraph has some words in its subject."""
    path = paragraph_field(_SUBJECT)
    query: Query = {"prefix": {path: {"value": last}}}
    if head:
        text = " ".join([*map(word_out, head), last])
        query = {"match_phrase_prefix": {path: {"query": text, "max_expansions": _MOST_ENDINGS}}}
    hits = seen.firsts(
        seen.paragraphs(query), seen.order("-date", by_cable=False), most * _READ_FOR_EACH, stored="record"
    )
    found = []
    for hit in hits:
        subject = head_of(cable_of(hit.source.get("record"), hit.place.key, seen.name)).subject or ""
        if _has(subject, head, last, without):
            found.append((hit.place.key, subject))
    return found[:most]


def _has(subject: str, head: tuple[str, ...], last: str, without: Collection[str]) -> bool:
    """Return whether a subject has the words, the last of which begins with some letters and is none of some."""
    words = _behind(subject, head) if head else iter(split(subject)[0])
    return any(word.startswith(last) and word not in without for word in words)


def count_subject(seen: Seen, words: Sequence[str]) -> int:
    """Return in how many paragraphs the subject has some words one after the other."""
    return seen.count(seen.query(q.Phrase(_SUBJECT, list(words)), by_cable=False))
