"""Correct the spelling of a query that finds nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cablesearch.protocols.reader import Reader
from cablesearch.query.fields import bare, target
from cablesearch.query.written import WrittenWord, written_words
from cablesearch.suggestions.near_words import FURTHEST, Searched, far_more_common, near_words, other_spellings
from cablesearch.suggestions.titles import titles_before_names
from cablesearch.suggestions.word_breaks import occurs, parts_of

__all__ = ["apart", "suggested"]

_MOST_CORRECTED = 5
"""The most different words of a query that are corrected."""
_MOST_APART = 10
"""The most words of a query that are corrected each on its own."""
_LONGEST = 60
"""The longest word, in letters, that is corrected."""
_SHORTEST = 3
_MOST_CHOICES = 5
"""The most corrections of a word that are combined with those of others."""
_LONGEST_ACRONYM = 4
"""The most letters of a word in capitals that is taken for an acronym: WTO is not a misspelt *two*."""

_Place = tuple[int, int]
_Edits = Mapping[_Place, str]
"""What to write at places of a query instead of what is there."""


class _Words(NamedTuple):
    """The words of a query.

    Attributes:
        in_order: all that a hit may contain, from left to right.
        places: where those that may be misspelt stand, by the word and the fields in which it is searched.
    """

    in_order: list[WrittenWord]
    places: dict[Searched, list[WrittenWord]]


def suggested(reader: Reader, text: str, *, by_cable: bool, finds: Callable[[str], bool], tries: int) -> str | None:
    """Return a query with misspelt words corrected that finds something, or None.

    A word that does not occur is misspelt, or written as one word where there are two, or as two where there is one. If
    all words occur, those may be that occur far less often than a word next to them, and those that are a word together
    with the next. A word that occurs may also give way to another spelling of it (labour, labor), and one that occurs
    only in other forms to a word next to it (trafficing, trafficking; traffic occurs). Corrections occur, and so do the
    two words of a correction, one after the other.
    A title is left out before a name. All the rest of the query stays as it is written.

    Args:
        reader: the archive as its reader sees it.
        text: a query that finds nothing.
        by_cable: whether words without a field are searched in the envelope too.
        finds: returns whether a query finds anything.
        tries: the most queries that are tried.
    """
    words = _words_of(text, by_cable=by_cable)
    for edits in itertools.islice(_corrections(reader, text, words, by_cable=by_cable), tries):
        corrected = _edited(text, edits)
        if finds(corrected):
            return corrected
    return None


def apart(reader: Reader, text: str, *, by_cable: bool, is_common: Callable[[str], bool]) -> str | None:
    """Return the words of a query, each misspelt one corrected on its own, as a query for any of them; or None.

    The query must be nothing but words, of which some do not occur and all of these can be corrected.

    Args:
        reader: the archive as its reader sees it.
        text: a query that finds nothing, however it is corrected as a whole.
        by_cable: whether words are searched in the envelope too.
        is_common: returns whether a word is too common to match alone; it is left out.
    """
    words = _words_of(text, by_cable=by_cable)
    if not _are_only_words(text, words.in_order):
        return None
    corrected: dict[str, str] = {}
    is_misspelt = False
    for written in words.in_order:
        word = Searched(written.word, bare(by_cable))
        if written.word in corrected or word.frequency(reader):
            corrected.setdefault(written.word, text[written.start : written.end])
        elif word in words.places and (near := near_words(reader, word)):
            corrected[written.word] = near[0][0]
            is_misspelt = True
        else:
            return None
    if not is_misspelt:
        return None
    rare = dict.fromkeys(spelling for spelling in corrected.values() if not is_common(spelling))
    return " OR ".join(rare) if len(rare) > 1 else None


def _are_only_words(text: str, words: Sequence[WrittenWord]) -> bool:
    """Return whether a query is a few words, with nothing but blanks between them."""
    if not all(word.is_alone and not word.field and not word.form for word in words):
        return False
    around = _edited(text, {(word.start, word.end): "" for word in words})
    return len(words) <= _MOST_APART and not around.strip()


def _words_of(text: str, *, by_cable: bool) -> _Words:
    words = _Words(list(written_words(text, with_cased=True)), {})
    for written in words.in_order:
        is_acronym = len(written.word) <= _LONGEST_ACRONYM and text[written.start : written.end].isupper()
        if _SHORTEST <= len(written.word) <= _LONGEST and not is_acronym:
            targets = target(written.field) if written.field else bare(by_cable)
            words.places.setdefault(Searched(written.word, targets), []).append(written)
    return words


def _corrections(reader: Reader, text: str, words: _Words, *, by_cable: bool) -> Iterator[_Edits]:
    """Yield what to write instead, the likeliest correction first."""
    yield from ({place: ""} for place in titles_before_names(text, words.in_order))
    unknown = [word for word in words.places if not word.frequency(reader)]
    joined = _joined(reader, text, words.in_order, by_cable=by_cable)
    choices = [_choices(reader, words.places[word], word, joined, by_cable) for word in unknown[:_MOST_CORRECTED]]
    choices = [choice for choice in choices if choice]
    if choices or not unknown:
        others = [_other_words(reader, words.places[word], word) for word in words.places if word not in unknown]
        if not choices:
            yield from ({place: spelling} for place, spelling in joined.items())
            yield from _of_doubtful(reader, words)
        yield from _combined([*choices, *(other for other in others if len(other) > 1)])


def _combined(choices: Sequence[Sequence[_Edits]]) -> Iterator[_Edits]:
    """Yield the ways to take one choice for each word, the likeliest first."""
    choices = [choice[:_MOST_CHOICES] for choice in choices[:_MOST_CORRECTED]]
    ranks = itertools.product(*(range(len(choice)) for choice in choices))
    for chosen in sorted(ranks, key=sum):
        if edits := _together([choice[rank] for choice, rank in zip(choices, chosen, strict=True)]):
            yield edits


def _other_words(reader: Reader, places: Sequence[WrittenWord], word: Searched) -> list[_Edits]:
    """Return what to write for a word that occurs, in this form or another: the word itself, its other spellings, or
    words next to it if it does not occur in just this form (*trafficing*, where *traffic* occurs)."""
    spellings = other_spellings(reader, word)
    if not word.exact_frequency(reader, word.word):
        near = (spelling for spelling, _ in near_words(reader, word, furthest=1))
        spellings += (spelling for spelling in near if spelling not in spellings and not word.is_form_of(spelling))
    if any(place.form for place in places):
        return [{}, *_with_other_capitals(places, word.word), *(_respelt(places, spelling) for spelling in spellings)]
    return [{}, *(_respelt(places, spelling) for spelling in spellings)]


def _of_doubtful(reader: Reader, words: _Words) -> Iterator[_Edits]:
    """Yield corrections of words that occur, but far less often than one next to them."""
    doubtful = {word: list(far_more_common(reader, word)) for word in list(words.places)[:_MOST_CORRECTED]}
    doubtful = {word: spellings for word, spellings in doubtful.items() if spellings}
    if len(doubtful) > 1:
        yield _together([_respelt(words.places[word], spellings[0]) for word, spellings in doubtful.items()])
    for word, spellings in doubtful.items():
        yield from (_respelt(words.places[word], spelling) for spelling in spellings)


def _joined(reader: Reader, text: str, words: Sequence[WrittenWord], *, by_cable: bool) -> dict[_Place, str]:
    """Return the words that two neighbours are together, by their place: blackmail for ``black mail``."""
    joined: dict[_Place, str] = {}
    for first, second in itertools.pairwise(words):
        between = text[first.end : second.start]
        if between.isspace() and first.field == second.field and first.in_quotes == second.in_quotes:
            targets = target(first.field) if first.field else bare(by_cable)
            spelling = first.word + second.word
            if len(spelling) <= _LONGEST and occurs(reader, targets, spelling):
                joined[first.start, second.end] = spelling
    return joined


def _choices(
    reader: Reader, places: Sequence[WrittenWord], word: Searched, joined: Mapping[_Place, str], by_cable: bool
) -> list[_Edits]:
    """Return the corrections of a word that does not occur, the likeliest first."""
    choices: list[_Edits] = []
    if len(places) == 1:
        (only,) = places
        choices += ({place: joined[place]} for place in joined if only.start == place[0] or only.end == place[1])
    near = near_words(reader, word)
    choices += [_respelt(places, spelling) for spelling, distance in near if distance < FURTHEST]
    if all(place.in_quotes or place.is_alone for place in places):
        for parts in parts_of(reader, word.targets, word.word, by_cable=by_cable):
            two = " ".join(parts)
            choices.append({(place.start, place.end): two if place.in_quotes else f'"{two}"' for place in places})
    choices += [_respelt(places, spelling) for spelling, distance in near if distance == FURTHEST]
    if near and any(place.form for place in places):
        choices[1:1] = _with_other_capitals(places, near[0][0])
    return choices


def _respelt(places: Sequence[WrittenWord], spelling: str) -> _Edits:
    return {(place.start, place.end): _as_written(spelling, place.form) for place in places}


def _as_written(spelling: str, form: str) -> str:
    """Return a spelling in the capitals of another one; as it is if that has none, or does not matter."""
    if form == form.lower():
        return spelling
    return spelling.upper() if form.isupper() else spelling.capitalize()


def _with_other_capitals(places: Sequence[WrittenWord], spelling: str) -> list[_Edits]:
    """Return what to write for words whose capitals count if these are wrong: a title, capitals, small letters."""
    return [
        {(place.start, place.end): form if place.form else spelling for place in places}
        for form in (spelling.capitalize(), spelling.upper(), spelling)
    ]


def _together(edits: Sequence[_Edits]) -> _Edits:
    """Return all edits as one; none if two of them are about the same word."""
    whole = {place: spelling for part in edits for place, spelling in part.items()}
    places = sorted(whole)
    return {} if any(first[1] > second[0] for first, second in itertools.pairwise(places)) else whole


def _edited(text: str, edits: _Edits) -> str:
    """Return a query with other words at some places."""
    parts, end = [], 0
    for (start, stop), spelling in sorted(edits.items()):
        parts += [text[end:start], spelling]
        end = stop
    return "".join([*parts, text[end:]])
