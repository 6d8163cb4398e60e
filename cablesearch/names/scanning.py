"""Scan a paragraph for what may be names.

A text is cut into runs of capitalised words. The lists say what each word is. A title or a given name makes the words
behind it a name; a word that no list has is a name where persons stand, such as before *said*. In a text in capitals
throughout every word is capitalised: there a name needs a title, a given name, or a verb of speech behind it.
"""

from __future__ import annotations

from typing import NamedTuple

from cablesearch.names.candidates import (
    FAINT,
    LIKE_A_PLACE,
    LIKELY,
    POSSIBLE,
    SURE,
    WEAK,
    Candidate,
    Scan,
    Span,
)
from cablesearch.names.lists import (
    ACRONYM,
    CONTEXTS,
    FIRST,
    GIVEN,
    HEAD,
    HONORIFIC,
    OTHER,
    PLACE,
    SURNAME,
    TITLE,
    WORD,
    lists,
)
from cablesearch.names.organizations import organization_end, organization_start
from cablesearch.names.runs import IN_CAPITALS, RUN, is_in_capitals, with_particle
from cablesearch.names.single_words import (
    BEFORE_A_PERSON,
    LONGEST_ACRONYM,
    PLACED,
    SHORTEST,
    UNLIKELY_BEFORE,
    is_subject,
    is_titled,
    read_word,
)
from cablesearch.names.words import KINDS, begins_sentence, following, is_initial, possessive, previous
from cablesearch.text.caching import LONGEST

__all__ = ["scan"]

_NO_NAME = OTHER | TITLE | HEAD | ACRONYM | HONORIFIC
_LISTED = HEAD | PLACE | ACRONYM | FIRST
_MOST_WORDS = 6
_BEHIND_A_NAME = CONTEXTS["behind_a_name"]
_INSTITUTIONS = CONTEXTS["institution"]
_HEADS_BEHIND_A_NAME = frozenset(("administration", "government", "cabinet"))
_INSIDE_A_NAME = CONTEXTS["inside_a_name"]
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv"))
_ARTICLES = frozenset(("the", "a", "an"))
_SHIPS = frozenset(("uss", "hms", "ss"))
_AMBIGUOUS = CONTEXTS["ambiguous_title"]
"""Titles that also stand before words that are no names: General Considerations."""


def scan(text: str) -> Scan:
    """Return what in a paragraph may be names."""
    found = Scan(text, is_in_capitals(text))
    kinds = KINDS
    if found.in_capitals:
        for match in IN_CAPITALS.finditer(text):
            words = match[0].split(" ")
            of_words = [*map(kinds.__getitem__, words)]
            # Most words of a text in capitals are words of the language, and no more.
            if of_words.count(WORD) < len(of_words):
                _Run(text, words, of_words, match.span(), found, in_capitals=True).read()
        return found
    add_faint, add_place = found.faint.append, found.places.append
    for match in RUN.finditer(text):
        run = match[0]
        start = match.start()
        if " " in run:
            _read_run(text, run, start, found)
        elif (kind := kinds[run]) == WORD:
            add_faint((start, run))
        elif kind == PLACE and run[-1] not in "s'’ʼ":
            add_place(Span(start, match.end()))
        elif not kind & _NO_NAME or kind & (SURNAME | ACRONYM | HEAD):
            read_word(text, run, start, kind, found)
    return found


class _Reading(NamedTuple):
    """What a run of several words holds, whatever stands around it; places are counted from its start.

    Attributes:
        goes_on: whether *of* behind the run would go on the name of an organization.
        persons, organizations, places: as in `Scan`.
    """

    goes_on: bool
    persons: tuple[Candidate, ...]
    organizations: tuple[Span, ...]
    places: tuple[Span, ...]


_READ: dict[str, _Reading] = {}
"""Runs whose reading does not depend on what stands around them, such as *President Nixon*. Forgotten when very many
are known."""
_MOST_READ = 1 << 15
_GOES_ON = frozenset((" of", " fo", " OF", " FO"))


def _read_run(text: str, run: str, start: int, found: Scan) -> None:
    """Read a run of several words in mixed text."""
    end = start + len(run)
    in_brackets = text[start - 1 : start] == "("
    known = _READ.get(run)
    if known and not in_brackets and not (known.goes_on and text[end : end + 3] in _GOES_ON):
        _, persons, organizations, places = known
        for first, last, name, strength in persons:
            found.persons.append(Candidate(start + first, start + last, name, strength))
        for first, last in organizations:
            found.organizations.append(Span(start + first, start + last))
        for first, last in places:
            found.places.append(Span(start + first, start + last))
        return
    words = run.split(" ")
    counts = len(found.persons), len(found.organizations), len(found.places)
    reader = _Run(text, words, [*map(KINDS.__getitem__, words)], (start, end), found, in_capitals=False)
    reader.read()
    if known or in_brackets or not reader.is_apart or len(run) > LONGEST or text[end : end + 3] in _GOES_ON:
        return
    if len(_READ) >= _MOST_READ:
        _READ.clear()
    _READ[run] = _Reading(
        bool(KINDS[words[-1]] & HEAD),
        tuple(one._replace(start=one.start - start, end=one.end - start) for one in found.persons[counts[0] :]),
        tuple(Span(first - start, last - start) for first, last in found.organizations[counts[1] :]),
        tuple(Span(first - start, last - start) for first, last in found.places[counts[2] :]),
    )


def _is_form(word: str) -> bool:
    """Return whether a word that no list has is a form of a word of the language: GREETS."""
    return word[-1:] in "sS" and KINDS[word[:-1]] == WORD


class _Run:
    """Reads a run of several words from left to right.

    Attributes:
        is_apart: whether nothing was looked at that stands around the run, but for a bracket before it and *of* behind.
    """

    __slots__ = (
        "_ambiguous",
        "_at",
        "_end",
        "_found",
        "_honorific",
        "_in_capitals",
        "_kinds",
        "_offsets",
        "_organized",
        "_start",
        "_text",
        "_title",
        "_words",
        "is_apart",
    )

    def __init__(
        self, text: str, words: list[str], kinds: list[int], span: tuple[int, int], found: Scan, *, in_capitals: bool
    ) -> None:
        self._text = text
        self._words = words
        self._kinds = kinds
        self._start, self._end = span
        self._found = found
        self._in_capitals = in_capitals
        self._at = 0
        self._organized = -1
        self.is_apart = True
        self._offsets: list[int] = []
        self._title = self._honorific = self._ambiguous = False

    def read(self) -> None:
        """Read the run."""
        words, kinds = self._words, self._kinds
        count = len(words)
        self._title = is_titled(self._text, self._start, self._end)
        while (at := self._at) < count:
            kind = kinds[at]
            if kind == WORD and not self._title:
                self._at = at + 1
            elif not kind and self._in_capitals and not self._title and self._is_alone(at):
                self._take_alone(at)
            elif kind & _LISTED and self._skips_listed(kind):
                self._at = max(self._at, at + 1)
            elif kind & (TITLE | HONORIFIC) and not (self._title and kind & SURNAME and at + 1 == count):
                self._take_title(kind)
            elif self._starts_name(kind) and not words[at].islower():
                self._take_name()
            else:
                self._title = False
                self._at += 1

    def _is_alone(self, at: int) -> bool:
        """Return whether a word in capitals that no list has stands among words of the language."""
        if at + 1 == len(self._words):
            return True
        return bool(self._kinds[at + 1] & WORD) and self._words[at + 1].lower() not in lists().spoken

    def _take_alone(self, at: int) -> None:
        """Take a word in capitals that no list has, and that stands among words of the language."""
        word = self._words[at]
        self._at = at + 1
        if len(word) < SHORTEST:
            return
        start = self._offset(at)
        ending = possessive(word)
        last = word[: len(word) - ending].lower()
        before = self._words[at - 1].lower() if at else ""
        is_named = (ending and before not in _ARTICLES) or before in BEFORE_A_PERSON or self._stands_apart(start, word)
        if is_named and len(last) > LONGEST_ACRONYM:
            self._found.persons.append(Candidate(start, start + len(last), last, LIKELY))
        else:
            self._found.faint.append((start, word))

    def _stands_apart(self, start: int, word: str) -> bool:
        """Return whether a word is all of the text, or all that stands in brackets."""
        text, end = self._text, start + len(word)
        return len(text) <= len(word) + len(":.") or text[start - 1 : start] + text[end : end + 1] == "()"

    def _offset(self, number: int) -> int:
        """Return where a word starts in the text."""
        if not self._offsets:
            at = self._start
            for word in self._words:
                self._offsets.append(at)
                at += len(word) + 1
            self._offsets.append(at)
        return self._offsets[number]

    def _skips_listed(self, kind: int) -> bool:  # noqa: PLR0911
        """Take a place or an organization from the lists, or an organization built around a word such as Ministry."""
        at = self._at
        word = self._words[at].lower()
        known = lists()
        for names, spans in ((known.places, self._found.places), (known.organizations, self._found.organizations)):
            for rest in names.get(word, ()):
                stop = at + 1 + len(rest)
                if stop <= len(self._words) and self._matches(rest, at + 1):
                    self._add(spans, at, stop)
                    return True
        if kind & HEAD and not (self._title and kind & SURNAME):
            return self._take_organization(at)
        if self._title or not kind & (PLACE | ACRONYM):
            return False
        if kind & ACRONYM and not (kind & WORD and (self._in_capitals or not self._words[at].isupper())):
            if not self._organized_ahead(at):
                self._add(self._found.organizations, at, at + 1)
            return True
        if kind & GIVEN and at + 1 < len(self._words) and not self._kinds[at + 1] & ~SURNAME:
            return False
        if kind & PLACE and not self._organized_ahead(at):
            self._add(self._found.places, at, at + 1)
            return True
        return False

    def _matches(self, rest: tuple[str, ...], at: int) -> bool:
        words = self._words
        return all(
            words[at + number].lower().removesuffix("'s").removesuffix("’s") == word for number, word in enumerate(rest)
        )

    def _add(self, spans: list[Span], at: int, stop: int) -> None:
        end = self._offset(stop) - 1
        spans.append(Span(self._offset(at), end - possessive(self._words[stop - 1])))
        self._at = stop
        self._title = False

    def _organized_ahead(self, at: int) -> bool:
        """Return whether a word belongs to the name of an organization whose head follows: *Soviet* Communist Party."""
        if self._in_capitals:
            return False
        return any(kind & HEAD for kind in self._kinds[at + 1 : at + _MOST_WORDS])

    def _take_organization(self, at: int) -> bool:
        start = organization_start(self._words, self._kinds, at, self._organized + 1, in_capitals=self._in_capitals)
        end = self._offset(at + 1) - 1 - possessive(self._words[at])
        if at + 1 == len(self._words) or self._in_capitals:
            end = organization_end(self._text, end, at + 1 - start)
        if start < at or end > self._offset(at + 1):
            self._found.organizations.append(Span(self._offset(start), end))
        self._organized = at
        self._title = False
        return True

    def _take_title(self, kind: int) -> None:
        word = self._words[self._at]
        self._title = not possessive(word)
        self._honorific = bool(kind & HONORIFIC)
        self._ambiguous = word.lower().rstrip(".") in _AMBIGUOUS
        self._at += 1

    def _starts_name(self, kind: int) -> bool:  # noqa: PLR0911
        at, title, count = self._at, self._title, len(self._words)
        if self._in_capitals and kind & WORD and not title:
            return False
        if not kind or kind == SURNAME:
            return not self._numbers_item(at) and ("." in self._words[at] or len(self._words[at]) > 1)
        if title and kind & SURNAME:
            return True
        if kind & WORD and title and (self._ambiguous or (at + 1 < count and self._kinds[at + 1] & (TITLE | HEAD))):
            return bool(kind & GIVEN)
        if title and not self._in_capitals and not kind & (OTHER | HEAD | ACRONYM):
            return self._honorific or not kind & PLACE
        if kind & WORD and not kind & GIVEN:
            if not kind & SURNAME or self._in_capitals:
                return False
            return at > 0 or not self._begins_sentence()
        return bool(kind & (GIVEN | SURNAME))

    def _numbers_item(self, at: int) -> bool:
        """Return whether a word is the letter of an item, such as A. before a sentence, and not an initial."""
        word = self._words[at]
        if at or len(word) != 2 or word[1] != "." or not self._begins_sentence():
            return False
        return len(self._text) > self._end - self._start + 2

    def _begins_sentence(self) -> bool:
        """Return whether the run begins a sentence."""
        self.is_apart = False
        return begins_sentence(self._text, self._start)

    def _name_end(self) -> tuple[int, bool]:
        """Return where the words of a name end, and whether one of them is a given name or an initial."""
        at = stop = self._at
        words, kinds = self._words, self._kinds
        given = named = False
        opens_with_initial = is_initial(words[at], kinds[at])
        while stop < len(words) and stop - at < _MOST_WORDS:
            word, kind = words[stop], kinds[stop]
            if not word.islower():
                initial = is_initial(word, kind)
                if stop > at and word.lower() in _INSIDE_A_NAME and self._is_inside(at, stop):
                    given = True
                    stop += 1
                    continue
                if stop > at and initial and opens_with_initial and not is_initial(words[stop - 1], kinds[stop - 1]):
                    break
                of_language = kind & WORD or (not kind and _is_form(word))
                is_word = word in ("A", "I") or (of_language and not kinds[stop - 1] & GIVEN)
                if stop > at and self._in_capitals and is_word:
                    break
                if stop > at and kind and not initial and not kind & (GIVEN | SURNAME):
                    goes_on = kind & WORD and not kind & _NO_NAME and named and not self._in_capitals
                    if not (kind & PLACE and named and stop == at + 1) and not (goes_on and stop - at <= 2):
                        break
                given = given or bool(kind & GIVEN) or initial
                named = named or bool(kind & GIVEN and not kind & (WORD | SURNAME | TITLE))
                if possessive(word):
                    stop += 1
                    break
            stop += 1
        while words[stop - 1].islower():
            stop -= 1
        return stop, given

    def _is_inside(self, at: int, stop: int) -> bool:
        """Return whether a word such as *Il* goes on a name: Kim Il Sung, Kim Jong Il."""
        kinds = self._kinds
        if not kinds[at] & GIVEN or kinds[stop] & ACRONYM:
            return False
        if stop + 1 < len(kinds):
            behind = kinds[stop + 1]
            if not behind or behind & (GIVEN | SURNAME):
                return True
        return stop == at + 2 and not kinds[at + 1]

    def _take_name(self) -> None:
        at = self._at
        stop, given = self._name_end()
        words, kinds = self._words, self._kinds
        title, self._title, self._at = self._title, False, stop
        size, last = stop - at, words[stop - 1]
        ending = possessive(last)
        end = self._offset(stop) - 1 - ending
        if ending:
            last = last[:-ending]
        while size > 1 and last.lower().rstrip(".") in _SUFFIXES:
            size -= 1
            last = words[at + size - 1].rstrip(",")
        behind = words[stop].lower() if stop < len(words) else ""
        kind_behind = kinds[stop] if behind else 0
        if (
            len(last) == 1
            or is_initial(last, kinds[at + size - 1])
            or (at and words[at - 1].lower() in _SHIPS)
            or (size > 1 and not title and not given and any(kind & WORD for kind in kinds[at : at + size]))
            or (
                is_initial(words[at], kinds[at])
                and kinds[at + size - 1] & (PLACE | WORD)
                and not title
                and not kinds[at + size - 1] & SURNAME
            )
            or behind in _INSTITUTIONS
            or (kind_behind & HEAD and behind not in _HEADS_BEHIND_A_NAME and not title)
        ):
            return
        strength = self._strength(at, size, given=given, title=title)
        if strength >= LIKELY and not title and not self._in_capitals and self._is_behind_an_article(at):
            strength = WEAK
        if not ending and not self._in_capitals:
            strength = self._weakened(strength, at, behind, kind_behind, end)
        if last.isupper() and not self._in_capitals and strength < SURE:
            strength = FAINT
        start = self._offset(at)
        if at == 0:
            self.is_apart = False
            start = with_particle(self._text, start)
        self._found.persons.append(Candidate(start, end, last.lower(), strength))

    def _is_behind_an_article(self, at: int) -> bool:
        """Return whether an article stands before a name without title, which is that of a ship or a thing then."""
        before = self._words[at - 1] if at else previous(self._text, self._start)
        return before.lower() in _ARTICLES

    def _strength(self, at: int, size: int, *, given: bool, title: bool) -> int:
        kind = self._kinds[at]
        if title or (size > 1 and given):
            return SURE
        if size > 1:
            return WEAK if self._in_capitals else LIKELY
        if kind & (WORD | PLACE | OTHER):
            return FAINT
        if self._in_capitals:
            following_word = self._words[at + 1].lower() if at + 1 < len(self._words) else ""
            return LIKELY if following_word in lists().spoken else WEAK
        return WEAK if kind & GIVEN else POSSIBLE

    def _weakened(self, strength: int, at: int, behind: str, kind_behind: int, end: int) -> int:
        """Return how sure a name without title is, given what stands around it."""
        if strength not in (LIKELY, POSSIBLE):
            return strength
        if behind and kind_behind & WORD and behind not in _BEHIND_A_NAME:
            return WEAK
        if at > 0:
            return strength
        before = previous(self._text, self._start)
        if before in PLACED:
            return LIKE_A_PLACE
        if strength == LIKELY:
            return strength
        is_first = not behind and begins_sentence(self._text, self._start)
        is_weak = before in UNLIKELY_BEFORE or (is_first and not is_subject(following(self._text, end)))
        return WEAK if is_weak else strength
