"""Words under a marking stay hidden from readers without the clearance: telegrams with canaries, read by the real
readers.

A canary is a word that occurs only once. Telegrams are generated with canaries under markings in every form, place and
state of damage, and read as files of each format. They are checked at every clearance: all texts of the cable, the
words of its documents, and for a part of them archives, through the library and the command line. Tables of the
generator decide which canaries may be seen, not `Classification.parse` or `Cable.view`.

Canaries that are hidden although they may be seen are counted too. In undamaged text there must be none.
"""

from __future__ import annotations

import dataclasses
import json
import os
import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, product
from pathlib import Path
from typing import NamedTuple

import cablesearch
from cablesearch.cable import Cable, Clearance, Level
from cablesearch.readers.formats.cables_csv import CABLES_CSV
from cablesearch.readers.formats.html_pages import HTML_PAGES
from cablesearch.readers.formats.json_lines import JSON_LINES
from cablesearch.readers.formats.telegram_texts import TELEGRAM_TEXTS
from cablesearch.readers.records import Record
from cablesearch.schema.index_fields import documents
from trials.running import run

__all__ = ["experiment"]

Chance = random.Random


class Truth(NamedTuple):
    """A level, as a number from 0, and controls: the generator's own meaning of a marking."""

    level: int
    controls: frozenset[str] = frozenset()

    def join(self, other: Truth) -> Truth:
        return Truth(max(self.level, other.level), self.controls | other.controls)

    def covers(self, other: Truth) -> bool:
        return self.level >= other.level and self.controls >= other.controls


OPEN = Truth(0)


def _truth(level: int, *controls: str) -> Truth:
    return Truth(level, frozenset(controls))


# Markings and their meaning

_REL, _LIBYA = "REL TO USA GBR", "REL TO LIBYA"
_UNKNOWN = "ZEBRA"
"""A control that is never granted."""


def _spelt(text: str, level: int, *controls: str) -> list[tuple[str, Truth]]:
    return [(spelling, _truth(level, *controls)) for spelling in text.split("|")]


MARKINGS = [
    *_spelt("U|U|U|U|UNCLASSIFIED|UNCLAS", 0),
    *_spelt("SBU|SBU|LOU|FOUO|U//FOUO|U/SBU|LIMITED OFFICIAL USE", 1),
    *_spelt("C|C|C|C|CONFIDENTIAL|C O N F I D E N T I A L|Confidential", 2),
    *_spelt("S|S|S|S|SECRET|S E C R E T|Secret|SE CRET", 3),
    *_spelt("TS|TS|TOP SECRET|T O P S E C R E T", 4),
    *_spelt("C/NF|C//NF|C-NF|C NF|C - NF|C/NOFORN|C, NF|C//NO FORN", 2, "NOFORN"),
    *_spelt("S/NF|S//NF|S-NF|S NF|SECRET//NOFORN|S//N F|s/nf|S / NF", 3, "NOFORN"),
    *_spelt("C-ORCON|C/OC|C//ORCON|C ORCON", 2, "ORCON"),
    *_spelt("S/NF/OC|S//NOFORN/ORCON|S//NF; OC|S-NF-OC|S/NF,OC", 3, "NOFORN", "ORCON"),
    *_spelt("S//REL TO USA, GBR|S/REL TO USA, GBR|S-REL TO USA, GBR|S//REL USA GBR", 3, _REL),
    *_spelt("C-REL LIBYA|C/REL LIBYA|C REL LIBYA|C//REL TO LIBYA", 2, _LIBYA),
    *_spelt("C/ZEBRA|C//ZEBRA|C ZEBRA|C - ZEBRA", 2, _UNKNOWN),
]
HIGH = [item for item in MARKINGS if item[1] != OPEN]
OF_ENTIRE_TEXT = [
    *_spelt("C - ENTIRE TEXT|C-ENTIRE TEXT|CONFIDENTIAL - ENTIRE TEXT", 2),
    *_spelt("C - ENTIRE TEXT/NF|C/NF - ENTIRE TEXT|C - ENTIRE TEXT//NOFORN", 2, "NOFORN"),
    *_spelt("S - ENTIRE TEXT|S ENTIRE TEXT", 3),
]
WITHOUT_BRACKETS = [
    *_spelt("S//NF|S/NF|S-NF|SECRET//NOFORN|Secret//Noforn|SECRET/NF:|S//NOFORN:", 3, "NOFORN"),
    *_spelt("C//NF|C/NOFORN|CONFIDENTIAL//NOFORN|C/NF:", 2, "NOFORN"),
    *_spelt("S/NF/OC|SECRET//NOFORN/ORCON", 3, "NOFORN", "ORCON"),
    *_spelt("C/ORCON|CONFIDENTIAL//ORCON", 2, "ORCON"),
]
"""Markings that need no brackets because they name a control."""
LEVELS_ALONE = [
    *_spelt("SECRET:|SECRET -|SECRET --|Secret:", 3),
    *_spelt("CONFIDENTIAL:|CONFIDENTIAL -|Confidential:", 2),
    *_spelt("TOP SECRET:|TOP SECRET -", 4),
]
"""Levels that mark the text after them."""
BANNERS = [
    *_spelt("UNCLAS {}|U N C L A S {}|UNCLASSIFIED {}", 0),
    *_spelt("UNCLAS {}\n\nSENSITIVE|LIMITED OFFICIAL USE {}|UNCLASSIFIED//FOUO {}", 1),
    *_spelt("CONFIDENTIAL {}|C O N F I D E N T I A L {}|C O N F I D E N T I A L SECTION 01 OF 02 {}", 2),
    *_spelt("SECRET {}|S E C R E T {}", 3),
    *_spelt("CONFIDENTIAL//NOFORN {}|CONFIDENTIAL/NF {}|CONFIDENTIAL {}\n\nNO FORN", 2, "NOFORN"),
    *_spelt("S E C R E T {}\nNOFORN|SECRET//NOFORN {}|S E C R E T N O F O R N {}", 3, "NOFORN"),
    *_spelt("SECRET//REL TO USA, GBR {}|S E C R E T//REL TO USA, GBR {}", 3, _REL),
    *_spelt("SECRET//NOFORN//ORCON {}|SECRET/NF/OC {}", 3, "NOFORN", "ORCON"),
    *_spelt("TOP SECRET {}|T O P  S E C R E T {}", 4),
    *_spelt("UNCLAS {}\nSECRET|UNCLAS {}\n\nS E C R E T|CONFIDENTIAL {}\nSECRET|UNCLASSIFIED SECRET {}", 3),
    *_spelt("CONFIDENTIAL {}\nSECRET//NOFORN|UNCLAS {}\n\nSECRET/NF", 3, "NOFORN"),
    *_spelt("UNCLAS {}\nCONFIDENTIAL", 2),
]
ODD_BANNERS = [*_spelt("SERCET {}", 3), *_spelt("Confidential {}|CLASSIFICATION: CONFIDENTIAL {}", 2)]
"""They count, but the first line is not a known one, so everything gets the highest classification."""
FIELDS = [(text, truth) for text, truth in MARKINGS if len(text) > 3 and text.isupper() and text[1] not in "/- ,"]
"""The classification in a file."""
CLEARANCES = [
    (Truth(int(level), frozenset(controls)), Clearance(level, frozenset(controls)))
    for level, controls in product(
        Level, ((), ("NOFORN",), ("NOFORN", "ORCON"), (_REL, _LIBYA), ("NOFORN", "ORCON", _REL, _LIBYA))
    )
]

_GRANTED = frozenset().union(*(truth.controls for truth, _ in CLEARANCES))

WORDS = [
    "the",
    "a",
    "minister",
    "of",
    "trade",
    "ships",
    "and",
    "talks",
    "in",
    "harbour",
    "with",
    "treaty",
    "oil",
    "over",
    "that",
    "wheat",
    "met",
    "this",
    "people",
]
TITLES = ["Background", "Next Steps", "Views From The Ministry", "The Press Reacts", "Arms And The Treaty"]
_CANARY = re.compile(r"zq[a-z]{6}", re.IGNORECASE)
_BULLETS = ("- ", "-- ", "a. ", "(a) ", "* ", "  o ", "1) ", "\t- ", "ii. ", "\u2022 ", "", "")
_LABELS = (
    *("{}. {} ", "{}. {} ", "{}. {} ", "{}.  {}  ", "\u00b6{}. {} ", "{}.{} ", "{}.{}", "{}. {}\n", "{}.\t{} "),
    *("{}.\n{} ", "{} {} ", "{}.\u00a0{}\u00a0"),
)
_PAGE_BREAK = "\n\nPALERMO 00000123  002 OF 003\n\n"
_PAGE_BREAKS = (
    "\n\n  {0}\n\nPAGE 02        PALERMO  00123  01 OF 03  111533Z\n\n{0}\nSIPDIS\n\n",
    "\n\n{0}\n\nPALERMO 00000123  002 OF 003\n\n\n",
    "\n\nPALERMO 00000123  002 OF 003\n\n\n{0}\n\n",
)
_CAPTIONS = [
    *_spelt("S E C R E T|SECRET", 3),
    *_spelt("CONFIDENTIAL|C O N F I D E N T I A L", 2),
    *_spelt("SECRET NOFORN|SECRET\nNOFORN", 3, "NOFORN"),
]
"""Text beside page breaks that applies to the whole telegram."""


@dataclass
class _Telegram:
    """A telegram in the making: its pieces, and the clearance for each canary in them.

    Attributes:
        needs: the clearance without which a canary must be hidden.
        expects: the clearance with which it should be visible.
    """

    chance: Chance
    number: Iterator[int]
    needs: dict[str, Truth] = field(default_factory=dict)
    expects: dict[str, Truth] = field(default_factory=dict)
    damage: str = ""
    caption: str = ""
    kinds: dict[str, str] = field(default_factory=dict)
    kind: str = ""

    @property
    def is_damaged(self) -> bool:
        """Return whether transmission changed it."""
        return self.damage != ""

    def bare(self) -> tuple[str, Truth]:
        """Return a marking without brackets. Capitals alone do not show that a level is more than a word."""
        has_case = self.damage not in ("small letters", "capital letters")
        return self.chance.choice([*WITHOUT_BRACKETS, *LEVELS_ALONE] if has_case else WITHOUT_BRACKETS)

    def canary(self, need: Truth, expect: Truth | None = None) -> str:
        letters, at = "", next(self.number)
        for _ in range(6):
            at, letter = divmod(at, 26)
            letters = chr(97 + letter) + letters
        word = "zq" + letters
        self.needs[word] = need
        if expect is not None:
            self.expects[word] = expect
        self.kinds[word] = self.kind
        return word

    def text(self, need: Truth, expect: Truth | None = None, words: int = 14, canaries: int = 2) -> str:
        """Return one or two sentences, without the last full stop."""
        chance = self.chance
        line = chance.choices(WORDS, k=chance.randrange(words // 2, words))
        for _ in range(canaries):
            line.insert(chance.randrange(len(line) + 1), self.canary(need, expect))
        if len(line) > 8 and chance.random() < 0.5:
            at = chance.randrange(3, len(line) - 3)
            line[at] += "."
            line[at + 1] = line[at + 1].capitalize()
        line[0] = line[0].capitalize()
        return " ".join(line)

    def title(self, need: Truth) -> str:
        """Return a few words in capitals, like a heading, one of them a canary."""
        line = self.chance.choice(TITLES).split()
        line.insert(self.chance.randrange(1, len(line) + 1), self.canary(need).capitalize())
        return " ".join(line)


def _bracketed(marking: str, chance: Chance) -> str:
    left, right = chance.choice(("()", "()", "()", "()", "()", "()", "[]", "{}", "\uff08\uff09"))
    pad = " " if chance.random() < 0.05 else ""
    if chance.random() < 0.02:
        marking = marking[:1] + "\u200b" + marking[1:]
    return f"{left}{pad}{marking}{pad}{right}"


def _wrapped(text: str, width: int) -> str:
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            if line and len(line) + len(word) >= width:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        lines.append(line)
    return "\n".join(lines)


# Places of markings


def _plain(telegram: _Telegram, number: int, banner: Truth) -> str:
    """Add a paragraph with or without a marking, with one of many spellings of its label."""
    chance = telegram.chance
    if chance.random() < 0.15:
        return f"{number}. {telegram.text(banner, banner)}."
    marking, truth = chance.choice(MARKINGS)
    label = chance.choice(_LABELS)
    return label.format(number, _bracketed(marking, chance)) + telegram.text(truth, truth) + "."


def _unfinished(telegram: _Telegram, number: int, banner: Truth) -> str:
    """Add a paragraph without a full stop, whose last piece looks like a heading."""
    chance = telegram.chance
    marking, truth = chance.choice(MARKINGS)
    gap = chance.choice(("\n\n", "\n", "\n\n\n"))
    text = f"{number}. {_bracketed(marking, chance)} {telegram.text(truth, truth)}"
    ending = chance.choice(("", "", ":", ";", ",")) if gap != "\n" else chance.choice(("", ":", ";", ",", "."))
    return f"{text}{ending}{gap}{telegram.title(truth)}"


def _part(telegram: _Telegram, number: int, banner: Truth) -> str:
    """Add a paragraph with a part (a line, an item or a sentence) that has a higher marking."""
    chance = telegram.chance
    (outer, low), (inner, high) = chance.choice(MARKINGS), chance.choice(HIGH)
    whole = low.join(high)
    mark = _bracketed(inner, chance)
    before = telegram.text(low, whole)
    after = telegram.text(high, whole)
    joint = chance.choice(
        [
            *[f".\n{bullet}{mark} " for bullet in _BULLETS],
            *[f". {mark} ", f".  {mark} ", f". END U. {mark} ", f'. He said: "{mark} ', f". ({number}) {mark} "],
            *[f".\n\n{mark} ", f".\n\nBACKGROUND {mark}\n", f".\nBACKGROUND {mark}\n\n", f".\nNOTE {mark}: "],
            *[f".\nNOTE {mark}:\n", f".\n\nComment {mark}: ", f".\nPara {number} {mark}\n", f".\n\nCOMMENT: {mark} "],
            *[f" {mark}:\n", f".\n{mark}\n", f" {mark}\n\n"],
        ]
    )
    return f"{number}. {_bracketed(outer, chance)} {before}{joint}{after}."


def _trailing(telegram: _Telegram, number: int, banner: Truth) -> str:
    """Add a paragraph whose marking, or the marking of whose last part, is at its end."""
    chance = telegram.chance
    marking, truth = chance.choice(HIGH)
    whole = banner.join(truth)
    return f"{number}. {telegram.text(whole, whole)}. {_bracketed(marking, chance)}"


def _above(telegram: _Telegram, number: int, banner: Truth) -> str:
    """Add a marking on a separate line above the number."""
    marking, truth = telegram.chance.choice(MARKINGS)
    return f"{_bracketed(marking, telegram.chance)}\n{number}. {telegram.text(truth, truth)}."


def _around(telegram: _Telegram, number: int, banner: Truth) -> str:
    """Add a text without a number, with a marking, that has a label in it."""
    chance = telegram.chance
    (inner, low), (outer, high) = chance.choice(MARKINGS), chance.choice(HIGH)
    text = f"{_bracketed(outer, chance)} {telegram.text(high)}{chance.choice(('', ':', '.'))}"
    return f"{text}\n{number}. {_bracketed(inner, chance)} {telegram.text(high.join(low), high.join(low))}."


def _under_heading(telegram: _Telegram, number: int, banner: Truth) -> str:
    """Add a marked heading, perhaps the upper of two or over two lines, and a paragraph under it."""
    chance = telegram.chance
    (outer, high), (marking, truth) = chance.choice(HIGH), chance.choice(MARKINGS)
    mark, title = _bracketed(outer, chance), telegram.title(high)
    heading = chance.choice(
        [
            f"{mark} {title}",
            f"{title} {mark}",
            f"{mark} {title}\n{'-' * len(title)}",
            f"{title} {mark}\n{'=' * len(title)}",
            f"-----\n{mark} {title}\n-----",
            f"{mark} {title}\n-----\n\nThe Lower Heading\n-----",
            f"{mark} {title}\n\nThe Lower Heading",
            f"{mark}\n{title}\n----------",
            f"The Long Heading Of The Ministry Of Trade In The\n{mark} {title}\n----------",
        ]
    )
    return f"{heading}\n\n{number}. {_bracketed(marking, chance)} {telegram.text(truth)}."


def _titled(telegram: _Telegram, number: int, banner: Truth) -> str:
    """Add a plain heading after a whole sentence, and a paragraph under it."""
    title, chance = telegram.title(OPEN), telegram.chance
    ruler = chance.choice(("", "\n" + "-" * len(title)))
    return f"{title}{ruler}\n\n{_plain(telegram, number, banner)}"


def _broken(telegram: _Telegram, number: int, banner: Truth) -> str:
    """Add a marked paragraph with a page break in it."""
    chance = telegram.chance
    marking, truth = chance.choice(MARKINGS)
    page = chance.choice(_PAGE_BREAKS).format(telegram.caption) if telegram.caption else _PAGE_BREAK
    text, more = telegram.text(truth, truth), telegram.text(truth, truth)
    return f"{number}. {_bracketed(marking, chance)} {text}{page}{more.lower()}."


def _bare(telegram: _Telegram, number: int, banner: Truth) -> str:
    """Add a paragraph with a marking without brackets: after its number or after one in brackets, above it, or around a
    part."""
    chance = telegram.chance
    (mark, high), (outer, low) = telegram.bare(), chance.choice(MARKINGS)
    kind = chance.randrange(6)
    if kind == 0:
        return f"{number}. {mark} {telegram.text(high)}."
    label = f"{number}. {_bracketed(outer, chance)}"
    if kind == 1:
        return f"{label} {mark} {telegram.text(high)}."
    if kind == 2:
        return f"{mark.rstrip(' :-')}\n\n{label} {telegram.text(high)}."
    before, after = telegram.text(low), telegram.text(high)
    if kind == 3 and telegram.damage not in ("small letters", "capital letters"):
        level = mark.rstrip(" :-").upper()
        return f"{label} {before}.\nBEGIN {level}\n{after}.\nEND {level}"
    opening = chance.choice(("{} ", "- {} ", "\n{} ", "{}\n", "\n{}\n\n")).format(mark)
    return f"{label} {before}.\n{opening}{after}."


_PLACES: dict[Callable[[_Telegram, int, Truth], str], int] = {
    _plain: 6,
    _unfinished: 3,
    _part: 6,
    _trailing: 1,
    _above: 1,
    _around: 1,
    _under_heading: 2,
    _titled: 2,
    _broken: 1,
    _bare: 2,
}


def _subject(telegram: _Telegram, banner: Truth) -> tuple[str, Truth]:
    """Add the subject line; return the clearance for the whole subject."""
    chance = telegram.chance
    telegram.kind = "subject"
    marking, truth = chance.choice(MARKINGS)
    inner, high = chance.choice(HIGH)
    mark, more = _bracketed(marking, chance), _bracketed(inner, chance)

    def words(need: Truth, whole: Truth | None) -> str:
        return telegram.text(need, whole, 6, 1).replace(".", "").upper()

    kind = chance.randrange(7)
    if kind == 0:
        return f"SUBJECT: {words(banner, banner)}", banner
    if kind == 1:
        joined = banner.join(high)
        return f"SUBJECT: {words(joined, joined)} {more}", joined
    if kind == 2:
        joined = truth.join(high)
        return f"SUBJECT: {mark} {words(truth, joined)}{chance.choice('; ,')} {more} {words(high, None)}", joined
    if kind == 3:
        return f"SUBJECT {mark}: {words(truth, truth)}", truth
    if kind == 4:
        return f"{mark} SUBJECT: {words(truth, truth)}", truth
    return f"{chance.choice(('SUBJECT', 'SUBJ'))}: {mark} {words(truth, truth)}", truth


# Damage by transmission


def _without_bracket(body: str, chance: Chance) -> str:
    """Drop a bracket of a few markings after numbers."""
    if chance.random() < 0.5:
        return re.sub(r"(?m)^(\d+\. )\(((?:U|C|S|TS|SBU)(?:[/-]+(?:NF|NOFORN|OC|ORCON))*)\)(?= )", r"\1(\2", body)
    return re.sub(r"(?m)^(\d+\. )\((?=(?:U|C|S|TS|SBU)(?:[/-]+[A-Z]+)*\))", r"\1", body)


def _slipped(body: str, chance: Chance) -> str:
    """Insert blanks and hyphens into markings."""

    def slip(match: re.Match[str]) -> str:
        text = match[0]
        at = chance.randrange(1, len(text))
        return text[:at] + chance.choice((" ", " ", "\t", "\n", "\u00a0")) + text[at:]

    return re.sub(r"[(\[{](?:TS|SBU|U|C|S)(?:[/-]+[A-Z]{2,6})*[)\]}]", slip, body)


_DAMAGES: dict[str, Callable[[str, Chance], str]] = {
    "a lost bracket": _without_bracket,
    "lost full stops": lambda body, chance: re.sub(r"\.(?=\n\n(?:\d|\u00b6|[A-Z][a-z]))", "", body),
    "lost blank lines": lambda body, chance: re.sub(r"\n\n(?=\d+\. )", "\n", body),
    "small letters": lambda body, chance: body.lower(),
    "capital letters": lambda body, chance: body.upper(),
    "slips": _slipped,
    "form feeds": lambda body, chance: body.replace("\n\n", "\n\x0c\n", 3),
    "carriage returns": lambda body, chance: body.replace("\n", "\r\n"),
}


class _Case(NamedTuple):
    """A record of a file, and the clearances for the canaries in it."""

    telegram: _Telegram
    record: Record
    damage: str


def _paragraphs(telegram: _Telegram, banner: Truth) -> str:
    chance = telegram.chance
    blocks: list[str] = []
    if chance.random() < 0.15:
        telegram.kind = "before the first"
        marking, truth = chance.choice(HIGH)
        words = chance.choice((4, 16))
        blocks.append(f"{_bracketed(marking, chance)} {telegram.text(truth, truth, words, 1)}.")
    chosen = chance.choices(list(_PLACES), list(_PLACES.values()), k=chance.randrange(2, 7))
    telegram.kind = "entire text"
    marking, truth = chance.choice(OF_ENTIRE_TEXT if chance.random() < 0.1 else [("U", OPEN)])
    page = chance.choice(_PAGE_BREAKS).format(telegram.caption) if telegram.caption else " "
    blocks.append(f"1. ({marking}) {telegram.text(truth, truth)}{page}{telegram.text(truth, truth)}.")
    banner = banner.join(truth)
    is_under, before = False, set(telegram.needs)
    for number, place in enumerate(chosen, 2):
        telegram.kind = place.__name__.strip("_")
        known = set(telegram.needs)
        blocks.append(place(telegram, number, banner))
        # A marked heading covers everything up to the next one. A text without a number, the upper of two headings, or
        # a marking above a number may belong to the paragraph before it.
        is_under = place is _under_heading or (is_under and place is not _titled)
        without = set(telegram.needs) - known if is_under else set()
        without |= before if place in (_around, _under_heading, _bare) else set()
        telegram.expects = {word: truth for word, truth in telegram.expects.items() if word not in without}
        before = set(telegram.needs) - known
    return "\n\n".join(blocks) + f"\n\n{len(chosen) + 2}. (U) The end."


def _text_case(seed: str, numbers: Iterator[int], serial: int) -> _Case:
    """Return a telegram as a text, a row, a page, or the header and body of a line."""
    chance = Chance(seed)
    telegram = _Telegram(chance, numbers)
    shape, banner = chance.choice(BANNERS)
    if banner != OPEN and chance.random() < 0.3:
        shape, banner = chance.choice(BANNERS[:9])
    is_odd = chance.random() < 0.05
    if is_odd:
        shape, banner = chance.choice(ODD_BANNERS)
    telegram.damage = damage = chance.choice(list(_DAMAGES)) if chance.random() < 0.4 else ""
    if damage != "small letters" and chance.random() < 0.1:
        telegram.caption, caption = chance.choice(_CAPTIONS)
        banner = banner.join(caption)
    subject, subject_truth = _subject(telegram, banner)
    whole = banner.join(subject_truth)
    body = _paragraphs(telegram, banner)
    width = chance.choice((60, 64, 66, 70, 4000))
    telegram.kind = "opening and closing"
    name = f"PALERMO {serial:06d}"
    by = f"Classified By: Ambassador {telegram.canary(whole).capitalize()}. Reason 1.4 (b) and (d).\n\n"
    reference = f"REF: A. PARIS 1234 ({telegram.canary(whole).upper()})\n\n"
    opening = f"{shape.format(name)}\n\nSIPDIS\n\nE.O. 12958: DECL: 01/07/2020\nTAGS: PREL, ECON\n"
    opening += f"{_wrapped(subject, width)}\n\n"
    body = _wrapped(body, width)
    if damage:
        body = _DAMAGES[damage](body, chance)
    if is_odd:
        telegram.expects.clear()
    body = f"{opening}{reference}{by}{body}\n\n{telegram.canary(whole).upper()}\n"
    header = f"VZCZCXRO0001\nPP RUEHC\nDE RUEHPA #{serial:04d}/01 0080326\nZNY CCCCC ZZH\nP 080326Z JAN 10\n"
    header += "FM AMCONSUL PALERMO\nTO RUEHC/SECSTATE WASHDC PRIORITY 7532\n"
    header += f"INFO RUEHXX/{telegram.canary(whole).upper()}\n"
    name = f"10PALERMO{serial}"
    form = chance.choice((TELEGRAM_TEXTS, TELEGRAM_TEXTS, CABLES_CSV, CABLES_CSV, HTML_PAGES, JSON_LINES))
    if form == TELEGRAM_TEXTS:
        return _Case(telegram, Record("f", None, form, (f"{header}\n{body}", name)), damage)
    stated, level = chance.choice(FIELDS)
    _raise(telegram, level)
    if form == CABLES_CSV:
        return _Case(
            telegram,
            Record("f", 1, form, ("1", "1/8/2010 3:26", name, "Consulate Palermo", stated, "", header, body)),
            damage,
        )
    if form == JSON_LINES:
        entry: dict[str, object] = {"id": name, "classification": stated, "header": header, "body": body}
        if chance.random() < 0.5:
            entry |= {"controls": []}
        return _Case(telegram, Record("f", 1, form, (json.dumps(entry),)), damage)
    cells = "".join(f"<td>{item}</td>" for item in (name, "2010-01-08 03:26", stated, "Consulate Palermo"))
    blocks = "".join(
        f"<code><pre>{item.replace('&', '&amp;').replace('<', '&lt;')}</pre></code>" for item in (header, body)
    )
    return _Case(
        telegram,
        Record("f", None, form, (f"<html><table class='cable'><tr>{cells}</tr></table>{blocks}</html>", name)),
        damage,
    )


def _raise(telegram: _Telegram, level: Truth) -> None:
    """Combine the classification in the file with the banner: either may hide canaries."""
    telegram.expects = {name: truth.join(level) for name, truth in telegram.expects.items()}


def _line_case(seed: str, numbers: Iterator[int], serial: int) -> _Case:
    """Return a line of JSON with paragraphs."""
    chance = Chance(seed)
    telegram = _Telegram(chance, numbers)
    telegram.kind = "JSON"
    stated, banner = chance.choice(FIELDS)
    entry: dict[str, object] = {"id": f"10PALERMO{serial}", "classification": stated, "tags": ["PREL"]}
    if chance.random() < 0.4:
        entry |= chance.choice(({"controls": []}, {"level": "CONFIDENTIAL"}, {"level": "U", "controls": []}))
        banner = banner.join(_truth(2) if entry.get("level") == "CONFIDENTIAL" else OPEN)
    paragraphs: list[dict[str, object]] = []
    for number in range(1, chance.randrange(2, 6)):
        marking, truth = chance.choice(MARKINGS)
        kind = chance.randrange(5)
        if kind == 0:
            paragraphs.append({"text": telegram.text(banner, banner) + "."})
        elif kind == 1:
            paragraphs.append({"marking": marking, "controls": [], "text": telegram.text(truth, truth)})
        elif kind == 2:
            paragraphs.append(
                {"number": number, "marking": "U", "classification": marking, "text": telegram.text(truth, truth)}
            )
        elif kind == 3:
            inner, high = chance.choice(HIGH)
            text = f"{telegram.text(truth, truth.join(high))}. ({inner}) {telegram.text(high, truth.join(high))}."
            paragraphs.append({"marking": f"({marking})", "text": text})
        else:
            text = telegram.text(truth)
            paragraphs.append({"marking": marking, "section": f"({marking}) {telegram.title(truth)}", "text": text})
    marking, truth = chance.choice(MARKINGS)
    need, subject = chance.choice(((truth, {"subject_marking": marking}), (banner.join(truth), {})))
    words = telegram.text(need, None, 6, 1)
    entry |= {**subject, "subject": words if subject else f"({marking}) {words}", "paragraphs": paragraphs}
    whole = banner.join(truth)
    entry |= {
        "envelope": telegram.canary(whole),
        "references": [telegram.canary(whole)],
        "signature": telegram.canary(whole),
    }
    return _Case(telegram, Record("f", 1, JSON_LINES, (json.dumps(entry),)), "")


# Checks


def _strings(value: object) -> Iterator[str]:
    """Yield all texts in a value: in each field of a dataclass, each item of a list."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _strings(key)
            yield from _strings(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _strings(item)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _strings(getattr(value, field.name))


def _canaries(value: object) -> set[str]:
    return {word.lower() for word in _CANARY.findall("\n".join(_strings(value)))}


class _Seen(NamedTuple):
    """A canary that was seen although it must be hidden, or the reverse."""

    word: str
    where: str
    case: _Case


@dataclass
class _Figures:
    hidden: int = 0
    seen: list[_Seen] = field(default_factory=list)
    over: dict[str, int] = field(default_factory=lambda: {"undamaged": 0, "damaged": 0})
    expected: dict[str, int] = field(default_factory=lambda: {"undamaged": 0, "damaged": 0})
    over_by: Counter[str] = field(default_factory=Counter)
    examples: list[_Seen] = field(default_factory=list)
    lost: int = 0


def _ask(case: _Case, cable: Cable, figures: _Figures) -> None:
    """Check a cable and its documents at every clearance."""
    telegram, needs = case.telegram, case.telegram.needs
    figures.lost += len(needs.keys() - _canaries(cable))
    seen: set[str] = set()
    over: set[str] = set()
    result = set()
    for truth, clearance in CLEARANCES:
        view = cable.view(clearance)
        visible = _canaries(view) if view else set()
        hidden = {word for word, need in needs.items() if not truth.covers(need)}
        result |= hidden
        seen |= visible & hidden
        if view:
            over |= {word for word, expect in telegram.expects.items() if truth.covers(expect)} - visible
    for document in documents(cable)[0]:
        level, *controls = json.loads(str(document["visibility"]))
        known = _GRANTED.intersection(controls)
        reader = Truth(level, frozenset({*known, _UNKNOWN} if len(known) < len(controls) else known))
        seen |= {word for word in _canaries(document) if not reader.covers(needs[word])}
    figures.hidden += len(result)
    figures.seen += [_Seen(word, "the cable", case) for word in sorted(seen)]
    damaged = "damaged" if telegram.is_damaged else "undamaged"
    figures.over[damaged] += len(over)
    figures.expected[damaged] += len(telegram.expects)
    for word in over:
        figures.over_by[f"{damaged} {telegram.kinds[word]}"] += 1
        if not telegram.is_damaged:
            figures.examples.append(_Seen(word, "hidden", case))


def _ask_archive(cases: Sequence[_Case], figures: _Figures, chance: Chance) -> None:
    """Build an archive of files, and check it through the library and the command line."""
    needs = {word: need for case in cases for word, need in case.telegram.needs.items()}
    owner = {word: case for case in cases for word in case.telegram.needs}

    def check(text: str, truth: Truth, where: str) -> None:
        visible = {word.lower() for word in _CANARY.findall(text)} - {"zq" + "x" * 6}
        figures.seen.extend(
            _Seen(word, where, owner[word]) for word in sorted(visible) if not truth.covers(needs[word])
        )

    with tempfile.TemporaryDirectory() as folder:
        place, source = Path(folder, "archive"), Path(folder, "source")
        source.mkdir()
        for number, case in enumerate(cases):
            record = case.record
            name = record.fields[1] if record.format in (TELEGRAM_TEXTS, HTML_PAGES) else f"file{number}"
            Path(source, f"{name}.{record.format.name}").write_text(record.raw() + "\n", encoding="utf-8", newline="")
        with cablesearch.create(place) as archive:
            archive.index([source], jobs=1)
            ids = [cable.id for cable in archive.export()]
        for truth, clearance in chance.sample(CLEARANCES, 3):
            with cablesearch.open(place, clearance=clearance) as archive:
                check("\n".join(_strings(list(archive.export()))), truth, "export")
                for group in ("paragraph", "cable"):
                    page = archive.search(
                        "zq*", limit=10_000, group=group, facets=["tags", "origin", "classification", "year"]
                    )
                    check(json.dumps(page.to_json()), truth, f"search by {group}")
                    check(
                        json.dumps(
                            archive.search(
                                "envelope:zq* OR heading:zq* OR subject:zq*", limit=10_000, group=group
                            ).to_json()
                        ),
                        truth,
                        "search",
                    )
                check(json.dumps(archive.search("zqxxxxxx~2").to_json()), truth, "suggestions")
                begun = [archive.suggest(text, 10_000) for text in ("zq", "subject:zq", "the zq")]
                check("\n".join(_strings(begun)), truth, "suggestions while one types")
            asked = ["--index", str(place), "--clearance", str(clearance)]
            commands = [
                ["search", "zq*", "--limit", "100", "--facet", "tags"],
                ["export"],
                ["stats"],
                ["show", chance.choice(ids)],
            ]
            for command in commands:
                answer = run(*command, *asked)
                check((answer.out + answer.err).decode("utf-8", "replace"), truth, command[0])


def _cases(seed: int, first: int) -> Iterator[_Case]:
    numbers = count(first * 64)
    for serial in count(first):
        make = _line_case if serial % 6 == 5 else _text_case
        yield make(f"{seed}/{serial}", numbers, serial + 1)


def experiment(
    canaries: int, seed: int, *, first: int = 0, archives_every: int = 2_000
) -> tuple[dict[str, object], list[str]]:
    """Check at least a given number of canaries that must be hidden from someone.

    Args:
        canaries: how many.
        seed: the same seed generates the same telegrams.
        first: the number of the first telegram.
        archives_every: for one telegram in this many, forty are put into an archive that is checked.

    Returns:
        The figures, with the first few canaries that were seen and their telegrams.
    """
    began = time.monotonic()
    figures, telegrams, archives = _Figures(), 0, 0
    batch: list[_Case] = []
    chance = Chance(seed)
    for case in _cases(seed, first):
        if figures.hidden >= canaries:
            break
        telegrams += 1
        _ask(case, case.record.parse(), figures)
        if telegrams % archives_every < 40:
            batch.append(case)
        elif batch:
            _ask_archive(batch, figures, chance)
            batch, archives = [], archives + 1
    if batch:
        _ask_archive(batch, figures, chance)
        archives += 1
    words = {canary.word for canary in figures.seen}
    result: dict[str, object] = {
        "seed": seed,
        "canaries": figures.hidden,
        "seen": len(words),
        "telegrams": telegrams,
        "archives": archives,
        "hidden_though_visible": figures.over,
        "visible": figures.expected,
        "hidden_by_place": dict(figures.over_by.most_common()),
        "seconds": round(time.monotonic() - began, 1),
        "processors": os.cpu_count(),
    }
    reported = [_reported(canary) for canary in [*figures.seen, *figures.examples][:400]]
    return result, reported


def _reported(canary: _Seen) -> str:
    case = canary.case
    text = case.record.fields[-1] if case.record.format == CABLES_CSV else case.record.fields[0]
    at = text.lower().find(canary.word)
    needs = case.telegram.needs[canary.word]
    return (
        f"{canary.word} ({case.telegram.kinds[canary.word]}, {case.record.format.name}, {case.damage or 'undamaged'})"
        f" in {canary.where}: "
        f"needs {needs.level} {sorted(needs.controls)}\n    ...{text[max(0, at - 300) : at + 60]!r}"
    )
