"""The entries of a REF list, and which of them are cables.

A list is read from number to number: the text between two of them shows whether a number is a year, a serial after
its post, one more serial of the same post, or neither.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from cablesearch.vocabulary.dates import FIRST_YEAR, MONTH, full_year
from cablesearch.vocabulary.posts import abbreviated_post, is_prefix, similar_post, stations, without_prefixes

__all__ = ["read_entries", "referenced_posts"]

_LAST_YEAR = FIRST_YEAR + 99

_DIFFERING = {"AITTAIPEI": "TAIPEI", "BRUSSELS": "USEUBRUSSELS", "CDCATLANTAGA": "CDCATLANTA"}
# Words a letter away from a post's name.
_LIKE_PLACES = re.compile(
    "ADD|ALTER|ANNAN|BEING|BORNE|ESTATE|HEART|HILLS|KORAN|MEDAL|MIN|NOV|ORGAN|PAIRS|PARAS?|PARKS|PARTS|PER|PORTS|QUITE|REC|ROMAN|SANTA|SLATE"
    "|STAGE|START|STATED|STATES|STATS|STATUE|URBAN|VAGUE"
)

_NUMBER = re.compile(r"[0-9]+")
_MISTAKEN_ZERO = re.compile(
    r"(?<![A-Z0-9])O(?=[0-9])|(?<=[0-9])O(?=[0-9])|(?<=[0-9])O(?![A-Z.):])"
    r"|(?<![0-9A-Z])0(?=[A-Z]{3})|(?<=[A-Z]{2})0(?![0-9])"
)
_BEFORE_NUMBER = " \t\n\r\f\v:,#('\"’-./["
_MARK_BEFORE_NUMBER = re.compile(r"[^\S\n]?\((?:U|C|S|SBU)\)\Z")
_NOT_OF_A_PLACE = re.compile(r"[^A-Z.'’\s-]")
_NEXT_WORD = re.compile(r"[\s.'’-]{0,3}([A-Z]{1,20})")
_WORD = re.compile(r"[A-Z]+")
_LONGEST_PLACE = 60
_MOST_WORDS = 5
_SHORTEST_MISSPELT = 5
_SHORTEST_CUT_OFF = 6
"""Letters of a name of several words of which only a letter of the last one is left: ``PORT AU P``."""
_YEAR_TO_PLACE = re.compile(r"[\s)\]'’/-]*")
_YEAR_TO_SERIAL = re.compile(r"[\s)\]'’/-]{1,6}")
_SERIAL_TO_YEAR = re.compile(r"[^\S\n]?[/-][^\S\n]?|[^\S\n]{1,3}['’]?|['’]|[\s,]{0,3}[(\[]['’]?|[^\S\n]OF[^\S\n]")
# The date of a cable behind its serial: "310241Z AUG 77", "(MAY 24, 1978)", "OF 3 JUNE 1974", "DATED 12/31/07".
_DATED = re.compile(
    r"[\s,]{0,3}\(?(?:(?:OF|DATED|DTD|DTG)\s{1,3})?"
    rf"(?:(?:[0-9]{{6}}Z|[0-9]{{1,2}})\s{{1,3}}{MONTH}[A-Z]{{0,6}}\.?,?\s{{1,3}}(?P<last>[0-9]{{2}}(?:[0-9]{{2}})?)"
    rf"|{MONTH}[A-Z]{{0,6}}\.?\s{{1,3}}[0-9]{{1,2}},?\s{{1,3}}(?P<american>[0-9]{{4}})"
    r"|[0-9]{1,2}/[0-9]{1,2}/(?P<short>[0-9]{2}(?:[0-9]{2})?))(?![0-9/])"
)
_HINTS_OF_DATE = frozenset("JFMASOND/")
_NOT_A_SERIAL = re.compile(
    r"(?![A-Z][.):]|AND\b|REF|CLAS)[A-Z]|[:.][0-9]|%"
    rf"|[^\S\n]OF [0-9]{{1,3}}\b(?![/-]|[^\S\n]{{0,2}}{MONTH})"  # a section, not a date
)
_TITLE = re.compile(r"[^\S\n]{1,3}(?!AND\b|NOTAL\b|CLAS)[A-Z]{3}")
_DATE = re.compile(rf"[/-][0-9]{{1,2}}[/-]|[^\S\n]?{MONTH}[A-Z]{{0,6}}\b")
_DATE_OR_RANGE = re.compile(rf"[/-]|[^\S\n]?{MONTH}[A-Z]{{0,6}}\b")
_ENDS_BARE_NUMBER = re.compile(r"[^\S\n]*(?:\Z|[\n,;:)\]&/(¶\[-]|\.(?![0-9])|AND\b|[A-Z][.):])")
_FILLERS = frozenset(
    {
        "CABLE",
        "CABLES",
        "TELEGRAM",
        "TELEGRAMS",
        "TEL",
        "TELS",
        "MESSAGE",
        "MESSAGES",
        "MSG",
        "MSGS",
        "NO",
        "NOS",
        "NUMBER",
    }
)
"""Words between a post and its serial that mean nothing."""
_FILLER = re.compile(rf"(?:['’]S)?[\s.'’-]{{1,3}}(?:{'|'.join(sorted(_FILLERS))})\Z")
_MOST_FILLERS = 3
_LONGEST_FILLER = 16
_JOINING = _FILLERS | {"AND", "OR", "REF", "REFS", "NOTAL", "PREVIOUS", "THRU", "THROUGH", "TO", "ALSO"}
_BEFORE_A_POST = _JOINING | {"REFTEL", "REFTELS", "SEE", "THE", "OUR", "YOUR", "IN", "US", "BY", "SEPTEL"}
"""Words before a post that do not make it a part of a title."""
_MARK = re.compile(r"(?<![A-Z])\(?[A-Z][.):\]]{1,2}|;")
_SEPARATOR = re.compile(r"[,\n&]")
_IN_BRACKETS = re.compile(r"\([^()]{0,60}\)")
_LONGEST_TITLE = 120


def read_entries(text: str, year: int | None, own: str | None) -> list[str]:
    """Return the ids of the cables in a REF list, in order, perhaps repeated.

    ``text`` is in capitals, without the label and page breaks. Cables without a year are of ``year`` (left out when
    it is None), cables without a post of ``own`` (when it is not None).
    """
    return _List(text, year, own).read()


@cache
def referenced_posts() -> dict[str, str]:
    """Return the station for each name in use, as references have it where ids choose differently (TAIPEI,
    USEUBRUSSELS)."""
    known = {name: _DIFFERING.get(station, station) for name, station in stations().items()}
    return known | {"AITTAIPEI": "AITTAIPEI"}


class _Named(NamedTuple):
    """A post named right before a number: its station, where the name starts, what stands between."""

    station: str
    start: int
    between: str


class _List:
    """The reading of one list.

    ``post`` and ``year`` are what a number without a post of its own belongs to: those of the cable before it.
    """

    def __init__(self, text: str, year: int | None, own: str | None) -> None:
        self.text = _MISTAKEN_ZERO.sub(lambda match: "O" if match[0] == "0" else "0", text)
        self.default = year
        self.latest = _LAST_YEAR if year is None else year
        self.spans = [match.span() for match in _NUMBER.finditer(self.text)]
        ends = [0, *(end for _, end in self.spans)]
        self.named = [_named(self.text, end, start) for end, (start, _) in zip(ends, self.spans, strict=False)]
        self.post = own
        self.year = year
        self.found: list[str] = []

    def read(self) -> list[str]:
        """Return the ids, in order."""
        at = 0
        while at < len(self.spans):
            if self._leads(at):
                at += 1
            elif self.named[at]:
                at = self._read_named(at)
            elif self._precedes_place(at):
                at = self._read_reversed(at)
            else:
                at = self._read_bare(at)
        return self.found

    def _digits(self, at: int) -> str:
        start, end = self.spans[at]
        return self.text[start:end]

    def _gap(self, at: int) -> str:
        """Return what stands before a number, after the one before it."""
        return self.text[self.spans[at - 1][1] if at else 0 : self.spans[at][0]]

    def _year(self, at: int) -> int | None:
        """Return the number as a year, of two or four digits; None when it cannot be one."""
        digits = self._digits(at)
        if len(digits) not in (2, 4):
            return None
        year = full_year(digits)
        return year if FIRST_YEAR <= year <= self.latest else None

    def _leading_year(self, at: int) -> int | None:
        """Return the number as a year before a post, where it may be padded: 094."""
        digits = self._digits(at)
        if len(digits) == 2 or (len(digits) == 3 and digits[0] == "0"):
            return full_year(digits[-2:])
        return self._year(at)

    def _leads(self, at: int) -> bool:
        """Return whether a number is the year of the post after it, which has a serial of its own."""
        after = self.named[at + 1] if at + 1 < len(self.spans) else None
        here = self.named[at]
        if after is None or self._leading_year(at) is None or (here and not here.between.strip(" #'/-.")):
            return False
        return _YEAR_TO_PLACE.fullmatch(self.text, self.spans[at][1], after.start) is not None

    def _read_named(self, at: int) -> int:
        """Read a cable from its serial on, and return the number to go on with."""
        named = self.named[at]
        assert named is not None
        if self._is_year_of_report(at, named):
            self.post = None
            return at + 1
        year = self._leading_year(at - 1) if at and self._leads(at - 1) else self.default
        between = self._year(at) if self._is_year_before_serial(at) else None
        if between is not None:
            at, year = at + 1, between
        return self._take(at, named.station, year)

    def _is_year_of_report(self, at: int, named: _Named) -> bool:
        """Return whether a number after a post is a year in a title: ``HUMAN RIGHTS REPORT GUATEMALA 2008``."""
        if self._year(at) is None or (at and self._leads(at - 1)):
            return False
        before = self.text[max(self.spans[at - 1][1] if at else 0, named.start - _LONGEST_TITLE) : named.start]
        marks = list(_MARK.finditer(before)) or (list(_SEPARATOR.finditer(before)) if at else [])
        words = _WORD.findall(_IN_BRACKETS.sub(" ", before[marks[-1].end() if marks else 0 :]))
        return any(len(word) > 1 and word not in _BEFORE_A_POST and not is_prefix(word) for word in words)

    def _is_year_before_serial(self, at: int) -> bool:
        """Return whether a number after a post is the year, and its serial follows: ``STATE (01) 201265``."""
        if at + 1 >= len(self.spans) or self.named[at + 1] or self._year(at) is None or self._leads(at + 1):
            return False
        if not _YEAR_TO_SERIAL.fullmatch(self._gap(at + 1)):
            return False
        return len(self._digits(at + 1)) >= 3 and self._is_serial(at + 1)

    def _take(self, at: int, station: str, year: int | None) -> int:
        """Add a cable, with the year that may follow its serial, and return the number to go on with."""
        self.post = None
        if not self._is_serial(at):
            return at + 1
        after = self._year(at + 1) if self._is_year_after(at + 1) else None
        dated, following = self._date_after(at) if after is None else (None, at + 2)
        year = after or dated or year
        self.post, self.year = station, year
        if year is not None:
            self.found.append(f"{year % 100:02d}{station}{self._digits(at).lstrip('0')}")
        return following

    def _date_after(self, at: int) -> tuple[int | None, int]:
        """Return the year of the date behind a serial, None without one, and the number to go on with."""
        end = self.spans[at][1]
        if at + 1 == len(self.spans) or _HINTS_OF_DATE.isdisjoint(self.text[end : self.spans[at + 1][1] + 8]):
            return None, at + 1
        date = _DATED.match(self.text, end)
        if date is None:
            return None, at + 1
        last = next(at for at in range(at + 1, len(self.spans)) if self.spans[at][1] == date.end())
        return self._year(last), last + 1

    def _is_serial(self, at: int) -> bool:
        digits = self._digits(at).lstrip("0")
        end = self.spans[at][1]
        if not 1 <= len(digits) <= 7 or _NOT_A_SERIAL.match(self.text, end):
            return False
        if len(digits) == 4 and self._is_title(at):
            return False
        return len(digits) > 2 or not _DATE.match(self.text, end)

    def _is_title(self, at: int) -> bool:
        """Return whether a number is a year within words, as in ``BERLIN 2008 REPORT``."""
        end = self.spans[at][1]
        after = self.named[at + 1] if at + 1 < len(self.spans) else None
        if self._year(at) is None or (after and not self.text[end : after.start].strip()):
            return False
        return _TITLE.match(self.text, end) is not None

    def _is_year_after(self, at: int) -> bool:
        """Return whether a number is the year of the serial before it: ``5049-01``, ``1234 (08)``, ``7718 99``."""
        if at >= len(self.spans) or self.named[at] or self._year(at) is None or self._leads(at):
            return False
        gap, end = self._gap(at), self.spans[at][1]
        if not _SERIAL_TO_YEAR.fullmatch(gap) or _DATE.match(self.text, end):
            return False
        if "(" in gap or "[" in gap:
            return self.text[end : end + 1] in {")", "]"}
        return _ENDS_BARE_NUMBER.match(self.text, end) is not None

    def _precedes_place(self, at: int) -> bool:
        """Return whether a post without a serial of its own follows the number: ``377 KATHMANDU``."""
        return len(self._digits(at)) >= 3 and self._year(at) is None and self._place_after(at) is not None

    def _place_after(self, at: int) -> str | None:
        """Return the post named right after a number, if no number belongs to it."""
        end = self.spans[at][1]
        following = self.named[at + 1] if at + 1 < len(self.spans) else None
        limit = self.spans[at + 1][0] if at + 1 < len(self.spans) else len(self.text)
        if following and not self._leads(at + 1):
            limit = following.start
        return _place_at_start(self.text[end : min(limit, end + _LONGEST_PLACE)])

    def _read_reversed(self, at: int) -> int:
        station = self._place_after(at)
        assert station is not None
        return self._take(at, station, self.default)

    def _read_bare(self, at: int) -> int:
        """Read a number that may be one more serial of the post before it, and return the number to go on with."""
        post = self.post if self._continues(at) else None
        if post is None:
            self.post = None
            return at + 1
        return self._take(at, post, self.year)

    def _continues(self, at: int) -> bool:
        gap, end = self._gap(at), self.spans[at][1]
        digits = self._digits(at)
        joined = gap.strip(" ") not in {".", "'"} and all(
            len(word) == 1 or word in _JOINING for word in _WORD.findall(gap)
        )
        if not joined or len(digits) < 2 or not _ENDS_BARE_NUMBER.match(self.text, end):
            return False
        return len(digits) > 2 or not (gap.strip() in {"/", "-"} or _DATE_OR_RANGE.match(self.text, end))


def _named(text: str, start: int, end: int) -> _Named | None:
    """Return the post that is named right before a number that starts at ``end``."""
    start = max(start, end - _LONGEST_PLACE)
    core = text[start:end].rstrip(_BEFORE_NUMBER)
    mark = _MARK_BEFORE_NUMBER.search(core, max(0, len(core) - 6)) if core.endswith(")") else None
    if mark:
        core = core[: mark.start()].rstrip()
    core = _without_fillers(core)
    if not core or not core[-1].isalpha():
        return None
    words = list(_WORD.finditer(core, _last_break(core)))[-_MOST_WORDS:]
    named = _station([word[0] for word in words])
    if named is None:
        return None
    station, first = named
    return _Named(station, start + words[first].start(), text[start + len(core) : end])


def _without_fillers(text: str) -> str:
    """Drop CABLE, TELEGRAM NO. and the like from the end of a text."""
    for _ in range(_MOST_FILLERS):
        filler = _FILLER.search(text, max(0, len(text) - _LONGEST_FILLER)) if text[-1:] in "ELMSGOR" else None
        if filler is None:
            break
        text = text[: filler.start()].rstrip(_BEFORE_NUMBER)
    return text


def _last_break(text: str) -> int:
    """Return where the last piece starts that could be a place's name."""
    breaks = [match.end() for match in _NOT_OF_A_PLACE.finditer(text)]
    return breaks[-1] if breaks else 0


def _station(words: list[str]) -> tuple[str, int] | None:
    """Return the station that the last of the words name, the longest name first, and the first of those words."""
    known = referenced_posts()
    for first in range(len(words)):
        station = known.get("".join(words[first:]))
        if station:
            # Only as one word, as it is in ids, is the institute's name kept.
            return ("TAIPEI" if station == "AITTAIPEI" and first < len(words) - 1 else station), first
    last = len(words) - 1
    if last < 0 or (len(words[last]) < 2 and sum(map(len, words)) < _SHORTEST_CUT_OFF):
        return None
    station = known.get(without_prefixes(words[last]))
    if station:
        return station, last
    for first in range(len(words)):
        name = "".join(words[first:])
        station = similar_post(name) if len(name) >= _SHORTEST_MISSPELT and len(words[first]) > 1 else None
        if station and not _LIKE_PLACES.fullmatch(name):
            return _DIFFERING.get(station, station), first
    first = next((at for at, word in enumerate(words) if len(word) > 1 and word not in _JOINING), last)
    name = "".join(words[first:])
    station = None if _LIKE_PLACES.fullmatch(name) else abbreviated_post(name)
    return (_DIFFERING.get(station, station), first) if station else None


def _place_at_start(text: str) -> str | None:
    """Return the post whose name a text starts with, if nothing else is said of it there."""
    known = referenced_posts()
    name, station = "", None
    word = _NEXT_WORD.match(text)
    while word:
        name += word[1]
        if name in known and _ENDS_BARE_NUMBER.match(text, word.end()):
            station = known[name]
        word = _NEXT_WORD.match(text, word.end())
    return station
