"""Suggestions while one types, held to counts over the cables that a reader may see."""

from __future__ import annotations

import datetime as dt
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cablesearch.archive import Archive, create
from cablesearch.cable import Cable, Clearance, Provenance
from cablesearch.cli.exploring.suggest import _KINDS
from cablesearch.embedded.reader import embedded
from cablesearch.embedded.texts import occurrences
from cablesearch.engine.index import writer
from cablesearch.engine.search import beginnings
from cablesearch.engine.search.beginnings import _largest
from cablesearch.engine.segment import postings
from cablesearch.features.suggest import suggestion, values
from cablesearch.features.suggest.suggestion import Suggestion, SuggestionKind
from cablesearch.vocabulary.function_words import FUNCTION_WORDS
from tests.support.cables import cable
from tests.support.files import write_cables
from tests.support.running import run

Make = Callable[..., Archive]

CLEARANCES = ["FULL", "UNCLASSIFIED", "CONFIDENTIAL", "SECRET//NOFORN"]
MARKINGS = ["U", "U", "C", "S", "S//NF", "TS"]
SYLLABLES = ["ba", "bu", "bo", "ra", "ri", "ro", "ta", "ti"]


def _random_cables(seed: int, count: int) -> list[Cable]:
    chance = random.Random(seed)
    words = sorted({"".join(chance.choices(SYLLABLES, k=chance.randint(1, 3))) for _ in range(120)})
    words += ["the", "of", "ba-ri", "ro-tari"]
    weights = [1 / (rank + 1) for rank in range(len(words))]

    def text(most: int) -> str:
        return " ".join(chance.choices(words, weights, k=chance.randint(1, most)))

    made = []
    for number in range(count):
        paragraphs = [(chance.choice(MARKINGS), text(12)) for _ in range(chance.randint(1, 4))]
        moment = dt.datetime(2000, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(days=chance.randint(0, 40))
        each = cable(
            f"10A{number}",
            *paragraphs,
            classification="TOP SECRET//NOFORN",
            subject=text(5).title(),
            subject_marking=chance.choice(MARKINGS),
            tags=chance.sample(["PHUM", "PREL", "BARI ROTA", "CH", "TIBA"], chance.randint(0, 3)),
            origin=chance.choice(["Embassy Beijing", "Consulate Hong Kong", "Embassy Ribaro"]),
            date=chance.choice([None, moment, moment]),
        )
        collection = chance.choice(["bari papers", "tiba", None])
        made.append(replace(each, provenance=Provenance(collection=collection)) if collection else each)
    return made


@pytest.fixture(scope="module", params=[1, 4])
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Archive, list[Cable]]]:
    """Return an archive of one segment, or of several, and its cables."""
    parts: int = request.param
    cables = _random_cables(parts, 80)
    folder = tmp_path_factory.mktemp("made")
    with create(folder / "index") as archive, mock.patch.multiple(writer, _SMALL=0, _MERGE_WIDTH=1 << 30):
        for part in range(parts):
            archive.index([write_cables(folder / f"{part}.jsonl", cables[part::parts])])
        assert len(embedded(archive._reading.reader).view.segments) == parts
        yield archive, cables


def seen(cables: list[Cable], clearance: str) -> list[Cable]:
    views = (made.view(None if clearance == "FULL" else Clearance.parse(clearance)) for made in cables)
    return [view for view in views if view]


def runs(text: str) -> list[list[str]]:
    """Return what words of a text follow each other: all in parts, and with each hyphenated word joined."""
    plain = text.lower()
    return [plain.replace("-", " ").split(), plain.replace("-", "").split()]


def best(counts: Counter[str], most: int) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:most]


def shown(suggestions: tuple[Suggestion, ...]) -> list[tuple[str, int]]:
    return [(item.text, item.count) for item in suggestions]


@pytest.mark.parametrize("clearance", CLEARANCES)
@pytest.mark.parametrize("most", [1, 3, 10, 1000])
def test_words_are_those_of_most_visible_paragraphs(
    made: tuple[Archive, list[Cable]], clearance: str, most: int
) -> None:
    archive, cables = made
    counts: Counter[str] = Counter()
    for each in seen(cables, clearance):
        for paragraph in each.paragraphs:
            counts.update({word for run_ in runs(paragraph.text) for word in run_})
    reader = archive.lowered(clearance)
    for prefix in ["b", "ba", "bar", "R", "ri", "t", "tita", "z", "bari", "t\u00e1"]:
        folded = prefix.lower().replace("\u00e1", "a")
        wanted = {
            word: count for word, count in counts.items() if word.startswith(folded) and word not in {"the", "of"}
        }
        assert shown(reader.suggest(prefix, most, "word")) == best(Counter(wanted), most), prefix


@pytest.mark.parametrize("clearance", CLEARANCES)
@pytest.mark.parametrize("most", [2, 1000])
def test_phrases_are_those_of_most_visible_paragraphs(
    made: tuple[Archive, list[Cable]], clearance: str, most: int
) -> None:
    archive, cables = made
    reader = archive.lowered(clearance)
    paragraphs = [runs(paragraph.text) for each in seen(cables, clearance) for paragraph in each.paragraphs]
    for prefix in [
        *("ba ri", "ba ba", "ba the ba", "bari ta", "ba ri ta", "ba of th", "Ba, RI", "the ba ri", "ba ba ba"),
        *("ba ", "bari  ", "ba ri ", "the ba\t"),
    ]:
        words = re.findall("[a-z]+", prefix.lower()) + ([""] if prefix[-1].isspace() else [])
        words = words[1:] if words[0] == "the" else words
        counts: Counter[str] = Counter()
        for texts in paragraphs:
            phrases: set[str] = set()
            for text in texts:
                for at in range(len(text) - len(words) + 1):
                    phrase = text[at : at + len(words)]
                    if phrase[:-1] == words[:-1] and phrase[-1].startswith(words[-1]):
                        phrases.add(" ".join(phrase))
            counts.update(phrase for phrase in phrases if phrase.split()[-1] not in {"the", "of"})
        with mock.patch.object(occurrences, "_MOST_READ", 10_000):
            assert shown(reader.suggest(prefix, most, "phrase")) == best(counts, most), prefix


@pytest.fixture
def few_are_many() -> Iterator[None]:
    """Treat a few paragraphs as if they were more than can be counted at once."""
    with mock.patch.multiple(occurrences, _MOST=5, _SAMPLE=4, _ENOUGH=2, _MOST_READ=3):
        yield


@pytest.mark.parametrize("clearance", CLEARANCES)
def test_a_sample_of_paragraphs_depends_only_on_the_visible_ones(
    made: tuple[Archive, list[Cable]], few_are_many: None, clearance: str, archive_of: Make
) -> None:
    archive, cables = made
    reader, visible = archive.lowered(clearance), archive_of(*reversed(seen(cables, clearance)))
    estimates = 0
    for text in ["ba ", "ba ri", "ba ba", "bu ", "ri ba", "ba bu ", "ta", "hong "]:
        suggestions = reader.suggest(text, 100)
        assert suggestions == visible.suggest(text, 100)
        estimates += sum(item.is_estimate for item in suggestions)
    assert estimates


def test_numbers_from_a_sample_are_estimates(archive_of: Make, few_are_many: None) -> None:
    archive = archive_of(*(cable(f"10A{number}", "human rights", "human rites") for number in range(200)))
    (rights,) = archive.suggest("human rig", kinds="phrase")
    assert rights.is_estimate
    assert 0 < rights.count <= 400
    assert sum(item.count for item in archive.suggest("human ", kinds="phrase")) in range(399, 402)
    printed = run("suggest", "human", "rig", "--index", archive.path).stdout
    assert printed == f"phrase  ~{rights.count}  human rights\n"
    # Values and words are always counted.
    assert not any(item.is_estimate for item in archive.suggest("hu"))


def test_phrases_are_found_among_however_many_paragraphs_have_their_words(archive_of: Make, few_are_many: None) -> None:
    apart = [cable(f"10A{number}", "rights of the human") for number in range(100)]
    archive = archive_of(*apart, cable("10B1", "the human rights report"))
    assert [(item.text, item.count, item.is_estimate) for item in archive.suggest("human rights ", kinds="phrase")] == [
        ("human rights report", 1, False)
    ]


def test_few_and_many_paragraphs_are_looked_up_in_two_ways_alike(archive_of: Make) -> None:
    cables = [*_random_cables(3, 60), cable("10B1", "ba bu " * 300, "ba " * 500 + "ri")]
    with mock.patch.multiple(postings, LOW_BITS=3, FREQUENT=4, CHAMPIONS=3, CHAMPIONS_FROM=5, GROUP=2):
        archive = archive_of(*cables)
        for text in ["ba b", "ba ba", "ba ri", "ri ta", "ba bu b", "bari ro", "to ti"]:
            few = archive.lowered("SECRET").suggest(text, 1000)
            with mock.patch.object(beginnings, "_FEW", 0):
                assert archive.lowered("SECRET").suggest(text, 1000) == few


def test_a_phrase_has_the_same_suggestions_whatever_was_asked_before(made: tuple[Archive, list[Cable]]) -> None:
    texts = ["ba ba", "ba bar", "ba bari", "ba b\u00e1ri", "ba bu", "ba ri"]
    typed, alone = made[0].lowered("SECRET"), made[0]
    for text in texts:
        assert typed.suggest(text, 5) == alone.lowered("SECRET").suggest(text, 5)


@pytest.mark.parametrize("clearance", CLEARANCES)
def test_values_are_those_of_most_visible_paragraphs(made: tuple[Archive, list[Cable]], clearance: str) -> None:
    archive, cables = made
    reader = archive.lowered(clearance)
    counts: dict[SuggestionKind, Counter[str]] = {"tag": Counter(), "post": Counter(), "collection": Counter()}
    for each in seen(cables, clearance):
        size = len(each.paragraphs)
        counts["tag"].update({tag.name: size for tag in each.tags})
        counts["post"].update({each.origin: size})
        if each.provenance and each.provenance.collection:
            counts["collection"].update({each.provenance.collection.upper(): size})
    beginnings: dict[str, dict[SuggestionKind, list[str]]] = {
        "ph": {"tag": ["PHUM"]},
        "human ri": {"tag": ["PHUM"]},
        "rights": {"tag": ["PHUM"]},
        "ro": {"tag": ["BARI ROTA"]},
        "bari": {"tag": ["BARI ROTA"], "collection": ["BARI PAPERS"]},
        "BARI-RO": {"tag": ["BARI ROTA"]},
        "beij": {"post": ["Embassy Beijing"]},
        "hong k": {"post": ["Consulate Hong Kong"]},
        "embassy": {"post": ["Embassy Beijing", "Embassy Ribaro"]},
        "r": {"tag": ["PHUM", "PREL", "BARI ROTA"], "post": ["Embassy Ribaro"]},
        "china": {"tag": ["CH"]},
    }
    for prefix, by_kind in beginnings.items():
        for kind, names in by_kind.items():
            wanted = Counter({name: counts[kind][name] for name in names if counts[kind][name]})
            got = [pair for pair in shown(reader.suggest(prefix, 100, kind)) if pair[0] in names]
            assert got == best(wanted, 100), (prefix, kind)


@pytest.mark.parametrize("clearance", CLEARANCES)
def test_subjects_are_those_of_the_latest_visible_cables(made: tuple[Archive, list[Cable]], clearance: str) -> None:
    archive, cables = made
    reader = archive.lowered(clearance)
    far = dt.datetime(9999, 1, 1, tzinfo=dt.timezone.utc)
    for prefix in ["ba ri", "bar", "ba ba", "tib"]:
        words = prefix.split()
        dated: dict[str, tuple[bool, float, str]] = {}
        for each in seen(cables, clearance):
            covers = [p for p in each.paragraphs if p.classification.covers(each.subject_classification)]
            text = (each.subject or "").lower().replace("-", " ").split()
            if covers and _follows(text, words):
                place = (each.date is None, -(each.date or far).timestamp(), each.id)
                key = each.subject or ""
                dated[key] = min(dated.get(key, place), place)
        expected = sorted(dated, key=lambda subject: dated[subject])
        got = [item.text for item in reader.suggest(prefix, 1000, "subject")]
        assert [subject for subject in got if subject in expected] == expected
        # Joined words are found too.
        assert all(words[-1] in re.sub("[- ]", "", subject.lower()) for subject in got)


def _follows(text: list[str], words: list[str]) -> bool:
    return any(
        text[at : at + len(words) - 1] == words[:-1] and text[at + len(words) - 1].startswith(words[-1])
        for at in range(len(text) - len(words) + 1)
    )


@pytest.mark.parametrize("clearance", CLEARANCES)
def test_every_suggestion_finds_what_it_counts(made: tuple[Archive, list[Cable]], clearance: str) -> None:
    reader = made[0].lowered(clearance)
    for prefix in ["b", "ba", "ba ri", "hong", "human", "bari", "tib", "ti", "ro", "china"]:
        for item in reader.suggest(prefix, 30):
            assert 0 < item.count <= reader.search(item.query).total, item


@pytest.mark.parametrize("prefix", ["b", "ba", "ba ri", "bari"])
def test_an_archive_suggests_what_one_of_its_visible_part_does(
    made: tuple[Archive, list[Cable]], prefix: str, archive_of: Make
) -> None:
    archive, cables = made
    for clearance in CLEARANCES[1:]:
        visible = archive_of(*seen(cables, clearance))
        reader = archive.lowered(clearance)
        for limit in (3, 10, 100):
            assert reader.suggest(prefix, limit) == visible.suggest(prefix, limit)


@given(text=st.text(max_size=12) | st.sampled_from(["traffick", "human t", "u.s.", "non-gov", "2", "don't", "pal pro"]))
@settings(deadline=None, max_examples=100)
def test_whatever_is_typed_gives_suggestions_that_find_something(beijing: Archive, text: str) -> None:
    suggestions = beijing.suggest(text, 20)
    assert len(suggestions) <= 20
    assert suggestions == beijing.suggest(text, 20)
    for item in suggestions:
        assert item.count <= beijing.search(item.query).total


REAL = [
    replace(
        cable(
            "10BEIJING1",
            "Human rights in \u5317\u4eac and Al-Qa'ida attacks",
            "U.S. human rights; human rites",
            subject="RE: What's next? \u201cHuman rights\u201d in China\n report",
            tags=["PHUM", "CLINTON, HILLARY", 'ODD "TAG"', "ODD \uff02TAG", "ODD \uff21"],
            origin="Consulate Ho Chi Minh City",
        ),
        provenance=Provenance(collection="my*scans"),
    )
]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("human ri", "phrase", [("human rights", '"human rights"', 2), ("human rites", '"human rites"', 1)]),
        ("  HUMAN  R\u00cd", "phrase", [("human rights", '"human rights"', 2), ("human rites", '"human rites"', 1)]),
        ("the human ri", "phrase", [("human rights", '"human rights"', 2), ("human rites", '"human rites"', 1)]),
        ("human r", "phrase", []),
        ("human ", "phrase", [("human rights", '"human rights"', 2), ("human rites", '"human rites"', 1)]),
        ("u.s. ", "phrase", [("us human", '"us human"', 1)]),
        ("the ", "phrase", []),
        ("human ", "word", []),
        ("rites ", "phrase", []),
        ("\u5317\u4eac ", "phrase", []),
        ("al-qa'ida ", "phrase", [("al qa ida attacks", '"al qa ida attacks"', 1)]),
        ("chi ", "post", [("Consulate Ho Chi Minh City", 'origin:"Consulate Ho Chi Minh City"', 2)]),
        ("al-qa", "word", [("alqa", "alqa", 1), ("alqaida", "alqaida", 1)]),
        ("al-qa", "phrase", [("al qa", '"al qa"', 1), ("al qaida", '"al qaida"', 1)]),
        ("alqaida att", "phrase", [("alqaida attacks", '"alqaida attacks"', 1)]),
        ("\u5317\u4eac", "phrase", [("\u5317\u4eac", '"\u5317 \u4eac"', 1)]),
        ("\u5317", "word", [("\u5317", "\u5317", 1)]),
        ("in \u5317\u4eac", "phrase", [("\u5317\u4eac", '"\u5317 \u4eac"', 1)]),
        ("u.s", "word", [("us", "us", 1)]),
        ("an", "word", []),
        ("phu", "tag", [("PHUM", "tag:PHUM", 2)]),
        ("clinton, h", "tag", [("CLINTON, HILLARY", 'tag:"CLINTON, HILLARY"', 2)]),
        ("hill", "tag", [("CLINTON, HILLARY", 'tag:"CLINTON, HILLARY"', 2)]),
        ("odd", "tag", []),
        ("tag:phu", "tag", [("PHUM", "tag:PHUM", 2)]),
        ("TAGS:rights", "tag", [("PHUM", "tag:PHUM", 2)]),
        ('tag:"clinton, h', "tag", [("CLINTON, HILLARY", 'tag:"CLINTON, HILLARY"', 2)]),
        ("post:hum", "tag", []),
        ("in:hum", "word", []),
        ("country:hum", "word", []),
        ("on: hum", "word", [("human", "human", 2)]),
        ("hcm", "post", [("Consulate Ho Chi Minh City", 'origin:"Consulate Ho Chi Minh City"', 2)]),
        ("chi minh", "post", [("Consulate Ho Chi Minh City", 'origin:"Consulate Ho Chi Minh City"', 2)]),
        ("my", "collection", []),
        (
            "human ri",
            "subject",
            [
                (
                    "RE: What's next? \u201cHuman rights\u201d in China report",
                    'subject:"re what next human rights in china report"',
                    2,
                )
            ],
        ),
        ("next human rights in china rep", "subject", None),
        ("rights human", "subject", []),
        ("", "word", []),
        (" .,- ", "word", []),
        ("*", "word", []),
        ("hum*", "word", [("human", "human", 2)]),
        ("x" * 600, "word", []),
        ("human " * 30, "phrase", []),
    ],
)
def test_what_is_suggested(
    archive_of: Make, text: str, kind: SuggestionKind, expected: list[tuple[str, str, int]] | None
) -> None:
    archive = archive_of(*REAL)
    got = [(item.text, item.query, item.count) for item in archive.suggest(text, kinds=kind)]
    assert len(got) == 1 if expected is None else got == expected
    assert all(archive.search(query).total for _, query, _ in got)


def test_after_the_name_of_a_field_only_its_values_are_suggested(archive_of: Make) -> None:
    archive = archive_of(*REAL)
    assert {item.kind for item in archive.suggest("hum")} == {"word", "tag", "subject"}
    for field, kind in [("tag", "tag"), ("text", "word"), ("subject", "subject")]:
        assert {item.kind for item in archive.suggest(f"{field}:hum")} == {kind}
    assert archive.suggest("nofield:hum") == archive.suggest("nofield hum")
    assert {item.kind for item in archive.suggest("post:consul")} == {"post"}


@pytest.mark.parametrize(
    "text", ["-hum", "rights -hum", "!hum", "\u2013hum", "NOT hum", "a ANDNOT hum", "-tag:ph", "-(hum"]
)
def test_nothing_is_suggested_in_place_of_an_exclusion(archive_of: Make, text: str) -> None:
    assert archive_of(*REAL).suggest(text) == ()


def test_names_are_suggested_by_any_of_their_words(archive_of: Make) -> None:
    archive = archive_of(
        cable(
            "10A1", "Foreign Minister Yang Jiechi met Ambassador Ann Yates in Beijing.", ("S", "President Yanez left.")
        ),
        cable("10A2", "FOREIGN MINISTER YANG JIECHI AGREED.", "We wrote to Foreign Minister Yang Jiechi."),
        cable("10A3", "We asked the World Trade Organization."),
    )
    low = archive.lowered("UNCLASSIFIED")
    assert [(item.text, item.query) for item in low.suggest("yang j", kinds="person")] == [
        ("Yang Jiechi", 'name:"Yang Jiechi"')
    ]
    assert {item.text for item in low.suggest("name:ya")} >= {"Yang Jiechi", "Ann Yates"}
    assert [item.text for item in low.suggest("yanez", kinds="person")] == []
    assert len(archive.suggest("yanez", kinds="person")) == 1
    assert [item.text for item in archive.suggest("trade", kinds="organization")] == ["World Trade Organization"]
    assert [item.text for item in archive.suggest("bei", kinds="place")] == ["Beijing"]
    for text in ("ya", "jie", "trade", "bei"):
        assert all(0 < item.count <= archive.search(item.query).total for item in archive.suggest(text, 50))


def test_values_are_listed_once_however_many_answers_are_kept(archive_of: Make) -> None:
    archive = archive_of(*REAL)
    with (
        mock.patch.object(suggestion, "_MOST_KEPT", 1),
        mock.patch.object(values, "_Table", side_effect=values._Table) as table,
    ):
        for text in ("hum", "phu", "rig", "hum"):
            archive.suggest(text, kinds=["word", "tag"])
    assert table.call_count == 1


def test_tags_have_their_meaning(archive_of: Make) -> None:
    (tag,) = archive_of(*REAL).suggest("phum", kinds="tag")
    assert tag.meaning == "Human rights"


def test_subjects_of_several_cables_are_shown_once(archive_of: Make) -> None:
    same = [cable(f"10A{number}", "rain", "sun", subject="Grain harvest") for number in range(5)]
    other = cable("10B1", "rain", subject="Grain, harvest: bad news")
    archive = archive_of(*same, other)
    assert shown(archive.suggest("grain har", kinds="subject")) == [
        ("Grain harvest", 11),
        ("Grain, harvest: bad news", 1),
    ]


def test_the_kinds_take_turns(archive_of: Make) -> None:
    archive = archive_of(
        *(cable(f"10A{n}", f"human{n} humanity{n}", subject=f"Human{n}", tags=["PHUM"]) for n in range(9))
    )
    for limit, kinds in [(1, ["word"]), (2, ["word", "tag"]), (3, ["word", "tag", "subject"])]:
        assert [item.kind for item in archive.suggest("hum", limit)] == kinds
    assert [item.kind for item in archive.suggest("hum")] == ["word"] * 5 + ["tag"] + ["subject"] * 4
    assert [item.kind for item in archive.suggest("hum", kinds=["subject", "word"])] == ["word"] * 5 + ["subject"] * 5
    assert archive.suggest("hum", 0) == ()


def test_arguments_are_checked(archive_of: Make) -> None:
    archive = archive_of(*REAL)
    with pytest.raises(ValueError, match="kinds must be 'word', 'phrase', 'person'"):
        archive.suggest("hum", kinds="words")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="limit must be at least 0"):
        archive.suggest("hum", -1)
    with pytest.raises(TypeError, match="text must be a string"):
        archive.suggest(b"hum")  # type: ignore[arg-type]


def test_hidden_subjects_are_not_suggested(archive_of: Make) -> None:
    hidden = cable("10A1", ("U", "rain"), subject="Secret harvest", subject_marking="S", classification="SECRET")
    seen_by_all = cable("10A2", ("U", "rain"), subject="Open harvest", subject_marking="U", classification="SECRET")
    archive = archive_of(hidden, seen_by_all, cable("10A3", ("S", "harvest"), classification="SECRET"))
    low = archive.lowered("UNCLASSIFIED")
    assert [item.text for item in low.suggest("harv")] == ["Open harvest"]
    # The subject is indexed with paragraphs whose readers may all read it.
    assert {item.text for item in archive.suggest("harv", kinds="subject")} == {"Open harvest"}
    assert low.suggest("secr") == ()


@given(st.lists(st.integers(0, 20), max_size=400))
def test_the_largest_come_first_and_equal_ones_in_order(sizes: list[int]) -> None:
    expected = sorted(range(len(sizes)), key=lambda place: (-sizes[place], place))
    assert list(_largest(np.array(sizes, np.int64))) == expected


# The command


def test_the_command_prints_what_the_method_returns(archive_of: Make) -> None:
    archive = archive_of(*REAL)
    printed = json.loads(run("suggest", "human", "ri", "-f", "json", "--index", archive.path).stdout)
    assert printed == {
        "version": 1,
        "text": "human ri",
        "suggestions": [item.to_json() for item in archive.suggest("human ri")],
    }
    text = run("suggest", "phu", "--kind", "tag", "-n", "3", "--index", archive.path)
    assert (text.returncode, text.stdout) == (0, "tag  2  PHUM (Human rights)\n")


def test_the_command_says_when_there_is_nothing_to_suggest(archive_of: Make) -> None:
    archive = archive_of(*REAL)
    result = run("suggest", "qqq", "--index", archive.path)
    assert (result.returncode, result.stdout, result.stderr) == (1, "", "No suggestions.\n")
    assert "The archive is empty" in run("suggest", "qqq", "--index", archive_of().path).stderr
    assert run("suggest", "--index", archive.path).returncode == 2


def test_the_kinds_of_the_command_are_those_of_the_method() -> None:
    assert get_args(SuggestionKind) == _KINDS


def test_text_of_cables_cannot_command_the_terminal(archive_of: Make) -> None:
    archive = archive_of(cable("10A1", "rain", subject="Rain \x1b[31m red", tags=["RAIN\u202e"]))
    assert "\x1b" not in run("suggest", "rain", "--index", archive.path).stdout
    assert "\u202e" not in run("suggest", "rain", "--index", archive.path).stdout


def test_function_words_are_plain() -> None:
    assert all(word.isascii() and word.islower() and word.isalpha() for word in FUNCTION_WORDS)


def test_damage_in_a_record_is_reported(archive_of: Make, tmp_path: Path) -> None:
    from cablesearch.embedded.records import excerpts
    from cablesearch.errors import CorruptIndexError

    archive = archive_of(*REAL)
    segment = embedded(archive._reading.reader).view.segments[0]
    with mock.patch.object(type(segment), "stored", return_value=b"{"), pytest.raises(CorruptIndexError):
        excerpts.subject_of_block(segment, 0)
