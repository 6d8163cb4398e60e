"""Expand queries: find the words and phrases for which the acronyms of the archive, or synonyms, have others.

An acronym must be written in capitals (``TIP``), as *who*, *us* and *it* are words. Words in quotes expand only as a
phrase of several words that equals a long form.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cablesearch.errors import QueryError
from cablesearch.query.expansions import Alternative, Group, Written, runs
from cablesearch.text.acronyms import is_short_form, long_key, short_key, singular
from cablesearch.text.analysis import stem

if TYPE_CHECKING:
    from cablesearch.variants.acronyms import Acronyms
    from cablesearch.variants.synonyms import Synonyms

__all__ = ["Expanded", "Expansion", "Variant", "expand"]

_MOST_ACRONYMS = 20
"""The most different acronyms and long forms of a query that are expanded."""
_MOST_WORDS = 1_000
"""The most words that the synonyms of a query may have together: as many as the query itself may."""
_LONGEST_RUN = 20
"""The most words of a query that are looked up together."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Another way to write a part of a query.

    Attributes:
        text: the words.
        source: why they are looked for too: an ``acronym`` of the archive, or a ``synonym`` of a file.
        paragraphs: for an acronym, how many visible paragraphs define it; else None.
    """

    text: str
    source: Literal["acronym", "synonym"]
    paragraphs: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the variant as the command line writes it in JSON."""
        return {"text": self.text, "source": self.source, "paragraphs": self.paragraphs}


@dataclass(frozen=True, slots=True)
class Expansion:
    """A part of a query, as it is written there, and the variants that were looked for too."""

    written: str
    variants: tuple[Variant, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the expansion as the command line writes it in JSON."""
        return {"written": self.written, "variants": [variant.to_json() for variant in self.variants]}


class Expanded(NamedTuple):
    """The groups of a query for `cablesearch.query.parse`, and what they mean to people, each once."""

    groups: tuple[Group, ...]
    expansions: tuple[Expansion, ...]


def expand(text: str, acronyms: Acronyms | None, synonyms: Synonyms | None, *, any_word: bool) -> Expanded:
    """Return what is expanded of a query. It takes a look-up for each word.

    Args:
        text: the query.
        acronyms: the acronyms of the archive; None: they are not used.
        synonyms: the reader's synonyms, if any.
        any_word: whether any of the words of the query may match.

    Raises:
        QueryError: its synonyms have too many words.
    """
    return _Expanding(acronyms, synonyms).run(text, any_word)


class _Expanding:
    """Looks up the words of a query."""

    def __init__(self, acronyms: Acronyms | None, synonyms: Synonyms | None) -> None:
        self._acronyms = acronyms
        self._synonyms = synonyms

    def run(self, text: str, any_word: bool) -> Expanded:
        groups: list[Group] = []
        known: dict[str, list[Variant]] = {}
        acronyms = words = 0
        for run in runs(text, any_word=any_word):
            for parts, variants in self._parts(run):
                written = " ".join(part.text for part in parts)
                if written not in known:
                    if any(variant.source == "acronym" for variant in variants):
                        acronyms += 1
                    is_full = acronyms > _MOST_ACRONYMS
                    known[written] = [variant for variant in variants if not (is_full and variant.source == "acronym")]
                words += sum(len(variant.text.split()) for variant in known[written] if variant.source == "synonym")
                if words > _MOST_WORDS:
                    reason = f"the synonyms of the query have more than {_MOST_WORDS:,} words"
                    raise QueryError(text, parts[0].start, reason, "Shorten the query, or use fewer synonyms.")
                alternatives = tuple(_alternatives(written, known[written]))
                if alternatives:
                    groups.append(Group(parts[0].start, parts[-1].end, alternatives))
        expansions = (Expansion(written, tuple(variants)) for written, variants in known.items() if variants)
        return Expanded(tuple(groups), tuple(expansions))

    def _parts(self, run: Sequence[Written]) -> Iterator[tuple[Sequence[Written], list[Variant]]]:
        """Yield the parts of a run that have variants, from left to right, the longest of those that overlap."""
        start = 0
        while start < len(run):
            count, variants = self._longest(run, start)
            if variants:
                yield run[start : start + count], variants
            start += count

    def _longest(self, run: Sequence[Written], start: int) -> tuple[int, list[Variant]]:
        """Return the number of words of the longest part from ``start`` on that has variants, and these; 1 if none."""
        keys = [long_key(run[start].text, stem)]
        for written in run[start + 1 : start + _LONGEST_RUN]:
            if not self._begins(keys[-1]):
                break
            keys.append(keys[-1] + long_key(written.text, stem))
        for count in range(len(keys), 0, -1):
            if variants := self._variants(run[start : start + count], keys[count - 1]):
                return count, variants
        return 1, []

    def _begins(self, key: str) -> bool:
        return (self._acronyms is not None and self._acronyms.begins(key)) or (
            self._synonyms is not None and self._synonyms.begins(key)
        )

    def _variants(self, parts: Sequence[Written], key: str) -> list[Variant]:
        """Return the variants of a part of a query.

        Args:
            parts: its words, or one phrase.
            key: their `long_key`.
        """
        variants: list[Variant] = []
        is_several = len(parts) > 1 or len(parts[0].text.split()) > 1 or "-" in parts[0].text
        if self._acronyms and is_several:
            variants = [Variant(form.text, "acronym", form.paragraphs) for form in self._acronyms.short_forms(key)]
        elif self._acronyms and not parts[0].is_phrase and is_short_form(parts[0].text):
            short = short_key(singular(parts[0].text))
            forms = self._acronyms.long_forms(short) if short else ()
            variants = [Variant(form.text, "acronym", form.paragraphs) for form in forms]
        if self._synonyms and (is_several or not parts[0].is_phrase):
            variants += [Variant(text, "synonym") for text in self._synonyms.others(key)]
        return variants


def _alternatives(written: str, variants: Sequence[Variant]) -> Iterator[Alternative]:
    """Yield what is looked for beside what is written. An acronym is a word of its own, and so is its plural."""
    for variant in variants:
        if variant.source == "synonym":
            yield Alternative(variant.text)
            continue
        is_short = " " not in variant.text and is_short_form(variant.text)
        short = singular(variant.text if is_short else written)
        if not is_short:
            yield Alternative(variant.text)
        is_ordinary = short.lower() in _ORDINARY
        for way in (short, f"{short}s"):
            if way != written:
                yield Alternative(way, is_short=True, is_ordinary=is_ordinary)


_ORDINARY = frozenset(
    (
        *("a", "am", "an", "and", "are", "as", "at", "be", "but", "by", "can", "did", "do", "for", "go", "had", "has"),
        *("he", "her", "him", "his", "i", "if", "in", "is", "it", "its", "me", "may", "my", "no", "not", "of", "on"),
        *("or", "our", "out", "she", "so", "the", "to", "too", "up", "us", "was", "we", "were", "who", "why", "will"),
        *("with", "you"),
    )
)
"""Words of every text, which in telegrams all in capitals look like acronyms."""
