"""Names of persons in a phrase of titles, offices and places: ``Acting Deputy Chief of Mission Marc Wall``.

A name is a run of words that are not a title, office or preposition. Where a phrase has several such runs the one that
is shaped most like a name wins: given name or initials, two or three words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cablesearch.readers.telegram.opening.classifier_words import (
    NAME_KINDS,
    PLACES_TOO,
    SURNAMES_TOO,
    is_listed,
    kind_of,
)
from cablesearch.text.caching import cached_if_short

__all__ = ["person_names"]

_LONGEST_PHRASE = 600
_TOKEN = re.compile(r"([^\s,;:()\[\]\"“”?!*=<>{}|~\\#$%^@_]+)|([,;:()\[\]?])|([!*=<>{}|~\\#$%^@_])")
_ENDS = "-–—./'`’"
_SEPARATOR, _BREAK = "separator", "break"
_SHORTENED_GIVEN = frozenset(["wm", "geo", "chas", "thos", "jas", "st", "ste", "mt"])
_LOWER_PARTICLES = frozenset({"al", "ben", "el", "ul", "ur", "e", "y"})
_CORE = frozenset({"word", "given"})
_FIRST_NAMES = frozenset({"given", "initial"})
_TITLE_LIKE = frozenset({"title", "office", "post"})
_OFFICE_BEFORE = frozenset({"office", "post", "link"})
_PHRASE_ENDS = frozenset({"", "link", _SEPARATOR, _BREAK})
_GLUED_TITLE = re.compile(r"([^\W\d_]*?[a-z]{2}|[A-Z]{2,5})([A-Z]['’]?[A-Za-z]*[a-z][^\W\d_]*)")
_GLUED_SENTENCE = re.compile(r"(?<=[^\W\d_]{2})\.(?=[^\W\d_]{2})")
_SECTION_LABEL = re.compile(r"(?:sec(?:tion)?|para(?:graph)?)s?\b\.?\s{1,4}[0-9]", re.IGNORECASE)
_SECTION = re.compile(r"[\s:;(s)]{0,6}(?:1\s?\.|\([a-h][,)/])", re.IGNORECASE)
_LONGEST_WORD = 60
_SHORTEST_REASON = 3
_LONGEST_ACRONYM = 6
_CLEARLY_A_NAME = 4


@dataclass(slots=True, eq=False)
class _Token:
    """A word or separator: its place in the phrase, itself, and what it is."""

    start: int
    end: int
    text: str
    kind: str


@dataclass(slots=True, eq=False)
class _Run:
    """Consecutive words that may be a name, with the kinds of what stands before and after."""

    tokens: list[_Token]
    before: str
    after: str
    after_and: bool = False

    @property
    def core(self) -> int:
        """Return how many words are main words of a name, neither initials nor particles."""
        return sum(token.kind in _CORE for token in self.tokens)


@cached_if_short(maxsize=4096)
def person_names(phrase: str) -> tuple[str, ...]:
    """Return the names of persons in a phrase, in order, as written, white space collapsed; mostly one.

    Remembered, as an officer classifies many cables in the same words.
    """
    phrase = phrase[:_LONGEST_PHRASE]
    tokens = _judged_by_case(list(_tokens(phrase)))
    runs = _joined_last_first([run for run in map(_trimmed, _runs(tokens)) if run], phrase)
    if not runs:
        return ()
    scores = [_score(run) for run in runs]
    clear = (index for index, run in enumerate(runs) if scores[index] >= _CLEARLY_A_NAME and len(run.tokens) > 1)
    best = next(clear, scores.index(max(scores)))
    chosen = [runs[best]]
    if scores[best] <= 0:
        return ()
    for run in runs[best + 1 :]:
        if run.after_and and run.core >= 2 and (run.before == "title" or run.tokens[0].kind == "given"):
            chosen.append(run)
    return tuple(_written(phrase, run, tokens) for run in chosen)


def _tokens(phrase: str) -> Iterator[_Token]:
    """Yield the words and separators of a phrase, up to the reason or to noise."""
    previous = ""
    for match in _TOKEN.finditer(phrase):
        if match[3]:
            return
        if match[2]:
            yield _Token(match.start(), match.end(), match[2], _SEPARATOR)
            continue
        word = match[1]
        kind = _kind(word, phrase, match.end()) if word.isalpha() else ""
        if kind == "stop" or (word[0] in "sSpP" and _SECTION_LABEL.match(phrase, match.start())):
            return
        if kind and (kind != "word" or word.istitle()):
            yield _Token(match.start(), match.end(), word, kind)
            previous = kind
            continue
        for start, end in _pieces(match.start(), word):
            text = phrase[start:end]
            bare = text.strip(_ENDS)
            if not bare:
                yield _Token(start, end, text, "and" if text == "/" else _SEPARATOR)
                continue
            kind = _kind(text, phrase, end)
            if kind == "stop":
                return
            yield _Token(start + text.index(bare), end, text, kind)
            if text[-1] == "." and _ends_sentence(bare, kind, previous):
                yield _Token(end, end, ".", _SEPARATOR)
            previous = kind


def _kind(word: str, phrase: str, end: int) -> str:
    """Return what a word that ends at ``end`` is. One that is a letter away from "Reason" begins the reason unless it
    may be a name, such as ``Eason``, that no section follows."""
    kind = kind_of(word)
    if kind == "stop" and word[0].isupper() and word[0] not in "R1" and not is_listed(word):
        return kind if _SECTION.match(phrase, end) else "word"
    return kind


def _ends_sentence(bare: str, kind: str, previous: str) -> bool:
    if kind in _TITLE_LIKE:
        return len(bare) >= 7 or previous == "given"
    return kind in {"word", "given", "place", "number"} and bare.lower() not in _SHORTENED_GIVEN


def _pieces(start: int, text: str) -> Iterator[tuple[int, int]]:
    """Split what was glued: ``DCM/Ted``, ``Smith-DCM``, ``JACOBS.REASON``; yields places."""
    if len(text) > _LONGEST_WORD:
        yield start, start + len(text)
        return
    at = _glue(text)
    if at:
        yield from _pieces(start, text[:at])
        yield start + at, start + at + 1
        yield from _pieces(start + at + 1, text[at + 1 :])
        return
    title = _GLUED_TITLE.match(text) if kind_of(text) == "word" else None
    if title and kind_of(title[1]) in ("title", "post"):
        yield start, start + title.end(1)
        yield from _pieces(start + title.end(1), text[title.end(1) :])
        return
    glued = _GLUED_SENTENCE.search(text)
    if glued and not text.lower().startswith(("ph.", "st.")):
        yield start, start + glued.end()
        yield start + glued.end(), start + len(text)
        return
    yield start, start + len(text)


def _glue(text: str) -> int | None:
    """Return where a sign stands that glues a name to a title, or to the reason behind it."""
    for mark in "/-–—":
        at = text.rfind(mark, 1, -_SHORTEST_REASON)
        if at > 0 and (text[at + 1 :].lower() == "for" or kind_of(text[at + 1 :]) == "stop"):
            return at
        at = text.find(mark, 1)
        if 0 < at < len(text) - 1 and _is_glued(text, mark):
            return at
    return None


def _is_glued(text: str, mark: str) -> bool:
    """Return whether a slash or hyphen stands between a title and a name."""
    parts = [part for part in text.split(mark) if part]
    kinds = [kind_of(part) for part in parts]
    if mark != "/":
        return "title" in kinds and any(kind in _CORE for kind in kinds)
    if len(parts) > 1 and kinds[0] == "title" and kinds[-1] == "initial" and parts[-1].endswith("."):
        return True
    return "given" in kinds or any(
        kind == "word" and len(part) > 2 and part[0].isupper() and part[1:].islower()
        for part, kind in zip(parts, kinds, strict=True)
    )


def _judged_by_case(tokens: list[_Token]) -> list[_Token]:
    """Classify the unknown words by their case.

    In a phrase with words in lower case, a name has a capital; beside names like ``Smith``, short capitals are an
    office.
    """
    names = [token for token in tokens if token.kind in _CORE]
    titled = any(token.text[:1].isupper() and token.text[1:2].islower() for token in names)
    capitals = any(token.text[:1].isupper() for token in names)
    previous = ""
    for token in tokens:
        text = token.text
        if capitals and text[:1].islower() and token.kind in NAME_KINDS:
            if token.kind != "particle":
                token.kind = "particle" if text in _LOWER_PARTICLES else _BREAK
        elif titled and token.kind == "word" and _is_acronym(text, previous):
            token.kind = "office"
        previous = token.kind
    return tokens


def _is_acronym(text: str, previous: str) -> bool:
    """Return whether a word stands for an office, and is not a surname in capitals behind a given name."""
    surname = previous in ("given", "initial") and len(text) >= 4
    return text.isupper() and text.isalpha() and len(text) <= _LONGEST_ACRONYM and not surname


def _runs(tokens: list[_Token]) -> Iterator[_Run]:
    """Yield the runs of words that may be names, in order."""
    run: list[_Token] = []
    before, after_and = "", False
    for index, token in enumerate(tokens):
        kind = token.kind
        if kind in NAME_KINDS and not (kind == "suffix" and not run):
            run.append(token)
            continue
        if run and _continues(run, token, tokens, index):
            if kind in _TITLE_LIKE:
                run.append(_Token(token.start, token.end, token.text, "word"))
            continue
        if run:
            yield _Run(run, before, kind, after_and)
            run, before, after_and = [], "", False
        if kind == _SEPARATOR:
            before, after_and = (before if token.text in ":(" else ""), False
        else:
            before, after_and = ("" if kind == _BREAK else kind), after_and or kind == "and"
    if run:
        yield _Run(run, before, "", after_and)


def _continues(run: list[_Token], token: _Token, tokens: list[_Token], index: int) -> bool:
    """Return whether a word or separator stands inside a name without being one: a nickname's brackets, a surname like
    Law."""
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    if token.text == "(" and following:
        closed = index + 2 < len(tokens) and tokens[index + 2].text == ")"
        return following.kind == "given" and closed
    if token.text == ")":
        return index >= 2 and tokens[index - 2].text == "(" and run[-1] is tokens[index - 1]
    if token.kind in ("office", "post") or (
        token.kind == "title" and (token.text.istitle() or not is_listed(token.text))
    ):
        names = [name.kind for name in run if name.kind != "place"]
        first = names[:1] == ["given"] and _FIRST_NAMES.issuperset(names)
        ended = following is None or following.kind in _PHRASE_ENDS or following.text == "/"
        return first and ended and run[0].text.isupper() == token.text.isupper()
    return False


def _trimmed(run: _Run) -> _Run | None:
    """Return a run without the places and unknown words of the office in front; None when no name is left."""
    tokens = run.tokens
    while tokens and tokens[-1].kind == "particle" and not _is_surname(tokens):
        tokens = tokens[:-1]
    tokens = _settled_places(tokens, run.before) if tokens else []
    if not tokens:
        return None
    before = run.before if tokens[0] is run.tokens[0] else "place"
    start = _name_start(tokens, before)
    tokens = tokens[start:]
    if not any(token.kind in _CORE for token in tokens):
        return None
    if run.after == "number" and not any(token.kind in ("given", "initial") for token in tokens):
        return None
    return _Run(tokens, "place" if start else before, run.after, run.after_and)


def _joined_last_first(runs: list[_Run], phrase: str) -> list[_Run]:
    """Put ``Smith, John A.`` at the beginning of a phrase together again."""
    if len(runs) < 2 or runs[0].before or runs[0].core != 1 or runs[1].core != 1:
        return runs
    last, first = runs[0].tokens[-1], runs[1].tokens[0]
    if last.kind == "given" or first.kind != "given" or phrase[last.end : first.start].strip() != ",":
        return runs
    return [_Run([*runs[0].tokens, *runs[1].tokens], "", runs[1].after), *runs[2:]]


def _is_surname(tokens: list[_Token]) -> bool:
    """Return whether the particle at a run's end is a surname: ``Mary Le``."""
    named = any(token.kind in _CORE for token in tokens[:-1])
    return named and tokens[-1].text.rstrip(".").isalpha() and not tokens[-1].text.islower()


def _settled_places(tokens: list[_Token], before: str) -> list[_Token]:
    """Drop the places in front of a name; a place after a name's first word is part of it."""
    first = 0
    for index, token in enumerate(tokens):
        if token.kind == "place":
            first = index + 1
        elif token.kind != "particle":
            break
    if first == 0 and before in ("post", "link") and _is_place_too(tokens):
        first = 1
    kept = _without_places_behind(tokens[first:])
    named = False
    for index, token in enumerate(kept):
        if token.kind == "place" and named:
            kept[index] = _Token(token.start, token.end, token.text, "word")
        named = named or token.kind in _CORE or token.kind == "initial"
    return kept


def _without_places_behind(tokens: list[_Token]) -> list[_Token]:
    """Drop a post that follows a full name: ``Kim Foster Kabul``; not one that is also a surname."""
    end = len(tokens)
    while end > 2 and tokens[end - 1].kind == "place" and tokens[end - 1].text.lower() not in SURNAMES_TOO:
        end -= 1
    whole = sum(token.kind in _CORE for token in tokens[:end]) >= 2
    return tokens[:end] if whole else tokens


def _is_place_too(tokens: list[_Token]) -> bool:
    return tokens[0].text.lower() in PLACES_TOO and sum(token.kind in _CORE for token in tokens) >= 3


def _name_start(tokens: list[_Token], before: str) -> int:
    """Return where the name starts in a run whose first words may belong to the office."""
    places = [index for index, token in enumerate(tokens) if token.kind in _CORE]
    if not places or tokens[0].kind in ("given", "initial"):
        return 0
    given = [index for index in places[1:-1] if tokens[index].kind == "given"]
    if given and before in _OFFICE_BEFORE:
        return given[0]
    if len(places) <= (2 if before in ("link", "post") else 3):
        return 0
    if given:
        return given[0]
    initials = [index for index, token in enumerate(tokens) if token.kind == "initial" and index]
    return initials[0] - 1 if initials else places[-2]


def _score(run: _Run) -> int:
    """Score how much a run looks like a name; one with 0 or less is not a name."""
    core = run.core
    kinds = {token.kind for token in run.tokens}
    score = 2 if 2 <= core <= 3 else 1 if core == 1 and len(run.tokens) > 1 else 0
    score += 3 if run.tokens[0].kind == "given" else 1 if "given" in kinds else 0
    score += 2 if "initial" in kinds else 0
    score += 1 if run.before == "title" or run.after == "title" else 0
    score += 1 if core >= 2 and run.before == "title" and run.after in _PHRASE_ENDS else 0
    if core == 1 and run.tokens[0].text[:1].isupper():
        score += 1 if run.before in ("", "title", "office", "place", "post", "and") else 0
    if run.before == "link" and "given" not in kinds:
        score -= 1
    return score


def _written(phrase: str, run: _Run, tokens: list[_Token]) -> str:
    """Return the name as it stands in the phrase, with a suffix that follows after a comma."""
    last = run.tokens[-1]
    following = tokens[tokens.index(last) + 1 :][:2] if last in tokens else []
    if len(following) == 2 and following[0].text == "," and following[1].kind == "suffix":
        last = following[1]
    end = last.end
    if last.text[-1:] == "." and not _keeps_point(last):
        end -= 1
    return " ".join(phrase[run.tokens[0].start : end].split()).rstrip(_ENDS.replace(".", "") + ",")


def _keeps_point(token: _Token) -> bool:
    return token.kind == "initial" or token.text.lower() in ("jr.", "sr.", "esq.")
