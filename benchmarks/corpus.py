"""A generated archive of any size, always the same for the same size, and queries drawn from it.

The paragraphs are real sentences of the bundled telegrams of the 1930s, recombined. Some of their words are replaced by
generated names from an endless Zipf tail, so that the dictionary keeps growing with the archive and few paragraphs have
the same score.
"""

from __future__ import annotations

import gzip
import json
import math
import pickle
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path
from typing import NamedTuple

__all__ = [
    "FIRST_MINUTE",
    "LAST_MINUTE",
    "Cable",
    "Paragraph",
    "Spec",
    "cables",
    "draw",
    "name",
    "read",
    "sample",
    "write",
]

SAMPLES = Path(__file__).resolve().parent.parent / "samples" / "telegrams-1930s.jsonl.gz"
SEED = 1
CHUNK = 1000
FIRST_MINUTE = 17_356_320  # 2003-01-01, in minutes since 1970
LAST_MINUTE = 21_564_000  # 2011-01-01
YEAR = 525_600
MEAN_WORDS, SPREAD_WORDS = 100, 0.6
NAME_SHARE = 0.03
NAME_TAIL, NAME_SCALE, MOST_NAMES = 0.43, 20, 10**12
SYLLABLES = [onset + vowel for onset in "bdfghklmnprstvz" for vowel in "aeiou"]
CLASSES = ("0", "1", "2", "2 NOFORN", "3", "3 NOFORN")
CLASS_WEIGHTS = (30, 15, 25, 10, 15, 5)
ORIGINS = ("Cairo", "Hanoi", "New Delhi", "Sao Paulo", "Beijing", "Moscow", "Baghdad", "Kabul", "Paris", "Lima")
TAGS = [
    *("PGOV", "PREL", "ECON", "PTER", "PHUM", "MARR", "EFIN", "EINV", "ETRD", "ENRG", "SNAR", "EAID", "MOPS", "SENV"),
    *("KDEM", "KPAO", "KTIP", "SMIG", "KCRM", "PARM", "IR", "IZ", "RS", "CH", "AF", "PK", "IN", "TU", "IS", "FR"),
    *("GM", "UK", "JA", "KS", "KN", "VM", "TH", "RP", "ID", "MY", "BR", "MX", "CO", "VE", "CU", "PE", "EG", "SY"),
    *("LE", "JO", "SA", "YM", "SU", "KE", "NI", "ZI", "SF", "UP", "GG", "PL"),
]


class Paragraph(NamedTuple):
    """A paragraph: its printed number, level, visibility class (the level and a control) and text."""

    number: int
    level: int
    visibility: str
    text: str


class Cable(NamedTuple):
    """A cable: its id, date in minutes since 1970, post, tags and paragraphs."""

    id: str
    date: int
    origin: str
    tags: tuple[str, ...]
    paragraphs: list[Paragraph]


# The archive


def _sentences() -> list[list[str]]:
    """Return the sentences of the samples as lists of words."""
    result = []
    with gzip.open(SAMPLES, "rt", encoding="utf-8") as file:
        for line in file:
            for paragraph in json.loads(line)["paragraphs"]:
                result += [item.split() for item in re.split(r"(?<=[.?!])\s+(?=[A-Z“])", paragraph["text"])]
    return [sentence for sentence in result if len(sentence) > 3]


def name(rank: int) -> str:
    """Return the generated name of a rank; each rank has its own."""
    letters = ""
    rank += len(SYLLABLES)
    while rank:
        rank, syllable = divmod(rank, len(SYLLABLES))
        letters += SYLLABLES[syllable]
    return letters.capitalize() + "n"


def _drawn_name(rng: random.Random) -> str:
    return name(min(MOST_NAMES, int(NAME_SCALE * ((1 - rng.random()) ** (-1 / NAME_TAIL) - 1))))


def _text(rng: random.Random, sentences: list[list[str]]) -> str:
    wanted = rng.lognormvariate(math.log(MEAN_WORDS) - SPREAD_WORDS**2 / 2, SPREAD_WORDS)
    words: list[str] = []
    while len(words) < wanted - 10:
        words += rng.choice(sentences)
    at = int(rng.expovariate(NAME_SHARE))
    while at < len(words):
        words[at] = _drawn_name(rng)
        at += 1 + int(rng.expovariate(NAME_SHARE))
    return " ".join(words)


def cables(paragraphs: int) -> Iterator[Cable]:
    """Yield cables of about ten paragraphs, with a given number of paragraphs in all."""
    rng = random.Random(SEED)
    sentences = _sentences()
    tag_weights = list(accumulate(1 / rank for rank in range(1, len(TAGS) + 1)))
    left, serial = paragraphs, 0
    while left:
        serial += 1
        own = rng.choices(CLASSES, CLASS_WEIGHTS)[0]
        members = []
        for number in range(1, min(left, rng.randint(4, 16)) + 1):
            visibility = own if rng.random() < 0.6 else rng.choices(CLASSES, CLASS_WEIGHTS)[0]
            members.append(Paragraph(number, int(visibility[0]), visibility, _text(rng, sentences)))
        left -= len(members)
        tags = tuple(dict.fromkeys(rng.choices(TAGS, cum_weights=tag_weights, k=rng.randint(2, 4))))
        date, origin = rng.randrange(FIRST_MINUTE, LAST_MINUTE), rng.choice(ORIGINS)
        yield Cable(f"{origin.upper().replace(' ', '')}{serial}", date, origin, tags, members)


def write(path: Path, paragraphs: int) -> int:
    """Write an archive of a given number of paragraphs and return the number of bytes of its texts."""
    size = 0
    made = cables(paragraphs)
    with path.open("wb") as file:
        while chunk := list(islice(made, CHUNK)):
            size += sum(len(paragraph.text.encode()) for cable in chunk for paragraph in cable.paragraphs)
            pickle.dump(chunk, file, pickle.HIGHEST_PROTOCOL)
    return size


def read(path: Path) -> Iterator[list[Cable]]:
    """Yield the cables of an archive in batches."""
    with path.open("rb") as file:
        while file.peek(1):
            yield pickle.load(file)


# The queries


@dataclass(frozen=True)
class Spec:
    """A query: words (``all`` of them, ``any``, as a ``phrase``, or one as a ``prefix``), and filters."""

    shape: str
    words: tuple[str, ...]
    period: tuple[int, int] | None = None
    tag: str | None = None
    level: int | None = None

    @property
    def text(self) -> str | None:
        """Return the query in the syntax that most engines share; None if that syntax cannot express it."""
        if self.shape == "prefix" or self.period or self.tag:
            return None
        if self.shape == "phrase":
            return f'"{" ".join(self.words)}"'
        return {"all": " AND ", "any": " OR "}[self.shape].join(self.words)


Found = tuple[Cable, Paragraph]


def sample(path: Path, count: int) -> list[Found]:
    """Return paragraphs of an archive, drawn at random in random order."""
    rng = random.Random(SEED)
    kept: list[Found] = []
    seen = 0
    for chunk in read(path):
        for cable in chunk:
            for paragraph in cable.paragraphs:
                seen += 1
                place = len(kept) if len(kept) < count else rng.randrange(seen)
                kept[place : place + 1] = [(cable, paragraph)] if place < count else kept[place : place + 1]
    rng.shuffle(kept)
    return kept


def _runs(text: str, length: int) -> list[tuple[str, ...]]:
    """Return the runs of a given number of words that every engine splits and folds alike: plain letters between
    blanks."""
    words = text.split()
    runs = (words[at : at + length] for at in range(len(words) - length + 1))
    return [tuple(map(str.lower, run)) for run in runs if all(word.isascii() and word.isalpha() for word in run)]


def draw(found: list[Found], frequency: Callable[[str], int], total: int, count: int) -> dict[str, list[Spec]]:
    """Draw queries of each class.

    Args:
        found: the paragraphs of the archive that the words come from.
        frequency: the number of paragraphs in which a word occurs.
        total: the number of paragraphs.
        count: the number of queries of each class.
    """
    rng = random.Random(SEED)

    def run(paragraph: Paragraph, length: int) -> tuple[str, ...]:
        runs = _runs(paragraph.text, length)
        return rng.choice(runs) if runs else ()

    def some(paragraph: Paragraph, length: int) -> tuple[str, ...]:
        words = sorted({word for (word,) in _runs(paragraph.text, 1)})
        return tuple(rng.sample(words, length)) if len(words) >= length else ()

    def take(
        make: Callable[[Cable, Paragraph], Spec], wanted: Callable[[Spec], bool] = lambda spec: True
    ) -> list[Spec]:
        taken: dict[Spec, None] = {}
        for item in rng.sample(found, len(found)):
            spec = make(*item)
            if spec.words and wanted(spec):
                taken[spec] = None
                if len(taken) == count:
                    break
        return list(taken)

    def between(least: float, most: float) -> Callable[[Spec], bool]:
        return lambda spec: least <= frequency(spec.words[0]) <= most

    def in_year(cable: Cable, paragraph: Paragraph) -> Spec:
        start = FIRST_MINUTE + (cable.date - FIRST_MINUTE) // YEAR * YEAR
        return Spec("all", some(paragraph, 1), period=(start, start + YEAR - 1))

    def prefix(_: Cable, item: Paragraph) -> Spec:
        long = [word for (word,) in _runs(item.text, 1) if len(word) > 5]
        return Spec("prefix", (rng.choice(long)[:4],) if long else ())

    def term(_: Cable, item: Paragraph) -> Spec:
        return Spec("all", run(item, 1))

    return {
        "rare term": take(term, between(2, 50)),
        "middling term": take(term, between(total / 100, total / 10)),
        "common term": take(term, between(total / 10, total)),
        "AND of 2": take(lambda _, item: Spec("all", some(item, 2))),
        "OR of 3": take(lambda _, item: Spec("any", some(item, 3))),
        "OR of 5 to 8": take(lambda _, item: Spec("any", some(item, rng.randint(5, 8)))),
        "phrase of 2": take(lambda _, item: Spec("phrase", run(item, 2))),
        "phrase of 3": take(lambda _, item: Spec("phrase", run(item, 3))),
        "prefix": take(prefix),
        "term, year": take(in_year),
        "term, tag, level": take(
            lambda cable, item: Spec("all", some(item, 1), tag=rng.choice(cable.tags), level=item.level)
        ),
    }
