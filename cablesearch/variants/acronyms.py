"""The acronyms that the visible paragraphs of an archive define."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine.check.blame import damaged
from cablesearch.engine.search.view import View
from cablesearch.engine.segment.segment import Segment

__all__ = ["FIELD", "LONG_FIELD", "MOST_FORMS", "Acronyms", "Form", "as_written", "parts_of_value"]

FIELD, LONG_FIELD = "acronym", "long_form"
"""The fields of the index: short form, long form and how both are written; and the same by long form."""

_LEAST = 2
"""A long form is defined in at least so many paragraphs, unless none of its short form is."""
_SHARE = 10
"""It is defined in at least a tenth of the paragraphs that define the most frequent long form."""
MOST_FORMS = 5
"""The most long forms of a short form that are used, and the most short forms of a long form."""
_PARTS = {FIELD: 4, LONG_FIELD: 2}
"""The number of the parts of a value of each field."""
_REMEMBERED = 1 << 12
_LONGEST_SHOWN = 80

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

    def __init__(self, view: View) -> None:
        self._view = view
        self._long_forms: dict[str, tuple[Form, ...]] = {}
        self._short_forms: dict[str, tuple[Form, ...]] = {}
        self._begun: dict[str, bool] = {}

    @cached_property
    def is_empty(self) -> bool:
        """Whether no paragraph, visible or not, defines anything: also in an archive without the field."""
        return not any(len(segment.terms(FIELD)) for segment in self._view.segments)

    def long_forms(self, short: str) -> tuple[Form, ...]:
        """Return the long forms for which a short form (its key) stands, the most frequent first.

        A long form counts if at least two paragraphs define it, or if no long form of this short form has two; and if
        it has at least a tenth of the paragraphs of the most frequent one. At most `MOST_FORMS` are returned.
        """
        return _remembered(self._long_forms, short, self._looked_up)

    def _looked_up(self, short: str) -> tuple[Form, ...]:
        docs: dict[str, dict[int, list[NDArray[np.int64]]]] = {}
        written: dict[str, Counter[str]] = {}
        for number, (_, key, _, text), having in self._values(FIELD, short):
            docs.setdefault(key, {}).setdefault(number, []).append(having)
            written.setdefault(key, Counter())[text] += len(having)
        forms = [Form(key, as_written(written[key]), _distinct(docs[key])) for key in docs]
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
        for short in dict.fromkeys(parts[1] for _, parts, _ in self._values(LONG_FIELD, long)):
            counts = [form.paragraphs for form in self.long_forms(short) if form.key == long]
            forms += [Form(short, self._spelt(short, long), count) for count in counts]
        forms.sort(key=lambda form: (-form.paragraphs, form.key))
        return tuple(forms[:MOST_FORMS])

    def _spelt(self, short: str, long: str) -> str:
        """Return a short form as most paragraphs write it that define it by a long form."""
        written: Counter[str] = Counter()
        for _, parts, having in self._values(FIELD, f"{short}\t{long}"):
            written[parts[2]] += len(having)
        return as_written(written)

    def begins(self, start: str) -> bool:
        """Return whether a long form, visible or not, may begin with some letters; quick, to leave others alone."""
        return _remembered(self._begun, start, self._may_begin)

    def _may_begin(self, start: str) -> bool:
        prefix = start.encode("utf-8", "surrogatepass")
        return any(len(segment.terms(LONG_FIELD).span(prefix)) > 0 for segment in self._view.segments)

    def _values(self, field: str, key: str) -> Iterator[tuple[int, list[str], NDArray[np.int64]]]:
        """Yield (segment, parts, documents) of the values under a key that visible paragraphs have."""
        prefix = f"{key}\t".encode("utf-8", "surrogatepass")
        for number, segment in enumerate(self._view.segments):
            terms = segment.terms(field)
            for term in terms.span(prefix):
                docs = segment.having(field, [term])
                docs = docs[self._view.shown[number].members[docs]]
                if len(docs):
                    yield number, parts_of_value(segment, field, term), docs


def parts_of_value(segment: Segment, field: str, term: int) -> list[str]:
    """Return the parts of a value of one of the two fields.

    Raises:
        CorruptIndexError: it has another number of parts.
    """
    text = segment.terms(field).text(term)
    parts = text.split("\t")
    if len(parts) != _PARTS[field]:
        raise damaged(segment, f"a value of {field} has {len(parts)} parts: {text[:_LONGEST_SHOWN]!r}")
    return parts


def as_written(counts: Counter[str]) -> str:
    """Return the most frequent spelling; of equally frequent ones, one with few capitals."""
    return min(counts, key=lambda text: (-counts[text], sum(map(str.isupper, text)), text))


def _distinct(docs: dict[int, list[NDArray[np.int64]]]) -> int:
    """Return how many distinct documents there are, given those by segment; a paragraph may write a form twice."""
    return sum(len(parts[0]) if len(parts) == 1 else len(np.unique(np.concatenate(parts))) for parts in docs.values())


def _remembered(known: dict[str, _Value], key: str, look_up: Callable[[str], _Value]) -> _Value:
    value = known.get(key)
    if value is None:
        if len(known) >= _REMEMBERED:
            known.clear()
        value = known[key] = look_up(key)
    return value
