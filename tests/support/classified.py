"""Strategies: cables whose parts are classified differently, and clearances to read them with."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.support.cables import cable

WORDS = ["china", "labor", "trade", "embassy", "negotiated", "palermo", "court"]
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)
MARKINGS = ["U", "SBU", "C", "C/NF", "S", "S//NF", "TS", "X"]
marking = st.sampled_from(MARKINGS)
cables = st.lists(
    st.builds(
        lambda paragraphs, whole, subject, subject_marking, tags, references, envelope: cable(
            "10A1",
            *paragraphs,
            classification=whole,
            subject=subject,
            subject_marking=subject_marking,
            tags=tags,
            references=references,
            envelope=envelope,
        ),
        st.lists(st.tuples(marking, words), max_size=4),
        st.sampled_from(["UNCLASSIFIED", "CONFIDENTIAL", "SECRET//NOFORN"]),
        st.none() | words,
        st.none() | marking,
        st.lists(st.sampled_from(["PREL", "ECON"]), unique=True),
        st.lists(st.sampled_from(["09STATE1", "09STATE2"]), unique=True),
        words,
    ),
    min_size=1,
    max_size=6,
)
CLEARANCES = ["UNCLASSIFIED", "SBU", "CONFIDENTIAL", "CONFIDENTIAL//NOFORN", "SECRET", "SECRET//NOFORN"]
clearance = st.sampled_from(CLEARANCES)
