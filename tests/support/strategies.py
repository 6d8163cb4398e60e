"""Strategies: blocks of documents of the small schema in `tests.support.engine`, and queries over them."""

from __future__ import annotations

from hypothesis import strategies as st
from whoosh import query as q

from cablesearch.protocols.queries import Near, Run
from tests.support.engine import first_letters

WORDS = ["alfa", "alpha", "bravo", "brave", "charlie", "delta", "echo", "al", "éa"]
word = st.sampled_from(WORDS)
text = st.lists(st.sampled_from([*WORDS, "al-fa", "brav-al"]), max_size=40).map(" ".join)
tags = st.lists(st.sampled_from(["ONE", "TWO", "THREE"]), max_size=3)
CLASSES = ["open", "closed", "desk", "office", "post", "eyes"]
secrecy = st.just("open") | st.sampled_from(CLASSES)
member = st.fixed_dictionaries(
    {
        "text": text,
        "tag": tags,
        "size": st.one_of(st.none(), st.integers(-3, 3)),
        "secrecy": secrecy,
    }
)
when = st.none() | st.integers(-1, 1) | st.sampled_from([2**63 - 1, 1 - 2**63])
lead = st.fixed_dictionaries({"note": text, "link": tags, "tag": tags, "secrecy": secrecy, "when": when})
block = st.tuples(lead, st.lists(member, max_size=4)).map(lambda parts: [parts[0], *parts[1]])
key = st.sampled_from(["b", "B", "ba", "é", "\uffff", "\U0001f600", "\ud800", "\0"]) | st.text(max_size=2)
blocks = st.lists(block, max_size=8)
keyed_blocks = st.lists(st.tuples(key, block), max_size=8, unique_by=lambda keyed: keyed[0])
boost = st.sampled_from([1.0, 0.5, 2.0])
tag_terms = st.builds(q.Term, st.sampled_from(["tag", "link"]), st.sampled_from(["ONE", "TWO", "X"]))
patterns = st.builds(lambda text: q.Prefix("exact", text), st.sampled_from(["al", "b", "z", "é"])) | st.builds(
    lambda text: q.Wildcard("exact", text), st.sampled_from(["*a", "br*e", "a?", "*"])
)
misspelt = st.builds(
    lambda text, distance, prefix: q.FuzzyTerm("exact", text, maxdist=distance, prefixlength=prefix),
    st.sampled_from(["alfa", "barve", "dleta"]),
    st.integers(1, 2),
    st.integers(0, 2),
)
ranges = st.builds(
    lambda ends, first, last: q.NumericRange("size", ends[0], ends[1], startexcl=first, endexcl=last),
    st.sampled_from([(0, None), (None, 1), (-1, 2)]),
    st.booleans(),
    st.booleans(),
)
runs = st.builds(Run, st.lists(word, min_size=1, max_size=2).map(tuple), st.integers(1, 3))
near = st.builds(
    lambda field, operands, distance, boost, in_order: Near(
        field,
        [
            [Run(tuple(map(first_letters, run.words)) if field == "text" else run.words, run.slop) for run in operand]
            for operand in operands
        ],
        distance,
        boost,
        in_order=in_order,
    ),
    st.sampled_from(["exact", "text", "note"]),
    st.lists(st.lists(runs, min_size=1, max_size=2), min_size=1, max_size=3),
    st.integers(1, 4),
    boost,
    st.booleans(),
)
leaf = st.one_of(
    near,
    st.builds(
        lambda field, text, boost: q.Term(field, text, boost=boost), st.sampled_from(["exact", "note"]), word, boost
    ),
    st.builds(lambda text, boost: q.Term("text", first_letters(text), boost=boost), word, boost),
    tag_terms,
    st.builds(
        lambda field, words, slop, boost: q.Phrase(
            field, list(map(first_letters, words)) if field == "text" else words, slop=slop, boost=boost
        ),
        st.sampled_from(["exact", "text"]),
        st.lists(word, min_size=1, max_size=3),
        st.integers(1, 4),
        boost,
    ),
    patterns,
    misspelt,
    ranges,
    st.sampled_from([q.Every(), q.Every("text"), q.Every("tag")]),
)
