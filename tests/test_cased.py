"""Words as they are written: ``case:WHO`` finds WHO and not who."""

from __future__ import annotations

import itertools
import os
import random
import re
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cablesearch
from cablesearch.archive import Archive
from cablesearch.engine.segment.words import Chunks, spelling_stream
from cablesearch.errors import QueryError
from cablesearch.protocols.fields import Text
from cablesearch.request import Group
from cablesearch.schema.index_fields import indexing_schema
from cablesearch.text.analysis import prepare, prepare_as_written, split
from cablesearch.text.cased import CAPITALS, coded, form_of, spelt_words
from tests.support.archives import write
from tests.support.cables import cable


def found(archive: Archive, query: str, group: Group = "paragraph") -> str:
    """Return the ids of the cables that match, without the year."""
    return " ".join(sorted({hit.cable.removeprefix("09") for hit in archive.search(query, limit=None, group=group)}))


TEXTS = {
    "A1": "The WHO sent a team.",
    "A2": "Those who know. Who knows?",
    "A3": "Who knows?",
    "A4": "THE WHO SENT A TEAM.",
    "A5": "Those who know the WHO.",
    "B1": "U.S. policy and the U.K.'s",
    "B2": "It tells us.",
    "B3": "Al-Qa'ida cells",
    "B4": "AL-QAIDA cells",
    "B5": "alqaida cells",
    "C1": "McCain met MCCAIN's aide in Łódź",
    "C2": "MEETING WITH MCCAIN IN ŁÓDŹ, 2009",
    "C3": "mccain, lodz",
    "D1": "北京 2009 B52 и Россия",
    "D2": "B52s, b52, РОССИЯ и россия.",
    "E1": "A cease-\nfire. Cease\u00ad\nfire",
    "E2": "a Cease-Fire",
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("cased")
    write(folder, [cable(f"09{name}", text) for name, text in TEXTS.items()])
    with cablesearch.open(folder / "archive") as made:
        yield made


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("case:WHO", "A1 A4 A5"),
        ("case:who", "A2 A5"),
        ("case:Who", "A2 A3"),
        ("case:wHO", ""),
        ("-case:who exact:who", "A1 A3 A4"),
        ("case:(WHO OR Who)", "A1 A2 A3 A4 A5"),
        ("case:WHO case:who", "A5"),
        ("case:US", "B1"),
        ("case:U.S.", "B1"),
        ("case:us", "B2"),
        ("case:UK", "B1"),
        ("case:AlQaida", "B3"),
        ("case:Al-Qaida", "B3"),
        ("case:Al-Qa'ida", "B3"),
        ("case:AL-QAIDA", "B4"),
        ("case:alqaida", "B5"),
        ("case:Qaida", "B3"),
        ("case:McCain", "C1"),
        ("case:MCCAIN", "C1 C2"),
        ("case:mccain", "C3"),
        ("case:Mc*", "C1"),
        ("case:MC*", "C1 C2"),
        ("case:M*", "C1 C2"),
        ("case:?cC*n", "C1"),
        ("case:Lodz", "C1"),
        ("case:Łódź", "C1"),
        ("case:LODZ", "C2"),
        ("case:lodz", "C3"),
        ("case:2009", "C2 D1"),
        ("case:B52", "D1"),
        ("case:b52", "D2"),
        ("case:Россия", "D1"),
        ("case:РОССИЯ", "D2"),
        ("case:россия", "D2"),
        ("case:京", "D1"),
        ("case:A", "A4 E1"),
        ("case:a", "A1 E2"),
        ("case:ceasefire", "E1"),
        ("case:Ceasefire", "E1"),
        ("case:CeaseFire", "E2"),
        ("case:cease-fire", "E1"),
        ("is:capitals", "A4 C2"),
        ("missing:case", "B5 C3"),
        ("case:nothing", ""),
    ],
)
def test_words_are_found_as_they_are_written(archive: Archive, query: str, ids: str) -> None:
    assert found(archive, query) == ids


@pytest.mark.parametrize(
    ("query", "advice"),
    [
        ('case:"World Bank"', "case:World case:Bank"),
        ("case:北京", "one word"),
        ("case:mc*", "use exact:"),
        ("case:?", "needs a capital letter"),
        ("case:,,,", "one word"),
        (f"case:M{'*a' * 60}", "at most 100 letters"),
        ("case:WHO~", "cannot be fuzzy"),
        ("case:>WHO", "no ranges"),
    ],
)
def test_what_is_not_one_word_is_rejected_with_advice(archive: Archive, query: str, advice: str) -> None:
    with pytest.raises(QueryError) as error:
        archive.search(query)
    assert advice in str(error.value)


def test_it_is_ranked_like_the_word_and_shown_in_the_snippet(archive: Archive) -> None:
    exact = {hit.cable: hit.score for hit in archive.search("exact:who")}
    for hit in archive.search("case:WHO"):
        assert hit.score == exact[hit.cable]
        assert "WHO" in hit.snippet.plain()
    assert {hit.score for hit in archive.search("case:WHO^2")} == {2 * exact[name] for name in ("09A1", "09A4", "09A5")}
    assert {hit.score for hit in archive.search("(case:who)^2")} == {2 * exact[name] for name in ("09A2", "09A5")}


# Against the texts themselves


WORDS = ["who", "us", "may", "turkey", "é", "b2", "x", "ab"]


def as_written(text: str) -> set[str]:
    """Return the words of a text with their capitals and without accents."""
    plain = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return set(re.findall(r"[A-Za-z0-9]+", plain.replace("'s", " ")))


def spellings(word: str) -> list[str]:
    plain = "e" if word == "é" else word
    return sorted({plain, plain.upper(), plain.capitalize(), plain[:-1] + plain[-1:].upper()})


@st.composite
def texts(draw: st.DrawFn) -> str:
    seed = draw(st.integers(0, 1 << 32))
    chance = random.Random(seed)
    change: list[Callable[[str], str]] = [str, str, str, str.upper, str.capitalize, str.swapcase]
    ends = [" ", " ", " ", ". ", ", ", "'s ", " (", ") ", "; ", "\u2014", "\n"]
    parts = [chance.choice(change)(chance.choice(WORDS)) + chance.choice(ends) for _ in range(chance.randrange(1, 12))]
    text = "".join(parts)
    whole: list[Callable[[str], str]] = [str, str, str, str, str, str, str.upper, str.lower]
    return chance.choice(whole)(text)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(st.lists(texts(), min_size=1, max_size=4), min_size=1, max_size=12))
def test_words_are_found_where_they_are_written_so(cables: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), [cable(f"09A{number}", *said) for number, said in enumerate(cables)])
        with cablesearch.open(Path(folder) / "archive") as archive:
            written = [[as_written(text) for text in said] for said in cables]
            for word in itertools.chain.from_iterable(map(spellings, WORDS)):
                having = [[word in words for words in said] for said in written]
                assert archive.search(f"case:{word}", limit=1).total == sum(map(sum, having)), word
                assert archive.search(f"case:{word}", limit=1, group="cable").total == sum(map(any, having)), word
                without = archive.search(f"* -case:{word}", limit=1).total
                assert without == sum(map(len, having)) - sum(map(sum, having)), word
            for start in ("W", "Wh", "WH", "Tu", "B", "M"):
                total = sum(any(word.startswith(start) for word in words) for said in written for words in said)
                assert archive.search(f"case:{start}*", limit=1).total == total, start


def values(*texts: str, order: list[int] | None = None) -> list[list[str]]:
    """Return what an index records of the spellings in each text."""
    field = indexing_schema()["text"]
    assert isinstance(field, Text)
    assert field.spellings
    chunks = Chunks(field.prepare, field.split)
    chunks.extend(texts, 1 << 30)
    in_capitals = np.array([text.isupper() for text in texts], bool)
    places = None if order is None else np.array(order, np.int64)
    terms, numbers, counts = spelling_stream(chunks, field.spellings, in_capitals, places)
    assert sorted(set(numbers.tolist())) == list(range(len(terms)))
    of_texts = iter(numbers.tolist())
    return [[terms[number] for number in itertools.islice(of_texts, count)] for count in counts.tolist()]


LETTERS = st.text(st.sampled_from("asBcÉéßẞŁłÆ.-'‐ \u00adиИЯ京２Ⅷǅﬁ™\u0301\n"), max_size=30) | st.text(max_size=20)


@settings(max_examples=300, deadline=None)
@given(LETTERS)
def test_the_values_of_a_text_say_all_about_its_words(text: str) -> None:
    # The same words as the index has, in the same order.
    plain = [word for word in split(text)[0] if word[0] != "\x1f"]
    whole = spelt_words(text)
    assert sorted(word for word, _ in whole) == sorted(plain)
    (own,) = values(text)
    if own == [CAPITALS]:
        assert text == text.upper()
        return
    codes: dict[str, set[str | None]] = {}
    for chunk in re.sub(r"[-‐\u00ad]{0}(\r\n?|\n){0}(?=\S)".format(r"[^\S\r\n]*"), "-", text).split():
        for word, code in spelt_words(chunk):
            codes.setdefault(word, set()).add(code)
    expected = {f"{word} {code}" for word, own in codes.items() for code in own if code}
    expected |= {f"{word} " for word, own in codes.items() if None in own and len(own) > 1}
    assert set(own) == expected
    assert len(own) == len(expected)


@settings(max_examples=100, deadline=None)
@given(st.lists(LETTERS | texts(), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_values_of_a_text_do_not_depend_on_other_texts(several: list[str], chance: random.Random) -> None:
    order = chance.sample(range(len(several)), len(several))
    alone = [values(text)[0] for text in several]
    assert values(*several) == alone
    assert values(*several, order=order) == [alone[number] for number in order]


def test_spellings_stand_in_the_order_of_the_text_and_words_in_small_letters_too_behind_them() -> None:
    said = values("Who met the WHO? The zoo and Alma, who met Zoo and alma.", "IN CAPITALS", "", "small", "Łódź-Radom")
    assert said[0] == ["who T", "who U", "the T", "alma T", "zoo T", "alma ", "the ", "who ", "zoo "]
    assert said[1:4] == [[CAPITALS], [], []]
    assert said[4] == ["lodz T", "lodzradom LodzRadom", "radom T"]


@settings(max_examples=300, deadline=None)
@given(LETTERS)
def test_preparing_a_text_as_it_is_written_does_not_change_its_words(text: str) -> None:
    written, folded = ([split(chunk) for chunk in made(text).split()] for made in (prepare_as_written, prepare))
    assert list(itertools.chain.from_iterable(words for words, _ in written)) == list(
        itertools.chain.from_iterable(words for words, _ in folded)
    )


@pytest.mark.parametrize(
    ("form", "code"),
    [("who", None), ("WHO", "U"), ("Who", "T"), ("wHo", "wHo"), ("I", "U"), ("B52", "U"), ("2009", None)],
)
def test_spellings_have_codes(form: str, code: str | None) -> None:
    assert coded(form) == code
    if code:
        assert form_of(f"{form.lower()} {code}") == form


def test_values_have_the_same_order_in_every_process() -> None:
    text = "Who knows WHO met May in may, or Turkey and turkey, the The China china March march Will will Us us"
    code = f"from tests.test_cased import values\nprint(values({text!r}))"
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=Path(__file__).parents[1],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert printed == {f"{values(text)}\n"}
