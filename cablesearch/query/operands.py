"""Read the operands of a query: words, phrases, patterns, ranges, values of fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from whoosh import query as q

from cablesearch.errors import QueryError
from cablesearch.query.bounds import MOST_DISTANCE, MOST_FUZZY_LETTERS, MOST_VALUE_CHARACTERS
from cablesearch.query.fields import Target, bare, example, is_text, known, target, value
from cablesearch.schema.field_types import LONGEST_PATTERN
from cablesearch.text.analysis import fold, split

__all__ = ["Operand", "boost_of", "read_operand"]

Token = re.Match[str]

_SUFFIX = re.compile(r"^(?P<body>.*?)(?P<fuzzy>~[0-9/]*)?(?P<boost>\^[^^~]*)?$", re.DOTALL)
_BOOST = re.compile(r"\^([0-9]{1,4}(?:\.[0-9]{1,4})?|\.[0-9]{1,4})")
_SLOP = re.compile(r"~([1-9][0-9]{0,4})")
_FUZZY = re.compile(r"~([0-9]?)(?:/([0-9]{1,2}))?")
_QUESTION = re.compile(r"\w\?\w|^\?+\w")
_WILD_IN_QUOTES = re.compile(r"\w\*|\w\?\w")
_POSSESSIVE = re.compile(r"'s$")
_RANGE = re.compile(r"([\[{])\s*(\S*)\s+to\s+(\S*?)\s*([\]}])", re.IGNORECASE)
_SQUARE = re.compile(r"[\[\]]")


class Operand(NamedTuple):
    """A part of a query without operators, its boost, and whether it scans all words of the archive."""

    query: q.Query
    boost: float = 1.0
    is_pattern: bool = False


def read_operand(text: str, token: Token, field: str | None, by_cable: bool) -> Operand | None:
    """Read a token that is neither bracket nor operator; None when it has neither letter nor digit.

    Args:
        text: the query.
        token: the token of it.
        field: the field of the brackets around it, if they have any.
        by_cable: whether words without a field are searched in the envelope too.

    Raises:
        QueryError: the token is invalid.
    """
    if token["field"]:
        field = known(text, token["field"], token.start("field"), token[0])
    if field:
        return _fielded(text, token, field)
    if token["range"] is not None:
        advice = "Write date:[2009 to 2010], or put brackets that stand for themselves in quotes."
        raise QueryError(text, token.start("range"), "a range needs a field", advice)
    if token["quote"]:
        return _phrase(text, token, bare(by_cable))
    word = token["word"]
    return _word(text, word, token.start("word"), None, bare(by_cable)) if word else None


def boost_of(text: str, written: str, start: int) -> float:
    """Return the number of a boost such as ``^2``; the default is 1.

    Raises:
        QueryError: it is not a number.
    """
    if not written:
        return 1.0
    match = _BOOST.fullmatch(written)
    if not match:
        raise QueryError(text, start, "a boost is a number", "For example: china^2")
    return float(match[1])


def _fielded(text: str, token: Token, field: str) -> Operand | None:
    start = token.end("field") + 1 if token["field"] else token.end("sign") if token["sign"] else token.start()
    if token["nothing"] is not None:
        raise QueryError(text, start, f"{field}: is followed by nothing", f"Add a value right after it: {field}:value")
    if written := token["range"]:
        if written[-1] not in "]}":
            raise QueryError(text, start, "this range is not closed", f"Write {field}:[first to last]")
        if len(written) > MOST_VALUE_CHARACTERS:
            reason = f"this range is longer than {MOST_VALUE_CHARACTERS:,} characters"
            raise QueryError(text, start, reason, "Shorten it.")
    if not is_text(field):
        return _value(text, token, field, start)
    if token["range"]:
        return _range(text, token, field, start)
    if token["quote"]:
        return _phrase(text, token, target(field))
    operand = _word(text, token["word"], start, field, target(field))
    if operand is None:
        raise QueryError(text, start, "there is no word here", f"Write {field}:word")
    return operand


def _value(text: str, token: Token, field: str, start: int) -> Operand:
    """Read a value of a field that is not text."""
    if token["quote"]:
        _check_closed(text, token)
        written, boost = token["phrase"], boost_of(text, token["after"], token.start("after"))
    elif token["range"]:
        written, boost = token["range"], boost_of(text, token["boost"], token.start("boost"))
    else:
        written, sign, number = token["word"].partition("^")
        boost = boost_of(text, sign + number, start + len(written))
    try:
        return Operand(value(field, written, boost), boost)
    except ValueError as error:
        raise QueryError(text, start, str(error), f"For example: {example(field)}") from None


def _range(text: str, token: Token, field: str, start: int) -> Operand:
    """Read a range of words."""
    match = _RANGE.fullmatch(token["range"])
    ends = [fold(match[2]), fold(match[3])] if match else []
    if not match or not any(ends) or not all(end.isalnum() for end in ends if end):
        raise QueryError(text, start, "this range of words cannot be read", f"Write {field}:[first to last]")
    boost = boost_of(text, token["boost"], token.start("boost"))
    first, last = (end or None for end in ends)
    unstemmed = target(field)[0].unstemmed
    return Operand(q.TermRange(unstemmed, first, last, match[1] == "{", match[4] == "}", boost=boost), boost)


def _check_closed(text: str, token: Token) -> None:
    if not token["unquote"]:
        raise QueryError(text, token.start("quote"), "this quote is not closed", 'Add " where the phrase ends.')


def _phrase(text: str, token: Token, targets: tuple[Target, ...]) -> Operand:
    """Read words in quotes."""
    _check_closed(text, token)
    phrase, start = token["phrase"], token.start("phrase")
    if wild := _WILD_IN_QUOTES.search(phrase):
        advice = "Write the pattern as a word of its own, without quotes."
        raise QueryError(text, start + wild.start() + 1, "wildcards do not work inside quotes", advice)
    words = split(phrase, True)[0]
    if not words:
        raise QueryError(text, start, "there are no words between these quotes", "Add some, or remove the quotes.")
    distance, boost = 1, 1.0
    if after := token["after"]:
        suffix = _SUFFIX.match(after)
        assert suffix is not None
        slop = _SLOP.fullmatch(suffix["fuzzy"] or "")
        if suffix["body"] or (suffix["fuzzy"] and not slop):
            reason = "the distance between the words of a phrase is a number"
            advice = 'For example: "labor trafficking"~5 (each word at most 5 after the one before)'
            raise QueryError(text, token.start("after"), reason, advice)
        distance = int(slop[1]) if slop else 1
        boost = boost_of(text, suffix["boost"] or "", token.start("after"))
    return Operand(_words(words, targets, boost, distance), boost)


def _word(text: str, word: str, start: int, field: str | None, targets: tuple[Target, ...]) -> Operand | None:
    """Read a word, a pattern, a fuzzy word or ``*``; None when it has neither letter nor digit."""
    if word.isalnum():
        return Operand(_words(split(word, True)[0], targets, 1.0))
    suffix = _SUFFIX.match(word)
    assert suffix is not None
    body, fuzzy, boosted = suffix["body"], suffix["fuzzy"], suffix["boost"] or ""
    boost = boost_of(text, boosted, start + len(word) - len(boosted))
    if body and set(body) <= {"*"}:
        return Operand(q.Every(field, boost=boost), boost, is_pattern=True)
    body = _SQUARE.sub(" ", body).strip()
    if "*" in body or _QUESTION.search(body):
        if fuzzy:
            advice = "Leave out the ~, or the * and ?."
            raise QueryError(text, start + len(body), "a pattern cannot be fuzzy too", advice)
        return Operand(_pattern(text, body, start, targets, boost), boost, is_pattern=True)
    words = split(body, True)[0]
    if not words:
        return None
    if fuzzy is None:
        return Operand(_words(words, targets, boost), boost)
    return Operand(_fuzzy(text, words, fuzzy, start, start + len(body), targets, boost), boost, is_pattern=True)


def _pattern(text: str, body: str, start: int, targets: tuple[Target, ...], boost: float) -> q.Query:
    """Read a pattern, spelt like the unstemmed words of the index: folded, without signs."""
    folded = _POSSESSIVE.sub("", fold(body))
    pattern = "".join(char for char in folded if char.isalnum() or char in "*?")
    if not any(map(str.isalnum, pattern)):
        raise QueryError(text, start, "a pattern needs a letter or a digit", "For example: negotiat* or wom?n")
    if len(pattern) > LONGEST_PATTERN:
        raise QueryError(text, start, f"a pattern can have at most {LONGEST_PATTERN} letters", "Shorten it.")
    if "?" in pattern or "*" in pattern[:-1]:
        return _in_any(targets, boost, lambda target, weight: q.Wildcard(target.unstemmed, pattern, weight))
    return _in_any(targets, boost, lambda target, weight: q.Prefix(target.unstemmed, pattern[:-1], weight))


def _fuzzy(
    text: str, words: list[str], fuzzy: str, start: int, end: int, targets: tuple[Target, ...], boost: float
) -> q.Query:
    """Read a fuzzy word, which goes from ``start`` to ``end``."""
    match = _FUZZY.fullmatch(fuzzy)
    if not match or int(match[1] or 1) > MOST_DISTANCE:
        advice = "For example: karzay~1 or mussaraf~2"
        raise QueryError(text, end, f"a fuzzy word may differ in 1 or {MOST_DISTANCE} letters", advice)
    if len(words) > 1:
        raise QueryError(text, start, "only a single word can be fuzzy", f"For example: {words[0]}~1")
    if len(words[0]) > MOST_FUZZY_LETTERS:
        reason = f"a fuzzy word can have at most {MOST_FUZZY_LETTERS} letters"
        raise QueryError(text, start, reason, "Leave out the ~, or shorten it.")
    distance, prefix = int(match[1] or 1), int(match[2] or 0)
    return _in_any(
        targets, boost, lambda target, weight: q.FuzzyTerm(target.unstemmed, words[0], weight, distance, prefix)
    )


def _words(words: list[str], targets: tuple[Target, ...], boost: float, distance: int = 1) -> q.Query:
    """Return the query for words that follow each other, each at most ``distance`` after the one before."""
    if len(words) == 1:
        (word,) = words
        return _in_any(targets, boost, lambda target, weight: q.Term(target.field, target.spelt(word), weight))
    return _in_any(
        targets, boost, lambda target, weight: q.Phrase(target.field, list(map(target.spelt, words)), distance, weight)
    )


def _in_any(targets: tuple[Target, ...], boost: float, make: Callable[[Target, float], q.Query]) -> q.Query:
    """Return the query for one target, or for any of several, whose scores are added."""
    if len(targets) == 1:
        return make(targets[0], targets[0].weight * boost)
    return q.Or([make(target, target.weight) for target in targets], boost=boost)
