"""Contrast: the phrases that set some units apart from others."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch.features.numbers import numbers
from cablesearch.features.phrases.grams import Gram, Grams
from cablesearch.features.phrases.keyness import LEAST_RATIO, LEAST_SCORE, Table, association, keyness, log_ratio
from cablesearch.features.phrases.wordings import Wordings, is_function_word, is_wording
from cablesearch.protocols.answers import Sample
from cablesearch.protocols.reader import Reader, Selection

__all__ = ["SAMPLED", "KeyPhrase", "Side", "contrast"]

SAMPLED = 1_000
"""The most paragraphs that are read on each side to find phrases."""
_LEAST = ((5, 1), (10, 2))
"""In a sample of fewer paragraphs than the first number, a phrase must be in the second number of them; in larger
samples, in `_LEAST_OF_MANY`."""
_LEAST_OF_MANY = 3
_COUNTED = 60
"""How many phrases are counted beyond twice the number that is wanted."""
_CAP = 2
"""How often a cable counts at most, if there are several."""
_PART = 0.75
"""The share of the texts of a phrase from which on a longer phrase replaces it."""
_MOST_CABLES, _FEW_CABLES = 0.5, 10
"""A phrase in more than this share of all cables, and in more than a few, is not key."""


@dataclass(frozen=True, slots=True)
class KeyPhrase:
    """A word or a phrase that sets some paragraphs, or cables, apart from others.

    Attributes:
        text: the phrase, as it is usually written. It stands for all forms of its words.
        score: the log-likelihood (Dunning 1993), by which phrases are ordered.
        log_ratio: the binary logarithm of the ratio of the shares (Hardie 2014): 3 for a share 8 times as large. If
            there are no others, of the ratio of the count to that which chance would give.
        count, share: the number of paragraphs, or cables, with the phrase, and its part of all of them.
        other_count, other_share: the same for the others.
    """

    text: str
    score: float
    log_ratio: float
    count: int
    share: float
    other_count: int
    other_share: float

    def to_json(self) -> dict[str, Any]:
        """Return the phrase as the command line prints it in JSON."""
        return {
            "phrase": self.text,
            "score": round(self.score, 4),
            "log_ratio": round(self.log_ratio, 4),
            "count": self.count,
            "share": round(self.share, 6),
            "other_count": self.other_count,
            "other_share": round(self.other_share, 6),
        }


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: its units, the sample of their paragraphs that is read, the number of units, and that
    of their cables."""

    selection: Selection
    sample: Sample
    count: int
    cables: int


class _Counted(NamedTuple):
    """A phrase with its numbers of units and of cables, on this side and the other."""

    stems: tuple[str, ...]
    here: int
    others: int
    cables_here: int
    cables_others: int


class _Ranked(NamedTuple):
    """A phrase with its score, and how many times as frequent it is as elsewhere, or as by chance."""

    score: float
    ratio: float
    phrase: _Counted


def contrast(reader: Reader, side: Side, other: Side, limit: int, known: frozenset[str]) -> list[KeyPhrase]:
    """Return the phrases that set one side apart from another, best first.

    Phrases are looked for in the samples, and the best ones counted in all units. If there is nothing on the other
    side, the answer has the phrases whose words stand together more often than by chance.

    Args:
        reader: the reader.
        side, other: the two sides.
        limit: the number of phrases.
        known: stems; a phrase of these alone is left out.
    """
    texts = [*side.sample.texts, *other.sample.texts]
    read = len(side.sample.texts)
    grams = Grams(texts, read)
    least = next((least for count, least in _LEAST if read < count), _LEAST_OF_MANY)
    if side.cables == 1 or not other.count:
        # A cable says little twice; and without others, single words are not in question.
        least = min(least, 2)
    found = [gram for gram in grams.frequent(least) if is_wording(gram.stems) and not known.issuperset(gram.stems)]
    if least < _LEAST_OF_MANY:
        # A piece of a sentence is soon found as often.
        found = [gram for gram in found if gram.here > least or not any(map(is_function_word, gram.stems))]
    candidates = _promising(found, read, len(other.sample.texts), 2 * limit + _COUNTED)
    counted = list(_counted(reader, side.selection, other.selection, [gram.stems for gram in candidates]))
    ranked = _ranked(reader, side, other, counted)
    wordings = Wordings(side.sample.texts, grams)
    return list(_chosen(ranked, wordings, side.count, other.count, limit))


def _promising(grams: Sequence[Gram], here: int, others: int, most: int) -> list[Gram]:
    """Return the phrases with the highest scores in the samples; those that are part of another one come last."""
    if not grams:
        return []
    if others:
        table = Table(_array(gram.here for gram in grams), _array(gram.others for gram in grams), here, others)
        scores = np.where(table.ratio >= LEAST_RATIO, keyness(table), 0)
    else:
        shares = {gram.stems: gram.here / here for gram in grams}
        grams = [gram for gram in grams if len(gram.stems) > 1]
        chances = [here * math.prod(shares.get((stem,), 1.0) for stem in gram.stems) for gram in grams]
        scores = association(_array(gram.here for gram in grams), _array(chances), here)
    rank = {gram: score for gram, score in zip(grams, scores.tolist(), strict=True) if score > 0}
    best = sorted(rank, key=lambda gram: (-rank[gram], -len(gram.stems), gram.stems))
    counts = {gram.stems: gram.here for gram in best if rank[gram] >= LEAST_SCORE}
    parts = _covered(counts)
    # If the longer phrase turns out not to be key, its part may be.
    return sorted(best, key=lambda gram: gram.stems in parts)[:most]


def _array(values: Iterable[float]) -> NDArray[np.float64]:
    return np.fromiter(values, float)


def _covered(counts: Mapping[tuple[str, ...], int]) -> set[tuple[str, ...]]:
    """Return the phrases that are part of a longer one with nearly as many texts, given the texts of each."""
    return {
        part for stems, count in counts.items() for part in _parts(stems) if count >= _PART * counts.get(part, math.inf)
    }


def _parts(stems: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the shorter phrases in a phrase."""
    for length in range(1, len(stems)):
        for start in range(len(stems) - length + 1):
            yield stems[start : start + length]


def _counted(
    reader: Reader, here: Selection, others: Selection, phrases: Sequence[tuple[str, ...]]
) -> Iterator[_Counted]:
    """Count phrases on this side and the other."""

    def selections() -> Iterator[Selection]:
        for stems in phrases:
            tree = q.Phrase("text", list(stems)) if len(stems) > 1 else q.Term("text", stems[0])
            having = reader.select(tree, by_cable=here.by_cable)
            own, rest = here.common(having), others.common(having)
            yield from (own, rest, own.cables(), rest.cables())

    counts = numbers(reader, selections())
    # The same iterator four times gives the four numbers of a phrase.
    for stems, *four in zip(phrases, counts, counts, counts, counts, strict=True):
        yield _Counted(stems, *four)


def _ranked(reader: Reader, side: Side, other: Side, phrases: Sequence[_Counted]) -> list[_Ranked]:
    """Return the phrases that are key, best first."""
    having = [phrase for phrase in phrases if phrase.here]
    if other.count:
        compared = [_against_others(reader.cable_count, side, other, phrase) for phrase in having]
    else:
        stems = list(dict.fromkeys(stem for phrase in having for stem in phrase.stems))
        by_cable = side.selection.by_cable
        selections = (reader.select(q.Term("text", stem), by_cable=by_cable) for stem in stems)
        counts = dict(zip(stems, numbers(reader, selections), strict=True))
        compared = [_by_chance(side.count, counts, phrase) for phrase in having]
    ranked = [entry for entry in compared if entry and entry.score >= LEAST_SCORE]
    return sorted(ranked, key=lambda entry: (-entry.score, -len(entry.phrase.stems), entry.phrase.stems))


def _against_others(cables: int, side: Side, other: Side, phrase: _Counted) -> _Ranked | None:
    """Compare the shares of a phrase on the two sides, given the number of all cables; None if it is not key."""
    everywhere = phrase.cables_here + phrase.cables_others
    if everywhere > max(_FEW_CABLES, _MOST_CABLES * cables):
        return None
    here, others = phrase.here, phrase.others
    # What one of several cables repeats is not key.
    if side.cables > 1:
        here = min(here, _CAP * phrase.cables_here)
    if other.cables > 1:
        others = min(others, _CAP * phrase.cables_others)
    table = Table(_array([here]), _array([others]), side.count, other.count)
    whole = Table(_array([phrase.here]), _array([phrase.others]), side.count, other.count)
    ratio = float(whole.ratio[0])
    is_key = min(float(table.ratio[0]), ratio) >= LEAST_RATIO
    return _Ranked(float(keyness(table)[0]), ratio, phrase) if is_key else None


def _by_chance(total: int, counts: Mapping[str, int], phrase: _Counted) -> _Ranked | None:
    """Compare the number of a phrase with that which chance would give; None if that is as large.

    Args:
        total: the number of all units.
        counts: the number of units that have each stem.
        phrase: the phrase.
    """
    chance = total * math.prod(counts[stem] / total for stem in phrase.stems)
    score = float(association(_array([phrase.here]), _array([chance]), total)[0])
    return _Ranked(score, phrase.here / chance, phrase) if score else None


def _chosen(ranked: Sequence[_Ranked], wordings: Wordings, here: int, others: int, limit: int) -> Iterator[KeyPhrase]:
    """Yield the best phrases, without those that are part of another one."""
    shown: list[tuple[str, ...]] = []
    counts = {entry.phrase.stems: entry.phrase.here for entry in ranked}
    covered = _covered(counts)
    for score, ratio, phrase in ranked:
        if len(shown) == limit:
            return
        if phrase.stems in covered or any(_overlap(phrase.stems, stems) for stems in shown):
            continue
        shown.append(phrase.stems)
        yield KeyPhrase(
            text=wordings.usual(phrase.stems),
            score=score,
            log_ratio=log_ratio(ratio),
            count=phrase.here,
            share=phrase.here / here,
            other_count=phrase.others,
            other_share=phrase.others / others if others else 0.0,
        )


def _overlap(stems: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Return whether two phrases of three words or more are pieces of a longer one, a word apart."""
    return len(stems) > 2 and (stems[1:] == others[:-1] or stems[:-1] == others[1:])
