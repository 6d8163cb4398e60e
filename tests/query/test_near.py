"""Words near each other in any order, and near between phrases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import query as q

from cablesearch.archive import Archive, open_archive
from cablesearch.errors import QueryError
from cablesearch.protocols.queries import Near, Run
from cablesearch.query import AnyWord, parse
from cablesearch.query.written import written_words
from cablesearch.request import Group
from tests.support.archives import write
from tests.support.cables import cable

TEXTS = {
    "A1": "labor visa",
    "A2": "visa and labor",
    "A3": "visa one two three four labor",
    "A4": "visa one two three four five labor",
    "A5": "labor one visa two trade",
    "A6": "trade one two three four five visa labor",
    "A7": "labor visa labor",
    "B1": "The ceasefire in the talks",
    "B2": "Talks on a cease-fire",
    "B3": "Talks on a cease fire",
    "B4": "cease-\nfire, they said, after the talks",
    "B5": "cease all fire and talks",
    "C1": "The Prime Minister spoke of labor trafficking.",
    "C2": "labor trafficking, as the prime minister knows",
    "C3": "labor trafficking",
    "C4": "The prime trafficking minister of labor",
    "C5": "the premier spoke of labor trafficking",
    "D1": "北京和東京",
    "D2": "東京和北京",
}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Return an archive of one cable a text, and cables with words in other fields or paragraphs."""
    folder = tmp_path_factory.mktemp("near")
    cables = [cable(f"09{name}", text) for name, text in TEXTS.items()]
    cables += [
        cable("09E1", "zorblax", subject="Frob for quix", envelope="quax near quox"),
        cable("09E2", "zorblax frob", "quix quax", subject="zorblax"),
    ]
    write(folder, cables)
    with open_archive(folder / "archive") as opened:
        yield opened


def found(archive: Archive, text: str, group: Group = "paragraph") -> str:
    """Return the ids that match, without the year."""
    return " ".join(sorted({hit.cable[2:] for hit in archive.search(text, limit=100, group=group)}))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ('"labor visa"~~1', "A1 A6 A7"),
        ('"visa labor"~~1', "A1 A6 A7"),
        ('"labor visa"~~2', "A1 A2 A5 A6 A7"),
        ('"visa labor"~~5', "A1 A2 A3 A5 A6 A7"),
        ('"visa labor"~5', "A2 A3 A6 A7"),
        ('"labor visa trade"~~1', ""),
        ('"labor visa trade"~~2', "A5"),
        ('"labor visa trade"~~3', "A5"),
        ('"labor visa trade"~~4', "A5 A6"),
        ('"labor labor visa"~~1', "A7"),
        ('"visa visa labor"~~9', ""),
        ('"labor visa"~~2 -"labor visa"~~1', "A2 A5"),
        ('exact:"visas labor"~~5', ""),
        ('text:"visas labor"~~1', "A1 A6 A7"),
        ('"cease-fire talks"~~5', "B1 B2 B3 B4 B5"),
        ('"ceasefire talks"~~5', "B1 B2 B4"),
        ('"ceasefire talks"~~3', "B1 B2"),
        ('"cease-fire talks"~~3', "B1 B2 B3 B5"),
        ('"talks cease-fire"~~2', "B5"),
        ('"東京北京"~~2', "D1 D2"),
        ('"labor trafficking" NEAR/3 "prime minister"', "C1 C2"),
        ('"labor trafficking" near/2 "prime minister"', ""),
        ('"prime minister" PRE/3 "labor trafficking"', "C1"),
        ('"labor trafficking" PRE/3 "prime minister"', "C2"),
        ('"labor trafficking" W/3 (premier OR "prime minister")', "C1 C2 C5"),
        ('(premier OR "prime minister") N/3 "labor trafficking"', "C1 C2 C5"),
        ("labor WITHIN/2 visa", "A1 A2 A5 A6 A7"),
        ("labor NEAR/2 visa NEAR/2 trade", "A5"),
        ("labor NEAR/2 visa AND visa NEAR/2 trade", "A5"),
        ("labor NEAR/1 labor", ""),
        ("labor NEAR/2 labor", "A7"),
        ('"labor visa" NEAR/5 "visa labor"', ""),
        ("NOT labor NEAR/9 visa labor", "C1 C2 C3 C4 C5"),
        ("-labor NEAR/9 visa labor", "C1 C2 C3 C4 C5"),
        ("labor NEAR/9 visa OR premier", "A1 A2 A3 A4 A5 A6 A7 C5"),
        ("cease-fire NEAR/3 talks", "B1 B2 B3"),
        ("frob NEAR/2 quix", "E1"),
        ("subject:(frob NEAR/2 quix)", "E1"),
        ("subject:frob NEAR/2 subject:quix", "E1"),
        ("text:(frob NEAR/2 quix)", ""),
        ('envelope:"quox quax"~~2', "E1"),
    ],
)
def test_near_finds_what_it_says(archive: Archive, text: str, ids: str) -> None:
    assert found(archive, text) == ids


def test_near_words_stand_in_one_field_of_one_paragraph(archive: Archive) -> None:
    for text in ('"zorblax frob"~~9', "frob NEAR/9 zorblax"):
        assert found(archive, text, "cable") == "E2"
    assert found(archive, '"zorblax quix"~~99', "cable") == ""
    assert found(archive, '"quax quox"~~2') == ""
    assert found(archive, '"quax quox"~~2', "cable") == "E1"


def test_near_words_are_scored_as_a_phrase_is(archive: Archive) -> None:
    def scores(text: str) -> dict[str, float]:
        return {hit.cable: hit.score for hit in archive.search(text, limit=100)}

    phrase, near = scores('text:"labor trade"~9'), scores('text:"trade labor"~~9')
    assert {name: near[name] for name in phrase} == pytest.approx(phrase)
    assert scores('text:"trade labor"~~9^3') == pytest.approx({name: 3 * score for name, score in near.items()})
    assert scores("text:(trade NEAR/9 labor)") == scores("(text:trade NEAR/9 text:labor)") == near
    assert scores('"trade labor"~~9 OR "trade labor"~~9') == near
    doubled = scores("trade^2 NEAR/9 labor^2")
    assert doubled == pytest.approx({name: 2 * score for name, score in near.items()})
    # A group of alternatives is as rare as its commonest.
    rare = scores("text:(trade NEAR/9 (labor OR zorblax))")
    assert rare == near
    twice = scores('text:"labor visa"~~1')
    assert twice["09A7"] > twice["09A6"]


def test_near_words_are_marked_where_they_match(archive: Archive) -> None:
    def marked(text: str, name: str) -> list[str]:
        (hit,) = [hit for hit in archive.search(text, limit=100) if hit.cable == f"09{name}"]
        return [part for part, is_match in hit.snippet.parts if is_match]

    assert marked('"visa labor"~~1', "A7") == ["labor", "visa", "labor"]
    assert marked('"trade visa"~~2', "A5") == ["visa", "trade"]
    assert marked('"cease-fire talks"~~9', "B4") == ["cease- fire", "talks"]
    assert marked('"prime minister" NEAR/9 (labor OR "labor trafficking")', "C1") == [
        *("Prime", "Minister", "labor", "trafficking")
    ]


def test_near_is_one_word_where_any_word_may_match(archive: Archive) -> None:
    ids = {hit.cable[2:] for hit in archive.search('"visa trade"~~2 premier NEAR/9 labor', match="any")}
    assert ids == {"A5", "C5"}
    tree = parse('text:"a b"~~2 text:c NEAR/3 text:d', beside=AnyWord())
    assert str(tree) == "(text:(a NEAR/2 b) OR text:(c NEAR/3 d))"


def test_spelling_is_corrected_in_near_words(archive: Archive) -> None:
    assert archive.search('"labr vissa"~~2').suggestion == '"labor visa"~~2'
    assert archive.search('"labor trafficing" NEAR/3 minster').suggestion == '"labor trafficking" NEAR/3 minister'
    assert archive.search('"visa trade"~~1').alternatives == {}


def test_the_words_of_a_query_are_those_beside_near() -> None:
    def words(text: str) -> list[str]:
        return [word.word for word in written_words(text)]

    assert words('"a b" NEAR/5 c W/3 d "e f"~~2') == ["a", "b", "c", "d", "e", "f"]
    assert words("x -a NEAR/5 b y") == words("x NOT a NEAR/5 b y") == words("x -(a OR c) NEAR/5 b y") == ["x", "y"]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('exact:"a b"~~5^2', Near("exact", [[Run(("a",))], [Run(("b",))]], 5, 2.0)),
        ('exact:"a"~~5', q.Term("exact", "a")),
        (
            'exact:"a b" NEAR/2 (exact:c OR exact:"d e"~3)',
            Near("exact", [[Run(("a", "b"))], [Run(("c",)), Run(("d", "e"), 3)]], 2),
        ),
        ("exact:a PRE/3 exact:b", Near("exact", [[Run(("a",))], [Run(("b",))]], 3, in_order=True)),
        ("(exact:a NEAR/3 exact:b)^3", Near("exact", [[Run(("a",))], [Run(("b",))]], 3, 3.0)),
        (
            'exact:"a-b c"~~4',
            Near("exact", [[Run(("a", "b"), 4), Run(("ab",))], [Run(("c",))]], 4),
        ),
        ("-exact:a NEAR/3 exact:b", q.Not(Near("exact", [[Run(("a",))], [Run(("b",))]], 3))),
    ],
)
def test_the_tree_of_near_words(text: str, tree: q.Query) -> None:
    made = parse(text)
    assert repr(made) == repr(tree)
    assert made == tree
    assert hash(made) == hash(tree)
    assert made != parse("exact:z NEAR/3 exact:b")


_WORDS = st.lists(st.sampled_from(["labor", "visa", "trade", "cease-fire", "one"]), min_size=2, max_size=4)


@given(_WORDS, st.integers(1, 6))
def test_words_in_order_are_near_each_other_in_any_order(archive: Archive, words: list[str], distance: int) -> None:
    phrase = " ".join(words)
    ordered, near = (set(found(archive, f'"{phrase}"{sign}{distance}').split()) for sign in ("~", "~~"))
    assert ordered <= near
    backwards = " ".join(reversed(words))
    assert near == set(found(archive, f'"{backwards}"~~{distance}').split())
    operators = found(archive, f" NEAR/{distance} ".join(words))
    if "cease-fire" not in words:
        assert near == set(operators.split())


def test_at_most_six_operands_stand_in_a_row() -> None:
    letters = list("abcdefg")
    made = parse(f"exact:({' NEAR/5 '.join(letters[:6])})")
    assert isinstance(made, Near)
    assert len(made.operands) == 6
    with pytest.raises(QueryError, match="more than 6 words or phrases are near each other"):
        parse(" NEAR/5 ".join(letters))
