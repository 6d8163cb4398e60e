"""Hidden text changes nothing: an archive under a clearance answers like one that was built from its visible part.

Archives are generated with realistic histories: several commits, replaced and removed cables, merged or not. For each
clearance a second archive, the counterpart, is made from `Cable.view` of the cables that ought to be there. Both get
the same questions at the same path: every command in every format, and the library. All output and exit statuses must
be equal, except for timings. The counterpart is also the result of indexing an export under the clearance, because
exports are compared.

Every other archive has a history: versions of cables that replace each other differ in hidden parts, or become hidden
or visible. Its counterpart has the same history as the reader sees it, and both are asked after every commit. At the
end a third archive, indexed at once from what is visible then, is compared too.

Everything follows from a seed and the number of an archive, which a reported difference includes.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from whoosh import query as q
from whoosh.query import spans
from whoosh.scoring import BM25F
from whoosh.searching import Searcher as WhooshSearcher

import cablesearch
from cablesearch.archive import Archive, create
from cablesearch.cable import (
    UNREADABLE,
    Attributes,
    Cable,
    Classification,
    ClassifiedBy,
    Clearance,
    Level,
    Paragraph,
    Provenance,
    Recipient,
    Tag,
)
from cablesearch.engine.index import writer
from cablesearch.engine.search import bitmaps, expand, phrases
from cablesearch.engine.search.nearness import matching
from cablesearch.engine.segment import postings
from cablesearch.errors import CablesearchError
from cablesearch.features import related
from cablesearch.features.links.threads import longest_threads
from cablesearch.features.links.web import most_cited
from cablesearch.features.phrases import contrast, key_phrases
from cablesearch.features.suggest.suggestion import SuggestionKind
from cablesearch.indexing import ingest
from cablesearch.query import FIELDS, OPERATORS
from cablesearch.query.conditions import CONDITIONS as CONDITIONS_BY_NAME
from cablesearch.readers import Record, scan
from cablesearch.readers.json_cables import dumps
from cablesearch.request import Group
from cablesearch.results.facets import FACETS
from trials import http
from trials.running import Answer, run

__all__ = [
    "Both",
    "Location",
    "Pair",
    "Step",
    "asked_about",
    "experiment",
    "made_up_cable",
    "pairs",
    "real_cable",
    "steps",
]

SAMPLES = Path(__file__).parents[1] / "samples"
SYNONYMS = Path(__file__).with_name("synonyms.txt")
_QUESTIONS = 24
"""The number of questions for each clearance of an archive."""
_HTTP_QUESTIONS = 12
"""The number of questions to the HTTP API for each clearance of an archive."""
_MOST_TOLD = 5

# The content of cables

WORDS = ["china", "labor", "trade", "embassy", "negotiated", "negotiation", "palermo", "court", "minister", "ministers"]
WORDS += ["moeling", "visa", "treaty", "election", "don't", "co-operate", "U.S.", "caf\u00e9", "01", "2009"]
SECRETS = ["zephyr", "quartz", "palerno", "moelling", "courtly", "embasy", "treety", "elektion", "negotiatet"]
"""Words similar to the others that occur mostly in hidden text."""
DEFINED = ["open door office (ODO)", "open-door offices (ODO)", "old desert outpost (ODO)", "ODO (open door office)"]
DEFINED += ["trade union list (TUL)", "treaty usage law (TUL)", "TULs", "the ODO", "the TUL", "open door office"]
"""Definitions of acronyms, and words that stand in them."""
PERSONS = ["Karzay said", "We met Bunker and Qadhafi", "President Karzai left", "Foreign Minister Yang Jiechi spoke"]
PERSONS += ["GADDAFI SAID NATO", "the Ministry of Interior in Geneva", "Clinton asked", "Mr. Bunker"]
HIDDEN_PERSONS = [
    "President Hamid Karzai",
    "Ambassador Ellsworth Bunker",
    "Mahmoud Karzay said",
    "Gen. Muammar Qaddafi",
]
"""Persons who occur mostly in hidden text, by their full names."""
LEVELS = ["UNCLASSIFIED", "UNCLASSIFIED//FOR OFFICIAL USE ONLY", "CONFIDENTIAL", "CONFIDENTIAL//NOFORN", "SECRET"]
LEVELS += ["SECRET//NOFORN", "SECRET//REL TO USA, GBR", "TOP SECRET", "S E C R E T BEIJING 000030", "WHATEVER", ""]
MARKINGS = [None, None, "U", "U", "U", "SBU", "C", "C", "C/NF", "S", "S//NF", "S/NF/OC", "S//REL TO USA, GBR", "TS"]
MARKINGS += ["C//EYES ONLY", "X", "?", "", "U//FOUO"]
CLEARANCES = ["UNCLASSIFIED", "SBU", "CONFIDENTIAL", "CONFIDENTIAL//NOFORN", "SECRET", "SECRET//NOFORN"]
CLEARANCES += ["SECRET//NOFORN,ORCON", "SECRET//REL TO USA GBR", "TOP SECRET", "TOP SECRET//NOFORN,ORCON"]
ORIGINS = ["Embassy Beijing", "Consulate Hong Kong", "Mission USNATO", "Secretary of State", ""]
TAGS = ["PREL", "ECON", "PHUM", "CH", "CLINTON, HILLARY", "KARZAI, HAMID"]
IDS = ["10A1", "10A2", "10A3", "10BEIJING30", "10BEIJING0030", "10beijing31", "10BEIJING31", "09STATE1", "87ROME4"]
IDS += ["10A1\u00b62", "10AITTAIPEI5", "10TAIPEI5", "frus1930v01/d274", *(f"10B{number}" for number in range(30))]

CONDITIONS = ["position:0", "position:1", "position:..1", "number:1", "class:C", "control:*", "marking:U", "tag:PREL"]
CONDITIONS += ["date:..1990", "id:10*", "origin:beijing", "ref:*", "text:*", "subject:*", "heading:*", "envelope:*"]
CONDITIONS += ["header:*", "recipient:*", "signature:*", "classified_by:*", "attribute:*", "name:*", "collection:*"]
CONDITIONS += ["country:china", "recipients:*", "signer:*", "precedence:*", "declassify:*", "cites:*", "answers:*"]
CONDITIONS += ["length:..5", "in:comment", "case:*", "is:due", "is:classified", "missing:declassify", "has:answers"]
"""One value of each field."""

SUGGESTED: list[SuggestionKind] = ["word", "phrase", "person", "organization", "place", "tag", "post", "subject"]
"""The kinds of suggestions."""

Chance = random.Random
Location = Path | str
"""The folder of an archive, or its address on a cluster."""


_SHORT_TEXT = 6


def _text(chance: Chance, most: int = 12, classification: Classification | None = None) -> str:
    """Return a few words; classified text has some of its own."""
    secret = classification is not None and classification != Classification(Level.UNCLASSIFIED)
    pool = SECRETS + WORDS[:6] if chance.random() < (0.7 if secret else 0.03) else WORDS
    words = chance.choices(pool, k=chance.randrange(1, most))
    words = [word if chance.random() < 0.9 else chance.choice([word.upper(), word.capitalize()]) for word in words]
    if chance.random() < 0.15:
        words.insert(chance.randrange(len(words) + 1), chance.choice(DEFINED))
    if most > _SHORT_TEXT and chance.random() < 0.3:
        words.append(chance.choice(HIDDEN_PERSONS if secret and chance.random() < 0.7 else PERSONS))
    return " ".join(word if chance.random() < 0.9 else word + chance.choice(".,;") for word in words)


def _said(chance: Chance, classification: Classification) -> str:
    """Return the text of a paragraph, perhaps with marks that begin or end a part of the cable, or in capitals."""
    text = _text(chance, classification=classification)
    text = chance.choice(["", "", "", "", "Comment: ", "SUMMARY. ", "[Note: "]) + text
    text += chance.choice(["", "", "", "", " End comment.", " END SUMMARY AND COMMENT", ". Comment: zephyr"])
    return text if chance.random() < 0.9 else text.upper()


def _reference(name: str) -> str:
    match = re.fullmatch(r"(\d\d)([A-Za-z]+)0*(\d+)", name)
    return f"{match[1]}{match[2].upper()}{match[3]}" if match else name


def _classified(marking: str | None, whole: Classification, chance: Chance) -> Classification:
    """Return the classification of a part: by its own marking, else by the cable, or the highest if unreadable."""
    return Classification.parse(marking) or (UNREADABLE if marking and chance.random() < 0.3 else whole)


def _paragraphs(whole: Classification, chance: Chance) -> tuple[list[Paragraph], str]:
    """Return paragraphs and the body that contains them, or no body and unknown places."""
    body = chance.choice(["", "SUBJECT: x\n\n", "C O N F I D E N T I A L\n\n"])
    with_body = bool(body)
    paragraphs: list[Paragraph] = []
    position = 0
    for number in range(1, chance.choice([1, 2, 3, 4, 5, 7])):
        marking = chance.choice(MARKINGS)
        classification = _classified(marking, whole, chance)
        text = _said(chance, classification)
        position += 1 + (chance.random() < 0.1)
        start = len(body)
        if with_body:
            label = f"{number}. ({marking}) " if marking else ""
            body += label + (text if chance.random() < 0.5 else text.replace(" ", "\n", 1))
        end = len(body)
        body += "\n\n" if with_body else ""
        paragraphs.append(
            Paragraph(
                position=position,
                number=chance.choice([number, number, number, None, 1, 10**9]),
                marking=marking,
                classification=classification,
                section=chance.choice([None, None, "SUMMARY", "Comment", _text(chance, 4, classification)]),
                text=text,
                start=start if with_body else 0,
                end=end if with_body else 0,
            )
        )
    return paragraphs, body


def _recipient(chance: Chance) -> Recipient:
    name = chance.choice(["AMEMBASSY TOKYO", "SECSTATE WASHDC", _text(chance, 3).upper()])
    return Recipient(name, "RUEHC", chance.choice(["PRIORITY", "NIACT IMMEDIATE", None]))


def made_up_cable(name: str, chance: Chance) -> Cable:
    """Return a cable in which everything is random."""
    stated = chance.choice(LEVELS)
    whole = Classification.parse(stated) or UNREADABLE
    paragraphs, body = _paragraphs(whole, chance)
    moment = dt.datetime(1973, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(minutes=chance.randrange(1 << 24))
    if chance.random() < 0.05:
        moment = moment.replace(year=chance.choice([1, 1583, 9999]), day=1)
    subject_marking = chance.choice([None, None, *MARKINGS])
    subject = _text(chance, 6, Classification.parse(subject_marking) or whole)
    by = ClassifiedBy((_text(chance, 3, whole),), chance.choice([None, "1.4 (b)"]))
    return Cable(
        id=name,
        reference_id=_reference(name),
        date=None if chance.random() < 0.15 else moment,
        origin=chance.choice(ORIGINS),
        classification=whole,
        classification_text=stated,
        tags=tuple(Tag(tag, "person" if "," in tag else "subject") for tag in chance.sample(TAGS, chance.randrange(4))),
        subject=chance.choice([None, subject, subject]),
        subject_marking=subject_marking,
        references=tuple(chance.sample(IDS, chance.choice([0, 0, 1, 3]))),
        eo_line=chance.choice([None, "E.O. 12958: DECL: 01/07/2020"]),
        declassify_on=chance.choice([None, dt.date(2020, 1, 7), dt.date(1960, 3, 1), dt.date(2990, 1, 1)]),
        classified_by=chance.choice([ClassifiedBy(), by]),
        recipients=tuple(_recipient(chance) for _ in range(chance.randrange(3))),
        info_recipients=(Recipient("CIA"),) if chance.random() < 0.2 else (),
        precedence=("PRIORITY",) if chance.random() < 0.3 else (),
        signers=tuple(_text(chance, 2, whole).upper() for _ in range(chance.randrange(2))),
        paragraphs=tuple(paragraphs),
        header=chance.choice(["", "VZCZCXRO\nPP RUEHC\n", "DE RUEHBJ \udce9\n"]),
        body=body,
        envelope=chance.choice(["", _text(chance, classification=whole)]),
        attributes=Attributes({"Film Number": _text(chance, 3, whole)} if chance.random() < 0.3 else {}),
        names=(_text(chance, 3, whole),) if chance.random() < 0.2 else (),
        provenance=chance.choice([None, Provenance("dump", "dump/a.jsonl", chance.randrange(1, 9))]),
    )


@cache
def _telegrams() -> list[Cable]:
    """Return the bundled cables."""
    return [record.parse() for record in scan([str(SAMPLES)]) if isinstance(record, Record)]


def real_cable(name: str, chance: Chance) -> Cable:
    """Return a real telegram under a generated id, with random markings."""
    telegram = chance.choice(_telegrams())
    whole = Classification.parse(chance.choice(LEVELS)) or UNREADABLE
    marked = []
    for paragraph in telegram.paragraphs:
        marking = chance.choice(MARKINGS)
        marked.append(replace(paragraph, marking=marking, classification=_classified(marking, whole, chance)))
    return replace(
        telegram,
        id=name,
        reference_id=_reference(name),
        classification=whole,
        classification_text=str(whole),
        subject_marking=chance.choice([None, None, *MARKINGS]),
        tags=tuple(Tag(tag, "person" if "," in tag else "subject") for tag in chance.sample(TAGS, chance.randrange(3))),
        paragraphs=tuple(marked),
    )


# The history of archives


@dataclass
class _History:
    """An archive in the making, and the cables that ought to be in it."""

    chance: Chance
    live: dict[str, Cable] = field(default_factory=dict)
    lines: set[str] = field(default_factory=set)

    def cable(self, make: Callable[[str, Chance], Cable], names: Sequence[str]) -> Cable | None:
        """Return a new cable or a new version of one; None if that version has been used before."""
        made = make(self.chance.choice(names), self.chance)
        line = dumps(made)
        if line in self.lines:
            return None
        self.lines.add(line)
        self.live[made.id] = made
        return made


def _whole(place: Path, chance: Chance, default: str | None) -> list[Cable]:
    """Make an archive of several commits at a path and return its cables."""
    history = _History(chance)
    real = chance.random() < 0.25
    names = chance.sample(IDS, chance.randrange(2, 12 if real else len(IDS)))
    create(place, default_clearance=default).close()
    with cablesearch.open(place, clearance="FULL") as archive:
        for number in range(chance.randrange(1, 5)):
            made = [
                history.cable(real_cable if real else made_up_cable, names)
                for _ in range(chance.randrange(1, 4 if real else 12))
            ]
            _index(archive, [cable for cable in made if cable], place.parent / f"batch-{number}.jsonl")
            if history.live and chance.random() < 0.4:
                gone = chance.sample(sorted(history.live), min(len(history.live), chance.randrange(1, 4)))
                archive.remove(gone)
                for name in gone:
                    del history.live[name]
            if chance.random() < 0.15:
                archive.compact()
    return list(history.live.values())


def _ordered(cables: Iterable[Cable]) -> list[Cable]:
    """Return cables by the minute of their date (undated ones last), then by the code points of their ids."""

    def place(one: Cable) -> tuple[bool, str, list[int]]:
        return one.date is None, one.date.strftime("%Y%m%d%H%M").zfill(12) if one.date else "", [*map(ord, one.id)]

    return sorted(cables, key=place)


def _index(archive: Archive, cables: Sequence[Cable], source: Path) -> None:
    if cables:
        source.write_text("".join(dumps(cable) + "\n" for cable in cables), encoding="utf-8")
        archive.index([source])


@contextlib.contextmanager
def _sizes(chance: Chance) -> Iterator[bool]:
    """Randomly treat a few paragraphs as millions, and segments as too large to be merged. Return whether other
    processes read the archives alike."""
    few: dict[str, Any] = {"FREQUENT": 4, "CHAMPIONS": 8, "CHAMPIONS_FROM": 8, "GROUP": 4}
    with contextlib.ExitStack() as stack:
        readable = chance.random() >= 0.6
        if not readable:
            stack.enter_context(mock.patch.multiple(postings, LOW_BITS=7, **few))
            stack.enter_context(mock.patch.multiple(matching, _AT_ONCE=chance.choice([2, 1 << 20])))
            stack.enter_context(
                mock.patch.multiple(phrases, LOW_BITS=7, _SCANNED=50, _AT_ONCE=chance.choice([2, 1 << 21]))
            )
            stack.enter_context(mock.patch.multiple(expand, _AT_ONCE=64, _ROWS=8))
            stack.enter_context(mock.patch.object(key_phrases, "SAMPLED", chance.choice([3, 1_000])))
            stack.enter_context(mock.patch.object(contrast, "_FEW_CABLES", 1))
            stack.enter_context(mock.patch.object(related, "_FEW", 1))
            stack.enter_context(mock.patch.multiple(bitmaps, _FIRST=1, _FACTOR=1, _SPARSE=2))
        if chance.random() < 0.7:
            stack.enter_context(mock.patch.multiple(writer, _SMALL=0, _MERGE_WIDTH=chance.choice([2, 3, 9])))
        yield readable


# The questions


def _misspelt(word: str, chance: Chance) -> str:
    at = chance.randrange(len(word))
    return chance.choice([word[:at] + word[at + 1 :], word[:at] + "x" + word[at:], word[:at] + "q" + word[at + 1 :]])


def _term(chance: Chance, words: Sequence[str]) -> str:
    word, other = chance.choice(words), chance.choice(words)
    below, above = sorted([word.lower(), other.lower()])
    value = chance.choice
    of_words = [
        word, word, word, word.upper(), f"{word}^{value(['2', '0.5', '0'])}", f"exact:{word}", f"text:{word}",
        f"{word[:3]}*", f"{word[:2]}?{word[3:]}*", f"*{word[-3:]}", f"{word}~1", f"{word}~2/1",
        _misspelt(word, chance), f'"{word} {other}"', f'"{word} {other}"~{value("1234")}',
        f'"{word} {other}"~~{value("1359")}', f'"{word} {other} {value(words)}"~~{value("139")}',
        f'{word} {value(["NEAR", "PRE"])}/{value("159")} ({other} OR "{value(words)} {value(words)}")',
        f"exact:[{below} to {above}]" if (below + above).isalnum() else word,
        f"{value(['text', 'subject', 'heading', 'envelope', 'exact'])}:{_misspelt(word, chance)}",
    ]  # fmt: skip
    of_fields = [
        f"subject:{word}", f"subject:{word[:2]}*", "subject:*", f"heading:{word}", f"envelope:{word}", "envelope:*",
        f"header:{word}", "header:vzczcxro", "header:*", f"recipient:{word}", f"signature:{word}",
        f"classified_by:{word}", "classified_by:*", f"name:{value(['karzai', 'qadh*', 'bunker', 'ellsworth', 'nato'])}",
        'name:"hamid karzai"', "missing:name", f"ref:{value([*IDS, '10*'])}",
    ]  # fmt: skip
    of_columns = [
        f"tag:{value(['PREL', 'ECON', 'C*', '*'])}", 'tag:"CLINTON, HILLARY"', "*",
        f"origin:{value(['beijing', 'hong*', 'usnato', '*s*'])}", f"id:{value([*IDS[:4], '10*'])}",
        f"date:{value(['1975', '1980..1990', '<2000', '>=1990', '2003-05'])}",
        f"class:{value(['C', 'SECRET', '>=SBU', '<=C', 'S//NF', '>C'])}",
        f"control:{value(['NOFORN', 'ORCON', 'EYES*', '*'])}", f"marking:{value(['C/NF', 'S*', 'U', 'X'])}",
        f"number:{value(['1', '2..3', '>1'])}", f"position:{value(['0', '1', '..1', '>=2', '0..9'])}",
        f"tag:{value(['PREI', 'PREL,ECON', 'PHUM', 'clinton', 'Q*'])}", f"id:{_misspelt(value(IDS[:4]), chance)}",
        f"control:{value(['NOFRN', 'ORCN', 'IMCON'])}", f"ref:{_misspelt(value(IDS), chance)}",
        f"origin:{value(['beijink,hongkong', 'xanadu', 'paris'])}", f"marking:{value(['C/N', 'SS'])}",
        f"country:{value(['china', 'CH', 'chna', 'france', 'c*', '*'])}", f"length:{value(['1', '2..5', '>5'])}",
        f"in:{value(['summary', 'comment', 'note', 'summry', 'china', 's*', '*'])}", f"case:{word[:2].title()}*",
        f"case:{value([word, word.upper(), word.capitalize(), word])}", "case:*", f"in:{word}",
    ]  # fmt: skip
    of_whole = [
        f"declassify:{value(['2020', '<1970', '>=2000', '2020-01..2020-02', '*'])}", f"cites:{value([*IDS, '10*'])}",
        f"precedence:{value(['P', 'IMMEDIATE', 'NIACT', 'PRIORTY', 'FLASH', '*'])}", f"answers:{value([*IDS, '10*'])}",
        f"recipients:{value(['tokyo', 'washington', 'state', 'tokio', 'paris', '*s*', word])}", f"signer:{word}*",
        f"signer:{word.upper()}", f"is:{value(list(CONDITIONS_BY_NAME))}", f"is:{value(list(CONDITIONS_BY_NAME))}",
        f"missing:{value(list(FIELDS))}", f"has:{value(list(FIELDS))}", f"cites:{_misspelt(value(IDS), chance)}",
    ]  # fmt: skip
    return chance.choice(chance.choices([of_words, of_fields, of_columns, of_whole], [5, 3, 3, 2])[0])


def _demanding(chance: Chance, words: Sequence[str]) -> str:
    """Return a query at the limits, or beyond them: boosts of boosts, long chains, deep brackets, long phrases, many
    patterns and misspelt words."""
    several = chance.choices(words, k=5)
    word, other = several[:2]
    number = chance.choice([2, 11, 33, 50, 51])
    operator = chance.choice(list(OPERATORS))
    boost = chance.choice(["9999", "99", "2", "1.5", "0.01", ".0001", "0"])
    of_brackets = [
        f"{'(' * number}text:{word}{f')^{boost}' * number}",
        f"{'(' * 3}{word}^{boost} OR {other}{f')^{boost}' * 3}",
        f"{f'({other} {operator} ' * number}{word}{')' * number}",
        f"{f'-({other} OR ' * number}{word}{')' * number}",
        f"{'(' * number}{word}{')' * number} {operator} {other}",
    ]
    length = chance.choice([60, 300, 485, 500, 520])
    of_words = [
        f" {operator} ".join(chance.choices(several, k=length)),
        f'"{" ".join(chance.choices(several, k=length))}"',
        f'"{" ".join(chance.choices(several, k=length))}"~{chance.choice([1, 5, 99999])}',
        f'"{" ".join(chance.choices(several, k=length))}"~~{chance.choice([1, 5, 99999])}',
        " NEAR/9 ".join(chance.choices(words, k=chance.choice([3, 6, 7]))),
        "-".join(chance.choices(several, k=length)),
        " ".join([f"{word}^9999", *("\ufdfa" for _ in range(length // 2))]),
        f"{word}{'x' * length}",
    ]
    of_patterns = [
        " OR ".join(f"{word[:2]}*" for word in chance.choices(words, k=number)),
        " OR ".join(f"{_misspelt(word, chance)}~{chance.choice('12')}" for word in chance.choices(words, k=number)),
        " ".join(_misspelt(word, chance) for word in chance.choices(words, k=number)),
        f"*{'*'.join(word)}*",
        f"{word * 20}~2",
        f"origin:*{'*'.join(other[:3])}",
    ]
    return chance.choice(chance.choice([of_brackets, of_words, of_patterns]))


def _query(chance: Chance, words: Sequence[str]) -> str:
    if chance.random() < 0.15:
        return _demanding(chance, words)
    if chance.random() < 0.04:
        return chance.choice(
            ['"open', "(china", "nofield:x", "visibility:x", "date:2009-13", "class:HIGH", "china AND", "~", "*?"]
        )
    if chance.random() < 0.15:
        # Single words, which get suggestions if they do not occur.
        plain = [chance.choice(words) for _ in range(chance.choice([1, 1, 2]))]
        return " ".join(_misspelt(word, chance) if chance.random() < 0.5 else word for word in plain)
    if chance.random() < 0.1:
        acronym = chance.choice(["ODO", "TUL", "TULs", '"open door office"', "open door offices", "old desert outpost"])
        return " ".join(chance.sample([acronym, chance.choice(words)], chance.choice([1, 2])))
    parts = [_term(chance, words) for _ in range(chance.choice([1, 1, 2, 2, 3, 5]))]
    parts = [f"-{part}" if chance.random() < 0.15 else part for part in parts]
    joint = chance.choice([" ", " ", " ", " OR ", *(f" {operator} " for operator in OPERATORS)])
    text = joint.join(parts)
    return f"({text}) {_term(chance, words)}" if chance.random() < 0.1 else text


def _conditions(chance: Chance, *, facets: bool = True) -> list[str]:
    choices: list[list[str]] = [
        ["--tag", "PREL"],
        ["--tag", "ECON", "--tag", "PREL"],
        ["--origin", "beijing"],
        ["--origin", "beijing", "--origin", "nowhere"],
        ["--tag", "PREL,ECON"],
        ["--any"],
        ["--any"],
        ["--no-acronyms"],
        ["--synonyms", str(SYNONYMS)],
        ["--classification", chance.choice(["C", ">=SBU", "<=C", "S//NOFORN"])],
        ["--since", "1980"],
        ["--until", "1995-06"],
    ]
    if facets:
        choices.append(["--sort", chance.choice(["date", "-date", "citations"])])
    result = [option for options in choices if chance.random() < 0.08 for option in options]
    for name in FACETS if facets else ():
        if chance.random() < 0.25:
            result += ["--facet", name]
    return result


COMPLETED = [
    ["search", "--tag", ""],
    ["search", "--tag", "P"],
    ["search", "--origin", ""],
    ["show", ""],
    ["show", "10"],
]
COMPLETED += [["search", "--classification", ""], ["remove", "10B"], ["search", "(tag:c"], ["search", "origin:"]]
COMPLETED += [["search", f"{field}:"] for field in ("control", "marking", "id", "ref", "class", "collection")]
COMPLETED += [["search", f"{field}:"] for field in ("country", "recipients", "signer", "precedence", "cites", "in")]
COMPLETED += [["search", f"{field}:"] for field in ("answers", "name", "case", "declassify", "is", "missing")]
COMPLETED += [["refs", "10"], ["thread", ""], ["related", "10"]]
"""Words of a command whose last one a shell completes."""


def _reference_asked(chance: Chance) -> str:
    name = chance.choice(IDS)
    name = chance.choice([name, name, name.lower(), name.replace("10", "10 "), _reference(name)])
    return name + chance.choice(["", "", "", "\u00b61", "\u00b62", "@1", "@2", " \u00b6 3", "@9", "\u00b6"])


def _search(chance: Chance, words: Sequence[str]) -> list[str]:
    command = ["search", _query(chance, words), *_conditions(chance)]
    if chance.random() < 0.1:
        # An id, which is offered if it is that of a cable.
        command = ["search", _reference_asked(chance)]
    command += ["--format", chance.choice(["text", "json", "json", "jsonl", "csv", "ids"])]
    command += chance.choice([[], [], ["--excel"], ["--facet-size", "1"], ["--facet-size", "all"]])
    command += ["--group", chance.choice(["paragraph", "paragraph", "cable"])]
    command += ["--limit", str(chance.choice([0, 1, 3, 10, 50, 1001, "all"]))]
    return [*command, "--offset", str(chance.choice([0, 0, 0, 1, 5, 40]))]


def _show(chance: Chance, words: Sequence[str]) -> list[str]:
    command = ["show", *(_reference_asked(chance) for _ in range(chance.choice([1, 1, 1, 2, 3])))]
    if chance.random() < 0.3:
        command += ["--query", _query(chance, words)]
    if chance.random() < 0.3:
        command += ["--context", chance.choice("012")]
    return command + chance.choice([[], [], ["--raw"], *(["--format", form] for form in ("json", "md", "html"))])


def _stats(chance: Chance, words: Sequence[str]) -> list[str]:
    return ["stats", "--format", chance.choice(["text", "json"])]


def _export(chance: Chance, words: Sequence[str]) -> list[str]:
    return ["export", _query(chance, words)] if chance.random() < 0.5 else ["export"]


def _suggest(chance: Chance, words: Sequence[str]) -> list[str]:
    command = ["suggest", _begun(chance, words), "--format", chance.choice(["text", "json"])]
    command += ["--kind", chance.choice(SUGGESTED)] if chance.random() < 0.3 else []
    return [*command, "--limit", chance.choice(["1", "3", "10", "1000"])]


def _overview(chance: Chance, words: Sequence[str]) -> list[str]:
    command = ["overview", *([_query(chance, words)] if chance.random() < 0.6 else [])]
    command += [*_conditions(chance, facets=False), "--format", chance.choice(["text", "json"])]
    return [*command, "--group", chance.choice(["paragraph", "cable"])]


def _names(chance: Chance, words: Sequence[str]) -> list[str]:
    command = ["names", *([_query(chance, words)] if chance.random() < 0.7 else [])]
    command += ["--format", chance.choice(["text", "json", "csv"]), "--limit", chance.choice(["0", "2", "all"])]
    command += chance.choice([[], ["--kind", "person"], ["--kind", "place", "--kind", "organization"]])
    return [*command, "--group", chance.choice(["paragraph", "cable"])]


def _refused(chance: Chance, words: Sequence[str]) -> list[str]:
    work = [["index", str(SAMPLES)], ["remove", chance.choice(IDS)], ["compact"], ["verify"], ["verify", "--deep"]]
    return chance.choice([*work, ["verify", "--repair", "saved"], ["backup", "copy"]])


def _acronyms(chance: Chance, words: Sequence[str]) -> list[str]:
    command = ["acronyms", chance.choice(["", _query(chance, words)]), *_conditions(chance, facets=False)]
    command += ["--format", chance.choice(["text", "json", "csv"]), "--limit", chance.choice(["0", "1", "20", "all"])]
    return [*command, "--group", chance.choice(["paragraph", "cable"])]


def _links(chance: Chance, words: Sequence[str]) -> list[str]:
    limit = ["--limit", chance.choice(["1", "2", "100", "all"])]
    if chance.random() < 0.5:
        references = [_reference_asked(chance) for _ in range(chance.choice([1, 1, 2]))]
        if chance.random() < 0.3:
            return ["thread", *references, *limit, "--format", chance.choice(["text", "json"])]
        command = ["refs", *references, *limit, "--depth", chance.choice("1239")]
        return [*command, "--format", chance.choice(["text", "json", "graphml", "dot"])]
    query = chance.choice(["*", _query(chance, words)])
    if chance.random() < 0.5:
        return ["cited-but-missing", query, *limit, "--format", chance.choice(["text", "json", "csv"])]
    return ["graph", query, "--format", chance.choice(["text", "json", "csv", "graphml", "dot"])]


def _phrases(chance: Chance, words: Sequence[str]) -> list[str]:
    """Return a command that shows an archive as a whole."""
    form, group = (
        ["--format", chance.choice(["text", "json", "csv"])],
        ["--group", chance.choice(["paragraph", "cable"])],
    )
    filters = chance.choice([[], [], ["--tag", "PREL"], ["--until", "1995-06"], ["--any"]])
    related = ["related", _reference_asked(chance), *form, *chance.choice([[], group, ["--limit", "2"]])]
    phrases = ["phrases", *chance.choice([[], [_query(chance, words)], [f"id:{chance.choice(IDS)}"]])]
    compare = ["compare", _query(chance, words), _query(chance, words)]
    return chance.choice([related, [*phrases, *form, *group, *filters], [*compare, *form, *group, *filters]])


def _over_time_asked(chance: Chance, words: Sequence[str]) -> list[str]:
    """Return a command that counts, or looks over time."""
    name = chance.choice(["facets", "timeline", "first", "last", "bursts"])
    asked = "*" if chance.random() < 0.2 else _query(chance, words)
    command = [name, asked, "--group", chance.choice(["paragraph", "paragraph", "cable"])]
    conditions = [["--tag", "PREL"], ["--origin", "beijing"], ["--any"], ["--since", "1980"], ["--until", "1995-06"]]
    command += [option for options in conditions if chance.random() < 0.1 for option in options]
    if name == "facets":
        command += [option for facet in FACETS if chance.random() < 0.2 for option in ("--facet", facet)]
        command += chance.choice([[], ["--facet-size", "1"], ["--facet-size", "all"]])
    if name == "timeline":
        command += ["--by", chance.choice(["year", "month", "day"])]
        options = ["--bursts", "--compact", "--share"]
        command += [option for option in options if chance.random() < 0.3]
        command += ["--also", _query(chance, words)] if chance.random() < 0.3 else []
    if name == "bursts":
        command += ["--by", chance.choice(["auto", "year", "month", "day"]), "--s", chance.choice(["2", "1.1", "9"])]
        command += ["--gamma", chance.choice(["1", "0", "0.1"])]
    forms = ["text", "json", "csv"]
    if name in ("first", "last"):
        forms += ["jsonl"]
        command += ["--limit", chance.choice(["1", "3", "all"])]
    return [*command, "--format", chance.choice(forms)]


COMMANDS: dict[Callable[[Chance, Sequence[str]], list[str]], int] = {
    _search: 16,
    _show: 6,
    _stats: 1,
    _export: 2,
    _refused: 1,
    _links: 3,
    _acronyms: 1,
    _phrases: 3,
    _suggest: 2,
    _over_time_asked: 6,
    _overview: 2,
    _names: 2,
}
"""The makers of random commands, and how often each is used beside the others."""


def _command(chance: Chance, words: Sequence[str]) -> list[str]:
    (make,) = chance.choices(list(COMMANDS), list(COMMANDS.values()))
    return make(chance, words)


_TIMES = re.compile(rb'(?<="took_ms": )[0-9.]+|(?<=\()[0-9]+(?= ms\)$)', re.MULTILINE)


def _timeless(answer: Answer) -> Answer:
    return Answer(answer.status, _TIMES.sub(b"0", answer.out), _TIMES.sub(b"0", answer.err))


def _of_library(archive: Archive, chance: Chance, words: Sequence[str]) -> object:
    """Return the library's answer to a random question, or the error."""
    asked = [_found, _found, _named, _shown, _exported, _counted, _by_fields, _by_whoosh, _listed, _spelt]
    ask = chance.choice([*asked, _linked, _set_apart, _suggested, _over_time, _people])
    try:
        return ask(archive, chance, words)
    except Exception as error:
        return type(error).__name__, str(error)


def _found(archive: Archive, chance: Chance, words: Sequence[str]) -> object:
    results = archive.search(
        _query(chance, words),
        tags=chance.choice(["", "PREL"]) or (),
        limit=chance.choice([0, 2, 10, 100]),
        offset=chance.choice([0, 0, 3]),
        sort=chance.choice(["relevance", "relevance", "date", "-date", "citations"]),
        group=chance.choice(["paragraph", "cable"]),
        match=chance.choice(["all", "all", "any"]),
        facets=chance.sample([name for name, facet in FACETS.items() if facet.by_cable], 2),
    )
    return replace(results, took=0.0)


def _set_apart(archive: Archive, chance: Chance, words: Sequence[str]) -> object:
    """Return key phrases, a comparison and what is related."""
    groups: list[Group] = ["paragraph", "cable"]
    group, texts = chance.choice(groups), [chance.choice([*words, "*", "tag:PREL"]) for _ in range(2)]
    # Most of all ids are unknown, which says less.
    known = chance.choice([*archive] or IDS)
    like: object
    try:
        like = replace(archive.related(known + chance.choice(["", "", "@1"]), group=group), took=0.0)
    except CablesearchError as error:
        like = str(error)
    return archive.key_phrases(texts[0], group=group), archive.compare(*texts, group=group), like


def _named(archive: Archive, chance: Chance, words: Sequence[str]) -> object:
    return archive.ids(
        _query(chance, words),
        limit=chance.choice([None, 0, 2]),
        offset=chance.choice([0, 0, 3]),
        sort=chance.choice(["relevance", "date", "-date", "citations"]),
        group=chance.choice(["paragraph", "cable"]),
    )


def _suggested(archive: Archive, chance: Chance, words: Sequence[str]) -> object:
    """Return suggestions for beginnings of several lengths, each asked twice."""
    begun = [_begun(chance, words) for _ in range(6)]
    limits = [chance.choice([1, 3, 10, 1000]) for _ in begun]
    asked = (*zip(begun, limits, strict=True), (begun[0], limits[0]))
    return [archive.suggest(text, limit) for text, limit in asked], archive.suggest(begun[1], kinds=SUGGESTED[2:])


def _begun(chance: Chance, words: Sequence[str]) -> str:
    """Return one word or several, the last of which may go on."""
    *head, last = chance.choices(words, k=chance.choice([1, 1, 2, 2, 3]))
    last = chance.choice([last, "prel", "human", "clinton", "beijing", "dump", "hong"])
    return " ".join([*head, last[: chance.randint(1, len(last))]])


def _shown(archive: Archive, chance: Chance, words: Sequence[str]) -> object:
    del words
    return archive.show(_reference_asked(chance))


def _exported(archive: Archive, chance: Chance, words: Sequence[str]) -> object:
    return list(archive.export(_query(chance, words)))


def _linked(archive: Archive, chance: Chance, words: Sequence[str]) -> object:
    """Return answers about the references between cables."""
    name = chance.choice(IDS)
    asked: list[Callable[[], object]] = [
        lambda: archive.references(name, depth=chance.choice([0, 1, 2, 9]), limit=chance.choice([None, 0, 2])),
        lambda: archive.thread(name, limit=chance.choice([None, 0, 2])),
        lambda: archive.cited_but_missing(limit=chance.choice([None, 0, 2])),
        lambda: archive.graph(chance.choice(["", _query(chance, words)])),
        lambda: archive._ask(lambda searcher: (longest_threads(searcher.reader, 5), most_cited(searcher.reader, 5))),
    ]
    return chance.choice(asked)()


def _counted(archive: Archive, chance: Chance, words: Sequence[str]) -> object:
    del chance, words
    return replace(archive.stats(), size_bytes=None, unfilled_fields=None)


def _over_time(archive: Archive, chance: Chance, words: Sequence[str]) -> object:
    groups: list[Group] = ["paragraph", "cable"]
    text, group = _query(chance, words), chance.choice(groups)
    timeline = archive.timeline(text, "*", by=chance.choice(["year", "month"]), bursts=True, group=group)
    return (
        archive.facets(text, group=group),
        archive.overview(text, group=group),
        # A picture shows nothing else.
        (timeline, timeline._chart(True, None)),
        [ask(text, limit=chance.choice([1, None]), group=group) for ask in (archive.first, archive.last)],
        archive.bursts(text, gamma=chance.choice([0.1, 1]), group=group),
    )


def _people(archive: Archive, chance: Chance, words: Sequence[str]) -> object:
    """Return the names and the acronyms in hits, and what acronyms and synonyms make of a query."""
    groups: list[Group] = ["paragraph", "cable"]
    query, group = chance.choice(["", _query(chance, words)]), chance.choice(groups)
    synonyms = chance.choice([None, SYNONYMS])
    return (
        archive.names(query, limit=chance.choice([None, 3]), group=group),
        archive.acronyms(query, limit=chance.choice([None, 1]), group=group),
        archive.expansions(query or "ODO OR TUL", synonyms=synonyms),
        replace(archive.search(query or "ODO OR TUL", synonyms=synonyms, group=group), took=0.0),
    )


def _by_fields(archive: Archive, chance: Chance, words: Sequence[str]) -> object:
    """Return the answers to single conditions, and to their negations."""
    conditions = [*CONDITIONS, *(f"{name}:{chance.choice(words)}" for name in ("text", "exact", "subject", "envelope"))]
    groups: list[Group] = ["paragraph", "cable"]
    group, limit = chance.choice(groups), chance.choice([2, 1000])
    asked = [f"{sign}{condition}" for condition in conditions for sign in ("", "-")]
    pages = [archive.search(text, group=group, limit=limit) for text in asked]
    return [(page.total, [(hit.citation, hit.score) for hit in page]) for page in pages]


# Beyond the query language: Whoosh's own searcher, and its lists of terms.


def _by_whoosh(archive: Archive, chance: Chance, words: Sequence[str]) -> object:
    word, other = (chance.choice(words).lower() for _ in range(2))
    pair = [q.Term("exact", word), q.Term("exact", other)]
    tree: q.Query = chance.choice([spans.SpanNear2(pair, slop=3), spans.SpanOr(pair), q.Variations("text", word)])
    reader = cablesearch.whoosh_reader(archive)
    with WhooshSearcher(reader, chance.choice([reader.bm25(), BM25F()])) as searcher:
        hits = searcher.search(q.Or([tree, pair[0]]), limit=20, sortedby=chance.choice([None, "date"]))
        alike = searcher.more_like(hits[0].docnum, chance.choice(["exact", "subject"])) if len(hits) else []
        pages = [[(hit.docnum, hit.score, hit.fields()) for hit in page] for page in (hits, alike)]
        return len(hits), pages, searcher.key_terms([hit.docnum for hit in hits], chance.choice(["text", "envelope"]))


def _spelt(archive: Archive, chance: Chance, words: Sequence[str]) -> object:
    wrong = _misspelt(chance.choice(words).lower(), chance)
    return cablesearch.whoosh_reader(archive).corrector("text").suggest(wrong, limit=5, maxdist=2)


def _listed(archive: Archive, chance: Chance, words: Sequence[str]) -> object:
    del words
    reader = cablesearch.whoosh_reader(archive)
    names = ["text", "exact", "subject", "heading", "envelope", "tag", "origin", "control", "ref", "date", "acronym"]
    names += ["cites", "answers", "country", "recipients", "signer", "precedence", "case", "in", "mention", "person"]
    name = chance.choice([*names, "organization", "place", "long_form", "declassify", "length"])
    terms = [
        (term, list(reader.postings(name, term).all_ids()), reader.frequency(name, term))
        for term in reader.lexicon(name)
    ]
    counts = reader.doc_count_all(), reader.doc_count(), reader.generation(), reader.has_deletions()
    columns = [list(reader.column_reader(number)) for number in ("date", "position", "class", "declassify", "length")]
    return terms, counts, columns, reader.lengths(name).tolist(), list(reader.all_stored_fields())


# The comparison


def _spoken(clearance: str, default: str | None, chance: Chance) -> tuple[list[str], dict[str, str]]:
    """Return a way to give a clearance: options and environment."""
    ways: list[tuple[list[str], dict[str, str]]] = [
        (["--clearance", clearance], {}),
        (["--clearance", clearance.lower()], {"CABLESEARCH_CLEARANCE": "full"}),
        ([], {"CABLESEARCH_CLEARANCE": clearance}),
        (["--clearance", clearance], {"CABLESEARCH_CLEARANCE": "TOP SECRET//NOFORN,ORCON,REL TO USA GBR"}),
    ]
    return chance.choice([([], {})] if clearance == default else ways)


def _compared(place: Path, seed: str) -> Iterator[tuple[str, str | None]]:
    """Yield the comparisons over one archive: the question, and the difference if there is one."""
    chance = Chance(seed)
    with _sizes(chance) as readable:
        default = chance.choice([None, *CLEARANCES])
        cables = _whole(place / "whole", chance, default)
        words = WORDS + SECRETS
        if any(len(paragraph.text) > 200 for cable in cables for paragraph in cable.paragraphs):
            texts = (paragraph.text for cable in cables for paragraph in cable.paragraphs)
            words = re.findall(r"[a-z]{3,}", " ".join(texts))[::7] or words
        asked = dict.fromkeys([*chance.sample(CLEARANCES, 3), *([default] if default else [])])
        for clearance in asked:
            visible = [seen for cable in cables if (seen := cable.view(Clearance.parse(clearance)))]
            chance.shuffle(visible)
            other = place / f"visible-{clearance.replace('/', '-')}"
            with create(other) as archive:
                half = chance.randrange(len(visible) + 1)
                _index(archive, visible[:half], place / "first.jsonl")
                _index(archive, visible[half:], place / "second.jsonl")
            both = Both(place / "archive", place / "whole", other, clearance, default)
            for number in range(_QUESTIONS):
                yield both.library(f"{seed} {clearance} {number}", words)
                yield both.commands(f"{seed} {clearance} {number}", words)
            if readable:
                yield both.processes(f"{seed} {clearance}", words)
            yield from both.http(f"{seed} {clearance}", words, _HTTP_QUESTIONS)
            yield both.export(visible)


# Histories


class Step(NamedTuple):
    """A step of a history: cables to index, ids to remove, and whether to compact afterwards."""

    cables: list[Cable]
    removed: list[str]
    compact: bool

    def take(self, place: Location, folder: Path) -> None:
        """Apply the step to an archive; its source is written to a folder."""
        with cablesearch.open(place, clearance="FULL") as archive:
            _index(archive, self.cables, folder / "step.jsonl")
            if self.removed:
                # Another cable would match an id that does not exist, in another spelling.
                held = {cable.id for cable in archive.export()}
                archive.remove([name for name in self.removed if name in held])
            if self.compact:
                archive.compact()

    def seen(self, clearance: Clearance) -> Step:
        """Return the step as a reader sees it: versions without a visible part remove their cables."""
        seen = {cable.id: cable.view(clearance) for cable in self.cables}
        gone = [name for name, visible in seen.items() if visible is None]
        return Step([item for item in seen.values() if item], self.removed + gone, self.compact)


def _short(name: str, chance: Chance) -> Cable:
    """Return a cable similar to others: few words, few dates."""
    made = made_up_cable(name, chance)
    paragraphs = [
        replace(paragraph, text=_text(chance, 3, paragraph.classification), section=None, start=0, end=0)
        for paragraph in made.paragraphs[:3]
    ]
    date = dt.datetime(1990, 1, chance.choice([1, 1, 2]), 12, 0, tzinfo=dt.timezone.utc)
    return replace(made, date=chance.choice([date, date, None]), body="", envelope="", paragraphs=tuple(paragraphs))


def _version(one: Cable, chance: Chance) -> Cable:
    """Return another version of a cable."""

    def rewritten(paragraph: Paragraph, least: Level, most: Level) -> Paragraph:
        classification = paragraph.classification
        text = _text(chance, 3, classification) if least <= classification.level <= most else paragraph.text
        return replace(paragraph, text=text)

    def marked(marking: str | None) -> Cable:
        own = Classification.parse(marking) or one.classification
        return replace(
            one,
            paragraphs=tuple(replace(each, marking=marking, classification=own) for each in one.paragraphs),
        )

    other = _short(one.id, chance)
    top = replace(one, classification=Classification(Level.TOP_SECRET), classification_text="TOP SECRET")
    versions: list[Callable[[], Cable]] = [
        lambda: replace(one, paragraphs=tuple(rewritten(each, Level.SBU, Level.TOP_SECRET) for each in one.paragraphs)),
        lambda: replace(
            one, paragraphs=tuple(rewritten(each, Level.SECRET, Level.TOP_SECRET) for each in one.paragraphs)
        ),
        lambda: replace(
            one, paragraphs=tuple(rewritten(each, Level.UNCLASSIFIED, Level.UNCLASSIFIED) for each in one.paragraphs)
        ),
        lambda: replace(top, paragraphs=marked("TS").paragraphs, subject_marking="TS"),
        lambda: marked("U"),
        lambda: marked(chance.choice(MARKINGS)),
        lambda: replace(one, date=other.date),
        lambda: replace(one, subject=other.subject, subject_marking=other.subject_marking),
        lambda: other,
    ]
    return chance.choice(versions)()


def steps(chance: Chance, count: int, size: int) -> Iterator[Step]:
    """Return a history of a number of commits, the first with ``size`` cables."""
    names = [*IDS, *(f"11C{number}" for number in range(size))]
    live: dict[str, Cable] = {}
    past: dict[str, list[Cable]] = {}
    for number in range(count):
        fresh = [name for name in names if name not in live]
        made = [_short(name, chance) for name in chance.sample(fresh, size if not number else min(2, len(fresh)))]
        for name in chance.sample(sorted(live), min(len(live), 1 + size // 3)):
            again = [cable for cable in past[name] if cable != live[name]]
            made.append(chance.choice(again) if again and chance.random() < 0.2 else _version(live[name], chance))
        # Removed cables may come again unchanged.
        gone = [name for name in past if name not in live and all(cable.id != name for cable in made)]
        made += [past[name][-1] for name in gone if chance.random() < 0.3]
        chance.shuffle(made)
        for cable in made:
            live[cable.id] = cable
            past.setdefault(cable.id, []).append(cable)
        removed = chance.sample(sorted(live), min(len(live), chance.choice([0, 0, 1, 3])))
        for name in removed:
            del live[name]
        yield Step(made, removed, chance.random() < 0.15)


def _compared_in_time(place: Path, seed: str) -> Iterator[tuple[str, str | None]]:
    """Yield the comparisons over one archive and its history: the question, and the difference if there is one."""
    chance = Chance(seed)
    many = chance.random() < 0.1
    clearances = chance.sample(CLEARANCES, 1 if many else 2)
    places = {clearance: place / f"seen-{number}" for number, clearance in enumerate(clearances)}
    for archive in (place / "whole", *places.values()):
        create(archive).close()
    taken, held = 0, dict[str, Cable]()
    with _segment_each() if many else _sizes(chance):
        for step in steps(chance, 3 if many else 6, 150 if many else chance.randrange(2, 12)):
            taken += 1
            step.take(place / "whole", place)
            held |= {cable.id: cable for cable in step.cables}
            for name in step.removed:
                del held[name]
            for clearance, archive in places.items():
                step.seen(Clearance.parse(clearance)).take(archive, place)
                both = Both(place / "archive", place / "whole", archive, clearance, None)
                yield from _asked(both, f"{seed} {clearance} {taken}", 2 if many else 4)
        for number, clearance in enumerate(clearances):
            visible = [seen for cable in held.values() if (seen := cable.view(Clearance.parse(clearance)))]
            once = place / f"once-{number}"
            create(once).close()
            Step(visible, [], False).take(once, place)
            both = Both(place / "archive", place / "whole", once, clearance, None)
            yield from _asked(both, f"{seed} {clearance} once", 12)
            yield both.export(visible)


def _asked(both: Both, seed: str, questions: int) -> Iterator[tuple[str, str | None]]:
    """Ask both for everything in all orders, and a number of random questions."""
    sorts = [["--sort", sort] for sort in ("date", "-date", "citations")]
    for options in ([], *sorts, ["--group", "cable"]):
        yield both.compared(["search", "*", "--format", "ids", "--limit", "1000", *options])
    yield both.compared(["export"])
    yield both.compared(["stats"])
    yield both.compared(["graph", "--format", "json"])
    yield both.completed()
    for number in range(questions):
        yield both.library(f"{seed} {number}", WORDS + SECRETS)
        yield both.commands(f"{seed} {number}", WORDS + SECRETS)
    yield from both.http(seed, WORDS + SECRETS, questions)


@contextlib.contextmanager
def _segment_each() -> Iterator[None]:
    """Make each record a segment that is merged only when the archive is compacted."""
    with mock.patch.object(ingest, "BATCH", 1), mock.patch.multiple(writer, _SMALL=0, _MERGE_WIDTH=1 << 30):
        yield


class Both:
    """An archive and its counterpart, which must answer alike, asked at the same path.

    Args:
        place: where both are when they are asked.
        whole, visible: where they are before and afterwards.
        clearance: the clearance of the reader.
        default: that of readers of the whole archive who give none.
    """

    def __init__(
        self, place: Location, whole: Location, visible: Location, clearance: str, default: str | None
    ) -> None:
        self._place, self._whole, self._visible = place, whole, visible
        self._clearance, self._default = clearance, default

    def _at(self, archive: Location, ask: Callable[[Location], Any]) -> Any:
        """Ask an archive, given where it is."""
        Path(archive).rename(self._place)
        try:
            return ask(self._place)
        finally:
            Path(self._place).rename(archive)

    def _run(self, archive: Location, command: Sequence[str], *options: str, **environment: str) -> Answer:
        def ask(place: Location) -> Answer:
            return _timeless(run(*command, *options, "--index", str(place), **environment))

        answer: Answer = self._at(archive, ask)
        return answer

    def commands(self, seed: str, words: Sequence[str]) -> tuple[str, str | None]:
        """Ask both through the command line."""
        chance = Chance(seed)
        command = _command(chance, words)
        options, environment = _spoken(self._clearance, self._default, chance)
        expected = self._run(self._visible, command, "--clearance", self._clearance)
        got = self._run(self._whole, command, *options, **environment)
        if got == expected and command[0] in {"search", "show", "export"}:
            expected = self._run(self._visible, command)
        what = f"{environment} {[*command, *options]} as {self._clearance}"
        return command[0], _difference(what, got, expected)

    def compared(self, command: Sequence[str]) -> tuple[str, str | None]:
        """Run a command on both under the clearance."""
        got, expected = (
            self._run(archive, command, "--clearance", self._clearance) for archive in (self._whole, self._visible)
        )
        return command[0], _difference(f"{[*command]} as {self._clearance}", got, expected)

    def completed(self) -> tuple[str, str | None]:
        """Let a shell complete words under the clearance on both."""

        def ask(place: Location) -> list[Answer]:
            environment = {"CABLESEARCH_CLEARANCE": self._clearance, "CABLESEARCH_INDEX": str(place)}
            environment["_CABLESEARCH_COMPLETE"] = "bash_complete"
            asked = (
                {"COMP_WORDS": "\n".join(["cablesearch", *words]), "COMP_CWORD": str(len(words))} for words in COMPLETED
            )
            return [run(**environment, **words) for words in asked]

        got, expected = (self._at(archive, ask) for archive in (self._whole, self._visible))
        return "completion", _difference(f"completions as {self._clearance}", got, expected)

    def processes(self, seed: str, words: Sequence[str]) -> tuple[str, str | None]:
        """Ask both through the installed command in separate processes, where Python's own output must be equal too."""
        chance = Chance(seed)
        command = ["search", _demanding(chance, words), "--clearance", self._clearance]
        command += ["--format", chance.choice(["text", "json"]), "--group", chance.choice(["paragraph", "cable"])]
        clean = {key: value for key, value in os.environ.items() if not key.startswith("CABLESEARCH_")}

        def ask(place: Location) -> Answer:
            arguments = [sys.executable, "-m", "cablesearch", *command, "--index", str(place)]
            done = subprocess.run(arguments, capture_output=True, check=False, env=clean)
            return _timeless(Answer(done.returncode, done.stdout, done.stderr))

        got, expected = (self._at(archive, ask) for archive in (self._whole, self._visible))
        quiet = b"Warning" not in got.err and b"Traceback" not in got.err and b"should not have" not in got.err
        wrong = _difference(f"{command}", got, expected) or (None if quiet else f"{command}\n  wrote {got.err!r}")
        return "process", wrong

    def http(self, seed: str, words: Sequence[str], questions: int) -> Iterator[tuple[str, str | None]]:
        """Ask both over HTTP: the whole archive without a token or with one, perhaps after a reader with full
        clearance, and the counterpart without one."""
        chance = Chance(seed)
        makers = http.Makers(
            lambda: _query(chance, words), lambda: _begun(chance, words), lambda: _reference_asked(chance)
        )
        asked = [http.question(chance, makers) for _ in range(questions)]
        with_token, is_second = chance.random() < 0.5, chance.random() < 0.5

        def of_whole(place: Location) -> list[list[http.Said]]:
            bearer = http.token(place, "reader", self._clearance) if with_token else None
            full = http.token(place, "chief", "FULL") if is_second else None
            anonymous = chance.choice(CLEARANCES) if with_token else self._clearance
            with http.application(place, anonymous) as app:
                return [http.ask(app, question, bearer, after=full) for question in asked]

        def of_visible(place: Location) -> list[list[http.Said]]:
            bearer = http.token(place, "reader", self._clearance) if with_token else None
            with http.application(place, self._clearance) as app:
                # A page has the name of the reader; other answers are the same for readers without a token.
                return [http.ask(app, question, bearer if question.is_page else None) for question in asked]

        pairs = zip(asked, self._at(self._whole, of_whole), self._at(self._visible, of_visible), strict=True)
        for question, got, expected in pairs:
            yield "http", _difference(f"{question} as {self._clearance}", got, expected)

    def library(self, seed: str, words: Sequence[str]) -> tuple[str, str | None]:
        """Ask both through the library; the counterpart also in full."""

        def of_whole(place: Location) -> object:
            with self._restricted(place, lambda archive: _of_library(archive, Chance(seed), words)) as reader:
                return _of_library(reader, Chance(seed), words)

        def of_visible(place: Location, clearance: str | None) -> object:
            with cablesearch.open(place, clearance=clearance) as reader:
                return _of_library(reader, Chance(seed), words)

        got = self._at(self._whole, of_whole)
        expected = [
            self._at(self._visible, lambda place: of_visible(place, self._clearance)),
            self._at(self._visible, lambda place: of_visible(place, None)),
        ]
        wrong = next((_difference(f"library, {seed}", got, item) for item in expected if got != item), None)
        return "library", wrong

    def _restricted(self, place: Location, asked: Callable[[Archive], object]) -> Archive:
        """Open the whole archive under the clearance, at once or lowered to it after the same question in full."""
        if self._clearance == self._default:
            return cablesearch.open(place)
        with cablesearch.open(place, clearance="FULL") as archive:
            asked(archive)
            return archive.lowered(self._clearance)

    def export(self, visible: Sequence[Cable]) -> tuple[str, str | None]:
        """Check that an export under the clearance equals the cables of the counterpart."""
        out = "".join(dumps(cable) + "\n" for cable in _ordered(visible)).encode()
        got = self._run(self._whole, ["export", "--clearance", self._clearance])
        empty = f"The archive is empty: {self._place}. Add cables with: cablesearch index SOURCE\n".encode()
        expected = Answer(0 if visible else 1, out, b"" if visible else empty)
        return "export", _difference("export", got, expected)


class Pair(NamedTuple):
    """An archive, and the archive of what is visible of it at a clearance.

    Attributes:
        clearance: the clearance.
        whole, visible: the folders of the archives.
    """

    clearance: str
    whole: Path
    visible: Path


def pairs(place: Path, seed: str) -> Iterator[Pair]:
    """Yield an archive and its counterparts at some clearances, for programs that ask questions of their own."""
    chance = Chance(seed)
    cables = _whole(place / "whole", chance, None)
    for clearance in chance.sample(CLEARANCES, 3):
        visible = place / f"visible-{clearance.replace('/', '-')}"
        with create(visible) as archive:
            seen = [part for cable in cables if (part := cable.view(Clearance.parse(clearance)))]
            _index(archive, seen, place / "visible.jsonl")
        yield Pair(clearance, place / "whole", visible)


def asked_about(chance: Chance) -> tuple[str, str]:
    """Return a query and the reference of a cable or a paragraph; either may be wrong."""
    return _query(chance, WORDS + SECRETS), _reference_asked(chance)


def _difference(what: str, got: object, expected: object) -> str | None:
    return None if got == expected else f"{what}\n  got      {got!r}\n  expected {expected!r}"


def _cases(seed: int, number: int) -> tuple[Counter[str], list[str]]:
    """Compare over one archive; return the counts by question, and the differences."""
    counts: Counter[str] = Counter()
    differences = []
    with tempfile.TemporaryDirectory() as folder:
        compared = _compared_in_time if number % 2 else _compared
        for kind, wrong in compared(Path(folder), f"{seed}/{number}"):
            counts[kind] += 1
            if wrong:
                again = f"python -m trials noninterference --seed {seed} --first {number} --cases 1"
                differences.append(f"{wrong}\n  reproduce: {again}")
    return counts, differences


def experiment(cases: int, seed: int, first: int = 0, jobs: int = 1) -> tuple[dict[str, object], list[str]]:
    """Compare at least a given number of answers, whole archives at a time.

    Args:
        cases: how many answers.
        seed: the same seed generates the same archives and questions.
        first: the number of the first archive.
        jobs: the number of processes.

    Returns:
        The figures, and the first few differences, each with the command that reproduces it.
    """
    began = time.monotonic()
    counts: Counter[str] = Counter()
    differences: list[str] = []
    archives = 0
    with ProcessPoolExecutor(jobs) if jobs > 1 else contextlib.nullcontext() as pool:
        numbers = count(first)
        while counts.total() < cases:
            batch = [next(numbers) for _ in range(jobs)]
            for counted, wrong in (pool.map if pool else map)(partial(_cases, seed), batch):
                archives += 1
                counts += counted
                differences += wrong
    figures: dict[str, object] = {
        "experiment": "noninterference",
        "seed": seed,
        "cases": counts.total(),
        "archives": archives,
        "by_question": dict(sorted(counts.items())),
        "differences": len(differences),
        "seconds": round(time.monotonic() - began, 1),
        "processors": os.cpu_count(),
    }
    return figures, differences[:_MOST_TOLD]
