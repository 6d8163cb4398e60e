"""Sentences, highlighting and snippets."""

from __future__ import annotations

import doctest
import itertools
import re
import tracemalloc
import unicodedata
from types import ModuleType
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import query as q

import cablesearch.results.marking
import cablesearch.results.passages
import cablesearch.results.sentences
import cablesearch.results.windows
import cablesearch.text.analysis
import cablesearch.text.characters
import cablesearch.text.lookalikes
from cablesearch.algorithms.distances import edit_distances
from cablesearch.cable import collapsed
from cablesearch.protocols.queries import Near, Run, leaves
from cablesearch.query import parse
from cablesearch.results.marking import Highlighter, Marker
from cablesearch.results.passages import Snippet, _shifted, best_passage, passage
from cablesearch.results.sentences import sentences
from cablesearch.results.windows import _worths, windows
from cablesearch.text.characters import character_end, character_start
from cablesearch.text.continuation import CONTINUED
from cablesearch.text.places import words_with_places
from tests.engine.oracle import ends_of_matches


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
        ("The answer was no. Brazil left.", ["The answer was no.", "Brazil left."]),
        ("He has a Ph.D. The dean knew Lt.Col. Smith.", ["He has a Ph.D.", "The dean knew Lt.Col. Smith."]),
        (
            "Acme Inc. The firm left. So did Smith Bros. of Ohio.",
            ["Acme Inc.", "The firm left.", "So did Smith Bros. of Ohio."],
        ),
        ("He said: no. The rest said: yes. They left.", ["He said: no.", "The rest said: yes.", "They left."]),
        ("See www.state.gov. Then call.", ["See www.state.gov.", "Then call."]),
        ("They left at 5 p.m. Acting Minister Paz stayed.", ["They left at 5 p.m.", "Acting Minister Paz stayed."]),
        ("They left at 5 p.m. Washington time. He slept.", ["They left at 5 p.m. Washington time.", "He slept."]),
        ("They come at 5 p.m. Monday. He slept.", ["They come at 5 p.m. Monday.", "He slept."]),
        ('"Why?" he asked. Nobody knew.', ['"Why?" he asked.', "Nobody knew."]),
        ("He left. - The rest. • Paris.", ["He left.", "- The rest.", "• Paris."]),
        (
            "THE U.S. AND JAPAN MET AMB. PAZ. THE TALKS FAILED.",
            ["THE U.S. AND JAPAN MET AMB. PAZ.", "THE TALKS FAILED."],
        ),
        ("北京。東京！他说「好。」再见", ["北京。", "東京！", "他说「好。」", "再见"]),
        ("غادر الوزير. عاد السفير؟ نعم", ["غادر الوزير.", "عاد السفير؟", "نعم"]),
    ],
)
def test_sentences_end_where_people_end_them(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5. The minister left. He flew.", ["5. The minister left.", "He flew."]),
        ("He left. 6. The rest stayed.", ["He left.", "6. The rest stayed."]),
        ("(C/NF) 5. The minister left.", ["(C/NF) 5. The minister left."]),
        ("He left. 5. (SBU) The rest stayed.", ["He left.", "5. (SBU) The rest stayed."]),
        ("SUMMARY 1. (C) The minister left.", ["SUMMARY 1. (C) The minister left."]),
        ("2. 1. The Secretary left.", ["2. 1. The Secretary left."]),
        ("1.2. The Secretary left. B. The rest.", ["1.2. The Secretary left.", "B. The rest."]),
        ("iv. The first. b. The second. a) Third.", ["iv. The first.", "b. The second.", "a) Third."]),
        ("Question No. 3. Does he? Part II. The rest.", ["Question No. 3. Does he?", "Part II. The rest."]),
        (
            "as follows: 1. The first; 2. The second; and 3. Paz.",
            ["as follows: 1. The first; 2. The second; and 3. Paz."],
        ),
        ("Paz wrote “1. The first. 2nd. The second.”", ["Paz wrote “1. The first.", "2nd. The second.”"]),
        ("Art. 5 para. 2 and Nos. 5. 6. and 7. apply.", ["Art. 5 para. 2 and Nos. 5. 6. and 7. apply."]),
        ("Acme Inc. 2. The other firm.", ["Acme Inc.", "2. The other firm."]),
        ("It rose 2. 5 percent.", ["It rose 2. 5 percent."]),
        ("It was signed in 1975. The rest.", ["It was signed in 1975.", "The rest."]),
        (
            "He wrote on Jan. 5. The rest; see paragraph 5. Then stop.",
            ["He wrote on Jan. 5.", "The rest; see paragraph 5.", "Then stop."],
        ),
        ("It was signed in 1975. 2. The rest.", ["It was signed in 1975.", "2. The rest."]),
    ],
)
def test_the_number_of_a_list_ends_no_sentence(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "J. F. Kennedy met J. A. Smith.",
        "The U.S. Embassy and the U.S.S.R. Mission, e.g. The Hague, i.e. Brazil, cf. The Times.",
        "The Rev. Dr. H. Müller lives in Washington, D.C. 20520.",
        "See Ref. A and ref. B. Paz, J. A. Smith.",
        "He said ... Kennedy left.",
        "The [...] Ministry and the . . . Embassy and the … Mission.",
    ],
)
def test_initials_abbreviations_and_omissions_end_no_sentence(text: str) -> None:
    assert cut(text) == [text]


@given(
    st.lists(
        st.sampled_from(["5.", "(U)", "No.", "U.S.", "The", "end.", "he", "...", "a.", "p.m.", "。"]), max_size=30
    ),
    st.integers(0, 99),
)
def test_sentences_up_to_a_place_are_the_first_of_all(words: list[str], place: int) -> None:
    text = " ".join(words)
    every, some = sentences(text), sentences(text, place)
    assert some == every[: len(some)]
    assert some == every or some[-1][1] > place


@given(st.text(st.sampled_from('ab. AU!?"(\n'), max_size=80))
def test_sentences_cover_the_text_in_order(text: str) -> None:
    spans = sentences(text)
    assert "".join(text[start:end] for start, end in spans).split() == text.split() or "".join(
        "".join(text[start:end] for start, end in spans).split()
    ) == "".join(text.split())
    assert all(item[1] <= other[0] for item, other in itertools.pairwise(spans))


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
        ("counter-TIP", ["counter-TIP"]),
        ('"countertip with"', ["counter-TIP", "with"]),
        ('"countertip us"~3', ["counter-TIP", "U.S."]),
        ('"of counter-tip with"', ["of", "counter-TIP", "with"]),
        ('"countertip the"', []),
        ("?countertip", []),
        ("*tertip", ["counter-TIP"]),
        ("negotiashuns~2", []),
        ("negotiatiuns~1", ["negotiations"]),
        ("us", ["U.S."]),
        ("china -negotiate", ["China’s"]),
        ("subject:china", []),
    ],
)
def test_matches_are_highlighted(query: str, expected: list[str]) -> None:
    text = "China’s negotiations of counter-TIP with the U.S. failed. Negotiating, China opened on."
    result = marks(query, text)
    assert result == expected or (query == "china -negotiate" and result == ["China’s", "China"])


def test_a_phrase_is_highlighted_from_every_word_that_can_continue_it() -> None:
    assert marks('"alpha bravo charlie"~3', "alpha bravo zz bravo zz charlie") == ["alpha", "bravo", "charlie"]


def test_an_empty_phrase_highlights_nothing() -> None:
    assert Marker([q.Phrase("exact", [])], ["exact"]).spans("alpha") == []


_WORDS = st.sampled_from(["alpha", "bravo", "charlie", "alphabravo"])


@given(
    st.lists(st.tuples(_WORDS, st.sampled_from(" -")), max_size=10),
    st.lists(_WORDS, min_size=1, max_size=4),
    st.integers(1, 4),
)
def test_a_phrase_is_highlighted_exactly_where_it_occurs(
    pieces: list[tuple[str, str]], phrase: list[str], slop: int
) -> None:
    text = "".join(word + after for word, after in pieces)
    spelt = words_with_places(text)
    going_on = {(word, place) for word, place, _, _ in spelt}

    def last_place(item: tuple[str, int, int, int]) -> int:
        place = item[1]
        while (CONTINUED + item[0], place + 1) in going_on:
            place += 1
        return place

    occurrences = [
        chosen
        for chosen in itertools.product(*([item for item in spelt if item[0] == wanted] for wanted in phrase))
        if all(0 < after[1] - last_place(before) <= slop for before, after in itertools.pairwise(chosen))
    ]
    letters = [{place for _, _, start, end in chosen for place in range(start, end)} for chosen in occurrences]
    spans = Marker([q.Phrase("exact", phrase, slop=slop)], ["exact"]).spans(text)
    marked = {place for start, end, _ in spans for place in range(start, end)}
    assert bool(marked) == bool(occurrences)
    assert marked <= set().union(*letters)
    assert not letters or any(item <= marked for item in letters)


_RUNS = st.builds(Run, st.lists(_WORDS, min_size=1, max_size=2).map(tuple), st.integers(1, 3))


@given(
    st.lists(st.tuples(_WORDS, st.sampled_from("   -")), max_size=10),
    st.lists(st.lists(_RUNS, min_size=1, max_size=2), min_size=1, max_size=3),
    st.integers(1, 4),
    st.booleans(),
)
def test_near_words_are_highlighted_exactly_where_they_match(
    pieces: list[tuple[str, str]], operands: list[list[Run]], distance: int, in_order: bool
) -> None:
    text = "".join(word + after for word, after in pieces)
    held: dict[str, list[int]] = {}
    for word, place, _, _ in words_with_places(text):
        held.setdefault(word, []).append(place)
    query = Near("exact", operands, distance, in_order=in_order)
    spans = Marker([query], ["exact"]).spans(text)
    marked = {place for start, end, _ in spans for place in range(start, end)}
    matching = ends_of_matches(held, query)
    assert bool(marked) == bool(matching)
    letters = [
        (place, set(range(start, end))) for word, place, start, end in words_with_places(text) if word in query.words
    ]
    assert marked <= set().union(*(own for _, own in letters))
    # The last word of each match is marked.
    for last in matching:
        assert any(own <= marked for place, own in letters if place <= last)


def test_near_words_are_highlighted_as_closely_as_they_stand() -> None:
    assert marks('"alpha bravo"~~4', "alpha alpha zz bravo zz alpha zz zz zz zz bravo") == ["alpha", "bravo", "alpha"]
    assert marks('"alpha bravo charlie"~~3', "charlie bravo bravo alpha zz zz zz zz zz charlie") == [
        *("charlie", "bravo", "bravo", "alpha")
    ]
    assert marks('alpha NEAR/2 ("zz bravo" OR charlie)', "bravo zz alpha bravo zz bravo charlie") == [
        *("alpha", "zz", "bravo")
    ]


def test_near_words_are_highlighted_in_every_stretch_of_a_long_text() -> None:
    text = "alpha " + "zz " * 60_000 + "bravo alpha " + "zz " * 60_000 + "alpha"
    marker = Marker(leaves(parse('text:(alpha NEAR/1 (bravo OR "zz yy"))')), ["text"])
    spans = [span for part in marker.parts(text) for span in part.spans]
    assert [text[start:end] for start, end, _ in spans] == ["bravo", "alpha"]


def test_many_near_words_are_highlighted_in_a_long_text() -> None:
    text = "alpha " * 15_000 + "bravo zz " * 100
    for query in ('"alpha bravo"~~9999', f'"{"alpha " * 900}"~~2', '"alpha alpha bravo bravo"~~50'):
        assert len(Marker(leaves(parse(f"exact:{query}")), ["exact"]).spans(text)) > 50


@given(
    st.lists(st.sampled_from(["a", "b", "c", "co-op", "b-c"]), max_size=30).map(" ".join),
    st.lists(st.lists(st.sampled_from(["a", "b", "c", "co", "op", "coop"]), min_size=1, max_size=4), max_size=4),
)
def test_phrases_are_highlighted_alike_in_short_and_long_texts(text: str, phrases: list[list[str]]) -> None:
    marker = Marker([q.Phrase("exact", words) for words in phrases], ["exact"])
    with mock.patch("cablesearch.results.phrases._FEW", 0):
        expected = marker.spans(text)
    assert marker.spans(text) == expected


def test_the_passage_has_the_most_different_matches() -> None:
    text = " ".join(f"Sentence {number} says little about it." for number in range(30))
    text += " Labor met trafficking here. " + text
    result = passage(text, Marker(leaves(parse("labor trafficking little")), ("text",)).spans(text))
    assert "Labor met trafficking here." in result.plain()
    assert result.plain().startswith("… Sentence")
    assert result.plain().endswith(" …")


def test_html_is_escaped_except_for_mark_tags() -> None:
    text = 'a <b>china</b> & "x"'
    result = passage(text, Marker(leaves(parse("china")), ("text",)).spans(text))
    assert result.html() == "a &lt;b&gt;<mark>china</mark>&lt;/b&gt; &amp; &quot;x&quot;"


def test_control_characters_do_not_reach_the_terminal() -> None:
    text = "a \x1b[31mred\x07 \udce9"
    result = passage(text, [])
    assert not set(result.terminal()) & {"\x1b", "\x07", "\udce9"}


@given(st.text(st.sampled_from("ab .china"), max_size=600), st.integers(20, 200))
def test_a_passage_is_a_part_of_the_text_of_bounded_width(text: str, width: int) -> None:
    spans = Marker(leaves(parse("china a*")), ("text", "exact")).spans(text)
    result = passage(text, spans, width)
    inner = result.plain().removeprefix("… ").removesuffix(" …")
    if len({leaf for *_, leaf in spans}) < 2:
        assert inner in text
        assert len(inner) <= width
    assert not spans or any(matched for _, matched in result.parts)


def pieces(snippet: Snippet) -> list[tuple[str, list[str]]]:
    """Return the pieces of a snippet, each with its matches."""
    result: list[tuple[str, list[str]]] = [("", [])]
    for text, matched in snippet.parts:
        if text in ("… ", " … ", " …") and not matched:
            result.append(("", []))
        else:
            piece, inside = result[-1]
            result[-1] = (piece + text, inside + [text] * matched)
    return [(piece, inside) for piece, inside in result if piece]


_TEXTS = st.lists(
    st.one_of(
        st.sampled_from(["china", "Chinas", "ape", "U.S.", "5.", "ended.", "The", "cafe\u0301", "x" * 90, "新" * 50]),
        st.text("abe", min_size=1, max_size=12),
    ),
    max_size=150,
).map(" ".join)


@given(
    _TEXTS,
    st.integers(40, 260),
    st.sampled_from(["china", "china ape cafe", "china us c* ended", "x* 新", '"the china" ape']),
)
def test_a_snippet_has_pieces_of_the_text_in_order_and_marks_matches(text: str, width: int, query: str) -> None:
    marker = Marker(leaves(parse(query)), ("text", "exact"))
    spans = marker.spans(text)
    result = passage(text, spans, width)
    shown = pieces(result)
    assert len(shown) <= 3
    assert sum(len(piece) for piece, _ in shown) <= width * 4 // 3 + 6
    places = windows(text, spans, width)
    assert [piece for piece, _ in shown] == [text[start:end] for start, end in places if start < end]
    assert all(last < start for (_, last), (start, _) in itertools.pairwise(places))
    # Exactly the letters of matches are marked; matches that touch are marked as one.
    letters = {place for first, last, _ in spans for place in range(first, last)}
    for (piece, marked), (start, end) in zip(shown, places, strict=False):
        assert not unicodedata.combining(piece[0])
        runs = "".join(text[place] if place in letters else "\0" for place in range(start, end))
        assert marked == [run for run in runs.split("\0") if run]
    assert bool(spans) == any(marked for _, marked in shown)
    assert all(matched or text for text, matched in result.parts)


@given(
    st.lists(
        st.sampled_from(
            ["alpha", "bravo", "charlie", "delta", "Now he left.", "with many other words in between", "so"]
        ),
        min_size=40,
        max_size=120,
    ).map(" ".join)
)
def test_a_snippet_shows_three_different_words_wherever_they_are(text: str) -> None:
    spans = Marker(leaves(parse("alpha bravo charlie delta")), ("text",)).spans(text)
    shown = {match for _, marked in pieces(passage(text, spans)) for match in marked}
    assert len(shown) >= min(3, len({leaf for *_, leaf in spans}))


@given(
    st.lists(st.text("abc", min_size=1, max_size=9), min_size=60, max_size=150),
    st.lists(st.sampled_from([" ", ". ", ". B", " 5. ", ". (C) "]), min_size=150, max_size=150),
)
def test_a_passage_takes_a_good_part_of_the_width(words: list[str], gaps: list[str]) -> None:
    text = "".join(word + gap for word, gap in zip(words, gaps, strict=False)).strip()
    length = len(passage(text, []).plain())
    assert length >= min(len(text), 140)


def test_words_that_lie_apart_are_shown_in_several_pieces() -> None:
    filler = "The minister said little about it. " * 12
    text = f"Alpha met him. {filler}Bravo left early. {filler}He saw charlie. {filler}"
    marker = Marker(leaves(parse("alpha bravo charlie")), ("text",))
    html = best_passage(text, marker).html()
    assert re.findall(r"<mark>(\w+)</mark>", html) == ["Alpha", "Bravo", "charlie"]
    assert html.startswith("<mark>Alpha</mark> met him.")
    assert html.count(" … ") == 2
    assert html.endswith(" …")
    assert [len(piece) > 50 for piece, _ in pieces(best_passage(text, marker))] == [True, True, True]
    two = best_passage(text, Marker(leaves(parse("bravo charlie")), ("text",))).html()
    assert two.startswith("… ")
    assert re.findall(r"<mark>(\w+)</mark>", two) == ["Bravo", "charlie"]
    assert best_passage(text, Marker(leaves(parse("minister little")), ("text",))).html().count("…") == 1


def test_the_words_of_a_loose_phrase_are_shown_where_they_lie_apart() -> None:
    text = f"Alpha met {'him or somebody else ' * 20}bravo. {'The minister said little about it. ' * 20}"
    html = best_passage(text, Marker(leaves(parse('"alpha bravo"~90')), ("text",))).html()
    assert re.findall(r"<mark>(\w+)</mark>", html) == ["Alpha", "bravo"]


def test_without_matches_a_passage_begins_at_the_beginning() -> None:
    text = "5. The minister left. " + "He said little about it. " * 20
    assert (
        best_passage(text, Marker([], ())).plain()
        == ("5. The minister left. " + "He said little about it. " * 8).strip() + " …"
    )


def test_a_short_sentence_is_shown_with_its_neighbours() -> None:
    long = "and so he said little or nothing about it " * 9
    text = f"He began {long}now. China left. Then {long}now."
    result = best_passage(text, Marker(leaves(parse("china")), ("text",))).plain()
    assert result.startswith("… China left. Then and so he")
    assert 200 < len(result) < 250
    result = best_passage(f"He began {long}now. China left.", Marker(leaves(parse("china")), ("text",))).plain()
    assert result.endswith("about it now. China left.")
    assert 200 < len(result) < 250


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("他说" * 250 + "北京" + "是的" * 250, [500, 900]),
        ("กำลังมาที่นี่" * 80, [260, 780]),
    ],
)
def test_text_without_blanks_is_shown_on_both_sides_of_a_match(text: str, places: list[int]) -> None:
    for chosen in (places[:1], places[1:], places):
        found = windows(text, [(place, place + 2, number) for number, place in enumerate(chosen)], 240)
        assert len(found) == len(chosen)
        for (start, end), place in zip(found, chosen, strict=True):
            assert start + 20 < place < end - 20
            assert start == character_start(text, start)
            assert end == character_end(text, end)


@pytest.mark.parametrize("width", [20, 60, 240])
@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("*needle", "Short start " + "x" * 400 + "needle and an end."),
        ("x*", "Short start " + "x" * 200 + " and an end. " * 20),
        ("x*", "and a start. " * 20 + "x" * 230 + "-yy and an end. " * 20),
        ("xy*", "a " * 300 + "xy" * 300),
        ("x*", "x" * 3_000),
        ("cafe*", "cafe\u0301" * 300),
    ],
)
def test_a_match_longer_than_a_snippet_is_shown(query: str, text: str, width: int) -> None:
    result = passage(text, Marker(leaves(parse(query)), ("text", "exact")).spans(text), width)
    matches = [part for part, matched in result.parts if matched]
    assert matches
    assert max(map(len, matches)) >= width // 3
    assert len(result.plain()) <= width + 4


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("cafe", "A cafe\u0301 here", "A <mark>cafe\u0301</mark> here"),
        ("cafe", "A cafe\u0301\u0323, here", "A <mark>cafe\u0301\u0323</mark>, here"),
        ("cafe", "A CAFE\u20dd", "A <mark>CAFE\u20dd</mark>"),
        ("caf*", "A cafe\u0301s\u0301 here", "A <mark>cafe\u0301s\u0301</mark> here"),
        ("op", "A co-op\u0301-x", "A co-<mark>op\u0301</mark>-x"),
        ('"cafe here"', "A cafe\u0301 here\u0301.", "A <mark>cafe\u0301</mark> <mark>here\u0301</mark>."),
        ("sign", "A sign\ufe0f here", "A <mark>sign\ufe0f</mark> here"),
        ("cafe", "A cafe\n\u0301 here", "A <mark>cafe</mark> \u0301 here"),
    ],
)
def test_a_mark_ends_behind_the_accents_of_its_word(query: str, text: str, expected: str) -> None:
    assert best_passage(text, Marker(leaves(parse(query)), ("text", "exact"))).html() == expected


@pytest.mark.parametrize(("length", "shown"), [(10, 10), (220, 220), (600, 238)])
def test_a_long_word_is_marked_as_one_from_its_beginning(length: int, shown: int) -> None:
    html = best_passage("A " + "x" * length, Marker(leaves(parse("x*")), ("text", "exact"))).html()
    assert html == f"A <mark>{'x' * shown}</mark>" + " …" * (shown < length)


@given(st.text(st.sampled_from("ab \n\t\xa0\u0301"), max_size=60))
def test_matches_stay_where_they_are_when_white_space_is_collapsed(text: str) -> None:
    spans = Marker(leaves(parse("a* b*")), ("text", "exact")).spans(text)
    plain = collapsed(text)
    moved = _shifted(text, spans)
    assert [plain[start:end] for start, end, _ in moved] == [text[start:end] for start, end, _ in spans]
    assert [plain[:start].split() for start, _, _ in moved] == [text[:start].split() for start, _, _ in spans]


_SPANS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5), st.integers(0, 3)), max_size=12)


@given(_SPANS, st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=8))
def test_a_window_counts_the_matches_within_it(sizes: list[tuple[int, int, int]], steps: list[tuple[int, int]]) -> None:
    spans, at = [], 0
    for gap, length, leaf in sizes:
        spans.append((at + gap, at + gap + length, leaf))
        at += gap + length
    windows = list(
        zip(
            itertools.accumulate(start for start, _ in steps),
            itertools.accumulate(end for _, end in steps),
            strict=True,
        )
    )
    within = [[leaf for first, last, leaf in spans if first >= start and last <= end] for start, end in windows]
    assert _worths(spans, windows) == [(len(set(item)), len(item)) for item in within]


@pytest.mark.parametrize("points", ["." * 40_000, '."' * 20_000, "a." * 20_000])
def test_a_long_run_of_full_stops_ends_one_sentence(points: str) -> None:
    assert cut(points) == [points]
    assert "".join(cut(f"{points} End")).replace(" ", "") == f"{points}End"


def test_matches_in_very_many_sentences_make_a_passage() -> None:
    text = "China. " * 8_000
    spans = Marker(leaves(parse("china")), ("text",)).spans(text)
    assert len(spans) == 8_000
    assert passage(text, spans).plain().startswith("China. China.")


def test_very_many_matches_in_one_sentence_make_a_passage() -> None:
    text = "china " * 8_000
    result = passage(text, Marker(leaves(parse("china")), ("text",)).spans(text))
    assert result.plain().startswith("china china")


def test_a_phrase_with_a_huge_distance_is_highlighted_in_a_long_text() -> None:
    text = "alpha bravo " * 4_000
    spans = Marker([q.Phrase("exact", ["alpha", "bravo", "missing"], slop=99_999)], ["exact"]).spans(text)
    assert spans == []
    spans = Marker([q.Phrase("exact", ["alpha", "alpha", "bravo"], slop=99_999)], ["exact"]).spans(text)
    assert len(spans) == 7_999


def test_many_fuzzy_words_are_highlighted_in_a_long_text() -> None:
    wanted = [q.FuzzyTerm("exact", f"negotiat{letter}", maxdist=2, prefixlength=1) for letter in "abcdefghij"]
    spans = Marker(wanted, ["exact"]).spans("negotiate nomination navigates " * 1_000)
    assert len(spans) == 1_000
    text = " ".join(f"negotia{number:04}" for number in range(3_000))
    assert Marker(wanted, ["exact"]).spans(text) == []
    assert len(Marker(wanted, ["exact"]).spans(f"{text} negotiatr")) == 1


@given(
    st.lists(st.text("abc", min_size=1, max_size=6), max_size=8),
    st.text("abc", min_size=1, max_size=6),
    st.integers(1, 2),
    st.integers(0, 2),
)
def test_a_fuzzy_word_highlights_the_words_that_the_engine_finds(
    texts: list[str], word: str, distance: int, same: int
) -> None:
    marker = Marker([q.FuzzyTerm("exact", word, maxdist=distance, prefixlength=same)], ["exact"])
    # One marker for all texts: its memory of one text must be right for the next.
    for text in texts:
        near = edit_distances(word, [text])[0] <= distance and text[:same] == word[:same]
        assert bool(marker.spans(text)) == near


@given(
    st.lists(
        st.lists(st.sampled_from(["china", "Chinese", "trade", "traded", "U.S.", "chima"]), max_size=6), max_size=6
    ),
    st.sampled_from(["china", "chin*", "china~1 trad*", '"china trade"~3', "subject:trade china", "tr?de OR chinese"]),
)
def test_a_reused_highlighter_marks_each_text_like_a_new_highlighter(texts: list[list[str]], query: str) -> None:
    wanted = list(leaves(parse(query, by_cable=True)))
    shared = Highlighter(wanted)
    # The words that were tested are forgotten again and again.
    with mock.patch("cablesearch.results.marking._REMEMBERED", 3):
        for text in map(" ".join, texts):
            for name in ("text", "envelope", "subject", "heading"):
                assert getattr(shared, name).spans(text) == getattr(Highlighter(wanted), name).spans(text)


LONG = "The minister said little. " * 20_000


@pytest.mark.parametrize(
    ("query", "text", "shown"),
    [
        ("zephyr", LONG + "Zephyr met quartz.", "<mark>Zephyr</mark> met quartz."),
        ('"zephyr quartz"', LONG + "Zephyr quartz.", "<mark>Zephyr</mark> <mark>quartz</mark>."),
        ("zephyr", "Zephyr met quartz. " + LONG, "<mark>Zephyr</mark> met quartz."),
        ("zephyr", LONG + "Zephyr met quartz. " + LONG, "<mark>Zephyr</mark> met quartz."),
        ("zeph*", "x" * 500_000 + " zephyr", "<mark>zephyr</mark>"),
        ("quartz~1", "x-" * 250_000 + " quarz", "<mark>quarz</mark>"),
    ],
)
def test_the_passage_of_a_long_text_is_where_it_first_matches(query: str, text: str, shown: str) -> None:
    marker = Marker(leaves(parse(query)), ("text", "exact"))
    tracemalloc.start()
    try:
        result = best_passage(text, marker)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert shown in result.html()
    assert len(result.plain()) < 300
    assert result.plain().startswith("… ") == (not text.startswith("Zephyr"))
    assert result.plain().endswith(" …") == text.endswith(LONG)
    # The words of half a megabyte, with their places, would take 20 MB.
    assert peak < 15_000_000


@pytest.mark.parametrize(
    "text", ["china. " * 60_000, "china " * 40_000 + "x" * 250_000, "", "x" * 300_000, "\n" * 250_000]
)
def test_the_parts_of_a_long_text_add_up_to_it(text: str) -> None:
    parts = list(Marker(leaves(parse("china")), ("text",)).parts(text))
    assert "".join(text[part.start : part.end] for part in parts) == text
    spans = [span for part in parts for span in part.spans]
    assert [text[start:end] for start, end, _ in spans] == ["china"] * text.count("china")
    assert all(part.start <= start < end <= part.end for part in parts for start, end, _ in part.spans)


def test_a_phrase_is_highlighted_where_stretches_meet() -> None:
    text = "x " * 49_999 + "alpha bravo " + "x " * 10_000
    parts = list(Marker([q.Phrase("exact", ["alpha", "bravo"])], ["exact"]).parts(text))
    assert len(parts) == 2
    assert any(text[start:end] == "bravo" for part in parts for start, end, _ in part.spans)


@pytest.mark.parametrize(
    "module",
    [
        cablesearch.results.marking,
        cablesearch.results.passages,
        cablesearch.results.sentences,
        cablesearch.results.windows,
        cablesearch.text.analysis,
        cablesearch.text.characters,
        cablesearch.text.lookalikes,
    ],
    ids=lambda module: module.__name__,
)
def test_the_examples_in_docstrings_are_right(module: ModuleType) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted
    assert not outcome.failed
