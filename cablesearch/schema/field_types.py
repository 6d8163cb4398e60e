"""The types of the schema's fields: each reads its values in a query, and raises ValueError with a remedy."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable

from whoosh import query as q
from whoosh.fields import NUMERIC

from cablesearch.cable import Classification, ReferenceId
from cablesearch.engine.fields import Keyword
from cablesearch.engine.search.expand import Tested
from cablesearch.text.analysis import fold
from cablesearch.vocabulary.identifiers import cable_id, post

__all__ = [
    "LONGEST_PATTERN",
    "Date",
    "Exact",
    "Id",
    "LevelField",
    "Number",
    "Origin",
    "from_minutes",
    "id_forms",
    "parse_period",
    "to_minutes",
    "upper",
]


LONGEST_PATTERN = 100
"""How many characters a pattern, or the name of a post in a query, has at most."""


def upper(text: str) -> str:
    return " ".join(text.upper().split())


class _Value:
    """Base of fields that read their part of a query themselves."""

    def self_parsing(self) -> bool:
        return True


def id_forms(text: str) -> list[str]:
    """The forms in which the id of a cable is stored: as written, in capitals, and canonical if it has the shape of an
    id (damaged ones are mended when they are read, not when they are asked for)."""
    written = upper(text)
    return list(dict.fromkeys([written, cable_id(written) if ReferenceId.parse(written) else written]))


class Exact(_Value, Keyword):
    """Exact strings; ``normalise`` gives a query's value its stored form."""

    def __init__(self, normalise: Callable[[str], str], *, of_block: bool = False, shared: bool = False) -> None:
        super().__init__(of_block=of_block, shared=shared)
        self.normalise = normalise

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> q.Query:
        value = self.normalise(qstring)
        if not value:
            raise ValueError("a value is missing")
        if ("?" in value or "*" in value) and len(value) > LONGEST_PATTERN:
            raise ValueError(f"a pattern has at most {LONGEST_PATTERN} letters")
        if "?" in value or "*" in value[:-1]:
            return q.Wildcard(fieldname, value, boost=boost)
        if value.endswith("*"):
            return q.Prefix(fieldname, value[:-1], boost=boost)
        return q.Term(fieldname, value, boost=boost)


class Id(Exact):
    """Ids of cables, by the form as written or the canonical one."""

    def __init__(self, *, of_block: bool = False, shared: bool = False) -> None:
        super().__init__(upper, of_block=of_block, shared=shared)

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> q.Query:
        written = super().parse_query(fieldname, qstring, boost)
        forms = id_forms(qstring)
        if not isinstance(written, q.Term) or len(forms) == 1:
            return written
        return q.DisjunctionMax([q.Term(fieldname, form, boost=boost) for form in forms])


def _letters(text: str) -> str:
    """What is compared of a post's name."""
    return "".join(char for char in fold(text) if char.isalnum() or char in "*?")


_MOST_STARS = 3


class Origin(_Value, Keyword):
    """Posts by any words of their name, with or without blanks, or an abbreviation in use: beijing, telaviv, "hong
    kong", hcmc."""

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> q.Query:
        letters = re.sub(r"\*+", "*", _letters(qstring))
        if not any(map(str.isalnum, letters)):
            raise ValueError("expected the name of a post, such as origin:beijing")
        if len(letters) > LONGEST_PATTERN:
            raise ValueError(f"the name of a post has at most {LONGEST_PATTERN} letters")
        if letters.count("*") > _MOST_STARS:
            # Each more would multiply the ways in which the letters of a name can be shared out.
            raise ValueError(f"the name of a post may have at most {_MOST_STARS} stars")
        names = dict.fromkeys([letters, _letters(post(qstring)) or letters])
        return q.DisjunctionMax([Tested(fieldname, name, _Named(name).test, boost) for name in names])


class _Named:
    """Tests whether words of a post's name are those of a query, blanks or not.

    ``*`` is letters up to the end of a word, ``?`` one letter. What of the query may be matched so far is kept as bits,
    and each letter of a name changes them all at once, so a name is read once, however long it is: bit 2i says that i
    letters of the query have been found, bit 2i + 1 that the one behind them is a star that goes on.
    """

    def __init__(self, letters: str) -> None:
        self._longest = max(re.split(r"[*?]", letters), key=len)
        self._star = sum(1 << 2 * number for number, letter in enumerate(letters) if letter == "*")
        any_letter = sum(1 << 2 * number for number, letter in enumerate(letters) if letter == "?")
        self._rows = {
            letter: any_letter | sum(1 << 2 * number for number, one in enumerate(letters) if one == letter)
            for letter in set(letters) - {"*", "?"}
        }
        self._any_letter = any_letter
        self._end = 1 << 2 * len(letters)
        # Between two letters of the query anything may stand that is none.
        self._between = sum(1 << 2 * number for number in range(1, len(letters)))

    def _with_stars(self, states: int) -> int:
        """A star may also stand for nothing."""
        states |= (states & self._star) << 1
        return states | (states & self._star << 1) << 1

    def test(self, name: str) -> bool:
        """Whether they are."""
        name = fold(name)
        if self._longest not in _NO_WORD.sub("", name):
            return False
        begun = states = self._with_stars(1)
        for letter in name:
            if letter.isalnum() or letter == "_":
                states = self._with_stars(
                    (states & self._rows.get(letter, self._any_letter)) << 2 | states & self._star << 1
                )
            elif states & self._end:
                return True
            else:
                states = self._with_stars(states & self._between) | begun
        return bool(states & self._end)


_NO_WORD = re.compile(r"\W+")


class Number(_Value, NUMERIC):
    """Whole numbers; also the base of what is stored as one. ``period`` reads a value as a first and last number."""

    def __init__(self) -> None:
        super().__init__(int, bits=64, signed=True)

    def period(self, text: str) -> tuple[int, int]:
        if not re.fullmatch(r"[0-9]{1,9}", text.strip()):
            raise ValueError("expected a whole number, such as number:4 or number:2..5")
        return int(text), int(text)

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> q.Query:
        start, end, after, before = self._bounds(" ".join(qstring.split()))
        return q.NumericRange(fieldname, start, end, startexcl=after, endexcl=before, boost=boost)

    def _bounds(self, text: str) -> tuple[int | None, int | None, bool, bool]:
        if found := re.fullmatch(r"(<=|>=|=<|=>|<|>|=)(.*)", text):
            first, last = self.period(found[2])
            if "<" in found[1]:
                return None, last if "=" in found[1] else first, False, "=" not in found[1]
            if ">" in found[1]:
                return first if "=" in found[1] else last, None, "=" not in found[1], False
            return first, last, False, False
        if found := re.fullmatch(r"([\[{])(.*?)\bto\b(.*)([\]}])", text, re.IGNORECASE):
            return self._ordered(text, found[2], found[3], found[1] == "{", found[4] == "}")
        if ".." in text:
            start, _, end = text.partition("..")
            return self._ordered(text, start, end, False, False)
        first, last = self.period(text)
        return first, last, False, False

    def _ordered(
        self, text: str, start: str, end: str, after: bool, before: bool
    ) -> tuple[int | None, int | None, bool, bool]:
        first = self.period(start.strip()) if start.strip() else None
        last = self.period(end.strip()) if end.strip() else None
        if not first and not last:
            raise ValueError("a range needs at least one end")
        if first and last and first[0] > last[1]:
            raise ValueError(f"the range {text} ends before it begins")
        return (
            first[after] if first else None,
            last[not before] if last else None,
            after,
            before,
        )


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


_MINUTE = dt.timedelta(minutes=1)


_PERIOD = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2})(?:[T ]([0-9]{1,2}):([0-9]{2})Z?)?)?)?", re.IGNORECASE)


def to_minutes(moment: dt.datetime) -> int:
    """Minutes since 1970 began, UTC."""
    return (moment - _EPOCH) // _MINUTE


def from_minutes(minutes: int) -> dt.datetime:
    """The inverse of `to_minutes`: aware, UTC."""
    return _EPOCH + minutes * _MINUTE


def parse_period(text: str) -> tuple[int, int]:
    """The first and last minute (since 1970) of ``2009``, ``2009-11``, ``2009-11-20`` or ``2009-11-20T14:05``.

    Raises:
        ValueError: it is none of these, or no day of the calendar.
    """
    found = _PERIOD.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text.strip()!r} is not a date; write 2009, 2009-11 or 2009-11-20")
    year, month, day, hour, minute = (int(part) if part else None for part in found.groups())
    try:
        start = dt.datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, tzinfo=dt.timezone.utc)
    except ValueError:
        raise ValueError(f"there is no {text.strip()} in the calendar; write 2009, 2009-11 or 2009-11-20") from None
    first = to_minutes(start)
    if hour is not None:
        return first, first
    if day is not None:
        return first, first + 24 * 60 - 1
    if month is not None:
        days = calendar.monthrange(start.year, start.month)[1]
        return first, first + days * 24 * 60 - 1
    return first, first + (366 if calendar.isleap(start.year) else 365) * 24 * 60 - 1


class Date(Number):
    """Moments, as minutes since 1970; a query's value is a period."""

    shared = True
    orders_blocks = True

    def period(self, text: str) -> tuple[int, int]:
        return parse_period(text)


class LevelField(Number):
    """Levels of classification, by name; a value with controls (SECRET//NOFORN) asks for just that."""

    def period(self, text: str) -> tuple[int, int]:
        found = Classification.parse(text.replace("_", " "))
        if not found:
            levels = ", ".join(["UNCLASSIFIED", "SBU", "CONFIDENTIAL", "SECRET", '"TOP SECRET"'])
            raise ValueError(f"{text.strip()!r} is not a level; the levels are {levels}")
        if found.controls:
            raise ValueError("levels are compared without their controls; write class:SECRET control:NOFORN")
        return int(found.level), int(found.level)

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> q.Query:
        found = None if qstring.lstrip().startswith(("<", ">")) else Classification.parse(qstring)
        if not found or not found.controls:
            return super().parse_query(fieldname, qstring, boost)
        level = q.NumericRange(fieldname, int(found.level), int(found.level), boost=boost)
        return q.And([level, *(q.Term("control", control, boost=boost) for control in found.controls)])
