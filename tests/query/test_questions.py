"""Questions mean what people mean: spellings, signs of other languages, patterns, values and what is missing."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cablesearch
from cablesearch.archive import Archive
from cablesearch.cable import Cable
from cablesearch.errors import QueryError
from cablesearch.query import parse
from cablesearch.request import Group
from tests.support.archives import write
from tests.support.cables import cable


def found(archive: Archive, query: str, *, group: Group = "paragraph") -> set[str]:
    """Return the ids of the cables that match, without the year."""
    return {hit.cable.removeprefix("09") for hit in archive.search(query, limit=100, group=group)}


def archive_of(folder: Path, cables: list[Cable]) -> Archive:
    write(folder, cables)
    return cablesearch.open(folder / "archive")


# Spellings


@pytest.fixture(scope="module")
def spelt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Return an archive whose cables have the same words in several spellings."""
    texts = {
        "A1": "A cease-fire agreement was made.",
        "A2": "A ceasefire agreement was made.",
        "A3": "A cease fire agreement was made.",
        "A4": "A cease-\nfire agreement was made.",
        "A5": "A cease\u00ad\n   fire agreement was made.",
        "A6": "A ceasefire draft agreement. Cease-fire fire agreement.",
        "B1": "The Al-Qa'ida cell moved.",
        "B2": "The Al-Qaida cell moved.",
        "B3": "The Al Qaida cell moved.",
        "B4": "The alqaida cell moved.",
        "B5": "An Al-Qa'ida-linked cell.",
        "C1": "The post-cease-fire talks.",
        "D1": "Talks in Łódź with Đurimović on Æsop.",
        "D2": "zor\u200cblax كتـــاب",
        "D3": "大使は北京大学を訪れた。 東京都",
        "D4": "서울에서 회담이 열렸다.",
        "D5": "เขาเดินทางไปกรุงเทพมหานคร",
    }
    folder = tmp_path_factory.mktemp("spelt")
    with archive_of(folder, [cable(f"09{name}", text) for name, text in texts.items()]) as archive:
        yield archive


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("ceasefire", "A1 A2 A4 A5 A6 C1"),
        ("cease-fire", "A1 A2 A3 A4 A5 A6 C1"),
        ('"cease fire"', "A1 A3 A4 A5 A6 C1"),
        ('"ceasefire agreement"', "A1 A2 A4 A5"),
        ('"a ceasefire agreement was"', "A1 A2 A4 A5"),
        ('"a cease-fire agreement was"', "A1 A2 A3 A4 A5"),
        ('"a cease fire agreement"', "A1 A3 A4 A5"),
        ('"ceasefire agreement"~2', "A1 A2 A4 A5 A6"),
        ('exact:"ceasefire agreement"', "A1 A2 A4 A5"),
        ('"ceasefire fire"', "A6"),
        ("al-qa'ida", "B1 B2 B3 B4 B5"),
        ("al-qaida", "B1 B2 B3 B4 B5"),
        ("alqaida", "B1 B2 B4 B5"),
        ("qaida", "B1 B2 B3 B5"),
        ("qa'ida", "B1 B2 B3 B5"),
        ('"the alqaida cell"', "B1 B2 B4"),
        ('"the al-qa\'ida cell moved"', "B1 B2 B3 B4"),
        ('"alqaidalinked cell"', "B5"),
        ("lodz durimovic aesop", "D1"),
        ("Łódź", "D1"),
        ("zorblax", "D2"),
        ("كتاب", "D2"),
        ("北京", "D3"),
        ("京北", ""),
        ("北京大学 大使", "D3"),
        ("大", "D3"),
        ("*京大*", "D3"),
        ("大*", "D3"),
        ("서울", "D4"),
        ("회담", "D4"),
        ("กรุงเทพ", "D5"),
        ("เดินทาง ไป", "D5"),
        ("cease-f*", "A1 A2 A4 A5 A6 C1"),
        ("*fire", "A1 A2 A3 A4 A5 A6 C1"),
        ("ceasefir~1", "A1 A2 A4 A5 A6 C1"),
    ],
)
def test_spellings_find_each_other(spelt: Archive, query: str, ids: str) -> None:
    assert found(spelt, query) == set(ids.split())
    assert found(spelt, query, group="cable") == set(ids.split())


def test_a_dash_within_a_word_is_a_hyphen(tmp_path: Path) -> None:
    cables = [cable(f"09A{number}", f"A cease{dash}fire pact.") for number, dash in enumerate("-‐‑‒–−", 1)]
    with archive_of(
        tmp_path, [*cables, cable("09A7", "A ceasefire pact."), cable("09B1", "They cease—fire is out.")]
    ) as archive:
        every = {f"A{number}" for number in range(1, 8)}
        assert found(archive, "ceasefire") == found(archive, '"ceasefire pact"') == every
        for dash in "-‐‑‒–−":
            assert found(archive, f"cease{dash}fire") == {*every, "B1"}
            assert found(archive, f'"cease{dash}fire pact"') == every


def test_phrases_of_many_hyphenated_words_are_found_in_parts_and_joined(tmp_path: Path) -> None:
    quoted = "well-known long-term arms-control cease-fire follow-on talks"
    texts = [quoted, quoted.replace("-", " "), quoted.replace("-", "")]
    cables = [cable(f"09A{number}", text) for number, text in enumerate(texts)]
    with archive_of(tmp_path, cables) as archive:
        for text in texts:
            expected = {"A0", "A1", "A2"} if "-" in text else {"A0", f"A{texts.index(text)}"}
            assert found(archive, f'"{text}"') == expected


_WRITTEN = st.lists(st.lists(st.sampled_from(["ab", "abc", "b", "c"]), min_size=1, max_size=4), min_size=1, max_size=6)
"""Words, each with its parts."""


def _matches(text: list[list[str]], phrase: list[list[str]]) -> bool:
    """Return whether a phrase occurs in a text, by its definition: hyphens may join parts, or stand between words."""

    def runs(number: int, part: int) -> Iterator[tuple[str, int, int]]:
        """Yield the words that begin at a part, and where the next word begins."""
        parts = text[number]
        for end in range(part + 1, len(parts) + 1):
            if end - part <= 3 or (part, end) == (0, len(parts)):
                after = (number + 1, 0) if end == len(parts) else (number, end)
                yield "".join(parts[part:end]), *after

    def follow(words: tuple[str, ...], number: int, part: int) -> bool:
        if not words:
            return True
        if number == len(text):
            return False
        return any(word == words[0] and follow(words[1:], after, inside) for word, after, inside in runs(number, part))

    def ways(parts: list[str]) -> list[tuple[str, ...]]:
        if len(parts) == 1:
            return [(parts[0],)]
        return [way for rest in ways(parts[1:]) for way in ((parts[0], *rest), (parts[0] + rest[0], *rest[1:]))]

    starts = [(number, part) for number, parts in enumerate(text) for part in range(len(parts))]
    chosen = [sum(choice, ()) for choice in itertools.product(*map(ways, phrase))]
    return any(follow(way, *start) for way in chosen for start in starts)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(_WRITTEN, min_size=1, max_size=12),
    st.lists(st.lists(st.sampled_from(["ab", "abc", "b", "c"]), min_size=1, max_size=2), min_size=1, max_size=4),
)
def test_phrases_with_hyphens_are_found_by_their_definition(
    tmp_path: Path, texts: list[list[list[str]]], phrase: list[list[str]]
) -> None:
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    spelt = [" ".join(map("-".join, text)) for text in texts]
    with archive_of(folder, [cable(f"09A{number}", text) for number, text in enumerate(spelt)]) as archive:
        query = " ".join(map("-".join, phrase))
        expected = {f"A{number}" for number, text in enumerate(texts) if _matches(text, phrase)}
        assert found(archive, f'exact:"{query}"') == expected


def test_the_spellings_of_a_phrase_are_bounded() -> None:
    def ways(phrase: str) -> int:
        tree = parse(f'exact:"{phrase}"')
        return len(list(tree.leaves()))

    pairs = [f"a{number}-b{number}" for number in range(6)]
    assert [ways(" ".join(pairs[:count])) for count in range(1, 7)] == [2, 4, 8, 16, 2, 2]
    words = " ".join(f"w{number}" for number in range(121))
    assert ways(f"{words} {pairs[0]} {pairs[1]} {words}") == ways(f"{words} {pairs[0]} {words} {words}") == 2
    assert ways(f"{words} {pairs[0]} {pairs[1]}") == 4


# Signs of other languages and keyboards


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Return an archive of three cables with one paragraph each."""
    cables = [
        cable("09A1", "zorblax frob", tags=["PHUM"]),
        cable("09A2", "zorblax quix", tags=["PREL"]),
        cable("09A3", "frob only"),
    ]
    with archive_of(tmp_path_factory.mktemp("three"), cables) as archive:
        yield archive


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        *((f"zorblax {sign}frob", "A2") for sign in "-‐‑‒–—−⁃﹣－!！"),
        *((f'zorblax {sign}"frob"', "A2") for sign in "-–!"),
        *((f"zorblax {sign}(frob OR only)", "A2") for sign in "-−!"),
        *((f"zorblax {sign}tag:PHUM", "A2") for sign in "-–!"),
        ("zorblax - frob", "A1"),
        ("zorblax – frob", "A1"),
        ("zorblax || frob", "A1 A2 A3"),
        ("zorblax||frob", "A1 A2 A3"),
        ("quix | only", "A2 A3"),
        ("zorblax && frob", "A1"),
        ("zorblax&&frob", "A1"),
        ("zorblax & frob", "A1"),
        ("zorblax && quix || only", "A2 A3"),
        ("tag:(PHUM|PREL)", "A1 A2"),
        ("tag:PHUM || tag:PREL", "A1 A2"),
        ("frob!", "A1 A3"),
        ("frob !", "A1 A3"),
        ("frob : only", "A3"),
        ("tag：PHUM", "A1"),
        ("„zorblax frob“", "A1"),
        ("«frob only»", "A3"),
        ("（zorblax　OR　only） -quix", "A1 A3"),
        ("* zorblax", "A1 A2"),
        ("zorblax?", "A1 A2"),
        ("zorbla?", "A1 A2"),
        ("what zorblax?", ""),
        ("~zorblax", "A1 A2"),
        ("missing:tag", "A3"),
        ("missing:tags frob", "A3"),
        ("-missing:tag", "A1 A2"),
        ("missing:(tag subject)", "A3"),
        ("tag:*", "A1 A2"),
        ("\ufefftag:PHUM", "A1"),
        ("tag:PH\u200bUM", "A1"),
        ("quix \u200bOR\u200b only", "A2 A3"),
        ("zorblax \u200b-\u200dfrob", "A2"),
        ("origin:* date:* class:* number:* -marking:*", "A1 A2 A3"),
    ],
)
def test_signs_mean_what_people_mean(three: Archive, query: str, ids: str) -> None:
    assert found(three, query) == set(ids.split())


@pytest.mark.parametrize(
    ("query", "place", "words"),
    [
        ("zorblax ! frob", 8, "-word"),
        ("zorblax !!frob", 8, "-word"),
        ("|| frob", 0, "nothing before it"),
        ("frob &&", 5, "followed by nothing"),
        ("tag:PHUM|PREL", 8, "tag:(A OR B)"),
        ("zorblax ADJ/5 frob", 8, "Write NEAR/5 for any order, or PRE/5"),
        ("zorblax AROUND(3) frob", 8, "Write NEAR/3"),
        ("zorblax NEAR/ frob", 8, "Write NEAR/5"),
        ("zorblax w/p frob", 8, "in one paragraph"),
        ("zorblax NEAR/S frob", 8, "or write NEAR/15"),
        ("zorblax /s frob", 8, "or write NEAR/15"),
        ("zorblax NEAR/0 frob", 8, "from 1 to 99,999"),
        ("NEAR/5 frob", 0, "nothing before it"),
        ("zorblax NEAR/5", 8, "followed by nothing"),
        ("zorblax NEAR/5 OR frob", 8, "followed by nothing"),
        ("zorblax NEAR/5 -frob", 15, "-(labor NEAR/5 visa)"),
        ("zorblax NEAR/5 NOT frob", 15, "-(labor NEAR/5 visa)"),
        ("zorblax NEAR/5 -(frob OR quix)", 15, "-(labor NEAR/5 visa)"),
        ("zorblax NEAR/5 (frob quix)", 8, "only OR inside"),
        ("zorblax NEAR/5 (frob OR -quix)", 8, "excluded"),
        ("zorblax NEAR/5 frob*", 8, "a pattern"),
        ("zorblax NEAR/5 frob~", 8, "a pattern, fuzzy word"),
        ("zorblax NEAR/5 tag:PHUM", 8, "a value cannot be near"),
        ("zorblax NEAR/5 *", 8, "or range"),
        ("zorblax NEAR/5 subject:frob", 8, "subject:(labor NEAR/5 visa)"),
        ("zorblax NEAR/5 frob^2", 8, "(labor NEAR/5 visa)^2"),
        ("zorblax NEAR/5 frob NEAR/3 quix", 20, "a NEAR/5 b AND b NEAR/3 c"),
        ("zorblax NEAR/5 frob PRE/5 quix", 20, "a NEAR/5 b AND b NEAR/3 c"),
        ('zorblax NEAR/5 "frob quix"~~3', 8, "near already"),
        (" NEAR/2 ".join("abcdefg"), 47, "more than 6"),
        ('"zorblax frob"~~', 14, '"labor trafficking"~~5 (in any order)'),
        ('"zorblax frob"~~0', 14, "is a number"),
        ('"zorblax frob"~~~2', 14, "is a number"),
        ('tag:"PHUM"~~2', 10, "cannot be fuzzy"),
        ("zorblax~0.7", 7, "1 or 2"),
        ("zorblax~1.5", 7, "1 or 2"),
        ("zorblax~x", 7, "1 or 2"),
        ("zor~blax", 3, "1 or 2"),
        ("zorblax?~1", 8, "a pattern cannot be fuzzy"),
        ("tag:PHUN~", 8, "cannot be fuzzy"),
        ("tag:PHUM~1", 8, "cannot be fuzzy"),
        ('tag:"PHUM"~1', 10, "cannot be fuzzy"),
        ("origin:zorb~^2", 11, "cannot be fuzzy"),
        ("date:2009~", 9, "cannot be fuzzy"),
        ("tag:[A to Z]", 4, "tag has no ranges"),
        ("tag:A..Z", 4, "tag has no ranges"),
        ("id:>=09A1", 3, "id has no ranges"),
        ("origin:[a to b]", 7, "origin has no ranges"),
        ("1.4*", 0, '"1 4"'),
        ("9/1*", 0, "9 1*"),
        ("1,0*", 0, "a pattern is a single word"),
        ("quix.gov*", 0, "quix gov*"),
        ("quix.gov/f*", 0, "quix gov f*"),
        ("*202[0-4]", 4, "brackets"),
        ("202[0-4]*", 3, "brackets"),
        ("202[0-4]", 3, "brackets"),
        ("a{2}", 1, "brackets"),
        ("北京?学", 0, "Leave out"),
        ('"wom?n rights"', 4, "do not work inside quotes"),
        ('"traffick* rights"', 9, "do not work inside quotes"),
        ("id:09 BEIJING 12", 5, 'id:"09 BEIJING 12"'),
        ("ref:2009 HONG KONG 12", 8, 'ref:"2009 HONG KONG 12"'),
        ("date:2009 to 2010", 9, "date:2009..2010"),
        ("number:3 - 5", 8, "number:3..5"),
        ("class:C to S", 7, "class:C..S"),
        ("class:SECRET,CONFIDENTIAL", 6, "class:(SECRET OR CONFIDENTIAL)"),
        ("class:C-S", 6, "class:C..S"),
        ("class:[S//NF to ]", 6, "cannot have controls"),
        ('class:>="TOP SECRET"', 6, "no value right after it"),
        ("number:>= 3", 7, "no value right after it"),
        ('class:"SECRET OR SBU"', 6, "class:(SECRET OR SBU)"),
        ("text:-zorblax", 5, "-text:zorblax"),
        ("origin:–rome", 7, "-origin:rome"),
        ("tag:!PHUM", 4, "-tag:PHUM"),
        ("zorblax tag : PHUM", 12, "tag:value"),
        ("tag :PHUM", 4, "tag:value"),
        ("al-qaida~", 0, "alqaida~1"),
        ("gr[ae]y*", 2, '"gr[ae]y"'),
        ("note:vis?a*", 0, '"note:vis a"'),
        ("text:>=zorblax", 5, "text:[zorblax to ]"),
        ("text:[zorblax to frob]", 5, "text:[frob to zorblax]"),
        ("missing:dat", 8, "missing:date"),
        ("missing:xyzzy", 8, "The fields are"),
        ("missing:[a to b]", 8, "missing:date"),
        ("missing:", 8, "followed by nothing"),
    ],
)
def test_what_would_mean_something_else_is_refused_with_the_remedy(query: str, place: int, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert caught.value.position == place
    assert words in str(caught.value)


# Values


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ('id:"09 BEIJING 12"', "09BEIJING12"),
        ('id:"09  beijing 0012"', "09BEIJING12"),
        ('id:"2009 BEIJING 12"', "09BEIJING12"),
        ("id:09-BEIJING-12", "09BEIJING12"),
        ('ref:"09 BEIJING 12"', "10STATE30"),
        ('ref:"09 HONG KONG 7"', "10STATE30"),
        ('id:"10 STATE 30" OR id:x', "10STATE30"),
        ("date:[2009 to *]", "09BEIJING12 10STATE30"),
        ("date:[* to 2009]", "09BEIJING12"),
        ("date:{2009 to *}", "10STATE30"),
        ("date:2010..*", "10STATE30"),
        ("date:*..2009", "09BEIJING12"),
        ("text:[frob to *]", "10STATE30 09BEIJING12 09X"),
        ("text:[* to frob]", "10STATE30 09X"),
        ("text:[to frob]", "10STATE30 09X"),
        ("text:[frob to]", "10STATE30 09BEIJING12 09X"),
        ("number:4 to", ""),
        ("date:2009 to zorblax", ""),
        ('id:"09 BEI*"', "09BEIJING12"),
        ('id:"2009 BEIJING ?2"', "09BEIJING12"),
        ('ref:"09 HONG*"', "10STATE30"),
        ("class:[U to S]", "09BEIJING12 10STATE30 09X"),
        ("class:[* to SBU]", "09BEIJING12 10STATE30 09X"),
        ("class:{U to *]", ""),
        ("class:U..C", "09BEIJING12 10STATE30 09X"),
        ("class:[U to TOP SECRET]", "09BEIJING12 10STATE30 09X"),
        ("missing:date", "09X"),
        ("missing:subject", "09BEIJING12 09X"),
        ("missing:ref", "09BEIJING12 09X"),
        ("missing:heading", "09BEIJING12 10STATE30 09X"),
        ("missing:date missing:subject -zorb", ""),
        ("http://quix.gov/a?b=c", "09X"),
        ('"http://quix.gov/a?b=c"', "09X"),
        ("quix.gov/a?b=c", "09X"),
        ('"see http://quix.gov/a?b=c"', "09X"),
    ],
)
def test_values_are_read_as_people_write_them(tmp_path_factory: pytest.TempPathFactory, query: str, ids: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "values"
    if not folder.exists():
        folder.mkdir()
        write(
            folder,
            [
                cable("09BEIJING12", "zorblax", date=datetime(2009, 1, 1)),
                cable(
                    "10STATE30",
                    "frob",
                    date=datetime(2010, 1, 1),
                    subject="Talks",
                    references=("09BEIJING12", "09HONGKONG7"),
                ),
                cable("09X", "See http://quix.gov/a?b=c zorb", date=None),
            ],
        )
    with cablesearch.open(folder / "archive") as archive:
        assert {hit.cable for hit in archive.search(query, limit=10)} == set(ids.split())


def test_what_is_missing_does_not_depend_on_what_is_hidden(tmp_path: Path) -> None:
    cables = [
        cable("09A1", "river", date=None, subject="(S) Secret talks", subject_marking="S"),
        cable("09A2", "river", subject="Open talks"),
    ]
    with archive_of(tmp_path, cables) as archive:
        assert found(archive, "missing:subject", group="cable") == set()
        low = archive.lowered("UNCLASSIFIED")
        assert found(low, "missing:subject", group="cable") == {"A1"}
        # The subject is not indexed with paragraphs whose readers may not read it.
        assert found(archive, "missing:subject") == found(low, "missing:subject") == {"A1"}


def test_values_that_begin_with_a_control_character_fit_patterns(tmp_path: Path) -> None:
    with archive_of(tmp_path, [cable("09A1", "x", tags=["\x01FOO"], origin="\x01Embassy Xanadu")]) as archive:
        for query in ("tag:*FOO", "tag:*F*", "origin:xanadu"):
            assert found(archive, query) == {"A1"}
