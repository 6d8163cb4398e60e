"""The types of the schema's fields. Each reads its own values in a query; its ValueErrors say what to write."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable

from whoosh import query as q
from whoosh.fields import NUMERIC

from cablesearch.cable import Classification, ReferenceId
from cablesearch.classification.levels import USUAL_NAMES
from cablesearch.protocols.fields import Keyword
from cablesearch.protocols.queries import InDocument, Tested
from cablesearch.text.analysis import fold, joined_as_written
from cablesearch.text.caching import compiled_lazily

__all__ = [
    "LONGEST_PATTERN",
    "PRECEDENCES",
    "Cased",
    "Country",
    "Date",
    "Day",
    "Exact",
    "Id",
    "LevelField",
    "Number",
    "Origin",
    "Part",
    "Precedence",
    "from_minutes",
    "id_forms",
    "parse_period",
    "to_minutes",
    "upper",
]


LONGEST_PATTERN = 100
"""The most characters of a pattern, or of a post's name in a query."""


def upper(text: str) -> str:
    """Return text in capitals, with white space collapsed: ``upper(" clinton,  hillary") == "CLINTON, HILLARY"``."""
    return " ".join(text.upper().split())


_BETWEEN_PARTS = re.compile(r"[\s.-]+")
_CENTURY = re.compile(r"^(?:19|20)(?=[0-9]{2}[A-Z])")


class _Value:
    """Base of fields that parse their own values in a query."""

    def self_parsing(self) -> bool:
        return True


def id_forms(text: str) -> list[str]:
    """Return the forms under which a cable's id may be stored: in capitals, and canonical if it is a valid id.

    A valid id may be written as in the references of cables: ``09 HONG KONG 12``, ``2009 STATE 1234``. Nothing is
    mended here: a query for a damaged id must not find another cable.
    """
    written = upper(text)
    compact = _CENTURY.sub("", _BETWEEN_PARTS.sub("", written))
    if not ReferenceId.parse(compact):
        return [written]
    # Few queries need the names of posts.
    from cablesearch.vocabulary.identifiers import canonical_id

    return list(dict.fromkeys([written, canonical_id(compact)]))


class Exact(_Value, Keyword):
    """A field of exact strings; ``normalise`` returns the stored form of a query's value."""

    def __init__(self, normalise: Callable[[str], str], *, of_block: bool = False, shared: bool = False) -> None:
        super().__init__(of_block=of_block, shared=shared)
        self.normalise = normalise

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> q.Query:
        value = self.normalise(qstring)
        if not value:
            raise ValueError("a value is missing")
        if ("?" in value or "*" in value) and len(value) > LONGEST_PATTERN:
            raise ValueError(f"a pattern can have at most {LONGEST_PATTERN} letters")
        if "?" in value or "*" in value[:-1]:
            return q.Wildcard(fieldname, value, boost=boost)
        if value.endswith("*"):
            return q.Prefix(fieldname, value[:-1], boost=boost)
        return q.Term(fieldname, value, boost=boost)


class Id(Exact):
    """A field of cable ids, which are matched as written or in their canonical form."""

    def __init__(self, *, of_block: bool = False, shared: bool = False) -> None:
        super().__init__(upper, of_block=of_block, shared=shared)

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> q.Query:
        written = super().parse_query(fieldname, qstring, boost)
        if not isinstance(written, q.Term):
            compact = _BETWEEN_PARTS.sub("", qstring)
            if " " not in upper(qstring) or not compact.strip("*?"):
                return written
            # No canonical id has a blank; one as it is written may.
            return q.DisjunctionMax([written, super().parse_query(fieldname, _CENTURY.sub("", upper(compact)), boost)])
        forms = id_forms(qstring)
        if len(forms) == 1:
            return written
        return q.DisjunctionMax([q.Term(fieldname, form, boost=boost) for form in forms])


def _letters(text: str) -> str:
    """Return the letters, digits and wildcards of a post's name, which are all that is compared."""
    return "".join(char for char in fold(text) if char.isalnum() or char in "*?")


_MOST_STARS = 3


class Origin(_Value, Keyword):
    """A field of posts. A query gives any words of the name, with or without blanks, or a common abbreviation:
    beijing, telaviv, "hong kong", hcmc."""

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> q.Query:
        letters = re.sub(r"\*+", "*", _letters(qstring))
        if not any(map(str.isalnum, letters)):
            raise ValueError("expected the name of a post, such as origin:beijing")
        if len(letters) > LONGEST_PATTERN:
            raise ValueError(f"the name of a post can have at most {LONGEST_PATTERN} letters")
        if letters.count("*") > _MOST_STARS:
            raise ValueError(f"the name of a post can have at most {_MOST_STARS} stars")
        from cablesearch.vocabulary.identifiers import known_post

        names = dict.fromkeys([letters, _letters(known_post(qstring)) or letters])
        return q.DisjunctionMax([Tested(fieldname, name, _Named(name).test, boost) for name in names])


class _Named:
    """Tests whether consecutive words of a post's name match a query, with or without blanks between them.

    ``*`` matches letters up to the end of a word, ``?`` one letter. The test is a bit-parallel automaton (Baeza-Yates
    and Gonnet's shift-and): each letter of a name updates all states at once, so a name is read once. Bit 2i is set
    if i letters of the query have matched, bit 2i + 1 if the star after them is still open.
    """

    def __init__(self, letters: str) -> None:
        self._longest = max(re.split(r"[*?]", letters), key=len)
        self._star = sum(1 << 2 * number for number, letter in enumerate(letters) if letter == "*")
        any_letter = sum(1 << 2 * number for number, letter in enumerate(letters) if letter == "?")
        self._rows = {
            letter: any_letter | sum(1 << 2 * number for number, char in enumerate(letters) if char == letter)
            for letter in set(letters) - {"*", "?"}
        }
        self._any_letter = any_letter
        self._end = 1 << 2 * len(letters)
        # Between two letters of the query there may be blanks and punctuation.
        self._between = sum(1 << 2 * number for number in range(1, len(letters)))

    def _with_stars(self, states: int) -> int:
        """Return the states with those that an empty star leads to."""
        states |= (states & self._star) << 1
        return states | (states & self._star << 1) << 1

    def test(self, name: str) -> bool:
        """Return whether the name matches."""
        name = fold(name)
        if self._longest not in _NO_WORD().sub("", name):
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


_NO_WORD = compiled_lazily(r"\W+")


class Country(_Value, Keyword):
    """A field of countries. A query gives a name, another one in use (myanmar), the code of a tag (BM) or a pattern."""

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> q.Query:
        written = " ".join(qstring.split())
        if not any(char.isalnum() or char in "*?" for char in written):
            raise ValueError("expected a country")
        if "*" not in written and "?" not in written:
            from cablesearch.vocabulary.countries import country_named

            return q.Term(fieldname, country_named(written) or written, boost=boost)
        if len(written) > LONGEST_PATTERN:
            raise ValueError(f"a pattern can have at most {LONGEST_PATTERN} letters")
        from cablesearch.algorithms.wildcards import wildcard_test

        fits = wildcard_test(fold(written))
        return Tested(fieldname, fold(written), lambda name: fits(fold(name)), boost)


class Cased(_Value, Keyword):
    """A field of the spellings of words (see `cablesearch.text.cased`). A query gives a word as it is written, or a
    pattern with a capital letter. ``words`` is the field of these words, folded."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> q.Query:
        from cablesearch.text import cased

        form = joined_as_written(qstring)
        if form is None:
            raise ValueError("expected one word as it is written; for several, write case:World case:Bank")
        word = form.lower()
        capitals = q.Term(fieldname, cased.CAPITALS, boost=0.0)
        if "*" in form or "?" in form:
            spelt = self._pattern(fieldname, form)
            fitting = q.Wildcard(self.words, word, boost=boost)
            return InDocument(_under(fitting, q.Or([spelt, capitals]) if form == word.upper() else spelt))
        matching = q.Term(self.words, word, boost=boost)
        if word == word.upper():
            # It has no letters with capitals.
            return matching
        code = cased.coded(form)
        if code is None:
            has_small = q.Term(fieldname, cased.prefix_of(word))
            only_capitals = q.AndNot(q.Prefix(fieldname, cased.prefix_of(word)), has_small)
            return InDocument(q.And([matching, q.Not(q.Or([only_capitals, capitals]))]))
        spelt = q.Term(fieldname, cased.prefix_of(word) + code, boost=0.0)
        return InDocument(_under(matching, q.Or([spelt, capitals]) if form == word.upper() else spelt))

    @staticmethod
    def _pattern(fieldname: str, form: str) -> q.Query:
        from cablesearch.algorithms.wildcards import wildcard_test
        from cablesearch.text import cased

        if len(form) > LONGEST_PATTERN:
            raise ValueError(f"a pattern can have at most {LONGEST_PATTERN} letters")
        if form == form.lower():
            raise ValueError("a pattern of case needs a capital letter; for small letters, use exact:")
        fits = wildcard_test(form)
        return Tested(
            fieldname, form, lambda value: fits(cased.form_of(value)), 0.0, pattern=cased.prefix_of(form.lower()) + "*"
        )


def _under(matching: q.Query, condition: q.Query) -> q.Query:
    """Return a query under a condition that does not affect the score."""
    return q.And([matching, q.ConstantScoreQuery(condition, 0.0)])


class Part(_Value, Keyword):
    """A field of kinds of part of a cable. A query gives the name of one, in any spelling: "action request"."""

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> q.Query:
        from cablesearch.vocabulary.parts import kind_named

        value = kind_named(qstring) or "".join(filter(_is_of_value, fold(qstring)))
        if not any(map(str.isalnum, value)):
            raise ValueError("a value is missing")
        if len(value) > LONGEST_PATTERN:
            raise ValueError(f"a value can have at most {LONGEST_PATTERN} letters")
        return (
            q.Wildcard(fieldname, value, boost=boost)
            if "*" in value or "?" in value
            else q.Term(fieldname, value, boost=boost)
        )


def _is_of_value(char: str) -> bool:
    return char.isalnum() or char in "*?"


PRECEDENCES = {
    **dict.fromkeys(("Z", "ZZ"), "FLASH"),
    **dict.fromkeys(("O", "OO"), "IMMEDIATE"),
    **dict.fromkeys(("P", "PP"), "PRIORITY"),
    **dict.fromkeys(("R", "RR"), "ROUTINE"),
    "NIACT": "NIACT",
}
"""The words of precedences by the letters that stand for them in headers."""


class Precedence(Exact):
    """A field of the words of precedences. A query gives one (IMMEDIATE), its letter (O), or NIACT IMMEDIATE."""

    def __init__(self) -> None:
        super().__init__(upper, of_block=True)

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> q.Query:
        words = [PRECEDENCES.get(word, word) for word in upper(qstring).split()] or [""]
        # The words together score like one value.
        boosts = [boost, *(0.0 for _ in words[1:])]
        parse = super().parse_query
        parts = [parse(fieldname, word, score) for word, score in zip(words, boosts, strict=True)]
        return parts[0] if len(parts) == 1 else q.And(parts)


_MOST_DIGITS = 9
"""The most digits of a number in a query."""


class Number(_Value, NUMERIC):
    """A field of whole numbers, and the base of fields stored as such.

    A query gives a number, a comparison or a range: ``4``, ``>=4``, ``2..5``, ``{2 to 5]``.
    """

    def __init__(self) -> None:
        super().__init__(int, bits=64, signed=True)

    def period(self, text: str) -> tuple[int, int]:
        """Return the first and last number that a value stands for.

        Raises:
            ValueError: the value is invalid.
        """
        text = text.strip()
        if not re.fullmatch("[0-9]+", text):
            raise ValueError(f"{text!r} is not a whole number")
        if len(text) > _MOST_DIGITS:
            raise ValueError(f"{text} has more than {_MOST_DIGITS} digits")
        return int(text), int(text)

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> q.Query:
        start, end, after, before = self._bounds(" ".join(qstring.split()))
        return q.NumericRange(fieldname, start, end, startexcl=after, endexcl=before, boost=boost)

    def _bounds(self, text: str) -> tuple[int | None, int | None, bool, bool]:
        """Return (first, last, whether the first is excluded, whether the last is excluded) of a value."""
        if match := re.fullmatch(r"(<=|>=|=<|=>|<|>|=)\s*(.*)", text):
            if not match[2]:
                raise ValueError(
                    f"{match[1]} has no value right after it; a value with blanks is put in quotes with it"
                )
            first, last = self.period(match[2])
            if "<" in match[1]:
                return None, last if "=" in match[1] else first, False, "=" not in match[1]
            if ">" in match[1]:
                return first if "=" in match[1] else last, None, "=" not in match[1], False
            return first, last, False, False
        if match := re.fullmatch(r"([\[{])(.*?)\bto\b(.*)([\]}])", text, re.IGNORECASE):
            return self._ordered(text, match[2], match[3], match[1] == "{", match[4] == "}")
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
_MINUTES_A_DAY = 24 * 60


_PERIOD = compiled_lazily(
    r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2})(?:[T ]([0-9]{1,2}):([0-9]{2})Z?)?)?)?", re.IGNORECASE
)


def to_minutes(moment: dt.datetime) -> int:
    """Return an aware datetime as minutes since 1970-01-01T00:00Z, rounded down."""
    return (moment - _EPOCH) // _MINUTE


def from_minutes(minutes: int) -> dt.datetime:
    """Return the datetime, in UTC, of minutes since 1970-01-01T00:00Z."""
    return _EPOCH + minutes * _MINUTE


def parse_period(text: str) -> tuple[int, int]:
    """Return the first and last minute (since 1970) of a year, month, day or minute.

    Args:
        text: ``2009``, ``2009-11``, ``2009-11-20`` or ``2009-11-20T14:05``.

    Raises:
        ValueError: the text has another form, or the date does not exist.
    """
    match = _PERIOD().fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text.strip()!r} is not a date; write 2009, 2009-11 or 2009-11-20")
    year, month, day, hour, minute = (int(part) if part else None for part in match.groups())
    try:
        start = dt.datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, tzinfo=dt.timezone.utc)
    except ValueError:
        raise ValueError(f"{text.strip()} is not in the calendar; write 2009, 2009-11 or 2009-11-20") from None
    first = to_minutes(start)
    if hour is not None:
        return first, first
    if day is not None:
        return first, first + 24 * 60 - 1
    if month is not None:
        days = calendar.monthrange(start.year, start.month)[1]
        return first, first + days * 24 * 60 - 1
    return first, first + (366 if calendar.isleap(start.year) else 365) * 24 * 60 - 1


class Day(Number):
    """A field of days that belong to the cable as a whole, stored as days since 1970. A query gives a year, month or
    day, or a range."""

    of_block = True

    def period(self, text: str) -> tuple[int, int]:
        first, last = parse_period(text)
        return first // _MINUTES_A_DAY, last // _MINUTES_A_DAY


class Date(Number):
    """A field of moments, stored as minutes since 1970. A query gives a year, month, day or minute, or a range."""

    shared = True
    orders_blocks = True

    def period(self, text: str) -> tuple[int, int]:
        return parse_period(text)


_COMPARED = re.compile(r"\s*[<>=\[{]")


_BETWEEN_LEVELS = re.compile(r"\s*(?:[,;|-]|\b(?:to|and|or)\b)\s*", re.IGNORECASE)


def _check_one_level(text: str) -> None:
    levels = [part for part in _BETWEEN_LEVELS.split(text) if Classification.parse(part)]
    if len(levels) > 1:
        first, last = levels[0], levels[-1]
        raise ValueError(f"a value of class is one level; write class:({first} OR {last}) or class:{first}..{last}")


class LevelField(Number):
    """A field of classification levels. A query gives a level or a range of levels, or a single level with controls
    (SECRET//NOFORN), all of which must match."""

    def period(self, text: str) -> tuple[int, int]:
        classification = Classification.parse(text.replace("_", " "))
        _check_one_level(text)
        if not classification:
            levels = ", ".join(f'"{name}"' if " " in name else name for name in USUAL_NAMES)
            raise ValueError(f"{text.strip()!r} is not a level; the levels are {levels}")
        if classification.controls:
            raise ValueError("a range of levels cannot have controls; write class:>=SECRET control:NOFORN")
        return int(classification.level), int(classification.level)

    def parse_query(self, fieldname: str, qstring: str, boost: float = 1.0) -> q.Query:
        is_compared = _COMPARED.match(qstring) or ".." in qstring
        parsed = None if is_compared else Classification.parse(qstring)
        if not parsed or not parsed.controls:
            return super().parse_query(fieldname, qstring, boost)
        _check_one_level(qstring)
        level = q.NumericRange(fieldname, int(parsed.level), int(parsed.level), boost=boost)
        return q.And([level, *(q.Term("control", control, boost=boost) for control in parsed.controls)])
