"""Key phrases and comparisons, held to a naive count over the cables that a reader may see."""

from __future__ import annotations

import csv
import io
import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from unittest import mock

import pytest

from cablesearch.archive import Archive
from cablesearch.cable import Cable, Clearance, Paragraph
from cablesearch.embedded.reader import embedded
from cablesearch.embedded.records.blocks import unpack_block
from cablesearch.embedded.records.excerpts import texts_of_block
from cablesearch.engine.index import writer
from cablesearch.errors import CorruptIndexError, QueryError
from cablesearch.features.phrases import contrast, key_phrases
from cablesearch.features.phrases.grams import Grams
from cablesearch.features.phrases.wordings import Wordings
from cablesearch.indexing import ingest
from cablesearch.readers import Record, scan
from tests.support.cables import cable
from tests.support.files import SAMPLES
from tests.support.running import run

Make = Callable[..., Archive]

WORDS = ["fish", "rain", "moon", "iron", "salt", "wind", "corn", "the", "of", "gold", "wolf", "bird"]
"""Words that are their own stems."""
FUNCTION_WORDS = {"the", "of"}
CLEARANCES = [None, "UNCLASSIFIED", "SECRET"]
GROUPS = ["paragraph", "cable"]


def made_up(seed: int, count: int = 14) -> list[Cable]:
    chance = random.Random(seed)
    cables = []
    for number in range(count):
        favourites = chance.sample(WORDS, 4)
        texts = [
            (chance.choice(["U", "U", "S"]), " ".join(chance.choices(WORDS + 3 * favourites, k=chance.randrange(2, 9))))
            for _ in range(chance.randrange(1, 5))
        ]
        if chance.random() < 0.3:
            texts += [texts[0]] * 4
        cables.append(cable(f"74A{number}", *texts, classification="SECRET"))
    return cables


# The oracle


@dataclass(frozen=True)
class Found:
    text: str
    count: int
    other_count: int
    score: float


def has(paragraph: Paragraph, phrase: Sequence[str]) -> bool:
    words = paragraph.text.lower().split()
    return any(words[at : at + len(phrase)] == list(phrase) for at in range(len(words)))


def g2(here: float, all_here: float, others: float, all_others: float) -> float:
    """Return Dunning's log-likelihood of a table of four cells."""
    total = all_here + all_others
    rows, columns = (here + others, total - here - others), (all_here, all_others)
    cells = ((here, others), (all_here - here, all_others - others))
    return 2 * sum(
        cell * math.log(cell * total / (row * column))
        for row, line in zip(rows, cells, strict=True)
        for column, cell in zip(columns, line, strict=True)
        if cell
    )


class Side(NamedTuple):
    """Hits: units, each a list of paragraphs of a cable with its number."""

    units: list[tuple[int, list[Paragraph]]]

    def count(self, phrase: Sequence[str]) -> int:
        return sum(any(has(paragraph, phrase) for paragraph in unit) for _, unit in self.units)

    def cables(self, phrase: Sequence[str]) -> int:
        return len({number for number, unit in self.units if any(has(paragraph, phrase) for paragraph in unit)})

    @property
    def all_cables(self) -> int:
        return len({number for number, _ in self.units})

    @property
    def paragraphs(self) -> list[Paragraph]:
        return [paragraph for _, unit in self.units for paragraph in unit]


def phrases_in(side: Side) -> Iterator[tuple[str, ...]]:
    """Yield all phrases of up to five words that neither begin nor end with a function word."""
    seen = set()
    for paragraph in side.paragraphs:
        words = paragraph.text.lower().split()
        for start in range(len(words)):
            for end in range(start + 1, min(start + 5, len(words)) + 1):
                phrase = tuple(words[start:end])
                is_bare = any(set(phrase[at : at + 3]) <= FUNCTION_WORDS for at in range(len(phrase) - 2))
                if not {phrase[0], phrase[-1]} & FUNCTION_WORDS and phrase not in seen and not is_bare:
                    seen.add(phrase)
                    yield phrase


def expected(side: Side, other: Side, word: str, cables: int) -> dict[tuple[str, ...], Found]:
    """Return the phrases that are key, including those that are part of others."""
    read = len(side.paragraphs)
    least = 1 if read < 5 else 2 if read < 10 or side.all_cables == 1 else 3
    n, m = len(side.units), len(other.units)
    found = {}
    for phrase in phrases_in(side):
        in_texts = sum(has(paragraph, phrase) for paragraph in side.paragraphs)
        if in_texts < least + (least < 3 and bool(set(phrase) & FUNCTION_WORDS)) or set(phrase) == {word}:
            continue
        a, b = side.count(phrase), other.count(phrase)
        capped_a = min(a, 2 * side.cables(phrase)) if side.all_cables > 1 else a
        capped_b = min(b, 2 * other.cables(phrase)) if other.all_cables > 1 else b
        ratio = min((max(x, 0.5) / n) / (max(y, 0.5) / m) for x, y in ((a, b), (capped_a, capped_b)))
        if ratio < 1.5 or side.cables(phrase) + other.cables(phrase) > max(10, cables / 2):
            continue
        if (score := g2(capped_a, n, capped_b, m)) >= 3.84:
            found[phrase] = Found(" ".join(phrase), a, b, score)
    return found


def units(cables: Sequence[Cable], clearance: str | None, group: str, matches: Callable[[Paragraph], bool]) -> Side:
    seen = [made.view(None if clearance is None else Clearance.parse(clearance)) for made in cables]
    result = []
    for number, made in enumerate(seen):
        paragraphs = list(made.paragraphs) if made else []
        if group == "cable":
            if any(map(matches, paragraphs)):
                result.append((number, paragraphs))
        else:
            result += [(number, [paragraph]) for paragraph in paragraphs if matches(paragraph)]
    return Side(result)


def having(word: str) -> Callable[[Paragraph], bool]:
    return lambda paragraph: has(paragraph, [word])


def rest_of(cables: Sequence[Cable], clearance: str | None, group: str, word: str) -> Side:
    def lacks(paragraph: Paragraph) -> bool:
        return not has(paragraph, [word])

    if group == "paragraph":
        return units(cables, clearance, group, lacks)
    hits = {number for number, _ in units(cables, clearance, group, having(word)).units}
    everything = units(cables, clearance, group, lambda _: True)
    return Side([entry for entry in everything.units if entry[0] not in hits])


# The methods


@pytest.mark.parametrize("clearance", CLEARANCES)
@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("seed", range(4))
def test_key_phrases_are_those_of_a_naive_count(archive_of: Make, seed: int, group: Any, clearance: str | None) -> None:
    cables = made_up(seed)
    archive = archive_of(*cables).lowered(clearance or "FULL")
    for word in ("fish", "wolf", "gold"):
        side = units(cables, clearance, group, having(word))
        other = rest_of(cables, clearance, group, word)
        answer = archive.key_phrases(word, limit=1000, group=group)
        assert (answer.total, answer.others) == (len(side.units), len(other.units))
        assert answer.paragraphs == answer.sampled == len(side.paragraphs)
        if not side.units or not other.units:
            continue
        wanted = expected(side, other, word, len({number for number, _ in side.units + other.units}))
        for phrase in answer.phrases:
            found = wanted[tuple(phrase.text.split())]
            assert (phrase.count, phrase.other_count) == (found.count, found.other_count)
            assert phrase.score == pytest.approx(found.score)
            assert phrase.share == found.count / len(side.units)
        shown = {tuple(phrase.text.split()): phrase.count for phrase in answer.phrases}
        scores = [phrase.score for phrase in answer.phrases]
        assert scores == sorted(scores, reverse=True)
        for words, other_found in wanted.items():
            assert words in shown or is_replaced(words, other_found.count, wanted), words
        for words, count in shown.items():
            assert not any(part_of(words, longer) and shown[longer] >= 0.75 * count for longer in shown)


def part_of(phrase: Sequence[str], longer: Sequence[str]) -> bool:
    return len(phrase) < len(longer) and f" {' '.join(phrase)} " in f" {' '.join(longer)} "


def is_replaced(phrase: tuple[str, ...], count: int, wanted: dict[tuple[str, ...], Found]) -> bool:
    """Return whether a longer phrase is nearly as frequent, or another one is a word apart."""
    return any(
        (part_of(phrase, other) and found.count >= 0.75 * count)
        or (len(phrase) == len(other) > 2 and (phrase[1:] == other[:-1] or phrase[:-1] == other[1:]))
        for other, found in wanted.items()
    )


@pytest.mark.parametrize("group", GROUPS)
def test_the_numbers_are_those_of_searches(archive_of: Make, group: Any) -> None:
    archive = archive_of(*made_up(5))
    answer = archive.key_phrases("fish", group=group)
    assert answer.phrases
    for phrase in answer.phrases:
        if group == "paragraph":
            assert archive.search(f'fish text:"{phrase.text}"').total == phrase.count
        assert archive.search(f'text:"{phrase.text}"', group=group).total == phrase.count + phrase.other_count


@pytest.mark.parametrize("clearance", CLEARANCES)
def test_a_comparison_counts_both_sides(archive_of: Make, clearance: str | None) -> None:
    cables = made_up(7, 20)
    archive = archive_of(*cables).lowered(clearance or "FULL")
    answer = archive.compare("fish", "wolf", limit=1000)
    sides = [units(cables, clearance, "paragraph", having(word)) for word in ("fish", "wolf")]
    assert answer.shared == sum(has(each, ["fish"]) and has(each, ["wolf"]) for each in sides[0].paragraphs)
    assert [side.total for side in answer.sides] == [len(side.units) for side in sides]
    assert answer.sides[0].phrases
    for given, side, other in zip(answer.sides, sides, reversed(sides), strict=True):
        for phrase in given.phrases:
            words = phrase.text.split()
            assert (phrase.count, phrase.other_count) == (side.count(words), other.count(words))
            assert phrase.share > 1.5 * phrase.other_share


def test_a_significant_but_small_difference_is_not_key(archive_of: Make) -> None:
    def made(first: str, moon: int) -> list[Cable]:
        texts = [f"{first}. {'moon.' * (number < moon)}" for number in range(300)]
        return [cable(f"74{first.upper()}{number}", text) for number, text in enumerate(texts)]

    for moon, phrases in ((100, []), (120, ["moon"])):
        archive = archive_of(*made("fish", moon), *made("wolf", 75))
        assert g2(moon, 300, 75, 300) > 3.84
        assert [phrase.text for phrase in archive.compare("fish", "wolf").sides[0].phrases] == phrases


def test_a_comparison_of_a_query_with_itself_finds_nothing(archive_of: Make) -> None:
    answer = archive_of(*made_up(1)).compare("fish", "fish")
    assert answer.shared == answer.sides[0].total > 0
    assert [side.phrases for side in answer.sides] == [(), ()]


def test_the_order_of_indexing_and_the_segments_change_nothing(archive_of: Make) -> None:
    cables = made_up(3, 30)
    answers = []
    for order in (cables, cables[::-1]):
        with mock.patch.object(ingest, "BATCH", 1), mock.patch.multiple(writer, _SMALL=0, _MERGE_WIDTH=1 << 30):
            archive = archive_of(*order)
        whole = archive_of(*order)
        with mock.patch.object(key_phrases, "SAMPLED", 9):
            for each in (archive, whole):
                answers.append((each.key_phrases("fish"), each.compare("wolf", "gold"), each.key_phrases()))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0].sampled == 9 < answers[0][0].paragraphs


def test_phrases_of_a_sample_are_counted_in_all_hits(archive_of: Make) -> None:
    archive = archive_of(
        *(cable(f"74A{number}", f"cat iron bird {number}") for number in range(60)),
        *(cable(f"74B{number}", "bird wind") for number in range(60)),
    )
    with mock.patch.object(key_phrases, "SAMPLED", 20):
        (phrase,) = archive.key_phrases("cat").phrases[:1]
    assert (phrase.text, phrase.count, phrase.other_count) == ("cat iron bird", 60, 0)


def test_what_one_cable_repeats_is_not_key(archive_of: Make) -> None:
    repeated = cable("74A0", *["fish report by telegram office"] * 40)
    others = [cable(f"74A{number}", "fish treaty of Lisbon") for number in range(1, 9)]
    archive = archive_of(repeated, *others, *(cable(f"74B{number}", "wind") for number in range(50)))
    first = archive.key_phrases("fish").phrases[0]
    assert first.text == "fish treaty of Lisbon"


def test_what_most_cables_say_is_not_key(archive_of: Make) -> None:
    with_end = [cable(f"74A{number}", "fish", "end summary") for number in range(30)]
    archive = archive_of(*with_end, *(cable(f"74B{number}", "wind") for number in range(10)))
    assert not archive.key_phrases("position:2").phrases


def test_no_phrase_is_of_function_words_numbers_or_shorthand(archive_of: Make) -> None:
    text = "fish of the 1979 noforn sipdis 10BEIJING30 reftel x and Mr."
    archive = archive_of(
        *(cable(f"74A{number}", text) for number in range(9)), *(cable(f"74B{number}", "wind") for number in range(9))
    )
    assert [phrase.text for phrase in archive.key_phrases("number:1 -wind").phrases] == ["fish"]


@pytest.mark.parametrize(
    "query", ["trafficking", "exact:trafficking", '"trafficking victims"', "trafficking OR smuggling"]
)
def test_the_words_of_the_query_are_not_key_by_themselves(archive_of: Make, query: str) -> None:
    archive = archive_of(
        *(cable(f"74A{number}", "trafficking victims flee") for number in range(9)),
        *(cable(f"74B{number}", "wind") for number in range(9)),
    )
    found = [phrase.text for phrase in archive.key_phrases(query).phrases]
    assert "trafficking" not in found
    assert "trafficking victims" not in found
    assert found == ["trafficking victims flee"]


def test_phrases_do_not_go_over_the_ends_of_clauses(archive_of: Make) -> None:
    text = "Talks in Rome, Italy ended. Mr. J. Smith of the U.S. Senate left (Paris) soon"
    archive = archive_of(
        *(cable(f"74A{number}", text) for number in range(9)), *(cable(f"74B{number}", "wind") for number in range(9))
    )
    found = {phrase.text for phrase in archive.key_phrases("-wind").phrases}
    assert found >= {"Talks in Rome", "Italy ended", "Paris"}
    assert any("Smith of the U.S. Senate" in phrase for phrase in found)
    assert not any("Rome, Italy" in phrase or "(" in phrase for phrase in found)


def test_a_phrase_is_written_as_it_usually_is(archive_of: Make) -> None:
    texts = ["Palermo Protocols", "Palermo Protocol", "Palermo Protocol", "PALERMO PROTOCOL"]
    archive = archive_of(
        *(cable(f"74A{number}", f"on {text}’s fish") for number, text in enumerate(texts)),
        *(cable(f"74B{number}", "wind") for number in range(9)),
    )
    assert "Palermo Protocol’s fish" in [phrase.text for phrase in archive.key_phrases("palermo").phrases]


def test_other_scripts_have_phrases(archive_of: Make) -> None:
    archive = archive_of(
        *(cable(f"74A{number}", "我们在北京大学 и Москва") for number in range(9)),
        *(cable(f"74B{number}", "wind 我 们") for number in range(9)),
    )
    found = [phrase.text for phrase in archive.key_phrases("-wind").phrases]
    assert any("北京" in text for text in found)


def test_without_others_phrases_are_those_whose_words_stand_together(archive_of: Make) -> None:
    archive = archive_of(
        *(cable(f"74A{number}", f"{'hong kong' if number % 2 else 'ship'} {WORDS[number % 7]}") for number in range(20))
    )
    answer = archive.key_phrases()
    assert answer.others == 0
    assert "hong kong" in answer.phrases[0].text
    assert all(" " in phrase.text for phrase in answer.phrases)


def test_nothing_has_no_key_phrases(archive_of: Make) -> None:
    archive = archive_of(*made_up(1))
    assert archive.key_phrases("zebra").phrases == ()
    assert archive.key_phrases("fish", limit=0).phrases == ()
    empty = archive_of()
    assert (empty.key_phrases().total, empty.key_phrases().phrases) == (0, ())
    hidden = archive_of(cable("74A1", ("S", "fish"), classification="SECRET")).lowered("UNCLASSIFIED")
    assert hidden.key_phrases() == empty.key_phrases()
    assert hidden.compare("fish", "*") == empty.compare("fish", "*")


def test_wrong_arguments_are_refused(archive_of: Make) -> None:
    archive = archive_of(*made_up(1))
    with pytest.raises(ValueError, match="limit must not exceed 1,000"):
        archive.key_phrases("fish", limit=1001)
    with pytest.raises(QueryError):
        archive.compare("fish", "(")


def test_a_cable_with_many_paragraphs_is_sampled(archive_of: Make) -> None:
    long = cable("74A1", *(f"fish treaty number {'iron ' * (number % 3)}" for number in range(2500)))
    answer = archive_of(long, *(cable(f"74B{number}", "wind") for number in range(9))).key_phrases("id:74A1")
    assert (answer.paragraphs, answer.sampled) == (2500, contrast.SAMPLED)
    assert {phrase.text: phrase.count for phrase in answer.phrases} == {
        "fish treaty number": 2500,
        "fish treaty number iron": 1666,
        "fish treaty number iron iron": 833,
    }


@pytest.mark.parametrize("text", ["", "xbreakx fish rain", "fish. xbreakx! rain", "XBREAKX", "...", "a.b,c"])
def test_any_text_has_grams(text: str) -> None:
    grams = Grams([text, "fish rain, moon", text], 2)
    for gram in grams.frequent(1):
        assert all(0 <= number < 2 for number, _ in grams.places(gram.stems, 5))
        assert Wordings([text, "fish rain, moon"], grams).usual(gram.stems)


def test_grams_are_counted_once_in_each_text() -> None:
    grams = Grams(["fish fish rain", "fish, rain", "rain fish"], 2)
    counts = {gram.stems: (gram.here, gram.others) for gram in grams.frequent(1)}
    assert counts[("fish",)] == (2, 1)
    assert counts[("fish", "rain")] == (1, 0)
    assert ("rain", "fish") not in counts
    assert grams.places(("rain",), 5) == [(0, 2), (1, 1)]


def test_texts_are_read_as_those_of_whole_cables(archive_of: Make) -> None:
    records = [record.parse() for record in scan([str(SAMPLES)]) if isinstance(record, Record)]
    archive = archive_of(*records[:60], cable("74A1", "fish \udce9", "北京", ("S", "iron  and"), ""))
    for segment in embedded(archive._reading.reader).view.segments:
        for block in range(segment.blocks):
            texts = {paragraph.position: paragraph.text for paragraph in unpack_block(segment, block).paragraphs}
            assert texts_of_block(segment, block, texts.keys()) == texts
            for position in list(texts)[:2]:
                assert texts_of_block(segment, block, [position]) == {position: texts[position]}
            with pytest.raises(CorruptIndexError, match="a paragraph is missing"):
                texts_of_block(segment, block, [10**6])


# The commands


def test_the_commands_print_what_the_methods_return(archive_of: Make) -> None:
    archive = archive_of(*made_up(5))
    printed = json.loads(run("phrases", "fish", "-f", "json", "-n", "3", "--index", archive.path).stdout)
    assert printed == json.loads(json.dumps(archive.key_phrases("fish", limit=3).to_json()))
    rows = list(csv.DictReader(io.StringIO(run("phrases", "fish", "-f", "csv", "--index", archive.path).stdout)))
    assert [row["phrase"] for row in rows] == [phrase.text for phrase in archive.key_phrases("fish").phrases]
    printed = json.loads(run("compare", "fish", "wolf", "-f", "json", "--index", archive.path).stdout)
    assert printed == json.loads(json.dumps(archive.compare("fish", "wolf").to_json()))
    rows = list(
        csv.DictReader(io.StringIO(run("compare", "fish", "wolf", "-f", "csv", "--index", archive.path).stdout))
    )
    assert {row["query"] for row in rows} <= {"fish", "wolf"}
    text = run("phrases", "fish", "--index", archive.path)
    assert text.returncode == 0
    assert text.stdout.startswith(f"fish: {archive.search('fish').total} paragraphs, ")


def test_a_query_that_finds_nothing_is_said_to(archive_of: Make) -> None:
    archive = archive_of(*made_up(5))
    for arguments in (["phrases", "fishh"], ["compare", "fishh", "wolf"], ["compare", "wolf", "fishh"]):
        result = run(*arguments, "--index", archive.path)
        assert (result.returncode, result.stdout) == (1, "")
        assert "did you mean: fish" in result.stderr


def test_hits_that_nothing_sets_apart_are_said_to_be_so(archive_of: Make) -> None:
    archive = archive_of(cable("74A1", "fish"), cable("74A2", "fish"))
    result = run("phrases", "id:74A1", "--index", archive.path)
    assert (result.returncode, result.stdout) == (1, "id:74A1: 1 paragraph, 1 other\n")
    assert "no phrase sets the hits apart" in result.stderr


@pytest.mark.parametrize("queries", [[], ["fish"], ["fish", "wolf", "bird"]])
def test_a_comparison_needs_two_queries(archive_of: Make, queries: list[str]) -> None:
    result = run("compare", *queries, "--index", archive_of(*made_up(5)).path)
    assert result.returncode == 2
    assert "compare needs two queries, each in quotes" in result.stderr


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_headings_of_phrases_fit_the_terminal(archive_of: Make, columns: int) -> None:
    index = archive_of(*made_up(5)).path
    for query in ([], ["fish"], ["fish OR " * 20 + "wolf"]):
        text = run("phrases", *query, "--index", index, COLUMNS=str(columns)).stdout
        assert text
        assert max(map(len, text.splitlines())) <= columns


def test_a_comparison_says_which_query_has_no_hits(archive_of: Make) -> None:
    index = archive_of(*made_up(5)).path
    assert "xylophone: no hits\n" in run("compare", "fish", "xylophone", "--index", index).stderr
    assert "no hits" not in run("compare", "fish", "wolf", "--index", index).stderr


def test_a_sample_is_said_to_be_one(archive_of: Make) -> None:
    archive = archive_of(*(cable(f"74A{number}", "fish iron") for number in range(30)), cable("74B1", "wind"))
    with mock.patch.object(key_phrases, "SAMPLED", 20):
        result = run("phrases", "fish", "-f", "csv", "--index", archive.path)
    assert "fish: phrases are from an even sample of 20 of 30 paragraphs; all are counted" in result.stderr


def test_text_of_phrases_cannot_command_the_terminal(archive_of: Make) -> None:
    archive = archive_of(
        *(cable(f"74A{number}", "fish \x1b[31miron\u202e wolf") for number in range(9)), cable("74B1", "wind", "corn")
    )
    for form in ("text", "csv", "json"):
        result = run("phrases", "fish", "-f", form, "--index", archive.path)
        assert "\x1b" not in result.stdout + result.stderr
        assert "\u202e" not in result.stdout
