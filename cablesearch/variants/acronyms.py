"""The acronyms that the visible paragraphs of an archive define."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cached_property, partial
from typing import NamedTuple, TypeVar

from cablesearch.protocols.reader import Reader

__all__ = [
    "FIELD",
    "LONG",
    "LONG_FIELD",
    "MOST_FORMS",
    "SHORT",
    "Acronyms",
    "Form",
    "as_written",
    "parts_of_value",
    "spellings",
]

FIELD, LONG_FIELD = "acronym", "long_form"
"""The fields of the index: short form, long form and how both are written; and the same by long form."""

_LEAST = 2
"""A long form is defined in at least so many paragraphs, unless none of its short form is."""
_SHARE = 10
"""It is defined in at least a tenth of the paragraphs that define the most frequent long form."""
MOST_FORMS = 5
"""The most long forms of a short form that are used, and the most short forms of a long form."""
SHORT, LONG = 2, 3
"""The parts of a value of `FIELD` that have the forms as they are written."""
_PARTS = {FIELD: 4, LONG_FIELD: 2}
"""The number of the parts of a value of each field."""
_REMEMBERED = 1 << 12

_Value = TypeVar("_Value")


class Form(NamedTuple):
    """A long form of an acronym, or a short form of words.

    Attributes:
        key: the form as it is compared (see `long_key` and `short_key`).
        text: the form as most paragraphs write it.
        paragraphs: how many visible paragraphs define it.
    """

    key: str
    text: str
    paragraphs: int


class Acronyms:
    """What the visible paragraphs define. Look-ups take the time of a search in a sorted dictionary, and that of the
    definitions of one acronym; nothing reads all of them."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._long_forms: dict[str, tuple[Form, ...]] = {}
        self._short_forms: dict[str, tuple[Form, ...]] = {}
        self._begun: dict[str, bool] = {}

    @cached_property
    def is_empty(self) -> bool:
        """Whether no paragraph, visible or not, defines anything: also in an archive without the field."""
        return not self._reader.may_begin(FIELD, "")

    def long_forms(self, short: str) -> tuple[Form, ...]:
        """Return the long forms for which a short form (its key) stands, the most frequent first.

        A long form counts if at least two paragraphs define it, or if no long form of this short form has two; and if
        it has at least a tenth of the paragraphs of the most frequent one. At most `MOST_FORMS` are returned.
        """
        return _remembered(self._long_forms, short, self._looked_up)

    def _looked_up(self, short: str) -> tuple[Form, ...]:
        definitions = self._reader.begun(FIELD, f"{short}\t", _second(FIELD))
        forms = [Form(key, as_written(spellings(own.values, LONG)), own.paragraphs) for key, own in definitions.items()]
        forms.sort(key=lambda form: (-form.paragraphs, form.key))
        most = forms[0].paragraphs if forms else 0
        least = max(min(_LEAST, most), most / _SHARE)
        return tuple(form for form in forms[:MOST_FORMS] if form.paragraphs >= least)

    def short_forms(self, long: str) -> tuple[Form, ...]:
        """Return the short forms that stand for a long form (its key), the most frequent first.

        The long form counts for the short form, as `long_forms` has it: the two find each other, or neither does.
        """
        return _remembered(self._short_forms, long, self._abbreviated)

    def _abbreviated(self, long: str) -> tuple[Form, ...]:
        if not self.begins(long):
            return ()
        forms = []
        for short in self._reader.begun(LONG_FIELD, f"{long}\t", _second(LONG_FIELD)):
            counts = [form.paragraphs for form in self.long_forms(short) if form.key == long]
            forms += [Form(short, self._spelt(short, long), count) for count in counts]
        forms.sort(key=lambda form: (-form.paragraphs, form.key))
        return tuple(forms[:MOST_FORMS])

    def _spelt(self, short: str, long: str) -> str:
        """Return a short form as most paragraphs write it that define it by a long form."""
        definitions = self._reader.begun(FIELD, f"{short}\t{long}\t", _second(FIELD))
        return as_written(spellings(definitions[long].values, SHORT))

    def begins(self, start: str) -> bool:
        """Return whether a long form, visible or not, may begin with some letters; quick, to leave others alone."""
        return _remembered(self._begun, start, partial(self._reader.may_begin, LONG_FIELD))


def parts_of_value(field: str, value: str) -> list[str]:
    """Return the parts of a value of one of the two fields.

    Raises:
        ValueError: it has another number of parts.
    """
    parts = value.split("\t")
    if len(parts) != _PARTS[field]:
        raise ValueError(f"has {len(parts)} parts")
    return parts


def _second(field: str) -> Callable[[str], str]:
    """Return a function that returns the second part of a value of a field, which stands for its other form."""
    return lambda value: parts_of_value(field, value)[1]


def spellings(values: Counter[str], part: int) -> Counter[str]:
    """Return how values of `FIELD`, given with their numbers of paragraphs, write one of the forms: `SHORT` or
    `LONG`."""
    counts: Counter[str] = Counter()
    for value, paragraphs in values.items():
        counts[parts_of_value(FIELD, value)[part]] += paragraphs
    return counts


def as_written(counts: Counter[str]) -> str:
    """Return the most frequent spelling; of equally frequent ones, one with few capitals."""
    return min(counts, key=lambda text: (-counts[text], sum(map(str.isupper, text)), text))


def _remembered(known: dict[str, _Value], key: str, look_up: Callable[[str], _Value]) -> _Value:
    value = known.get(key)
    if value is None:
        if len(known) >= _REMEMBERED:
            known.clear()
        value = known[key] = look_up(key)
    return value
